//! The facts of a key, of its account and of the account's balance.
//!
//! They come from `GET /v3/api_keys/self` and `GET /v3/users/me`; a member that is missing there is
//! unknown and not zero.

use std::fmt;
use std::time::SystemTime;

use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::{Number, Value};

/// The facts from both responses about a key that HeyGen accepts.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    /// The key's own facts.
    pub key: KeyFacts,
    /// The reason why the key's own facts are missing.
    pub key_unknown: Option<Unknown>,
    /// The account of the key.
    pub account: Option<Account>,
    /// The balance of that account.
    pub balance: Option<Balance>,
    /// The reason why account and balance are missing.
    pub account_unknown: Option<Unknown>,
}

/// The reason why something is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// The reason in words.
    pub reason: String,
    /// The scope that the request needs and the key lacks.
    pub missing_scope: Option<String>,
}

/// The key as the API describes it.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct KeyFacts {
    /// The name given to it.
    pub name: Option<String>,
    /// The time of its creation, in RFC 3339.
    pub created_at: Option<String>,
    /// The time of its expiry, in RFC 3339; `None` also if it never expires.
    pub expires_at: Option<String>,
    /// Its scopes, such as `*:*` or `videos:read`.
    pub scopes: Option<Vec<String>>,
    /// `full`, `read_only` or `custom`.
    pub scope_mode: Option<String>,
    /// Its expiry, where never and unknown differ.
    #[serde(skip)]
    pub expiry: Expiry,
}

/// The expiry of a key.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Expiry {
    /// The key does not expire.
    Never,
    /// The key expires at this time.
    At(Timestamp),
    /// The API does not report it, or not as a time.
    #[default]
    Unknown,
}

/// The account of a key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Account {
    /// The name of the user.
    pub username: Option<String>,
    /// The email address of the user.
    pub email: Option<String>,
}

/// The balance of an account.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Balance {
    /// The kind of billing.
    pub kind: Billing,
    /// The amount left, in `currency`.
    pub remaining: Number,
    /// `usd` or `credits`.
    pub currency: String,
}

/// The kinds of billing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Billing {
    /// A prepaid API wallet.
    Wallet,
    /// The credits of a subscription plan.
    Subscription,
    /// Usage up to a spending cap.
    UsageBased,
}

impl KeyFacts {
    /// Reads the `data` of `GET /v3/api_keys/self`.
    pub fn read(data: &Value) -> KeyFacts {
        let scopes = data["scopes"].as_array();
        let expiry = Expiry::read(data);
        KeyFacts {
            name: text(&data["key_name"]),
            created_at: timestamp(&data["created_at"]).map(|time| time.to_string()),
            expires_at: expiry.time().map(|time| time.to_string()),
            scopes: scopes.map(|scopes| scopes.iter().filter_map(text).collect()),
            scope_mode: text(&data["scope_mode"]),
            expiry,
        }
    }
}

impl Expiry {
    /// A key that never expires has `expires_at: null`. If the member is missing, the expiry is
    /// unknown: a gate must not pass.
    fn read(data: &Value) -> Expiry {
        let end = data.get("expires_at");
        match end.map(|end| (end.is_null(), timestamp(end))) {
            Some((_, Some(time))) => Expiry::At(time),
            Some((true, None)) if data["expires_in_seconds"].is_null() => Expiry::Never,
            Some((_, None)) | None => Expiry::Unknown,
        }
    }

    /// The time of expiry, if there is one.
    pub fn time(self) -> Option<Timestamp> {
        match self {
            Expiry::At(time) => Some(time),
            Expiry::Never | Expiry::Unknown => None,
        }
    }
}

impl Account {
    /// Reads the `data` of `GET /v3/users/me`.
    pub fn read(data: &Value) -> Account {
        Account { username: text(&data["username"]), email: text(&data["email"]) }
    }

    /// The name of the account: `ana@example.com (anab)`.
    pub fn name(&self) -> Option<String> {
        match (&self.email, &self.username) {
            (Some(email), Some(username)) => Some(format!("{email} ({username})")),
            (name, None) | (None, name) => name.clone(),
        }
    }
}

