//! Certificates that are trusted.

use ureq::tls::{PemItem, RootCerts, parse_pem};

use super::{BadNetwork, Roots};

pub(super) fn roots(roots: &Roots) -> Result<RootCerts, BadNetwork> {
    let (path, pem) = match roots {
        Roots::BuiltIn => return Ok(RootCerts::WebPki),
        Roots::System => return Ok(RootCerts::PlatformVerifier),
        Roots::Pem { path, pem } => (path, pem),
    };
    let bad = || BadNetwork::Pem { path: path.clone() };
    let mut certificates = Vec::new();
    for item in parse_pem(pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) if is_whole(certificate.der()) => {
                certificates.push(certificate);
            }
            Ok(PemItem::Certificate(_)) | Err(_) => return Err(bad()),
            Ok(_) => {}
        }
    }
    if certificates.is_empty() {
        return Err(bad());
    }
    Ok(RootCerts::from(certificates))
}

/// Returns true for bytes with the frame of a certificate: a DER sequence of the stated length.
/// rustls skips a broken certificate silently, and then trusts no one.
fn is_whole(der: &[u8]) -> bool {
    let [0x30, first, rest @ ..] = der else { return false };
    let (length, content) = match first {
        ..0x80 => (usize::from(*first), rest),
        0x81..=0x83 => {
            let Some((length, content)) = rest.split_at_checked(usize::from(first & 0x7f)) else {
                return false;
            };
            (length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)), content)
        }
        // A length of its own kind, or one beyond 16 MB.
        0x80 | 0x84.. => return false,
    };
    length == content.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_have_the_length_they_announce() {
        let check = |der: &[u8], expected: bool| assert_eq!(is_whole(der), expected, "{der:?}");
        let long = |length: &[u8], content: usize| [&[0x30], length, &vec![0; content]].concat();
        check(&[0x30, 0], true);
        check(&[0x30, 2, 1, 2], true);
        check(&long(&[0x81, 200], 200), true);
        check(&long(&[0x82, 1, 0], 256), true);
        check(&long(&[0x83, 1, 0, 0], 65_536), true);
        check(&[], false);
        check(&[0x30], false);
        check(&[0x31, 0], false);
        check(&[0x30, 2, 1], false);
        check(&[0x30, 2, 1, 2, 3], false);
        check(&[0x30, 0x80, 0, 0], false);
        check(&[0x30, 0x82, 1], false);
        check(&long(&[0x84, 0, 0, 0, 1], 1), false);
    }
}
