//! Numbers: from text and to integers, exactly as JavaScript converts them.
//!
//! Does not live here: formatting ([`crate::js::number_to_string`]).

/// 2^53: up to here every integer is a number of its own.
pub(super) const EXACT: f64 = 9_007_199_254_740_992.0;

/// A length or position as a number.
#[expect(clippy::cast_precision_loss, reason = "nothing in memory has 2^53 elements")]
pub(super) fn count(n: usize) -> f64 {
    n as f64
}

/// A number that is already an integer, cut to `0..=max`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "casts saturate, which is the cut that is wanted"
)]
pub(super) fn to_index(number: f64, max: usize) -> usize {
    (number as usize).min(max)
}

/// A position counted from the start or, when negative, from the end: `slice` and its like.
pub(super) fn relative_index(number: f64, length: usize) -> usize {
    let position = if number < 0.0 { count(length) + number } else { number };
    to_index(position, length)
}

/// `ToIntegerOrInfinity`.
pub(super) fn to_integer(number: f64) -> f64 {
    // Adding zero turns -0 into 0.
    if number.is_nan() { 0.0 } else { number.trunc() + 0.0 }
}

/// `ToUint32`.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the remainder is an integer in 0..2^32"
)]
pub(super) fn to_u32(number: f64) -> u32 {
    const MODULUS: f64 = 4_294_967_296.0;
    if number.is_finite() { number.trunc().rem_euclid(MODULUS) as u32 } else { 0 }
}

/// `ToInt32`.
pub(super) fn to_i32(number: f64) -> i32 {
    to_u32(number).cast_signed()
}

/// An array index written as JavaScript writes it: `0`, `17`, not `017`.
pub(super) fn array_index(key: &str) -> Option<usize> {
    let canonical = key == "0" || !key.starts_with('0');
    if !canonical || key.len() > 10 || !key.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let index: u32 = key.parse().ok()?;
    if index == u32::MAX { None } else { usize::try_from(index).ok() }
}

/// Whether JavaScript takes the character for white space or a line's end.
pub(super) fn is_space(character: char) -> bool {
    (character.is_whitespace() && character != '\u{85}') || character == '\u{FEFF}'
}

/// `Number(text)`.
pub(super) fn from_text(text: &str) -> f64 {
    let text = text.trim_matches(is_space);
    if text.is_empty() {
        return 0.0;
    }
    let prefix = text.get(..2).unwrap_or_default();
    let bits = match prefix {
        "0x" | "0X" => 4,
        "0o" | "0O" => 3,
        "0b" | "0B" => 1,
        _ => {
            let length = decimal_prefix(text);
            return if length == text.len() { parse_decimal(text) } else { f64::NAN };
        }
    };
    let digits = text.get(2..).unwrap_or_default();
    let valid = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(1 << bits));
    if valid { parse_bits(digits, bits) } else { f64::NAN }
}

/// `parseFloat(text)`.
pub(super) fn parse_float(text: &str) -> f64 {
    let text = text.trim_start_matches(is_space);
    parse_decimal(text.get(..decimal_prefix(text)).unwrap_or_default())
}

/// `parseInt(text, radix)`; `None` where engines may round differently.
pub(super) fn parse_int(text: &str, radix: i32) -> Option<f64> {
    let text = text.trim_start_matches(is_space);
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let hexadecimal = unsigned.strip_prefix("0x").or_else(|| unsigned.strip_prefix("0X"));
    let (digits, radix) = match (radix, hexadecimal) {
        (0 | 16, Some(digits)) => (digits, 16),
        (0, None) => (unsigned, 10),
        (2..=36, _) => (unsigned, radix.unsigned_abs()),
        _ => return Some(f64::NAN),
    };
    let end = digits.find(|digit: char| !digit.is_digit(radix)).unwrap_or(digits.len());
    let magnitude = parse_digits(digits.get(..end).unwrap_or_default(), radix)?;
    Some(if text.starts_with('-') { -magnitude } else { magnitude })
}

