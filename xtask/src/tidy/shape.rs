//! Sizes, headers and names of Rust files.

use std::path::Path;

use syn::spanned::Spanned;
use syn::visit::{self, Visit};

use super::Finding;
use super::files::Source;

const MAX_FILE_LINES: usize = 500;
const MAX_FUNCTION_LINES: usize = 60;

/// Names that say nothing about what a module holds.
const EMPTY_NAMES: [&str; 8] =
    ["util", "utils", "helper", "helpers", "manager", "managers", "common", "misc"];

/// Checks one file.
pub(crate) fn check(source: &Source<'_>, findings: &mut Vec<Finding>) {
    let path = &source.file.path;
    let mut report = |line: usize, problem: String| {
        findings.push(Finding { file: path.clone(), line, problem });
    };
    if !source.file.text.starts_with("//!") {
        report(1, "does not open with a `//!` line that says what lives here".to_owned());
    }
    let lines = source.file.text.lines().count();
    if lines > MAX_FILE_LINES {
        report(0, format!("has {lines} lines, more than {MAX_FILE_LINES}: split it by idea"));
    }
    for part in Path::new(path).iter().filter_map(|part| Path::new(part).file_stem()) {
        let name = part.to_string_lossy();
        if EMPTY_NAMES.contains(&name.as_ref()) {
            report(0, format!("\"{name}\" is no name for a module: say what it holds"));
        }
    }
    let mut functions = Functions::default();
    functions.visit_file(&source.syntax);
    for (name, line, length) in functions.found {
        if length > MAX_FUNCTION_LINES {
            let problem = format!("`{name}` has {length} lines, more than {MAX_FUNCTION_LINES}");
            report(line, problem);
        }
    }
    for (name, line) in functions.modules {
        if EMPTY_NAMES.contains(&name.as_str()) {
            report(line, format!("\"{name}\" is no name for a module: say what it holds"));
        }
    }
}

/// Collects functions with their lengths, and modules that are written inline.
#[derive(Default)]
struct Functions {
    found: Vec<(String, usize, usize)>,
    modules: Vec<(String, usize)>,
}

impl Functions {
    /// Lines from the `fn` to the closing brace.
    fn add(&mut self, signature: &syn::Signature, block: &syn::Block) {
        let first = signature.span().start().line;
        let last = block.span().end().line;
        self.found.push((signature.ident.to_string(), first, last.saturating_sub(first) + 1));
    }
}

impl<'ast> Visit<'ast> for Functions {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.add(&function.sig, &function.block);
        visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.add(&function.sig, &function.block);
        visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.add(&function.sig, block);
        }
        visit::visit_trait_item_fn(self, function);
    }

    fn visit_item_mod(&mut self, module: &'ast syn::ItemMod) {
        if module.content.is_some() {
            self.modules.push((module.ident.to_string(), module.span().start().line));
        }
        visit::visit_item_mod(self, module);
    }
}

#[cfg(test)]
mod tests {
    use super::super::files::{TextFile, parse};
    use super::*;

    fn findings(path: &str, text: &str) -> Vec<String> {
        let files = [TextFile { path: path.to_owned(), text: text.to_owned() }];
        let mut found = Vec::new();
        for source in &parse(&files, &mut found) {
            check(source, &mut found);
        }
        found.iter().map(ToString::to_string).collect()
    }

    fn function_of(lines: usize) -> String {
        format!("//! A.\nimpl A {{\nfn f() {{\n{}}}\n}}\n", "g();\n".repeat(lines - 2))
    }

    #[test]
    fn a_plain_file_passes() {
        assert_eq!(findings("crates/a/src/b.rs", "//! B.\nfn f() {}\n"), [""; 0]);
    }

    #[test]
    fn a_file_without_a_header_is_found() {
        assert_eq!(findings("a.rs", "fn f() {}\n").len(), 1);
        assert_eq!(findings("a.rs", "// B.\nfn f() {}\n").len(), 1);
    }

    #[test]
    fn five_hundred_lines_are_enough() {
        let text = |lines: usize| format!("//! A.\n{}", "\n".repeat(lines - 1));
        assert_eq!(findings("a.rs", &text(500)).len(), 0);
        assert_eq!(findings("a.rs", &text(501)).len(), 1);
    }

    #[test]
    fn sixty_lines_are_enough_for_a_function() {
        assert_eq!(findings("a.rs", &function_of(60)).len(), 0);
        let found = findings("a.rs", &function_of(61));
        assert_eq!(found, ["a.rs:3: `f` has 61 lines, more than 60"]);
    }

    #[test]
    fn names_that_say_nothing_are_found() {
        assert_eq!(findings("crates/a/src/utils.rs", "//! A.\n").len(), 1);
        assert_eq!(findings("crates/a/src/common/mod.rs", "//! A.\n").len(), 1);
        assert_eq!(findings("crates/a/src/b.rs", "//! A.\nmod helpers {}\n").len(), 1);
        assert_eq!(findings("crates/a/src/commons.rs", "//! A.\n").len(), 0);
    }

    #[test]
    fn what_cannot_be_parsed_is_found() {
        assert_eq!(findings("a.rs", "//! A.\nfn (").len(), 1);
    }
}
