//! `parlance audit tail`.

use std::io::{self, Write as _};
use std::process::ExitCode;

use super::{CommandError, TailArgs};
use crate::ops::trail::ShownRow;

/// Prints the newest rows, the newest last.
pub(super) async fn run(args: TailArgs) -> Result<ExitCode, CommandError> {
    let mut trail = args.place.open().await?;
    let mut after = trail.newest().await?.saturating_sub(i64::from(args.lines));
    let mut out = io::BufWriter::new(io::stdout().lock());
    loop {
        let rows = trail.rows_after(after).await?;
        let Some(last) = rows.last() else {
            break;
        };
        after = last.number;
        for row in rows.into_iter().map(ShownRow::from) {
            let printed = if args.json {
                serde_json::to_writer(&mut out, &row)
                    .map_err(io::Error::from)
                    .and_then(|()| writeln!(out))
            } else {
                writeln!(out, "{row}")
            };
            match printed {
                // Whoever reads may stop early, as `head` does.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                    return Ok(ExitCode::SUCCESS);
                }
                printed => printed?,
            }
        }
    }
    out.flush()?;
    trail.close().await;
    Ok(ExitCode::SUCCESS)
}
