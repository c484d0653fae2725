//! What a turn reads and changes: the memory scopes, the position in the flows, and the stack of
//! places to return to. The JSON forms are v12's (`spec` runtime 3.1, 3.10, 5.1).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

/// Depth of the return stack; deeper entries are of no use to anyone and the oldest are dropped.
const JUMP_POINTS: usize = 1_000;

/// The state of one conversation during one turn.
#[derive(Debug, Clone, PartialEq)]
pub struct State {
    /// Attributes that the bot keeps of the chat user, over all sessions.
    pub user: Value,
    /// Memory of the session.
    pub session: Value,
    /// Memory until the conversation ends.
    pub temp: Value,
    /// Memory of the bot, read once a turn; `None` when it was never set.
    pub bot: Option<Value>,
    /// Where in the flows the conversation stands.
    pub context: Context,
    /// Nodes visited in this turn, in order.
    pub stacktrace: Vec<Position>,
}

/// A node of a flow.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Position {
    /// Name of the flow, `.flow.json` included.
    pub flow: String,
    /// Name of the node.
    pub node: String,
}

/// Where the conversation stands; all fields absent when none is under way.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Context {
    /// Name of the current flow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_flow: Option<String>,
    /// Name of the current node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_node: Option<String>,
    /// The flow before the last change of flow.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_flow: Option<String>,
    /// The node before the last change of node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub previous_node: Option<String>,
    /// Places to return to; the last one not used is the next.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jump_points: Option<Vec<JumpPoint>>,
    /// What is left to do in the current node.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue: Option<Queue>,
    /// Set by a jump: the queue must be built anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub has_jumped: Option<bool>,
    /// Fields that v12 or a bot's code left there and that mean nothing here.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// A place on the return stack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct JumpPoint {
    /// Name of the flow to return to.
    pub flow: String,
    /// Name of the node to return to.
    pub node: String,
    /// Whether the return has been made; dropped at the next transition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used: Option<bool>,
    /// Whether the node is executed from its start after the return.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub execute_node: Option<bool>,
}

/// Remaining instructions of a node.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Queue {
    /// In the order of execution.
    pub instructions: Vec<Instruction>,
}

/// One step of a node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Instruction {
    /// What it does.
    #[serde(rename = "type")]
    pub kind: InstructionKind,
    /// The instruction text; for a transition its condition.
    #[serde(rename = "fn", skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Destination of a transition.
    #[serde(rename = "node", skip_serializing_if = "Option::is_none")]
    pub destination: Option<String>,
    /// Arguments that do not come from the text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub args: Option<Value>,
}

/// The kinds of [`Instruction`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum InstructionKind {
    /// Runs when the node is entered.
    OnEnter,
    /// Runs when the user's message arrives in a waiting node.
    OnReceive,
    /// Waits for the user's next message.
    Wait,
    /// Goes to another node when its condition holds.
    Transition,
}

impl Context {
    /// v12's JSON form; `{}` when no conversation is under way.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_else(|_| Value::Object(Map::new()))
    }

    /// Whether no conversation is under way.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Puts the current position on the return stack.
    pub(super) fn remember_position(&mut self) {
        let points = self.jump_points.get_or_insert_default();
        let surplus = (points.len() + 1).saturating_sub(JUMP_POINTS);
        points.drain(..surplus);
        points.push(JumpPoint {
            flow: self.current_flow.clone().unwrap_or_default(),
            node: self.current_node.clone().unwrap_or_default(),
            used: None,
            execute_node: None,
        });
    }
}

impl State {
    /// The state of a user's first message (`spec` runtime 5.2).
    pub fn new() -> Self {
        Self {
            user: Value::Object(Map::new()),
            session: json!({"lastMessages": [], "workflows": {}}),
            temp: Value::Object(Map::new()),
            bot: None,
            context: Context::default(),
            stacktrace: Vec::new(),
        }
    }

    /// `__stacktrace` as JSON.
    pub fn stacktrace_json(&self) -> Value {
        serde_json::to_value(&self.stacktrace).unwrap_or_else(|_| Value::Array(Vec::new()))
    }

    /// `event.state` as the Debug API shows it.
    pub fn to_json(&self) -> Value {
        let mut fields = Map::new();
        fields.insert("__stacktrace".to_owned(), self.stacktrace_json());
        fields.insert("user".to_owned(), self.user.clone());
        fields.insert("context".to_owned(), self.context.to_json());
        fields.insert("session".to_owned(), self.session.clone());
        fields.insert("temp".to_owned(), self.temp.clone());
        if let Some(bot) = &self.bot {
            fields.insert("bot".to_owned(), bot.clone());
        }
        Value::Object(fields)
    }
}

impl Default for State {
    fn default() -> Self {
        Self::new()
    }
}
