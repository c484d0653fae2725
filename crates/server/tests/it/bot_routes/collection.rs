//! Bots that other people built, where a collection of them lies beside the project.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::PathBuf;
use std::time::Instant;

use serde_json::{Value, json};

use super::{export, get, import};
use crate::harness::{ADMIN, DataDir, Server};

/// The collection's folder; `None`, said aloud, where there is none.
fn collection() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("PARLANCE_SHARED").map_or(beside, PathBuf::from).join("bots");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("there is no collection of bots at {}: nothing to try", folder.display());
    None
}

/// The files of an archive by name, `bot.config.json` without what another id changes.
fn unpacked(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(archive));
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_string_lossy().into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        if name == "bot.config.json" {
            let mut config: Value = serde_json::from_slice(&bytes).unwrap();
            config["id"] = json!("");
            config["name"] = json!("");
            bytes = config.to_string().into_bytes();
        }
        (name, bytes)
    });
    entries.collect()
}

/// Every bot goes out of one server and into another and out again: the same but for `id` and `name`;
/// and once it has its id, the same bytes.
#[tokio::test]
async fn every_bot_of_the_collection_goes_round_over_http() {
    let Some(folder) = collection() else { return };
    let data = DataDir::with_bots(&[]);
    let mut ids = Vec::new();
    std::fs::create_dir_all(data.path().join("bots")).unwrap();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let id = entry.file_name().to_string_lossy().into_owned();
        if entry.path().join("bot.config.json").is_file() {
            let real = entry.path().canonicalize().unwrap();
            std::os::unix::fs::symlink(real, data.path().join("bots").join(&id)).unwrap();
            ids.push(id);
        }
    }
    let workspaces = json!([{ "id": "default", "name": "Default", "bots": ids }]);
    std::fs::write(data.path().join("global/workspaces.json"), workspaces.to_string()).unwrap();
    let source = Server::start_with_admin(&data);
    let from = source.client().login(ADMIN).await;
    let target_data = DataDir::with_bots(&[]);
    let target = Server::start_with_admin(&target_data);
    let to = target.client().login(ADMIN).await;
    let started = Instant::now();
    let mut bytes = 0;
    for id in &ids {
        let first = export(&from, id).await;
        bytes += first.len();
        let looked = import(&to, id, "?dryRun=true", &first).await;
        assert_eq!(looked.status, 200, "{id}: {}", looked.text);
        assert_eq!(get(&to, &format!("/{id}/exists")).await.json(), json!(false));
        let reply = import(&to, id, "", &first).await;
        assert_eq!(reply.status, 200, "{id}: {}", reply.text);
        let second = export(&to, id).await;
        assert!(unpacked(&first) == unpacked(&second), "{id} has changed");
        assert_eq!(import(&to, id, "?overwrite=true", &second).await.status, 200);
        assert!(export(&to, id).await == second, "{id} changes each time");
        let status = to.say(id, "u1", "hello").await.status;
        assert!([200, 400, 401, 404].contains(&status), "{id}: {status}");
    }
    println!("{} bots, {bytes} bytes, went round in {:?}", ids.len(), started.elapsed());
    assert!(ids.len() >= 50, "only {} bots were found", ids.len());
}
