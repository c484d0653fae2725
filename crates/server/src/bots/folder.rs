//! A bot's folder on disk → [`BotFiles`]; bounded in depth, number and size.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use parlance_core::bot::{BotFiles, LeftOut, MAX_FILE_BYTES, Role};

/// Folders inside folders that are followed.
const MAX_DEPTH: usize = 16;
/// Most directory entries that are looked at.
const MAX_ENTRIES: usize = 100_000;
/// How often a bot is read whose folder becomes another meanwhile. Each of them is loaded anew after it.
const ATTEMPTS: usize = 5;

/// Folders of a bot that play no part at run time and may be huge.
const SKIPPED: [&str; 4] = ["node_modules", "models", "libraries", "__MACOSX"];

/// Holds what the bot shows, and copies of what users send.
const MEDIA: &str = "media/";

/// Reads the bot in `dir` as [`read`] does, and not half of it when another bot takes its place meanwhile:
/// that is one rename, after which the folder is another.
pub(super) fn read_whole(dir: &Path) -> io::Result<BotFiles> {
    for _ in 1..ATTEMPTS {
        let before = identity(dir);
        let files = read(dir)?;
        if identity(dir) == before {
            return Ok(files);
        }
    }
    read(dir)
}

/// What tells a folder from another at the same path.
#[cfg(unix)]
fn identity(dir: &Path) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata(dir).ok().map(|metadata| (metadata.dev(), metadata.ino()))
}

/// What tells a folder from another at the same path; nothing does here.
#[cfg(not(unix))]
fn identity(_: &Path) -> Option<(u64, u64)> {
    None
}

/// Reads all files of the bot in `dir` that play a part. What cannot be read is left out and
/// remembered; only a folder that cannot be listed at all is an error.
///
/// Links are followed, as files of mounted volumes often are links.
pub(super) fn read(dir: &Path) -> io::Result<BotFiles> {
    let mut files = BotFiles::default();
    let mut entries = 0;
    let mut todo = vec![(dir.to_owned(), String::new(), 0)];
    while let Some((folder, prefix, depth)) = todo.pop() {
        let listed = match list(&folder) {
            Ok(listed) => listed,
            Err(error) if depth == 0 => return Err(error),
            Err(_) => {
                files.leave_out(&prefix, LeftOut::Unreadable);
                continue;
            }
        };
        for (name, path) in listed {
            entries += 1;
            if entries > MAX_ENTRIES || files.is_full() {
                if !prefix.starts_with(MEDIA) {
                    files.leave_out(&format!("{prefix}{name}"), LeftOut::BotTooLarge);
                }
                return Ok(files);
            }
            let relative = format!("{prefix}{name}");
            let Ok(metadata) = fs::metadata(&path) else {
                if BotFiles::role(&relative) != Role::Unused {
                    files.leave_out(&relative, LeftOut::Unreadable);
                }
                continue;
            };
            if metadata.is_dir() {
                if depth < MAX_DEPTH && !name.starts_with('.') && !SKIPPED.contains(&name.as_str())
                {
                    let folder = (path, format!("{relative}/"), depth + 1);
                    // The last to be looked at: however many files users send, a bot loads.
                    if folder.1 == MEDIA { todo.insert(0, folder) } else { todo.push(folder) }
                }
            } else if metadata.is_file() {
                take(&mut files, &relative, &path, metadata.len());
            }
        }
    }
    Ok(files)
}

/// The entries of a folder by name; names that are no Unicode play no part.
fn list(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut listed = Vec::new();
    for entry in fs::read_dir(folder)?.take(MAX_ENTRIES) {
        let entry = entry?;
        if let Ok(name) = entry.file_name().into_string() {
            listed.push((name, entry.path()));
        }
    }
    listed.sort_unstable();
    Ok(listed)
}

fn take(files: &mut BotFiles, relative: &str, path: &Path, len: u64) {
    match BotFiles::role(relative) {
        Role::Unused => {}
        Role::Media => files.insert_media(relative),
        Role::Part if len > MAX_FILE_BYTES as u64 => {
            files.leave_out(relative, LeftOut::FileTooLarge);
        }
        Role::Part => match read_file(path) {
            Ok(bytes) => files.insert(relative, bytes),
            Err(_) => files.leave_out(relative, LeftOut::Unreadable),
        },
    }
}

/// The file's bytes, one more than allowed at most, for it may grow while it is read.
fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_FILE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_gives_the_files_that_play_a_part() {
        let dir = tempfile::tempdir().unwrap();
        for path in [
            "bot.config.json",
            "flows/skills/a.flow.json",
            "flows/a.ui.json",
            "media/a.png",
            "libraries/x.js",
            ".git/config",
        ] {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "{}").unwrap();
        }
        let files = read(dir.path()).unwrap();
        let found: Vec<&str> = files.below("").map(|(path, _)| path).collect();
        assert_eq!(found, ["bot.config.json", "flows/skills/a.flow.json"]);
        assert!(files.has_media("a.png"));
    }

    #[test]
    fn what_is_too_large_or_unreadable_is_left_out() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("flows")).unwrap();
        let big = File::create(dir.path().join("flows/big.flow.json")).unwrap();
        big.set_len(MAX_FILE_BYTES as u64 + 1).unwrap();
        std::os::unix::fs::symlink("/nowhere", dir.path().join("flows/gone.flow.json")).unwrap();
        let files = read(dir.path()).unwrap();
        assert!(files.is_empty());
        let mut left_out = files.left_out().to_vec();
        left_out.sort_by(|a, b| a.0.cmp(&b.0));
        assert_eq!(
            left_out,
            [
                ("flows/big.flow.json".to_owned(), LeftOut::FileTooLarge),
                ("flows/gone.flow.json".to_owned(), LeftOut::Unreadable)
            ]
        );
    }

    #[test]
    fn folders_that_contain_themselves_end() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("flows")).unwrap();
        std::os::unix::fs::symlink(dir.path(), dir.path().join("flows/again")).unwrap();
        fs::write(dir.path().join("flows/a.flow.json"), "{}").unwrap();
        assert!(read(dir.path()).unwrap().get("flows/a.flow.json").is_some());
    }
}
