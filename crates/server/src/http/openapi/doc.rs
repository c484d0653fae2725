//! What an endpoint takes and gives, in the words of its own file.

use schemars::{JsonSchema, Schema, SchemaGenerator};

/// Makes the schema of a type, and those that it is made of.
pub(in super::super) type SchemaOf = fn(&mut SchemaGenerator) -> Schema;

/// The part of the surface that an endpoint belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in super::super) enum Tag {
    /// Talking to bots.
    Converse,
    /// Logging in, and who one is.
    Login,
    /// API keys.
    Keys,
    /// Workspaces, their collaborators and roles.
    Workspaces,
    /// Bots and their files.
    Bots,
    /// Conversations and what is kept of chat users.
    Conversations,
    /// How the server does, and what was done on it.
    Operation,
}

impl Tag {
    /// Name and explanation, in the order of the document.
    pub(super) const ALL: [(Self, &'static str, &'static str); 7] = [
        (Self::Converse, "Converse", "Talk to bots."),
        (Self::Login, "Login", "Log in, and manage one's own account."),
        (Self::Keys, "API keys", "Keys for programs, accepted wherever a token of a login is."),
        (Self::Workspaces, "Workspaces", "Workspaces, collaborators and roles."),
        (Self::Bots, "Bots", "Bots and their files."),
        (Self::Conversations, "Conversations", "Conversations, and what is kept of chat users."),
        (Self::Operation, "Operation", "How the server does, and what was done on it."),
    ];

    /// Its name in the document.
    pub(super) fn name(self) -> &'static str {
        Self::ALL.iter().find(|(tag, ..)| *tag == self).map_or("", |(_, name, _)| name)
    }
}

/// A parameter that is no part of the path, or more about one that is.
pub(super) struct Parameter {
    pub(super) place: Place,
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    pub(super) schema: SchemaOf,
}

/// Where a parameter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    Path,
    Query,
    Header,
}

/// A request's body.
pub(in super::super) enum Body {
    /// JSON (or a form) of this shape; absent counts as `{}`.
    Json(SchemaOf),
    /// The same for those that do something useful without one, too.
    OptionalJson(SchemaOf),
    /// A `.tgz` archive.
    Archive,
    /// A file in the field `file` of a multipart form.
    File,
}

/// An answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) about: &'static str,
    pub(super) content: Content,
}

/// What an answer holds.
pub(super) enum Content {
    Empty,
    /// JSON of this shape.
    Json(SchemaOf),
    /// v12's `{status, message, payload}` around this shape.
    Envelope(SchemaOf),
    /// Anything else, of this content type.
    Other(&'static str),
}

/// What an endpoint takes and gives.
pub(in super::super) struct Doc {
    pub(super) tag: Tag,
    pub(super) summary: &'static str,
    pub(super) about: &'static str,
    pub(super) parameters: Vec<Parameter>,
    pub(super) body: Option<Body>,
    pub(super) answers: Vec<Answer>,
}

impl Doc {
    /// An endpoint that does what `summary` says in a few words.
    pub(in super::super) fn new(tag: Tag, summary: &'static str) -> Self {
        Self { tag, summary, about: "", parameters: Vec::new(), body: None, answers: Vec::new() }
    }

    /// More about it, in Markdown.
    pub(in super::super) fn about(mut self, about: &'static str) -> Self {
        self.about = about;
        self
    }

    fn parameter<T: JsonSchema>(
        mut self,
        place: Place,
        name: &'static str,
        about: &'static str,
    ) -> Self {
        let schema = SchemaGenerator::subschema_for::<T>;
        self.parameters.push(Parameter { place, name, about, schema });
        self
    }

    /// Explains `{name}` of the path. One that is not explained is any text.
    pub(in super::super) fn path<T: JsonSchema>(
        self,
        name: &'static str,
        about: &'static str,
    ) -> Self {
        self.parameter::<T>(Place::Path, name, about)
    }

    /// An optional parameter of the query.
    pub(in super::super) fn query<T: JsonSchema>(
        self,
        name: &'static str,
        about: &'static str,
    ) -> Self {
        self.parameter::<T>(Place::Query, name, about)
    }

    /// An optional header.
    pub(in super::super) fn header<T: JsonSchema>(
        self,
        name: &'static str,
        about: &'static str,
    ) -> Self {
        self.parameter::<T>(Place::Header, name, about)
    }

    /// The body is JSON of this shape.
    pub(in super::super) fn takes<T: JsonSchema>(self) -> Self {
        self.takes_body(Body::Json(SchemaGenerator::subschema_for::<T>))
    }

    /// The body, if there is one, is JSON of this shape.
    pub(in super::super) fn may_take<T: JsonSchema>(self) -> Self {
        self.takes_body(Body::OptionalJson(SchemaGenerator::subschema_for::<T>))
    }

    /// The body.
    pub(in super::super) fn takes_body(mut self, body: Body) -> Self {
        self.body = Some(body);
        self
    }

    fn answer(mut self, status: u16, about: &'static str, content: Content) -> Self {
        self.answers.push(Answer { status, about, content });
        self
    }

    /// Answers with JSON of this shape.
    pub(in super::super) fn gives<T: JsonSchema>(self, status: u16, about: &'static str) -> Self {
        self.answer(status, about, Content::Json(SchemaGenerator::subschema_for::<T>))
    }

    /// Answers with v12's envelope around a payload of this shape.
    pub(in super::super) fn gives_payload<T: JsonSchema>(self, about: &'static str) -> Self {
        self.answer(200, about, Content::Envelope(SchemaGenerator::subschema_for::<T>))
    }

    /// Answers with content of another type, such as `text/plain`.
    pub(in super::super) fn gives_other(
        self,
        status: u16,
        content_type: &'static str,
        about: &'static str,
    ) -> Self {
        self.answer(status, about, Content::Other(content_type))
    }

    /// Answers without a body.
    pub(in super::super) fn gives_nothing(self, status: u16, about: &'static str) -> Self {
        self.answer(status, about, Content::Empty)
    }

    /// Refuses with v12's error envelope. What any endpoint may refuse with (400, 401, 403, 404,
    /// 408, 413, 415, 429, 500, 503) the document adds where it applies.
    pub(in super::super) fn refuses(self, status: u16, about: &'static str) -> Self {
        self.answer(
            status,
            about,
            Content::Json(SchemaGenerator::subschema_for::<super::super::error::Envelope<'_>>),
        )
    }
}
