//! Addresses of names.

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use ureq::unversioned::transport::time::Duration;

use super::faults::Fault;

/// A resolver whose errors say which name has no address.
#[derive(Debug, Default)]
pub(super) struct Lookup<R>(R);

impl<R: Resolver> Resolver for Lookup<R> {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let host = uri.host().unwrap_or_default();
        // ureq bounds a lookup with a thread (about 50 µs). No name server is asked for these.
        let limit = match is_known_here(host) {
            true => NextTimeout { after: Duration::NotHappening, ..timeout },
            false => timeout,
        };
        self.0.resolve(uri, config, limit).map_err(|error| match error {
            // The system's resolver has no kind of error of its own.
            ureq::Error::Io(_) | ureq::Error::HostNotFound => {
                Fault::Resolve { host: host.to_owned() }.into()
            }
            other => other,
        })
    }
}

fn is_known_here(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || address.parse::<std::net::IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Mutex;

    use ureq::Timeout;

    use super::*;

    /// A resolver that knows nobody, and remembers how long it was allowed to search.
    #[derive(Debug, Default)]
    struct Stranger(Mutex<Vec<Duration>>);

    impl Resolver for Stranger {
        fn resolve(
            &self,
            _: &Uri,
            _: &Config,
            timeout: NextTimeout,
        ) -> Result<ResolvedSocketAddrs, ureq::Error> {
            self.0.lock().expect("one thread").push(timeout.after);
            Err(io::Error::other("failed to lookup address information").into())
        }
    }

    #[test]
    fn names_are_resolved_within_a_limit() {
        let check = |host: &str, is_bounded: bool| {
            let lookup: Lookup<Stranger> = Lookup::default();
            let after = Duration::from_secs(2);
            let timeout = NextTimeout { after, reason: Timeout::Resolve, ..NextTimeout::default() };
            let uri = format!("https://{host}/").parse().expect("a URI");
            let error = lookup.resolve(&uri, &Config::default(), timeout).expect_err("a fault");
            let expected = if is_bounded { after } else { Duration::NotHappening };
            assert_eq!(*lookup.0.0.lock().expect("one thread"), [expected], "{host}");
            let host = host.split(":8").next().unwrap_or_default();
            assert_eq!(error.to_string(), format!("other: cannot resolve {host}"));
        };
        check("api.heygen.com", true);
        check("127.0.0.1.example.com", true);
        check("localhost.example.com", true);
        check("127.0.0.1:8080", false);
        check("[::1]:8080", false);
        check("localhost:8080", false);
    }
}
