//! A look at an SQLite file after the server, or the machine, went down without closing it.

use std::path::Path;
use std::sync::Arc;

use rusqlite::InterruptHandle;

use crate::engine::{Session, SqliteSession};
use crate::error::Fault;
use crate::health::Health;
use crate::lock::beside;
use crate::{Database, StoreError};

/// Up to this size the check is done before the server starts; it reads some hundred MB a second.
const AT_ONCE_BYTES: u64 = 64 << 20;

const SQL: &str = "PRAGMA quick_check(1)";

/// Whether the last use of the file did not end with closing it: then its log is still there.
pub(crate) fn left_unclean(path: &Path) -> bool {
    beside(path, "-wal").metadata().is_ok_and(|log| log.len() > 0)
}

/// Checks a small file; `false` when it is not small, and still to be checked.
pub(crate) async fn at_once(
    database: &Database,
    path: &Path,
    session: &mut Session,
) -> Result<bool, StoreError> {
    if path.metadata().map_or(0, |file| file.len()) > AT_ONCE_BYTES {
        return Ok(false);
    }
    tracing::info!("the database was not closed: checking it");
    let rows = session.fetch(SQL, &[]).await;
    match finding(rows.map(|rows| rows.into_iter().next())) {
        None => Ok(true),
        Some(finding) => Err(StoreError::Damaged { database: database.to_string(), finding }),
    }
}

/// Checks a large file while the server works; the handle ends the check early.
pub(crate) fn meanwhile(path: &Path, health: &Arc<Health>) -> Result<InterruptHandle, Fault> {
    let mut session = SqliteSession::reader(path)?;
    let interrupt = session.interrupt_handle();
    let health = Arc::clone(health);
    let work = move || {
        tracing::info!("the database was not closed: checking it in the background");
        let rows = session.fetch(SQL, &[]);
        match finding(rows.map(|rows| rows.into_iter().next())) {
            None => tracing::info!("the database is sound"),
            Some(finding) => health.damaged(finding),
        }
        session.close();
    };
    std::thread::Builder::new()
        .name("store-check".to_owned())
        .spawn(work)
        .map_err(|error| Fault::Lost(error.to_string().into()))?;
    Ok(interrupt)
}

/// What is wrong with the file.
fn finding(row: Result<Option<crate::engine::Row>, Fault>) -> Option<String> {
    match row.and_then(|row| row.map(|mut row| row.text()).transpose()) {
        Ok(Some(text)) if &*text == "ok" => None,
        Ok(text) => Some(text.as_deref().unwrap_or("no answer").to_owned()),
        Err(fault @ (Fault::Lost(_) | Fault::Refused(_))) => Some(fault.to_string()),
        // Nothing was found out.
        Err(_) => None,
    }
}
