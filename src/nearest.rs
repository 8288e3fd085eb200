//! The name that is nearest to one that does not exist.

/// The candidate that is nearest to a name, if it is at most `limit` mistakes away. Swapped letters
/// are one mistake, and capitals are none.
pub fn nearest<'c>(
    name: &str,
    candidates: impl IntoIterator<Item = &'c str>,
    limit: usize,
) -> Option<&'c str> {
    let rated = candidates.into_iter().map(|one| (distance(name, one), one));
    let (distance, candidate) = rated.min_by_key(|(distance, _)| *distance)?;
    (distance <= limit).then_some(candidate)
}

/// The number of mistakes by which two names differ.
pub fn distance(name: &str, other: &str) -> usize {
    strsim::osa_distance(&name.to_lowercase(), &other.to_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn swapped_letters_are_one_mistake() {
        let check = |name: &str, limit: usize, expected: Option<&str>| {
            assert_eq!(nearest(name, ["get", "head", "post", "patch"], limit), expected, "{name}");
        };
        check("gte", 1, Some("get"));
        check("GET", 0, Some("get"));
        check("pacth", 1, Some("patch"));
        check("pth", 1, None);
        check("pth", 2, Some("patch"));
        check("nonsense", 2, None);
    }
}
