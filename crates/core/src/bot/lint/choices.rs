//! Choice skills whose options and transitions do not fit together (`spec` runtime 9.2).
//!
//! The Studio generates both from one form; they part when a skill is copied or edited by hand.

use std::collections::{BTreeSet, HashMap};

use serde_json::Value;

use super::super::findings::Findings;
use super::super::quote::{list, quote};
use super::Context;
use crate::bot::{Flow, Node, NodeKind};

/// The action that finds out which option was picked.
const PARSE: &str = "basic-skills/choice_parse_answer ";
/// How the variable begins that holds the option picked.
const RETURN: &str = "skill-choice-ret";

/// A choice, as its generated flow describes it.
struct Choice {
    /// What follows [`RETURN`] in the variable's name.
    suffix: String,
    options: BTreeSet<String>,
}

/// Checks every node that calls a choice skill.
pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let choices: HashMap<&str, Choice> = context
        .bot
        .flows
        .values()
        .filter_map(|flow| Some((flow.name.as_str(), choice(flow)?)))
        .collect();
    for (flow, node) in context.nodes() {
        if let NodeKind::SkillCall { flow: skill } = &node.kind
            && let Some(skill) = context.index.flow(skill)
            && let Some(choice) = choices.get(skill.name.as_str())
        {
            check_node(context, flow, node, choice, findings);
        }
    }
}

fn choice(flow: &Flow) -> Option<Choice> {
    let mut received = flow.nodes.iter().flat_map(|node| node.on_receive.iter().flatten());
    let args = received.find_map(|text| text.strip_prefix(PARSE))?;
    let args: Value = serde_json::from_str(args).ok()?;
    let text = |value: Option<&Value>| {
        value.and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    };
    let variable = args.get("config").and_then(|config| text(config.get("variableName")));
    let name = variable.or_else(|| text(args.get("randomId")));
    Some(Choice {
        suffix: name.map_or_else(String::new, |name| format!("-{name}")),
        options: args.get("keywords")?.as_object()?.keys().cloned().collect(),
    })
}

fn check_node(
    context: &Context<'_>,
    flow: &Flow,
    node: &Node,
    choice: &Choice,
    findings: &mut Findings,
) {
    let mut handled = BTreeSet::new();
    let mut certain = true;
    for (index, transition) in node.next.iter().enumerate() {
        match tested_option(&transition.condition) {
            Some((suffix, option)) if suffix == choice.suffix => {
                if !choice.options.contains(&option) {
                    findings.warn(
                        context.place(flow, Some(node), &format!("next[{index}].condition")),
                        "unknown-option",
                        format!(
                            "waits for the option {}, which the choice does not have",
                            quote(&option)
                        ),
                        "the transition is never taken",
                    );
                }
                handled.insert(option);
            }
            // Whatever else is tested may well be about the options, too.
            _ => certain &= transition.condition == "true",
        }
    }
    let unhandled = choice.options.iter().filter(|option| !handled.contains(*option));
    let unhandled: Vec<&str> = unhandled.map(String::as_str).collect();
    let mut targets = node.next.iter().map(|transition| transition.destination.as_str());
    let first = targets.next();
    let matters = targets.any(|target| Some(target) != first);
    if certain && matters && !handled.is_empty() && !unhandled.is_empty() {
        // Often meant so: "back to the menu" may well go where a wrong answer goes.
        findings.info(
            context.place(flow, Some(node), "next"),
            "unhandled-option",
            format!("no transition waits for the option {}", list(unhandled, 5)),
            "whoever picks it is treated as if the answer had not been understood",
        );
    }
}

/// Suffix and option of `temp['skill-choice-ret-x'] == "option"`.
fn tested_option(condition: &str) -> Option<(&str, String)> {
    let name = condition.trim().strip_prefix("temp[")?;
    let quote = name.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
    let (name, after) = name.get(1..)?.split_once(quote)?;
    let after = after.strip_prefix(']')?.trim_start();
    let value = after.strip_prefix("===").or_else(|| after.strip_prefix("=="))?.trim();
    Some((name.strip_prefix(RETURN)?, serde_json::from_str(value).ok()?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::bot::fixture::{found, load_with};

    #[test]
    fn the_tested_option_is_read_off_the_condition() {
        for (condition, expected) in [
            (r#"temp['skill-choice-ret-ab'] == "yes""#, Some(("-ab", "yes"))),
            (r#"temp["skill-choice-ret"] === "say \"hi\"""#, Some(("", "say \"hi\""))),
            (r#"temp['skill-choice-ret-ab'] == "yes" || temp.x"#, None),
            (r#"temp['skill-choice-valid-ab'] == "yes""#, None),
            ("temp['skill-choice-ret-ab'] == user.x", None),
            ("true", None),
        ] {
            let found = tested_option(condition);
            let found = found.as_ref().map(|(suffix, option)| (*suffix, option.as_str()));
            assert_eq!(found, expected, "{condition}");
        }
    }

    fn found_with(options: &[&str], conditions: &[&str]) -> Vec<String> {
        let keywords: serde_json::Map<String, Value> =
            options.iter().map(|option| ((*option).to_owned(), json!([]))).collect();
        let args = json!({"randomId": "ab", "keywords": keywords, "config": {}});
        let skill = json!({"version": "0.0.1", "startNode": "entry", "nodes": [
            {"name": "entry", "onReceive": [format!("{PARSE}{args}")]}]});
        let next: Vec<Value> = conditions
            .iter()
            .map(|c| json!({"condition": c, "node": if *c == "true" { "" } else { "END" }}))
            .collect();
        let main = json!({"version": "0.0.1", "startNode": "entry", "nodes": [
            {"name": "entry", "type": "skill-call", "flow": "skills/choice-1.flow.json", "next": next}]});
        let loaded = load_with(&[
            ("flows/main.flow.json", &main.to_string()),
            ("flows/shop.flow.json", &skill.to_string()),
            ("flows/skills/choice-1.flow.json", &skill.to_string()),
        ]);
        found(&loaded).into_iter().filter(|found| found.contains("option")).collect()
    }

    #[test]
    fn options_and_transitions_must_fit_together() {
        let (yes, no) =
            (r#"temp['skill-choice-ret-ab'] == "yes""#, r#"temp['skill-choice-ret-ab'] == "no""#);
        for (options, conditions, expected) in [
            (&["yes", "no"][..], &[yes, no, "true"][..], &[][..]),
            (&["yes"], &[yes, no], &["! unknown-option flows/main.flow.json next[1].condition"]),
            (&["yes", "no"], &[yes, "true"], &["unhandled-option flows/main.flow.json next"]),
            (&["yes", "no"], &["true"], &[]),
            (&["yes", "no"], &[yes, "temp.x"], &[]),
            (&["yes"], &[r#"temp['skill-choice-ret-other'] == "no""#], &[]),
        ] {
            assert_eq!(found_with(options, conditions), expected, "{options:?} {conditions:?}");
        }
    }
}
