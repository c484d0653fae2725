//! Whether rules grant what somebody does not have: nobody hands out more than that.
//!
//! Rules speak of patterns, so one look at each rule does not tell. Resources that no pattern tells
//! apart are alike: it is enough to try one of each kind, and the kinds are found by walking along the
//! parts that the patterns name, with `*` for a part that none of them names.

use std::collections::BTreeSet;

use super::pattern::{Part, Pattern};
use super::{Operation, Rules, Scopes};

/// Most kinds of resources that are tried.
const MAX_KINDS: usize = 5_000;

/// Why rules may not be handed out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Excess {
    /// They grant what the other does not have.
    #[error("they grant \"{operation}\" on resource \"{resource}\", which you do not have")]
    Grants {
        /// What is granted.
        operation: Operation,
        /// On what; `*` is any part that no rule names.
        resource: String,
    },
    /// They tell apart too many kinds of resources.
    #[error("they have too many different patterns to compare them with what you have")]
    TooMany,
}

impl Rules {
    /// Checks that everything that these rules grant is granted by `held`, and by `scopes` where a key
    /// is used.
    pub fn check_within(&self, held: &Rules, scopes: Option<&Scopes>) -> Result<(), Excess> {
        let has = |resource: &str, operation| {
            held.allows(resource, operation)
                && scopes.is_none_or(|scopes| scopes.allows(resource, operation))
        };
        let patterns: Vec<&Pattern> = [self.patterns().collect(), held.patterns().collect()]
            .into_iter()
            .chain(scopes.map(|scopes| scopes.patterns().collect()))
            .flat_map(|patterns: Vec<&Pattern>| patterns)
            .collect();
        let mut walk = Walk { granted: self, has: &has, left: MAX_KINDS };
        walk.below(&mut Vec::new(), &patterns)
    }
}

struct Walk<'w> {
    granted: &'w Rules,
    has: &'w dyn Fn(&str, Operation) -> bool,
    left: usize,
}

