//! Workspaces, their collaborators and roles.

use axum::http::Method;

use super::super::super::{Server, collaborators, roles, workspaces};
use super::super::access::Access::{Owner, Workspace};
use super::super::route::Route;

/// Below `/api/v2/admin/workspace`.
macro_rules! path {
    ($below:literal) => {
        concat!("/api/v2/admin/workspace/", $below)
    };
}

pub(super) fn rows<S: Server>() -> Vec<Route<S>> {
    [members(), accounts(), of_roles(), spaces()].into_iter().flatten().collect()
}

fn members<S: Server>() -> Vec<Route<S>> {
    use collaborators::{
        READ, WRITE, add, add_doc, available, available_doc, change_role, change_role_doc, list,
        list_doc, remove, remove_doc,
    };
    let (all, available_path) = (path!("collaborators"), path!("collaborators/listAvailableUsers"));
    let add_path = path!("collaborators/workspace/add");
    let remove_path = path!("collaborators/workspace/remove/{strategy}/{email}/delete");
    let role_path = path!("collaborators/workspace/update_role");
    let (read, write, post) = (Workspace(READ), Workspace(WRITE), || Method::POST);
    vec![
        Route::read("collaborators", all, read, list, list_doc),
        Route::read("accounts available", available_path, read, available, available_doc),
        Route::change("member add", post(), add_path, write, add, add_doc),
        Route::change("member remove", post(), remove_path, write, remove, remove_doc),
        Route::change("member role", post(), role_path, write, change_role, change_role_doc),
    ]
}

fn accounts<S: Server>() -> Vec<Route<S>> {
    use collaborators::{WRITE, delete, delete_doc, invite, invite_doc, reset, reset_doc};
    let (all, delete_path) =
        (path!("collaborators"), path!("collaborators/{strategy}/{email}/delete"));
    let reset_path = path!("collaborators/reset/{strategy}/{email}");
    let write = Workspace(WRITE);
    vec![
        Route::change("account invite", Method::POST, all, write, invite, invite_doc),
        Route::change(
            "account delete",
            Method::POST,
            delete_path,
            Owner(WRITE),
            delete,
            delete_doc,
        ),
        Route::change("account reset", Method::GET, reset_path, write, reset, reset_doc),
        Route::change("account reset post", Method::POST, reset_path, write, reset, reset_doc),
    ]
}

fn of_roles<S: Server>() -> Vec<Route<S>> {
    use roles::{READ, WRITE, list, list_doc, put, put_doc, remove, remove_doc};
    let (all, one) = (path!("roles"), path!("roles/{role}"));
    vec![
        Route::read("roles", all, Workspace(READ), list, list_doc),
        Route::change("role set", Method::PUT, one, Workspace(WRITE), put, put_doc),
        Route::change("role remove", Method::DELETE, one, Workspace(WRITE), remove, remove_doc),
    ]
}

fn spaces<S: Server>() -> Vec<Route<S>> {
    use workspaces::{
        READ, WRITE, create, create_doc, delete, delete_doc, list, list_doc, rollout, rollout_doc,
        set_rollout, set_rollout_doc, update, update_doc,
    };
    let (all, one) = (path!("workspaces"), path!("workspaces/{workspace}"));
    let delete_path = path!("workspaces/{workspace}/delete");
    let rollout_path = path!("workspaces/{workspace}/rollout");
    let set_rollout_path = path!("workspaces/{workspace}/rollout/{strategy}");
    let (read, write, post) = (Owner(READ), Owner(WRITE), || Method::POST);
    vec![
        Route::read("workspaces", all, read, list, list_doc),
        Route::change("workspace create", post(), all, write, create, create_doc),
        Route::change("workspace update", post(), one, write, update, update_doc),
        Route::change("workspace delete", post(), delete_path, write, delete, delete_doc),
        Route::read("workspace rollout", rollout_path, read, rollout, rollout_doc),
        Route::change(
            "workspace rollout set",
            post(),
            set_rollout_path,
            write,
            set_rollout,
            set_rollout_doc,
        ),
    ]
}
