//! A cloned repository from a stranger: its `.env` can change only which key is used, and a note
//! says so.

use crate::login::{ME, SELF};
use crate::support::{KEY, Reply, Server, Stream, Test, str};

/// The user's own key.
const OWN: &str = "sk_V2_hgu_kOWNkeyOWNkeyOWNkeyOWNkeyOWNkeyOWNk_ZVMn";

fn api() -> Server {
    Server::routes(&[
        ("GET /v3/api_keys/self", Reply::json(200, SELF)),
        ("GET /v3/users/me", Reply::json(200, ME)),
    ])
}

/// `auth check` in the repository, for a user who is logged in.
fn check<'s>(server: &'s Server) -> Test<'s> {
    Test::new(&["auth", "check", "--quiet"])
        .no_key()
        .secret(OWN)
        .secret(KEY)
        .home_file(".heygen/credentials", format!("{{\"api_key\": \"{OWN}\"}}"))
        .server(server)
}

#[test]
fn env_file_cannot_set_api_base() {
    let server = api();
    let trap = Server::always(Reply::json(200, SELF));
    let base = trap.base();
    let text = format!(
        "HEYGEN_API_BASE={base}\nHEYGEN_ALLOW_HTTP=1\nHTTP_PROXY={base}\nhttps_proxy={base}\nALL_PROXY={base}\n\
         NO_PROXY=\nSSL_CERT_FILE=./ca.pem\nHEYGEN_CA_CERT=./ca.pem\nHEYGEN_CONFIG_DIR=.\nHOME=.\n\
         HEYGEN_MAX_RETRIES=0\nHEYGEN_OUTPUT=raw\nCI=1\nNO_COLOR=1\nPATH=.\n"
    );
    for name in [".env", ".env.local"] {
        let outcome = check(&server)
            .file(name, &text)
            .file("ca.pem", "no certificate")
            .file("credentials", KEY)
            .sends(&["GET /v3/api_keys/self", "GET /v3/users/me"])
            .exits(0);
        assert_eq!(outcome.requests[0].header("x-api-key"), Some(OWN));
    }
    assert_eq!(trap.connections(), 0);
}

#[test]
fn dollar_is_not_expanded() {
    let server = api();
    let with_value = |value: &str| {
        check(&server)
            .env("SECRET", "hunter2-of-another-service")
            .secret("hunter2-of-another-service")
            .file(".env", format!("SECRET=theirs\nHEYGEN_API_KEY={value}\n"))
    };
    for value in ["ab$SECRET-0123456789", "\"ab$SECRET-0123456789\""] {
        let outcome = with_value(value).exits(0);
        assert_eq!(outcome.requests[0].header("x-api-key"), Some(value.trim_matches('"')));
    }
    // No key has brackets.
    for value in ["\"ab${SECRET}-0123456789\"", "ab$(id)-0123456789"] {
        let outcome = with_value(value).run();
        assert_eq!((outcome.code, outcome.requests.len()), (Some(3), 0), "{}", outcome.stderr);
    }
}

#[test]
fn broken_env_lines_are_not_repeated() {
    let server = api();
    let outcome = check(&server)
        .secret("hunter2-of-another-service")
        .file(
            ".env",
            "PASSWORD=\"hunter2-of-another-service\n= = =\n\u{1b}[31m\nexport\n'\nA=\\\n\0\nTOKEN=a b'c\n",
        )
        .exits(0);
    assert_eq!(outcome.requests[0].header("x-api-key"), Some(OWN));

    check(&server)
        .secret("hunter2-of-another-service")
        .file(
            ".env",
            "PASSWORD=hunter2-of-another-service\nHEYGEN_API_KEY='hunter2-of-another-service x\n",
        )
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: ./.env, line 2 has a quote that is not closed on that line (nothing was sent)
hint: write HEYGEN_API_KEY=<key>

"#]])
        .sends(&[])
        .exits(3);
}

