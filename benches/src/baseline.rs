//! The bare durable server that Parlance is measured against: the same HTTP stack, the same SQLite
//! settings, one row for each request, group commit, and nothing else. Nobody is answered before
//! their row is on disk.

use std::path::Path;
use std::str::FromStr;

use axum::extract::{Path as UrlPath, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{Connection, SqliteConnection};
use tokio::sync::{mpsc, oneshot};

use crate::Result;

/// Requests that may wait for the writer.
const QUEUE: usize = 1024;
/// Rows in one commit.
const BATCH: usize = 64;

/// A row and who waits for it.
struct Row {
    user: String,
    text: String,
    reply: String,
    stored: oneshot::Sender<()>,
}

/// Serves on a free port, which it prints.
pub(crate) async fn serve(folder: &Path) -> Result<()> {
    let url = format!("sqlite://{}", folder.join("baseline.sqlite").display());
    let options = SqliteConnectOptions::from_str(&url)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let mut connection = SqliteConnection::connect_with(&options).await?;
    let table = "CREATE TABLE turns (id INTEGER PRIMARY KEY, user TEXT, text TEXT, reply TEXT)";
    sqlx::query(table).execute(&mut connection).await?;
    let (rows, queue) = mpsc::channel(QUEUE);
    let writer = tokio::spawn(write_all(connection, queue));
    let router =
        Router::new().route("/api/v1/bots/{bot}/converse/{user}", post(answer)).with_state(rows);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("address http://{}", listener.local_addr()?);
    tokio::select! {
        served = axum::serve(listener, router) => Ok(served?),
        written = writer => written?,
    }
}

async fn answer(
    State(rows): State<mpsc::Sender<Row>>,
    UrlPath((_bot, user)): UrlPath<(String, String)>,
    Json(body): Json<Value>,
) -> std::result::Result<Json<Value>, StatusCode> {
    let text = body.get("text").and_then(Value::as_str).ok_or(StatusCode::BAD_REQUEST)?;
    let reply = format!("You said: {text}");
    let (stored, is_stored) = oneshot::channel();
    let row = Row { user, text: text.to_owned(), reply: reply.clone(), stored };
    rows.send(row).await.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
    is_stored.await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(Json(json!({ "responses": [{ "type": "text", "text": reply }] })))
}

/// One transaction for all rows that wait.
async fn write_all(mut connection: SqliteConnection, mut queue: mpsc::Receiver<Row>) -> Result<()> {
    let mut batch = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut batch, BATCH).await > 0 {
        let mut transaction = connection.begin().await?;
        for row in &batch {
            sqlx::query("INSERT INTO turns (user, text, reply) VALUES (?, ?, ?)")
                .bind(&row.user)
                .bind(&row.text)
                .bind(&row.reply)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        for row in batch.drain(..) {
            // Whoever asked may have gone; the row is stored all the same.
            let _ = row.stored.send(());
        }
    }
    Ok(())
}
