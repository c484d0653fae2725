//! Mustache's published behaviour and v12's, as tables: data, template, result.

use serde_json::{Value, json};

use super::*;
use crate::dialog::State;

/// Renders `template` with `data` as the instruction's arguments, as it leaves in a payload.
fn rendered(template: &str, data: &Value) -> String {
    let scope = Scope { event: &json!({}), state: &State::new(), args: data.as_object() };
    let text = render(template, scope).unwrap_or_else(|error| panic!("{error}"));
    untrusted::plain(&text).into_owned()
}

fn problem(template: &str, data: &Value) -> String {
    let scope = Scope { event: &json!({}), state: &State::new(), args: data.as_object() };
    render(template, scope).expect_err(template).problem
}

fn check(data: &Value, cases: &[(&str, &str)]) {
    for (template, expected) in cases {
        assert_eq!(rendered(template, data), *expected, "{template:?}");
    }
}

#[test]
fn text_without_tags_is_borrowed() {
    for text in ["", "Hi!", "{a}", "a }} b", "a {{ b", "}} {{", "{ {a} }"] {
        let scope = Scope { event: &json!({}), state: &State::new(), args: None };
        assert!(matches!(render(text, scope), Ok(Cow::Borrowed(same)) if same == text), "{text}");
    }
}

#[test]
fn variables_become_javascripts_text() {
    check(
        &json!({
            "s": "x", "i": 85, "d": 1.210, "whole": 2.0, "big": 1e21, "zero": 0, "no": false,
            "yes": true, "nil": null, "o": {"a": 1}, "l": [1, [2, null], "c"], "empty": "",
        }),
        &[
            ("Hi {{s}}!", "Hi x!"),
            ("{{ s }}|{{\n s\t}}|{{{ s }}}|{{& s }}", "x|x|x|x"),
            ("{{i}} {{{i}}} {{&i}}", "85 85 85"),
            ("{{d}} {{whole}} {{big}} {{zero}}", "1.21 2 1e+21 0"),
            ("{{no}} {{yes}} {{{no}}}", "false true false"),
            ("({{nil}}{{{nil}}}{{&nil}}{{missing}}{{{missing}}}{{empty}})", "()"),
            ("{{o}} {{l}}", "[object Object] 1,2,,c"),
            ("{{}}|{{ }}|{{!}}", "||"),
            ("{{{s}}}}|{ {{s}} }", "x}|{ x }"),
            ("{{.}}{{event}}{{event.state}}", "[object Object][object Object][object Object]"),
            ("{{workflow}}{{bot}}", "[object Object][object Object]"),
        ],
    );
}

