//! Conversations recorded from the original, replayed against this server.
//!
//! The recordings are not part of this repository. They are looked for in `conformance/` of the
//! folder that `PARLANCE_SHARED` names, or of `../shared`; where there are none, these tests say so
//! on the terminal and pass. Steps that are known to differ are listed, each with its reason, in
//! `conformance-exceptions.txt`; an entry that does not differ any more is a failure too.

mod exceptions;
mod replay;

use crate::harness::Server;
use exceptions::Exceptions;
use replay::Recordings;

#[test]
fn recorded_conversations_of_the_public_route_are_answered_alike() {
    let Some(recordings) = Recordings::find() else {
        return;
    };
    let data = recordings.make_data();
    let server = Server::start(&data);
    let report = recordings.replay(&server, &["--public", "off-public"]);
    Exceptions::read().hold_against("off-public", &report);
}

#[test]
fn recorded_conversations_with_real_bots_are_answered_alike() {
    let Some(recordings) = Recordings::find() else {
        return;
    };
    let data = recordings.make_data();
    let server = Server::start(&data);
    let report = recordings.replay(&server, &["--real", "--public", "off"]);
    Exceptions::read().hold_against("real", &report);
}

#[test]
fn recorded_logins_are_answered_alike() {
    let Some(recordings) = Recordings::find() else {
        return;
    };
    let data = recordings.make_data();
    let server = Server::start_with_admin(&data);
    let report = recordings.replay(&server, &["auth"]);
    Exceptions::read().hold_against("auth", &report);
}

#[test]
fn recorded_conversations_of_the_secured_route_are_answered_alike() {
    let Some(recordings) = Recordings::find() else {
        return;
    };
    let data = recordings.make_data();
    let server = Server::start_with_admin(&data);
    let report = recordings.replay(&server, &["off-secured"]);
    Exceptions::read().hold_against("off-secured", &report);
}

/// State, stack trace, decision and suggestions of every turn besides its answers.
#[test]
fn recorded_turns_of_real_bots_look_alike_from_inside() {
    let Some(recordings) = Recordings::find() else {
        return;
    };
    let data = recordings.make_data();
    let server = Server::start_with_admin(&data);
    let report = recordings.replay_by_bot(&server, &["--real"], "off");
    Exceptions::read().hold_against("real-secured", &report);
}

#[tokio::test]
async fn every_real_bot_answers_a_first_message() {
    let Some(recordings) = Recordings::find() else {
        return;
    };
    let data = recordings.make_data();
    let server = Server::start(&data);
    let client = server.client();
    let mut asked = 0;
    for entry in std::fs::read_dir(data.path().join("bots")).unwrap() {
        let bot = entry.unwrap().file_name().to_string_lossy().into_owned();
        let reply = client.say(&bot, "first", "hello").await;
        assert!(reply.status < 500, "{bot}: {} {}", reply.status, reply.text);
        asked += 1;
    }
    assert!(asked > 50, "{asked} bots");
}
