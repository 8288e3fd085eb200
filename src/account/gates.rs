//! What a caller may demand of a key beyond that HeyGen accepts it, and whether it is so.
//!
//! A demand is met, or not met, or cannot be told. The last is no success: a job that asks
//! whether there is money left wants to hear yes.

use std::time::{Duration, SystemTime};

use jiff::{SignedDuration, Timestamp};

use super::key_facts::{Expiry, Findings, KeyFacts, Unknown, away};
use crate::error::Miss;

/// A demand, with the text in which it was typed.
#[derive(Debug, Clone, PartialEq)]
pub enum Gate {
    /// At least this much is left to spend, in the balance's own unit.
    MinBalance {
        /// As it was typed.
        asked: String,
        /// The same as a number.
        amount: f64,
    },
    /// The key is good for at least this long.
    ValidFor {
        /// As it was typed.
        asked: String,
        /// The same as a length of time.
        duration: Duration,
    },
    /// The key may do this: a scope such as `videos:write`.
    Need {
        /// The scope.
        scope: String,
    },
}

impl Gate {
    /// Reads an amount: digits, perhaps with a point.
    ///
    /// # Errors
    /// It is none, or not more than nothing; the text says how to write it.
    pub fn min_balance(text: &str) -> Result<Gate, String> {
        let is_decimal = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let amount: Option<f64> = text.parse().ok().filter(|amount: &f64| amount.is_finite());
        match amount.filter(|_| is_decimal) {
            None => Err("write it like 5 or 12.50".to_owned()),
            Some(amount) if amount <= 0.0 => Err("it must be more than 0".to_owned()),
            Some(amount) => Ok(Gate::MinBalance { asked: text.to_owned(), amount }),
        }
    }

    /// Reads a scope: a resource and what is done to it.
    ///
    /// # Errors
    /// It has another form; the text says how to write it.
    pub fn need(text: &str) -> Result<Gate, String> {
        let is_part = |part: &str| {
            let is_word = |byte: u8| byte.is_ascii_lowercase() || byte == b'_' || byte == b'-';
            part == "*" || !part.is_empty() && part.bytes().all(is_word)
        };
        match text.split_once(':') {
            Some((resource, action)) if is_part(resource) && is_part(action) => {
                Ok(Gate::Need { scope: text.to_owned() })
            }
            _ => Err("write it like videos:write".to_owned()),
        }
    }
}

/// The gates that are not met: first those of which that is certain, else in the given order.
pub fn misses(gates: &[Gate], findings: &Findings, now: SystemTime) -> Vec<Miss> {
    let mut misses: Vec<Miss> = gates.iter().filter_map(|gate| miss(gate, findings, now)).collect();
    misses.sort_by_key(Miss::is_unknown);
    misses
}

fn miss(gate: &Gate, findings: &Findings, now: SystemTime) -> Option<Miss> {
    match gate {
        Gate::MinBalance { asked, amount } => balance_miss(asked, *amount, findings),
        Gate::ValidFor { asked, duration } => expiry_miss(asked, *duration, findings, now),
        Gate::Need { scope } => scope_miss(scope, findings),
    }
}

fn balance_miss(asked: &str, amount: f64, findings: &Findings) -> Option<Miss> {
    let gate = format!("--min-balance {asked}");
    let Some(balance) = &findings.balance else {
        let silence = "HeyGen does not say how much is left";
        return Some(unknown(gate, findings.account_unknown.as_ref(), silence));
    };
    match balance.remaining.as_f64() {
        Some(left) if left >= amount => None,
        Some(_) => Some(Miss::Balance { left: balance.to_string(), asked: asked.to_owned() }),
        None => Some(unknown(gate, None, "the balance is no number that can be compared")),
    }
}

fn expiry_miss(
    asked: &str,
    duration: Duration,
    findings: &Findings,
    now: SystemTime,
) -> Option<Miss> {
    let gate = format!("--valid-for {asked}");
    let end = match findings.key.expiry {
        Expiry::Never => return None,
        Expiry::At(end) => end,
        Expiry::Unknown => {
            let silence = "HeyGen does not say when the key ends";
            return Some(unknown(gate, findings.key_unknown.as_ref(), silence));
        }
    };
    let needed = Timestamp::try_from(now)
        .ok()
        .zip(SignedDuration::try_from(duration).ok())
        .and_then(|(now, duration)| now.checked_add(duration).ok());
    match needed {
        Some(needed) if end >= needed => None,
        Some(_) => Some(Miss::Expiry {
            when: away(end, now),
            day: end.to_string().split('T').next().unwrap_or_default().to_owned(),
            asked: asked.to_owned(),
        }),
        None => Some(unknown(gate, None, "the clock of this computer is far off")),
    }
}

