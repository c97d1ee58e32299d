//! A stretch of the histogram, chosen by dragging or by keys, and gone to.

use leptos::{ev::KeyboardEvent, prelude::*};

/// The bars that are chosen: those between where it began and where it has got to, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stretch {
    anchor: usize,
    cursor: usize,
}

impl Stretch {
    fn first(self) -> usize {
        self.anchor.min(self.cursor)
    }

    fn last(self) -> usize {
        self.anchor.max(self.cursor)
    }
}

/// Lies over the bars of the histogram that it stands in: shows the stretch that is chosen, says it in words, and takes
/// the keys. Dragging with a finger scrolls the page; there the bars stay the links that they are.
#[island]
pub fn Brush() -> impl IntoView {
    // The bars are counted where they stand: whatever an island is given has to be unpacked, which weighs more than it.
    let (bars, set_bars) = signal(1);
    let (chosen, set_chosen) = signal(None::<Stretch>);
    let (said, set_said) = signal(String::new());
    #[cfg(feature = "hydrate")]
    let brush = drag::Brushing { chosen, set_chosen, set_said };
    #[cfg(feature = "hydrate")]
    Effect::new(move || {
        set_bars.set(drag::bars().len().max(1));
        brush.listen();
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = (set_bars, set_chosen, set_said);

    // Before the listeners of the whole page hear of a key, the brush has had it.
    let pressed = move |event: KeyboardEvent| {
        #[cfg(feature = "hydrate")]
        brush.pressed(&event);
        #[cfg(not(feature = "hydrate"))]
        let _ = event;
    };
    let left = move |_| {
        #[cfg(feature = "hydrate")]
        brush.clear();
    };
    let x = move || chosen.get().map_or(0, Stretch::first);
    let width = move || chosen.get().map_or(0, |stretch| stretch.last() + 1 - stretch.first());
    view! {
        <div
            class="brush needs-js"
            role="slider"
            tabindex="0"
            aria-label="Stretch of the histogram"
            aria-valuemin="1"
            aria-valuemax=bars
            aria-valuenow=move || chosen.get().map_or(bars.get(), |stretch| stretch.cursor + 1)
            aria-valuetext=move || if chosen.get().is_some() { said.get() } else { "Nothing chosen".to_owned() }
            on:keydown=pressed
            on:blur=left
        >
            <svg viewBox=move || format!("0 0 {} 1", bars.get()) preserveAspectRatio="none" aria-hidden="true">
                <rect class="band" x=x width=width height="1" />
            </svg>
        </div>
        <p class="brush-said" role="status">{said}</p>
    }
}

#[cfg(feature = "hydrate")]
mod drag {
    use leptos::{ev, prelude::*};
    use wasm_bindgen::JsCast;
    use web_sys::{Element, Event, KeyboardEvent, PointerEvent};

    use super::Stretch;
    use crate::{
        islands::browser::{find, go},
        parts::number::plural,
        state::ViewState,
    };

    /// What a pointer drags over.
    const BARS: &str = ".histogram-bars";

    #[derive(Clone, Copy)]
    pub struct Brushing {
        pub chosen: ReadSignal<Option<Stretch>>,
        pub set_chosen: WriteSignal<Option<Stretch>>,
        pub set_said: WriteSignal<String>,
    }

    /// What a pointer is about, and over which bar that began.
    #[derive(Clone, Copy)]
    enum Pointer {
        Up,
        Down(usize),
        Dragging(usize),
        /// It was a drag that was given up: what follows is no click.
        GivenUp,
    }

    impl Brushing {
        /// Listens to pointers for as long as the page lives.
        pub fn listen(self) {
            let pointer = StoredValue::new(Pointer::Up);
            window_event_listener(ev::pointerdown, move |event| {
                let ours = is_over_bars(&event) && event.button() == 0 && event.pointer_type() != "touch";
                let plain = !(event.ctrl_key() || event.meta_key() || event.shift_key());
                pointer.set_value(if ours && plain { Pointer::Down(bar_at(&event)) } else { Pointer::Up });
            });
            window_event_listener(ev::pointermove, move |event| {
                let (Pointer::Down(anchor) | Pointer::Dragging(anchor)) = pointer.get_value() else { return };
                let cursor = bar_at(&event);
                // Whoever stays on one bar clicks it.
                if cursor != anchor || matches!(pointer.get_value(), Pointer::Dragging(_)) {
                    pointer.set_value(Pointer::Dragging(anchor));
                    self.choose(Stretch { anchor, cursor }, "Let go to zoom in, Esc to keep the window");
                }
            });
            window_event_listener(ev::pointerup, move |_| match pointer.get_value() {
                Pointer::Dragging(_) => self.zoom(),
                Pointer::GivenUp => {}
                Pointer::Up | Pointer::Down(_) => pointer.set_value(Pointer::Up),
            });
            window_event_listener(ev::pointercancel, move |_| {
                pointer.set_value(Pointer::Up);
                self.clear();
            });
            // A link that is dragged would be carried away instead.
            window_event_listener(ev::dragstart, move |event| {
                if is_over_bars(&event) {
                    event.prevent_default();
                }
            });
            window_event_listener(ev::click, move |event| {
                if matches!(pointer.get_value(), Pointer::GivenUp) && is_over_bars(&event) {
                    event.prevent_default();
                }
            });
            window_event_listener(ev::keydown, move |event| {
                if matches!(pointer.get_value(), Pointer::Dragging(_)) && event.key() == "Escape" {
                    pointer.set_value(Pointer::GivenUp);
                    self.clear();
                    event.prevent_default();
                }
            });
        }

        /// A key, while the brush has the focus.
        pub fn pressed(self, event: &KeyboardEvent) {
            let chosen = self.chosen.get_untracked();
            let (chord, bars) = (event.ctrl_key() || event.meta_key() || event.alt_key(), bars().len());
            if chord || bars == 0 {
                return;
            }
            let last = bars - 1;
            let to = match (event.key().as_str(), chosen) {
                ("ArrowLeft", Some(stretch)) => stretch.cursor.saturating_sub(1),
                ("ArrowRight", Some(stretch)) => last.min(stretch.cursor + 1),
                ("ArrowLeft" | "ArrowRight" | "End", _) => last,
                ("Home", _) => 0,
                ("Enter", Some(_)) => {
                    event.prevent_default();
                    return self.zoom();
                }
                ("Escape", Some(_)) => {
                    event.prevent_default();
                    return self.clear();
                }
                _ => return,
            };
            event.prevent_default();
            let anchor = chosen.map_or(to, |stretch| if event.shift_key() { stretch.anchor } else { to });
            self.choose(Stretch { anchor, cursor: to }, "Enter zooms in, Esc clears");
        }

        /// Nothing is chosen any more.
        pub fn clear(self) {
            self.set_chosen.set(None);
            self.set_said.set(String::new());
        }

        fn choose(self, stretch: Stretch, hint: &str) {
            if self.chosen.get_untracked() == Some(stretch) {
                return;
            }
            let bars = bars();
            let told =
                |bar: usize, name: &str| bars.get(bar).and_then(|bar| bar.get_attribute(name)).unwrap_or_default();
            let (from, to) = (told(stretch.first(), "data-from"), told(stretch.last(), "data-to"));
            let counts =
                (stretch.first()..=stretch.last()).filter_map(|bar| told(bar, "data-events").parse::<u64>().ok());
            let span = if from == to { from } else { format!("{from} – {to}") };
            self.set_said.set(format!("{span} · {} · {hint}", plural(counts.sum())));
            self.set_chosen.set(Some(stretch));
        }

        /// To the view of the stretch: from where its first bar's link leads, up to where its last one's does.
        fn zoom(self) {
            let Some(stretch) = self.chosen.get_untracked() else { return };
            let bars = bars();
            let window = |bar: usize| {
                let url = bars.get(bar)?.get_attribute("href")?;
                Some(ViewState::from_search(url.split_once('?')?.1))
            };
            if let (Some(first), Some(last)) = (window(stretch.first()), window(stretch.last())) {
                go(&first.with_window(&first.from, &last.to).events());
            }
        }
    }

    /// Which bar a pointer is over, or nearest to.
    fn bar_at(event: &PointerEvent) -> usize {
        let (Some(all), bars) = (find::<Element>(BARS), bars().len()) else { return 0 };
        let all = all.get_bounding_client_rect();
        let share = (f64::from(event.client_x()) - all.left()) / all.width().max(1.0);
        // Beyond either end it is the bar there: a cast saturates.
        ((share * bars as f64) as usize).min(bars.saturating_sub(1))
    }

    /// The bars, oldest first.
    pub fn bars() -> Vec<Element> {
        let Some(Ok(found)) = find::<Element>(BARS).map(|bars| bars.query_selector_all("a")) else { return Vec::new() };
        (0..found.length()).filter_map(|at| found.get(at)?.dyn_into().ok()).collect()
    }

    fn is_over_bars(event: &Event) -> bool {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        target.is_some_and(|target| target.closest(BARS).is_ok_and(|bars| bars.is_some()))
    }
}
