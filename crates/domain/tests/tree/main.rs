//! The tree, against another implementation, other people's vectors, and whoever alters a proof.

mod altered;
mod checkpoint;
mod evidence;
mod grown;
mod other;
mod series;
mod vectors;
