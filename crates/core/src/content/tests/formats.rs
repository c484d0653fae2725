//! All content types in both formats, byte for byte.

use serde_json::{Value, json};

use super::{Saying, inline};
use crate::content::is_known_type;

fn typing_element(content_type: &str, form_data: &Value) -> String {
    let mut saying = Saying::new(content_type, form_data);
    saying.bot.config.version = Some("12.25.0".to_owned());
    saying.wire()
}

/// A value for every property of every content type.
fn every_property() -> Value {
    json!({
        "typing$en": true, "markdown$en": true, "title$en": "T", "subtitle$en": "S", "text$en": "x",
        "variations$en": ["y"], "image$en": "/api/v1/bots/demo/media/a.png", "audio$en": "https://a/b.mp3",
        "video$en": "v", "file$en": "f", "latitude$en": 1.0, "longitude$en": -2.5, "address$en": "A",
        "actions$en": [{"action": "Open URL", "title": "o", "url": "BOT_URL/x"}],
        "items$en": [{"title": "c", "image": ""}], "choices$en": [], "isDropdown$en": true,
        "dropdownPlaceholder$en": "D", "disableFreeText$en": true, "displayInMessage$en": true,
        "message$en": "M", "buttonText$en": "B", "placeholderText$en": "P", "options$en": [{"label": "l"}],
        "width$en": 300, "displayInKeyboard$en": true, "allowCreation$en": true,
        "allowMultiple$en": true, "action$en": "Postback", "payload$en": "p", "url$en": "u",
    })
}

#[test]
fn payloads_have_type_arguments_workflow_and_properties_in_this_order() {
    let form = json!({
        "typing$en": true, "choices$en": [{"value": "y", "title": "Yes"}], "text$en": "Sure?",
        "markdown$en": true, "unknown$en": "lost", "dropdownPlaceholder$en": "Select...",
    });
    let saying = Saying::new("builtin_single-choice", &form);
    let payloads = saying.say("#!builtin_single-choice-1", &json!({"skill": "choice"})).unwrap();
    assert_eq!(
        Value::from(payloads).to_string(),
        r#"[{"type":"single-choice","skill":"choice","workflow":{},"text":"Sure?","dropdownPlaceholder":"Select...","choices":[{"value":"y","title":"Yes"}],"markdown":true,"typing":true}]"#
    );
}

