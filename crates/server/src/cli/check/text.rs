//! The report as text: a few lines for each bot, like findings together, bounded.

use std::collections::BTreeMap;
use std::io::{self, Write};

use parlance_core::bot::{Counts, Finding, Severity, plain_excerpt};

use super::{Checked, Checkup};

/// Different problems shown of one kind.
const MAX_PROBLEMS: usize = 6;
/// Places shown of one problem, when all are wanted.
const ALL: usize = usize::MAX;
/// Names shown in a list.
const MAX_NAMES: usize = 8;

/// Findings of one kind with one effect.
struct Group<'r> {
    severity: Severity,
    code: &'static str,
    effect: &'r str,
    /// Problems in the order of files, each with its places.
    problems: Vec<(&'r str, Vec<&'r Finding>)>,
}

/// Prints all bots and a line of totals; `all` shows everything.
pub(super) fn print(out: &mut dyn Write, checkup: &Checkup, all: bool) -> io::Result<()> {
    for bot in &checkup.bots {
        print_bot(out, bot, all)?;
        writeln!(out)?;
    }
    for problem in &checkup.problems {
        writeln!(out, "warning: {problem}")?;
    }
    let with = |severity| checkup.bots.iter().filter(|bot| bot.severity == Some(severity)).count();
    let (errors, warnings) = (with(Severity::Error), with(Severity::Warning));
    write!(
        out,
        "{}: {errors} with errors, {warnings} with warnings, {} without either",
        count(checkup.bots.len(), "bot"),
        checkup.bots.len() - errors - warnings
    )
}

fn print_bot(out: &mut dyn Write, bot: &Checked, all: bool) -> io::Result<()> {
    writeln!(out, "{}", headline(bot))?;
    writeln!(out, "  {}", counts(&bot.report.counts))?;
    print_code(out, bot)?;
    let severities = [Severity::Error, Severity::Warning, Severity::Info];
    let totals: Vec<String> = severities
        .into_iter()
        .map(|severity| (severity, bot.report.count(severity)))
        .filter(|(_, total)| *total > 0)
        .map(|(severity, total)| count(total, word(severity)))
        .collect();
    let totals = if totals.is_empty() { "nothing to report".to_owned() } else { totals.join(", ") };
    writeln!(out, "  {totals}")?;
    for group in groups(&bot.report.findings) {
        print_group(out, &group, all)?;
    }
    match bot.report.omitted {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more that were not kept"),
    }
}

fn headline(bot: &Checked) -> String {
    let mut facts = Vec::new();
    if let Some(settings) = &bot.settings {
        let version = settings.version.as_deref().map_or_else(
            || "no version".to_owned(),
            |version| format!("version {}", plain_excerpt(version)),
        );
        facts.push(version);
        facts.push(plain_excerpt(&settings.languages.join(" ")));
        facts.extend(settings.disabled.then(|| "disabled".to_owned()));
        facts.extend(settings.private.then(|| "private".to_owned()));
    }
    facts.extend((!bot.loads).then(|| "DOES NOT LOAD".to_owned()));
    facts.extend((!bot.mounted).then(|| "not served".to_owned()));
    format!("{} ({})", bot.id, facts.join(", "))
}

fn counts(counts: &Counts) -> String {
    [
        (counts.flows, "flow"),
        (counts.nodes, "node"),
        (counts.transitions, "transition"),
        (counts.elements, "element"),
        (counts.intents, "intent"),
        (counts.entities, "entity"),
        (counts.qna, "Q&A item"),
        (counts.actions, "action"),
        (counts.hooks, "hook"),
    ]
    .into_iter()
    .filter(|(number, _)| *number > 0)
    .map(|(number, name)| count(number, name))
    .collect::<Vec<_>>()
    .join(", ")
}

