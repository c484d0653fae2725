//! `exp`, `nbf` and `iat` (RFC 7519, 4.1).

use serde_json::{Map, Value};

use super::refusal::Refusal;

/// How far the clocks of two machines may differ, in seconds. It helps only a token from the
/// future: an expired one has expired.
const LEEWAY: f64 = 60.0;

/// Checks the dates of a token at `now`, in milliseconds since 1970. `required`: `exp` and `iat`
/// must be there.
pub(in crate::auth) fn check_dates(
    claims: &Map<String, Value>,
    now: i64,
    required: bool,
) -> Result<(), Refusal> {
    #[expect(clippy::cast_precision_loss, reason = "exact up to 2^53 ms, the year 287396")]
    let now = now as f64 / 1000.0;
    let not_before = date(claims, "nbf", Refusal::Nbf)?;
    if not_before.is_some_and(|date| date > now + LEEWAY) {
        return Err(Refusal::NotActive);
    }
    let expires = date(claims, "exp", Refusal::Exp)?;
    if required && expires.is_none() {
        return Err(Refusal::Exp);
    }
    if expires.is_some_and(|date| date <= now) {
        return Err(Refusal::Expired);
    }
    let issued = date(claims, "iat", Refusal::Iat)?;
    if required && issued.is_none() {
        return Err(Refusal::Iat);
    }
    if issued.is_some_and(|date| date > now + LEEWAY) {
        return Err(Refusal::NotActive);
    }
    Ok(())
}

/// Seconds since 1970; fractions are allowed.
fn date(claims: &Map<String, Value>, name: &str, refusal: Refusal) -> Result<Option<f64>, Refusal> {
    match claims.get(name) {
        None => Ok(None),
        Some(value) => value.as_f64().filter(|date| date.is_finite()).map(Some).ok_or(refusal),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_token_holds_between_its_dates() {
        let now = 1_000_000_500;
        for (claims, required, expected) in [
            (json!({}), false, Ok(())),
            (json!({}), true, Err(Refusal::Exp)),
            (json!({"exp": 1_000_001}), true, Err(Refusal::Iat)),
            (json!({"exp": 1_000_001, "iat": 1_000_000}), true, Ok(())),
            (json!({"exp": 1_000_000}), false, Err(Refusal::Expired)),
            (json!({"exp": 1_000_000.5}), false, Err(Refusal::Expired)),
            (json!({"exp": 1_000_000.6}), false, Ok(())),
            (json!({"exp": -1}), false, Err(Refusal::Expired)),
            (json!({"exp": "1000001"}), false, Err(Refusal::Exp)),
            (json!({"exp": null}), false, Err(Refusal::Exp)),
            (json!({"nbf": 1_000_060}), false, Ok(())),
            (json!({"nbf": 1_000_061}), false, Err(Refusal::NotActive)),
            (json!({"nbf": []}), false, Err(Refusal::Nbf)),
            (json!({"iat": 1_000_060}), false, Ok(())),
            (json!({"iat": 1_000_061}), false, Err(Refusal::NotActive)),
            (json!({"iat": {}}), false, Err(Refusal::Iat)),
        ] {
            let found = check_dates(claims.as_object().unwrap(), now, required);
            assert_eq!(found, expected, "{claims}");
        }
    }
}
