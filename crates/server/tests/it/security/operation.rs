//! The operations that the running server describes, as machines read them.

use serde_json::Value;

use crate::harness::{DataDir, Server};

/// Who an operation is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Open,
    Account,
    Workspace,
    Bot,
    Owner,
}

/// One of them.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    pub(super) id: String,
    /// In capitals.
    pub(super) method: String,
    /// All paths at which it answers, the one that is described first.
    pub(super) paths: Vec<String>,
    pub(super) access: Access,
    /// The resource, and `r` or `w`; nothing for open ones.
    pub(super) right: Option<(String, char)>,
    /// Whether it leaves a row in the audit log.
    pub(super) audited: bool,
    /// The type of the body that it takes.
    pub(super) content_type: Option<String>,
}

impl Operation {
    /// Whether its path names a bot.
    pub(super) fn has_bot(&self) -> bool {
        self.paths[0].contains("{bot}")
    }

    /// The parameters of a path.
    pub(super) fn parameters(path: &str) -> impl Iterator<Item = &str> {
        path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'))
    }
}

/// All operations of the binary under test.
pub(super) async fn described() -> Vec<Operation> {
    let data = DataDir::new();
    let server = Server::start(&data);
    let document = server.client().get("/openapi.json").await.json();
    let mut operations = Vec::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            operations.push(read(path, method, operation));
        }
    }
    operations
}

fn read(path: &str, method: &str, operation: &Value) -> Operation {
    let id = operation["operationId"].as_str().unwrap().to_owned();
    let own = &operation["x-parlance"];
    let access = match own["access"].as_str() {
        Some("open") => Access::Open,
        Some("account") => Access::Account,
        Some("workspace") => Access::Workspace,
        Some("bot") => Access::Bot,
        Some("owner") => Access::Owner,
        other => panic!("{id}: these tests know no access {other:?}: teach them"),
    };
    let right = own["right"].as_object().map(|right| {
        let operation = match right["operation"].as_str() {
            Some("read") => 'r',
            Some("write") => 'w',
            other => panic!("{id}: these tests know no operation {other:?}: teach them"),
        };
        (right["resource"].as_str().unwrap().to_owned(), operation)
    });
    assert_eq!(right.is_none(), access == Access::Open, "{id}: only open operations need no right");
    let also = own["also"].as_array().unwrap().iter().map(|path| path.as_str().unwrap().to_owned());
    let content = operation["requestBody"]["content"].as_object();
    Operation {
        method: method.to_uppercase(),
        paths: std::iter::once(path.to_owned()).chain(also).collect(),
        access,
        right,
        audited: own["audited"].as_bool().unwrap(),
        content_type: content.and_then(|content| content.keys().next().cloned()),
        id,
    }
}
