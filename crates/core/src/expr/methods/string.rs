//! Methods of strings. Positions count UTF-16 code units.

use super::super::number::{count, is_space, relative_index, to_index, to_integer, to_u32};
use super::super::operators::concat;
use super::super::text::Text;
use super::super::value::{Abrupt, Array, Outcome, Value};
use super::{Call, TextMethod};

/// All of them. Missing on purpose: what takes regular expressions, and what v12's older hosts
/// do not have (`at`, `replaceAll`).
pub(super) const METHODS: &[(&str, TextMethod)] = &[
    ("includes", includes),
    ("indexOf", index_of),
    ("lastIndexOf", last_index_of),
    ("startsWith", starts_with),
    ("endsWith", ends_with),
    ("toLowerCase", |text, call| map(text, call, str::to_lowercase)),
    ("toUpperCase", |text, call| map(text, call, str::to_uppercase)),
    ("trim", |text, call| map(text, call, |text| text.trim_matches(is_space).to_owned())),
    ("trimStart", |text, call| map(text, call, trim_start)),
    ("trimLeft", |text, call| map(text, call, trim_start)),
    ("trimEnd", |text, call| map(text, call, trim_end)),
    ("trimRight", |text, call| map(text, call, trim_end)),
    ("slice", slice),
    ("substring", substring),
    ("substr", substr),
    ("charAt", char_at),
    ("charCodeAt", char_code_at),
    ("concat", concat_all),
    ("split", split),
    ("replace", replace),
    ("repeat", repeat),
    ("padStart", |text, call| pad(text, call, true)),
    ("padEnd", |text, call| pad(text, call, false)),
];

fn trim_start(text: &str) -> String {
    text.trim_start_matches(is_space).to_owned()
}

fn trim_end(text: &str) -> String {
    text.trim_end_matches(is_space).to_owned()
}

fn map<'e>(
    text: &Text<'e>,
    call: Call<'_, 'e>,
    change: impl Fn(&str) -> String,
) -> Outcome<Value<'e>> {
    call.budget.spend(text.cost())?;
    Ok(Value::Text(text.map(change)))
}

/// Charges a search that gives a position. Beyond ASCII it compares at each place in turn.
fn spend_search(text: &Text<'_>, needle: &Text<'_>, call: Call<'_, '_>) -> Outcome<()> {
    let ascii = text.as_str().is_some_and(str::is_ascii);
    let times = if ascii { 1 } else { needle.cost().max(1) };
    call.budget.spend(text.cost().saturating_mul(times).saturating_add(needle.cost()))
}

fn includes<'e>(text: &Text<'e>, call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    let needle = call.text(0)?;
    let from = to_index(call.integer(1)?, text.len());
    if from == 0 {
        call.budget.spend(text.cost().saturating_add(needle.cost()))?;
        return Ok(Value::Bool(text.contains(&needle)));
    }
    spend_search(text, &needle, call)?;
    Ok(Value::Bool(text.find(&needle, from).is_some()))
}

fn index_of<'e>(text: &Text<'e>, call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    let needle = call.text(0)?;
    let from = to_index(call.integer(1)?, text.len());
    spend_search(text, &needle, call)?;
    Ok(position(text.find(&needle, from)))
}

fn last_index_of<'e>(text: &Text<'e>, call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    let needle = call.text(0)?;
    let from = call.argument(1).to_number(call.budget)?;
    let from = if from.is_nan() { f64::INFINITY } else { to_integer(from) };
    call.budget.spend(text.cost().saturating_mul(needle.cost().max(1)))?;
    Ok(position(text.find_last(&needle, to_index(from, text.len()))))
}

fn position<'e>(found: Option<usize>) -> Value<'e> {
    Value::Number(found.map_or(-1.0, count))
}

fn starts_with<'e>(text: &Text<'e>, call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    let prefix = call.text(0)?;
    let from = to_index(call.integer(1)?, text.len());
    call.budget.spend(text.cost())?;
    let rest = if from == 0 { text.clone() } else { text.slice(from, usize::MAX) };
    Ok(Value::Bool(rest.starts_with(&prefix)))
}

