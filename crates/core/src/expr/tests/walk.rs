//! The native operations that a condition consists of, by name.

use std::collections::BTreeSet;

use super::super::ast::{Expr, Key, Member};
use super::super::globals::Function;
use super::super::methods::catalogue;

/// Adds the names of all operations in `expr`.
pub(super) fn operations(expr: &Expr, found: &mut BTreeSet<String>) {
    let mut add = |name: &str| {
        found.insert(name.to_owned());
    };
    let mut parts: Vec<&Expr> = Vec::new();
    match expr {
        Expr::Undefined | Expr::Null | Expr::Bool(_) | Expr::Number(_) | Expr::Text(_) => {}
        Expr::Unsupported(_) => add("unsupported"),
        Expr::Root(root) => add(root.name()),
        Expr::Name(_) => add("name"),
        Expr::TypeofName(_) => add("typeof name"),
        Expr::Template(template) => {
            add("template");
            parts.extend(&template.values);
        }
        Expr::Array(items) => {
            add("array");
            parts.extend(items);
        }
        Expr::Object(fields) => {
            add("object");
            parts.extend(fields.iter().flat_map(|(key, value)| [key, value]));
        }
        Expr::Member(member) => {
            add(if member.optional { "optional member" } else { "member" });
            parts.extend(member_parts(member));
        }
        Expr::MethodCall(call) => {
            if let Key::Static(name) = &call.member.key {
                add(&format!("method {name}"));
            }
            if call.optional {
                add("optional call");
            }
            parts.extend(member_parts(&call.member));
            parts.extend(&call.arguments);
        }
        Expr::FunctionCall(function, arguments) => {
            add(&format!("function {function:?}"));
            parts.extend(arguments);
        }
        Expr::OtherCall(call) => {
            add("other call");
            parts.push(&call.callee);
            parts.extend(&call.arguments);
        }
        Expr::Chain(inside) => {
            add("chain");
            parts.push(inside);
        }
        Expr::Unary(op, operand) => {
            add(&format!("{op:?}"));
            parts.push(operand);
        }
        Expr::Binary(op, operands) => {
            add(&format!("{op:?}"));
            parts.extend([&operands.0, &operands.1]);
        }
        Expr::Arithmetic(op, operands) => {
            add(&format!("{op:?}"));
            parts.extend([&operands.0, &operands.1]);
        }
        Expr::Logical(op, operands) => {
            add(&format!("{op:?}"));
            parts.extend(operands);
        }
        Expr::Conditional(conditional) => {
            add("conditional");
            parts.extend([&conditional.test, &conditional.yes, &conditional.no]);
        }
        Expr::Sequence(items) => {
            add("sequence");
            parts.extend(items);
        }
    }
    for part in parts {
        operations(part, found);
    }
}

fn member_parts(member: &Member) -> Vec<&Expr> {
    match &member.key {
        Key::Static(_) => vec![&member.object],
        Key::Computed(key) => vec![&member.object, key],
    }
}

/// Everything that runs natively.
pub(super) fn all_operations() -> BTreeSet<String> {
    const SYNTAX: &str = "event user session temp bot workflow name|typeof name|template array \
        object member|optional member|optional call|other call|chain conditional sequence \
        Not Minus Plus BitNot Typeof Void LooseEqual LooseUnequal StrictEqual StrictUnequal Less \
        LessOrEqual Greater GreaterOrEqual Add In Subtract Multiply Divide Remainder Power \
        ShiftLeft ShiftRight ShiftRightUnsigned BitOr BitXor BitAnd And Or Coalesce";
    // Names of two words stand between bars.
    let syntax = SYNTAX.split('|').flat_map(|part| match part {
        "typeof name" | "optional member" | "optional call" | "other call" => vec![part],
        words => words.split_whitespace().collect(),
    });
    let methods = [catalogue::text(), catalogue::array(), catalogue::number(), catalogue::any()];
    let methods = methods.into_iter().flatten().map(|name| format!("method {name}"));
    let functions = Function::names().into_iter().map(|name| format!("function {name}"));
    syntax.map(str::to_owned).chain(methods).chain(functions).collect()
}
