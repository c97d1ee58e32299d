//! `/views` and `/v/{slug}`: views that people keep.

use crate::common::{TestServer, Visitor};
use flightbox_domain::{role::Role, scope::Sources};
use reqwest::{Response, StatusCode, header};
use serde_json::Value;

async fn person<'s>(server: &'s TestServer, name: &str) -> Visitor<'s> {
    server.signed_in(name, &[Role::Viewer], Sources::All).await
}

async fn send(server: &TestServer, who: &Visitor<'_>, form: &[(&str, &str)]) -> Response {
    who.post("/views").header("origin", server.origin()).form(form).send().await.unwrap()
}

async fn save(server: &TestServer, who: &Visitor<'_>, name: &str, view: &str, shared: bool) -> Response {
    let mut form = vec![("do", "save"), ("name", name), ("view", view)];
    form.extend(shared.then_some(("shared", "yes")));
    send(server, who, &form).await
}

/// The slugs of the views that somebody's page lists, in its order.
async fn slugs(who: &Visitor<'_>) -> Vec<String> {
    let page = who.text("/views").await;
    let (_, main) = page.split_once("<main").unwrap();
    let links = main.split("href=\"/v/").skip(1);
    links.map(|rest| rest.split('"').next().unwrap().to_owned()).collect()
}

fn location(response: &Response) -> &str {
    response.headers()[header::LOCATION].to_str().unwrap()
}

/// Flightbox's own record of what was done to views, oldest first.
async fn journal(server: &TestServer) -> Vec<Value> {
    let token = server.add_token("journal", &[Role::Admin], Sources::All).await;
    let (_, answer) = server.read_with(&token, "/api/v1/events?q=source:flightbox%20action:view&limit=1000").await;
    answer["events"].as_array().unwrap().iter().rev().cloned().collect()
}

#[tokio::test]
async fn a_view_is_kept_as_it_is_and_leads_back_to_it() {
    let server = TestServer::start().await;
    let alice = person(&server, "alice").await;
    let view = "?q=outcome:denied%20@a.b:%22x%26y%22&from=-24h&tz=Asia/Tokyo&after=cursor&event=7&nonsense=1";
    let response = save(&server, &alice, " Denied lately ", view, false).await;
    let kept = "/events?q=outcome:denied%20@a.b:%22x%26y%22&from=-24h&tz=Asia/Tokyo";
    assert_eq!((response.status(), location(&response)), (StatusCode::SEE_OTHER, kept));
    let [slug] = &slugs(&alice).await[..] else { panic!("one view") };
    assert!(slug.starts_with("denied-lately-"), "{slug}");
    let response = alice.get(&format!("/v/{slug}")).await;
    assert_eq!((response.status(), location(&response)), (StatusCode::SEE_OTHER, kept));
    let journal = journal(&server).await;
    assert_eq!(journal.len(), 1);
    assert_eq!((&journal[0]["action"], &journal[0]["actor"]["id"]), (&"view.save".into(), &"alice".into()));
    assert_eq!(journal[0]["resource"]["id"], format!("/v/{slug}"));
    assert_eq!(journal[0]["details"]["name"], "Denied lately");
}

