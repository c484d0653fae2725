//! Makes our tree of the parser library's.
//!
//! Does not live here: what only a JavaScript engine runs ([`super::unsupported`]).

use oxc_ast::ast as js;

use super::super::ast::{
    Conditional, Expr, Key, LogicalOp, Member, MethodCall, OtherCall, Root, Template, UnaryOp,
};
use super::super::globals::{self, Function};
use super::super::methods::Method;
use super::super::{bounds, names};
use super::{Findings, Parsed, operators};

/// Makes the tree, and notes what is found on the way.
#[derive(Debug, Default)]
pub(super) struct Converter {
    depth: usize,
    pub(super) findings: Findings,
    /// Why no part of the condition can be answered natively: it holds syntax whose errors are not
    /// all found out here.
    opaque: Option<&'static str>,
}

pub(super) type Converted = Result<Expr, String>;

impl Converter {
    /// What was read, with `expr` as the value.
    pub(super) fn finish(self, expr: Option<Expr>) -> Parsed {
        let expr = match self.opaque {
            Some(reason) => Some(Expr::Unsupported(reason.into())),
            None => expr,
        };
        Parsed { expr, findings: self.findings }
    }

    /// Leaves the whole condition to JavaScript.
    pub(super) fn opaque(&mut self, reason: &'static str) {
        self.needs_javascript(reason.to_owned());
        self.opaque.get_or_insert(reason);
    }

    /// A part that is left to JavaScript, if it is reached.
    pub(super) fn unsupported(&mut self, reason: impl Into<String>) -> Expr {
        let reason = reason.into();
        self.needs_javascript(reason.clone());
        Expr::Unsupported(reason.into())
    }

    /// The first reason is reported.
    pub(super) fn needs_javascript(&mut self, reason: String) {
        self.findings.javascript.get_or_insert(reason);
    }

    /// Looks for errors in an expression that never runs.
    pub(super) fn check_unreachable(&mut self, expr: &js::Expression<'_>) -> Result<(), String> {
        let mut other = Converter { depth: self.depth, ..Converter::default() };
        other.expr(expr)?;
        if let Some(reason) = other.opaque {
            self.opaque(reason);
        }
        Ok(())
    }

    pub(super) fn expr(&mut self, expr: &js::Expression<'_>) -> Converted {
        if self.depth >= bounds::MAX_NESTING {
            let limit = bounds::MAX_NESTING;
            return Err(format!("it is nested too deeply; at most {limit} levels are read"));
        }
        self.depth += 1;
        let converted = self.expr_inside(expr);
        self.depth -= 1;
        converted
    }

    fn boxed(&mut self, expr: &js::Expression<'_>) -> Result<Box<Expr>, String> {
        self.expr(expr).map(Box::new)
    }

    fn expr_inside(&mut self, expr: &js::Expression<'_>) -> Converted {
        use js::Expression as E;
        Ok(match expr {
            E::ParenthesizedExpression(inside) => return self.expr(&inside.expression),
            E::BooleanLiteral(literal) => Expr::Bool(literal.value),
            E::NullLiteral(_) => Expr::Null,
            E::NumericLiteral(literal) => Expr::Number(literal.value),
            E::StringLiteral(literal) if literal.lone_surrogates => {
                self.unsupported("half a surrogate pair in a text")
            }
            E::StringLiteral(literal) => Expr::Text(literal.value.as_str().into()),
            E::TemplateLiteral(template) => return self.template(template),
            E::Identifier(identifier) => self.identifier(&identifier.name),
            E::ArrayExpression(array) => return self.array(array),
            E::ObjectExpression(object) => return self.object(object),
            E::StaticMemberExpression(member) => return self.static_member(member),
            E::ComputedMemberExpression(member) => return self.computed_member(member),
            E::CallExpression(call) => return self.call(call),
            E::ChainExpression(chain) => return self.chain(&chain.expression),
            E::UnaryExpression(unary) => return self.unary(unary),
            E::BinaryExpression(binary) => return self.binary(binary),
            E::LogicalExpression(_) => return self.logical(expr),
            E::ConditionalExpression(conditional) => Expr::Conditional(Box::new(Conditional {
                test: self.expr(&conditional.test)?,
                yes: self.expr(&conditional.consequent)?,
                no: self.expr(&conditional.alternate)?,
            })),
            E::SequenceExpression(sequence) => {
                Expr::Sequence(self.exprs(sequence.expressions.iter())?)
            }
            other => return self.beyond(other),
        })
    }

