//! The expressions that run natively: a small tree of our own, made once per condition.
//!
//! Does not live here: how source becomes a tree ([`super::parse`]), how a tree becomes a value
//! ([`super::eval`]).

use super::globals::Function;

/// An expression.
#[derive(Debug)]
pub(super) enum Expr {
    Undefined,
    Null,
    Bool(bool),
    Number(f64),
    Text(Box<str>),
    /// One of the six variables that always exist.
    Root(Root),
    /// Any other name that JavaScript does not define: an argument, or a `ReferenceError`.
    Name(Box<str>),
    /// `typeof` of such a name, which never throws.
    TypeofName(Box<str>),
    Template(Box<Template>),
    Array(Vec<Expr>),
    Object(Vec<(Expr, Expr)>),
    Member(Box<Member>),
    /// `object.name(arguments)`.
    MethodCall(Box<MethodCall>),
    /// A function that JavaScript defines: `Number(x)`, `Math.max(x, y)`.
    FunctionCall(Function, Vec<Expr>),
    /// A call of anything else. No value here is a function, so it throws or, after `?.`, gives
    /// `undefined`.
    OtherCall(Box<OtherCall>),
    /// Where `?.` inside stops.
    Chain(Box<Expr>),
    Unary(UnaryOp, Box<Expr>),
    Binary(BinaryOp, Box<(Expr, Expr)>),
    Arithmetic(ArithmeticOp, Box<(Expr, Expr)>),
    /// Operands joined by the same operator, evaluated from the left.
    Logical(LogicalOp, Vec<Expr>),
    Conditional(Box<Conditional>),
    Sequence(Vec<Expr>),
    /// What only a JavaScript engine can evaluate, and why.
    Unsupported(Box<str>),
}

/// `` `a${x}b` ``: a text before each value and one after the last.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) texts: Vec<Box<str>>,
    pub(super) values: Vec<Expr>,
}

/// `object.key`, `object[key]`, `object?.key`.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) object: Expr,
    pub(super) key: Key,
    pub(super) optional: bool,
}

/// A method call; `member.optional` is the `?.` before the name, `optional` the one after it.
#[derive(Debug)]
pub(super) struct MethodCall {
    pub(super) member: Member,
    pub(super) optional: bool,
    pub(super) arguments: Vec<Expr>,
}

/// A call whose callee is neither a method nor a known function.
#[derive(Debug)]
pub(super) struct OtherCall {
    pub(super) callee: Expr,
    pub(super) optional: bool,
    pub(super) arguments: Vec<Expr>,
}

/// `test ? yes : no`.
#[derive(Debug)]
pub(super) struct Conditional {
    pub(super) test: Expr,
    pub(super) yes: Expr,
    pub(super) no: Expr,
}

/// The name of a property.
#[derive(Debug)]
pub(super) enum Key {
    Static(Box<str>),
    Computed(Expr),
}

/// The variables of a condition (`spec` runtime 2.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Root {
    Event,
    User,
    Session,
    Temp,
    Bot,
    Workflow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum UnaryOp {
    Not,
    Minus,
    Plus,
    BitNot,
    Typeof,
    Void,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum BinaryOp {
    LooseEqual,
    LooseUnequal,
    StrictEqual,
    StrictUnequal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    In,
}

/// Operators that make a number of two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum ArithmeticOp {
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
    ShiftLeft,
    ShiftRight,
    ShiftRightUnsigned,
    BitOr,
    BitXor,
    BitAnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum LogicalOp {
    And,
    Or,
    Coalesce,
}

impl Root {
    /// The variable called `name`.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        [Self::Event, Self::User, Self::Session, Self::Temp, Self::Bot, Self::Workflow]
            .into_iter()
            .find(|root| root.name() == name)
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::User => "user",
            Self::Session => "session",
            Self::Temp => "temp",
            Self::Bot => "bot",
            Self::Workflow => "workflow",
        }
    }
}
