//! Conditions of transitions (`spec` runtime 2.6): parsed once, evaluated natively where plain.
//!
//! Source → `bounds` (length, nesting) → `parse` (the parser library's tree) → `ast` (ours) →
//! `eval` over a [`Scope`] with `value`s, `operators`, `properties`, `methods` and
//! `globals`. Native evaluation equals JavaScript's exactly; whatever it cannot say exactly is
//! [`ConditionError::NeedsJavaScript`], never a guess.
//!
//! Does not live here: choosing among transitions ([`crate::dialog`]), templates
//! ([`crate::content`]), running JavaScript.

mod ast;
mod bounds;
mod eval;
mod globals;
mod live;
mod methods;
mod names;
mod number;
mod operators;
mod parse;
mod properties;
#[cfg(test)]
mod tests;
mod text;
mod value;

use self::ast::Expr;
use self::eval::Evaluator;
use self::live::Live;
use self::parse::{Findings, Parsed};
use self::value::{Abrupt, Budget};
use crate::dialog::State;
use crate::scope::Scope;

/// A condition, compiled.
#[derive(Debug)]
pub struct Condition {
    rule: Rule,
    findings: Findings,
}

#[derive(Debug)]
enum Rule {
    /// Always or never holds.
    Constant(bool),
    /// Holds when the turn came from the node of this name.
    LastNode(String),
    Expression(Expr),
    /// Cannot be read; why.
    Unreadable(String),
}

/// Why a condition could not be evaluated to true or false.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConditionError {
    /// JavaScript threw something other than a `TypeError`.
    #[error("{0}")]
    Throws(String),
    /// The condition needs a JavaScript engine.
    #[error("the condition needs JavaScript: {0}")]
    NeedsJavaScript(String),
}

impl Condition {
    /// Compiles `source`. Never fails: what cannot be parsed is an error when it is evaluated.
    ///
    /// Sources over 8 KiB or nested more than 100 levels deep count as unreadable.
    pub fn parse(source: &str) -> Self {
        if source == "true" {
            return Self::from(Rule::Constant(true));
        }
        if source.starts_with("lastNode") {
            return Self::from(match source.strip_prefix("lastNode=") {
                Some(node) => Rule::LastNode(node.to_owned()),
                None => Rule::Constant(false),
            });
        }
        match parse::parse(source) {
            Ok(Parsed { expr: None, .. }) => Self::from(Rule::Constant(false)),
            Ok(Parsed { expr: Some(expr), findings }) => {
                Self { rule: Rule::Expression(expr), findings }
            }
            Err(problem) => Self::from(Rule::Unreadable(problem)),
        }
    }

    /// Whether the condition holds. A `TypeError` counts as false.
    ///
    /// [`ConditionError::NeedsJavaScript`] may come for any condition, depending on the values that
    /// it meets; evaluation has no effects, so a JavaScript engine may then start afresh.
    pub fn evaluate(&self, scope: Scope<'_>) -> Result<bool, ConditionError> {
        match &self.rule {
            Rule::Constant(holds) => Ok(*holds),
            Rule::LastNode(node) => Ok(came_from(scope.state, node)),
            Rule::Unreadable(problem) => {
                Err(ConditionError::Throws(format!("SyntaxError: {problem}")))
            }
            Rule::Expression(expr) => {
                let live = Live::new(scope);
                let budget = Budget::new();
                match Evaluator::new(&live, &budget).eval(expr) {
                    Ok(value) => Ok(value.truthy()),
                    Err(Abrupt::TypeError | Abrupt::Nothing) => Ok(false),
                    Err(Abrupt::ReferenceError(name)) => Err(ConditionError::Throws(format!(
                        "ReferenceError: {name} is not defined"
                    ))),
                    Err(Abrupt::RangeError(problem)) => {
                        Err(ConditionError::Throws(format!("RangeError: {problem}")))
                    }
                    Err(Abrupt::NeedsJavaScript(reason)) => {
                        Err(ConditionError::NeedsJavaScript(reason.into_owned()))
                    }
                }
            }
        }
    }

    /// Why a part of the condition needs a JavaScript engine, e.g. ``the method `match` ``.
    ///
    /// Where evaluation does not reach that part, the condition is still answered natively.
    pub fn needs_javascript(&self) -> Option<&str> {
        self.findings.javascript.as_deref()
    }

    /// What is wrong with the source, so that every evaluation fails.
    pub fn syntax_error(&self) -> Option<&str> {
        match &self.rule {
            Rule::Unreadable(problem) => Some(problem),
            _ => None,
        }
    }

    /// Variables in the condition that do not exist (`state`, `always`): reaching one is a
    /// `ReferenceError`, which stops the turn.
    pub fn unknown_names(&self) -> &[String] {
        &self.findings.unknown_names
    }

    /// Methods called in the condition that no value has (`is`, from v11's `intent.is(…)`): reaching
    /// one is a `TypeError`, so the condition does not hold.
    pub fn unknown_methods(&self) -> &[String] {
        &self.findings.unknown_methods
    }
}

impl From<Rule> for Condition {
    fn from(rule: Rule) -> Self {
        Self { rule, findings: Findings::default() }
    }
}

/// The `lastNode=` rule: the node before the current one on the stack trace, or the only one.
fn came_from(state: &State, node: &str) -> bool {
    let previous = state.stacktrace.len().saturating_sub(2);
    state.stacktrace.get(previous).is_some_and(|position| position.node == node)
}