#[test]
fn all_content_types_have_their_inline_payload() {
    let all = every_property();
    for (content_type, payload) in [
        (
            "builtin_text",
            r#""text","workflow":{},"text":"x","variations":["y"],"markdown":true,"typing":true"#,
        ),
        (
            "builtin_image",
            r#""image","workflow":{},"image":"https://chat.example/api/v1/bots/demo/media/a.png","title":"T","typing":true"#,
        ),
        (
            "builtin_audio",
            r#""audio","workflow":{},"audio":"https://a/b.mp3","title":"T","typing":true"#,
        ),
        ("builtin_video", r#""video","workflow":{},"video":"v","title":"T","typing":true"#),
        ("builtin_file", r#""file","workflow":{},"file":"f","title":"T","typing":true"#),
        (
            "builtin_location",
            r#""location","workflow":{},"latitude":1,"longitude":-2.5,"address":"A","title":"T","typing":true"#,
        ),
        (
            "builtin_card",
            r#""card","workflow":{},"title":"T","subtitle":"S","image":"https://chat.example/api/v1/bots/demo/media/a.png","actions":[{"action":"Open URL","title":"o","url":"https://chat.example/x"}],"markdown":true"#,
        ),
        (
            "builtin_carousel",
            r#""carousel","workflow":{},"items":[{"title":"c","image":""}],"typing":true"#,
        ),
        (
            "builtin_single-choice",
            r#""single-choice","workflow":{},"text":"x","isDropdown":true,"dropdownPlaceholder":"D","choices":[],"markdown":true,"disableFreeText":true,"displayInMessage":true,"typing":true"#,
        ),
        (
            "dropdown",
            r#""dropdown","workflow":{},"message":"M","buttonText":"B","placeholderText":"P","options":[{"label":"l"}],"width":300,"displayInKeyboard":true,"allowCreation":true,"allowMultiple":true,"markdown":true,"typing":true"#,
        ),
    ] {
        assert!(is_known_type(content_type));
        assert_eq!(
            inline(content_type, &all),
            format!("[{{\"type\":{payload}}}]"),
            "{content_type}"
        );
    }
    assert_eq!(inline("builtin_action-button", &all), "[]");
    assert_eq!(typing_element("builtin_action-button", &all), "[]");
}

#[test]
fn old_formats_send_a_typing_element_first() {
    for (content_type, form, wire) in [
        (
            "builtin_text",
            json!({"text$en": "x", "markdown$en": true, "typing$en": true}),
            r#"[{"type":"typing","value":true},{"type":"text","markdown":true,"text":"x"}]"#,
        ),
        (
            "builtin_text",
            json!({"text$en": "x", "variations$en": [""]}),
            r#"[{"type":"text","text":"x"}]"#,
        ),
        (
            "builtin_image",
            json!({"image$en": "/api/v1/bots/b/media/a", "title$en": "T"}),
            r#"[{"type":"file","title":"T","url":"https://chat.example/api/v1/bots/b/media/a"}]"#,
        ),
        (
            "builtin_image",
            json!({"image$en": "http://x/a"}),
            r#"[{"type":"file","url":"http://x/a"}]"#,
        ),
        (
            "builtin_image",
            json!({"image$en": "data:image/png;base64,AA"}),
            r#"[{"type":"file","url":"data:image/png;base64,AA"}]"#,
        ),
        (
            "builtin_audio",
            json!({"audio$en": "/a:b"}),
            r#"[{"type":"audio","url":"https://chat.example/a:b"}]"#,
        ),
        (
            "builtin_video",
            json!({"video$en": "/v"}),
            r#"[{"type":"video","url":"https://chat.example/v"}]"#,
        ),
        (
            "builtin_file",
            json!({"file$en": "/f", "title$en": "F"}),
            r#"[{"type":"file","title":"F","url":"https://chat.example/f"}]"#,
        ),
        (
            "builtin_location",
            json!({"latitude$en": 1, "longitude$en": 2, "typing$en": true}),
            r#"[{"type":"location","workflow":{},"latitude":1,"longitude":2,"typing":true}]"#,
        ),
    ] {
        assert_eq!(typing_element(content_type, &form), wire, "{content_type}");
    }
}

#[test]
fn old_formats_put_buttons_and_choices_into_elements() {
    for (content_type, form, wire) in [
        (
            "builtin_card",
            json!({"title$en": "T", "image$en": "/i", "actions$en": [
            {"action": "Say something", "title": "s", "text": "t"}, {"action": "Open URL", "title": "o", "url": "BOT_URL/u"},
            {"action": "Postback", "title": "p", "payload": "P"}, {"action": "Dance", "title": "d"}]}),
            r#"[{"text":" ","type":"carousel","elements":[{"title":"T","picture":"https://chat.example/i","buttons":[{"type":"say_something","title":"s","text":"t"},{"type":"open_url","title":"o","url":"https://chat.example/u"},{"type":"postback","title":"p","payload":"P"}]}]}]"#,
        ),
        (
            "builtin_carousel",
            json!({"typing$en": true, "items$en": [{"title": "a", "subtitle": "b"}, {"title": "c", "image": ""}]}),
            r#"[{"type":"typing","value":true},{"text":" ","type":"carousel","elements":[{"title":"a","picture":null,"subtitle":"b","buttons":[]},{"title":"c","picture":null,"buttons":[]}]}]"#,
        ),
        (
            "builtin_single-choice",
            json!({"text$en": "?", "typing$en": true, "markdown$en": true, "disableFreeText$en": true, "choices$en": [{"title": "Yes", "value": "yes"}, {"title": "x"}]}),
            r#"[{"type":"typing","value":true},{"type":"custom","module":"channel-web","component":"QuickReplies","quick_replies":[{"title":"Yes","payload":"YES"},{"title":"x"}],"disableFreeText":true,"wrapped":{"type":"text","text":"?","typing":true,"markdown":true,"disableFreeText":true}}]"#,
        ),
        (
            "builtin_single-choice",
            json!({"text$en": "?", "isDropdown$en": true, "dropdownPlaceholder$en": "Pick", "choices$en": [{"title": "Yes", "value": "yes"}]}),
            r#"[{"type":"custom","module":"extensions","component":"Dropdown","message":"?","buttonText":"","displayInKeyboard":true,"options":[{"label":"Yes","value":"YES"}],"width":300,"placeholderText":"Pick"}]"#,
        ),
        (
            "dropdown",
            json!({"message$en": "m", "buttonText$en": "b", "placeholderText$en": "p", "options$en": [{"label": "l", "value": "v"}], "width$en": 200, "displayInKeyboard$en": true, "allowMultiple$en": true, "typing$en": true}),
            r#"[{"type":"typing","value":true},{"type":"custom","module":"extensions","component":"Dropdown","message":"m","buttonText":"b","displayInKeyboard":true,"options":[{"label":"l","value":"v"}],"allowMultiple":true,"width":200,"placeholderText":"p"}]"#,
        ),
    ] {
        assert_eq!(typing_element(content_type, &form), wire, "{content_type}");
    }
}
