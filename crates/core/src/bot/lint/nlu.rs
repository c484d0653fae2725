//! Intents, entities and Q&A: what cannot be recognised or answered (`spec` runtime 7.3, 8, 15).

use std::collections::{BTreeMap, HashSet};

use super::super::findings::{Findings, Place};
use super::super::nlu_files::{Intent, QNA_PREFIX, Qna};
use super::super::quote::{list, quote};
use super::Context;

/// Entities that v12 brings along (`spec` runtime 8.2).
const SYSTEM_ENTITIES: [&str; 13] = [
    "amountOfMoney",
    "distance",
    "duration",
    "email",
    "number",
    "ordinal",
    "phoneNumber",
    "quantity",
    "temperature",
    "time",
    "url",
    "volume",
    "any",
];

/// Fewer utterances are only matched word by word (`spec` runtime 8.5).
const ENOUGH_UTTERANCES: usize = 3;

/// Checks everything that language understanding works with.
pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    not_available(context, findings);
    intents(context, findings);
    for item in context.nlu.qna.iter().filter(|item| item.enabled) {
        qna(context, item, findings);
    }
}

/// Says once that nothing of it works yet.
fn not_available(context: &Context<'_>, findings: &mut Findings) {
    let own = context.nlu.intents.keys().filter(|name| !name.starts_with(QNA_PREFIX)).count();
    let enabled = context.nlu.qna.iter().filter(|item| item.enabled).count();
    let transitions = context.bot.flows.values().flat_map(|flow| {
        let nodes = flow.nodes.iter().flat_map(|node| &node.next);
        nodes.chain(&flow.catch_all.next)
    });
    let tested = transitions.filter(|t| t.condition.contains("event.nlu")).count();
    let parts: Vec<String> =
        [(own, "intents"), (enabled, "Q&A items"), (tested, "conditions on what the user meant")]
            .into_iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, name)| format!("{name} ({number})"))
            .collect();
    if parts.is_empty() {
        return;
    }
    findings.warn(
        Place::file("intents/"),
        "no-language-understanding",
        format!(
            "the bot works with {}; this version does not understand language yet",
            parts.join(", ")
        ),
        "no message matches an intent or a question: `event.nlu.intent.name` is always \"none\"",
    );
}

fn intents(context: &Context<'_>, findings: &mut Findings) {
    let mut few: Vec<&str> = Vec::new();
    let mut orphans: Vec<&str> = Vec::new();
    let mut empty: Vec<&str> = Vec::new();
    let items: HashSet<&str> = context.nlu.qna.iter().map(|item| item.id.as_str()).collect();
    for (name, intent) in &context.nlu.intents {
        if let Some(id) = name.strip_prefix(QNA_PREFIX) {
            if !items.contains(id) {
                orphans.push(name);
            }
            continue;
        }
        match intent.utterances {
            0 => empty.push(name),
            count if count < ENOUGH_UTTERANCES => few.push(name),
            _ => {}
        }
        parts(context, intent, findings);
    }
    let mut tell = |code, names: &[&str], problem: &str, effect: &str| {
        if !names.is_empty() {
            let problem = format!("{problem}: {}", list(names.iter().copied(), 8));
            findings.info(Place::file("intents/"), code, problem, effect);
        }
    };
    let effect = "never recognised";
    tell("intent-without-utterances", &empty, "intents without utterances", effect);
    let effect = "recognised by exactly these words only";
    tell("few-utterances", &few, "intents with fewer than 3 utterances", effect);
    let effect = "ignored; in v12 a message that matches one is not answered at all";
    tell("orphan-qna-intent", &orphans, "intents of Q&A items that do not exist", effect);
}

/// Checks an intent's contexts and slots.
fn parts(context: &Context<'_>, intent: &Intent, findings: &mut Findings) {
    let place = |field| Place::field(&intent.file, field);
    if intent.contexts.is_empty() {
        let problem = "the intent belongs to no context";
        let effect = "it is never recognised; v12 cannot train the bot at all";
        findings.warn(place("contexts"), "intent-without-context", problem, effect);
    }
    let mut unknown: BTreeMap<&str, &str> = BTreeMap::new();
    for (slot, entities) in &intent.slots {
        for entity in entities {
            let entity = entity.strip_prefix("@system.").unwrap_or(entity);
            if !SYSTEM_ENTITIES.contains(&entity) && !context.nlu.entities.contains(entity) {
                unknown.insert(entity, slot);
            }
        }
    }
    for (entity, slot) in unknown {
        let problem = format!(
            "the slot {} takes the entity {}, which does not exist",
            quote(slot),
            quote(entity)
        );
        let effect = "the slot is not filled from it; v12 cannot train the bot at all";
        findings.warn(place("slots"), "unknown-entity", problem, effect);
    }
}

fn qna(context: &Context<'_>, item: &Qna, findings: &mut Findings) {
    let language = &context.bot.config.default_language;
    let place = |field| Place::field(&item.file, field);
    if item.questions == 0 {
        let problem = "has no question";
        findings.warn(place("data.questions"), "qna-without-question", problem, "never asked");
    }
    if item.action.contains("text") {
        if !item.answers.contains_key(&Some(language.clone())) && !item.answers.contains_key(&None)
        {
            let problem = format!("has no answer in the default language {}", quote(language));
            findings.warn(
                place("data.answers"),
                "qna-without-answer",
                problem,
                "the item is skipped",
            );
        }
        for answer in item.answers.values().flatten() {
            let Some(id) = answer.strip_prefix("#!") else {
                continue;
            };
            if !context.bot.elements.contains_key(id.trim()) {
                let problem =
                    format!("answers with the content element {}, which does not exist", quote(id));
                findings.error(
                    place("data.answers"),
                    "unknown-element",
                    problem,
                    "the answer is skipped",
                );
            }
        }
    }
    if item.action.contains("redirect") {
        redirect(context, item, findings);
    }
}

fn redirect(context: &Context<'_>, item: &Qna, findings: &mut Findings) {
    let effect = "the question leads nowhere";
    let Some(flow) = context.index.flow(&item.redirect_flow) else {
        let problem =
            format!("redirects to the flow {}, which does not exist", quote(&item.redirect_flow));
        let place = Place::field(&item.file, "data.redirectFlow");
        findings.error(place, "unknown-flow", problem, effect);
        return;
    };
    if context.index.node(flow, &item.redirect_node).is_none() {
        let problem = if item.redirect_node.is_empty() {
            format!("names no node of {} to redirect to", quote(&flow.name))
        } else {
            format!(
                "redirects to the node {} of {}, which does not exist",
                quote(&item.redirect_node),
                quote(&flow.name)
            )
        };
        let place = Place::field(&item.file, "data.redirectNode");
        findings.error(place, "unknown-node", problem, effect);
    }
}
