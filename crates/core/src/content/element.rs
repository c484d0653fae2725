//! Elements in the user's language (`spec` runtime 4.3): which value a property has, and which of
//! several texts is said.

use serde_json::{Map, Value};

use crate::bot::Bot;
use crate::dialog::State;
use crate::js;

/// The languages that an element is looked up in, in this order.
pub(super) struct Languages<'a> {
    user: &'a str,
    default: &'a str,
}

impl<'a> Languages<'a> {
    /// Of the chat user and of the bot. Read anew for each element: a bot can switch languages
    /// between two of them.
    pub(super) fn of(state: &'a State, bot: &'a Bot) -> Self {
        let user = state.user.get("language").and_then(Value::as_str);
        // What JavaScript makes of a missing language; real bots have texts stored under it.
        Self { user: user.unwrap_or("undefined"), default: &bot.config.default_language }
    }
}

/// The value of `property`; `None` where it has none in these languages, or one that is not truthy.
///
/// v12 knows `<property>$<language>` and objects by language. Elements written by hand or by old
/// versions have the plain property, or a suffix that is no language of the bot (`$undefined`); v12
/// shows nothing for those, we show what is there.
pub(super) fn translated<'v>(
    form_data: &'v Map<String, Value>,
    property: &str,
    languages: &Languages<'_>,
) -> Option<&'v Value> {
    let (mut plain, mut in_user, mut in_default, mut in_any) = (None, None, None, None);
    for (key, value) in form_data {
        match key.strip_prefix(property).map(|rest| (rest, rest.strip_prefix('$'))) {
            Some(("", _)) => plain = Some(value),
            Some((_, Some(language))) => {
                if language == languages.user {
                    in_user = Some(value);
                }
                if language == languages.default {
                    in_default = Some(value);
                }
                in_any = in_any.or(Some(value).filter(|value| js::truthy(value)));
            }
            _ => {}
        }
    }
    let keyed = |language| plain.and_then(Value::as_object).and_then(|texts| texts.get(language));
    let in_languages = [in_user, in_default, keyed(languages.user), keyed(languages.default)];
    if let Some(value) = in_languages.into_iter().flatten().find(|value| js::truthy(value)) {
        return Some(value);
    }
    if in_languages.iter().any(Option::is_some) {
        // Said to be nothing in a language that counts, like `typing$en: false`.
        return None;
    }
    let plain = match plain {
        Some(Value::Object(texts)) => texts.values().find(|value| js::truthy(value)),
        plain => plain.filter(|value| js::truthy(value)),
    };
    plain.or(in_any)
}

/// The text to say, of an element's rendered properties: one of `text` and `variations`, each as
/// likely. An empty or missing one stands for `text`.
pub(super) fn chosen_text<'v>(
    form_data: &'v [(&str, Option<Value>)],
    pick: &mut dyn FnMut(usize) -> usize,
) -> Option<&'v str> {
    let property = |name| form_data.iter().find(|(property, _)| *property == name)?.1.as_ref();
    let variations = property("variations").and_then(Value::as_array);
    let variations = variations.map_or(&[][..], Vec::as_slice);
    let picked = match variations.len() {
        0 => 0,
        count => pick(count + 1),
    };
    let variation = picked.checked_sub(1).and_then(|index| variations.get(index));
    let variation = variation.and_then(Value::as_str).filter(|text| !text.is_empty());
    variation.or_else(|| property("text").and_then(Value::as_str))
}
