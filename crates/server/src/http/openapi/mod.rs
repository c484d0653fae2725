//! The description of the whole surface: OpenAPI 3.1 as JSON, and a page for people.
//!
//! Each endpoint says in a [`Doc`] what it takes and gives; `document` puts those of the route table
//! together with what the table knows itself (paths, who may, what is recorded), so that what is
//! described is what is routed. Nothing here answers requests but `endpoints`.

mod doc;
mod document;
mod endpoints;
mod page;

pub(super) use doc::{Body, Doc, Tag};
pub(super) use document::{Described, document, path_parameters};
pub(super) use endpoints::{Rendered, json, json_doc, page, page_doc};
