//! The figures, in the order in which they are printed.

use std::path::Path;

use crate::Result;
use crate::bar::{detail, figure, median};
use crate::bot::{self, BOT};
use crate::flood;
use crate::load::{self, Load, Users};
use crate::process::{Server, binary, to_f64};

const CONNECTIONS: u64 = 50;
const WARM_UP: u64 = 3_000;
const TURNS: u64 = 10_000;
const ROUNDS: usize = 3;
const MANY_USERS: u64 = 100_000;
const STARTS: usize = 5;

/// What the figures may be at most.
const MAX_RATIO: f64 = 3.0;
const MAX_DRIFT_PERCENT: f64 = 10.0;
const MAX_MEMORY_MB: f64 = 80.0;
const MAX_START_SECONDS: f64 = 0.3;
const MAX_BINARY_MB: f64 = 25.0;

/// Measures and prints what a flood of logins costs.
pub(crate) async fn print_flood() -> Result<()> {
    flood::print(folder()?.path()).await
}

/// A folder beside the build rather than in the system's for temporary files, which may lie in
/// memory, where a commit costs nothing.
fn folder() -> Result<tempfile::TempDir> {
    let own = std::env::current_exe()?;
    let target = own.parent().and_then(Path::parent).ok_or("this program lies nowhere")?;
    Ok(tempfile::Builder::new().prefix("figures-").tempdir_in(target)?)
}

/// Measures and prints everything.
pub(crate) async fn print_all() -> Result<()> {
    let folder = folder()?;
    println!("{CONNECTIONS} connections, {ROUNDS} rounds of {TURNS} turns; medians\n");
    let few = compare_with_baseline(folder.path()).await?;
    after_many_users(folder.path(), few).await?;
    first_answers(folder.path()).await?;
    flood::print(folder.path()).await?;
    let megabytes = to_f64(std::fs::metadata(binary()?)?.len()) / 1e6;
    figure(
        "size of the release binary",
        &format!("{megabytes:.1} MB"),
        &format!("{MAX_BINARY_MB} MB"),
        megabytes <= MAX_BINARY_MB,
    );
    Ok(())
}

fn load(turns: u64, users: Users) -> Load<'static> {
    Load { bot: BOT, connections: CONNECTIONS, turns, users }
}

/// CPU time of the server for one turn, in microseconds.
async fn cpu_per_turn(server: &Server, turns: u64, users: Users) -> Result<f64> {
    let before = server.cpu_micros()?;
    load(turns, users).run(&server.address).await?;
    Ok((server.cpu_micros()? - before) / to_f64(turns))
}

/// Rounds on both servers by turns, so that both meet the same weather. Returns Parlance's cost.
async fn compare_with_baseline(folder: &Path) -> Result<f64> {
    let data = folder.join("few");
    bot::write_data(&data)?;
    let parlance = Server::parlance(&data)?;
    let bare = folder.join("bare");
    std::fs::create_dir_all(&bare)?;
    let baseline = Server::baseline(&bare)?;
    let (mut ours, mut theirs, mut pace) = (Vec::new(), Vec::new(), Vec::new());
    for server in [&parlance, &baseline] {
        load(WARM_UP, Users::OnePerConnection).run(&server.address).await?;
    }
    for _ in 0..ROUNDS {
        theirs.push(cpu_per_turn(&baseline, TURNS, Users::OnePerConnection).await?);
        let started = std::time::Instant::now();
        ours.push(cpu_per_turn(&parlance, TURNS, Users::OnePerConnection).await?);
        pace.push(to_f64(TURNS) / started.elapsed().as_secs_f64());
    }
    let (ours, theirs) = (median(ours), median(theirs));
    let ratio = ours / theirs;
    figure(
        "CPU of a text turn, against the bare server",
        &format!("{ratio:.2} times"),
        &format!("{MAX_RATIO} times"),
        ratio <= MAX_RATIO,
    );
    detail("Parlance", &format!("{ours:.0} µs"));
    detail("bare durable server", &format!("{theirs:.0} µs"));
    detail("Parlance's pace, load on the same machine", &format!("{:.0} turns/s", median(pace)));
    Ok(ours)
}

async fn after_many_users(folder: &Path, few: f64) -> Result<()> {
    let data = folder.join("many");
    bot::write_data(&data)?;
    let server = Server::parlance(&data)?;
    load(MANY_USERS, Users::EachNew).run(&server.address).await?;
    let megabytes = server.memory()? / 1e6;
    let (mut same, mut any) = (Vec::new(), Vec::new());
    load(WARM_UP, Users::OnePerConnection).run(&server.address).await?;
    for _ in 0..ROUNDS {
        same.push(cpu_per_turn(&server, TURNS, Users::OnePerConnection).await?);
        any.push(cpu_per_turn(&server, TURNS, Users::AnyOf(MANY_USERS)).await?);
    }
    let many = median(same);
    let drift = (many / few - 1.0) * 100.0;
    figure(
        &format!("CPU of a turn, {MANY_USERS} stored users against few"),
        &format!("{drift:+.1} %"),
        &format!("±{MAX_DRIFT_PERCENT} %"),
        drift.abs() <= MAX_DRIFT_PERCENT,
    );
    detail(&format!("{CONNECTIONS} stored users"), &format!("{few:.0} µs"));
    detail(&format!("{MANY_USERS} stored users"), &format!("{many:.0} µs"));
    detail("the same, users drawn from all of them", &format!("{:.0} µs", median(any)));
    figure(
        &format!("memory after {MANY_USERS} users"),
        &format!("{megabytes:.1} MB"),
        &format!("{MAX_MEMORY_MB} MB"),
        megabytes <= MAX_MEMORY_MB,
    );
    Ok(())
}

async fn first_answers(folder: &Path) -> Result<()> {
    let (mut first, mut later) = (Vec::new(), Vec::new());
    for number in 0..STARTS {
        let data = folder.join(format!("start{number}"));
        for times in [&mut first, &mut later] {
            let server = Server::parlance(&data)?;
            load::say_once(&server.address, "welcome-bot", "u1").await?;
            times.push(server.started.elapsed().as_secs_f64());
        }
    }
    let (first, later) = (median(first), median(later));
    figure(
        "from start to first answer, demo bot",
        &format!("{later:.3} s"),
        &format!("{MAX_START_SECONDS} s"),
        later <= MAX_START_SECONDS,
    );
    detail("on an empty data directory", &format!("{first:.3} s"));
    Ok(())
}
