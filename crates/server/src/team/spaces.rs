//! Workspaces, as super admins make, change and delete them.

use super::{Changed, Team, TeamError};
use crate::workspaces::{
    NewWorkspace, Workspace, WorkspaceChange, WorkspacesError, WorkspacesFile,
};

/// Who may chat with the bots of a workspace, as hooks of bots may ask (`spec` runtime 1.6).
const ROLLOUTS: [&str; 5] =
    ["anonymous", "anonymous-invite", "authenticated", "authenticated-invite", "authorized"];

/// One of the strategies of v12.
pub type Rollout = String;

/// A workspace before and after.
pub type SpaceChange = Changed<Workspace>;

impl Team<'_> {
    /// All workspaces.
    pub async fn spaces(self) -> Result<Vec<Workspace>, TeamError> {
        self.file(WorkspacesFile::list).await
    }

    /// Makes a workspace without bots and members.
    pub async fn create_space(self, new: NewWorkspace) -> Result<SpaceChange, TeamError> {
        let _turn = self.turn().await;
        let id = new.id.clone();
        if self.spaces().await?.iter().any(|other| other.id == id) {
            return Err(WorkspacesError::Exists(id).into());
        }
        // Memberships in an older workspace of the same id, which was taken out of the file by hand.
        let left = self.0.store.remove_workspace_members(&id).await?;
        if left > 0 {
            tracing::warn!(workspace = id, left, "memberships in an older workspace were removed");
        }
        self.file(move |file| file.create(&new)).await?;
        Ok(Changed { before: None, after: Some(self.workspace(&id).await?) })
    }

    /// Changes fields of a workspace.
    pub async fn update_space(
        self,
        id: &str,
        change: WorkspaceChange,
    ) -> Result<SpaceChange, TeamError> {
        let _turn = self.turn().await;
        let before = self.workspace(id).await?;
        let own = id.to_owned();
        self.file(move |file| file.update(&own, &change)).await?;
        Ok(Changed { before: Some(before), after: Some(self.workspace(id).await?) })
    }

    /// Deletes a workspace that has no bots, and the memberships in it. The accounts stay.
    pub async fn delete_space(self, id: &str) -> Result<SpaceChange, TeamError> {
        let _turn = self.turn().await;
        let before = self.workspace(id).await?;
        let own = id.to_owned();
        self.file(move |file| file.delete(&own)).await?;
        self.0.store.remove_workspace_members(id).await?;
        Ok(Changed { before: Some(before), after: None })
    }

    /// Who may chat with the bots of a workspace: everybody, if nothing is said.
    pub async fn rollout(self, id: &str) -> Result<Rollout, TeamError> {
        let rollout = self.workspace(id).await?.rollout_strategy;
        Ok(rollout.unwrap_or_else(|| "anonymous".to_owned()))
    }

    /// Says who may chat.
    pub async fn set_rollout(self, id: &str, rollout: &str) -> Result<SpaceChange, TeamError> {
        if !ROLLOUTS.contains(&rollout) {
            let problem = format!("one of {} is expected", ROLLOUTS.join(", "));
            return Err(TeamError::Invalid { field: "rolloutStrategy", problem });
        }
        let rollout_strategy = Some(rollout.to_owned());
        self.update_space(id, WorkspaceChange { rollout_strategy, ..WorkspaceChange::default() })
            .await
    }
}
