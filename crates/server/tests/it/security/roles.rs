//! The rules of v12's roles, and what they say (`spec` http 2.7), written down a second time.

/// Rules of a role: a pattern, then what is granted (`+`) and taken (`-`).
type Rules = &'static [(&'static str, &'static str)];

const ADMIN: Rules = &[
    ("*", "+r+w"),
    ("module.code-editor.global.main_config", "-r-w"),
    ("module.code-editor.global.module_config", "-r-w"),
];

const DEV: Rules = &[
    ("*", "+r+w"),
    ("admin.*", "+r-w"),
    ("admin.collaborators.*", "-r"),
    ("module.code-editor.global.*", "+r-w"),
    ("module.code-editor.global.main_config", "-r-w"),
    ("module.code-editor.global.module_config", "-r-w"),
];

const EDITOR: Rules = &[
    ("*", "+r"),
    ("admin.collaborators.*", "-r"),
    ("bot.flows", "+r-w"),
    ("bot.content", "+r+w"),
    ("module.qna", "+r+w"),
    ("module.nlu", "+r+w"),
    ("module.code-editor.*", "-r-w"),
    ("admin.logs.*", "-r"),
    ("admin.bots.archive", "-r"),
];

const CHAT_USER: Rules = &[("*", "-r-w"), ("user.bots", "+r")];

/// Whether a role may read (`r`) or write (`w`) a resource: the last rule that speaks of it decides.
pub(super) fn allows(role: &str, resource: &str, operation: char) -> bool {
    let rules = match role {
        "admin" => ADMIN,
        "dev" => DEV,
        "editor" => EDITOR,
        "chatuser" => CHAT_USER,
        other => panic!("there is no role {other}"),
    };
    let mut allowed = false;
    for (pattern, operations) in rules {
        if !speaks_of(pattern, resource) {
            continue;
        }
        if operations.contains(&format!("+{operation}")) {
            allowed = true;
        } else if operations.contains(&format!("-{operation}")) {
            allowed = false;
        }
    }
    allowed
}

fn speaks_of(pattern: &str, resource: &str) -> bool {
    if pattern == "*" || pattern == resource {
        return true;
    }
    // What is named, and all below it; with `.*` at its end it is the same.
    let named = pattern.strip_suffix(".*").unwrap_or(pattern);
    resource == named || resource.starts_with(&format!("{named}."))
}

#[test]
fn the_roles_say_what_v12s_say() {
    for (role, resource, read, write) in [
        ("admin", "bot.flows", true, true),
        ("admin", "module.code-editor.global.main_config", false, false),
        ("dev", "bot.flows", true, true),
        ("dev", "admin.logs", true, false),
        ("dev", "admin.collaborators", false, false),
        ("editor", "bot.content", true, true),
        ("editor", "bot.flows", true, false),
        ("editor", "admin.bots.archive", false, false),
        ("chatuser", "bot.content", false, false),
        ("chatuser", "user.bots", true, false),
    ] {
        let found = (allows(role, resource, 'r'), allows(role, resource, 'w'));
        assert_eq!(found, (read, write), "{role} {resource}");
    }
}
