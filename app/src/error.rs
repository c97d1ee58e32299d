//! The one error that crosses the wire.

use leptos::{
    prelude::{FromServerFnError, ServerFnErrorErr},
    server_fn::{Bytes, Encodes as _, codec::JsonEncoding},
};
use serde::{Deserialize, Serialize};

/// Why a page has nothing to show. Internals are logged where they happen and never stand in here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum AppError {
    /// Nobody is signed in.
    #[error("Sign in first.")]
    SignedOut,
    /// Somebody is signed in, but holds no role.
    #[error("{name} holds no role.")]
    NoRole {
        /// The person's name.
        name: String,
    },
    /// Somebody is signed in who does not manage people.
    #[error("This is for administrators.")]
    NotAdmin,
    /// The query cannot be read.
    #[error("{}", .0.message)]
    Query(QueryProblem),
    /// A time or the zone cannot be read.
    #[error("{}", .0.message)]
    Window(WindowProblem),
    /// The cursor is not ours, or was made for another query or person.
    #[error("This page link belongs to another search.")]
    Cursor,
    /// There is no such thing, or the person may not know of it.
    #[error("There is no {0}.")]
    Missing(String),
    /// Retention removed it.
    #[error("Event {} was removed by retention.", .0.seq)]
    Removed(Gone),
    /// It took longer than anybody should wait for.
    #[error("This takes too long; a narrower window takes less.")]
    TooSlow,
    /// It takes a role that the person does not hold.
    #[error("This is for {roles}.")]
    Forbidden {
        /// Whom it is for, in words.
        roles: String,
    },
    /// A server function was called with what it does not take.
    #[error("This request cannot be read.")]
    Arguments,
    /// That it is looked at cannot be recorded at the moment, so it is not shown.
    #[error("The server has too much to do at the moment; try again shortly.")]
    Busy,
    /// Something broke on our side.
    #[error("Something went wrong on the server; the log has it under {reference}.")]
    Failed {
        /// What the log names this failure.
        reference: String,
    },
}

/// An event that retention removed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gone {
    /// Its sequence number.
    pub seq: i64,
    /// The day on which it was removed.
    pub day: String,
    /// The number of the event that says so.
    pub run: i64,
    /// Where that is, for those who may see it.
    pub url: Option<String>,
}

/// Where a query went wrong. Positions count code points from 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryProblem {
    /// A stable word for the kind of error.
    pub code: String,
    /// What is wrong.
    pub message: String,
    /// Where the wrong part starts.
    pub position: usize,
    /// How long it is; 0 where something is missing.
    pub length: usize,
    /// What could have stood there.
    pub expected: String,
    /// What would do in place of the wrong part.
    pub suggestion: Option<String>,
}

/// Which part of a window cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowProblem {
    /// The field: `from`, `to` or `tz`.
    pub field: String,
    /// What is wrong with it, and what would do.
    pub message: String,
}

impl AppError {
    /// The status that answers with it.
    pub fn status(&self) -> u16 {
        match self {
            AppError::SignedOut => 401,
            AppError::NoRole { .. } | AppError::Forbidden { .. } | AppError::NotAdmin => 403,
            AppError::Query(_) | AppError::Window(_) | AppError::Cursor | AppError::Arguments => 400,
            AppError::Missing(_) | AppError::Removed(_) => 404,
            AppError::TooSlow | AppError::Busy => 503,
            AppError::Failed { .. } => 500,
        }
    }
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    /// What the transport makes of a request is no business of the page; it names its own kind, and nothing more.
    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let reference = match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => return AppError::Arguments,
            ServerFnErrorErr::Deserialization(_) | ServerFnErrorErr::Serialization(_) => "encoding",
            _ => "transport",
        };
        AppError::Failed { reference: reference.to_owned() }
    }

    /// Sent to whoever calls a server function by itself, it has the status that a page would have.
    fn ser(&self) -> Bytes {
        #[cfg(feature = "ssr")]
        crate::context::set_status(self.status());
        JsonEncoding::encode(self).unwrap_or_default()
    }
}
