//! Performs what the dialog engine asks of the world.

use std::time::Duration;

use parlance_core::dialog::{Effect, EffectAnswer};
use parlance_core::ids::BotId;
use parlance_store::Store;

use crate::media::Fetcher;

use super::patience::Activity;

/// What effects reach.
#[derive(Clone, Copy)]
pub(super) struct World<'w> {
    pub(super) store: &'w Store,
    pub(super) files: &'w Fetcher,
}

/// Performs `effect` and answers it. The caller's clock stands still meanwhile.
pub(super) async fn perform(
    effect: Effect,
    bot: &BotId,
    world: World<'_>,
    activity: &Activity,
    now: i64,
) -> EffectAnswer {
    activity.begin();
    let answer = match effect {
        Effect::Wait(millis) => {
            tokio::time::sleep(Duration::from_millis(millis)).await;
            EffectAnswer::Done
        }
        Effect::Recall { key } => recall(bot, &key, world.store, now).await,
        Effect::KeepFile { url } => match world.files.fetch(bot, &url).await {
            Ok(path) => EffectAnswer::Kept(path),
            Err(error) => EffectAnswer::Failed(error.to_string()),
        },
        Effect::RunAction { name, .. } => {
            EffectAnswer::Failed(format!("action not available: {name}"))
        }
        Effect::Evaluate { source } => {
            EffectAnswer::Failed(format!("the condition needs JavaScript: {source}"))
        }
    };
    activity.end();
    answer
}

async fn recall(bot: &BotId, key: &str, store: &Store, now: i64) -> EffectAnswer {
    let read = |json: parlance_store::Json| json.read().map_err(|error| error.to_string());
    match store.memory_get(bot, key, now).await {
        Ok(stored) => match stored.map(read).transpose() {
            Ok(value) => EffectAnswer::Recalled(value),
            Err(reason) => EffectAnswer::Failed(reason),
        },
        Err(error) => EffectAnswer::Failed(error.to_string()),
    }
}
