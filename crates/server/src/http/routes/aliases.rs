//! v12's older names of the operator's routes (`spec` http 3.1).

/// What `/api/v1/admin` says for parts of `/api/v2/admin`; the first that fits counts.
const NAMES: [(&str, &str); 17] = [
    ("/workspace/bots", "/bots"),
    ("/management/versioning", "/versioning"),
    ("/management/languages", "/languages"),
    ("/management/features", "/server/features"),
    ("/management/rebootServer", "/server/rebootServer"),
    ("/management/configHash", "/server/configHash"),
    ("/management/config", "/server/config"),
    ("/management/modules", "/modules"),
    ("/management/checklist", "/server"),
    ("/health/monitoring", "/server/monitoring"),
    ("/health/alerting", "/server/alerting"),
    ("/health/debug", "/server/debug"),
    ("/workspace/logs", "/logs"),
    ("/management/licensing", "/license"),
    ("/workspace/workspaces", "/workspaces"),
    ("/workspace/collaborators", "/users"),
    ("/workspace/roles", "/roles"),
];

/// The older name of a path, if it has one: `/api/v2/admin/workspace/bots/{bot}` was
/// `/api/v1/admin/bots/{bot}`. `None` outside of `/api/v2/admin`.
pub(super) fn v1_path(path: &str) -> Option<String> {
    let below = path.strip_prefix("/api/v2/admin")?;
    if let Some(rest) = below.strip_prefix("/auth") {
        return Some(format!("/api/v1/auth{rest}"));
    }
    let renamed = NAMES.iter().find_map(|(new, old)| {
        let rest = below.strip_prefix(new)?;
        (rest.is_empty() || rest.starts_with('/')).then(|| format!("{old}{rest}"))
    });
    Some(format!("/api/v1/admin{}", renamed.unwrap_or_else(|| below.to_owned())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_routes_keep_their_older_names() {
        for (new, old) in [
            ("/api/v2/admin/workspace/bots", Some("/api/v1/admin/bots")),
            ("/api/v2/admin/workspace/bots/{bot}/export", Some("/api/v1/admin/bots/{bot}/export")),
            ("/api/v2/admin/workspace/collaborators", Some("/api/v1/admin/users")),
            ("/api/v2/admin/workspace/workspaces/{id}", Some("/api/v1/admin/workspaces/{id}")),
            ("/api/v2/admin/management/checklist/diag", Some("/api/v1/admin/server/diag")),
            ("/api/v2/admin/management/configHash", Some("/api/v1/admin/server/configHash")),
            ("/api/v2/admin/auth/refresh", Some("/api/v1/auth/refresh")),
            ("/api/v2/admin/ping", Some("/api/v1/admin/ping")),
            ("/api/v1/bots/{bot}", None),
        ] {
            assert_eq!(v1_path(new).as_deref(), old, "{new}");
        }
    }
}
