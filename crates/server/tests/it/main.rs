//! Black-box tests: the real binary, started on a free port with a data directory of its own, and
//! spoken to over HTTP alone.
//!
//! Folders follow the URL tree (`converse`, `login`, `bot_routes`, `talks`) and the promises that cut across it
//! (`reliability`, `restrictions`, `conformance`, `cli`); `harness` holds what starts, stops and asks the
//! server.

#[cfg(test)]
mod audit;
#[cfg(test)]
mod bot_routes;
#[cfg(test)]
mod bots;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod conformance;
#[cfg(test)]
mod converse;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod login;
#[cfg(test)]
mod operation;
#[cfg(test)]
mod reliability;
#[cfg(test)]
mod reload;
#[cfg(test)]
mod restrictions;
#[cfg(test)]
mod retention;
#[cfg(test)]
mod talks;
#[cfg(test)]
mod team;
