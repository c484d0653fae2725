//! Random conditions and scopes, made from a tape of numbers, so that a shorter tape is a simpler
//! case. The lists of methods and functions are the evaluator's own.

use serde_json::{Map, Value as Json, json};

use super::super::globals::{self, Function};
use super::super::methods::catalogue;
use super::world::World;
use crate::untrusted;

/// Where decisions come from; an exhausted tape always picks the first choice.
pub(super) struct Tape<'t> {
    words: std::slice::Iter<'t, u16>,
}

pub(super) const UNARY: &[&str] = &["!", "-", "+", "~", "typeof ", "void "];

pub(super) const LOGICAL: &[&str] = &["&&", "||", "??"];

#[rustfmt::skip]
pub(super) const BINARY: &[&str] = &[
    "==", "!=", "===", "!==", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "**", "<<", ">>",
    ">>>", "|", "^", "&", "in",
];

#[rustfmt::skip]
const TEXTS: &[&str] = &[
    "", "a", "b", "abc", "ABC", "Abc abc", "0", "1", "3", "-1", " 12 ", "1e3", "0x1F", "0b2", ".5",
    "5.", "Infinity", "-Infinity", "NaN", "true", "null", "undefined", "[object Object]", "a,b",
    "1,2", "{{user.x}}", "{", "ünï", "straße", "İI", "ΑΣ ΑΣ", "😀", "a😀b", "\u{e000}", "\u{feff}x ",
    "\u{a0}", "\u{85}", "length", "toString", "$& $$ $1 $`", "12px", "9007199254740993", "\t\n",
];

#[rustfmt::skip]
const NUMBERS: &[&str] = &[
    "0", "1", "2", "3", "10", "-1", "-0", "0.5", "1.5", "2.5", "-2.5", "0.1", "1e21", "1e-7", "36",
    "16", "9007199254740991", "9007199254740993", "4294967295", "2147483648", "1e300", "123.456",
    "0.49999999999999994", "1.005", "100", "-3.7",
];

const KEYS: &[&str] = &["a", "b", "list", "text", "count", "0", "1", "length", "x y", "none"];

#[rustfmt::skip]
const LITERALS: &[&str] = &[
    "undefined", "null", "true", "false", "NaN", "Infinity", "-0", "-1", "0x10", "1e3", "0.1", ".5",
    "[]", "{}", "''", "[1,2,3]", "['a','b']", "[[1],[null,undefined]]", "[NaN]", "[0]", "['']",
    "[null]", "{a:1}", "{length:2}", "{2:1,b:2,1:3}", "{toString:1}", "{valueOf:1}", "unknown",
];

const ROOTS: &[&str] = &["temp", "event", "user", "session", "bot", "workflow", "event.state"];

