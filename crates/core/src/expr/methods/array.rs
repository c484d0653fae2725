//! Methods of arrays that change nothing and call nothing back.

use super::super::number::{count, relative_index, to_index, to_integer};
use super::super::operators::strictly_equal;
use super::super::text::Text;
use super::super::value::{Array, Outcome, Value};
use super::{ArrayMethod, Call};

pub(super) const METHODS: &[(&str, ArrayMethod)] = &[
    ("includes", includes),
    ("indexOf", index_of),
    ("lastIndexOf", last_index_of),
    ("join", join),
    ("slice", slice),
    ("concat", concat),
];

fn includes<'e>(array: &Array<'e>, call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    let wanted = call.argument(0);
    let is_nan = |value: &Value<'_>| matches!(value, Value::Number(number) if number.is_nan());
    for index in from_start(array, call)? {
        let Some(item) = array.get(index) else { break };
        if strictly_equal(&item, &wanted, call.budget)? || (is_nan(&item) && is_nan(&wanted)) {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn index_of<'e>(array: &Array<'e>, call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    let range = from_start(array, call)?;
    position(array, range, call)
}

fn last_index_of<'e>(array: &Array<'e>, call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    call.budget.spend(array.len())?;
    if array.len() == 0 {
        return Ok(Value::Number(-1.0));
    }
    // An `undefined` that is passed counts as 0 here, one that is left out does not.
    let from = match call.arguments.get(1) {
        None => f64::INFINITY,
        Some(from) => to_integer(from.to_number(call.budget)?),
    };
    let end = if from < 0.0 { count(array.len()) + from + 1.0 } else { from + 1.0 };
    let end = to_index(end, array.len());
    position(array, (0..end).rev(), call)
}

/// The indices to look at for a search that starts at the second argument.
fn from_start(array: &Array<'_>, call: Call<'_, '_>) -> Outcome<std::ops::Range<usize>> {
    call.budget.spend(array.len())?;
    let length = array.len();
    // An empty array is answered before the second argument is looked at.
    let start = if length == 0 { 0 } else { relative_index(call.integer(1)?, length) };
    Ok(start..length)
}

fn position<'e>(
    array: &Array<'e>,
    indices: impl Iterator<Item = usize>,
    call: Call<'_, 'e>,
) -> Outcome<Value<'e>> {
    let wanted = call.argument(0);
    for index in indices {
        let Some(item) = array.get(index) else { break };
        if strictly_equal(&item, &wanted, call.budget)? {
            return Ok(Value::Number(count(index)));
        }
    }
    Ok(Value::Number(-1.0))
}

fn join<'e>(array: &Array<'e>, call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    let separator = match call.argument(0) {
        Value::Undefined => Text::Borrowed(","),
        separator => separator.to_text(call.budget)?,
    };
    array.join_all(&separator, call.budget).map(Value::Text)
}

fn slice<'e>(array: &Array<'e>, call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    let length = array.len();
    call.budget.spend_elements(length)?;
    let start = relative_index(call.integer(0)?, length);
    let end = relative_index(call.integer_or(1, count(length))?, length);
    let items = (start..end).filter_map(|index| array.get(index)).collect();
    Ok(Value::Array(Array::made(items)))
}

fn concat<'e>(array: &Array<'e>, call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    call.budget.spend_elements(array.len())?;
    let mut items: Vec<Value<'e>> = array.iter().collect();
    for argument in call.arguments {
        match argument {
            Value::Array(more) => {
                call.budget.spend_elements(more.len())?;
                items.extend(more.iter());
            }
            other => items.push(other.clone()),
        }
    }
    Ok(Value::Array(Array::made(items)))
}
