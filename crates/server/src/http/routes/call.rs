//! A request as the operator's endpoints take it: who asks, from where, and what.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequest, Query, Request};
use axum::http::HeaderValue;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::super::error::HttpError;
use super::super::path::parameter;
use super::super::{App, Server, body};
use super::guard::named;
use crate::auth::Caller;

/// What the guard found out about a request; an extension of it.
#[derive(Debug, Clone)]
pub(super) struct Visit {
    pub(super) caller: Caller,
    /// The workspace that the right was looked up in.
    pub(super) workspace: Option<String>,
    pub(super) from: IpAddr,
    pub(super) request_id: HeaderValue,
    /// The route's pattern below the root path.
    pub(super) pattern: Arc<str>,
}

/// A request that passed the guard.
pub(in super::super) struct Call {
    visit: Visit,
    parts: Parts,
    body: Body,
    root_path: String,
    body_limit: usize,
}

impl<S: Server> FromRequest<Arc<App<S>>> for Call {
    type Rejection = HttpError;

    async fn from_request(request: Request, app: &Arc<App<S>>) -> Result<Self, HttpError> {
        let (mut parts, body) = request.into_parts();
        let Some(visit) = parts.extensions.remove::<Visit>() else {
            tracing::error!(path = parts.uri.path(), "a request came past the guard: a bug");
            return Err(HttpError::internal());
        };
        let settings = &app.settings;
        let (root_path, body_limit) = (settings.root_path.clone(), settings.body_limit);
        Ok(Self { visit, parts, body, root_path, body_limit })
    }
}

impl Call {
    /// Who asks.
    pub(in super::super) fn caller(&self) -> &Caller {
        &self.visit.caller
    }

    /// The workspace that the caller acts in; on routes of workspaces and bots there always is one.
    pub(in super::super) fn workspace(&self) -> Result<&str, HttpError> {
        self.visit.workspace.as_deref().ok_or_else(HttpError::workspace_missing)
    }

    /// The workspace that the request names, on routes that can do without one.
    pub(in super::super) fn named_workspace(&self) -> Option<&str> {
        named(&self.parts.headers).ok()
    }

    /// Where the request comes from.
    pub(in super::super) fn from(&self) -> IpAddr {
        self.visit.from
    }

    /// The head of the request.
    pub(in super::super) fn parts(&self) -> &Parts {
        &self.parts
    }

    /// The parameter `{name}` of the path, decoded.
    pub(in super::super) fn parameter(&self, name: &str) -> Result<Cow<'_, str>, HttpError> {
        path_parameter(self.parts.uri.path(), &self.root_path, &self.visit.pattern, name)
    }

    /// The query as `T`.
    pub(in super::super) fn query<T: DeserializeOwned>(&self) -> Result<T, HttpError> {
        let query = Query::try_from_uri(&self.parts.uri);
        query.map(|Query(query)| query).map_err(|error| HttpError::bad_request(&error.body_text()))
    }

    /// The body as `T`, from JSON or a form.
    pub(in super::super) async fn json<T: DeserializeOwned>(&mut self) -> Result<T, HttpError> {
        let body = std::mem::take(&mut self.body);
        let mut value = body::read(&self.parts.headers, body, self.body_limit).await?;
        make_whole(&mut value);
        serde_json::from_value(value).map_err(|error| HttpError::bad_request(&error.to_string()))
    }

    /// The body as it comes; it can be taken once.
    pub(in super::super) fn take_body(&mut self) -> Body {
        std::mem::take(&mut self.body)
    }
}

/// Writes numbers such as `5.0` as `5`: to JSON they are the same, and to types of whole numbers not.
/// As deep as the parser of bodies goes.
fn make_whole(value: &mut Value) {
    /// Up to here every whole number has a `f64` of its own.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) if number.is_f64() => {
            let whole = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < EXACT);
            // Formatted without a point, so that it is read as a whole number.
            if let Some(whole) = whole.and_then(|float| format!("{float:.0}").parse::<i64>().ok()) {
                *value = whole.into();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(make_whole),
        Value::Object(members) => members.values_mut().for_each(make_whole),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The segment of `path` that stands where `pattern` has `{name}`, decoded.
pub(super) fn path_parameter<'a>(
    path: &'a str,
    root: &str,
    pattern: &str,
    name: &str,
) -> Result<Cow<'a, str>, HttpError> {
    let is_it = |segment: &str| {
        segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) == Some(name)
    };
    let Some(position) = pattern.split('/').skip(1).position(is_it) else {
        tracing::error!(pattern, name, "a route has no such parameter: a bug");
        return Err(HttpError::internal());
    };
    parameter(path, root, position)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_whole_number_is_one_however_it_is_written() {
        let mut value = json!({"a": [5.0, -0.0, 1e3, 1.5, 1e300], "b": {"c": 7}});
        make_whole(&mut value);
        assert_eq!(value, json!({"a": [5, 0, 1000, 1.5, 1e300], "b": {"c": 7}}));
    }

    #[test]
    fn parameters_are_found_by_name_wherever_the_pattern_has_them() {
        let find = |path, root, pattern, name| {
            path_parameter(path, root, pattern, name).map(Cow::into_owned)
        };
        let pattern = "/api/v1/admin/bots/{bot}/x/{id}";
        let path = "/root/api/v1/admin/bots/my%20bot/x/7";
        assert_eq!(find(path, "/root", pattern, "bot").unwrap(), "my bot");
        assert_eq!(find(path, "/root", pattern, "id").unwrap(), "7");
        assert!(find(path, "/root", pattern, "nothing").is_err());
    }
}
