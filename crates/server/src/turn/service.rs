//! The way into a turn: a place in the lane, and patience for its answer.

use std::sync::Arc;
use std::time::Duration;

use parlance_core::bot::{Bot, ConverseConfig, DialogConfig};
use parlance_core::content::PayloadFormat;
use parlance_core::dialog::{DecisionRules, Settings};
use parlance_store::Store;
use tokio::sync::oneshot;

use crate::clock::Clock;
use crate::config::defaults;
use crate::media::Fetcher;
use crate::ops::lifecycle::Lifecycle;

use super::lanes::{LaneLimits, Lanes};
use super::patience::{self, Activity};
use super::retention::RetentionPolicies;
use super::run::Early;
use super::warm::Warm;
use super::{Answer, Incoming, TurnError};

/// When a caller that was turned away may try again, in seconds.
pub(super) const RETRY_AFTER: u64 = 1;

/// Server settings that turns depend on.
#[derive(Debug, Clone)]
pub struct TurnSettings {
    /// The server's external URL, without a slash at its end.
    pub external_url: String,
    /// Converse settings for bots that have none of their own.
    pub converse: ConverseConfig,
    /// Expiries for bots that have none of their own.
    pub dialog: DialogConfig,
    /// How suggestions are chosen.
    pub rules: DecisionRules,
    /// How many turns may run and wait.
    pub limits: LaneLimits,
    /// What is forgotten of chat users, and when.
    pub retention: RetentionPolicies,
}

/// Runs turns. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Turns {
    pub(super) shared: Arc<Shared>,
}

#[derive(Debug)]
pub(super) struct Shared {
    pub(super) store: Arc<Store>,
    pub(super) files: Fetcher,
    pub(super) clock: Clock,
    pub(super) settings: TurnSettings,
    pub(super) lanes: Lanes,
    pub(super) warm: Warm,
    pub(super) lifecycle: Lifecycle,
}

impl Turns {
    /// Turns on this store, which copy files that users send with `files`.
    pub fn new(
        store: Arc<Store>,
        files: Fetcher,
        settings: TurnSettings,
        lifecycle: Lifecycle,
    ) -> Self {
        let lanes = Lanes::new(settings.limits);
        let (clock, warm) = (Clock::default(), Warm::default());
        Self { shared: Arc::new(Shared { store, files, clock, settings, lanes, warm, lifecycle }) }
    }

    /// Runs a turn and waits for its answer, `timeout` long between instructions.
    ///
    /// The turn goes on when the caller stops waiting; its replies are then stored and not sent.
    pub async fn converse(
        &self,
        incoming: Incoming,
        timeout: Duration,
    ) -> Result<Answer, TurnError> {
        let place = self.shared.lanes.enter(incoming.key.session_id());
        let mut place =
            place.map_err(|_| TurnError::Overloaded { retry_after_secs: RETRY_AFTER })?;
        let activity = Arc::new(Activity::default());
        let (shared, told) = (Arc::clone(&self.shared), Arc::clone(&activity));
        let turn = |mut early: Early| async move {
            place.reach().await;
            let result = shared.message(&incoming, &told, &mut early).await;
            drop(place);
            (result, early)
        };
        let lost = || TurnError::NotStored("the turn ended without an answer".to_owned());
        if cfg!(feature = "broken-ack-before-commit") {
            let (early, answer) = oneshot::channel();
            self.shared.lifecycle.spawn_work("turn", async move {
                if let (result, Some(early)) = turn(Some(early)).await {
                    let _ = early.send(result);
                }
            });
            return answer.await.unwrap_or_else(|_| Err(lost()));
        }
        let turn = self.shared.lifecycle.attend("turn", turn(None));
        match patience::wait(turn, &activity, timeout).await {
            Some(Ok((result, _))) => result,
            Some(Err(_)) => Err(lost()),
            None => Err(TurnError::TimedOut),
        }
    }

    /// Where turns wait for those before them; for changes that must not come into a turn.
    pub fn lanes(&self) -> Lanes {
        self.shared.lanes.clone()
    }

    /// How many turns run, and how many wait for an earlier one of their conversation.
    pub fn under_way(&self) -> (usize, usize) {
        self.shared.lanes.occupancy()
    }
}

impl Shared {
    /// What the dialog engine needs to know of the server.
    pub(super) fn engine_settings(&self, bot: &Bot) -> Settings<'_> {
        let format = bot.config.converse.payload_format.or(self.settings.converse.payload_format);
        Settings {
            format: format.unwrap_or(PayloadFormat::Auto),
            external_url: &self.settings.external_url,
            rules: self.settings.rules,
        }
    }

    /// How long a conversation's position and its session are kept, in milliseconds.
    pub(super) fn expiries(&self, bot: &Bot) -> (i64, i64) {
        let (own, server) = (bot.config.dialog, self.settings.dialog);
        let millis = |own: Option<u64>, server: Option<u64>, otherwise: Duration| {
            let duration = own.or(server).map_or(otherwise, Duration::from_millis);
            i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
        };
        let context =
            millis(own.timeout_interval, server.timeout_interval, defaults::CONTEXT_EXPIRY);
        let session = millis(
            own.session_timeout_interval,
            server.session_timeout_interval,
            defaults::SESSION_EXPIRY,
        );
        (context, session)
    }
}
