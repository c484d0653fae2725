//! JSON documents for those who only need the document, such as key sets.

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use serde_json::Value;

use super::{Outbound, OutboundRequest};
use crate::auth::external::FetchJson;

impl FetchJson for Outbound {
    fn fetch_json<'f>(&'f self, url: &'f str) -> BoxFuture<'f, Result<Value, String>> {
        async move {
            let answer = self.request(OutboundRequest::get(url)).await;
            let answer = answer.map_err(|error| error.to_string())?;
            if answer.status != 200 {
                return Err(format!("the answer has status {}", answer.status));
            }
            serde_json::from_slice(&answer.body).map_err(|error| error.to_string())
        }
        .boxed()
    }
}
