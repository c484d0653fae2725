//! `POST /api/v2/admin/user/keys`: a new key, whose text is shown this once.

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::answer::success;
use super::super::error::HttpError;
use super::super::login::with_cookie;
use super::super::openapi::{Doc, Tag};
use super::super::routes::{Call, Recorded};
use super::shown::ShownKey;
use crate::auth::Caller;
use crate::auth::service::{Denied, NewKey, Unavailable};
use crate::services::Services;

/// Most characters of scopes in the audit log.
const NOTED: usize = 500;

/// A key that somebody wants.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "NewApiKey")]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Body {
    /// What one calls it.
    #[schemars(
        length(min = 1, max = 100),
        regex(
            pattern = r"^[^\x00-\x1F\x7F-\x9F\s]([^\x00-\x1F\x7F-\x9F]*[^\x00-\x1F\x7F-\x9F\s])?$"
        )
    )]
    name: String,
    /// What it may: a resource, in which `*` stands for any part, and `r`, `w` or `rw`, as in
    /// `bot.converse:w` or `bot.*:r`. It never may more than its owner.
    #[schemars(
        length(min = 1, max = 50),
        inner(regex(pattern = "^[A-Za-z0-9_.*/-]{1,200}:(r|w|rw)$"))
    )]
    scopes: Vec<String>,
    /// The bots for which it is good; all of its owner if they are left out.
    #[schemars(length(min = 1, max = 1000), inner(regex(pattern = "^[A-Za-z0-9_-]{1,200}$")))]
    bots: Option<Vec<String>>,
    /// The workspace for which it is good; all of its owner if it is left out.
    #[schemars(regex(pattern = "^[A-Za-z0-9_-]{1,200}$"))]
    workspace: Option<String>,
    /// How long it holds, such as `30d` or `12h`; until it is revoked if this is left out.
    #[schemars(regex(pattern = "^[1-9][0-9]{0,3}(m|h|d)$"))]
    expires_in: Option<String>,
    /// Requests per minute; no limit of its own if it is left out.
    #[schemars(range(min = 1, max = 1_000_000))]
    rate_limit: Option<i64>,
}

/// A new key.
#[derive(Serialize, JsonSchema)]
struct MadeKey {
    /// Its text, for `Authorization: Bearer …`. It cannot be had again.
    key: String,
    #[serde(flatten)]
    shown: ShownKey,
}

/// What the endpoint takes and gives.
pub(in super::super) fn create_doc() -> Doc {
    Doc::new(Tag::Keys, "Make an API key")
        .about("Keys make no keys: one must have logged in.")
        .takes::<Body>()
        .gives_payload::<MadeKey>("The key, and its text this once")
        .refuses(404, "There is no such workspace")
        .refuses(409, "The account has too many keys")
}

/// 200 with the key.
pub(in super::super) async fn create(
    State(services): State<Services>,
    mut call: Call,
) -> Result<Response, HttpError> {
    let body: Body = call.json().await?;
    if let Some(workspace) = &body.workspace {
        check_workspace(&services, call.caller(), workspace).await?;
    }
    let expires_on = match &body.expires_in {
        None => None,
        Some(text) => Some(services.clock.millis().saturating_add(life(text)?)),
    };
    let new = NewKey {
        name: body.name,
        scopes: body.scopes,
        bots: body.bots,
        workspace: body.workspace,
        expires_on,
        rate_limit: body.rate_limit,
    };
    let made = services.auth.create_key(call.caller(), new).await?;
    let scopes: String = made.key.scopes.join(" ").chars().take(NOTED).collect();
    let recorded = Recorded::of(format!("key={}", made.key.id)).note(scopes);
    let payload = MadeKey { key: made.text.expose().to_owned(), shown: made.key.into() };
    Ok(recorded.with(with_cookie(success("Created API key", payload), None)))
}

/// A key for a workspace is made by those who work there.
async fn check_workspace(
    services: &Services,
    caller: &Caller,
    workspace: &str,
) -> Result<(), HttpError> {
    let account = caller.account().ok_or_else(HttpError::internal)?;
    let memberships = services.store.memberships_of(&account.email, &account.strategy).await;
    let memberships = memberships.map_err(Unavailable::from)?;
    if memberships.iter().any(|membership| membership.workspace == workspace) {
        return Ok(());
    }
    let named = workspace.to_owned();
    if !caller.is_super_admin() {
        return Err(Denied::NotMember { email: account.email.clone(), workspace: named }.into());
    }
    let found = services.blocking(move |services| services.workspaces.get(&named)).await;
    found.ok_or_else(HttpError::internal)??;
    Ok(())
}

/// Milliseconds of a duration such as `30d`: a whole number of minutes, hours or days.
fn life(text: &str) -> Result<i64, HttpError> {
    const MINUTE: i64 = 60 * 1000;
    let digits = text.trim_end_matches(['m', 'h', 'd']);
    let unit = match text.get(digits.len()..) {
        Some("m") => Some(MINUTE),
        Some("h") => Some(60 * MINUTE),
        Some("d") => Some(24 * 60 * MINUTE),
        _ => None,
    };
    let is_number = (1..=4).contains(&digits.len())
        && !digits.starts_with('0')
        && digits.bytes().all(|byte| byte.is_ascii_digit());
    let number = digits.parse::<i64>().ok().filter(|_| is_number);
    let life = number.zip(unit).map(|(number, unit)| number.saturating_mul(unit));
    life.ok_or_else(|| HttpError::bad_request("expiresIn: up to 9999 of m, h or d, as in 30d"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_is_a_number_of_minutes_hours_or_days() {
        for (text, expected) in [("1m", 60_000), ("12h", 43_200_000), ("9999d", 863_913_600_000)] {
            assert_eq!(life(text), Ok(expected), "{text}");
        }
        for text in ["", "d", "0d", "-1d", "+1d", "1", "1s", "1.5h", "1 d", "10000d", "1dd", "1d\n"]
        {
            assert!(life(text).is_err(), "{text}");
        }
    }
}
