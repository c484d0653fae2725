//! What flow files may look like, and what becomes of them.

use serde_json::json;

use super::*;

fn read(value: &Value) -> (Option<Flow>, Vec<String>) {
    let (flow, found) = parse_flow("a.flow.json", value.to_string().as_bytes());
    (flow, found.into_iter().map(|finding| finding.code.to_owned()).collect())
}

fn with_node(node: &Value) -> (Node, Vec<String>) {
    let (flow, found) = read(&json!({"version": "0.0.1", "startNode": "n", "nodes": [node]}));
    (flow.unwrap().nodes.remove(0), found)
}

#[test]
fn a_usual_flow_is_read_without_complaint() {
    let (flow, found) = read(&json!({
        "version": "0.0.1", "startNode": "entry", "description": "", "triggers": [],
        "catchAll": {"next": [{"condition": "true", "node": "b"}], "onReceive": ["act {}"]},
        "skillData": {"x": 1},
        "nodes": [
            {"id": "12345", "name": "entry", "type": "standard", "onEnter": ["say #!x", "act"],
             "onReceive": null, "next": [{"condition": "temp.x", "node": "b", "caption": "c"}]},
            {"id": "s", "name": "b", "type": "skill-call", "skill": "choice",
             "flow": "skills/choice-1.flow.json", "onEnter": null, "next": []},
            {"name": "c", "type": "say_something", "onReceive": [],
             "content": {"contentType": "builtin_text", "formData": {"text$en": "x"}}}
        ]
    }));
    assert_eq!(found, [""; 0]);
    let flow = flow.unwrap();
    assert_eq!((flow.name.as_str(), flow.start_node.as_str()), ("a.flow.json", "entry"));
    assert_eq!(flow.catch_all.on_receive, ["act {}"]);
    assert_eq!(flow.catch_all.next.len(), 1);
    assert_eq!(flow.nodes[0].on_enter, ["say #!x", "act"]);
    assert_eq!(flow.nodes[0].next[0].condition, "temp.x");
    assert_eq!(
        flow.nodes[1].kind,
        NodeKind::SkillCall { flow: "skills/choice-1.flow.json".into() }
    );
    assert_eq!(
        flow.nodes[2].kind,
        NodeKind::SaySomething {
            content_type: "builtin_text".into(),
            form_data: json!({"text$en": "x"})
        }
    );
}

#[test]
fn only_a_list_makes_a_node_wait() {
    for (value, expected, complaints) in [
        (json!([]), Some(vec![]), 0),
        (json!(["x"]), Some(vec!["x".to_owned()]), 0),
        (json!(null), None, 0),
        (json!("x"), None, 1),
        (json!({}), None, 1),
    ] {
        let (node, found) = with_node(&json!({"name": "n", "onReceive": value}));
        assert_eq!(node.on_receive, expected, "{value}");
        assert_eq!(found.len(), complaints, "{value}");
    }
    assert_eq!(with_node(&json!({"name": "n"})).0.on_receive, None);
}

#[test]
fn nothing_to_enter_and_nowhere_to_go_is_fine() {
    let (node, found) = with_node(&json!({"name": "n", "onEnter": null, "next": null}));
    assert_eq!((node.on_enter.len(), node.next.len(), found.len()), (0, 0, 0));
}

#[test]
fn bad_parts_are_left_out_alone() {
    let (node, found) = with_node(&json!({
        "name": "n", "onEnter": ["a", 5, {"type": "x"}, "b"],
        "next": ["x", {"condition": true, "node": "a"}, {"condition": {}, "node": null}, null]
    }));
    assert_eq!(node.on_enter, ["a", "b"]);
    let next: Vec<_> =
        node.next.iter().map(|t| (t.condition.as_str(), t.destination.as_str())).collect();
    assert_eq!(next, [("true", "a"), ("", "")]);
    assert_eq!(
        found,
        [
            "bad-instruction",
            "bad-instruction",
            "bad-transition",
            "bad-transition",
            "bad-transition"
        ]
    );
}

#[test]
fn of_two_nodes_with_one_name_the_first_stays() {
    let (flow, found) = read(&json!({
        "version": "0.0.1", "startNode": "n",
        "nodes": [{"name": "n", "onEnter": ["a"]}, {"name": "n"}, {"id": "x"}, 7]
    }));
    let flow = flow.unwrap();
    assert_eq!((flow.nodes.len(), flow.nodes[0].on_enter.len()), (1, 1));
    assert_eq!(found, ["duplicate-node", "bad-node", "bad-node"]);
}

#[test]
fn odd_but_clear_flows_are_kept() {
    for (extra, code) in [
        (json!({"version": "1.0"}), "flow-version"),
        (json!({"version": null}), "flow-version"),
        (json!({"catchAll": {"onEnter": ["x"]}}), "flow-wide-on-enter"),
        (json!({"catchAll": []}), "bad-field"),
        (json!({"timeoutNode": "n"}), "inert-timeout-node"),
        (json!({"nodes": [{"name": "n", "type": "prompt"}]}), "unknown-node-type"),
        (json!({"nodes": [{"name": "n", "type": "skill-call"}]}), "skill-without-flow"),
    ] {
        let mut flow = json!({"version": "0.0.1", "startNode": "n", "nodes": [{"name": "n"}]});
        flow.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        let (flow, found) = read(&flow);
        assert!(flow.is_some(), "{extra}");
        assert_eq!(found, [code], "{extra}");
    }
}

#[test]
fn flows_that_leave_room_for_guesses_are_refused() {
    for value in [
        json!([]),
        json!({"startNode": "n"}),
        json!({"startNode": "n", "nodes": {}}),
        json!({"nodes": [{"name": "n"}]}),
        json!({"startNode": 1, "nodes": [{"name": "n"}]}),
        json!({"startNode": "m", "nodes": [{"name": "n"}]}),
        json!({"startNode": "n", "nodes": []}),
    ] {
        let (flow, found) = read(&value);
        assert!(flow.is_none(), "{value}");
        assert_eq!(found, ["bad-flow"], "{value}");
    }
}

#[test]
fn hostile_sizes_are_cut() {
    let transitions: Vec<Value> = (0..2000).map(|_| json!({"node": "n"})).collect();
    let (node, found) = with_node(&json!({"name": "n", "next": transitions}));
    assert_eq!((node.next.len(), found.as_slice()), (MAX_LIST, &["too-many".to_owned()][..]));
    let nodes: Vec<Value> = (0..=MAX_NODES).map(|n| json!({"name": n.to_string()})).collect();
    let (flow, _) = read(&json!({"version": "0.0.1", "startNode": "0", "nodes": nodes}));
    assert_eq!(flow.unwrap().nodes.len(), MAX_NODES);
}
