//! Media files of a bot on disk (`spec` runtime 10.3).

use std::path::{Path, PathBuf};

/// The path of the media file called `name` (its decoded path below `media/`) of the bot in
/// `folder`.
///
/// `None` where there is no such file, or the name leads out of the bot's `media` folder, by its
/// letters or by links.
pub(super) fn path(folder: &Path, name: &str) -> Option<PathBuf> {
    let safe = |part: &str| {
        !part.is_empty() && !part.starts_with('.') && !part.contains(['\\', ':', '\0'])
    };
    if name.len() > 512 || !name.split('/').all(safe) {
        return None;
    }
    let media = folder.join("media").canonicalize().ok()?;
    let file = media.join(name).canonicalize().ok()?;
    (file.starts_with(&media) && file.is_file()).then_some(file)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn only_files_inside_the_media_folder_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let bot = dir.path().join("shop");
        fs::create_dir_all(bot.join("media/sub")).unwrap();
        for file in ["media/a.png", "media/sub/b.png", "media/.hidden", "bot.config.json"] {
            fs::write(bot.join(file), "x").unwrap();
        }
        std::os::unix::fs::symlink(bot.join("bot.config.json"), bot.join("media/link.json"))
            .unwrap();
        for name in ["a.png", "sub/b.png"] {
            assert_eq!(fs::read(path(&bot, name).unwrap()).unwrap(), b"x", "{name}");
        }
        for name in [
            "",
            ".",
            "..",
            "../bot.config.json",
            "sub/../../bot.config.json",
            "/etc/passwd",
            "a.png/",
            "sub",
            "gone.png",
            ".hidden",
            "link.json",
            "..\\bot.config.json",
            "a\0.png",
            "c:\\a",
        ] {
            assert_eq!(path(&bot, name), None, "{name}");
        }
    }
}
