//! `POST /api/v1/bots/{botId}/converse/{userId}`

mod dialogue;
mod first_answer;
mod idempotency;
mod order;
mod refusals;
