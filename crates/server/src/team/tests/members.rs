//! Members: who may make, change and remove which.

use super::*;

#[tokio::test]
async fn nobody_hands_out_more_than_they_have() {
    let stage = Stage::new().await;
    let root = stage.account("root", true, &[]).await;
    let admin = stage.account("admin", false, &["one/admin"]).await;
    let dev = stage.account("dev", false, &["one/dev"]).await;
    let people = stage.account("people", false, &["one/people"]).await;
    let reader = stage.account("reader", false, &["one/reader"]).await;
    let stranger = stage.account("stranger", false, &["two/admin"]).await;
    stage.account("target", false, &[]).await;
    for (caller, may) in [
        (&root, &["admin", "dev", PEOPLE, "reader"][..]),
        (&admin, &["admin", "dev", PEOPLE, "reader"]),
        (&dev, &[]),
        (&people, &[PEOPLE, "reader"]),
        (&reader, &[]),
        (&stranger, &[]),
        (&key_of(&admin, &["admin.collaborators.*:rw", "bot.*:r"]), &["reader"]),
        (&key_of(&root, &["admin.collaborators.*:rw", "bot.*:r"]), &["reader"]),
        (&key_of(&root, &["*:rw"]), &["admin", "dev", PEOPLE, "reader"]),
        (&key_of(&admin, &["bot.*:rw"]), &[]),
    ] {
        for role in ["admin", "dev", PEOPLE, "reader"] {
            let done = stage.team().add(caller, "one", &id("target"), role).await;
            let expected = may.contains(&role);
            assert_eq!(done.is_ok(), expected, "{caller} adds {role}: {done:?}");
            if expected {
                stage.team().remove(caller, "one", &id("target")).await.unwrap();
            }
            assert_eq!(stage.role("target", "one").await, None, "{caller} {role}");
        }
    }
}

#[tokio::test]
async fn nobody_takes_from_those_who_have_more() {
    let stage = Stage::new().await;
    let people = stage.account("people", false, &["one/people"]).await;
    stage.account("dev", false, &["one/dev"]).await;
    stage.account("other", false, &["one/people"]).await;
    let team = stage.team();
    for done in [
        team.change_role(&people, "one", &id("dev"), "reader").await,
        team.remove(&people, "one", &id("dev")).await,
        team.change_role(&people, "one", &id("people"), "dev").await,
    ] {
        assert!(matches!(done, Err(TeamError::Beyond { .. })), "{done:?}");
    }
    let change = team.change_role(&people, "one", &id("other"), "reader").await.unwrap();
    let (before, after) = (Some(PEOPLE.to_owned()), Some("reader".to_owned()));
    assert_eq!(change, RoleChange { before, after });
    assert_eq!(stage.role("dev", "one").await.as_deref(), Some("dev"));
}

#[tokio::test]
async fn somebody_who_may_do_everything_remains_in_a_workspace() {
    let stage = Stage::new().await;
    let root = stage.account("root", true, &[]).await;
    stage.account("admin", false, &["one/admin", "two/reader"]).await;
    let team = stage.team();
    for done in [
        team.remove(&root, "one", &id("admin")).await,
        team.change_role(&root, "one", &id("admin"), "dev").await,
    ] {
        assert!(matches!(done, Err(TeamError::LastAdmin { .. })), "{done:?}");
    }
    // The same role again is no loss, and neither is leaving where others rule.
    team.change_role(&root, "one", &id("admin"), "admin").await.unwrap();
    stage.account("second", false, &["one/admin"]).await;
    team.change_role(&root, "one", &id("admin"), "dev").await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_administrators_who_remove_each_other_one_stays() {
    let stage = Stage::new().await;
    let ann = stage.account("ann", false, &["one/admin"]).await;
    let bob = stage.account("bob", false, &["one/admin"]).await;
    let (team, to_bob, to_ann) = (stage.team(), id("bob"), id("ann"));
    let (first, second) =
        tokio::join!(team.remove(&ann, "one", &to_bob), team.remove(&bob, "one", &to_ann));
    assert!(first.is_ok() != second.is_ok(), "{first:?} {second:?}");
}

#[tokio::test]
async fn what_cannot_be_is_refused_by_name() {
    let stage = Stage::new().await;
    let root = stage.account("root", true, &["one/admin"]).await;
    stage.account("dev", false, &["one/dev"]).await;
    let team = stage.team();
    let add = async |workspace, who: &str, role| team.add(&root, workspace, &id(who), role).await;
    assert!(matches!(add("one", "dev", "dev").await, Err(TeamError::AlreadyMember(_))));
    assert!(matches!(add("two", "nobody", "dev").await, Err(TeamError::NoAccount(_))));
    assert!(matches!(add("nowhere", "dev", "dev").await, Err(TeamError::Workspaces(_))));
    let no_role = add("one", "dev", "boss").await.unwrap_err().to_string();
    assert!(no_role.contains("\"boss\"") && no_role.contains("admin, dev, people"), "{no_role}");
    let oneself = team.remove(&root, "one", &id("root")).await;
    assert!(matches!(oneself, Err(TeamError::Oneself)));
    let no_member = team.remove(&root, "two", &id("dev")).await;
    assert!(matches!(no_member, Err(TeamError::NotMember { .. })));
    // v12's roles are those of a workspace that names none.
    add("two", "dev", "editor").await.unwrap();
}

#[tokio::test]
async fn members_and_outsiders_are_all_accounts() {
    let stage = Stage::new().await;
    stage.account("ann", false, &["one/admin"]).await;
    stage.account("bob", false, &["two/admin"]).await;
    stage.account("cyd", false, &["one/dev", "two/dev"]).await;
    let names = |ids: Vec<AccountId>| ids.into_iter().map(|id| id.email).collect::<Vec<_>>();
    let members = stage.team().members("one").await.unwrap();
    assert_eq!(members[0].role, "admin");
    assert_eq!(members[0].created_at, "1970-01-01T00:00:00.000Z");
    let members = members.into_iter().map(|member| member.account).collect();
    assert_eq!(names(members), ["ann@example.org", "cyd@example.org"]);
    assert_eq!(names(stage.team().outsiders("one").await.unwrap()), ["bob@example.org"]);
    assert!(stage.team().members("nowhere").await.is_err());
}
