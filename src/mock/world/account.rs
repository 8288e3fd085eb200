//! The wallet, and the operations that show it.

use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::World;
use super::call::Call;
use super::prices::{self, Micros};
use super::refusal::Refusal;
use super::render::put;
use super::work::Answer;
use crate::catalogue::operation::Operation;

/// Units of v2's quota for one US dollar.
const QUOTA: i64 = 60;

const MICROS: f64 = 1e6;

/// The money that calls cost; without a balance they cost nothing.
pub(super) struct Wallet(Option<Mutex<Micros>>);

impl Wallet {
    pub(super) fn new(balance: Option<f64>) -> Wallet {
        Wallet(balance.map(|dollars| Mutex::new((dollars * MICROS).round() as Micros)))
    }

    fn balance(&self) -> Option<Micros> {
        Some(*self.0.as_ref()?.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Takes a price out, or says how much there is.
    fn take(&self, price: Micros, is_kept: bool) -> Result<(), Micros> {
        let Some(wallet) = &self.0 else { return Ok(()) };
        let mut balance = wallet.lock().unwrap_or_else(PoisonError::into_inner);
        if *balance < price {
            return Err(*balance);
        }
        if !is_kept {
            *balance -= price;
        }
        Ok(())
    }
}

impl World {
    /// Takes the price of a call out of the wallet; a job that will fail costs nothing.
    pub(super) fn charge(&self, operation: Operation, body: &Value) -> Result<(), Refusal> {
        let price = prices::of(operation, body);
        let fails = operation.job().is_some_and(|job| self.failure_of(job.poll()).is_some());
        self.wallet.take(price, fails).map_err(|balance| {
            let dollars = |micros: Micros| micros as f64 / MICROS;
            let (has, needs) = (dollars(balance), dollars(price));
            let message =
                format!("Your account has {has:.2} USD but this request requires {needs:.2} USD.");
            Refusal::new(402, "insufficient_credit", message)
        })
    }
}

/// Shows the balance in the responses that have a place for it.
pub(super) fn serve(world: &World, call: &Call<'_>) -> Option<Result<Answer, Refusal>> {
    if call.operation.method() != "GET" || call.operation.path().contains('{') {
        return None;
    }
    let template = &call.plan.template;
    let has = |member: &str| template["data"].get(member).is_some();
    if !has("wallet") && !has("remaining_quota") {
        return None;
    }
    let mut body = template.clone();
    if let Some(balance) = world.wallet.balance() {
        let dollars = json!(balance as f64 / MICROS);
        let quota = json!(balance * QUOTA / MICROS as i64);
        if has("wallet") {
            put(&mut body, &["data", "billing_type"], json!("wallet"));
            put(&mut body, &["data", "wallet", "remaining_balance"], dollars);
        } else {
            put(&mut body, &["data", "remaining_quota"], quota.clone());
            put(&mut body, &["data", "details", "api"], quota);
        }
    }
    if has("wallet") {
        // The description's example has all ways to pay; this account has a wallet.
        put(&mut body, &["data", "subscription"], Value::Null);
        put(&mut body, &["data", "usage_based"], Value::Null);
    }
    Some(Ok(Answer::of(call.plan, body)))
}
