//! Settings of a bot: `GET` and `PATCH …/bots/{bot}/config`, the studio's `GET` and `POST
//! /api/v1/studio/{bot}/config`, and v11's `PUT …/bots/{bot}` (`spec` http 3.2).

use axum::extract::State;
use axum::response::Response;
use schemars::JsonSchema;
use serde_json::{Map, Value};

use super::super::answer::{json, success};
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::{Call, Recorded};
use super::create::BotName;
use super::{hash, work};
use crate::services::Services;

/// Settings that hold credentials of channels; they are neither shown nor set here.
const HIDDEN: [&str; 2] = ["messaging", "cloud"];

type Fields = Map<String, Value>;

/// The settings of a bot as they may be seen.
pub(super) fn shown(mut fields: Fields) -> Fields {
    fields.retain(|key, _| !HIDDEN.contains(&key.as_str()));
    fields
}

/// Settings that shall be different; `null` stands for the default.
#[derive(JsonSchema)]
#[schemars(rename = "BotChanges", deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "describes the body; `bot_admin` reads it field by field")]
struct Changes {
    #[schemars(length(max = 50), regex(pattern = r"\S"))]
    name: Option<String>,
    #[schemars(length(max = 500))]
    description: Option<String>,
    #[schemars(length(max = 500))]
    category: Option<String>,
    /// A disabled bot is not served.
    disabled: Option<bool>,
    /// Only collaborators talk to a private bot.
    private: Option<bool>,
    /// A locked bot can only be unlocked.
    locked: Option<bool>,
    #[schemars(length(min = 1, max = 100), inner(regex(pattern = "^[A-Za-z0-9-]{2,20}$")))]
    languages: Option<Vec<String>>,
    /// One of the languages.
    #[schemars(regex(pattern = "^[A-Za-z0-9-]{2,20}$"))]
    default_language: Option<String>,
    /// `timeout`, `maxMessageLength`, `enableUnsecuredEndpoint`, `payloadFormat`.
    converse: Option<Fields>,
    /// `timeoutInterval`, `sessionTimeoutInterval`.
    dialog: Option<Fields>,
    /// `website`, `phoneNumber`, `termsConditions`, `privacyPolicy`, `emailAddress`, `avatarUrl`,
    /// `coverPictureUrl`.
    details: Option<Fields>,
    /// `disabled`.
    qna: Option<Fields>,
}

/// Settings that hold settings.
const SECTIONS: [&str; 4] = ["converse", "details", "dialog", "qna"];

/// What the endpoint gives.
pub(in super::super) fn config_doc() -> Doc {
    Doc::new(Tag::Bots, "See the settings of a bot")
        .about(
            "As `bot.config.json` has them; `messaging` and `cloud` hold secrets and are left out.",
        )
        .gives_payload::<Fields>("The settings")
}

/// 200 with the settings in v12's envelope.
pub(in super::super) async fn config(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let id = call.parameter("bot")?.into_owned();
    let fields = work(&services, move |admin| admin.config(&id)).await?;
    Ok(success("Retrieved bot config", shown(fields)))
}

/// What the endpoint takes and gives.
pub(in super::super) fn patch_config_doc() -> Doc {
    Doc::new(Tag::Bots, "Change settings of a bot")
        .about("All of the changes or none. The bot is served with them once the answer is there.")
        .may_take::<Changes>()
        .gives_payload::<Fields>("The settings as they are now")
}

/// 200 with the settings as they are then.
pub(in super::super) async fn patch_config(
    State(services): State<Services>,
    mut call: Call,
) -> Result<Response, HttpError> {
    let mut changes: Fields = call.json().await?;
    // No part of a section is set, so none is changed.
    changes.retain(|name, value| !(value.is_null() && SECTIONS.contains(&name.as_str())));
    let id = call.parameter("bot")?.into_owned();
    let (before, after) = work(&services, move |admin| {
        let before = admin.config(&id)?;
        admin.configure(&id, &changes)?;
        Ok((before, admin.config(&id)?))
    })
    .await?;
    Ok(recorded(&before, &after).with(success("Updated bot", shown(after))))
}

