//! Content elements: texts that are missing, in the default language or another
//! (`spec` runtime 4.3, 4.5).

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value};

use super::super::findings::{Findings, Place};
use super::super::quote::{list, quote};
use super::{Context, STUCK, Say, templates};
use crate::bot::ContentElement;
use crate::js;

/// Builtin content types, each with the properties without which its payload says nothing.
const TYPES: [(&str, &[&str]); 11] = [
    ("builtin_text", &["text"]),
    ("builtin_image", &["image"]),
    ("builtin_audio", &["audio"]),
    ("builtin_video", &["video"]),
    ("builtin_file", &["file"]),
    ("builtin_location", &["latitude", "longitude"]),
    ("builtin_card", &["title"]),
    ("builtin_carousel", &["items"]),
    ("builtin_single-choice", &["choices"]),
    ("dropdown", &["options"]),
    ("builtin_action-button", &[]),
];

/// Most strings of one element that are looked at.
const MAX_STRINGS: usize = 2_000;

/// Checks the elements that are said.
pub(super) fn check(context: &Context<'_>, said: &HashMap<&str, Say>, findings: &mut Findings) {
    let mut untranslated: BTreeMap<(&str, &str), Vec<&str>> = BTreeMap::new();
    for element in in_order(context) {
        let Some(say) = said.get(element.id.as_str()) else {
            continue;
        };
        let place = |field: &str| {
            let place = Place::field(&file_of(element), &format!("{}.{field}", element.id));
            if say.reached { place } else { place.unreached() }
        };
        let Some((_, required)) = TYPES.iter().find(|(name, _)| *name == element.content_type)
        else {
            unknown_type(context, element, place("formData"), findings);
            continue;
        };
        for property in *required {
            missing(context, element, property, place(property), findings);
            for language in &context.bot.config.languages {
                if *language != context.bot.config.default_language
                    && own(&element.form_data, property, language).is_none()
                {
                    let key = (element.content_type.as_str(), language.as_str());
                    untranslated.entry(key).or_default().push(&element.id);
                }
            }
        }
        let mut left = MAX_STRINGS;
        for (key, value) in &element.form_data {
            strings(value, &mut left, &mut |text| {
                templates::check(text, &|root| say.args.contains(root), || place(key), findings);
            });
        }
    }
    for ((content_type, language), ids) in untranslated {
        findings.info(
            Place::file(&format!("content-elements/{content_type}.json")),
            "missing-translation",
            format!(
                "{} elements have nothing in {}: {}",
                ids.len(),
                quote(language),
                list(ids.iter().copied(), 5)
            ),
            "they are said in the default language",
        );
    }
}

/// The elements in a stable order.
pub(super) fn in_order<'a>(context: &Context<'a>) -> Vec<&'a ContentElement> {
    let mut elements: Vec<&ContentElement> = context.bot.elements.values().collect();
    elements.sort_by(|a, b| (&a.content_type, &a.id).cmp(&(&b.content_type, &b.id)));
    elements
}

/// The file that an element came from.
pub(super) fn file_of(element: &ContentElement) -> String {
    format!("content-elements/{}.json", element.content_type)
}

/// Calls `visit` for every string inside, at most `left` times.
pub(super) fn strings(value: &Value, left: &mut usize, visit: &mut dyn FnMut(&str)) {
    if *left == 0 {
        return;
    }
    match value {
        Value::String(text) => {
            *left -= 1;
            visit(text);
        }
        Value::Array(items) => items.iter().for_each(|item| strings(item, left, visit)),
        Value::Object(fields) => fields.values().for_each(|item| strings(item, left, visit)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn unknown_type(
    context: &Context<'_>,
    element: &ContentElement,
    place: Place,
    findings: &mut Findings,
) {
    let name = &element.content_type;
    let defined =
        [context.code, context.shared].iter().any(|code| code.content_types.contains(name));
    let (code, problem) = if defined {
        let problem = format!("its content type {} is defined in JavaScript", quote(name));
        ("needs-javascript", problem)
    } else {
        ("unknown-content-type", format!("there is no content type {}", quote(name)))
    };
    findings.error(place, code, problem, STUCK);
}

/// Reports a property without a value in the default language.
fn missing(
    context: &Context<'_>,
    element: &ContentElement,
    property: &str,
    place: Place,
    findings: &mut Findings,
) {
    let language = &context.bot.config.default_language;
    if own(&element.form_data, property, language).is_some() {
        return;
    }
    let variations = own(&element.form_data, "variations", language);
    if property == "text" && variations.is_some() {
        return;
    }
    let prefix = format!("{property}$");
    let other = element.form_data.iter().find(|(key, value)| {
        (*key == property || key.starts_with(&prefix)) && js::truthy(value) && !value.is_object()
    });
    match other {
        Some((key, _)) => findings.info(
            place,
            "other-language",
            format!("has no {property} in the default language {}", quote(language)),
            format!("{} is used; v12 would send nothing", quote(key)),
        ),
        None => findings.warn(
            place,
            "empty-element",
            format!("has no {property}"),
            "the message goes out without it",
        ),
    }
}

/// The value of a property in a language; falsy ones count as absent, as in v12.
fn own<'e>(form_data: &'e Map<String, Value>, property: &str, language: &str) -> Option<&'e Value> {
    let flat = form_data.get(&format!("{property}${language}"));
    let nested = || form_data.get(property).and_then(|value| value.get(language));
    flat.filter(|value| js::truthy(value)).or_else(nested).filter(|value| js::truthy(value))
}
