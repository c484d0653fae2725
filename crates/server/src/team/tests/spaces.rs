//! Workspaces: made, changed, deleted.

use super::*;
use crate::workspaces::{NewWorkspace, WorkspaceChange, WorkspacesError};

fn new(id: &str) -> NewWorkspace {
    NewWorkspace { id: id.to_owned(), name: "A name".to_owned(), ..NewWorkspace::default() }
}

#[tokio::test]
async fn a_workspace_that_has_bots_stays() {
    let stage = Stage::new().await;
    let refused = stage.team().delete_space("one").await.unwrap_err();
    assert!(matches!(refused, TeamError::Workspaces(WorkspacesError::InUse { .. })));
    assert!(refused.to_string().contains("it has 1 bots"), "{refused}");
    let unknown = stage.team().delete_space("nowhere").await;
    assert!(matches!(unknown, Err(TeamError::Workspaces(WorkspacesError::NoWorkspace(_)))));
}

#[tokio::test]
async fn memberships_end_with_their_workspace() {
    let stage = Stage::new().await;
    stage.account("ann", false, &["one/dev", "two/admin"]).await;
    stage.team().delete_space("two").await.unwrap();
    assert_eq!(stage.role("ann", "two").await, None);
    assert_eq!(stage.role("ann", "one").await.as_deref(), Some("dev"));
    // Also those in a workspace that was taken out of the file by hand.
    stage.team().set_role_of(&id("ann"), "three", "admin").await.unwrap();
    stage.team().create_space(new("three")).await.unwrap();
    assert_eq!(stage.role("ann", "three").await, None);
    let exists = stage.team().create_space(new("one")).await;
    assert!(matches!(exists, Err(TeamError::Workspaces(WorkspacesError::Exists(_)))));
    assert_eq!(stage.role("ann", "one").await.as_deref(), Some("dev"), "of the one that stands");
}

#[tokio::test]
async fn a_change_tells_what_was_before() {
    let stage = Stage::new().await;
    let name = Some("Other".to_owned());
    let change = WorkspaceChange { name, ..WorkspaceChange::default() };
    let change = stage.team().update_space("two", change).await.unwrap();
    let names = [change.before, change.after].map(|workspace| workspace.unwrap().name);
    assert_eq!(names, ["Two", "Other"]);
    assert_eq!(stage.team().rollout("two").await.unwrap(), "anonymous");
    stage.team().set_rollout("two", "authorized").await.unwrap();
    assert_eq!(stage.team().rollout("two").await.unwrap(), "authorized");
    assert!(stage.team().set_rollout("two", "whoever").await.is_err());
}
