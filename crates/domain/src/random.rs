//! Randomness, passed in like time.

use std::{fmt, sync::Arc};

type Fill = dyn Fn(&mut [u8]) + Send + Sync;

/// Fills bytes nobody can foresee, or, in a test, bytes that everybody can.
#[derive(Clone)]
pub struct Random(Arc<Fill>);

impl Random {
    /// A source of bytes that asks `fill` each time.
    pub fn new(fill: impl Fn(&mut [u8]) + Send + Sync + 'static) -> Self {
        Self(Arc::new(fill))
    }

    /// As many bytes as are asked for.
    pub fn bytes<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        (self.0)(&mut bytes);
        bytes
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Random")
    }
}
