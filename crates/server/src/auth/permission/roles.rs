//! Roles of a workspace: those of `workspaces.json`, and the four that v12 starts with (`spec` http
//! 2.7, runtime 1.6).

use super::Rules;
use crate::workspaces::{self, Workspace};

/// Role of who may do everything in a workspace, unless `adminRole` names another.
pub const ADMIN_ROLE: &str = "admin";
/// Role of new members, unless `defaultRole` names another.
pub const DEFAULT_ROLE: &str = "dev";
/// Role of those who only talk to bots; no workspace can change it.
pub const CHAT_USER_ROLE: &str = "chatuser";

/// A role of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its id, which memberships name.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// What it is for.
    pub description: String,
    /// What it may.
    pub rules: Rules,
    /// The same as it is written; nothing where it cannot be read.
    pub written: Vec<workspaces::Rule>,
}

/// The roles of one workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceRoles {
    /// Id of the workspace.
    pub workspace: String,
    /// Role of new members.
    pub default_role: String,
    /// Role of who makes the workspace.
    pub admin_role: String,
    roles: Vec<Role>,
}

impl WorkspaceRoles {
    /// The roles of a workspace; v12's where it has none. A role with a rule that cannot be read may
    /// nothing: that rule might have been the one that takes a right away.
    pub fn of(workspace: &Workspace) -> Self {
        let mut roles = if workspace.roles.is_empty() {
            default_roles()
        } else {
            workspace.roles.iter().map(|role| read(&workspace.id, role)).collect()
        };
        roles.retain(|role| role.id != CHAT_USER_ROLE);
        roles.extend(built_in(&CHAT_USER));
        let named = |name: &Option<String>, default: &str| {
            name.clone().unwrap_or_else(|| default.to_owned())
        };
        Self {
            default_role: named(&workspace.default_role, DEFAULT_ROLE),
            admin_role: named(&workspace.admin_role, ADMIN_ROLE),
            workspace: workspace.id.clone(),
            roles,
        }
    }

    /// The role with this id.
    pub fn role(&self, id: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.id == id)
    }

    /// All roles, that of chat users last.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }
}

fn read(workspace: &str, role: &workspaces::Role) -> Role {
    let rules = role.rules.iter().map(|rule| (rule.res.as_str(), rule.op.as_str()));
    let (rules, written) = match Rules::parse(rules) {
        Ok(rules) => (rules, role.rules.clone()),
        Err(error) => {
            tracing::warn!(workspace, role = role.id, %error, "a role allows nothing: a rule of it is wrong");
            (Rules::default(), Vec::new())
        }
    };
    let name = if role.name.is_empty() { &role.id } else { &role.name };
    Role {
        id: role.id.clone(),
        name: name.clone(),
        description: role.description.clone(),
        rules,
        written,
    }
}

/// A role that is built in: id, name, description, rules.
type BuiltIn = (&'static str, &'static str, &'static str, &'static [(&'static str, &'static str)]);

const CHAT_USER: BuiltIn =
    (CHAT_USER_ROLE, "Chat user", "Talks to bots.", &[("*", "-r-w"), ("user.bots", "+r")]);

const DEFAULTS: [BuiltIn; 3] = [
    (
        ADMIN_ROLE,
        "Administrator",
        "May do everything in the workspace, but for the server's own configuration.",
        &[
            ("*", "+r+w"),
            ("module.code-editor.global.main_config", "-r-w"),
            ("module.code-editor.global.module_config", "-r-w"),
        ],
    ),
    (
        DEFAULT_ROLE,
        "Developer",
        "Builds bots; sees how the workspace is run, but not who works in it.",
        &[
            ("*", "+r+w"),
            ("admin.*", "+r-w"),
            ("admin.collaborators.*", "-r"),
            ("module.code-editor.global.*", "+r-w"),
            ("module.code-editor.global.main_config", "-r-w"),
            ("module.code-editor.global.module_config", "-r-w"),
        ],
    ),
    (
        "editor",
        "Content editor",
        "Writes content and training data; reads the rest of a bot.",
        &[
            ("*", "+r"),
            ("admin.collaborators.*", "-r"),
            ("bot.flows", "+r-w"),
            ("bot.content", "+r+w"),
            ("module.qna", "+r+w"),
            ("module.nlu", "+r+w"),
            ("module.code-editor.*", "-r-w"),
            ("admin.logs.*", "-r"),
            ("admin.bots.archive", "-r"),
        ],
    ),
];

