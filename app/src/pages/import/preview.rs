//! What files would be read as: the first events of each, before anything is stored.

use leptos::prelude::*;

use crate::parts::{
    icon::Icon,
    number::grouped,
    outcome::OutcomeWord,
    stamp::Stamp,
    table::ActionWord,
    text::{Text, revealed},
};

/// Files.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FilesSeen {
    /// Those that were looked at, and those of archives.
    pub files: Vec<FileSeen>,
    /// How many others came.
    pub more: usize,
}

/// A file, or one of an archive.
#[derive(Clone, Debug, PartialEq)]
pub struct FileSeen {
    /// Its name.
    pub name: String,
    /// The title of its format, and its first records; or why it is not read.
    pub read: Result<(&'static str, Vec<RecordSeen>), NotRead>,
    /// What no field was made of, by name.
    pub unplaced: Vec<String>,
}

/// Why a file is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotRead {
    /// In a sentence.
    pub why: String,
    /// The formats that come nearest, by title.
    pub nearest: Vec<&'static str>,
}

/// A record.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordSeen {
    /// Which record of the file.
    pub record: u64,
    /// Its line.
    pub line: u64,
    /// Its event, or what was expected of it.
    pub made: Result<EventSeen, String>,
}

/// An event, as it would be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct EventSeen {
    /// When it happened; it is told at its receipt, where nothing says.
    pub time: Option<Stamp>,
    /// Who did it, by name, and by id where that is another.
    pub actor: (String, Option<String>),
    /// What was done.
    pub action: String,
    /// To what.
    pub resource: Option<String>,
    /// How it ended.
    pub outcome: String,
    /// From where.
    pub address: Option<String>,
    /// What was filled in, masked or sealed, in words.
    pub notes: Vec<String>,
}

/// The files.
#[component]
pub fn Seen(
    /// What there is to see of each.
    seen: FilesSeen,
) -> impl IntoView {
    let FilesSeen { files, more } = seen;
    let files = files.into_iter().map(|file| view! { <File file /> }).collect_view();
    view! {
        <p class="import-nothing" role="status">
            <Icon name="eye" />
            <span><b>"Nothing is stored yet."</b>" These are the first records of each file, as they would be."</span>
        </p>
        {files}
        {(more > 0).then(|| view! { <p class="faded">{more_files(more)}", which are imported, too"</p> })}
    }
}

/// Of how many files nothing more is said.
pub fn more_files(count: usize) -> String {
    format!("and {} more file{}", grouped(count as u64), if count == 1 { "" } else { "s" })
}

#[component]
fn File(file: FileSeen) -> impl IntoView {
    let FileSeen { name, read, unplaced } = file;
    let label = format!("Preview of {}", revealed(&name));
    match read {
        Ok((format, records)) => {
            let none = records.is_empty();
            let rows = records.into_iter().map(|record| view! { <Record record /> }).collect_view();
            let unplaced = (!unplaced.is_empty()).then(|| {
                view! {
                    <p class="import-foot faded small">
                        "In the details alone: "<Text text=unplaced.join(", ") />
                    </p>
                }
            });
            view! {
                <section class="card import-file" aria-label=label>
                    <h2><Text text=name /><span class="import-format">{format}</span></h2>
                    {if none {
                        view! { <p class="import-foot faded">"No whole record is in the start of it."</p> }.into_any()
                    } else {
                        view! {
                            <div class="list">
                                <table class="events">
                                    <thead>
                                        <tr>
                                            <th scope="col" class="c-time">"Time"</th>
                                            <th scope="col" class="c-actor">"Actor"</th>
                                            <th scope="col" class="c-action">"Action"</th>
                                            <th scope="col" class="c-resource">"Resource"</th>
                                            <th scope="col" class="c-outcome">"Outcome"</th>
                                            <th scope="col" class="c-address">"Address"</th>
                                            <th scope="col" class="c-more">"Filled in"</th>
                                        </tr>
                                    </thead>
                                    <tbody>{rows}</tbody>
                                </table>
                            </div>
                        }
                            .into_any()
                    }}
                    {unplaced}
                </section>
            }
            .into_any()
        }
        Err(NotRead { why, nearest }) => view! {
            <section class="card import-file refused" aria-label=label>
                <h2><Text text=name /><span class="import-format">"not read"</span></h2>
                <Guesses why nearest />
            </section>
        }
        .into_any(),
    }
}

/// Why a file is not read, and what it might be.
#[component]
pub fn Guesses(
    /// Why, in a sentence.
    why: String,
    /// The formats that come nearest.
    nearest: Vec<&'static str>,
) -> impl IntoView {
    let nearest = nearest.into_iter().map(|title| view! { <li>{title}</li> }).collect_view();
    view! {
        <p><Text text=why /></p>
        <ul class="import-guesses">{nearest}</ul>
    }
}

#[component]
fn Record(record: RecordSeen) -> impl IntoView {
    let RecordSeen { record, line, made } = record;
    match made {
        Err(expected) => view! {
            <tr class="event import-bad">
                <td colspan="7">
                    <b>"Record "{record}", line "{line}": "</b><Text text=expected />
                </td>
            </tr>
        }
        .into_any(),
        Ok(EventSeen { time, actor: (actor, id), action, resource, outcome, address, notes }) => {
            let time = match time {
                Some(at) => {
                    let title = format!("{} {}{} {}", at.date, at.clock, at.fraction, at.offset);
                    view! { <time datetime=at.iso title=title>{at.date}" "<b>{at.clock}</b></time> }.into_any()
                }
                None => view! { <span class="faded">"at its receipt"</span> }.into_any(),
            };
            let id = id.map(|id| view! { " "<span class="id"><Text text=id /></span> });
            let shown = |text: Option<String>| text.map(|text| view! { <Text text /> });
            view! {
                <tr class="event">
                    <td class="c-time mono">{time}</td>
                    <td class="c-actor"><Text text=actor />{id}</td>
                    <td class="c-action mono"><ActionWord text=action /></td>
                    <td class="c-resource mono">{shown(resource)}</td>
                    <td class="c-outcome"><OutcomeWord word=outcome /></td>
                    <td class="c-address mono">{shown(address)}</td>
                    <td class="c-more"><Text text=notes.join(", ") /></td>
                </tr>
            }
            .into_any()
        }
    }
}
