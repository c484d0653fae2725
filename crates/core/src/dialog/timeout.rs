//! The turn of a conversation that nobody answered in time (`spec` runtime 3.9).

use serde_json::Value;

use super::event::NewEvent;
use super::state::{Context, State};
use super::turn::{Guard, Persist, Phase, ProblemKind, Settings, Turn};
use crate::bot::Bot;

const TIMEOUT_NODE: &str = "timeout";
const TIMEOUT_FLOW: &str = "timeout.flow.json";
/// Timeouts in a row after which the conversation is given up.
const MOST: u64 = 5;
/// Where the context keeps their number, until the user's next message.
pub(super) const COUNT: &str = "timeouts";

impl<'b> Turn<'b> {
    /// A turn that runs the bot's timeout node or flow, where it has one, and then forgets the
    /// conversation's position. The event's payload gives its type alone: bots see "", as in v12.
    pub fn timeout(
        bot: &'b Bot,
        settings: Settings<'b>,
        mut state: State,
        event: NewEvent<'_>,
    ) -> Self {
        state.context.queue = None;
        let so_far = state.context.other.get(COUNT).and_then(Value::as_u64).unwrap_or(0);
        let preview = format!("\"timeout\" event on channel {}", event.key.channel);
        let mut turn = Self::new(bot, settings, state, event);
        if let Value::Object(event) = &mut turn.event {
            event.insert("payload".to_owned(), Value::from(""));
            event.insert("preview".to_owned(), Value::from(preview));
        }
        turn.persist = Persist::All;
        turn.guard = Guard::Transition;
        turn.timeouts = so_far + 1;
        if so_far >= MOST {
            let problem = format!("{so_far} timeouts in a row without a message of the user");
            turn.report(ProblemKind::DialogEngine, None, &problem);
            turn.clear();
            turn.phase = Phase::Over;
        } else if let Some((flow, node)) = turn.timeout_place() {
            turn.enter_timeout(&flow, &node);
            turn.phase = Phase::TimeoutFlows;
        } else {
            turn.clear();
            turn.phase = Phase::Over;
        }
        turn
    }

    /// The first of: a node `timeout` in the current flow, one in the flow that called the current
    /// skill, the start of `timeout.flow.json`.
    fn timeout_place(&self) -> Option<(String, String)> {
        let context = &self.state.context;
        let current = context.current_flow.as_deref()?;
        let caller = context.previous_flow.as_deref().filter(|_| current.starts_with("skills/"));
        for flow in [Some(current), caller].into_iter().flatten() {
            if let Some(flow) = self.bot.flow(flow)
                && flow.node(TIMEOUT_NODE).is_some()
            {
                return Some((flow.name.clone(), TIMEOUT_NODE.to_owned()));
            }
        }
        let flow = self.bot.flow(TIMEOUT_FLOW)?;
        Some((flow.name.clone(), flow.start_node.clone()))
    }

    fn enter_timeout(&mut self, flow: &str, node: &str) {
        let mut old = std::mem::take(&mut self.state.context);
        old.remember_position();
        self.state.context = Context {
            current_flow: Some(flow.to_owned()),
            current_node: Some(node.to_owned()),
            previous_flow: old.current_flow,
            previous_node: old.current_node,
            jump_points: old.jump_points,
            has_jumped: Some(true),
            ..Context::default()
        };
    }

    /// Forgets the position unless the timeout's node waits for the user.
    pub(super) fn end_timeout(&mut self) {
        let queue = self.state.context.queue.as_ref();
        if queue.is_none_or(|queue| queue.instructions.is_empty()) {
            self.clear();
        } else {
            let timeouts = Value::from(self.timeouts);
            self.state.context.other.insert(COUNT.to_owned(), timeouts);
        }
    }
}
