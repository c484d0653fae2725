//! A whole talk with the demo bot: memory, choices, a sub-flow and the return from it.

use crate::harness::{Client, DataDir, Reply, Server};

const BOT: &str = "welcome-bot";

async fn say(client: &Client, text: &str) -> Reply {
    client.say(BOT, "ada", text).await
}

fn assert_says(reply: &Reply, wanted: &str) {
    assert!(reply.texts().iter().any(|text| text.contains(wanted)), "{wanted}: {}", reply.text);
}

/// The choices are the last thing said, whatever their form.
fn assert_offers_choices(reply: &Reply) {
    let last = reply.responses().pop().unwrap().to_string();
    for title in ["Remember something", "Take the tour", "Change my name", "Say goodbye"] {
        assert!(last.contains(title), "{title}: {last}");
    }
}

#[tokio::test]
async fn a_talk_with_the_demo_bot_goes_to_its_end() {
    let data = DataDir::new();
    let server = Server::start(&data);
    let client = server.client();

    assert_says(&say(&client, "Hey!").await, "What may I call you?");
    let reply = say(&client, "Ada O'Neill").await;
    assert_says(&reply, "Pleased to meet you, Ada O'Neill.");
    assert_offers_choices(&reply);

    assert_says(&say(&client, "Take the tour").await, "a flow of its own");
    let reply = say(&client, "on we go").await;
    assert_says(&reply, "You wrote “on we go”, a text of 8 characters on channel `api`.");
    assert_offers_choices(&reply);

    assert_says(&say(&client, "remember").await, "Give me one sentence");
    let reply = say(&client, "tea at four").await;
    assert_says(&reply, "I will remember it.");
    assert_offers_choices(&reply);
    assert_says(&say(&client, "note").await, "“tea at four”");
    assert_offers_choices(&say(&client, "tea at five").await);

    assert_says(&say(&client, "NAME").await, "Until now I called you Ada O'Neill.");
    assert_says(&say(&client, "Ada").await, "from now on you are Ada.");
    assert_says(&say(&client, "bye").await, "Ada. Write anything to wake me.");

    let reply = say(&client, "hello again").await;
    assert_says(&reply, "Welcome back, Ada.");
    assert_offers_choices(&reply);
}

#[tokio::test]
async fn three_wrong_choices_lead_out_of_the_menu() {
    let data = DataDir::new();
    let server = Server::start(&data);
    let client = server.client();
    say(&client, "Hey!").await;
    say(&client, "Ada").await;
    for _ in 0..2 {
        let reply = say(&client, "zzz").await;
        assert_says(&reply, "I do not know that one.");
        assert_offers_choices(&reply);
    }
    assert_says(&say(&client, "zzz").await, "Let us leave it there.");
    assert_says(&say(&client, "hm").await, "Welcome back, Ada.");
}

#[tokio::test]
async fn what_a_user_types_is_never_read_as_a_template() {
    let data = DataDir::new();
    let server = Server::start(&data);
    let client = server.client();
    say(&client, "Hey!").await;
    let reply = say(&client, "{{event.botId}}").await;
    assert_says(&reply, "Pleased to meet you, {{event.botId}}.");
}

#[tokio::test]
async fn users_of_one_bot_do_not_meet() {
    let data = DataDir::new();
    let server = Server::start(&data);
    let client = server.client();
    for user in ["a", "b"] {
        client.say(BOT, user, "Hey!").await;
    }
    assert_says(&client.say(BOT, "a", "Ada").await, "Ada");
    assert_says(&client.say(BOT, "b", "Bob").await, "Bob");
}
