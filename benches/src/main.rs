//! `cargo xtask figures`: what Parlance costs, each figure beside its baseline and its bar.
//!
//! Starts the release binary and a bare durable server ([`baseline`]) in turn, puts the same load
//! on both ([`load`]) and reads what the kernel counted for their processes ([`process`]).

mod bar;
mod baseline;
mod bot;
mod figures;
mod flood;
mod load;
mod process;

use std::path::PathBuf;
use std::process::ExitCode;

/// The one that Parlance uses, so that the baseline is not measured with a slower one.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// A tool's error: a sentence for the person at the terminal.
type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["baseline", folder] => baseline::serve(PathBuf::from(folder).as_path()).await,
        [] => figures::print_all().await,
        ["flood"] => figures::print_flood().await,
        _ => Err("this program takes no arguments, or `flood` for that figure alone".into()),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}
