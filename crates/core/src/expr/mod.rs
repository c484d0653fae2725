//! Conditions of transitions (`spec` runtime 2.6): parsed once, evaluated natively where plain.

use crate::scope::Scope;

/// A condition, compiled.
#[derive(Debug)]
pub struct Condition {}

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
    pub fn parse(_source: &str) -> Self {
        Self {}
    }

    /// What makes the condition need a JavaScript engine; `None` where it runs natively.
    pub fn needs_javascript(&self) -> Option<&str> {
        None
    }

    /// Why the condition is no JavaScript; `None` where it is.
    pub fn syntax_error(&self) -> Option<&str> {
        None
    }

    /// Whether the condition holds. A `TypeError` counts as false.
    pub fn evaluate(&self, _scope: Scope<'_>) -> Result<bool, ConditionError> {
        Err(ConditionError::NeedsJavaScript(String::new()))
    }
}
