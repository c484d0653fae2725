//! Templates in texts: tags that are malformed or that nothing can fill (`spec` runtime 4.4).

use super::super::findings::{Findings, Place};
use super::super::quote::quote;
use super::STUCK;
use crate::content::template;
use crate::dialog::State;
use crate::scope::Scope;

/// The names that every template can see.
const COMMON: [&str; 6] = ["event", "user", "session", "temp", "bot", "workflow"];

/// Most tags of one text that are looked at.
const MAX_TAGS: usize = 100;

/// Checks the tags of `text`; `knows` says which names besides the common ones have a value.
pub(super) fn check(
    text: &str,
    knows: &dyn Fn(&str) -> bool,
    place: impl Fn() -> Place,
    findings: &mut Findings,
) {
    if !text.contains("{{") {
        return;
    }
    let event = serde_json::Value::Object(serde_json::Map::new());
    let state = State::new();
    let scope = Scope { event: &event, state: &state, args: None };
    if let Err(error) = template::render(text, scope) {
        let problem = format!("holds a malformed template: {}", error.problem);
        findings.error(place(), "bad-template", problem, STUCK);
        return;
    }
    let tags: Vec<&str> = tags(text).take(MAX_TAGS).collect();
    // Inside a section names are looked up in its value first.
    if tags.iter().any(|tag| tag.starts_with(['#', '^'])) {
        return;
    }
    for tag in tags {
        let path = tag.trim_start_matches(['{', '&']).trim();
        if path.is_empty() || path.starts_with(['!', '/', '>', '.', '=']) {
            continue;
        }
        let root = path.split('.').next().unwrap_or(path);
        let effect = "it is replaced by nothing";
        if path.contains(['[', ']', '(', ')', '\'', '"', '+', '*', '|', '?', '<', ' ']) {
            let problem = format!(
                "the template {} is no plain path such as user.name or temp.list.0",
                quote(path)
            );
            findings.warn(place(), "template-not-a-path", problem, effect);
        } else if !COMMON.contains(&root) && !knows(root) {
            let problem = format!(
                "the template {} starts with a name that has no value; there are {}",
                quote(path),
                COMMON.join(", ")
            );
            findings.warn(place(), "template-unknown-name", problem, effect);
        }
    }
}

/// What stands between `{{` and `}}`.
fn tags(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{").skip(1).filter_map(|after| after.split_once("}}").map(|(tag, _)| tag))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str) -> Vec<&'static str> {
        let mut findings = Findings::default();
        check(text, &|name| name == "given", || Place::file("f"), &mut findings);
        findings.finish().0.into_iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn plain_templates_are_fine() {
        for text in [
            "no tag",
            "{{user.name}}",
            "{{{ event.payload.text }}}",
            "{{&temp.list.0}}",
            "{{given}}",
            "{{! note }}",
            "{{#temp.list}}{{name}}{{/temp.list}}",
            "a }} b {{",
            "{{user.first-name}}",
            "{{session.$r}}",
        ] {
            assert_eq!(codes(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn tags_that_stay_empty_are_reported() {
        for (text, code) in [
            ("{{name}}", "template-unknown-name"),
            ("{{state.name}}", "template-unknown-name"),
            ("{{user['name']}}", "template-not-a-path"),
            ("{{temp.a + 1}}", "template-not-a-path"),
        ] {
            assert_eq!(codes(text), [code], "{text}");
        }
    }
}
