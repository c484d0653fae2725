//! What the server has to remember of itself, such as a secret made at its first start.

use crate::error::{CommitError, ReadError, check_key};
use crate::reader::values;
use crate::store::Store;

impl Store {
    /// The value of a setting.
    pub async fn setting(&self, name: &str) -> Result<Option<String>, ReadError> {
        const SQL: &str = "SELECT value FROM setting WHERE name = $1";
        check_key("name", name)?;
        let rows = self.queries.fetch(SQL, values![name]).await?;
        let Some(mut row) = rows.into_iter().next() else {
            return Ok(None);
        };
        Ok(Some(row.text()?.to_string()))
    }

    /// Sets what was never set; returns the value that stands, which never changes.
    pub async fn set_setting_if_absent(
        &self,
        name: &str,
        value: &str,
    ) -> Result<String, CommitError> {
        const SQL: &str =
            "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        if let Some(value) = self.setting(name).await? {
            return Ok(value);
        }
        check_key("value", value)?;
        self.queue.statements([(SQL, values![name, value])]).await?;
        let stands = self.setting(name).await?;
        Ok(stands.unwrap_or_else(|| value.to_owned()))
    }
}
