//! Archives: good ones of both shapes, and every kind of bad one.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use tar::{Builder, Header};
use tempfile::NamedTempFile;

use super::*;

enum Item<'a> {
    File(&'a str, &'a [u8]),
    /// A path as it stands in the header, unchecked.
    Raw(&'a str),
    Link(&'a str, &'a str),
    Kind(&'a str, EntryType),
}

fn archive(items: &[Item<'_>]) -> NamedTempFile {
    let mut builder = Builder::new(GzEncoder::new(Vec::new(), Compression::default()));
    for item in items {
        let mut header = Header::new_ustar();
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
    read(archive(items).path(), &BotId::parse("new-id").unwrap())
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
        let found = own_id(file.path()).unwrap();
        assert_eq!(found.as_ref().map(BotId::as_str), id);
    }
}

#[test]
fn what_leads_out_of_the_archive_is_refused() {
    let config = Item::File("bot.config.json", b"{}");
    for bad in [
        Item::Raw("../evil.json"),
        Item::Raw("flows/../../evil.json"),
        Item::Raw("/etc/evil.json"),
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
fn archives_that_blow_up_are_refused() {
    let zeros = vec![b' '; 20 << 20];
    let error = read_items(&[Item::File("bot.config.json", b"{}"), Item::File("x.bin", &zeros)])
        .unwrap_err();
    assert!(error.to_string().contains("100 times its size"), "{error}");
    let many: Vec<String> = (0..=MAX_ENTRIES).map(|n| format!("{n}.txt")).collect();
    let items: Vec<Item<'_>> = many.iter().map(|name| Item::File(name, b"")).collect();
    assert!(matches!(read_items(&items).unwrap_err(), ArchiveError::TooManyEntries));
}

#[test]
fn other_files_are_no_archives() {
    for bytes in [&b""[..], b"PK\x03\x04", b"\x1f\x8bgarbage"] {
        let mut file = NamedTempFile::new().unwrap();
        file.write_all(bytes).unwrap();
        let error = read(file.path(), &BotId::parse("new-id").unwrap()).unwrap_err();
        assert!(matches!(error, ArchiveError::Unreadable(_) | ArchiveError::NoBot), "{error}");
    }
}
