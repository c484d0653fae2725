//! Jumps: a position set from outside the flows (`spec` runtime 3.6).

use super::recovery::FlowError;
use super::turn::Turn;

impl Turn<'_> {
    /// Goes to a node of a flow, its start node by default. Nothing is executed yet.
    pub(super) fn jump(&mut self, flow: &str, node: Option<&str>) -> Result<(), FlowError> {
        let (flow, node) = self.find(flow, node)?;
        self.visit(&flow.name, &node.name);
        let context = &mut self.state.context;
        context.current_flow = Some(flow.name.clone());
        context.current_node = Some(node.name.clone());
        context.queue = None;
        context.has_jumped = Some(true);
        Ok(())
    }
}
