//! `kill -9` under load: nothing acknowledged is lost, nothing runs twice, nothing is half stored.
//!
//! Users talk to a counting bot one turn after the other, each turn under a key of its own. A turn
//! that got no answer is sent again until it gets one; one in ten is sent again although it did.
//! Meanwhile the server is killed and started anew. Each answer carries the bot's own counts, which
//! are held against a ledger outside the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use serde_json::json;

use super::ledger::{Findings, Ledger};
use crate::harness::{Client, DataDir, Reply, Server, counting_bot};

const BOT: &str = "counter";
const USERS: usize = 64;
const TURNS_PER_USER: usize = 32;
const KILLS: usize = 5;
/// A server that is not back by then has failed, whatever else it does.
const BACK_WITHIN: Duration = Duration::from_secs(10);
const GIVE_UP_AFTER: Duration = Duration::from_mins(3);

/// Shared between the users and whoever kills.
struct Load {
    client: Client,
    acknowledged: AtomicUsize,
    over: AtomicBool,
    deadline: Instant,
}

#[tokio::test(flavor = "multi_thread")]
async fn no_answered_turn_is_lost_doubled_or_half_done() {
    let seed = fastrand::u64(..);
    let data = DataDir::with_bots(&[counting_bot(BOT)]);
    let server = Server::start(&data);
    let load = Arc::new(Load {
        client: server.client(),
        acknowledged: AtomicUsize::new(0),
        over: AtomicBool::new(false),
        deadline: Instant::now() + GIVE_UP_AFTER,
    });
    let killer = {
        let load = Arc::clone(&load);
        tokio::task::spawn_blocking(move || kill_repeatedly(server, &data, &load, seed))
    };
    let talks = (0..USERS).map(|number| tokio::spawn(talk(Arc::clone(&load), number, seed)));
    let ledgers: Vec<Ledger> = join_all(talks).await.into_iter().map(Result::unwrap).collect();
    load.over.store(true, Ordering::SeqCst);
    let (kills, slowest_start) = killer.await.unwrap();

    let turns: usize = ledgers.iter().map(Ledger::turns).sum();
    let mut found = Findings::default();
    for ledger in &ledgers {
        found.add(ledger.findings());
    }
    println!(
        "kill test: seed={seed} turns={turns} kills={kills} lost={} doubled={} half={} mixed={} \
         slowest_start_ms={}",
        found.lost,
        found.doubled,
        found.half,
        found.mixed,
        slowest_start.as_millis()
    );
    assert_eq!(found, Findings::default(), "seed {seed}");
    assert_eq!(turns, USERS * TURNS_PER_USER);
    assert_eq!(kills, KILLS, "all kills fell into the load");
    assert!(slowest_start <= BACK_WITHIN, "{slowest_start:?}");
}

/// All turns of one user.
async fn talk(load: Arc<Load>, number: usize, seed: u64) -> Ledger {
    let user = format!("user{number}");
    let mut chance = fastrand::Rng::with_seed(seed.wrapping_add(number as u64));
    let mut ledger = Ledger::default();
    for turn in 1..=TURNS_PER_USER {
        ledger.enter(&user, turn, &send(&load, &user, turn).await);
        load.acknowledged.fetch_add(1, Ordering::SeqCst);
        if chance.u8(0..10) == 0 {
            ledger.enter(&user, turn, &send(&load, &user, turn).await);
        }
    }
    ledger
}

/// Sends one turn until it is acknowledged.
async fn send(load: &Load, user: &str, turn: usize) -> Reply {
    let path = format!("/api/v1/bots/{BOT}/converse/{user}");
    let body = json!({ "type": "text", "text": format!("t{turn}") });
    let key = format!("turn-{turn}");
    loop {
        match load.client.try_post(&path, &body, &[("Idempotency-Key", &key)]).await {
            Ok(reply) if reply.status == 200 => return reply,
            Ok(reply) if reply.status < 500 => {
                panic!("{user} {turn}: {} {}", reply.status, reply.text)
            }
            Ok(_) | Err(_) => {}
        }
        assert!(Instant::now() < load.deadline, "{user} got no answer to turn {turn} in time");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Kills at points spread over the load, and starts anew each time; returns the number of kills
/// and the longest time to be back.
fn kill_repeatedly(
    mut server: Server,
    data: &DataDir,
    load: &Load,
    seed: u64,
) -> (usize, Duration) {
    let mut chance = fastrand::Rng::with_seed(seed);
    let part = USERS * TURNS_PER_USER / (KILLS + 1);
    let mut slowest = Duration::ZERO;
    for kill in 1..=KILLS {
        let point = part * kill - chance.usize(0..part / 2);
        while load.acknowledged.load(Ordering::SeqCst) < point {
            if load.over.load(Ordering::SeqCst) || Instant::now() > load.deadline {
                return (kill - 1, slowest);
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        server.kill();
        server = Server::start(data);
        slowest = slowest.max(server.ready_after());
        load.client.moved_to(server.base());
    }
    while !load.over.load(Ordering::SeqCst) && Instant::now() < load.deadline {
        std::thread::sleep(Duration::from_millis(5));
    }
    (KILLS, slowest)
}
