//! A request that was sent twice gets the answer of the first, and is no second turn.

use parlance_core::dialog::Inspection;
use parlance_store::{Json, Repeat};
use serde::Deserialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::{Answer, Incoming, TurnError};

/// Tells whether two messages are the same.
pub(super) fn fingerprint(payload: &Map<String, Value>) -> String {
    let text = serde_json::to_string(payload).unwrap_or_default();
    format!("{:x}", Sha256::digest(text.as_bytes()))
}

/// The stored answer, if `repeat` asked for the same.
///
/// The turn's inside is as it was then, and there if the first request asked for it. Claims are those
/// of the request at hand: they were verified just now, and are not kept with turns.
pub(super) fn answer(repeat: &Repeat, incoming: &Incoming) -> Result<Answer, TurnError> {
    if repeat.fingerprint != fingerprint(&incoming.payload) {
        return Err(TurnError::KeyReused);
    }
    let unreadable = |error: serde_json::Error| TurnError::NotStored(error.to_string());
    let responses = repeat.replies.read().map_err(unreadable)?;
    if !incoming.debug {
        return Ok(Answer { responses, inspection: None });
    }
    let kept = inspection(&repeat.trace).map_err(unreadable)?;
    let mut inspection = kept.ok_or(TurnError::KeyReused)?;
    inspection.credentials.clone_from(&incoming.credentials);
    Ok(Answer { responses, inspection: Some(Box::new(inspection)) })
}

/// The turn from inside, as its trace kept it.
fn inspection(trace: &Json) -> Result<Option<Inspection>, serde_json::Error> {
    #[derive(Deserialize)]
    struct Kept {
        inspection: Option<Inspection>,
    }
    Ok(trace.read::<Kept>()?.inspection)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use parlance_core::bot::{self, BotFiles, Provided};
    use parlance_core::ids::{BotId, ConversationKey};
    use serde_json::json;

    use super::*;

    fn incoming(text: &str, debug: bool) -> Incoming {
        let id = BotId::parse("bot").unwrap();
        let (mut files, shared) = (BotFiles::default(), BotFiles::default());
        let config = json!({"id": "bot", "name": "Bot", "defaultLanguage": "en"});
        files.insert("bot.config.json", config.to_string().into_bytes());
        let provided = Provided { native_action: &|_| false, shared: &shared };
        let bot = bot::load(&id, &files, provided).bot.unwrap();
        Incoming {
            bot: Arc::new(bot),
            key: ConversationKey::api(id, "u1"),
            payload: json!({ "text": text }).as_object().unwrap().clone(),
            included_contexts: Vec::new(),
            idempotency_key: Some("k1".to_owned()),
            credentials: Some(json!({"sub": "now"})),
            debug,
        }
    }

    fn repeat(trace: &Value) -> Repeat {
        Repeat {
            fingerprint: fingerprint(&incoming("a", false).payload),
            turn_id: "t1".to_owned(),
            replies: Json::from(&json!([{"text": "A"}])),
            trace: Json::from(trace),
        }
    }

    fn inside() -> Value {
        json!({"nlu": {"ms": 0}, "suggestions": [], "state": {"user": {}}, "decision": {}})
    }

    #[test]
    fn a_repeat_gets_replies_and_the_inside_of_the_first_with_claims_of_its_own() {
        let repeat = repeat(&json!({"path": [], "inspection": inside()}));
        let answer = answer(&repeat, &incoming("a", true)).unwrap();
        assert_eq!(answer.responses, [json!({"text": "A"})]);
        let shown = answer.inspection.unwrap();
        assert_eq!(shown.credentials, Some(json!({"sub": "now"})));
        assert_eq!(serde_json::to_value(shown).unwrap(), inside(), "claims are not kept");
    }

    #[test]
    fn a_repeat_that_does_not_ask_for_the_inside_gets_the_replies() {
        for trace in [json!({"path": []}), json!({"path": [], "inspection": inside()})] {
            let answer = answer(&repeat(&trace), &incoming("a", false)).unwrap();
            assert_eq!(answer, Answer { responses: vec![json!({"text": "A"})], inspection: None });
        }
    }

    #[test]
    fn a_key_of_another_request_is_refused() {
        let without = repeat(&json!({"path": []}));
        assert_eq!(answer(&without, &incoming("b", false)), Err(TurnError::KeyReused));
        assert_eq!(answer(&without, &incoming("a", true)), Err(TurnError::KeyReused));
    }
}
