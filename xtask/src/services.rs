//! What the tests need beyond Rust and a C compiler: found, installed where that is allowed, or
//! named exactly.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::step;

/// Makes sure that the programs of PostgreSQL are on this machine. The tests start their own server from
/// them, in a folder of their own.
pub(crate) fn ensure_postgres() -> Result {
    if let Some(found) = find_postgres() {
        println!("    PostgreSQL: {}", found.display());
        return Ok(());
    }
    if !runs("apt-get", "--version") {
        return Err(Failure::new(missing_postgres(
            "install PostgreSQL 13 or newer with this system's package manager",
        )));
    }
    if !is_root() {
        return Err(Failure::new(missing_postgres(
            "run `sudo apt-get update && sudo apt-get install -y --no-install-recommends postgresql`",
        )));
    }
    println!("    PostgreSQL is missing: installing it by apt");
    step::command(apt().arg("update"))?;
    step::command(apt().args(["install", "-y", "--no-install-recommends", "postgresql"]))?;
    let found = find_postgres().ok_or_else(|| {
        Failure::new(missing_postgres("apt installed it, but not where it is looked for"))
    })?;
    println!("    PostgreSQL: {}", found.display());
    Ok(())
}

/// Makes sure that Python can make itself a folder for programs of its own.
pub(crate) fn ensure_python() -> Result {
    let has_venv = || runs_all("python3", &["-c", "import venv, ensurepip"]);
    if has_venv() {
        return Ok(());
    }
    let advice = "Python 3.10 or newer with its module venv is missing";
    if !runs("apt-get", "--version") || !is_root() {
        return Err(Failure::new(format!(
            "{advice}: install it, on Debian by `sudo apt-get install -y python3-venv`"
        )));
    }
    println!("    {advice}: installing it by apt");
    step::command(apt().arg("update"))?;
    step::command(apt().args(["install", "-y", "--no-install-recommends", "python3-venv"]))?;
    if has_venv() { Ok(()) } else { Err(Failure::new(format!("{advice} though apt installed it"))) }
}

/// Makes sure that the formatter and clippy are there; rustup's smallest profile leaves them out.
pub(crate) fn ensure_rust_components(root: &Path) -> Result {
    for (program, component) in [("fmt", "rustfmt"), ("clippy", "clippy")] {
        if has_cargo_command(root, program) {
            continue;
        }
        if !runs("rustup", "--version") {
            let advice = format!("install the {component} that belongs to this Rust");
            return Err(Failure::new(format!("`cargo {program}` is missing: {advice}")));
        }
        step::command(Command::new("rustup").args(["component", "add", component]))?;
    }
    Ok(())
}

fn missing_postgres(advice: &str) -> String {
    format!(
        "PostgreSQL is missing (no `initdb` in PATH, /usr/lib/postgresql/*/bin, /usr/pgsql-*/bin or \
         /opt/homebrew/opt/postgresql*/bin): {advice}"
    )
}

/// The folder with the programs of PostgreSQL: the newest of the usual places, else from `PATH`.
fn find_postgres() -> Option<PathBuf> {
    let mut folders = Vec::new();
    folders.extend(subfolders(Path::new("/usr/lib/postgresql"), ""));
    folders.extend(subfolders(Path::new("/usr"), "pgsql-"));
    folders.extend(subfolders(Path::new("/opt/homebrew/opt"), "postgresql"));
    folders.sort();
    let usual = folders.into_iter().rev().map(|folder| folder.join("bin"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let in_path: Vec<PathBuf> = std::env::split_paths(&path).collect();
    usual.chain(in_path).find(|folder| folder.join("initdb").is_file())
}

fn subfolders(folder: &Path, prefix: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    entries
        .flatten()
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(prefix))
        .map(|entry| entry.path())
        .collect()
}

fn apt() -> Command {
    let mut command = Command::new("apt-get");
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn runs(program: &str, argument: &str) -> bool {
    runs_all(program, &[argument])
}

fn runs_all(program: &str, arguments: &[&str]) -> bool {
    Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
}

fn has_cargo_command(root: &Path, name: &str) -> bool {
    step::cargo(root).args([name, "--version"]).output().is_ok_and(|output| output.status.success())
}
