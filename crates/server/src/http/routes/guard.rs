//! Lets in who may come in.
//!
//! Around every route but the open ones that change nothing: token → caller → right → endpoint, and
//! the audit log behind it. The order is v12's (`spec` http 1.2, 2.6).

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};

use sha2::{Digest as _, Sha256};

use super::super::client_ip::client_ip;
use super::super::error::HttpError;
use super::super::gate::Visitors;
use super::super::headers::RequestId;
use super::super::limits::Verdict;
use super::super::not_found::not_allowed;
use super::super::openapi::path_parameters;
use super::super::{App, Server};
use super::access::{Access, Right};
use super::audit::{Attempt, Recorder, actor};
use super::call::{Visit, path_parameter};
use super::route::Effect;
use crate::auth::Caller;
use crate::auth::permission::WorkspaceRoles;
use crate::auth::service::{Denied, Wanted};
use crate::workspaces::Workspace;

/// Selects the workspace on routes of workspaces (`spec` http 2.6).
const WORKSPACE: HeaderName = HeaderName::from_static("x-bp-workspace");

/// Parameters of paths that name chat users.
const CHAT_USERS: [&str; 2] = ["user", "conversation"];

/// What the guard of one path knows.
pub(super) struct Post<S> {
    pub(super) app: Arc<App<S>>,
    pub(super) recorder: Arc<Recorder>,
    pub(super) name: &'static str,
    pub(super) access: Access,
    pub(super) effect: Effect,
    /// The path below the root path.
    pub(super) pattern: Arc<str>,
}

/// Who comes in.
struct Admitted {
    caller: Caller,
    workspace: Option<String>,
    /// What the limit of accounts and keys says.
    verdict: Option<Verdict>,
}

/// Why a request does not come in, and what is known of who asked.
struct TurnedAway {
    error: HttpError,
    caller: Caller,
}

/// Runs the endpoint for those who may; answers all others.
pub(super) async fn guard<S: Server>(
    State(post): State<Arc<Post<S>>>,
    request: Request,
    next: Next,
) -> Response {
    if post.effect == Effect::Change && request.method() == Method::HEAD {
        // The router takes it for `GET`; a look at the headers must change nothing.
        return ([(header::ALLOW, "GET")], not_allowed(request).await).into_response();
    }
    let (mut parts, body) = request.into_parts();
    let target = post.target(&parts);
    let mut visit = post.visit(&parts);
    let admitted = post.admit(&parts).await;
    let attempt =
        |visit: Visit| Attempt { action: post.name, target, actor: actor(&visit.caller), visit };
    match admitted {
        Ok(Admitted { caller, workspace, verdict }) => {
            visit.caller = caller;
            visit.workspace = workspace;
            parts.extensions.insert(visit.clone());
            let request = Request::from_parts(parts, body);
            let mut response = if post.effect == Effect::Change {
                post.recorder.change(attempt(visit), request, next).await
            } else {
                next.run(request).await
            };
            if let Some(verdict) = verdict {
                verdict.write(response.headers_mut());
            }
            response
        }
        Err(TurnedAway { error, caller }) => {
            visit.caller = caller;
            let denied = error.is_denial();
            let response = error.into_response();
            if denied { post.recorder.record(attempt(visit), response).await } else { response }
        }
    }
}

impl<S: Server> Post<S> {
    fn visit(&self, parts: &Parts) -> Visit {
        let hops = self.app.settings.trusted_hops;
        let id = parts.extensions.get::<RequestId>();
        Visit {
            caller: Caller::Anonymous,
            workspace: None,
            from: client_ip(&parts.extensions, &parts.headers, hops),
            request_id: id.map_or(HeaderValue::from_static(""), |id| id.0.clone()),
            pattern: Arc::clone(&self.pattern),
        }
    }

    /// What the request is about, as its path says: `bot=welcome-bot`. Chat users are not named but by a
    /// hash, as the log outlives what is kept of them.
    fn target(&self, parts: &Parts) -> String {
        let names = path_parameters(&self.pattern);
        let filled = names.filter_map(|name| {
            let value = self.path_parameter(parts, name).ok()?;
            if CHAT_USERS.contains(&name) {
                return Some(format!("{name}=sha256:{}", pseudonym(&value)));
            }
            let value: String = value.chars().take(200).collect();
            Some(format!("{name}={value}"))
        });
        filled.collect::<Vec<_>>().join(" ")
    }

