#![doc = include_str!("../README.md")]

pub mod event;
pub mod json;
pub mod mask;
mod nearest;
mod submission;

pub use event::{Actor, ActorKind, Change, Event, Http, Origin, Outcome, Resource, Severity, rfc3339};
pub use json::{Json, Number};
pub use mask::mask;
pub use nearest::nearest;
pub use submission::{Problem, ProblemCode, can_be_sensitive, parse_event, sensitive_paths};
