//! `GET /help`: the page that explains the query language, held against the language.

use crate::common::TestServer;
use flightbox_domain::{
    query::{DETAILS, KEYS, OPERATORS},
    role::Role,
    scope::Sources,
};

/// The text of a page, without its markup.
fn text(html: &str) -> String {
    let outside = html.split('<').filter_map(|piece| piece.split_once('>')).map(|(_, text)| text);
    let text: String = outside.collect();
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&amp;", "&")]
        .iter()
        .fold(text, |text, (entity, character)| text.replace(entity, character))
}

#[tokio::test]
async fn every_key_and_every_operator_stands_on_the_help_page() {
    let server = TestServer::start().await;
    let visitor = server.signed_in("vera", &[Role::Viewer], Sources::All).await;
    let page = visitor.text("/help").await;
    let (_, main) = page.split_once("<main").unwrap();
    let said = text(main);
    for spec in KEYS.iter().chain([&DETAILS]) {
        for name in spec.names() {
            assert!(main.contains(&format!("<code>{name}</code>")), "{name} of {}", spec.name);
        }
        for told in [spec.help, spec.example, &spec.kind.takes()] {
            assert!(said.contains(told), "{}: {told}", spec.name);
        }
    }
    for spec in OPERATORS {
        for told in [spec.sign, spec.name, spec.help, spec.example] {
            assert!(said.contains(told), "{}: {told}", spec.name);
        }
    }
}

#[tokio::test]
async fn every_example_leads_to_its_view() {
    let server = TestServer::start().await;
    let visitor = server.signed_in("vera", &[Role::Viewer], Sources::All).await;
    let page = visitor.text("/help?tz=Asia/Tokyo").await;
    let (_, main) = page.split_once("<main").unwrap();
    let links =
        main.split("href=\"").skip(1).filter_map(|rest| rest.split_once('"')).map(|(url, _)| url.replace("&amp;", "&"));
    let views: Vec<_> = links.filter(|url| url.starts_with("/events?q=")).collect();
    assert!(views.len() > KEYS.len() + OPERATORS.len(), "{views:?}");
    for url in views {
        assert!(url.ends_with("&tz=Asia/Tokyo"), "{url}");
        visitor.text(&url).await;
    }
}

#[tokio::test]
async fn a_query_that_cannot_be_read_is_answered_with_the_keys_and_the_way_to_the_help_page() {
    let server = TestServer::start().await;
    let visitor = server.signed_in("vera", &[Role::Viewer], Sources::All).await;
    let response = visitor.get("/events?q=actr:x").await;
    assert_eq!(response.status(), 400);
    let page = response.text().await.unwrap();
    let (_, main) = page.split_once("<main").unwrap();
    for spec in KEYS.iter().chain([&DETAILS]) {
        assert!(text(main).contains(spec.help), "{}", spec.name);
    }
    assert!(main.contains("href=\"/help\""), "{main}");
}
