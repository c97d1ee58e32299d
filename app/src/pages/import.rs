//! `/sources/{name}/import`: files of other systems, dropped in: what they would be read as, before anything is stored;
//! how far an import is; and what came of it.

pub mod now;
pub mod preview;

use leptos::prelude::*;

use self::{
    now::{ImportNow, Now},
    preview::{FilesSeen, Seen},
};
use crate::{
    error::AppError,
    islands::follow::Following,
    parts::{frame::Frame, icon::Icon, problem::settle, text::Text, title::PageTitle},
    shell::Assets,
};

/// What the page shows. Whoever renders it provides this.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportAsked(pub Result<ImportPage, AppError>);

/// What there is to show.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportPage {
    /// Where the events go.
    pub source: String,
    /// The formats that can be named: name and title.
    pub formats: Vec<(&'static str, &'static str)>,
    /// The format that was chosen; empty for none.
    pub format: String,
    /// The zone that was given.
    pub zone: String,
    /// Why nothing can be imported at present, in a sentence.
    pub held_up: Option<&'static str>,
    /// What is wrong with what was sent, in a sentence.
    pub wrong: Option<String>,
    /// What the files would be read as, where that was asked for.
    pub seen: Option<FilesSeen>,
    /// The last import of whoever looks, if there was one.
    pub now: Option<ImportNow>,
}

/// The page. The server itself answers it.
#[component]
pub fn ImportFiles() -> impl IntoView {
    let Some(ImportAsked(asked)) = use_context() else { return ().into_any() };
    let page = settle(asked, |page| view! { <Shown page /> }.into_any());
    view! { <Frame>{page}</Frame> }.into_any()
}

#[component]
fn Shown(page: ImportPage) -> impl IntoView {
    let ImportPage { source, formats, format, zone, held_up, wrong, seen, now } = page;
    let own = format!("/sources/{source}");
    let url = format!("{own}/import");
    let is_new = seen.is_none() && now.is_none() && wrong.is_none();
    let titles = formats.iter().map(|(_, title)| view! { <li>{*title}</li> }).collect_view();
    let script = use_context::<Assets>().and_then(|assets| assets.import_script);
    view! {
        <PageTitle text=format!("Import · {source} · Flightbox") />
        <nav class="trail" aria-label="Position">
            <a href=own data-up=""><Icon name="earlier" /><Text text=source.clone() /></a>
            <span class="faded">"Import"</span>
        </nav>
        <div class="people sources-page import-page">
            <h1>"Import into "<Text text=source.clone() /></h1>
            <p class="intro">
                "Audit logs of other systems, as they are: packed with gzip or zstd, in a tar archive, or plain. Each file tells by its first records what it is. What is imported twice is stored once; what cannot be read goes to quarantine, and the rest goes on. That it was you is recorded."
            </p>
            <Files url=url.clone() formats format zone held_up />
            <div class="import-now" data-stream=format!("{url}/live")><Now now /></div>
            <Following />
            <div class="import-seen" data-seen="">
                {wrong.map(|wrong| view! { <p class="wrong card" role="alert">{wrong}</p> })}
                {seen.map(|seen| view! { <Seen seen /> })}
                {is_new
                    .then(|| {
                        view! {
                            <section class="card" aria-labelledby="readable">
                                <h2 id="readable">"What can be read"</h2>
                                <ul class="import-guesses">{titles}</ul>
                            </section>
                        }
                    })}
            </div>
        </div>
        {script.map(|url| view! { <script type="module" src=url></script> })}
    }
}

#[component]
fn Files(
    url: String,
    formats: Vec<(&'static str, &'static str)>,
    format: String,
    zone: String,
    held_up: Option<&'static str>,
) -> impl IntoView {
    let options = formats.into_iter().map(|(name, title)| {
        view! { <option value=name selected=format == name>{title}</option> }
    });
    let options = options.collect_view();
    let look = format!("{url}?do=preview");
    view! {
        <form class="card import-form" method="post" action=url enctype="multipart/form-data" data-import="">
            <div class="import-how">
                <p class="field">
                    <label for="format">"Format"</label>
                    <select id="format" name="format">
                        <option value="">"told by each file itself"</option>
                        {options}
                    </select>
                </p>
                <p class="field">
                    <label for="zone">"Zone of times that name none"</label>
                    <input id="zone" name="zone" value=zone placeholder="UTC" autocomplete="off" spellcheck="false" />
                </p>
            </div>
            <label class="import-drop" for="files">
                <Icon name="import" />
                <span class="import-call">
                    <b>"Choose files"</b>
                    <span class="needs-js">" or drop them here"</span>
                </span>
                <input id="files" type="file" name="file" multiple required />
            </label>
            {held_up.map(|why| view! { <p class="note">{why}</p> })}
            <div class="choice import-do">
                <button class="outlined" type="submit" formaction=look>"Preview"</button>
                <button class="primary" type="submit">"Import"</button>
                <button class="outlined" type="button" data-cancel="" hidden>"Cancel"</button>
                <span class="import-said" role="status" data-said=""></span>
            </div>
            <noscript>
                <p class="faded small">
                    "Without scripts a preview takes the whole way of the file, too, and the files have to be chosen once more to be imported."
                </p>
            </noscript>
        </form>
    }
}
