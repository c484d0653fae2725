//! Accounts of a v12 server.

use parlance_store::{Database, Store, StoreError, V12Accounts, V12Member, read_v12_accounts};
use serde_json::json;
use sqlx::Connection as _;

use crate::engines::{TestDb, contract, json, options};

/// v12's tables of its last versions; the types are those that PostgreSQL shows.
const TABLES: &str = "
    CREATE TABLE strategy_default (id INTEGER, email VARCHAR(255) NOT NULL, password VARCHAR(255),
        salt VARCHAR(255), strategy VARCHAR(255) NOT NULL, attributes JSON NOT NULL,
        \"tokenVersion\" INTEGER NOT NULL DEFAULT 1, created_at TIMESTAMP, updated_at TIMESTAMP);
    INSERT INTO strategy_default VALUES
        (1, 'Zoe@B.c', 'ff00', '0123456789abcdef', 'default',
         '{\"firstname\":\"Zoe\",\"password_expired\":true}', 7, CURRENT_TIMESTAMP, NULL),
        (2, 'ann@b.c', NULL, '', 'default', '[]', 1, NULL, NULL),
        (3, 'ANN@b.c', 'ee', 'x', 'default', '{}', 1, NULL, NULL);
    CREATE TABLE workspace_users (email VARCHAR(255), strategy VARCHAR(255),
        workspace VARCHAR(255), role VARCHAR(255));
    INSERT INTO workspace_users VALUES
        ('Zoe@B.c', 'default', 'default', 'admin'), ('ann@b.c', 'default', 'w2', NULL);
    ";

/// Tables of an early version, with an odd strategy.
const EARLY: &str = "
    CREATE TABLE \"strategy_my \"\"ldap\" (email VARCHAR(255), attributes TEXT);
    INSERT INTO \"strategy_my \"\"ldap\" VALUES ('a@b.c', 'no json');
    ";

async fn fill(database: &Database, sql: &'static str) {
    match database {
        Database::File(path) => {
            rusqlite::Connection::open(path).unwrap().execute_batch(sql).unwrap();
        }
        Database::Postgres(url) => {
            let mut connection = sqlx::PgConnection::connect(url).await.unwrap();
            sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
            connection.close().await.unwrap();
        }
    }
}

contract! {
    async fn accounts_and_memberships_of_v12_are_read(db: TestDb) {
        fill(&db.database, TABLES).await;
        let V12Accounts { mut accounts, members, notes } =
            read_v12_accounts(&db.database).await.unwrap();
        accounts.sort_by(|a, b| a.email.cmp(&b.email));
        let [ann, zoe] = &accounts[..] else { panic!("{accounts:?}") };
        assert_eq!((&*zoe.email, &*zoe.strategy), ("zoe@b.c", "default"));
        assert_eq!(zoe.password.as_deref(), Some("ff00"));
        assert_eq!(zoe.salt.as_deref(), Some("0123456789abcdef"));
        assert_eq!(zoe.token_version, 7);
        assert_eq!(zoe.attributes, json(&json!({"firstname": "Zoe", "password_expired": true})));
        assert_eq!(&*ann.email, "ann@b.c");
        let admin = V12Member {
            email: "zoe@b.c".to_owned(),
            strategy: "default".to_owned(),
            workspace: "default".to_owned(),
            role: "admin".to_owned(),
        };
        assert_eq!(members, [admin]);
        assert_eq!(notes.len(), 2, "an address that is there twice, and a role that is missing");
    }

    async fn columns_that_are_missing_are_made_up_for(db: TestDb) {
        fill(&db.database, EARLY).await;
        let found = read_v12_accounts(&db.database).await.unwrap();
        let [account] = &found.accounts[..] else { panic!("{found:?}") };
        assert_eq!((&*account.email, &*account.strategy), ("a@b.c", "my \"ldap"));
        assert_eq!((&account.password, &account.salt), (&None, &None));
        assert_eq!((account.token_version, &account.attributes), (1, &json(&json!({}))));
        assert!(found.members.is_empty());
        assert!(found.notes[0].contains("workspace_users"), "{:?}", found.notes);
    }

    async fn a_database_of_something_else_is_refused(db: TestDb) {
        Store::open(&db.database, &options()).await.unwrap().close().await;
        let error = read_v12_accounts(&db.database).await.unwrap_err();
        assert!(error.to_string().contains("v12"), "{error}");
    }
}

#[tokio::test]
async fn a_file_that_is_not_there_is_not_made() {
    let db = TestDb::sqlite();
    let error = read_v12_accounts(&db.database).await.unwrap_err();
    assert!(matches!(error, StoreError::Open { .. }), "{error}");
    assert!(!db.file().exists());
}
