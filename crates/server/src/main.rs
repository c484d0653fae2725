//! The `parlance` binary: reads the command line and hands over to the command.

use std::process::ExitCode;

use clap::Parser as _;
use parlance_server::cli::{Cli, Command, audit, bench, bot, check, user};
use parlance_server::start;

/// A turn makes and drops many small values on several threads; glibc's allocator pays for that
/// with time and, as its heap fragments, with ever more of it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> ExitCode {
    match Cli::parse().into_command() {
        Command::Serve(flags) => start::serve(flags).await,
        Command::Check(args) => check::run(&args),
        Command::Bot(args) => bot::run(&args),
        Command::User(args) => user::run(args).await,
        Command::Bench(args) => bench::run(args).await,
        Command::Audit(args) => audit::run(args).await,
    }
}
