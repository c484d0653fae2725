//! How the audit log names an account that somebody says to be.

use super::super::routes::Recorded;

/// Longest name that is kept, in characters.
const LONGEST: usize = 200;

/// A row about the account with this email, which is any text that somebody sent.
pub(super) fn tried(email: &str) -> Recorded {
    let kept = email.trim().chars().filter(|character| !character.is_control());
    let kept: String = kept.take(LONGEST).collect();
    Recorded::of(format!("account={}", kept.to_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_typed_is_kept_short_and_on_one_line() {
        let target = |email: &str| tried(email).target.unwrap();
        assert_eq!(
            target(" Ada@Example.com\n2026 admin\u{1b}[0m"),
            "account=ada@example.com2026 admin[0m"
        );
        assert_eq!(target(&"x".repeat(10_000)).len(), "account=".len() + LONGEST);
    }
}
