//! Media of bots in the data directory: which files are kept, under which names, and how they get
//! there (`spec` http 3.6).
//!
//! Data flows [`fetch`] (a URL → bytes) → [`kind`] (may it be kept?) → [`name`] → [`store`] (a file in
//! the bot's folder). Giving them out is `http/media`'s.

mod fetch;
mod kind;
mod name;
mod store;

pub use fetch::{FetchError, Fetcher};
pub use kind::KindError;
pub use store::{MediaError, MediaFolder, bot_folder};
