//! Which database is used: `DATABASE_URL`, without ever showing the password in it.

use std::fmt;
use std::path::Path;

use url::Url;

/// Where the embedded database lies in the data directory.
const DEFAULT_FILE: &str = "storage/parlance.sqlite";

/// What a database URL may look like.
pub(super) const ALLOWED: &str = "postgres://user:password@host/database, sqlite:path, or the path \
                                  of an SQLite file";

/// The URL of the database, `sqlite:…` or `postgres://…`. Shown without secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    url: String,
    kind: DatabaseKind,
}

/// The database engines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseKind {
    /// A file of this machine.
    Sqlite,
    /// A PostgreSQL server.
    Postgres,
}

impl fmt::Display for DatabaseKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Sqlite => "SQLite",
            Self::Postgres => "PostgreSQL",
        })
    }
}

impl DatabaseUrl {
    /// Reads a URL or the path of an SQLite file; `None` for anything else. A database in memory is
    /// refused: it would lose turns that were acknowledged.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.is_empty() || text.contains(":memory:") || text.contains("mode=memory") {
            return None;
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            let _valid = Url::parse(text).ok()?;
            return Some(Self { url: text.to_owned(), kind: DatabaseKind::Postgres });
        }
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            return (!path.is_empty())
                .then(|| Self { url: format!("sqlite:{path}"), kind: DatabaseKind::Sqlite });
        }
        (!text.contains("://")).then(|| Self::sqlite_file(text))
    }

    /// The database that is used when none is named: a file in the data directory. `None` when the
    /// directory's name is not Unicode.
    pub fn default_in(data_dir: &Path) -> Option<Self> {
        data_dir.join(DEFAULT_FILE).to_str().map(Self::sqlite_file)
    }

    fn sqlite_file(path: &str) -> Self {
        // The part behind `sqlite:` is percent-encoded, with parameters after a question mark.
        let path = path.replace('%', "%25").replace('?', "%3F").replace('#', "%23");
        Self { url: format!("sqlite:{path}"), kind: DatabaseKind::Sqlite }
    }

    /// The whole URL, password and all: for the driver only.
    pub fn expose(&self) -> &str {
        &self.url
    }

    /// Which engine it names.
    pub fn kind(&self) -> DatabaseKind {
        self.kind
    }
}

/// The URL with `***` for every password in it.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.kind, Url::parse(&self.url)) {
            (DatabaseKind::Sqlite, _) => f.write_str(&self.url),
            (DatabaseKind::Postgres, Ok(url)) => f.write_str(redacted(url).as_str()),
            (DatabaseKind::Postgres, Err(_)) => f.write_str("postgres://***"),
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

/// Parameters may hold a password too: of them only the names are left.
fn redacted(mut url: Url) -> Url {
    let names: Vec<String> = url.query_pairs().map(|(name, _)| name.into_owned()).collect();
    url.set_query(None);
    for name in names {
        url.query_pairs_mut().append_pair(&name, "***");
    }
    if url.password().is_some() && url.set_password(Some("***")).is_err() {
        url.set_path("***");
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_and_paths_name_a_database() {
        use DatabaseKind::{Postgres, Sqlite};
        for (text, url, kind) in [
            ("postgres://u:p@h/d", "postgres://u:p@h/d", Postgres),
            ("postgresql://h/d?sslmode=require", "postgresql://h/d?sslmode=require", Postgres),
            ("sqlite:data/x.sqlite", "sqlite:data/x.sqlite", Sqlite),
            ("sqlite:///var/x.sqlite", "sqlite:/var/x.sqlite", Sqlite),
            ("/var/100%?.sqlite", "sqlite:/var/100%25%3F.sqlite", Sqlite),
        ] {
            let database = DatabaseUrl::parse(text).unwrap();
            assert_eq!((database.expose(), database.kind()), (url, kind));
        }
    }

    #[test]
    fn other_databases_and_memory_are_refused() {
        for text in ["", "mysql://h/d", ":memory:", "sqlite::memory:", "sqlite:", "postgres://h:x/"]
        {
            assert_eq!(DatabaseUrl::parse(text), None, "{text}");
        }
    }

    #[test]
    fn passwords_are_never_shown() {
        let text = "postgres://user:s3cret@host:5432/db?password=s3cret&sslmode=require";
        let database = DatabaseUrl::parse(text).unwrap();
        let shown = "postgres://user:***@host:5432/db?password=***&sslmode=***";
        assert_eq!(database.to_string(), shown);
        assert_eq!(format!("{database:?}"), format!("DatabaseUrl({shown})"));
    }

    #[test]
    fn the_default_is_a_file_in_the_data_directory() {
        let database = DatabaseUrl::default_in(Path::new("data")).unwrap();
        assert_eq!(database.expose(), "sqlite:data/storage/parlance.sqlite");
    }
}
