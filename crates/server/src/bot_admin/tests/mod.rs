//! An operator's day, on a data directory of its own each time.

mod archives;
mod bots;
mod crash;
mod settings;

use std::fs;
use std::path::Path;

use serde_json::Value;
use tempfile::TempDir;

use super::*;

/// A data directory with these bots, named in one workspace, and its operator.
struct Site {
    dir: TempDir,
    admin: BotAdmin,
}

fn given() -> Surroundings {
    Surroundings {
        native_action: parlance_core::skills::is_builtin,
        substitute: Box::new(|text| text.replace("%NAME%", "Shop")),
    }
}

impl Site {
    fn new(bots: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let site = Self { admin: BotAdmin::new(dir.path(), given(), None), dir };
        for bot in bots {
            let config = format!(r#"{{"id": "{bot}", "name": "{bot}", "defaultLanguage": "en"}}"#);
            site.write(&format!("bots/{bot}/bot.config.json"), &config);
            site.write(
                &format!("bots/{bot}/flows/main.flow.json"),
                r#"{"version": "0.0.1", "startNode": "n", "nodes": [{"name": "n"}]}"#,
            );
        }
        let named = serde_json::json!([{ "id": "default", "bots": bots }]);
        site.write("global/workspaces.json", format!("{named:#}\n"));
        site
    }

    /// The same with a registry that serves the bots.
    fn served(bots: &[&str]) -> (Self, Registry) {
        let site = Self::new(bots);
        let source = crate::bots::Source::DataDir(site.dir.path().to_owned());
        let (registry, _) = Registry::open(source, given()).unwrap();
        let admin = BotAdmin::new(site.dir.path(), given(), Some(registry.clone()));
        (Self { dir: site.dir, admin }, registry)
    }

    fn path(&self, path: &str) -> std::path::PathBuf {
        self.dir.path().join(path)
    }

    fn write(&self, path: &str, text: impl AsRef<[u8]>) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn text(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).unwrap()
    }

    fn export(&self, bot: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.admin.export(bot, &mut bytes).unwrap();
        bytes
    }

    /// Writes an archive beside everything else.
    fn archive(&self, bytes: &[u8]) -> std::path::PathBuf {
        let path = self.path("in.tgz");
        fs::write(&path, bytes).unwrap();
        path
    }

    fn named(&self) -> Vec<String> {
        self.admin.workspaces().get("default").unwrap().bots
    }

    /// All files below a folder with their bytes, what is hidden left out.
    fn files(&self, folder: &str) -> Vec<(String, Vec<u8>)> {
        fn walk(folder: &Path, prefix: &str, found: &mut Vec<(String, Vec<u8>)>) {
            for entry in fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
                if entry.file_type().unwrap().is_dir() {
                    walk(&entry.path(), &format!("{name}/"), found);
                } else {
                    found.push((name, fs::read(entry.path()).unwrap()));
                }
            }
        }
        let mut found = Vec::new();
        walk(&self.path(folder), "", &mut found);
        found.retain(|(name, _)| !name.starts_with('.'));
        found.sort();
        found
    }
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn as_id(id: &str) -> ImportOptions {
    ImportOptions { id: Some(id.to_owned()), ..ImportOptions::default() }
}

fn over() -> ImportOptions {
    ImportOptions { overwrite: true, ..ImportOptions::default() }
}

/// The names in an archive, in its order.
fn names(archive: &[u8]) -> Vec<String> {
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(archive));
    let entries = archive.entries().unwrap();
    entries.map(|entry| entry.unwrap().path().unwrap().to_string_lossy().into_owned()).collect()
}
