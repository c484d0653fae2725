//! Calls that have one home: clock, randomness, environment, HTTP client, tasks, SQL.
//!
//! Looks at the tokens of what is shipped: code under `crates/*/src`, without items and modules
//! that are built for tests only. Tokens rather than expressions, so that calls inside macros count.

use std::collections::BTreeSet;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::Item;

use super::Finding;
use super::files::Source;

/// Something that may be named only in its home.
struct Rule {
    /// Paths as they are written, e.g. `Instant::now`; a trailing `::` means anything below.
    paths: &'static [&'static str],
    /// Files and folders (with `/` at the end) that may.
    homes: &'static [&'static str],
    /// What to do instead.
    advice: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        paths: &["SystemTime::now", "Timestamp::now", "Zoned::now"],
        homes: &["crates/server/src/clock.rs"],
        advice: "reads the clock: take the time as an argument or ask `clock`",
    },
    Rule {
        // Elsewhere it measures how long something took, which no answer depends on.
        paths: &["Instant::now"],
        homes: &["crates/server/", "crates/store/"],
        advice: "reads the clock: the domain takes the time as an argument",
    },
    Rule {
        paths: &["fastrand::", "rand::", "Uuid::now_v7", "Uuid::new_v4"],
        homes: &["crates/server/src/clock.rs", "crates/server/src/cli/bench/"],
        advice: "is random: take the choice or id as an argument or ask `clock`",
    },
    Rule {
        paths: &["env::var", "env::vars", "env::var_os", "env::vars_os", "env::set_var"],
        homes: &["crates/server/src/config/"],
        advice: "reads the environment: that is config's work",
    },
    Rule {
        // Whatever of it is named: a client that is passed around is as raw as one that is built.
        paths: &["reqwest", "hyper_util::client", "hyper::client", "TcpStream::connect"],
        homes: &["crates/server/src/outbound/", "crates/server/src/cli/bench/"],
        advice: "reaches the network unguarded: use `outbound`",
    },
    Rule {
        paths: &["tokio::spawn", "task::spawn", "thread::spawn", "thread::Builder"],
        // The thread that watches bots is joined when the registry is dropped.
        homes: &[
            "crates/server/src/ops/lifecycle.rs",
            "crates/server/src/bots/watch.rs",
            // Connections of SQLite block: each has a thread that the store joins or ends.
            "crates/store/src/check.rs",
            "crates/store/src/engine/log.rs",
            "crates/store/src/thread.rs",
        ],
        advice: "starts something that nobody waits for: use the lifecycle's tracker",
    },
];

/// Beginnings of SQL statements.
const SQL: &[&str] = &[
    "SELECT ",
    "INSERT ",
    "UPDATE ",
    "DELETE FROM ",
    "CREATE ",
    "ALTER TABLE ",
    "DROP ",
    "PRAGMA ",
    "WITH ",
    "REPLACE INTO ",
];
const SQL_HOME: &str = "crates/store/";

