//! Patterns of resources (`spec` http 2.7): parts with `.` or `/` between them, `*` for any part. A
//! pattern speaks for what it names and for everything below that.

/// Longest pattern, in bytes.
const MAX_PATTERN: usize = 256;

/// A pattern, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    Any,
    Named(String),
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(['.', '/'])
}

impl Pattern {
    /// Reads a pattern; `None` when it is empty or too long.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || text.len() > MAX_PATTERN {
            return None;
        }
        let part = |part: &str| match part {
            "*" => Part::Any,
            name => Part::Named(name.to_lowercase()),
        };
        Some(Self(parts(text).map(part).collect()))
    }

    /// The pattern `*`.
    pub(super) fn everything() -> Self {
        Self(vec![Part::Any])
    }

    /// Its parts, from the left.
    pub(super) fn parts(&self) -> &[Part] {
        &self.0
    }

    /// Whether it speaks for `resource`. A `*` at its end speaks for nothing as well: `admin.*`
    /// for `admin`.
    pub(super) fn matches(&self, resource: &str) -> bool {
        let mut resource = parts(resource);
        self.0.iter().all(|part| match (part, resource.next()) {
            (Part::Any, _) => true,
            (Part::Named(name), Some(found)) => *name == found.to_lowercase(),
            (Part::Named(_), None) => false,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_speaks_for_what_it_names_and_what_is_below() {
        for (pattern, resource, expected) in [
            ("*", "bot.flows", true),
            ("*", "bot", true),
            ("bot", "bot", true),
            ("bot", "bot.flows", true),
            ("bot.*", "bot.flows", true),
            ("bot.*", "bot.flows.main", true),
            ("bot.*", "bot", true),
            ("bot.*", "botany.flows", false),
            ("bot.flows", "bot", false),
            ("bot.flows", "bot.content", false),
            ("bot.*.main", "bot.flows.main", true),
            ("bot.*.main", "bot.flows.other", false),
            ("bot.*.main", "bot", false),
            ("*.flows", "bot.flows", true),
            ("bot/flows", "bot.flows", true),
            ("Bot.Flows", "bot.flows", true),
            ("bot.flo*", "bot.flows", false),
            ("bot..flows", "bot.flows", false),
        ] {
            let matches = Pattern::parse(pattern).unwrap().matches(resource);
            assert_eq!(matches, expected, "{pattern} {resource}");
        }
        assert!(Pattern::parse("").is_none());
    }
}
