#![doc = include_str!("../README.md")]

mod auditd;
mod detect;
mod document;
mod event;
mod fields;
pub mod formats;
mod identity;
mod leftover;
pub mod mapping;
mod preview;
mod read;
mod reading;
mod records;
mod report;
mod time;
mod unpack;
mod values;

pub use detect::Unsure;
pub use document::markdown;
pub use formats::{FORMATS, named};
pub use mapping::Mapping;
pub use preview::{Preview, Sample, Sampled, preview};
pub use read::{ImportError, Item, Options, Place, import};
pub use report::{Kind, Report};
pub use time::{Clock, Zone};
pub use unpack::Portion;
