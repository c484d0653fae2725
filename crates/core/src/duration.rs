//! Durations as v12 writes them: the notation of the npm package `ms` (`spec` runtime 1.3).

/// Longest text that is looked at; the notation's own bound.
const MAX_LEN: usize = 100;

/// Milliseconds of `5m`, `1.5s`, `2 weeks`, `1500`; fractions of a millisecond are dropped.
///
/// `None` for everything the notation does not know, and for negative durations.
pub fn parse_ms(text: &str) -> Option<u64> {
    if text.len() > MAX_LEN {
        return None;
    }
    let number_len = text.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let (number, unit) = text.split_at_checked(number_len)?;
    // The notation wants a digit at the end: `1.` is no number, `.5` is one.
    if !number.ends_with(|last: char| last.is_ascii_digit()) {
        return None;
    }
    let number: f64 = number.parse().ok()?;
    whole_ms(number * factor(unit.trim_start_matches(' '))?)
}

/// A number of milliseconds as a duration; `None` where it is negative or not finite.
pub fn whole_ms(number: f64) -> Option<u64> {
    /// 2^53: beyond it v12 counts inexactly, and no real duration gets there (285,616 years).
    const LONGEST: f64 = 9_007_199_254_740_992.0;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 2^53; dropping the fraction is meant"
    )]
    (0.0..=LONGEST).contains(&number).then_some(number as u64)
}

/// Milliseconds of one `unit`; without a unit the number already counts milliseconds.
fn factor(unit: &str) -> Option<f64> {
    const SECOND: f64 = 1000.0;
    const DAY: f64 = 24.0 * 60.0 * 60.0 * SECOND;
    Some(match unit.to_ascii_lowercase().as_str() {
        "" | "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" => 1.0,
        "s" | "sec" | "secs" | "second" | "seconds" => SECOND,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0 * SECOND,
        "h" | "hr" | "hrs" | "hour" | "hours" => 3600.0 * SECOND,
        "d" | "day" | "days" => DAY,
        "w" | "week" | "weeks" => 7.0 * DAY,
        "y" | "yr" | "yrs" | "year" | "years" => 365.25 * DAY,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_follow_the_notation() {
        for (text, expected) in [
            ("1500", 1500),
            ("5s", 5000),
            ("1.5s", 1500),
            (".5s", 500),
            ("0", 0),
            ("5m", 300_000),
            ("30 min", 1_800_000),
            ("2 Hours", 7_200_000),
            ("1d", 86_400_000),
            ("2 weeks", 1_209_600_000),
            ("1 week", 604_800_000),
            ("1y", 31_557_600_000),
            ("10  msecs", 10),
            ("0.9ms", 0),
        ] {
            assert_eq!(parse_ms(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for text in
            ["", " ", "s", "-5m", "1.", "1.2.3", "5 minutes ago", " 5m", "5m ", "5\tm", "1e3", "∞"]
        {
            assert_eq!(parse_ms(text), None, "{text:?}");
        }
        assert_eq!(parse_ms(&"9".repeat(101)), None);
        assert_eq!(parse_ms(&"9".repeat(50)), None);
        assert_eq!(whole_ms(f64::NAN), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,120}") {
            let _ = parse_ms(&text);
        }
    }
}
