//! Pages about what went wrong, with the status that says so.

use leptos::prelude::*;

use super::{icon::Mark, title::PageTitle};
use crate::error::{AppError, Gone};

/// Shows what was read, or why there is nothing to show.
pub fn settle<T>(read: Result<T, AppError>, show: impl FnOnce(T) -> AnyView) -> AnyView {
    match read {
        Ok(read) => show(read),
        Err(error) => view! { <Problem error /> }.into_any(),
    }
}

/// An error as a page. Somebody who is not signed in is sent to do that, and comes back after.
#[component]
pub fn Problem(
    /// What went wrong.
    error: AppError,
) -> impl IntoView {
    answer(&error);
    let status = error.status();
    match error {
        AppError::SignedOut => view! {
            <Notice status title="Sign in first">
                <p>"This page is for people who are signed in. "<a href="/sign-in">"Sign in"</a></p>
            </Notice>
        }
        .into_any(),
        AppError::NoRole { name } => view! {
            <Notice status title="You hold no role yet">
                <p>
                    "You are signed in as "<b><bdi>{name}</bdi></b>
                    ", but nobody has given you a role, so there is nothing that you may see. Ask an administrator of this Flightbox for the role of viewer; the page works as soon as you have it."
                </p>
                <form method="post" action="/sign-out"><button type="submit">"Sign out"</button></form>
            </Notice>
        }
        .into_any(),
        AppError::NotAdmin => view! {
            <Notice status title="This is for administrators">
                <p>"Who may sign in and who may send, and what each may do and see, is the business of those with the role of admin."</p>
                <p>"What concerns yourself is on "<a href="/account">"your account"</a>"."</p>
            </Notice>
        }
        .into_any(),
        AppError::Cursor => view! {
            <Notice status title="This page link has lost its place">
                <p>
                    "A link to a further page belongs to one search and one person. This one was made for another, or was altered on its way."
                </p>
                <p><a href="/events">"Start again from the newest events"</a></p>
            </Notice>
        }
        .into_any(),
        AppError::Missing(what) => view! {
            <Notice status title="Nothing here">
                <p>"There is no "<bdi>{what}</bdi>", or it is outside of the sources that you may see."</p>
                <p>"Recorded events never change their address and are never renumbered; a link to one keeps working."</p>
                <p><a href="/events">"All events"</a></p>
            </Notice>
        }
        .into_any(),
        AppError::Removed(gone) => view! {
            <Notice status title="Removed by retention">
                <RemovedWords gone />
                <p>"Its number is never given to another. Its hash stays, so that the rest of the log can still be proven."</p>
                <p><a href="/events">"All events"</a></p>
            </Notice>
        }
        .into_any(),
        AppError::Failed { reference } => view! {
            <Notice status title="Something broke on our side">
                <p>
                    "Nothing was lost: events are on disk before anybody is told so, and reading changes none of them. The server’s log has the cause under "
                    <code>{reference}</code>"."
                </p>
                <p>"Trying again in a moment is safe. "<a href="/events">"All events"</a></p>
            </Notice>
        }
        .into_any(),
        AppError::TooSlow => view! {
            <Notice status title="This takes too long">
                <p>"It was stopped, so that others need not wait for it. Nothing was changed."</p>
                <p>"A list of events with a narrower window takes less. "<a href="/events?from=-24h">"The last 24 hours"</a></p>
            </Notice>
        }
        .into_any(),
        AppError::Forbidden { roles } => view! {
            <Notice status title="Not for your role">
                <p>{format!("This page is for {roles}. That you asked for it is recorded.")}</p>
                <p><a href="/events">"All events"</a></p>
            </Notice>
        }
        .into_any(),
        AppError::Busy => view! {
            <Notice status title="Too much at once">
                <p>
                    "Who looks at what is recorded, and at this moment there is no room to record it. So nothing is shown; nothing was changed either."
                </p>
                <p>"Trying again in a moment is safe. "<a href="/events">"All events"</a></p>
            </Notice>
        }
        .into_any(),
        error @ (AppError::Query(_) | AppError::Window(_) | AppError::Arguments) => view! {
            <Notice status title="This address cannot be read">
                <p>{error.to_string()}</p>
                <p><a href="/events">"All events"</a></p>
            </Notice>
        }
        .into_any(),
    }
}

/// When and by what an event was removed.
#[component]
pub fn RemovedWords(
    /// The event that was.
    gone: Gone,
) -> impl IntoView {
    let Gone { seq, day, run, url } = gone;
    let run = match url {
        Some(url) => view! { <a href=url>{format!("event {run}")}</a> }.into_any(),
        None => format!("event {run}").into_any(),
    };
    view! {
        <p>
            {format!("Event {seq} was there. It was no longer to be kept, and was removed on {day}, as ")}{run}
            " of the record of access tells."
        </p>
    }
}

/// Sets the status, and sends away who is not signed in.
#[cfg_attr(not(feature = "ssr"), allow(unused_variables, reason = "only a server answers"))]
pub fn answer(error: &AppError) {
    #[cfg(feature = "ssr")]
    {
        use crate::{context, state::sign_in_path};
        match error {
            AppError::SignedOut => context::redirect(&sign_in_path(&context::here())),
            AppError::Busy => context::ask_again(error.status()),
            error => context::set_status(error.status()),
        }
    }
}

/// A short text with a heading, in the middle of the page.
#[component]
pub fn Notice(
    /// The status, to tell apart what looks alike.
    status: u16,
    /// The heading.
    title: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <PageTitle text=title />
        <section class="notice">
            <p class="status">{status}</p>
            <h1>{title}</h1>
            {children()}
        </section>
    }
}

/// A page of its own, for whoever is not inside yet.
#[component]
pub fn Door(
    /// The heading.
    title: &'static str,
    children: Children,
) -> impl IntoView {
    view! {
        <PageTitle text=title />
        <main id="main" class="door">
            <div class="door-card">
                <p class="brand"><Mark />"Flightbox"</p>
                <h1>{title}</h1>
                {children()}
            </div>
        </main>
    }
}
