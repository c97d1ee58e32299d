//! What pages are made of: server-rendered, no behaviour. Each part stands beside the plain data that it shows.

pub mod activity;
pub mod bars;
pub mod changes;
pub mod chips;
pub mod empty;
pub mod facets;
pub mod facts;
pub mod frame;
pub mod glance;
pub mod histogram;
pub mod icon;
pub mod json;
pub mod outcome;
pub mod pager;
pub mod problem;
pub mod query_box;
pub mod sentence;
pub mod stamp;
pub mod strip;
pub mod table;
pub mod text;
pub mod time_picker;
pub mod timeline;
pub mod title;
pub mod value;