#[cfg(unix)]
#[test]
fn ignores_env_files_that_are_devices() {
    use std::os::unix::fs::symlink;
    let server = api();
    let own_key_is_used = |test: Test<'_>| {
        let outcome = test.limit(std::time::Duration::from_secs(10)).exits(0);
        assert_eq!(outcome.requests[0].header("x-api-key"), Some(OWN));
    };
    let test = check(&server);
    let made = std::process::Command::new("mkfifo").arg(test.work().join(".env")).status();
    assert!(made.is_ok_and(|status| status.success()), "mkfifo");
    own_key_is_used(test);

    own_key_is_used(check(&server).dir(".env").dir(".env.local"));

    let test = check(&server);
    symlink("/dev/zero", test.work().join(".env")).expect("a link");
    symlink("gone", test.work().join(".env.local")).expect("a link");
    own_key_is_used(test);

    own_key_is_used(check(&server).file(".env", vec![b'#'; (1 << 20) + 1]));
}

/// Only root can give files away; for others there is nothing to test.
#[cfg(unix)]
#[expect(clippy::print_stderr, reason = "what is not tested is said")]
#[test]
fn ignores_env_files_of_other_users() {
    use std::os::unix::fs::chown;
    let server = api();
    let test =
        check(&server).dir(".git").file(".env", format!("HEYGEN_API_KEY={KEY}\n")).cwd("deep");
    if chown(test.work().join(".env"), Some(54_321), None).is_err() {
        eprintln!("skipped: only root can give a file to somebody else");
        return;
    }
    let outcome = test.exits(0);
    assert_eq!(outcome.requests[0].header("x-api-key"), Some(OWN));
}

#[cfg(unix)]
#[test]
fn note_of_key_shadowing_stored_key() {
    let server = Server::routes(&[("GET /v3/videos", Reply::json(200, r#"{"data":[]}"#))]);
    Test::new(&["get", "/v3/videos"])
        .no_key()
        .secret(OWN)
        .secret(KEY)
        .home_file(".heygen/credentials", OWN)
        .dir(".git")
        .file(".env", format!("HEYGEN_API_KEY={KEY}\n"))
        .cwd("deep")
        .server(&server)
        .env("NO_COLOR", "1")
        .terminal(Stream::Stderr)
        .stdout(str![[r#"
[]

"#]])
        .stderr(str![[r#"
note: using key …7Qx2 from ../.env, line 1; it takes precedence over a different key (…ZVMn) in ~/.heygen/credentials

"#]])
        .exits(0);
}

#[test]
fn rejected_key_names_shadowed_keys() {
    let unauthorized = r#"{"error":{"code":"unauthorized","message":"Unauthorized","doc_url":"https://developers.heygen.com/docs/error-codes#unauthorized"}}"#;
    let server = Server::always(Reply::json(401, unauthorized).header("X-Request-Id", "req_8c1f"));
    check(&server)
        .file(".env", format!("A=b\n\nHEYGEN_API_KEY={KEY}\n"))
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: HeyGen does not accept key …7Qx2: 401 unauthorized
  from: ./.env, line 3; it takes precedence over a different key (…ZVMn) in ~/.heygen/credentials
hint: a deleted, mistyped or other service's key gives the same response; make a new one at https://app.heygen.com/settings?nav=API
  request: req_8c1f, https://developers.heygen.com/docs/error-codes#unauthorized

"#]])
        .exits(3);
}

#[test]
fn missing_key_names_every_source() {
    let outcome = Test::new(&["auth", "check"])
        .no_key()
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: no API key found
  looked at: HEYGEN_API_KEY (not set), .env.local and .env (not found here), ~/.heygen/credentials (no such file)
hint: make a key at https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`

"#]])
        .exits(3);
    outcome
        .then(&["auth", "check"])
        .env("HEYGEN_ERROR_FORMAT", "text")
        .key(" ")
        .env("CI", "1")
        .dir(".env.local")
        .file(".env", "HEYGEN_API_KEY=\n")
        .home_file(".heygen/credentials", "{\"user\": {}}")
        .stderr(str![[r#"
error: no API key found
  looked at: HEYGEN_API_KEY (set, but empty; CI gives no secrets to runs from forks), .env.local and .env (./.env.local is a folder; ./.env line 1 is empty), ~/.heygen/credentials (has no api_key)
hint: make a key at https://app.heygen.com/settings?nav=API, then `export HEYGEN_API_KEY=…` or `heygen auth login`

"#]])
        .exits(3);
    Test::new(&["auth", "check"])
        .key("Bearer abc")
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: HEYGEN_API_KEY starts with `Bearer `; HeyGen takes the bare key (nothing was sent)

"#]])
        .exits(3);
}
