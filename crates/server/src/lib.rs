//! The Parlance server: everything that touches the world.
//!
//! Data flows `http → turn → core::dialog ⇄ effects → store → answer`; see `ARCHITECTURE.md`.

pub mod app;
pub mod auth;
pub mod bot_admin;
pub mod bots;
pub mod cli;
pub mod clock;
pub mod config;
pub mod control;
mod digest;
mod files;
pub mod first_start;
pub mod http;
pub mod media;
pub mod ops;
pub mod outbound;
pub mod services;
pub mod start;
pub mod team;
pub mod turn;
pub mod workspaces;
