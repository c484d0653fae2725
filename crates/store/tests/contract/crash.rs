//! `kill -9` at any moment: what was acknowledged is there, once, and whole.

use std::collections::HashMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::sync::Arc;

use parlance_store::{Database, Store};

use crate::engines::{NOW, TestDb, contract, options, run_turn, user};

/// Tells the child which database to use.
const DATABASE: &str = "PARLANCE_CRASH_DATABASE";

/// Users that talk at the same time.
const USERS: usize = 16;

contract! {
    async fn what_was_acknowledged_survives_kill_9(db: TestDb) {
        let url = match &db.database {
            Database::File(path) => format!("sqlite:{}", path.display()),
            Database::Postgres(url) => url.clone(),
        };
        let mut acknowledged: HashMap<String, String> = HashMap::new();
        for round in 1..=5_usize {
            acknowledged.extend(run_and_kill(&url, 40 * round));
            // At once, as a supervisor would.
            let store = db.open().await;
            for (id, user_name) in &acknowledged {
                let turns = store.turns_from(id, 1).await.unwrap();
                assert_eq!(turns.len(), 1, "turn {id} of {user_name} was acknowledged");
            }
            whole(&store, &acknowledged).await;
            store.close().await;
        }
    }
}

/// Each conversation has turns 1, 2, 3, …, and its state is that of the last one.
async fn whole(store: &Store, acknowledged: &HashMap<String, String>) {
    let mut stored = 0;
    for n in 0..USERS {
        let key = user(&format!("u{n}"));
        let turns = store.newest_turns(&key, 100_000).await.unwrap();
        stored += turns.len();
        let numbers: Vec<_> = turns.iter().rev().map(|turn| turn.number).collect();
        let expected: Vec<_> = (1..).take(turns.len()).collect();
        assert_eq!(numbers, expected, "no turn is missing or there twice");
        let loaded = store.load(&key, NOW).await.unwrap();
        assert_eq!(loaded.revision().turns(), i64::try_from(turns.len()).unwrap());
        if let Some(last) = turns.first() {
            let session = loaded.conversation.unwrap().session.unwrap();
            assert!(session.as_str().contains(&last.id), "the state is of the last turn");
            let attributes = loaded.user.unwrap();
            assert!(attributes.as_str().contains(&last.id), "and so are the attributes");
        }
    }
    assert!(stored >= acknowledged.len());
    // Turns under way when the process was killed, at most one per user and round.
    assert!(stored <= acknowledged.len() + 5 * USERS);
}

/// Runs the child until it has acknowledged `turns` turns, and kills it.
fn run_and_kill(url: &str, turns: usize) -> HashMap<String, String> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "crash::child", "--ignored", "--nocapture", "--test-threads=1"])
        .env(DATABASE, url)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut acknowledged = HashMap::new();
    let mut note = |line: std::io::Result<String>| {
        let line = line.unwrap();
        if let Some(("ack", rest)) = line.split_once(' ')
            && let Some((id, user)) = rest.split_once(' ')
        {
            acknowledged.insert(id.to_owned(), user.to_owned());
        }
        acknowledged.len()
    };
    for line in lines.by_ref() {
        if note(line) >= turns {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    // What it had said before it was killed.
    for line in lines {
        note(line);
    }
    assert!(acknowledged.len() >= turns, "the child ended early");
    acknowledged
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "run by what_was_acknowledged_survives_kill_9"]
async fn child() {
    let url = std::env::var(DATABASE).unwrap();
    let store = Arc::new(Store::open(&Database::parse(&url).unwrap(), &options()).await.unwrap());
    let mut tasks = tokio::task::JoinSet::new();
    for n in 0..USERS {
        let store = Arc::clone(&store);
        tasks.spawn(async move {
            let key = user(&format!("u{n}"));
            loop {
                let turn = run_turn(&store, &key, NOW, |turn, _| {
                    let attributes = serde_json::json!({"turn": turn.turn_id});
                    turn.user = Some(crate::engines::json(&attributes));
                });
                let id = turn.await.unwrap().turn_id;
                let mut out = std::io::stdout().lock();
                writeln!(out, "ack {id} {}", key.user).unwrap();
            }
        });
    }
    tasks.join_next().await;
}
