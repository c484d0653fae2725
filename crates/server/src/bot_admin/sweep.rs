//! Clearing up after a crash, once at every start.

use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

use super::place::Place;
use crate::files::DRAFT_PREFIX;

/// Drafts of files younger than this may be somebody's work, in milliseconds.
const YOUNG: i64 = 60 * 60 * 1000;
/// Most folders that are looked into.
const MAX_FOLDERS: usize = 50_000;

/// Ends or undoes what a crash has cut short in the data directory: bots that were being replaced or
/// unpacked, drafts of files. `now` is in milliseconds since 1970. Logs what it does; a directory that
/// cannot be written to is left as it is.
pub fn sweep(data_dir: &Path, now: i64) {
    if let Err(error) = Place::new(data_dir).recover(now) {
        tracing::warn!(%error, "what an earlier run has left could not be cleared up");
    }
    let (global, bots) = (data_dir.join("global"), data_dir.join("bots"));
    for folder in [global.join("media"), global.join("revisions"), global] {
        remove_drafts(&folder, now);
    }
    for bot in fs::read_dir(bots).into_iter().flatten().flatten().take(MAX_FOLDERS) {
        if !bot.file_name().to_string_lossy().starts_with('.') {
            remove_drafts(&bot.path().join("media"), now);
            remove_drafts(&bot.path(), now);
        }
    }
}

fn remove_drafts(folder: &Path, now: i64) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if !entry.file_name().to_string_lossy().starts_with(DRAFT_PREFIX) {
            continue;
        }
        let modified = entry.metadata().and_then(|metadata| metadata.modified()).ok();
        let age = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        let written = age.and_then(|age| i64::try_from(age.as_millis()).ok()).unwrap_or(now);
        if now.saturating_sub(written) > YOUNG && fs::remove_file(entry.path()).is_ok() {
            tracing::info!(path = %entry.path().display(), "an unfinished file was removed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_drafts_go_and_all_else_stays() {
        let data = tempfile::tempdir().unwrap();
        for folder in ["global/media", "bots/shop/media", "bots/.parlance/staging/x"] {
            fs::create_dir_all(data.path().join(folder)).unwrap();
        }
        let drafts = ["global/.parlance-a", "bots/shop/.parlance-b", "bots/shop/media/.parlance-c"];
        for path in drafts.iter().chain(&["global/workspaces.json", "bots/shop/.env"]) {
            fs::write(data.path().join(path), "x").unwrap();
        }
        let there = |path: &str| data.path().join(path).exists();
        sweep(data.path(), crate::clock::Clock::default().millis());
        assert!(drafts.iter().all(|path| there(path)), "they may be somebody's work");
        assert!(!there("bots/.parlance/staging/x"));
        sweep(data.path(), crate::clock::Clock::default().millis() + 2 * YOUNG);
        assert!(!drafts.iter().any(|path| there(path)));
        assert!(there("global/workspaces.json") && there("bots/shop/.env"));
        sweep(&data.path().join("nothing"), 0);
    }
}