    fn path_parameter<'r>(&self, parts: &'r Parts, name: &str) -> Result<Cow<'r, str>, HttpError> {
        let root = &self.app.settings.root_path;
        path_parameter(parts.uri.path(), root, &self.pattern, name)
    }

    async fn admit(&self, parts: &Parts) -> Result<Admitted, TurnedAway> {
        let Some(right) = self.access.right() else {
            return Ok(Admitted { caller: Caller::Anonymous, workspace: None, verdict: None });
        };
        let nobody = |error| TurnedAway { error, caller: Caller::Anonymous };
        if self.effect == Effect::Turn {
            // v12 says that there is no such bot before it asks who wants to know (`spec` http 1.2).
            let bot = self.path_parameter(parts, "bot").map_err(nobody)?;
            let gate = self.app.gate(&bot, &parts.headers, Visitors::Everybody);
            gate.await.map_err(nobody)?;
        }
        let (caller, verdict) = self.app.caller(&parts.headers).await.map_err(nobody)?;
        match self.permit(parts, &caller, right).await {
            Ok(workspace) => Ok(Admitted { caller, workspace, verdict: Some(verdict) }),
            Err(error) => Err(TurnedAway { error, caller }),
        }
    }

    /// Whether the caller has the right; gives the workspace in which, if it is one of a workspace.
    async fn permit(
        &self,
        parts: &Parts,
        caller: &Caller,
        right: Right,
    ) -> Result<Option<String>, HttpError> {
        let Right { resource, operation } = right;
        let bot = path_parameters(&self.pattern).any(|name| name == "bot");
        let bot = bot.then(|| self.path_parameter(parts, "bot")).transpose()?;
        let wanted = Wanted { resource, operation, bot: bot.as_deref() };
        let auth = &self.app.services.auth;
        match self.access {
            Access::Open => Ok(None),
            Access::Account(_) => {
                self.app.permit_with_bot(caller, &wanted).await?;
                Ok(None)
            }
            Access::Owner(_) => {
                auth.permit_super_admin(caller, &wanted)?;
                Ok(None)
            }
            Access::Workspace(_) => {
                let named = named(&parts.headers)?;
                let mut workspaces = self.app.workspaces().await?;
                workspaces.retain(|workspace| workspace.id == named);
                let missing = || not_there(caller, named);
                self.permit_in_one(caller, &wanted, &workspaces, missing).await
            }
            Access::Bot(_) => {
                let id = bot.as_deref().unwrap_or_default();
                let mut workspaces = self.app.workspaces().await?;
                workspaces.retain(|workspace| workspace.bots.iter().any(|bot| bot == id));
                let missing = || HttpError::not_found("Invalid Bot ID");
                self.permit_in_one(caller, &wanted, &workspaces, missing).await
            }
        }
    }

    /// Whether the caller has the right in one of the workspaces: several may name a bot.
    async fn permit_in_one(
        &self,
        caller: &Caller,
        wanted: &Wanted<'_>,
        workspaces: &[Workspace],
        missing: impl FnOnce() -> HttpError,
    ) -> Result<Option<String>, HttpError> {
        let mut refusal = None;
        for workspace in workspaces {
            let roles = WorkspaceRoles::of(workspace);
            match self.app.services.auth.permit(caller, &roles, wanted).await {
                Ok(()) => return Ok(Some(workspace.id.clone())),
                Err(denied) => refusal = refusal.or(Some(denied)),
            }
        }
        Err(refusal.map_or_else(missing, HttpError::from))
    }
}

/// A workspace that is not there: others than super admins are not told which ones are.
fn not_there(caller: &Caller, workspace: &str) -> HttpError {
    match caller.account() {
        Some(account) if !caller.is_super_admin() => {
            let workspace = workspace.to_owned();
            Denied::NotMember { email: account.email.clone(), workspace }.into()
        }
        _ => HttpError::not_found(&format!("there is no workspace \"{workspace}\"")),
    }
}

/// The first half of the hash of a chat user's name: who knows the name can find its rows.
fn pseudonym(name: &str) -> String {
    let mut text = String::with_capacity(32);
    for byte in Sha256::digest(name).iter().take(16) {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// The workspace that a request names.
pub(super) fn named(headers: &HeaderMap) -> Result<&str, HttpError> {
    let value = headers.get(WORKSPACE).and_then(|value| value.to_str().ok());
    let value = value.filter(|value| !value.is_empty());
    value.ok_or_else(HttpError::workspace_missing)
}
