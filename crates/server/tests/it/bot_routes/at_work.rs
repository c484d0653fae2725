//! Bots that change while they are talked to, by several at once, or while the server is killed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use serde_json::json;

use super::{bot, export, import, post, said, site, try_import};
use crate::harness::{ADMIN, BotFiles, Client, Server};

/// Flows of a bot, all of which say the same: half a bot would say two things.
const FLOWS: usize = 12;

/// A bot that walks through many flows and says `text` in each.
fn long_bot(id: &str, text: &str) -> BotFiles {
    let texts: Vec<(String, String)> =
        (0..FLOWS).map(|n| (format!("t{n}"), text.to_owned())).collect();
    let texts: Vec<(&str, &str)> = texts.iter().map(|(id, text)| (&**id, &**text)).collect();
    let mut files = BotFiles::new(id).texts(&texts);
    for n in 0..FLOWS {
        let next = format!("f{}.flow.json", n + 1);
        let next =
            if n + 1 < FLOWS { json!([{ "condition": "true", "node": next }]) } else { json!([]) };
        let say = format!("say #!builtin_text-t{n}");
        let name = if n == 0 { "main".to_owned() } else { format!("f{n}") };
        let entry = json!({ "name": "entry", "onEnter": [say, format!("say #!builtin_text-t{n}")], "next": next });
        files = files.flow(&name, &[entry]);
    }
    files
}

/// Talks until it is over; every answer must be that of a whole bot. Gives the number of turns.
async fn talk(client: Client, number: usize, over: Arc<AtomicBool>, turns: Arc<AtomicUsize>) {
    let mut turn = 0;
    while !over.load(Ordering::SeqCst) {
        turn += 1;
        let reply = client.say("shop", &format!("u{number}-{turn}"), "hello").await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let texts = reply.texts();
        assert_eq!(texts.len(), 2 * FLOWS, "{texts:?}");
        assert!(texts.iter().all(|text| *text == texts[0]), "half a bot: {texts:?}");
        turns.fetch_add(1, Ordering::SeqCst);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn turns_get_a_whole_bot_while_it_is_imported_and_reloaded() {
    let bots = [long_bot("shop", "one"), long_bot("a-bot", "one"), long_bot("b-bot", "two")];
    let (_data, server, admin) = site(&bots).await;
    let archives = [export(&admin, "a-bot").await, export(&admin, "b-bot").await];
    let (over, turns) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicUsize::new(0)));
    let talks: Vec<_> = (0..4)
        .map(|n| tokio::spawn(talk(server.client(), n, Arc::clone(&over), Arc::clone(&turns))))
        .collect();
    for round in 0..20 {
        let reply = import(&admin, "shop", "?overwrite=true", &archives[round % 2]).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        let expected = ["one", "two"][round % 2];
        assert_eq!(
            said(&admin, "shop").await[0],
            expected,
            "it is served when the answer is there"
        );
        assert_eq!(post(&admin, "/shop/reload", &json!({})).await.status, 200);
    }
    over.store(true, Ordering::SeqCst);
    for talk in talks {
        talk.await.unwrap();
    }
    let turns = turns.load(Ordering::SeqCst);
    println!("turns during 20 imports and reloads: {turns}");
    assert!(turns >= 20, "{turns}");
}

#[tokio::test(flavor = "multi_thread")]
async fn imports_of_one_bot_come_one_after_the_other() {
    let bots = [long_bot("a-bot", "one"), long_bot("b-bot", "two")];
    let (data, _server, admin) = site(&bots).await;
    let archives = [export(&admin, "a-bot").await, export(&admin, "b-bot").await];
    for overwrite in [false, true] {
        let query = if overwrite { "?overwrite=true" } else { "" };
        let id = if overwrite { "over" } else { "first" };
        let imports = (0..6).map(|n| import(&admin, id, query, &archives[n % 2]));
        let statuses: Vec<u16> = join_all(imports).await.iter().map(|reply| reply.status).collect();
        let done = statuses.iter().filter(|status| **status == 200).count();
        assert_eq!(done, if overwrite { 6 } else { 1 }, "{statuses:?}");
        assert!(statuses.iter().all(|status| [200, 409].contains(status)), "{statuses:?}");
        let texts = said(&admin, id).await;
        assert!(texts.iter().all(|text| *text == texts[0]), "half a bot: {texts:?}");
    }
    let workspaces = std::fs::read_to_string(data.path().join("global/workspaces.json")).unwrap();
    for id in ["first", "over"] {
        assert_eq!(workspaces.matches(&format!("\"{id}\"")).count(), 1, "{workspaces}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_in_the_middle_of_an_import_leaves_the_old_bot_or_the_new() {
    let bots = [long_bot("shop", "one"), long_bot("a-bot", "one"), long_bot("b-bot", "two")];
    let (data, mut server, admin) = site(&bots).await;
    let archives = [export(&admin, "a-bot").await, export(&admin, "b-bot").await];
    let mut chance = fastrand::Rng::with_seed(7);
    let mut found = [0, 0];
    for round in 0..8 {
        let (importer, archive) = (admin.clone(), archives[(round + 1) % 2].clone());
        let task = tokio::spawn(async move {
            try_import(&importer, "shop", "?overwrite=true", &archive)
                .await
                .map(|reply| reply.status)
        });
        tokio::time::sleep(Duration::from_millis(chance.u64(1..120))).await;
        server.kill();
        let answered = task.await.unwrap().is_ok_and(|status| status == 200);
        server = Server::start(&data);
        admin.moved_to(server.base());
        let texts = said(&admin, "shop").await;
        assert_eq!(texts.len(), 2 * FLOWS);
        assert!(texts.iter().all(|text| *text == texts[0]), "half a bot: {texts:?}");
        let is_new = texts[0] == ["one", "two"][(round + 1) % 2];
        assert!(is_new || !answered, "an import that was answered is lost");
        found[usize::from(is_new)] += 1;
        let staging = data.path().join("bots/.parlance/staging");
        assert_eq!(std::fs::read_dir(staging).unwrap().count(), 0, "the start cleared up");
    }
    println!("after a kill: {} times the old bot, {} times the new", found[0], found[1]);
    let again = server.client().login(ADMIN).await;
    assert_eq!(import(&again, "shop", "?overwrite=true", &archives[0]).await.status, 200);
    assert_eq!(said(&again, "shop").await[0], "one");
}

#[tokio::test]
async fn what_was_done_is_still_so_after_a_restart() {
    let (data, server, admin) = site(&[bot("shop", "hello")]).await;
    let archive = export(&admin, "shop").await;
    assert_eq!(import(&admin, "copy", "", &archive).await.status, 200);
    assert_eq!(post(&admin, "/shop/delete", &json!({})).await.status, 200);
    drop(server);
    let server = Server::start(&data);
    let client = server.client();
    assert_eq!(said(&client, "copy").await, ["hello"]);
    assert_eq!(client.say("shop", "u1", "hello").await.status, 404);
}
