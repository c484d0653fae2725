//! Whether a file may be kept: what it says it is and what its name says must both be allowed.

/// Types that say nothing: of files whose server does not know better.
const UNKNOWN: [&str; 3] =
    ["application/octet-stream", "binary/octet-stream", "application/force-download"];

/// Extensions for names without one, of the types that are allowed unless others are configured.
const EXTENSIONS: [(&str, &str); 13] = [
    ("application/pdf", "pdf"),
    ("audio/mpeg", "mp3"),
    ("audio/ogg", "ogg"),
    ("audio/wav", "wav"),
    ("audio/webm", "weba"),
    ("image/bmp", "bmp"),
    ("image/gif", "gif"),
    ("image/jpeg", "jpg"),
    ("image/png", "png"),
    ("image/webp", "webp"),
    ("video/mp4", "mp4"),
    ("video/ogg", "ogv"),
    ("video/webm", "webm"),
];

/// Why a file is not kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KindError {
    /// Its type, or that of its name, is not allowed.
    #[error("files of the type {0} are not kept (fileUpload.allowedMimeTypes)")]
    NotAllowed(String),
    /// Neither the file nor its name says what it is.
    #[error("the file has no type, and its name no extension that tells it")]
    Unknown,
}

/// Checks a file of this name; `declared` is what came with it, such as `image/png; q=1`. Gives the
/// extension that the name lacks.
pub(super) fn check(
    name: &str,
    declared: Option<&str>,
    allowed: &[String],
) -> Result<Option<&'static str>, KindError> {
    let essence =
        |text: &str| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let declared = declared.map(essence);
    let declared = declared.filter(|kind| !kind.is_empty() && !UNKNOWN.contains(&kind.as_str()));
    let by_name = mime_guess::from_path(name).first_raw();
    for kind in declared.as_deref().into_iter().chain(by_name) {
        if !allowed.iter().any(|one| one == kind) {
            return Err(KindError::NotAllowed(kind.chars().take(60).collect()));
        }
    }
    match (declared, by_name) {
        (_, Some(_)) => Ok(None),
        (Some(kind), None) => extension(&kind).map(Some).ok_or(KindError::Unknown),
        (None, None) => Err(KindError::Unknown),
    }
}

fn extension(kind: &str) -> Option<&'static str> {
    EXTENSIONS.iter().find(|(known, _)| *known == kind).map(|(_, extension)| *extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(name: &str, declared: Option<&str>) -> Result<Option<&'static str>, KindError> {
        check(name, declared, &["image/png", "image/jpeg", "audio/webm"].map(str::to_owned))
    }

    #[test]
    fn both_the_name_and_the_file_must_be_allowed() {
        for (name, declared) in [
            ("a.png", Some("image/png")),
            ("a.PNG", Some("Image/PNG; charset=x")),
            ("a.jpg", Some("image/png")),
            ("a.png", None),
            ("a.png", Some("application/octet-stream")),
            ("a.png", Some("")),
        ] {
            assert_eq!(checked(name, declared), Ok(None), "{name} {declared:?}");
        }
        for (name, declared, kind) in [
            ("a.png", Some("text/html"), "text/html"),
            ("a.html", Some("image/png"), "text/html"),
            ("a.svg", None, "image/svg+xml"),
            ("a", Some("text/html"), "text/html"),
        ] {
            assert_eq!(checked(name, declared), Err(KindError::NotAllowed(kind.to_owned())));
        }
        assert_eq!(checked("a", None), Err(KindError::Unknown));
        assert_eq!(checked("a", Some("application/octet-stream")), Err(KindError::Unknown));
    }

    #[test]
    fn a_name_without_an_extension_gets_that_of_the_type() {
        for (name, declared, extension) in [
            ("a", "image/jpeg", "jpg"),
            ("12.345", "image/png", "png"),
            ("a", "audio/webm", "weba"),
        ] {
            assert_eq!(checked(name, Some(declared)), Ok(Some(extension)));
        }
    }

    #[test]
    fn an_extension_tells_the_type_that_it_stands_for() {
        for (kind, extension) in EXTENSIONS {
            let told = mime_guess::from_ext(extension).first_raw();
            assert_eq!(told, Some(kind), "{extension}");
        }
    }
}
