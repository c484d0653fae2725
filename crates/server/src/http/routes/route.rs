//! One row of the route table.
//!
//! Its fields are private and it is made by [`Route::read`], [`Route::change`] and [`Route::turn`]
//! alone, so a route that changes something without leaving a row in the audit log, or that says
//! nothing about who it is for, cannot be written.

use std::sync::Arc;

use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter, on};

use super::super::openapi::{Described, Doc};
use super::super::{App, Server, not_found};
use super::access::Access;
use super::aliases::v1_path;

/// Where a route is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Below the root path.
    Root,
    /// Below the root path and without it, for a supervisor that knows no root path; not limited
    /// in how often it may ask.
    Probe,
}

/// What a request leaves behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    /// Nothing.
    Read,
    /// A change of the server's state, and a row in the audit log.
    Change,
    /// A turn of a conversation, which is its own record.
    Turn,
}

/// A row.
pub(super) struct Route<S> {
    name: &'static str,
    method: Method,
    path: &'static str,
    also: Vec<&'static str>,
    place: Place,
    access: Access,
    effect: Effect,
    doc: fn() -> Doc,
    handler: MethodRouter<Arc<App<S>>>,
}

impl<S: Server> Route<S> {
    /// A route that changes nothing: `GET`, and with it `HEAD`.
    pub(super) fn read<H, T>(
        name: &'static str,
        path: &'static str,
        access: Access,
        handler: H,
        doc: fn() -> Doc,
    ) -> Self
    where
        H: Handler<T, Arc<App<S>>>,
        T: 'static,
    {
        Self::new(name, Method::GET, path, access, Effect::Read, handler, doc)
    }

    /// A route that changes the server's state; what was done is in the audit log before the
    /// answer leaves.
    pub(super) fn change<H, T>(
        name: &'static str,
        method: Method,
        path: &'static str,
        access: Access,
        handler: H,
        doc: fn() -> Doc,
    ) -> Self
    where
        H: Handler<T, Arc<App<S>>>,
        T: 'static,
    {
        Self::new(name, method, path, access, Effect::Change, handler, doc)
    }

    /// A `POST` that lets a bot answer a message: the stored turn records it.
    pub(super) fn turn<H, T>(
        name: &'static str,
        path: &'static str,
        access: Access,
        handler: H,
        doc: fn() -> Doc,
    ) -> Self
    where
        H: Handler<T, Arc<App<S>>>,
        T: 'static,
    {
        Self::new(name, Method::POST, path, access, Effect::Turn, handler, doc)
    }

    fn new<H, T>(
        name: &'static str,
        method: Method,
        path: &'static str,
        access: Access,
        effect: Effect,
        handler: H,
        doc: fn() -> Doc,
    ) -> Self
    where
        H: Handler<T, Arc<App<S>>>,
        T: 'static,
    {
        // Every method of the table has a filter; `GET` answers `HEAD` too.
        let filter = MethodFilter::try_from(method.clone()).unwrap_or(MethodFilter::GET);
        let handler = on(filter, handler);
        let (also, place) = (Vec::new(), Place::Root);
        Self { name, method, path, also, place, access, effect, doc, handler }
    }

    /// The same answers at this path, too.
    pub(super) fn also(mut self, path: &'static str) -> Self {
        self.also.push(path);
        self
    }

    /// For supervisors: see [`Place::Probe`].
    pub(super) fn probe(mut self) -> Self {
        self.place = Place::Probe;
        self
    }

    /// Other methods are not found (`spec` http 1.1) instead of not allowed.
    pub(super) fn hides_other_methods(mut self) -> Self {
        self.handler = self.handler.fallback(not_found::not_found);
        self
    }

    /// All paths: its own, v12's older name of it (`spec` http 3.1), and others.
    pub(super) fn paths(&self) -> impl Iterator<Item = String> {
        let own = std::iter::once(self.path).chain(self.also.iter().copied());
        own.flat_map(|path| [Some(path.to_owned()), v1_path(path)]).flatten()
    }

    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    pub(super) fn method(&self) -> &Method {
        &self.method
    }

    pub(super) fn path(&self) -> &'static str {
        self.path
    }

    pub(super) fn access(&self) -> Access {
        self.access
    }

    pub(super) fn effect(&self) -> Effect {
        self.effect
    }

    pub(super) fn is_probe(&self) -> bool {
        self.place == Place::Probe
    }

    pub(super) fn into_handler(self) -> MethodRouter<Arc<App<S>>> {
        self.handler
    }

    /// The row as the documentation sees it.
    pub(super) fn described(&self) -> Described {
        Described {
            name: self.name,
            method: self.method.clone(),
            path: self.path,
            also_at: self.paths().filter(|path| path != self.path).collect(),
            access: self.access,
            audited: self.effect == Effect::Change,
            limited: self.place == Place::Root,
            doc: (self.doc)(),
        }
    }
}
