//! Instructions: what is said, and which actions are called (`spec` runtime 2.4, 4.1, 4.2).

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::super::findings::Findings;
use super::super::quote::quote;
use super::{Context, STUCK, templates};
use crate::bot::{Flow, Node, NodeKind};
use crate::content::is_known_type;

/// The actions that come with v12 (`spec` runtime 5.7, 6.9, 9).
const V12_ACTIONS: [&str; 28] = [
    "builtin/setVariable",
    "builtin/removeVariable",
    "builtin/resetSession",
    "builtin/appendContext",
    "builtin/removeContext",
    "builtin/resetContext",
    "builtin/setGlobalVariable",
    "builtin/getGlobalVariable",
    "builtin/resetGlobalVariable",
    "builtin/incrementNumberOfConversations",
    "builtin/getNumberOfConversations",
    "builtin/switchLanguage",
    "builtin/wait",
    "builtin/sendFeedback",
    "builtin/storeFileLocally",
    "basic-skills/choice_parse_answer",
    "basic-skills/choice_invalid_answer",
    "basic-skills/slot_fill",
    "basic-skills/slot_not_found",
    "basic-skills/slot_reset",
    "basic-skills/slot_update_contexts",
    "basic-skills/call_api",
    "basic-skills/send_email",
    "analytics/set",
    "misunderstood/flag",
    "channel-web/sendDataToChat",
    "hitlnext/handoff",
    "hitlnext/check_agents",
];

/// How a content element is said.
#[derive(Debug, Default)]
pub(crate) struct Say {
    /// Names of the arguments given with it, anywhere.
    pub(crate) args: HashSet<String>,
    /// Whether some instruction that can be reached says it.
    pub(crate) reached: bool,
}

/// What an instruction belongs to.
struct At<'a> {
    flow: &'a Flow,
    node: Option<&'a Node>,
    field: String,
}

/// Checks all instructions; gives back which elements are said, by id.
pub(super) fn check<'a>(context: &Context<'a>, findings: &mut Findings) -> HashMap<&'a str, Say> {
    let mut checker = Checker { context, findings, said: HashMap::new() };
    for flow in context.bot.flows.values() {
        checker.list(flow, None, "catchAll.onReceive", &flow.catch_all.on_receive);
        for node in &flow.nodes {
            checker.list(flow, Some(node), "onEnter", &node.on_enter);
            checker.list(flow, Some(node), "onReceive", node.on_receive.as_deref().unwrap_or(&[]));
            if let NodeKind::SaySomething { content_type, .. } = &node.kind {
                let field = "content.contentType".to_owned();
                checker.content_type(&At { flow, node: Some(node), field }, content_type);
            }
        }
    }
    checker.said
}

/// The names of actions that flows call and that do not come with v12, and how often each is.
pub(crate) fn own_actions<'a>(
    instructions: impl Iterator<Item = &'a String>,
) -> std::collections::BTreeMap<String, usize> {
    let mut counts = std::collections::BTreeMap::new();
    for text in instructions {
        let name = text.split(' ').next().unwrap_or("");
        if name != "say"
            && !V12_ACTIONS.contains(&name)
            && is_action_name(name)
            && counts.len() < 500
        {
            *counts.entry(name.to_owned()).or_insert(0) += 1;
        }
    }
    counts
}

/// Whether this can be the path of a script; free text in the place of an instruction cannot.
fn is_action_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '/' | '.' | ':'))
}

struct Checker<'c, 'a, 'f> {
    context: &'c Context<'a>,
    findings: &'f mut Findings,
    said: HashMap<&'a str, Say>,
}

impl<'a> Checker<'_, 'a, '_> {
    fn list(&mut self, flow: &'a Flow, node: Option<&'a Node>, field: &str, texts: &'a [String]) {
        for (index, text) in texts.iter().enumerate() {
            let at = At { flow, node, field: format!("{field}[{index}]") };
            match text.strip_prefix("say ") {
                Some(said) => self.say(&at, said),
                None => self.action(&at, text),
            }
        }
    }

    fn error(&mut self, at: &At<'_>, code: &'static str, problem: String, effect: &str) {
        let place = self.context.place(at.flow, at.node, &at.field);
        self.findings.error(place, code, problem, effect);
    }

