//! The audit trail.

use std::sync::Arc;

use parlance_store::{AuditEntry, AuditRow, CommitError, Revision, Store, audit_break};

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
        assert_eq!(audit_break(rows.last(), &page), None);
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
        assert_eq!(audit_break(None, &written), None);
        let newest = store.audit_rows(None, 5).await.unwrap();
        let older = store.audit_rows(Some(newest[4].number), 100).await.unwrap();
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
        assert_eq!(audit_break(None, &rows), None);
    }

    async fn no_text_keeps_an_entry_out_of_the_trail(db: TestDb) {
        let store = db.open().await;
        let odd = AuditEntry { target: "a\0b".to_owned(), note: "ü".repeat(9000), ..entry("odd") };
        let row = store.audit(odd).await.unwrap();
        assert_eq!(row.entry.target, "a\u{fffd}b");
        assert_eq!(all(&store).await, [row]);
    }
}

#[tokio::test]
async fn a_row_changed_behind_the_stores_back_breaks_the_chain() {
    let db = TestDb::sqlite();
    let store = db.open().await;
    for n in 0..5 {
        store.audit(entry(&n.to_string())).await.unwrap();
    }
    store.close().await;
    let file = rusqlite::Connection::open(db.file()).unwrap();
    file.execute("UPDATE audit SET actor = 'server' WHERE number = 3", []).unwrap();
    drop(file);
    let rows = db.open().await.audit_rows_after(0, 100).await.unwrap();
    assert_eq!(audit_break(None, &rows), Some(3));
}
