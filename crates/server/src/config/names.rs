//! Which names `botpress.config.json` may hold, and what becomes of others.
//!
//! v12 tolerates unknown names, so in its sections they are warnings; in sections that only
//! Parlance has they are errors.

use serde_json::Value;

use super::problem::Problem;
use super::reader::{Reader, shown};
use super::reference::{SETTINGS, WITHOUT_EFFECT};

/// Sections that v12 does not have.
const OURS: [&str; 10] = [
    "parlance",
    "parlance.auth",
    "parlance.outbound",
    "parlance.turns",
    "httpServer.rateLimit.perToken",
    "httpServer.rateLimit.perUser",
    "httpServer.rateLimit.perBot",
    "converse.rateLimit",
    "converse.rateLimit.perUser",
    "converse.rateLimit.perBot",
];

/// Longer names are not compared with the known ones, in characters.
const MAX_COMPARED: usize = 100;

/// Names as different as this from every known one get no suggestion.
const MIN_SIMILARITY: f64 = 0.8;

/// All names with a meaning in the file, as dotted paths: settings, and sections that are read past.
fn known() -> impl Iterator<Item = &'static str> {
    SETTINGS.iter().filter_map(|setting| setting.key).chain(WITHOUT_EFFECT)
}

fn is_section(path: &str) -> bool {
    known().any(|name| is_below(name, path))
}

fn is_below(name: &str, section: &str) -> bool {
    name.strip_prefix(section).is_some_and(|rest| rest.starts_with('.'))
}

/// Looks at every name of the file.
pub(super) fn check(reader: &mut Reader<'_>) {
    match reader.root() {
        Value::Object(_) => check_section(reader, &[], reader.root()),
        root => reader.problem(Problem {
            origin: reader.origin_of(&[]),
            key: None,
            found: shown(root),
            allowed: "an object".to_owned(),
        }),
    }
}

/// Goes as deep as the known names do.
fn check_section(reader: &mut Reader<'_>, path: &[&str], section: &Value) {
    for (name, value) in section.as_object().into_iter().flatten() {
        if reader.is_full() {
            return;
        }
        let path: Vec<&str> = path.iter().copied().chain([name.as_str()]).collect();
        let dotted = path.join(".");
        if known().any(|known| known == dotted) || value.is_null() && is_section(&dotted) {
            continue;
        }
        if !is_section(&dotted) {
            report_unknown(reader, &path, value);
        } else if value.is_object() {
            check_section(reader, &path, value);
        } else {
            reader.refuse(&dotted, "an object");
        }
    }
}

fn report_unknown(reader: &mut Reader<'_>, path: &[&str], value: &Value) {
    let origin = reader.origin_of(path);
    let section = path.split_last().map_or_else(String::new, |(_, section)| section.join("."));
    let dotted = path.join(".");
    if OURS.contains(&section.as_str()) {
        let names: Vec<&str> = known().filter(|name| is_below(name, &section)).collect();
        let allowed = format!("only {}", names.join(", "));
        reader.problem(Problem { origin, key: Some(dotted), found: shown(value), allowed });
    } else {
        let hint =
            nearest(&dotted).map_or_else(String::new, |name| format!("; did you mean {name}?"));
        reader.warn(origin, format!("{dotted}: unknown setting, ignored{hint}"));
    }
}

fn nearest(dotted: &str) -> Option<&'static str> {
    if dotted.len() > MAX_COMPARED {
        return None;
    }
    let similarity = |name: &str| {
        strsim::normalized_damerau_levenshtein(
            &name.to_ascii_lowercase(),
            &dotted.to_ascii_lowercase(),
        )
    };
    known()
        .map(|name| (similarity(name), name))
        .filter(|(similarity, _)| *similarity >= MIN_SIMILARITY)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, name)| name)
}

/// What a `BP_CONFIG_…` variable stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Override {
    /// A setting or a section, as a dotted path.
    Path(String),
    /// Something of v12's that has no effect here.
    WithoutEffect,
    /// Nothing known; perhaps another variable was meant.
    Unknown(Option<String>),
}

/// Prefix of the variables that override the file.
pub(super) const PREFIX: &str = "BP_CONFIG_";

/// Reads the name of a variable, case-insensitively; `None` when it does not start with [`PREFIX`].
pub(super) fn overridden(variable: &str) -> Option<Override> {
    let upper = variable.to_ascii_uppercase();
    let wanted = upper.strip_prefix(PREFIX)?;
    let form = |path: &str| path.replace('.', "_").to_ascii_uppercase();
    let sections = known().flat_map(|name| {
        name.char_indices().filter(|(_, c)| *c == '.').filter_map(|(at, _)| name.get(..at))
    });
    if let Some(path) = known().chain(sections).find(|path| form(path) == wanted) {
        return Some(Override::Path(path.to_owned()));
    }
    let inside =
        |path: &&str| wanted.strip_prefix(&form(path)).is_some_and(|rest| rest.starts_with('_'));
    if WITHOUT_EFFECT.iter().any(inside) {
        return Some(Override::WithoutEffect);
    }
    let dotted = wanted.replace('_', ".");
    Some(Override::Unknown(nearest(&dotted).map(|path| format!("{PREFIX}{}", form(path)))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_matched_without_regard_to_case() {
        for (variable, expected) in [
            ("BP_CONFIG_HTTPSERVER_PORT", "httpServer.port"),
            ("bp_config_httpServer_rateLimit_perUser_limit", "httpServer.rateLimit.perUser.limit"),
            ("BP_CONFIG_CONVERSE", "converse"),
            ("BP_CONFIG_HTTPSERVER_RATELIMIT", "httpServer.rateLimit"),
            ("BP_CONFIG_PRO", "pro"),
        ] {
            assert_eq!(overridden(variable), Some(Override::Path(expected.to_owned())));
        }
        assert_eq!(overridden("BP_CONFIG_PRO_MONITORING_ENABLED"), Some(Override::WithoutEffect));
        assert_eq!(overridden("PATH"), None);
    }

    #[test]
    fn a_misspelt_variable_gets_a_suggestion() {
        let meant = "BP_CONFIG_HTTPSERVER_PORT".to_owned();
        assert_eq!(overridden("BP_CONFIG_HTTPSERVER_PROT"), Some(Override::Unknown(Some(meant))));
        assert_eq!(overridden("BP_CONFIG_NONSENSE"), Some(Override::Unknown(None)));
    }
}
