//! Roles of a workspace: those of `workspaces.json`, and the four that v12 starts with (`spec` http
//! 2.7, runtime 1.6).

use serde_json::Value;

use super::{RuleError, Rules};

/// Role of who may do everything in a workspace, unless `adminRole` names another.
pub const ADMIN_ROLE: &str = "admin";
/// Role of new members, unless `defaultRole` names another.
pub const DEFAULT_ROLE: &str = "dev";
/// Role of those who only talk to bots; no workspace can change it.
const CHAT_USER_ROLE: &str = "chatuser";

/// Most roles of a workspace.
const MAX_ROLES: usize = 100;

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

/// Why the roles of a workspace cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoleError {
    /// The workspace has no id.
    #[error("the workspace has no id")]
    NoId,
    /// `roles` is no list, or an entry no role.
    #[error("workspace {0:?}: roles must be a list of at most {MAX_ROLES} {{id, name, rules}}")]
    Form(String),
    /// A rule of a role is wrong.
    #[error("workspace {workspace:?}, role {role:?}: {error}")]
    Rules {
        /// The workspace.
        workspace: String,
        /// The role.
        role: String,
        /// What is wrong.
        error: RuleError,
    },
}

impl WorkspaceRoles {
    /// The roles of an entry of `workspaces.json`; v12's where it has none.
    pub fn read(entry: &Value) -> Result<Self, RoleError> {
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        let workspace = text("id").filter(|id| !id.is_empty()).ok_or(RoleError::NoId)?.to_owned();
        let mut roles = match entry.get("roles") {
            None | Some(Value::Null) => default_roles(),
            Some(roles) => {
                let list = roles.as_array().filter(|roles| roles.len() <= MAX_ROLES);
                let list = list.ok_or_else(|| RoleError::Form(workspace.clone()))?;
                let read = |role| read_role(&workspace, role);
                list.iter().map(read).collect::<Result<Vec<Role>, RoleError>>()?
            }
        };
        roles.retain(|role| role.id != CHAT_USER_ROLE);
        roles.extend(built_in(&CHAT_USER));
        let named = |name: &str, default: &str| text(name).unwrap_or(default).to_owned();
        Ok(Self {
            default_role: named("defaultRole", DEFAULT_ROLE),
            admin_role: named("adminRole", ADMIN_ROLE),
            workspace,
            roles,
        })
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

fn read_role(workspace: &str, role: &Value) -> Result<Role, RoleError> {
    let text = |of: &'_ Value, name: &str| of.get(name).and_then(Value::as_str).map(str::to_owned);
    let form = || RoleError::Form(workspace.to_owned());
    let id = text(role, "id").filter(|id| !id.is_empty()).ok_or_else(form)?;
    let rules = role.get("rules").and_then(Value::as_array).ok_or_else(form)?;
    let pair = |rule: &Value| Some((text(rule, "res")?, text(rule, "op")?));
    let pairs = rules.iter().map(pair).collect::<Option<Vec<_>>>().ok_or_else(form)?;
    let pairs = pairs.iter().map(|(resource, operations)| (resource.as_str(), operations.as_str()));
    let rules = Rules::parse(pairs).map_err(|error| RoleError::Rules {
        workspace: workspace.to_owned(),
        role: id.clone(),
        error,
    })?;
    Ok(Role {
        name: text(role, "name").unwrap_or_else(|| id.clone()),
        description: text(role, "description").unwrap_or_default(),
        id,
        rules,
    })
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

/// `None` never happens: the table is tested.
fn built_in((id, name, description, rules): &BuiltIn) -> Option<Role> {
    Some(Role {
        id: (*id).to_owned(),
        name: (*name).to_owned(),
        description: (*description).to_owned(),
        rules: Rules::parse(rules.iter().copied()).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Operation;
    use super::*;

    #[test]
    fn the_default_roles_are_v12s() {
        let roles = WorkspaceRoles::read(&json!({"id": "default"})).unwrap();
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

    #[test]
    fn a_workspace_has_roles_of_its_own() {
        let entry = json!({
            "id": "shop", "defaultRole": "reader", "adminRole": "boss",
            "roles": [
                {"id": "reader", "rules": [{"res": "*", "op": "+r"}]},
                {"id": "chatuser", "name": "Boss in disguise", "rules": [{"res": "*", "op": "+rw"}]}
            ]
        });
        let roles = WorkspaceRoles::read(&entry).unwrap();
        assert_eq!((&*roles.default_role, &*roles.admin_role), ("reader", "boss"));
        assert!(roles.role("reader").unwrap().rules.allows("bot.flows", Operation::Read));
        assert!(roles.role("admin").is_none(), "it was taken away");
        let chat_user = &roles.role("chatuser").unwrap().rules;
        assert!(!chat_user.allows("bot.flows", Operation::Read), "no workspace changes this one");
    }

    #[test]
    fn roles_that_are_wrong_are_refused_with_their_place() {
        let with = |roles: Value| {
            WorkspaceRoles::read(&json!({"id": "shop", "roles": roles})).unwrap_err().to_string()
        };
        for roles in [json!({}), json!([5]), json!([{"id": "a"}]), json!([{"rules": []}])] {
            assert!(with(roles).starts_with("workspace \"shop\": roles must be"));
        }
        let rule = with(json!([{"id": "a", "rules": [{"res": "*", "op": "rw"}]}]));
        assert!(rule.starts_with("workspace \"shop\", role \"a\": op \"rw\""), "{rule}");
        assert_eq!(WorkspaceRoles::read(&json!({})), Err(RoleError::NoId));
    }
}
