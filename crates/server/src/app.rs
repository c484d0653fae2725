//! The running server as its HTTP surface sees it: turns, bots and health in one.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use crate::bots::{Lookup, Registry};
use crate::clock::instant;
use crate::http::{Bots, Conversations, Operation};
use crate::ops::health::Health;
use crate::ops::metrics::{self, Exporter, TurnOutcome};
use crate::turn::{Answer, Incoming, TurnError, Turns};

/// The parts of the server. Cheap to clone.
#[derive(Clone)]
pub struct App {
    /// Runs turns.
    pub turns: Turns,
    /// The bots, once they are mounted.
    pub bots: Arc<OnceLock<Registry>>,
    /// How the server does.
    pub health: Health,
    /// The metrics.
    pub exporter: Exporter,
}

impl Conversations for App {
    async fn converse(&self, incoming: Incoming, timeout: Duration) -> Result<Answer, TurnError> {
        let arrived = instant();
        let result = self.turns.converse(incoming, timeout).await;
        metrics::turn_finished(outcome(&result), arrived.elapsed());
        result
    }
}

fn outcome(result: &Result<Answer, TurnError>) -> TurnOutcome {
    match result {
        Ok(_) => TurnOutcome::Answered,
        Err(TurnError::TimedOut) => TurnOutcome::TimedOut,
        Err(TurnError::Overloaded { .. }) => TurnOutcome::Overloaded,
        Err(TurnError::KeyReused) => TurnOutcome::KeyReused,
        Err(TurnError::Refused(_)) => TurnOutcome::Refused,
        Err(TurnError::NotStored(_)) => TurnOutcome::NotStored,
    }
}

impl Bots for App {
    fn lookup(&self, id: &str) -> Lookup {
        self.bots.get().map_or(Lookup::Unknown, |bots| bots.get(id))
    }
}

impl Operation for App {
    fn health(&self) -> &Health {
        &self.health
    }

    fn metrics(&self) -> String {
        if let Some(bots) = self.bots.get() {
            metrics::bots(bots.census());
        }
        let (running, waiting) = self.turns.under_way();
        metrics::turns_under_way(running, waiting);
        self.exporter.render()
    }
}
