//! `global/workspaces.json`: which bots are mounted (`spec` runtime 1.6).

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use serde_json::Value;

/// Largest file that is read, in bytes.
const MAX_BYTES: u64 = 16 << 20;

/// The ids that some workspace names; `None` when there is no file, so that every bot counts.
///
/// A file that says nothing certain is an error: what is wrong with it.
pub(super) fn read(data_dir: &Path) -> Result<Option<BTreeSet<String>>, String> {
    let path = data_dir.join("global/workspaces.json");
    match fs::metadata(&path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Ok(metadata) if metadata.len() > MAX_BYTES => {
            return Err(format!("it is larger than {} MiB", MAX_BYTES >> 20));
        }
        _ => {}
    }
    let bytes = fs::read(&path).map_err(|error| error.to_string())?;
    parse(&bytes).map(Some)
}

fn parse(bytes: &[u8]) -> Result<BTreeSet<String>, String> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let value: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let workspaces = value.as_array().ok_or("it holds no list of workspaces")?;
    let mut ids = BTreeSet::new();
    for (index, workspace) in workspaces.iter().enumerate() {
        match workspace.get("bots") {
            Some(Value::Array(bots)) => {
                ids.extend(bots.iter().filter_map(Value::as_str).map(str::to_owned));
            }
            None | Some(Value::Null) if workspace.is_object() => {}
            _ => return Err(format!("`bots` of workspace {index} is no list of bot ids")),
        }
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bots_of_all_workspaces_count() {
        let text = r#"[{"id": "default", "bots": ["a-bot", "b-bot"]}, {"bots": ["c-bot", 5]}, {}]"#;
        let ids: Vec<String> = parse(text.as_bytes()).unwrap().into_iter().collect();
        assert_eq!(ids, ["a-bot", "b-bot", "c-bot"]);
        assert!(parse(b"[]").unwrap().is_empty());
    }

    #[test]
    fn what_says_nothing_certain_is_an_error() {
        for text in ["", "{}", "[5]", r#"[{"bots": "all"}]"#, "[{}"] {
            assert!(parse(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn without_the_file_every_bot_counts() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(read(dir.path()), Ok(None));
    }
}
