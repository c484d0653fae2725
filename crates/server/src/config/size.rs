//! Sizes in bytes in the notation of v12's configuration files: `10mb`, `512 kb`, `2048`.

/// Bytes of a size such as `10mb` or `1.5kb`, rounded down; `None` when `text` is none. A `kb` has
/// 1024 bytes.
pub(super) fn parse_bytes(text: &str) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !matches!(c, '0'..='9' | '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let scale: u64 = match unit.trim_start().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1 << 10,
        "mb" => 1 << 20,
        "gb" => 1 << 30,
        _ => return None,
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    if fraction.len() > 6 {
        return None;
    }
    let tenths = 10_u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let part = fraction.parse::<u64>().ok()?.checked_mul(scale)? / tenths;
    whole.parse::<u64>().ok()?.checked_mul(scale)?.checked_add(part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_units_of_1024() {
        for (text, expected) in
            [("10mb", 10 << 20), ("512 KB", 512 << 10), ("1.5kb", 1536), ("7", 7), ("2GB", 2 << 30)]
        {
            assert_eq!(parse_bytes(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn everything_else_is_no_size() {
        for text in ["", "mb", "-1mb", "1.mb", "1tb", "99999999999999gb", "1.0000001kb", "a lot"] {
            assert_eq!(parse_bytes(text), None, "{text:?}");
        }
    }
}
