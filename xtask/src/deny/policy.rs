//! `deny.toml`, as far as this check understands it. What it does not understand it refuses, except
//! the advisories, which are cargo-deny's alone.

use std::path::Path;

use serde::Deserialize;

use crate::failure::{Failure, Result};

/// The policy.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Policy {
    /// What is looked at.
    pub graph: GraphPolicy,
    /// Which licences may be used.
    pub licenses: Licenses,
    /// Which packages may be used, and how many versions of each.
    pub bans: Bans,
    /// Where packages may come from.
    pub sources: Sources,
    /// Read by cargo-deny only.
    #[serde(default, rename = "advisories")]
    _advisories: toml::Table,
}

/// `[graph]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct GraphPolicy {
    /// Platforms whose dependencies are looked at.
    pub targets: Vec<String>,
}

/// `[licenses]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Licenses {
    /// SPDX ids that may be used in any package.
    pub allow: Vec<String>,
    /// SPDX ids that one package may use.
    #[serde(default)]
    pub exceptions: Vec<LicenseException>,
}

/// An entry of `licenses.exceptions`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LicenseException {
    /// Name of the package.
    #[serde(rename = "crate")]
    pub package: String,
    /// SPDX ids.
    pub allow: Vec<String>,
}

/// `[bans]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Bans {
    /// Must be `deny`; kept in the file because cargo-deny reads it.
    pub multiple_versions: String,
    /// Duplicates that are put up with, each with its reason.
    #[serde(default)]
    pub skip: Vec<Named>,
    /// Packages that may not be used, each with its reason.
    #[serde(default)]
    pub deny: Vec<Named>,
}

/// A package, `name` or `name@version`, and why it is listed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Named {
    /// `name` or `name@version`, the version being a requirement such as `0.9`.
    #[serde(rename = "crate")]
    pub package: String,
    /// Why.
    pub reason: String,
}

/// `[sources]`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Sources {
    /// Must be `deny`.
    pub unknown_registry: String,
    /// Must be `deny`.
    pub unknown_git: String,
    /// Registries that may be used.
    pub allow_registry: Vec<String>,
}

impl Policy {
    /// Reads and checks the file.
    pub(crate) fn read(file: &Path) -> Result<Self> {
        let text = std::fs::read_to_string(file).map_err(|error| Failure::file(file, &error))?;
        Self::parse(&text).map_err(|problem| Failure::new(format!("{}: {problem}", file.display())))
    }

    /// Parses the file's text.
    pub(crate) fn parse(text: &str) -> std::result::Result<Self, String> {
        let policy: Self = toml::from_str(text).map_err(|error| error.to_string())?;
        for (key, value) in [
            ("bans.multiple-versions", &policy.bans.multiple_versions),
            ("sources.unknown-registry", &policy.sources.unknown_registry),
            ("sources.unknown-git", &policy.sources.unknown_git),
        ] {
            if value != "deny" {
                return Err(format!("{key} must be \"deny\", not \"{value}\""));
            }
        }
        if policy.graph.targets.is_empty() {
            return Err("graph.targets is empty: nothing would be checked".to_owned());
        }
        for entry in policy.bans.skip.iter().chain(&policy.bans.deny) {
            entry.matcher()?;
            if entry.reason.trim().is_empty() {
                return Err(format!("{} is listed without a reason", entry.package));
            }
        }
        Ok(policy)
    }
}

impl Named {
    /// Name and required version.
    pub(crate) fn matcher(&self) -> std::result::Result<(&str, semver::VersionReq), String> {
        let Some((name, version)) = self.package.split_once('@') else {
            return Ok((&self.package, semver::VersionReq::STAR));
        };
        let requirement = version
            .parse()
            .map_err(|error| format!("\"{}\": no version requirement: {error}", self.package))?;
        Ok((name, requirement))
    }

    /// Whether this entry means that package.
    pub(crate) fn matches(&self, name: &str, version: &semver::Version) -> bool {
        self.matcher().is_ok_and(|(own, requirement)| own == name && requirement.matches(version))
    }
}
