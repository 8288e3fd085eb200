//! Flags and variables joined and checked: valid from here on.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::api::origin::{Base, DEFAULT_BASE, Origin};
use crate::cli::{GlobalArgs, LimitArgs};
use crate::credential::{KeyFile, Places};
use crate::env::{Env, NotUnicode, NotYesOrNo};
use crate::error::{Error, system_words};
use crate::file;
use crate::http::proxy::proxy_for;
use crate::http::retry::Policy;
use crate::http::transport::{Network, Roots};
use crate::secret::{hide_key_shapes, looks_like_key};
use crate::terminal::streams::ErrorFormat;

/// The time limit of one attempt, unless a flag says otherwise.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(120);

/// The number of retries, unless a flag or variable says otherwise.
const DEFAULT_RETRIES: u32 = 3;

/// The maximum number of retries.
const MOST_RETRIES: u32 = 100;

/// The sum of all pauses between attempts, unless a flag says otherwise.
const DEFAULT_RETRY_FOR: Duration = Duration::from_secs(120);

/// The maximum length of the API's address in bytes: each URL begins with it.
const LONGEST_BASE: usize = 2_000;

/// The maximum size of a certificate file; that of an operating system has a few hundred kB.
const LARGEST_PEM: u64 = 16 << 20;

/// The time that the writer of a FIFO with certificates gets.
const FIFO_PATIENCE: Duration = Duration::from_secs(30);

/// The settings of a whole command.
pub struct Settings {
    /// The address of the API.
    pub base: Base,
    /// The places to look for a key.
    pub places: Places,
    /// The proxy and the trusted certificates.
    pub network: Network,
    /// The number of `-v`: 0, 1 or 2.
    pub verbosity: u8,
    /// The flags that name the API, the key and the certificates, as they were given: the command that
    /// goes on needs them too.
    pub flags: Vec<String>,
    /// The value of `--ca-cert`.
    ca_cert: Option<PathBuf>,
}

/// The limits of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The time for one attempt, from the name lookup to the last byte of the response; for files the
    /// idle timeout.
    pub timeout: Duration,
    /// The number of retries and the time for them.
    pub policy: Policy,
}

impl Settings {
    /// Joins flags and variables; a flag takes precedence over its variable.
    ///
    /// # Errors
    /// One of them has an invalid value.
    pub fn new(global: &GlobalArgs, env: &Env) -> Result<Settings, Error> {
        if global.no_env_file && global.env_file.is_some() {
            return Err(Error::usage_with_hint(
                "--env-file and --no-env-file conflict",
                "leave one of them out",
            ));
        }
        let base = base(global.api_base.as_deref(), env)?;
        let proxy = proxy_for(base.origin(), |names| {
            names.iter().find_map(|name| env.text(name).ok().flatten())
        });
        // Reading a file of certificates costs more than the call: one that no flag names is read only
        // where there are certificates.
        let flag = global.ca_cert.as_deref();
        let needs_roots = base.origin().is_secure() || flag.is_some();
        let roots = if needs_roots { roots(flag, env)? } else { Roots::BuiltIn };
        Ok(Settings {
            network: Network { proxy, roots },
            base,
            places: places(global),
            verbosity: global.verbose,
            flags: flags(global),
            ca_cert: global.ca_cert.clone(),
        })
    }
}

impl Settings {
    /// The proxy and the trusted certificates for another host than the API's.
    ///
    /// # Errors
    /// The certificates that are named cannot be read.
    pub fn network_to(&self, origin: &Origin, env: &Env) -> Result<Network, Error> {
        let proxy =
            proxy_for(origin, |names| names.iter().find_map(|name| env.text(name).ok().flatten()));
        let is_known = self.base.origin().is_secure() || !origin.is_secure();
        let roots = match is_known {
            true => self.network.roots.clone(),
            false => roots(self.ca_cert.as_deref(), env)?,
        };
        Ok(Network { proxy, roots })
    }
}

