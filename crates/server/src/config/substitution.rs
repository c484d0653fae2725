//! Substitutions in configuration files before they are parsed (`spec` runtime 1.3): `%NAME%`,
//! `%BOTPRESS_DIR%`, `"$isProduction"`, `"$isDevelopment"`.
//!
//! What is put in is made to fit the place: inside a string it is escaped, outside it is a JSON
//! value. So a password with a quote in it breaks nothing, and lines keep their numbers. What was
//! put in is not looked at again.

use serde_json::Value;

use super::environment::Environment;

/// The variable that stands for the folder with the data directory.
const PROJECT_DIR: &str = "BOTPRESS_DIR";

/// `text` with everything filled in. Names that the environment does not have stay as they are.
pub fn substitute(text: &str, environment: &Environment) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_string = false;
    while let Some(next) = rest.find(['"', '\\', '%']) {
        let (before, from_here) = rest.split_at(next);
        filled.push_str(before);
        let (put, taken) = if from_here.starts_with('\\') {
            (None, 1 + from_here.chars().nth(1).map_or(0, char::len_utf8))
        } else if from_here.starts_with('%') {
            let (value, taken) = variable(from_here, environment).unwrap_or((None, 1));
            (value.map(|value| fit(&value, in_string)), taken)
        } else if let Some((value, taken)) = mode_switch(from_here, environment)
            && !in_string
        {
            (Some(value.to_owned()), taken)
        } else {
            in_string = !in_string;
            (None, 1)
        };
        let (here, after) = from_here.split_at(taken.min(from_here.len()));
        filled.push_str(put.as_deref().unwrap_or(here));
        rest = after;
    }
    filled.push_str(rest);
    filled
}

/// A string that stands for whether this is production, at the start of `text`: value and length.
fn mode_switch(text: &str, environment: &Environment) -> Option<(&'static str, usize)> {
    let production = is_production(environment);
    let switches = [("\"$isProduction\"", production), ("\"$isDevelopment\"", !production)];
    let (name, on) = switches.into_iter().find(|(name, _)| text.starts_with(name))?;
    Some((if on { "true" } else { "false" }, name.len()))
}

/// Whether `BP_PRODUCTION` is on. What it may hold is checked where settings are read.
fn is_production(environment: &Environment) -> bool {
    environment.get("BP_PRODUCTION").and_then(super::reader::parse_switch).unwrap_or(false)
}

/// A `%NAME%` at the start of `text`: its value, if it has one, and its length with the signs.
fn variable(text: &str, environment: &Environment) -> Option<(Option<String>, usize)> {
    let inside = text.strip_prefix('%')?;
    let end = inside.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let name = inside.get(..end)?;
    if !inside.get(end..)?.starts_with('%') || name.is_empty() {
        return None;
    }
    let value = if name == PROJECT_DIR {
        environment.project_dir().to_str()
    } else {
        environment.get(name)
    };
    Some((value.map(str::to_owned), end + 2))
}

/// A variable's value in the form that fits: inside a string its text, outside a JSON value.
fn fit(value: &str, in_string: bool) -> String {
    let parsed: Result<Value, _> = serde_json::from_str(value);
    if in_string {
        let text = match parsed {
            Ok(Value::String(text)) => text,
            _ => value.to_owned(),
        };
        let quoted = Value::String(text).to_string();
        quoted.get(1..quoted.len() - 1).unwrap_or_default().to_owned()
    } else {
        parsed.unwrap_or_else(|_| Value::String(value.to_owned())).to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn environment() -> Environment {
        Environment::from_pairs([
            ("NAME", "Ada"),
            ("QUOTE", "a\"b\\c\nd"),
            ("QUOTED", "\"text\""),
            ("NUMBER", "3001"),
            ("LIST", "[1,\n2]"),
            ("LOOP", "%NAME%"),
        ])
        .with_project_dir("/srv/bots")
    }

    #[test]
    fn values_are_put_where_their_names_stand() {
        for (text, expected) in [
            (r#"{"a": "Hi %NAME%!"}"#, r#"{"a": "Hi Ada!"}"#),
            (r#"{"a": %NUMBER%, "b": "%NUMBER%"}"#, r#"{"a": 3001, "b": "3001"}"#),
            (r#"{"a": %NAME%}"#, r#"{"a": "Ada"}"#),
            (r#"{"a": "%QUOTED%"}"#, r#"{"a": "text"}"#),
            (r#"{"a": %LIST%}"#, r#"{"a": [1,2]}"#),
            (r#"{"a": "%BOTPRESS_DIR%/x"}"#, r#"{"a": "/srv/bots/x"}"#),
            (r#"{"a": "%QUOTE%"}"#, r#"{"a": "a\"b\\c\nd"}"#),
            (r#"{"a": "\"%NAME%"}"#, r#"{"a": "\"Ada"}"#),
            (r#"{"a": "%LOOP%"}"#, r#"{"a": "%NAME%"}"#),
        ] {
            assert_eq!(substitute(text, &environment()), expected);
        }
    }

    #[test]
    fn what_is_no_known_variable_stays() {
        let texts =
            ["100% sure, 50%", "%UNSET%", "%UNSET%NAME%", "%%", "%NAME", "%NA-ME%", "\\", ""];
        for text in texts {
            assert_eq!(substitute(text, &environment()), text);
        }
    }

    #[test]
    fn the_mode_becomes_a_boolean() {
        let text = r#"["$isProduction", "$isDevelopment", "a $isProduction"]"#;
        let development = r#"[false, true, "a $isProduction"]"#;
        let production = r#"[true, false, "a $isProduction"]"#;
        assert_eq!(substitute(text, &Environment::default()), development);
        let environment = Environment::from_pairs([("BP_PRODUCTION", "true")]);
        assert_eq!(substitute(text, &environment), production);
    }

    proptest! {
        #[test]
        fn json_stays_json_whatever_the_value(value in any::<String>()) {
            let environment = Environment::from_pairs([("X", value)]);
            for text in [r#"{"a": "%X%"}"#, r#"{"a": %X%}"#, r#"["\\%X%", "\"", "%X%"]"#] {
                let filled = substitute(text, &environment);
                // An empty variable is not set, so the bare form stays as it is.
                if environment.get("X").is_some() {
                    prop_assert!(serde_json::from_str::<Value>(&filled).is_ok(), "{}", filled);
                }
                prop_assert_eq!(filled.lines().count(), 1);
            }
        }

        #[test]
        fn any_text_is_survived(text in r#"["\\%A-Z ]{0,40}"#) {
            prop_assert!(substitute(&text, &Environment::default()).len() <= text.len());
        }
    }
}
