//! Archives hold no bot's id in their links: `/bots/<id>/` becomes `/bots/BOT_ID_PLACEHOLDER/` on
//! the way out, and back on the way in; in JSON files alone (`spec` runtime 1.10).

use std::io::{self, Read};
use std::path::Path;

use parlance_core::ids::BotId;

/// What stands for the id.
const PLACEHOLDER: &str = "BOT_ID_PLACEHOLDER";
/// So much is read at a time, in bytes.
const CHUNK: usize = 16 << 10;

/// Whether links are rewritten in the file called so.
pub(crate) fn is_json(path: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
}

/// What `inner` gives, with the placeholder in the place of the bot's id.
pub(crate) fn without_id<R: Read>(inner: R, id: &BotId) -> Replacing<R> {
    Replacing::new(inner, &link(id.as_str()), &link(PLACEHOLDER))
}

/// What `inner` gives, with the bot's id in the place of the placeholder.
pub(crate) fn with_id<R: Read>(inner: R, id: &BotId) -> Replacing<R> {
    Replacing::new(inner, &link(PLACEHOLDER), &link(id.as_str()))
}

fn link(id: &str) -> Vec<u8> {
    format!("/bots/{id}/").into_bytes()
}

/// Replaces one sequence of bytes by another while reading; holds a chunk at a time.
pub(crate) struct Replacing<R> {
    inner: R,
    find: Vec<u8>,
    with: Vec<u8>,
    /// Read and not yet looked through.
    raw: Vec<u8>,
    /// Looked through and not yet given away, from `given` on.
    ready: Vec<u8>,
    given: usize,
    ended: bool,
}

impl<R: Read> Replacing<R> {
    fn new(inner: R, find: &[u8], with: &[u8]) -> Self {
        let (find, with) = (find.to_vec(), with.to_vec());
        Self { inner, find, with, raw: Vec::new(), ready: Vec::new(), given: 0, ended: false }
    }

    fn refill(&mut self) -> io::Result<()> {
        self.ready.clear();
        self.given = 0;
        while self.ready.is_empty() && !(self.ended && self.raw.is_empty()) {
            let read = (&mut self.inner).take(CHUNK as u64).read_to_end(&mut self.raw)?;
            self.ended = read == 0;
            self.look_through();
        }
        Ok(())
    }

    /// Moves what is certain from `raw` to `ready`: all but what could be the start of a match.
    fn look_through(&mut self) {
        let mut rest = self.raw.as_slice();
        while let Some(at) = position(rest, &self.find) {
            let (before, found) = rest.split_at(at);
            self.ready.extend_from_slice(before);
            self.ready.extend_from_slice(&self.with);
            rest = found.get(self.find.len()..).unwrap_or_default();
        }
        let open = if self.ended { 0 } else { (self.find.len() - 1).min(rest.len()) };
        let (certain, open) = rest.split_at(rest.len() - open);
        self.ready.extend_from_slice(certain);
        self.raw = open.to_vec();
    }
}

fn position(bytes: &[u8], find: &[u8]) -> Option<usize> {
    bytes.windows(find.len()).position(|part| part == find)
}

impl<R: Read> Read for Replacing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.ready.len() {
            self.refill()?;
        }
        let mut left = self.ready.get(self.given..).unwrap_or_default();
        let read = left.read(buffer)?;
        self.given += read;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(text: &str) -> BotId {
        BotId::parse(text).unwrap()
    }

    fn all(mut reader: impl Read) -> String {
        let mut text = String::new();
        reader.read_to_string(&mut text).unwrap();
        text
    }

    #[test]
    fn whole_links_are_replaced_and_nothing_else() {
        for (text, expected) in [
            ("", ""),
            ("/bots/shop/", "/bots/BOT_ID_PLACEHOLDER/"),
            (
                "x/bots/shop/media/bots/shop/y",
                "x/bots/BOT_ID_PLACEHOLDER/media/bots/BOT_ID_PLACEHOLDER/y",
            ),
            ("/bots/shop", "/bots/shop"),
            ("/bots/shop2/ /bots/Shop/ shop", "/bots/shop2/ /bots/Shop/ shop"),
            ("/bots//bots/shop/", "/bots//bots/BOT_ID_PLACEHOLDER/"),
        ] {
            assert_eq!(all(without_id(text.as_bytes(), &id("shop"))), expected);
            assert_eq!(all(with_id(expected.as_bytes(), &id("shop"))), text);
        }
    }

    proptest! {
        #[test]
        fn it_equals_replacing_in_memory(
            before in 0..2 * CHUNK,
            parts in proptest::collection::vec("(/bots/shop/|/bots/|shop|/|x{0,40})", 0..40),
        ) {
            let text = "y".repeat(before) + &parts.concat();
            let expected = text.replace("/bots/shop/", "/bots/BOT_ID_PLACEHOLDER/");
            prop_assert_eq!(all(without_id(text.as_bytes(), &id("shop"))), expected);
        }
    }

    #[test]
    fn only_json_files_hold_links() {
        for (path, json) in [("a.json", true), ("a/B.JSON", true), ("a.js", false), ("json", false)]
        {
            assert_eq!(is_json(path), json, "{path}");
        }
    }
}
