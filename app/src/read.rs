//! Native only: from what is stored to what a page shows. Everything here is plain data in, plain data out.

pub mod activity;
pub mod chips;
pub mod event;
pub mod json;
pub mod links;
pub mod live;
pub mod row;
pub mod search;
pub mod sentence;
pub mod summary;
pub mod window;
pub mod zone;
