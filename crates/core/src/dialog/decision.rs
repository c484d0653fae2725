//! Suggestions, their election, and what the turn does with the elected one (`spec` runtime 7.1).

use serde::{Serialize, Serializer};
use serde_json::Value;

use super::builtin_hooks::Skip;
use super::event::Moment;
use super::history;
use super::turn::{Persist, Phase, ProblemKind, Turn};
use crate::js;

/// The source of the decision that the flows answer.
pub(super) const FLOWS: &str = "decisionEngine";

/// How suggestions are chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct DecisionRules {
    /// Least confidence of a suggestion (`BP_DECISION_MIN_CONFIENCE`).
    pub min_confidence: f64,
    /// Whether the bot may not repeat itself (`noRepeatPolicy`) within so many milliseconds.
    pub no_repeat_within: Option<i64>,
}

impl Default for DecisionRules {
    fn default() -> Self {
        Self { min_confidence: 0.5, no_repeat_within: None }
    }
}

/// A reply that something besides the flows proposes.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Suggestion {
    /// Between 0 and 1.
    #[serde(serialize_with = "as_javascript_writes_it")]
    pub confidence: f64,
    /// What to send; a payload of type `redirect` goes to a flow instead.
    pub payloads: Vec<Value>,
    /// Who proposes, e.g. `qna`.
    pub source: String,
    /// What of it, e.g. the Q&A item.
    pub source_details: String,
    /// The outcome, once elections were held.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Verdict>,
}

/// Outcome of an election for one suggestion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Why.
    pub reason: String,
    /// Whether it was elected.
    pub status: Status,
}

/// See [`Verdict`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It is used.
    Elected,
    /// It is not.
    Dropped,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn as_javascript_writes_it<S: Serializer>(number: &f64, to: S) -> Result<S::Ok, S::Error> {
    js::number_to_json(*number).serialize(to)
}

/// `event.decision`: the elected suggestion, or that the flows decide.
pub type Decision = Suggestion;

/// Judges every suggestion. `busy` when a flow is under way.
pub(super) fn elect(
    suggestions: &mut [Suggestion],
    rules: DecisionRules,
    last_message: Option<&Value>,
    now: i64,
    busy: bool,
) {
    let mut order: Vec<&mut Suggestion> = suggestions.iter_mut().collect();
    order.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let mut elected = false;
    for suggestion in order {
        let repeats = rules.no_repeat_within.filter(|window| {
            let source = format!("{} {}", suggestion.source, suggestion.source_details);
            last_message.is_some_and(|last| {
                last.get("replySource").and_then(Value::as_str) == Some(&source)
                    && last
                        .get("replyDate")
                        .and_then(Value::as_str)
                        .and_then(Moment::parse_iso)
                        .is_some_and(|at| now - at < *window)
            })
        });
        let (status, reason) = if suggestion.confidence < rules.min_confidence {
            (Status::Dropped, format!("confidence lower than {}", rules.min_confidence))
        } else if let Some(window) = repeats {
            (Status::Dropped, format!("bot would repeat itself (within {window}ms)"))
        } else if elected {
            (Status::Dropped, "best suggestion already elected".to_owned())
        } else if busy {
            elected = true;
            let reason = "would have been elected, but already in the middle of a flow";
            (Status::Dropped, reason.to_owned())
        } else {
            elected = true;
            (Status::Elected, "best remaining suggestion available".to_owned())
        };
        suggestion.decision = Some(Verdict { reason, status });
    }
}

