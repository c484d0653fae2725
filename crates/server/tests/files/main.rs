//! Files that users send by URL are copied (`builtin/storeFileLocally`), as far as calls to where they
//! are may be made: from the settings to the file on disk and the reply that names it.
//!
//! Beside the black-box tests, as the public Converse route takes texts alone.

#[cfg(test)]
mod copies;
#[cfg(test)]
mod stage;
