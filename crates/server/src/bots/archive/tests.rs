//! Archives: good ones of both shapes, and every kind of bad one.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, EntryType, Header};
use tempfile::NamedTempFile;

use super::*;

enum Item<'a> {
    File(&'a str, &'a [u8]),
    /// A path as it stands in the header, unchecked.
    Raw(&'a str),
    Link(&'a str, &'a str),
    Kind(&'a str, EntryType),
    /// Attributes of the next entry, as they stand in the archive.
    Pax(&'a [u8]),
}

fn archive(items: &[Item<'_>]) -> NamedTempFile {
    let mut builder = Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    for item in items {
        let mut header = Header::new_gnu();
        header.set_mode(0o644);
        match item {
            Item::File(path, bytes) => {
                header.set_size(bytes.len() as u64);
                builder.append_data(&mut header, path, *bytes).unwrap();
            }
            Item::Raw(path) => {
                header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
                header.set_size(0);
                header.set_cksum();
                builder.append(&header, io::empty()).unwrap();
            }
            Item::Link(path, target) => {
                header.set_entry_type(EntryType::Symlink);
                header.set_size(0);
                builder.append_link(&mut header, path, target).unwrap();
            }
            Item::Pax(bytes) => {
                header.set_entry_type(EntryType::XHeader);
                header.set_size(bytes.len() as u64);
                builder.append_data(&mut header, "pax", *bytes).unwrap();
            }
            Item::Kind(path, kind) => {
                header.set_entry_type(*kind);
                header.set_size(0);
                builder.append_data(&mut header, path, io::empty()).unwrap();
            }
        }
    }
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(&builder.into_inner().unwrap().finish().unwrap()).unwrap();
    file
}

fn read_items(items: &[Item<'_>]) -> Result<BotFiles, ArchiveError> {
    let file = archive(items);
    let survey = survey(file.path())?;
    read(file.path(), &survey, &BotId::parse("new-id").unwrap()).map(|(files, _)| files)
}

#[test]
fn a_bot_is_found_wherever_it_lies_in_the_archive() {
    for root in ["", "./", "shop/", "data/bots/shop/"] {
        let path = |name: &str| format!("{root}{name}");
        let files = read_items(&[
            Item::File(&path("bot.config.json"), b"{\"id\": \"shop\"}"),
            Item::File(&path("._bot.config.json"), b"mac"),
            Item::File("__MACOSX/bot.config.json", b"mac"),
            Item::File(&path("flows/main.flow.json"), b"{}"),
            Item::File(&path("media/a.png"), b"png"),
            Item::File("revisions.json", b"[]"),
            Item::Kind(&path("empty/"), EntryType::Directory),
        ])
        .unwrap();
        let found: Vec<&str> = files.below("").map(|(path, _)| path).collect();
        assert_eq!(found, ["bot.config.json", "flows/main.flow.json"], "{root}");
        assert!(files.has_media("a.png"));
    }
}

#[test]
fn the_placeholder_becomes_the_id() {
    let text = b"a /bots/BOT_ID_PLACEHOLDER/x /bots/BOT_ID_PLACEHOLDER/y BOT_ID_PLACEHOLDER";
    let files = read_items(&[
        Item::File("bot.config.json", b"{}"),
        Item::File("content-elements/a.json", text),
    ])
    .unwrap();
    let expected = b"a /bots/new-id/x /bots/new-id/y BOT_ID_PLACEHOLDER";
    assert_eq!(files.get("content-elements/a.json"), Some(&expected[..]));
}

#[test]
fn the_archives_own_id_is_read() {
    for (config, id) in
        [(&b"{\"id\": \"shop\"}"[..], Some("shop")), (b"{\"id\": \"no id\"}", None), (b"{", None)]
    {
        let file = archive(&[Item::File("x/bot.config.json", config)]);
        let found = survey(file.path()).unwrap().own_id;
        assert_eq!(found.as_ref().map(BotId::as_str), id);
    }
}

#[test]
fn links_and_devices_are_refused() {
    let config = Item::File("bot.config.json", b"{}");
    for bad in [
        Item::Link("flows/a.flow.json", "/etc/passwd"),
        Item::Kind("flows/fifo", EntryType::Fifo),
        Item::Kind("flows/device", EntryType::Char),
        Item::Kind("flows/hard", EntryType::Link),
    ] {
        let error = read_items(&[Item::File("bot.config.json", b"{}"), bad]).unwrap_err();
        assert!(matches!(error, ArchiveError::Unsafe(_)), "{error}");
    }
    assert!(read_items(&[config]).is_ok());
}

#[test]
fn an_archive_holds_exactly_one_bot() {
    let error = read_items(&[Item::File("x.json", b"{}")]).unwrap_err();
    assert!(matches!(error, ArchiveError::NoBot), "{error}");
    let error = read_items(&[
        Item::File("a/bot.config.json", b"{}"),
        Item::File("b/bot.config.json", b"{}"),
    ])
    .unwrap_err();
    assert_eq!(error.to_string(), "it holds several bots: \"a/\" and \"b/\"");
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    for bad in ["../evil", "a/../../evil", "/etc/evil", "..\\evil", "C:evil", "a/NUL", "b. "] {
        let error =
            read_items(&[Item::File("bot.config.json", b"{}"), Item::Raw(bad)]).unwrap_err();
        assert!(matches!(error, ArchiveError::Name { .. }), "{bad}: {error}");
    }
    let pax = b"19 path=../../evil\n";
    let items = [Item::File("bot.config.json", b"{}"), Item::Pax(pax), Item::Raw("good")];
    let error = read_items(&items).unwrap_err();
    let problem = NameProblem::LeadsOut;
    assert!(matches!(error, ArchiveError::Name { problem: found, .. } if found == problem));
}

#[test]
fn names_of_any_writer_are_read() {
    let long = format!("media/{}.png", "x".repeat(150));
    let pax = "27 path=entities/h\u{ec}nh.json\n".replace("27", "28");
    let files = read_items(&[
        Item::File("bot.config.json", b"{}"),
        Item::File(&long, b"png"),
        Item::Pax(pax.as_bytes()),
        Item::File("entities/short", b"{}"),
    ])
    .unwrap();
    assert!(files.has_media(&long[6..]));
    assert!(files.get("entities/h\u{ec}nh.json").is_some());
}

#[test]
fn what_readers_could_take_differently_is_refused() {
    for pax in [&b"10 size=9\n"[..], b"24 GNU.sparse.major=100\n", b"15 linkpath=ab\n"] {
        let items = [Item::File("bot.config.json", b"{}"), Item::Pax(pax), Item::Raw("a")];
        let error = read_items(&items).unwrap_err();
        assert!(matches!(error, ArchiveError::Unsafe(_)), "{error}");
    }
    for [first, second] in [["a.json", "a.json"], ["a.json", "A.json"], ["a", "a/b"]] {
        let items = [
            Item::File("bot.config.json", b"{}"),
            Item::File(first, b"1"),
            Item::File(second, b"2"),
        ];
        let error = read_items(&items).unwrap_err();
        assert!(
            matches!(error, ArchiveError::Name { problem: NameProblem::Twice, .. }),
            "{first} {second}: {error}"
        );
    }
}

#[test]
fn a_damaged_archive_is_refused_wherever_it_is_cut() {
    let noise: Vec<u8> =
        (0..10_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect();
    let whole = archive(&[Item::File("bot.config.json", b"{}"), Item::File("media/a.png", &noise)]);
    let bytes = std::fs::read(whole.path()).unwrap();
    assert!(survey(whole.path()).is_ok());
    for cut in [1, 4, 9, 600, bytes.len() / 2] {
        std::fs::write(whole.path(), &bytes[..bytes.len() - cut]).unwrap();
        assert!(survey(whole.path()).is_err(), "cut by {cut}");
    }
    let mut flipped = bytes.clone();
    let last = flipped.len() - 6;
    flipped[last] ^= 1;
    std::fs::write(whole.path(), flipped).unwrap();
    assert!(survey(whole.path()).is_err(), "its checksum is looked at");
}

#[test]
fn a_description_without_end_takes_no_memory() {
    let long = vec![b'x'; 1 << 20];
    let error = read_items(&[Item::File("bot.config.json", b"{}"), Item::Pax(&long)]).unwrap_err();
    assert!(error.to_string().contains("64 KiB"), "{error}");
}

#[test]
fn unpacking_writes_the_bots_files_and_no_others() {
    let file = archive(&[
        Item::File("bots/shop/bot.config.json", b"{}"),
        Item::File("bots/shop/qna/a.json", b"\"/bots/BOT_ID_PLACEHOLDER/\""),
        Item::File("bots/shop/actions/a.js", b"'/bots/BOT_ID_PLACEHOLDER/'"),
        Item::File("bots/shop/._x", b"mac"),
        Item::File("global/other.json", b"{}"),
    ]);
    let to = tempfile::tempdir().unwrap();
    let found = survey(file.path()).unwrap();
    let id = BotId::parse("new-id").unwrap();
    let amount = unpack(file.path(), &found, &id, to.path()).unwrap();
    assert_eq!(amount.files, 3);
    let text = |path: &str| std::fs::read_to_string(to.path().join(path)).unwrap();
    assert_eq!(text("qna/a.json"), "\"/bots/new-id/\"");
    assert_eq!(text("actions/a.js"), "'/bots/BOT_ID_PLACEHOLDER/'");
    let names: Vec<_> = std::fs::read_dir(to.path()).unwrap().collect();
    assert_eq!(names.len(), 3);
    // What is there is never written through.
    assert!(matches!(
        unpack(file.path(), &found, &id, to.path()),
        Err(ArchiveError::Unwritable { .. })
    ));
}

#[test]
fn archives_that_blow_up_are_refused() {
    let zeros = vec![b' '; 20 << 20];
    let error = read_items(&[Item::File("bot.config.json", b"{}"), Item::File("x.bin", &zeros)])
        .unwrap_err();
    assert!(error.to_string().contains("100 times its size"), "{error}");
    let many: Vec<String> = (0..100_000).map(|n| format!("{n}.txt")).collect();
    let items: Vec<Item<'_>> = many.iter().map(|name| Item::File(name, b"")).collect();
    assert!(matches!(read_items(&items).unwrap_err(), ArchiveError::TooManyEntries));
}

#[test]
fn other_files_are_no_archives() {
    for bytes in [&b""[..], b"PK\x03\x04", b"\x1f\x8bgarbage"] {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let error = survey(file.path()).unwrap_err();
        assert!(matches!(error, ArchiveError::Unreadable(_) | ArchiveError::NoBot), "{error}");
    }
}
