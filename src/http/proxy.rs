//! The choice of a proxy, by the variables that curl reads and with curl's rules: by scheme, not for
//! hosts in `NO_PROXY`, and never for this computer itself.

use std::net::IpAddr;

use crate::api::origin::Origin;

/// The variables for `http://`; the first one that is set takes precedence. curl reads `http_proxy`
/// in lower case only: a web server sets `HTTP_PROXY` from a header `Proxy:`.
pub const HTTP: &[&str] = &["http_proxy", "all_proxy", "ALL_PROXY"];
/// The variables for `https://`.
pub const HTTPS: &[&str] = &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
/// The variables with hosts that are called directly.
pub const EXCEPT: &[&str] = &["no_proxy", "NO_PROXY"];

/// The URL of the proxy for an origin. `variable` returns the first that is set of some names.
pub fn proxy_for<'v>(
    origin: &Origin,
    variable: impl Fn(&[&str]) -> Option<&'v str>,
) -> Option<String> {
    if origin.is_loopback() {
        return None;
    }
    let url = variable(if origin.is_secure() { HTTPS } else { HTTP })?.trim();
    let except = variable(EXCEPT).unwrap_or_default();
    if url.is_empty() || is_excepted(origin, except) {
        return None;
    }
    Some(if url.contains("://") { url.to_owned() } else { format!("http://{url}") })
}

fn is_excepted(origin: &Origin, except: &str) -> bool {
    except.split([',', ' ']).map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        if entry == "*" {
            return true;
        }
        if let Some(address) = origin.ip() {
            return is_in_network(address, entry);
        }
        let entry = entry.trim_start_matches('.').trim_end_matches('.').to_ascii_lowercase();
        let host = origin.host().trim_end_matches('.');
        host == entry
            || host
                .strip_suffix(&entry)
                .is_some_and(|rest| rest.ends_with('.') && !entry.is_empty())
    })
}

/// True for the address of an entry, or one in its network (`10.0.0.0/8`).
fn is_in_network(address: IpAddr, entry: &str) -> bool {
    let entry = entry.trim_start_matches('[').trim_end_matches(']');
    let (network, bits) = match entry.split_once('/') {
        Some((network, bits)) => (network, bits.parse::<u32>().ok()),
        None => (entry, Some(128)),
    };
    let (Ok(network), Some(bits)) = (network.parse::<IpAddr>(), bits) else { return false };
    let same_start = |a: u128, b: u128, width: u32| {
        let ignored = width.saturating_sub(bits);
        ignored >= width || a >> ignored == b >> ignored
    };
    match (address, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => same_start(u32::from(a).into(), u32::from(b).into(), 32),
        (IpAddr::V6(a), IpAddr::V6(b)) => same_start(u128::from(a), u128::from(b), 128),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxy_variables_follow_curl() {
        let check = |url: &str, variables: &[(&str, &str)], expected: Option<&str>| {
            let (origin, _) = Origin::split(url).expect("a URL");
            let variable = |names: &[&str]| {
                names.iter().find_map(|name| {
                    variables.iter().find(|(set, _)| set == name).map(|(_, value)| *value)
                })
            };
            assert_eq!(proxy_for(&origin, variable).as_deref(), expected, "{url} {variables:?}");
        };
        let api = "https://api.heygen.com";
        check(api, &[], None);
        check(api, &[("HTTPS_PROXY", "http://p:1")], Some("http://p:1"));
        check(api, &[("HTTPS_PROXY", "http://p:1"), ("https_proxy", "q:2")], Some("http://q:2"));
        check(api, &[("http_proxy", "http://p:1")], None);
        check(api, &[("ALL_PROXY", "socks5://p:1")], Some("socks5://p:1"));
        check("http://a.test", &[("http_proxy", "http://p:1")], Some("http://p:1"));
        check("http://a.test", &[("HTTP_PROXY", "http://p:1")], None);
        check(
            "http://localhost:8080",
            &[("ALL_PROXY", "http://p:1"), ("http_proxy", "http://p:1")],
            None,
        );
        check("http://127.0.0.1", &[("http_proxy", "http://p:1")], None);
        for (except, direct) in [
            ("*", true),
            ("heygen.com", true),
            (".heygen.com", true),
            ("API.HEYGEN.COM", true),
            ("a.test, heygen.com", true),
            ("eygen.com", false),
            ("api.heygen.com.evil.test", false),
            (".", false),
            ("", false),
        ] {
            let expected = if direct { None } else { Some("http://p:1") };
            check(api, &[("HTTPS_PROXY", "http://p:1"), ("NO_PROXY", except)], expected);
        }
        for (except, direct) in [
            ("10.0.0.0/8", true),
            ("10.1.2.3", true),
            ("10.1.2.0/30", true),
            ("10.1.2.4/30", false),
            ("10.0.0.0/x", false),
            ("::/0", false),
        ] {
            let expected = if direct { None } else { Some("http://p:1") };
            check(
                "https://10.1.2.3",
                &[("HTTPS_PROXY", "http://p:1"), ("NO_PROXY", except)],
                expected,
            );
        }
    }
}
