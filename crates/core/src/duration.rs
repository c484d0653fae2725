//! Durations as v12's configuration writes them: the `ms` notation of npm (`spec` runtime 1.3).

/// Milliseconds of a text such as `5m`, `1.5 hours`, `2 weeks` or `1500`; `None` where the notation
/// does not allow it. Negative durations are allowed by the notation and kept.
pub fn parse_ms(text: &str) -> Option<i64> {
    const LONGEST: usize = 100;
    if text.is_empty() || text.len() > LONGEST {
        return None;
    }
    let number_end = text
        .char_indices()
        .find(|(at, c)| !(c.is_ascii_digit() || *c == '.' || (*at == 0 && *c == '-')))
        .map_or(text.len(), |(at, _)| at);
    let (number, unit) = text.split_at(number_end);
    let digits = number.strip_prefix('-').unwrap_or(number);
    let valid = digits.ends_with(|c: char| c.is_ascii_digit()) && digits.matches('.').count() <= 1;
    if !valid {
        return None;
    }
    let number: f64 = number.parse().ok()?;
    let millis = number * unit_millis(unit.trim_start_matches(' '))?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "saturates, which is what is wanted"
    )]
    Some(millis as i64)
}

fn unit_millis(unit: &str) -> Option<f64> {
    const SECOND: f64 = 1000.0;
    const HOUR: f64 = 3600.0 * SECOND;
    const DAY: f64 = 24.0 * HOUR;
    Some(match unit.to_ascii_lowercase().as_str() {
        "" | "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" => 1.0,
        "s" | "sec" | "secs" | "second" | "seconds" => SECOND,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0 * SECOND,
        "h" | "hr" | "hrs" | "hour" | "hours" => HOUR,
        "d" | "day" | "days" => DAY,
        "w" | "week" | "weeks" => 7.0 * DAY,
        "y" | "yr" | "yrs" | "year" | "years" => 365.25 * DAY,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_notation_is_npms() {
        for (text, millis) in [
            ("5s", Some(5_000)),
            ("1.5s", Some(1_500)),
            (".5m", Some(30_000)),
            ("2 weeks", Some(1_209_600_000)),
            ("1500", Some(1_500)),
            ("1y", Some(31_557_600_000)),
            ("-3 min", Some(-180_000)),
            ("5 M", Some(300_000)),
            ("", None),
            ("soon", None),
            ("5 parsecs", None),
            ("5.", None),
            ("1.2.3s", None),
            ("s5", None),
        ] {
            assert_eq!(parse_ms(text), millis, "{text}");
        }
    }
}
