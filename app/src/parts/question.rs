//! The last question before something is changed.

use leptos::prelude::*;

use super::{frame::Frame, text::Text, title::PageTitle};

/// What is asked. Whoever renders a page after a change was confirmed provides one, and the page asks it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Question {
    /// The question, up to its question mark.
    pub title: String,
    /// What follows from it.
    pub about: String,
    /// What comes of what: a name, what it will be, and what it is until now, if it is anything.
    pub facts: Vec<(&'static str, String, Option<String>)>,
    /// Where the form goes, and where one goes back to.
    pub page: String,
    /// The form.
    pub fields: Vec<(&'static str, String)>,
    /// What says yes.
    pub yes: &'static str,
    /// What says no.
    pub no: &'static str,
    /// Whether something is taken away.
    pub takes: bool,
}

/// The question as a page of its own.
#[component]
pub fn Asking(
    /// The question.
    question: Question,
) -> impl IntoView {
    view! {
        <Frame>
            <PageTitle text=format!("{}? · Flightbox", question.title) />
            <div class="people"><LastQuestion question /></div>
        </Frame>
    }
}

/// The question, a way on and a way back.
#[component]
pub fn LastQuestion(
    /// The question.
    question: Question,
) -> impl IntoView {
    let Question { title, about, facts, page, fields, yes, no, takes } = question;
    let told = (!facts.is_empty()).then(|| {
        let fact = |(name, after, before): (&'static str, String, Option<String>)| {
            let before = before.map(|text| view! { " "<span class="faded">"until now "<Text text /></span> });
            view! { <div><dt>{name}</dt><dd><Text text=after />{before}</dd></div> }
        };
        view! { <dl class="facts">{facts.into_iter().map(fact).collect_view()}</dl> }
    });
    let back = page.clone();
    let fields = fields.into_iter().map(|(name, value)| view! { <input type="hidden" name=name value=value /> });
    view! {
        <h1><Text text=title />"?"</h1>
        <section class="card">
            {told}
            <p>{about}</p>
            <form method="post" action=page>
                {fields.collect_view()}
                <div class="choice">
                    <button class=if takes { "danger" } else { "primary" } type="submit">{yes}</button>
                    <a class="outlined" href=back>{no}</a>
                </div>
            </form>
        </section>
    }
}
