//! Media of bots and of the server in the data directory: which files are kept, under which names, and
//! how they get there (`spec` http 3.6).
//!
//! Data flows bytes from a caller, or [`fetch`] (a URL → bytes) → [`upload`] (may it be kept? [`sniff`]
//! looks into it) → a file in the folder. Giving files out, and who may bring them, is `http/media`'s.

mod fetch;
mod sniff;
mod upload;

pub use fetch::{FetchError, Fetcher};
pub use upload::{
    MediaError, MediaFolder, MediaPlace, StoredMedia, Upload, UploadRules, bot_folder,
};
