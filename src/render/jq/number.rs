//! Numbers: with all digits where they were only passed on, computed in floats as in jq otherwise.

use std::cmp::Ordering;
use std::sync::Arc;

/// One number.
#[derive(Debug, Clone)]
pub(super) enum Number {
    /// An integer that prints as its digits.
    Integer(i64),
    /// The result of a computation, or a number that prints as its digits.
    Float(f64),
    /// A number whose digits would be lost otherwise: `1.10`, `-0`, `12345678901234567890`.
    Literal(Arc<Literal>),
}

/// The digits of a number, and its value as far as a float holds it.
#[derive(Debug)]
pub(super) struct Literal {
    digits: Box<str>,
    float: f64,
}

impl Number {
    /// The number with these digits, which are those of a JSON number.
    pub(super) fn of_digits(digits: &str) -> Number {
        // The short way, for most numbers.
        if digits != "-0"
            && let Ok(integer) = digits.parse()
        {
            return Number::Integer(integer);
        }
        let float: f64 = digits.parse().unwrap_or(f64::NAN);
        if float.is_finite() && written(float) == digits {
            return Number::Float(float);
        }
        Number::Literal(Arc::new(Literal { digits: digits.into(), float }))
    }

    pub(super) fn to_f64(&self) -> f64 {
        match self {
            Number::Integer(integer) => *integer as f64,
            Number::Float(float) => *float,
            Number::Literal(literal) => literal.float,
        }
    }

    /// The number as an integer, if it is one and fits.
    pub(super) fn to_i64(&self) -> Option<i64> {
        match self {
            Number::Integer(integer) => Some(*integer),
            Number::Float(_) | Number::Literal(_) => {
                let float = self.to_f64();
                let fits = (-(2_f64.powi(63))..2_f64.powi(63)).contains(&float);
                (fits && float.fract() == 0.0).then_some(float as i64)
            }
        }
    }

    pub(super) fn is_nan(&self) -> bool {
        self.to_f64().is_nan()
    }

    /// The digits that JSON has for the number; jq has `null` for NaN and the largest number for
    /// infinity, which JSON does not know.
    pub(super) fn digits(&self) -> String {
        match self {
            Number::Integer(integer) => integer.to_string(),
            Number::Float(float) => written(*float),
            Number::Literal(literal) => literal.digits.to_string(),
        }
    }

    pub(super) fn negated(&self) -> Number {
        match self {
            Number::Integer(integer) if *integer != 0 => match integer.checked_neg() {
                Some(negative) => Number::Integer(negative),
                None => Number::Float(-(*integer as f64)),
            },
            _ => Number::Float(-self.to_f64()),
        }
    }

    pub(super) fn absolute(&self) -> Number {
        if self.to_f64() < 0.0 { self.negated() } else { self.clone() }
    }

    pub(super) fn plus(&self, other: &Number) -> Number {
        self.computed(other, i64::checked_add, |left, right| left + right)
    }

    pub(super) fn minus(&self, other: &Number) -> Number {
        self.computed(other, i64::checked_sub, |left, right| left - right)
    }

    pub(super) fn times(&self, other: &Number) -> Number {
        self.computed(other, i64::checked_mul, |left, right| left * right)
    }

    /// The remainder of the division of both as integers, as jq has it; `None` by zero.
    pub(super) fn modulo(&self, other: &Number) -> Option<Number> {
        if self.is_nan() || other.is_nan() {
            return Some(Number::Float(f64::NAN));
        }
        // Casts of floats saturate.
        let integer = |number: &Number| number.to_i64().unwrap_or(number.to_f64() as i64);
        let divisor = integer(other).unsigned_abs();
        let remainder = integer(self).unsigned_abs().checked_rem(divisor)? as i64;
        Some(Number::Integer(if integer(self) < 0 { -remainder } else { remainder }))
    }

    /// Integers stay exact as long as the result fits; everything else is computed in floats.
    fn computed(
        &self,
        other: &Number,
        exact: fn(i64, i64) -> Option<i64>,
        rounded: fn(f64, f64) -> f64,
    ) -> Number {
        if let (Number::Integer(left), Number::Integer(right)) = (self, other)
            && let Some(result) = exact(*left, *right)
        {
            return Number::Integer(result);
        }
        Number::Float(rounded(self.to_f64(), other.to_f64()))
    }

