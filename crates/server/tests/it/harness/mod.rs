//! Starts, asks and stops the server under test.

mod bot;
mod client;
mod data;
mod people;
mod server;

pub(crate) use bot::{BotFiles, counting_bot, slow_bot, slow_counting_bot};
pub(crate) use client::{ADMIN, Client, LOGIN, Reply, converse};
pub(crate) use data::DataDir;
pub(crate) use people::People;
pub(crate) use server::{Server, binary};
