//! The audit trail.

use std::sync::Arc;

use parlance_store::{
    AuditBreak, AuditEntry, AuditFilter, AuditHead, AuditRow, AuditTrail, CommitError, Database,
    Revision, Store,
};

use crate::engines::{NOW, TestDb, contract, run_turn, turn, user};

pub(crate) fn entry(action: &str) -> AuditEntry {
    AuditEntry {
        on: NOW,
        actor: "account:a@b.c/default".to_owned(),
        action: action.to_owned(),
        target: "bot:welcome-bot".to_owned(),
        before: None,
        after: Some("ff".repeat(32)),
        from: "127.0.0.1".to_owned(),
        result: 200,
        request_id: "018f".to_owned(),
        note: "é\"".to_owned(),
    }
}

/// All rows, read in pages.
async fn all(store: &Store) -> Vec<AuditRow> {
    let mut rows: Vec<AuditRow> = Vec::new();
    loop {
        let last = rows.last().map_or(0, |row| row.number);
        let page = store.audit_rows_after(last, 7).await.unwrap();
        if page.is_empty() {
            return rows;
        }
        rows.extend(page);
    }
}

contract! {
    async fn entries_are_chained_also_over_a_restart(db: TestDb) {
        let mut written = Vec::new();
        for restart in 0..3 {
            let store = db.open().await;
            for n in 0..4 {
                written.push(store.audit(entry(&format!("action {restart} {n}"))).await.unwrap());
            }
            store.close().await;
        }
        let store = db.open().await;
        assert_eq!(all(&store).await, written);
        let head = AuditHead::of(&written[11]);
        assert_eq!(store.verify_audit(Vec::new()).await.unwrap(), Ok(head));
        let filter = AuditFilter::default();
        let newest = store.audit_rows(&filter, None, 5).await.unwrap();
        let older = store.audit_rows(&filter, Some(newest[4].number), 100).await.unwrap();
        let numbers: Vec<_> = newest.iter().chain(&older).map(|row| row.number).collect();
        assert_eq!(numbers, (1..=12).rev().collect::<Vec<i64>>());
    }

    async fn entries_and_turns_that_come_at_once_are_all_kept(db: TestDb) {
        let store = Arc::new(db.open().await);
        run_turn(&store, &user("bad"), NOW, |_, _| {}).await.unwrap();
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..60 {
            let store = Arc::clone(&store);
            tasks.spawn(async move {
                if n % 2 == 0 {
                    return store.audit(entry(&n.to_string())).await.map(|_| ());
                }
                // Some turns fail, and with them the transaction that they share with entries.
                let bad = n % 10 == 5;
                let key = if bad { user("bad") } else { user(&format!("u{n}")) };
                let stored = store.commit(turn(&key, Revision::default(), NOW)).await;
                assert_eq!(stored, if bad { Err(CommitError::Conflict) } else { Ok(()) });
                Ok(())
            });
        }
        while let Some(ended) = tasks.join_next().await {
            ended.unwrap().unwrap();
        }
        let rows = all(&store).await;
        let numbers: Vec<_> = rows.iter().map(|row| row.number).collect();
        assert_eq!(numbers, (1..=30).collect::<Vec<i64>>());
        let head = AuditHead::of(&rows[29]);
        assert_eq!(store.verify_audit(Vec::new()).await.unwrap(), Ok(head));
    }

    async fn no_text_keeps_an_entry_out_of_the_trail(db: TestDb) {
        let store = db.open().await;
        let odd = AuditEntry { target: "a\0b".to_owned(), note: "ü".repeat(9000), ..entry("odd") };
        let row = store.audit(odd).await.unwrap();
        assert_eq!(row.entry.target, "a\\u{0}b");
        assert_eq!(all(&store).await, [row]);
    }

    async fn rows_are_found_by_who_and_what(db: TestDb) {
        let store = db.open().await;
        for n in 0..6 {
            let actor = if n % 2 == 0 { "key:1" } else { "cli" }.to_owned();
            let action = if n < 3 { "login" } else { "bot import" };
            store.audit(AuditEntry { actor, ..entry(action) }).await.unwrap();
        }
        let found = async |actor: Option<&str>, action: Option<&str>, before| {
            let filter = AuditFilter {
                actor: actor.map(str::to_owned),
                action: action.map(str::to_owned),
            };
            let rows = store.audit_rows(&filter, before, 100).await.unwrap();
            rows.iter().map(|row| row.number).collect::<Vec<_>>()
        };
        assert_eq!(found(Some("key:1"), None, None).await, [5, 3, 1]);
        assert_eq!(found(None, Some("login"), None).await, [3, 2, 1]);
        assert_eq!(found(Some("cli"), Some("bot import"), None).await, [6, 4]);
        assert_eq!(found(Some("cli"), None, Some(6)).await, [4, 2]);
        assert_eq!(found(Some("key"), None, None).await, [0_i64; 0]);
        assert_eq!(found(Some("\0"), None, None).await, [0_i64; 0]);
    }

    async fn the_trail_is_looked_at_beside_an_open_store(db: TestDb) {
        let store = db.open().await;
        let mut looker = AuditTrail::open(&db.database).await.unwrap();
        assert_eq!(looker.verify(Vec::new()).await.unwrap(), Ok(AuditHead::default()));
        assert_eq!(looker.newest().await.unwrap(), 0);
        let first = store.audit(entry("1")).await.unwrap();
        let second = store.audit(entry("2")).await.unwrap();
        assert_eq!(looker.newest().await.unwrap(), 2);
        assert_eq!(looker.rows_after(0).await.unwrap(), [first.clone(), second.clone()]);
        let head = Ok(AuditHead::of(&second));
        let known = vec![AuditHead::of(&first)];
        assert_eq!(looker.verify(known.clone()).await.unwrap(), head);
        assert_eq!(store.verify_audit(known).await.unwrap(), head);
        let other = vec![AuditHead { number: 1, hash: second.hash }];
        let rewritten = Err(AuditBreak::Rewritten(1));
        assert_eq!(looker.verify(other.clone()).await.unwrap(), rewritten);
        assert_eq!(store.verify_audit(other).await.unwrap(), rewritten);
        looker.close().await;
    }
}

