//! The load: so many connections, each sending one text after the other and reading the answers.
//!
//! Speaks just enough HTTP/1.1 to cost little beside the servers that it shares the machine with.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::Result;

/// A load that takes longer has failed.
const DEADLINE: Duration = Duration::from_mins(2);
/// Largest answer, in bytes.
const MAX_ANSWER: usize = 64 * 1024;
/// Largest answer to a login, in bytes.
const MAX_LOGIN_ANSWER: u64 = 64 * 1024;

/// Who talks.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Users {
    /// One user for each connection, always the same.
    OnePerConnection,
    /// A new user for each message.
    EachNew,
    /// Any of so many users that were new before.
    AnyOf(u64),
}

/// A load.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load<'a> {
    /// Bot to talk to.
    pub(crate) bot: &'a str,
    /// Connections at the same time.
    pub(crate) connections: u64,
    /// Messages in all.
    pub(crate) turns: u64,
    /// Who talks.
    pub(crate) users: Users,
}

impl Load<'_> {
    /// Sends everything; returns how long it took.
    pub(crate) async fn run(self, address: &str) -> Result<Duration> {
        let started = Instant::now();
        self.times(address).await?;
        Ok(started.elapsed())
    }

    /// Sends everything; returns how long each message took, in no order.
    pub(crate) async fn times(self, address: &str) -> Result<Vec<Duration>> {
        let sent = Arc::new(AtomicU64::new(0));
        let mut connections = JoinSet::new();
        for number in 0..self.connections {
            let (sent, address, bot) = (Arc::clone(&sent), address.to_owned(), self.bot.to_owned());
            let (turns, users) = (self.turns, self.users);
            connections.spawn(async move {
                let mut connection = Connection::open(&address).await?;
                let mut times = Vec::new();
                loop {
                    let turn = sent.fetch_add(1, Ordering::Relaxed);
                    if turn >= turns {
                        return Ok::<_, Box<dyn std::error::Error + Send + Sync>>(times);
                    }
                    let started = Instant::now();
                    connection.say(&bot, &user(users, number, turn)).await?;
                    times.push(started.elapsed());
                }
            });
        }
        let all = async {
            let mut times = Vec::new();
            while let Some(ended) = connections.join_next().await {
                times.extend(ended??);
            }
            Ok(times)
        };
        tokio::time::timeout(DEADLINE, all).await.map_err(|_| "the load took too long")?
    }
}

fn user(users: Users, connection: u64, turn: u64) -> String {
    match users {
        Users::OnePerConnection => format!("steady{connection}"),
        Users::EachNew => format!("user{turn}"),
        Users::AnyOf(count) => format!("user{}", fastrand::u64(0..count.max(1))),
    }
}

/// Sends one text over a connection of its own and waits for the answer.
pub(crate) async fn say_once(address: &str, bot: &str, user: &str) -> Result<()> {
    Connection::open(address).await?.say(bot, user).await
}

/// Tries to log in over a connection of its own, as from any address behind a proxy, and waits for the
/// answer, whatever it is.
pub(crate) async fn try_login(address: &str, email: &str, password: &str) -> Result<()> {
    let body = format!(r#"{{"email":"{email}","password":"{password}"}}"#);
    let from = std::net::Ipv4Addr::from_bits(fastrand::u32(..));
    let request = format!(
        "POST /api/v1/auth/login/basic/default HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         X-Forwarded-For: {from}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::with_capacity(1024);
    let mut stream = stream.take(MAX_LOGIN_ANSWER);
    tokio::time::timeout(DEADLINE, stream.read_to_end(&mut answer)).await??;
    if answer.starts_with(b"HTTP/1.1 ") { Ok(()) } else { Err("no answer to a login".into()) }
}

struct Connection {
    stream: TcpStream,
    address: String,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, address: address.to_owned(), buffer: Vec::with_capacity(4096) })
    }

    async fn say(&mut self, bot: &str, user: &str) -> Result<()> {
        let body = r#"{"type":"text","text":"Hello, how are you?"}"#;
        let request = format!(
            "POST /api/v1/bots/{bot}/converse/{user} HTTP/1.1\r\nHost: {}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        self.stream.write_all(request.as_bytes()).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the server closed the connection".into());
            }
            match whole_answer(&self.buffer)? {
                Some(answer) if answer.contains("\"responses\":[{") => return Ok(()),
                Some(answer) => return Err(format!("an answer without replies: {answer}").into()),
                None if self.buffer.len() > MAX_ANSWER => return Err("too long an answer".into()),
                None => {}
            }
        }
    }
}

/// The body once all of it is there. Anything but 200 with a length is an error.
fn whole_answer(bytes: &[u8]) -> Result<Option<&str>> {
    let text = str::from_utf8(bytes).unwrap_or_default();
    let Some((head, body)) = text.split_once("\r\n\r\n") else {
        return Ok(None);
    };
    if !head.starts_with("HTTP/1.1 200 ") {
        return Err(format!("not answered with 200: {text}").into());
    }
    let length = head.lines().filter_map(|line| line.split_once(':')).find_map(|(name, value)| {
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>())
    });
    let length = length.ok_or("an answer without a length")??;
    Ok((body.len() >= length).then_some(body))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_whole_when_all_of_it_is_there() {
        let head = "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n";
        assert_eq!(whole_answer(b"HTTP/1.1 200 OK\r\n").unwrap(), None);
        assert_eq!(whole_answer(format!("{head}abc").as_bytes()).unwrap(), None);
        assert_eq!(whole_answer(format!("{head}abcd").as_bytes()).unwrap(), Some("abcd"));
    }

    #[test]
    fn another_status_is_an_error() {
        let answer = b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n";
        assert!(whole_answer(answer).unwrap_err().to_string().contains("503"));
    }
}
