//! Bots over HTTP: what operators do with them, and their files.

mod archives;
mod at_work;
mod collection;
mod media;
mod settings;
mod workspaces;

use std::io::Read as _;

use serde_json::{Value, json};

use crate::harness::{ADMIN, BotFiles, Client, DataDir, Reply, Server};

/// Where operators work on bots.
const BOTS: &str = "/api/v2/admin/workspace/bots";
const ARCHIVE: &str = "application/tar+gzip";
const DEFAULT: (&str, &str) = ("X-BP-Workspace", "default");

/// A bot that says one text.
fn bot(id: &str, text: &str) -> BotFiles {
    let entry = json!({ "name": "entry", "onEnter": ["say #!builtin_text-hello"], "next": [] });
    BotFiles::new(id).texts(&[("hello", text)]).flow("main", &[entry])
}

/// A server with these bots, and its administrator.
async fn site(bots: &[BotFiles]) -> (DataDir, Server, Client) {
    let data = DataDir::with_bots(bots);
    let server = Server::start_with_admin(&data);
    let admin = server.client().login(ADMIN).await;
    (data, server, admin)
}

/// `GET`, in the workspace `default`.
async fn get(client: &Client, path: &str) -> Reply {
    client.get_with(&format!("{BOTS}{path}"), &[DEFAULT]).await
}

/// `POST`, in the workspace `default`.
async fn post(client: &Client, path: &str, body: &Value) -> Reply {
    client.try_post(&format!("{BOTS}{path}"), body, &[DEFAULT]).await.unwrap()
}

async fn export(client: &Client, bot: &str) -> Vec<u8> {
    let path = format!("{BOTS}/{bot}/export");
    let answer = client.request(reqwest::Method::GET, &path, &[]).send().await.unwrap();
    assert_eq!(answer.status(), 200, "{bot}");
    assert_eq!(answer.headers()["content-type"], ARCHIVE);
    let length: usize = answer.headers()["content-length"].to_str().unwrap().parse().unwrap();
    let bytes = answer.bytes().await.unwrap().to_vec();
    assert_eq!(bytes.len(), length);
    bytes
}

/// Imports into the workspace `default`; the query begins with `?` or is empty.
async fn import(client: &Client, bot: &str, query: &str, archive: &[u8]) -> Reply {
    try_import(client, bot, query, archive).await.unwrap()
}

async fn try_import(
    client: &Client,
    bot: &str,
    query: &str,
    archive: &[u8],
) -> reqwest::Result<Reply> {
    let path = format!("{BOTS}/{bot}/import{query}");
    client.post_bytes(&path, &[DEFAULT, ("Content-Type", ARCHIVE)], archive.to_vec()).await
}

/// What the bot says.
async fn said(client: &Client, bot: &str) -> Vec<String> {
    client.say(bot, "u1", "hello").await.texts()
}

/// The configuration in an archive.
fn config_in(archive: &[u8]) -> Value {
    let mut tar = tar::Archive::new(flate2::read::GzDecoder::new(archive));
    for entry in tar.entries().unwrap() {
        let mut entry = entry.unwrap();
        if entry.path().unwrap().to_string_lossy() == "bot.config.json" {
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            return serde_json::from_str(&text).unwrap();
        }
    }
    panic!("the archive has no bot.config.json");
}

/// An archive of these files.
fn packed(files: &[(&str, &[u8])]) -> Vec<u8> {
    let gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let mut tar = tar::Builder::new(gzip);
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        // As whoever wants to do harm would write it, whatever the library thinks of the name.
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name.as_bytes());
        header.set_cksum();
        tar.append(&header, *bytes).unwrap();
    }
    tar.into_inner().unwrap().finish().unwrap()
}