/// What the endpoint gives.
pub(in super::super) fn studio_config_doc() -> Doc {
    Doc::new(Tag::Bots, "See the settings of a bot, as the studio does")
        .about(
            "As `bot.config.json` has them; `messaging` and `cloud` hold secrets and are left out.",
        )
        .gives::<Fields>(200, "The settings")
}

/// 200 with the settings.
pub(in super::super) async fn studio_config(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let id = call.parameter("bot")?.into_owned();
    let fields = work(&services, move |admin| admin.config(&id)).await?;
    Ok(json(&shown(fields)))
}

/// What the endpoint takes and gives.
pub(in super::super) fn set_config_doc() -> Doc {
    Doc::new(Tag::Bots, "Set the settings of a bot")
        .about(
            "Takes the settings as a whole or a part of them; what is left out stays as it is. A setting \
             that cannot be changed over HTTP may be there as it stands.",
        )
        .may_take::<Fields>()
        .gives_payload::<BotName>("They are set")
}

/// 200 with the id.
pub(in super::super) async fn set_config(
    State(services): State<Services>,
    mut call: Call,
) -> Result<Response, HttpError> {
    let wanted: Fields = call.json().await?;
    let id = call.parameter("bot")?.into_owned();
    let bot = id.clone();
    let (before, after) = work(&services, move |admin| {
        let before = admin.config(&bot)?;
        admin.configure(&bot, &difference(&before, wanted))?;
        Ok((before, admin.config(&bot)?))
    })
    .await?;
    Ok(recorded(&before, &after).with(success("Updated bot", BotName { bot_id: id })))
}

/// Those settings that are not what they were; in sections, their members.
fn difference(before: &Fields, wanted: Fields) -> Fields {
    let mut changes = Fields::new();
    for (key, value) in wanted {
        match (before.get(&key), value) {
            (Some(Value::Object(old)), Value::Object(new)) => {
                let members: Fields =
                    new.into_iter().filter(|(own, new)| is_new(old.get(own), new)).collect();
                if !members.is_empty() {
                    changes.insert(key, Value::Object(members));
                }
            }
            (old, new) if is_new(old, &new) => {
                changes.insert(key, new);
            }
            _ => {}
        }
    }
    changes
}

fn is_new(old: Option<&Value>, new: &Value) -> bool {
    old.map_or(!new.is_null(), |old| old != new)
}

fn recorded(before: &Fields, after: &Fields) -> Recorded {
    let hash = |fields: &Fields| Some(hash(Value::Object(fields.clone()).to_string().as_bytes()));
    Recorded { before: hash(before), after: hash(after), ..Recorded::default() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_differs_is_changed() {
        let fields = |value: Value| value.as_object().unwrap().clone();
        let before = fields(json!({
            "id": "shop", "name": "Shop", "details": { "website": "a", "avatarUrl": "b" },
        }));
        for (wanted, expected) in [
            (json!({}), json!({})),
            (Value::Object(before.clone()), json!({})),
            (json!({ "name": "New", "private": null }), json!({ "name": "New" })),
            (json!({ "private": true }), json!({ "private": true })),
            (json!({ "id": "other" }), json!({ "id": "other" })),
            (
                json!({ "details": { "website": "c", "avatarUrl": "b" } }),
                json!({ "details": { "website": "c" } }),
            ),
            (json!({ "name": null }), json!({ "name": null })),
        ] {
            let found = difference(&before, fields(wanted.clone()));
            assert_eq!(Value::Object(found), expected, "{wanted}");
        }
    }

    #[test]
    fn credentials_are_not_shown() {
        let fields = json!({ "id": "a", "messaging": { "token": "x" }, "cloud": {} });
        let shown = shown(fields.as_object().unwrap().clone());
        assert_eq!(Value::Object(shown), json!({ "id": "a" }));
    }
}
