//! Two sources, and two people who may see one each: whatever is asked, nothing of the other's source is told, and what
//! is foreign looks like what does not exist, to the byte.

use crate::common::{TestServer, Visitor};
use flightbox_domain::{role::Role, scope::Sources};
use reqwest::Response;
use serde_json::json;

/// What one source alone holds, as long as what nobody holds.
const FOREIGN: [&str; 7] = ["zzactor", "zzaction", "zzthing", "zzword", "zzid", "zzsession", "zzhr"];
const NOWHERE: [&str; 7] = ["qqactor", "qqaction", "qqthing", "qqword", "qqid", "qqsession", "qqhr"];

struct Two {
    server: TestServer,
    /// An event of the other source, and a number that no event has, as long.
    seqs: [i64; 2],
}

impl Two {
    async fn filled() -> Self {
        let server = TestServer::start().await;
        let billing = server.producer("billing").await;
        let own: Vec<_> = (0..120).map(|n| json!({"actor": "ivan", "action": "pay", "details": {"n": n}})).collect();
        billing.send(json!(own).to_string()).await;
        let foreign = json!({"id": "zzid", "actor": {"id": "zzactor", "name": "zzactor"}, "action": "zzaction", "resource": "/zzthing",
            "outcome": "denied", "severity": "critical", "reason": "zzword", "origin": {"session_id": "zzsession", "ip": "203.0.113.99", "country": "ZZ", "user_agent": "zzagent"},
            "http": {"method": "ZZZ", "path": "/zzpath", "status": 599}, "details": {"zzkey": "zzvalue"}});
        let (_, answer) = server
            .producer("zzhr")
            .await
            .send(json!([foreign, {"actor": "zzactor", "action": "pay"}]).to_string())
            .await;
        let foreign = answer["receipts"][0]["seq"].as_i64().unwrap();
        Self { server, seqs: [foreign, 999] }
    }

    fn only(source: &str) -> Sources {
        Sources::Only([source.to_owned()].into())
    }
}

/// An answer without what differs from one request to the next, and without what was asked.
async fn told(response: Response, asked: &str) -> String {
    let status = response.status().as_u16();
    let policy = response.headers()["content-security-policy"].to_str().unwrap();
    let nonce = policy.split_once("'nonce-").map(|(_, rest)| rest.split('\'').next().unwrap().to_owned());
    let disposition = response.headers().get("content-disposition").cloned();
    let mut text = response.text().await.unwrap();
    text = nonce.map_or(text.clone(), |nonce| text.replace(&nonce, "NONCE"));
    for (start, end) in [("nonce=\"", "\""), ("data-since=\"", "\""), ("after=", "\""), ("\"next\":\"", "\"")] {
        let mut rest = std::mem::take(&mut text);
        while let Some((before, after)) = rest.split_once(start) {
            text.push_str(before);
            rest = after.split_once(end).map_or(String::new(), |(_, after)| after.to_owned());
        }
        text.push_str(&rest);
    }
    format!("{status} {disposition:?} {}", text.replace(asked, "ASKED"))
}

/// Every address that tells of events, with `{}` where something is asked for.
const PAGES: [&str; 27] = [
    "/events?q={}",
    "/events?q={}*",
    "/events?q=actor:{}",
    "/events?q=actor:{}*",
    "/events?q=actor:~{}",
    "/events?q=action:{}",
    "/events?q=resource:/{}",
    "/events?q=session:{}",
    "/events?q=id:{}",
    "/events?q=source:{}",
    "/events?q=-source:{}",
    "/events?q=@zzkey:{}",
    "/events?q=ivan+OR+{}",
    "/events?q={}&sort=oldest&cols=source,reason",
    "/events?q={}&live=1",
    "/actors/{}",
    "/resources/%2F{}",
    "/pages/completion?before=actor:{}&after=",
    "/pages/completion?before=source:{}&after=",
    "/pages/completion?before=action:{}&after=",
    "/pages/completion?before=resource:/{}&after=",
    "/events.csv?q={}",
    "/events.jsonl?q=actor:{}",
    "/events.json?q=source:{}",
    "/v/{}",
    "/access?q={}",
    "/nowhere/{}",
];

/// The same for programs.
const PROGRAMS: [&str; 9] = [
    "/api/v1/events?q={}",
    "/api/v1/events?q=actor:{}*",
    "/api/v1/events?q=id:{}",
    "/api/v1/events?q=source:{}",
    "/api/v1/events?q=-source:{}",
    "/api/v1/facets?q={}",
    "/api/v1/facets?q=-actor:{}",
    "/api/v1/histogram?q=source:{}",
    "/api/v1/histogram?q=-session:{}",
];

async fn page(visitor: &Visitor<'_>, path: &str, asked: &str) -> String {
    told(visitor.get(path).await, asked).await
}

