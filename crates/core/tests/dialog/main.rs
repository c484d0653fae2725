//! The dialog engine, told as conversations: small bots, what a user says, what comes back.

#[cfg(test)]
mod choice;
#[cfg(test)]
mod ends;
#[cfg(test)]
mod failures;
#[cfg(test)]
mod files;
#[cfg(test)]
mod flows;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod inspection;
#[cfg(test)]
mod memory;
#[cfg(test)]
mod slots;
#[cfg(test)]
mod stage;
#[cfg(test)]
mod timeouts;
