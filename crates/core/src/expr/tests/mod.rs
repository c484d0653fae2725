//! Tests of conditions. The judge is an independent JavaScript engine ([`oracle`]): native
//! evaluation must give the very value that it gives, or say that it cannot.

mod bots;
mod generate;
mod limits;
mod oracle;
mod property;
mod table;
mod walk;
mod world;
