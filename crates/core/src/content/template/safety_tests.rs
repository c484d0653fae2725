//! Text from outside is never evaluated: properties over hostile texts.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::dialog::State;
use crate::untrusted;

const SECRET: &str = "s3cr3t";

/// Texts of what matters to a template parser, and names of what must not be seen.
fn hostile() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        4 => proptest::sample::select(
            vec!["{", "}", "{{", "}}", "{{{", "}}}", "#", "^", "/", "&", "=", "!", ">", "<", "%", ".", " ", "\n"]
        ).prop_map(str::to_owned),
        2 => proptest::sample::select(
            vec!["bot.key", "user.key", "key", "temp.open", "list", "{{=<% %>=}}", "<%bot.key%>", "{{bot.key}}"]
        ).prop_map(str::to_owned),
        1 => "[a-z\u{fdd0}é]",
    ];
    proptest::collection::vec(part, 0..12).prop_map(|parts| parts.concat())
}

/// A conversation whose user said `text`; everything that could leak holds [`SECRET`].
struct Scene {
    event: Value,
    state: State,
}

impl Scene {
    fn new(text: &str) -> Self {
        let mut event = json!({"payload": {"text": text}, "key": SECRET});
        untrusted::mark(&mut event);
        let mut state = State::new();
        state.user = json!({"key": SECRET});
        state.temp = json!({
            "open": "{{", "close": "}}", "brace": "{", "key": SECRET, "delimiters": "{{=<% %>=}}",
            "half": "{{bot.", "comment": "{{!", "set": "{{=", "on": true,
        });
        state.bot = Some(json!({"key": SECRET}));
        Self { event, state }
    }

    fn render(&self, template: &str) -> String {
        let scope = Scope { event: &self.event, state: &self.state, args: None };
        render(template, scope).unwrap_or_else(|error| panic!("{error}")).into_owned()
    }

    /// As it leaves in a payload.
    fn shown(&self, template: &str) -> String {
        untrusted::plain(&self.render(template)).into_owned()
    }

    /// As a `setVariable` of `temp.x` does it.
    fn store(&mut self, template: &str) {
        let value = Value::from(self.render(template));
        self.state.temp["x"] = value;
    }
}

/// What `text` looks like when it leaves, raw: without noncharacters that came in with it.
fn raw(text: &str) -> String {
    text.replace('\u{fdd0}', "")
}

fn escaped(text: &str) -> String {
    let table = [
        ('&', "&amp;"),
        ('<', "&lt;"),
        ('>', "&gt;"),
        ('"', "&quot;"),
        ('\'', "&#39;"),
        ('/', "&#x2F;"),
        ('`', "&#x60;"),
        ('=', "&#x3D;"),
    ];
    let escape = |c: char| {
        let found = table.iter().find(|(character, _)| *character == c);
        found.map_or_else(|| c.to_string(), |(_, entity)| (*entity).to_owned())
    };
    raw(text).chars().map(escape).collect()
}

proptest! {
    #[test]
    fn what_a_user_types_is_what_is_shown(text in hostile(), stores in 0_usize..4) {
        let mut scene = Scene::new(&text);
        scene.store("{{{event.payload.text}}}");
        for _ in 0..stores {
            scene.store("{{{temp.x}}}");
        }
        prop_assert_eq!(scene.shown("{{temp.x}}"), escaped(&text));
        prop_assert_eq!(scene.shown("{{{temp.x}}}"), raw(&text));
        let again = scene.render("{{temp.x}}");
        prop_assert_eq!(scene.shown(&again), escaped(&text));
    }

    #[test]
    fn authors_text_around_it_does_not_bring_it_to_life(text in hostile(), more in hostile()) {
        let mut scene = Scene::new(&text);
        scene.state.user["name"] = Value::from(untrusted::mark_text(&more));
        let (text, more) = (raw(&text), raw(&more));
        for (template, expected) in [
            ("{{{event.payload.text}}}{{{user.name}}}", format!("{text}{more}")),
            ("{{{user.name}}}{{{event.payload.text}}}", format!("{more}{text}")),
            ("{{#temp.on}}{{{event.payload.text}}}{{/temp.on}}", text.clone()),
            ("{{#user.name}}{{{.}}}{{/user.name}}", more.clone()),
            ("{{{temp.brace}}}{{{event.payload.text}}}", format!("{{{text}")),
            ("{{{temp.open}}}{{{event.payload.text}}}{{{temp.close}}}", format!("{{{{{text}}}}}")),
            ("{{{temp.half}}}{{{event.payload.text}}}}}", format!("{{{{bot.{text}}}}}")),
            ("{{{temp.comment}}}{{{event.payload.text}}}}}", format!("{{{{!{text}}}}}")),
            ("{{{temp.set}}}{{{event.payload.text}}}=}}", format!("{{{{={text}=}}}}")),
            ("{{{temp.delimiters}}}.{{{event.payload.text}}}.", format!(".{text}.")),
            ("{{=<% %>=}}{<%{event.payload.text}%>}", format!("{{{text}}}")),
            ("{{=<% %>=}}{{bot.<%{event.payload.text}%>}}", format!("{{{{bot.{text}}}}}")),
            ("{{={ }=}}{&event.payload.text}|{&user.name}", format!("{text}|{more}")),
        ] {
            let once = scene.render(template);
            prop_assert_eq!(untrusted::plain(&once), expected.as_str(), "{}", template);
            let scope = Scope { event: &scene.event, state: &scene.state, args: None };
            let twice = render_again(&once, scope).unwrap();
            prop_assert_eq!(untrusted::plain(&twice), expected.as_str(), "{} twice", template);
            scene.store(template);
            prop_assert_eq!(scene.shown("{{{temp.x}}}"), expected, "{} stored", template);
        }
    }

    #[test]
    fn characters_taken_out_of_it_make_no_tag(text in hostile()) {
        let scene = Scene::new(&text);
        let tags: Vec<String> =
            (0..40).map(|index| format!("{{{{{{event.payload.text.{index}}}}}}}")).collect();
        let shown: String = raw(&text).chars().take(40).collect();
        prop_assert_eq!(scene.shown(&tags.concat()), shown);
    }
}

#[test]
fn what_an_author_stored_is_a_template_still() {
    let mut scene = Scene::new("{{user.key}}");
    scene.state.user["b"] = json!("B");
    scene.state.temp["a"] = json!("{{user.b}} {{{event.payload.text}}}");
    assert_eq!(scene.shown("{{{temp.a}}}"), "B {{user.key}}");
}

#[test]
fn the_scene_does_leak_to_an_authors_template() {
    let scene = Scene::new("");
    assert_eq!(scene.render("{{bot.key}}{{event.key}}"), SECRET.repeat(2));
}

#[test]
fn a_brace_that_meets_a_marked_one_opens_no_tag() {
    let scene = Scene::new("");
    for (before, outside) in [("{", "{bot.key}}"), ("", "{{bot.key}}"), ("{{", "{bot.key}}}")] {
        let template = format!("{before}{}", untrusted::mark_text(outside));
        assert_eq!(scene.render(&template), template);
        assert_eq!(scene.render(&format!("{template}{{{{temp.on}}}}")), format!("{template}true"));
    }
}
