//! Full disks, dead servers and broken connections: a typed error, nothing half written, and
//! recovery without help.

use std::time::Duration;

use parlance_store::{
    AuditHead, CommitError, Database, MemoryOp, Revision, Store, StoreOptions, Unready,
};
use serde_json::{Value, json};

use crate::engines::{NOW, TestDb, bot, json, options, run_turn, state, turn, user};
use crate::postgres::Server;
use crate::proxy::{Cut, Proxy};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_fails_turns_until_there_is_space() {
    let db = TestDb::sqlite();
    let limited = StoreOptions { sqlite_max_bytes: Some(1 << 20), ..options() };
    let store = db.open_with(limited).await;
    let big = json(&Value::String("x".repeat(50_000)));
    let mut stored = 0;
    let error = loop {
        let key = user(&format!("u{stored}"));
        match run_turn(&store, &key, NOW, |turn, _| turn.trace = big.clone()).await {
            Ok(_) => stored += 1,
            Err(error) => break error,
        }
        assert!(stored < 100, "the file never fills");
    };
    assert!(matches!(error, CommitError::Full(_)), "{error}");
    assert!(matches!(store.health().await, Err(Unready::Write(CommitError::Full(_))) | Ok(())));
    let failed = user(&format!("u{stored}"));
    assert_eq!(state(&store, &failed, NOW).await.conversation, None);
    // A large turn fails, small ones of the same batch go through.
    let (large, small) = (user("large"), user("small"));
    let (large, small) = tokio::join!(
        run_turn(&store, &large, NOW, |turn, _| turn.trace = big.clone()),
        run_turn(&store, &small, NOW, |_, _| {}),
    );
    assert!(matches!(large, Err(CommitError::Full(_))));
    small.unwrap();
    // Somebody makes space.
    let file = rusqlite::Connection::open(db.file()).unwrap();
    file.busy_timeout(Duration::from_secs(5)).unwrap();
    let deleted = file.execute("DELETE FROM turn WHERE length(trace) > 1000", []).unwrap();
    assert_eq!(deleted, stored);
    drop(file);
    run_turn(&store, &failed, NOW, |turn, _| turn.trace = big).await.unwrap();
    store.health().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_locked_by_another_program_fails_turns_until_it_is_free() {
    let db = TestDb::sqlite();
    let store = db.open().await;
    let other = rusqlite::Connection::open(db.file()).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let refused = run_turn(&store, &user("u1"), NOW, |_, _| {}).await;
    assert!(matches!(refused, Err(CommitError::Unavailable(_))), "{refused:?}");
    other.execute_batch("ROLLBACK").unwrap();
    store.health().await.unwrap();
    run_turn(&store, &user("u1"), NOW, |_, _| {}).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_log_of_sqlite_stays_small() {
    let db = TestDb::sqlite();
    let store = std::sync::Arc::new(db.open().await);
    let log = db.file().with_file_name("test.db-wal");
    let big = json(&Value::String("x".repeat(200_000)));
    let mut largest = 0;
    for _ in 0..40 {
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..20 {
            let (store, big) = (std::sync::Arc::clone(&store), big.clone());
            tasks.spawn(async move {
                let key = user(&format!("u{n}"));
                run_turn(&store, &key, NOW, |turn, _| turn.trace = big).await.unwrap();
            });
        }
        while let Some(ended) = tasks.join_next().await {
            ended.unwrap();
        }
        largest = largest.max(log.metadata().unwrap().len());
    }
    // 160 MB were written.
    assert!(largest < 72 << 20, "{largest}");
    assert!(db.file().metadata().unwrap().len() > 100 << 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_postgres_server_that_crashes_is_found_again() {
    let Some(mut server) = Server::new() else {
        return;
    };
    let database = Database::Postgres(server.new_database().await);
    let store = Store::open(&database, &options()).await.unwrap();
    let before = run_turn(&store, &user("u1"), NOW, |_, _| {}).await.unwrap();
    server.crash();
    let refused = store.commit(turn(&user("u2"), Revision::default(), NOW)).await;
    assert!(matches!(refused, Err(CommitError::Unavailable(_))), "{refused:?}");
    assert!(store.health().await.is_err());
    assert!(store.load(&user("u9"), NOW).await.is_err());
    server.restart();
    store.health().await.unwrap();
    let loaded = state(&store, &user("u1"), NOW).await;
    assert_eq!(loaded.conversation.unwrap().session, before.session);
    assert_eq!(state(&store, &user("u2"), NOW).await.conversation, None, "refused, not stored");
    run_turn(&store, &user("u1"), NOW, |_, _| {}).await.unwrap();
    run_turn(&store, &user("u2"), NOW, |_, _| {}).await.unwrap();
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_connection_that_breaks_during_commit_loses_and_doubles_nothing() {
    let Some(server) = crate::postgres::shared() else {
        return;
    };
    let url = server.new_database().await;
    let name = url.rsplit('/').next().unwrap();
    let proxy = Proxy::new(server.socket());
    let port = proxy.port;
    let url = format!("postgres://parlance@127.0.0.1:{port}/{name}?sslmode=disable");
    let store = Store::open(&Database::parse(&url).unwrap(), &options()).await.unwrap();
    let key = user("u1");
    let count = |field: &str| MemoryOp::SetField {
        bot: bot("welcome-bot"),
        key: "count".to_owned(),
        field: field.to_owned(),
        value: json!(1),
    };
    for (turns, cut) in [(1, Cut::Never), (2, Cut::Before), (3, Cut::After), (4, Cut::Never)] {
        let loaded = state(&store, &key, NOW).await;
        assert_eq!(loaded.revision().turns(), turns - 1);
        let mut record = turn(&key, loaded.revision(), NOW + turns);
        record.memory = vec![count(&format!("{cut:?}{turns}"))];
        proxy.cut_next(cut);
        store.commit(record.clone()).await.unwrap();
        let loaded = state(&store, &key, NOW).await;
        assert_eq!(loaded.revision().turns(), turns, "{cut:?}");
        assert_eq!(loaded.conversation.unwrap().session, record.session, "{cut:?}");
    }
    assert_eq!(store.newest_turns(&key, 10).await.unwrap().len(), 4);
    let memory = store.memory_get(&bot("welcome-bot"), "count", NOW).await.unwrap().unwrap();
    assert_eq!(memory.read::<Value>().unwrap().as_object().unwrap().len(), 4);
    // The same for the audit trail, which has no turn to tell what became of it.
    let mut trail = Vec::new();
    for cut in [Cut::Never, Cut::Before, Cut::After, Cut::Never] {
        proxy.cut_next(cut);
        trail.push(store.audit(crate::audit::entry("cut")).await.unwrap());
    }
    assert_eq!(store.audit_rows_after(0, 10).await.unwrap(), trail);
    let head = trail.last().map(AuditHead::of).unwrap();
    assert_eq!(store.verify_audit(Vec::new()).await.unwrap(), Ok(head));
}
