//! What can be changed in the file, one method each.

use serde_json::{Map, Value, json};

use super::file::{WorkspacesError, WorkspacesFile};
use super::read::{Role, Workspace};
use crate::files::{JsonText, Step};

/// Most workspaces of a file.
const MAX_WORKSPACES: usize = 1_000;
/// Most roles of a workspace.
const MAX_ROLES: usize = 200;
/// Most rules of a role.
const MAX_RULES: usize = 500;
/// Longest list of operations, in characters.
const MAX_OPERATIONS: usize = 16;
/// Longest id, name or prefix, in characters.
const MAX_NAME: usize = 100;
/// Longest description, in characters.
const MAX_DESCRIPTION: usize = 1_000;

/// A workspace to be made.
#[derive(Debug, Clone, Default)]
pub struct NewWorkspace {
    /// Letters, digits, `-` and `_`.
    pub id: String,
    /// Display name.
    pub name: String,
    /// Free text.
    pub description: Option<String>,
    /// `internal` or `external`; `external` where nothing is said.
    pub audience: Option<String>,
    /// What the ids of its bots begin with, before `__`.
    pub bot_prefix: Option<String>,
    /// Its roles, e.g. v12's.
    pub roles: Vec<Role>,
    /// One of the roles.
    pub default_role: Option<String>,
    /// One of the roles.
    pub admin_role: Option<String>,
}

/// What of a workspace shall be different; `None` leaves a field as it is.
#[derive(Debug, Clone, Default)]
pub struct WorkspaceChange {
    /// Display name.
    pub name: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// `internal` or `external`.
    pub audience: Option<String>,
    /// One of the roles.
    pub default_role: Option<String>,
    /// One of the roles.
    pub admin_role: Option<String>,
    /// Who may chat.
    pub rollout_strategy: Option<String>,
}

impl WorkspacesFile {
    /// Makes a workspace without bots.
    pub fn create(&self, new: &NewWorkspace) -> Result<(), WorkspacesError> {
        check_id("id", &new.id)?;
        let audience = new.audience.as_deref().unwrap_or("external");
        check_fields(Some(&new.name), new.description.as_deref(), Some(audience))?;
        new.bot_prefix.as_deref().map_or(Ok(()), |prefix| check_id("botPrefix", prefix))?;
        check_roles(&new.roles)?;
        for role in [&new.default_role, &new.admin_role].into_iter().flatten() {
            if !new.roles.iter().any(|own| own.id == *role) {
                return Err(no_role(&new.id, role));
            }
        }
        let mut value = Map::new();
        value.insert("id".to_owned(), json!(new.id));
        value.insert("name".to_owned(), json!(new.name));
        for (key, text) in [
            ("description", new.description.as_deref()),
            ("audience", Some(audience)),
            ("botPrefix", new.bot_prefix.as_deref()),
            ("defaultRole", new.default_role.as_deref()),
            ("adminRole", new.admin_role.as_deref()),
        ] {
            if let Some(text) = text {
                value.insert(key.to_owned(), json!(text));
            }
        }
        value.insert("roles".to_owned(), json!(new.roles));
        value.insert("bots".to_owned(), json!([]));
        let value = Value::Object(value);
        self.change(|document, workspaces| {
            if workspaces.iter().any(|other| other.id == new.id) {
                return Err(WorkspacesError::Exists(new.id.clone()));
            }
            if workspaces.len() >= MAX_WORKSPACES {
                let problem = format!("there are {MAX_WORKSPACES} workspaces already");
                return Err(WorkspacesError::Invalid { field: "id", problem });
            }
            done(document.push(&[], &value))
        })
    }

    /// Changes fields of a workspace.
    pub fn update(&self, id: &str, change: &WorkspaceChange) -> Result<(), WorkspacesError> {
        let (name, description) = (change.name.as_deref(), change.description.as_deref());
        let audience = change.audience.as_deref();
        check_fields(name, description, audience)?;
        self.change_one(id, |document, index, workspace| {
            for role in [&change.default_role, &change.admin_role].into_iter().flatten() {
                workspace.role(role).ok_or_else(|| no_role(id, role))?;
            }
            for (key, value) in [
                ("name", name),
                ("description", description),
                ("audience", audience),
                ("defaultRole", change.default_role.as_deref()),
                ("adminRole", change.admin_role.as_deref()),
                ("rolloutStrategy", change.rollout_strategy.as_deref()),
            ] {
                if let Some(value) = value {
                    done(document.set(&[Step::Index(index), Step::Key(key)], &json!(value)))?;
                }
            }
            Ok(())
        })
    }

