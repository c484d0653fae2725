//! What `cargo metadata` says about the workspace and its dependencies.

use std::path::Path;

use serde::Deserialize;

use crate::failure::{Failure, Result};
use crate::step;

/// Packages and, unless asked without dependencies, the resolved graph.
#[derive(Debug, Deserialize)]
pub(crate) struct Metadata {
    /// All packages, for all platforms.
    pub packages: Vec<Package>,
    /// Ids of the workspace's own packages.
    pub workspace_members: Vec<String>,
    /// What is really used on the platform asked for.
    pub resolve: Option<Resolve>,
}

/// A package.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Package {
    /// Opaque id.
    pub id: String,
    /// Name.
    pub name: String,
    /// Version.
    pub version: semver::Version,
    /// SPDX expression.
    pub license: Option<String>,
    /// Where it comes from; `None` for a path.
    pub source: Option<String>,
    /// What its manifest asks for.
    #[serde(default)]
    pub dependencies: Vec<Dependency>,
}

/// An entry of a manifest's dependencies.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Dependency {
    /// Name of the package.
    pub name: String,
    /// `None` for an ordinary dependency, else `dev` or `build`.
    pub kind: Option<String>,
}

/// The resolved graph.
#[derive(Debug, Deserialize)]
pub(crate) struct Resolve {
    /// One node for each package that is used.
    pub nodes: Vec<ResolveNode>,
}

/// A used package and what it uses.
#[derive(Debug, Deserialize)]
pub(crate) struct ResolveNode {
    /// Id of the package.
    pub id: String,
    /// Ids of what it uses.
    pub dependencies: Vec<String>,
}

/// The workspace's own packages, without their dependencies' packages.
pub(crate) fn workspace(root: &Path) -> Result<Metadata> {
    read(root, &["--no-deps"])
}

/// Everything that is built for `platform`.
pub(crate) fn resolved(root: &Path, platform: &str) -> Result<Metadata> {
    read(root, &["--filter-platform", platform])
}

fn read(root: &Path, arguments: &[&str]) -> Result<Metadata> {
    let mut command = step::cargo(root);
    command.args(["metadata", "--format-version", "1", "--locked"]).args(arguments);
    let json = step::output(&mut command)?;
    serde_json::from_slice(&json)
        .map_err(|error| Failure::new(format!("`cargo metadata` wrote something unknown: {error}")))
}
