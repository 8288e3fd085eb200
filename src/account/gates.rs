//! Demands on a key beyond that HeyGen accepts it: the gates of `auth check`.
//!
//! A gate is met, not met, or undecidable. The last is not a success: a job that asks whether there
//! is money left needs a yes.

use std::time::{Duration, SystemTime};

use jiff::{SignedDuration, Timestamp};

use super::key_facts::{Expiry, Findings, KeyFacts, Unknown, away};
use super::scopes::{KNOWN, Recognition, cover, recognise};
use crate::clock::day;
use crate::error::Miss;

/// A demand on a key, with its text on the command line.
#[derive(Debug, Clone, PartialEq)]
pub enum Gate {
    /// The balance is at least this much, in its own unit.
    MinBalance {
        /// The argument as it was entered.
        asked: String,
        /// Its value.
        amount: f64,
    },
    /// The key is valid for at least this long.
    ValidFor {
        /// The argument as it was entered.
        asked: String,
        /// Its value.
        duration: Duration,
    },
    /// The key has this scope, such as `videos:write`.
    Need { scope: String },
}

impl Gate {
    /// Parses an amount: digits, with or without a point.
    ///
    /// # Errors
    /// It is not an amount or not more than 0.
    pub fn min_balance(text: &str) -> Result<Gate, String> {
        let is_decimal = text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let amount: Option<f64> = text.parse().ok().filter(|amount: &f64| amount.is_finite());
        match amount.filter(|_| is_decimal) {
            None => Err("write it like 5 or 12.50".to_owned()),
            Some(amount) if amount <= 0.0 => Err("it must be more than 0".to_owned()),
            Some(amount) => Ok(Gate::MinBalance { asked: text.to_owned(), amount }),
        }
    }

    /// Parses a scope `resource:action`.
    ///
    /// # Errors
    /// It has another form, or is a misspelled known scope.
    pub fn need(text: &str) -> Result<Gate, String> {
        let is_part = |part: &str| {
            let is_word = |byte: u8| byte.is_ascii_lowercase() || byte == b'_' || byte == b'-';
            part == "*" || !part.is_empty() && part.bytes().all(is_word)
        };
        match text.split_once(':') {
            Some((resource, action)) if is_part(resource) && is_part(action) => {}
            _ => return Err("write it like videos:write".to_owned()),
        }
        match recognise(text, &KNOWN) {
            Recognition::Misspelled(meant) => Err(format!("did you mean {meant}?")),
            Recognition::Known | Recognition::Unknown => Ok(Gate::Need { scope: text.to_owned() }),
        }
    }
}

/// Returns the scopes among the gates that are not known here, though HeyGen may know them.
pub fn unknown_scopes(gates: &[Gate]) -> Vec<&str> {
    let scopes = gates.iter().filter_map(|gate| match gate {
        Gate::Need { scope } => Some(scope.as_str()),
        Gate::MinBalance { .. } | Gate::ValidFor { .. } => None,
    });
    scopes.filter(|scope| recognise(scope, &KNOWN) == Recognition::Unknown).collect()
}

/// Returns the gates that are not met, the undecidable ones last.
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
        let silence = "HeyGen does not report the balance";
        return Some(unknown(gate, findings.account_unknown.as_ref(), silence));
    };
    match balance.remaining.as_f64() {
        Some(left) if left >= amount => None,
        Some(_) => Some(Miss::Balance { left: balance.amount(), gate }),
        None => Some(unknown(gate, None, "the balance is not a valid number")),
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
            let silence = "HeyGen does not report when the key expires";
            return Some(unknown(gate, findings.key_unknown.as_ref(), silence));
        }
    };
    let needed = Timestamp::try_from(now)
        .ok()
        .zip(SignedDuration::try_from(duration).ok())
        .and_then(|(now, duration)| now.checked_add(duration).ok());
    match needed {
        Some(needed) if end >= needed => None,
        Some(_) => Some(Miss::Expiry { when: away(end, now), day: day(end.into()), gate }),
        None => Some(unknown(gate, None, "the clock of this computer is wrong")),
    }
}

