//! Sealed values from outside: the rules by which values are sealed, the keys that they are sealed under, and that
//! nobody reads them who is not to.

mod canaries;
mod conflict;
mod master;
mod rules;
