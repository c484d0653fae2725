//! What a bot's JavaScript is called and reaches for: a plain look at the text, nothing is run.
//!
//! Good enough to tell an operator what a bot will ask of its server. A name put together at run
//! time is not found; one inside a comment is.

use std::collections::{BTreeMap, BTreeSet};

use super::files::BotFiles;
use super::report::CodeNeeds;

/// Most different names kept of each kind.
const MAX_NAMES: usize = 500;

/// The JavaScript of a bot, or of the server's global folder.
#[derive(Debug, Default)]
pub(crate) struct Code {
    /// Actions by name: their path below `actions/` without `.js`.
    pub(crate) actions: BTreeSet<String>,
    /// Hooks: type and path below the type's folder without `.js`.
    pub(crate) hooks: Vec<(String, String)>,
    /// Content types that scripts define.
    pub(crate) content_types: BTreeSet<String>,
    /// Flow names that scripts mention: they may jump there.
    pub(crate) mentioned_flows: BTreeSet<String>,
    /// What goes into the report.
    pub(crate) needs: CodeNeeds,
}

impl Code {
    /// Looks through all scripts.
    pub(crate) fn scan(files: &BotFiles) -> Self {
        let mut code = Self::default();
        for (file, bytes) in files.below("actions/") {
            let name = without_js(file, "actions/");
            // Documents for action servers are no actions of the server.
            let for_server = name.rsplit_once('.').is_some_and(|(_, end)| end == "http");
            if !for_server && code.actions.len() < MAX_NAMES {
                code.actions.insert(name.to_owned());
            }
            code.script(file, bytes);
        }
        for (file, bytes) in files.below("hooks/") {
            let name = without_js(file, "hooks/");
            if let Some((kind, name)) = name.split_once('/')
                && code.hooks.len() < MAX_NAMES
            {
                code.hooks.push((kind.to_owned(), name.to_owned()));
                let hooks = &mut code.needs.hooks;
                hooks.entry(kind.to_owned()).or_default().push(name.to_owned());
            }
            code.script(file, bytes);
        }
        for (file, bytes) in files.below("content-types/") {
            let text = String::from_utf8_lossy(bytes);
            let ids = literals_after(&text, "id:");
            code.content_types.extend(ids.take(MAX_NAMES).map(str::to_owned));
            code.script(file, bytes);
        }
        code
    }

    fn script(&mut self, file: &str, bytes: &[u8]) {
        if self.needs.scripts.len() < MAX_NAMES {
            self.needs.scripts.push(file.to_owned());
        }
        let text = String::from_utf8_lossy(bytes);
        let required: BTreeSet<&str> = literals_after(&text, "require(").collect();
        for module in required {
            count(&mut self.needs.requires, module);
        }
        for call in sdk_calls(&text) {
            count(&mut self.needs.calls, call);
        }
        for mention in text.split(['\'', '"', '`']).filter(|text| text.contains(".flow.json")) {
            let flow = mention.split('#').next().unwrap_or(mention);
            if self.mentioned_flows.len() < MAX_NAMES {
                self.mentioned_flows.insert(flow.to_owned());
            }
        }
    }
}

/// Whether a script is a builtin of v12 that a data directory or bot holds a copy of
/// (`spec` runtime 6.9, 15.1).
pub(crate) fn is_builtin_hook(name: &str) -> bool {
    const BUILTIN: [&str; 11] = [
        "apply_nlu_contexts",
        "00_dialog_engine",
        "01_expire_nlu_contexts",
        "05_extract_slots",
        "00_user_attributes",
        "quick_replies",
        "00_misunderstood_flag",
        "00_create_shortlink",
        "00_delete_shortlink",
        "stage-reviewers-approve",
        "00_set_nlu_language",
    ];
    BUILTIN.contains(&name.rsplit('/').next().unwrap_or(name))
}

fn without_js<'f>(file: &'f str, folder: &str) -> &'f str {
    let name = file.strip_prefix(folder).unwrap_or(file);
    name.get(..name.len().saturating_sub(".js".len())).unwrap_or(name)
}

fn count(counts: &mut BTreeMap<String, usize>, name: &str) {
    if let Some(count) = counts.get_mut(name) {
        *count += 1;
    } else if counts.len() < MAX_NAMES {
        counts.insert(name.to_owned(), 1);
    }
}

/// The string literals that directly follow `mark`, e.g. `axios` of `require('axios')`.
fn literals_after<'t>(text: &'t str, mark: &'t str) -> impl Iterator<Item = &'t str> {
    text.split(mark).skip(1).filter_map(|after| {
        let after = after.trim_start();
        let quote = after.chars().next().filter(|first| matches!(first, '\'' | '"' | '`'))?;
        let (literal, _) = after.get(1..)?.split_once(quote)?;
        (literal.len() <= 100 && !literal.is_empty() && !literal.contains('\n')).then_some(literal)
    })
}

/// Calls such as `bp.events.replyToEvent` and names such as `bp.IO.WellKnownFlags`.
fn sdk_calls(text: &str) -> impl Iterator<Item = &str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$' | '.');
    text.match_indices("bp.").filter_map(move |(at, _)| {
        let before = text.get(..at)?.chars().next_back();
        if before.is_some_and(is_name) {
            return None;
        }
        let path = text.get(at..)?;
        let path = path.get(..path.find(|c| !is_name(c)).unwrap_or(path.len()))?;
        // `bp.kvs.forBot(id).get` and deeper constants end where the SDK's own names end.
        let end = path.match_indices('.').nth(2).map_or(path.len(), |(end, _)| end);
        path.get(..end).filter(|path| path.len() > "bp.".len() && path.len() <= 100)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scan(files: &[(&str, &str)]) -> Code {
        Code::scan(&files.iter().copied().collect())
    }

    #[test]
    fn actions_and_hooks_are_called_by_their_paths() {
        let code = scan(&[
            ("actions/pay.js", ""),
            ("actions/Util/add.js", ""),
            ("actions/remote.http.js", ""),
            ("actions/.off.js", ""),
            ("hooks/after_bot_mount/a/b.js", ""),
            ("hooks/stray.js", ""),
        ]);
        assert_eq!(code.actions.iter().collect::<Vec<_>>(), ["Util/add", "pay"]);
        assert_eq!(code.hooks, [("after_bot_mount".to_owned(), "a/b".to_owned())]);
        assert_eq!(code.needs.scripts.len(), 5);
    }

    #[test]
    fn needs_are_read_off_the_text() {
        let code = scan(&[(
            "actions/a.js",
            "const axios = require('axios'); require( \"./x\" ); require(name)\n\
             await bp.events.replyToEvent(event, []); bp.kvs.forBot(id).get('x'); xbp.a.b\n\
             bp.dialog.jumpTo(s, event, 'Shop.flow.json', 'x'); bp.IO.WellKnownFlags.SKIP; bp.",
        )]);
        let keys = |map: &BTreeMap<String, usize>| map.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&code.needs.requires), ["./x", "axios"]);
        assert_eq!(
            keys(&code.needs.calls),
            ["bp.IO.WellKnownFlags", "bp.dialog.jumpTo", "bp.events.replyToEvent", "bp.kvs.forBot"]
        );
        assert!(code.mentioned_flows.contains("Shop.flow.json"));
    }

    #[test]
    fn content_types_are_known_by_their_id() {
        let code = scan(&[("content-types/x.js", "module.exports = { id: 'custom_poll', x: 1 }")]);
        assert!(code.content_types.contains("custom_poll"));
    }
}