impl<'t> Tape<'t> {
    pub(super) fn new(words: &'t [u16]) -> Self {
        Self { words: words.iter() }
    }

    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.words.next().map_or(0, |word| usize::from(*word) % bound)
    }

    pub(super) fn pick<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len())]
    }

    fn is_empty(&self) -> bool {
        self.words.as_slice().is_empty()
    }

    /// Any expression.
    pub(super) fn expr(&mut self, depth: usize) -> String {
        if depth == 0 || self.is_empty() {
            return self.simple();
        }
        let inner = depth - 1;
        match self.below(18) {
            0 | 1 => self.simple(),
            2..=4 => {
                let op = self.pick(BINARY);
                format!("{} {op} {}", self.operand(inner), self.operand(inner))
            }
            5 | 6 => {
                let op = self.pick(LOGICAL);
                format!("{} {op} {}", self.operand(inner), self.operand(inner))
            }
            7 => format!("{}{}", self.pick(UNARY), self.operand(inner)),
            8 => {
                let test = self.operand(inner);
                format!("{test} ? {} : {}", self.operand(inner), self.operand(inner))
            }
            9 | 10 => {
                let (names, receiver) = self.receiver(inner);
                let name = self.pick(&names);
                self.method(&receiver, name, inner)
            }
            11 => {
                let names = Function::names();
                let name = self.pick(&names);
                format!("{name}({})", self.arguments(inner))
            }
            12 => self.pick(&globals::constants()).to_owned(),
            13 => self.template(inner),
            14 => format!("[{}]", self.arguments(inner)),
            15 => self.object(inner),
            16 => self.member(inner),
            _ => self.rare(inner),
        }
    }

    /// An expression, in brackets half of the time.
    fn operand(&mut self, depth: usize) -> String {
        let expr = self.expr(depth);
        if self.below(2) == 0 { format!("({expr})") } else { expr }
    }

    fn arguments(&mut self, depth: usize) -> String {
        let arguments: Vec<String> = (0..self.below(4)).map(|_| self.operand(depth)).collect();
        arguments.join(", ")
    }

    /// A call of the method on the receiver, in one of the ways to write it.
    pub(super) fn method(&mut self, receiver: &str, name: &str, depth: usize) -> String {
        let arguments = self.arguments(depth);
        match self.below(12) {
            0 => format!("({receiver})?.{name}({arguments})"),
            1 => format!("({receiver}).{name}?.({arguments})"),
            2 => format!("({receiver})['{name}']({arguments})"),
            _ => format!("({receiver}).{name}({arguments})"),
        }
    }

    /// An expression and methods that it is likely to have.
    fn receiver(&mut self, depth: usize) -> (Vec<&'static str>, String) {
        match self.below(5) {
            0 => (catalogue::text(), self.text()),
            1 => (catalogue::array(), self.list(depth)),
            2 => (catalogue::number(), self.pick(NUMBERS).to_owned()),
            3 => (catalogue::any(), self.expr(depth)),
            _ => ([catalogue::text(), catalogue::array()].concat(), self.expr(depth)),
        }
    }

    /// An expression for a text.
    pub(super) fn text(&mut self) -> String {
        let text = json!(self.pick(TEXTS)).to_string();
        match self.below(6) {
            0 => "event.preview".to_owned(),
            1 => format!("{text}.slice({})", self.pick(NUMBERS)),
            2 => format!("({text} + {})", json!(self.pick(TEXTS))),
            _ => text,
        }
    }

    /// An expression for an array.
    pub(super) fn list(&mut self, depth: usize) -> String {
        match self.below(5) {
            0 => "temp.list".to_owned(),
            1 => format!("{}.split({})", self.text(), json!(self.pick(TEXTS))),
            _ => format!("[{}]", self.arguments(depth)),
        }
    }

    /// An expression for a number.
    pub(super) fn number(&mut self) -> String {
        self.pick(NUMBERS).to_owned()
    }

    fn template(&mut self, depth: usize) -> String {
        format!("`a${{{}}}b${{{}}}`", self.operand(depth), self.operand(depth))
    }

    fn object(&mut self, depth: usize) -> String {
        match self.below(3) {
            0 => format!("({{a: {}, '0': {}}})", self.operand(depth), self.operand(depth)),
            1 => format!("({{[({})]: {}}})", self.operand(depth), self.operand(depth)),
            _ => "({temp, 1.50: 2, 'a': 1, a: 3})".to_owned(),
        }
    }

    fn member(&mut self, depth: usize) -> String {
        let object = self.operand(depth);
        match self.below(5) {
            0 => format!("({object})[{}]", self.operand(depth)),
            1 => format!("({object})?.[{}]", self.operand(depth)),
            2 => format!("({object})?.{}.b", self.pick(&["a", "length", "none"])),
            _ => format!("({object}).{}", self.pick(&["a", "length", "none"])),
        }
    }

    fn rare(&mut self, depth: usize) -> String {
        match self.below(5) {
            0 => format!("{}, {}", self.operand(depth), self.operand(depth)),
            1 => "typeof unknown".to_owned(),
            2 => format!("({})({})", self.simple(), self.arguments(depth)),
            3 => format!("({})?.()", self.simple()),
            _ => format!("({}).is({})", self.simple(), self.arguments(depth)),
        }
    }

    fn simple(&mut self) -> String {
        match self.below(6) {
            0 => self.pick(LITERALS).to_owned(),
            1 => json!(self.pick(TEXTS)).to_string(),
            2 => self.pick(NUMBERS).to_owned(),
            _ => self.path(),
        }
    }

    /// A variable and up to two steps from it.
    fn path(&mut self) -> String {
        let mut path = self.pick(ROOTS).to_owned();
        for _ in 0..self.below(3) {
            let key = self.pick(KEYS);
            let plain = key.bytes().all(|byte| byte.is_ascii_lowercase());
            let step = match self.below(4) {
                0 => format!("?.['{key}']"),
                1 if plain => format!(".{key}"),
                2 if plain => format!("?.{key}"),
                _ => format!("['{key}']"),
            };
            path.push_str(&step);
        }
        path
    }

    /// Any JSON value.
    fn json(&mut self, depth: usize) -> Json {
        match self.below(if depth == 0 { 6 } else { 9 }) {
            0 => Json::Null,
            1 => json!(self.below(2) == 0),
            2 | 3 => serde_json::from_str(self.pick(NUMBERS)).unwrap(),
            4 | 5 => json!(self.pick(TEXTS)),
            6 | 7 => (0..self.below(4)).map(|_| self.json(depth - 1)).collect(),
            _ => self.fields(depth - 1),
        }
    }

    fn fields(&mut self, depth: usize) -> Json {
        let mut fields = Map::new();
        for _ in 0..self.below(6) {
            let key = self.pick(KEYS).to_owned();
            fields.insert(key, self.json(depth));
        }
        if self.below(12) == 1 {
            fields.insert("toString".to_owned(), self.json(0));
        }
        Json::Object(fields)
    }

    /// An event and a state.
    pub(super) fn world(&mut self) -> World {
        let mut temp = self.fields(2);
        temp["list"] = (0..self.below(5)).map(|_| self.json(1)).collect();
        let mut event = self.fields(1);
        event["preview"] = json!(self.pick(TEXTS));
        untrusted::mark(&mut event);
        let mut world = World::new(event, temp);
        world.state.user = self.fields(2);
        world.state.session = self.fields(2);
        world.state.bot = (self.below(2) == 0).then(|| self.fields(1));
        world
    }
}
