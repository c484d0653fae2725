//! What a crash in the middle leaves, and what the next start makes of it.

use super::*;
use crate::bots::Lookup;

#[test]
fn the_next_start_serves_the_old_bot_or_the_new_one() {
    let site = Site::new(&["shop", "other"]);
    // Cut short between setting the old one aside and putting the new one in its place.
    fs::create_dir_all(site.path("bots/.parlance/old")).unwrap();
    fs::rename(site.path("bots/shop"), site.path("bots/.parlance/old/shop")).unwrap();
    // Cut short while the new one was unpacked.
    site.write("bots/.parlance/staging/abc/bot/bot.config.json", "{}");
    sweep(site.dir.path(), 1);
    let source = crate::bots::Source::DataDir(site.dir.path().to_owned());
    let (registry, _) = Registry::open(source, given()).unwrap();
    for bot in ["shop", "other"] {
        assert!(matches!(registry.get(bot), Lookup::Ready(_)), "{bot}");
    }
    assert_eq!(registry.ids().len(), 2);
    assert!(!site.path("bots/.parlance/staging/abc").exists());
}

#[test]
fn imports_that_run_at_the_same_time_leave_one_whole_bot() {
    let site = Site::new(&["shop"]);
    let mut archives = Vec::new();
    for mark in ["one", "two", "three"] {
        for file in ["a", "b", "c"] {
            site.write(&format!("bots/shop/actions/{file}.js"), mark);
        }
        let path = site.path(&format!("{mark}.tgz"));
        fs::write(&path, site.export("shop")).unwrap();
        archives.push(path);
    }
    std::thread::scope(|scope| {
        for archive in &archives {
            let admin = &site.admin;
            scope.spawn(move || admin.import(archive, &over()).unwrap());
        }
    });
    let marks: Vec<String> = ["a", "b", "c"]
        .iter()
        .map(|file| site.text(&format!("bots/shop/actions/{file}.js")))
        .collect();
    assert!(marks.iter().all(|mark| *mark == marks[0]), "{marks:?}");
    assert_eq!(site.named(), ["shop"]);
}
