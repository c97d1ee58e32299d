//! What each key finds.

use flightbox_domain::{
    flag::Flag,
    query::{DETAILS, KEYS, Query},
};

use crate::sample::{filter, record};

/// The sequence number of every record here.
const SEQ: i64 = 7;

/// (query, members of the event, whether it matches)
const TABLE: &[(&str, &str, bool)] = &[
    ("actor:alice", "", true),
    ("actor:Alice", "", false),
    ("actor:bob", r#""actor":{"id":"u_1","name":"bob"}"#, true),
    ("actor:u_*", r#""actor":{"id":"u_1","name":"bob"}"#, true),
    ("actor:~LIC", "", true),
    ("actor.type:user", "", true),
    ("actor.type:user", r#""actor":{"id":"x","type":"system"}"#, false),
    ("actor.type:service,system", r#""actor":{"id":"x","type":"system"}"#, true),
    ("actor.type:*", "", true),
    ("action:team", r#""action":"team.member.add""#, true),
    ("action:team.member", r#""action":"team.member.add""#, true),
    ("action:team.member", r#""action":"team.members""#, false),
    ("action:team.*", r#""action":"team.member.add""#, true),
    ("action:team.*", r#""action":"team""#, false),
    ("action:team.*", r#""action":"teams.add""#, false),
    ("action:team..*", r#""action":"team..x""#, true),
    ("action:~MEMBER", r#""action":"team.member.add""#, true),
    ("resource:/users/42", r#""resource":"/users/42""#, true),
    ("resource:/users/4", r#""resource":"/users/42""#, false),
    ("resource:*", "", false),
    ("-resource:/users/42", "", true),
    ("resource.type:users", r#""resource":"/users/42""#, true),
    ("resource.type:users", "", false),
    ("resource.type:us*", r#""resource":"/users/42""#, true),
    ("outcome:success", "", true),
    ("outcome:denied", r#""outcome":"failure""#, false),
    ("ip:10.0.0.0/8", r#""origin":{"ip":"10.1.2.3"}"#, true),
    ("ip:10.0.0.0/9", r#""origin":{"ip":"10.200.2.3"}"#, false),
    ("ip:::1", r#""origin":{"ip":"0:0:0:0:0:0:0:1"}"#, true),
    ("ip:*", "", false),
    ("country:de", r#""origin":{"country":"De"}"#, true),
    ("country:ger*", r#""origin":{"country":"Germany"}"#, true),
    ("country:~MAN", r#""origin":{"country":"Germany"}"#, true),
    ("country:de", r#""origin":{"country":"FR"}"#, false),
    ("-country:de", "", true),
    ("country:*", r#""origin":{"country":"FR"}"#, true),
    ("agent:curl/8", r#""origin":{"user_agent":"curl/8"}"#, true),
    ("agent:CURL/8", r#""origin":{"user_agent":"curl/8"}"#, false),
    ("agent:~CURL", r#""origin":{"user_agent":"curl/8"}"#, true),
    ("agent:*", "", false),
    ("method:get", r#""http":{"method":"Get"}"#, true),
    ("method:GET", r#""http":{"status":200}"#, false),
    ("method:GET", r#""http":{"method":"PROPFIND"}"#, false),
    ("method:GET", "", false),
    ("method:propfind", r#""http":{"method":"PROPFIND"}"#, true),
    ("method:p*", r#""http":{"method":"put"}"#, true),
    ("-method:GET", r#""http":{"method":"POST"}"#, true),
    ("-method:GET", "", true),
    ("method:*", r#""http":{"method":"POST"}"#, true),
    ("method:*", r#""http":{"status":404}"#, false),
    ("path:/admin/users", r#""http":{"path":"/admin/users"}"#, true),
    ("path:/admin/users", r#""http":{"path":"/users/admin"}"#, false),
    ("path:/Admin/users", r#""http":{"path":"/admin/users"}"#, false),
    ("path:/admin/*", r#""http":{"path":"/admin/users"}"#, true),
    ("path:/", r#""http":{"path":"/"}"#, true),
    ("path:*", r#""http":{"status":404}"#, false),
    ("status:200", r#""http":{"status":200}"#, true),
    ("status:200", r#""http":{"status":204}"#, false),
    ("status:200", r#""http":{"status":226}"#, false),
    ("status:200", r#""http":{"method":"GET"}"#, false),
    ("status:200", "", false),
    ("status:404,410", r#""http":{"status":410}"#, true),
    ("status:>=400", r#""http":{"status":599}"#, true),
    ("status:>=400", r#""http":{"status":399}"#, false),
    ("status:>400", r#""http":{"status":400}"#, false),
    ("status:<300", r#""http":{"status":204}"#, true),
    ("status:<=200", r#""http":{"status":200}"#, true),
    ("status:200..299", r#""http":{"status":200}"#, true),
    ("status:200..299", r#""http":{"status":299}"#, true),
    ("status:200..299", r#""http":{"status":300}"#, false),
    ("status:430..470", r#""http":{"status":451}"#, true),
    ("status:430..470", r#""http":{"status":404}"#, false),
    ("-status:>=400", "", true),
    ("status:*", r#""http":{"status":200}"#, true),
    ("status:*", r#""http":{"method":"GET"}"#, false),
    ("duration:>1000", r#""http":{"duration_ms":1000.5}"#, true),
    ("duration:1000", r#""http":{"duration_ms":1000}"#, true),
    ("duration:1..5", r#""http":{"duration_ms":5.1}"#, false),
    ("duration:*", r#""http":{"status":200}"#, false),
    ("session:s1", r#""origin":{"session_id":"s1"}"#, true),
    ("session:s1", r#""origin":{"session_id":"s11"}"#, false),
    ("session:*", r#""origin":{"session_id":"s11"}"#, true),
    ("request:r1", r#""origin":{"request_id":"r1"}"#, true),
    ("request:r1", r#""origin":{"request_id":"R1"}"#, false),
    ("request:r*", r#""origin":{"request_id":"r1"}"#, true),
    ("source:billing", "", true),
    ("source:bill", "", false),
    ("severity:info", "", true),
    ("severity:info", r#""severity":"warning""#, false),
    ("severity:warning,critical", r#""severity":"critical""#, true),
    ("severity:*", "", true),
    ("created:2026-06-15", "", true),
    ("created:2026-06-14", r#""occurred_at":"2026-06-15T00:00:00Z""#, false),
    ("created:-1h", r#""occurred_at":"2026-06-15T11:30:00Z""#, true),
    ("created:<-1h", r#""occurred_at":"2026-06-15T11:30:00Z""#, false),
    ("created:*", "", true),
    ("received:2026-06-15", r#""occurred_at":"2026-05-01T00:00:00Z""#, true),
    ("received:<2026-06-15", r#""occurred_at":"2026-05-01T00:00:00Z""#, false),
    ("received:*", "", true),
    ("sensitive:yes", r#""details":{"card":"4"},"sensitive":["details.card"]"#, true),
    ("sensitive:no", r#""details":{"card":"4"},"sensitive":["details.card"]"#, false),
    ("sensitive:no", "", true),
    ("sensitive:*", "", true),
    ("flag:clock-skew", r#""occurred_at":"2030-01-01T00:00:00Z""#, true),
    ("flag:clock-skew", "", false),
    ("flag:first-seen-ip", r#""origin":{"ip":"10.1.2.3"}"#, false),
    ("flag:*", r#""occurred_at":"2030-01-01T00:00:00Z""#, true),
    ("-flag:*", "", true),
    ("id:e1", r#""id":"e1""#, true),
    ("id:e1", r#""id":"e10""#, false),
    ("id:e*", r#""id":"e10""#, true),
    ("id:*", "", false),
    ("seq:7", "", true),
    ("seq:8", "", false),
    ("seq:>6 seq:<8", "", true),
    ("seq:*", "", true),
    ("@amount:100", r#""details":{"amount":100}"#, true),
    ("@amount:100", r#""details":{"amount":"100"}"#, true),
    ("@amount:100", r#""details":{"amount":100.5}"#, false),
    ("@amount:1e2", r#""details":{"amount":100}"#, false),
    ("@amount:>=100", r#""details":{"amount":100}"#, true),
    ("@amount:>=100", r#""details":{"amount":"250"}"#, true),
    ("@amount:>=100", r#""details":{"amount":"lots"}"#, false),
    ("@amount:>=100", r#""details":{"amount":1e400}"#, true),
    ("@amount:5..10", r#""details":{"amount":[1,7]}"#, true),
    ("@amount:5..10", r#""details":{"amount":[1,11]}"#, false),
    ("@amount:>1", r#""details":{"Amount":7}"#, false),
    ("@user.role:admin", r#""details":{"user":{"role":"admin"}}"#, true),
    ("@users.role:admin", r#""details":{"users":[{"role":"x"},{"role":"admin"}]}"#, true),
    ("@user.role:Admin", r#""details":{"user":{"role":"admin"}}"#, false),
    ("@role:admin", r#""details":{"user":{"role":"admin"}}"#, false),
    ("@ok:true", r#""details":{"ok":true}"#, true),
    ("@reason:*", r#""details":{"reason":""}"#, true),
    ("@reason:*", r#""details":{"reason":null}"#, false),
    ("-@reason:*", "", true),
    ("@reason:~LATE", r#""details":{"reason":"too late"}"#, true),
    ("@reason:too*", r#""details":{"reason":"too late"}"#, true),
    ("@reason:*x*", r#""details":{"reason":"too late"}"#, false),
    ("@version:a..b", r#""details":{"version":"a..b"}"#, true),
    ("late", r#""details":{"reason":"too late"}"#, true),
    (r#""late too""#, r#""details":{"reason":"too late"}"#, false),
];

#[test]
fn each_query_finds_what_it_should() {
    for (query, members, expected) in TABLE {
        let (filter, record) = (filter(query), record(members));
        assert_eq!(filter.matches(SEQ, &record.record, record.flags), *expected, "{query} on {members}");
        let (can, surely) = record.indexed(&filter);
        assert!(can || !expected, "the index hides {members} from {query}");
        assert!(!surely || *expected, "the index proves {query} of {members}");
    }
}

#[test]
fn each_flag_is_found_by_its_own_word_and_by_any() {
    for flag in Flag::ALL {
        let record = record("").flagged(*flag);
        for word in Flag::WORDS.iter().chain(&["*"]) {
            let filter = filter(&format!("flag:{word}"));
            let expected = ["*", flag.as_str()].contains(word);
            assert_eq!(filter.matches(SEQ, &record.record, record.flags), expected, "{flag:?} by {word}");
            assert_eq!(record.indexed(&filter), (expected, expected), "{flag:?} by {word}");
        }
    }
}

#[test]
fn the_table_has_every_key_find_and_pass_over_something() {
    let shown = |key, expected| {
        TABLE.iter().any(|(query, _, matches)| *matches == expected && Query::parse(query).unwrap().mentions(key))
    };
    for spec in KEYS {
        assert!(shown(&spec.key, true) && shown(&spec.key, false), "{}", spec.name);
    }
    assert!(TABLE.iter().any(|(query, ..)| query.starts_with(&DETAILS.name[..1])));
}

#[test]
fn ids_and_seqs_that_the_whole_query_asks_for_can_be_looked_up() {
    for (query, ids, seqs) in [
        ("id:a,b", &["a", "b"][..], &[][..]),
        ("alice id:a seq:7,8", &["a"], &[7, 8]),
        ("id:a (id:b)", &["a"], &[]),
        ("seq:1..3", &[], &[]),
        ("id:a,b*", &[], &[]),
        ("-id:a", &[], &[]),
        ("id:a OR alice", &[], &[]),
        ("-(seq:7 alice)", &[], &[]),
    ] {
        let filter = filter(query);
        assert_eq!((filter.ids(), filter.seqs()), (ids.to_vec(), seqs.to_vec()), "{query}");
    }
}
