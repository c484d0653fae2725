//! From source to tree: the parser library's syntax tree, cut down to what runs natively.
//!
//! The source is read as the body `return <source>` of a function, as v12 runs it (`spec` runtime
//! 2.6), so semicolons, comments and line breaks mean what they mean there.

use oxc_allocator::Allocator;
use oxc_ast::ast as js;
use oxc_parser::{ParseOptions, Parser};

use super::ast::{
    Conditional, Expr, Key, LogicalOp, Member, MethodCall, OtherCall, Root, Template, UnaryOp,
};
use super::bounds;
use super::globals::{self, Function};
use super::methods::Method;
use super::{names, operator_names};

/// A source that was read.
#[derive(Debug, Default)]
pub(super) struct Parsed {
    /// `None`: nothing is returned.
    pub(super) expr: Option<Expr>,
    pub(super) findings: Findings,
}

/// What is worth knowing about a condition before it runs.
#[derive(Debug, Default)]
pub(super) struct Findings {
    /// Why a part of it needs JavaScript.
    pub(super) javascript: Option<String>,
    /// Variables that do not exist.
    pub(super) unknown_names: Vec<String>,
    /// Methods that no kind of value has.
    pub(super) unknown_methods: Vec<String>,
}

const PREFIX: &str = "return ";

/// Reads `source`; an error says what is wrong with it.
pub(super) fn parse(source: &str) -> Result<Parsed, String> {
    bounds::check(source)?;
    let allocator = Allocator::default();
    let body = format!("{PREFIX}{source}\n");
    let options = ParseOptions {
        allow_return_outside_function: true,
        // The library misjudges `(a) && b ?? c`; brackets are needed to judge it here.
        preserve_parens: true,
        enable_ident_hashes: false,
        ..ParseOptions::default()
    };
    let parser = Parser::new(&allocator, &body, js::SourceType::script()).with_options(options);
    let result = parser.parse();
    if let Some(error) = result.diagnostics.errors().next() {
        let offset = error.labels.first().and_then(|label| usize::try_from(label.offset()).ok());
        return Err(describe(&error.message, offset, &body));
    }
    let mut converter = Converter { depth: 0, findings: Findings::default() };
    let html_like = |comment: &js::Comment| {
        let start = usize::try_from(comment.span.start).ok().and_then(|start| body.get(start..));
        !start.is_some_and(|text| text.starts_with('/'))
    };
    if result.program.comments.iter().any(html_like) {
        // Few engines agree on what they may follow.
        let expr = Some(converter.unsupported("an HTML comment"));
        return Ok(Parsed { expr, findings: converter.findings });
    }
    let mut statements = result.program.body.iter();
    let Some(js::Statement::ReturnStatement(statement)) = statements.next() else {
        return Ok(Parsed::default());
    };
    let Some(argument) = &statement.argument else { return Ok(Parsed::default()) };
    let mut expr = converter.expr(argument)?;
    for statement in statements {
        // Never reached, but it must be well-formed, and its declarations would count.
        match statement {
            js::Statement::EmptyStatement(_) => {}
            js::Statement::ExpressionStatement(statement) => {
                Converter { depth: 0, findings: Findings::default() }.expr(&statement.expression)?;
            }
            _ => expr = converter.unsupported("several statements"),
        }
    }
    Ok(Parsed { expr: Some(expr), findings: converter.findings })
}

/// The parser's message with the place in the condition, counted in characters from 1.
fn describe(message: &str, offset: Option<usize>, body: &str) -> String {
    let before = offset.and_then(|offset| body.get(PREFIX.len()..offset));
    match before {
        Some(before) => format!("{message} at character {}", before.chars().count() + 1),
        None => message.to_owned(),
    }
}

struct Converter {
    depth: usize,
    findings: Findings,
}

type Converted = Result<Expr, String>;

impl Converter {
    fn unsupported(&mut self, reason: impl Into<String>) -> Expr {
        let reason = reason.into();
        self.needs_javascript(reason.clone());
        Expr::Unsupported(reason.into())
    }

    /// The first reason is reported.
    fn needs_javascript(&mut self, reason: String) {
        self.findings.javascript.get_or_insert(reason);
    }

    fn expr(&mut self, expr: &js::Expression<'_>) -> Converted {
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
            other => self.unsupported(operator_names::unsupported(other)),
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
        let mut texts = Vec::new();
        for quasi in &template.quasis {
            match &quasi.value.cooked {
                Some(text) if !quasi.lone_surrogates => texts.push(text.as_str().into()),
                _ => return Ok(self.unsupported("half a surrogate pair in a text")),
            }
        }
        let values = self.exprs(template.expressions.iter())?;
        Ok(Expr::Template(Box::new(Template { texts, values })))
    }