impl<'w> Walk<'w> {
    /// Tries the resources below `path`; `open` are the patterns that fit so far and have more parts or
    /// none left. Goes as deep as the longest pattern.
    fn below(&mut self, path: &mut Vec<&'w str>, open: &[&'w Pattern]) -> Result<(), Excess> {
        let depth = path.len();
        let open: Vec<&'w Pattern> =
            open.iter().copied().filter(|pattern| pattern.parts().len() > depth).collect();
        if open.is_empty() {
            return Ok(());
        }
        let told_apart = open.iter().filter_map(|pattern| match pattern.parts().get(depth) {
            Some(Part::Named(name)) => Some(name.as_str()),
            _ => None,
        });
        let names: BTreeSet<&'w str> = told_apart.chain(["*"]).collect();
        for name in names {
            let fits = |pattern: &&&'w Pattern| match pattern.parts().get(depth) {
                Some(Part::Named(own)) => own == name,
                Some(Part::Any) => true,
                None => false,
            };
            let fitting: Vec<&'w Pattern> = open.iter().filter(fits).copied().collect();
            path.push(name);
            self.check(&path.join("."))?;
            self.below(path, &fitting)?;
            path.pop();
        }
        Ok(())
    }

    fn check(&mut self, resource: &str) -> Result<(), Excess> {
        self.left = self.left.checked_sub(1).ok_or(Excess::TooMany)?;
        for operation in [Operation::Read, Operation::Write] {
            if self.granted.allows(resource, operation) && !(self.has)(resource, operation) {
                let resource = resource.to_owned();
                return Err(Excess::Grants { operation, resource });
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rules(rules: &[(&str, &str)]) -> Rules {
        Rules::parse(rules.iter().copied()).unwrap()
    }

    fn excess(granted: &[(&str, &str)], held: &[(&str, &str)]) -> Option<String> {
        match rules(granted).check_within(&rules(held), None) {
            Ok(()) => None,
            Err(Excess::Grants { operation, resource }) => Some(format!("{operation} {resource}")),
            Err(Excess::TooMany) => Some("too many".to_owned()),
        }
    }

    #[test]
    fn what_one_does_not_have_is_not_granted() {
        let dev = &[("*", "+rw"), ("admin.*", "+r-w"), ("admin.collaborators.*", "-r")][..];
        for (granted, held, expected) in [
            (&[][..], &[][..], None),
            (&[("*", "+rw")], &[("*", "+rw")], None),
            (&[("*", "+r")], &[("*", "+rw")], None),
            (&[("*", "+rw")], &[("*", "+r")], Some("write *")),
            (dev, dev, None),
            (dev, &[("*", "+rw")], None),
            (&[("*", "+rw")], dev, Some("write admin")),
            (&[("*", "+r")], dev, Some("read admin.collaborators")),
            (&[("bot.*", "+rw")], dev, None),
            (&[("*", "+r"), ("admin.*", "-r")], dev, None),
            // A rule that takes must come last to count.
            (&[("admin.*", "-r"), ("*", "+r")], dev, Some("read admin.collaborators")),
            (
                &[("bot.content", "+w")],
                &[("bot.*", "+w"), ("*.content", "-w")],
                Some("write bot.content"),
            ),
            (&[("bot.content.a", "+w")], &[("bot.content", "+w")], None),
            (&[("bot.content", "+w")], &[("bot.content.a", "+w")], Some("write bot.content")),
            (&[("x/y", "+r")], &[("x.y", "+r")], None),
            (&[("X.y", "+r")], &[("x.Y", "+r")], None),
        ] {
            assert_eq!(excess(granted, held).as_deref(), expected, "{granted:?} {held:?}");
        }
    }

    #[test]
    fn a_key_hands_out_no_more_than_its_scopes_hold() {
        let all = rules(&[("*", "+rw")]);
        let scopes = Scopes::parse(&["admin.collaborators.*:rw", "bot.*:r"]).unwrap();
        assert_eq!(rules(&[("bot.*", "+r")]).check_within(&all, Some(&scopes)), Ok(()));
        let found = rules(&[("bot.flows", "+rw")]).check_within(&all, Some(&scopes));
        let (operation, resource) = (Operation::Write, "bot.flows".to_owned());
        assert_eq!(found, Err(Excess::Grants { operation, resource }));
    }

    #[test]
    fn patterns_without_end_are_not_compared() {
        let names: Vec<String> = (0..80).map(|n| format!("a{n}")).collect();
        let nested: Vec<String> = names.iter().map(|name| format!("*.*.{name}")).collect();
        let middle: Vec<String> = names.iter().map(|name| format!("*.{name}")).collect();
        let all = [names, middle, nested].concat();
        let many: Vec<(&str, &str)> = all.iter().map(|name| (name.as_str(), "+r")).collect();
        assert_eq!(excess(&many, &[("*", "+rw")]).as_deref(), Some("too many"));
    }

    fn any_rules() -> impl Strategy<Value = Vec<(String, String)>> {
        prop::collection::vec(("[ab*](\\.[ab*]){0,2}", "[+-][rw]([+-][rw])?"), 0..5)
    }

    proptest! {
        #[test]
        fn the_walk_finds_what_trying_everything_finds(granted in any_rules(), held in any_rules()) {
            let parse = |pairs: &[(String, String)]| {
                Rules::parse(pairs.iter().map(|(res, op)| (res.as_str(), op.as_str()))).unwrap()
            };
            let (granted, held) = (parse(&granted), parse(&held));
            let mut all: Vec<String> = vec![String::new()];
            let mut exceeds = false;
            for _ in 0..4 {
                let longer = |path: &String| ["a", "b", "c"].map(|part| format!("{path}{part}."));
                all = all.iter().flat_map(longer).collect();
                for path in &all {
                    let resource = path.trim_end_matches('.');
                    exceeds |= [Operation::Read, Operation::Write].into_iter().any(|operation| {
                        granted.allows(resource, operation) && !held.allows(resource, operation)
                    });
                }
            }
            prop_assert_eq!(granted.check_within(&held, None).is_err(), exceeds);
        }
    }
}