#[test]
fn double_braces_escape_eight_characters() {
    let data = json!({"t": r#"&<>"'/`= é{}"#});
    let escaped = "&amp;&lt;&gt;&quot;&#39;&#x2F;&#x60;&#x3D; é{}";
    check(
        &data,
        &[("{{t}}", escaped), ("{{{t}}}", r#"&<>"'/`= é{}"#), ("{{&t}}", r#"&<>"'/`= é{}"#)],
    );
}

#[test]
fn paths_lead_through_objects_arrays_and_lengths() {
    check(
        &json!({
            "a": {"b": {"c": "deep"}, "n": null}, "list": [{"t": "x"}, {"t": "y"}], "dots.in": 1,
            "text": "aé😀", "length": "mine",
        }),
        &[
            ("{{a.b.c}}|{{a.b}}|{{a.x.c}}|{{a.n.c}}|{{a.n}}", "deep|[object Object]|||"),
            ("{{list.0.t}}{{list.1.t}}{{list.2.t}}{{list.00.t}}{{list.-1.t}}", "xy"),
            ("{{list.length}} {{text.length}} {{text.0}}{{text.1}}{{text.9}}", "2 4 aé"),
            ("{{text.2}}", "\u{fffd}"),
            ("{{list[0].t}}|{{dots.in}}|{{.a}}|{{a.}}|{{a..b}}", "||||"),
            // A name without dots never means the length of the innermost text.
            ("{{#text}}{{length}}{{/text}}", "mine"),
            ("{{#list}}{{length}}{{/list}}", "minemine"),
        ],
    );
}

#[test]
fn sections_show_truthy_values() {
    check(
        &json!({
            "yes": true, "no": false, "nil": null, "zero": 0, "one": 1, "empty": "", "s": "x",
            "none": [], "o": {}, "list": [1, "a", [2, 3], null], "name": "out",
            "people": [{"name": "A", "likes": ["x", "y"]}, {"likes": []}],
            "nested": [[1, 2], ["a"]], "c": {"name": "in", "d": {"e": "f"}}, "holes": [null, {"name": 5}],
        }),
        &[
            ("{{#yes}}1{{/yes}}{{#no}}2{{/no}}{{#nil}}3{{/nil}}{{#zero}}4{{/zero}}", "1"),
            ("{{#one}}{{.}}{{/one}}{{#empty}}2{{/empty}}{{#s}}{{.}}{{/s}}{{#o}}o{{/o}}", "1xo"),
            ("{{#none}}1{{/none}}{{#missing}}2{{/missing}}{{#a.b.c}}3{{/a.b.c}}", ""),
            ("{{^yes}}1{{/yes}}{{^no}}2{{/no}}{{^nil}}3{{/nil}}{{^zero}}4{{/zero}}", "234"),
            ("{{^s}}1{{/s}}{{^none}}2{{/none}}{{^o}}3{{/o}}{{^list}}4{{/list}}{{^x}}5{{/x}}", "25"),
            ("{{#list}}({{.}}){{/list}}", "(1)(a)(2,3)()"),
            ("{{#nested}}({{#.}}{{.}}{{/.}}){{/nested}}", "(12)(a)"),
            ("{{#yes}}{{.}}{{name}}{{/yes}}", "[object Object]out"),
            ("{{#c}}{{name}}{{/c}}{{#c.d}}{{name}}{{e}}{{/c.d}}", "inoutf"),
            (
                "{{#people}}{{name}}:{{#likes}}{{name}}{{.}} {{/likes}};{{/people}}",
                "A:Ax Ay ;out:;",
            ),
            ("{{#holes}}{{name}}{{/holes}}", "out5"),
            ("{{#yes}}a{{#yes}}b{{/yes}}c{{/yes}}{{^yes}}a{{^yes}}b{{/yes}}c{{/yes}}", "abc"),
            ("{{# yes }}={{/ yes }}", "="),
            ("{{#event.state.session}}{{lastMessages.length}}{{/event.state.session}}", "0"),
        ],
    );
}

#[test]
fn a_dotted_path_belongs_to_the_first_level_that_has_all_of_it() {
    check(
        &json!({"a": {"b": {}, "x": {"y": null}}, "b": {"c": "outer"}, "x": {"y": "outer"}}),
        &[("{{#a}}{{b.c}}{{/a}}", "outer"), ("{{#a}}{{x.y}}{{/a}}", "")],
    );
}

#[test]
fn comments_and_partials_render_to_nothing() {
    check(
        &json!({"comment": 1, "partial": "p"}),
        &[
            ("12{{! comment }}34", "1234"),
            ("12{{!\n several\n lines }}34", "1234"),
            ("[{{> partial }}]", "[]"),
            ("a\n {{> partial}} \nb", "a\nb"),
        ],
    );
}

#[test]
fn lines_with_nothing_but_silent_tags_vanish() {
    check(
        &json!({"b": true, "s": "x"}),
        &[
            ("a\n{{! c }}\nb\n", "a\nb\n"),
            ("a\n  {{! c }}\t\nb", "a\nb"),
            ("a\r\n{{! c }}\r\nb", "a\r\nb"),
            ("  {{! c }}\nb", "b"),
            ("a\n  {{! c }}", "a\n"),
            ("a\n {{!\n c\n }}\nb", "a\nb"),
            ("  12 {{! c }}\n", "  12 \n"),
            ("a {{! c }} b", "a  b"),
            (" {{s}}\n", " x\n"),
            ("a\n{{#b}}\nin\n{{/b}}\nz\n", "a\nin\nz\n"),
            ("a\n  {{#b}}\nin\n  {{/b}}  \nz", "a\nin\nz"),
            ("{{#b}}\n{{/b}}\n", ""),
            ("{{#b}} \n {{#b}} {{/b}} \n{{/b}}z", "z"),
            (" | {{#b}}\t|\t{{/b}} | \n", " | \t|\t | \n"),
            (" {{#b}}1{{/b}}\n {{#b}}2{{/b}}\n", " 1\n 2\n"),
            ("#{{#b}}\n/\n  {{/b}}", "#\n/\n"),
            ("\u{feff}{{! c }}\u{a0}\nz", "z"),
            ("\u{85}{{! c }}\nz", "\u{85}\nz"),
            ("1\n2\n3 {{s}} 4\n5\n{{! c }}\n6", "1\n2\n3 x 4\n5\n6"),
        ],
    );
}

#[test]
fn delimiters_can_be_changed() {
    check(
        &json!({"t": "Hey!", "b": true, "d": "x"}),
        &[
            ("{{=<% %>=}}(<%t%>)", "(Hey!)"),
            ("({{=[ ]=}}[t])", "(Hey!)"),
            ("{{= |   | =}}|t||={{ }}=|{{t}}", "Hey!Hey!"),
            ("{{=<% %>=}}<%{t}%><%&t%>", "Hey!Hey!"),
            ("{{#b}}{{d}}|d|{{/b}}{{= | | =}}|#b|{{d}}|d||/b|", "x|d|{{d}}x"),
            ("a\n {{=@ @=}} \n@d@", "a\nx"),
            ("| {{=@ @=}} |", "|  |"),
        ],
    );
}

#[test]
fn text_between_changed_delimiters_is_no_template_in_later_passes() {
    let data = json!({"key": "b", "user": {"b": "x"}});
    check(&data, &[("{{=<% %>=}}{{user.<%key%>}}", "{{user.b}}")]);
}

#[test]
fn values_are_templates_for_two_further_passes() {
    let data = json!({
        "a": "1{{b}}", "b": "2{{c}}", "c": "3{{d}}", "d": "4{{e}}", "self": "<{{self}}>",
        "raw": "{{{self}}}", "section": "{{#b}}yes{{/b}}", "list": ["{{d}}"],
    });
    check(
        &data,
        &[
            ("{{d}}", "4"),
            ("{{b}}", "234{{e}}"),
            ("{{a}}", "123{{d}}"),
            ("{{list}}", "4"),
            ("{{{section}}}", "yes"),
            ("{{{self}}}", "<&lt;&lt;{{self}}&gt;&gt;>"),
        ],
    );
}

#[test]
fn malformed_templates_say_what_is_wrong() {
    let data = json!({"open": "{{#a}}", "b": 1});
    for (template, expected) in [
        ("{{b}} {{b", "the tag at character 9 is not closed"),
        ("é{{{b}} x", "the tag at character 4 is not closed"),
        ("{{#b}}x {{}}", "section \"b\" is not closed"),
        ("{{#b}}{{/c}}", "section \"b\" is not closed before \"c\" is"),
        ("{{/b}}", "section \"b\" is closed but never opened"),
        ("{{=a=}}", "\"a\" is not a pair of delimiters"),
        ("{{= =}}", "\"\" is not a pair of delimiters"),
        ("{{= a b }}", "the tag at character 3 is not closed"),
        ("{{{open}}}", "section \"a\" is not closed"),
    ] {
        assert_eq!(problem(template, &data), expected, "{template}");
    }
}

#[test]
fn results_nesting_and_repetition_are_bounded() {
    let data = json!({"long": "&".repeat(100 * 1024), "l": vec![0; 100], "on": true});
    assert_eq!(rendered("{{{long}}}", &data).len(), 100 * 1024);
    assert_eq!(problem("{{long}}", &data), "the result is longer than 262144 bytes");
    let nested = |name: &str, depth| {
        format!(
            "{}{}",
            format!("{{{{#{name}}}}}").repeat(depth),
            format!("{{{{/{name}}}}}").repeat(depth)
        )
    };
    assert_eq!(rendered(&nested("on", 64), &data), "");
    assert_eq!(problem(&nested("on", 65), &data), "sections are nested more than 64 deep");
    let repeated = nested("l", 4).replacen("{{/", "{{^l}}{{/l}}{{/", 1);
    assert_eq!(problem(&repeated, &data), "its sections repeat more than 100000 times");
}

#[test]
fn errors_show_the_beginning_of_long_templates() {
    let template = format!("{}{{{{#a}}}}", "é".repeat(300));
    let scope = Scope { event: &json!({}), state: &State::new(), args: None };
    let error = render(&template, scope).unwrap_err();
    assert_eq!(error.template, format!("{}…", "é".repeat(200)));
    assert!(error.to_string().ends_with(": section \"a\" is not closed"));
}

#[test]
fn deep_rendering_reaches_every_string_and_turns_null_into_an_object() {
    let value = json!({"{{n}}": ["{{n}}", {"x": "a{{n}}", "y": null}, 1, true, "plain"]});
    let scope = Scope { event: &json!({}), state: &State::new(), args: None };
    let args = json!({"n": "x"});
    let scope = Scope { args: args.as_object(), ..scope };
    assert_eq!(
        render_value(&value, scope).unwrap(),
        json!({"{{n}}": ["x", {"x": "ax", "y": {}}, 1, true, "plain"]})
    );
}
