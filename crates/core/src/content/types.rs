//! The builtin content types: their properties in the order of the wire (`spec` runtime 4.5).
//!
//! Does not live here: what a type's payload looks like ([`super::inline`],
//! [`super::typing_element`]).

/// Which content type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Image,
    Audio,
    Video,
    File,
    Location,
    Card,
    Carousel,
    SingleChoice,
    Dropdown,
    ActionButton,
}

/// A content type. Properties that it does not declare are lost when an element is translated.
#[derive(Debug)]
pub(super) struct ContentType {
    pub(super) kind: Kind,
    /// `type` of the payload, and the id less its `builtin_`.
    pub(super) payload_type: &'static str,
    /// Names of the properties, in order.
    pub(super) properties: &'static [&'static str],
}

const fn content_type(
    kind: Kind,
    payload_type: &'static str,
    properties: &'static [&'static str],
) -> ContentType {
    ContentType { kind, payload_type, properties }
}

const TEXT: ContentType =
    content_type(Kind::Text, "text", &["text", "variations", "markdown", "typing"]);
const IMAGE: ContentType = content_type(Kind::Image, "image", &["image", "title", "typing"]);
const AUDIO: ContentType = content_type(Kind::Audio, "audio", &["audio", "title", "typing"]);
const VIDEO: ContentType = content_type(Kind::Video, "video", &["video", "title", "typing"]);
const FILE: ContentType = content_type(Kind::File, "file", &["file", "title", "typing"]);
const LOCATION: ContentType = content_type(
    Kind::Location,
    "location",
    &["latitude", "longitude", "address", "title", "typing"],
);
const CARD: ContentType =
    content_type(Kind::Card, "card", &["title", "subtitle", "image", "actions", "markdown"]);
const CAROUSEL: ContentType = content_type(Kind::Carousel, "carousel", &["items", "typing"]);
const SINGLE_CHOICE: ContentType = content_type(
    Kind::SingleChoice,
    "single-choice",
    &[
        "text",
        "isDropdown",
        "dropdownPlaceholder",
        "choices",
        "markdown",
        "disableFreeText",
        "displayInMessage",
        "typing",
    ],
);
const DROPDOWN: ContentType = content_type(
    Kind::Dropdown,
    "dropdown",
    &[
        "message",
        "buttonText",
        "placeholderText",
        "options",
        "width",
        "displayInKeyboard",
        "allowCreation",
        "allowMultiple",
        "markdown",
        "typing",
    ],
);
const ACTION_BUTTON: ContentType = content_type(
    Kind::ActionButton,
    "action-button",
    &["action", "title", "payload", "url", "text"],
);

/// The content type called `id`, the base name of its file of elements.
pub(super) fn find(id: &str) -> Option<&'static ContentType> {
    Some(match id {
        "builtin_text" => &TEXT,
        "builtin_image" => &IMAGE,
        "builtin_audio" => &AUDIO,
        "builtin_video" => &VIDEO,
        "builtin_file" => &FILE,
        "builtin_location" => &LOCATION,
        "builtin_card" => &CARD,
        "builtin_carousel" => &CAROUSEL,
        "builtin_single-choice" => &SINGLE_CHOICE,
        "dropdown" => &DROPDOWN,
        "builtin_action-button" => &ACTION_BUTTON,
        _ => return None,
    })
}
