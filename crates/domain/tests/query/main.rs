//! The query language, seen from outside: what it accepts, what it refuses and why, and what its times and words mean.

mod accepted;
mod bytes;
mod compose;
mod limits;
mod properties;
mod random;
mod refused;
mod time;
mod values;
mod words;
mod writing;
