//! Action instructions (`spec` runtime 4.2).

use serde_json::{Map, Value};

use crate::content::template;
use crate::scope::Scope;
use crate::skills::{self, Call, Outcome};

use super::process::Control;
use super::say::parse_args;
use super::state::Instruction;
use super::turn::{Effect, EffectAnswer, Guard, MemoryOp, Pending, ProblemKind, Turn};

/// All that a turn may wait, in milliseconds: it holds its conversation meanwhile.
const LONGEST_WAIT: u64 = 10 * 60 * 1000;

/// Files that a turn may ask for: each may take its time as well.
const MOST_FILES: usize = 10;

impl Turn<'_> {
    /// Starts an action. `Err` is an instruction that cannot be read or templated.
    pub(super) fn start_action(&mut self, instruction: &str) -> Result<Outcome, String> {
        let (name, json_args) = instruction.split_once(' ').unwrap_or((instruction, ""));
        let args = self.template_args(&parse_args(json_args)?)?;
        Ok(match skills::run(name, &mut self.call(&args)) {
            Some(outcome) => outcome,
            None => Outcome::Foreign { name: name.to_owned(), args },
        })
    }

    /// Goes on after an action, or waits for what it asks for.
    pub(super) fn after_action(
        &mut self,
        instruction: String,
        remaining: Vec<Instruction>,
        outcome: Outcome,
    ) -> Control {
        let (effect, then) = match outcome {
            Outcome::Done => return self.proceed(remaining),
            Outcome::Failed(message) => {
                self.report(ProblemKind::ActionExecution, Some(&instruction), &message);
                let destination = self.error_destination();
                self.guard = Guard::Transition;
                return self.travel(&destination);
            }
            Outcome::Wait(millis) => {
                let millis = millis.min(LONGEST_WAIT.saturating_sub(self.waited));
                self.waited += millis;
                (Effect::Wait(millis), None)
            }
            Outcome::Recall { key, then } => {
                let then = Some(then);
                if let Some(known) = self.changed_memory(&key) {
                    return self.resume(Pending::Action { instruction, then, remaining }, known);
                }
                (Effect::Recall { key }, then)
            }
            Outcome::KeepFile { url, then } => {
                self.files += 1;
                if self.files > MOST_FILES {
                    let message = format!("more than {MOST_FILES} files in one turn");
                    self.report(ProblemKind::ActionExecution, Some(&instruction), &message);
                    return self.proceed(remaining);
                }
                (Effect::KeepFile { url }, Some(then))
            }
            Outcome::Foreign { name, args } => {
                (Effect::RunAction { name, args: Value::Object(args) }, None)
            }
        };
        self.pending = Some(Pending::Action { instruction, then, remaining });
        Control::Ask(effect)
    }

    /// What this turn, which is not stored yet, left under `key`; `None` when it changed nothing.
    fn changed_memory(&self, key: &str) -> Option<EffectAnswer> {
        let left = self.memory.iter().rev().find_map(|op| match op {
            MemoryOp::Set { key: changed, value } => (changed == key).then_some(Some(value)),
            MemoryOp::DeletePrefix { prefix } => key.starts_with(prefix).then_some(None),
            // A field of the bot's memory, which is read once a turn and never recalled.
            MemoryOp::SetField { .. } => None,
        })?;
        Some(EffectAnswer::Recalled(left.cloned()))
    }

    /// Templates every string among the arguments; the arguments themselves are in scope.
    fn template_args(&self, args: &Map<String, Value>) -> Result<Map<String, Value>, String> {
        let scope = Scope { args: Some(args), ..self.scope() };
        let mut templated = Map::with_capacity(args.len());
        for (name, value) in args {
            let value = match value {
                Value::String(text) => {
                    let text = template::render(text, scope).map_err(|error| error.to_string())?;
                    Value::String(text.into_owned())
                }
                other => other.clone(),
            };
            templated.insert(name.clone(), value);
        }
        Ok(templated)
    }

    /// What a builtin action sees.
    pub(super) fn call<'t>(&'t mut self, args: &'t Map<String, Value>) -> Call<'t> {
        Call {
            args,
            bot: self.bot,
            event: &mut self.event,
            state: &mut self.state,
            now: &self.now,
            memory: &mut self.memory,
        }
    }
}
