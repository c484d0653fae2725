//! The kinds of callers.

/// A person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Person {
    /// Begins the name of the account.
    pub(super) name: &'static str,
    /// Role in the workspace `own`.
    pub(super) role: Option<&'static str>,
    /// Role in the workspace `foreign`.
    pub(super) foreign_role: Option<&'static str>,
    pub(super) super_admin: bool,
}

/// All people.
pub(super) const PEOPLE: [Person; 7] = [
    member("chatuser"),
    member("editor"),
    member("dev"),
    member("admin"),
    SUPER,
    Person { name: "stranger", role: None, foreign_role: Some("admin"), super_admin: false },
    Person { name: "loner", role: None, foreign_role: None, super_admin: false },
];

const SUPER: Person = Person { name: "super", role: None, foreign_role: None, super_admin: true };

const fn member(role: &'static str) -> Person {
    Person { name: role, role: Some(role), foreign_role: None, super_admin: false }
}

/// What a key's scopes say of an operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scope {
    /// Exactly what it needs.
    Exact,
    /// The same resource, but the other of reading and writing.
    OtherOperation,
    /// All of other resources.
    OtherResource,
    /// Everything.
    All,
}

/// A key.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) owner: Person,
    pub(super) scope: Scope,
    /// The only bot that it is good for.
    pub(super) bot: Option<&'static str>,
    /// The only workspace that it is good for.
    pub(super) workspace: Option<&'static str>,
    pub(super) state: KeyState,
}

/// Whether a key holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyState {
    Good,
    Revoked,
    Expired,
    /// Its owner has no account any more.
    Orphaned,
}

const KEY: Key = Key {
    name: "exact",
    owner: SUPER,
    scope: Scope::Exact,
    bot: None,
    workspace: None,
    state: KeyState::Good,
};

/// All keys.
pub(super) const KEYS: [Key; 16] = [
    KEY,
    Key { name: "other-operation", scope: Scope::OtherOperation, ..KEY },
    Key { name: "other-resource", scope: Scope::OtherResource, ..KEY },
    Key { name: "all", scope: Scope::All, ..KEY },
    Key { name: "own-bot", bot: Some("own-bot"), ..KEY },
    Key { name: "foreign-bot", bot: Some("foreign-bot"), ..KEY },
    Key { name: "own-workspace", workspace: Some("own"), ..KEY },
    Key { name: "foreign-workspace", workspace: Some("foreign"), ..KEY },
    Key { name: "admins", owner: member("admin"), scope: Scope::All, ..KEY },
    Key { name: "editors", owner: member("editor"), ..KEY },
    Key { name: "chatusers", owner: member("chatuser"), scope: Scope::All, ..KEY },
    Key { name: "devs-own-bot", owner: member("dev"), bot: Some("own-bot"), ..KEY },
    Key { name: "revoked", state: KeyState::Revoked, ..KEY },
    Key { name: "expired", state: KeyState::Expired, ..KEY },
    Key { name: "orphaned", state: KeyState::Orphaned, scope: Scope::All, ..KEY },
    Key { name: "admins-revoked", owner: member("admin"), state: KeyState::Revoked, ..KEY },
];

/// Tokens that prove nothing, though the server or somebody with its secret made them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Worthless {
    /// No header at all.
    Nothing,
    /// A chat user's token, in the name of a super admin.
    ChatUser,
    /// A super admin's, whose time is over.
    Expired,
    /// A super admin's, from before the logout.
    Revoked,
    /// Of an account that is not there.
    NoAccount,
    /// A key of the right form that nobody made.
    InventedKey,
    /// A word.
    Rubbish,
}

/// All of them.
pub(super) const WORTHLESS: [Worthless; 7] = [
    Worthless::Nothing,
    Worthless::ChatUser,
    Worthless::Expired,
    Worthless::Revoked,
    Worthless::NoAccount,
    Worthless::InventedKey,
    Worthless::Rubbish,
];

/// A caller.
#[derive(Debug, Clone, Copy)]
pub(super) enum Who {
    Worthless(Worthless),
    Person(Person),
    Key(Key),
}

/// All callers.
pub(super) fn everybody() -> impl Iterator<Item = Who> {
    let worthless = WORTHLESS.into_iter().map(Who::Worthless);
    worthless.chain(PEOPLE.into_iter().map(Who::Person)).chain(KEYS.into_iter().map(Who::Key))
}

impl Who {
    /// Whether it is, or belongs to, a super admin.
    pub(super) fn is_super_admin(&self) -> bool {
        match self {
            Self::Worthless(_) => false,
            Self::Person(person) => person.super_admin,
            Self::Key(key) => key.owner.super_admin,
        }
    }
}