fn scope_miss(scope: &str, findings: &Findings) -> Option<Miss> {
    let KeyFacts { scopes, scope_mode, .. } = &findings.key;
    let mode = match scope_mode.as_deref() {
        Some("full") => Some("*:*"),
        Some("read_only") => Some("*:read"),
        Some(_) | None => None,
    };
    let listed = scopes.iter().flatten().map(String::as_str);
    if listed.clone().chain(mode).any(|granted| covers(granted, scope)) {
        return None;
    }
    let refused = [&findings.key_unknown, &findings.account_unknown]
        .into_iter()
        .flatten()
        .any(|unknown| unknown.missing_scope.as_deref() == Some(scope));
    let has = match (scopes, mode) {
        (Some(scopes), _) if !scopes.is_empty() => scopes.join(", "),
        (_, Some(mode)) => mode.to_owned(),
        (Some(_), None) => "none".to_owned(),
        // HeyGen has just refused to do something for the lack of it.
        (None, None) if refused => "others at most".to_owned(),
        (None, None) => {
            let silence = "HeyGen does not say what the key may do";
            let gate = format!("--need {scope}");
            return Some(unknown(gate, findings.key_unknown.as_ref(), silence));
        }
    };
    Some(Miss::Scope { scope: scope.to_owned(), has })
}

/// Whether a granted scope includes another one; `*` stands for every word on its side.
fn covers(granted: &str, asked: &str) -> bool {
    match (granted.split_once(':'), asked.split_once(':')) {
        (Some((resource, action)), Some((asked_resource, asked_action))) => {
            (resource == "*" || resource == asked_resource)
                && (action == "*" || action == asked_action)
        }
        _ => granted == asked,
    }
}