/// Checks all files together: a module may be declared for tests in one file and live in another.
pub(crate) fn check(sources: &[Source<'_>], findings: &mut Vec<Finding>) {
    let test_modules: BTreeSet<String> = sources.iter().flat_map(test_modules).collect();
    for source in sources {
        let path = &source.file.path;
        let shipped = path.starts_with("crates/") && path.contains("/src/");
        let for_tests = test_modules.iter().any(|module| {
            path == &format!("{module}.rs") || path.starts_with(&format!("{module}/"))
        });
        if !shipped || for_tests {
            continue;
        }
        let mut tokens = Vec::new();
        for item in source.syntax.items.iter().filter(|item| !is_for_tests(item)) {
            flatten(without_tests(item.clone()).into_token_stream(), &mut tokens);
        }
        scan(path, &tokens, findings);
    }
}

/// Where the modules live that this file declares for tests only, without extension.
fn test_modules(source: &Source<'_>) -> Vec<String> {
    let path = Path::new(&source.file.path);
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let folder = path.parent().unwrap_or(Path::new(""));
    let own = match stem.as_str() {
        "mod" | "lib" | "main" => folder.to_path_buf(),
        _ => folder.join(stem),
    };
    let outside = source.syntax.items.iter().filter_map(|item| match item {
        Item::Mod(module) if module.content.is_none() && is_for_tests(item) => Some(module),
        _ => None,
    });
    outside
        .map(|module| own.join(module.ident.to_string()).to_string_lossy().into_owned())
        .collect()
}

/// Takes test-only items out of inline modules.
fn without_tests(mut item: Item) -> Item {
    if let Item::Mod(module) = &mut item
        && let Some((_, items)) = &mut module.content
    {
        items.retain(|inner| !is_for_tests(inner));
        let kept = std::mem::take(items);
        *items = kept.into_iter().map(without_tests).collect();
    }
    item
}

fn is_for_tests(item: &Item) -> bool {
    let attributes = match item {
        Item::Const(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => return false,
    };
    attributes.iter().any(|attribute| {
        let list = attribute.meta.require_list();
        attribute.path().is_ident("cfg") && list.is_ok_and(|list| list.tokens.to_string() == "test")
    })
}

/// A token and its line.
struct Token {
    text: String,
    line: usize,
    is_literal: bool,
}

fn flatten(stream: TokenStream, tokens: &mut Vec<Token>) {
    for tree in stream {
        let line = tree.span().start().line;
        match tree {
            TokenTree::Group(group) => {
                // A boundary, so that no path is seen across it.
                tokens.push(Token { text: "(".to_owned(), line, is_literal: false });
                flatten(group.stream(), tokens);
            }
            TokenTree::Literal(literal) => {
                tokens.push(Token { text: literal.to_string(), line, is_literal: true });
            }
            other => tokens.push(Token { text: other.to_string(), line, is_literal: false }),
        }
    }
}

fn scan(path: &str, tokens: &[Token], findings: &mut Vec<Finding>) {
    let mut report = |line: usize, problem: String| {
        findings.push(Finding { file: path.to_owned(), line, problem });
    };
    let is_home = |homes: &[&str]| {
        homes.iter().any(|home| path == *home || (home.ends_with('/') && path.starts_with(home)))
    };
    let rules: Vec<&Rule> = RULES.iter().filter(|rule| !is_home(rule.homes)).collect();
    for (index, token) in tokens.iter().enumerate() {
        if token.is_literal {
            if !path.starts_with(SQL_HOME) && is_sql(&token.text) {
                report(token.line, "is SQL: only the store crate may hold it".to_owned());
            }
            continue;
        }
        for rule in &rules {
            let after = tokens.get(index..).unwrap_or_default();
            if let Some(named) = rule.paths.iter().find(|named| begins_with(after, named)) {
                report(token.line, format!("`{named}` {}", rule.advice));
            }
        }
    }
}

/// Whether the tokens spell this path.
fn begins_with(tokens: &[Token], path: &str) -> bool {
    let spelled = path.replace("::", " : : ");
    spelled.split_whitespace().enumerate().all(|(index, part)| {
        tokens.get(index).is_some_and(|token| !token.is_literal && token.text == part)
    })
}

fn is_sql(literal: &str) -> bool {
    let text = literal.trim_start_matches(['r', 'b', '#', '"']).trim_start();
    SQL.iter().any(|beginning| text.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::super::files::{TextFile, parse};
    use super::*;

    fn findings(files: &[(&str, &str)]) -> Vec<String> {
        let files: Vec<TextFile> = files
            .iter()
            .map(|(path, text)| TextFile { path: (*path).to_owned(), text: (*text).to_owned() })
            .collect();
        let mut found = Vec::new();
        let sources = parse(&files, &mut found);
        check(&sources, &mut found);
        found.iter().map(|finding| format!("{}:{}", finding.file, finding.line)).collect()
    }

    fn in_server(text: &str) -> Vec<String> {
        findings(&[("crates/server/src/a.rs", text)])
    }

    #[test]
    fn calls_outside_their_home_are_found() {
        for call in [
            "std::time::SystemTime::now()",
            "jiff::Timestamp::now()",
            "fastrand::u8(..)",
            "std::env::var(\"A\")",
            "reqwest::Client::new()",
            "tokio::spawn(async {})",
            "query(\"SELECT a FROM b\")",
            "query(r#\"\n  UPDATE a SET b = 1\"#)",
            "select! { _ = sleep(Timestamp::now()) => {} }",
        ] {
            let text = format!("//! A.\nfn f() {{\n{call};\n}}");
            assert_eq!(in_server(&text), ["crates/server/src/a.rs:3"], "{call}");
        }
    }

    #[test]
    fn the_domain_does_not_even_measure_time() {
        let text = "fn f() { Instant::now(); }";
        assert_eq!(findings(&[("crates/core/src/a.rs", text)]).len(), 1);
        assert_eq!(in_server(text), [""; 0]);
    }

    #[test]
    fn a_use_of_the_whole_module_is_found() {
        assert_eq!(in_server("use reqwest::{Client, Url};").len(), 1);
        assert_eq!(in_server("use fastrand::Rng;").len(), 1);
    }

    #[test]
    fn only_the_guarded_client_names_the_raw_one() {
        for text in [
            "use reqwest::Url;",
            "use {reqwest as http};",
            "fn f(client: &reqwest::Client) {}",
            "type Failure = reqwest::Error;",
            "fn f() { tokio::net::TcpStream::connect(a); }",
            "use hyper_util::client::legacy::Client;",
        ] {
            assert_eq!(in_server(text).len(), 1, "{text}");
            let bench = ("crates/server/src/cli/bench/target.rs", text);
            let outbound = ("crates/server/src/outbound/resolve.rs", text);
            let test = ("crates/server/tests/it/client.rs", text);
            assert_eq!(findings(&[bench, outbound, test]), [""; 0], "{text}");
            let beside = ("crates/server/src/outbound_calls.rs", text);
            assert_eq!(findings(&[beside]).len(), 1, "{text}");
        }
        assert_eq!(in_server("const QUIET: &str = \"reqwest=warn\";"), [""; 0]);
    }

    #[test]
    fn other_calls_pass() {
        for call in
            ["now()", "clock.now()", "env!(\"A\")", "Instant::from_std(x)", "say(\"SELECTED\")"]
        {
            assert_eq!(in_server(&format!("fn f() {{ {call}; }}")), [""; 0], "{call}");
        }
    }

    #[test]
    fn homes_may() {
        let clock = ("crates/server/src/clock.rs", "fn f() { SystemTime::now(); }");
        let sql = ("crates/store/src/a.rs", "const A: &str = \"SELECT 1\";");
        let test = ("crates/server/tests/a.rs", "fn f() { SystemTime::now(); }");
        assert_eq!(findings(&[clock, sql, test]), [""; 0]);
    }

    #[test]
    fn test_code_may() {
        assert_eq!(in_server("#[cfg(test)]\nmod tests { fn f() { SystemTime::now(); } }"), [""; 0]);
        assert_eq!(in_server("mod a { #[cfg(test)] fn f() { SystemTime::now(); } }"), [""; 0]);
        let declared = ("crates/server/src/a.rs", "#[cfg(test)]\nmod cases;");
        let inside = ("crates/server/src/a/cases.rs", "fn f() { SystemTime::now(); }");
        assert_eq!(findings(&[declared, inside]), [""; 0]);
    }
}
