//! Runs the project's own tasks.
fn main() {}
