//! Links to media that the bot does not have (`spec` runtime 10.3).

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::super::findings::{Findings, Place};
use super::super::quote::{list, quote};
use super::content::{file_of, in_order, strings};
use super::{Context, Say};

/// Most strings of one element that are looked at.
const MAX_STRINGS: usize = 2_000;

/// Checks the media links of the elements that are said.
pub(super) fn check(context: &Context<'_>, said: &HashMap<&str, Say>, findings: &mut Findings) {
    let mut foreign: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut missing: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for element in in_order(context) {
        if !said.get(element.id.as_str()).is_some_and(|say| say.reached) {
            continue;
        }
        let file = file_of(element);
        let mut left = MAX_STRINGS;
        for value in element.form_data.values() {
            strings(value, &mut left, &mut |text| {
                let Some((bot, name)) = link(text) else {
                    return;
                };
                if bot != context.bot.id.as_str() {
                    *foreign.entry((file.clone(), bot.to_owned())).or_default() += 1;
                } else if !context.files.has_media(name) && !context.files.has_media(&decoded(name))
                {
                    missing.entry(file.clone()).or_default().insert(name.to_owned());
                }
            });
        }
    }
    for ((file, bot), count) in foreign {
        let links =
            if count == 1 { "1 link leads".to_owned() } else { format!("{count} links lead") };
        let own = &context.bot.id;
        let (problem, effect) = if bot == "BOT_ID_PLACEHOLDER" {
            let problem =
                format!("{links} to {}, which stands for the bot's id in archives", quote(&bot));
            (problem, format!("the links are broken; write /bots/{own}/"))
        } else {
            let problem = format!("{links} to media of another bot, {}", quote(&bot));
            let effect = format!(
                "broken unless that bot is here too; if it is this one's former name, write \
                 /bots/{own}/"
            );
            (problem, effect)
        };
        findings.warn(Place::file(&file), "foreign-media", problem, effect);
    }
    for (file, names) in missing {
        let shown = list(names.iter().map(String::as_str), 4);
        let problem = format!("links to media files ({}) that media/ lacks: {shown}", names.len());
        findings.warn(Place::file(&file), "missing-media", problem, "the links are broken");
    }
}

/// Bot and file name of a link to a bot's media.
fn link(text: &str) -> Option<(&str, &str)> {
    let (before, after) = text.split_once("/api/v1/bots/")?;
    let (bot, after) = after.split_once('/')?;
    let name = after.strip_prefix("media/")?;
    // Parentheses are part of file names, but inside a text they end a link.
    let inside_text = before.contains(|c: char| c == '(' || c.is_whitespace());
    let ends = |c: char| match c {
        '?' | '#' | '"' => true,
        ')' => inside_text,
        other => other.is_whitespace(),
    };
    let name = name.split(ends).next()?;
    (!name.is_empty() && !bot.contains("{{") && !name.contains("{{")).then_some((bot, name))
}

/// The name with its `%XX` decoded.
fn decoded(name: &str) -> String {
    let mut bytes = Vec::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let byte = after.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(byte.unwrap_or(b'%'));
        rest = if byte.is_some() { after.get(2..).unwrap_or("") } else { after };
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_found_inside_texts() {
        for (text, expected) in [
            ("/api/v1/bots/abc/media/x-pic.png", Some(("abc", "x-pic.png"))),
            ("see [it](http://h/api/v1/bots/abc/media/x.png) now", Some(("abc", "x.png"))),
            ("https://example.org/pic.png", None),
            ("/api/v1/bots/abc/media/{{temp.name}}", None),
            ("/api/v1/bots/abc/media/", None),
            ("BOT_URL/api/v1/bots/abc/media/a_(1).png?x", Some(("abc", "a_(1).png"))),
        ] {
            assert_eq!(link(text), expected, "{text}");
        }
        assert_eq!(decoded("a%20b%C3%A9%zz%"), "a bé%zz%");
    }
}
