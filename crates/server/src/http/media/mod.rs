//! Media of bots and of the server (`spec` http 3.6). Uploads do not live here.

mod get;
#[cfg(test)]
mod tests;

pub(super) use get::{get_global, get_of_bot, global_doc, of_bot_doc};
