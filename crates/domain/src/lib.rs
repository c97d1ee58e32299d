#![doc = include_str!("../README.md")]

pub mod clock;
pub mod cloudtrail;
pub mod filter;
pub mod keys;
pub mod name;
pub mod page;
pub mod query;
pub mod random;
pub mod record;
pub mod role;
pub mod sample;
pub mod scope;
pub mod secret;
pub mod terms;
pub mod timeline;
