//! Functions and constants of the language itself: `Number(x)`, `Math.max(x, y)`, `Math.PI`.

use std::f64::consts;
use std::fmt;

use super::methods::Call;
use super::number::{self, EXACT, to_i32};
use super::operators::power;
use super::properties;
use super::text::Text;
use super::value::{Array, Outcome, Value};

/// A function that runs natively.
#[derive(Clone, Copy)]
pub(super) struct Function {
    name: &'static str,
    run: Body,
}

type Body = for<'c, 'e> fn(Call<'c, 'e>) -> Outcome<Value<'e>>;

const FUNCTIONS: &[(&str, Body)] = &[
    ("Number", to_number),
    ("String", to_text),
    ("Boolean", |call| Ok(Value::Bool(call.argument(0).truthy()))),
    ("parseInt", parse_int),
    ("parseFloat", parse_float),
    ("isNaN", |call| Ok(Value::Bool(first_number(call)?.is_nan()))),
    ("isFinite", |call| Ok(Value::Bool(first_number(call)?.is_finite()))),
    ("Number.parseInt", parse_int),
    ("Number.parseFloat", parse_float),
    ("Number.isNaN", |call| Ok(is_number(call, f64::is_nan))),
    ("Number.isFinite", |call| Ok(is_number(call, f64::is_finite))),
    ("Number.isInteger", |call| Ok(is_number(call, |number| number.fract() == 0.0))),
    ("Number.isSafeInteger", |call| {
        Ok(is_number(call, |number| number.fract() == 0.0 && number.abs() < EXACT))
    }),
    ("Array.isArray", |call| Ok(Value::Bool(matches!(call.argument(0), Value::Array(_))))),
    ("Object.keys", keys),
    ("Object.values", values),
    ("Math.abs", |call| math(call, f64::abs)),
    ("Math.ceil", |call| math(call, f64::ceil)),
    ("Math.floor", |call| math(call, f64::floor)),
    ("Math.round", |call| math(call, round)),
    ("Math.trunc", |call| math(call, f64::trunc)),
    ("Math.sign", |call| math(call, sign)),
    ("Math.sqrt", |call| math(call, f64::sqrt)),
    ("Math.max", |call| extreme(call, f64::NEG_INFINITY, |a, b| a > b)),
    ("Math.min", |call| extreme(call, f64::INFINITY, |a, b| a < b)),
    ("Math.pow", |call| {
        let base = first_number(call)?;
        let exponent = call.argument(1).to_number(call.budget)?;
        power(base, exponent).map(Value::Number)
    }),
];

const CONSTANTS: &[(&str, f64)] = &[
    ("NaN", f64::NAN),
    ("Infinity", f64::INFINITY),
    ("Number.NaN", f64::NAN),
    ("Number.POSITIVE_INFINITY", f64::INFINITY),
    ("Number.NEGATIVE_INFINITY", f64::NEG_INFINITY),
    ("Number.MAX_SAFE_INTEGER", EXACT - 1.0),
    ("Number.MIN_SAFE_INTEGER", 1.0 - EXACT),
    ("Number.MAX_VALUE", f64::MAX),
    ("Number.MIN_VALUE", 5e-324),
    ("Number.EPSILON", f64::EPSILON),
    ("Math.E", consts::E),
    ("Math.LN10", consts::LN_10),
    ("Math.LN2", consts::LN_2),
    ("Math.LOG10E", consts::LOG10_E),
    ("Math.LOG2E", consts::LOG2_E),
    ("Math.PI", consts::PI),
    ("Math.SQRT1_2", consts::FRAC_1_SQRT_2),
    ("Math.SQRT2", consts::SQRT_2),
];

impl Function {
    /// The native function called `name`, its namespace included.
    pub(super) fn find(name: &str) -> Option<Self> {
        let found = FUNCTIONS.iter().find(|(known, _)| *known == name);
        found.map(|(name, run)| Self { name, run: *run })
    }

    pub(super) fn run<'e>(self, call: Call<'_, 'e>) -> Outcome<Value<'e>> {
        (self.run)(call)
    }

    /// The names of all native functions, for the tests that must reach each of them.
    #[cfg(test)]
    pub(super) fn names() -> Vec<&'static str> {
        FUNCTIONS.iter().map(|(name, _)| *name).collect()
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// The constant called `name`, its namespace included.
pub(super) fn constant(name: &str) -> Option<f64> {
    CONSTANTS.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}

/// The names of all constants.
#[cfg(test)]
pub(super) fn constants() -> Vec<&'static str> {
    CONSTANTS.iter().map(|(name, _)| *name).collect()
}

fn first_number(call: Call<'_, '_>) -> Outcome<f64> {
    call.argument(0).to_number(call.budget)
}

fn is_number<'e>(call: Call<'_, 'e>, test: impl Fn(f64) -> bool) -> Value<'e> {
    Value::Bool(matches!(call.argument(0), Value::Number(number) if test(number)))
}

fn to_number<'e>(call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    match call.arguments.first() {
        None => Ok(Value::Number(0.0)),
        Some(value) => value.to_number(call.budget).map(Value::Number),
    }
}

fn to_text<'e>(call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    match call.arguments.first() {
        None => Ok(Value::Text(Text::Borrowed(""))),
        Some(value) => value.to_text(call.budget).map(Value::Text),
    }
}

/// The first argument as text, halves of surrogate pairs replaced: no number contains one.
fn first_text(call: Call<'_, '_>) -> Outcome<String> {
    let text = call.text(0)?;
    call.budget.spend(text.cost())?;
    Ok(match text.as_str() {
        Some(text) => text.to_owned(),
        None => String::from_utf16_lossy(&text.units()),
    })
}

fn parse_int<'e>(call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    let text = first_text(call)?;
    let radix = to_i32(call.argument(1).to_number(call.budget)?);
    let number = number::parse_int(&text, radix);
    number.map(Value::Number).ok_or_else(|| {
        super::value::Abrupt::NeedsJavaScript("a very large number in another radix".into())
    })
}

fn parse_float<'e>(call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    Ok(Value::Number(number::parse_float(&first_text(call)?)))
}

fn keys<'e>(call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    let keys = properties::keys(&call.argument(0), call.budget)?;
    Ok(Value::Array(Array::made(keys.into_iter().map(Value::Text).collect())))
}

fn values<'e>(call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    properties::values(&call.argument(0), call.budget, call.live).map(Value::Array)
}

fn math<'e>(call: Call<'_, 'e>, function: impl Fn(f64) -> f64) -> Outcome<Value<'e>> {
    Ok(Value::Number(function(first_number(call)?)))
}

/// Halves go up, and what is rounded to zero keeps its sign.
fn round(number: f64) -> f64 {
    let floor = number.floor();
    let rounded = if number - floor >= 0.5 { floor + 1.0 } else { floor };
    rounded.copysign(number)
}

fn sign(number: f64) -> f64 {
    if number == 0.0 || number.is_nan() { number } else { number.signum() }
}

/// The greatest or least argument: `NaN` if one is, and 0 is greater than -0.
fn extreme<'e>(
    call: Call<'_, 'e>,
    start: f64,
    better: impl Fn(f64, f64) -> bool,
) -> Outcome<Value<'e>> {
    let mut best = start;
    for argument in call.arguments {
        let number = argument.to_number(call.budget)?;
        let both_zero = number == 0.0 && best == 0.0;
        let wins = if both_zero {
            better(1_f64.copysign(number), 1_f64.copysign(best))
        } else {
            better(number, best)
        };
        if number.is_nan() || (wins && !best.is_nan()) {
            best = number;
        }
    }
    Ok(Value::Number(best))
}
