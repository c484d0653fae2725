//! A row in the audit log for every change, and for every caller who was turned away.
//!
//! A change runs as a task of its own: it ends, and is recorded, also when its caller leaves. Its
//! answer leaves once the row is on disk. Failures are capped per address, so that who guesses
//! passwords cannot fill the disk with the record of it; how many were left out is a metric.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use parlance_store::AuditEntry;
use serde::Serialize;

use super::super::client_ip::client_number;
use super::super::error::HttpError;
use super::super::limits::Limiter;
use super::call::Visit;
use crate::auth::Caller;
use crate::config::RateLimit;
use crate::digest::sha256;
use crate::ops::metrics::{Limit, audit_left_out};
use crate::services::Services;

/// Failures of one address that are recorded in a minute.
const FAILURES: RateLimit = RateLimit { limit: 60, window: Duration::from_mins(1) };

/// What an endpoint adds to its row: an extension of its answer.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Recorded {
    /// What was changed, if the path does not say it.
    pub(in super::super) target: Option<String>,
    /// Hash of what was there before: SHA-256, hexadecimal.
    pub(in super::super) before: Option<String>,
    /// Hash of what is there now.
    pub(in super::super) after: Option<String>,
    /// Who it was, where the request alone does not say it, such as at a login.
    pub(in super::super) actor: Option<String>,
    /// More, in a few words; no secrets.
    pub(in super::super) note: String,
}

impl Recorded {
    /// Of this thing.
    pub(in super::super) fn of(target: impl Into<String>) -> Self {
        Self { target: Some(target.into()), ..Self::default() }
    }

    /// With what there was before and is there now, as hashes of their JSON.
    pub(in super::super) fn changed(
        mut self,
        before: Option<&impl Serialize>,
        after: Option<&impl Serialize>,
    ) -> Self {
        self.before = before.map(hash);
        self.after = after.map(hash);
        self
    }

    /// With more words.
    pub(in super::super) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    /// Done by this account, which the request did not prove before.
    pub(in super::super) fn by(mut self, actor: impl Into<String>) -> Self {
        self.actor = Some(actor.into());
        self
    }

    /// Adds it to an answer.
    pub(in super::super) fn with(self, answer: impl axum::response::IntoResponse) -> Response {
        let mut response = answer.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Writes the rows.
pub(super) struct Recorder {
    services: Services,
    failures: Limiter,
}

/// What a row says before anything has happened.
pub(super) struct Attempt {
    pub(super) action: &'static str,
    pub(super) target: String,
    pub(super) actor: String,
    pub(super) visit: Visit,
}

impl Recorder {
    pub(super) fn new(services: Services) -> Self {
        Self { services, failures: Limiter::new(Limit::Ip, FAILURES) }
    }

    /// Runs a change and records it.
    pub(super) async fn change(
        self: &Arc<Self>,
        attempt: Attempt,
        request: Request,
        next: Next,
    ) -> Response {
        let recorder = Arc::clone(self);
        let change = async move {
            let response = next.run(request).await;
            recorder.record(attempt, response).await
        };
        let task = self.services.lifecycle.spawn_work("change", change);
        task.await.unwrap_or_else(|_| HttpError::internal().into_response())
    }

    /// Records what came of an attempt; an answer that cannot be recorded is not given.
    pub(super) async fn record(&self, attempt: Attempt, mut response: Response<Body>) -> Response {
        let added = response.extensions_mut().remove::<Recorded>().unwrap_or_default();
        let failed = !response.status().is_success();
        let Attempt { action, target, actor, visit } = attempt;
        if failed && !self.failures.check(client_number(visit.from)).allowed {
            audit_left_out();
            return response;
        }
        let entry = AuditEntry {
            on: self.services.clock.millis(),
            actor: added.actor.unwrap_or(actor),
            action: action.to_owned(),
            target: added.target.unwrap_or(target),
            before: added.before,
            after: added.after,
            from: visit.from.to_string(),
            result: i64::from(response.status().as_u16()),
            request_id: visit.request_id.to_str().unwrap_or_default().to_owned(),
            note: added.note,
        };
        match self.services.store.audit(entry.clone()).await {
            Ok(_) => response,
            Err(error) => {
                tracing::error!(%error, ?entry, "the audit log takes no rows");
                HttpError::not_recorded().into_response()
            }
        }
    }
}

/// Hex SHA-256 of a value's JSON.
fn hash(value: &impl Serialize) -> String {
    // What endpoints show is always written.
    sha256(serde_json::to_vec(value).unwrap_or_default())
}

/// How the log names a caller.
pub(super) fn actor(caller: &Caller) -> String {
    caller.to_string()
}
