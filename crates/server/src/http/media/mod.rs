//! Media of bots and of the server as they go out and come in (`spec` http 3.6).

mod get;
mod post;
#[cfg(test)]
mod tests;

pub(super) use get::{get_global, get_of_bot, global_doc, of_bot_doc};
pub(super) use post::{post_global, post_global_doc, post_of_bot, post_of_bot_doc};
