//! A look at an SQLite file after the server, or the machine, went down without closing it.

use std::sync::Arc;

use sqlx::SqlitePool;
use tokio::task::JoinSet;

use crate::health::Health;
use crate::lock::beside;
use crate::{Database, StoreError};

/// Up to this size the check is done before the server starts; it reads about 1 GB/s.
const AT_ONCE_BYTES: u64 = 128 << 20;

/// Whether the last use of the file did not end with closing it: then its log is still there.
pub(crate) fn left_unclean(database: &Database) -> bool {
    let Database::File(path) = database else {
        return false;
    };
    beside(path, "-wal").metadata().is_ok_and(|log| log.len() > 0)
}

/// Checks the file, a large one in the background.
pub(crate) async fn after_unclean_stop(
    database: &Database,
    pool: SqlitePool,
    health: &Arc<Health>,
    tasks: &mut JoinSet<()>,
) -> Result<(), StoreError> {
    let Database::File(path) = database else {
        return Ok(());
    };
    let bytes = path.metadata().map_or(0, |file| file.len());
    tracing::info!(bytes, "the database was not closed: checking it");
    if bytes <= AT_ONCE_BYTES {
        return match finding(&pool).await {
            None => Ok(()),
            Some(finding) => Err(StoreError::Damaged { database: database.to_string(), finding }),
        };
    }
    let health = Arc::clone(health);
    tasks.spawn(async move {
        match finding(&pool).await {
            None => tracing::info!("the database is sound"),
            Some(finding) => health.damaged(finding),
        }
    });
    Ok(())
}

/// What is wrong with the file.
async fn finding(pool: &SqlitePool) -> Option<String> {
    match sqlx::query_scalar::<_, String>("PRAGMA quick_check(1)").fetch_one(pool).await {
        Ok(text) if text == "ok" => None,
        Ok(text) => Some(text),
        // The check was ended by closing the store.
        Err(sqlx::Error::PoolClosed) => None,
        Err(error) => Some(error.to_string()),
    }
}
