//! From flags to a running server, and from a signal to a stopped one.
//!
//! Start: configuration → port → database → listening (503) → bots → ready. Stop: signal → no new
//! connections → turns in flight → database closed. A port that is taken is found before anything
//! is changed on disk but the demo bot of a first start.

use std::io::Write as _;
use std::process::ExitCode;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use parlance_core::dialog::DecisionRules;
use parlance_core::skills;
use parlance_store::{Database, Store, StoreOptions};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use crate::app::App;
use crate::auth::Auth;
use crate::auth::external::{ExternalTokens, read_key_file};
use crate::auth::service::FirstAccount as Made;
use crate::bot_admin::{self, BotAdmin};
use crate::bots::{BotReport, Lookup, Registry, Source, Surroundings};
use crate::cli::serve::ServeFlags;
use crate::clock::Clock;
use crate::config::{Config, ConfigFile, Environment, substitute};
use crate::control::{self, Doors};
use crate::first_start;
use crate::http::{self, Connections};
use crate::media::{Fetcher, MediaFolder};
use crate::ops::banner::{BotFact, BotState, Facts, FirstAccount, banner};
use crate::ops::health::{Health, Phase};
use crate::ops::lifecycle::{DRAIN_TIMEOUT, Lifecycle};
use crate::ops::logs::Recent;
use crate::ops::trail::Heads;
use crate::ops::{logs, metrics};
use crate::outbound::Outbound;
use crate::services::{Parts, Services, TRANSFERS};
use crate::team::Changing;
use crate::turn::{Intervals, Janitor, LaneLimits, RetentionPolicies, TurnSettings, Turns};
use crate::workspaces::WorkspacesFile;

/// How often the database is asked whether it answers.
const HEALTH_INTERVAL: Duration = Duration::from_secs(2);

/// An error that ends the start, in words for the operator.
type StartError = Box<dyn std::error::Error + Send + Sync>;

/// Serves until told to stop.
pub async fn serve(flags: ServeFlags) -> ExitCode {
    match run(flags).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error),
    }
}

async fn run(flags: ServeFlags) -> Result<(), StartError> {
    let started = Instant::now();
    let environment = Arc::new(Environment::of_process(&flags.data)?);
    let is_new = first_start::prepare(&flags.data)?;
    let (mut config, warnings) = Config::load(&flags, &environment)?;
    let logs = logs::init(&config.logs)?;
    for warning in warnings {
        tracing::warn!("{warning}");
    }
    if is_new {
        tracing::info!(data = %config.data_dir.display(), "made a data directory with a demo bot");
    }
    let lifecycle = Lifecycle::default();
    lifecycle.stop_at_signals()?;
    let exporter = metrics::install(&lifecycle)?;
    let listener = http::bind(&config.http.host, config.http.port).await?;
    config.http.listening_on(listener.local_addr()?.port());
    let store = Arc::new(open_store(&config).await?);
    let outbound = Outbound::new(&config.outbound);
    let files = Fetcher::new(media(&config), outbound.clone());
    let turns = Turns::new(Arc::clone(&store), files, turn_settings(&config), lifecycle.clone());
    let services = services(&config, &store, &turns, logs, outbound, &lifecycle).await?;
    make_first_account(&services.auth).await?;
    take_commands(&config, &services);
    let health = Health::default();
    // Before anything reads the bots: a crash may have left one set aside.
    bot_admin::sweep(&config.data_dir, Clock::default().millis());
    let app = App { turns, bots: Arc::default(), health, exporter };
    let server = listen(&config, listener, &app, services.clone(), &lifecycle)?;
    watch_database(&store, &app.health, &lifecycle);
    let heads = Heads::new(Arc::clone(&store)).run(lifecycle.stopping().clone());
    let heads = lifecycle.spawn("audit heads", heads);
    let reports = mount(&config, environment, &app.bots, &services).await?;
    let mounted = reports.iter().filter(|report| is_ready(report)).count();
    app.health.set_mounted(mounted, reports.len());
    start_janitor(&config, &app, &lifecycle);
    app.health.set_phase(Phase::Ready);
    let first = first_account(&config, &services.auth).await?;
    announce(&config, &reports, first.as_ref(), started);
    lifecycle.stopping().cancelled().await;
    app.health.set_phase(Phase::Stopping);
    let _ = server.await;
    let drained = lifecycle.drain(DRAIN_TIMEOUT).await;
    if drained.dropped > 0 {
        tracing::warn!(dropped = drained.dropped, "turns that did not end in time were dropped");
    }
    if let Ok(mut heads) = heads.await {
        heads.tell().await;
    }
    store.close().await;
    Ok(())
}

