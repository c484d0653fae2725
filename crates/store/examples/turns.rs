//! What a turn costs in the store: CPU time and latency, with few and with many stored users.
//!
//! ```text
//! cargo run --release -p parlance-store --example turns -- [--database URL] [--users N]…
//!     [--turns N] [--parallel N]
//! ```
//! For each number of users a fresh database is filled, one turn each; then `--turns` turns of users
//! taken at random run, `--parallel` at a time, and the table gets a line. CPU is that of the
//! whole process, from Linux's `/proc/self/stat`; the caller's own work is in it.
#![expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_sign_loss,
    reason = "figures for people"
)]

use std::error::Error;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use parlance_core::ids::{BotId, ConversationKey};
use parlance_store::{Database, Expiry, Json, Store, StoreOptions, TurnRecord};
use serde_json::{Value, json};

type Failure = Box<dyn Error + Send + Sync>;

struct Settings {
    database: Option<String>,
    users: Vec<usize>,
    turns: usize,
    parallel: usize,
}

fn settings() -> Result<Settings, Failure> {
    let mut settings = Settings { database: None, users: vec![], turns: 20_000, parallel: 50 };
    let mut arguments = std::env::args().skip(1);
    while let Some(name) = arguments.next() {
        let value = arguments.next().ok_or("a value is missing")?;
        match name.as_str() {
            "--database" => settings.database = Some(value),
            "--users" => settings.users.push(value.parse()?),
            "--turns" => settings.turns = value.parse()?,
            "--parallel" => settings.parallel = value.parse()?,
            _ => return Err(format!("unknown option {name}").into()),
        }
    }
    if settings.users.is_empty() {
        settings.users = vec![50, 100_000];
    }
    Ok(settings)
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let settings = settings()?;
    println!(
        "{:>8} {:>8} {:>10} {:>8} {:>8} {:>8} {:>8} {:>9}",
        "users", "turns/s", "CPU µs", "p50 ms", "p99 ms", "max ms", "RSS MB", "log MB"
    );
    for users in &settings.users {
        let folder = tempfile::tempdir()?;
        let file = folder.path().join("bench.db");
        let database = match &settings.database {
            Some(url) => Database::parse(url)?,
            None => Database::File(file.clone()),
        };
        let options = StoreOptions { allow_unsafe_postgres: true, ..StoreOptions::default() };
        let store = Arc::new(Store::open(&database, &options).await?);
        run(&store, *users, *users, settings.parallel, true).await?;
        // Reach a steady state first.
        run(&store, *users, settings.turns / 4, settings.parallel, false).await?;
        let cpu = cpu_time()?;
        let started = Instant::now();
        let mut waits = run(&store, *users, settings.turns, settings.parallel, false).await?;
        let (wall, cpu) = (started.elapsed(), cpu_time()?.saturating_sub(cpu));
        waits.sort_unstable();
        let at = |share: f64| {
            let position = (waits.len() as f64 * share) as usize;
            waits.get(position.min(waits.len().saturating_sub(1))).map_or(0.0, millis)
        };
        let log = std::fs::metadata(folder.path().join("bench.db-wal")).map_or(0, |log| log.len());
        println!(
            "{users:>8} {:>8.0} {:>10.1} {:>8.2} {:>8.2} {:>8.2} {:>8.1} {:>9.1}",
            settings.turns as f64 / wall.as_secs_f64(),
            cpu.as_secs_f64() * 1e6 / settings.turns as f64,
            at(0.5),
            at(0.99),
            at(1.0),
            resident()? as f64 / 1e6,
            log as f64 / 1e6,
        );
        store.close().await;
    }
    Ok(())
}

