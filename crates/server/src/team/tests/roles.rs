//! Roles: made, changed and removed.

use super::*;
use crate::workspaces::{Role, Rule};

fn role(id: &str, rules: &[(&str, &str)]) -> Role {
    let rule = |(res, op): &(&str, &str)| Rule { res: (*res).to_owned(), op: (*op).to_owned() };
    Role {
        id: id.to_owned(),
        name: id.to_uppercase(),
        description: String::new(),
        rules: rules.iter().map(rule).collect(),
    }
}

async fn ids(stage: &Stage, workspace: &str) -> Vec<String> {
    let roles = stage.team().roles(workspace).await.unwrap();
    roles.into_iter().map(|role| role.id).collect()
}

#[tokio::test]
async fn a_role_is_made_changed_and_removed() {
    let stage = Stage::new().await;
    let admin = stage.account("admin", false, &["one/admin"]).await;
    let (team, first) = (stage.team(), role("agent", &[("bot.*", "+r")]));
    let made = team.set_role(&admin, "one", first.clone()).await.unwrap();
    assert_eq!(made, Changed { before: None, after: Some(first.clone()) });
    assert_eq!(ids(&stage, "one").await, ["admin", "dev", PEOPLE, "reader", "agent", "chatuser"]);
    let second = role("agent", &[("bot.*", "+rw")]);
    let changed = team.set_role(&admin, "one", second.clone()).await.unwrap();
    assert_eq!(changed, Changed { before: Some(first), after: Some(second) });
    stage.account("agent", false, &["one/agent"]).await;
    let needed = team.remove_role(&admin, "one", "agent").await.unwrap_err().to_string();
    assert!(needed.contains("1 of the members have it"), "{needed}");
    team.change_role(&admin, "one", &id("agent"), "reader").await.unwrap();
    team.remove_role(&admin, "one", "agent").await.unwrap();
    assert_eq!(ids(&stage, "one").await, ["admin", "dev", PEOPLE, "reader", "chatuser"]);
}

#[tokio::test]
async fn a_role_beyond_ones_own_is_neither_made_nor_changed_nor_removed() {
    let stage = Stage::new().await;
    let people = stage.account("people", false, &["one/people"]).await;
    let team = stage.team();
    let before = stage.file_text();
    for done in [
        team.set_role(&people, "one", role("new", &[("*", "+r")])).await,
        team.set_role(&people, "one", role(PEOPLE, &[("bot.*", "+rw")])).await,
        // It would grant less than before, and that is not theirs to take.
        team.set_role(&people, "one", role("dev", &[("bot.*", "+r")])).await,
        team.remove_role(&people, "one", "dev").await,
    ] {
        let refused = matches!(done, Err(TeamError::Beyond { .. } | TeamError::RoleNeeded { .. }));
        assert!(refused, "{done:?}");
    }
    assert_eq!(stage.file_text(), before);
    team.set_role(&people, "one", role("new", &[("bot.content", "+r")])).await.unwrap();
}

#[tokio::test]
async fn the_administrators_role_is_the_super_admins() {
    let stage = Stage::new().await;
    let root = stage.account("root", true, &[]).await;
    let admin = stage.account("admin", false, &["one/admin"]).await;
    let team = stage.team();
    let less = role("admin", &[("bot.*", "+rw")]);
    let own = team.set_role(&admin, "one", less.clone()).await;
    assert!(matches!(own, Err(TeamError::RoleNeeded { .. })), "{own:?}");
    team.set_role(&root, "one", less).await.unwrap();
    for needed in ["admin", "dev", "chatuser"] {
        let done = team.remove_role(&root, "one", needed).await;
        assert!(matches!(done, Err(TeamError::RoleNeeded { .. })), "{needed}: {done:?}");
    }
    let chat = team.set_role(&root, "one", role("chatuser", &[("*", "+rw")])).await;
    assert!(matches!(chat, Err(TeamError::RoleNeeded { .. })), "{chat:?}");
}

#[tokio::test]
async fn v12s_roles_stay_when_the_first_own_one_is_made() {
    let stage = Stage::new().await;
    let root = stage.account("root", true, &[]).await;
    assert_eq!(ids(&stage, "two").await, ["admin", "dev", "editor", "chatuser"]);
    stage.team().set_role(&root, "two", role("agent", &[("bot.*", "+r")])).await.unwrap();
    assert_eq!(ids(&stage, "two").await, ["admin", "dev", "editor", "agent", "chatuser"]);
    let of_file = stage.services.workspaces.get("two").unwrap().roles;
    assert_eq!(of_file.len(), 4);
    stage.team().remove_role(&root, "two", "editor").await.unwrap();
    assert_eq!(ids(&stage, "two").await, ["admin", "dev", "agent", "chatuser"]);
}

#[tokio::test]
async fn a_rule_that_cannot_be_read_makes_no_role() {
    let stage = Stage::new().await;
    let root = stage.account("root", true, &[]).await;
    for rule in [("bot.*", "rw"), ("bot.*", "+x"), ("", "+r"), ("bot.*", "")] {
        assert!(
            stage.team().set_role(&root, "one", role("new", &[rule])).await.is_err(),
            "{rule:?}"
        );
    }
    let unknown = stage.team().remove_role(&root, "one", "new").await;
    assert!(matches!(unknown, Err(TeamError::NoRole { .. })));
}