/// The roles of a workspace that has none of its own.
pub fn default_roles() -> Vec<Role> {
    DEFAULTS.iter().filter_map(built_in).collect()
}

/// The same as `workspaces.json` would have them.
pub fn default_entries() -> Vec<workspaces::Role> {
    DEFAULTS.iter().map(entry).collect()
}

/// The role of chat users as `workspaces.json` would have it.
pub fn chat_user_entry() -> workspaces::Role {
    entry(&CHAT_USER)
}

fn entry((id, name, description, rules): &BuiltIn) -> workspaces::Role {
    let rule = |(res, op): &(&str, &str)| workspaces::Rule {
        res: (*res).to_owned(),
        op: (*op).to_owned(),
    };
    workspaces::Role {
        id: (*id).to_owned(),
        name: (*name).to_owned(),
        description: (*description).to_owned(),
        rules: rules.iter().map(rule).collect(),
    }
}

/// `None` never happens: the table is tested.
fn built_in((id, name, description, rules): &BuiltIn) -> Option<Role> {
    Some(Role {
        id: (*id).to_owned(),
        name: (*name).to_owned(),
        description: (*description).to_owned(),
        rules: Rules::parse(rules.iter().copied()).ok()?,
        written: rules.iter().map(|(res, op)| workspaces::Rule::new(res, op)).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::super::Operation;
    use super::*;

    #[test]
    fn the_default_roles_are_v12s() {
        let roles =
            WorkspaceRoles::of(&Workspace { id: "default".to_owned(), ..Workspace::default() });
        let ids: Vec<&str> = roles.roles().iter().map(|role| role.id.as_str()).collect();
        assert_eq!(ids, ["admin", "dev", "editor", "chatuser"]);
        for (resource, expected) in [
            ("bot.flows", ["rw", "rw", "r", ""]),
            ("bot.content", ["rw", "rw", "rw", ""]),
            ("module.nlu", ["rw", "rw", "rw", ""]),
            ("admin.bots.archive", ["rw", "r", "", ""]),
            ("admin.logs", ["rw", "r", "", ""]),
            ("admin.collaborators", ["rw", "", "", ""]),
            ("admin.collaborators.list", ["rw", "", "", ""]),
            ("module.code-editor.global.main_config", ["", "", "", ""]),
            ("module.code-editor.bot", ["rw", "rw", "", ""]),
            ("user.bots", ["rw", "rw", "r", "r"]),
        ] {
            let found = roles.roles().iter().map(|role| {
                let mut letters = String::new();
                for (operation, letter) in [(Operation::Read, 'r'), (Operation::Write, 'w')] {
                    letters.extend(role.rules.allows(resource, operation).then_some(letter));
                }
                letters
            });
            assert_eq!(found.collect::<Vec<_>>(), expected, "{resource}");
        }
    }

    fn rule(res: &str, op: &str) -> workspaces::Rule {
        workspaces::Rule { res: res.to_owned(), op: op.to_owned() }
    }

    fn role(id: &str, rules: Vec<workspaces::Rule>) -> workspaces::Role {
        workspaces::Role { id: id.to_owned(), rules, ..workspaces::Role::default() }
    }

    #[test]
    fn a_workspace_has_roles_of_its_own() {
        let roles = WorkspaceRoles::of(&Workspace {
            id: "shop".to_owned(),
            default_role: Some("reader".to_owned()),
            admin_role: Some("boss".to_owned()),
            roles: vec![
                role("reader", vec![rule("*", "+r")]),
                role("chatuser", vec![rule("*", "+rw")]),
            ],
            ..Workspace::default()
        });
        assert_eq!((&*roles.default_role, &*roles.admin_role), ("reader", "boss"));
        assert!(roles.role("reader").unwrap().rules.allows("bot.flows", Operation::Read));
        assert!(roles.role("admin").is_none(), "it was taken away");
        let chat_user = &roles.role("chatuser").unwrap().rules;
        assert!(!chat_user.allows("bot.flows", Operation::Read), "no workspace changes this one");
    }

    #[test]
    fn a_role_with_a_rule_that_is_wrong_allows_nothing() {
        let never = vec![rule("*", "+rw"), rule("bot.content", "never")];
        let odd = vec![role("odd", never)];
        let found = WorkspaceRoles::of(&Workspace { roles: odd, ..Workspace::default() });
        assert!(!found.role("odd").unwrap().rules.allows("bot.flows", Operation::Read));
    }
}