async fn open_store(config: &Config) -> Result<Store, StartError> {
    let database = Database::parse(config.database_url.expose())?;
    if let Database::File(path) = &database
        && let Some(folder) = path.parent()
    {
        std::fs::create_dir_all(folder)
            .map_err(|error| format!("cannot make the folder {}: {error}", folder.display()))?;
    }
    Ok(Store::open(&database, &StoreOptions::default()).await?)
}

/// Where media come in.
fn media(config: &Config) -> MediaFolder {
    MediaFolder::new(&config.data_dir, config.uploads.clone())
}

/// What the endpoints share.
async fn services(
    config: &Config,
    store: &Arc<Store>,
    turns: &Turns,
    logs: Recent,
    outbound: Outbound,
    lifecycle: &Lifecycle,
) -> Result<Services, StartError> {
    let external = &config.auth.external;
    let key = if external.enabled { read_key_file(&config.data_dir)? } else { None };
    let clock = Clock::default();
    let now = Box::new(move || Clock::default().millis());
    Ok(Services::new(Parts {
        store: Arc::clone(store),
        auth: Auth::open(Arc::clone(store), config.auth.clone(), now).await?,
        external: ExternalTokens::new(external, key.as_deref(), Arc::new(outbound))?,
        workspaces: WorkspacesFile::new(&config.data_dir),
        changing: Changing::default(),
        bots: OnceLock::new(),
        media: media(config),
        transfers: Semaphore::new(TRANSFERS),
        server_id: clock.turn_id(),
        clock,
        config_file: ConfigFile::open(&config.data_dir)?,
        logs,
        lanes: turns.lanes(),
        retention: retention(config),
        lifecycle: lifecycle.clone(),
    }))
}

/// Lets `parlance user` reach the database that this server has.
fn take_commands(config: &Config, services: &Services) {
    match Doors::open(&config.data_dir) {
        Ok(doors) => {
            let serving = control::serve(doors, services.clone());
            services.lifecycle.spawn("commands", serving);
        }
        Err(error) => tracing::warn!(%error, "`parlance user` cannot reach this server: no socket"),
    }
}

/// Makes the account that the environment names, where nobody has one.
async fn make_first_account(auth: &Auth) -> Result<(), StartError> {
    if let Made::Created(weakness) = auth.make_first_account().await? {
        tracing::info!("made the first account, of BP_ADMIN_EMAIL");
        if let Some(weakness) = weakness {
            tracing::warn!("BP_ADMIN_PASSWORD is taken as it is, but is not good: {weakness}");
        }
    }
    Ok(())
}

fn turn_settings(config: &Config) -> TurnSettings {
    let decision = config.decision;
    let window = i64::try_from(decision.no_repeat_window.as_millis()).unwrap_or(i64::MAX);
    TurnSettings {
        external_url: config.http.external_url.clone(),
        converse: config.converse.clone(),
        dialog: config.dialog,
        rules: DecisionRules {
            min_confidence: decision.min_confidence,
            no_repeat_within: decision.no_repeat_policy.then_some(window),
        },
        limits: LaneLimits {
            total: config.turns.max_in_flight,
            waiting: config.turns.max_waiting_per_conversation,
        },
        retention: retention(config),
    }
}

fn retention(config: &Config) -> RetentionPolicies {
    RetentionPolicies::new(config.retention.policies.iter().cloned())
}

fn listen(
    config: &Config,
    listener: TcpListener,
    app: &App,
    services: Services,
    lifecycle: &Lifecycle,
) -> Result<crate::ops::lifecycle::Task<()>, StartError> {
    let router = http::router(app.clone(), services, http::Settings::try_from(config)?)?;
    let serving = http::serve(listener, router, Connections::default(), lifecycle.clone());
    Ok(lifecycle.spawn("http", serving))
}