impl Balance {
    /// Reads the `data` of `GET /v3/users/me`; `None` if it has no balance.
    ///
    /// `billing_type` decides which of the three blocks counts: all of them are always present.
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

impl Balance {
    /// The amount with its unit: `12.40 USD`, `50 plan credits`.
    pub fn amount(&self) -> String {
        let cents = self.remaining.as_f64().map(|amount| amount * 100.0);
        match (self.currency.as_str(), cents) {
            // Rounded to cents, 4.996 would look like enough for a gate of 5.
            ("usd", Some(cents)) if (cents - cents.round()).abs() < 1e-6 => {
                format!("{:.2} USD", cents / 100.0)
            }
            ("usd", _) => format!("{} USD", self.remaining),
            (currency, _) if self.kind == Billing::Subscription => {
                format!("{} plan {currency}", self.remaining)
            }
            (currency, _) => format!("{} {currency}", self.remaining),
        }
    }
}

/// The amount, and the kind where the unit does not tell: `12.40 USD, prepaid API wallet`.
impl fmt::Display for Balance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.amount())?;
        match self.kind {
            Billing::Wallet => f.write_str(", prepaid API wallet"),
            Billing::Subscription => Ok(()),
            Billing::UsageBased => f.write_str(", left of the spending cap"),
        }
    }
}

/// The time that passed since then; negative for a time in the future.
pub fn time_since(time: &str, now: SystemTime) -> Option<SignedDuration> {
    Some(since(time.parse().ok()?, now))
}

/// The distance of a time in whole units: `in 6 days`, `3 hours ago`.
pub fn away(time: Timestamp, now: SystemTime) -> String {
    let since = since(time, now);
    match (since.is_negative(), length(since)) {
        (true, length) => format!("in {length}"),
        (false, length) => format!("{length} ago"),
    }
}

/// A duration in whole days; in hours or minutes if it is below two of the larger unit.
pub fn length(time: SignedDuration) -> String {
    let minutes = time.abs().as_mins();
    match minutes {
        1 => "1 minute".to_owned(),
        0..120 => format!("{minutes} minutes"),
        120..2_880 => format!("{} hours", minutes / 60),
        _ => format!("{} days", minutes / 1_440),
    }
}

fn since(time: Timestamp, now: SystemTime) -> SignedDuration {
    // A clock beyond the year 9999 is wrong.
    Timestamp::try_from(now).map_or(SignedDuration::ZERO, |now| now.duration_since(time))
}

/// Parses a time as HeyGen writes it: RFC 3339 in newer responses, unix seconds in most.
fn timestamp(value: &Value) -> Option<Timestamp> {
    match value {
        Value::Number(seconds) => Timestamp::from_second(seconds.as_f64()? as i64).ok(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A sum of money or credits without the errors of binary arithmetic.
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
    fn reads_the_balance_of_the_billing_type() {
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
    fn missing_facts_stay_unknown() {
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
    fn a_missing_expiry_is_not_never() {
        let check = |data: Value, expected: Expiry| {
            assert_eq!(KeyFacts::read(&data).expiry, expected, "{data}");
        };
        let at = |second| Expiry::At(Timestamp::from_second(second).expect("a time"));
        check(json!({"expires_at": null}), Expiry::Never);
        check(json!({"expires_at": null, "expires_in_seconds": null}), Expiry::Never);
        check(json!({"expires_at": null, "expires_in_seconds": 60}), Expiry::Unknown);
        check(json!({}), Expiry::Unknown);
        check(json!({"expires_at": "soon"}), Expiry::Unknown);
        check(json!({"expires_at": "1970-01-01T00:01:00Z"}), at(60));
        check(json!({"expires_at": 60}), at(60));
    }

    #[test]
    fn writes_distances_of_times() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(10 * 86_400);
        let check = |time: &str, expected: &str| {
            assert_eq!(away(time.parse().expect("a time"), now), expected, "{time}");
        };
        check("1970-01-02T00:00:00Z", "9 days ago");
        check("1970-01-16T12:00:00Z", "in 5 days");
        check("1970-01-13T00:00:00Z", "in 2 days");
        check("1970-01-12T23:59:59Z", "in 47 hours");
        check("1970-01-11T01:59:00Z", "in 119 minutes");
        check("1970-01-11T00:01:00Z", "in 1 minute");
        check("1970-01-11T00:00:30Z", "in 0 minutes");
        assert_eq!(time_since("soon", now), None);
        assert_eq!(
            time_since("1970-01-10T00:00:00Z", now).map(length).as_deref(),
            Some("24 hours")
        );
    }

    #[test]
    fn writes_amounts_without_rounding_up() {
        let check = |remaining: Value, currency: &str, expected: &str| {
            let Value::Number(remaining) = remaining else { panic!("a number") };
            let balance =
                Balance { kind: Billing::Wallet, remaining, currency: currency.to_owned() };
            assert_eq!(balance.amount(), expected);
            assert_eq!(balance.to_string(), format!("{expected}, prepaid API wallet"));
        };
        check(json!(12.4), "usd", "12.40 USD");
        check(json!(0), "usd", "0.00 USD");
        check(json!(4.996), "usd", "4.996 USD");
        check(json!(7.5), "credits", "7.5 credits");
    }
}
