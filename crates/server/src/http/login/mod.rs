//! Logging in and out, below `/api/v2/admin/auth` and v12's older `/api/v1/auth` (`spec` http 2.1).
//!
//! One file per endpoint. Data flows request → `auth` (which decides) → `grant` (token as JSON, or as a
//! cookie) → answer.

mod chat_auth;
mod config;
mod cookie;
mod get_token;
mod grant;
mod logout;
mod post;
mod refresh;
mod register;
#[cfg(test)]
mod tests;
mod tried;
mod v11;

pub(super) use chat_auth::{chat_auth, chat_auth_doc};
pub(super) use config::{config, config_doc};
pub(super) use cookie::CookieRules;
pub(super) use get_token::{get_token, get_token_doc};
pub(super) use grant::with_cookie;
pub(super) use logout::{logout, logout_doc};
pub(super) use post::{login, login_doc};
pub(super) use refresh::{refresh, refresh_doc};
pub(super) use register::{register, register_doc};
pub(super) use v11::{login_v11, login_v11_doc, register_v11, register_v11_doc};
