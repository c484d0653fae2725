//! Forgetting a chat user: nothing is left, and nothing comes back.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::{OTHER, SHOP, Stage, of_shop, talk, text};
use crate::harness::{ADMIN, BotFiles, Client, Server, converse, slow_bot};

/// Texts that occur nowhere else.
fn planted() -> Vec<String> {
    (0..30).map(|number| format!("planted{number:02}qzx7")).collect()
}

/// Keeps what the user says as variable of every scope, and says it.
fn keeper(id: &str) -> BotFiles {
    let keep = |scope: &str| {
        let argument = json!({ "type": scope, "name": "said", "value": "{{event.payload.text}}" });
        format!("builtin/setVariable {argument}")
    };
    let entry = json!({
        "name": "entry",
        "onEnter": [keep("user"), keep("session"), keep("temp"), "say #!builtin_text-echo"],
        "onReceive": [],
        "next": [{"condition": "true", "node": "entry"}],
    });
    BotFiles::new(id).texts(&[("echo", "{{event.payload.text}}")]).flow("main", &[entry])
}

/// Plants all of them in every input that there is; the first is the user's id.
async fn plant(stage: &Stage, planted: &[String]) {
    let user = &planted[0];
    let secured =
        format!("{}/secured?include=nlu,state,suggestions,decision", converse(SHOP, user));
    for said in &planted[1..9] {
        stage.admin.say(SHOP, user, said).await.responses();
    }
    for said in &planted[9..13] {
        let body = json!({
            "type": "text", "text": "hi", "metadata": {"note": said}, said.as_str(): said,
        });
        stage.admin.post(&secured, &body).await;
    }
    for key in &planted[13..18] {
        let header = [("Idempotency-Key", key.as_str())];
        let reply = stage.admin.try_post(&secured, &text(&format!("with {key}")), &header).await;
        reply.unwrap().responses();
    }
    for value in &planted[18..23] {
        let attributes = format!("users/{user}/attributes");
        let reply = stage.patch(&attributes, &json!({ value.as_str(): value }), None).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    for value in &planted[23..28] {
        let memory = format!("{}/memory", talk(user));
        let patch = json!({"session": {value.as_str(): value}, "temp": {"slots": {"a": value}}});
        let reply = stage.patch(&memory, &patch, None).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
    }
    for said in &planted[28..] {
        stage.admin.say(SHOP, user, &format!("{{{{{said}}}}} {{{said}")).await.responses();
    }
    ask_in_vain(stage, user).await;
}

/// Requests that name the user and are refused, or read alone.
async fn ask_in_vain(stage: &Stage, user: &str) {
    let anybody = stage.server.client();
    let secured = format!("{}/secured", converse(SHOP, user));
    assert_eq!(anybody.post(&secured, &text("hi")).await.status, 401);
    for path in [talk(user), format!("users/{user}"), format!("users/{user}/export")] {
        assert_eq!(anybody.get(&of_shop(&path)).await.status, 401);
        assert_eq!(anybody.delete(&of_shop(&path)).await.status / 100, 4);
        stage.read(&path).await;
    }
    let forged = anybody.with_token("nonsense");
    assert_eq!(forged.delete(&format!("/api/v2/admin/users/api/{user}")).await.status, 401);
    assert_eq!(stage.delete(&talk(user)).await["reset"], true);
}

/// How many of the texts a folder's files hold; the log counts apart.
fn found(folder: &Path, planted: &[String]) -> usize {
    let mut contents = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.is_file() {
                contents.push(std::fs::read(path).unwrap());
            }
        }
    }
    let holds = |text: &&String| contents.iter().any(|bytes| contains(bytes, text.as_bytes()));
    planted.iter().filter(holds).count()
}

