//! What only a JavaScript engine runs.
//!
//! Where such a part is not reached, the rest is still answered natively; so the parts inside it
//! are read too, for an error in them is an error of the whole condition. Syntax whose errors are
//! not all found out that way makes the whole condition opaque.

use oxc_ast::ast as js;

use super::super::ast::Expr;
use super::convert::{Converted, Converter};

impl Converter {
    /// An expression that has no place in our tree.
    pub(super) fn beyond(&mut self, expr: &js::Expression<'_>) -> Converted {
        use js::Expression as E;
        let reason = match expr {
            E::AssignmentExpression(assignment) => {
                let reason = "an assignment (a comparison is written `==` or `===`)";
                let unsupported = self.unsupported(reason);
                match assignment.left.as_simple_assignment_target() {
                    Some(target) => self.check_target(target)?,
                    None => self.opaque(reason),
                }
                self.check_unreachable(&assignment.right)?;
                return Ok(unsupported);
            }
            E::UpdateExpression(update) => {
                let unsupported = self.unsupported("`++` or `--`");
                self.check_target(&update.argument)?;
                return Ok(unsupported);
            }
            E::NewExpression(new) => {
                let unsupported = self.unsupported("`new`");
                self.check_unreachable(&new.callee)?;
                for argument in &new.arguments {
                    match argument.as_expression() {
                        Some(argument) => self.check_unreachable(argument)?,
                        None => self.opaque("a call with `...`"),
                    }
                }
                return Ok(unsupported);
            }
            E::ArrowFunctionExpression(arrow) => return self.arrow(arrow),
            E::BigIntLiteral(_) => return Ok(self.unsupported("a big integer")),
            E::ThisExpression(_) => return Ok(self.unsupported("`this`")),
            E::FunctionExpression(_) => "a function",
            E::ClassExpression(_) => "a class",
            E::RegExpLiteral(_) => "a regular expression",
            E::TaggedTemplateExpression(_) => "a tagged template",
            E::AwaitExpression(_) | E::YieldExpression(_) => "`await` or `yield`",
            E::ImportExpression(_) => "`import`",
            _ => "syntax beyond plain expressions",
        };
        self.opaque(reason);
        Ok(Expr::Undefined)
    }

    /// Reads what an assignment changes.
    fn check_target(&mut self, target: &js::SimpleAssignmentTarget<'_>) -> Result<(), String> {
        use js::SimpleAssignmentTarget as Target;
        match target {
            Target::AssignmentTargetIdentifier(_) => Ok(()),
            Target::StaticMemberExpression(member) => self.check_unreachable(&member.object),
            Target::ComputedMemberExpression(member) => {
                self.check_unreachable(&member.object)?;
                self.check_unreachable(&member.expression)
            }
            _ => {
                self.opaque("an assignment to a private name");
                Ok(())
            }
        }
    }

    /// `x => expression` with one plain parameter is read; other functions are opaque.
    fn arrow(&mut self, arrow: &js::ArrowFunctionExpression<'_>) -> Converted {
        let reason = "a function";
        let unsupported = self.unsupported(reason);
        let plain = |parameter: &js::FormalParameter<'_>| {
            parameter.initializer.is_none()
                && matches!(parameter.pattern, js::BindingPattern::BindingIdentifier(_))
        };
        let parameters = &arrow.params;
        let simple = !arrow.r#async
            && parameters.rest.is_none()
            && parameters.items.len() <= 1
            && parameters.items.iter().all(plain);
        match arrow.get_expression() {
            Some(body) if simple => self.check_unreachable(body)?,
            _ => self.opaque(reason),
        }
        Ok(unsupported)
    }
}
