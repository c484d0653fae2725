//! Opening: what is refused, and with which words.

use parlance_store::{Database, Store, StoreError, StoreOptions};

use crate::engines::{NOW, TestDb, contract, options, run_turn, state, user};

contract! {
    async fn two_servers_never_open_one_database(db: TestDb) {
        let store = db.open().await;
        let second = Store::open(&db.database, &options()).await;
        let Err(StoreError::InUse(_)) = second else { panic!("{second:?}") };
        run_turn(&store, &user("u1"), NOW, |_, _| {}).await.unwrap();
        store.close().await;
        let store = db.open().await;
        assert_eq!(state(&store, &user("u1"), NOW).await.revision().turns(), 1);
    }

    async fn a_store_that_is_dropped_lets_go(db: TestDb) {
        let store = db.open().await;
        run_turn(&store, &user("u1"), NOW, |_, _| {}).await.unwrap();
        drop(store);
        // Its threads end in their own time; the lock of a file is tried once only.
        let mut tries = 0;
        let store = loop {
            match Store::open(&db.database, &options()).await {
                Err(StoreError::InUse(_)) if tries < 200 => tries += 1,
                opened => break opened.unwrap(),
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        };
        assert_eq!(state(&store, &user("u1"), NOW).await.revision().turns(), 1);
    }

    async fn a_healthy_store_says_so(db: TestDb) {
        let store = db.open().await;
        store.health().await.unwrap();
    }
}

#[tokio::test]
async fn an_sqlite_file_that_is_no_database_is_refused() {
    let db = TestDb::sqlite();
    std::fs::write(db.file(), "something else entirely".repeat(100)).unwrap();
    let error = Store::open(&db.database, &options()).await.unwrap_err();
    assert!(error.to_string().contains("test.db: "), "{error}");
    assert!(error.to_string().contains("not a database"), "{error}");
}

#[tokio::test]
async fn a_missing_folder_is_named() {
    let db = TestDb::sqlite();
    let database = Database::File(db.file().join("no/such/folder/p.db"));
    let error = Store::open(&database, &options()).await.unwrap_err();
    assert!(error.to_string().contains("no/such/folder"), "{error}");
    assert!(error.to_string().contains("check that the folder exists"), "{error}");
}

#[tokio::test]
async fn tables_of_a_newer_version_are_left_alone() {
    let db = TestDb::sqlite();
    db.open().await.close().await;
    let file = rusqlite::Connection::open(db.file()).unwrap();
    file.execute("INSERT INTO schema_migration VALUES (9999, 'later')", []).unwrap();
    drop(file);
    let error = Store::open(&db.database, &options()).await.unwrap_err();
    assert!(matches!(error, StoreError::Newer { version: 9999, .. }), "{error}");
}

#[tokio::test]
async fn a_file_that_was_closed_has_no_log() {
    let db = TestDb::sqlite();
    let store = db.open().await;
    run_turn(&store, &user("u1"), NOW, |_, _| {}).await.unwrap();
    state(&store, &user("u2"), NOW).await;
    let log = db.file().with_file_name("test.db-wal");
    assert!(log.exists());
    store.close().await;
    assert!(!log.exists());
}

#[tokio::test]
async fn a_damaged_file_is_found_after_an_unclean_stop() {
    let db = TestDb::sqlite();
    let store = db.open().await;
    for n in 0..300 {
        run_turn(&store, &user(&format!("u{n}")), NOW, |_, _| {}).await.unwrap();
    }
    store.close().await;
    let mut bytes = std::fs::read(db.file()).unwrap();
    let middle = bytes.len() / 2;
    bytes.iter_mut().skip(middle).take(30_000).for_each(|byte| *byte = 0x5a);
    std::fs::write(db.file(), bytes).unwrap();
    // The log of a server that was killed.
    std::fs::write(db.file().with_file_name("test.db-wal"), "x").unwrap();
    let error = Store::open(&db.database, &options()).await.unwrap_err();
    assert!(matches!(error, StoreError::Damaged { .. }), "{error}");
    assert!(error.to_string().contains("restore a backup"), "{error}");
}

#[tokio::test]
async fn a_postgres_server_that_may_lose_data_is_refused() {
    let Some(db) = TestDb::postgres().await else {
        return;
    };
    let strict = StoreOptions { allow_unsafe_postgres: false, ..options() };
    let error = Store::open(&db.database, &strict).await.unwrap_err();
    assert!(matches!(&error, StoreError::Unsafe { setting } if setting == "fsync=off"), "{error}");
    // And it does not keep the lock.
    db.open().await;
}

#[tokio::test]
async fn a_postgres_server_that_is_not_there_is_named() {
    let database = Database::parse("postgres://bob:s3cret@127.0.0.1:1/chat").unwrap();
    let error = Store::open(&database, &options()).await.unwrap_err();
    assert!(error.to_string().contains("127.0.0.1:1/chat"), "{error}");
    assert!(!error.to_string().contains("s3cret"), "{error}");
}
