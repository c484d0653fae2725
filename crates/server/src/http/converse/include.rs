//! The query parameter `include` (`spec` http 1.3, 1.9): on the public route the replies alone, on the
//! secured one what the turn looked like from inside.

use std::borrow::Cow;

use axum::http::StatusCode;
use parlance_core::dialog::Inspection;
use serde_json::Value;

use super::super::error::HttpError;
use crate::turn::Answer;

/// A member of the answer, by the word that asks for it.
type Part = (&'static str, fn(&Inspection) -> Option<&Value>);

/// All parts, in v12's order of members.
const PARTS: [Part; 5] = [
    ("nlu", |turn| Some(&turn.nlu)),
    ("suggestions", |turn| Some(&turn.suggestions)),
    ("state", |turn| Some(&turn.state)),
    ("decision", |turn| Some(&turn.decision)),
    ("credentials", |turn| turn.credentials.as_ref()),
];

/// What is asked for besides the replies: one of each of [`PARTS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Include([bool; PARTS.len()]);

impl Include {
    /// Nothing.
    pub(super) const REPLIES: Self = Self([false; PARTS.len()]);

    /// What this query asks for: words between commas, in any case. A word that is none, one with a
    /// blank around it for instance, asks for nothing, as in v12.
    pub(super) fn of(query: Option<&str>) -> Result<Self, HttpError> {
        let words = value(query)?.to_lowercase();
        let asked = |word: &str| words.split(',').any(|given| given == word);
        Ok(Self(PARTS.map(|(word, _)| asked(word))))
    }

    /// Whether a turn must show its inside.
    pub(super) fn asks_for_debug(self) -> bool {
        self != Self::REPLIES
    }

    /// Writes the members that were asked for, a comma before each.
    pub(super) fn write(self, answer: &Answer, to: &mut Vec<u8>) -> serde_json::Result<()> {
        let Some(turn) = &answer.inspection else {
            return Ok(());
        };
        let asked = PARTS.iter().zip(self.0).filter(|(_, asked)| *asked);
        for ((name, part), _) in asked {
            if let Some(value) = part(turn) {
                to.extend_from_slice(b",\"");
                to.extend_from_slice(name.as_bytes());
                to.extend_from_slice(b"\":");
                serde_json::to_writer(&mut *to, value)?;
            }
        }
        Ok(())
    }
}

/// Fails with 403 where more than the replies is asked for on the public route.
pub(super) fn check(query: Option<&str>) -> Result<(), HttpError> {
    let value = value(query)?;
    if value.is_empty() || value.to_lowercase() == "responses" {
        return Ok(());
    }
    let text = "Unauthenticated converse API can only return \"responses\"";
    Err(HttpError::text(StatusCode::FORBIDDEN, text))
}

/// The parameter, empty where there is none. Fails with 400 where it is given twice or as a list,
/// which v12 answers with an error of its own code.
fn value(query: Option<&str>) -> Result<Cow<'_, str>, HttpError> {
    let mut asked = form_urlencoded::parse(query.unwrap_or_default().as_bytes())
        .filter(|(name, _)| name == "include" || name.starts_with("include["));
    let Some((name, value)) = asked.next() else {
        return Ok(Cow::Borrowed(""));
    };
    if name != "include" || asked.next().is_some() {
        return Err(HttpError::bad("TypeError", "params.toLowerCase is not a function"));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_replies_may_be_included() {
        for passes in
            ["", "include=", "include", "include=responses", "include=Responses", "a=b&inclu=nlu"]
        {
            assert!(check(Some(passes)).is_ok(), "{passes}");
        }
        assert!(check(None).is_ok());
        for refused in ["include=nlu", "include=responses,nlu", "a&include=%20responses"] {
            let text = check(Some(refused)).unwrap_err().body();
            assert_eq!(text, "Unauthenticated converse API can only return \"responses\"");
        }
        for repeated in [
            "include=nlu&include=state",
            "include=&include=",
            "include[]=responses",
            "include%5Ba%5D=responses",
        ] {
            let body = check(Some(repeated)).unwrap_err().body();
            assert_eq!(Include::of(Some(repeated)).unwrap_err().body(), body);
            let expected = "{\"statusCode\":400,\"type\":\"TypeError\",\
                            \"message\":\"params.toLowerCase is not a function\"";
            assert!(body.starts_with(expected), "{repeated}: {body}");
        }
    }

    #[test]
    fn words_ask_for_members_in_the_order_of_v12() {
        let inspection = Inspection {
            nlu: Value::from(1),
            suggestions: Value::from(2),
            state: Value::from(3),
            decision: Value::from(4),
            credentials: None,
        };
        let mut answer = Answer { responses: Vec::new(), inspection: Some(Box::new(inspection)) };
        let written = |query: &str, answer: &Answer| {
            let mut text = Vec::new();
            Include::of(Some(query)).unwrap().write(answer, &mut text).unwrap();
            String::from_utf8(text).unwrap()
        };
        for (query, expected) in [
            ("", ""),
            ("include=", ""),
            ("include=responses", ""),
            ("include=foo,,NLU", ",\"nlu\":1"),
            ("a=b&include=decision,responses,State,state", ",\"state\":3,\"decision\":4"),
            ("include=nlu,%20state", ",\"nlu\":1"),
            ("include=credentials", ""),
            (
                "include=credentials,decision,suggestions,state,nlu",
                ",\"nlu\":1,\"suggestions\":2,\"state\":3,\"decision\":4",
            ),
        ] {
            assert_eq!(written(query, &answer), expected, "{query}");
        }
        if let Some(turn) = &mut answer.inspection {
            turn.credentials = Some(Value::from(5));
        }
        assert_eq!(written("include=credentials,nlu", &answer), ",\"nlu\":1,\"credentials\":5");
        assert!(!Include::of(Some("include=responses,x")).unwrap().asks_for_debug());
        assert!(Include::of(Some("include=credentials")).unwrap().asks_for_debug());
    }
}
