//! A browser whose cookies a test can see, take and lose.

use std::{collections::BTreeMap, sync::Mutex};

use axum::http::HeaderMap;
use flightbox::auth::{self, SignedIn};
use reqwest::{RequestBuilder, Response, StatusCode, header, redirect::Policy};
use totp_rs::{Builder, Secret, Totp};

use super::TestServer;

pub struct Browser<'s> {
    server: &'s TestServer,
    client: reqwest::Client,
    cookies: Mutex<BTreeMap<String, String>>,
}

impl<'s> Browser<'s> {
    pub fn new(server: &'s TestServer) -> Self {
        let client = reqwest::Client::builder().redirect(Policy::none()).build().unwrap();
        Self { server, client, cookies: Mutex::default() }
    }

    /// Another with the same cookies: somebody stole them.
    pub fn thief(&self) -> Self {
        let thief = Self::new(self.server);
        *thief.cookies.lock().unwrap() = self.cookies.lock().unwrap().clone();
        thief
    }

    pub fn cookie(&self, name: &str) -> Option<String> {
        self.cookies.lock().unwrap().get(name).cloned()
    }

    pub fn set_cookie(&self, name: &str, value: &str) {
        self.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
    }

    pub async fn get(&self, path: &str) -> Response {
        self.send(self.client.get(self.server.url(path)).header(header::ACCEPT, "text/html")).await
    }

    pub async fn text(&self, path: &str) -> String {
        let response = self.get(path).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        response.text().await.unwrap()
    }

    pub async fn post(&self, path: &str, form: &[(&str, &str)]) -> Response {
        let request = self.client.post(self.server.url(path)).header(header::ACCEPT, "text/html");
        self.send(request.header(header::ORIGIN, self.server.origin()).form(form)).await
    }

    /// As a program asks, which sees no pages.
    pub async fn call(&self, path: &str, form: Option<&[(&str, &str)]>) -> Response {
        let url = self.server.url(path);
        let request = match form {
            Some(form) => self.client.post(url).header(header::ORIGIN, self.server.origin()).form(form),
            None => self.client.get(url),
        };
        self.send(request.header(header::ACCEPT, "application/json")).await
    }

    async fn send(&self, request: RequestBuilder) -> Response {
        let response = request.header(header::COOKIE, self.header()).send().await.unwrap();
        for set in response.headers().get_all(header::SET_COOKIE) {
            let (name, rest) = set.to_str().unwrap().split_once('=').unwrap();
            let value = rest.split(';').next().unwrap();
            let mut cookies = self.cookies.lock().unwrap();
            if value.is_empty() {
                cookies.remove(name)
            } else {
                cookies.insert(name.to_owned(), value.to_owned())
            };
        }
        response
    }

    fn header(&self) -> String {
        let cookies = self.cookies.lock().unwrap();
        cookies.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("; ")
    }

    /// Sends the first step of signing in; where that leads.
    pub async fn sign_in(&self, name: &str, password: &str) -> String {
        let response = self.post("/sign-in", &[("name", name), ("password", password)]).await;
        assert_eq!(response.status(), StatusCode::SEE_OTHER, "{name}");
        location(&response)
    }

    /// Whether anybody is signed in here.
    pub async fn is_in(&self) -> bool {
        self.call("/pages/me", None).await.status() == StatusCode::OK
    }

    /// Who is signed in here, as a handler would know it.
    pub async fn signed_in(&self) -> Option<SignedIn> {
        let headers = HeaderMap::from_iter([(header::COOKIE, self.header().parse().unwrap())]);
        auth::signed_in(self.server.app(), &headers).await.unwrap()
    }

    pub async fn confirm(&self, purpose: &str, next: &str, password: &str, code: &str) -> Response {
        self.post("/confirm", &[("for", purpose), ("next", next), ("password", password), ("code", code)]).await
    }

    /// Adds an authenticator app to somebody who has no second factor.
    pub async fn enrol(&self, password: &str) -> Enrolled {
        let confirmed = self.confirm("factor", ADD, password, "").await;
        assert_eq!((confirmed.status(), location(&confirmed).as_str()), (StatusCode::SEE_OTHER, ADD));
        let page = self.text(ADD).await;
        let secret = between(&page, "class=\"mono totp-secret\">", "<").replace(' ', "");
        let sealed = between(&page, "name=\"sealed\" value=\"", "\"");
        let totp = Builder::new().with_secret(Secret::try_from_base32(secret).unwrap()).build().unwrap();
        let code = code(&totp, self.server);
        let form = [("do", "add"), ("kind", "totp"), ("name", "Phone"), ("sealed", sealed), ("code", &code)];
        let added = self.post("/account/factors", &form).await;
        assert_eq!(added.status(), StatusCode::OK);
        let page = added.text().await.unwrap();
        let codes = between(&page, "<ul class=\"codes\">", "</ul>").split("<li").skip(1);
        let codes = codes.map(|item| between(item, ">", "<").to_owned()).collect();
        Enrolled { totp, codes }
    }
}

/// The request to add an authenticator app, as [`Browser::enrol`] does.
pub const ADD: &str = "/account/factors?do=add&kind=totp&name=Phone";

pub struct Enrolled {
    pub totp: Totp,
    pub codes: Vec<String>,
}

/// The code that an app shows now.
pub fn code(totp: &Totp, server: &TestServer) -> String {
    totp.generate(server.clock().now().timestamp() as u64).to_string()
}

pub fn location(response: &Response) -> String {
    response.headers().get(header::LOCATION).map_or("", |value| value.to_str().unwrap()).to_owned()
}

/// What stands between two texts.
pub fn between<'t>(text: &'t str, before: &str, after: &str) -> &'t str {
    let rest = text.split_once(before).unwrap_or_else(|| panic!("{before} in {text}")).1;
    rest.split(after).next().unwrap()
}
