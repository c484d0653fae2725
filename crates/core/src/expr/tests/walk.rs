//! The native operations that a condition consists of, by name.

use std::collections::BTreeSet;

use super::super::ast::{Expr, Key, Member};
use super::super::globals::Function;
use super::super::methods::catalogue;

/// Adds the names of all operations in `expr`.
pub(super) fn operations(expr: &Expr, found: &mut BTreeSet<String>) {
    found.extend(operation(expr));
    for part in parts(expr) {
        operations(part, found);
    }
}

/// The name of the outermost operation; literals have none.
fn operation(expr: &Expr) -> Option<String> {
    Some(match expr {
        Expr::Undefined | Expr::Null | Expr::Bool(_) | Expr::Number(_) | Expr::Text(_) => {
            return None;
        }
        Expr::Unsupported(_) => "unsupported".to_owned(),
        Expr::Root(root) => root.name().to_owned(),
        Expr::Name(_) => "name".to_owned(),
        Expr::TypeofName(_) => "typeof name".to_owned(),
        Expr::Template(_) => "template".to_owned(),
        Expr::Array(_) => "array".to_owned(),
        Expr::Object(_) => "object".to_owned(),
        Expr::Member(member) if member.optional => "optional member".to_owned(),
        Expr::Member(_) => "member".to_owned(),
        Expr::MethodCall(call) => match &call.member.key {
            _ if call.optional => "optional call".to_owned(),
            Key::Static(name) => format!("method {name}"),
            Key::Computed(_) => "computed method".to_owned(),
        },
        Expr::FunctionCall(function, _) => format!("function {function:?}"),
        Expr::OtherCall(_) => "other call".to_owned(),
        Expr::Chain(_) => "chain".to_owned(),
        Expr::Unary(op, _) => format!("{op:?}"),
        Expr::Binary(op, _) => format!("{op:?}"),
        Expr::Arithmetic(op, _) => format!("{op:?}"),
        Expr::Logical(op, _) => format!("{op:?}"),
        Expr::Conditional(_) => "conditional".to_owned(),
        Expr::Sequence(_) => "sequence".to_owned(),
    })
}

fn parts(expr: &Expr) -> Vec<&Expr> {
    match expr {
        Expr::Template(template) => template.values.iter().collect(),
        Expr::Object(fields) => fields.iter().flat_map(|(key, value)| [key, value]).collect(),
        Expr::Member(member) => member_parts(member),
        Expr::MethodCall(call) => {
            member_parts(&call.member).into_iter().chain(&call.arguments).collect()
        }
        Expr::OtherCall(call) => [&call.callee].into_iter().chain(&call.arguments).collect(),
        Expr::Array(items)
        | Expr::FunctionCall(_, items)
        | Expr::Logical(_, items)
        | Expr::Sequence(items) => items.iter().collect(),
        Expr::Chain(inside) | Expr::Unary(_, inside) => vec![inside],
        Expr::Binary(_, operands) | Expr::Arithmetic(_, operands) => {
            vec![&operands.0, &operands.1]
        }
        Expr::Conditional(conditional) => {
            vec![&conditional.test, &conditional.yes, &conditional.no]
        }
        _ => Vec::new(),
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
