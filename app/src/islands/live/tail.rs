//! A live table: what is heard, shown or held back.

use std::cell::RefCell;

use leptos::prelude::*;

use super::{
    KEPT, Mood, Tail,
    line::{Heard, Resume, listen},
    rows,
};

/// Rows that came in one message.
struct Batch {
    count: usize,
    html: String,
    flood: bool,
}

thread_local! {
    /// What is held back, oldest first. A page has one table.
    static HELD: RefCell<Vec<Batch>> = const { RefCell::new(Vec::new()) };
}

/// Follows the stream for as long as the page lives.
pub fn follow(tail: RwSignal<Tail>) {
    let turned = move |mood| tail.update(|tail| tail.mood = mood);
    listen(Resume::FromLast, move |heard| match heard {
        Heard::Open => turned(Mood::Live),
        Heard::Away => turned(Mood::Away),
        Heard::Refused => turned(Mood::Refused),
        Heard::SignedOut => turned(Mood::SignedOut),
        Heard::Count(_) | Heard::Part(_) => {}
        Heard::Rows { count, html, flood } => {
            turned(if flood { Mood::Flooded } else { Mood::Live });
            let batch = Batch { count, html, flood };
            if tail.get_untracked().paused {
                tail.update(|tail| tail.waiting += count);
                HELD.with_borrow_mut(|held| hold(held, batch));
            } else {
                show(&batch);
            }
        }
    });
}

/// Shows what was held back, unless it still is.
pub fn show_held(tail: RwSignal<Tail>) {
    if !tail.get_untracked().paused {
        tail.update(|tail| tail.waiting = 0);
        HELD.take().iter().for_each(show);
    }
}

fn show(batch: &Batch) {
    if batch.flood {
        rows::clear();
    }
    rows::insert(&batch.html);
}

/// Holds a batch back. What would fall out of the table at once need not be kept.
fn hold(held: &mut Vec<Batch>, batch: Batch) {
    held.push(batch);
    let mut newer = 0;
    let needed = held.iter().rev().take_while(|batch| {
        let fits = newer < KEPT;
        newer += batch.count;
        fits
    });
    let spare = held.len() - needed.count();
    held.drain(..spare);
}