    /// Removes a workspace that has no bots. The last one stays.
    pub fn delete(&self, id: &str) -> Result<(), WorkspacesError> {
        self.change(|document, workspaces| {
            let (index, workspace) = position(workspaces, id)?;
            let why = match (workspace.bots.as_slice(), workspaces.len()) {
                ([], 1) => "it is the only one".to_owned(),
                ([], _) => return done(document.remove(&[Step::Index(index)])),
                (bots, _) => format!("it has {} bots; delete or move them first", bots.len()),
            };
            Err(WorkspacesError::InUse { what: format!("the workspace \"{id}\""), why })
        })
    }

    /// Names a bot in a workspace, so that it is mounted. Without a file all bots that have a folder are
    /// named in `default`, and none is made for one of them.
    pub fn add_bot(&self, workspace: &str, bot: &str) -> Result<(), WorkspacesError> {
        self.change_one(workspace, |document, index, workspace| {
            if workspace.bots.iter().any(|own| own == bot) {
                return Ok(());
            }
            let path = [Step::Index(index), Step::Key("bots")];
            done(document.push(&path, &json!(bot)) || document.set(&path, &json!([bot])))
        })
    }

    /// Takes a bot out of all workspaces; `false` when none named it.
    pub fn remove_bot(&self, bot: &str) -> Result<bool, WorkspacesError> {
        self.change(|document, workspaces| {
            let mut removed = false;
            for index in 0..workspaces.len() {
                let list = [Step::Index(index), Step::Key("bots")];
                while let Some(at) = document.position(&list, |own| own == bot) {
                    let [workspace, bots] = list;
                    removed |= document.remove(&[workspace, bots, Step::Index(at)]);
                }
            }
            Ok(removed)
        })
    }

    /// Makes a role, or puts it in the place of the one with its id. A workspace without roles gets the
    /// `implied` ones first: those that hold as long as it has none.
    pub fn set_role(
        &self,
        workspace: &str,
        role: &Role,
        implied: &[Role],
    ) -> Result<(), WorkspacesError> {
        check_roles(std::slice::from_ref(role))?;
        let value = json!(role);
        self.change_one(workspace, |document, index, workspace| {
            let path = [Step::Index(index), Step::Key("roles")];
            write_implied(document, index, workspace, implied)?;
            if let Some(at) =
                document.position(&path, |own| own.get("id").is_some_and(|id| *id == *role.id))
            {
                let [workspace, roles] = path;
                let at = Step::Index(at);
                // One by one, so that what else the role has stays.
                let fields = [
                    ("name", json!(role.name)),
                    ("description", json!(role.description)),
                    ("rules", json!(role.rules)),
                ];
                return fields.iter().try_for_each(|(key, value)| {
                    done(document.set(&[workspace, roles, at, Step::Key(key)], value))
                });
            }
            if workspace.roles.len() >= MAX_ROLES {
                let problem = format!("the workspace has {MAX_ROLES} roles already");
                return Err(WorkspacesError::Invalid { field: "role", problem });
            }
            done(document.push(&path, &value) || document.set(&path, &json!([role])))
        })
    }

    /// Removes a role that is neither the default one nor the administrators'. A workspace without roles
    /// gets the `implied` ones first.
    pub fn remove_role(
        &self,
        workspace: &str,
        role: &str,
        implied: &[Role],
    ) -> Result<(), WorkspacesError> {
        self.change_one(workspace, |document, index, found| {
            write_implied(document, index, found, implied)?;
            let special = [&found.default_role, &found.admin_role];
            if special.iter().any(|own| own.as_deref() == Some(role)) {
                return Err(WorkspacesError::InUse {
                    what: format!("the role \"{role}\""),
                    why: "it is the workspace's defaultRole or adminRole; name another first"
                        .to_owned(),
                });
            }
            let path = [Step::Index(index), Step::Key("roles")];
            let at = document.position(&path, |own| own.get("id").is_some_and(|id| id == role));
            let at = at.ok_or_else(|| no_role(workspace, role))?;
            let [workspace, roles] = path;
            done(document.remove(&[workspace, roles, Step::Index(at)]))
        })
    }

    /// Changes one workspace: `change` gets the text, its place in it, and what it says.
    fn change_one<T>(
        &self,
        id: &str,
        mut change: impl FnMut(&mut JsonText, usize, &Workspace) -> Result<T, WorkspacesError>,
    ) -> Result<T, WorkspacesError> {
        self.change(|document, workspaces| {
            let (index, workspace) = position(workspaces, id)?;
            change(document, index, workspace)
        })
    }
}

