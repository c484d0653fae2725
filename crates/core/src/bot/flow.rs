//! Flows and nodes as the engine runs them (`spec` runtime 2.2, 2.3).

use serde_json::Value;

/// A flow.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// Path below `flows/`, e.g. `main.flow.json`.
    pub name: String,
    /// Name of the node where the flow starts.
    pub start_node: String,
    /// What applies to every node of the flow.
    pub catch_all: CatchAll,
    /// The nodes, in the file's order. Names are unique.
    pub nodes: Vec<Node>,
}

/// Flow-wide instructions and transitions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CatchAll {
    /// Runs before a waiting node's own `onReceive`.
    pub on_receive: Vec<String>,
    /// Tested before a node's own transitions.
    pub next: Vec<Transition>,
}

/// A node.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Name, unique within the flow.
    pub name: String,
    /// What the node does beyond its instructions.
    pub kind: NodeKind,
    /// Instructions run on entering.
    pub on_enter: Vec<String>,
    /// Instructions run on the user's message. `None`: the node does not wait. Empty: it waits.
    pub on_receive: Option<Vec<String>>,
    /// Transitions in the order of their tests.
    pub next: Vec<Transition>,
}

/// The kinds of nodes that the engine tells apart (`spec` runtime 2.3).
#[derive(Debug, Clone, PartialEq)]
pub enum NodeKind {
    /// Instructions and transitions only, whatever the file calls it.
    Standard,
    /// Enters another flow, then evaluates its own transitions.
    SkillCall {
        /// Name of the flow.
        flow: String,
    },
    /// Says one content element of its own.
    SaySomething {
        /// Content type of the element.
        content_type: String,
        /// The element's properties.
        form_data: Value,
    },
}

/// A transition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transition {
    /// The condition's source; empty never holds.
    pub condition: String,
    /// Destination (`spec` runtime 2.5); empty ends the conversation.
    pub destination: String,
}

impl Flow {
    /// The node called `name`, exactly.
    pub fn node(&self, name: &str) -> Option<&Node> {
        self.nodes.iter().find(|node| node.name == name)
    }
}
