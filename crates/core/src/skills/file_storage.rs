//! `builtin/storeFileLocally`: keeps a copy of a file that the user sent by URL, and puts its path into
//! the event (`spec` runtime 5.7). As in v12 a failure is only told.

use serde_json::Value;

use super::{Call, Outcome, Then};

/// Where the event may have a file, in the order in which it is looked for.
const FIELDS: [&str; 4] = ["file", "image", "audio", "video"];

pub(super) fn run(call: &mut Call<'_>) -> Outcome {
    let url_of = |field: &&str| !call.event_text(&format!("/payload/{field}")).is_empty();
    let Some(field) = FIELDS.into_iter().find(url_of) else {
        return Outcome::Done;
    };
    let url = call.event_text(&format!("/payload/{field}")).into_owned();
    // Kept already, by this action or an upload.
    if url.starts_with(&format!("/api/v1/bots/{}/media/", call.bot.id)) {
        return Outcome::Done;
    }
    Outcome::KeepFile { url, then: Then::ReplaceFile { field } }
}

pub(super) fn replace(field: &str, path: Option<Value>, call: &mut Call<'_>) -> Outcome {
    let place = call.event.pointer_mut(&format!("/payload/{field}"));
    if let (Some(place), Some(path)) = (place, path) {
        *place = path;
    }
    Outcome::Done
}
