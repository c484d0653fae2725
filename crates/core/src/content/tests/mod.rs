//! Elements and arguments → payloads.

mod formats;

use std::collections::{BTreeMap, HashMap};

use serde_json::json;

use super::*;
use crate::bot::{BotConfig, ContentElement, ConverseConfig, DialogConfig};
use crate::dialog::State;
use crate::ids::BotId;
use crate::untrusted;

const URL: &str = "https://chat.example";

/// A bot of version 12.31 with one element, `<content type>-1`.
fn bot(content_type: &str, form_data: &Value) -> Bot {
    let element = ContentElement {
        id: format!("{content_type}-1"),
        content_type: content_type.to_owned(),
        form_data: form_data.as_object().unwrap().clone(),
    };
    Bot {
        id: BotId::parse("demo").unwrap(),
        config: BotConfig {
            name: "Demo".to_owned(),
            version: Some("12.31.10".to_owned()),
            disabled: false,
            private: false,
            default_language: "en".to_owned(),
            languages: vec!["en".to_owned()],
            dialog: DialogConfig::default(),
            converse: ConverseConfig::default(),
        },
        flows: BTreeMap::new(),
        elements: HashMap::from([(element.id.clone(), element)]),
        conditions: HashMap::new(),
        intents: BTreeMap::new(),
        modules: BTreeMap::new(),
    }
}

/// One rendering; the fields are what differs from test to test.
struct Saying {
    bot: Bot,
    format: PayloadFormat,
    state: State,
    event: Value,
    picked: usize,
}

impl Saying {
    fn new(content_type: &str, form_data: &Value) -> Self {
        Self {
            bot: bot(content_type, form_data),
            format: PayloadFormat::Auto,
            state: State::new(),
            event: json!({"payload": {"text": "hi"}}),
            picked: 0,
        }
    }

    fn say(&self, reference: &str, args: &Value) -> Result<Vec<Value>, RenderError> {
        let scope = Scope { event: &self.event, state: &self.state, args: None };
        let mut pick = |_| self.picked;
        let mut renderer =
            Renderer { bot: &self.bot, format: self.format, external_url: URL, pick: &mut pick };
        renderer.render(reference, args.as_object().unwrap(), scope)
    }

    /// The payloads of the element as they stand on the wire.
    fn wire(&self) -> String {
        let id = self.bot.elements.keys().next().unwrap();
        Value::from(self.say(&format!("#!{id}"), &json!({})).unwrap()).to_string()
    }
}

fn inline(content_type: &str, form_data: &Value) -> String {
    Saying::new(content_type, form_data).wire()
}

#[test]
fn answers_have_no_workflow_and_can_ask_for_feedback() {
    let saying = Saying::new("builtin_text", &json!({"text$en": "x", "typing$en": true}));
    let answer = |reference: &str, format, args: Value| {
        let scope = Scope { event: &saying.event, state: &saying.state, args: None };
        let mut renderer =
            Renderer { bot: &saying.bot, format, external_url: URL, pick: &mut |_| 0 };
        Value::from(renderer.render_answer(reference, args.as_object().unwrap(), scope).unwrap())
            .to_string()
    };
    let args = json!({"collectFeedback": true, "text": "You said {{event.payload.text}}", "typing": true, "markdown": true});
    assert_eq!(
        answer("#builtin_text", PayloadFormat::Auto, args.clone()),
        r#"[{"type":"text","collectFeedback":true,"text":"You said hi","typing":true,"markdown":true}]"#
    );
    assert_eq!(
        answer("#builtin_text", PayloadFormat::TypingElement, args),
        r#"[{"type":"typing","value":true},{"type":"text","markdown":true,"text":"You said hi","collectFeedback":true}]"#
    );
    assert_eq!(
        answer("#!builtin_text-1", PayloadFormat::Auto, json!({"collectFeedback": true})),
        r#"[{"type":"text","collectFeedback":true,"text":"x","typing":true}]"#
    );
}

#[test]
fn the_users_language_comes_before_the_bots() {
    let forms = [
        (json!({"text$fr": "fr", "text$en": "en"}), "fr", "fr"),
        (json!({"text$fr": "", "text$en": "en"}), "fr", "en"),
        (json!({"text$de": "de", "text$en": "en"}), "fr", "en"),
        (json!({"text": {"fr": "fr", "en": "en"}}), "fr", "fr"),
        (json!({"text": {"de": "de", "en": "en"}}), "fr", "en"),
        (json!({"text": {"fr": "old"}, "text$en": "en"}), "fr", "en"),
        // Where v12 shows nothing.
        (json!({"text": "plain", "text$de": "de"}), "fr", "plain"),
        (json!({"text$undefined": "none", "textual$de": "no"}), "fr", "none"),
        (json!({"text": {"de": "de"}}), "fr", "de"),
    ];
    for (form, language, text) in forms {
        let mut saying = Saying::new("builtin_text", &form);
        saying.state.user["language"] = json!(language);
        let payloads = saying.say("#!builtin_text-1", &json!({})).unwrap();
        assert_eq!(payloads[0]["text"], text, "{form}");
    }
}

