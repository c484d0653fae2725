//! Writing files so that readers, and whoever looks after a crash, see the old or the new.

use std::fs::{self, File, Permissions};
use std::io::{self, Read, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::DRAFT_PREFIX;

/// Whether a file was replaced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replaced {
    /// It was.
    Done,
    /// Somebody had changed it meanwhile, so it was left as it is.
    ChangedMeanwhile,
}

/// The bytes of the file at `path`, `None` where there is none; larger ones are an error.
pub(crate) fn read_limited(path: &Path, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let file = match File::open(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        file => file?,
    };
    let mut bytes = Vec::new();
    file.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(io::Error::other(format!("it is larger than {} MiB", limit >> 20)));
    }
    Ok(Some(bytes))
}

/// Puts `bytes` in the place of the file at `path`, at once and on disk, if it still holds `before`
/// (`None`: is not there) once the new one is ready.
pub(crate) fn replace_if_same(
    path: &Path,
    before: Option<&[u8]>,
    bytes: &[u8],
) -> io::Result<Replaced> {
    let path = &real(path);
    let draft = draft(path, bytes)?;
    let limit = before.map_or(0, <[u8]>::len) as u64;
    let same = match read_limited(path, limit) {
        Ok(now) => now.as_deref() == before,
        // It has grown.
        Err(error) if error.kind() == io::ErrorKind::Other => false,
        Err(error) => return Err(error),
    };
    if !same {
        return Ok(Replaced::ChangedMeanwhile);
    }
    persist(draft, path)?;
    Ok(Replaced::Done)
}

/// Where a link leads; replacing the link itself would leave its file behind.
fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

/// A file beside `path`, written to disk, with the rights of the one that it shall replace.
fn draft(path: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let rights = fs::metadata(path).map(|metadata| metadata.permissions()).ok();
    let mut file = draft_in(folder_of(path), rights)?;
    file.write_all(bytes)?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// An empty file in `folder` that nobody takes for one of its own; gone unless it gets a name.
pub(crate) fn draft_in(folder: &Path, rights: Option<Permissions>) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(DRAFT_PREFIX);
    #[cfg(unix)]
    let rights = rights.or_else(|| {
        // What the process's mask leaves of it, as for any new file.
        Some(std::os::unix::fs::PermissionsExt::from_mode(0o666))
    });
    if let Some(rights) = rights {
        builder.permissions(rights);
    }
    builder.tempfile_in(folder)
}

fn persist(draft: NamedTempFile, path: &Path) -> io::Result<()> {
    draft.persist(path).map_err(|error| error.error)?;
    sync_folder(folder_of(path))
}

fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Makes sure that names in a folder are on disk.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Makes sure that all files and folders below `folder`, and itself, are on disk.
///
/// The whole file system at once: a sync for each of thousands of files takes minutes.
#[cfg(target_os = "linux")]
pub(crate) fn sync_tree(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(File::open(folder)?)?)
}

/// Makes sure that all files and folders below `folder`, and itself, are on disk. Follows no links.
#[cfg(not(target_os = "linux"))]
pub(crate) fn sync_tree(folder: &Path) -> io::Result<()> {
    let mut todo = vec![folder.to_owned()];
    while let Some(folder) = todo.pop() {
        for entry in fs::read_dir(&folder)? {
            let entry = entry?;
            let kind = entry.file_type()?;
            if kind.is_dir() {
                todo.push(entry.path());
            } else if kind.is_file() {
                File::open(entry.path())?.sync_all()?;
            }
        }
        sync_folder(&folder)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_else_is_left() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        replace_if_same(&path, None, b"one").unwrap();
        replace_if_same(&path, Some(b"one"), b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_somebody_else_has_changed_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        assert_eq!(replace_if_same(&path, None, b"one").unwrap(), Replaced::Done);
        for before in [None, Some(&b"tw"[..]), Some(b"two"), Some(b"longer than it is")] {
            let found = replace_if_same(&path, before, b"new").unwrap();
            assert_eq!(found, Replaced::ChangedMeanwhile, "{before:?}");
        }
        assert_eq!(replace_if_same(&path, Some(b"one"), b"two").unwrap(), Replaced::Done);
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn rights_and_links_stay() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};
        let dir = tempfile::tempdir().unwrap();
        let (path, link) = (dir.path().join("a.json"), dir.path().join("link.json"));
        fs::write(&path, "one").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&path, &link).unwrap();
        replace_if_same(&link, Some(b"one"), b"two").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"two");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o640);
    }

    #[test]
    fn large_files_are_not_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a.json");
        assert_eq!(read_limited(&path, 3).unwrap(), None);
        fs::write(&path, "four").unwrap();
        assert!(read_limited(&path, 3).is_err());
        assert_eq!(read_limited(&path, 4).unwrap().as_deref(), Some(&b"four"[..]));
    }
}