/// `1 flow`, `2 flows`, `2 entities`.
fn count(number: usize, name: &str) -> String {
    match (number, name.strip_suffix('y')) {
        (1, _) => format!("1 {name}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        _ => format!("{number} {name}s"),
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// What the bot's code needs.
fn print_code(out: &mut dyn Write, bot: &Checked) -> io::Result<()> {
    let code = &bot.report.code;
    let hooks: BTreeMap<String, usize> =
        code.hooks.iter().map(|(kind, names)| (kind.clone(), names.len())).collect();
    for (title, names) in [
        ("calls its own actions", &code.actions_called),
        ("hooks into", &hooks),
        ("requires", &code.requires),
        ("uses the SDK", &code.calls),
    ] {
        if !names.is_empty() {
            writeln!(out, "  {title}: {}", names_with_counts(names))?;
        }
    }
    Ok(())
}

/// `a ×3, b and 2 more`, the most frequent first.
fn names_with_counts(names: &BTreeMap<String, usize>) -> String {
    let mut sorted: Vec<(&String, &usize)> = names.iter().collect();
    sorted.sort_by(|a, b| b.1.cmp(a.1).then_with(|| a.0.cmp(b.0)));
    let shown: Vec<String> = sorted
        .iter()
        .take(MAX_NAMES)
        .map(|(name, number)| match number {
            1 => plain_excerpt(name),
            _ => format!("{} ×{number}", plain_excerpt(name)),
        })
        .collect();
    let more = sorted.len().saturating_sub(MAX_NAMES);
    let shown = shown.join(", ");
    if more == 0 { shown } else { format!("{shown} and {more} more") }
}

/// Puts findings of one kind and effect together, the gravest first, then as they came.
fn groups(findings: &[Finding]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut places: BTreeMap<(Severity, &str, &str), usize> = BTreeMap::new();
    let mut problems: BTreeMap<(usize, &str), usize> = BTreeMap::new();
    for finding in findings {
        let key = (finding.severity, finding.code, finding.effect.as_str());
        let at = *places.entry(key).or_insert_with(|| {
            groups.push(Group {
                severity: finding.severity,
                code: finding.code,
                effect: &finding.effect,
                problems: Vec::new(),
            });
            groups.len() - 1
        });
        let Some(group) = groups.get_mut(at) else {
            continue;
        };
        let problem = *problems.entry((at, finding.problem.as_str())).or_insert_with(|| {
            group.problems.push((&finding.problem, Vec::new()));
            group.problems.len() - 1
        });
        if let Some((_, places)) = group.problems.get_mut(problem) {
            places.push(finding);
        }
    }
    groups.sort_by_key(|group| std::cmp::Reverse(group.severity));
    groups
}

fn print_group(out: &mut dyn Write, group: &Group<'_>, all: bool) -> io::Result<()> {
    let total: usize = group.problems.iter().map(|(_, places)| places.len()).sum();
    let total = if total == 1 { String::new() } else { format!(" ×{total}") };
    writeln!(out, "  {}: {}{total}: {}", word(group.severity), group.code, group.effect)?;
    let limit = if all { ALL } else { MAX_PROBLEMS };
    for (problem, places) in group.problems.iter().take(limit) {
        let mut places = places.iter().map(|finding| place(finding));
        let first = places.next().unwrap_or_default();
        match (places.len(), all) {
            (0, _) => writeln!(out, "    {first}: {problem}")?,
            (more, false) => {
                writeln!(out, "    {first} and {}: {problem}", count(more, "more place"))?;
            }
            (_, true) => {
                writeln!(out, "    {first}: {problem}")?;
                for place in places {
                    writeln!(out, "    {place}: the same")?;
                }
            }
        }
    }
    match group.problems.len().saturating_sub(limit) {
        0 => Ok(()),
        more => writeln!(out, "    and {more} more of this kind (--all shows them)"),
    }
}

/// `flows/main.flow.json › entry › next[1].node`.
fn place(finding: &Finding) -> String {
    let parts = [Some(&finding.file), finding.node.as_ref(), finding.field.as_ref()];
    parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" › ")
}
