//! What a route may be at all: a new one that is open to everybody, or that changes something without
//! a trace, has to be argued for here.

use super::operation::{Access, described};

/// Open to everybody, on purpose.
const OPEN: [&str; 17] = [
    // Talking to a bot that is not private, what it is, and its pictures.
    "converse",
    "bot",
    "bot-media",
    "media",
    // Getting a token.
    "login",
    "login-v11",
    "login-config",
    "register",
    "register-v11",
    // For supervisors and readers of the description; nothing about bots or people in it.
    "status",
    "version",
    "metrics",
    "live",
    "ready",
    "openapi",
    "api-page",
    "license",
];

/// Turns of conversations, which are their own record.
const TURNS: [&str; 2] = ["converse", "converse-secured"];

/// `GET`s that want the right to write, because they do more than show: v12's forms.
const WRITING_GETS: [&str; 3] = ["refresh", "logout", "account-reset"];

#[tokio::test]
async fn every_route_asks_for_what_it_does() {
    let operations = described().await;
    assert!(operations.len() > 10, "the description is there");
    for operation in &operations {
        let id = operation.id.as_str();
        if operation.access == Access::Open {
            assert!(OPEN.contains(&id), "{id} is open to everybody: is that meant?");
        }
        let is_turn = TURNS.contains(&id);
        let is_get = operation.method == "GET";
        assert!(is_get || operation.audited || is_turn, "{id} changes something without a trace");
        if let Some((_, letter)) = &operation.right {
            let writes = !is_get || WRITING_GETS.contains(&id);
            assert_eq!(*letter == 'w', writes, "{id} wants the right to {letter}");
        }
        for path in &operation.paths {
            let names_bot = path.contains("{bot}");
            assert!(names_bot || operation.access != Access::Bot, "{id}: which bot, at {path}?");
            assert_eq!(names_bot, operation.has_bot(), "{id}: {path} names what its others name");
        }
    }
}
