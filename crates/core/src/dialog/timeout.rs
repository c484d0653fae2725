//! The turn of a conversation that nobody answered in time (`spec` runtime 3.9).

use super::event::NewEvent;
use super::state::{Context, JumpPoint, State};
use super::turn::{Guard, Persist, Phase, Settings, Turn};
use crate::bot::Bot;

const TIMEOUT_NODE: &str = "timeout";
const TIMEOUT_FLOW: &str = "timeout.flow.json";

impl<'b> Turn<'b> {
    /// A turn that runs the bot's timeout node or flow, where it has one, and then forgets the
    /// conversation's position.
    pub fn timeout(
        bot: &'b Bot,
        settings: Settings<'b>,
        mut state: State,
        event: NewEvent<'_>,
    ) -> Self {
        state.context.queue = None;
        let mut turn = Self::new(bot, settings, state, event);
        turn.persist = Persist::All;
        turn.guard = Guard::Transition;
        if let Some((flow, node)) = turn.timeout_place() {
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
        let caller = context
            .previous_flow
            .as_deref()
            .filter(|_| current.starts_with("skills/"));
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
        let old = std::mem::take(&mut self.state.context);
        let mut points = old.jump_points.unwrap_or_default();
        points.push(JumpPoint {
            flow: old.current_flow.clone().unwrap_or_default(),
            node: old.current_node.clone().unwrap_or_default(),
            used: None,
            execute_node: None,
        });
        self.state.context = Context {
            current_flow: Some(flow.to_owned()),
            current_node: Some(node.to_owned()),
            previous_flow: old.current_flow,
            previous_node: old.current_node,
            jump_points: Some(points),
            has_jumped: Some(true),
            other: old.other,
            ..Context::default()
        };
    }

    /// Forgets the position unless the timeout's node waits for the user.
    pub(super) fn end_timeout(&mut self) {
        let queue = self.state.context.queue.as_ref();
        if queue.is_none_or(|queue| queue.instructions.is_empty()) {
            self.clear();
        }
    }
}
