//! Media: what is taken, under which name, and what is refused.

use super::*;
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0";

fn rules() -> UploadRules {
    let types = ["image/*", "audio/mpeg", "audio/wav", "application/pdf"];
    UploadRules { max_file_size: 1000, allowed_mime_types: types.map(str::to_owned).to_vec() }
}

fn shop() -> MediaPlace {
    MediaPlace::Bot(BotId::parse("shop").unwrap())
}

fn upload(data: &Path, name: &str, mime: &str, bytes: &[u8]) -> Result<StoredMedia, MediaError> {
    fs::create_dir_all(data.join("bots/shop")).unwrap();
    let mut upload = MediaFolder::new(data, rules()).receive(&shop(), name, mime)?;
    for piece in bytes.chunks(7) {
        upload.write(piece)?;
    }
    upload.finish()
}

#[test]
fn a_file_is_stored_under_a_name_that_nobody_can_guess() {
    let data = tempfile::tempdir().unwrap();
    let stored = upload(data.path(), "C:\\pics\\My cat.png", "image/png", PNG).unwrap();
    let (random, name) = stored.name.split_at(21);
    assert!(random.ends_with('-') && name == "My-cat.png", "{}", stored.name);
    assert_eq!((stored.mime.as_str(), stored.size), ("image/png", PNG.len() as u64));
    let media = data.path().join("bots/shop/media");
    assert_eq!(fs::read(media.join(&stored.name)).unwrap(), PNG);
    assert_eq!(fs::read_dir(&media).unwrap().count(), 1);
}

#[test]
fn what_is_not_allowed_or_not_what_it_says_leaves_nothing() {
    let data = tempfile::tempdir().unwrap();
    let svg = b"<svg onload=alert(1)></svg>, long enough";
    for (name, mime, bytes) in [
        ("a.html", "text/html", &b"<html>"[..]),
        ("a.html", "image/png", PNG),
        ("a.png.html", "image/png", PNG),
        ("a.png", "text/html", PNG),
        ("a.html", "", PNG),
        ("a", "image/png", PNG),
        ("", "image/png", PNG),
        ("a.png", "image/png", svg),
        ("a.png", "image/png", b"\x89PNG"),
        ("a.jpg", "image/jpeg", PNG),
        ("a.png", "image/jpeg", PNG),
        ("a.mp3", "audio/mpeg", PNG),
        ("a.pdf", "application/pdf", b"<script>"),
        ("a.mp3", "audio/mpeg", b""),
    ] {
        let refused = upload(data.path(), name, mime, bytes).unwrap_err();
        assert!(matches!(refused, MediaError::Refused(_)), "{name} {mime}: {refused}");
    }
    let refused = upload(data.path(), "a.mp3", "audio/mpeg", &[1; 1001]).unwrap_err();
    assert!(matches!(refused, MediaError::TooLarge { limit: 1000 }));
    assert!(upload(data.path(), "a.mp3", "audio/mpeg; x=y", &[1; 1000]).is_ok());
    assert!(upload(data.path(), "a.png", "", PNG).is_ok());
    assert!(upload(data.path(), "a.wav", "Audio/X-Wav", b"RIFF\x24\0\0\0WAVEfmt ...").is_ok());
    assert_eq!(fs::read_dir(data.path().join("bots/shop/media")).unwrap().count(), 3);
}

#[test]
fn names_are_plain() {
    let long = format!("{}.png", "é".repeat(200));
    for (name, expected) in [
        ("cat.png", "cat.png"),
        ("../../etc/passwd.png", "passwd.png"),
        ("a b%20<c>.png", "a-b-20-c-.png"),
        ("été.png", "été.png"),
        (".png", "png"),
        ("a\0\n.png", "a.png"),
        ("...", "file"),
        ("x:y|z?.png", "x-y-z-.png"),
    ] {
        assert_eq!(plain_name(name), expected, "{name:?}");
    }
    assert!(plain_name(&long).len() <= MAX_NAME && plain_name(&long).ends_with("é.png"));
}

#[test]
fn media_belong_to_a_bot_that_there_is_or_to_the_server() {
    let data = tempfile::tempdir().unwrap();
    let media = MediaFolder::new(data.path(), rules());
    let missing = media.receive(&shop(), "a.png", "image/png").unwrap_err();
    assert!(matches!(missing, MediaError::NoBot(_)));
    assert!(!data.path().join("bots").exists(), "nothing was made for it");
    let mut upload = media.receive(&MediaPlace::Global, "a.png", "image/png").unwrap();
    upload.write(PNG).unwrap();
    let stored = upload.finish().unwrap();
    assert!(data.path().join("global/media").join(stored.name).is_file());
}
