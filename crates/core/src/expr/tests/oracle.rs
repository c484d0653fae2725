//! The judge: the same source in the same scope, run by `QuickJS`.

use rquickjs::{Context, Function, Runtime};

use super::world::World;

/// A JavaScript engine that runs conditions as v12 does.
pub(super) struct Oracle {
    context: Context,
    _runtime: Runtime,
}

/// Defines `run(source, event)`, which gives a value's description or an error's name, and
/// `members(value)`, all property names that a value inherits.
const PRELUDE: &str = r"
const unit = (u) => (u >= 32 && u < 127 ? String.fromCharCode(u) : '\\' + u.toString(16) + ';');
function describe(v) {
  if (v === null) return 'null';
  if (typeof v === 'number') return 'number ' + (Object.is(v, -0) ? '-0' : String(v));
  if (typeof v === 'string') {
    let text = '';
    for (let i = 0; i < v.length; i++) text += unit(v.charCodeAt(i));
    return 'string ' + text;
  }
  if (Array.isArray(v)) return '[' + v.map(describe).join(', ') + ']';
  if (typeof v === 'object') {
    return '{' + Object.keys(v).map((k) => describe(k) + ': ' + describe(v[k])).join(', ') + '}';
  }
  return typeof v === 'boolean' ? 'boolean ' + v : typeof v;
}
function run(source, text) {
  const names = ['event', 'user', 'session', 'temp', 'bot', 'workflow'];
  let condition;
  try {
    condition = new Function(...names, 'return ' + source + '\n');
  } catch (error) {
    return error.name;
  }
  const event = JSON.parse(text);
  const { user, session, temp, bot } = event.state;
  try {
    return describe(condition(event, user, session, temp, bot || {}, {}));
  } catch (error) {
    return error.name;
  }
}
function members(value) {
  const names = [];
  for (let p = Object(value); p; p = Object.getPrototypeOf(p)) names.push(...Object.getOwnPropertyNames(p));
  return names.filter((name) => !/^[0-9]+$/.test(name)).join(' ');
}
function variables() {
  return Object.getOwnPropertyNames(globalThis).join(' ');
}
";

impl Oracle {
    pub(super) fn new() -> Self {
        let runtime = Runtime::new().unwrap();
        let context = Context::full(&runtime).unwrap();
        context.with(|ctx| ctx.eval::<(), _>(PRELUDE)).unwrap();
        Self { context, _runtime: runtime }
    }

    /// What JavaScript makes of `source`: a description of the value, or the error's name.
    pub(super) fn run(&self, source: &str, world: &World) -> String {
        self.context.with(|ctx| {
            let run: Function<'_> = ctx.globals().get("run").unwrap();
            run.call((source, world.event_json())).unwrap()
        })
    }

    /// What a JavaScript expression gives, as text.
    pub(super) fn text(&self, expression: &str) -> String {
        self.context.with(|ctx| ctx.eval(expression)).unwrap()
    }
}
