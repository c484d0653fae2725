//! The text of an API key: `bpk_`, 32 random bytes in base 62, and a checksum, so that scanners find
//! one that leaked and a typing error is told from a revoked key before the database is asked.
//!
//! Only the SHA-256 of a key is stored. It is looked up by that: whoever measures how long the look-up
//! takes learns about a digest that he cannot aim.

use std::fmt;

use ring::digest;

use crate::clock::{NoChance, secret_bytes};

/// Begins every key.
pub const KEY_PREFIX: &str = "bpk_";

/// Digits of 32 bytes.
const BODY: usize = 43;
/// Digits of the checksum.
const CHECKSUM: usize = 6;
/// Characters that lists show.
const SHOWN: usize = 12;

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A whole key. It is shown to its owner once.
#[derive(Clone, PartialEq, Eq)]
pub struct KeyText(String);

/// The text is no key: mistyped, or cut off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an API key: its form or its checksum is wrong")]
pub struct NotAKey;

impl KeyText {
    /// A new key.
    pub fn generate() -> Result<Self, NoChance> {
        Ok(Self::of(&secret_bytes()?))
    }

    fn of(bytes: &[u8; 32]) -> Self {
        let body = format!("{KEY_PREFIX}{}", base62(bytes, BODY));
        let checksum = checksum(&body);
        Self(body + &checksum)
    }

    /// A key that somebody presents.
    pub fn parse(text: &str) -> Result<Self, NotAKey> {
        let length = KEY_PREFIX.len() + BODY + CHECKSUM;
        let is_form = text.len() == length
            && text.starts_with(KEY_PREFIX)
            && text.bytes().skip(KEY_PREFIX.len()).all(|byte| byte.is_ascii_alphanumeric());
        let (body, given) = text.split_at_checked(length - CHECKSUM).ok_or(NotAKey)?;
        if is_form && checksum(body) == given { Ok(Self(text.to_owned())) } else { Err(NotAKey) }
    }

    /// The whole key, for its owner.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is stored: SHA-256 in hexadecimal digits.
    pub fn hash(&self) -> String {
        hex(digest::digest(&digest::SHA256, self.0.as_bytes()).as_ref())
    }

    /// Its beginning, by which its owner knows it in lists.
    pub fn shown(&self) -> &str {
        self.0.get(..SHOWN).unwrap_or_default()
    }
}

impl fmt::Debug for KeyText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeyText({}…)", self.shown())
    }
}

fn checksum(body: &str) -> String {
    base62(&crc32fast::hash(body.as_bytes()).to_be_bytes(), CHECKSUM)
}

/// A number, big endian, in so many digits.
fn base62(number: &[u8], width: usize) -> String {
    let mut number = number.to_vec();
    let mut digits = Vec::with_capacity(width);
    for _ in 0..width {
        let mut rest = 0_u16;
        for byte in &mut number {
            let value = rest << 8 | u16::from(*byte);
            *byte = u8::try_from(value / 62).unwrap_or(u8::MAX);
            rest = value % 62;
        }
        digits.push(DIGITS.get(usize::from(rest)).copied().unwrap_or(b'0'));
    }
    digits.iter().rev().map(|digit| char::from(*digit)).collect()
}

/// In hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// Random text of so many letters and digits, for passwords that people type once; at most 43.
pub(super) fn random_text(length: usize) -> Result<String, NoChance> {
    let bytes: [u8; 32] = secret_bytes()?;
    // The first digits are the least even ones.
    Ok(base62(&bytes, BODY).chars().rev().take(length).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_key_has_one_form() {
        let zeros = KeyText::of(&[0; 32]);
        assert_eq!(zeros.expose(), format!("bpk_{}{}", "0".repeat(43), checksum_of_zeros()));
        let full = KeyText::of(&[0xFF; 32]);
        assert_eq!(full.expose().len(), 53);
        assert_eq!((full.shown().len(), full.hash().len()), (12, 64));
        assert_ne!(KeyText::generate().unwrap(), KeyText::generate().unwrap());
        assert!(!format!("{full:?}").contains(full.expose()));
    }

    fn checksum_of_zeros() -> String {
        base62(&crc32fast::hash(format!("bpk_{}", "0".repeat(43)).as_bytes()).to_be_bytes(), 6)
    }

    #[test]
    fn the_stored_hash_is_sha_256_of_the_whole_key() {
        // FIPS 180, the message "abc".
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(KeyText("abc".to_owned()).hash(), expected);
    }

    #[test]
    fn digits_follow_the_number() {
        for (number, width, expected) in [
            (&[0][..], 2, "00"),
            (&[61], 2, "0z"),
            (&[62], 2, "10"),
            (&[1, 0], 3, "048"),
            (&[0xFF, 0xFF, 0xFF, 0xFF], 6, "4gfFC3"),
        ] {
            assert_eq!(base62(number, width), expected, "{number:?}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let right = KeyText::of(&[7; 32]).expose().to_owned();
        let no_ascii = right.replacen('0', "é", 1);
        for text in ["", "bpk_", &right[1..], &right[..52], &format!("{right}0"), &no_ascii] {
            assert_eq!(KeyText::parse(text), Err(NotAKey), "{text}");
        }
        assert_eq!(KeyText::parse(&right.to_uppercase()), Err(NotAKey));
    }

    proptest! {
        #[test]
        fn a_key_is_read_back_and_one_wrong_letter_is_noticed(
            bytes in any::<[u8; 32]>(), at in 0_usize..53, letter in "[A-Za-z0-9_]"
        ) {
            let key = KeyText::of(&bytes);
            prop_assert_eq!(KeyText::parse(key.expose()), Ok(key.clone()));
            let text = key.expose();
            let changed = format!("{}{letter}{}", &text[..at], &text[at + 1..]);
            prop_assert_eq!(KeyText::parse(&changed).is_ok(), changed == text);
        }
    }
}
