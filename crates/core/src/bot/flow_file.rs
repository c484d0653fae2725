//! `flows/**/*.flow.json` → [`Flow`] (`spec` runtime 2.1–2.3).
//!
//! v12 drops all flows of a bot when one is bad. Here a bad flow is left out alone, and of a flow
//! that can be understood only the bad parts are.

use serde_json::{Map, Value};

use super::findings::{Findings, Place};
use super::flow::{CatchAll, Flow, Node, NodeKind, Transition};
use super::json_file::{self, kind};
use super::quote::quote;
use super::report::Finding;
use crate::js;

/// Most nodes of a flow.
const MAX_NODES: usize = 5_000;
/// Most entries of one list of instructions or transitions.
const MAX_LIST: usize = 1_000;

/// What follows when a flow cannot be used.
const FLOW_LEFT_OUT: &str = "the flow is left out; whatever leads to it fails";

/// Node types that behave alike in the classic engine (`spec` runtime 2.3).
const PLAIN_TYPES: [&str; 8] =
    ["standard", "action", "router", "execute", "listen", "trigger", "success", "failure"];

/// Reads the flow called `name` from the bytes of its file, alone.
pub fn parse_flow(name: &str, bytes: &[u8]) -> (Option<Flow>, Vec<Finding>) {
    let mut findings = Findings::default();
    let flow = parse(name, &format!("flows/{name}"), bytes, &mut findings);
    (flow, findings.finish().0)
}

/// Reads one flow; `None` after a finding that says why.
pub(crate) fn parse(name: &str, file: &str, bytes: &[u8], findings: &mut Findings) -> Option<Flow> {
    let value = json_file::read(file, bytes, findings, FLOW_LEFT_OUT)?;
    let mut reader = Reader { file, findings };
    let Value::Object(fields) = value else {
        return reader.refuse(None, format!("holds {}, not an object", kind(&value)));
    };
    reader.flow(name, fields)
}

/// Reads the parts of one file.
struct Reader<'a> {
    file: &'a str,
    findings: &'a mut Findings,
}