#[tokio::test]
async fn anothers_view_is_as_good_as_none_until_it_is_shared() {
    let server = TestServer::start().await;
    let (alice, bob) = (person(&server, "alice").await, person(&server, "bob").await);
    save(&server, &alice, "Secret plan", "?q=a", false).await;
    let slug = slugs(&alice).await.remove(0);
    let look = async |slug: &str| {
        let response = bob.get(&format!("/v/{slug}")).await;
        let status = response.status();
        let page = response.text().await.unwrap();
        let body = page.split_once("<main").unwrap().1.split("</main>").next().unwrap().replace(slug, "SLUG");
        (status, body)
    };
    let none = look("secret-plan-none").await;
    assert_eq!(none.0, StatusCode::NOT_FOUND);
    assert_eq!(look(&slug).await, none);
    assert!(!bob.text("/views").await.contains("Secret plan"));
    for form in [
        &[("do", "change"), ("slug", &slug), ("name", "Mine"), ("shared", "yes")][..],
        &[("do", "delete"), ("slug", &slug)],
    ] {
        assert_eq!(send(&server, &bob, form).await.status(), StatusCode::NOT_FOUND);
    }

    // A name that another person has used is nobody's business.
    assert_eq!(save(&server, &bob, "Secret plan", "?q=b", false).await.status(), StatusCode::SEE_OTHER);

    let form = [("do", "change"), ("slug", slug.as_str()), ("name", "Plan"), ("shared", "yes")];
    assert_eq!(send(&server, &alice, &form).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(bob.get(&format!("/v/{slug}")).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(slugs(&bob).await.len(), 2);
    assert_eq!(send(&server, &bob, &[("do", "delete"), ("slug", &slug)]).await.status(), StatusCode::NOT_FOUND);
    assert_eq!(send(&server, &alice, &[("do", "delete"), ("slug", &slug)]).await.status(), StatusCode::SEE_OTHER);
    assert_eq!(look(&slug).await, none);
    let actions: Vec<_> = journal(&server).await.iter().map(|entry| entry["action"].clone()).collect();
    assert_eq!(actions, ["view.save", "view.save", "view.change", "view.delete"]);
}

#[tokio::test]
async fn a_shared_view_shows_each_reader_what_they_may_see() {
    let server = TestServer::start().await;
    server.producer("hr").await.send(r#"{"actor":"eve","action":"salary.read"}"#).await;
    server.producer("billing").await.send(r#"{"actor":"ivan","action":"invoice.read"}"#).await;
    let alice = person(&server, "alice").await;
    save(&server, &alice, "Reads", "?q=", true).await;
    let slug = slugs(&alice).await.remove(0);
    let bob = server.signed_in("bob", &[Role::Viewer], Sources::Only(["billing".to_owned()].into())).await;
    let page = bob.text(location(&bob.get(&format!("/v/{slug}")).await)).await;
    assert!(page.contains("invoice") && !page.contains("salary"));
}

#[tokio::test]
async fn a_form_that_is_refused_says_why_and_keeps_what_was_typed() {
    let server = TestServer::start().await;
    let alice = person(&server, "alice").await;
    assert_eq!(save(&server, &alice, "Taken", "?q=a", false).await.status(), StatusCode::SEE_OTHER);
    let long = format!("?q={}", "日".repeat(1000));
    for (name, view, message) in [
        ("", "?q=b", "A name has at least one character."),
        (&*"x".repeat(65), "?q=b", "A name has at most 64 characters."),
        ("a\u{202e}b", "?q=b", "A name has no control or invisible characters."),
        ("Taken", "?q=b", "You keep another view of that name."),
        ("Long", &long, "This view is too long to be kept"),
    ] {
        let response = save(&server, &alice, name, view, true).await;
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        let page = response.text().await.unwrap();
        assert!(page.contains(message), "{name}: {page}");
        assert!(page.contains(&format!("value=\"{name}\"")) || name.is_empty(), "{name}");
    }
    assert_eq!(journal(&server).await.len(), 1, "nothing else was done");

    save(&server, &alice, "Other", "?q=c", false).await;
    let other = slugs(&alice).await.into_iter().find(|slug| slug.starts_with("other")).unwrap();
    let form = [("do", "change"), ("slug", other.as_str()), ("name", "Taken")];
    let response = send(&server, &alice, &form).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(response.text().await.unwrap().contains("You keep another view of that name."));
}

#[tokio::test]
async fn nobody_keeps_more_than_fifty() {
    let server = TestServer::start().await;
    let alice = person(&server, "alice").await;
    for n in 0..50 {
        assert_eq!(save(&server, &alice, &format!("View {n}"), "?q=a", false).await.status(), StatusCode::SEE_OTHER);
    }
    let response = save(&server, &alice, "One more", "?q=a", false).await;
    assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(response.text().await.unwrap().contains("You keep 50 views"));
    let slug = slugs(&alice).await.remove(0);
    send(&server, &alice, &[("do", "delete"), ("slug", &slug)]).await;
    assert_eq!(save(&server, &alice, "One more", "?q=a", false).await.status(), StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn views_are_for_people_with_a_role_and_forms_for_our_own_pages() {
    let server = TestServer::start().await;
    let nobody = server.signed_in("nobody", &[], Sources::All).await;
    assert_eq!(nobody.get("/views").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(nobody.get("/v/x").await.status(), StatusCode::FORBIDDEN);
    assert_eq!(save(&server, &nobody, "Mine", "?q=a", false).await.status(), StatusCode::FORBIDDEN);
    let alice = person(&server, "alice").await;
    let form = [("do", "save"), ("name", "Mine"), ("view", "?q=a")];
    let foreign = alice.post("/views").header("origin", "https://evil.example").form(&form).send().await.unwrap();
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
    let stranger = server.client().get(server.url("/v/x")).send().await.unwrap();
    assert_eq!(location(&stranger), "/sign-in?next=/v/x");
    assert_eq!(slugs(&alice).await, [""; 0]);
}
