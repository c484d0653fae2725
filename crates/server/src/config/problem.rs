//! What can be wrong with a configuration, and where it stands.

use std::fmt;
use std::io;
use std::path::Path;

/// Where a setting was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// In a file.
    File {
        /// The file, as the user would name it.
        file: String,
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
    },
    /// In the environment.
    Environment {
        /// Name of the variable.
        name: String,
        /// Line of the `.env` file, when it was set there.
        dotenv_line: Option<usize>,
    },
    /// On the command line.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { file, line, column } => write!(f, "{file}:{line}:{column}"),
            Self::Environment { name, dotenv_line: None } => {
                write!(f, "environment variable {name}")
            }
            Self::Environment { name, dotenv_line: Some(line) } => {
                write!(f, "environment variable {name} (.env:{line})")
            }
            Self::Flag(flag) => write!(f, "flag {flag}"),
        }
    }
}

/// A setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it was made.
    pub origin: Origin,
    /// Its path in `botpress.config.json`; `None` for what has no place there.
    pub key: Option<String>,
    /// What was found.
    pub found: String,
    /// What would be right.
    pub allowed: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.origin)?;
        if let Some(key) = &self.key {
            write!(f, "{key}: ")?;
        }
        write!(f, "found {}; allowed: {}", self.found, self.allowed)
    }
}

/// Something odd that does no harm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// Where it stands.
    pub origin: Origin,
    /// What is odd, and what comes of it.
    pub message: String,
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.origin, self.message)
    }
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A file is there and cannot be read.
    #[error("{file}: cannot be read: {source}")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        source: io::Error,
    },
    /// The configuration file is no JSON.
    #[error("{origin}: not valid JSON: {problem}")]
    NotJson {
        /// Where reading stopped.
        origin: Origin,
        /// What the parser says.
        problem: String,
    },
    /// Settings that cannot be used: all of them, so that they can be put right at once.
    #[error("{}", lines(.0))]
    Invalid(Vec<Problem>),
}

impl ConfigError {
    pub(super) fn unreadable(file: &Path, source: io::Error) -> Self {
        Self::Unreadable { file: file.display().to_string(), source }
    }
}

fn lines(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(ToString::to_string).collect();
    lines.join("\n")
}
