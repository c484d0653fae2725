//! The rules themselves.

use std::collections::{BTreeMap, BTreeSet};

use spdx::{Expression, ParseMode};

use super::graph::Graph;
use super::policy::Policy;
use crate::metadata::Package;

/// What a check found.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// What breaks the policy.
    pub problems: Vec<String>,
    /// Entries of the policy that nothing needs any more.
    pub notes: Vec<String>,
}

/// Holds the graph against the policy.
pub(crate) fn check(policy: &Policy, graph: &Graph) -> Outcome {
    let mut outcome = Outcome::default();
    for package in graph.packages() {
        let problems = [licence(policy, package), source(policy, package), banned(policy, package)];
        for problem in problems.into_iter().flatten() {
            outcome.problems.push(format!("{}: {problem}", graph.described(package)));
        }
    }
    duplicates(policy, graph, &mut outcome);
    outcome
}

fn licence(policy: &Policy, package: &Package) -> Option<String> {
    let Some(text) = &package.license else {
        return Some("its manifest names no licence".to_owned());
    };
    let expression = match Expression::parse_mode(text, ParseMode::LAX) {
        Ok(expression) => expression,
        Err(error) => {
            return Some(format!("licence \"{text}\" cannot be read: {}", error.reason));
        }
    };
    let exceptions = policy.licenses.exceptions.iter();
    let own = exceptions.filter(|exception| exception.package == package.name);
    let allowed: BTreeSet<&str> = own
        .flat_map(|exception| &exception.allow)
        .chain(&policy.licenses.allow)
        .map(String::as_str)
        .collect();
    let holds =
        expression.evaluate(|requirement| allowed.contains(requirement.to_string().as_str()));
    (!holds).then(|| format!("licence \"{text}\" is not allowed"))
}

fn source(policy: &Policy, package: &Package) -> Option<String> {
    let Some(source) = &package.source else {
        return Some("it comes from a folder outside the workspace".to_owned());
    };
    let registry = source.strip_prefix("registry+");
    let known =
        registry.is_some_and(|url| policy.sources.allow_registry.iter().any(|own| own == url));
    (!known).then(|| format!("source \"{source}\" is not allowed"))
}

fn banned(policy: &Policy, package: &Package) -> Option<String> {
    let mut entries = policy.bans.deny.iter();
    let entry = entries.find(|entry| entry.matches(&package.name, &package.version))?;
    Some(format!("it is banned: {}", entry.reason))
}