fn contains(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

fn end(server: &mut Server) {
    server.ask_to_end();
    assert!(server.wait_for_end().success());
}

#[tokio::test]
async fn thirty_planted_identifiers_are_nowhere_after_an_erasure() {
    let mut stage = Stage::with(&[keeper(SHOP), keeper(OTHER)]).await;
    let planted = planted();
    plant(&stage, &planted).await;
    stage.admin.say(SHOP, "bystander", "of somebody else").await.responses();
    assert_eq!(found(&stage.data.path(), &planted), 30, "the test finds what is there");
    let erased = stage.delete(&format!("users/{}", planted[0])).await;
    assert_eq!((&erased["conversations"], &erased["attributes"]), (&json!(1), &json!(true)));
    assert_eq!(erased["idempotencyKeys"], 5);
    assert_eq!(erased["logCut"], true);
    assert_eq!(found(&stage.data.path(), &planted), 0, "with the database open");
    end(&mut stage.server);
    assert_eq!(found(&stage.data.path(), &planted), 0);
    let log = std::fs::read_to_string(stage.data.log_file()).unwrap();
    let logged: Vec<_> = planted.iter().filter(|text| log.contains(*text)).collect();
    assert!(logged.is_empty(), "{logged:?} in\n{log}");
    let server = Server::start(&stage.data);
    let admin = server.client().login(ADMIN).await;
    let bystander = of_shop("users/bystander");
    assert_eq!(admin.get(&bystander).await.json()["attributes"]["said"], "of somebody else");
    let gone = of_shop(&format!("users/{}", planted[0]));
    assert_eq!(admin.get(&gone).await.status, 404);
}

#[tokio::test]
async fn an_erasure_is_of_one_bot_or_of_all() {
    let stage = Stage::new().await;
    let known = async |bot: &str| {
        let path = format!("/api/v1/bots/{bot}/users/ada");
        stage.admin.get(&path).await.status == 200
    };
    for bot in [SHOP, OTHER] {
        stage.admin.say(bot, "ada", "hi").await.responses();
    }
    assert_eq!(stage.delete("users/ada").await["conversations"], 1);
    assert_eq!((known(SHOP).await, known(OTHER).await), (false, true));
    assert_eq!(stage.delete("users/ada").await["conversations"], 0, "twice is fine");
    stage.admin.say(SHOP, "ada", "again").await.responses();
    let reply = stage.admin.delete("/api/v2/admin/users/api/ada").await;
    assert_eq!(reply.json()["conversations"], 2, "{}", reply.text);
    assert_eq!((known(SHOP).await, known(OTHER).await), (false, false));
}

#[tokio::test]
async fn a_message_that_is_being_answered_goes_with_the_rest() {
    let stage = Stage::with(&[slow_bot(SHOP, 1500)]).await;
    for user in ["new", "known"] {
        if user == "known" {
            stage.admin.say(SHOP, user, "before").await.responses();
        }
        let client = stage.admin.clone();
        let turn = tokio::spawn(async move { client.say(SHOP, user, "meanwhile").await });
        tokio::time::sleep(Duration::from_millis(300)).await;
        stage.delete(&format!("users/{user}")).await;
        assert_eq!(turn.await.unwrap().texts(), ["done meanwhile"], "who asked is answered");
        let left = stage.read(&format!("conversations?user={user}")).await;
        assert_eq!(left["conversations"], json!([]), "{user}");
    }
}

#[tokio::test]
async fn nothing_comes_back_for_a_user_who_goes_on_talking() {
    let stage = Stage::new().await;
    let (said, mut heard) = tokio::sync::watch::channel(0);
    let client: Client = stage.admin.clone();
    let talking = tokio::spawn(async move {
        for number in 0..60 {
            client.say(SHOP, "ada", &format!("m{number}")).await.responses();
            let _ = said.send(number + 1);
        }
    });
    for wanted in [10, 30] {
        heard.wait_for(|said| *said >= wanted).await.unwrap();
        let before: usize = *heard.borrow_and_update();
        stage.delete("users/ada").await;
        assert!(oldest(&stage).await >= before, "older than the erasure after {before}");
    }
    talking.await.unwrap();
    let user = stage.read("users/ada").await;
    let turns = user["attributes"]["turns"].as_str().unwrap().len();
    assert!(turns <= 30, "{turns} turns are remembered");
    assert!(oldest(&stage).await >= 30);
}

/// The number of the oldest message that is kept; very large when there is none.
async fn oldest(stage: &Stage) -> usize {
    let reply = stage.admin.get(&of_shop(&format!("{}/turns?limit=200", talk("ada")))).await;
    if reply.status == 404 {
        return usize::MAX;
    }
    let turns = reply.json()["turns"].clone();
    let number = |turn: &Value| {
        let text = turn["incoming"]["text"].as_str().unwrap();
        text.trim_start_matches('m').parse::<usize>().unwrap()
    };
    turns.as_array().unwrap().iter().map(number).min().unwrap_or(usize::MAX)
}
