//! OpenAPI 3.1 of the route table.

use std::collections::BTreeMap;

use axum::http::Method;
use schemars::SchemaGenerator;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::super::error::Envelope;
use super::super::routes::Access;
use super::doc::{Answer, Body, Content, Doc, Parameter, Place, Tag};

/// A row of the route table, as far as it is described.
pub(in super::super) struct Described {
    /// Unique; the name of the operation.
    pub(in super::super) name: &'static str,
    pub(in super::super) method: Method,
    /// The path that is described.
    pub(in super::super) path: &'static str,
    /// Where else the same answers.
    pub(in super::super) also_at: Vec<String>,
    pub(in super::super) access: Access,
    /// Whether it leaves a row in the audit log.
    pub(in super::super) audited: bool,
    /// Whether the number of requests is limited.
    pub(in super::super) limited: bool,
    pub(in super::super) doc: Doc,
}

/// The document; `server` is the URL that all paths are below.
pub(in super::super) fn document(rows: &[Described], server: &str) -> Value {
    let mut schemas = schema_generator();
    let mut paths: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for row in rows {
        let method = row.method.as_str().to_ascii_lowercase();
        paths.entry(row.path).or_default().insert(method, operation(row, &mut schemas));
    }
    let tags = Tag::ALL.map(|(_, name, about)| json!({"name": name, "description": about}));
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Parlance",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "A conversation server that runs Botpress v12 bots.",
        },
        "servers": [{"url": server}],
        "tags": tags,
        "paths": paths,
        "components": {
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "The token of a login, or an API key.",
                },
            },
            "schemas": schemas.take_definitions(true),
        },
    })
}

/// JSON Schema as OpenAPI 3.1 takes it, with named types where the document keeps them.
fn schema_generator() -> SchemaGenerator {
    let mut settings = SchemaSettings::draft2020_12();
    settings.definitions_path = "/components/schemas".into();
    settings.meta_schema = None;
    settings.into_generator()
}

fn operation(row: &Described, schemas: &mut SchemaGenerator) -> Value {
    let doc = &row.doc;
    let mut operation = json!({
        "operationId": row.name.replace(' ', "-"),
        "summary": doc.summary,
        "description": description(row),
        "tags": [doc.tag.name()],
        "parameters": parameters(row, schemas),
        "responses": responses(row, schemas),
        "x-parlance": {"access": row.access.name(), "right": row.access.right(), "audited": row.audited},
    });
    if let Value::Object(members) = &mut operation {
        if let Some(body) = &doc.body {
            members.insert("requestBody".to_owned(), request_body(body, schemas));
        }
        if row.access != Access::Open {
            members.insert("security".to_owned(), json!([{"bearer": []}]));
        }
    }
    operation
}

fn description(row: &Described) -> String {
    let mut parts = Vec::new();
    if !row.doc.about.is_empty() {
        parts.push(row.doc.about.to_owned());
    }
    parts.extend(row.access.explained());
    if row.audited {
        parts.push("Recorded in the audit log.".to_owned());
    }
    if !row.also_at.is_empty() {
        let paths: Vec<String> = row.also_at.iter().map(|path| format!("`{path}`")).collect();
        parts.push(format!("Also at {}.", paths.join(", ")));
    }
    parts.join("\n\n")
}

/// Those of the path first, in its order.
fn parameters(row: &Described, schemas: &mut SchemaGenerator) -> Vec<Value> {
    let explained = |place, name: &str| {
        let mut parameters = row.doc.parameters.iter();
        parameters.find(|parameter| parameter.place == place && parameter.name == name)
    };
    let mut parameters = Vec::new();
    for name in path_parameters(row.path) {
        let explained = explained(Place::Path, name);
        parameters.push(json!({
            "name": name,
            "in": "path",
            "required": true,
            "description": explained.map_or("", |parameter| parameter.about),
            "schema": match explained {
                Some(parameter) => (parameter.schema)(schemas).to_value(),
                None => json!({"type": "string", "minLength": 1}),
            },
        }));
    }
    let others = row.doc.parameters.iter().filter(|parameter| parameter.place != Place::Path);
    parameters.extend(others.map(|parameter| optional(parameter, schemas)));
    if matches!(row.access, Access::Workspace(_)) {
        parameters.push(json!({
            "name": "X-BP-Workspace",
            "in": "header",
            "required": true,
            "description": "The id of the workspace.",
            "schema": {"type": "string"},
        }));
    }
    parameters
}

