//! Names of kept files: nobody can guess one, as whoever knows it gets the file.

use crate::clock::{NoChance, secret_bytes};

/// Characters in front, as in v12.
const SECRET: usize = 20;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Longest part that comes from outside, in bytes.
const LONGEST: usize = 100;

/// A new name for a file that is called `original` elsewhere.
pub(super) fn new(original: &str, extension: Option<&str>) -> Result<String, NoChance> {
    let mut name = secret()?;
    name.push('-');
    name.push_str(original);
    if let Some(extension) = extension {
        name.push('.');
        name.push_str(extension);
    }
    Ok(name)
}

/// The part of a name that may stay: of a path its last piece, in letters that need no encoding, not
/// too long, with its extension.
pub(super) fn cleaned(original: &str) -> String {
    let last = original.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' }
    };
    let cleaned: String = last.trim().chars().map(plain).collect();
    let cleaned = cleaned.trim_matches('.');
    // All of it is ASCII now.
    let surplus = cleaned.len().saturating_sub(LONGEST);
    let cleaned = cleaned.get(surplus..).unwrap_or_default().trim_start_matches('.');
    if cleaned.is_empty() { "file".to_owned() } else { cleaned.to_owned() }
}

fn secret() -> Result<String, NoChance> {
    let bytes = secret_bytes::<SECRET>()?;
    // 256 is no multiple of 62: the odds of single letters differ a little, which costs less than
    // one of the nearly 120 bits.
    let letter = |byte: u8| ALPHABET.get(usize::from(byte) % ALPHABET.len()).copied();
    Ok(bytes.into_iter().filter_map(letter).map(char::from).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_from_outside_become_harmless() {
        for (original, expected) in [
            ("photo.png", "photo.png"),
            ("my photo (1).png", "my_photo__1_.png"),
            ("../../etc/passwd", "passwd"),
            ("..\\..\\boot.ini", "boot.ini"),
            ("été.png", "_t_.png"),
            (".htaccess", "htaccess"),
            ("...", "file"),
            ("", "file"),
            ("a\0b\r\n.png", "a_b__.png"),
            ("a/", "file"),
        ] {
            assert_eq!(cleaned(original), expected, "{original:?}");
        }
        let long = cleaned(&format!("{}.png", "x".repeat(1000)));
        assert_eq!(long, format!("{}.png", "x".repeat(LONGEST - 4)));
    }

    #[test]
    fn every_name_is_new_and_cannot_be_guessed() {
        let names: std::collections::HashSet<String> =
            (0..1000).map(|_| new("a.png", None).unwrap()).collect();
        assert_eq!(names.len(), 1000);
        for name in names {
            let (secret, rest) = name.split_at(SECRET);
            assert!(secret.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{name}");
            assert_eq!(rest, "-a.png");
        }
        assert!(new("a", Some("png")).unwrap().ends_with("-a.png"));
    }
}