fn unknown(gate: String, why: Option<&Unknown>, silence: &str) -> Miss {
    Miss::Unknown {
        gate,
        reason: why.map_or_else(|| silence.to_owned(), |why| why.reason.clone()),
        scope: why.and_then(|why| why.missing_scope.clone()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::account::key_facts::Balance;
    use crate::error::Error;

    const DAY: u64 = 24 * 60 * 60;

    /// Says of one gate what an error says of it, or `met`.
    fn outcome(gate: Gate, findings: &Findings) -> String {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(10 * DAY);
        match misses(&[gate], findings, now) {
            misses if misses.is_empty() => "met".to_owned(),
            misses => Error::Gates { key: "…ZVMn".to_owned(), misses }.to_string(),
        }
    }

    fn key(data: Value) -> Findings {
        Findings { key: KeyFacts::read(&data), ..Findings::default() }
    }

    fn user(data: Value) -> Findings {
        Findings { balance: Balance::read(&data), ..Findings::default() }
    }

    fn refused(scope: &str) -> Option<Unknown> {
        let reason = format!("the key lacks the scope {scope}");
        Some(Unknown { reason, missing_scope: Some(scope.to_owned()) })
    }

    #[test]
    fn balance_is_compared_in_its_unit() {
        let check = |asked: &str, findings: &Findings, expected: &str| {
            assert_eq!(outcome(Gate::min_balance(asked).expect("a gate"), findings), expected);
        };
        let wallet = |left: Value, currency: &str| {
            user(
                json!({"billing_type": "wallet", "wallet": {"currency": currency, "remaining_balance": left}}),
            )
        };
        check("5", &wallet(json!(5), "usd"), "met");
        check("5", &wallet(json!(12.4), "credits"), "met");
        check(
            "5",
            &wallet(json!(4.996), "usd"),
            "key …ZVMn can spend 4.996 USD, prepaid API wallet, --min-balance asks 5",
        );
        check(
            "12.50",
            &user(
                json!({"billing_type": "usage_based", "usage_based": {"spending_cap_usd": 1, "spending_current_usd": 3}}),
            ),
            "key …ZVMn can spend -2.00 USD, left of the spending cap, --min-balance asks 12.50",
        );
        check(
            "5",
            &wallet(json!(null), "usd"),
            "cannot tell whether key …ZVMn meets --min-balance 5: HeyGen does not say how much is left",
        );
        check(
            "5",
            &Findings { account_unknown: refused("account:read"), ..Findings::default() },
            "cannot tell whether key …ZVMn meets --min-balance 5: the key lacks the scope account:read",
        );
    }

    #[test]
    fn expiry_is_compared_with_clock() {
        let check = |expires_at: Value, expected: &str| {
            let gate =
                Gate::ValidFor { asked: "14d".to_owned(), duration: Duration::from_secs(14 * DAY) };
            assert_eq!(outcome(gate, &key(json!({"expires_at": expires_at}))), expected);
        };
        check(json!(null), "met");
        check(json!("1970-01-25T00:00:00Z"), "met");
        check(
            json!("1970-01-24T23:59:59Z"),
            "key …ZVMn expires in 13 days (1970-01-24), --valid-for asks 14d",
        );
        check(
            json!("1970-01-10T20:00:00Z"),
            "key …ZVMn expired 4 hours ago (1970-01-10), --valid-for asks 14d",
        );
        check(
            json!("soon"),
            "cannot tell whether key …ZVMn meets --valid-for 14d: HeyGen does not say when the key ends",
        );
    }

    #[test]
    fn wider_scope_meets_need() {
        let check = |needed: &str, facts: Value, expected: &str| {
            let gate = Gate::need(needed).expect("a gate");
            assert_eq!(outcome(gate, &key(facts.clone())), expected, "{needed} {facts}");
        };
        let scopes = |scopes: &[&str]| json!({"scope_mode": "custom", "scopes": scopes});
        check("videos:write", json!({"scope_mode": "full"}), "met");
        check("videos:write", json!({"scopes": ["*:*"]}), "met");
        check("videos:write", scopes(&["assets:read", "videos:write"]), "met");
        check("videos:write", scopes(&["videos:*"]), "met");
        check("videos:read", scopes(&["*:read"]), "met");
        check("videos:read", json!({"scope_mode": "read_only"}), "met");
        check("*:read", scopes(&["*:read"]), "met");
        let lacks = |scope: &str, has: &str| {
            format!("key …ZVMn lacks the scope {scope}, --need asks for it; it has {has}")
        };
        check(
            "videos:write",
            scopes(&["videos:read", "*:read"]),
            &lacks("videos:write", "videos:read, *:read"),
        );
        check("videos:write", json!({"scope_mode": "read_only"}), &lacks("videos:write", "*:read"));
        check("*:read", scopes(&["videos:read"]), &lacks("*:read", "videos:read"));
        check("videos:write", scopes(&[]), &lacks("videos:write", "none"));
        let silence = "cannot tell whether key …ZVMn meets --need videos:write: HeyGen does not say what the key may do";
        check("videos:write", json!({}), silence);
        check("videos:write", json!({"scope_mode": "custom"}), silence);
        let refused = Findings { account_unknown: refused("account:read"), ..Findings::default() };
        let gate = Gate::need("account:read").expect("a gate");
        assert_eq!(outcome(gate, &refused), lacks("account:read", "others at most"));
    }

    #[test]
    fn failed_gates_precede_undecidable_ones() {
        let gates =
            [Gate::min_balance("5").expect("a gate"), Gate::need("videos:write").expect("a gate")];
        let findings = key(json!({"scopes": ["videos:read"]}));
        let error = Error::Gates {
            key: "…".to_owned(),
            misses: misses(&gates, &findings, SystemTime::UNIX_EPOCH),
        };
        assert_eq!(error.code(), "cli_gate_not_met");
        assert_eq!(
            error.details(),
            [
                "also: cannot tell whether key … meets --min-balance 5: HeyGen does not say how much is left"
            ]
        );
    }

    #[test]
    fn parses_gates() {
        for good in ["5", "12.50", ".5", "5."] {
            assert!(Gate::min_balance(good).is_ok(), "{good}");
        }
        for wrong in ["", ".", "-1", "+1", "0", "0.00", "nan", "inf", "1e3", "5,0", "$5", "1.2.3"] {
            assert!(Gate::min_balance(wrong).is_err(), "{wrong}");
        }
        for good in ["videos:write", "*:*", "video_translations:read"] {
            assert!(Gate::need(good).is_ok(), "{good}");
        }
        for wrong in ["", "videos", ":", "videos:", ":read", "a:b:c", "Videos:read", "a b:read"] {
            assert!(Gate::need(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn any_text_parses_without_panic(text in "\\PC{0,20}|[0-9.e+-]{0,400}|[a-z:*]{0,9}") {
            if let Ok(Gate::MinBalance { amount, .. }) = Gate::min_balance(&text) {
                prop_assert!(amount.is_finite() && amount > 0.0);
            }
            let _ = Gate::need(&text);
        }
    }
}
