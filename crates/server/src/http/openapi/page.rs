//! The description as a page for people: plain HTML, no scripts, nothing from elsewhere.

use std::fmt::Write as _;

use serde_json::{Map, Value};

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;\
    padding:0 1rem;color:#222}code,pre{font:14px/1.4 ui-monospace,monospace;background:#f4f4f4}\
    pre{padding:.75rem;overflow:auto}details{border-top:1px solid #ddd;padding:.5rem 0}\
    summary{cursor:pointer}b{display:inline-block;min-width:4.5rem}td{padding:.1rem 1rem .1rem 0;\
    vertical-align:top}";

/// The page of an OpenAPI document.
pub(super) fn page(document: &Value) -> String {
    let mut page = String::with_capacity(64 * 1024);
    let title = text(&document["info"], "title");
    let version = text(&document["info"], "version");
    push(&mut page, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    push(&mut page, "<meta name=\"viewport\" content=\"width=device-width\">\n");
    put(&mut page, "<title>", title, " API</title>\n");
    put(&mut page, "<style>", STYLE, "</style>\n</head>\n<body>\n");
    push(&mut page, &format!("<h1>{} API {}</h1>\n", escape(title), escape(version)));
    put(&mut page, "<p>", &escape(text(&document["info"], "description")), "</p>\n");
    push(&mut page, "<p>For machines: <a href=\"openapi.json\">openapi.json</a>.</p>\n");
    for tag in array(&document["tags"]) {
        put(&mut page, "<h2>", &escape(text(tag, "name")), "</h2>\n");
        put(&mut page, "<p>", &escape(text(tag, "description")), "</p>\n");
        operations(&mut page, document, text(tag, "name"));
    }
    push(&mut page, "<h2>Shapes</h2>\n");
    for (name, schema) in members(inner(document, "/components/schemas")) {
        put(&mut page, "<details id=\"", &escape(name), "\">");
        put(&mut page, "<summary><code>", &escape(name), "</code></summary>\n");
        put(&mut page, "<pre>", &pretty(schema), "</pre></details>\n");
    }
    push(&mut page, "</body>\n</html>\n");
    page
}

fn operations(page: &mut String, document: &Value, tag: &str) {
    for (path, methods) in members(&document["paths"]) {
        for (method, operation) in members(methods) {
            if inner(operation, "/tags/0").as_str() == Some(tag) {
                self::operation(page, method, path, operation);
            }
        }
    }
}

fn operation(page: &mut String, method: &str, path: &str, operation: &Value) {
    put(page, "<details id=\"", &escape(text(operation, "operationId")), "\"><summary>");
    put(page, "<b>", &method.to_ascii_uppercase(), "</b>");
    put(page, "<code>", &escape(path), "</code> ");
    put(page, "", &escape(text(operation, "summary")), "</summary>\n");
    for paragraph in text(operation, "description").split("\n\n") {
        put(page, "<p>", &escape(paragraph), "</p>\n");
    }
    let parameters = array(&operation["parameters"]);
    if !parameters.is_empty() {
        push(page, "<table>\n");
        for parameter in parameters {
            put(page, "<tr><td><code>", &escape(text(parameter, "name")), "</code></td>");
            put(page, "<td>", text(parameter, "in"), "</td>");
            put(page, "<td>", &escape(text(parameter, "description")), "</td></tr>\n");
        }
        push(page, "</table>\n");
    }
    for (content_type, media) in members(inner(operation, "/requestBody/content")) {
        put(page, "<p>Body: <code>", content_type, "</code></p>\n");
        put(page, "<pre>", &pretty(&media["schema"]), "</pre>\n");
    }
    push(page, "<table>\n");
    for (status, response) in members(&operation["responses"]) {
        put(page, "<tr><td>", status, "</td>");
        put(page, "<td>", &escape(text(response, "description")), "</td></tr>\n");
    }
    push(page, "</table></details>\n");
}

fn push(page: &mut String, text: &str) {
    page.push_str(text);
}

fn put(page: &mut String, before: &str, text: &str, after: &str) {
    // A `String` takes all that is written to it.
    let _ = write!(page, "{before}{text}{after}");
}

/// What a JSON pointer leads to.
fn inner<'a>(value: &'a Value, pointer: &str) -> &'a Value {
    value.pointer(pointer).unwrap_or(&Value::Null)
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

fn array(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flat_map(Map::iter)
}

fn pretty(value: &Value) -> String {
    // A value is always written.
    escape(&serde_json::to_string_pretty(value).unwrap_or_default())
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
