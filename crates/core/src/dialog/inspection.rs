//! What the Debug API shows of a turn, made only when somebody asks (`spec` http 1.9, runtime 11.1).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::decision::{self, Decision};
use super::turn::Turn;
use crate::untrusted;

/// A finished turn from inside, each part as v12 writes it. No string in it carries a trust mark.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    /// `event.nlu`.
    pub nlu: Value,
    /// `event.suggestions`, in the order in which they came.
    pub suggestions: Value,
    /// `event.state` at the end of the turn.
    pub state: Value,
    /// `event.decision`; `{}` when nobody answered.
    pub decision: Value,
    /// Claims of the caller's external token, which are those of one request and not kept with the
    /// turn.
    #[serde(skip)]
    pub credentials: Option<Value>,
}

impl Turn<'_> {
    /// Makes [`Turn::finish`] give an [`Inspection`] too, if `wanted`.
    #[must_use]
    pub fn inspected(mut self, wanted: bool) -> Self {
        self.inspected = wanted;
        self
    }

    /// The inspection of a turn whose state is as it will be stored.
    pub(super) fn inspect(&self) -> Inspection {
        let plain = |mut value: Value| {
            untrusted::unmark(&mut value);
            value
        };
        let of_event = |name: &str| self.event.get(name).cloned();
        let suggestions = serde_json::to_value(&self.suggestions);
        Inspection {
            nlu: plain(of_event("nlu").unwrap_or_default()),
            suggestions: plain(suggestions.unwrap_or_default()),
            state: plain(self.state.to_json()),
            decision: plain(decision_json(self.decision.as_ref())),
            credentials: of_event("credentials").map(plain),
        }
    }
}

/// v12 writes the outcome first where the flows decide, and last where a suggestion was elected.
fn decision_json(decision: Option<&Decision>) -> Value {
    let written = decision.and_then(|decision| serde_json::to_value(decision).ok());
    let mut written = written.unwrap_or_else(|| Value::Object(Map::new()));
    if let Value::Object(fields) = &mut written
        && decision.is_some_and(|decision| decision.source == decision::FLOWS)
        && let Some(verdict) = fields.shift_remove("decision")
    {
        fields.shift_insert(0, "decision".to_owned(), verdict);
    }
    written
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_outcome_comes_last_where_a_suggestion_was_elected() {
        let suggestion = |source: &str, confidence: f64| Decision {
            confidence,
            payloads: vec![json!({"text": "x"})],
            source: source.to_owned(),
            source_details: "d".to_owned(),
            decision: Some(decision::Verdict {
                reason: "r".to_owned(),
                status: decision::Status::Elected,
            }),
        };
        let outcome = r#""decision":{"reason":"r","status":"elected"}"#;
        let rest = r#""payloads":[{"text":"x"}],"source":"#;
        assert_eq!(
            decision_json(Some(&suggestion("qna", 0.75))).to_string(),
            format!(r#"{{"confidence":0.75,{rest}"qna","sourceDetails":"d",{outcome}}}"#)
        );
        assert_eq!(
            decision_json(Some(&suggestion(decision::FLOWS, 1.0))).to_string(),
            format!(r#"{{{outcome},"confidence":1,{rest}"decisionEngine","sourceDetails":"d"}}"#)
        );
        assert_eq!(decision_json(None), json!({}));
    }
}
