//! `builtin/switchLanguage`: the language in which the bot speaks to the user from now on.

use serde_json::Value;

use super::{Call, Outcome, fields};

pub(super) fn run(call: &mut Call<'_>) -> Outcome {
    match call.required("lang") {
        Ok(language) => {
            let language = Value::from(language.to_lowercase());
            fields(&mut call.state.user).insert("language".to_owned(), language);
            Outcome::Done
        }
        Err(failed) => failed,
    }
}