impl Limits {
    /// The flag, else the variable, else the default.
    ///
    /// # Errors
    /// The number of retries is invalid.
    pub fn new(args: &LimitArgs, env: &Env) -> Result<Limits, Error> {
        let retries = match &args.retry {
            Some(text) => retries("--retry", text)?,
            None => match variable(env, "HEYGEN_MAX_RETRIES")? {
                Some(text) => retries("HEYGEN_MAX_RETRIES", text)?,
                None => DEFAULT_RETRIES,
            },
        };
        // Not where a variable says that nothing is retried: the flag may be meant for other runs.
        if args.retry.is_some() && retries == 0 && args.retry_for.is_some() {
            return Err(Error::usage_with_hint(
                "--retry-for has no effect: --retry 0 retries nothing",
                "leave one of them out",
            ));
        }
        let budget = args.retry_for.unwrap_or(DEFAULT_RETRY_FOR);
        Ok(Limits {
            timeout: args.timeout.unwrap_or(DEFAULT_TIMEOUT),
            policy: Policy { retries, budget },
        })
    }
}

/// The flags for another command with the same key and address. A key on stdin is read only once.
fn flags(global: &GlobalArgs) -> Vec<String> {
    let text =
        |path: &Option<PathBuf>| path.as_ref().map(|path| path.to_string_lossy().into_owned());
    let key_file = text(&global.api_key_file).filter(|path| path != "-");
    let pairs = [
        ("--api-base", global.api_base.clone()),
        ("--api-key-file", key_file),
        ("--env-file", text(&global.env_file)),
        ("--ca-cert", text(&global.ca_cert)),
    ];
    let given = pairs.into_iter().filter_map(|(flag, value)| Some([flag.to_owned(), value?]));
    let mut flags: Vec<String> = given.flatten().collect();
    flags.extend(global.no_env_file.then(|| "--no-env-file".to_owned()));
    flags
}

/// The places where the key may be.
pub fn places(global: &GlobalArgs) -> Places {
    let key_file = global.api_key_file.as_ref().map(|path| match path {
        path if path == Path::new("-") => KeyFile::Stdin,
        path => KeyFile::Path(path.clone()),
    });
    Places { key_file, env_file: global.env_file.clone(), search_env_files: !global.no_env_file }
}

fn retries(place: &str, text: &str) -> Result<u32, Error> {
    let number = text.trim().parse().ok().filter(|number| *number <= MOST_RETRIES);
    number.ok_or_else(|| {
        let shown = shown(text);
        Error::usage(format!(
            "invalid value `{shown}` for {place}: it must be a number from 0 to {MOST_RETRIES}"
        ))
    })
}

/// The trusted certificates: a file replaces the built-in list, as in OpenSSL and Go.
fn roots(flag: Option<&Path>, env: &Env) -> Result<Roots, Error> {
    let named = [
        ("HEYGEN_CA_CERT", env.path("HEYGEN_CA_CERT")),
        ("SSL_CERT_FILE", env.path("SSL_CERT_FILE")),
    ];
    let named = named.into_iter().find_map(|(name, path)| Some((name, path?)));
    let (place, path) = match (flag, named) {
        (Some(path), _) => ("--ca-cert", path.to_owned()),
        (None, Some(named)) => named,
        (None, None) => return Ok(Roots::BuiltIn),
    };
    // A file of that name is what OpenSSL would read.
    if path == Path::new("system") && place != "SSL_CERT_FILE" {
        return Ok(Roots::System);
    }
    let path = env.at_home(&path);
    match file::read(&path, LARGEST_PEM, FIFO_PATIENCE) {
        Ok(pem) => Ok(Roots::Pem { path, pem }),
        Err(error) => {
            let shown = hide_key_shapes(&path.to_string_lossy()).into_owned();
            Err(Error::usage_with_hint(
                format!("{place}: reading `{shown}`: {}", system_words(&error)),
                "name a file of certificates in PEM form, or `system`",
            ))
        }
    }
}

/// A value as an error may repeat it.
fn shown(value: &str) -> String {
    if looks_like_key(value) { "…".to_owned() } else { hide_key_shapes(value).into_owned() }
}

