//! Any bytes as a bot's archive, packed or not: looking at it ends, and leaves nothing on the disk.
#![no_main]

use std::path::Path;
use std::sync::OnceLock;

use libfuzzer_sys::fuzz_target;
use parlance_server::bot_admin::{BotAdmin, ImportOptions};
use parlance_server::bots::Surroundings;

fn folder() -> &'static Path {
    static FOLDER: OnceLock<std::path::PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = std::env::temp_dir().join(format!("parlance-fuzz-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("data/global")).unwrap();
        std::fs::write(
            folder.join("data/global/workspaces.json"),
            r#"[{"id":"default","bots":[]}]"#,
        )
        .unwrap();
        folder
    })
}

fuzz_target!(|bytes: &[u8]| {
    let data = folder().join("data");
    let given = Surroundings {
        native_action: |name| name.starts_with("builtin/"),
        substitute: Box::new(str::to_owned),
    };
    let admin = BotAdmin::new(&data, given, None);
    let packed = parlance_fuzz::gzip(bytes);
    for content in [bytes, packed.as_slice()] {
        let archive = folder().join("bot.tgz");
        std::fs::write(&archive, content).unwrap();
        drop(admin.inspect(&archive, &ImportOptions::default()));
        assert!(!data.join("bots").exists(), "looking wrote something");
    }
});
