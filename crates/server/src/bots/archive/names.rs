//! Names of files in archives: which of them are taken, and in which form.
//!
//! An archive must unpack to the same files on every system, and to nothing outside its folder. So
//! names that some system reads as something else (drives, devices, streams) are refused, and so are
//! two names that some file system takes for one.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

/// Longest path, in bytes.
const MAX_PATH: usize = 512;
/// Longest part of a path, in bytes; no file system takes more.
const MAX_PART: usize = 255;
/// Most folders around a file; loading follows no more.
const MAX_FOLDERS: usize = 16;

/// Names that Windows keeps for devices, whatever follows after a dot.
const DEVICES: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8",
    "com9", "lpt1", "lpt2", "lpt3", "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// Why a name is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameProblem {
    /// Its bytes are no UTF-8.
    #[error("is not written in UTF-8")]
    NotUnicode,
    /// It begins at the root.
    #[error("is absolute")]
    Absolute,
    /// It holds `..`.
    #[error("leads out of its folder")]
    LeadsOut,
    /// It holds a character that file systems read as something else.
    #[error("holds {0:?}, which some systems do not allow in names")]
    Character(char),
    /// It ends with a dot or a space, which Windows drops.
    #[error("has a part that ends with a dot or a space")]
    Ending,
    /// A device of Windows.
    #[error("has a part that Windows takes for a device")]
    Device,
    /// It is too long or too deep.
    #[error(
        "is longer than {MAX_PATH} bytes, has a part of more than {MAX_PART}, or is deeper than \
         {MAX_FOLDERS} folders"
    )]
    TooLong,
    /// It is there already, perhaps in other case, or is a folder elsewhere.
    #[error("is there twice, perhaps in other case, or both as a file and as a folder")]
    Twice,
}

/// The path with `/` and without `.` parts; empty for the archive's own root.
pub(crate) fn normalised(bytes: &[u8]) -> Result<String, NameProblem> {
    let text = std::str::from_utf8(bytes).map_err(|_| NameProblem::NotUnicode)?;
    if text.starts_with('/') {
        return Err(NameProblem::Absolute);
    }
    let mut parts = Vec::new();
    for part in text.split('/').filter(|part| !matches!(*part, "" | ".")) {
        check_part(part)?;
        parts.push(part);
        if parts.len() > MAX_FOLDERS + 1 {
            return Err(NameProblem::TooLong);
        }
    }
    let path = parts.join("/");
    if path.len() > MAX_PATH { Err(NameProblem::TooLong) } else { Ok(path) }
}

fn check_part(part: &str) -> Result<(), NameProblem> {
    if part == ".." {
        return Err(NameProblem::LeadsOut);
    }
    if part.len() > MAX_PART {
        return Err(NameProblem::TooLong);
    }
    let strange = |c: char| c.is_control() || "\\:*?\"<>|".contains(c);
    if let Some(found) = part.chars().find(|c| strange(*c)) {
        return Err(NameProblem::Character(found));
    }
    if part.ends_with(['.', ' ']) {
        return Err(NameProblem::Ending);
    }
    let stem = part.split('.').next().unwrap_or(part).trim_end();
    if DEVICES.iter().any(|device| stem.eq_ignore_ascii_case(device)) {
        return Err(NameProblem::Device);
    }
    Ok(())
}

/// Whether a file plays no part: dot files (macOS leaves `._*` behind) and `__MACOSX`.
pub(crate) fn is_noise(path: &str) -> bool {
    path.split('/').any(|part| part.starts_with('.') || part == "__MACOSX")
}

/// The names that an archive has held so far. Keeps hashes alone, so that many long names take
/// little memory.
#[derive(Default)]
pub(crate) struct Names {
    seed: RandomState,
    /// By the hash of the name in lower case: the hash of the name as it is, and whether it is a
    /// file's.
    seen: HashMap<u64, (u64, bool)>,
}

impl Names {
    /// Takes a file's normalised path in.
    pub(crate) fn insert(&mut self, path: &str) -> Result<(), NameProblem> {
        for (end, _) in path.match_indices('/') {
            self.note(path.get(..end).unwrap_or_default(), false)?;
        }
        self.note(path, true)
    }

    fn note(&mut self, path: &str, is_file: bool) -> Result<(), NameProblem> {
        let own = (self.seed.hash_one(path), is_file);
        let lower = self.seed.hash_one(path.to_lowercase());
        match self.seen.insert(lower, own) {
            Some(_) if is_file => Err(NameProblem::Twice),
            Some(other) if other != own => Err(NameProblem::Twice),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalised() {
        for (name, expected) in [
            ("a.json", "a.json"),
            ("./flows//main.flow.json", "flows/main.flow.json"),
            ("flows/./a b.json", "flows/a b.json"),
            ("entities/hình-thức.json", "entities/hình-thức.json"),
            ("a..b/...c", "a..b/...c"),
            ("./", ""),
            ("", ""),
            ("console.json", "console.json"),
        ] {
            assert_eq!(normalised(name.as_bytes()).as_deref(), Ok(expected), "{name}");
        }
    }

    #[test]
    fn names_that_mean_something_else_somewhere_are_refused() {
        let long = "x".repeat(256);
        let far = format!("{}/x", ["y"; 255].join("y/"));
        let deep = "d/".repeat(17) + "f";
        for (name, problem) in [
            (&b"/etc/passwd"[..], NameProblem::Absolute),
            (b"//server/share", NameProblem::Absolute),
            (b"../a", NameProblem::LeadsOut),
            (b"a/../../b", NameProblem::LeadsOut),
            (b"a/..", NameProblem::LeadsOut),
            (b"..\\a", NameProblem::Character('\\')),
            (b"C:\\a", NameProblem::Character(':')),
            (b"C:a", NameProblem::Character(':')),
            (b"a.json:stream", NameProblem::Character(':')),
            (b"a\0b", NameProblem::Character('\0')),
            (b"a\nb", NameProblem::Character('\n')),
            (b"what?", NameProblem::Character('?')),
            (b"a./b", NameProblem::Ending),
            (b"a ", NameProblem::Ending),
            (b"NUL", NameProblem::Device),
            (b"media/con.png", NameProblem::Device),
            (b"Com1.tar.gz", NameProblem::Device),
            (b"\xff.json", NameProblem::NotUnicode),
            (long.as_bytes(), NameProblem::TooLong),
            (far.as_bytes(), NameProblem::TooLong),
            (deep.as_bytes(), NameProblem::TooLong),
        ] {
            assert_eq!(normalised(name), Err(problem), "{}", String::from_utf8_lossy(name));
        }
    }

    #[test]
    fn a_name_is_there_once_in_whatever_case() {
        for (names, ok) in [
            (&["a/b.json", "a/c.json", "ab"][..], true),
            (&["a/b.json", "a/b.json"], false),
            (&["a/b.json", "a/B.json"], false),
            (&["Ä.json", "ä.json"], false),
            (&["A/b.json", "a/c.json"], false),
            (&["a", "a/b"], false),
            (&["a/b", "a"], false),
        ] {
            let mut seen = Names::default();
            let all = names.iter().try_for_each(|name| seen.insert(name));
            assert_eq!(all.is_ok(), ok, "{names:?}");
        }
    }

    #[test]
    fn what_systems_leave_behind_is_noise() {
        for path in [".DS_Store", "flows/._a.flow.json", "__MACOSX/a", ".git/config", "a/.b/c"] {
            assert!(is_noise(path), "{path}");
        }
        assert!(!is_noise("flows/a.flow.json"));
    }
}
