//! The end of a conversation (`spec` runtime 3.7).

use super::process::Control;
use super::state::Context;
use super::turn::Turn;

const TIMEOUT_FLOW: &str = "timeout.flow.json";
const END_FLOW: &str = "conversation_end.flow.json";

impl Turn<'_> {
    /// Ends the conversation; `explicit` when a transition said `END`.
    pub(super) fn end(&mut self, explicit: bool) -> Control {
        match self.state.context.current_flow.as_deref() {
            Some(TIMEOUT_FLOW) => self.clear(),
            Some(END_FLOW) => {}
            _ if self.bot.flow(END_FLOW).is_some() => return self.enter_end_flow(),
            _ if explicit && self.bot.keeps_temp_at_end() => {
                self.state.context = Context::default();
            }
            _ => self.clear(),
        }
        Control::Stop
    }

    fn enter_end_flow(&mut self) -> Control {
        let Ok((flow, node)) = self.find(END_FLOW, None) else {
            self.clear();
            return Control::Stop;
        };
        let context = &mut self.state.context;
        context.remember_position();
        context.previous_flow = context.current_flow.replace(flow.name.clone());
        context.previous_node = context.current_node.replace(node.name.clone());
        context.queue = None;
        context.has_jumped = Some(true);
        self.ending = Some(self.depth());
        Control::Next
    }

    /// Clears the conversation when its end-of-conversation flow stopped, unless that moved on to
    /// another flow.
    pub(super) fn close_end_flow(&mut self) {
        if self.ending == Some(self.depth()) {
            self.clear();
        }
    }

    fn depth(&self) -> usize {
        self.state.context.jump_points.as_ref().map_or(0, Vec::len)
    }
}
