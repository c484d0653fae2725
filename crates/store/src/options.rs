//! Which database, and how the store uses it.

use std::fmt;
use std::path::PathBuf;

use crate::StoreError;

/// Where the data is.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// An SQLite file; it is created when it is not there. Its folder must exist.
    File(PathBuf),
    /// A PostgreSQL URL, `postgres://user:password@host:port/name?option=…`.
    Postgres(String),
}

impl Database {
    /// Reads a URL: `sqlite://path`, `sqlite:path`, `postgres://…` or `postgresql://…`.
    ///
    /// A path is taken as it stands, up to its end; nothing in it is decoded.
    pub fn parse(url: &str) -> Result<Self, StoreError> {
        let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"));
        if let Some(path) = path {
            // A database in memory would not keep what was acknowledged.
            if path.is_empty() || path.starts_with(":memory:") {
                return Err(StoreError::Url(url.to_owned()));
            }
            return Ok(Self::File(PathBuf::from(path)));
        }
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Self::Postgres(url.to_owned()));
        }
        Err(StoreError::Url(url.split('@').next_back().unwrap_or_default().to_owned()))
    }
}

/// Without the password.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "the SQLite database {}", path.display()),
            Self::Postgres(url) => {
                let place = url.split('@').next_back().unwrap_or_default();
                let place = place.rsplit("://").next().unwrap_or_default();
                let place = place.split('?').next().unwrap_or_default();
                write!(f, "the PostgreSQL database {place}")
            }
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Sizes and bounds. The defaults suit one server with some hundred thousand users.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Memory for recently used states and memories, in bytes.
    pub cache_bytes: usize,
    /// How many turns may wait to be stored; one more gets [`crate::CommitError::Busy`].
    pub queue_turns: usize,
    /// How many bytes of turns may wait to be stored.
    pub queue_bytes: usize,
    /// How many turns are stored in one transaction at most.
    pub batch_turns: usize,
    /// Size of SQLite's page cache for the writing connection, in bytes.
    pub sqlite_cache_bytes: usize,
    /// Size that an SQLite file may reach, in bytes; beyond it commits fail as on a full disk.
    pub sqlite_max_bytes: Option<u64>,
    /// Accepts a PostgreSQL server with `fsync=off`. For tests only: a power failure destroys the
    /// database.
    pub allow_unsafe_postgres: bool,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            cache_bytes: 7 << 20,
            queue_turns: 1024,
            queue_bytes: 32 << 20,
            batch_turns: 128,
            sqlite_cache_bytes: 8 << 20,
            sqlite_max_bytes: None,
            allow_unsafe_postgres: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_name_a_file_or_a_server() {
        let file = |path: &str| Database::File(PathBuf::from(path));
        assert_eq!(Database::parse("sqlite:///data/p.db").unwrap(), file("/data/p.db"));
        assert_eq!(Database::parse("sqlite:data/50%?.db").unwrap(), file("data/50%?.db"));
        assert!(matches!(Database::parse("postgresql://h/n"), Ok(Database::Postgres(_))));
        for bad in ["", "sqlite:", "sqlite::memory:", "mysql://h/n", "data/p.db"] {
            assert!(matches!(Database::parse(bad), Err(StoreError::Url(_))), "{bad}");
        }
    }

    #[test]
    fn a_password_is_never_shown() {
        let database =
            Database::parse("postgres://bob:s3cret@db.example:5432/chat?sslmode=require");
        let shown = format!("{:?}", database.unwrap());
        assert_eq!(shown, "the PostgreSQL database db.example:5432/chat");
        let Err(error) = Database::parse("mysql://bob:s3cret@db.example/chat") else {
            panic!("accepted");
        };
        assert!(!error.to_string().contains("s3cret"));
    }
}