fn ends_with<'e>(text: &Text<'e>, call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    let suffix = call.text(0)?;
    let length = text.len();
    let end = to_index(call.integer_or(1, count(length))?, length);
    call.budget.spend(text.cost())?;
    let rest = if end == length { text.clone() } else { text.slice(0, end) };
    Ok(Value::Bool(rest.ends_with(&suffix)))
}

/// The part from `start` to `end`, charged.
fn part<'e>(text: &Text<'e>, start: usize, end: usize, call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    call.budget.spend(text.cost())?;
    Ok(Value::Text(text.slice(start, end)))
}

fn slice<'e>(text: &Text<'e>, call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    let length = text.len();
    let start = relative_index(call.integer(0)?, length);
    let end = relative_index(call.integer_or(1, count(length))?, length);
    part(text, start, end, call)
}

fn substring<'e>(text: &Text<'e>, call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    let length = text.len();
    let start = to_index(call.integer(0)?, length);
    let end = to_index(call.integer_or(1, count(length))?, length);
    part(text, start.min(end), start.max(end), call)
}

fn substr<'e>(text: &Text<'e>, call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    let length = text.len();
    let start = relative_index(call.integer(0)?, length);
    let size = to_index(call.integer_or(1, f64::INFINITY)?, length);
    part(text, start, start.saturating_add(size), call)
}

/// The position that the first argument names, if it is inside the text.
fn place(text: &Text<'_>, call: Call<'_, '_>) -> Outcome<Option<usize>> {
    let index = call.integer(0)?;
    call.budget.spend(text.cost())?;
    let length = text.len();
    let inside = index >= 0.0 && index < count(length);
    Ok(inside.then(|| to_index(index, length)))
}

fn char_at<'e>(text: &Text<'e>, call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    let character = place(text, call)?.map(|index| text.slice(index, index.saturating_add(1)));
    Ok(Value::Text(character.unwrap_or(Text::Borrowed(""))))
}

fn char_code_at<'e>(text: &Text<'e>, call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    let unit = place(text, call)?.and_then(|index| text.unit(index));
    Ok(Value::Number(unit.map_or(f64::NAN, f64::from)))
}

fn concat_all<'e>(text: &Text<'e>, call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    let mut joined = text.clone();
    for argument in call.arguments {
        joined = concat(&joined, &argument.to_text(call.budget)?, call.budget)?;
    }
    Ok(Value::Text(joined))
}

fn split<'e>(text: &Text<'e>, call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    let limit = match call.argument(1) {
        Value::Undefined => u32::MAX,
        limit => to_u32(limit.to_number(call.budget)?),
    };
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let separator = match call.argument(0) {
        Value::Undefined => None,
        separator => Some(separator.to_text(call.budget)?),
    };
    let mut parts = Vec::new();
    match separator {
        _ if limit == 0 => {}
        None => parts.push(Value::Text(text.clone())),
        Some(separator) if separator.is_empty() => {
            let units = text.units();
            call.budget.spend_elements(units.len().min(limit))?;
            let characters = units.iter().take(limit);
            parts.extend(characters.map(|unit| Value::Text(Text::from_units(&[*unit]))));
        }
        Some(separator) => {
            spend_search(text, &separator, call)?;
            parts = pieces(text, &separator, limit);
            call.budget.spend_elements(parts.len())?;
        }
    }
    Ok(Value::Array(Array::made(parts)))
}

/// What lies between the separators; at most `limit` pieces.
fn pieces<'e>(text: &Text<'e>, separator: &Text<'e>, limit: usize) -> Vec<Value<'e>> {
    if let (Some(text), Some(separator)) = (text.as_str(), separator.as_str()) {
        let pieces = text.split(separator).take(limit);
        return pieces.map(|piece| Value::Text(Text::new(piece))).collect();
    }
    let (units, separator) = (text.units(), separator.units());
    let mut pieces = Vec::new();
    let mut piece: Vec<u16> = Vec::new();
    let mut rest: &[u16] = &units;
    while let Some((unit, after)) = rest.split_first() {
        if let Some(after) = rest.strip_prefix(&*separator) {
            pieces.push(Value::Text(Text::from_units(&piece)));
            piece.clear();
            rest = after;
        } else {
            piece.push(*unit);
            rest = after;
        }
    }
    pieces.push(Value::Text(Text::from_units(&piece)));
    pieces.truncate(limit);
    pieces
}

