//! The files that the rules are held against: tracked by git or about to be, text only.

use std::path::Path;
use std::process::Command;

use super::Finding;
use crate::failure::{Failure, Result};
use crate::step;

/// A text file.
#[derive(Debug)]
pub(crate) struct TextFile {
    /// Path relative to the workspace, with `/`.
    pub path: String,
    /// Content.
    pub text: String,
}

/// A Rust file and what the parser made of it.
pub(crate) struct Source<'a> {
    /// The file.
    pub file: &'a TextFile,
    /// Its items.
    pub syntax: syn::File,
}

/// All text files that git tracks, or would track, and that are there.
pub(crate) fn tracked(root: &Path) -> Result<Vec<TextFile>> {
    let mut files = Vec::new();
    for path in listed_by_git(root).unwrap_or_else(|| walked(root)) {
        let full = root.join(&path);
        if !full.is_file() {
            continue;
        }
        let bytes = std::fs::read(&full).map_err(|error| Failure::file(&full, &error))?;
        if let Ok(text) = String::from_utf8(bytes)
            && !text.contains('\0')
        {
            files.push(TextFile { path, text });
        }
    }
    Ok(files)
}

/// `None` without git, or outside a repository.
fn listed_by_git(root: &Path) -> Option<Vec<String>> {
    let mut command = Command::new("git");
    command.current_dir(root);
    command.args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
    let list = step::output(&mut command).ok()?;
    let paths = list.split(|byte| *byte == 0).filter(|path| !path.is_empty());
    Some(paths.map(|path| String::from_utf8_lossy(path).into_owned()).collect())
}

/// All files but those that building and running leave behind, which `.gitignore` names.
fn walked(root: &Path) -> Vec<String> {
    const LEFT_BEHIND: [&str; 5] = [".git", "target", "data", "corpus", "artifacts"];
    let mut folders = vec![root.to_path_buf()];
    let mut paths = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            if LEFT_BEHIND.contains(&entry.file_name().to_string_lossy().as_ref()) {
                continue;
            }
            let path = entry.path();
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                folders.push(path);
            } else {
                let relative = path.strip_prefix(root).unwrap_or(&path);
                paths.push(relative.to_string_lossy().into_owned());
            }
        }
    }
    paths
}

/// Parses the Rust files; one that cannot be parsed is a finding.
pub(crate) fn parse<'a>(files: &'a [TextFile], findings: &mut Vec<Finding>) -> Vec<Source<'a>> {
    let mut sources = Vec::new();
    let is_rust =
        |path: &str| Path::new(path).extension().is_some_and(|extension| extension == "rs");
    for file in files.iter().filter(|file| is_rust(&file.path)) {
        match syn::parse_file(&file.text) {
            Ok(syntax) => sources.push(Source { file, syntax }),
            Err(error) => findings.push(Finding {
                file: file.path.clone(),
                line: error.span().start().line,
                problem: format!("cannot be parsed: {error}"),
            }),
        }
    }
    sources
}
