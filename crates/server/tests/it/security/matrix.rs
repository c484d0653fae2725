//! Every operation × every kind of caller × own, foreign and missing bots and workspaces.

use std::collections::BTreeSet;

use super::cells::{Things, ask, fault, path};
use super::expected::{Target, Verdict, expected};
use super::operation::{Access, Operation, described};
use super::who::{Scope, Who, everybody};
use super::world::World;
use crate::harness::{Client, Server};

/// Whether an endpoint refuses a caller whom the rules let in.
type Refused = fn(&Who) -> bool;

/// Endpoints that refuse some of those whom the rules let in, with 403, and why.
const ENDPOINTS_OWN: [(&str, Refused); 5] = [
    // Keys are ended by people, so that a leaked one ends no others.
    ("revoke-key", is_key),
    // A new password is all that its account may, so that a key needs scopes for all of that.
    ("account-reset", is_narrow_key),
    ("account-reset-post", is_narrow_key),
    // There are accounts already: nobody registers any more.
    ("register", anybody),
    ("register-v11", anybody),
];

fn is_key(who: &Who) -> bool {
    matches!(who, Who::Key(_))
}

fn is_narrow_key(who: &Who) -> bool {
    matches!(who, Who::Key(key) if key.scope != Scope::All)
}

fn anybody(_: &Who) -> bool {
    true
}

/// Fewest cells of one operation: all callers once.
const FEWEST: usize = 30;

#[tokio::test]
async fn nobody_comes_in_who_may_not_and_everybody_who_may() {
    let operations = each_path(described().await);
    let world = World::new(&operations).await;
    let server = Server::start(&world.data);
    let client = server.client();
    let (mut cells, mut allowed, mut faults) = (0, 0, Vec::new());
    let mut needed = BTreeSet::new();
    for (number, operation) in operations.iter().enumerate() {
        let before = cells;
        for &target in targets(operation) {
            for who in everybody() {
                let path = path(&operation.paths[0], target, Things::Fitting, number);
                let verdict = expected(operation, &who, target);
                let status = cell(&world, &client, operation, &path, target, &who, number).await;
                cells += 1;
                allowed += usize::from(verdict == Verdict::In);
                let own = ENDPOINTS_OWN.iter().find(|(id, of)| *id == operation.id && of(&who));
                let own = own.filter(|_| verdict == Verdict::In && status == 403);
                needed.extend(own.map(|(id, _)| *id));
                if let Some(fault) = fault(verdict, status).filter(|_| own.is_none()) {
                    let method = &operation.method;
                    faults.push(format!("{fault}: {status} {method} {path} {target:?} {who:?}"));
                }
            }
        }
        assert!(cells - before >= FEWEST, "{}: too few callers", operation.id);
    }
    println!("matrix: paths={} cells={cells} allowed={allowed}", operations.len());
    assert!(faults.is_empty(), "{} of {cells}:\n{}", faults.len(), faults.join("\n"));
    assert!(allowed > 0 && allowed < cells, "both are tried");
    assert_eq!(needed.len(), ENDPOINTS_OWN.len(), "exceptions are needed: {needed:?}");
}

/// Each path as an operation, with callers, of its own.
fn each_path(operations: Vec<Operation>) -> Vec<Operation> {
    let split = |operation: Operation| {
        let paths = operation.paths.clone();
        paths.into_iter().map(move |path| Operation { paths: vec![path], ..operation.clone() })
    };
    operations.into_iter().flat_map(split).collect()
}

/// Whose bot and workspace an operation is tried on.
fn targets(operation: &Operation) -> &'static [Target] {
    let of_workspace = matches!(operation.access, Access::Workspace | Access::Bot);
    if operation.has_bot() || of_workspace {
        &[Target::Own, Target::Foreign, Target::Missing]
    } else {
        &[Target::Own]
    }
}

/// Tries it; afterwards all is as it was.
async fn cell(
    world: &World,
    client: &Client,
    operation: &Operation,
    path: &str,
    target: Target,
    who: &Who,
    number: usize,
) -> u16 {
    let authorization = world.authorization(who, number);
    let workspace = target.workspace();
    let reply = ask(client, operation, path, workspace, authorization.as_deref()).await;
    if operation.audited && reply.status < 300 {
        world.restore();
    }
    reply.status
}

#[tokio::test]
async fn through_ones_own_door_nobody_reaches_what_belongs_to_others() {
    let operations = described().await;
    let world = World::new(&operations).await;
    let server = Server::start(&world.data);
    let client = server.client();
    let (mut cells, mut faults) = (0, Vec::new());
    for (number, operation) in operations.iter().enumerate() {
        let names_things = |pattern: &str| {
            Operation::parameters(pattern).any(|name| ["id", "email", "workspace"].contains(&name))
        };
        let pattern = operation.paths[0].as_str();
        if operation.access == Access::Open || !names_things(pattern) {
            continue;
        }
        for who in everybody().filter(|who| !who.is_super_admin()).filter(|who| !owns_key(who)) {
            let path = path(pattern, Target::Own, Things::Strange, number);
            let status = cell(&world, &client, operation, &path, Target::Own, &who, number).await;
            cells += 1;
            if !(400..500).contains(&status) {
                faults.push(format!("{status} {} {path} {who:?}", operation.method));
            }
        }
    }
    println!("strange things: cells={cells}");
    assert!(faults.is_empty(), "{} of {cells}:\n{}", faults.len(), faults.join("\n"));
    assert!(cells > 0);
}

/// Whose key the path names.
fn owns_key(who: &Who) -> bool {
    match who {
        Who::Worthless(_) => false,
        Who::Person(person) => person.name == "admin",
        Who::Key(key) => key.owner.name == "admin",
    }
}
