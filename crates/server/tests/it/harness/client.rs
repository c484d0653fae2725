//! Asks the server over HTTP.

use std::sync::{Arc, Once, RwLock};
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

/// Longer than any answer may take; a test that meets it has found a hang.
const PATIENCE: Duration = Duration::from_secs(30);

/// A client of one server, which may come back on another port.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    base: Arc<RwLock<String>>,
    /// `Authorization` of every request.
    authorization: Option<String>,
}

/// The account that a server started with [`Server::start_with_admin`](super::Server::start_with_admin)
/// has.
pub(crate) const ADMIN: (&str, &str) = ("admin@example.com", "Admin-Passw0rd!");

/// An answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    /// HTTP status.
    pub(crate) status: u16,
    /// Header fields.
    pub(crate) headers: reqwest::header::HeaderMap,
    /// Body as it came.
    pub(crate) text: String,
}

impl Client {
    /// A client of the server at `base`.
    pub(crate) fn new(base: &str) -> Self {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // Fails only where a provider is there already.
            drop(rustls::crypto::ring::default_provider().install_default());
        });
        let builder = reqwest::Client::builder().no_proxy().timeout(PATIENCE);
        let base = Arc::new(RwLock::new(base.to_owned()));
        Self { http: builder.build().unwrap(), base, authorization: None }
    }

    /// A client that presents this token or key with every request.
    pub(crate) fn with_token(&self, token: &str) -> Self {
        Self { authorization: Some(format!("Bearer {token}")), ..self.clone() }
    }

    /// Logs in; a client that presents the token with every request.
    pub(crate) async fn login(&self, (email, password): (&str, &str)) -> Self {
        let body = json!({ "email": email, "password": password });
        let reply = self.post(LOGIN, &body).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        self.with_token(reply.json()["payload"]["jwt"].as_str().unwrap())
    }

    /// The server is now somewhere else.
    pub(crate) fn moved_to(&self, base: &str) {
        base.clone_into(&mut self.base.write().unwrap());
    }

    /// `http://host:port`
    pub(crate) fn base(&self) -> String {
        self.base.read().unwrap().clone()
    }

    /// `GET path`.
    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.get_with(path, &[]).await
    }

    /// `GET path` with more header fields.
    pub(crate) async fn get_with(&self, path: &str, headers: &[(&str, &str)]) -> Reply {
        let request = self.request(Method::GET, path, headers);
        Reply::read(request.send().await.unwrap()).await.unwrap()
    }

    /// `DELETE path`.
    pub(crate) async fn delete(&self, path: &str) -> Reply {
        let request = self.request(Method::DELETE, path, &[]);
        Reply::read(request.send().await.unwrap()).await.unwrap()
    }

    /// A request that presents this client's token.
    pub(crate) fn request(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
    ) -> reqwest::RequestBuilder {
        let mut request = self.http.request(method, format!("{}{path}", self.base()));
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
    }

    /// `POST path` with a JSON body.
    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.try_post(path, body, &[]).await.unwrap()
    }

    /// `POST path` with a JSON body and more header fields; the error is the connection's.
    pub(crate) async fn try_post(
        &self,
        path: &str,
        body: &Value,
        headers: &[(&str, &str)],
    ) -> reqwest::Result<Reply> {
        let request = self.request(Method::POST, path, headers);
        Reply::read(request.json(body).send().await?).await
    }

    /// Any method on `path`, without a body.
    pub(crate) async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> Reply {
        let url = format!("{}{path}", self.base());
        let mut request = self.http.request(method.parse().unwrap(), url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Reply::read(request.send().await.unwrap()).await.unwrap()
    }

    /// `POST path` with any body.
    pub(crate) async fn post_raw(&self, path: &str, content_type: &str, body: &str) -> Reply {
        let headers = [("Content-Type", content_type)];
        let request = self.request(Method::POST, path, &headers).body(body.to_owned());
        Reply::read(request.send().await.unwrap()).await.unwrap()
    }

    /// Any request.
    pub(crate) async fn ask(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Reply {
        let method = method.parse().unwrap();
        let mut request = self.http.request(method, format!("{}{path}", self.base()));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        Reply::read(request.send().await.unwrap()).await.unwrap()
    }

    /// `POST path` with these bytes.
    pub(crate) async fn post_bytes(
        &self,
        path: &str,
        headers: &[(&str, &str)],
        bytes: Vec<u8>,
    ) -> reqwest::Result<Reply> {
        let request = self.request(Method::POST, path, headers).body(bytes);
        Reply::read(request.send().await?).await
    }

    /// Any method on `path`, with a JSON body and this client's token.
    pub(crate) async fn send_json(&self, method: &str, path: &str, body: &Value) -> Reply {
        let request = self.request(method.parse().unwrap(), path, &[]).json(body);
        Reply::read(request.send().await.unwrap()).await.unwrap()
    }

    /// Says a text to a bot as a user.
    pub(crate) async fn say(&self, bot: &str, user: &str, text: &str) -> Reply {
        self.post(&converse(bot, user), &json!({ "type": "text", "text": text })).await
    }
}

/// Path of the login.
pub(crate) const LOGIN: &str = "/api/v1/auth/login/basic/default";

/// Path of the public Converse route.
pub(crate) fn converse(bot: &str, user: &str) -> String {
    format!("/api/v1/bots/{bot}/converse/{user}")
}

impl Reply {
    pub(crate) async fn read(response: reqwest::Response) -> reqwest::Result<Self> {
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        Ok(Self { status, headers, text: response.text().await? })
    }

    /// The body as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text)
            .unwrap_or_else(|error| panic!("{} {:?}: {error}", self.status, self.text))
    }

    /// The `responses` of an answer that must be a success.
    pub(crate) fn responses(&self) -> Vec<Value> {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()["responses"].as_array().unwrap().clone()
    }

    /// The `text` of all text elements, in order.
    pub(crate) fn texts(&self) -> Vec<String> {
        let is_text = |element: &&Value| element["type"] == "text";
        let responses = self.responses();
        let texts =
            responses.iter().filter(is_text).map(|element| element["text"].as_str().unwrap());
        texts.map(str::to_owned).collect()
    }
}