    fn array(&mut self, array: &js::ArrayExpression<'_>) -> Converted {
        let mut items = Vec::new();
        for element in &array.elements {
            match element.as_expression() {
                Some(element) => items.push(self.expr(element)?),
                None => return Ok(self.unsupported("a list with gaps or `...`")),
            }
        }
        Ok(Expr::Array(items))
    }

    fn object(&mut self, object: &js::ObjectExpression<'_>) -> Converted {
        let mut fields = Vec::new();
        for property in &object.properties {
            let js::ObjectPropertyKind::ObjectProperty(property) = property else {
                return Ok(self.unsupported("an object with `...`"));
            };
            if property.method || property.kind != js::PropertyKind::Init {
                return Ok(self.unsupported("a function"));
            }
            let is_prototype = property.key.static_name().is_some_and(|name| name == "__proto__");
            if is_prototype && !property.computed && !property.shorthand {
                return Ok(self.unsupported("an object with a prototype"));
            }
            let key = match &property.key {
                js::PropertyKey::StaticIdentifier(name) => Expr::Text(name.name.as_str().into()),
                key => match key.as_expression() {
                    Some(key) => self.expr(key)?,
                    None => return Ok(self.unsupported("a private name")),
                },
            };
            fields.push((key, self.expr(&property.value)?));
        }
        Ok(Expr::Object(fields))
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
        let mut arguments = Vec::new();
        for argument in &call.arguments {
            match argument.as_expression() {
                Some(argument) => arguments.push(self.expr(argument)?),
                None => return Ok(self.unsupported("a call with `...`")),
            }
        }
        let optional = call.optional;
        let member = match call.callee.without_parentheses() {
            js::Expression::Identifier(identifier) if !optional => {
                if let Some(function) = Function::find(&identifier.name) {
                    return Ok(Expr::FunctionCall(function, arguments));
                }
                None
            }
            js::Expression::StaticMemberExpression(member) => {
                if let Some(name) = namespaced(member).filter(|_| !optional)
                    && let Some(function) = Function::find(&name)
                {
                    return Ok(Expr::FunctionCall(function, arguments));
                }
                Some(self.static_member_parts(member)?)
            }
            js::Expression::ComputedMemberExpression(member) => {
                Some(self.computed_member_parts(member)?)
            }
            js::Expression::ChainExpression(_) => {
                return Ok(self.unsupported("a call of a chain in brackets"));
            }
            _ => None,
        };
        let Some(member) = member else {
            let callee = self.expr(&call.callee)?;
            return Ok(Expr::OtherCall(Box::new(OtherCall { callee, optional, arguments })));
        };
        if let Key::Static(name) = &member.key {
            if !names::is_inherited_by_any(name) {
                note(&mut self.findings.unknown_methods, name);
            } else if !Method::exists(name) {
                self.needs_javascript(format!("the method `{name}`"));
            }
        }
        Ok(Expr::MethodCall(Box::new(MethodCall { member, optional, arguments })))
    }

    fn chain(&mut self, chain: &js::ChainElement<'_>) -> Converted {
        let inside = match chain {
            js::ChainElement::CallExpression(call) => self.call(call)?,
            js::ChainElement::StaticMemberExpression(member) => self.static_member(member)?,
            js::ChainElement::ComputedMemberExpression(member) => self.computed_member(member)?,
            _ => return Ok(self.unsupported("a private name")),
        };
        Ok(Expr::Chain(Box::new(inside)))
    }

    fn unary(&mut self, unary: &js::UnaryExpression<'_>) -> Converted {
        let Some(op) = operator_names::unary(unary.operator) else {
            return Ok(self.unsupported("`delete`"));
        };
        if let (UnaryOp::Typeof, js::Expression::Identifier(identifier)) = (op, unary.argument.without_parentheses())
            && is_missing(&identifier.name)
        {
            return Ok(Expr::TypeofName(identifier.name.as_str().into()));
        }
        Ok(Expr::Unary(op, self.boxed(&unary.argument)?))
    }

    fn binary(&mut self, binary: &js::BinaryExpression<'_>) -> Converted {
        let operands = Box::new((self.expr(&binary.left)?, self.expr(&binary.right)?));
        Ok(match operator_names::binary(binary.operator) {
            operator_names::Binary::Plain(op) => Expr::Binary(op, operands),
            operator_names::Binary::Arithmetic(op) => Expr::Arithmetic(op, operands),
            operator_names::Binary::Unsupported(reason) => self.unsupported(reason),
        })
    }

    /// A chain of the same operator becomes one node, so that long ones are not deep.
    fn logical(&mut self, expr: &js::Expression<'_>) -> Converted {
        let js::Expression::LogicalExpression(last) = expr else { return self.expr(expr) };
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
    let js::Expression::Identifier(namespace) = &member.object else { return None };
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
