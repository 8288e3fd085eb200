//! What HeyGen tells about a key: its own facts, whose account it is, and what that can spend.
//!
//! The answers come from `GET /v3/api_keys/self` and `GET /v3/users/me`; whatever they leave out
//! is unknown and not zero.

use std::time::SystemTime;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Number, Value};

/// What the API says about the key itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct KeyFacts {
    /// The name its maker gave it.
    pub name: Option<String>,
    /// When it was made, in RFC 3339.
    pub created_at: Option<String>,
    /// When it ends, in RFC 3339; `None` also where it never does.
    pub expires_at: Option<String>,
    /// What it may do, such as `*:*` or `videos:read`.
    pub scopes: Option<Vec<String>>,
    /// `full`, `read_only` or `custom`.
    pub scope_mode: Option<String>,
}

/// Whose key it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    /// The name of the user.
    pub username: Option<String>,
    /// The address of the user.
    pub email: Option<String>,
}

/// What is left to spend.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Balance {
    /// How it is paid.
    pub kind: Billing,
    /// How much is left, in `currency`.
    pub remaining: Number,
    /// `usd` or `credits`.
    pub currency: String,
}

/// The ways of paying.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Billing {
    /// A prepaid wallet of the API.
    Wallet,
    /// The credits of a plan.
    Subscription,
    /// Spending up to a cap.
    UsageBased,
}

impl KeyFacts {
    /// Reads the `data` of `GET /v3/api_keys/self`.
    pub fn read(data: &Value) -> KeyFacts {
        let scopes = data["scopes"].as_array();
        KeyFacts {
            name: text(&data["key_name"]),
            created_at: timestamp(&data["created_at"]).map(|time| time.to_string()),
            expires_at: timestamp(&data["expires_at"]).map(|time| time.to_string()),
            scopes: scopes.map(|scopes| scopes.iter().filter_map(text).collect()),
            scope_mode: text(&data["scope_mode"]),
        }
    }
}

impl Account {
    /// Reads the `data` of `GET /v3/users/me`.
    pub fn read(data: &Value) -> Account {
        Account { username: text(&data["username"]), email: text(&data["email"]) }
    }
}

impl Balance {
    /// Reads the `data` of `GET /v3/users/me`; `None` where it does not say how much is left.
    ///
    /// `billing_type` decides which of the three blocks counts: all of them are always there.
    pub fn read(data: &Value) -> Option<Balance> {
        match data["billing_type"].as_str()? {
            "wallet" => {
                let Value::Number(remaining) = &data["wallet"]["remaining_balance"] else {
                    return None;
                };
                let currency =
                    text(&data["wallet"]["currency"]).unwrap_or_else(|| "usd".to_owned());
                Some(Balance { kind: Billing::Wallet, remaining: remaining.clone(), currency })
            }
            "subscription" => {
                let credits = &data["subscription"]["credits"];
                let pools = [
                    &credits["premium_credits"]["remaining"],
                    &credits["add_on_credits"]["remaining"],
                ];
                let known: Vec<f64> = pools.into_iter().filter_map(Value::as_f64).collect();
                let remaining = (!known.is_empty()).then(|| number(known.iter().sum()))??;
                Some(Balance {
                    kind: Billing::Subscription,
                    remaining,
                    currency: "credits".to_owned(),
                })
            }
            "usage_based" => {
                let usage = &data["usage_based"];
                let cap = usage["spending_cap_usd"].as_f64()?;
                let spent = usage["spending_current_usd"].as_f64()?;
                Some(Balance {
                    kind: Billing::UsageBased,
                    remaining: number(cap - spent)?,
                    currency: "usd".to_owned(),
                })
            }
            _ => None,
        }
    }
}

/// The number of whole days from then to now; negative for what is to come.
pub fn days_since(time: &str, now: SystemTime) -> Option<i64> {
    let time: Timestamp = time.parse().ok()?;
    let now = Timestamp::try_from(now).ok()?;
    Some((now.as_second() - time.as_second()).div_euclid(24 * 60 * 60))
}

/// A point in time as HeyGen writes it: RFC 3339 in its newer answers, unix seconds in most.
fn timestamp(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(seconds) => Timestamp::from_second(seconds.as_f64()? as i64).ok(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A sum of money or credits without the dust of binary arithmetic.
fn number(value: f64) -> Option<Number> {
    const MILLIONTHS: f64 = 1e6;
    let rounded = (value * MILLIONTHS).round() / MILLIONTHS;
    if rounded.fract() == 0.0 && rounded.abs() < 1e15 {
        return Some(Number::from(rounded as i64));
    }
    Number::from_f64(rounded)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::time::Duration;

    #[test]
    fn the_balance_is_the_one_that_the_billing_type_names() {
        let check = |data: Value, expected: Value| {
            assert_eq!(json!(Balance::read(&data)), expected, "{data}");
        };
        let wallet = |remaining: Value| json!({"billing_type": "wallet", "wallet": {"currency": "usd", "remaining_balance": remaining}});
        check(wallet(json!(42.5)), json!({"kind": "wallet", "remaining": 42.5, "currency": "usd"}));
        check(wallet(json!(null)), json!(null));
        let credits = |premium: Value, add_on: Value| {
            json!({"billing_type": "subscription", "wallet": {"currency": "usd", "remaining_balance": 1},
                   "subscription": {"plan": "pro", "credits": {"premium_credits": premium, "add_on_credits": add_on}}})
        };
        check(
            credits(json!({"remaining": 100.1}), json!({"remaining": 0.2})),
            json!({"kind": "subscription", "remaining": 100.3, "currency": "credits"}),
        );
        check(
            credits(json!(null), json!({"remaining": 7})),
            json!({"kind": "subscription", "remaining": 7, "currency": "credits"}),
        );
        check(credits(json!(null), json!(null)), json!(null));
        let usage = |cap: Value, spent: Value| json!({"billing_type": "usage_based", "usage_based": {"spending_cap_usd": cap, "spending_current_usd": spent}});
        check(
            usage(json!(100), json!(12.25)),
            json!({"kind": "usage_based", "remaining": 87.75, "currency": "usd"}),
        );
        check(
            usage(json!(10), json!(12)),
            json!({"kind": "usage_based", "remaining": -2, "currency": "usd"}),
        );
        check(usage(json!(null), json!(12)), json!(null));
        check(json!({"billing_type": null}), json!(null));
        check(json!({"billing_type": "barter"}), json!(null));
        check(json!([]), json!(null));
    }

    #[test]
    fn facts_are_read_and_what_is_missing_stays_unknown() {
        let full = json!({"key_id": "k", "key_name": "ci", "status": "active", "scope_mode": "full", "scopes": ["*:*"],
                          "created_at": 1785661200, "updated_at": null, "expires_at": "2026-09-01T02:00:00+02:00"});
        let facts = KeyFacts::read(&full);
        assert_eq!(facts.created_at.as_deref(), Some("2026-08-02T09:00:00Z"));
        assert_eq!(facts.expires_at.as_deref(), Some("2026-09-01T00:00:00Z"));
        assert_eq!(facts.scopes, Some(vec!["*:*".to_owned()]));
        assert_eq!(
            KeyFacts::read(&json!({"created_at": "yesterday", "scopes": 7})),
            KeyFacts::default()
        );
    }

    #[test]
    fn days_are_counted_whole() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(10 * 86_400);
        assert_eq!(days_since("1970-01-02T00:00:00Z", now), Some(9));
        assert_eq!(days_since("1970-01-16T12:00:00Z", now), Some(-6));
        assert_eq!(days_since("soon", now), None);
    }
}
