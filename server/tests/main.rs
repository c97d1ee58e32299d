//! The server as its users meet it: over HTTP, through its commands, and through what lies in its folder.
//!
//! One program for all of it, since each would hold the whole server once more; only what looks at how busy its own
//! process is has one of its own.

mod common;

mod access;
mod anchors;
mod approvals;
mod backup;
mod checkpoint;
mod commands;
mod completion;
mod confirmed;
mod events;
mod evidence;
mod export;
mod factors;
mod heavy;
mod help;
mod hostile;
mod importing;
mod importing_page;
mod ingest;
mod integrity;
mod jwt;
mod layer;
mod live;
mod looks;
mod memory;
mod nats;
mod openapi;
mod oracle;
mod overview;
mod panel;
mod people;
mod policy;
mod refusals;
mod reveal;
mod scope;
mod sealed_export;
mod sealing;
mod session;
mod settings;
mod sources;
mod step_up;
mod summary;
mod tokens;
mod verify;
mod views;
