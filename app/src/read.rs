//! Native only: from what is stored to what a page shows. Everything here is plain data in, plain data out.

pub mod access;
pub mod activity;
pub mod approvals;
pub mod chips;
pub mod completion;
pub mod event;
pub mod help;
pub mod history;
pub mod json;
pub mod links;
pub mod live;
pub mod overview;
pub mod people;
pub mod remark;
pub mod row;
pub mod sealed;
pub mod sealed_export;
pub mod search;
pub mod sentence;
pub mod summary;
pub mod tokens;
pub mod views;
pub mod window;
pub mod zone;
