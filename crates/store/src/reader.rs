//! Reading: a session that is replaced when it breaks, and the thread for everything that is not
//! loaded before a turn (see `load` for that).

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};

use crate::engine::{Param, Purpose, Row, Session, Source};
use crate::error::{Fault, ReadError};

/// Longest time for one read.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// Reads that may wait.
const QUEUE: usize = 256;

/// A session for reading, made when it is needed.
#[derive(Debug)]
pub(crate) struct Reader {
    source: Source,
    session: Option<Session>,
}

impl Reader {
    pub(crate) fn new(source: Source) -> Self {
        Self { source, session: None }
    }

    /// Does `work`; when the connection has died, perhaps long ago, once more with a new one.
    pub(crate) async fn attempt<T>(
        &mut self,
        work: impl AsyncFn(&mut Session) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let mut last_try = false;
        loop {
            let result = tokio::time::timeout(READ_TIMEOUT, self.once(&work)).await;
            let fault = match result {
                Ok(Ok(value)) => return Ok(value),
                Ok(Err(fault)) => fault,
                Err(_) => Fault::Locked("no answer in time".into()),
            };
            if let Fault::Lost(_) | Fault::Locked(_) = fault {
                self.session = None;
            }
            if last_try || !matches!(fault, Fault::Lost(_)) {
                return Err(fault);
            }
            last_try = true;
        }
    }

    async fn once<T>(
        &mut self,
        work: &impl AsyncFn(&mut Session) -> Result<T, Fault>,
    ) -> Result<T, Fault> {
        let session = match self.session.take() {
            Some(session) => session,
            None => self.source.connect(Purpose::Read).await?,
        };
        work(self.session.insert(session)).await
    }

    /// Closes the session.
    pub(crate) async fn close(self) {
        if let Some(session) = self.session {
            session.close().await;
        }
    }
}

/// A parameter that can be sent to a thread.
#[derive(Debug)]
pub(crate) enum Value {
    Int(Option<i64>),
    Text(Option<String>),
}

impl Value {
    /// As the engines take it.
    pub(crate) fn param(&self) -> Param<'_> {
        match self {
            Self::Int(value) => Param::Int(*value),
            Self::Text(value) => Param::Text(value.as_deref()),
        }
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}

impl From<Option<i64>> for Value {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}

/// The engines have no truth values in common.
impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Int(Some(value.into()))
    }
}

impl From<Option<bool>> for Value {
    fn from(value: Option<bool>) -> Self {
        Self::Int(value.map(Into::into))
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}

impl From<Option<&str>> for Value {
    fn from(value: Option<&str>) -> Self {
        Self::Text(value.map(str::to_owned))
    }
}

/// The parameters of a statement that is sent to a thread.
macro_rules! values {
    ($($value:expr),* $(,)?) => {
        vec![$($crate::reader::Value::from($value)),*]
    };
}
pub(crate) use values;

/// A query and who waits for its rows.
#[derive(Debug)]
pub(crate) struct Query {
    sql: &'static str,
    values: Vec<Value>,
    answer: oneshot::Sender<Result<Vec<Row>, ReadError>>,
}

/// The way to the thread.
#[derive(Debug)]
pub(crate) struct Queries(mpsc::Sender<Query>);

impl Queries {
    /// The way in, and its other end.
    pub(crate) fn new() -> (Self, mpsc::Receiver<Query>) {
        let (sender, receiver) = mpsc::channel(QUEUE);
        (Self(sender), receiver)
    }

    /// Runs a query.
    pub(crate) async fn fetch(
        &self,
        sql: &'static str,
        values: impl Into<Vec<Value>>,
    ) -> Result<Vec<Row>, ReadError> {
        let (answer, answered) = oneshot::channel();
        let query = Query { sql, values: values.into(), answer };
        let waiting = async {
            self.0.send(query).await.map_err(|_| ReadError::Closed)?;
            answered.await.unwrap_or(Err(ReadError::Closed))
        };
        tokio::time::timeout(READ_TIMEOUT * 2, waiting)
            .await
            .unwrap_or_else(|_| Err(ReadError::Unavailable("too many reads are waiting".into())))
    }
}

/// Answers queries until the store closes.
pub(crate) async fn run(
    mut reader: Reader,
    mut queries: mpsc::Receiver<Query>,
    mut closing: tokio::sync::watch::Receiver<bool>,
) {
    loop {
        let query = tokio::select! {
            biased;
            _ = closing.changed() => break,
            query = queries.recv() => query,
        };
        let Some(Query { sql, values, answer }) = query else {
            break;
        };
        if answer.is_closed() {
            continue;
        }
        let params: Vec<Param<'_>> = values.iter().map(Value::param).collect();
        let rows = reader.attempt(async |session| session.fetch(sql, &params).await).await;
        // Nobody waits any more: nothing to tell.
        let _ = answer.send(rows.map_err(ReadError::from));
    }
    reader.close().await;
}
