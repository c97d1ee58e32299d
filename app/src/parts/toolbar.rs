//! What can be done with a view: taken away, handed on, kept, looked at with other columns.

use leptos::prelude::*;

use super::{
    columns::{COLUMNS, chosen, named},
    icon::Icon,
    live::LiveToggle,
    saved::SaveForm,
};
use crate::state::ViewState;

/// Menus that need no script: each choice is a link.
#[component]
pub fn Toolbar(
    /// The view.
    state: ViewState,
    /// The same view with its times fixed, as a path.
    pinned: String,
    /// Whether sealed values may be taken away, too.
    sealed: bool,
) -> impl IntoView {
    let (columns, export) = (state.clone(), state.clone());
    view! {
        <div class="toolbar">
            <LiveToggle state=state.clone() />
            <Menu icon="columns" label="Columns">
                <Columns state=columns />
            </Menu>
            <Menu icon="share" label="Share">
                <Share pinned />
            </Menu>
            <Menu icon="export" label="Export">
                <Export state=export sealed />
            </Menu>
            <Menu icon="bookmark" label="Save view">
                <p>"Times that count from now go on doing so. Whoever opens it sees what they may see."</p>
                <SaveForm state />
            </Menu>
        </div>
    }
}

#[component]
fn Menu(icon: &'static str, label: &'static str, children: Children) -> impl IntoView {
    view! {
        <details class="menu" name="toolbar">
            <summary title=label>
                <Icon name=icon />
                <span class="menu-label">{label}</span>
            </summary>
            <div class="menu-panel">{children()}</div>
        </details>
    }
}

#[component]
fn Columns(state: ViewState) -> impl IntoView {
    let there = chosen(state.place, &state.cols);
    let toggles = COLUMNS.iter().map(|column| {
        let on = there.contains(&column);
        let others = COLUMNS.iter().filter(|other| (*other == column) != there.contains(other)).collect::<Vec<_>>();
        let last = on && there.len() == 1;
        let url = state.with_columns(named(state.place, &others)).events();
        let title = if on { format!("Without {}", column.label) } else { format!("With {}", column.label) };
        view! {
            <li>
                <a href=(!last).then_some(url) title=title aria-current=on.then_some("true")>
                    <Icon name=if on { "success" } else { "none" } />
                    {column.label}
                </a>
            </li>
        }
    });
    let heights = [("", "Comfortable rows"), ("compact", "Compact rows")].map(|(rows, label)| {
        let on = state.rows == rows;
        view! {
            <li>
                <a href=state.with_rows(rows).events() aria-current=on.then_some("true")>
                    <Icon name=if on { "success" } else { "none" } />
                    {label}
                </a>
            </li>
        }
    });
    view! {
        <ul>{toggles.collect_view()}</ul>
        <ul>{heights.into_iter().collect_view()}</ul>
        {(!state.cols.is_empty())
            .then(|| view! { <ul><li><a href=state.with_columns(String::new()).events()><Icon name="none" />"The usual columns"</a></li></ul> })}
    }
}

#[component]
fn Share(pinned: String) -> impl IntoView {
    view! {
        <p>"Whoever opens this link sees the same stretch of time, whenever they do; and only what they may see."</p>
        <a class="share-link mono" href=pinned.clone()>{pinned.clone()}</a>
        <button type="button" class="copy primary needs-js" data-copy-url=pinned>
            <Icon name="copy" />
            "Copy link"
        </button>
    }
}

#[component]
fn Export(state: ViewState, sealed: bool) -> impl IntoView {
    let formats = [
        ("/events.csv", "CSV", "for spreadsheets"),
        ("/events.jsonl", "JSON lines", "one event a line"),
        ("/events.json", "JSON", "one document"),
    ];
    let links = formats.map(|(path, name, what)| {
        view! {
            <li>
                <a href=state.after("").url(path) download="" rel="nofollow">
                    <b>{name}</b>
                    <span class="faded">{what}</span>
                </a>
            </li>
        }
    });
    view! {
        <p>"Every event of this view, newest first. That you take them is recorded."</p>
        <ul>
            {links.into_iter().collect_view()}
            <li>
                <a href=state.evidence() rel="nofollow">
                    <b>"Evidence…"</b>
                    <span class="faded">"with proofs"</span>
                </a>
            </li>
        </ul>
        {sealed.then(|| view! { <WithSealed state /> })}
    }
}

/// Ways to the page that asks for a reason first.
#[component]
fn WithSealed(state: ViewState) -> impl IntoView {
    let formats = [("csv", "CSV"), ("jsonl", "JSON lines"), ("json", "JSON")];
    let links = formats.map(|(format, name)| {
        view! {
            <li>
                <a href=state.sealed_export(format) rel="nofollow" aria-label=format!("{name} with sealed values")>
                    {name}
                </a>
            </li>
        }
    });
    view! {
        <ul>
            <li class="with-sealed">
                <span>"With sealed values…"</span>
                <ul>{links.into_iter().collect_view()}</ul>
            </li>
        </ul>
    }
}
