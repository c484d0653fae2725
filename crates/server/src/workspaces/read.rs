//! The file's bytes → [`Workspace`]s.
//!
//! Which bots there are must be certain: a file that does not say it is an error. Everything else is
//! read as far as it goes; a role of which one rule cannot be read allows nothing at all, for that rule
//! might have been the one that takes a right away.

use std::collections::BTreeSet;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{FILE, MAX_BYTES};
use crate::files::read_limited;

/// A workspace, as far as the server knows its fields.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Workspace {
    /// Its id; empty where the file names none, so that nothing can be addressed to it.
    pub id: String,
    /// Display name; the id where the file has none.
    pub name: String,
    /// Free text.
    pub description: Option<String>,
    /// `internal` or `external`.
    pub audience: Option<String>,
    /// New bots' ids begin with it and `__`.
    pub bot_prefix: Option<String>,
    /// Ids of its bots, in the file's order, without repeats.
    pub bots: Vec<String>,
    /// Its roles, in the file's order.
    pub roles: Vec<Role>,
    /// The role of new members.
    pub default_role: Option<String>,
    /// The role of whoever makes the workspace.
    pub admin_role: Option<String>,
    /// Members as old files list them.
    pub users: Vec<ListedUser>,
    /// Who may chat: `anonymous`, `authenticated`, `authorized`, ….
    pub rollout_strategy: Option<String>,
    /// Ids of the ways to log in.
    pub auth_strategies: Vec<String>,
    /// Stages, as they stand in the file.
    pub pipeline: Vec<Value>,
    /// What in it cannot be read, in words for the operator.
    pub problems: Vec<String>,
}

/// What the members of a workspace may do.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Role {
    /// Its id.
    pub id: String,
    /// Display name.
    #[serde(default)]
    pub name: String,
    /// Free text.
    #[serde(default)]
    pub description: String,
    /// The last one that matches decides; without a match nothing is allowed.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

/// A rule of a role (`spec` http 2.7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rule {
    /// Pattern of resources, such as `bot.*`.
    pub res: String,
    /// Operations: `+r`, `-w`, `+r-w`, ….
    pub op: String,
}

/// A member as old files list it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedUser {
    /// In lower case.
    pub email: String,
    /// How the member logs in, where the file says it.
    pub strategy: Option<String>,
    /// The role's id, where the file says it.
    pub role: Option<String>,
}

impl Rule {
    /// The rule `op` for `res`.
    pub fn new(res: &str, op: &str) -> Self {
        Self { res: res.to_owned(), op: op.to_owned() }
    }
}

impl Workspace {
    /// The role called `id`.
    pub fn role(&self, id: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.id == id)
    }

    /// The id that a new bot gets in this workspace: with the prefix, unless it has it already.
    pub fn bot_id(&self, wanted: &str) -> String {
        match &self.bot_prefix {
            Some(prefix) if !wanted.starts_with(&format!("{prefix}__")) => {
                format!("{prefix}__{wanted}")
            }
            _ => wanted.to_owned(),
        }
    }
}

/// The ids that some workspace names; `None` when there is no file, so that every bot counts.
///
/// A file that says nothing certain is an error: what is wrong with it.
pub(crate) fn mounted(data_dir: &Path) -> Result<Option<BTreeSet<String>>, String> {
    let bytes = read_limited(&data_dir.join(FILE), MAX_BYTES).map_err(|error| error.to_string())?;
    let workspaces = bytes.map(|bytes| parse(&bytes)).transpose()?;
    Ok(workspaces.map(|all| all.into_iter().flat_map(|workspace| workspace.bots).collect()))
}

/// All workspaces of the file, in its order.
pub(crate) fn parse(bytes: &[u8]) -> Result<Vec<Workspace>, String> {
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let value: Value = serde_json::from_slice(bytes).map_err(|error| error.to_string())?;
    let workspaces = value.as_array().ok_or("it holds no list of workspaces")?;
    workspaces.iter().enumerate().map(|(index, one)| workspace(index, one)).collect()
}

fn workspace(index: usize, value: &Value) -> Result<Workspace, String> {
    let fields = value.as_object().ok_or_else(|| format!("workspace {index} is no object"))?;
    let bots = match fields.get("bots") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(bots)) => texts(bots),
        Some(_) => return Err(format!("`bots` of workspace {index} is no list of bot ids")),
    };
    let id = text(fields, "id").unwrap_or_default();
    let mut problems = Vec::new();
    let roles = roles(fields, &mut problems);
    let list = |key: &str| fields.get(key).and_then(Value::as_array);
    Ok(Workspace {
        name: text(fields, "name").unwrap_or_else(|| id.clone()),
        id,
        description: text(fields, "description"),
        audience: text(fields, "audience"),
        bot_prefix: text(fields, "botPrefix").filter(|prefix| !prefix.is_empty()),
        bots,
        roles,
        default_role: text(fields, "defaultRole"),
        admin_role: text(fields, "adminRole"),
        users: list("users").into_iter().flatten().filter_map(user).collect(),
        rollout_strategy: text(fields, "rolloutStrategy"),
        auth_strategies: list("authStrategies").map(|list| texts(list)).unwrap_or_default(),
        pipeline: list("pipeline").cloned().unwrap_or_default(),
        problems,
    })
}

fn text(fields: &Map<String, Value>, key: &str) -> Option<String> {
    fields.get(key).and_then(Value::as_str).map(str::to_owned)
}

/// The texts of a list, each once.
fn texts(list: &[Value]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    list.iter()
        .filter_map(Value::as_str)
        .filter(|text| seen.insert(*text))
        .map(str::to_owned)
        .collect()
}

fn roles(fields: &Map<String, Value>, problems: &mut Vec<String>) -> Vec<Role> {
    let listed = match fields.get("roles") {
        None | Some(Value::Null) => return Vec::new(),
        Some(Value::Array(listed)) => listed,
        Some(_) => {
            problems.push("`roles` is no list".to_owned());
            return Vec::new();
        }
    };
    let mut roles: Vec<Role> = Vec::new();
    for (index, value) in listed.iter().enumerate() {
        let role = serde_json::from_value::<Role>(value.clone()).or_else(|error| {
            problems.push(format!("role {index} allows nothing, as it cannot be read: {error}"));
            let id = value.get("id").and_then(Value::as_str).map(str::to_owned);
            id.map(|id| Role { id, ..Role::default() }).ok_or(())
        });
        match role {
            Ok(role) if roles.iter().any(|other| other.id == role.id) => {
                problems
                    .push(format!("role {index} is left out: there is another \"{}\"", role.id));
            }
            Ok(role) => roles.push(role),
            Err(()) => {}
        }
    }
    roles
}

fn user(value: &Value) -> Option<ListedUser> {
    let fields = value.as_object()?;
    let email = text(fields, "email")?.trim().to_lowercase();
    (!email.is_empty()).then(|| ListedUser {
        email,
        strategy: text(fields, "strategy"),
        role: text(fields, "role"),
    })
}