impl Turn<'_> {
    /// Holds the election, replies with what was elected, and starts the flows unless they are
    /// skipped.
    pub(super) fn decide(&mut self, skip: Skip) {
        let last = self.state.session.get("lastMessages").and_then(Value::as_array);
        let last = last.and_then(|list| list.last());
        let busy = self.state.context.current_flow.is_some();
        elect(&mut self.suggestions, self.settings.rules, last, self.now.millis, busy);
        let elected = self.suggestions.iter().find(|suggestion| {
            suggestion.decision.as_ref().is_some_and(|verdict| verdict.status == Status::Elected)
        });
        let redirected = match elected.cloned() {
            Some(suggestion) => {
                let redirected = self.reply_with(&suggestion);
                self.decision = Some(suggestion);
                self.persist = Persist::WithoutContext;
                redirected
            }
            None => true,
        };
        if skip.flows {
            if skip.force_persist {
                self.persist = Persist::All;
            }
        } else if redirected {
            self.decision.get_or_insert_with(flows_decide);
            self.persist = Persist::All;
            self.phase = Phase::Flows;
        }
    }

    /// Sends the suggestion's replies; true when it redirects to a flow.
    fn reply_with(&mut self, suggestion: &Suggestion) -> bool {
        let is_redirect =
            |payload: &&Value| payload.get("type").and_then(Value::as_str) == Some("redirect");
        let replies: Vec<Value> =
            suggestion.payloads.iter().filter(|payload| !is_redirect(payload)).cloned().collect();
        let preview = replies.iter().find(|reply| reply.get("text").is_some()).cloned();
        let source = format!("{} {}", suggestion.source, suggestion.source_details);
        history::add(
            &mut self.state,
            &self.event,
            &self.now.iso,
            &source,
            suggestion.confidence,
            &preview.unwrap_or_default(),
        );
        self.replies.extend(replies);
        let Some(redirect) = suggestion.payloads.iter().find(is_redirect) else {
            return false;
        };
        let place = |name: &str| redirect.get(name).and_then(Value::as_str).unwrap_or_default();
        let (flow, node) = (place("flow"), place("node"));
        if flow.is_empty() || node.is_empty() {
            return false;
        }
        if let Err(error) = self.jump(flow, Some(node)) {
            self.report(ProblemKind::DialogTransition, None, &error.to_string());
        }
        true
    }
}

/// The decision when no suggestion was elected.
fn flows_decide() -> Decision {
    Suggestion {
        confidence: 1.0,
        payloads: Vec::new(),
        source: FLOWS.to_owned(),
        source_details: "execute default flow".to_owned(),
        decision: Some(Verdict {
            reason: "no suggestion matched".to_owned(),
            status: Status::Elected,
        }),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn suggestion(confidence: f64) -> Suggestion {
        Suggestion {
            confidence,
            payloads: vec![json!({"type": "text", "text": "x"})],
            source: "qna".to_owned(),
            source_details: "__qna__a".to_owned(),
            decision: None,
        }
    }

    fn verdicts(
        confidences: &[f64],
        rules: DecisionRules,
        last: Option<&Value>,
        busy: bool,
    ) -> Vec<String> {
        let mut judged: Vec<_> = confidences.iter().copied().map(suggestion).collect();
        elect(&mut judged, rules, last, 10_000, busy);
        judged.into_iter().map(|s| s.decision.map(|d| d.reason).unwrap_or_default()).collect()
    }

    #[test]
    fn the_most_confident_suggestion_is_elected_and_weak_ones_are_dropped() {
        assert_eq!(
            verdicts(&[0.5, 0.9, 0.49], DecisionRules::default(), None, false),
            [
                "best suggestion already elected",
                "best remaining suggestion available",
                "confidence lower than 0.5"
            ]
        );
    }

    #[test]
    fn a_bot_that_may_not_repeat_itself_does_not() {
        let rules = DecisionRules { no_repeat_within: Some(20_000), ..DecisionRules::default() };
        let said = |iso: &str| json!({"replySource": "qna __qna__a", "replyDate": iso});
        let now = said("1970-01-01T00:00:09.000Z");
        assert_eq!(
            verdicts(&[0.9], rules, Some(&now), false),
            ["bot would repeat itself (within 20000ms)"]
        );
        let long_ago = said("1969-12-31T23:00:00.000Z");
        assert_eq!(
            verdicts(&[0.9], rules, Some(&long_ago), false),
            ["best remaining suggestion available"]
        );
    }

    #[test]
    fn a_flow_under_way_is_not_interrupted() {
        assert_eq!(
            verdicts(&[0.9], DecisionRules::default(), None, true),
            ["would have been elected, but already in the middle of a flow"]
        );
    }
}
