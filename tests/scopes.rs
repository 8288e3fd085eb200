//! `auth check --need` and `--valid-for` with a misspelt scope or a missing unit.

use std::time::{Duration, SystemTime};

use jiff::Timestamp;

use crate::login::{ME, SELF};
use crate::support::{Reply, Server, Test};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// An API that describes the key like this.
fn api(key: &str) -> Server {
    Server::routes(&[
        ("GET /v3/api_keys/self", Reply::json(200, key)),
        ("GET /v3/users/me", Reply::json(200, ME)),
    ])
}

/// A key with these scopes.
fn with_scopes(scopes: &str) -> Server {
    api(&SELF.replace("\"full\"", "\"custom\"").replace("[\"*:*\"]", scopes))
}

fn check(gates: &[&str]) -> Test<'static> {
    Test::new(&[&["auth", "check"], gates].concat()).env("HEYGEN_ERROR_FORMAT", "text")
}

/// The report, of which other tests see every byte.
fn passes(test: Test<'_>) {
    let outcome = test.run();
    assert_eq!((outcome.code, outcome.stderr.as_str()), (Some(0), ""));
}

#[test]
fn rejects_misspelled_scope() {
    for (scope, meant) in [("vidoes:read", "videos:read"), ("videos:wriet", "videos:write")] {
        let outcome = check(&["--need", scope]).base(&Server::nowhere()).run();
        assert_eq!(outcome.code, Some(2));
        let said = format!("for '--need <SCOPE>': did you mean {meant}?\n");
        assert!(outcome.stderr.contains(&said), "{}", outcome.stderr);
    }
}

#[test]
fn an_unknown_scope_is_warned_of() {
    let server = api(SELF);
    let gates = ["--need", "videos:admin", "--need", "videos:read", "--need", "folders:read"];
    let outcome = check(&gates).server(&server).run();
    assert_eq!(outcome.code, Some(0));
    assert_eq!(
        outcome.stderr,
        "warning: unknown scopes videos:admin, folders:read: heygen cannot tell whether they exist\n"
    );
    check(&["--need", "videos:admin", "--quiet"]).server(&server).exits(0);
    check(&["--need", "videos:admin"])
        .server(&with_scopes("[\"videos:read\"]"))
        .env("HEYGEN_ERROR_FORMAT", "json")
        .stderr(
            "{\"warning\":{\"code\":\"cli_unknown_scope\",\"message\":\"unknown scope videos:admin: heygen cannot \
             tell whether it exists\"}}\n\
             {\"error\":{\"code\":\"cli_gate_not_met\",\"message\":\"key …7Qx2 lacks the scope videos:admin (--need); it has videos:read\",\"hint\":\"change what the key may do at \
             https://app.heygen.com/settings?nav=API\"}}\n",
        )
        .exits(1);
}

#[test]
fn wildcard_scopes_are_compared_by_meaning() {
    for (scopes, needed) in [
        ("[\"*:*\"]", "videos:*"),
        ("[\"*:read\",\"*:write\"]", "*:*"),
        ("[\"videos:read\",\"videos:write\"]", "videos:*"),
        ("[\"videos:*\"]", "videos:write"),
    ] {
        passes(check(&["--need", needed]).server(&with_scopes(scopes)));
    }
    for (scopes, needed) in
        [("[\"*:read\"]", "videos:*"), ("[\"videos:*\"]", "*:read"), ("[\"videos:*\"]", "*:*")]
    {
        let server = with_scopes(scopes);
        let outcome = check(&["--need", needed]).server(&server).run();
        assert_eq!(outcome.code, Some(1), "{scopes} {needed}");
    }
}

#[test]
fn a_bare_validity_is_days() {
    let ending_in = |days: u32| {
        let end = Timestamp::try_from(SystemTime::now() + DAY * days + DAY / 2).expect("a time");
        api(&SELF.replace("\"expires_at\":null", &format!("\"expires_at\":\"{end}\"")))
    };
    passes(check(&["--valid-for", "14"]).server(&ending_in(14)));
    let server = ending_in(2);
    let outcome = check(&["--valid-for", "14"]).server(&server).run();
    assert_eq!(outcome.code, Some(1));
    assert!(outcome.stderr.contains("before --valid-for 14d\n"), "{}", outcome.stderr);
}
