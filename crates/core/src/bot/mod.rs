//! A bot: its files, checked and compiled (`spec` runtime 1.5, 2, 10).
//!
//! Data flows one way: files → parsing (lenient where real bots are untidy) → [`Bot`] and a
//! [`Report`] of everything that was found on the way. A bad flow or element is left out and
//! reported; it never takes down another.

mod code;
mod config;
mod config_file;
mod content_file;
mod files;
mod findings;
#[cfg(test)]
mod fixture;
mod flow;
mod flow_file;
mod json_file;
mod lint;
mod load;
mod nlu_files;
mod quote;
mod report;
mod restriction;

pub(crate) use config::major_minor;
pub use config::{BotConfig, ConverseConfig, DialogConfig};
pub use content_file::parse_content;
pub use files::{BotFiles, LeftOut, MAX_FILE_BYTES, MAX_FILES, MAX_TOTAL_BYTES, Role};
pub use flow::{CatchAll, Flow, Node, NodeKind, Transition};
pub use flow_file::parse_flow;
pub use load::{Loaded, Provided, load};
pub use quote::{plain_excerpt, quote};
pub use report::{CodeNeeds, Counts, Finding, Report, Severity};
pub use restriction::{AllowedOrigins, RateLimit, parse_origin};

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use serde_json::{Map, Value};

use crate::expr::Condition;
use crate::ids::BotId;

/// A bot ready to run. Immutable: a change of its files makes a new one.
#[derive(Debug)]
pub struct Bot {
    /// The id, which is the folder's name.
    pub id: BotId,
    /// `bot.config.json`.
    pub config: BotConfig,
    /// Flows by name, e.g. `skills/choice-1b8623.flow.json`.
    pub flows: BTreeMap<String, Flow>,
    /// Content elements by id.
    pub elements: HashMap<String, ContentElement>,
    /// Every condition of every flow, compiled once, by its source text.
    pub conditions: HashMap<String, Arc<Condition>>,
    /// Contexts of each intent, by the intent's name.
    pub intents: BTreeMap<String, Vec<String>>,
    /// `config/<module>.json`, the bot's own module configuration by module name.
    pub modules: BTreeMap<String, Value>,
}

/// One entry of `content-elements/<content type>.json`.
#[derive(Debug, Clone, PartialEq)]
pub struct ContentElement {
    /// Id, e.g. `builtin_text-ab12cd`.
    pub id: String,
    /// Content type, the file's base name.
    pub content_type: String,
    /// Properties, usually `<property>$<language>`.
    pub form_data: Map<String, Value>,
}

impl Bot {
    /// Whether `END` keeps `temp`, as before v12.26 (`spec` runtime 3.7).
    pub fn keeps_temp_at_end(&self) -> bool {
        self.config.is_before(12, 26)
    }

    /// The flow called `name`: the suffix may be left out and case does not matter
    /// (`spec` runtime 2.5).
    pub fn flow(&self, name: &str) -> Option<&Flow> {
        if let Some(flow) = self.flows.get(name) {
            return Some(flow);
        }
        let wanted = name.strip_suffix(".flow.json").unwrap_or(name);
        self.flows.values().find(|flow| {
            let own = flow.name.strip_suffix(".flow.json").unwrap_or(&flow.name);
            own.eq_ignore_ascii_case(wanted)
        })
    }
}