fn replace<'e>(text: &Text<'e>, call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    let needle = call.text(0)?;
    let replacement = call.text(1)?;
    spend_search(text, &needle, call)?;
    let Some(start) = text.find(&needle, 0) else {
        return Ok(Value::Text(text.clone()));
    };
    let before = text.slice(0, start);
    let after = text.slice(start.saturating_add(needle.len()), usize::MAX);
    let inserted = expand(&replacement, &before, &needle, &after, call)?;
    let joined = concat(&concat(&before, &inserted, call.budget)?, &after, call.budget)?;
    Ok(Value::Text(joined))
}

/// The replacement with `$$`, `$&`, `` $` `` and `$'` filled in.
fn expand<'e>(
    replacement: &Text<'e>,
    before: &Text<'_>,
    needle: &Text<'_>,
    after: &Text<'_>,
    call: Call<'_, '_>,
) -> Outcome<Text<'e>> {
    if !replacement.contains(&Text::Borrowed("$")) {
        return Ok(replacement.clone());
    }
    let units = replacement.units();
    let mut expanded: Vec<u16> = Vec::new();
    let mut rest: &[u16] = &units;
    while let Some((unit, after_unit)) = rest.split_first() {
        let second = after_unit.first().copied().filter(|_| *unit == u16::from(b'$'));
        let filling = match second.and_then(|unit| u8::try_from(unit).ok()) {
            Some(b'$') => Some(&Text::Borrowed("$")),
            Some(b'&') => Some(needle),
            Some(b'`') => Some(before),
            Some(b'\'') => Some(after),
            _ => None,
        };
        if let Some(filling) = filling {
            call.budget.spend(filling.cost())?;
            expanded.extend(filling.units().iter());
            rest = after_unit.get(1..).unwrap_or_default();
        } else {
            expanded.push(*unit);
            rest = after_unit;
        }
    }
    Ok(Text::from_units(&expanded))
}

fn repeat<'e>(text: &Text<'e>, call: Call<'_, 'e>) -> Outcome<Value<'e>> {
    let times = call.integer(0)?;
    if times < 0.0 || times.is_infinite() {
        return Err(Abrupt::RangeError("the count of repeat is out of range"));
    }
    if text.is_empty() && times <= f64::from(i32::MAX) {
        return Ok(Value::Text(Text::Borrowed("")));
    }
    let times = to_index(times, usize::MAX);
    // Engines differ on how often an empty text can be repeated.
    call.budget.spend(text.cost().max(1).saturating_mul(times))?;
    Ok(Value::Text(match text.as_str() {
        Some(text) => Text::Owned(text.repeat(times).into()),
        None => Text::from_units(&text.units().repeat(times)),
    }))
}

fn pad<'e>(text: &Text<'e>, call: Call<'_, 'e>, start: bool) -> Outcome<Value<'e>> {
    let length = to_index(call.integer(0)?, usize::MAX);
    let missing = length.saturating_sub(text.len());
    let filler = match call.argument(1) {
        _ if missing == 0 => Text::Borrowed(""),
        Value::Undefined => Text::Borrowed(" "),
        filler => filler.to_text(call.budget)?,
    };
    if filler.is_empty() {
        return Ok(Value::Text(text.clone()));
    }
    call.budget.spend(text.cost().saturating_add(missing))?;
    let padding: Vec<u16> = filler.units().iter().copied().cycle().take(missing).collect();
    let (units, padding) = (text.units(), padding.as_slice());
    let padded = if start { [padding, &units].concat() } else { [&units, padding].concat() };
    Ok(Value::Text(Text::from_units(&padded)))
}