#[tokio::test]
async fn what_is_foreign_looks_like_what_does_not_exist() {
    let two = Two::filled().await;
    two.server.verified().await;
    let ann = two.server.signed_in("ann", &[Role::Viewer], Two::only("billing")).await;
    let token = two.server.add_token("siem", &[Role::Viewer], Two::only("billing")).await;
    let program = async |path: &str, asked: &str| {
        let request = two.server.client().get(two.server.url(path)).bearer_auth(&token);
        told(request.send().await.unwrap(), asked).await
    };
    for (foreign, nowhere) in FOREIGN.iter().zip(NOWHERE) {
        for template in PAGES {
            let ask = async |asked: &str| page(&ann, &template.replace("{}", asked), asked).await;
            assert_eq!(ask(foreign).await, ask(nowhere).await, "{template} {foreign}");
        }
        for template in PROGRAMS {
            let ask = async |asked: &str| program(&template.replace("{}", asked), asked).await;
            assert_eq!(ask(foreign).await, ask(nowhere).await, "{template} {foreign}");
        }
    }
    let [foreign, nowhere] = two.seqs.map(|seq| seq.to_string());
    for template in
        ["/events/{}", "/events/{}/panel", "/events?event={}&counts=off", "/events?q=seq:{}", "/events.jsonl?q=seq:{}"]
    {
        let ask = async |asked: &str| page(&ann, &template.replace("{}", asked), asked).await;
        assert_eq!(ask(&foreign).await, ask(&nowhere).await, "{template}");
    }
    for template in ["/api/v1/events/{}", "/api/v1/events?q=seq:{}"] {
        let ask = async |asked: &str| program(&template.replace("{}", asked), asked).await;
        assert_eq!(ask(&foreign).await, ask(&nowhere).await, "{template}");
    }
}

#[tokio::test]
async fn nothing_tells_of_a_source_out_of_scope() {
    let two = Two::filled().await;
    let (server, [foreign, _]) = (&two.server, two.seqs);
    let hugh = server.signed_in("hugh", &[Role::Viewer], Two::only("zzhr")).await;
    let save = [("do", "save"), ("name", "zzview"), ("view", "?q=actor:zzactor"), ("shared", "")];
    assert_eq!(
        hugh.post("/views").header("origin", server.origin()).form(&save[..3]).send().await.unwrap().status(),
        303
    );
    let theirs = hugh.text("/events").await;
    assert!(theirs.contains("zzaction") && !theirs.contains("ivan"), "and the other way round");
    let since = theirs.split_once("data-since=\"").unwrap().1.split('"').next().unwrap().to_owned();
    let ann = server.signed_in("ann", &[Role::Viewer], Two::only("billing")).await;
    let token = server.add_token("siem", &[Role::Viewer], Two::only("billing")).await;
    let own = server.recorded(0).await.len();
    assert!(own > 0);

    let mut paths: Vec<String> = [
        "/",
        "/?from=-1d",
        "/events",
        "/events?sort=oldest",
        "/events?live=1",
        "/help",
        "/views",
        "/pages/me",
        "/actors/ivan",
        "/events?cols=actor,source,reason,path,agent",
        "/events.csv",
        "/events.json",
        "/events.jsonl",
    ]
    .map(str::to_owned)
    .to_vec();
    for before in [
        "actor:",
        "source:",
        "action:",
        "resource:",
        "ip:",
        "country:",
        "session:",
        "method:",
        "path:",
        "agent:",
        "@zz",
    ] {
        paths.push(format!("/pages/completion?before={before}&after="));
    }
    // Page by page to the end, event by event.
    let mut next = Some("/events".to_owned());
    while let Some(path) = next {
        let page = ann.text(&path).await;
        let after = page
            .split("href=\"")
            .find(|link| link.contains("rel=\"next\""))
            .map(|link| link.split('"').next().unwrap().replace("&amp;", "&"));
        paths.push(path);
        next = after;
    }
    assert!(paths.iter().filter(|path| path.contains("after=")).count() >= 2, "{paths:?}");
    paths.extend((foreign - 4..foreign - 1).map(|seq| format!("/events/{seq}")));
    for path in &paths {
        let text = page(&ann, path, "before=@zz").await;
        assert!(text.starts_with("200 "), "{path}");
        for foreign in ["zz", "203.0.113.99", "121 events", "122 events"] {
            assert!(!text.contains(foreign), "{path} tells {foreign}: {text}");
        }
    }
    for path in ["/api/v1/events?limit=1000", "/api/v1/facets", "/api/v1/histogram", "/api/v1/facets?q=-actor:nobody"] {
        let (status, body) = server.read_with(&token, path).await;
        assert!(status == 200 && !body.to_string().contains("zz"), "{path}: {body}");
        if let Some(count) = body.get("count") {
            assert_eq!(count["value"], 120, "{path}");
        }
    }
    // Somebody else's mark and cursor are as good as made up.
    let made_up = "0".repeat(since.len());
    let mark = async |since: &str| page(&ann, &format!("/events/live?since={since}"), since).await;
    assert_eq!(mark(&since).await, mark(&made_up).await);
}