/// Writes the roles that a workspace has as long as it names none.
fn write_implied(
    document: &mut JsonText,
    index: usize,
    workspace: &Workspace,
    implied: &[Role],
) -> Result<(), WorkspacesError> {
    if !workspace.roles.is_empty() {
        return Ok(());
    }
    done(document.set(&[Step::Index(index), Step::Key("roles")], &json!(implied)))
}

fn position<'w>(
    workspaces: &'w [Workspace],
    id: &str,
) -> Result<(usize, &'w Workspace), WorkspacesError> {
    let found = workspaces.iter().enumerate().find(|(_, one)| one.id == id && !id.is_empty());
    found.ok_or_else(|| WorkspacesError::NoWorkspace(id.to_owned()))
}

/// A change that did not fit the text means that the text is not what it was taken for.
fn done(changed: bool) -> Result<(), WorkspacesError> {
    let problem = || WorkspacesError::Broken("a list or an object is expected there".to_owned());
    changed.then_some(()).ok_or_else(problem)
}

fn no_role(workspace: &str, role: &str) -> WorkspacesError {
    WorkspacesError::NoRole { workspace: workspace.to_owned(), role: role.to_owned() }
}

fn check_id(field: &'static str, id: &str) -> Result<(), WorkspacesError> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if (1..=MAX_NAME).contains(&id.len()) && id.chars().all(allowed) {
        return Ok(());
    }
    let problem = format!("1 to {MAX_NAME} of A-Z a-z 0-9 _ - are allowed");
    Err(WorkspacesError::Invalid { field, problem })
}

fn check_length(field: &'static str, text: &str, most: usize) -> Result<(), WorkspacesError> {
    if text.chars().count() <= most {
        return Ok(());
    }
    Err(WorkspacesError::Invalid {
        field,
        problem: format!("at most {most} characters are allowed"),
    })
}

fn check_fields(
    name: Option<&str>,
    description: Option<&str>,
    audience: Option<&str>,
) -> Result<(), WorkspacesError> {
    if let Some(name) = name {
        if name.trim().is_empty() {
            let problem = "it may not be empty".to_owned();
            return Err(WorkspacesError::Invalid { field: "name", problem });
        }
        check_length("name", name, MAX_NAME)?;
    }
    check_length("description", description.unwrap_or_default(), MAX_DESCRIPTION)?;
    match audience {
        None | Some("internal" | "external") => Ok(()),
        Some(_) => {
            let problem = "\"internal\" and \"external\" are allowed".to_owned();
            Err(WorkspacesError::Invalid { field: "audience", problem })
        }
    }
}

fn check_roles(roles: &[Role]) -> Result<(), WorkspacesError> {
    if roles.len() > MAX_ROLES {
        let problem = format!("at most {MAX_ROLES} are allowed");
        return Err(WorkspacesError::Invalid { field: "roles", problem });
    }
    for role in roles {
        check_id("role.id", &role.id)?;
        check_length("role.name", &role.name, MAX_NAME)?;
        check_length("role.description", &role.description, MAX_DESCRIPTION)?;
        if role.rules.len() > MAX_RULES {
            let problem = format!("at most {MAX_RULES} are allowed");
            return Err(WorkspacesError::Invalid { field: "role.rules", problem });
        }
        for rule in &role.rules {
            check_rule(&rule.res, &rule.op)?;
        }
    }
    Ok(())
}

fn check_rule(res: &str, op: &str) -> Result<(), WorkspacesError> {
    let segment = |c: char| c.is_ascii_alphanumeric() || "*._/-".contains(c);
    if !(1..=MAX_NAME).contains(&res.len()) || !res.chars().all(segment) {
        let problem = "a pattern such as \"bot.*\" is expected".to_owned();
        return Err(WorkspacesError::Invalid { field: "rule.res", problem });
    }
    let is_sign = |byte: &u8| matches!(byte, b'+' | b'-');
    let letters_follow = |pair: &[u8]| !pair.iter().all(is_sign);
    let sound = op.len() <= MAX_OPERATIONS
        && op.starts_with(['+', '-'])
        && op.ends_with(['r', 'w'])
        && op.chars().all(|c| "+-rw".contains(c))
        && op.as_bytes().windows(2).all(letters_follow);
    if sound {
        return Ok(());
    }
    let problem = "operations such as \"+r\", \"-w\" or \"+r-w\" are expected".to_owned();
    Err(WorkspacesError::Invalid { field: "rule.op", problem })
}
