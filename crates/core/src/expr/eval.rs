//! Evaluation of an expression in a scope: a walk over the tree.
//!
//! The tree's depth is bounded where it is made, what a step may touch by the [`Budget`].

use super::ast::{Conditional, Expr, Key, LogicalOp, Member, MethodCall, OtherCall, Template};
use super::live::Live;
use super::methods::{Call, Method};
use super::names;
use super::number::{count, to_index};
use super::operators::{arithmetic, binary, concat, unary};
use super::properties;
use super::text::Text;
use super::value::{Abrupt, Array, Budget, Object, Outcome, Value};

/// One evaluation.
#[derive(Clone, Copy)]
pub(super) struct Evaluator<'e> {
    live: &'e Live<'e>,
    budget: &'e Budget,
}

/// A property name on its way to a lookup.
enum Name<'e> {
    Index(usize),
    Text(Text<'e>),
}

impl<'e> Evaluator<'e> {
    pub(super) fn new(live: &'e Live<'e>, budget: &'e Budget) -> Self {
        Self { live, budget }
    }

    pub(super) fn eval(self, expr: &'e Expr) -> Outcome<Value<'e>> {
        match expr {
            Expr::Undefined => Ok(Value::Undefined),
            Expr::Null => Ok(Value::Null),
            Expr::Bool(flag) => Ok(Value::Bool(*flag)),
            Expr::Number(number) => Ok(Value::Number(*number)),
            Expr::Text(text) => Ok(Value::text(text)),
            Expr::Root(root) => Ok(self.live.root(*root)),
            Expr::Name(name) => {
                self.live.argument(name).ok_or_else(|| Abrupt::ReferenceError(name.clone()))
            }
            Expr::TypeofName(name) => {
                let value = self.live.argument(name).unwrap_or(Value::Undefined);
                Ok(Value::text(value.type_name()))
            }
            Expr::Template(template) => self.template(template),
            Expr::Array(items) => Ok(Value::Array(Array::made(self.all(items)?))),
            Expr::Object(fields) => self.object(fields),
            Expr::Member(member) => self.member(member),
            Expr::MethodCall(call) => self.method_call(call),
            Expr::FunctionCall(function, arguments) => {
                let arguments = self.all(arguments)?;
                function.run(self.call(&arguments))
            }
            Expr::OtherCall(call) => self.other_call(call),
            Expr::Chain(chain) => match self.eval(chain) {
                Err(Abrupt::Nothing) => Ok(Value::Undefined),
                outcome => outcome,
            },
            Expr::Unary(op, operand) => unary(*op, &self.eval(operand)?, self.budget),
            Expr::Binary(op, operands) => {
                let (left, right) = (self.eval(&operands.0)?, self.eval(&operands.1)?);
                binary(*op, left, right, self.budget, self.live)
            }
            Expr::Arithmetic(op, operands) => {
                let (left, right) = (self.eval(&operands.0)?, self.eval(&operands.1)?);
                let left = left.to_number(self.budget)?;
                arithmetic(*op, left, right.to_number(self.budget)?).map(Value::Number)
            }
            Expr::Logical(op, operands) => self.logical(*op, operands),
            Expr::Conditional(conditional) => self.conditional(conditional),
            Expr::Sequence(parts) => {
                let mut last = Value::Undefined;
                for part in parts {
                    last = self.eval(part)?;
                }
                Ok(last)
            }
            Expr::Unsupported(reason) => {
                Err(Abrupt::NeedsJavaScript(reason.clone().into_string().into()))
            }
        }
    }

    fn all(self, exprs: &'e [Expr]) -> Outcome<Vec<Value<'e>>> {
        exprs.iter().map(|expr| self.eval(expr)).collect()
    }

    fn call<'c>(self, arguments: &'c [Value<'e>]) -> Call<'c, 'e> {
        Call { arguments, budget: self.budget, live: self.live }
    }

    fn template(self, template: &'e Template) -> Outcome<Value<'e>> {
        let mut texts = template.texts.iter();
        let mut whole = Text::Borrowed(texts.next().map_or("", |text| text));
        for (value, text) in template.values.iter().zip(texts) {
            let value = self.eval(value)?.to_text(self.budget)?;
            whole = concat(&whole, &value, self.budget)?;
            whole = concat(&whole, &Text::Borrowed(text), self.budget)?;
        }
        Ok(Value::Text(whole))
    }

    fn object(self, fields: &'e [(Expr, Expr)]) -> Outcome<Value<'e>> {
        let mut made: Vec<(Text<'e>, Value<'e>)> = Vec::with_capacity(fields.len());
        for (key, value) in fields {
            let key = self.eval(key)?.to_text(self.budget)?;
            if key.as_str().is_none() {
                let reason = "a field name with half a surrogate pair";
                return Err(Abrupt::NeedsJavaScript(reason.into()));
            }
            let value = self.eval(value)?;
            match made.iter_mut().find(|(known, _)| *known == key) {
                Some(field) => field.1 = value,
                None => made.push((key, value)),
            }
        }
        Ok(Value::Object(Object::Made(made.into())))
    }

    fn member(self, member: &'e Member) -> Outcome<Value<'e>> {
        let object = self.member_object(member)?;
        if let Key::Static(key) = &member.key {
            return properties::get(&object, key, self.live);
        }
        match self.name(&member.key, &object)? {
            Name::Index(index) => match properties::element(&object, index) {
                Some(element) => Ok(element),
                None => Ok(Value::Undefined),
            },
            Name::Text(key) => match key.as_str() {
                Some(key) => properties::get(&object, key, self.live),
                None if object.is_nullish() => Err(Abrupt::TypeError),
                None => Ok(Value::Undefined),
            },
        }
    }

    /// The object before the dot.
    fn member_object(self, member: &'e Member) -> Outcome<Value<'e>> {
        let object = self.eval(&member.object)?;
        if member.optional && object.is_nullish() {
            return Err(Abrupt::Nothing);
        }
        Ok(object)
    }

    /// The property's name; an index of an array or a text without making a text of it.
    fn name(self, key: &'e Key, object: &Value<'_>) -> Outcome<Name<'e>> {
        let key = match key {
            Key::Static(name) => return Ok(Name::Text(Text::Borrowed(name))),
            Key::Computed(key) => self.eval(key)?,
        };
        let indexed = matches!(object, Value::Array(_) | Value::Text(_));
        if let (true, Value::Number(number)) = (indexed, &key) {
            let index = to_index(*number, usize::MAX);
            #[expect(clippy::float_cmp, reason = "whether the number is an integer in range")]
            if count(index) == *number && *number < f64::from(u32::MAX) {
                return Ok(Name::Index(index));
            }
        }
        if object.is_nullish() {
            return Err(Abrupt::TypeError);
        }
        key.to_text(self.budget).map(Name::Text)
    }

    fn method_call(self, call: &'e MethodCall) -> Outcome<Value<'e>> {
        let receiver = self.member_object(&call.member)?;
        let name = match self.name(&call.member.key, &receiver)? {
            Name::Text(name) => name,
            Name::Index(index) => Text::new(&index.to_string()),
        };
        if receiver.is_nullish() {
            return Err(Abrupt::TypeError);
        }
        let Some(name) = name.as_str() else {
            return self.call_of_no_function(&Value::Undefined, call.optional, &call.arguments);
        };
        if let Some(own) = properties::own(&receiver, name, self.live)? {
            return self.call_of_no_function(&own, call.optional, &call.arguments);
        }
        if let Some(method) = Method::find(&receiver, name) {
            let arguments = self.all(&call.arguments)?;
            return method.run(&receiver, self.call(&arguments));
        }
        if names::is_inherited(&receiver, name) {
            return Err(Abrupt::NeedsJavaScript(format!("the method `{name}`").into()));
        }
        self.call_of_no_function(&Value::Undefined, call.optional, &call.arguments)
    }

    fn other_call(self, call: &'e OtherCall) -> Outcome<Value<'e>> {
        let callee = self.eval(&call.callee)?;
        self.call_of_no_function(&callee, call.optional, &call.arguments)
    }

    /// A call of something that is no function: an error, but only after its arguments.
    fn call_of_no_function(
        self,
        callee: &Value<'_>,
        optional: bool,
        arguments: &'e [Expr],
    ) -> Outcome<Value<'e>> {
        if optional && callee.is_nullish() {
            return Err(Abrupt::Nothing);
        }
        self.all(arguments)?;
        Err(Abrupt::TypeError)
    }

    fn logical(self, op: LogicalOp, operands: &'e [Expr]) -> Outcome<Value<'e>> {
        let mut last = Value::Undefined;
        for operand in operands {
            last = self.eval(operand)?;
            let decided = match op {
                LogicalOp::And => !last.truthy(),
                LogicalOp::Or => last.truthy(),
                LogicalOp::Coalesce => !last.is_nullish(),
            };
            if decided {
                break;
            }
        }
        Ok(last)
    }

    fn conditional(self, conditional: &'e Conditional) -> Outcome<Value<'e>> {
        let holds = self.eval(&conditional.test)?.truthy();
        self.eval(if holds { &conditional.yes } else { &conditional.no })
    }
}
