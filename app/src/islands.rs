//! What only a browser can do. Each island is awake a moment after the page shows, and nothing waits for one.

pub mod copy;
pub mod keys;
pub mod live;
pub mod theme;

#[cfg(feature = "hydrate")]
mod browser;
