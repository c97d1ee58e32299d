//! Kinds of entries of the record of access, each one click away.

use leptos::prelude::*;

use crate::state::ViewState;

/// What each is called, and the query that finds it.
const PRESETS: [(&str, &str); 8] = [
    ("Everything", ""),
    ("Searches", "action:events.search,events.live"),
    ("Views", "action:event.view,actor.view,resource.view,overview.view"),
    ("Reveals", "action:event.reveal,quarantine.view"),
    ("Exports", "action:events.export,export"),
    ("Sign-ins", "action:session"),
    ("Refusals", "action:access.refuse"),
    (
        "Changes",
        "action:person,factor,source,token,session-key,master-key,log-key,checkpoint,backup,integrity,rules,actor.erase,view,retention,hold,quarantine.replay,quarantine.store,quarantine.discard",
    ),
];

/// Ways to them, in the window of the view. Whose they are is a click in the list or beside it.
#[component]
pub fn Presets(
    /// The view.
    state: ViewState,
) -> impl IntoView {
    let links = PRESETS.map(|(label, query)| {
        let current = (state.q == query).then_some("page");
        view! {
            <li>
                <a href=state.with_query(query).events() aria-current=current>
                    {label}
                </a>
            </li>
        }
    });
    view! {
        <nav class="kinds" aria-label="Kinds of access">
            <ul>{links.into_iter().collect_view()}</ul>
        </nav>
    }
}