    fn exprs<'x, 'a: 'x>(
        &mut self,
        exprs: impl Iterator<Item = &'x js::Expression<'a>>,
    ) -> Result<Vec<Expr>, String> {
        exprs.map(|expr| self.expr(expr)).collect()
    }

    fn identifier(&mut self, name: &str) -> Expr {
        if name == "undefined" {
            Expr::Undefined
        } else if let Some(number) = globals::constant(name) {
            Expr::Number(number)
        } else if let Some(root) = Root::from_name(name) {
            Expr::Root(root)
        } else if names::is_global(name) {
            self.unsupported(format!("the JavaScript global `{name}`"))
        } else {
            note(&mut self.findings.unknown_names, name);
            Expr::Name(name.into())
        }
    }

    fn template(&mut self, template: &js::TemplateLiteral<'_>) -> Converted {
        let values = self.exprs(template.expressions.iter())?;
        let mut texts = Vec::new();
        for quasi in &template.quasis {
            match &quasi.value.cooked {
                Some(text) if !quasi.lone_surrogates => texts.push(text.as_str().into()),
                _ => return Ok(self.unsupported("half a surrogate pair in a text")),
            }
        }
        Ok(Expr::Template(Box::new(Template { texts, values })))
    }

    fn array(&mut self, array: &js::ArrayExpression<'_>) -> Converted {
        let mut items = Vec::new();
        let mut gaps = false;
        for element in &array.elements {
            match element {
                js::ArrayExpressionElement::SpreadElement(spread) => {
                    self.expr(&spread.argument)?;
                    gaps = true;
                }
                element => match element.as_expression() {
                    Some(element) => items.push(self.expr(element)?),
                    None => gaps = true,
                },
            }
        }
        if gaps {
            return Ok(self.unsupported("a list with gaps or `...`"));
        }
        Ok(Expr::Array(items))
    }

    fn object(&mut self, object: &js::ObjectExpression<'_>) -> Converted {
        let mut fields = Vec::new();
        let mut obstacle = None;
        for property in &object.properties {
            let property = match property {
                js::ObjectPropertyKind::ObjectProperty(property) => property,
                js::ObjectPropertyKind::SpreadProperty(spread) => {
                    self.expr(&spread.argument)?;
                    obstacle = Some("an object with `...`");
                    continue;
                }
            };
            let plain = !property.computed && !property.shorthand;
            if plain && property.key.static_name().is_some_and(|name| name == "__proto__") {
                self.opaque("an object with a prototype");
            }
            let key = match &property.key {
                js::PropertyKey::StaticIdentifier(name) => Expr::Text(name.name.as_str().into()),
                key => match key.as_expression() {
                    Some(key) => self.expr(key)?,
                    None => self.unsupported("a private name"),
                },
            };
            fields.push((key, self.expr(&property.value)?));
        }
        match obstacle {
            Some(reason) => Ok(self.unsupported(reason)),
            None => Ok(Expr::Object(fields)),
        }
    }

    fn static_member(&mut self, member: &js::StaticMemberExpression<'_>) -> Converted {
        if let Some(name) = namespaced(member)
            && let Some(number) = globals::constant(&name)
        {
            return Ok(Expr::Number(number));
        }
        let member = self.static_member_parts(member)?;
        if let Key::Static(key) = &member.key {
            let of_event = matches!(member.object, Expr::Root(Root::Event));
            if names::is_object_member(key) || (of_event && names::is_live_event_member(key)) {
                self.needs_javascript(format!("the builtin member `{key}`"));
            }
        }
        Ok(Expr::Member(Box::new(member)))
    }

    fn static_member_parts(
        &mut self,
        member: &js::StaticMemberExpression<'_>,
    ) -> Result<Member, String> {
        let object = self.expr(&member.object)?;
        let key = Key::Static(member.property.name.as_str().into());
        Ok(Member { object, key, optional: member.optional })
    }

    fn computed_member(&mut self, member: &js::ComputedMemberExpression<'_>) -> Converted {
        Ok(Expr::Member(Box::new(self.computed_member_parts(member)?)))
    }

    fn computed_member_parts(
        &mut self,
        member: &js::ComputedMemberExpression<'_>,
    ) -> Result<Member, String> {
        let object = self.expr(&member.object)?;
        let key = match self.expr(&member.expression)? {
            Expr::Text(name) => Key::Static(name),
            key => Key::Computed(key),
        };
        Ok(Member { object, key, optional: member.optional })
    }

    fn call(&mut self, call: &js::CallExpression<'_>) -> Converted {
        let callee = call.callee.without_parentheses();
        let function = match callee {
            js::Expression::Identifier(identifier) => Function::find(&identifier.name),
            js::Expression::StaticMemberExpression(member) => {
                namespaced(member).and_then(|name| Function::find(&name))
            }
            _ => None,
        };
        let optional = call.optional;
        let call = if let (Some(function), false) = (function, optional) {
            Expr::FunctionCall(function, self.arguments(&call.arguments)?)
        } else if let Some(member) = self.called_member(callee)? {
            let arguments = self.arguments(&call.arguments)?;
            Expr::MethodCall(Box::new(MethodCall { member, optional, arguments }))
        } else {
            let callee = self.expr(callee)?;
            let arguments = self.arguments(&call.arguments)?;
            Expr::OtherCall(Box::new(OtherCall { callee, optional, arguments }))
        };
        Ok(call)
    }

    fn arguments(&mut self, arguments: &[js::Argument<'_>]) -> Result<Vec<Expr>, String> {
        let mut converted = Vec::new();
        for argument in arguments {
            converted.push(match argument {
                js::Argument::SpreadElement(spread) => {
                    self.expr(&spread.argument)?;
                    self.unsupported("a call with `...`")
                }
                argument => match argument.as_expression() {
                    Some(argument) => self.expr(argument)?,
                    None => self.unsupported("syntax beyond plain expressions"),
                },
            });
        }
        Ok(converted)
    }

    /// The method that is called, if it is one.
    fn called_member(&mut self, callee: &js::Expression<'_>) -> Result<Option<Member>, String> {
        let member = match callee {
            js::Expression::StaticMemberExpression(member) => self.static_member_parts(member)?,
            js::Expression::ComputedMemberExpression(member) => {
                self.computed_member_parts(member)?
            }
            js::Expression::ChainExpression(_) => {
                // `(a?.b)()` still passes `a` on.
                self.opaque("a call of a chain in brackets");
                return Ok(None);
            }
            _ => return Ok(None),
        };
        if let Key::Static(name) = &member.key {
            if !names::is_inherited_by_any(name) {
                note(&mut self.findings.unknown_methods, name);
            } else if !Method::exists(name) {
                self.needs_javascript(format!("the method `{name}`"));
            }
        }
        Ok(Some(member))
    }

    fn chain(&mut self, chain: &js::ChainElement<'_>) -> Converted {
        let inside = match chain {
            js::ChainElement::CallExpression(call) => self.call(call)?,
            js::ChainElement::StaticMemberExpression(member) => self.static_member(member)?,
            js::ChainElement::ComputedMemberExpression(member) => self.computed_member(member)?,
            _ => {
                self.opaque("a private name");
                Expr::Undefined
            }
        };
        Ok(Expr::Chain(Box::new(inside)))
    }

    fn unary(&mut self, unary: &js::UnaryExpression<'_>) -> Converted {
        let Some(op) = operators::unary(unary.operator) else {
            self.expr(&unary.argument)?;
            return Ok(self.unsupported("`delete`"));
        };
        if let (UnaryOp::Typeof, js::Expression::Identifier(identifier)) =
            (op, unary.argument.without_parentheses())
            && is_missing(&identifier.name)
        {
            return Ok(Expr::TypeofName(identifier.name.as_str().into()));
        }
        Ok(Expr::Unary(op, self.boxed(&unary.argument)?))
    }

    fn binary(&mut self, binary: &js::BinaryExpression<'_>) -> Converted {
        let operands = Box::new((self.expr(&binary.left)?, self.expr(&binary.right)?));
        Ok(match operators::binary(binary.operator) {
            operators::Binary::Plain(op) => Expr::Binary(op, operands),
            operators::Binary::Arithmetic(op) => Expr::Arithmetic(op, operands),
            operators::Binary::Unsupported(reason) => self.unsupported(reason),
        })
    }

    /// A chain of the same operator becomes one node, so that long ones are not deep.
    fn logical(&mut self, expr: &js::Expression<'_>) -> Converted {
        let js::Expression::LogicalExpression(last) = expr else {
            return self.expr(expr);
        };
        let mut rights = vec![&last.right];
        let mut left = &last.left;
        while let js::Expression::LogicalExpression(inner) = left
            && inner.operator == last.operator
        {
            rights.push(&inner.right);
            left = &inner.left;
        }
        let op = match last.operator {
            js::LogicalOperator::And => LogicalOp::And,
            js::LogicalOperator::Or => LogicalOp::Or,
            js::LogicalOperator::Coalesce => LogicalOp::Coalesce,
        };
        let operands = std::iter::once(left).chain(rights.into_iter().rev());
        let coalesces = |op| op == js::LogicalOperator::Coalesce;
        let mixed = |operand: &js::Expression<'_>| {
            matches!(operand, js::Expression::LogicalExpression(inner)
                if coalesces(inner.operator) != coalesces(last.operator))
        };
        if operands.clone().any(mixed) {
            return Err("`??` next to `&&` or `||` needs brackets".to_owned());
        }
        Ok(Expr::Logical(op, self.exprs(operands)?))
    }
}

/// `Math.max` of the member expression with that text.
fn namespaced(member: &js::StaticMemberExpression<'_>) -> Option<String> {
    let js::Expression::Identifier(namespace) = &member.object else {
        return None;
    };
    let known = names::is_global(&namespace.name) && !member.optional;
    known.then(|| format!("{}.{}", namespace.name, member.property.name))
}

/// Whether neither a condition nor JavaScript has a variable of this name.
fn is_missing(name: &str) -> bool {
    Root::from_name(name).is_none() && !names::is_global(name)
}

fn note(list: &mut Vec<String>, name: &str) {
    if !list.iter().any(|known| known == name) {
        list.push(name.to_owned());
    }
}
