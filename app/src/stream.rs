//! Pages leave in order, part by part, so that what is quick need not wait for what is slow.

use std::future::Future;

/// Work that a page's first byte waits for, so that the page has its true status and its title.
///
/// A page that streams settles everything with this that can go wrong for the page as a whole; what comes later can
/// only say so where it stands.
#[cfg(feature = "ssr")]
pub fn before_first_byte<T: Clone + Send + Sync + 'static>(
    work: impl Future<Output = T> + Send + 'static,
) -> impl Future<Output = T> + Send + 'static {
    use futures_util::FutureExt as _;
    use leptos::{prelude::Owner, reactive::computed::ScopedFuture};

    let work = ScopedFuture::new(work).boxed().shared();
    if let Some(page) = Owner::current_shared_context() {
        let waiting = work.clone();
        page.defer_stream(Box::pin(async move { drop(waiting.await) }));
    }
    work
}

/// In a browser there is no first byte to wait for.
#[cfg(not(feature = "ssr"))]
pub fn before_first_byte<T>(work: impl Future<Output = T>) -> impl Future<Output = T> {
    work
}
