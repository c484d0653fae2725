//! The query parameter `include` of the public route (`spec` http 1.3).

use axum::http::StatusCode;

use super::super::error::HttpError;

/// Fails with 403 where more than the replies is asked for, and with 400 where the parameter is
/// given twice or as a list, which v12 answers with an error of its own code.
pub(super) fn check(query: Option<&str>) -> Result<(), HttpError> {
    let Some(query) = query else { return Ok(()) };
    let mut asked = form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| name == "include" || name.starts_with("include["));
    let Some((name, value)) = asked.next() else {
        return Ok(());
    };
    if name != "include" || asked.next().is_some() {
        return Err(HttpError::bad("TypeError", "params.toLowerCase is not a function"));
    }
    if value.is_empty() || value.to_lowercase() == "responses" {
        return Ok(());
    }
    let text = "Unauthenticated converse API can only return \"responses\"";
    Err(HttpError::text(StatusCode::FORBIDDEN, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_replies_may_be_included() {
        for passes in
            ["", "include=", "include", "include=responses", "include=Responses", "a=b&inclu=nlu"]
        {
            assert!(check(Some(passes)).is_ok(), "{passes}");
        }
        assert!(check(None).is_ok());
        for refused in ["include=nlu", "include=responses,nlu", "a&include=%20responses"] {
            let text = check(Some(refused)).unwrap_err().body();
            assert_eq!(text, "Unauthenticated converse API can only return \"responses\"");
        }
        for repeated in [
            "include=nlu&include=state",
            "include=&include=",
            "include[]=responses",
            "include%5Ba%5D=responses",
        ] {
            let body = check(Some(repeated)).unwrap_err().body();
            let expected = "{\"statusCode\":400,\"type\":\"TypeError\",\
                            \"message\":\"params.toLowerCase is not a function\"";
            assert!(body.starts_with(expected), "{repeated}: {body}");
        }
    }
}
