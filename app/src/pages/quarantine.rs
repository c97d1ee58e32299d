//! `/sources/{name}/quarantine`: what was refused of a source.

pub mod record;

use leptos::prelude::*;
use leptos_router::hooks::{use_location, use_params_map};
use serde::{Deserialize, Serialize};

use crate::{
    error::AppError,
    parts::{frame::Frame, icon::Icon, problem::settle, stamp::Stamp, text::Text, title::PageTitle},
    state::ViewState,
};

/// Something that was refused, as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedLine {
    /// Its number.
    pub id: i64,
    /// Its page.
    pub url: String,
    /// When it came.
    pub at: Stamp,
    /// What is told of it; nothing where it cannot be decrypted.
    pub told: Option<Told>,
}

/// What is told of something that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Where something was wrong first.
    pub path: String,
    /// What was.
    pub message: String,
    /// How much more was wrong.
    pub more: u64,
    /// How many records it has, in words.
    pub records: String,
    /// How long it is, in words.
    pub size: String,
    /// Where it came from.
    pub address: Option<String>,
}

/// What was refused of a source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusedList {
    /// The source.
    pub source: String,
    /// The newest, newest first.
    pub refused: Vec<RefusedLine>,
    /// How many there are besides, in words.
    pub more: Option<String>,
}

/// Lists it.
#[server(prefix = "/pages", endpoint = "quarantine", input = server_fn::codec::GetUrl)]
pub async fn list(
    /// The source.
    name: String,
    /// The zone of times; empty for UTC.
    tz: String,
) -> Result<RefusedList, AppError> {
    crate::read::quarantine::list(&name, &tz).await
}

/// The page.
#[component]
pub fn QuarantinePage() -> impl IntoView {
    let tz = ViewState::from_search(&use_location().search.get_untracked()).tz;
    let name = use_params_map().read_untracked().get("name").unwrap_or_default();
    let page = Suspend::new(async move { settle(list(name, tz).await, |list| view! { <Listed list /> }.into_any()) });
    view! { <Frame>{page}</Frame> }
}

/// Where a page of the quarantine stands.
#[component]
pub fn QuarantineTrail(
    /// The source.
    source: String,
    /// The number of what is looked at; none on the list itself.
    #[prop(optional_no_strip)]
    id: Option<i64>,
) -> impl IntoView {
    let (own, list) = (format!("/sources/{source}"), format!("/sources/{source}/quarantine"));
    let place = match id {
        None => view! {
            <a href=own data-up=""><Icon name="earlier" /><Text text=source /></a>
            <span class="faded">"Quarantine"</span>
        }
        .into_any(),
        Some(id) => view! {
            <a href=list data-up=""><Icon name="earlier" />"Quarantine of "<Text text=source /></a>
            <span class="faded">"Batch "{id}</span>
        }
        .into_any(),
    };
    view! { <nav class="trail" aria-label="Position">{place}</nav> }
}

#[component]
fn Listed(list: RefusedList) -> impl IntoView {
    let RefusedList { source, refused, more } = list;
    let none = refused.is_empty();
    let lines = refused.into_iter().map(|refused| view! { <Line refused /> }).collect_view();
    view! {
        <PageTitle text=format!("Quarantine of {source} · Flightbox") />
        <QuarantineTrail source=source.clone() />
        <div class="people sources-page">
            <h1>"Quarantine of "<Text text=source /></h1>
            <p class="intro">
                "Batches that were refused, as they came, encrypted: nothing of them is in the log. They are kept for 30 days, up to 256 MiB of a source. To see one takes that you confirm that it is you, and is recorded."
            </p>
            {if none {
                view! { <section class="card"><p class="calm">"Nothing of it was refused."</p></section> }.into_any()
            } else {
                view! {
                    <div class="card people-card">
                        <table class="people-list refused-list">
                            <caption class="vh">"What was refused, newest first"</caption>
                            <thead>
                                <tr>
                                    <th scope="col">"Batch"</th>
                                    <th scope="col">"Received"</th>
                                    <th scope="col">"What is wrong"</th>
                                    <th scope="col">"Size"</th>
                                    <th scope="col">"From"</th>
                                </tr>
                            </thead>
                            <tbody>{lines}</tbody>
                        </table>
                    </div>
                }
                    .into_any()
            }}
            {more.map(|more| view! { <p class="faded">{more}</p> })}
        </div>
    }
}

#[component]
fn Line(refused: RefusedLine) -> impl IntoView {
    let RefusedLine { id, url, at, told } = refused;
    let title = format!("{} {} {}", at.date, at.clock, at.offset);
    let told = match told {
        Some(Told { path, message, more, records, size, address }) => {
            let path = (!path.is_empty()).then(|| view! { <code><Text text=path /></code>" " });
            let more = (more > 0).then(|| view! { <small>"and "{more}" more"</small> });
            let from = match address {
                Some(address) => view! { <span class="mono">{address}</span> }.into_any(),
                None => view! { <span class="faded">"an import"</span> }.into_any(),
            };
            view! {
                <td class="wrong-first">{path}<Text text=message />{more}</td>
                <td data-is="Size">{records}<small>{size}</small></td>
                <td data-is="From">{from}</td>
            }
            .into_any()
        }
        None => view! { <td class="wrong" colspan="3">"cannot be decrypted: it was altered, or its key was"</td> }
            .into_any(),
    };
    view! {
        <tr>
            <th scope="row"><a href=url>{id}</a></th>
            <td><time datetime=at.iso title=title>{at.ago}</time></td>
            {told}
        </tr>
    }
}
