//! Durations in the notation of v12's configuration files: `5s`, `2 weeks`, `1500` (`spec` runtime
//! 1.3).

const SECOND: f64 = 1_000.0;
const MINUTE: f64 = 60.0 * SECOND;
const HOUR: f64 = 60.0 * MINUTE;
const DAY: f64 = 24.0 * HOUR;

/// Longest text that is looked at; longer ones are no durations.
const MAX_LENGTH: usize = 100;

/// Milliseconds of a duration such as `1.5s`, `-3 min`, `2 weeks` or `1500`; `None` when `text` is
/// none. A year has 365.25 days; a number without a unit is in milliseconds.
pub fn parse_ms(text: &str) -> Option<f64> {
    if text.len() > MAX_LENGTH {
        return None;
    }
    let end = text.find(|c: char| !matches!(c, '0'..='9' | '.' | '-')).unwrap_or(text.len());
    let (number, rest) = text.split_at(end);
    let scale = unit_ms(&rest.trim_start_matches(' ').to_ascii_lowercase())?;
    let digits = number.strip_prefix('-').unwrap_or(number);
    let (whole, fraction) = digits.split_once('.').unwrap_or(("", digits));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if fraction.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    Some(number.parse::<f64>().ok()? * scale)
}

/// Milliseconds of one `unit`, in lower case.
fn unit_ms(unit: &str) -> Option<f64> {
    Some(match unit {
        "" | "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" => 1.0,
        "s" | "sec" | "secs" | "second" | "seconds" => SECOND,
        "m" | "min" | "mins" | "minute" | "minutes" => MINUTE,
        "h" | "hr" | "hrs" | "hour" | "hours" => HOUR,
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
    fn durations_are_read_as_v12_reads_them() {
        for (text, expected) in [
            ("5s", 5_000.0),
            ("1m", 60_000.0),
            ("1500", 1_500.0),
            ("1.5s", 1_500.0),
            (".5h", 1_800_000.0),
            ("2 weeks", 1_209_600_000.0),
            ("30S", 30_000.0),
            ("1 Day", 86_400_000.0),
            ("1y", 31_557_600_000.0),
            ("100 msecs", 100.0),
            ("-3 min", -180_000.0),
            ("0", 0.0),
        ] {
            assert_eq!(parse_ms(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn everything_else_is_no_duration() {
        for text in ["", " ", "s", "5 parsecs", "5.", "1.2.3s", "--5", "1e3", " 5s", "5s ", "٣s"] {
            assert_eq!(parse_ms(text), None, "{text:?}");
        }
        assert_eq!(parse_ms(&"1".repeat(MAX_LENGTH + 1)), None);
    }

    proptest! {
        #[test]
        fn any_text_gives_a_finite_duration_or_none(text in ".{0,120}") {
            prop_assert!(parse_ms(&text).is_none_or(f64::is_finite));
        }
    }
}
