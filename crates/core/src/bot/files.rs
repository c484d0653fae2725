//! The files of a bot as they came in: which of them a bot is made of, and how many may be held.
//!
//! Does not live here: reading a disk or an archive (the server), making sense of the bytes (the
//! loader).

use std::collections::{BTreeMap, BTreeSet};

/// Most files of one bot.
pub const MAX_FILES: usize = 20_000;
/// Largest file that is read, in bytes.
pub const MAX_FILE_BYTES: usize = 16 << 20;
/// Most bytes of one bot's files together, media left out.
pub const MAX_TOTAL_BYTES: usize = 128 << 20;
/// Longest path, in bytes.
pub(super) const MAX_PATH_BYTES: usize = 512;

/// Most files that are remembered as left out.
const MAX_LEFT_OUT: usize = 100;

/// Folders whose content is part of a bot, with the file name ending that counts.
const PARTS: [(&str, &str); 9] = [
    ("flows/", ".flow.json"),
    ("content-elements/", ".json"),
    ("intents/", ".json"),
    ("entities/", ".json"),
    ("qna/", ".json"),
    ("config/", ".json"),
    ("actions/", ".js"),
    ("hooks/", ".js"),
    ("content-types/", ".js"),
];

/// What is done with a file of a bot's folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Its bytes are needed: see [`BotFiles::insert`].
    Part,
    /// Only its name is needed: see [`BotFiles::insert_media`].
    Media,
    /// It plays no part at run time.
    Unused,
}

/// A bot's files by their path relative to its folder, with `/` between the parts. Bounded: what
/// does not fit is left out and remembered.
#[derive(Debug, Clone, Default)]
pub struct BotFiles {
    files: BTreeMap<String, Vec<u8>>,
    media: BTreeSet<String>,
    left_out: Vec<(String, LeftOut)>,
    bytes: usize,
}

/// Why a file was left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LeftOut {
    /// The path is longer than [`MAX_PATH_BYTES`], or leads out of the bot's folder.
    #[error("its path is longer than {MAX_PATH_BYTES} bytes or leads out of the bot's folder")]
    Path,
    /// The file is larger than [`MAX_FILE_BYTES`].
    #[error("it is larger than {} MiB", MAX_FILE_BYTES >> 20)]
    FileTooLarge,
    /// The bot has more than [`MAX_FILES`] files or [`MAX_TOTAL_BYTES`] bytes.
    #[error("the bot has more than {MAX_FILES} files or {} MiB", MAX_TOTAL_BYTES >> 20)]
    BotTooLarge,
    /// The file is there but could not be read.
    #[error("it cannot be read")]
    Unreadable,
}

impl BotFiles {
    /// What is done with the file at `path`.
    ///
    /// Dot files (macOS leaves `._*` behind), `__MACOSX` and installed packages play no part.
    pub fn role(path: &str) -> Role {
        let noise = |part: &str| {
            part.starts_with('.') || part == "__MACOSX" || part.starts_with("node_modules")
        };
        if path.split('/').any(noise) {
            return Role::Unused;
        }
        if path == "bot.config.json" {
            return Role::Part;
        }
        if path.starts_with("media/") {
            return Role::Media;
        }
        let is_part = PARTS.iter().any(|(folder, ending)| {
            path.starts_with(folder)
                && path.len() >= ending.len()
                && path
                    .get(path.len() - ending.len()..)
                    .is_some_and(|end| end.eq_ignore_ascii_case(ending))
        });
        if is_part { Role::Part } else { Role::Unused }
    }

    /// Whether any more file can be taken in; without room further reading is pointless.
    pub fn is_full(&self) -> bool {
        self.files.len() >= MAX_FILES || self.bytes >= MAX_TOTAL_BYTES
    }

    /// Takes a file in, or remembers that it was left out. Files that play no part are ignored.
    pub fn insert(&mut self, path: &str, bytes: Vec<u8>) {
        if Self::role(path) != Role::Part {
            return;
        }
        if !is_safe(path) {
            self.leave_out(path, LeftOut::Path);
        } else if bytes.len() > MAX_FILE_BYTES {
            self.leave_out(path, LeftOut::FileTooLarge);
        } else if self.is_full() || self.bytes + bytes.len() > MAX_TOTAL_BYTES {
            self.leave_out(path, LeftOut::BotTooLarge);
        } else {
            self.bytes += bytes.len();
            if let Some(old) = self.files.insert(path.to_owned(), bytes) {
                self.bytes -= old.len();
            }
        }
    }

