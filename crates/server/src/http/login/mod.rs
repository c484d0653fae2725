//! Logging in and out, below `/api/v2/admin/auth` and v12's older `/api/v1/auth` (`spec` http 2.1).
//!
//! One file per endpoint. Data flows request → `auth` (which decides) → `grant` (token as JSON, or as a
//! cookie) → answer.

mod cookie;
mod grant;
mod post;
mod tried;

pub(super) use cookie::CookieRules;
pub(super) use post::{login, login_doc};
