//! Two messages that the server answers itself, whatever the bot (`spec` http 1.6).

use serde_json::{Value, json};

/// The answer to a message that asks for the version or the licence; `None` for any other.
pub(super) fn reply(event: &Value) -> Option<Value> {
    let text = match event.get("preview").and_then(Value::as_str)? {
        "BP_VERSION" => concat!("Version: Parlance ", env!("CARGO_PKG_VERSION")),
        "BP_LICENSE" => "Parlance is free software, MIT or Apache-2.0. It needs no licence key.",
        _ => return None,
    };
    Some(json!({"text": text, "markdown": true}))
}
