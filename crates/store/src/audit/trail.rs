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

impl Store {
    /// Looks at every row: the trail must be whole and hold the rows that are known from elsewhere.
    /// Rows that are written meanwhile may or may not be looked at.
    pub async fn verify_audit(&self, known: Vec<AuditHead>) -> Result<AuditFinding, ReadError> {
        let newest = self.queries.fetch(NEWEST_HEAD, Vec::<Value>::new()).await?;
        let kept = self.queries.fetch(KEPT_HEAD, Vec::<Value>::new()).await?;
        let mut check = Check::new(known, heads(newest, kept)?);
        loop {
            let rows = self.audit_rows_after(check.after, PAGE_ROWS).await?;
            if let Some(finding) = check.page(&rows) {
                return Ok(finding);
            }
        }
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
        let mut check = Check::new(known, heads(newest, kept)?);
        loop {
            let rows = self.rows_after(check.after).await?;
            if let Some(finding) = check.page(&rows) {
                return Ok(finding);
            }
        }
    }

    /// Closes the database.
    pub async fn close(self) {
        self.0.close().await;
    }
}

/// A trail that is followed page by page.
struct Check {
    /// `None` where what was kept to know the newest row by cannot be read.
    verifier: Option<AuditVerifier>,
    /// The number of the last row that was followed.
    after: i64,
}

impl Check {
    /// `heads` were read before the rows, so that rows that come meanwhile are no surprise.
    fn new(known: Vec<AuditHead>, heads: Vec<Result<AuditHead, MalformedHead>>) -> Self {
        let heads: Result<Vec<AuditHead>, MalformedHead> = heads.into_iter().collect();
        let verifier = heads.ok().map(|heads| AuditVerifier::new([known, heads].concat()));
        Self { verifier, after: i64::MIN }
    }

    /// Follows a page; there is a finding at its first break, and behind the last row.
    fn page(&mut self, rows: &[AuditRow]) -> Option<AuditFinding> {
        let Some(verifier) = &mut self.verifier else {
            return Some(Err(AuditBreak::Record));
        };
        if let Err(found) = verifier.follow(rows) {
            return Some(Err(found));
        }
        match rows.last() {
            Some(row) => {
                self.after = row.number;
                None
            }
            None => Some(verifier.end()),
        }
    }
}
