//! The first start: a data directory with a demo bot where there was none.
//!
//! Files are written to a staging folder inside the data directory and moved into place by name, so
//! that a start that was cut short leaves nothing half written: the next start ends it. Works on a
//! mounted volume too, which cannot be renamed as a whole.

use std::fs;
use std::io;
use std::path::Path;

use serde_json::{Value, json};

use crate::bot_admin::own_files;

/// The bot that a first start brings along.
pub const DEMO_BOT: &str = "welcome-bot";

const STAGING: &str = ".first-start";

/// What a file system puts into an empty volume by itself.
const NOT_OURS: &str = "lost+found";

/// Fills `data_dir` with the demo bot, `workspaces.json` and `botpress.config.json` if it is missing
/// or empty; returns whether it did. Never overwrites anything.
pub fn prepare(data_dir: &Path) -> io::Result<bool> {
    if data_dir.is_file() {
        let message = format!("{} is a file; --data takes a directory", data_dir.display());
        return Err(io::Error::new(io::ErrorKind::NotADirectory, message));
    }
    fs::create_dir_all(data_dir).map_err(|error| named(data_dir, &error))?;
    let staging = data_dir.join(STAGING);
    let was_cut_short = staging.is_dir();
    if !was_cut_short && !is_empty(data_dir)? {
        return Ok(false);
    }
    if was_cut_short {
        fs::remove_dir_all(&staging).map_err(|error| named(&staging, &error))?;
    }
    write_all(&staging)?;
    for name in ["bots", "global"] {
        let place = data_dir.join(name);
        if !place.exists() {
            fs::rename(staging.join(name), &place).map_err(|error| named(&place, &error))?;
        }
    }
    fs::remove_dir_all(&staging).map_err(|error| named(&staging, &error))?;
    Ok(true)
}

fn is_empty(folder: &Path) -> io::Result<bool> {
    for entry in fs::read_dir(folder).map_err(|error| named(folder, &error))? {
        if entry?.file_name() != NOT_OURS {
            return Ok(false);
        }
    }
    Ok(true)
}

fn write_all(staging: &Path) -> io::Result<()> {
    let bot = staging.join("bots").join(DEMO_BOT);
    for (path, bytes) in own_files(DEMO_BOT) {
        write(&bot.join(path), &bytes)?;
    }
    let global = staging.join("global");
    write_json(&global.join("workspaces.json"), &workspaces())?;
    write_json(&global.join("botpress.config.json"), &server_config())
}

/// One workspace that holds the demo bot (`spec` runtime 1.6).
fn workspaces() -> Value {
    json!([{
        "id": "default",
        "name": "Default",
        "description": "The workspace that the first start made",
        "audience": "external",
        "bots": [DEMO_BOT],
    }])
}

/// Only what people look for first; everything else has its default.
fn server_config() -> Value {
    json!({ "httpServer": { "host": "127.0.0.1", "port": 3000 } })
}

fn write_json(file: &Path, value: &Value) -> io::Result<()> {
    write(file, format!("{value:#}\n").as_bytes())
}

fn write(file: &Path, content: &[u8]) -> io::Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).map_err(|error| named(folder, &error))?;
    }
    fs::write(file, content).map_err(|error| named(file, &error))
}

/// The error with the path that it is about.
fn named(path: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: &str = "bots/welcome-bot/bot.config.json";

    fn read(path: &Path) -> Value {
        serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
    }

    #[test]
    fn a_missing_directory_gets_the_demo_bot() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("new/data");
        assert!(prepare(&data).unwrap());
        assert_eq!(read(&data.join(CONFIG))["id"], DEMO_BOT);
        assert_eq!(read(&data.join("global/workspaces.json"))[0]["bots"], json!([DEMO_BOT]));
        assert!(data.join("bots/welcome-bot/flows/skills/choice-menu01.flow.json").is_file());
        assert!(!data.join(STAGING).exists());
    }

    #[test]
    fn an_empty_volume_gets_the_demo_bot() {
        let data = tempfile::tempdir().unwrap();
        fs::create_dir(data.path().join(NOT_OURS)).unwrap();
        assert!(prepare(data.path()).unwrap());
        assert!(!prepare(data.path()).unwrap(), "the second start finds it there");
    }

    #[test]
    fn a_directory_with_anything_in_it_is_left_alone() {
        let data = tempfile::tempdir().unwrap();
        fs::write(data.path().join("notes.txt"), "mine").unwrap();
        assert!(!prepare(data.path()).unwrap());
        assert!(!data.path().join("bots").exists());
    }

    #[test]
    fn a_start_that_was_cut_short_is_ended() {
        let data = tempfile::tempdir().unwrap();
        let kept = data.path().join(CONFIG);
        write(&kept, b"{\"id\": \"edited\"}").unwrap();
        fs::create_dir(data.path().join(STAGING)).unwrap();
        assert!(prepare(data.path()).unwrap());
        assert_eq!(read(&kept)["id"], "edited", "what is there is not overwritten");
        assert!(data.path().join("global/workspaces.json").is_file());
    }

    #[test]
    fn a_place_that_cannot_be_used_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data");
        fs::write(&file, "").unwrap();
        let message = prepare(&file).unwrap_err().to_string();
        assert_eq!(message, format!("{} is a file; --data takes a directory", file.display()));
        let below = prepare(&file.join("below")).unwrap_err().to_string();
        assert!(below.contains("data/below: "), "{below}");
    }
}