fn scope_miss(scope: &str, findings: &Findings) -> Option<Miss> {
    let KeyFacts { scopes, scope_mode, .. } = &findings.key;
    let mode = match scope_mode.as_deref() {
        Some("full") => Some("*:*"),
        Some("read_only") => Some("*:read"),
        Some(_) | None => None,
    };
    let granted: Vec<&str> = scopes.iter().flatten().map(String::as_str).chain(mode).collect();
    if cover(&granted, scope) {
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
        // HeyGen has just refused a request that needs it.
        (None, None) if refused => "unknown other scopes".to_owned(),
        (None, None) => {
            let silence = "HeyGen does not report the scopes of the key";
            let gate = format!("--need {scope}");
            return Some(unknown(gate, findings.key_unknown.as_ref(), silence));
        }
    };
    Some(Miss::Scope { scope: scope.to_owned(), has, gate: "--need" })
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

    /// The error of one gate, or `met`.
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
    fn compares_the_balance_in_its_unit() {
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
        check("5", &wallet(json!(4.996), "usd"), "balance is 4.996 USD, below --min-balance 5");
        check(
            "12.50",
            &user(
                json!({"billing_type": "usage_based", "usage_based": {"spending_cap_usd": 1, "spending_current_usd": 3}}),
            ),
            "balance is -2.00 USD, below --min-balance 12.50",
        );
        check(
            "5",
            &wallet(json!(null), "usd"),
            "cannot tell whether key …ZVMn meets --min-balance 5: HeyGen does not report the balance",
        );
        check(
            "5",
            &Findings { account_unknown: refused("account:read"), ..Findings::default() },
            "cannot tell whether key …ZVMn meets --min-balance 5: the key lacks the scope account:read",
        );
    }

    #[test]
    fn compares_the_expiry_with_the_clock() {
        let check = |expires_at: Value, expected: &str| {
            let gate =
                Gate::ValidFor { asked: "14d".to_owned(), duration: Duration::from_secs(14 * DAY) };
            assert_eq!(outcome(gate, &key(json!({"expires_at": expires_at}))), expected);
        };
        check(json!(null), "met");
        check(json!("1970-01-25T00:00:00Z"), "met");
        check(
            json!("1970-01-24T23:59:59Z"),
            "key …ZVMn expires in 13 days (1970-01-24), before --valid-for 14d",
        );
        check(
            json!("1970-01-10T20:00:00Z"),
            "key …ZVMn expired 4 hours ago (1970-01-10), before --valid-for 14d",
        );
        check(
            json!("soon"),
            "cannot tell whether key …ZVMn meets --valid-for 14d: HeyGen does not report when the key expires",
        );
    }

    #[test]
    fn wider_scopes_meet_a_gate() {
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
            format!("key …ZVMn lacks the scope {scope} (--need); it has {has}")
        };
        check(
            "videos:write",
            scopes(&["videos:read", "*:read"]),
            &lacks("videos:write", "videos:read, *:read"),
        );
        check("videos:write", json!({"scope_mode": "read_only"}), &lacks("videos:write", "*:read"));
        check("*:read", scopes(&["videos:read"]), &lacks("*:read", "videos:read"));
        check("videos:write", scopes(&[]), &lacks("videos:write", "none"));
        let silence = "cannot tell whether key …ZVMn meets --need videos:write: HeyGen does not report the scopes of the key";
        check("videos:write", json!({}), silence);
        check("videos:write", json!({"scope_mode": "custom"}), silence);
        let refused = Findings { account_unknown: refused("account:read"), ..Findings::default() };
        let gate = Gate::need("account:read").expect("a gate");
        assert_eq!(outcome(gate, &refused), lacks("account:read", "unknown other scopes"));
    }

    #[test]
    fn undecidable_gates_come_last() {
        let gates =
            [Gate::min_balance("5").expect("a gate"), Gate::need("videos:write").expect("a gate")];
        let findings = key(json!({"scopes": ["videos:read"]}));
        let error = Error::Gates {
            key: "…".to_owned(),
            misses: misses(&gates, &findings, SystemTime::UNIX_EPOCH),
        };
        assert_eq!(error.code(), "cli_gate_not_met");
        assert_eq!(
            crate::app::advice::diagnose(&error).details,
            [
                "also: cannot tell whether key … meets --min-balance 5: HeyGen does not report the balance"
            ]
        );
    }

    #[test]
    fn lists_unknown_scopes() {
        let need = |scope: &str| Gate::need(scope).expect("a gate");
        let gates = [need("videos:admin"), need("videos:read"), need("folders:read")];
        assert_eq!(unknown_scopes(&gates), ["videos:admin", "folders:read"]);
    }

    #[test]
    fn parses_amounts_and_scopes() {
        for good in ["5", "12.50", ".5", "5."] {
            assert!(Gate::min_balance(good).is_ok(), "{good}");
        }
        for wrong in ["", ".", "-1", "+1", "0", "0.00", "nan", "inf", "1e3", "5,0", "$5", "1.2.3"] {
            assert!(Gate::min_balance(wrong).is_err(), "{wrong}");
        }
        for good in ["videos:write", "*:*", "video_translations:read", "videos:admin"] {
            assert!(Gate::need(good).is_ok(), "{good}");
        }
        let misspelled = Gate::need("vidoes:read");
        assert_eq!(misspelled, Err("did you mean videos:read?".to_owned()));
        for wrong in ["", "videos", ":", "videos:", ":read", "a:b:c", "Videos:read", "a b:read"] {
            assert!(Gate::need(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "\\PC{0,20}|[0-9.e+-]{0,400}|[a-z:*]{0,9}") {
            if let Ok(Gate::MinBalance { amount, .. }) = Gate::min_balance(&text) {
                prop_assert!(amount.is_finite() && amount > 0.0);
            }
            let _ = Gate::need(&text);
        }
    }
}
