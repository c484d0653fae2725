//! The HTTP surface: one folder per resource, one file per endpoint.
