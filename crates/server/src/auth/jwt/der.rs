//! As much of DER as public keys need: elements in a row, read front to back, never deeper than the
//! caller goes.

/// Tags.
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OBJECT_ID: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;
/// The version of a certificate.
pub(super) const CONTEXT_0: u8 = 0xA0;

/// Elements in a row.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'d>(&'d [u8]);

impl<'d> Reader<'d> {
    pub(super) fn new(bytes: &'d [u8]) -> Self {
        Self(bytes)
    }

    /// The next element's tag and content.
    pub(super) fn next(&mut self) -> Option<(u8, &'d [u8])> {
        let [tag, first, rest @ ..] = self.0 else {
            return None;
        };
        let (length, rest) = length(*first, rest)?;
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((*tag, content))
    }

    /// The content of the next element, which must have this tag.
    pub(super) fn expect(&mut self, tag: u8) -> Option<&'d [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, content)| content)
    }

    /// The elements inside the next one.
    pub(super) fn enter(&mut self, tag: u8) -> Option<Self> {
        self.expect(tag).map(Self)
    }

    /// The tag of the next element.
    pub(super) fn peek(&self) -> Option<u8> {
        self.0.first().copied()
    }
}

/// A length in one byte, or in the up to three that the first one announces.
fn length(first: u8, rest: &[u8]) -> Option<(usize, &[u8])> {
    let more = match first {
        0..=0x7F => return Some((usize::from(first), rest)),
        0x81..=0x83 => usize::from(first & 0x7F),
        _ => return None,
    };
    let (digits, rest) = rest.split_at_checked(more)?;
    Some((digits.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn elements_come_in_their_order() {
        let mut reader = Reader::new(&[0x30, 0x04, 0x02, 0x01, 0x05, 0x05, 0x03, 0x81, 0x01, 0x00]);
        let mut inside = reader.enter(SEQUENCE).unwrap();
        assert_eq!(inside.expect(INTEGER), Some(&[5][..]));
        assert_eq!(inside.next(), None, "a length is missing");
        assert_eq!(reader.peek(), Some(BIT_STRING));
        assert_eq!(reader.next(), Some((BIT_STRING, &[0][..])));
        assert_eq!(reader.next(), None);
    }

    proptest! {
        #[test]
        fn any_bytes_come_to_an_end(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let mut reader = Reader::new(&bytes);
            let mut read = 0;
            while let Some((_, content)) = reader.next() {
                read += 2 + content.len();
            }
            prop_assert!(read <= bytes.len());
        }
    }
}
