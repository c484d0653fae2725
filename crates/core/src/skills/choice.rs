//! `basic-skills/choice_parse_answer` and `choice_invalid_answer` (`spec` runtime 9.2), for every
//! generation of the choice skill's flows.

use serde_json::{Map, Value, json};

use super::{Call, Outcome};
use crate::js;

const VALID: &str = "skill-choice-valid";
const PICKED: &str = "skill-choice-ret";
const INVALID_COUNT: &str = "skill-choice-invalid-count";

/// Finds out which choice the user's message means.
pub(super) fn parse_answer(call: &mut Call<'_>) -> Outcome {
    let empty = Map::new();
    let keywords = call.args.get("keywords").and_then(Value::as_object).unwrap_or(&empty);
    let entries: Vec<(&str, Vec<&str>)> =
        js::ordered_keys(keywords).into_iter().map(|key| (key, words(keywords.get(key)))).collect();
    let picked = by_number(call)
        .or_else(|| by_intent(call, &entries))
        .or_else(|| by_word(call, &entries, |text, word| text == word))
        .or_else(|| by_word(call, &entries, |text, word| text.contains(word)));
    let suffix = suffix(call);
    call.set_temp(&format!("{VALID}{suffix}"), Value::Bool(picked.is_some()));
    if let Some(picked) = picked {
        call.set_temp(&format!("{PICKED}{suffix}"), Value::String(picked));
    }
    Outcome::Done
}

/// Counts one more answer that meant none of the choices.
pub(super) fn invalid_answer(call: &mut Call<'_>) -> Outcome {
    let name = format!("{INVALID_COUNT}{}", suffix(call));
    let count = match call.state.temp.get(&name) {
        Some(Value::String(text)) if !text.is_empty() => json!(format!("{text}1")),
        count => js::number_to_json(count.and_then(Value::as_f64).unwrap_or(0.0) + 1.0),
    };
    call.set_temp(&name, count);
    Outcome::Done
}

/// What tells apart the variables of one choice from another's; nothing in the oldest bots.
fn suffix(call: &Call<'_>) -> String {
    let named = call.args.get("config").and_then(|config| config.get("variableName"));
    let random = call.args.get("randomId");
    let name = [named, random].into_iter().flatten().find(|name| js::truthy(name));
    name.map_or_else(String::new, |name| format!("-{}", js::to_text(name)))
}

/// Whether a switch of the skill's module configuration is on; both are unless switched off.
fn switched_on(call: &Call<'_>, name: &str) -> bool {
    let config = call.bot.modules.get("basic-skills");
    config.and_then(|config| config.get(name)).is_none_or(js::truthy)
}

fn words(value: Option<&Value>) -> Vec<&str> {
    let list = value.and_then(Value::as_array);
    list.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The n-th choice of an element that holds plain `choices`, as v12 reads it without a language.
fn by_number(call: &Call<'_>) -> Option<String> {
    if !switched_on(call, "matchNumbers") {
        return None;
    }
    let preview = call.event_text("/preview");
    let mark = |c: char| matches!(c, '#' | ')' | '.' | '!');
    let digits = preview.strip_prefix(mark).unwrap_or(&preview);
    let digits = digits.strip_suffix(mark).unwrap_or(digits);
    if digits.is_empty() || digits.len() > 2 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let index = digits.parse::<usize>().ok()?.checked_sub(1)?;
    let element = call.bot.elements.get(call.args.get("contentId")?.as_str()?)?;
    let choice = element.form_data.get("choices")?.as_array()?.get(index)?;
    choice.get("value").map(|value| js::to_text(value).into_owned())
}

fn by_intent(call: &Call<'_>, entries: &[(&str, Vec<&str>)]) -> Option<String> {
    if !switched_on(call, "matchNLU") {
        return None;
    }
    let intent = call.event.pointer("/nlu/intent/name").and_then(Value::as_str)?;
    let names_it = |word: &&str| {
        let (prefix, name) = word.split_at_checked("intent:".len()).unwrap_or(("", ""));
        prefix.eq_ignore_ascii_case("intent:") && name == intent
    };
    let (key, _) = entries.iter().find(|(_, words)| words.iter().any(names_it))?;
    Some((*key).to_owned())
}

/// The first entry with a keyword that fits the message's preview, text or button value.
fn by_word(
    call: &Call<'_>,
    entries: &[(&str, Vec<&str>)],
    fits: fn(&str, &str) -> bool,
) -> Option<String> {
    let texts = ["/preview", "/payload/text", "/payload/payload"]
        .map(|pointer| call.event_text(pointer).to_lowercase());
    let (key, _) = entries.iter().find(|(_, words)| {
        words.iter().any(|word| {
            let word = word.to_lowercase();
            texts.iter().any(|text| fits(text, &word))
        })
    })?;
    Some((*key).to_owned())
}
