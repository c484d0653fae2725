//! A flood of logins: what it costs those who talk to bots meanwhile.
//!
//! The same conversation load runs with and without 200 wrong logins a second on the same server, by
//! turns, so that both meet the same weather.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::Result;
use crate::bar::{detail, figure, median};
use crate::bot::{self, BOT};
use crate::load::{Load, Users, try_login};
use crate::process::{Server, to_f64};

/// Logins in a second.
const LOGINS: u32 = 200;
const TURNS: u64 = 2_000;
const WARM_UP: u64 = 500;
const ROUNDS: usize = 5;
/// As many as talk at the same time while the machine has time left for the flood.
const CONNECTIONS: u64 = 4;
/// Guesses for each of the two kinds of accounts, below what makes the server wait.
const GUESSES: usize = 4;
const SERVERS: usize = 5;

/// What the figures may be at most.
const MAX_RATIO: f64 = 1.5;
const MAX_GROWTH_MB: f64 = 100.0;
const MAX_DIFFERENCE_PERCENT: f64 = 5.0;

/// The account of the servers under test.
const ADMIN: (&str, &str) = ("admin@example.com", "Admin-Passw0rd!");

/// Measures and prints.
pub(crate) async fn print(folder: &Path) -> Result<()> {
    let data = folder.join("flood");
    bot::write_data(&data)?;
    let server = Server::with_admin(&data, ADMIN)?;
    quantile(&server, WARM_UP).await?;
    let before = server.memory()?;
    let (mut quiet, mut flooded, mut rates) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        quiet.push(quantile(&server, TURNS).await?);
        let flood = Flood::start(&server.address);
        let during = quantile(&server, TURNS).await;
        rates.push(flood.stop().await);
        flooded.push(during?);
    }
    let growth = (server.memory()? - before) / 1e6;
    let (quiet, flooded) = (median(quiet), median(flooded));
    let ratio = flooded / quiet;
    let name = format!("p99 of a turn during {LOGINS} logins/s, against none");
    let bar = format!("{MAX_RATIO} times");
    figure(&name, &format!("{ratio:.2} times"), &bar, ratio <= MAX_RATIO);
    detail("p99 without", &format!("{quiet:.1} ms"));
    detail("p99 with", &format!("{flooded:.1} ms"));
    detail("logins answered in a second", &format!("{:.0}", median(rates)));
    let bar = format!("{MAX_GROWTH_MB} MB");
    let kept = growth <= MAX_GROWTH_MB;
    figure("memory that the flood takes", &format!("{growth:+.1} MB"), &bar, kept);
    guesses(folder).await
}

/// 99 of 100 turns take at most this long, in milliseconds.
async fn quantile(server: &Server, turns: u64) -> Result<f64> {
    let load = Load { bot: BOT, connections: CONNECTIONS, turns, users: Users::OnePerConnection };
    let mut times = load.times(&server.address).await?;
    times.sort();
    let at = times.len().saturating_sub(1) * 99 / 100;
    Ok(times.get(at).map_or(f64::NAN, |time| time.as_secs_f64() * 1e3))
}

/// Logins with wrong passwords for ever new accounts from ever new addresses, so that nothing but the
/// limits of the whole server holds them back; so many a second.
struct Flood {
    ended: Arc<AtomicBool>,
    answered: Arc<AtomicU64>,
    started: Instant,
    task: tokio::task::JoinHandle<()>,
}

impl Flood {
    fn start(address: &str) -> Self {
        let (ended, answered) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
        let (stop, counted, address) =
            (Arc::clone(&ended), Arc::clone(&answered), address.to_owned());
        let task = tokio::spawn(async move {
            let mut pace = tokio::time::interval(Duration::from_secs(1) / LOGINS);
            let mut logins = tokio::task::JoinSet::new();
            while !stop.load(Ordering::Relaxed) {
                pace.tick().await;
                let (address, counted) = (address.clone(), Arc::clone(&counted));
                logins.spawn(async move {
                    let email = format!("user{}@example.com", fastrand::u64(..));
                    if try_login(&address, &email, "wrong").await.is_ok() {
                        counted.fetch_add(1, Ordering::Relaxed);
                    }
                });
                while logins.try_join_next().is_some() {}
            }
        });
        Self { ended, answered, started: Instant::now(), task }
    }

    /// Ends it; returns how many were answered in a second.
    async fn stop(self) -> f64 {
        self.ended.store(true, Ordering::Relaxed);
        drop(self.task.await);
        to_f64(self.answered.load(Ordering::Relaxed)) / self.started.elapsed().as_secs_f64()
    }
}

/// Whether the time of a refusal tells if there is an account. New servers each time, since after a few
/// guesses a server makes everybody wait.
async fn guesses(folder: &Path) -> Result<()> {
    let (mut known, mut unknown) = (Vec::new(), Vec::new());
    for number in 0..SERVERS {
        for (email, times) in [(ADMIN.0, &mut known), ("nobody@example.com", &mut unknown)] {
            let data = folder.join(format!("guess-{number}-{}", email.len()));
            bot::write_data(&data)?;
            let server = Server::with_admin(&data, ADMIN)?;
            // The first one pays for what is made at first use.
            try_login(&server.address, "warm@example.com", "wrong").await?;
            for _ in 0..GUESSES {
                let started = Instant::now();
                try_login(&server.address, email, "wrong").await?;
                times.push(started.elapsed().as_secs_f64() * 1e3);
            }
        }
    }
    let (known, unknown) = (median(known), median(unknown));
    let difference = (known / unknown - 1.0) * 100.0;
    figure(
        "time of a refused login, known against unknown",
        &format!("{difference:+.1} %"),
        &format!("±{MAX_DIFFERENCE_PERCENT} %"),
        difference.abs() <= MAX_DIFFERENCE_PERCENT,
    );
    detail("known account", &format!("{known:.1} ms"));
    detail("unknown account", &format!("{unknown:.1} ms"));
    Ok(())
}
