//! The scopes of API keys: `resource:action`, where `*` stands for every resource or action.

use strsim::osa_distance;

/// The scopes that HeyGen's description of the API names, in order.
pub const KNOWN: [&str; 21] = [
    "account:read",
    "ai_clipping:read",
    "ai_clipping:write",
    "assets:read",
    "avatar_realtime:read",
    "avatar_realtime:write",
    "avatars:write",
    "brand:read",
    "brand:write",
    "podcasts:read",
    "podcasts:write",
    "video_agent:read",
    "video_agent:write",
    "video_quality:read",
    "video_quality:write",
    "videos:read",
    "videos:write",
    "voices:read",
    "voices:write",
    "workflows:read",
    "workflows:write",
];

/// Resources that HeyGen's texts name, and the description does not.
const OTHER_RESOURCES: [&str; 2] = ["lipsync", "translations"];

/// All actions.
const ACTIONS: [&str; 2] = ["read", "write"];

/// The most letters in which a misspelled word differs.
const TYPOS: usize = 2;

/// The result of looking a scope up.
#[derive(Debug, PartialEq, Eq)]
pub enum Recognition {
    /// Resource and action are known.
    Known,
    /// It is this scope with a typing error.
    Misspelled(String),
    /// It is not known here, though HeyGen may know it.
    Unknown,
}

/// Looks a scope up among the known ones, resource and action separately: the description does not
/// name every pair.
pub fn recognise(scope: &str, known: &[&str]) -> Recognition {
    let Some((resource, action)) = scope.split_once(':') else {
        return Recognition::Unknown;
    };
    let resources = known.iter().filter_map(|scope| scope.split(':').next());
    let resources: Vec<&str> = resources.chain(OTHER_RESOURCES).collect();
    match (nearest(resource, &resources), nearest(action, &ACTIONS)) {
        (Some(near), Some(near_action)) if (near, near_action) == (resource, action) => {
            Recognition::Known
        }
        (Some(near), Some(near_action)) => Recognition::Misspelled(format!("{near}:{near_action}")),
        _ => Recognition::Unknown,
    }
}

/// Returns the word itself if it is known or `*`, else the nearest known one, if it is close.
fn nearest<'w>(word: &'w str, known: &[&'w str]) -> Option<&'w str> {
    if word == "*" {
        return Some(word);
    }
    let near = known.iter().min_by_key(|known| osa_distance(word, known))?;
    // Two letters of `read` are half of it.
    let typos = if word.len() < 6 { 1 } else { TYPOS };
    (osa_distance(word, near) <= typos).then_some(near)
}

/// Returns whether the granted scopes together include another one. Read and write together are
/// every action; every resource is granted by `*` only, since more may exist than are known.
pub fn cover(granted: &[&str], asked: &str) -> bool {
    let Some((resource, action)) = asked.split_once(':') else {
        return granted.contains(&asked);
    };
    let includes = |granted: &&str, action: &str| {
        granted.split_once(':').is_some_and(|(its_resource, its_action)| {
            ["*", resource].contains(&its_resource) && ["*", action].contains(&its_action)
        })
    };
    let is_granted = |action: &str| granted.iter().any(|granted| includes(granted, action));
    is_granted(action) || action == "*" && ACTIONS.iter().all(|action| is_granted(action))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_scopes_are_sorted() {
        assert!(KNOWN.is_sorted());
    }

    #[test]
    fn typing_errors_are_recognised() {
        let check = |scope: &str, expected: Recognition| {
            assert_eq!(recognise(scope, &KNOWN), expected, "{scope}");
        };
        for scope in KNOWN {
            check(scope, Recognition::Known);
        }
        for scope in ["*:*", "*:read", "videos:*", "avatars:read", "lipsync:write"] {
            check(scope, Recognition::Known);
        }
        for (scope, meant) in [
            ("vidoes:read", "videos:read"),
            ("video:read", "videos:read"),
            ("videos:raed", "videos:read"),
            ("vidoes:wriet", "videos:write"),
            ("vidoes:*", "videos:*"),
            ("*:writes", "*:write"),
            ("avatar:write", "avatars:write"),
            ("accounts:read", "account:read"),
            ("video-agents:read", "video_agent:read"),
            ("translation:read", "translations:read"),
        ] {
            check(scope, Recognition::Misspelled(meant.to_owned()));
        }
        for scope in ["videos:admin", "videos:delete", "folders:read", "webhooks:read", "a:b"] {
            check(scope, Recognition::Unknown);
        }
        assert_eq!(recognise("things:read", &["things:read"]), Recognition::Known);
    }

    #[test]
    fn wildcards_cover_what_they_stand_for() {
        let check = |granted: &[&str], asked: &str, expected: bool| {
            assert_eq!(cover(granted, asked), expected, "{granted:?} {asked}");
        };
        check(&["*:*"], "videos:write", true);
        check(&["*:*"], "*:*", true);
        check(&["*:*"], "videos:*", true);
        check(&["*:read"], "videos:read", true);
        check(&["*:read"], "*:read", true);
        check(&["*:read"], "videos:write", false);
        check(&["*:read"], "videos:*", false);
        check(&["*:read", "*:write"], "*:*", true);
        check(&["*:read", "videos:write"], "videos:*", true);
        check(&["*:read", "videos:write"], "*:*", false);
        check(&["videos:read", "videos:write"], "videos:*", true);
        check(&["videos:write"], "videos:*", false);
        check(&["videos:*"], "videos:write", true);
        check(&["videos:*"], "videos:*", true);
        check(&["videos:*"], "*:read", false);
        check(&["videos:*"], "video_agent:read", false);
        check(&["videos:read"], "videos:write", false);
        check(&["videos"], "videos:read", false);
        check(&[], "videos:read", false);
        check(&["", ":", "*"], "videos:read", false);
    }
}
