//! Random bytes from the system. The only file that names their crate.

use std::io;

/// 128 random bits as 32 hex digits.
///
/// # Errors
/// The system has no random numbers.
pub fn hex() -> io::Result<String> {
    let bytes = bytes::<16>()?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A random number from 0 to 1; the middle if the system has no random numbers.
pub fn fraction() -> f64 {
    bytes::<1>().map_or(0.5, |[byte]| f64::from(byte) / 255.0)
}

fn bytes<const COUNT: usize>() -> io::Result<[u8; COUNT]> {
    let mut bytes = [0; COUNT];
    getrandom::getrandom(&mut bytes).map_err(|error| io::Error::other(error.to_string()))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_digits_differ_each_time() {
        let (first, second) = (hex().expect("random numbers"), hex().expect("random numbers"));
        assert_eq!(first.len(), 32);
        assert!(first.bytes().all(|byte| byte.is_ascii_hexdigit()));
        assert_ne!(first, second);
        assert!((0.0..=1.0).contains(&fraction()));
    }
}
