//! Payloads of v12 up to 12.25, as the `api` channel saw them (`spec` runtime 4.6): a typing element
//! where the content asks for one, then the message in the web chat's vocabulary.

use serde_json::{Map, Value, json};

use super::inline;
use super::types::{ContentType, Kind};
use crate::js;

/// The payloads of an element of `content_type` with `data`.
///
/// Instructions' extra arguments and `workflow` do not show in this form. Where old versions threw
/// on incomplete content (no `items`, a button of an unknown kind), what is there is shown.
pub(super) fn payloads(
    content_type: &ContentType,
    data: Map<String, Value>,
    external_url: &str,
) -> Vec<Value> {
    let source = Source { data: &data, external_url };
    let message = match content_type.kind {
        Kind::ActionButton | Kind::Location => return inline::payloads(content_type, data),
        Kind::Text => source.fields(
            json!({"type": "text"}),
            &[("markdown", "markdown"), ("text", "text"), FEEDBACK],
        ),
        Kind::Image => source.media("file", "image"),
        Kind::Audio => source.media("audio", "audio"),
        Kind::Video => source.media("video", "video"),
        Kind::File => source.media("file", "file"),
        Kind::Card => source.carousel(vec![source.card(&data)]),
        Kind::Carousel => {
            let cards = list(data.get("items")).filter_map(Value::as_object);
            source.carousel(cards.map(|card| source.card(card)).collect())
        }
        Kind::SingleChoice if data.get("isDropdown").is_some_and(js::truthy) => {
            source.choices_as_dropdown()
        }
        Kind::SingleChoice => source.quick_replies(),
        Kind::Dropdown => source.fields(
            json!({"type": "custom", "module": "extensions", "component": "Dropdown"}),
            &[
                ("message", "message"),
                ("buttonText", "buttonText"),
                ("displayInKeyboard", "displayInKeyboard"),
                ("options", "options"),
                ("allowCreation", "allowCreation"),
                ("allowMultiple", "allowMultiple"),
                ("width", "width"),
                FEEDBACK,
                ("placeholderText", "placeholderText"),
            ],
        ),
    };
    let typing = data.get("typing").filter(|typing| js::truthy(typing));
    let typing = typing.map(|typing| json!({"type": "typing", "value": typing}));
    typing.into_iter().chain([message]).collect()
}

const FEEDBACK: (&str, &str) = ("collectFeedback", "collectFeedback");

struct Source<'a> {
    data: &'a Map<String, Value>,
    external_url: &'a str,
}

impl Source<'_> {
    /// `message` with fields of the data added, each under its name in the message; absent ones
    /// are left out.
    fn fields(&self, message: Value, names: &[(&str, &str)]) -> Value {
        copied(message, self.data, names)
    }

    fn media(&self, kind: &str, property: &str) -> Value {
        let message = self.fields(json!({"type": kind}), &[("title", "title")]);
        let message = with(message, "url", self.data.get(property).map(|url| self.absolute(url)));
        self.fields(message, &[FEEDBACK])
    }

    /// Whole URLs stay, everything else is a path of this server.
    fn absolute(&self, url: &Value) -> Value {
        let url = js::to_text(url);
        let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
        let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
        Value::from(if is_scheme {
            url.into_owned()
        } else {
            format!("{}{url}", self.external_url)
        })
    }

    fn carousel(&self, cards: Vec<Value>) -> Value {
        let message = self.fields(json!({"text": " ", "type": "carousel"}), &[FEEDBACK]);
        with(message, "elements", Some(Value::Array(cards)))
    }

    fn card(&self, card: &Map<String, Value>) -> Value {
        let image = card.get("image").filter(|image| js::truthy(image));
        let picture = image.map_or(Value::Null, |image| self.absolute(image));
        let element = copied(json!({}), card, &[("title", "title")]);
        let element = with(element, "picture", Some(picture));
        let element = copied(element, card, &[("subtitle", "subtitle")]);
        let actions = list(card.get("actions")).filter_map(Value::as_object);
        with(element, "buttons", Some(actions.filter_map(button).collect()))
    }

    fn quick_replies(&self) -> Value {
        let replies = list(self.data.get("choices")).filter_map(Value::as_object).map(|choice| {
            let reply = copied(json!({}), choice, &[("title", "title")]);
            with(reply, "payload", choice.get("value").map(upper))
        });
        let message = json!({
            "type": "custom",
            "module": "channel-web",
            "component": "QuickReplies",
            "quick_replies": replies.collect::<Vec<_>>(),
        });
        let free_text = ("disableFreeText", "disableFreeText");
        let message = self.fields(message, &[free_text]);
        let wrapped = self.fields(
            json!({"type": "text"}),
            &[("text", "text"), ("typing", "typing"), ("markdown", "markdown"), free_text],
        );
        with(message, "wrapped", Some(wrapped))
    }

    fn choices_as_dropdown(&self) -> Value {
        let options = list(self.data.get("choices")).filter_map(Value::as_object).map(|choice| {
            let option = copied(json!({}), choice, &[("title", "label")]);
            with(option, "value", choice.get("value").map(upper))
        });
        let options: Vec<Value> = options.collect();
        let message = json!({"type": "custom", "module": "extensions", "component": "Dropdown"});
        let message = self.fields(message, &[("text", "message")]);
        let message = with(message, "buttonText", Some(json!("")));
        let message = with(message, "displayInKeyboard", Some(json!(true)));
        let message = with(message, "options", Some(Value::Array(options)));
        let message = with(message, "width", Some(json!(300)));
        self.fields(message, &[("dropdownPlaceholder", "placeholderText")])
    }
}

fn button(action: &Map<String, Value>) -> Option<Value> {
    let (kind, field) = match action.get("action")?.as_str()? {
        "Say something" => ("say_something", "text"),
        "Open URL" => ("open_url", "url"),
        "Postback" => ("postback", "payload"),
        _ => return None,
    };
    Some(copied(json!({"type": kind}), action, &[("title", "title"), (field, field)]))
}

/// Choices' values were sent in upper case.
fn upper(value: &Value) -> Value {
    Value::from(js::to_text(value).to_uppercase())
}

fn list(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    value.and_then(Value::as_array).into_iter().flatten()
}

fn copied(mut target: Value, source: &Map<String, Value>, names: &[(&str, &str)]) -> Value {
    for (from, to) in names {
        target = with(target, to, source.get(*from).cloned());
    }
    target
}

fn with(mut target: Value, name: &str, value: Option<Value>) -> Value {
    if let (Some(fields), Some(value)) = (target.as_object_mut(), value) {
        fields.insert(name.to_owned(), value);
    }
    target
}
