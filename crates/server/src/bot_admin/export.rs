//! A bot's folder → `.tgz` as v12 exports and imports it (`spec` runtime 1.10, http 3.2).
//!
//! The same files give the same bytes: names are sorted, times and owners left out. What comes out can
//! be imported again: what an import would refuse is an error here. Files go through piece by piece,
//! whatever their size.

use std::fs::{self, File};
use std::io::{self, Read, Seek as _, Write};
use std::path::{Path, PathBuf};

use flate2::{Compression, GzBuilder};
use parlance_core::bot::plain_excerpt;
use parlance_core::ids::BotId;
use serde_json::json;
use tar::{Builder, EntryType, Header};

use super::{BotAdmin, BotAdminError};
use crate::bots::Amount;
use crate::bots::archive::names::{Names, is_noise, normalised};
use crate::bots::archive::placeholder::{is_json, without_id};
use crate::bots::archive::{MAX_ENTRIES, MAX_UNPACKED};

/// Folders that stay behind: they are made anew where the bot runs.
const LEFT_BEHIND: [&str; 2] = ["models/", "libraries/node_modules/"];
const CONFIG: &str = "bot.config.json";

/// What was exported.
pub type Exported = Amount;

impl BotAdmin {
    /// Writes the bot's archive to `out`. Blocks other changes of bots meanwhile: write to a file or
    /// to memory, not to a slow client.
    pub fn export(&self, id: &str, out: impl Write) -> Result<Exported, BotAdminError> {
        let id = self.found(id)?;
        let _lock = self.place().lock_shared()?;
        let folder = self.place().of(&id);
        let refuse = |problem| BotAdminError::NotExportable { bot: id.to_string(), problem };
        let files = files(&folder).map_err(refuse)?;
        write(&files, &id, out).map_err(|error| match error.kind() {
            // The system's own words name no file.
            io::ErrorKind::FileTooLarge => refuse(error.to_string()),
            _ => BotAdminError::io("export the bot in", &folder)(error),
        })
    }
}

/// The files that belong into the archive, by name; or why one cannot.
fn files(root: &Path) -> Result<Vec<(String, PathBuf)>, String> {
    let mut found = Vec::new();
    let mut names = Names::default();
    let mut todo = vec![(root.to_owned(), String::new())];
    while let Some((folder, prefix)) = todo.pop() {
        let unreadable = |error| format!("the folder \"{prefix}\" cannot be read: {error}");
        for entry in fs::read_dir(&folder).map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if is_noise(&name) || LEFT_BEHIND.contains(&format!("{name}/").as_str()) {
                continue;
            }
            let refuse = |problem: &dyn std::fmt::Display| {
                format!("the name of its file \"{}\" {problem}; rename it", plain_excerpt(&name))
            };
            let raw = entry.file_name();
            if raw.to_str().is_none() {
                return Err(refuse(&"is no Unicode"));
            }
            normalised(name.as_bytes()).map_err(|problem| refuse(&problem))?;
            let path = entry.path();
            let metadata = fs::metadata(&path)
                .map_err(|error| format!("the file \"{name}\" cannot be read: {error}"))?;
            if metadata.is_dir() {
                if !leads_back(&entry, &path) {
                    todo.push((path, format!("{name}/")));
                }
            } else if metadata.is_file() {
                names.insert(&name).map_err(|problem| refuse(&problem))?;
                if name.ends_with("/bot.config.json") && !name.contains("node_modules/") {
                    return Err(refuse(&"would make a second bot of its folder"));
                }
                found.push((name, path));
            }
            if found.len() > MAX_ENTRIES {
                return Err(format!("it has more than {MAX_ENTRIES} files"));
            }
        }
    }
    found.sort_unstable();
    Ok(found)
}

/// Whether a link leads to a folder that holds it.
fn leads_back(entry: &fs::DirEntry, path: &Path) -> bool {
    entry.file_type().is_ok_and(|kind| kind.is_symlink())
        && match (path.canonicalize(), path.parent().map(Path::canonicalize)) {
            (Ok(target), Some(Ok(folder))) => folder.starts_with(target),
            _ => true,
        }
}

fn write(files: &[(String, PathBuf)], id: &BotId, out: impl Write) -> io::Result<Exported> {
    let packer = GzBuilder::new().write(out, Compression::default());
    let mut tar = Builder::new(Limited { inner: packer, left: MAX_UNPACKED });
    let mut amount = Exported::default();
    if !files.iter().any(|(name, _)| name == CONFIG) {
        // Without it nobody would take the archive for a bot's.
        let config = json!({ "id": id, "name": id, "defaultLanguage": "en", "languages": ["en"] });
        let config = format!("{config:#}\n");
        append(&mut tar, CONFIG, config.len() as u64, config.as_bytes(), &mut amount)?;
    }
    for (name, path) in files {
        let mut file = File::open(path)?;
        if is_json(name) {
            let size = io::copy(&mut without_id(&mut file, id), &mut io::sink())?;
            file.rewind()?;
            append(&mut tar, name, size, without_id(file, id), &mut amount)?;
        } else {
            let size = file.metadata()?.len();
            append(&mut tar, name, size, file, &mut amount)?;
        }
    }
    let packer = tar.into_inner()?.inner;
    packer.finish()?.flush()?;
    Ok(amount)
}

fn append(
    tar: &mut Builder<impl Write>,
    name: &str,
    size: u64,
    bytes: impl Read,
    amount: &mut Exported,
) -> io::Result<()> {
    let mut header = Header::new_gnu();
    header.set_entry_type(EntryType::Regular);
    header.set_mode(0o644);
    header.set_size(size);
    for zero in [Header::set_uid, Header::set_gid, Header::set_mtime] {
        zero(&mut header, 0);
    }
    let mut bytes = Counted { inner: bytes, read: 0 };
    tar.append_data(&mut header, name, (&mut bytes).take(size))?;
    if bytes.read != size || bytes.read(&mut [0])? != 0 {
        return Err(io::Error::other(format!("{name} was changed meanwhile; try again")));
    }
    amount.files += 1;
    amount.bytes += size;
    Ok(())
}

/// Counts what is read.
struct Counted<R> {
    inner: R,
    read: u64,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.read += read as u64;
        Ok(read)
    }
}

/// Takes so many bytes and no more.
struct Limited<W> {
    inner: W,
    left: u64,
}

impl<W: Write> Write for Limited<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = self.left.checked_sub(bytes.len() as u64).ok_or_else(|| {
            let most = MAX_UNPACKED >> 20;
            io::Error::new(
                io::ErrorKind::FileTooLarge,
                format!("it has more than {most} MiB, which no import takes"),
            )
        })?;
        let written = self.inner.write(bytes)?;
        self.left = left + (bytes.len() - written) as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}