    /// Notes that the bot has the media file at `path`; of very many, some are not noted. However many
    /// files users send, a bot loads.
    pub fn insert_media(&mut self, path: &str) {
        if Self::role(path) == Role::Media && is_safe(path) && self.media.len() < MAX_FILES {
            self.media.insert(path.to_owned());
        }
    }

    /// Remembers that the file at `path` was not taken in.
    pub fn leave_out(&mut self, path: &str, why: LeftOut) {
        if self.left_out.len() < MAX_LEFT_OUT {
            self.left_out.push((path.to_owned(), why));
        }
    }

    /// The bytes of one file.
    pub fn get(&self, path: &str) -> Option<&[u8]> {
        self.files.get(path).map(Vec::as_slice)
    }

    /// The files below `folder` (with its `/`), in the order of their paths.
    pub fn below<'f>(&'f self, folder: &'f str) -> impl Iterator<Item = (&'f str, &'f [u8])> {
        self.files
            .range(folder.to_owned()..)
            .take_while(move |(path, _)| path.starts_with(folder))
            .map(|(path, bytes)| (path.as_str(), bytes.as_slice()))
    }

    /// Whether there is no file that plays a part.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// Whether the bot has the media file called `name`.
    pub fn has_media(&self, name: &str) -> bool {
        self.media.contains(&format!("media/{name}"))
    }

    /// What was left out, and why; at most 100 of them.
    pub fn left_out(&self) -> &[(String, LeftOut)] {
        &self.left_out
    }
}

/// Whether the path stays inside the folder and is short enough to be shown.
fn is_safe(path: &str) -> bool {
    path.len() <= MAX_PATH_BYTES
        && !path.contains(['\\', '\0'])
        && path.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

impl<P: AsRef<str>, B: Into<Vec<u8>>> FromIterator<(P, B)> for BotFiles {
    fn from_iter<I: IntoIterator<Item = (P, B)>>(files: I) -> Self {
        let mut all = Self::default();
        for (path, bytes) in files {
            all.insert(path.as_ref(), bytes.into());
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_without_end_do_not_keep_a_bot_from_loading() {
        let mut files = BotFiles::default();
        for number in 0..=MAX_FILES {
            files.insert_media(&format!("media/{number}.png"));
        }
        files.insert("flows/main.flow.json", b"{}".to_vec());
        assert!(files.get("flows/main.flow.json").is_some());
        assert!(files.has_media("1.png") && files.left_out().is_empty());
    }

    #[test]
    fn only_what_plays_a_part_counts() {
        for (path, role) in [
            ("bot.config.json", Role::Part),
            ("flows/main.flow.json", Role::Part),
            ("flows/skills/choice-1.flow.json", Role::Part),
            ("flows/Shop.FLOW.json", Role::Part),
            ("hooks/before_incoming_middleware/a.js", Role::Part),
            ("media/a/b.png", Role::Media),
            ("flows/main.ui.json", Role::Unused),
            ("flows/._main.flow.json", Role::Unused),
            ("__MACOSX/flows/main.flow.json", Role::Unused),
            ("actions/node_modules/a/index.js", Role::Unused),
            ("actions/.disabled.js", Role::Unused),
            ("models/x.model", Role::Unused),
            ("other/bot.config.json", Role::Unused),
        ] {
            assert_eq!(BotFiles::role(path), role, "{path}");
        }
    }

    #[test]
    fn what_does_not_fit_is_left_out_and_remembered() {
        let mut files = BotFiles::default();
        files.insert("flows/big.flow.json", vec![b' '; MAX_FILE_BYTES + 1]);
        files.insert("flows/../../x.flow.json", vec![]);
        files.insert("flows/ok.flow.json", vec![b'{']);
        assert_eq!(files.get("flows/ok.flow.json"), Some(&b"{"[..]));
        let reasons: Vec<_> = files.left_out().iter().map(|(_, why)| *why).collect();
        assert_eq!(reasons, [LeftOut::FileTooLarge]);
        assert!(files.get("flows/../../x.flow.json").is_none());
    }

    #[test]
    fn a_folder_lists_its_own_files_in_order() {
        let files: BotFiles = [
            ("intents/b.json", "{}"),
            ("intents/a.json", "{}"),
            ("qna/a.json", "{}"),
            ("flows/z.flow.json", "{}"),
        ]
        .into_iter()
        .collect();
        let listed: Vec<_> = files.below("intents/").map(|(path, _)| path).collect();
        assert_eq!(listed, ["intents/a.json", "intents/b.json"]);
    }
}
