//! How often may be asked: `httpServer.rateLimit` (`spec` http 1.12) and `converse.rateLimit` (ours).

use std::time::Duration;

use parlance_core::bot::RateLimit;

use super::RateLimits;
use super::reader::Reader;

const DEFAULT_IP_LIMIT: RateLimit = RateLimit { limit: 600, window: Duration::from_secs(30) };

/// Reads `httpServer.rateLimit`, which has a switch for all of it.
pub(super) fn of_server(reader: &mut Reader<'_>) -> RateLimits {
    let enabled = reader.switch("httpServer.rateLimit.enabled").unwrap_or(false);
    let limit = limit(reader, "httpServer.rateLimit.limit").unwrap_or(DEFAULT_IP_LIMIT.limit);
    let window = reader.duration("httpServer.rateLimit.limitWindow", RateLimit::WINDOWS);
    let ip = RateLimit { limit, window: window.unwrap_or(DEFAULT_IP_LIMIT.window) };
    let mut scoped = |section| {
        let limit = scoped(reader, section);
        if !enabled && reader.value(section).is_some() {
            let note =
                format!("{section}: without effect while httpServer.rateLimit.enabled is false");
            reader.warn(reader.origin(section), note);
        }
        limit.filter(|_| enabled)
    };
    RateLimits {
        token: scoped("httpServer.rateLimit.perToken"),
        user: scoped("httpServer.rateLimit.perUser"),
        bot: scoped("httpServer.rateLimit.perBot"),
        ip: enabled.then_some(ip),
    }
}

/// Reads `converse.rateLimit`, of chat users and of bots. It needs no switch: whoever writes it
/// means it.
pub(super) fn of_converse(reader: &mut Reader<'_>) -> (Option<RateLimit>, Option<RateLimit>) {
    (scoped(reader, "converse.rateLimit.perUser"), scoped(reader, "converse.rateLimit.perBot"))
}

/// A limit of ours, all or nothing of it.
fn scoped(reader: &mut Reader<'_>, section: &str) -> Option<RateLimit> {
    reader.value(section)?;
    let keys = [format!("{section}.limit"), format!("{section}.limitWindow")];
    for key in &keys {
        if reader.value(key).is_none() {
            reader.refuse(key, "limit and limitWindow, both of them");
        }
    }
    let [limit_key, window_key] = &keys;
    let limit = limit(reader, limit_key);
    let window = reader.duration(window_key, RateLimit::WINDOWS);
    Some(RateLimit { limit: limit?, window: window? })
}

fn limit(reader: &mut Reader<'_>, key: &str) -> Option<u32> {
    reader.whole(key, 1..=u64::from(u32::MAX)).and_then(|limit| u32::try_from(limit).ok())
}
