//! What happens when a flow or node is not there, or an action fails (`spec` runtime 3.8).

use super::process::Control;
use super::turn::{Guard, Persist, ProblemKind, Turn};

/// Flow for failures.
const ERROR_FLOW: &str = "error.flow.json";

/// A place in the flows that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum FlowError {
    /// No such flow.
    #[error("there is no flow \"{0}\"")]
    UnknownFlow(String),
    /// No such node.
    #[error("there is no node \"{node}\" in flow \"{flow}\"")]
    UnknownNode {
        /// The flow.
        flow: String,
        /// The node.
        node: String,
    },
}

impl Turn<'_> {
    /// Goes where a failure leads: at the start of a turn to the error flow, after a transition to
    /// the error destination, and nowhere when that fails too.
    pub(super) fn recover(&mut self, error: &FlowError) -> Control {
        self.report(ProblemKind::DialogTransition, None, &error.to_string());
        match self.guard {
            Guard::Start => {
                self.guard = Guard::Abandon;
                match self.jump("error", Some("entry")) {
                    Ok(()) => Control::Next,
                    Err(error) => self.recover(&error),
                }
            }
            Guard::Abandon => {
                self.persist = Persist::Nothing;
                Control::Stop
            }
            Guard::Transition => {
                self.guard = Guard::Quiet;
                let destination = self.error_destination();
                self.travel(&destination)
            }
            Guard::Quiet => Control::Stop,
        }
    }

    /// Where failures go: `temp.onErrorFlowTo` when the bot set it, else the error flow.
    pub(super) fn error_destination(&self) -> String {
        let chosen = self.state.temp.get("onErrorFlowTo").and_then(serde_json::Value::as_str);
        chosen.filter(|text| !text.is_empty()).unwrap_or(ERROR_FLOW).to_owned()
    }
}
