#![doc = include_str!("../README.md")]
#![recursion_limit = "256"]

#[cfg(feature = "ssr")]
pub mod context;
pub mod error;
#[cfg(feature = "ssr")]
pub mod integrity;
pub mod islands;
#[cfg(feature = "ssr")]
pub mod look;
pub mod pages;
pub mod parts;
#[cfg(feature = "ssr")]
pub mod queue;
#[cfg(feature = "ssr")]
pub mod read;
pub mod shell;
pub mod state;
pub mod stream;

use leptos::prelude::*;
use leptos_meta::provide_meta_context;
use leptos_router::{
    SsrMode,
    components::{FlatRoutes, Route, Router},
    path,
};

pub use shell::{Assets, shell};

use crate::{
    islands::copy::Copying,
    pages::{
        access::Access,
        account::Account,
        actor::Actor,
        approvals::ApprovalsPage,
        confirm::Confirm,
        erase::ErasePage,
        event::Event,
        events::Events,
        evidence::EvidencePage,
        factors::FactorsPage,
        help::Help,
        import::ImportFiles,
        integrity::Integrity,
        keys::KeysPage,
        missing::Missing,
        overview::Overview,
        people::PeoplePage,
        person::PersonPage,
        quarantine::{QuarantinePage, record::RecordPage},
        resource::Resource,
        reveal::Reveal,
        rules::RulesPage,
        sealed_export::SealedExportPage,
        second::Second,
        settings,
        setup::Setup,
        sign_in::SignIn,
        source::SourcePage,
        sources::SourcesPage,
        tokens::Tokens,
        views::Views,
    },
};

/// Every page and its URL. A page is rendered whole before the first byte leaves, so that it has its true status; one
/// that streams settles its status first.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <FlatRoutes fallback=|| view! { <Missing /> }>
                <Route path=path!("/") view=Overview ssr=SsrMode::InOrder />
                <Route path=path!("/events") view=Events ssr=SsrMode::InOrder />
                <Route path=path!("/events/:seq") view=Event ssr=SsrMode::Async />
                <Route path=path!("/events/:seq/reveal") view=Reveal ssr=SsrMode::Async />
                <Route path=path!("/access") view=Access ssr=SsrMode::InOrder />
                <Route path=path!("/actors/*id") view=Actor ssr=SsrMode::Async />
                <Route path=path!("/erase") view=ErasePage ssr=SsrMode::Async />
                <Route path=path!("/resources/*id") view=Resource ssr=SsrMode::Async />
                <Route path=path!("/integrity") view=Integrity ssr=SsrMode::Async />
                <Route path=path!("/help") view=Help ssr=SsrMode::Async />
                <Route path=path!("/views") view=Views ssr=SsrMode::Async />
                <Route path=path!("/people") view=PeoplePage ssr=SsrMode::Async />
                <Route path=path!("/people/*name") view=PersonPage ssr=SsrMode::Async />
                <Route path=path!("/tokens") view=Tokens ssr=SsrMode::Async />
                <Route path=path!("/sources") view=SourcesPage ssr=SsrMode::Async />
                <Route path=path!("/sources/:name") view=SourcePage ssr=SsrMode::Async />
                <Route path=path!("/sources/:name/import") view=ImportFiles ssr=SsrMode::Async />
                <Route path=path!("/sources/:name/quarantine") view=QuarantinePage ssr=SsrMode::Async />
                <Route path=path!("/sources/:name/quarantine/:id") view=RecordPage ssr=SsrMode::Async />
                <Route path=path!("/settings") view=settings::Settings ssr=SsrMode::Async />
                <Route path=path!("/settings/retention") view=settings::retention::Retention ssr=SsrMode::Async />
                <Route path=path!("/settings/retention/run") view=settings::run::RunNow ssr=SsrMode::Async />
                <Route path=path!("/settings/holds") view=settings::holds::Holds ssr=SsrMode::Async />
                <Route path=path!("/account") view=Account ssr=SsrMode::Async />
                <Route path=path!("/sign-in") view=SignIn ssr=SsrMode::Async />
                <Route path=path!("/sign-in/second") view=Second ssr=SsrMode::Async />
                <Route path=path!("/confirm") view=Confirm ssr=SsrMode::Async />
                <Route path=path!("/account/factors") view=FactorsPage ssr=SsrMode::Async />
                <Route path=path!("/settings/rules") view=RulesPage ssr=SsrMode::Async />
                <Route path=path!("/settings/keys") view=KeysPage ssr=SsrMode::Async />
                <Route path=path!("/export/evidence") view=EvidencePage ssr=SsrMode::Async />
                <Route path=path!("/export/sealed") view=SealedExportPage ssr=SsrMode::Async />
                <Route path=path!("/approvals") view=ApprovalsPage ssr=SsrMode::Async />
                <Route path=path!("/setup") view=Setup ssr=SsrMode::Async />
            </FlatRoutes>
        </Router>
        <Copying />
    }
}

/// Wakes the islands of the page that the browser has loaded.
#[cfg(feature = "hydrate")]
#[wasm_bindgen::prelude::wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    // What needs a script shows only now.
    if let Some(root) = document().document_element() {
        let _ = root.set_attribute("data-js", "");
    }
    leptos::mount::hydrate_islands();
}
