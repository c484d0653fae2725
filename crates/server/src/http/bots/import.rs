//! `POST …/bots/{bot}/import`: an archive becomes a bot (`spec` http 3.2, runtime 1.10; `reference`
//! reliability 5.7).

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use tokio::io::AsyncWriteExt as _;

use super::super::answer::{success, text};
use super::super::body::Pieces;
use super::super::error::HttpError;
use super::super::openapi::{Body, Doc, Tag};
use super::super::routes::{Call, Recorded, Right};
use super::{ARCHIVE, permit_bot, transfer, work};
use crate::auth::Caller;
use crate::bot_admin::{BotAdmin, ImportOptions, Inspection, Intake};
use crate::services::Services;

/// Largest archive, in bytes: as much as one may hold unpacked.
const LARGEST: usize = 512 << 20;

/// How the archive shall come in.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct How {
    overwrite: Option<String>,
    dry_run: Option<String>,
}

/// What would come of an import.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Looked {
    /// The id that the bot would get.
    bot_id: String,
    /// The id that the archive names.
    own_id: Option<String>,
    /// The workspace that would get it.
    workspace: Option<String>,
    /// Whether there is a bot of this id, so that `overwrite` is needed.
    exists: bool,
    /// Whether it can run; if not, an import is refused.
    can_run: bool,
    files: usize,
    /// Bytes of the files.
    bytes: u64,
    /// What `parlance check` says of it.
    report: Map<String, Value>,
}

/// What the endpoint takes and gives.
pub(in super::super) fn import_doc() -> Doc {
    Doc::new(Tag::Bots, "Import a bot")
        .about(
            "The archive is checked first. Then all of it takes its place at once, or nothing: turns get \
             the old bot or the new one. The answer comes when the new one is served. The bot's name \
             becomes `name (id)` when it comes in under another id than its own.",
        )
        .query::<bool>("overwrite", "Whether it may replace a bot of the same workspace")
        .query::<bool>("dryRun", "Look at the archive, report on it, and change nothing")
        .takes_body(Body::Archive)
        .gives_other(
            200,
            "*/*",
            "It is served: the text `OK`. With `dryRun` a JSON envelope with what was found",
        )
        .gives_other(400, "*/*", "It cannot be imported; the reason, as JSON or as a text")
        .refuses(409, "There is a bot of this id, and it may not be replaced")
}

/// 200 once the bot is served.
pub(in super::super) async fn import(
    State(services): State<Services>,
    mut call: Call,
) -> Result<Response, HttpError> {
    let how: How = call.query()?;
    let body = call.take_body();
    let pieces = Pieces::new(&call.parts().headers, body, LARGEST).await?;
    let asked = Asked {
        caller: call.caller().clone(),
        workspace: call.workspace()?.to_owned(),
        bot: call.parameter("bot")?.into_owned(),
        is_archive: is_archive(&call.parts().headers),
    };
    let (options, dry_run) = match prepared(&services, asked, &how).await {
        Ok(prepared) => prepared,
        Err(refusal) => return Err(pieces.unwanted(refusal).await),
    };
    let _place = transfer(&services).await?;
    let intake = work(&services, BotAdmin::intake).await?;
    let hash = receive(pieces, &intake).await?;
    let found = work(&services, move |admin| {
        let archive = intake.path();
        if dry_run { admin.inspect(&archive, &options) } else { admin.import(&archive, &options) }
    });
    let found = found.await?;
    let recorded = Recorded { after: Some(hash), ..Recorded::of(format!("bot={}", found.id)) };
    if dry_run {
        let looked = success("Looked at the archive", looked(found));
        return Ok(recorded.note("dry run: nothing was changed").with(looked));
    }
    let note = if found.exists { "replaced" } else { "new" };
    Ok(recorded.note(note).with(text(StatusCode::OK, "OK")))
}

/// Who asks for what.
struct Asked {
    caller: Caller,
    workspace: String,
    /// The id as the path has it.
    bot: String,
    is_archive: bool,
}

/// What is to be done, once it is clear that it may be.
async fn prepared(
    services: &Services,
    asked: Asked,
    how: &How,
) -> Result<(ImportOptions, bool), HttpError> {
    let (overwrite, dry_run) =
        (flag("overwrite", how.overwrite.as_deref())?, flag("dryRun", how.dry_run.as_deref())?);
    if !asked.is_archive {
        let why = "Bot should be imported from archive";
        return Err(HttpError::text(StatusCode::BAD_REQUEST, why));
    }
    let Asked { caller, workspace, bot: wanted, .. } = asked;
    let (bot, home) = (wanted.clone(), workspace.clone());
    let id = work(services, move |admin| admin.landing(&bot, &home)).await?;
    permit_bot(services, &caller, &workspace, Right::write(ARCHIVE), id.as_str()).await?;
    let options = ImportOptions { id: Some(wanted), overwrite, workspace: Some(workspace) };
    Ok((options, dry_run))
}

/// A switch of the query, in the words that v12 takes.
fn flag(name: &str, value: Option<&str>) -> Result<bool, HttpError> {
    match value.map(|value| value.trim().to_ascii_lowercase()).as_deref() {
        None | Some("" | "false" | "no" | "n" | "0" | "off") => Ok(false),
        Some("true" | "yes" | "y" | "1" | "on") => Ok(true),
        Some(_) => Err(HttpError::bad_request(&format!("{name}: true or false is expected"))),
    }
}

/// Whether the body is said to be what v12 takes.
fn is_archive(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let kind = kind.and_then(|kind| kind.split(';').next()).unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/tar+gzip")
}

/// Writes the archive to its place; gives its hash.
async fn receive(mut pieces: Pieces, intake: &Intake) -> Result<String, HttpError> {
    let failed = |error: std::io::Error| {
        tracing::error!(%error, "an archive that comes in cannot be written");
        HttpError::internal()
    };
    let mut file = tokio::fs::File::create_new(intake.path()).await.map_err(failed)?;
    let mut hash = Sha256::new();
    while let Some(piece) = pieces.next().await? {
        hash.update(&piece);
        file.write_all(&piece).await.map_err(failed)?;
    }
    file.flush().await.map_err(failed)?;
    Ok(format!("{:x}", hash.finalize()))
}

fn looked(found: Inspection) -> Looked {
    let report = match serde_json::to_value(&found.report) {
        Ok(Value::Object(report)) => report,
        _ => Map::new(),
    };
    Looked {
        bot_id: found.id.to_string(),
        own_id: found.own_id.map(|id| id.to_string()),
        workspace: found.workspace,
        exists: found.exists,
        can_run: found.config.is_some(),
        files: found.amount.files,
        bytes: found.amount.bytes,
        report,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_are_read_as_v12_reads_them() {
        for (text, expected) in [
            (None, Some(false)),
            (Some("true"), Some(true)),
            (Some(" YES "), Some(true)),
            (Some("1"), Some(true)),
            (Some("false"), Some(false)),
            (Some(""), Some(false)),
            (Some("0"), Some(false)),
            (Some("maybe"), None),
            (Some("2"), None),
        ] {
            assert_eq!(flag("overwrite", text).ok(), expected, "{text:?}");
        }
    }
}
