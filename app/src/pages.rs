//! The pages: for each, its server function, what that returns, and the view of it.

pub mod actor;
pub mod beside;
pub mod confirm;
pub mod event;
pub mod events;
pub mod factors;
#[cfg(feature = "ssr")]
pub mod fault;
pub mod help;
pub mod missing;
pub mod overview;
pub mod resource;
pub mod second;
pub mod setup;
pub mod sign_in;
pub mod views;
