//! What a file is, by its first bytes: images and PDF, which browsers show.

/// How many bytes it takes to tell.
pub(super) const HEAD: usize = 16;

/// The MIME types that can be told by content.
const KNOWN: [&str; 6] =
    ["image/png", "image/jpeg", "image/gif", "image/bmp", "image/webp", "application/pdf"];

/// The MIME type of what begins with these bytes, if it is one of those that can be told.
pub(super) fn sniff(head: &[u8]) -> Option<&'static str> {
    match head {
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some("image/png"),
        [0xFF, 0xD8, 0xFF, ..] => Some("image/jpeg"),
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some("image/gif"),
        // What follows the sizes is a header of one of these lengths.
        [
            b'B',
            b'M',
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            _,
            12 | 40 | 52 | 56 | 64 | 108 | 124,
            0,
            ..,
        ] => Some("image/bmp"),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some("image/webp"),
        [b'%', b'P', b'D', b'F', b'-', ..] => Some("application/pdf"),
        _ => None,
    }
}

/// Whether what is said to be of this type must be found to be.
pub(super) fn can_be_told(mime: &str) -> bool {
    KNOWN.contains(&mime)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_first_bytes() {
        for (head, expected) in [
            (&b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], Some("image/png")),
            (b"\xFF\xD8\xFF\xE0\0\x10JFIF", Some("image/jpeg")),
            (b"GIF89a\x01\0\x01\0", Some("image/gif")),
            (b"BM\x46\0\0\0\0\0\0\0\x36\0\0\0\x28\0", Some("image/bmp")),
            (b"RIFF\x24\0\0\0WEBPVP8 ", Some("image/webp")),
            (b"%PDF-1.7\n", Some("application/pdf")),
            (b"RIFF\x24\0\0\0WAVEfmt ", None),
            (b"<svg xmlns=", None),
            (b"<html>", None),
            (b"BMW is no image", None),
            (b"\x89PN", None),
            (b"", None),
        ] {
            assert_eq!(sniff(head), expected, "{head:?}");
            assert!(expected.is_none_or(can_be_told));
        }
    }
}
