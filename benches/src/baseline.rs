//! The bare durable server that Parlance is measured against: the same HTTP stack, the same SQLite
//! settings, one row for each request, group commit, and nothing else. Nobody is answered before
//! their row is on disk.

use std::path::Path;

use axum::extract::{Path as UrlPath, State};
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use rusqlite::Connection;
use serde_json::{Value, json};
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
    let connection = Connection::open(folder.join("baseline.sqlite"))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let table = "CREATE TABLE turns (id INTEGER PRIMARY KEY, user TEXT, text TEXT, reply TEXT)";
    connection.execute(table, ())?;
    let (rows, queue) = mpsc::channel(QUEUE);
    let writer = tokio::task::spawn_blocking(move || write_all(connection, queue));
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
fn write_all(mut connection: Connection, mut queue: mpsc::Receiver<Row>) -> Result<()> {
    let mut batch = Vec::with_capacity(BATCH);
    while queue.blocking_recv_many(&mut batch, BATCH) > 0 {
        let transaction = connection.transaction()?;
        {
            let text = "INSERT INTO turns (user, text, reply) VALUES (?, ?, ?)";
            let mut insert = transaction.prepare_cached(text)?;
            for row in &batch {
                insert.execute((&row.user, &row.text, &row.reply))?;
            }
        }
        transaction.commit()?;
        for row in batch.drain(..) {
            // Whoever asked may have gone; the row is stored all the same.
            let _ = row.stored.send(());
        }
    }
    Ok(())
}