impl Reader<'_> {
    fn refuse(&mut self, field: Option<&str>, problem: String) -> Option<Flow> {
        let place = Place::node(self.file, None, field);
        self.findings.error(place, "bad-flow", problem, FLOW_LEFT_OUT);
        None
    }

    fn flow(&mut self, name: &str, mut fields: Map<String, Value>) -> Option<Flow> {
        let nodes = match fields.remove("nodes") {
            Some(Value::Array(nodes)) => self.nodes(nodes),
            Some(other) => {
                let problem = format!("is {}, not a list of nodes", kind(&other));
                return self.refuse(Some("nodes"), problem);
            }
            None => return self.refuse(Some("nodes"), "is missing".to_owned()),
        };
        let start_node = match fields.remove("startNode") {
            Some(Value::String(start)) => start,
            Some(other) => {
                let problem = format!("is {}, not the name of a node", kind(&other));
                return self.refuse(Some("startNode"), problem);
            }
            None => return self.refuse(Some("startNode"), "is missing".to_owned()),
        };
        if !nodes.iter().any(|node| node.name == start_node) {
            let problem = format!("names {}, which is no node of the flow", quote(&start_node));
            return self.refuse(Some("startNode"), problem);
        }
        self.check_version(fields.get("version"));
        if fields.get("timeoutNode").is_some_and(js::truthy) {
            self.findings.info(
                Place::field(self.file, "timeoutNode"),
                "inert-timeout-node",
                "v12 never reads this field",
                "use a node called \"timeout\" or a flow timeout.flow.json for time-outs",
            );
        }
        let catch_all = self.catch_all(fields.remove("catchAll"));
        Some(Flow { name: name.to_owned(), start_node, catch_all, nodes })
    }

    fn check_version(&mut self, version: Option<&Value>) {
        let known = version.and_then(Value::as_str).is_some_and(|text| text.starts_with("0."));
        if !known {
            self.findings.info(
                Place::field(self.file, "version"),
                "flow-version",
                "does not start with \"0.\", for which v12 refuses all flows of the bot",
                "the flow is used as it is",
            );
        }
    }

    fn catch_all(&mut self, value: Option<Value>) -> CatchAll {
        let mut fields = match value {
            None | Some(Value::Null) => return CatchAll::default(),
            Some(Value::Object(fields)) => fields,
            Some(other) => {
                let problem = format!("is {}, not an object", kind(&other));
                let place = Place::field(self.file, "catchAll");
                self.findings.error(place, "bad-field", problem, "it is ignored");
                return CatchAll::default();
            }
        };
        if fields.get("onEnter").is_some_and(js::truthy) {
            self.findings.warn(
                Place::field(self.file, "catchAll.onEnter"),
                "flow-wide-on-enter",
                "a flow cannot have instructions on entering; v12 refuses all flows of the bot",
                "these instructions never run",
            );
        }
        let on_receive = fields.remove("onReceive");
        CatchAll {
            on_receive: self
                .instructions(None, "catchAll.onReceive", on_receive)
                .unwrap_or_default(),
            next: self.transitions(None, "catchAll.next", fields.remove("next")),
        }
    }

    fn nodes(&mut self, values: Vec<Value>) -> Vec<Node> {
        let mut nodes: Vec<Node> = Vec::with_capacity(values.len().min(MAX_NODES));
        let mut names = std::collections::HashSet::new();
        for (index, value) in values.into_iter().enumerate() {
            let field = format!("nodes[{index}]");
            if index == MAX_NODES {
                self.too_many(None, "nodes", MAX_NODES);
                break;
            }
            let Value::Object(mut fields) = value else {
                let problem = format!("is {}, not a node", kind(&value));
                self.bad_node(&field, problem);
                continue;
            };
            let Some(Value::String(name)) = fields.remove("name") else {
                self.bad_node(&field, "has no name".to_owned());
                continue;
            };
            if !names.insert(name.clone()) {
                self.findings.warn(
                    Place::node(self.file, Some(&name), Some(&field)),
                    "duplicate-node",
                    "the flow has an earlier node of the same name",
                    "this one is left out; it can never be reached",
                );
                continue;
            }
            nodes.push(self.node(name, fields));
        }
        nodes
    }

    fn bad_node(&mut self, field: &str, problem: String) {
        let place = Place::field(self.file, field);
        let effect = "the node is left out; whatever leads to it fails";
        self.findings.error(place, "bad-node", problem, effect);
    }

    fn too_many(&mut self, node: Option<&str>, field: &str, limit: usize) {
        let place = Place::node(self.file, node, Some(field));
        let problem = format!("has more than {limit} entries");
        self.findings.error(place, "too-many", problem, "the entries beyond are left out");
    }

    fn node(&mut self, name: String, mut fields: Map<String, Value>) -> Node {
        let on_enter = fields.remove("onEnter");
        let on_receive = fields.remove("onReceive");
        let next = fields.remove("next");
        Node {
            on_enter: self.instructions(Some(&name), "onEnter", on_enter).unwrap_or_default(),
            on_receive: self.instructions(Some(&name), "onReceive", on_receive),
            next: self.transitions(Some(&name), "next", next),
            kind: self.node_kind(&name, fields),
            name,
        }
    }

    fn node_kind(&mut self, name: &str, mut fields: Map<String, Value>) -> NodeKind {
        let type_name = fields.get("type").and_then(Value::as_str).unwrap_or("standard");
        match type_name {
            "skill-call" => {
                if let Some(Value::String(flow)) = fields.remove("flow") {
                    return NodeKind::SkillCall { flow };
                }
                self.findings.error(
                    Place::node(self.file, Some(name), Some("flow")),
                    "skill-without-flow",
                    "the node calls a skill, but names no flow",
                    "entering the node fails",
                );
                NodeKind::SkillCall { flow: String::new() }
            }
            "say_something" => self.own_content(name, fields.remove("content")),
            plain if plain.is_empty() || PLAIN_TYPES.contains(&plain) => NodeKind::Standard,
            other => {
                self.findings.info(
                    Place::node(self.file, Some(name), Some("type")),
                    "unknown-node-type",
                    format!("is {}, which v12 does not know", quote(other)),
                    "the node behaves like a standard one",
                );
                NodeKind::Standard
            }
        }
    }

    /// What a `say_something` node says; without content it says nothing.
    fn own_content(&mut self, name: &str, content: Option<Value>) -> NodeKind {
        let Some(Value::Object(mut content)) = content else {
            return NodeKind::Standard;
        };
        if let Some(Value::String(content_type)) = content.remove("contentType") {
            let form_data = content.remove("formData").unwrap_or(Value::Null);
            return NodeKind::SaySomething { content_type, form_data };
        }
        self.findings.error(
            Place::node(self.file, Some(name), Some("content.contentType")),
            "bad-field",
            "the node says something, but names no content type",
            "nothing is said",
        );
        NodeKind::Standard
    }

    /// Instructions; `None` for everything that is no list, which for `onReceive` means that the
    /// node does not wait.
    fn instructions(
        &mut self,
        node: Option<&str>,
        field: &str,
        value: Option<Value>,
    ) -> Option<Vec<String>> {
        let items = self.list(node, field, value)?;
        let mut instructions = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            if let Value::String(text) = item {
                instructions.push(text);
            } else {
                let problem = format!("is {}, not an instruction", kind(&item));
                let place = format!("{field}[{index}]");
                let place = Place::node(self.file, node, Some(&place));
                self.findings.error(place, "bad-instruction", problem, "it is left out");
            }
        }
        Some(instructions)
    }

    fn transitions(
        &mut self,
        node: Option<&str>,
        field: &str,
        value: Option<Value>,
    ) -> Vec<Transition> {
        let items = self.list(node, field, value).unwrap_or_default();
        let mut transitions = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            let place = format!("{field}[{index}]");
            match item {
                Value::Object(mut fields) => transitions.push(Transition {
                    condition: self.text(node, &place, "condition", fields.remove("condition")),
                    destination: self.text(node, &place, "node", fields.remove("node")),
                }),
                other => {
                    let problem = format!("is {}, not a transition", kind(&other));
                    let place = Place::node(self.file, node, Some(&place));
                    self.findings.error(place, "bad-transition", problem, "it is left out");
                }
            }
        }
        transitions
    }

    /// A text that may be absent; `true` and numbers count as what they read as.
    fn text(
        &mut self,
        node: Option<&str>,
        place: &str,
        field: &str,
        value: Option<Value>,
    ) -> String {
        match value {
            None | Some(Value::Null) => String::new(),
            Some(Value::String(text)) => text,
            Some(plain @ (Value::Bool(_) | Value::Number(_))) => js::to_text(&plain).into_owned(),
            Some(other) => {
                let place = format!("{place}.{field}");
                let place = Place::node(self.file, node, Some(&place));
                let problem = format!("is {}, not a text", kind(&other));
                self.findings.error(place, "bad-transition", problem, "it counts as empty");
                String::new()
            }
        }
    }

    /// The entries of a list, at most [`MAX_LIST`]; `None` for everything else.
    fn list(
        &mut self,
        node: Option<&str>,
        field: &str,
        value: Option<Value>,
    ) -> Option<Vec<Value>> {
        match value {
            None | Some(Value::Null) => None,
            Some(Value::Array(mut items)) => {
                if items.len() > MAX_LIST {
                    self.too_many(node, field, MAX_LIST);
                    items.truncate(MAX_LIST);
                }
                Some(items)
            }
            Some(other) => {
                let place = Place::node(self.file, node, Some(field));
                let problem = format!("is {}, not a list", kind(&other));
                self.findings.error(place, "bad-field", problem, "it is ignored");
                None
            }
        }
    }
}

#[cfg(test)]
#[path = "flow_file_tests.rs"]
mod tests;
