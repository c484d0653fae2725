//! What is stored of a turn: the message, the replies, the new state and a compact trace.

use parlance_core::dialog::{Finished, Inspection, MemoryOp, Moment, Persist, Problem, State};
use parlance_core::ids::ConversationKey;
use parlance_store::{Expiry, Idempotency, Json, Revision, TurnRecord};
use serde::Serialize;
use serde_json::{Map, Value};

use super::repeat::fingerprint;
use super::retention::RetentionPolicies;

/// A finished turn on its way into the store.
pub(super) struct Record<'t> {
    pub(super) key: &'t ConversationKey,
    pub(super) revision: Revision,
    pub(super) event_id: String,
    pub(super) received: Moment,
    /// The payload as it came in; `None` when the bot speaks first.
    pub(super) incoming: Option<&'t Map<String, Value>>,
    pub(super) idempotency_key: Option<&'t str>,
    /// The user's attributes before the turn, where they were stored.
    pub(super) user_before: Option<&'t Json>,
    /// The replies of the turn, which its answer shares.
    pub(super) replies: &'t [Value],
    /// The turn from inside, where the caller asked for it.
    pub(super) inspection: Option<&'t Inspection>,
    pub(super) finished: Finished,
}

/// What happened in a turn, for people.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Trace<'t> {
    path: Vec<[&'t str; 2]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<&'t str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    problems: &'t [Problem],
    /// Kept where a repeat may ask for it again.
    #[serde(skip_serializing_if = "Option::is_none")]
    inspection: Option<&'t Inspection>,
}

impl Record<'_> {
    /// The record as the store takes it, and the state where the record holds all of it. The
    /// durations are those of position and session.
    pub(super) fn into_stored(
        self,
        turn_id: String,
        now: i64,
        (context, session): (i64, i64),
        policies: &RetentionPolicies,
    ) -> Result<(TurnRecord, Option<State>), serde_json::Error> {
        let Finished { decision, state, persist, memory, problems, .. } = self.finished;
        let trace = Trace {
            path: state.stacktrace.iter().map(|at| [at.flow.as_str(), at.node.as_str()]).collect(),
            decision: decision.as_ref().map(|decision| decision.source.as_str()),
            problems: &problems,
            inspection: self.inspection.filter(|_| self.idempotency_key.is_some()),
        };
        let trace = Json::of(&trace)?;
        let keep = persist != Persist::Nothing;
        let keep_context = persist == Persist::All;
        let some = |wanted: bool, value: &Value| wanted.then(|| Json::of(value)).transpose();
        let user = Json::of(&state.user)?;
        // A new user without attributes needs no row: absent means empty.
        let before = self.user_before.map_or("{}", Json::as_str);
        let user = (keep && before != user.as_str()).then_some(user);
        let retention = if user.is_some() && !policies.is_empty() {
            policies.dates(&attributes(self.user_before), &state.user, now)
        } else {
            Vec::new()
        };
        let expiry =
            Expiry { context: now.saturating_add(context), session: now.saturating_add(session) };
        let record = TurnRecord {
            key: self.key.clone(),
            turn_id,
            revision: self.revision,
            event_id: self.event_id,
            received_on: self.received.millis,
            finished_on: now,
            incoming: self.incoming.map(Json::of).transpose()?,
            replies: Json::of(&self.replies)?,
            trace,
            session: some(keep, &state.session)?,
            context: keep_context.then(|| Json::of(&state.context)).transpose()?,
            temp: some(keep_context, &state.temp)?,
            expiry: keep.then_some(expiry),
            user,
            retention,
            memory: memory.into_iter().map(|op| stored_op(self.key, op)).collect(),
            idempotency: self.idempotency_key.zip(self.incoming).map(|(key, payload)| {
                Idempotency { key: key.to_owned(), fingerprint: fingerprint(payload) }
            }),
        };
        Ok((record, keep_context.then_some(state)))
    }
}

/// The stored attributes; what cannot be read is as good as not there.
fn attributes(stored: Option<&Json>) -> Value {
    stored.and_then(|stored| stored.read().ok()).unwrap_or_default()
}

fn stored_op(key: &ConversationKey, op: MemoryOp) -> parlance_store::MemoryOp {
    use parlance_store::MemoryOp as Stored;
    let bot = key.bot.clone();
    match op {
        MemoryOp::Set { key, value } => {
            Stored::Set { bot, key, value: Json::from(&value), expires_on: None }
        }
        MemoryOp::SetField { key, field, value } => Stored::SetField { bot, key, field, value },
        MemoryOp::DeletePrefix { prefix } => Stored::DeletePrefix { bot, prefix },
    }
}