fn duplicates(policy: &Policy, graph: &Graph, outcome: &mut Outcome) {
    let mut by_name: BTreeMap<&str, Vec<&Package>> = BTreeMap::new();
    for package in graph.packages() {
        by_name.entry(&package.name).or_default().push(package);
    }
    let mut needed = BTreeSet::new();
    for packages in by_name.values().filter(|packages| packages.len() > 1) {
        let mut left = Vec::new();
        for package in packages {
            let mut entries = policy.bans.skip.iter();
            match entries.position(|entry| entry.matches(&package.name, &package.version)) {
                Some(index) => {
                    needed.insert(index);
                }
                None => left.push(graph.described(package)),
            }
        }
        if left.len() > 1 {
            outcome.problems.push(format!(
                "several versions of one package: {}; agree on one, or list the others in bans.skip \
                 with the reason",
                left.join(", ")
            ));
        }
    }
    for (index, entry) in policy.bans.skip.iter().enumerate() {
        if !needed.contains(&index) {
            outcome.notes.push(format!("bans.skip: {} is not needed any more", entry.package));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const POLICY: &str = r#"
        [graph]
        targets = ["x86_64-unknown-linux-gnu"]
        [licenses]
        allow = ["MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception"]
        exceptions = [{ crate = "roots", allow = ["CDLA-Permissive-2.0"] }]
        [bans]
        multiple-versions = "deny"
        skip = [{ crate = "old@0.1", reason = "waits for its user" }]
        deny = [{ crate = "evil", reason = "a second TLS library" }]
        [sources]
        unknown-registry = "deny"
        unknown-git = "deny"
        allow-registry = ["https://registry.example/index"]
    "#;

    fn graph(packages: &[(&str, &str, Option<&str>, &str)]) -> Graph {
        let id = |name: &str, version: &str| format!("{name}#{version}");
        let metadata = json!({
            "workspace_members": [],
            "packages": packages.iter().map(|(name, version, license, source)| json!({
                "id": id(name, version), "name": name, "version": version,
                "license": license, "source": source,
            })).collect::<Vec<_>>(),
            "resolve": { "nodes": packages.iter().map(|(name, version, _, _)| json!({
                "id": id(name, version), "dependencies": [],
            })).collect::<Vec<_>>() },
        });
        let mut graph = Graph::default();
        graph.add(serde_json::from_value(metadata).unwrap());
        graph
    }

    fn problems(packages: &[(&str, &str, Option<&str>, &str)]) -> Vec<String> {
        check(&Policy::parse(POLICY).unwrap(), &graph(packages)).problems
    }

    const REGISTRY: &str = "registry+https://registry.example/index";

    #[test]
    fn allowed_licences_pass_in_every_notation() {
        for licence in [
            "MIT",
            "MIT/Apache-2.0",
            "MIT OR GPL-3.0-only",
            "(MIT OR ISC) AND Apache-2.0",
            "Apache-2.0 WITH LLVM-exception",
        ] {
            assert_eq!(problems(&[("a", "1.0.0", Some(licence), REGISTRY)]), [""; 0], "{licence}");
        }
    }

    #[test]
    fn other_licences_are_named() {
        for licence in [Some("GPL-3.0-only"), Some("MIT AND ISC"), Some("Own words"), None] {
            assert_eq!(problems(&[("a", "1.0.0", licence, REGISTRY)]).len(), 1, "{licence:?}");
        }
    }

    #[test]
    fn an_exception_holds_for_its_package_alone() {
        let licence = Some("CDLA-Permissive-2.0");
        assert_eq!(problems(&[("roots", "1.0.0", licence, REGISTRY)]).len(), 0);
        assert_eq!(problems(&[("other", "1.0.0", licence, REGISTRY)]).len(), 1);
    }

    #[test]
    fn only_the_known_registry_is_a_source() {
        for source in ["git+https://git.example/a", "registry+https://other.example/index"] {
            assert_eq!(problems(&[("a", "1.0.0", Some("MIT"), source)]).len(), 1, "{source}");
        }
    }

    #[test]
    fn two_versions_need_a_reason() {
        let mit = Some("MIT");
        let two =
            |name| problems(&[(name, "0.1.5", mit, REGISTRY), (name, "0.2.0", mit, REGISTRY)]);
        assert_eq!(two("old").len(), 0);
        assert_eq!(two("new").len(), 1);
    }

    #[test]
    fn a_skip_that_nothing_needs_is_noted() {
        let found = check(&Policy::parse(POLICY).unwrap(), &graph(&[]));
        assert_eq!(found.notes, ["bans.skip: old@0.1 is not needed any more"]);
    }

    #[test]
    fn banned_packages_are_named_with_the_reason() {
        let found = problems(&[("evil", "1.0.0", Some("MIT"), REGISTRY)]);
        assert!(found[0].contains("a second TLS library"), "{found:?}");
    }

    #[test]
    fn a_policy_that_would_check_less_is_refused() {
        for (from, to) in [
            ("multiple-versions = \"deny\"", "multiple-versions = \"warn\""),
            ("unknown-git = \"deny\"", "unknown-git = \"allow\""),
            ("reason = \"waits for its user\"", "reason = \"\""),
            ("[sources]", "[sources]\nrequired-git-spec = \"rev\""),
            ("targets = [\"x86_64-unknown-linux-gnu\"]", "targets = []"),
        ] {
            assert!(Policy::parse(&POLICY.replace(from, to)).is_err(), "{to}");
        }
    }
}
