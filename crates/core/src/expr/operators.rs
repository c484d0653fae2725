//! Operators on values: equality, order, arithmetic.

use std::cmp::Ordering;

use super::ast::{ArithmeticOp, BinaryOp, UnaryOp};
use super::live::Live;
use super::number::{EXACT, to_i32, to_u32};
use super::properties;
use super::text::Text;
use super::value::{Abrupt, Budget, Outcome, Value};

/// `left op right`.
pub(super) fn binary<'e>(
    op: BinaryOp,
    left: Value<'e>,
    right: Value<'e>,
    budget: &Budget,
    live: &'e Live<'_>,
) -> Outcome<Value<'e>> {
    use BinaryOp as Op;
    let flag = match op {
        Op::StrictEqual => strictly_equal(&left, &right, budget)?,
        Op::StrictUnequal => !strictly_equal(&left, &right, budget)?,
        Op::LooseEqual => loosely_equal(left, right, budget)?,
        Op::LooseUnequal => !loosely_equal(left, right, budget)?,
        Op::Less => compare(left, right, budget)?.is_some_and(Ordering::is_lt),
        Op::LessOrEqual => compare(left, right, budget)?.is_some_and(Ordering::is_le),
        Op::Greater => compare(left, right, budget)?.is_some_and(Ordering::is_gt),
        Op::GreaterOrEqual => compare(left, right, budget)?.is_some_and(Ordering::is_ge),
        Op::In => match &right {
            Value::Array(_) | Value::Object(_) => {
                let key = left.to_text(budget)?;
                match key.as_str() {
                    Some(key) => properties::has(&right, key, live)?,
                    None => false,
                }
            }
            _ => return Err(Abrupt::TypeError),
        },
        Op::Add => return add(left, right, budget),
    };
    Ok(Value::Bool(flag))
}

/// `op operand`.
pub(super) fn unary<'e>(op: UnaryOp, operand: &Value<'e>, budget: &Budget) -> Outcome<Value<'e>> {
    Ok(match op {
        UnaryOp::Not => Value::Bool(!operand.truthy()),
        UnaryOp::Minus => Value::Number(-operand.to_number(budget)?),
        UnaryOp::Plus => Value::Number(operand.to_number(budget)?),
        UnaryOp::BitNot => Value::Number(f64::from(!to_i32(operand.to_number(budget)?))),
        UnaryOp::Typeof => Value::text(operand.type_name()),
        UnaryOp::Void => Value::Undefined,
    })
}

/// `left === right`.
pub(super) fn strictly_equal(
    left: &Value<'_>,
    right: &Value<'_>,
    budget: &Budget,
) -> Outcome<bool> {
    Ok(match (left, right) {
        (Value::Undefined, Value::Undefined) | (Value::Null, Value::Null) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        #[expect(clippy::float_cmp, reason = "this is the language's own equality")]
        (Value::Number(left), Value::Number(right)) => left == right,
        (Value::Text(left), Value::Text(right)) => {
            budget.spend(left.cost().min(right.cost()))?;
            left == right
        }
        (Value::Array(left), Value::Array(right)) => left.is(right),
        (Value::Object(left), Value::Object(right)) => left.is(right),
        _ => false,
    })
}

/// `left == right`.
fn loosely_equal(left: Value<'_>, right: Value<'_>, budget: &Budget) -> Outcome<bool> {
    use Value::{Array, Bool, Null, Number, Object, Text, Undefined};
    match (&left, &right) {
        (Undefined | Null, Undefined | Null) => Ok(true),
        (Undefined | Null, _) | (_, Undefined | Null) => Ok(false),
        (Array(_) | Object(_), Array(_) | Object(_))
        | (Bool(_), Bool(_))
        | (Number(_), Number(_))
        | (Text(_), Text(_)) => strictly_equal(&left, &right, budget),
        (Array(_) | Object(_), _) => loosely_equal(left.into_primitive(budget)?, right, budget),
        (_, Array(_) | Object(_)) => loosely_equal(left, right.into_primitive(budget)?, budget),
        _ => {
            let (left, right) = (left.to_number(budget)?, right.to_number(budget)?);
            strictly_equal(&Number(left), &Number(right), budget)
        }
    }
}

/// The order of two values; `None` where a number is `NaN`.
fn compare(left: Value<'_>, right: Value<'_>, budget: &Budget) -> Outcome<Option<Ordering>> {
    let left = left.into_primitive(budget)?;
    let right = right.into_primitive(budget)?;
    if let (Value::Text(left), Value::Text(right)) = (&left, &right) {
        budget.spend(left.cost().min(right.cost()))?;
        return Ok(Some(left.cmp(right)));
    }
    Ok(left.to_number(budget)?.partial_cmp(&right.to_number(budget)?))
}

fn add<'e>(left: Value<'e>, right: Value<'e>, budget: &Budget) -> Outcome<Value<'e>> {
    let left = left.into_primitive(budget)?;
    let right = right.into_primitive(budget)?;
    if matches!(left, Value::Text(_)) || matches!(right, Value::Text(_)) {
        return concat(&left.to_text(budget)?, &right.to_text(budget)?, budget).map(Value::Text);
    }
    Ok(Value::Number(left.to_number(budget)? + right.to_number(budget)?))
}

/// Both texts as one.
pub(super) fn concat<'e>(left: &Text<'e>, right: &Text<'_>, budget: &Budget) -> Outcome<Text<'e>> {
    budget.spend(left.cost().saturating_add(right.cost()))?;
    Ok(left.concat(right))
}

/// `left op right` on two numbers.
pub(super) fn arithmetic(op: ArithmeticOp, left: f64, right: f64) -> Outcome<f64> {
    use ArithmeticOp as Op;
    let shift = to_u32(right) % 32;
    Ok(match op {
        Op::Subtract => left - right,
        Op::Multiply => left * right,
        Op::Divide => left / right,
        Op::Remainder => left % right,
        Op::Power => power(left, right)?,
        Op::ShiftLeft => f64::from(to_i32(left) << shift),
        Op::ShiftRight => f64::from(to_i32(left) >> shift),
        Op::ShiftRightUnsigned => f64::from(to_u32(left) >> shift),
        Op::BitOr => f64::from(to_i32(left) | to_i32(right)),
        Op::BitXor => f64::from(to_i32(left) ^ to_i32(right)),
        Op::BitAnd => f64::from(to_i32(left) & to_i32(right)),
    })
}

/// `base ** exponent`, where all engines agree: integers with an exact result.
pub(super) fn power(base: f64, exponent: f64) -> Outcome<f64> {
    if exponent.is_nan() {
        return Ok(f64::NAN);
    }
    let result = base.powf(exponent);
    let integers = base.fract() == 0.0 && exponent.fract() == 0.0 && exponent >= 0.0;
    if exponent == 0.0 || (integers && result.abs() <= EXACT) {
        return Ok(result);
    }
    Err(Abrupt::NeedsJavaScript("a power that is not a whole number".into()))
}
