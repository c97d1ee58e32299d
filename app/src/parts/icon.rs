//! Icons: one sprite a page, drawn on a 16 × 16 grid in the text's colour.

use leptos::prelude::*;

/// An icon's name and the strokes that draw it.
const STROKES: &[(&str, &str)] = &[
    ("search", "M7 12a5 5 0 1 0 0-10 5 5 0 0 0 0 10zM10.7 10.7 14 14"),
    ("list", "M2.5 4h11M2.5 8h11M2.5 12h7"),
    ("success", "M3 8.5l3.2 3.2L13 4.8"),
    ("failure", "M8 2.8v6.6M8 12.6v.3"),
    ("denied", "M4 4l8 8M12 4l-8 8"),
    ("unknown", "M5.6 5.6A2.5 2.5 0 1 1 8 8.7v1M8 12.7v.2"),
    ("close", "M4.5 4.5l7 7M11.5 4.5l-7 7"),
    ("without", "M8 13.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM5 8h6"),
    ("copy", "M6 6h7.5v7.5H6zM3.5 10H2.5V2.5H10v1"),
    ("copied", "M3 8.5l3.2 3.2L13 4.8"),
    ("open", "M6 3.5H3.5v9h9V10M9 2.5h4.5V7M13.5 2.5L8 8"),
    ("person", "M8 8a2.75 2.75 0 1 0 0-5.5A2.75 2.75 0 0 0 8 8zM2.8 13.5c.5-2.4 2.6-3.7 5.2-3.7s4.7 1.3 5.2 3.7"),
    (
        "people",
        "M6 7.8a2.4 2.4 0 1 0 0-4.8 2.4 2.4 0 0 0 0 4.8zM1.6 13c.4-2.2 2.2-3.4 4.4-3.4s4 1.2 4.4 3.4M10.6 3.2a2.4 2.4 0 0 1 0 4.4M12 9.9c1.3.5 2.1 1.5 2.4 3.1",
    ),
    ("clock", "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12zM8 4.8V8l2.2 1.6"),
    ("earlier", "M10 3.5L5.5 8l4.5 4.5"),
    ("later", "M6 3.5L10.5 8 6 12.5"),
    ("newest", "M11 3.5L6.5 8l4.5 4.5M4.5 3.5v9"),
    (
        "eye",
        "M1.8 8S4 3.8 8 3.8 14.2 8 14.2 8 12 12.2 8 12.2 1.8 8 1.8 8zM8 9.8a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6z",
    ),
    ("feed", "M3 12.5a.5.5 0 1 0 1 0 .5.5 0 0 0-1 0zM3 8.4a4.6 4.6 0 0 1 4.6 4.6M3 4.2A8.8 8.8 0 0 1 11.8 13"),
    (
        "source",
        "M3 4.2c0-1 2.2-1.7 5-1.7s5 .7 5 1.7-2.2 1.7-5 1.7-5-.7-5-1.7zM3 4.2v7.6c0 1 2.2 1.7 5 1.7s5-.7 5-1.7V4.2M3 8c0 1 2.2 1.7 5 1.7s5-.7 5-1.7",
    ),
    (
        "sun",
        "M8 10.8a2.8 2.8 0 1 0 0-5.6 2.8 2.8 0 0 0 0 5.6zM8 1.8v1.1M8 13.1v1.1M1.8 8h1.1M13.1 8h1.1M3.6 3.6l.8.8M11.6 11.6l.8.8M12.4 3.6l-.8.8M4.4 11.6l-.8.8",
    ),
    ("moon", "M13.2 9.6A5.6 5.6 0 0 1 6.4 2.8a5.6 5.6 0 1 0 6.8 6.8z"),
    ("system", "M2 3h12v8H2zM5.5 13.5h5"),
    ("out", "M6.5 3H3v10h3.5M6.5 8H14M11.2 5.2L14 8l-2.8 2.8"),
    ("help", "M6.1 6.2A2 2 0 1 1 8 8.8v.7M8 11.6v.1M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12z"),
    ("skew", "M8 2.2 14.4 13.4H1.6zM8 6.4v3.4M8 11.6v.1"),
    ("new", "M8 1.8l1.6 4.6L14.2 8l-4.6 1.6L8 14.2 6.4 9.6 1.8 8l4.6-1.6z"),
    ("overview", "M2.8 7.2L8 2.8l5.2 4.4M4.2 6.4v6.8h7.6V6.4M6.7 13.2V9.6h2.6v3.6"),
    ("rise", "M4 9.5l4-4 4 4"),
    ("fall", "M4 6.5l4 4 4-4"),
    ("level", "M4 8h8"),
    ("arrow", "M2.5 8h11M9.5 4l4 4-4 4"),
    ("down", "M4.5 6.5L8 10l3.5-3.5"),
    ("columns", "M2.5 3h11v10h-11zM6.2 3v10M9.8 3v10"),
    ("share", "M6.5 9.5l3-3M7 4.8l1.6-1.6a2.9 2.9 0 0 1 4.2 4.2L11.2 9M4.8 7 3.2 8.6a2.9 2.9 0 0 0 4.2 4.2L9 11.2"),
    ("export", "M8 2.5v7.2M5 7l3 3 3-3M2.8 13.2h10.4"),
    ("import", "M8 9.7V2.5M5 5.4l3-3 3 3M2.8 9.6v3.6h10.4V9.6"),
    ("bookmark", "M4.5 2.5h7v11L8 10.7l-3.5 2.8z"),
    ("key", "M9.6 9.4a3.6 3.6 0 1 0-3-3L2.2 10.8v3h3v-1.9h1.9V10zM10.8 5.2v.1"),
    ("lock", "M4 7.5h8v6H4zM5.5 7.5V5.2a2.5 2.5 0 0 1 5 0v2.3M8 10v1.2"),
    ("phone", "M5 2h6v12H5zM7.3 11.8h1.4"),
    (
        "settings",
        "M2.5 4.5h5M11.5 4.5h2M9.5 6.3a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6zM2.5 11.5h2M8.5 11.5h5M6.5 13.3a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6z",
    ),
    ("hold", "M4 7.5h8v6H4zM5.5 7.5V5.2a2.5 2.5 0 0 1 5 0v2.3"),
    ("agree", "M1.6 8.6l3 3 6-6.4M7.4 10.6l1 1 6-6.4"),
    ("none", ""),
];

/// An icon of that name; a decoration, so that what it means stands beside it.
#[component]
pub fn Icon(
    /// Its name in the sprite.
    name: &'static str,
) -> impl IntoView {
    view! {
        <svg class="i" aria-hidden="true">
            <use_ href=format!("#i-{name}") />
        </svg>
    }
}

/// The sprite that the icons of a page refer to.
#[component]
pub fn Sprite() -> impl IntoView {
    let symbols = STROKES.iter().map(|(name, strokes)| {
        view! {
            <symbol id=format!("i-{name}") viewBox="0 0 16 16">
                <path d=*strokes />
            </symbol>
        }
    });
    view! {
        <svg class="sprite" aria-hidden="true">
            {symbols.collect_view()}
        </svg>
    }
}

/// The mark of Flightbox: a flight recorder's two reels.
#[component]
pub fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
            <rect x="2" y="5" width="20" height="14" rx="4" />
            <circle cx="8.2" cy="12" r="2.6" />
            <path d="M14 10h4.4M14 14h4.4" />
        </svg>
    }
}
