//! Schemathesis, below `target/`.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::failure::{Failure, Result};
use crate::{services, step};

/// The program, installed if it is not there yet or its list of versions has changed.
pub(super) fn ensure(root: &Path) -> Result<PathBuf> {
    let wanted = root.join("xtask").join("schemathesis.txt");
    let folder = root.join("target").join("schemathesis");
    let (program, installed) = (folder.join("bin").join("st"), folder.join("installed.txt"));
    let versions = read(&wanted)?;
    if program.is_file() && std::fs::read_to_string(&installed).is_ok_and(|text| text == versions) {
        return Ok(program);
    }
    services::ensure_python()?;
    if folder.exists() {
        let cleared = std::fs::remove_dir_all(&folder);
        cleared.map_err(|error| Failure::new(format!("{}: {error}", folder.display())))?;
    }
    step::command(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
    let mut install = Command::new(folder.join("bin").join("pip"));
    install.args(["install", "--quiet", "--disable-pip-version-check", "--no-deps", "-r"]);
    step::command(install.arg(&wanted))?;
    std::fs::write(&installed, versions)
        .map_err(|error| Failure::new(format!("{}: {error}", installed.display())))?;
    Ok(program)
}

fn read(file: &Path) -> Result<String> {
    std::fs::read_to_string(file)
        .map_err(|error| Failure::new(format!("{}: {error}", file.display())))
}
