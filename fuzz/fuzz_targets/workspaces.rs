//! Any bytes as `workspaces.json`: reading ends, and what rules were read can be asked.
#![no_main]

use std::path::PathBuf;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use parlance_server::auth::permission::{Operation, WorkspaceRoles};
use parlance_server::workspaces::WorkspacesFile;

fn data() -> &'static PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = std::env::temp_dir().join(format!("parlance-fuzz-ws-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("global")).unwrap();
        folder
    })
}

fuzz_target!(|bytes: &[u8]| {
    std::fs::write(data().join("global/workspaces.json"), bytes).unwrap();
    for workspace in WorkspacesFile::new(data()).list().unwrap_or_default() {
        for role in WorkspaceRoles::of(&workspace).roles() {
            let read = role.rules.allows("bot.content", Operation::Read);
            assert_eq!(
                read,
                role.rules.allows("BOT/CONTENT", Operation::Read),
                "names have no case"
            );
        }
    }
});
