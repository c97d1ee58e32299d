//! The pages: for each, its server function, what that returns, and the view of it.

pub mod access;
pub mod account;
pub mod actor;
pub mod approvals;
pub mod beside;
pub mod confirm;
pub mod erase;
pub mod event;
pub mod events;
pub mod factors;
#[cfg(feature = "ssr")]
pub mod fault;
pub mod help;
pub mod missing;
pub mod overview;
pub mod people;
pub mod person;
pub mod resource;
pub mod reveal;
pub mod sealed_export;
pub mod second;
pub mod setup;
pub mod sign_in;
pub mod tokens;
pub mod views;