/// A database with the rows 1 to 5, whose file is then changed.
async fn meddled(sql: &str) -> TestDb {
    let db = TestDb::sqlite();
    let store = db.open().await;
    for n in 0..5 {
        store.audit(entry(&n.to_string())).await.unwrap();
    }
    store.close().await;
    let file = rusqlite::Connection::open(db.file()).unwrap();
    file.execute(sql, []).unwrap();
    db
}

#[tokio::test]
async fn meddling_with_the_file_is_found() {
    for (sql, found) in [
        ("UPDATE audit SET actor = 'server' WHERE number = 3", AuditBreak::Changed(3)),
        ("UPDATE audit SET after_hash = NULL WHERE number = 5", AuditBreak::Changed(5)),
        ("UPDATE audit SET hash = previous_hash WHERE number = 2", AuditBreak::Changed(2)),
        ("UPDATE audit SET previous_hash = hash WHERE number = 2", AuditBreak::Foreign(2)),
        ("DELETE FROM audit WHERE number = 1", AuditBreak::Missing { from: 1, to: 1 }),
        ("DELETE FROM audit WHERE number IN (2, 3)", AuditBreak::Missing { from: 2, to: 3 }),
        ("DELETE FROM audit WHERE number = 5", AuditBreak::Missing { from: 5, to: 5 }),
        ("DELETE FROM audit", AuditBreak::Missing { from: 1, to: 5 }),
        ("UPDATE audit SET number = 9 WHERE number = 4", AuditBreak::Missing { from: 4, to: 4 }),
        ("UPDATE audit SET number = -1 WHERE number = 4", AuditBreak::Foreign(-1)),
        ("UPDATE setting SET value = '' WHERE name = 'audit.head'", AuditBreak::Record),
    ] {
        let db = meddled(sql).await;
        let mut trail = AuditTrail::open(&db.database).await.unwrap();
        assert_eq!(trail.verify(Vec::new()).await.unwrap(), Err(found.clone()), "{sql}");
        trail.close().await;
        let store = db.open().await;
        assert_eq!(store.verify_audit(Vec::new()).await.unwrap(), Err(found), "{sql}");
    }
}

#[tokio::test]
async fn new_rows_do_not_take_the_place_of_removed_ones() {
    let db = meddled("DELETE FROM audit WHERE number > 3").await;
    let store = db.open().await;
    assert_eq!(store.audit(entry("next")).await.unwrap().number, 6);
    let missing = AuditBreak::Missing { from: 4, to: 5 };
    assert_eq!(store.verify_audit(Vec::new()).await.unwrap(), Err(missing));
}

#[tokio::test]
async fn looking_leaves_the_log_of_a_crash_to_the_next_server() {
    let db = TestDb::sqlite();
    let store = db.open().await;
    store.audit(entry("1")).await.unwrap();
    // The files as a crash leaves them.
    let crashed = tempfile::tempdir().unwrap();
    let copy = crashed.path().join("test.db");
    for suffix in ["", "-wal"] {
        let with_suffix = |path: &std::path::Path| format!("{}{suffix}", path.display());
        std::fs::copy(with_suffix(&db.file()), with_suffix(&copy)).unwrap();
    }
    let log = crashed.path().join("test.db-wal");
    let before = std::fs::read(&log).unwrap();
    assert!(!before.is_empty());
    let mut trail = AuditTrail::open(&Database::File(copy)).await.unwrap();
    assert_eq!(trail.newest().await.unwrap(), 1);
    trail.close().await;
    assert_eq!(std::fs::read(&log).unwrap(), before);
}

#[tokio::test]
async fn a_database_that_is_not_there_is_not_made() {
    let db = TestDb::sqlite();
    assert!(AuditTrail::open(&db.database).await.is_err());
    assert!(!db.file().exists());
}
