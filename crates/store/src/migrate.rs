//! The tables, brought up to date when a database is opened.
//!
//! Each file of `migrations/` runs once, in order, on both engines. What has run is kept in the
//! database with its text, so that an edited file is noticed.

use crate::engine::{Session, params};
use crate::error::Fault;
use crate::{Database, StoreError};

/// Number, and text.
const MIGRATIONS: &[(i64, &str)] = &[
    (1, include_str!("../migrations/0001_conversations.sql")),
    (2, include_str!("../migrations/0002_accounts.sql")),
    (3, include_str!("../migrations/0003_conversation_lists.sql")),
    (4, include_str!("../migrations/0004_user_of_bot.sql")),
];

/// Brings the tables up to date, all or nothing.
pub(crate) async fn migrate(database: &Database, session: &mut Session) -> Result<(), StoreError> {
    let failed = |fault: Fault| StoreError::Migration {
        database: database.to_string(),
        reason: fault.to_string(),
    };
    session.begin().await.map_err(failed)?;
    let result = run(database, session, MIGRATIONS).await;
    match result {
        Ok(()) => session.commit().await.map_err(failed),
        Err(error) => {
            session.rollback().await.map_err(failed)?;
            Err(error)
        }
    }
}

async fn run(
    database: &Database,
    session: &mut Session,
    migrations: &'static [(i64, &str)],
) -> Result<(), StoreError> {
    const TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_migration \
         (version BIGINT NOT NULL PRIMARY KEY, text TEXT NOT NULL)";
    const DONE: &str = "SELECT version, text FROM schema_migration ORDER BY version";
    const NOTE: &str = "INSERT INTO schema_migration (version, text) VALUES ($1, $2)";
    let name = || database.to_string();
    let failed =
        |fault: Fault| StoreError::Migration { database: name(), reason: fault.to_string() };
    session.script(TABLE).await.map_err(failed)?;
    let mut done = Vec::new();
    for mut row in session.fetch(DONE, &[]).await.map_err(failed)? {
        done.push((row.int().map_err(failed)?, row.text().map_err(failed)?));
    }
    for (version, text) in &done {
        match migrations.iter().find(|(known, _)| known == version) {
            None => {
                return Err(StoreError::Newer { database: name(), version: *version });
            }
            Some((_, known)) if **text != **known => {
                let reason = format!("migration {version} was edited after it had run");
                return Err(StoreError::Migration { database: name(), reason });
            }
            Some(_) => {}
        }
    }
    for (version, text) in migrations {
        if done.iter().any(|(known, _)| known == version) {
            continue;
        }
        session.script(text).await.map_err(failed)?;
        session.execute(NOTE, &params![*version, *text]).await.map_err(failed)?;
        tracing::info!(version, "tables brought up to date");
    }
    Ok(())
}
