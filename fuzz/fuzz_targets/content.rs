//! Any bytes as a bot's texts: loading never panics, and whatever loaded can be said or is refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use parlance_core::content::{PayloadFormat, Renderer};
use serde_json::{Map, json};

fuzz_target!(|texts: &[u8]| {
    let Some(bot) = parlance_fuzz::bot(b"{}", texts) else { return };
    parlance_fuzz::with_scope(json!("Ada"), |scope| {
        for id in bot.elements.keys().take(20) {
            for format in [PayloadFormat::Inline, PayloadFormat::TypingElement] {
                let external_url = "http://127.0.0.1:3000";
                let mut pick = |count: usize| count.saturating_sub(1);
                let mut renderer = Renderer { bot: &bot, format, external_url, pick: &mut pick };
                drop(renderer.render(&format!("#!{id}"), &Map::new(), scope));
            }
        }
    });
});
