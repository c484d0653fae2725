//! The packages that are built on any of the platforms looked at, and who uses them.

use std::collections::{BTreeMap, BTreeSet};

use crate::metadata::{Metadata, Package};

/// Used packages, by id.
#[derive(Debug, Default)]
pub(crate) struct Graph {
    packages: BTreeMap<String, Package>,
    users: BTreeMap<String, BTreeSet<String>>,
    own: BTreeSet<String>,
}

impl Graph {
    /// Adds what is built on one platform.
    pub(crate) fn add(&mut self, metadata: Metadata) {
        self.own.extend(metadata.workspace_members);
        let nodes = metadata.resolve.map(|resolve| resolve.nodes).unwrap_or_default();
        let used: BTreeSet<&String> = nodes.iter().map(|node| &node.id).collect();
        for package in metadata.packages {
            if used.contains(&package.id) {
                self.packages.insert(package.id.clone(), package);
            }
        }
        for node in nodes {
            for dependency in node.dependencies {
                self.users.entry(dependency).or_default().insert(node.id.clone());
            }
        }
    }

    /// The packages of others.
    pub(crate) fn packages(&self) -> impl Iterator<Item = &Package> {
        self.packages.values().filter(|package| !self.own.contains(&package.id))
    }

    /// `name version, used by a, b`.
    pub(crate) fn described(&self, package: &Package) -> String {
        let users: Vec<&str> = self
            .users
            .get(&package.id)
            .into_iter()
            .flatten()
            .filter_map(|id| self.packages.get(id))
            .map(|user| user.name.as_str())
            .collect();
        format!("{} {} (used by {})", package.name, package.version, users.join(", "))
    }
}
