//! `parlance bot …`, from outside and beside a server that runs.

use std::path::Path;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{BotFiles, DataDir, Server, binary};

const PATIENCE: Duration = Duration::from_secs(20);

fn bot(id: &str, text: &str) -> BotFiles {
    let entry = json!({ "name": "entry", "onEnter": ["say #!builtin_text-hello"], "next": [] });
    BotFiles::new(id).texts(&[("hello", text)]).flow("main", &[entry])
}

/// Runs `parlance bot` on the data directory.
fn run(data: &Path, arguments: &[&str]) -> Output {
    let mut command = binary();
    command.args(["bot", "--data"]).arg(data).args(arguments).stdin(Stdio::null());
    command.output().unwrap()
}

/// The same where it must be done; what it printed.
fn done(data: &Path, arguments: &[&str]) -> String {
    let output = run(data, arguments);
    let (out, error) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{arguments:?}: {out}{error}");
    out.into_owned()
}

/// The same where it must not; the code it ended with, and why.
fn refused(data: &Path, arguments: &[&str]) -> (i32, String) {
    let output = run(data, arguments);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.starts_with("parlance bot: "), "{text}");
    (output.status.code().unwrap(), text)
}

#[test]
fn bots_go_out_and_come_in() {
    let site = DataDir::with_bots(&[bot("shop", "hello"), bot("other", "other")]);
    let data = &site.path();
    let file = data.join("shop.tgz").to_string_lossy().into_owned();
    assert!(done(data, &["export", "shop", "-o", &file]).contains("4 files"));
    let piped = run(data, &["export", "shop", "-o", "-"]).stdout;
    assert_eq!(piped, std::fs::read(&file).unwrap());
    let looked = done(data, &["import", &file, "--id", "copy", "--dry-run"]);
    assert!(looked.contains("nothing was written") && !data.join("bots/copy").exists(), "{looked}");
    let (code, text) = refused(data, &["import", &file]);
    assert!(code == 1 && text.contains("\"shop\" already"), "{text}");
    let (code, text) = refused(data, &["import", &file, "--dry-run"]);
    assert!(code == 1 && text.contains("--overwrite"), "{text}");
    assert!(done(data, &["import", &file, "--overwrite"]).contains("replaced \"shop\""));
    assert!(done(data, &["import", &file, "--id", "copy"]).contains("imported \"copy\""));
    let listed = done(data, &["list"]);
    assert!(listed.contains("shop (copy)") && listed.lines().count() == 4, "{listed}");
    let listed: Value = serde_json::from_str(&done(data, &["list", "--json"])).unwrap();
    assert_eq!(listed[0]["id"], "copy");
    let (code, _) = refused(data, &["import", &data.join("none.tgz").to_string_lossy()]);
    assert_eq!(code, 1);
}

#[test]
fn what_cannot_be_done_is_said_with_its_reason() {
    let site = DataDir::with_bots(&[bot("shop", "hello")]);
    let data = &site.path();
    for (arguments, code, text) in [
        (&["export", "none"][..], 1, "no bot \"none\""),
        (&["new", "a b", "--template", "empty-bot"], 1, "3 to 50"),
        (&["new", "new-bot", "--template", "?"], 1, "empty-bot, welcome-bot"),
        (&["delete", "shop"], 1, "--yes"),
        (&["delete", "none", "--yes"], 1, "no bot \"none\""),
    ] {
        let found = refused(data, arguments);
        assert!(found.0 == code && found.1.contains(text), "{arguments:?}: {found:?}");
    }
    let (code, text) = refused(&data.join("none"), &["list"]);
    assert!(code == 3 && text.contains("no data directory"), "{text}");
    let broken = data.join("global/workspaces.json");
    std::fs::write(&broken, "[{").unwrap();
    let (code, text) = refused(data, &["new", "new-bot", "--template", "empty-bot"]);
    assert!(code == 3 && text.contains("mend it first"), "{text}");
    assert_eq!(std::fs::read_to_string(broken).unwrap(), "[{");
}

#[tokio::test]
async fn a_running_server_sees_what_the_command_line_does() {
    let data = DataDir::with_bots(&[bot("shop", "hello")]);
    let server = Server::start(&data);
    let client = server.client();
    let until = async |bot: &str, status: u16| {
        let deadline = Instant::now() + PATIENCE;
        while client.say(bot, "u1", "hello").await.status != status {
            assert!(Instant::now() < deadline, "{bot} never answered with {status}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    until("shop", 200).await;
    done(&data.path(), &["new", "fresh", "--template", "welcome-bot", "--name", "Fresh"]);
    until("fresh", 200).await;
    done(&data.path(), &["delete", "fresh", "--yes"]);
    until("fresh", 404).await;
    until("shop", 200).await;
}

#[test]
fn processes_do_not_lose_each_others_bots() {
    let site = DataDir::with_bots(&[bot("shop", "hello")]);
    let data = &site.path();
    std::thread::scope(|scope| {
        for n in 0..6 {
            scope.spawn(move || {
                done(data, &["new", &format!("bot-{n}"), "--template", "empty-bot"])
            });
        }
    });
    let listed: Value = serde_json::from_str(&done(data, &["list", "--json"])).unwrap();
    let named = |bot: &Value| bot["workspaces"] == json!(["default"]);
    assert_eq!(listed.as_array().unwrap().iter().filter(|bot| named(bot)).count(), 7, "{listed}");
}
