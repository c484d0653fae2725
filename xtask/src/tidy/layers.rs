//! The direction of dependencies: server → store → core, and who may name which stack.

use super::Finding;
use crate::metadata::{Dependency, Metadata, Package};

/// What a crate of the product may depend on inside the workspace.
const MAY_USE: &[(&str, &[&str])] = &[
    ("parlance-core", &[]),
    ("parlance-store", &["parlance-core"]),
    ("parlance", &["parlance-core", "parlance-store"]),
];

/// Crates of the workspace that are tools around the product: nothing depends on them.
const TOOLS: [&str; 2] = ["xtask", "parlance-benches"];

/// Stacks that only one crate of the product may name.
const ONE_HOME: &[(&str, &str)] = &[
    ("rusqlite", "parlance-store"),
    ("sqlx", "parlance-store"),
    ("axum", "parlance"),
    ("hyper", "parlance"),
    ("hyper-util", "parlance"),
    ("tower", "parlance"),
    ("tower-http", "parlance"),
    ("reqwest", "parlance"),
    ("rustls", "parlance"),
];

/// What the pure domain may not have: async, clocks, randomness, IO.
const NOT_IN_CORE: &[&str] =
    &["tokio", "futures-util", "fastrand", "rand", "uuid", "tempfile", "notify", "tracing"];

/// Checks the manifests of the workspace.
pub(crate) fn check(metadata: &Metadata) -> Vec<Finding> {
    let own: Vec<&Package> = metadata
        .packages
        .iter()
        .filter(|package| metadata.workspace_members.contains(&package.id))
        .collect();
    let mut findings = Vec::new();
    for package in own.iter().filter(|package| !TOOLS.contains(&package.name.as_str())) {
        let Some((_, may_use)) = MAY_USE.iter().find(|(name, _)| *name == package.name) else {
            findings.push(finding(
                package,
                "is new: xtask/src/tidy/layers.rs must say what it may use",
            ));
            continue;
        };
        // Tests may use what they like; what is shipped may not.
        let shipped = package.dependencies.iter().filter(|one| one.kind.as_deref() != Some("dev"));
        for dependency in shipped {
            let is_own = own.iter().any(|other| other.name == dependency.name);
            if is_own && !may_use.contains(&dependency.name.as_str()) {
                let problem = format!("may not depend on {}", dependency.name);
                findings.push(finding(package, &problem));
            }
            findings.extend(stack(package, dependency));
        }
    }
    findings
}

fn stack(package: &Package, dependency: &Dependency) -> Option<Finding> {
    let home = ONE_HOME.iter().find(|(name, _)| *name == dependency.name);
    if let Some((_, home)) = home.filter(|(_, home)| *home != package.name) {
        return Some(finding(package, &format!("may not use {}: {home} does", dependency.name)));
    }
    if package.name == "parlance-core" && NOT_IN_CORE.contains(&dependency.name.as_str()) {
        return Some(finding(package, &format!("is pure: it may not use {}", dependency.name)));
    }
    None
}

fn finding(package: &Package, problem: &str) -> Finding {
    Finding {
        file: "Cargo.toml".to_owned(),
        line: 0,
        problem: format!("{} {problem}", package.name),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// A crate and what it uses, each with the kind of use.
    type Edges<'a> = (&'a str, &'a [(&'a str, Option<&'a str>)]);

    fn problems(edges: &[Edges<'_>]) -> Vec<String> {
        let metadata = json!({
            "workspace_members": edges.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            "packages": edges.iter().map(|(name, uses)| json!({
                "id": name, "name": name, "version": "0.1.0", "license": null, "source": null,
                "dependencies": uses.iter().map(|(name, kind)| json!({
                    "name": name, "kind": kind,
                })).collect::<Vec<_>>(),
            })).collect::<Vec<_>>(),
            "resolve": null,
        });
        let found = check(&serde_json::from_value(metadata).unwrap());
        found.into_iter().map(|finding| finding.problem).collect()
    }

    #[test]
    fn the_right_direction_passes() {
        let found = problems(&[
            ("parlance", &[("parlance-core", None), ("parlance-store", None), ("axum", None)]),
            ("parlance-store", &[("parlance-core", None), ("sqlx", None)]),
            ("parlance-core", &[("serde", None)]),
            ("xtask", &[("axum", None)]),
        ]);
        assert_eq!(found, [""; 0]);
    }

    #[test]
    fn the_wrong_direction_is_found() {
        let found =
            problems(&[("parlance-core", &[("parlance-store", None)]), ("parlance-store", &[])]);
        assert_eq!(found, ["parlance-core may not depend on parlance-store"]);
    }

    #[test]
    fn a_stack_outside_its_home_is_found() {
        assert_eq!(problems(&[("parlance", &[("sqlx", None)])]).len(), 1);
        assert_eq!(problems(&[("parlance-store", &[("axum", None)])]).len(), 1);
        assert_eq!(problems(&[("parlance-core", &[("tokio", None)])]).len(), 1);
    }

    #[test]
    fn tests_may_use_what_they_like() {
        assert_eq!(problems(&[("parlance-core", &[("tokio", Some("dev"))])]).len(), 0);
    }

    #[test]
    fn a_new_crate_must_say_what_it_may_use() {
        assert_eq!(problems(&[("parlance-nlu", &[])]).len(), 1);
    }
}
