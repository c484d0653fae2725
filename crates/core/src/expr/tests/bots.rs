//! Every condition of the real bots, where they are at hand.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use super::super::Condition;
use super::oracle::Oracle;
use super::world::World;

/// All conditions with the number of their uses.
fn conditions(bots: &Path) -> BTreeMap<String, usize> {
    let mut conditions = BTreeMap::new();
    let mut folders: Vec<PathBuf> = vec![bots.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(".flow.json") {
                let text = fs::read_to_string(&path).unwrap();
                if let Ok(flow) = serde_json::from_str(text.trim_start_matches('\u{feff}')) {
                    collect(&flow, &mut conditions);
                }
            }
        }
    }
    conditions
}

fn collect(value: &Json, conditions: &mut BTreeMap<String, usize>) {
    match value {
        Json::Array(items) => items.iter().for_each(|item| collect(item, conditions)),
        Json::Object(fields) => {
            if let Some(condition) = fields.get("condition").and_then(Json::as_str) {
                *conditions.entry(condition.to_owned()).or_default() += 1;
            }
            fields.values().for_each(|field| collect(field, conditions));
        }
        _ => {}
    }
}

#[test]
fn conditions_of_the_real_bots_run_natively() {
    let bots = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/bots");
    if !bots.is_dir() {
        println!("skipped: the real bots are not at hand");
        return;
    }
    let oracle = Oracle::new();
    let worlds = [
        World::empty(),
        World::new(json!({"nlu": {"intent": {"name": "none"}}, "preview": "1"}), json!({"x": 1})),
    ];
    let (mut all, mut native) = (0, 0);
    for (source, uses) in conditions(&bots) {
        let condition = Condition::parse(&source);
        all += uses;
        match (condition.syntax_error(), condition.needs_javascript()) {
            (Some(problem), _) => println!("{uses} × syntax error, {problem}: {source}"),
            (None, Some(reason)) => println!("{uses} × needs JavaScript, {reason}: {source}"),
            (None, None) => native += uses,
        }
        for world in &worlds {
            if let Ok(value) = world.run(&source) {
                assert_eq!(value, oracle.run(&source, world), "{source}");
            }
        }
    }
    println!("{native} of {all} conditions run natively");
    assert!(native * 100 > all * 99, "only {native} of {all} conditions run natively");
}