    /// A total order, in which NaN comes first and equals itself.
    pub(super) fn order(&self, other: &Number) -> Ordering {
        if let (Number::Integer(left), Number::Integer(right)) = (self, other) {
            return left.cmp(right);
        }
        let (left, right) = (self.to_f64(), other.to_f64());
        match (left.is_nan(), right.is_nan()) {
            (true, true) => return Ordering::Equal,
            (true, false) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            (false, false) => {}
        }
        // Floats tell large integers apart only roughly: then their digits do.
        left.partial_cmp(&right)
            .filter(|order| order.is_ne())
            .unwrap_or_else(|| order_of_integers(self, other))
    }
}

/// Compares two numbers that are the same as floats by the digits they have as integers.
fn order_of_integers(left: &Number, right: &Number) -> Ordering {
    let float = left.to_f64();
    let order = match (integer_digits(left), integer_digits(right)) {
        _ if float == 0.0 => Ordering::Equal,
        (None, None) => Ordering::Equal,
        // What has no digits is infinite.
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (Some(left), Some(right)) => left.len().cmp(&right.len()).then_with(|| left.cmp(&right)),
    };
    if float < 0.0 { order.reverse() } else { order }
}

/// The digits of an integer: those it has, or those of its value as a float; `None` for fractions.
fn integer_digits(number: &Number) -> Option<String> {
    if let Number::Literal(literal) = number
        && literal.digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
    {
        return Some(literal.digits.to_string());
    }
    let float = number.to_f64();
    match number {
        Number::Integer(integer) => Some(integer.to_string()),
        _ => (float.is_finite() && float.fract() == 0.0).then(|| format!("{float:.0}")),
    }
}

/// A float as jq prints it: the fewest digits that give it back, with an exponent where it would
/// stand far from the point.
fn written(float: f64) -> String {
    if float.is_nan() {
        return "null".to_owned();
    }
    if float.is_infinite() {
        return written(f64::MAX.copysign(float));
    }
    if float == 0.0 {
        return if float.is_sign_negative() { "-0" } else { "0" }.to_owned();
    }
    let scientific = format!("{:e}", float.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits = mantissa.replace('.', "");
    let point = exponent.parse::<i32>().unwrap_or_default() + 1;
    let count = digits.len() as i32;
    let unsigned = match point {
        ..=-4 => with_exponent(&digits, point - 1),
        _ if point > count + 15 => with_exponent(&digits, point - 1),
        -3..=0 => format!("0.{}{digits}", "0".repeat(point.unsigned_abs() as usize)),
        _ if point >= count => format!("{digits}{}", "0".repeat((point - count) as usize)),
        _ => format!("{}.{}", &digits[..point as usize], &digits[point as usize..]),
    };
    if float.is_sign_negative() { format!("-{unsigned}") } else { unsigned }
}

fn with_exponent(digits: &str, exponent: i32) -> String {
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{first}{point}{rest}e{sign}{:02}", exponent.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_written_as_jq_writes_them() {
        let check = |float: f64, expected: &str| assert_eq!(written(float), expected);
        check(0.1, "0.1");
        check(-1.5, "-1.5");
        check(3.0, "3");
        check(1e15, "1000000000000000");
        check(1e16, "1e+16");
        check(1.234_567_890_123_456_7e19, "12345678901234567000");
        check(0.0001, "0.0001");
        check(0.00001, "1e-05");
        check(1e301, "1e+301");
        check(-0.0, "-0");
        check(f64::INFINITY, "1.7976931348623157e+308");
        check(f64::NAN, "null");
    }

    #[test]
    fn numbers_have_one_order() {
        let numbers = [
            "-1e400",
            "-12345678901234567891",
            "-12345678901234567890",
            "-9223372036854775808",
            "-1.5",
            "0",
            "1.10",
            "9007199254740992",
            "9007199254740993",
            "9223372036854775807",
            "9223372036854775808",
            "100000000000000000000",
            "100000000000000000001",
            "1e400",
        ];
        let numbers: Vec<Number> = numbers.iter().map(|digits| Number::of_digits(digits)).collect();
        for (left, first) in numbers.iter().enumerate() {
            for (right, second) in numbers.iter().enumerate() {
                assert_eq!(first.order(second), left.cmp(&right), "{first:?} {second:?}");
            }
        }
        let equal = |left: &str, right: &str| {
            assert!(Number::of_digits(left).order(&Number::of_digits(right)).is_eq());
        };
        equal("1.10", "1.1");
        equal("-0", "0");
        equal("1e2", "100");
        equal("1e20", "100000000000000000000");
    }
}