    fn say(&mut self, at: &At<'a>, said: &'a str) {
        let (reference, args) = said.split_once(' ').unwrap_or((said, ""));
        let Some(args) = self.args(at, args, STUCK) else {
            return;
        };
        let reference = reference.strip_prefix('#').unwrap_or(reference);
        let Some(id) = reference.strip_prefix('!') else {
            self.content_type(at, reference.strip_prefix('@').unwrap_or(reference));
            return;
        };
        let place = self.context.place(at.flow, at.node, &at.field);
        let reached = place.is_reached();
        if !self.context.bot.elements.contains_key(id) {
            let problem = if id.is_empty() {
                "names no content element".to_owned()
            } else {
                format!("there is no content element {}", quote(id))
            };
            self.findings.error(place, "unknown-element", problem, STUCK);
            return;
        }
        let say = self.said.entry(id).or_default();
        say.reached |= reached;
        for (name, _) in args {
            if say.args.len() < 100 {
                say.args.insert(name);
            }
        }
    }

    fn content_type(&mut self, at: &At<'_>, name: &str) {
        if is_known_type(name) {
            return;
        }
        let defined = [self.context.code, self.context.shared]
            .iter()
            .any(|code| code.content_types.contains(name));
        if defined {
            let problem = format!("the content type {} is defined in JavaScript", quote(name));
            self.error(at, "needs-javascript", problem, STUCK);
        } else {
            let problem = format!("there is no content type {}", quote(name));
            self.error(at, "unknown-content-type", problem, STUCK);
        }
    }

    /// The arguments after a name: empty, or a JSON object. `None` after a finding.
    fn args(&mut self, at: &At<'_>, text: &str, effect: &str) -> Option<Map<String, Value>> {
        if text.is_empty() {
            return Some(Map::new());
        }
        match serde_json::from_str(text) {
            Ok(Value::Object(args)) => Some(args),
            Ok(_) => Some(Map::new()),
            Err(error) => {
                let problem = format!("its arguments are no valid JSON: {error}");
                self.error(at, "invalid-arguments", problem, effect);
                None
            }
        }
    }

    fn action(&mut self, at: &At<'_>, text: &str) {
        let (name, args) = text.split_once(' ').unwrap_or((text, ""));
        if !is_action_name(name) {
            return self.not_an_instruction(at, text);
        }
        if let Some((server, action)) = name.split_once(':') {
            let problem = format!(
                "calls the action {} of the action server {}",
                quote(action),
                quote(server)
            );
            return self.error(at, "action-server", problem, self.context.failure());
        }
        self.known_action(at, name);
        if let Some(args) = self.args(at, args, STUCK) {
            for (key, value) in &args {
                let Value::String(text) = value else { continue };
                let place = || self.context.place(at.flow, at.node, &format!("{}.{key}", at.field));
                templates::check(text, &|root| args.contains_key(root), place, self.findings);
            }
            if name == "builtin/setVariable" {
                self.set_variable(at, &args);
            }
        }
    }

    fn known_action(&mut self, at: &At<'_>, name: &str) {
        let failure = self.context.failure();
        let exists = |code: &super::Code| code.actions.contains(name);
        if (self.context.native_action)(name) {
            return;
        }
        if V12_ACTIONS.contains(&name) {
            let problem = format!("v12's action {} is not available in this version", quote(name));
            self.error(at, "action-not-available", problem, failure);
        } else if exists(self.context.code) || exists(self.context.shared) {
            let problem = format!(
                "the action {} is written in JavaScript, which this version does not run",
                quote(name)
            );
            self.error(at, "needs-javascript", problem, failure);
        } else {
            let problem =
                format!("there is no action {}, neither in v12 nor in actions/", quote(name));
            self.error(at, "unknown-action", problem, failure);
        }
    }

    fn not_an_instruction(&mut self, at: &At<'_>, text: &str) {
        let problem = if text.is_empty() {
            "is an empty instruction".to_owned()
        } else if text.trim_start().to_lowercase().starts_with("say") {
            format!("{} is no instruction; to say something, write say #!<element id>", quote(text))
        } else {
            format!("{} is no instruction: neither `say` nor the name of an action", quote(text))
        };
        self.error(at, "not-an-instruction", problem, self.context.failure());
    }

    /// `builtin/setVariable` knows four scopes and needs a name.
    fn set_variable(&mut self, at: &At<'_>, args: &Map<String, Value>) {
        let text = |key: &str| args.get(key).and_then(Value::as_str).unwrap_or("");
        let scope = text("type");
        if !matches!(scope, "user" | "session" | "temp" | "bot") && !scope.contains("{{") {
            let problem = format!(
                "sets a variable of {}; there are user, session, temp and bot",
                quote(scope)
            );
            self.error(at, "unknown-scope", problem, self.context.failure());
        } else if text("name").is_empty() {
            let place = self.context.place(at.flow, at.node, &at.field);
            let problem = "sets a variable without a name";
            self.findings.warn(place, "nameless-variable", problem, "nothing can read it");
        }
    }
}