#[test]
fn what_a_language_says_is_nothing_stays_nothing() {
    let form = json!({
        "text$en": "x", "typing$en": false, "typing$fr": true, "markdown": {"en": 0, "fr": true},
        "variations$en": [],
    });
    assert_eq!(
        inline("builtin_text", &form),
        r#"[{"type":"text","workflow":{},"text":"x","variations":[]}]"#
    );
}

#[test]
fn one_of_the_texts_is_said() {
    let form =
        json!({"text$en": "a {{temp.x}}", "variations$en": ["b {{temp.x}}", "", "{{{temp.t}}}"]});
    for (picked, text) in [(0, "a 1"), (1, "b 1"), (2, "a 1"), (3, "1 {{temp.x}}"), (9, "a 1")] {
        let mut saying = Saying::new("builtin_text", &form);
        saying.picked = picked;
        saying.state.temp = json!({"x": 1, "t": "{{temp.x}} {{{temp.raw}}}"});
        saying.state.temp["raw"] = json!(untrusted::mark_text("{{temp.x}}"));
        let payload = &saying.say("#!builtin_text-1", &json!({})).unwrap()[0];
        assert_eq!(payload["text"], text);
        assert_eq!(payload["variations"], json!(["b 1", "", "1 {{temp.x}}"]));
    }
}

#[test]
fn arguments_are_variables_but_cannot_hide_the_common_ones() {
    let mut saying =
        Saying::new("builtin_text", &json!({"text$en": "{{name}} {{user.name}} {{workflow}}"}));
    saying.state.user = json!({"name": "Ada"});
    let args = json!({"name": "N", "user": {"name": "other"}, "workflow": 1, "text": "unused", "typing": true});
    assert_eq!(
        saying.say("!builtin_text-1", &args).unwrap(),
        [json!({"type": "text", "name": "N", "workflow": {}, "text": "N Ada [object Object]"})]
    );
}

#[test]
fn internal_names_do_not_leave_and_a_type_of_ones_own_wins() {
    let saying = Saying::new("builtin_text", &json!({}));
    let args = json!({"temp": 1, "text": "x", "BOT_URL": "u", "type": "mine"});
    assert_eq!(
        Value::from(saying.say("builtin_text", &args).unwrap()).to_string(),
        r#"[{"type":"mine","text":"x","workflow":{}}]"#
    );
}

#[test]
fn content_types_can_be_said_by_their_name() {
    let saying = Saying::new("builtin_text", &json!({}));
    let wire = |reference: &str, args: Value| {
        Value::from(saying.say(reference, &args).unwrap()).to_string()
    };
    assert_eq!(
        wire(
            "#builtin_text",
            json!({"text": "{{event.payload.text}}", "typing": false, "x": null})
        ),
        r#"[{"type":"text","text":"hi","typing":false,"x":null,"workflow":{}}]"#
    );
    assert_eq!(
        wire("@builtin_text", json!({"text$en": "t {{event.payload.text}}", "typing$en": true})),
        r#"[{"type":"text","text$en":"t {{event.payload.text}}","typing$en":true,"workflow":{},"text":"t hi","typing":true}]"#
    );
}

#[test]
fn arguments_that_a_rendered_text_names_are_seen_in_the_last_pass() {
    let saying = Saying::new("builtin_image", &json!({"title$en": "T", "image$en": "i"}));
    let payload =
        &saying.say("!builtin_image-1", &json!({"text": "{{title}} {{image}}"})).unwrap()[0];
    assert_eq!(payload["text"], "T i");
}

#[test]
fn what_is_missing_or_malformed_is_named() {
    let saying = Saying::new("custom_form", &json!({}));
    for (reference, error) in [
        ("#!builtin_text-9", "there is no content element \"builtin_text-9\""),
        ("#!", "there is no content element \"\""),
        ("#!custom_form-1", "there is no content type \"custom_form\""),
        ("@custom_form", "there is no content type \"custom_form\""),
        ("##builtin_text", "there is no content type \"#builtin_text\""),
    ] {
        assert_eq!(saying.say(reference, &json!({})).unwrap_err().to_string(), error);
    }
    let saying =
        Saying::new("builtin_card", &json!({"title$en": "T", "actions$en": [{"title": "{{#a}}"}]}));
    assert_eq!(
        saying.say("#!builtin_card-1", &json!({})).unwrap_err().to_string(),
        "template \"{{#a}}\": section \"a\" is not closed"
    );
}

#[test]
fn what_users_type_leaves_as_they_typed_it() {
    let typed = "{{bot.key}} {{=<% %>=}}<%bot.key%>";
    let mut saying = Saying::new("builtin_text", &json!({"text$en": "{{{event.payload.text}}}"}));
    saying.event = json!({"payload": {"text": typed}});
    untrusted::mark(&mut saying.event);
    saying.state.bot = Some(json!({"key": "secret"}));
    let element = saying.say("#!builtin_text-1", &json!({})).unwrap();
    let by_name = saying.say("#builtin_text", &json!({"text": "{{&event.payload.text}}"})).unwrap();
    for payload in element.iter().chain(&by_name) {
        assert_eq!(payload["text"], typed);
    }
}
