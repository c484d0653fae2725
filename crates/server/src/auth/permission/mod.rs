//! Rules: which resources a role, or an API key, may read and write (`spec` http 2.7).
//!
//! A resource has a dotted name (`bot.content`); a rule names some by a pattern and grants or takes
//! operations; the last one that fits decides, and where none does the answer is no. Roles are in
//! `roles`, what API keys may in `scope`.

mod excess;
mod pattern;
mod roles;
mod scope;

use std::fmt;

use serde::Serialize;

use self::pattern::Pattern;

pub use excess::Excess;
pub use roles::{
    ADMIN_ROLE, CHAT_USER_ROLE, DEFAULT_ROLE, Role, WorkspaceRoles, chat_user_entry,
    default_entries, default_roles,
};
pub use scope::{ScopeError, Scopes};

/// Most rules of a role.
const MAX_RULES: usize = 1000;

/// Longest `op` of a rule, in bytes.
const MAX_OPERATIONS: usize = 16;

/// What somebody wants to do with a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Operation {
    /// See it.
    Read,
    /// Change it.
    Write,
}

/// Its noun in errors.
impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Read => "read",
            Self::Write => "write",
        })
    }
}

/// Rules in their order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rules(Vec<Rule>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Rule {
    pattern: Pattern,
    read: Option<bool>,
    write: Option<bool>,
}

/// Why rules cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// `op` is nothing that is understood.
    #[error("op {0:?} of a rule is not understood: write + or - before r or w, as in \"+r-w\"")]
    Operations(String),
    /// `res` is too long or has too many parts.
    #[error("res {0:?} of a rule is no pattern such as \"bot.*\"")]
    Pattern(String),
    /// There are too many.
    #[error("there are more than {MAX_RULES} rules")]
    TooMany,
}

impl Rules {
    /// Reads rules, each given by its `res` and its `op`. One that is not understood spoils them
    /// all: leaving it out might grant what it takes.
    pub fn parse<'r>(
        rules: impl IntoIterator<Item = (&'r str, &'r str)>,
    ) -> Result<Self, RuleError> {
        let mut parsed = Vec::new();
        for (resource, operations) in rules {
            if parsed.len() == MAX_RULES {
                return Err(RuleError::TooMany);
            }
            let pattern =
                Pattern::parse(resource).ok_or_else(|| RuleError::Pattern(shown(resource)))?;
            let (read, write) = parse_operations(operations)
                .ok_or_else(|| RuleError::Operations(shown(operations)))?;
            parsed.push(Rule { pattern, read, write });
        }
        Ok(Self(parsed))
    }

    /// Rules that grant everything.
    pub fn everything() -> Self {
        let pattern = Pattern::everything();
        Self(vec![Rule { pattern, read: Some(true), write: Some(true) }])
    }

    fn patterns(&self) -> impl Iterator<Item = &Pattern> {
        self.0.iter().map(|rule| &rule.pattern)
    }

    /// Whether `operation` may be done with `resource`.
    pub fn allows(&self, resource: &str, operation: Operation) -> bool {
        let granted = |rule: &Rule| match operation {
            Operation::Read => rule.read,
            Operation::Write => rule.write,
        };
        let fitting = self.0.iter().rev().filter(|rule| granted(rule).is_some());
        let mut fitting = fitting.filter(|rule| rule.pattern.matches(resource));
        fitting.next().and_then(granted).unwrap_or(false)
    }
}

/// What a text such as `+r-w` or `-rw` says of reading and of writing.
fn parse_operations(text: &str) -> Option<(Option<bool>, Option<bool>)> {
    let (mut read, mut write, mut sign) = (None, None, None);
    for c in Some(text).filter(|text| text.len() <= MAX_OPERATIONS)?.chars() {
        match c {
            '+' => sign = Some(true),
            '-' => sign = Some(false),
            'r' => read = Some(sign?),
            'w' => write = Some(sign?),
            _ => return None,
        }
    }
    (read.is_some() || write.is_some()).then_some((read, write))
}

/// A piece of a wrong value that fits into a message.
fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn allows(rules: &[(&str, &str)], resource: &str) -> (bool, bool) {
        let rules = Rules::parse(rules.iter().copied()).unwrap();
        (rules.allows(resource, Operation::Read), rules.allows(resource, Operation::Write))
    }

    #[test]
    fn the_last_rule_that_fits_decides() {
        for (rules, resource, expected) in [
            (&[][..], "bot.flows", (false, false)),
            (&[("*", "+r+w")], "bot.flows", (true, true)),
            (&[("*", "+rw")], "bot.flows", (true, true)),
            (&[("*", "+r-w")], "bot.flows", (true, false)),
            (&[("bot.content", "+r")], "bot.flows", (false, false)),
            (&[("*", "+rw"), ("bot.flows", "-w")], "bot.flows", (true, false)),
            (&[("bot.flows", "-w"), ("*", "+rw")], "bot.flows", (true, true)),
            (
                &[("*", "+r+w"), ("admin.*", "+r-w"), ("admin.users.*", "-r")],
                "admin.users",
                (false, false),
            ),
            (&[("*", "-r-w"), ("user.bots", "+r")], "user.bots", (true, false)),
            (&[("*", "+w+r-r")], "x", (false, true)),
        ] {
            assert_eq!(allows(rules, resource), expected, "{rules:?} {resource}");
        }
    }

    #[test]
    fn what_is_not_understood_spoils_all_rules() {
        for operations in ["", "r", "rw", "+", "+-", "+x", "+r w", "+R", &"+r".repeat(9)] {
            let found = Rules::parse([("*", "+r+w"), ("admin.*", operations)]);
            assert_eq!(found, Err(RuleError::Operations(operations.to_owned())), "{operations}");
        }
        assert!(matches!(Rules::parse([(&*"x".repeat(300), "+r")]), Err(RuleError::Pattern(_))));
        let many = std::iter::repeat_n(("*", "+r"), MAX_RULES + 1);
        assert_eq!(Rules::parse(many), Err(RuleError::TooMany));
    }

    proptest! {
        #[test]
        fn a_rule_for_everything_at_the_end_decides_alone(
            rules in prop::collection::vec(("[a-c*]{1,2}(\\.[a-c*]){0,2}", "[+-]r[+-]w"), 0..6),
            resource in "[a-c](\\.[a-c]){0,3}", last in "[+-]r[+-]w"
        ) {
            let pairs = rules.iter().map(|(res, op)| (res.as_str(), op.as_str()));
            let all: Vec<_> = pairs.chain([("*", last.as_str())]).collect();
            prop_assert_eq!(allows(&all, &resource), (&last[..1] == "+", &last[2..3] == "+"));
        }

        #[test]
        fn a_rule_that_takes_grants_nothing(
            rules in prop::collection::vec(("[a-c*](\\.[a-c*]){0,2}", "-r|-w|-rw|-r-w"), 0..6),
            resource in "[a-c](\\.[a-c]){0,3}"
        ) {
            let pairs: Vec<_> = rules.iter().map(|(res, op)| (res.as_str(), op.as_str())).collect();
            prop_assert_eq!(allows(&pairs, &resource), (false, false));
        }
    }
}
