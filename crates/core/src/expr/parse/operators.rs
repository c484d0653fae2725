//! The parser library's operators in our own terms.

use oxc_ast::ast as js;

use super::super::ast::{ArithmeticOp, BinaryOp, UnaryOp};

/// What a binary operator is to us.
pub(super) enum Binary {
    Plain(BinaryOp),
    Arithmetic(ArithmeticOp),
    Unsupported(&'static str),
}

pub(super) fn binary(operator: js::BinaryOperator) -> Binary {
    use js::BinaryOperator as Js;
    match operator {
        Js::Equality => Binary::Plain(BinaryOp::LooseEqual),
        Js::Inequality => Binary::Plain(BinaryOp::LooseUnequal),
        Js::StrictEquality => Binary::Plain(BinaryOp::StrictEqual),
        Js::StrictInequality => Binary::Plain(BinaryOp::StrictUnequal),
        Js::LessThan => Binary::Plain(BinaryOp::Less),
        Js::LessEqualThan => Binary::Plain(BinaryOp::LessOrEqual),
        Js::GreaterThan => Binary::Plain(BinaryOp::Greater),
        Js::GreaterEqualThan => Binary::Plain(BinaryOp::GreaterOrEqual),
        Js::Addition => Binary::Plain(BinaryOp::Add),
        Js::In => Binary::Plain(BinaryOp::In),
        Js::Subtraction => Binary::Arithmetic(ArithmeticOp::Subtract),
        Js::Multiplication => Binary::Arithmetic(ArithmeticOp::Multiply),
        Js::Division => Binary::Arithmetic(ArithmeticOp::Divide),
        Js::Remainder => Binary::Arithmetic(ArithmeticOp::Remainder),
        Js::Exponential => Binary::Arithmetic(ArithmeticOp::Power),
        Js::ShiftLeft => Binary::Arithmetic(ArithmeticOp::ShiftLeft),
        Js::ShiftRight => Binary::Arithmetic(ArithmeticOp::ShiftRight),
        Js::ShiftRightZeroFill => Binary::Arithmetic(ArithmeticOp::ShiftRightUnsigned),
        Js::BitwiseOR => Binary::Arithmetic(ArithmeticOp::BitOr),
        Js::BitwiseXOR => Binary::Arithmetic(ArithmeticOp::BitXor),
        Js::BitwiseAnd => Binary::Arithmetic(ArithmeticOp::BitAnd),
        Js::Instanceof => Binary::Unsupported("`instanceof`"),
    }
}

/// `None`: `delete`, which has an effect.
pub(super) fn unary(operator: js::UnaryOperator) -> Option<UnaryOp> {
    use js::UnaryOperator as Js;
    Some(match operator {
        Js::UnaryPlus => UnaryOp::Plus,
        Js::UnaryNegation => UnaryOp::Minus,
        Js::LogicalNot => UnaryOp::Not,
        Js::BitwiseNot => UnaryOp::BitNot,
        Js::Typeof => UnaryOp::Typeof,
        Js::Void => UnaryOp::Void,
        Js::Delete => return None,
    })
}