fn base(flag: Option<&str>, env: &Env) -> Result<Base, Error> {
    let (place, text) = match flag {
        Some(text) => ("--api-base", text),
        None => ("HEYGEN_API_BASE", variable(env, "HEYGEN_API_BASE")?.unwrap_or(DEFAULT_BASE)),
    };
    // The text is not repeated: a user and password may stand in it.
    let base = Base::parse(text).map_err(|reason| {
        Error::usage_with_hint(
            format!("{place} is not a valid API address: {reason}"),
            format!("an address looks like {DEFAULT_BASE}"),
        )
    })?;
    let length = base.to_string().len();
    if length > LONGEST_BASE {
        return Err(Error::usage(format!(
            "{place} is too long: {length} bytes, at most {LONGEST_BASE}"
        )));
    }
    let origin = base.origin();
    if origin.is_secure() || origin.is_loopback() || switch(env, "HEYGEN_ALLOW_HTTP")? {
        return Ok(base);
    }
    Err(Error::usage_with_hint(
        format!("refusing to send your key to {} in the clear (http://)", origin.host()),
        "use https://, or set HEYGEN_ALLOW_HTTP=1 where the network is your own",
    ))
}

/// The text of a variable; empty counts as unset.
///
/// # Errors
/// The value is not Unicode.
pub fn variable<'e>(env: &'e Env, name: &str) -> Result<Option<&'e str>, Error> {
    env.text(name).map_err(|NotUnicode { name }| Error::usage(format!("{name} is not valid UTF-8")))
}

/// The value of a boolean variable.
///
/// # Errors
/// The value is neither yes nor no.
pub fn switch(env: &Env, name: &str) -> Result<bool, Error> {
    env.switch(name).map_err(|NotYesOrNo { name }| {
        Error::usage_with_hint(
            format!("{name} must be 1, true, yes, 0, false or no"),
            "use 1, true or yes; or unset it",
        )
    })
}

/// The value of `HEYGEN_ERROR_FORMAT`, for errors of the command line itself too.
///
/// # Errors
/// The variable has an invalid value.
pub fn error_format(env: &Env) -> Result<ErrorFormat, Error> {
    match env.text("HEYGEN_ERROR_FORMAT") {
        Ok(None | Some("auto")) => Ok(ErrorFormat::Auto),
        Ok(Some("text")) => Ok(ErrorFormat::Text),
        Ok(Some("json")) => Ok(ErrorFormat::Json),
        Ok(Some(other)) => Err(Error::usage_with_hint(
            format!("invalid value `{}` for HEYGEN_ERROR_FORMAT", shown(other)),
            "use auto, text or json",
        )),
        Err(NotUnicode { name }) => Err(Error::usage(format!("{name} is not valid UTF-8"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_override_variables_and_http_rejected() {
        let check = |flag: Option<&str>,
                     variables: &[(&str, &str)],
                     expected: Result<&str, &str>| {
            let env = Env::of(variables, "/", None);
            let global = GlobalArgs { api_base: flag.map(str::to_owned), ..GlobalArgs::default() };
            let got = Settings::new(&global, &env).map(|settings| settings.base.to_string());
            assert_eq!(
                got.map_err(|error| error.to_string()),
                expected.map(str::to_owned).map_err(str::to_owned)
            );
        };
        let http = [("HEYGEN_API_BASE", "http://10.0.0.1")];
        check(None, &[], Ok("https://api.heygen.com"));
        check(None, &[("HEYGEN_API_BASE", "")], Ok("https://api.heygen.com"));
        check(None, &[("HEYGEN_API_BASE", "http://localhost:1")], Ok("http://localhost:1"));
        check(Some("https://a.test"), &http, Ok("https://a.test"));
        check(None, &http, Err("refusing to send your key to 10.0.0.1 in the clear (http://)"));
        check(None, &[http[0], ("HEYGEN_ALLOW_HTTP", "yes")], Ok("http://10.0.0.1"));
        check(
            Some("nonsense"),
            &[],
            Err("--api-base is not a valid API address: it must begin with https:// or http://"),
        );
    }
}
