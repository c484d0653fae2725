//! The two forms in which v12 sent payloads, and which one a bot gets.

use std::fmt;
use std::str::FromStr;

use crate::bot::major_minor;

/// The first version that sent one object for each message.
const FIRST_INLINE: (u32, u32) = (12, 26);

/// The form of payloads (`spec` runtime 4.5, 4.6), `converse.payloadFormat` in configurations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PayloadFormat {
    /// By the bot's version: before 12.26, or without one, as `TypingElement`, later as `Inline`.
    Auto,
    /// A typing element, then the message: v12 up to 12.25.
    TypingElement,
    /// One object for each message: v12 from 12.26.
    Inline,
}

/// A name that is none of the payload formats'.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a payload format; use \"auto\", \"typing-element\" or \"inline\"")]
pub struct UnknownPayloadFormat(pub String);

impl PayloadFormat {
    /// `Auto` decided by `version`, the `version` of the bot's configuration. Never gives `Auto`.
    #[must_use]
    pub fn resolve(self, version: Option<&str>) -> Self {
        match self {
            Self::Auto if version.and_then(major_minor) >= Some(FIRST_INLINE) => Self::Inline,
            Self::Auto => Self::TypingElement,
            decided => decided,
        }
    }
}

impl FromStr for PayloadFormat {
    type Err = UnknownPayloadFormat;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        match name {
            "auto" => Ok(Self::Auto),
            "typing-element" => Ok(Self::TypingElement),
            "inline" => Ok(Self::Inline),
            _ => Err(UnknownPayloadFormat(name.to_owned())),
        }
    }
}

impl fmt::Display for PayloadFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::TypingElement => "typing-element",
            Self::Inline => "inline",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::PayloadFormat::{self, Auto, Inline, TypingElement};

    #[test]
    fn names_are_read_back() {
        for format in [Auto, TypingElement, Inline] {
            assert_eq!(format.to_string().parse(), Ok(format));
        }
        let error = "Inline".parse::<PayloadFormat>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "\"Inline\" is not a payload format; use \"auto\", \"typing-element\" or \"inline\""
        );
    }

    #[test]
    fn auto_follows_the_bots_version() {
        for (version, format) in [
            (None, TypingElement),
            (Some(""), TypingElement),
            (Some("latest"), TypingElement),
            (Some("11.9.0"), TypingElement),
            (Some("12.9.1"), TypingElement),
            (Some("12.25.2"), TypingElement),
            (Some("12.26.0"), Inline),
            (Some("12.31.10"), Inline),
            (Some("v12.30"), Inline),
            (Some("12.26.0-rc1"), Inline),
            (Some("13"), Inline),
        ] {
            assert_eq!(Auto.resolve(version), format, "{version:?}");
        }
        assert_eq!(Inline.resolve(Some("12.1.0")), Inline);
        assert_eq!(TypingElement.resolve(Some("12.31.10")), TypingElement);
    }
}
