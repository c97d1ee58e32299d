//! `/sources/{name}/quarantine/{id}`: what was refused, record by record, beside what is wrong with it: to be mended and
//! replayed, or discarded.

use leptos::prelude::*;

use super::QuarantineTrail;
use crate::{
    error::AppError,
    parts::{
        frame::Frame,
        problem::settle,
        reason::ReasonField,
        stamp::{FullTime, Stamp},
        text::{Text, inside_textarea},
        title::PageTitle,
    },
};

/// What the page shows. Whoever renders it provides this.
#[derive(Clone, Debug, PartialEq)]
pub struct QuarantineAsked(pub Result<Opened, AppError>);

/// Something that was refused and has been opened.
#[derive(Clone, Debug, PartialEq)]
pub struct Opened {
    /// The source that sent it.
    pub source: String,
    /// Its number.
    pub id: i64,
    /// When it came, and from where.
    pub came: Option<(Stamp, Option<String>)>,
    /// How many records it has.
    pub count: usize,
    /// What tells them from those that are left of it later.
    pub version: String,
    /// Records with something wrong, and those that were written anew.
    pub records: Vec<RecordShown>,
    /// How many more have something wrong.
    pub more: usize,
    /// How many of them are too long to be shown, in words.
    pub too_long: Option<String>,
    /// What came of what was asked for.
    pub said: Said,
    /// The reason that was typed for discarding it, and what is wrong with that.
    pub reason: (String, Option<String>),
}

/// What came of what was asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Said {
    /// It is looked at for the first time.
    Nothing,
    /// Nothing is wrong with it any more, by the rules and the log of now.
    Sound,
    /// It was checked: so many of its records have something wrong.
    Checked(usize),
    /// Nothing of it is valid, so nothing was stored.
    NothingValid,
    /// It could not be stored now, and why.
    NotNow(String),
    /// So many events are stored now, their numbers, and how many of them were there already.
    Stored {
        /// How many.
        count: usize,
        /// The first few, by number.
        seqs: Vec<i64>,
        /// How many were there before.
        before: usize,
        /// How many records are left.
        left: usize,
    },
}

/// A record.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordShown {
    /// Its place in the batch, from 0.
    pub index: usize,
    /// The text, as it came or as it was written anew.
    pub text: String,
    /// The same in stretches: those with the number of a problem are where that is.
    pub stretches: Vec<(String, Option<usize>)>,
    /// What is wrong with it: where, what, and what came.
    pub problems: Vec<(String, String, String)>,
}

/// The page. The server itself answers it.
#[component]
pub fn RecordPage() -> impl IntoView {
    let Some(QuarantineAsked(asked)) = use_context() else { return ().into_any() };
    let page = settle(asked, |opened| view! { <Shown opened /> }.into_any());
    view! { <Frame>{page}</Frame> }.into_any()
}

#[component]
fn Shown(opened: Opened) -> impl IntoView {
    let Opened { source, id, came, count, version, records, more, too_long, said, reason } = opened;
    let gone = matches!(said, Said::Stored { left: 0, .. });
    let url = format!("/sources/{source}/quarantine/{id}");
    let came = came.map(|(at, address)| {
        let from = match address {
            Some(address) => view! { " from "<span class="mono">{address}</span> }.into_any(),
            None => " by an import".into_any(),
        };
        let records = if count == 1 { "1 record".to_owned() } else { format!("{count} records") };
        view! { <p class="intro">{records}", received "<FullTime at />{from}</p> }
    });
    let list = format!("/sources/{source}/quarantine");
    view! {
        <PageTitle text=format!("Batch {id} · Quarantine of {source} · Flightbox") />
        <QuarantineTrail source=source.clone() id=Some(id) />
        <div class="people rules-page refused-page">
            <h1>"Batch "{id}", refused of "<Text text=source /></h1>
            {came}
            <Answer said />
            {if gone {
                view! { <p><a href=list>"What else is in quarantine"</a></p> }.into_any()
            } else {
                view! {
                    <Mend url=url.clone() version records more too_long />
                    <Discard url reason />
                }
                    .into_any()
            }}
        </div>
    }
}

