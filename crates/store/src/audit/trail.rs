//! Looking at the whole trail: that of an open [`Store`], or of a database that a server has open.

use std::fmt;

use super::chain::{AuditBreak, AuditHead, AuditVerifier, MalformedHead};
use super::entry::AuditRow;
use super::rows::{AFTER, KEPT_HEAD, NEWEST_HEAD, heads, rows};
use crate::accounts::PAGE_ROWS;
use crate::engine::{Purpose, Session, Source, params};
use crate::error::{Fault, ReadError, StoreError};
use crate::reader::Value;
use crate::store::Store;
use crate::{Database, StoreOptions};

/// What the trail is found to be: whole, with its newest row, or broken.
pub type AuditFinding = Result<AuditHead, AuditBreak>;

type Heads = Vec<Result<AuditHead, MalformedHead>>;

impl Store {
    /// Looks at every row: the trail must be whole and hold the rows that are known from elsewhere.
    /// Rows that are written meanwhile may or may not be looked at.
    pub async fn verify_audit(&self, known: Vec<AuditHead>) -> Result<AuditFinding, ReadError> {
        let newest = self.queries.fetch(NEWEST_HEAD, Vec::<Value>::new()).await?;
        let kept = self.queries.fetch(KEPT_HEAD, Vec::<Value>::new()).await?;
        let page = async |after| self.audit_rows_after(after, PAGE_ROWS).await;
        verify(known, heads(newest, kept)?, page).await
    }
}

/// The trail of a database, for those who only look: a server may have it open.
pub struct AuditTrail(Session);

impl fmt::Debug for AuditTrail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuditTrail").finish_non_exhaustive()
    }
}

impl AuditTrail {
    /// Opens a database to look at; nothing is made or brought up to date. With SQLite all operations
    /// block.
    pub async fn open(database: &Database) -> Result<Self, StoreError> {
        let failed = |fault: Fault| StoreError::Open {
            database: database.to_string(),
            reason: fault.to_string(),
        };
        let source = Source::new(database, &StoreOptions::default())?;
        let mut session = source.connect(Purpose::Look).await.map_err(failed)?;
        session.fetch(NEWEST_HEAD, &[]).await.map_err(failed)?;
        Ok(Self(session))
    }

    /// The rows after a number, oldest first, at most [`PAGE_ROWS`].
    pub async fn rows_after(&mut self, number: i64) -> Result<Vec<AuditRow>, ReadError> {
        rows(self.0.fetch(AFTER, &params![number, PAGE_ROWS]).await?)
    }

    /// The newest row's number; 0 where there is none.
    pub async fn newest(&mut self) -> Result<i64, ReadError> {
        let row = self.0.fetch(NEWEST_HEAD, &[]).await?.into_iter().next();
        Ok(row.map(|mut row| row.int()).transpose()?.unwrap_or_default())
    }

    /// As [`Store::verify_audit`].
    pub async fn verify(&mut self, known: Vec<AuditHead>) -> Result<AuditFinding, ReadError> {
        let newest = self.0.fetch(NEWEST_HEAD, &[]).await?;
        let kept = self.0.fetch(KEPT_HEAD, &[]).await?;
        verify(known, heads(newest, kept)?, async |after| self.rows_after(after).await).await
    }

    /// Closes the database.
    pub async fn close(self) {
        self.0.close().await;
    }
}

/// `heads` were read before the rows, so that rows that come meanwhile are no surprise.
async fn verify(
    known: Vec<AuditHead>,
    heads: Heads,
    mut page: impl AsyncFnMut(i64) -> Result<Vec<AuditRow>, ReadError>,
) -> Result<AuditFinding, ReadError> {
    let Ok(heads) = heads.into_iter().collect::<Result<Vec<_>, _>>() else {
        return Ok(Err(AuditBreak::Record));
    };
    let mut verifier = AuditVerifier::new(known.into_iter().chain(heads).collect());
    let mut after = i64::MIN;
    loop {
        let rows = page(after).await?;
        if let Err(found) = verifier.follow(&rows) {
            return Ok(Err(found));
        }
        match rows.last() {
            Some(row) => after = row.number,
            None => return Ok(verifier.end()),
        }
    }
}
