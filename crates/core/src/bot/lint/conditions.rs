//! Conditions that cannot be evaluated, or that never hold (`spec` runtime 2.6).

use std::collections::HashMap;

use super::super::findings::Findings;
use super::super::nlu_files::QNA_PREFIX;
use super::super::quote::quote;
use super::{Context, STUCK};
use crate::bot::{Flow, Node, Transition};
use crate::expr::Condition;

/// What follows when a condition never holds.
const NEVER: &str = "the transition is never taken";

/// What is wrong with a condition.
#[derive(Debug, Clone)]
struct Flaw {
    code: &'static str,
    problem: String,
    /// Whether evaluating it fails, rather than giving false.
    fails: bool,
}

/// Checks the conditions of all transitions.
pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let mut checker = Checker { context, known: HashMap::new() };
    for flow in context.bot.flows.values() {
        checker.transitions(flow, None, "catchAll.next", &flow.catch_all.next, findings);
        for node in &flow.nodes {
            checker.transitions(flow, Some(node), "next", &node.next, findings);
        }
    }
}

struct Checker<'c, 'a> {
    context: &'c Context<'a>,
    /// Flaws by condition: bots repeat the same ones over and over.
    known: HashMap<&'a str, Option<Flaw>>,
}

impl<'a> Checker<'_, 'a> {
    fn transitions(
        &mut self,
        flow: &'a Flow,
        node: Option<&'a Node>,
        field: &str,
        transitions: &'a [Transition],
        findings: &mut Findings,
    ) {
        for (index, transition) in transitions.iter().enumerate() {
            let condition = transition.condition.as_str();
            let context = self.context;
            let found = self.known.entry(condition).or_insert_with(|| flaw(context, condition));
            let Some(wrong) = found else { continue };
            let field = format!("{field}[{index}].condition");
            let place = self.context.place(flow, node, &field);
            if wrong.fails {
                findings.error(place, wrong.code, wrong.problem.clone(), STUCK);
            } else {
                findings.warn(place, wrong.code, wrong.problem.clone(), NEVER);
            }
        }
    }
}

fn flaw(context: &Context<'_>, condition: &str) -> Option<Flaw> {
    let fails = |code, problem| Some(Flaw { code, problem, fails: true });
    let never = |code, problem| Some(Flaw { code, problem, fails: false });
    if condition == "true" {
        return None;
    }
    if condition.is_empty() {
        return never("empty-condition", "the condition is empty".to_owned());
    }
    if condition.starts_with("lastNode") {
        let problem = format!("{} is not of the form lastNode=<node>", quote(condition));
        return if condition.starts_with("lastNode=") {
            None
        } else {
            never("bad-last-node", problem)
        };
    }
    if condition.trim() == "always" {
        let problem = "\"always\" is the Studio's label, not a condition; write true".to_owned();
        return fails("literal-always", problem);
    }
    if condition.contains(".intent.is(") {
        let problem =
            format!("{} is in the form of v11, which v12 takes for false", quote(condition));
        return never("v11-condition", problem);
    }
    unknown_intent(context, condition)
        .map(|problem| Flaw { code: "unknown-intent", problem, fails: false })
        .or_else(|| broken(context.bot.conditions.get(condition)?, condition))
}

/// What makes evaluating the condition fail, or never hold, whatever the conversation.
fn broken(compiled: &Condition, condition: &str) -> Option<Flaw> {
    let flaw = |code, problem, fails| Some(Flaw { code, problem, fails });
    let shown = quote(condition);
    if let Some(error) = compiled.syntax_error() {
        let problem = format!("{shown} is no JavaScript expression: {error}");
        flaw("condition-syntax", problem, true)
    } else if let Some(name) = compiled.unknown_names().first() {
        let problem = format!("{shown}: there is no variable {}", quote(name));
        flaw("unknown-variable", problem, true)
    } else if let Some(what) = compiled.needs_javascript() {
        let problem = format!("{shown} needs JavaScript, which this version does not run: {what}");
        flaw("needs-javascript", problem, true)
    } else if let Some(name) = compiled.unknown_methods().first() {
        let problem = format!("{shown}: there is no method {}", quote(name));
        flaw("unknown-method", problem, false)
    } else {
        None
    }
}

/// Says which intent a condition waits for, where the bot has none of that name.
fn unknown_intent(context: &Context<'_>, condition: &str) -> Option<String> {
    // With a second way to hold, one intent that never comes does not decide.
    if condition.contains("||") {
        return None;
    }
    let wanted = wanted_intent(condition)?;
    let exists = match wanted.strip_prefix(QNA_PREFIX) {
        Some(id) => context.nlu.qna.iter().any(|item| item.id == id),
        None => wanted == "none" || context.nlu.intents.contains_key(wanted),
    };
    if exists {
        return None;
    }
    let problem = if wanted.is_empty() {
        "waits for an intent without a name".to_owned()
    } else {
        format!("waits for the intent {}, which the bot does not have", quote(wanted))
    };
    Some(problem)
}

/// `x` of `event.nlu.intent.name === 'x'`.
fn wanted_intent(condition: &str) -> Option<&str> {
    let (before, after) = condition.split_once("event.nlu.intent.name")?;
    if before.trim_end().ends_with('!') {
        return None;
    }
    let after = after.trim_start();
    let after = after.strip_prefix("===").or_else(|| after.strip_prefix("=="))?.trim_start();
    let quote = after.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let (name, _) = after.get(1..)?.split_once(quote)?;
    (!name.contains('\\')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wanted_intent_is_read_off_the_condition() {
        for (condition, expected) in [
            ("event.nlu.intent.name === 'book'", Some("book")),
            ("event.nlu.intent.name==\"book a\" && temp.x", Some("book a")),
            ("event.nlu.intent.name !== 'book'", None),
            ("event.nlu.intent.name === temp.x", None),
            ("event.nlu.intent.name.includes('x')", None),
            ("temp.x", None),
            ("event.nlu.intent.name === ''", Some("")),
        ] {
            assert_eq!(wanted_intent(condition), expected, "{condition}");
        }
    }
}
