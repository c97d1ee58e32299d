//! Native only: from what is stored to what a page shows. Everything here is plain data in, plain data out.

pub mod access;
pub mod activity;
pub mod chips;
pub mod completion;
pub mod event;
pub mod help;
pub mod history;
pub mod json;
pub mod keys;
pub mod links;
pub mod live;
pub mod overview;
pub mod people;
pub mod remark;
pub mod row;
pub mod rules;
pub mod sealed;
pub mod search;
pub mod sentence;
pub mod settings;
pub mod summary;
pub mod tokens;
pub mod views;
pub mod window;
pub mod zone;