/// The names of a path's parameters.
pub(in super::super) fn path_parameters(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'))
}

fn optional(parameter: &Parameter, schemas: &mut SchemaGenerator) -> Value {
    json!({
        "name": parameter.name,
        "in": if parameter.place == Place::Query { "query" } else { "header" },
        "required": false,
        "description": parameter.about,
        "schema": (parameter.schema)(schemas),
    })
}

fn request_body(body: &Body, schemas: &mut SchemaGenerator) -> Value {
    let binary = json!({"type": "string", "format": "binary"});
    let (content_type, schema) = match body {
        Body::Json(schema) | Body::OptionalJson(schema) => {
            ("application/json", schema(schemas).to_value())
        }
        Body::Archive => ("application/tar+gzip", binary),
        Body::File => (
            "multipart/form-data",
            json!({"type": "object", "required": ["file"], "properties": {"file": binary}}),
        ),
    };
    let required = !matches!(body, Body::OptionalJson(_));
    json!({"required": required, "content": {content_type: {"schema": schema}}})
}

fn responses(row: &Described, schemas: &mut SchemaGenerator) -> Map<String, Value> {
    let mut responses = Map::new();
    for answer in &row.doc.answers {
        responses.insert(answer.status.to_string(), response(answer, schemas));
    }
    for (status, about) in common(row) {
        let text = status == 429;
        let content = if text {
            Content::Other("text/plain")
        } else {
            Content::Json(SchemaGenerator::subschema_for::<Envelope<'_>>)
        };
        let answer = Answer { status, about, content };
        let response = || response(&answer, schemas);
        responses.entry(status.to_string()).or_insert_with(response);
    }
    responses
}

/// What the surroundings of an endpoint answer by themselves.
fn common(row: &Described) -> Vec<(u16, &'static str)> {
    let mut common = Vec::new();
    let takes_body = row.doc.body.is_some();
    let in_workspace = matches!(row.access, Access::Workspace(_));
    if takes_body
        || in_workspace
        || !row.doc.parameters.is_empty()
        || path_parameters(row.path).next().is_some()
    {
        common.push((400, "The request is malformed"));
    }
    if row.access != Access::Open {
        common.push((401, "No valid token"));
        common.push((403, "The caller may not do this"));
    }
    if in_workspace || path_parameters(row.path).next().is_some() {
        common.push((404, "There is no such thing"));
    }
    if takes_body {
        common.push((408, "The body did not arrive in time"));
        common.push((413, "The body is too large"));
        common.push((415, "The body is of a kind that is not known"));
    }
    if row.limited {
        common.push((429, "Too many requests; come back after `Retry-After` seconds"));
    }
    common.push((500, "A fault of the server"));
    common.push((503, "The server cannot answer now; come back after `Retry-After` seconds"));
    common
}

fn response(answer: &Answer, schemas: &mut SchemaGenerator) -> Value {
    let json = "application/json";
    let (content_type, schema) = match &answer.content {
        Content::Empty => return json!({"description": answer.about}),
        Content::Json(schema) => (json, schema(schemas).to_value()),
        Content::Envelope(payload) => (
            json,
            json!({
                "type": "object",
                "required": ["status", "message", "payload"],
                "properties": {
                    "status": {"const": "success"},
                    "message": {"type": "string"},
                    "payload": payload(schemas),
                },
                "additionalProperties": false,
            }),
        ),
        Content::Other(content_type) => (*content_type, json!({})),
    };
    json!({"description": answer.about, "content": {content_type: {"schema": schema}}})
}
