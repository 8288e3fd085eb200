//! What was meant: flags and variables joined, checked, and valid from here on.

use std::path::Path;
use std::time::Duration;

use crate::api::origin::{Base, DEFAULT_BASE};
use crate::cli::{GlobalArgs, LimitArgs};
use crate::credential::{KeyFile, Places};
use crate::env::{Env, NotUnicode, NotYesOrNo};
use crate::error::{Error, system_words};
use crate::http::proxy::proxy_for;
use crate::http::retry::Policy;
use crate::http::transport::{Network, Roots};
use crate::secret::looks_like_key;
use crate::terminal::streams::ErrorFormat;

/// One try may take this long unless something else is asked for.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(120);

/// So often it is tried again unless something else is asked for.
const DEFAULT_RETRIES: u32 = 3;

/// More tries than this are a mistake.
const MOST_RETRIES: u32 = 100;

/// All pauses together take no longer unless something else is asked for.
const DEFAULT_RETRY_FOR: Duration = Duration::from_secs(120);

/// What holds for the whole command.
pub struct Settings {
    /// Where the API is.
    pub base: Base,
    /// Where a key is looked for.
    pub places: Places,
    /// Whom to go through and whom to trust.
    pub network: Network,
    /// How much of each call is shown: 0, 1 or 2.
    pub verbosity: u8,
}

/// What a request may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// One try, from the name lookup to the last byte of the answer; of files the longest silence.
    pub timeout: Duration,
    /// How often and how long it is tried again.
    pub policy: Policy,
}

impl Settings {
    /// Joins flags and variables; a flag beats its variable.
    ///
    /// # Errors
    /// One of them has a value without a meaning.
    pub fn new(global: &GlobalArgs, env: &Env) -> Result<Settings, Error> {
        let key_file = global.api_key_file.as_ref().map(|path| match path {
            path if path == Path::new("-") => KeyFile::Stdin,
            path => KeyFile::Path(path.clone()),
        });
        let base = base(global.api_base.as_deref(), env)?;
        let proxy = proxy_for(base.origin(), |names| {
            names.iter().find_map(|name| env.text(name).ok().flatten())
        });
        // A file of certificates costs more than the call: one that was not typed is read where
        // there are certificates.
        let flag = global.ca_cert.as_deref();
        let needs_roots = base.origin().is_secure() || flag.is_some();
        let roots = if needs_roots { roots(flag, env)? } else { Roots::BuiltIn };
        Ok(Settings {
            network: Network { proxy, roots },
            base,
            places: Places {
                key_file,
                env_file: global.env_file.clone(),
                search_env_files: !global.no_env_file,
            },
            verbosity: global.verbose,
        })
    }
}

impl Limits {
    /// What was typed, else what the variable says, else the defaults.
    ///
    /// # Errors
    /// A number of retries that is none.
    pub fn new(args: &LimitArgs, env: &Env) -> Result<Limits, Error> {
        let retries = match &args.retry {
            Some(text) => retries("--retry", text)?,
            None => match variable(env, "HEYGEN_MAX_RETRIES")? {
                Some(text) => retries("HEYGEN_MAX_RETRIES", text)?,
                None => DEFAULT_RETRIES,
            },
        };
        let budget = args.retry_for.unwrap_or(DEFAULT_RETRY_FOR);
        Ok(Limits {
            timeout: args.timeout.unwrap_or(DEFAULT_TIMEOUT),
            policy: Policy { retries, budget },
        })
    }
}

fn retries(place: &str, text: &str) -> Result<u32, Error> {
    let number = text.trim().parse().ok().filter(|number| *number <= MOST_RETRIES);
    number.ok_or_else(|| {
        Error::usage(format!("{place} is `{text}`, which is no number from 0 to {MOST_RETRIES}"))
    })
}

/// Whose certificates are trusted: a file instead of the built-in list, as OpenSSL and Go mean it.
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
    match std::fs::read(&path) {
        Ok(pem) => Ok(Roots::Pem { path, pem }),
        Err(error) => Err(Error::usage_with_hint(
            format!("{place}: reading `{}`: {}", path.display(), system_words(&error)),
            "name a file of certificates in PEM form, or `system`",
        )),
    }
}

fn base(flag: Option<&str>, env: &Env) -> Result<Base, Error> {
    let (place, text) = match flag {
        Some(text) => ("--api-base", text),
        None => ("HEYGEN_API_BASE", variable(env, "HEYGEN_API_BASE")?.unwrap_or(DEFAULT_BASE)),
    };
    // The text is not repeated: a user and password may stand in it.
    let base = Base::parse(text).map_err(|reason| {
        Error::usage_with_hint(
            format!("{place} is no address of an API: {reason}"),
            format!("an address looks like {DEFAULT_BASE}"),
        )
    })?;
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
    env.text(name).map_err(|NotUnicode { name }| {
        Error::usage(format!("{name} is set to something that is no text"))
    })
}

/// A boolean variable.
///
/// # Errors
/// The value is neither yes nor no.
pub fn switch(env: &Env, name: &str) -> Result<bool, Error> {
    env.switch(name).map_err(|NotYesOrNo { name }| {
        Error::usage_with_hint(
            format!("{name} says neither yes nor no"),
            "use 1, true or yes; or unset it",
        )
    })
}

/// What `HEYGEN_ERROR_FORMAT` says, for the errors of reading the command line itself.
///
/// # Errors
/// The variable is set to something that is no format.
pub fn error_format(env: &Env) -> Result<ErrorFormat, Error> {
    match env.text("HEYGEN_ERROR_FORMAT") {
        Ok(None | Some("auto")) => Ok(ErrorFormat::Auto),
        Ok(Some("text")) => Ok(ErrorFormat::Text),
        Ok(Some("json")) => Ok(ErrorFormat::Json),
        Ok(Some(other)) => {
            let other = if looks_like_key(other) { "…" } else { other };
            Err(Error::usage_with_hint(
                format!("HEYGEN_ERROR_FORMAT is `{other}`, which is no format of errors"),
                "use auto, text or json",
            ))
        }
        Err(NotUnicode { name }) => {
            Err(Error::usage(format!("{name} is set to something that is no text")))
        }
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
            Err("--api-base is no address of an API: it must begin with https:// or http://"),
        );
    }
}
