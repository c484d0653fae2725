//! The entries of a `.tgz`, one after another, within all limits.
//!
//! Long names come as entries of their own in front of the file. They are read here and not by the
//! library, which would take any length of them into memory.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use flate2::read::MultiGzDecoder;
use tar::{Archive, EntryType, PaxExtensions};

use super::ArchiveError;
use super::names::{NameProblem, Names, is_noise, normalised};

/// Most files and folders of an archive.
pub(crate) const MAX_ENTRIES: usize = 20_000;
/// Most bytes of an archive, unpacked.
pub(crate) const MAX_UNPACKED: u64 = 512 << 20;
/// Most unpacked bytes for each packed one, beyond [`RATIO_FREE`].
pub(super) const MAX_RATIO: u64 = 100;
/// So much may always come out: small archives of repetitive files pack very well.
const RATIO_FREE: u64 = 8 << 20;
/// Longest description of the next entry, in bytes.
const MAX_DESCRIPTION: u64 = 64 << 10;

/// Calls `visit` for every file of the archive with its normalised path, its size and its bytes; not
/// for what systems leave behind. Reads to the end of the archive, so that damage is found.
pub(super) fn each_file(
    path: &Path,
    mut visit: impl FnMut(&str, u64, &mut dyn Read) -> Result<(), ArchiveError>,
) -> Result<(), ArchiveError> {
    let file = File::open(path)?;
    let packed = file.metadata()?.len();
    let allowed = MAX_UNPACKED.min(packed.saturating_mul(MAX_RATIO).max(RATIO_FREE));
    let reader = Bounded { inner: MultiGzDecoder::new(io::BufReader::new(file)), left: allowed };
    let mut archive = Archive::new(reader);
    let mut walk = Walk::default();
    for entry in archive.entries()?.raw(true) {
        let mut entry = entry?;
        let kind = entry.header().entry_type();
        let size = entry.size();
        let name = entry.path_bytes().into_owned();
        if let Some(path) = walk.step(kind, size, &name, &mut entry)? {
            let mut bytes = Exactly { inner: (&mut entry).take(size), left: size };
            visit(&path, size, &mut bytes)?;
        }
    }
    io::copy(&mut archive.into_inner(), &mut io::sink())?;
    Ok(())
}

/// What is known of the archive so far.
#[derive(Default)]
struct Walk {
    names: Names,
    entries: usize,
    /// Entries that describe the next one.
    descriptions: usize,
    /// The name of the next entry, where it has one of its own.
    next_name: Option<Vec<u8>>,
}

impl Walk {
    /// Looks at an entry; gives the path where it is a file that counts.
    fn step(
        &mut self,
        kind: EntryType,
        size: u64,
        header_name: &[u8],
        entry: &mut impl Read,
    ) -> Result<Option<String>, ArchiveError> {
        match kind {
            EntryType::GNULongName | EntryType::XHeader => {
                self.descriptions += 1;
                if self.descriptions > MAX_ENTRIES {
                    return Err(ArchiveError::TooManyEntries);
                }
                let mut bytes = description(size, entry)?;
                if kind == EntryType::GNULongName {
                    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
                    bytes.truncate(end);
                    self.next_name = Some(bytes);
                } else if let Some(name) = pax_name(&bytes)? {
                    self.next_name = Some(name);
                }
                return Ok(None);
            }
            EntryType::XGlobalHeader => return Ok(None),
            _ => {}
        }
        self.entries += 1;
        if self.entries > MAX_ENTRIES {
            return Err(ArchiveError::TooManyEntries);
        }
        let name = self.next_name.take().unwrap_or_else(|| header_name.to_owned());
        let refused = |problem| ArchiveError::Name { name: shown(&name), problem };
        match kind {
            EntryType::Directory => normalised(&name).map(|_| None).map_err(refused),
            // Very old archives mark folders by the slash alone.
            EntryType::Regular | EntryType::Continuous if name.ends_with(b"/") => {
                normalised(&name).map(|_| None).map_err(refused)
            }
            EntryType::Regular | EntryType::Continuous => {
                let path = normalised(&name).map_err(refused)?;
                if is_noise(&path) {
                    return Ok(None);
                }
                if path.is_empty() {
                    return Err(refused(NameProblem::LeadsOut));
                }
                self.names.insert(&path).map_err(refused)?;
                Ok(Some(path))
            }
            _ => Err(ArchiveError::Unsafe(shown(&name))),
        }
    }
}

fn description(size: u64, entry: &mut impl Read) -> Result<Vec<u8>, ArchiveError> {
    if size > MAX_DESCRIPTION {
        return Err(io::Error::other("the description of an entry is longer than 64 KiB").into());
    }
    let mut bytes = Vec::new();
    entry.take(MAX_DESCRIPTION).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The path in a list of extended attributes. Sizes and holes that differ from the plain header
/// would make a file something else for one reader than for another.
fn pax_name(bytes: &[u8]) -> Result<Option<Vec<u8>>, ArchiveError> {
    let mut name = None;
    for attribute in PaxExtensions::new(bytes) {
        let attribute = attribute?;
        match attribute.key_bytes() {
            b"path" => name = Some(attribute.value_bytes().to_owned()),
            b"linkpath" | b"size" => return Err(ArchiveError::Unsafe(shown(bytes))),
            key if key.starts_with(b"GNU.sparse") => {
                return Err(ArchiveError::Unsafe(shown(bytes)));
            }
            _ => {}
        }
    }
    Ok(name)
}

fn shown(name: &[u8]) -> String {
    parlance_core::bot::plain_excerpt(&String::from_utf8_lossy(name))
}

/// What comes out of the decompressor, up to a limit.
struct Bounded {
    inner: MultiGzDecoder<io::BufReader<File>>,
    left: u64,
}

impl Read for Bounded {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| {
            io::Error::other(format!(
                "it unpacks to more than {} MiB, or to more than {MAX_RATIO} times its size",
                MAX_UNPACKED >> 20
            ))
        })?;
        Ok(read)
    }
}

/// Bytes of one file; that they end early is an error.
struct Exactly<R> {
    inner: R,
    left: u64,
}

impl<R: Read> Read for Exactly<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if read == 0 && self.left > 0 && !buffer.is_empty() {
            return Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "it ends in the middle of a file",
            ));
        }
        self.left = self.left.saturating_sub(read as u64);
        Ok(read)
    }
}