/// Runs turns, each user's one after another, and returns how long they took.
async fn run(
    store: &Arc<Store>,
    users: usize,
    turns: usize,
    parallel: usize,
    in_order: bool,
) -> Result<Vec<Duration>, Failure> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut tasks = tokio::task::JoinSet::new();
    for worker in 0..parallel {
        let (store, next) = (Arc::clone(store), Arc::clone(&next));
        tasks.spawn(async move {
            let mut waits = Vec::new();
            let mut random = worker as u64 + 1;
            loop {
                let turn = next.fetch_add(1, Ordering::Relaxed);
                if turn >= turns {
                    return Ok::<_, Failure>(waits);
                }
                // A worker has its own users, so that no two turns of one user overlap.
                random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                let mine = (users / parallel).max(1);
                let pick = (random >> 33) as usize % mine;
                let user = if in_order { turn } else { pick * parallel + worker };
                let started = Instant::now();
                one_turn(&store, user).await?;
                waits.push(started.elapsed());
            }
        });
    }
    let mut waits = Vec::with_capacity(turns);
    while let Some(result) = tasks.join_next().await {
        waits.extend(result??);
    }
    Ok(waits)
}

async fn one_turn(store: &Store, user: usize) -> Result<(), Failure> {
    static TURN: AtomicUsize = AtomicUsize::new(0);
    let bot = BotId::parse("welcome-bot").ok_or("bot id")?;
    let key = ConversationKey::api(bot, format!("user-{user}"));
    let turn = TURN.fetch_add(1, Ordering::Relaxed);
    let now = 1_700_000_000_000 + turn as i64;
    let loaded = store.load(&key, now).await?;
    let mut session: Value = match loaded.conversation.as_ref().and_then(|c| c.session.clone()) {
        Some(session) => session.read()?,
        None => json!({"lastMessages": [], "workflows": {}}),
    };
    if let Some(messages) = session.pointer_mut("/lastMessages").and_then(Value::as_array_mut) {
        messages.push(json!({
            "eventId": turn.to_string(), "incomingPreview": "I would like to know the opening hours",
            "replyConfidence": 1, "replySource": "dialogManager", "replyDate": "2024-01-01T10:00:00Z",
            "replyPreview": "#!builtin_text-a1b2c3",
        }));
        if messages.len() > 5 {
            messages.remove(0);
        }
    }
    let text = "We are open from nine to five, on Saturdays until noon. ".repeat(3);
    let record = TurnRecord {
        revision: loaded.revision(),
        turn_id: format!("018f0000-0000-7000-8000-{turn:012x}"),
        event_id: turn.to_string(),
        received_on: now,
        finished_on: now + 3,
        incoming: Some(Json::of(&json!({
            "type": "text", "channel": "api", "direction": "incoming", "target": key.user,
            "payload": {"type": "text", "text": "I would like to know the opening hours"},
            "preview": "I would like to know the opening hours", "nlu": {"intent": "none"},
        }))?),
        replies: Json::of(&json!([{"type": "typing", "value": true},
            {"type": "text", "text": text, "markdown": true, "workflow": {}}]))?,
        trace: Json::of(&json!([{"flow": "main.flow.json", "node": "entry"},
            {"flow": "main.flow.json", "node": "node-4f21"}]))?,
        session: Some(Json::of(&session)?),
        context: Some(Json::of(&json!({
            "currentFlow": "main.flow.json", "currentNode": "node-4f21",
            "previousFlow": "main.flow.json", "previousNode": "entry", "jumpPoints": [],
            "queue": {"instructions": [{"type": "wait"}, {"type": "transition", "fn": "true",
                "node": "node-5aa1"}]},
        }))?),
        temp: Some(Json::of(&json!({"asked": turn}))?),
        expiry: Some(Expiry { context: now + 1_500_000, session: now + 1_800_000 }),
        user: loaded.user.is_none().then(|| Json::of(&json!({}))).transpose()?,
        retention: vec![],
        memory: vec![],
        idempotency: None,
        key,
    };
    store.commit(record).await?;
    Ok(())
}

fn millis(time: &Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// CPU time of this process so far.
fn cpu_time() -> Result<Duration, Failure> {
    let stat = std::fs::read_to_string("/proc/self/stat")?;
    let after_name = stat.rsplit(')').next().ok_or("/proc/self/stat")?;
    let ticks = after_name.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    // The kernel counts for user space in hundredths of a second.
    Ok(Duration::from_millis(ticks * 10))
}

/// Memory in use, in bytes.
fn resident() -> Result<u64, Failure> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with("VmRSS")).ok_or("VmRSS")?;
    let kibibytes: u64 = line.split_whitespace().nth(1).ok_or("VmRSS")?.parse()?;
    Ok(kibibytes * 1024)
}
