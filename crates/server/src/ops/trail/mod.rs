//! The audit trail beside what writes it: its rows as they are shown (`row`), and its newest row told to
//! the log.
//!
//! Whoever may write the database may write the trail anew; but not the log lines that were shipped
//! elsewhere. With one of those heads `parlance audit verify --head` tells whether the trail is still
//! the one that was written.

mod row;

use std::sync::Arc;
use std::time::{Duration, Instant};

use parlance_store::{AuditFilter, AuditHead, ReadError, Store};
use tokio_util::sync::CancellationToken;

use crate::clock::instant;

pub use row::ShownRow;

/// How often it is looked whether there is something to tell.
const LOOK: Duration = Duration::from_secs(10);
/// Longest time for which new rows stay untold.
const AT_LATEST: Duration = Duration::from_mins(5);
/// Most new rows that stay untold.
const ROWS: i64 = 500;

/// Tells the log the newest row: at once, then every five minutes or five hundred rows, and when the
/// server stops.
#[derive(Debug)]
pub struct Heads {
    store: Arc<Store>,
    told: AuditHead,
    told_at: Instant,
}

impl Heads {
    /// Nothing is told yet.
    pub fn new(store: Arc<Store>) -> Self {
        Self { store, told: AuditHead::default(), told_at: instant() }
    }

    /// Tells until the server stops.
    pub async fn run(mut self, stopping: CancellationToken) -> Self {
        self.tell().await;
        while !stopping.is_cancelled() {
            tokio::select! {
                () = stopping.cancelled() => {}
                () = tokio::time::sleep(LOOK) => self.tell_if_due().await,
            }
        }
        self
    }

    /// Tells the newest row, unless that was done.
    pub async fn tell(&mut self) {
        match self.newest().await {
            Ok(head) => self.tell_head(head),
            // Whoever watches the database says so.
            Err(error) => tracing::debug!(%error, "the audit trail cannot be read"),
        }
    }

    async fn tell_if_due(&mut self) {
        if let Ok(head) = self.newest().await
            && (self.told_at.elapsed() >= AT_LATEST || head.number - self.told.number >= ROWS)
        {
            self.tell_head(head);
        }
    }

    fn tell_head(&mut self, head: AuditHead) {
        if head != self.told {
            tracing::info!(%head, "newest row of the audit trail");
            self.told = head;
        }
        self.told_at = instant();
    }

    async fn newest(&self) -> Result<AuditHead, ReadError> {
        let rows = self.store.audit_rows(&AuditFilter::default(), None, 1).await?;
        Ok(rows.first().map_or_else(AuditHead::default, AuditHead::of))
    }
}

#[cfg(test)]
mod tests {
    use parlance_store::{AuditEntry, Database, StoreOptions};

    use super::*;

    async fn store() -> (Arc<Store>, tempfile::TempDir) {
        let folder = tempfile::tempdir().unwrap();
        let database = Database::File(folder.path().join("test.sqlite"));
        let store = Store::open(&database, &StoreOptions::default()).await.unwrap();
        (Arc::new(store), folder)
    }

    fn entry() -> AuditEntry {
        AuditEntry {
            on: 0,
            actor: "cli".to_owned(),
            action: "test".to_owned(),
            target: String::new(),
            before: None,
            after: None,
            from: String::new(),
            result: 200,
            request_id: String::new(),
            note: String::new(),
        }
    }

    #[tokio::test]
    async fn rows_are_told_when_there_are_many_or_when_they_are_old() {
        let (store, _folder) = store().await;
        let mut heads = Heads::new(Arc::clone(&store));
        let first = AuditHead::of(&store.audit(entry()).await.unwrap());
        heads.tell_if_due().await;
        assert_eq!(heads.told.number, 0, "one row may wait");
        heads.tell().await;
        assert_eq!(heads.told, first);
        for _ in 1..ROWS {
            store.audit(entry()).await.unwrap();
        }
        heads.tell_if_due().await;
        assert_eq!(heads.told, first, "these may wait, too");
        let last = AuditHead::of(&store.audit(entry()).await.unwrap());
        heads.tell_if_due().await;
        assert_eq!(heads.told, last);
        let next = AuditHead::of(&store.audit(entry()).await.unwrap());
        heads.told_at -= AT_LATEST;
        heads.tell_if_due().await;
        assert_eq!(heads.told, next);
    }
}
