//! A turn from the stored state to the committed one.

use parlance_core::bot::Bot;
use parlance_core::dialog::{Finished, Moment, NewEvent, State, Step, Turn};
use parlance_core::ids::ConversationKey;
use parlance_store::{Conversation, Json, Loaded};
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::sync::oneshot;

use crate::clock;
use crate::ops::metrics;

use super::effects::{self, World};
use super::failure::Failure;
use super::patience::Activity;
use super::record::Record;
use super::repeat;
use super::service::Shared;
use super::warm::Stored;
use super::{Answer, Incoming, TurnError};

/// Gets the answer before the commit. Only in builds of the kill test, which must find them out; see
/// `Cargo.toml`.
pub(super) type Early = Option<oneshot::Sender<Result<Answer, TurnError>>>;

impl Shared {
    /// Runs the turn of a message; its answer, once it is on disk.
    pub(super) async fn message(
        &self,
        incoming: &Incoming,
        activity: &Activity,
        early: &mut Early,
    ) -> Result<Answer, TurnError> {
        let mut result = self.attempt(incoming, activity, early).await;
        if matches!(result, Err(Failure::Outdated(_))) {
            // Nothing of it was stored, and what it worked on is read anew.
            result = self.attempt(incoming, activity, early).await;
        }
        let result = result.map_err(TurnError::from);
        match &result {
            Ok(_) => {}
            // The caller's own mistake.
            Err(error @ (TurnError::Refused(_) | TurnError::KeyReused)) => {
                tracing::debug!(bot = %incoming.key.bot, %error, "turn refused");
            }
            Err(error) => tracing::warn!(bot = %incoming.key.bot, %error, "turn not answered"),
        }
        result
    }

    async fn attempt(
        &self,
        incoming: &Incoming,
        activity: &Activity,
        early: &mut Early,
    ) -> Result<Answer, Failure> {
        match self.repeated(incoming).await? {
            Some(first) => Ok(first),
            None => self.first_time(incoming, activity, early).await,
        }
    }

    /// The answer to an earlier message with the same idempotency key.
    async fn repeated(&self, incoming: &Incoming) -> Result<Option<Answer>, Failure> {
        let Some(key) = &incoming.idempotency_key else {
            return Ok(None);
        };
        let first = self.store.find_repeat(&incoming.key, key, self.clock.millis()).await;
        Ok(first?.map(|first| repeat::answer(&first, incoming)).transpose()?)
    }

    async fn first_time(
        &self,
        incoming: &Incoming,
        activity: &Activity,
        early: &mut Early,
    ) -> Result<Answer, Failure> {
        let received = self.clock.now();
        let loaded = self.load(&incoming.key, received.millis).await?;
        let revision = loaded.revision();
        let event_id = self.clock.event_id();
        let event = NewEvent {
            id: &event_id,
            key: &incoming.key,
            direction: "incoming",
            payload: incoming.payload.clone(),
            included_contexts: &incoming.included_contexts,
            credentials: incoming.credentials.clone(),
            received: &received,
        };
        let bot = &incoming.bot;
        let state = self.state(&loaded, received.millis);
        let turn = Turn::new(bot, self.engine_settings(bot), state, event);
        let turn = turn.inspected(incoming.debug);
        let mut finished = self.drive(turn, received.clone(), bot, activity).await;
        let responses = std::mem::take(&mut finished.replies);
        let inspection = finished.inspection.take();
        let record = Record {
            key: &incoming.key,
            revision,
            event_id,
            received,
            incoming: Some(&incoming.payload),
            idempotency_key: incoming.idempotency_key.as_deref(),
            user_before: loaded.user.as_ref(),
            replies: &responses,
            inspection: inspection.as_deref(),
            finished,
        };
        if let Some(early) = early.take() {
            let _ = early.send(Ok(Answer { responses: responses.clone(), inspection: None }));
        }
        self.commit(record, bot).await?;
        Ok(Answer { responses, inspection })
    }

    pub(super) async fn load(&self, key: &ConversationKey, now: i64) -> Result<Loaded, Failure> {
        Ok(self.store.load(key, now).await?)
    }

    /// Runs the engine to its end.
    pub(super) async fn drive(
        &self,
        mut turn: Turn<'_>,
        mut now: Moment,
        bot: &Bot,
        activity: &Activity,
    ) -> Finished {
        let mut answer = None;
        loop {
            match turn.advance(answer.take(), now, &mut clock::pick) {
                Step::Done => {
                    let finished = turn.finish();
                    log_problems(bot, &finished);
                    return finished;
                }
                Step::Effect(effect) => {
                    let world = World { store: &self.store, files: &self.files };
                    let millis = self.clock.millis();
                    answer = Some(effects::perform(effect, &bot.id, world, activity, millis).await);
                    now = self.clock.now();
                }
            }
        }
    }

    /// Stores the turn. Nothing of it exists before.
    pub(super) async fn commit(&self, record: Record<'_>, bot: &Bot) -> Result<(), Failure> {
        let now = self.clock.millis();
        let user_before = record.user_before;
        let (record, state) = record
            .into_stored(self.clock.turn_id(), now, self.expiries(bot), &self.settings.retention)
            .map_err(|error| TurnError::NotStored(error.to_string()))?;
        let next = record.next();
        let stored = state.map(|state| Stored::new(state, &record, user_before));
        let started = clock::instant();
        self.store.commit(record).await?;
        metrics::committed(started.elapsed());
        if let Some(stored) = stored {
            self.warm.keep(next, stored);
        }
        Ok(())
    }

    /// The state as it was stored; a session past its expiry is as good as deleted.
    pub(super) fn state(&self, loaded: &Loaded, now: i64) -> State {
        let bot = loaded.bot.as_ref().and_then(read);
        let live = loaded
            .conversation
            .as_ref()
            .filter(|conversation| conversation.expiry.is_none_or(|expiry| expiry.session > now));
        let stored = || restore(loaded.user.as_ref(), live);
        let warm = live.and_then(|live| self.warm.take(&live.revision, loaded.user.as_ref()));
        debug_assert!(warm.as_ref().is_none_or(|state| *state == stored()), "as it was stored");
        let state = warm.unwrap_or_else(stored);
        State { bot, ..state }
    }
}

/// What cannot be read is no state: the conversation starts over.
fn restore(user: Option<&Json>, conversation: Option<&Conversation>) -> State {
    let user = user.and_then(read).unwrap_or_else(|| json!({}));
    let session = |kept: &Conversation| kept.session.as_ref().and_then(read);
    let Some((kept, session)) = conversation.and_then(|kept| Some((kept, session(kept)?))) else {
        return State { user, ..State::new() };
    };
    State {
        user,
        session,
        temp: kept.temp.as_ref().and_then(read).unwrap_or_else(|| json!({})),
        bot: None,
        context: kept.context.as_ref().and_then(read).unwrap_or_default(),
        stacktrace: Vec::new(),
    }
}

fn read<T: DeserializeOwned>(json: &Json) -> Option<T> {
    json.read().inspect_err(|error| tracing::error!(%error, "stored state cannot be read")).ok()
}

fn log_problems(bot: &Bot, finished: &Finished) {
    for problem in &finished.problems {
        tracing::warn!(
            bot = %bot.id,
            flow = problem.flow.as_deref(),
            node = problem.node.as_deref(),
            instruction = problem.instruction.as_deref(),
            "{}",
            problem.message
        );
    }
}
