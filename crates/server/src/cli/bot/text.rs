//! What `parlance bot` prints.

use std::io::{self, Write};
use std::path::Path;

use parlance_core::bot::{Severity, plain_excerpt};

use crate::bot_admin::{BotSummary, Exported, Inspection};

/// A line for each bot, in columns.
pub(super) fn list(out: &mut dyn Write, bots: &[BotSummary]) -> io::Result<()> {
    if bots.is_empty() {
        return writeln!(out, "there are no bots; `parlance bot new` makes one");
    }
    let rows: Vec<[String; 4]> = bots
        .iter()
        .map(|bot| {
            [
                bot.id.clone(),
                plain_excerpt(&bot.name),
                plain_excerpt(&bot.workspaces.join(", ")),
                state(bot),
            ]
        })
        .collect();
    let titles = ["BOT", "NAME", "WORKSPACE", "STATE"].map(str::to_owned);
    let width = |column: usize| {
        let cells = rows.iter().chain([&titles]).filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths = [width(0), width(1), width(2)];
    for [id, name, workspaces, state] in [&titles].into_iter().chain(&rows) {
        let [a, b, c] = widths;
        writeln!(out, "{id:a$}  {name:b$}  {workspaces:c$}  {state}")?;
    }
    Ok(())
}

fn state(bot: &BotSummary) -> String {
    if let Some(problem) = &bot.problem {
        return plain_excerpt(problem);
    }
    let served = match (bot.workspaces.is_empty(), bot.disabled) {
        (true, _) => "not served: no workspace names it",
        (false, true) => "disabled",
        (false, false) => "served",
    };
    let mut state = served.to_owned();
    for (is_so, word) in [(bot.private, "private"), (bot.locked, "locked")] {
        if is_so {
            state.push_str(", ");
            state.push_str(word);
        }
    }
    state
}

/// What has come in, and whether there is more to read about it.
pub(super) fn imported(out: &mut dyn Write, found: &Inspection) -> io::Result<()> {
    let report = &found.report;
    let (errors, warnings) = (report.count(Severity::Error), report.count(Severity::Warning));
    let did = if found.exists { "replaced" } else { "imported" };
    writeln!(
        out,
        "{did} \"{}\": {} files, {} flows, {errors} errors, {warnings} warnings",
        found.id, found.amount.files, report.counts.flows
    )?;
    if errors + warnings > 0 {
        writeln!(out, "`parlance check` names them")?;
    }
    Ok(())
}

/// What was written, and where.
pub(super) fn exported(
    out: &mut dyn Write,
    path: &Path,
    found: Exported,
    packed: u64,
) -> io::Result<()> {
    let Exported { files, bytes } = found;
    writeln!(out, "wrote {}: {files} files, {bytes} bytes, {packed} packed", path.display())
}
