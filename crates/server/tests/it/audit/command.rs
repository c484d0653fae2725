//! `parlance audit`.

use parlance_store::{AuditEntry, Database, Store, StoreOptions};
use serde_json::Value;

use crate::cli::{all_text, run};
use crate::harness::{DataDir, Server};

/// A data directory whose trail has the rows 1 to `rows`.
async fn with_rows(rows: i64) -> DataDir {
    let data = DataDir::with_bots(&[]);
    let storage = data.path().join("storage");
    std::fs::create_dir_all(&storage).unwrap();
    let database = Database::File(storage.join("parlance.sqlite"));
    let store = Store::open(&database, &StoreOptions::default()).await.unwrap();
    for number in 1..=rows {
        let entry = AuditEntry {
            on: 1_700_000_000_000 + number,
            actor: "account:a@b.c/default".to_owned(),
            action: "bot delete".to_owned(),
            target: format!("bot=b{number}\n\u{1b}[2J"),
            before: None,
            after: None,
            from: "127.0.0.1".to_owned(),
            result: 200,
            request_id: format!("r{number}"),
            note: String::new(),
        };
        store.audit(entry).await.unwrap();
    }
    store.close().await;
    data
}

fn audit(data: &DataDir, arguments: &[&str]) -> (Option<i32>, String) {
    let path = data.path();
    let mut line = vec!["audit"];
    line.extend(arguments);
    line.extend(["--data", path.to_str().unwrap()]);
    let output = run(&line);
    (output.status.code(), all_text(&output))
}

fn meddle(data: &DataDir, sql: &str) {
    let file = rusqlite::Connection::open(data.path().join("storage/parlance.sqlite")).unwrap();
    assert!(file.execute(sql, []).unwrap() > 0);
}

#[tokio::test]
async fn a_whole_trail_is_told_from_a_broken_one_by_the_exit_code() {
    let data = with_rows(3).await;
    let (code, text) = audit(&data, &["verify"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("whole: 3 rows, the newest 3:"), "{text}");
    meddle(&data, "UPDATE audit SET actor = 'server' WHERE number = 2");
    let (code, text) = audit(&data, &["verify"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("row 2 was changed"), "{text}");
    meddle(&data, "DELETE FROM audit WHERE number >= 2");
    let (code, text) = audit(&data, &["verify"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("rows 2 to 3 are missing"), "{text}");
}

#[tokio::test]
async fn a_trail_that_cannot_be_looked_at_is_neither() {
    let data = DataDir::with_bots(&[]);
    let (code, text) = audit(&data, &["verify"]);
    assert_eq!(code, Some(3), "{text}");
    assert!(text.contains("parlance.sqlite"), "{text}");
    assert_eq!(audit(&data, &["verify", "--head", "3"]).0, Some(2), "clap's code");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_of_a_server_tells_what_the_trail_must_hold() {
    let data = with_rows(3).await;
    let mut server = Server::start(&data);
    let (code, text) = audit(&data, &["verify"]);
    assert_eq!(code, Some(0), "beside a server: {text}");
    server.ask_to_end();
    assert!(server.wait_for_end().success());
    let log = std::fs::read_to_string(data.log_file()).unwrap();
    let line = log.lines().find(|line| line.contains("newest row of the audit trail")).unwrap();
    let head = line.split("head=").nth(1).unwrap().trim();
    assert_eq!(audit(&data, &["verify", "--head", head]).0, Some(0), "{head}");
    let other = format!("2:{}", &head[2..]);
    let (code, text) = audit(&data, &["verify", "--head", &other]);
    assert_eq!(code, Some(1), "{text}");
    assert!(text.contains("row 2 is not the row that was written"), "{text}");
}

#[tokio::test]
async fn the_newest_rows_are_printed_one_a_line() {
    let data = with_rows(30).await;
    let (code, text) = audit(&data, &["tail", "-n", "5"]);
    assert_eq!(code, Some(0), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 5, "{text}");
    assert!(lines[4].contains("2023-11-14T22:13:20.030Z  200  account:a@b.c/default  bot delete"));
    assert!(lines[4].ends_with("bot=b30\\u{a}\\u{1b}[2J  from 127.0.0.1"), "{text}");
    let (_, text) = audit(&data, &["tail", "--json", "--lines", "2"]);
    let rows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((rows.len(), &rows[0]["number"], &rows[1]["number"]), (2, &29.into(), &30.into()));
    assert_eq!(rows[1]["previousHash"], rows[0]["hash"]);
    assert_eq!(rows[1]["requestId"], "r30");
    assert_eq!(audit(&data, &["tail", "-n", "0"]), (Some(0), String::new()));
}
