//! `POST …/me/chatAuth`: lets who is logged in chat with a bot whose workspace asks for it (`spec` http
//! 2.1, 3.3).

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::json;

use super::super::answer::text;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::{Call, Recorded};
use crate::auth::Caller;
use crate::auth::permission::CHAT_USER_ROLE;
use crate::services::Services;
use crate::workspaces::Workspace;

/// A chat session, signed by the server.
#[derive(Deserialize, JsonSchema)]
#[schemars(rename = "ChatSession")]
#[serde(rename_all = "camelCase")]
struct Body {
    /// The bot's id.
    #[schemars(required, length(min = 1))]
    bot_id: Option<String>,
    /// The session's id.
    #[schemars(required, length(min = 1))]
    session_id: Option<String>,
    /// Hexadecimal HMAC-SHA256 of `{"botId":…,"sessionId":…}` with the server's secret.
    #[schemars(required, regex(pattern = "^[0-9A-Fa-f]{64}$"))]
    signature: Option<String>,
}

/// What the endpoint takes and gives.
pub(in super::super) fn chat_auth_doc() -> Doc {
    Doc::new(Tag::Login, "Join the workspace of a bot as a chat user")
        .about(
            "For workspaces whose rollout strategy is `authenticated`; where one must be invited, \
             nobody is added.",
        )
        .takes::<Body>()
        .gives_other(200, "text/plain", "The id of the bot's workspace")
        .refuses(404, "There is no such bot")
}

/// 200 with the id of the bot's workspace.
pub(in super::super) async fn chat_auth(
    State(services): State<Services>,
    mut call: Call,
) -> Result<Response, HttpError> {
    let body: Body = call.json().await?;
    let filled = |field: Option<String>| field.filter(|text| !text.is_empty());
    let (Some(bot), Some(session), Some(signature)) =
        (filled(body.bot_id), filled(body.session_id), filled(body.signature))
    else {
        return Err(HttpError::bad_request("Missing required fields"));
    };
    // The members in the order in which they were signed.
    let signed = json!({ "botId": bot, "sessionId": session }).to_string();
    if !services.auth.has_signed(&signed, &signature) {
        return Err(HttpError::forbidden("Payload signature is invalid"));
    }
    let workspace = workspace_of(&services, bot).await?;
    let strategy = workspace.rollout_strategy.as_deref().unwrap_or("anonymous");
    if strategy.starts_with("anonymous") {
        let reason = "Authentication not required for anonymous strategies";
        return Err(HttpError::bad_request(reason));
    }
    let recorded = Recorded::of(format!("workspace={}", workspace.id));
    let joined =
        strategy == "authenticated" && join(&services, call.caller(), &workspace.id).await?;
    let recorded = if joined { recorded.note("joined as a chat user") } else { recorded };
    Ok(recorded.with(text(StatusCode::OK, workspace.id)))
}

async fn workspace_of(services: &Services, bot: String) -> Result<Workspace, HttpError> {
    let listed = services.blocking(|services| services.workspaces.list()).await;
    let listed = listed.ok_or_else(HttpError::internal)??;
    let found = listed.into_iter().find(|workspace| workspace.bots.contains(&bot));
    found.ok_or_else(|| HttpError::not_found("Invalid Bot ID"))
}

/// Makes the caller a member who may chat, unless it is one or needs not be; whether it did.
async fn join(services: &Services, caller: &Caller, workspace: &str) -> Result<bool, HttpError> {
    let Some(account) = caller.account().filter(|_| !caller.is_super_admin()) else {
        return Ok(false);
    };
    Ok(services.auth.join(account, workspace, CHAT_USER_ROLE).await?)
}
