//! One cell of the matrix: a request, and what came of it.

use reqwest::Method;

use super::expected::{Target, Verdict};
use super::operation::Operation;
use super::world::{colleague, key_id};
use crate::harness::{Client, Reply};

/// Whose things, besides bot and workspace, a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Things {
    /// Those of the same workspace.
    Fitting,
    /// Those of another workspace, or another account.
    Strange,
}

/// A path with its parameters filled in. One that this does not know fails the test.
pub(super) fn path(pattern: &str, target: Target, things: Things, number: usize) -> String {
    let (workspace, strange) = match things {
        Things::Fitting => (target.workspace(), false),
        Things::Strange => ("foreign", true),
    };
    let mut path = pattern.to_owned();
    for name in Operation::parameters(pattern) {
        let value = match name {
            "bot" => target.bot().to_owned(),
            "workspace" => workspace.to_owned(),
            "email" => colleague(if workspace == "missing" { "own" } else { workspace }, number),
            // Of another account in any case: nobody in the matrix is its owner but one.
            "id" if strange => key_id("admins", number),
            "id" => key_id("nothing", number),
            "strategy" => "default".to_owned(),
            "user" => "ada".to_owned(),
            "channel" => "api".to_owned(),
            "conversation" => "none".to_owned(),
            "role" => "spare".to_owned(),
            "file" => "none.png".to_owned(),
            other => panic!("{pattern}: what is {{{other}}}? Teach these tests what belongs there"),
        };
        path = path.replace(&format!("{{{name}}}"), &value);
    }
    path
}

/// Sends it.
pub(super) async fn ask(
    client: &Client,
    operation: &Operation,
    path: &str,
    workspace: &str,
    authorization: Option<&str>,
) -> Reply {
    let method: Method = operation.method.parse().unwrap();
    let mut headers = vec![("X-BP-Workspace", workspace)];
    if let Some(authorization) = authorization {
        headers.push(("Authorization", authorization));
    }
    let mut request = client.request(method, path, &headers);
    if let Some(content_type) = &operation.content_type {
        let body = if content_type == "application/json" { "{}" } else { "" };
        request = request.header("Content-Type", content_type).body(body);
    }
    Reply::read(request.send().await.unwrap()).await.unwrap()
}

/// What is wrong with an answer, if anything is.
pub(super) fn fault(verdict: Verdict, status: u16) -> Option<&'static str> {
    let is_failure = status >= 500 && status != 503;
    match (verdict, status) {
        _ if is_failure => Some("the server failed"),
        (_, 429) => Some("the test asks too often"),
        (Verdict::In, 401 | 403) => Some("WRONG DENIAL"),
        (Verdict::In, _)
        | (Verdict::Unknown, 401)
        | (Verdict::Forbidden, 403)
        | (Verdict::NotThere, 403 | 404)
        | (Verdict::BotNotThere, 401 | 403 | 404) => None,
        (_, 400..500) => Some("another refusal than it should be"),
        _ => Some("WRONG ALLOW"),
    }
}
