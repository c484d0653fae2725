//! `GET …/conversations/{conversation}/messages`: what was said, both ways.

use axum::extract::State;
use axum::response::Response;
use parlance_store::StoredTurn;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::answer::json;
use super::super::error::HttpError;
use super::super::openapi::{Doc, Tag};
use super::super::routes::Call;
use super::page::{Limit, is_turn_id, limit, no_such_place};
use super::turns::list;
use super::{find, named, plain};
use crate::services::Services;

/// Turns that one read takes, and all reads of a request: turns need not have messages.
const TURNS: i64 = 50;
const READS: usize = 10;

/// A page of messages.
#[derive(Serialize, JsonSchema)]
struct Messages {
    /// Newest first.
    messages: Vec<Message>,
    /// The `before` of the next page; `null` at the end. A short page may have one.
    next: Option<String>,
}

/// A message.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Message {
    /// Id of the incoming event: of this message, or of the one that it answers.
    event_id: String,
    /// The turn that it is part of.
    turn_id: String,
    /// In milliseconds since 1970: when it came, or when the turn that sent it was done.
    time: i64,
    direction: Direction,
    payload: Value,
}

/// Who spoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum Direction {
    /// The chat user.
    Incoming,
    /// The bot.
    Outgoing,
}

/// Which page.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    before: Option<String>,
    limit: Option<u16>,
}

/// A place between two messages: behind so many of the newest ones of a turn.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    turn: String,
    given: usize,
}

/// A [`Place`] as text.
#[derive(JsonSchema)]
#[schemars(inline)]
#[expect(dead_code, reason = "a shape for the documentation; `Place` reads it")]
struct Before(#[schemars(regex(pattern = r"^[0-9a-f-]{1,64}\.[0-9]{1,9}$"))] String);

impl Place {
    fn parse(text: &str) -> Option<Self> {
        let (turn, given) = text.split_once('.')?;
        let digits = !given.is_empty() && given.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || given.len() > 9 || !is_turn_id(turn) {
            return None;
        }
        Some(Self { turn: turn.to_owned(), given: given.parse().ok()? })
    }

    fn text(&self) -> String {
        format!("{}.{}", self.turn, self.given)
    }
}

/// What the endpoint takes and gives.
pub(in super::super) fn messages_doc() -> Doc {
    Doc::new(Tag::Conversations, "Read a conversation's messages")
        .query::<Before>("before", "The `next` of the page before.")
        .query::<Limit>("limit", "How many messages, 20 if it is left out.")
        .gives::<Messages>(200, "A page of messages")
}

/// 200 with a page.
pub(in super::super) async fn messages(
    State(services): State<Services>,
    call: Call,
) -> Result<Response, HttpError> {
    let (key, found) = find(&services, named(&call)?).await?;
    let query: Query = call.query()?;
    let mut page = Page { wanted: limit(query.limit)?.into(), messages: Vec::new() };
    let before = query.before.as_deref();
    let before = before.map(|text| Place::parse(text).ok_or_else(no_such_place)).transpose()?;
    let mut turns = match &before {
        None => services.store.newest_turns(&key, TURNS).await?,
        Some(place) => services.store.turns_of(&found.id, &place.turn, TURNS).await?,
    };
    let mut given = before.map_or(0, |place| place.given);
    for _ in 1..READS {
        let next = page.take(turns, given);
        match next {
            Some(place) if page.is_full() => return Ok(page.answer(Some(&place))),
            Some(place) => {
                given = place.given;
                turns = services.store.turns_of(&found.id, &place.turn, TURNS).await?;
            }
            None => return Ok(page.answer(None)),
        }
    }
    let next = page.take(turns, given);
    Ok(page.answer(next.as_ref()))
}

/// A page that is being filled.
struct Page {
    wanted: usize,
    messages: Vec<Message>,
}

impl Page {
    fn is_full(&self) -> bool {
        self.messages.len() >= self.wanted
    }

    /// Takes the messages of these turns, but for the `given` newest of the first one. Gives the place of
    /// the next message.
    fn take(&mut self, turns: Vec<StoredTurn>, mut given: usize) -> Option<Place> {
        let mut previous = None;
        for turn in turns {
            let id = turn.id.clone();
            previous.clone_from(&turn.previous);
            for message in newest_first(&turn).into_iter().skip(given) {
                if self.is_full() {
                    return Some(Place { turn: id, given });
                }
                self.messages.push(message);
                given += 1;
            }
            given = 0;
        }
        previous.map(|turn| Place { turn, given: 0 })
    }

    fn answer(self, next: Option<&Place>) -> Response {
        json(&Messages { messages: self.messages, next: next.map(Place::text) })
    }
}

/// The messages of a turn.
fn newest_first(turn: &StoredTurn) -> Vec<Message> {
    let message = |time, direction, payload| Message {
        event_id: turn.event_id.clone(),
        turn_id: turn.id.clone(),
        time,
        direction,
        payload,
    };
    let replies = list(plain(&turn.replies)).into_iter().rev();
    let replies = replies.map(|reply| message(turn.finished_on, Direction::Outgoing, reply));
    let incoming = turn.incoming.as_ref().map(plain);
    let incoming = incoming.map(|said| message(turn.received_on, Direction::Incoming, said));
    replies.chain(incoming).collect()
}

#[cfg(test)]
mod tests {
    use parlance_store::Json;
    use serde_json::json;

    use super::*;

    fn turn(number: i64, incoming: Option<&Value>, replies: &Value) -> StoredTurn {
        StoredTurn {
            id: format!("{number}"),
            number,
            event_id: format!("e{number}"),
            received_on: 10 * number,
            finished_on: 10 * number + 1,
            incoming: incoming.map(Json::from),
            replies: Json::from(replies),
            trace: Json::from(&json!({})),
            previous: (number > 1).then(|| format!("{}", number - 1)),
        }
    }

    fn history() -> Vec<StoredTurn> {
        vec![
            turn(3, Some(&json!("f")), &json!(["g", "h"])),
            turn(2, None, &json!([])),
            turn(1, Some(&json!("a")), &json!(["b", "c"])),
        ]
    }

    /// All pages of this size, joined.
    fn read(wanted: usize) -> Vec<Value> {
        let (mut all, mut place) = (Vec::new(), Some(Place { turn: "3".to_owned(), given: 0 }));
        while let Some(at) = place {
            let turns = history().into_iter().skip_while(|turn| turn.id != at.turn).collect();
            let mut page = Page { wanted, messages: Vec::new() };
            place = page.take(turns, at.given);
            assert!(page.messages.len() <= wanted);
            all.extend(page.messages.into_iter().map(|message| message.payload));
        }
        all
    }

    #[test]
    fn pages_of_any_size_make_the_whole_conversation() {
        for wanted in 1..10 {
            assert_eq!(read(wanted), ["h", "g", "f", "c", "b", "a"], "{wanted}");
        }
    }

    #[test]
    fn a_place_survives_as_text_and_nothing_else_is_one() {
        let place = Place { turn: "0190-ab".to_owned(), given: 3 };
        assert_eq!(Place::parse(&place.text()), Some(place));
        for bad in ["", "a", "a.", ".1", "a.-1", "a.+1", "x.1", "a.1.1", "a.1234567890"] {
            assert_eq!(Place::parse(bad), None, "{bad}");
        }
    }
}