/// Loads the bots beside the async tasks, as it reads many files.
async fn mount(
    config: &Config,
    environment: Arc<Environment>,
    place: &Arc<OnceLock<Registry>>,
    services: &Services,
) -> Result<Vec<BotReport>, StartError> {
    let source = Source::DataDir(config.data_dir.clone());
    let given = surroundings(Arc::clone(&environment));
    let opened = tokio::task::spawn_blocking(move || Registry::open(source, given)).await?;
    let (registry, reports) = opened?;
    let admin = BotAdmin::new(&config.data_dir, surroundings(environment), Some(registry.clone()));
    let _ = services.bots.set(admin);
    let _ = place.set(registry);
    Ok(reports)
}

/// What every bot of this server gets besides its files.
fn surroundings(environment: Arc<Environment>) -> Surroundings {
    Surroundings {
        native_action: skills::is_builtin,
        substitute: Box::new(move |text| substitute(text, &environment)),
    }
}

fn fail(error: &dyn std::fmt::Display) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "parlance: {error}");
    ExitCode::FAILURE
}

fn watch_database(store: &Arc<Store>, health: &Health, lifecycle: &Lifecycle) {
    let (store, health, stop) = (Arc::clone(store), health.clone(), lifecycle.stopping().clone());
    lifecycle.spawn("database health", async move {
        loop {
            match store.health().await {
                Ok(()) => health.set_database_ok(true, ""),
                Err(error) => health.set_database_ok(false, &error.to_string()),
            }
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(HEALTH_INTERVAL) => {}
            }
        }
    });
}

fn start_janitor(config: &Config, app: &App, lifecycle: &Lifecycle) {
    if let Some(bots) = app.bots.get() {
        let intervals = Intervals {
            expiries: config.janitor_interval,
            attributes: config.retention.janitor_interval,
        };
        let janitor = Janitor::new(app.turns.clone(), bots.clone(), intervals);
        lifecycle.spawn("janitor", janitor.run(lifecycle.stopping().clone()));
    }
}

fn is_ready(report: &BotReport) -> bool {
    matches!(report.lookup, Lookup::Ready(_))
}

/// Where the first account is registered, and the code that it needs, if it needs one.
struct First {
    url: String,
    code: Option<String>,
}

/// `None` when there are accounts.
async fn first_account(config: &Config, auth: &Auth) -> Result<Option<First>, StartError> {
    let code = auth.registration_code().await?;
    let url =
        format!("{}{}/api/v1/auth/register/basic/default", address(config), config.http.root_path);
    Ok(auth.is_first().await?.then_some(First { url, code }))
}

/// URL of the listener.
fn address(config: &Config) -> String {
    format!("http://{}:{}", bracketed(&config.http.host), config.http.port)
}

/// Prints what a person who started the server wants to know.
fn announce(config: &Config, reports: &[BotReport], first: Option<&First>, started: Instant) {
    let bots: Vec<BotFact<'_>> = reports
        .iter()
        .map(|report| BotFact {
            id: &report.id,
            state: match report.lookup {
                Lookup::Ready(_) => BotState::Ready { problems: report.report.findings.len() },
                Lookup::Disabled => BotState::Disabled,
                Lookup::Unknown => BotState::Failed,
            },
        })
        .collect();
    let address = address(config);
    let text = banner(&Facts {
        version: env!("CARGO_PKG_VERSION"),
        address: &address,
        external_url: &config.http.external_url,
        data_dir: &config.data_dir,
        database: &config.database_url,
        first_account: first
            .map(|first| FirstAccount { url: &first.url, code: first.code.as_deref() }),
        bots: &bots,
        ready_in: started.elapsed(),
    });
    let _ = std::io::stdout().write_all(text.as_bytes());
}

/// IPv6 addresses stand in brackets in a URL.
fn bracketed(host: &str) -> String {
    if host.contains(':') { format!("[{host}]") } else { host.to_owned() }
}
