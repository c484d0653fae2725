//! What an API key may: texts such as `bot.content:rw`, in the language of patterns. A key may what
//! one of its scopes grants, and never more than its owner.

use super::pattern::Pattern;
use super::{Operation, shown};

/// Most scopes of a key.
const MAX_SCOPES: usize = 50;

/// Longest resource of a scope, in bytes.
const MAX_PATTERN: usize = 200;

/// The scopes of a key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Scopes(Vec<Scope>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Scope {
    pattern: Pattern,
    read: bool,
    write: bool,
}

/// Why scopes cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// One is not understood.
    #[error("scope {0:?} is not understood: write a resource and r, w or rw, as in \"bot.*:r\"")]
    Form(String),
    /// There is none, or there are too many.
    #[error("a key has from 1 to {MAX_SCOPES} scopes")]
    Count,
}

impl Scopes {
    /// Reads scopes.
    pub fn parse<S: AsRef<str>>(scopes: &[S]) -> Result<Self, ScopeError> {
        if scopes.is_empty() || scopes.len() > MAX_SCOPES {
            return Err(ScopeError::Count);
        }
        let parse = |scope: &S| {
            let text = scope.as_ref();
            parse_one(text).ok_or_else(|| ScopeError::Form(shown(text)))
        };
        scopes.iter().map(parse).collect::<Result<_, _>>().map(Self)
    }

    pub(super) fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.0.iter().map(|scope| &scope.pattern)
    }

    /// Whether one of them grants `operation` on `resource`.
    pub fn allows(&self, resource: &str, operation: Operation) -> bool {
        self.0.iter().any(|scope| {
            let granted = match operation {
                Operation::Read => scope.read,
                Operation::Write => scope.write,
            };
            granted && scope.pattern.matches(resource)
        })
    }
}

fn parse_one(text: &str) -> Option<Scope> {
    let (pattern, operations) = text.rsplit_once(':')?;
    let (read, write) = match operations {
        "r" => (true, false),
        "w" => (false, true),
        "rw" => (true, true),
        _ => return None,
    };
    // Those of resources; others would only look as if they granted something.
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"_.*/-".contains(&byte);
    let is_pattern = pattern.len() <= MAX_PATTERN && pattern.bytes().all(is_letter);
    let pattern = Pattern::parse(pattern).filter(|_| is_pattern)?;
    Some(Scope { pattern, read, write })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_may_what_one_of_its_scopes_grants() {
        let scopes = Scopes::parse(&["bot.*:r", "bot.content:w", "admin.logs:rw"]).unwrap();
        for (resource, expected) in [
            ("bot.flows", (true, false)),
            ("bot.content", (true, true)),
            ("admin.logs", (true, true)),
            ("admin", (false, false)),
            ("user.bots", (false, false)),
        ] {
            let found = (
                scopes.allows(resource, Operation::Read),
                scopes.allows(resource, Operation::Write),
            );
            assert_eq!(found, expected, "{resource}");
        }
    }

    #[test]
    fn what_is_no_scope_is_refused() {
        for text in ["", "bot", "bot:", ":r", "bot:x", "bot:wr", "bot:+r", "bot.*: r"] {
            assert_eq!(Scopes::parse(&[text]), Err(ScopeError::Form(text.to_owned())), "{text}");
        }
        assert_eq!(Scopes::parse::<&str>(&[]), Err(ScopeError::Count));
        assert_eq!(Scopes::parse(&["*:r"; MAX_SCOPES + 1]), Err(ScopeError::Count));
    }
}
