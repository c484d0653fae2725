//! People who log in to chat: sessions that the server has signed, and their place in a workspace
//! (`spec` http 2.1, 3.3).

use parlance_store::Membership;

use super::{Auth, Unavailable};
use crate::auth::AccountId;

impl Auth {
    /// Whether `signature` is our hexadecimal HMAC-SHA256 of a text. Compares in a time that tells nothing.
    pub fn has_signed(&self, text: &str, signature: &str) -> bool {
        from_hex(signature).is_some_and(|tag| self.tokens.has_signed(text.as_bytes(), &tag))
    }

    /// Makes an account a member of a workspace with this role, unless it is one already; whether it did.
    pub async fn join(
        &self,
        account: &AccountId,
        workspace: &str,
        role: &str,
    ) -> Result<bool, Unavailable> {
        let memberships = self.store.memberships_of(&account.email, &account.strategy).await?;
        if memberships.iter().any(|one| one.workspace == workspace) {
            return Ok(false);
        }
        let membership = Membership {
            email: account.email.clone(),
            strategy: account.strategy.clone(),
            workspace: workspace.to_owned(),
            role: role.to_owned(),
            created_on: self.now(),
        };
        Ok(self.store.set_membership(membership).await?)
    }
}

/// The bytes of 64 hexadecimal digits.
fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digits = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let pairs = (0..32).map(|index| text.get(index * 2..index * 2 + 2));
    let bytes = digits.then(|| pairs.map(|pair| u8::from_str_radix(pair?, 16).ok()));
    bytes?.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_64_hexadecimal_digits() {
        assert_eq!(from_hex(&"0aF".repeat(32)[..64]).unwrap()[..3], [0x0A, 0xF0, 0xAF]);
        for bad in ["", "0a", &"0g".repeat(32), &"+1".repeat(32), &"00".repeat(33), &"é".repeat(32)]
        {
            assert_eq!(from_hex(bad), None, "{bad}");
        }
    }
}
