//! The environment: the one place where the process's variables are read, together with the `.env`
//! file beside it. Everything else gets an [`Environment`], so that tests need no process.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{env, fmt, fs, io};

use super::dotenv::{self, Entry};
use super::problem::{ConfigError, Origin, Warning};

/// Name of the file of variables in the working directory (`spec` runtime 1.1).
const DOTENV: &str = ".env";

/// Largest `.env` file that is read, in bytes.
const MAX_DOTENV: u64 = 1 << 20;

/// Variables by name, and where `%BOTPRESS_DIR%` points.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, Variable>,
    project_dir: PathBuf,
    warnings: Vec<Warning>,
}

#[derive(Clone)]
struct Variable {
    value: String,
    /// Line of the `.env` file; `None` for the process's own.
    line: Option<usize>,
}

impl Environment {
    /// The process's variables, and those of `./.env` that the process does not have.
    ///
    /// `data_dir` is the data directory: `%BOTPRESS_DIR%` stands for the folder that holds it.
    pub fn of_process(data_dir: &Path) -> Result<Self, ConfigError> {
        let own = env::vars_os().filter_map(|(name, value)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        });
        let mut environment = Self::from_pairs(own);
        let unreadable = |source| ConfigError::unreadable(Path::new(DOTENV), source);
        match fs::metadata(DOTENV) {
            Ok(found) if found.len() > MAX_DOTENV => {
                return Err(unreadable(io::Error::other("larger than 1 MiB")));
            }
            Ok(found) if found.is_file() => {
                environment.add_dotenv(&fs::read_to_string(DOTENV).map_err(unreadable)?);
            }
            _ => {}
        }
        let data_dir = std::path::absolute(data_dir)
            .map_err(|source| ConfigError::unreadable(data_dir, source))?;
        Ok(environment.with_project_dir(data_dir.parent().unwrap_or(&data_dir)))
    }

    /// An environment of just these variables.
    pub fn from_pairs<N, V>(pairs: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<String>,
        V: Into<String>,
    {
        let variable = |value: V| Variable { value: value.into(), line: None };
        let variables =
            pairs.into_iter().map(|(name, value)| (name.into(), variable(value))).collect();
        Self { variables, ..Self::default() }
    }

    /// The same, with `%BOTPRESS_DIR%` pointing to `project_dir`.
    #[must_use]
    pub fn with_project_dir(self, project_dir: impl Into<PathBuf>) -> Self {
        Self { project_dir: project_dir.into(), ..self }
    }

    /// Adds the variables of a `.env` file's `text`; those that are set already stay as they are.
    fn add_dotenv(&mut self, text: &str) {
        for entry in dotenv::parse(text) {
            match entry {
                Entry::Variable { name, value, line } => {
                    self.variables.entry(name).or_insert(Variable { value, line: Some(line) });
                }
                Entry::Malformed { line } => self.warnings.push(Warning {
                    origin: Origin::File { file: DOTENV.to_owned(), line, column: 1 },
                    message: "not a NAME=value line; ignored".to_owned(),
                }),
            }
        }
    }

    /// Value of a variable; one that is set to nothing counts as not set.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables
            .get(name)
            .map(|variable| variable.value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// Where a variable is set.
    pub(super) fn origin(&self, name: &str) -> Origin {
        let line = self.variables.get(name).and_then(|variable| variable.line);
        Origin::Environment { name: name.to_owned(), dotenv_line: line }
    }

    /// Names of the variables, sorted.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }

    /// The folder that holds the data directory.
    pub(super) fn project_dir(&self) -> &Path {
        &self.project_dir
    }

    /// What was odd about the `.env` file.
    pub(super) fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

/// Values may be secrets: only names are shown.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_process_wins_over_the_dotenv_file() {
        let mut environment = Environment::from_pairs([("PORT", "1")]);
        environment.add_dotenv("PORT=2\nBP_HOST=::1");
        assert_eq!(environment.get("PORT"), Some("1"));
        assert_eq!(environment.get("BP_HOST"), Some("::1"));
        assert_eq!(
            environment.origin("BP_HOST").to_string(),
            "environment variable BP_HOST (.env:2)"
        );
    }

    #[test]
    fn an_empty_variable_is_not_set() {
        assert_eq!(Environment::from_pairs([("PORT", "")]).get("PORT"), None);
    }

    #[test]
    fn a_malformed_dotenv_line_is_a_warning() {
        let mut environment = Environment::default();
        environment.add_dotenv("A=1\nnonsense");
        let warnings: Vec<_> = environment.warnings().iter().map(ToString::to_string).collect();
        assert_eq!(warnings, [".env:2:1: not a NAME=value line; ignored"]);
    }

    #[test]
    fn debug_output_shows_no_values() {
        let environment = Environment::from_pairs([("DATABASE_URL", "postgres://u:secret@h/d")]);
        let shown = format!("{environment:?}");
        assert!(shown.contains("DATABASE_URL") && !shown.contains("secret"), "{shown}");
    }
}
