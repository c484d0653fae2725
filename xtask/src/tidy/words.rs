//! Words that have no place in the project's files: paths of the machine it was written on, hosts
//! of package mirrors, numbers of tickets that a reader cannot look up.

use super::Finding;
use super::files::TextFile;

/// Each word with what to do about it. Compared in lower case.
const WORDS: [(&str, &str); 7] = [
    // In two pieces, so that a search for such paths does not end here.
    (concat!("/wo", "rk/"), "is a path of one machine"),
    ("/tmp/parlance", "is a path of one machine"),
    ("/home/", "is a path of one machine"),
    ("issue #", "is a number that readers cannot look up: say what it was about"),
    ("issues show", "is a tool of one workplace"),
    ("static.crates.io", "is a registry's host: cargo knows it"),
    ("index.crates.io", "is a registry's host: cargo knows it"),
];

/// The one file that has to spell them out.
const OWN: &str = "xtask/src/tidy/words.rs";

/// Checks all text files.
pub(crate) fn check(files: &[TextFile]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in files.iter().filter(|file| file.path != OWN) {
        for (index, line) in file.text.lines().enumerate() {
            let line_in_lower_case = line.to_lowercase();
            for (word, advice) in WORDS {
                if line_in_lower_case.contains(word) {
                    findings.push(Finding {
                        file: file.path.clone(),
                        line: index + 1,
                        problem: format!("\"{word}\" {advice}"),
                    });
                }
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_forbidden_word_is_found_with_its_line() {
        let file =
            |path: &str, text: &str| TextFile { path: path.to_owned(), text: text.to_owned() };
        let files = [
            file("README.md", "fine\nsee Issue #12\n"),
            file("docs/a.md", "a network path, an issue\n"),
            file(OWN, "issue #1"),
        ];
        let found: Vec<String> = check(&files).iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].starts_with("README.md:2:"), "{found:?}");
    }
}
