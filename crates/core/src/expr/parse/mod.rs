//! From source to tree: the parser library's syntax tree, cut down to what runs natively.
//!
//! The source is read as the body `return <source>` of a function, as v12 runs it (`spec` runtime
//! 2.6), so semicolons, comments and line breaks mean what they mean there.

mod convert;
mod operators;
mod unsupported;

use oxc_allocator::Allocator;
use oxc_ast::ast as js;
use oxc_parser::{ParseOptions, Parser};

use self::convert::Converter;
use super::ast::Expr;
use super::bounds;

/// A source that was read.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    /// `None`: nothing is returned.
    pub(super) expr: Option<Expr>,
    pub(super) findings: Findings,
}

/// What is worth knowing about a condition before it runs.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Why a part of it needs JavaScript.
    pub(super) javascript: Option<String>,
    /// Variables that do not exist.
    pub(super) unknown_names: Vec<String>,
    /// Methods that no kind of value has.
    pub(super) unknown_methods: Vec<String>,
}

const PREFIX: &str = "return ";

/// Reads `source`; an error says what is wrong with it.
pub(super) fn parse(source: &str) -> Result<Parsed, String> {
    bounds::check(source)?;
    let allocator = Allocator::default();
    let body = format!("{PREFIX}{source}\n");
    let options = ParseOptions {
        allow_return_outside_function: true,
        // The library misjudges `(a) && b ?? c`; brackets are needed to judge it here.
        preserve_parens: true,
        enable_ident_hashes: false,
        ..ParseOptions::default()
    };
    let parser = Parser::new(&allocator, &body, js::SourceType::script()).with_options(options);
    let result = parser.parse();
    if let Some(error) = result.diagnostics.errors().next() {
        let offset = error.labels.first().and_then(|label| usize::try_from(label.offset()).ok());
        return Err(describe(&error.message, offset, &body));
    }
    let mut converter = Converter::default();
    if result.program.comments.iter().any(|comment| is_html_like(comment, &body)) {
        // Engines do not agree on where one ends.
        converter.opaque("an HTML comment");
    }
    let expr = returned(&result.program.body, &mut converter)?;
    Ok(converter.finish(expr))
}

/// The expression that is returned. The statements behind it are never reached, but they must be
/// well-formed, and their declarations would count.
fn returned(
    statements: &[js::Statement<'_>],
    converter: &mut Converter,
) -> Result<Option<Expr>, String> {
    let Some((js::Statement::ReturnStatement(first), rest)) = statements.split_first() else {
        return Ok(None);
    };
    let returned = first.argument.as_ref().map(|argument| converter.expr(argument)).transpose()?;
    for statement in rest {
        match statement {
            js::Statement::EmptyStatement(_) => {}
            js::Statement::ExpressionStatement(statement) => {
                converter.check_unreachable(&statement.expression)?;
            }
            _ => converter.opaque("several statements"),
        }
    }
    Ok(returned)
}

fn is_html_like(comment: &js::Comment, body: &str) -> bool {
    let start = usize::try_from(comment.span.start).unwrap_or(usize::MAX);
    !body.get(start..).is_some_and(|text| text.starts_with('/'))
}

/// The parser's message with the place in the condition, counted in characters from 1.
fn describe(message: &str, offset: Option<usize>, body: &str) -> String {
    let before = offset.and_then(|offset| body.get(PREFIX.len()..offset));
    match before {
        Some(before) => format!("{message} at character {}", before.chars().count() + 1),
        None => message.to_owned(),
    }
}