#[component]
fn Answer(said: Said) -> impl IntoView {
    let wrong = |text: String| view! { <div class="said wrong" role="alert"><p>{text}</p></div> }.into_any();
    match said {
        Said::Nothing => ().into_any(),
        Said::Sound | Said::Checked(0) => view! {
            <div class="said" role="status">
                <p>"Nothing is wrong with any of it now: replayed, all of it is stored."</p>
            </div>
        }
        .into_any(),
        Said::Checked(1) => wrong("1 record still has something wrong. Nothing was stored.".to_owned()),
        Said::Checked(count) => wrong(format!("{count} records still have something wrong. Nothing was stored.")),
        Said::NothingValid => {
            wrong("None of it is valid, so nothing was stored, and everything is kept as it was.".to_owned())
        }
        Said::NotNow(why) => wrong(why),
        Said::Stored { count, seqs, before, left } => {
            let more = count - seqs.len();
            let events = seqs.into_iter().map(|seq| {
                view! { <li><a href=format!("/events/{seq}")>{seq}</a></li> }
            });
            let head = if count == 1 { "1 event is stored:".to_owned() } else { format!("{count} events are stored:") };
            let before = match before {
                0 => String::new(),
                1 => " One of them was there already.".to_owned(),
                before => format!(" {before} of them were there already."),
            };
            let left = match left {
                0 => "Nothing is left in quarantine of this batch.".to_owned(),
                1 => "1 record is left, which is not valid yet.".to_owned(),
                left => format!("{left} records are left, which are not valid yet."),
            };
            view! {
                <div class="said" role="status">
                    <p>{head}</p>
                    <ul class="seqs">{events.collect_view()}{(more > 0).then(|| view! { <li>"and "{more}" more"</li> })}</ul>
                    <p>{left}{before}</p>
                </div>
            }
            .into_any()
        }
    }
}

#[component]
fn Mend(
    url: String,
    version: String,
    records: Vec<RecordShown>,
    more: usize,
    too_long: Option<String>,
) -> impl IntoView {
    let records = records.into_iter().map(|record| view! { <Record record /> }).collect_view();
    view! {
        <form class="mend" method="post" action=url>
            <input type="hidden" name="version" value=version />
            {records}
            {too_long.map(|too_long| view! { <p class="faded">{too_long}</p> })}
            {(more > 0)
                .then(|| {
                    view! {
                        <p class="faded">
                            {more}" more of its records have something wrong; they are shown once these are replayed."
                        </p>
                    }
                })}
            <section class="card" aria-labelledby="replay">
                <h2 id="replay">"Replay"</h2>
                <p>
                    "What is valid is read, masked, sealed and stored as if the source sent it now, and leaves the quarantine; the rest stays. An event whose id is there already is not stored twice. That it was you, and which events came of it, is recorded."
                </p>
                <div class="choice">
                    <button class="outlined" type="submit" name="do" value="check">"Check"</button>
                    <button class="primary" type="submit" name="do" value="replay">"Replay"</button>
                </div>
            </section>
        </form>
    }
}

#[component]
fn Record(record: RecordShown) -> impl IntoView {
    let RecordShown { index, text, stretches, problems } = record;
    let (number, rows) = (index + 1, text.lines().count().clamp(4, 24));
    let (title, field) = (format!("record-{index}-title"), format!("record-{index}"));
    let titled = title.clone();
    let raw = stretches.into_iter().map(|(text, problem)| match problem {
        Some(problem) => view! { <mark><Lines text /><sup aria-hidden="true">{problem + 1}</sup></mark> }.into_any(),
        None => view! { <Lines text /> }.into_any(),
    });
    let none = problems.is_empty();
    let problems = problems.into_iter().map(|(path, message, received)| {
        let path = (!path.is_empty()).then(|| view! { <code><Text text=path /></code>" " });
        let received = (!received.is_empty()).then(|| view! { <small>"came "<Text text=received /></small> });
        view! { <li>{path}<Text text=message />{received}</li> }
    });
    view! {
        <section class="card record" aria-labelledby=titled>
            <h2 id=title>"Record "{number}</h2>
            <div class="record-body">
                <pre class="as-came" tabindex="0" aria-label=format!("Record {number}, as it came")>{raw.collect_view()}</pre>
                <div>
                    {if none {
                        view! { <p class="done">"Nothing is wrong with it."</p> }.into_any()
                    } else {
                        view! { <ol class="problems">{problems.collect_view()}</ol> }.into_any()
                    }}
                </div>
            </div>
            <label for=field.clone()>"Mend it here"</label>
            <input type="hidden" name="record" value=index />
            <textarea id=field name="text" rows=rows spellcheck="false" autocomplete="off" aria-invalid=(!none).then_some("true")>
                {inside_textarea(&text)}
            </textarea>
        </section>
    }
}

/// A producer's text of many lines.
#[component]
fn Lines(text: String) -> impl IntoView {
    let lines: Vec<_> = text.split('\n').map(str::to_owned).enumerate().collect();
    let line = |(at, line): (usize, String)| view! { {(at > 0).then_some("\n")}<Text text=line /> };
    lines.into_iter().map(line).collect_view()
}

#[component]
fn Discard(url: String, reason: (String, Option<String>)) -> impl IntoView {
    let (reason, wrong) = reason;
    let open = wrong.is_some();
    view! {
        <section class="card" aria-labelledby="discard-title">
            <h2 id="discard-title">"Discard"</h2>
            <details class="kept-edit discard" open=open>
                <summary>"Discard this batch"</summary>
                <form class="grants" method="post" action=url>
                    <p class="faded">"All that is left of it is deleted for good. Your reason is recorded; what it held is not."</p>
                    <ReasonField label="Why is it not needed?" reason wrong first=false />
                    <button class="danger" type="submit" name="do" value="discard">"Discard it"</button>
                </form>
            </details>
        </section>
    }
}
