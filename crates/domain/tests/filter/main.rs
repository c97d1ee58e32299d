//! Filters, seen from outside: what matches, and that the index never says otherwise.

mod bounds;
mod matches;
mod sample;
mod shape;

#[path = "../query/random.rs"]
#[expect(dead_code, reason = "the query tests use more of it")]
mod random;
