//! The surroundings of the command that the mock serves: its folder and its variables.

use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use crate::env::{self, Env};
use crate::error::Error;

/// The variables that would change what the same command does against HeyGen itself, or keep it from
/// reaching the mock. Names are compared without case, as those of proxies come in both.
const REMOVED: [&str; 12] = [
    "HEYGEN_ENVELOPE",
    "HEYGEN_OUTPUT",
    "HEYGEN_MAX_RETRIES",
    "HEYGEN_ALLOW_HTTP",
    "HEYGEN_CA_CERT",
    "SSL_CERT_FILE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "ALL_PROXY",
    "NO_PROXY",
    "FTP_PROXY",
    "WS_PROXY",
];

/// A temporary folder with a link to this program; it is removed when this is dropped.
///
/// It is the `HEYGEN_CONFIG_DIR` too: `auth login` and `logout` change no credentials of the user.
pub(super) struct Surroundings {
    folder: TempDir,
}

impl Surroundings {
    /// Makes the folder.
    ///
    /// # Errors
    /// The system does not let it.
    pub(super) fn new() -> Result<Surroundings, Error> {
        let failed = |cause| Error::File {
            doing: "making a temporary folder with a link to",
            path: PathBuf::from("heygen"),
            cause,
        };
        let mut builder = tempfile::Builder::new();
        builder.prefix("heygen-mock-");
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
        let folder = builder.tempdir().map_err(failed)?;
        env::program().and_then(|program| link(&program, folder.path())).map_err(failed)?;
        Ok(Surroundings { folder })
    }

    /// The variables of the command.
    ///
    /// # Errors
    /// The folder's name cannot stand in `PATH`.
    pub(super) fn variables(
        &self,
        env: &Env,
        base_url: &str,
        key: &str,
    ) -> Result<Vec<(OsString, OsString)>, Error> {
        variables(env, base_url, key, self.folder.path()).map_err(|cause| Error::File {
            doing: "putting into PATH",
            path: self.folder.path().to_owned(),
            cause,
        })
    }
}

fn variables(
    env: &Env,
    base_url: &str,
    key: &str,
    folder: &Path,
) -> io::Result<Vec<(OsString, OsString)>> {
    let is_named = |name: &OsStr, word: &str| {
        name.to_str().is_some_and(|name| name.eq_ignore_ascii_case(word))
    };
    let is_path =
        |name: &OsStr| if cfg!(windows) { is_named(name, "PATH") } else { name == "PATH" };
    let path = env.variables().find(|(name, _)| is_path(name)).map(|(_, value)| value);
    let path = env::search_path(folder, path)?;
    let own: [(&str, &OsStr); 4] = [
        ("HEYGEN_API_BASE", base_url.as_ref()),
        ("HEYGEN_API_KEY", key.as_ref()),
        ("HEYGEN_CONFIG_DIR", folder.as_os_str()),
        ("PATH", &path),
    ];
    let is_kept = |name: &OsStr| {
        !is_path(name)
            && !REMOVED.iter().any(|removed| is_named(name, removed))
            && !own.iter().any(|(own, _)| name == *own)
    };
    let kept = env.variables().filter(|(name, _)| is_kept(name));
    let kept = kept.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Ok(kept.chain(own.iter().map(|(name, value)| (name.into(), value.into()))).collect())
}

#[cfg(unix)]
fn link(program: &Path, folder: &Path) -> io::Result<()> {
    std::os::unix::fs::symlink(program, folder.join("heygen"))
}

/// A link where the file system has them, else a copy: symbolic links take a privilege here.
#[cfg(not(unix))]
fn link(program: &Path, folder: &Path) -> io::Result<()> {
    let name = folder.join("heygen.exe");
    std::fs::hard_link(program, &name).or_else(|_| std::fs::copy(program, &name).map(drop))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn variables_lead_to_the_mock_only() {
        let check = |given: &[(&str, &str)], expected: &[(&str, &str)]| {
            let env = Env::of(given, "/", None);
            let variables =
                variables(&env, "http://127.0.0.1:1", "mock", Path::new("/tmp/m")).expect("a path");
            let mut variables: Vec<(&str, &str)> = variables
                .iter()
                .map(|(name, value)| (name.to_str().expect("text"), value.to_str().expect("text")))
                .collect();
            variables.sort_unstable();
            assert_eq!(variables, expected);
        };
        let own = [
            ("HEYGEN_API_BASE", "http://127.0.0.1:1"),
            ("HEYGEN_API_KEY", "mock"),
            ("HEYGEN_CONFIG_DIR", "/tmp/m"),
            ("PATH", "/tmp/m:/usr/bin:/bin"),
        ];
        check(&[("PATH", "/usr/bin:/bin")], &own);
        let given = [
            ("PATH", "/usr/bin:/bin"),
            ("HEYGEN_API_BASE", "https://api.heygen.com"),
            ("HEYGEN_API_KEY", "sk_real"),
            ("HEYGEN_CONFIG_DIR", "/home/ana/.heygen"),
            ("HEYGEN_ENVELOPE", "1"),
            ("HEYGEN_OUTPUT", "table"),
            ("HEYGEN_MAX_RETRIES", "0"),
            ("HEYGEN_ALLOW_HTTP", "1"),
            ("HEYGEN_CA_CERT", "/none"),
            ("SSL_CERT_FILE", "/none"),
            ("https_proxy", "http://proxy"),
            ("HTTPS_PROXY", "http://proxy"),
            ("http_proxy", "http://proxy"),
            ("ALL_PROXY", "http://proxy"),
            ("no_proxy", "*"),
            ("HEYGEN_ERROR_FORMAT", "text"),
            ("HOME", "/home/ana"),
        ];
        let kept = [("HEYGEN_ERROR_FORMAT", "text"), ("HOME", "/home/ana")];
        let mut expected = [own.as_slice(), &kept].concat();
        expected.sort_unstable();
        check(&given, &expected);
    }
}
