//! The janitor: sessions expire, unanswered conversations time out (`spec` runtime 3.9), and
//! attributes of chat users are forgotten at their time (5.6).

use std::sync::Arc;
use std::time::Duration;

use parlance_core::dialog::{NewEvent, Turn};
use parlance_core::ids::ConversationKey;
use parlance_store::{IDEMPOTENCY_KEPT_MS, JanitorError, Json, Loaded, TurnRecord};
use serde_json::{Map, Value, json};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;

use crate::bots::{Lookup, Registry};
use crate::ops::metrics::{self, Expired};

use super::failure::Failure;
use super::patience::Activity;
use super::record::Record;
use super::service::Shared;
use super::{TurnError, Turns};

/// Conversations that time out in one pass; the others wait for the next.
const BATCH: i64 = 250;
/// How many of them run side by side.
const AT_A_TIME: usize = 32;

/// Looks after all that runs out.
pub struct Janitor {
    turns: Turns,
    bots: Registry,
    intervals: Intervals,
    at_a_time: Arc<Semaphore>,
}

/// How often the janitor looks.
#[derive(Debug, Clone, Copy)]
pub struct Intervals {
    /// For sessions and conversations.
    pub expiries: Duration,
    /// For attributes of chat users; never where no policy is set.
    pub attributes: Duration,
}

impl Janitor {
    /// A janitor for these turns and bots.
    pub fn new(turns: Turns, bots: Registry, intervals: Intervals) -> Self {
        Self { turns, bots, intervals, at_a_time: Arc::new(Semaphore::new(AT_A_TIME)) }
    }

    /// Works until the server stops.
    pub async fn run(self, stop: CancellationToken) {
        tokio::join!(self.look_after_expiries(&stop), self.forget_attributes(&stop));
    }

    async fn look_after_expiries(&self, stop: &CancellationToken) {
        while pause(self.intervals.expiries, stop).await {
            if let Err(error) = self.pass(stop).await {
                tracing::warn!(%error, "the expiries could not be looked after; trying again later");
            }
        }
    }

    /// Begins at once: what came due while the server was down has waited long enough.
    async fn forget_attributes(&self, stop: &CancellationToken) {
        let shared = &self.turns.shared;
        if shared.settings.retention.is_empty() {
            return;
        }
        loop {
            match shared.store.forget_attributes(shared.clock.millis()).await {
                Ok(dates) => metrics::expired(Expired::Attribute, dates),
                Err(error) => {
                    tracing::warn!(%error, "attributes could not be forgotten; trying again later");
                }
            }
            if !pause(self.intervals.attributes, stop).await {
                return;
            }
        }
    }

    async fn pass(&self, stop: &CancellationToken) -> Result<(), JanitorError> {
        let shared = &self.turns.shared;
        let now = shared.clock.millis();
        let expired = shared.store.expire_sessions(now).await?;
        metrics::expired(Expired::Session, expired);
        shared.store.purge_idempotency(now - IDEMPOTENCY_KEPT_MS).await?;
        // What a server that stopped in the middle has left.
        shared.store.resume_erasures().await?;
        for key in shared.store.due_timeouts(now, BATCH).await? {
            tokio::select! {
                () = stop.cancelled() => return Ok(()),
                permit = Arc::clone(&self.at_a_time).acquire_owned() => {
                    if let Ok(permit) = permit {
                        self.time_out(key, permit);
                    }
                }
            }
        }
        Ok(())
    }

    /// Runs the timeout of one conversation as work of its own, as a bot may wait in its timeout's
    /// flow. A conversation with a turn under way is left alone: that renews it, or the next pass
    /// finds it again.
    fn time_out(&self, key: ConversationKey, permit: OwnedSemaphorePermit) {
        let shared = Arc::clone(&self.turns.shared);
        let Some(place) = shared.lanes.enter_idle(key.session_id()) else {
            return;
        };
        let bot = self.bots.get(key.bot.as_str());
        self.turns.shared.lifecycle.spawn_work("timeout", async move {
            match shared.time_out(bot, &key).await {
                Ok(()) => metrics::expired(Expired::Conversation, 1),
                Err(error) => {
                    tracing::warn!(bot = %key.bot, %error, "a conversation's timeout failed");
                }
            }
            drop((place, permit));
        });
    }
}

/// Waits; `false` when the server stops meanwhile.
async fn pause(interval: Duration, stop: &CancellationToken) -> bool {
    tokio::select! {
        () = stop.cancelled() => false,
        () = tokio::time::sleep(interval) => true,
    }
}

impl Shared {
    /// Times a conversation out. One whose timeout can never be stored loses its position, so that
    /// it does not come up for ever.
    async fn time_out(&self, bot: Lookup, key: &ConversationKey) -> Result<(), Failure> {
        match bot {
            Lookup::Ready(bot) => match self.run_timeout(&bot, key).await {
                Err(Failure::Final(TurnError::Refused(reason))) => {
                    self.forget_position(key, &reason).await
                }
                result => result,
            },
            Lookup::Disabled | Lookup::Unknown => {
                self.forget_position(key, "there is no such bot").await
            }
        }
    }

    async fn run_timeout(
        &self,
        bot: &parlance_core::bot::Bot,
        key: &ConversationKey,
    ) -> Result<(), Failure> {
        let received = self.clock.now();
        let loaded = self.load(key, received.millis).await?;
        if !is_due(&loaded, received.millis) {
            return Ok(());
        }
        let event_id = self.clock.event_id();
        let mut payload = Map::new();
        payload.insert("type".to_owned(), Value::from("timeout"));
        let event = NewEvent {
            id: &event_id,
            key,
            direction: "internal",
            payload: payload.clone(),
            included_contexts: &["global".to_owned()],
            credentials: None,
            received: &received,
        };
        let state = self.state(&loaded, received.millis);
        let turn = Turn::timeout(bot, self.engine_settings(bot), state, event);
        let activity = Activity::default();
        let mut finished = self.drive(turn, received.clone(), bot, &activity).await;
        let replies = std::mem::take(&mut finished.replies);
        let record = Record {
            key,
            revision: loaded.revision(),
            event_id,
            received,
            incoming: Some(&payload),
            idempotency_key: None,
            user_before: loaded.user.as_ref(),
            replies: &replies,
            inspection: None,
            finished,
        };
        self.commit(record, bot).await
    }

    /// Ends a conversation that its bot cannot end, because of `problem`.
    async fn forget_position(&self, key: &ConversationKey, problem: &str) -> Result<(), Failure> {
        let now = self.clock.millis();
        let loaded = self.load(key, now).await?;
        if !is_due(&loaded, now) {
            return Ok(());
        }
        let nothing = Json::from(&json!({}));
        let record = TurnRecord {
            key: key.clone(),
            turn_id: self.clock.turn_id(),
            revision: loaded.revision(),
            event_id: self.clock.event_id(),
            received_on: now,
            finished_on: now,
            incoming: Some(Json::from(&json!({"type": "timeout"}))),
            replies: Json::from(&json!([])),
            trace: Json::from(&json!({"problems": [{"message": problem}]})),
            session: None,
            context: Some(nothing.clone()),
            temp: Some(nothing),
            expiry: None,
            user: None,
            retention: Vec::new(),
            memory: Vec::new(),
            idempotency: None,
        };
        Ok(self.store.commit(record).await?)
    }
}

/// Whether the conversation has timed out by `now`.
fn is_due(loaded: &Loaded, now: i64) -> bool {
    let expiry = loaded.conversation.as_ref().and_then(|conversation| conversation.expiry);
    expiry.is_some_and(|expiry| expiry.context <= now)
}
