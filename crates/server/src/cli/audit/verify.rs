//! `parlance audit verify`.

use std::io::{self, Write as _};
use std::process::ExitCode;

use super::{CommandError, VerifyArgs};

/// Follows the trail from its first row to its last.
pub(super) async fn run(args: VerifyArgs) -> Result<ExitCode, CommandError> {
    let mut trail = args.place.open().await?;
    let finding = trail.verify(args.head).await?;
    trail.close().await;
    let mut out = io::stdout().lock();
    match finding {
        Ok(head) if head.number == 0 => writeln!(out, "the audit trail is empty")?,
        Ok(head) => {
            writeln!(out, "the audit trail is whole: {} rows, the newest {head}", head.number)?;
        }
        Err(found) => {
            writeln!(out, "the audit trail is broken: {found}")?;
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}
