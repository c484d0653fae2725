//! A change from outside takes its place in the lane of a conversation, as a message does: it comes
//! between two turns and breaks none.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::http::StatusCode;
use parlance_core::ids::ConversationKey;
use tokio::time::timeout;

use super::super::error::HttpError;
use crate::services::Services;
use crate::turn::Place;

/// Longest wait for the turns before.
const PATIENCE: Duration = Duration::from_secs(20);

/// Most conversations that one change holds up.
const LANES: usize = 64;

/// When to come back, in seconds.
const RETRY_SECS: u64 = 5;

/// While it is held, no turn of its conversations runs.
pub(in super::super) struct Reservation {
    _places: Vec<Place>,
}

/// Waits until no turn of this conversation runs; 503 when that takes too long.
pub(in super::super) async fn alone(
    services: &Services,
    key: &ConversationKey,
) -> Result<Reservation, HttpError> {
    alone_in_all(services, std::iter::once(key)).await
}

/// The same for several conversations. Beyond the first 64 the store alone keeps watch.
pub(in super::super) async fn alone_in_all(
    services: &Services,
    keys: impl IntoIterator<Item = &ConversationKey>,
) -> Result<Reservation, HttpError> {
    // In one order, so that two of these never wait for each other.
    let lanes: BTreeSet<String> =
        keys.into_iter().take(LANES).map(ConversationKey::session_id).collect();
    let reserve = async {
        let mut places = Vec::with_capacity(lanes.len());
        for lane in lanes {
            let mut place = services.lanes.enter(lane).map_err(|_| busy())?;
            place.reach().await;
            places.push(place);
        }
        Ok(Reservation { _places: places })
    };
    timeout(PATIENCE, reserve).await.unwrap_or_else(|_| Err(busy()))
}

fn busy() -> HttpError {
    let message = "too many messages of this conversation are being answered; try again";
    HttpError::envelope(StatusCode::SERVICE_UNAVAILABLE, "OverloadedError", message)
        .retry_after(RETRY_SECS)
}