/// The value of digits in `radix`; `NaN` without any.
fn parse_digits(digits: &str, radix: u32) -> Option<f64> {
    if digits.is_empty() {
        return Some(f64::NAN);
    }
    if radix == 10 {
        return Some(parse_decimal(digits));
    }
    if radix.is_power_of_two() {
        return Some(parse_bits(digits, radix.trailing_zeros()));
    }
    let value = digits.chars().try_fold(0.0, |value: f64, digit| {
        let value = value * f64::from(radix) + f64::from(digit.to_digit(radix)?);
        (value <= EXACT).then_some(value)
    })?;
    Some(value)
}

/// The value of valid digits of `bits` bits each, rounded once, to even.
#[expect(clippy::cast_precision_loss, reason = "this is the rounding that is wanted")]
fn parse_bits(digits: &str, bits: u32) -> f64 {
    let mut top: u64 = 0;
    let mut dropped: i32 = 0;
    for digit in digits.chars().filter_map(|digit| digit.to_digit(1 << bits)) {
        for shift in (0..bits).rev() {
            let bit = u64::from(digit >> shift & 1);
            if top >> 62 == 0 {
                top = top << 1 | bit;
            } else {
                // More bits than a number has: only whether any is set still matters.
                top |= bit;
                dropped = dropped.saturating_add(1);
            }
        }
    }
    top as f64 * 2_f64.powi(dropped)
}

/// The value of a text that [`decimal_prefix`] takes as a whole.
fn parse_decimal(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}

/// Length of the longest decimal number, sign and `Infinity` included, that `text` starts with.
fn decimal_prefix(text: &str) -> usize {
    let digits = |from: usize| {
        let rest = text.as_bytes().get(from..).unwrap_or_default();
        rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let at = |index: usize| text.as_bytes().get(index).copied();
    let start = usize::from(matches!(at(0), Some(b'+' | b'-')));
    if text.get(start..).is_some_and(|rest| rest.starts_with("Infinity")) {
        return start + "Infinity".len();
    }
    let whole = digits(start);
    let mut end = start + whole;
    if at(end) == Some(b'.') {
        let fraction = digits(end + 1);
        if whole + fraction == 0 {
            return 0;
        }
        end += 1 + fraction;
    } else if whole == 0 {
        return 0;
    }
    if matches!(at(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(at(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_become_numbers_as_in_javascript() {
        for (text, number) in [
            ("", 0.0_f64),
            (" \u{FEFF}\n 12\t", 12.0),
            ("0x1F", 31.0),
            ("0b101", 5.0),
            ("0o17", 15.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("-1e3", -1000.0),
            ("Infinity", f64::INFINITY),
            ("-Infinity", f64::NEG_INFINITY),
            ("0x20000000000001", 9_007_199_254_740_992.0),
            ("0x20000000000003", 9_007_199_254_740_996.0),
        ] {
            assert_eq!(from_text(text).to_bits(), number.to_bits(), "{text:?}");
        }
        for text in ["1 2", "-0x1", "0x", "1e", ".", "+", "inf", "NaN", "1_000", "\u{85}", "١"] {
            assert!(from_text(text).is_nan(), "{text:?}");
        }
    }

    #[test]
    fn leading_numbers_are_parsed() {
        for (text, number) in [(" 3.5kg", 3.5_f64), ("1e5x", 100_000.0), ("1e+", 1.0)] {
            assert_eq!(parse_float(text).to_bits(), number.to_bits(), "{text:?}");
        }
        assert!(parse_float("x1").is_nan());
        assert_eq!(parse_int(" -12px", 0), Some(-12.0));
        assert_eq!(parse_int("0x1f", 16), Some(31.0));
        assert_eq!(parse_int("0x1f", 10), Some(0.0));
        assert_eq!(parse_int("zz", 36), Some(1295.0));
        assert_eq!(parse_int("zzzzzzzzzzzzzzzz", 36), None);
        assert!(parse_int("7", 1).is_some_and(f64::is_nan));
    }

    #[test]
    fn integers_wrap() {
        assert_eq!(to_i32(4_294_967_295.0), -1);
        assert_eq!(to_i32(-2_147_483_649.0), 2_147_483_647);
        assert_eq!(to_u32(-1.5), u32::MAX);
        assert_eq!(to_u32(f64::INFINITY), 0);
        assert_eq!(array_index("4294967295"), None);
        assert_eq!(array_index("4294967294"), Some(4_294_967_294));
        assert_eq!(array_index("01"), None);
    }
}
