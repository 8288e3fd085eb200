//! The arguments of `heygen mock`.

use std::ffi::OsString;
use std::time::Duration;

use clap::Args;

use super::call::duration;
use crate::catalogue::{self, Operation};
use crate::mock::{Fail, Rate, Share};
use crate::nearest::nearest;

/// Run a HeyGen on this computer: no account, no network, no money
#[derive(Debug, Args)]
#[command(
    before_help = "Examples:\n  heygen mock -- heygen auth check\n  heygen mock -- bash\n  heygen mock --port 8787 --fail 429:2\n  heygen mock --fail 'POST /v3/videos=402' -- ./script.sh",
    after_help = "CMD gets HEYGEN_API_BASE, HEYGEN_API_KEY, a HEYGEN_CONFIG_DIR of its own, and this heygen first in\nPATH, but no proxies and no variables that change the output. The mock listens on 127.0.0.1 only.\nExit status: that of CMD; 128 + N if signal N ended CMD, 127 if it was not found."
)]
pub struct MockArgs {
    /// Port to listen on [default: a free one]
    #[arg(long, value_name = "N", default_value = "0", hide_default_value = true)]
    pub port: u16,

    /// Key to accept
    #[arg(long, value_name = "KEY", default_value = "mock", value_parser = key, hide_short_help = true)]
    pub key: String,

    /// Make IDs and times repeatable
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,

    /// Time that a job takes [default: it advances with each poll]
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub render_time: Option<Duration>,

    /// Time for which the URL of a file is valid
    #[arg(
        long,
        value_name = "DURATION",
        default_value = "1h",
        value_parser = duration,
        hide_short_help = true
    )]
    pub expire_urls: Duration,

    /// USD in the wallet: a create costs its price, and gets 402 when they are spent
    #[arg(long, value_name = "USD", value_parser = usd, hide_short_help = true)]
    pub balance: Option<f64>,

    /// Fail every call, the next N, or those of one CALL (METHOD PATH); can be given more than once
    #[arg(long, value_name = "[CALL=]STATUS[:N]", help_heading = "Trouble")]
    pub fail: Vec<Fail>,

    /// Fail jobs of a kind, such as video=script_too_short; can be given more than once
    #[arg(
        long,
        value_name = "KIND=CODE",
        value_parser = failing_job,
        help_heading = "Trouble",
        hide_short_help = true
    )]
    pub fail_job: Vec<(String, String)>,

    /// Delay of each response
    #[arg(
        long,
        value_name = "DURATION",
        value_parser = duration,
        help_heading = "Trouble",
        hide_short_help = true
    )]
    pub latency: Option<Duration>,

    /// Share of the responses that is cut in the middle, chosen by --seed
    #[arg(long, value_name = "P%", help_heading = "Trouble", hide_short_help = true)]
    pub cut: Option<Share>,

    /// Calls per minute or second; more get 429 with Retry-After
    #[arg(long, value_name = "N/m|N/s", help_heading = "Trouble")]
    pub rate: Option<Rate>,

    /// Respond to every call with a gateway's HTML page
    #[arg(long = "html-502", help_heading = "Trouble", hide_short_help = true)]
    pub html_502: bool,

    /// Command to run against the mock, which ends with it
    #[arg(last = true, value_name = "CMD")]
    pub command: Vec<OsString>,
}

/// Reads a key that a header and a variable can hold.
fn key(text: &str) -> Result<String, String> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("it must be printable ASCII without spaces".to_owned());
    }
    Ok(text.to_owned())
}

fn usd(text: &str) -> Result<f64, String> {
    let number = text.trim().parse().ok().filter(|usd: &f64| usd.is_finite() && *usd >= 0.0);
    number.ok_or_else(|| "it must be a number of USD, such as 0.40".to_owned())
}

/// Reads the kind of a job and the code of its failure.
fn failing_job(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(_, code)| !code.trim().is_empty());
    let (kind, code) = pair.ok_or("write it like video=script_too_short")?;
    let kinds: Vec<&str> = catalogue::all().filter_map(Operation::kind).collect();
    if kinds.contains(&kind) {
        return Ok((kind.to_owned(), code.trim().to_owned()));
    }
    Err(match nearest(kind, kinds.iter().copied(), 2) {
        Some(similar) => format!("no job is of this kind; did you mean {similar}?"),
        None => format!("no job is of this kind; the kinds are {}", kinds.join(", ")),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failing_jobs_have_a_known_kind() {
        let check = |text: &str, expected: Option<(&str, &str)>| {
            let pair = failing_job(text).ok();
            let pair = pair.as_ref().map(|(kind, code)| (kind.as_str(), code.as_str()));
            assert_eq!(pair, expected, "{text}");
        };
        check("video=script_too_short", Some(("video", "script_too_short")));
        check("translation=x=y", Some(("translation", "x=y")));
        for wrong in ["video", "video=", "vidoe=x", "=x", "Video=x"] {
            check(wrong, None);
        }
        assert!(
            failing_job("vidoe=x").is_err_and(|reason| reason.ends_with("did you mean video?"))
        );
    }

    #[test]
    fn keys_and_balances_are_checked() {
        assert_eq!(key("sk_V2-x").as_deref(), Ok("sk_V2-x"));
        assert!(["", " ", "a b", "é"].into_iter().all(|text| key(text).is_err()));
        assert_eq!([usd("0.40"), usd("0"), usd("12")], [Ok(0.4), Ok(0.0), Ok(12.0)]);
        assert!(["", "-1", "nan", "inf", "1e999", "x"].into_iter().all(|text| usd(text).is_err()));
    }
}
