//! What only a browser can do. Each island is awake a moment after the page shows, and nothing waits for one.

pub mod beside;
pub mod brush;
pub mod completion;
pub mod copy;
pub mod countdown;
pub mod follow;
pub mod keys;
pub mod live;
pub mod passkey;
pub mod theme;

#[cfg(feature = "hydrate")]
mod browser;
#[cfg(feature = "hydrate")]
mod rows;
#[cfg(feature = "hydrate")]
mod zone;
