//! The body of an answer: read and unpacked up to a limit, never further.

use std::io::{self, Write};

use axum::body::Bytes;
use axum::http::{HeaderMap, header};
use flate2::write::MultiGzDecoder;

/// What is accepted: whatever may come packed is unpacked here, with the limit in sight.
pub(super) const ACCEPTED: &str = "gzip";

/// Why a body was not taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum BadBody {
    /// It is larger than the limit, as it came or unpacked.
    TooLarge,
    /// It cannot be unpacked.
    Broken(String),
}

/// Takes a body in, piece by piece.
pub(super) enum Body {
    Plain(Limited),
    Packed { received: usize, unpacker: Box<MultiGzDecoder<Limited>> },
}

impl Body {
    /// For an answer with these headers; `max` holds for its size as it comes and as it is unpacked.
    pub(super) fn new(headers: &HeaderMap, max: usize) -> Result<Self, BadBody> {
        let limited = Limited { bytes: Vec::new(), max, is_full: false };
        let mut codings = headers.get_all(header::CONTENT_ENCODING).iter();
        let coding = match (codings.next(), codings.next()) {
            (None, _) => return Ok(Self::Plain(limited)),
            (Some(one), None) => one.to_str().unwrap_or_default().trim().to_ascii_lowercase(),
            (Some(_), Some(_)) => return Err(BadBody::Broken("it is packed twice".to_owned())),
        };
        match coding.as_str() {
            "" | "identity" => Ok(Self::Plain(limited)),
            "gzip" | "x-gzip" => {
                let unpacker = Box::new(MultiGzDecoder::new(limited));
                Ok(Self::Packed { received: 0, unpacker })
            }
            _ => Err(BadBody::Broken("it is packed in a way that was not asked for".to_owned())),
        }
    }

    /// Takes the next piece.
    pub(super) fn take(&mut self, piece: &[u8]) -> Result<(), BadBody> {
        match self {
            Self::Plain(limited) => limited.write_all(piece).map_err(|_| BadBody::TooLarge),
            Self::Packed { received, unpacker } => {
                *received = received.saturating_add(piece.len());
                if *received > unpacker.get_ref().max {
                    return Err(BadBody::TooLarge);
                }
                let written = unpacker.write_all(piece);
                written.map_err(|error| why(unpacker.get_ref(), &error))
            }
        }
    }

    /// The whole body.
    pub(super) fn finish(self) -> Result<Bytes, BadBody> {
        match self {
            Self::Plain(limited) => Ok(limited.bytes.into()),
            // Answers without a body may name a coding all the same.
            Self::Packed { received: 0, .. } => Ok(Bytes::new()),
            Self::Packed { mut unpacker, .. } => {
                let finished = unpacker.try_finish();
                finished.map_err(|error| why(unpacker.get_ref(), &error))?;
                Ok(std::mem::take(&mut unpacker.get_mut().bytes).into())
            }
        }
    }
}

fn why(limited: &Limited, error: &io::Error) -> BadBody {
    if limited.is_full { BadBody::TooLarge } else { BadBody::Broken(error.to_string()) }
}

/// Bytes up to a limit.
pub(super) struct Limited {
    bytes: Vec<u8>,
    max: usize,
    is_full: bool,
}

impl Write for Limited {
    fn write(&mut self, piece: &[u8]) -> io::Result<usize> {
        if piece.len() > self.max.saturating_sub(self.bytes.len()) {
            self.is_full = true;
            return Err(io::Error::other("too large"));
        }
        self.bytes.extend_from_slice(piece);
        Ok(piece.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut packer = GzEncoder::new(Vec::new(), Compression::best());
        packer.write_all(bytes).unwrap();
        packer.finish().unwrap()
    }

    fn read(coding: Option<&'static str>, bytes: &[u8], max: usize) -> Result<Bytes, BadBody> {
        let coding =
            coding.map(|coding| (header::CONTENT_ENCODING, HeaderValue::from_static(coding)));
        let mut body = Body::new(&coding.into_iter().collect(), max)?;
        for piece in bytes.chunks(1000) {
            body.take(piece)?;
        }
        body.finish()
    }

    #[test]
    fn the_limit_is_the_largest_body() {
        for coding in [None, Some("identity")] {
            assert_eq!(read(coding, &[7; 1500], 1500).unwrap(), vec![7; 1500]);
            assert_eq!(read(coding, &[7; 1501], 1500), Err(BadBody::TooLarge));
        }
    }

    #[test]
    fn packed_bodies_are_unpacked_up_to_the_limit() {
        let twice = [packed(b"ab"), packed(b"cd")].concat();
        for coding in ["gzip", "x-gzip", "GZIP"] {
            assert_eq!(read(Some(coding), &packed(b"hello"), 100).unwrap(), "hello");
            assert_eq!(read(Some(coding), &twice, 1000).unwrap(), "abcd");
            assert_eq!(read(Some(coding), b"", 1000).unwrap(), "");
        }
        let bomb = packed(&vec![0; 50 << 20]);
        assert!(bomb.len() < 60_000);
        assert_eq!(read(Some("gzip"), &bomb, 1 << 20), Err(BadBody::TooLarge));
        assert_eq!(read(Some("gzip"), &packed(b"hello"), 10), Err(BadBody::TooLarge));
    }

    #[test]
    fn what_cannot_be_unpacked_is_told() {
        let cut = packed(b"hello hello hello");
        for (coding, bytes) in [
            ("gzip", &b"plain"[..]),
            ("gzip", &cut[..cut.len() - 5]),
            ("br", b"x"),
            ("gzip, gzip", b"x"),
        ] {
            let refused = read(Some(coding), bytes, 1000);
            assert!(matches!(refused, Err(BadBody::Broken(_))), "{coding}: {refused:?}");
        }
    }
}
