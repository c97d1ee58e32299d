//! Records of each format that no committed set covers, after their documentation: what tells itself, and what becomes of
//! it.

use flightbox_event::{Event, json, parse_event};
use flightbox_import::{Clock, ImportError, Item, Options, Report, import};

fn read(text: &str) -> (&'static str, Vec<Event>) {
    let clock = Clock { zone: "UTC".parse().unwrap(), as_of: "2026-01-10T00:00:00Z".parse().unwrap() };
    let (mut format, mut events, mut report) = ("", Vec::new(), Report::default());
    import(text.as_bytes(), &Options { format: None, clock }, &mut report, &mut |item| {
        match item {
            Item::Begins { mapping, .. } => format = mapping.name,
            Item::Event { line, .. } => events.push(parse_event(&json::parse(line.as_bytes()).unwrap()).unwrap()),
            Item::Refused { expected, .. } => panic!("{expected}: {text}"),
            Item::Unread { .. } => unreachable!(),
        }
        Ok::<_, ImportError>(())
    })
    .unwrap_or_else(|error| panic!("{error}: {text}"));
    (format, events)
}

/// Who, what, on what, with what outcome, when, from where.
type Told<'a> = [&'a str; 6];

fn told(event: &Event) -> [String; 6] {
    [
        event.actor.id.clone(),
        event.action.clone(),
        event.resource.as_ref().map_or(String::new(), |resource| resource.id.clone()),
        event.outcome.to_string(),
        event.occurred_at.map_or(String::new(), flightbox_event::rfc3339),
        event.origin.ip.clone().unwrap_or_default(),
    ]
}

const CASES: &[(&str, &str, Told<'_>)] = &[
    (
        "cloudtrail",
        r#"{"version":"0","id":"b1","detail-type":"AWS API Call via CloudTrail","source":"aws.s3","account":"1","time":"2026-01-02T03:04:06Z","detail":{"eventVersion":"1.08","userIdentity":{"type":"IAMUser","userName":"ann"},"eventTime":"2026-01-02T03:04:05Z","eventSource":"s3.amazonaws.com","eventName":"DeleteBucket","awsRegion":"eu-1","sourceIPAddress":"192.0.2.7","errorCode":"AccessDenied","requestParameters":{"bucketName":"logs"},"eventID":"e-1"}}"#,
        ["ann", "DeleteBucket", "logs", "denied", "2026-01-02T03:04:05.000Z", "192.0.2.7"],
    ),
    (
        "cloudtrail",
        r#"{"QueryStatus":"FINISHED","QueryResultRows":[[{"eventVersion":"1.08"},{"eventName":"GetObject"},{"eventSource":"s3.amazonaws.com"},{"eventID":"e-2"},{"awsRegion":"eu-1"},{"eventTime":"2026-01-02 03:04:05.000"},{"sourceIPAddress":"192.0.2.7"}]]}"#,
        ["unknown", "GetObject", "s3.amazonaws.com", "success", "2026-01-02T03:04:05.000Z", "192.0.2.7"],
    ),
    (
        "gitlab",
        r#"{"id":"g-1","author_id":7,"author_name":"Ann","entity_id":3,"entity_type":"Project","entity_path":"team/site","created_at":"2026-01-02T03:04:05.000Z","event_type":"project_visibility_level_updated","target_details":"Site","details":{"change":"visibility","from":"private","to":"public","author_email":"ann@e.example","ip_address":"192.0.2.7"}}"#,
        [
            "ann@e.example",
            "project_visibility_level_updated",
            "team/site",
            "success",
            "2026-01-02T03:04:05.000Z",
            "192.0.2.7",
        ],
    ),
    (
        "gitlab",
        r#"[{"id":1,"author_id":7,"entity_id":3,"entity_type":"User","created_at":"2026-01-02T03:04:05.000Z","details":{"add":"ssh key","author_name":"Ann","target_id":7,"ip_address":"192.0.2.7","entity_path":"ann"}}]"#,
        ["Ann", "add.ssh_key", "ann", "success", "2026-01-02T03:04:05.000Z", "192.0.2.7"],
    ),
    (
        "keycloak",
        r#"{"id":"k-1","time":1767323045000,"type":"LOGIN_ERROR","realmId":"main","clientId":"shop","userId":"u-7","ipAddress":"192.0.2.7","error":"invalid_user_credentials","details":{"username":"ann","auth_method":"openid-connect"}}"#,
        ["ann", "LOGIN_ERROR", "shop", "failure", "2026-01-02T03:04:05.000Z", "192.0.2.7"],
    ),
    (
        "keycloak",
        r#"{"id":"k-2","time":1767323045000,"realmId":"main","authDetails":{"realmId":"main","clientId":"admin","userId":"u-1","ipAddress":"192.0.2.7"},"operationType":"CREATE","resourceType":"USER","resourcePath":"users/u-9"}"#,
        ["u-1", "USER.CREATE", "users/u-9", "success", "2026-01-02T03:04:05.000Z", "192.0.2.7"],
    ),
    (
        "vault",
        r#"{"time":"2026-01-02T03:04:05.1Z","type":"response","auth":{"display_name":"ldap-ann","entity_id":"en-1","policy_results":{"allowed":false}},"request":{"id":"r-1","operation":"read","mount_type":"kv","path":"secret/data/db","remote_address":"192.0.2.7","remote_port":51234},"error":"1 error occurred:\n\t* permission denied\n\n"}"#,
        ["ldap-ann", "kv.read", "secret/data/db", "denied", "2026-01-02T03:04:05.100Z", "192.0.2.7"],
    ),
    (
        "workspace",
        r#"{"kind":"admin#reports#activities","etag":"x","items":[{"kind":"admin#reports#activity","id":{"time":"2026-01-02T03:04:05.000Z","uniqueQualifier":"-9","applicationName":"login","customerId":"C1"},"actor":{"email":"ann@e.example","profileId":"1"},"ipAddress":"192.0.2.7","events":[{"type":"login","name":"login_failure","parameters":[{"name":"login_type","value":"google_password"}]}]}]}"#,
        ["ann@e.example", "login_failure", "google_password", "failure", "2026-01-02T03:04:05.000Z", "192.0.2.7"],
    ),
    (
        "entra",
        r#"{"@odata.context":"x","value":[{"id":"s-1","createdDateTime":"2026-01-02T03:04:05Z","userPrincipalName":"ann@e.example","appDisplayName":"Portal","ipAddress":"192.0.2.7","conditionalAccessStatus":"failure","correlationId":"c-1","status":{"errorCode":53003,"failureReason":"blocked"},"resourceDisplayName":"Graph"}]}"#,
        ["ann@e.example", "Sign-in activity", "Graph", "denied", "2026-01-02T03:04:05.000Z", "192.0.2.7"],
    ),
    (
        "entra",
        r#"{"value":[{"id":"a-1","activityDateTime":"2026-01-02T03:04:05Z","activityDisplayName":"Add member to role","category":"RoleManagement","correlationId":"c-2","loggedByService":"Core Directory","result":"success","initiatedBy":{"user":{"userPrincipalName":"ann@e.example","ipAddress":"192.0.2.7"}},"targetResources":[{"id":"t-1","type":"User","userPrincipalName":"bob@e.example"}]}]}"#,
        ["ann@e.example", "Add member to role", "bob@e.example", "success", "2026-01-02T03:04:05.000Z", "192.0.2.7"],
    ),
    (
        "m365",
        r#"{"CreationTime":"2026-01-02T03:04:05","Id":"m-1","Operation":"FileDownloaded","OrganizationId":"o","RecordType":6,"ResultStatus":"Succeeded","UserType":0,"Version":1,"Workload":"SharePoint","ClientIP":"192.0.2.7:443","ObjectId":"https://e.example/a.docx","UserId":"ann@e.example"}"#,
        [
            "ann@e.example",
            "FileDownloaded",
            "https://e.example/a.docx",
            "success",
            "2026-01-02T03:04:05.000Z",
            "192.0.2.7",
        ],
    ),
    (
        "kubernetes",
        r#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/x/secrets/db","verb":"get","user":{"username":"system:serviceaccount:x:app"},"sourceIPs":["192.0.2.7"],"objectRef":{"resource":"secrets","namespace":"x","name":"db"},"responseStatus":{"code":403},"requestReceivedTimestamp":"2026-01-02T03:04:05.000000Z"}]}"#,
        [
            "system:serviceaccount:x:app",
            "secrets.get",
            "x/secrets/db",
            "denied",
            "2026-01-02T03:04:05.000Z",
            "192.0.2.7",
        ],
    ),
    (
        "sshd",
        "Jan  2 03:04:05 web-1 sshd[71]: Accepted publickey for ann from 192.0.2.7 port 51234 ssh2: ED25519 SHA256:x",
        ["ann", "ssh.login", "web-1", "success", "2026-01-02T03:04:05.000Z", "192.0.2.7"],
    ),
    (
        "sshd",
        "Dec 31 23:59:59 web-1 sshd-session[71]: Failed password for invalid user a b from 2001:db8::7 port 51234 ssh2",
        ["a b", "ssh.login", "web-1", "failure", "2025-12-31T23:59:59.000Z", "2001:db8::7"],
    ),
    (
        "sshd",
        "2026-01-02T04:04:05.250000+01:00 web-1 sshd[71]: User bob from 192.0.2.7 not allowed because not listed in AllowUsers",
        ["bob", "ssh.login", "web-1", "denied", "2026-01-02T03:04:05.250Z", "192.0.2.7"],
    ),
    (
        "sshd",
        "Jan  2 03:04:05 web-1 sudo:      ann : user NOT in sudoers ; TTY=pts/0 ; PWD=/ ; USER=root ; COMMAND=/usr/bin/id",
        ["ann", "sudo", "/usr/bin/id", "denied", "2026-01-02T03:04:05.000Z", ""],
    ),
    (
        "sshd",
        "Jan  2 03:04:05 web-1 CRON[9]: pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)",
        ["root", "session.open", "web-1", "success", "2026-01-02T03:04:05.000Z", ""],
    ),
    (
        "github",
        r#"{"@timestamp":1767323045000,"_document_id":"d1","action":"repo.destroy","actor":"ann","actor_ip":"192.0.2.7","org":"acme","repo":"acme/site","operation_type":"remove"}"#,
        ["ann", "repo.destroy", "acme/site", "success", "2026-01-02T03:04:05.000Z", "192.0.2.7"],
    ),
    (
        "okta",
        r#"{"uuid":"u1","published":"2026-01-02T03:04:05.000Z","eventType":"user.session.start","displayMessage":"User login","severity":"WARN","actor":{"id":"00u1","type":"User","alternateId":"ann@example.com"},"client":{"ipAddress":"192.0.2.7"},"outcome":{"result":"DENY","reason":"policy"},"target":[{"id":"0oa1","type":"AppInstance","alternateId":"shop"}]}"#,
        ["ann@example.com", "user.session.start", "shop", "denied", "2026-01-02T03:04:05.000Z", "192.0.2.7"],
    ),
    (
        "auth0",
        r#"{"log_id":"l1","date":"2026-01-02T03:04:05.000Z","type":"fp","description":"Wrong password","client_id":"c1","client_name":"shop","connection":"users","ip":"192.0.2.7","user_agent":"Firefox","user_id":"auth0|7","user_name":"ann"}"#,
        ["auth0|7", "fp", "users", "failure", "2026-01-02T03:04:05.000Z", "192.0.2.7"],
    ),
    (
        "gcp",
        r#"{"insertId":"i1","logName":"projects/p/logs/cloudaudit.googleapis.com%2Factivity","timestamp":"2026-01-02T03:04:05Z","severity":"ERROR","resource":{"type":"gcs_bucket","labels":{"project_id":"p"}},"protoPayload":{"methodName":"storage.buckets.delete","resourceName":"projects/_/buckets/logs","authenticationInfo":{"principalEmail":"ann@example.com"},"authorizationInfo":[{"permission":"storage.buckets.delete","granted":false}],"requestMetadata":{"callerIp":"192.0.2.7"},"status":{"code":7,"message":"denied"}}}"#,
        [
            "ann@example.com",
            "storage.buckets.delete",
            "projects/_/buckets/logs",
            "denied",
            "2026-01-02T03:04:05.000Z",
            "192.0.2.7",
        ],
    ),
    (
        "ocsf",
        r#"{"class_uid":6003,"category_uid":6,"activity_id":4,"type_uid":600304,"time":1767323045000,"metadata":{"version":"1.5.0","uid":"m1","correlation_uid":"s1"},"actor":{"user":{"name":"ann","type_id":1}},"api":{"operation":"DeleteBucket","service":{"name":"s3"}},"resources":[{"uid":"logs","type":"bucket"}],"src_endpoint":{"ip":"192.0.2.7"},"status_id":2}"#,
        ["ann", "DeleteBucket", "logs", "failure", "2026-01-02T03:04:05.000Z", "192.0.2.7"],
    ),
    (
        "flightbox",
        r#"{"user_id":7,"action_type":"user.update","target_resource":"/users/9","created_at":"2026-01-02T03:04:05","client_ip":"192.0.2.7","status_code":403}"#,
        ["7", "user.update", "/users/9", "denied", "2026-01-02T03:04:05.000Z", "192.0.2.7"],
    ),
];

#[test]
fn each_format_tells_itself_and_says_who_did_what() {
    for (format, text, expected) in CASES {
        let (found, events) = read(text);
        assert_eq!(found, *format, "{text}");
        assert_eq!(events.len(), 1, "{text}");
        assert_eq!(told(&events[0]), expected.map(str::to_owned), "{text}");
    }
}

#[test]
fn what_wraps_a_record_stands_beside_it() {
    let (_, events) = read(CASES[0].1);
    let details = events[0].details.as_ref().unwrap();
    assert_eq!(
        details.at(&["flightbox", "around", "detail-type"]).and_then(|kind| kind.as_str()),
        Some("AWS API Call via CloudTrail")
    );
    assert_eq!(details.get("errorCode").and_then(|code| code.as_str()), Some("AccessDenied"));
}

#[test]
fn a_row_of_an_answer_is_one_record_and_its_names_stay() {
    let (_, events) = read(CASES[1].1);
    let details = events[0].details.as_ref().unwrap();
    assert_eq!(details.get("eventName").and_then(|name| name.as_str()), Some("GetObject"));
}

#[test]
fn records_of_auditd_are_joined_though_mixed_and_out_of_order() {
    let line =
        |kind: &str, serial: usize, rest: &str| format!("type={kind} msg=audit(1767323045.250:{serial}): {rest}\n");
    let mut lines = Vec::new();
    for serial in 1..=200 {
        lines.push((
            serial * 7 % 200,
            line("SYSCALL", serial, "arch=c000003e syscall=59 success=yes exit=0 auid=1001 uid=0 ses=1 comm=\"ls\""),
        ));
        lines.push((serial * 13 % 200, line("EXECVE", serial, "argc=2 a0=\"ls\" a1=\"-l\"")));
        lines.push((serial * 29 % 200, line("PATH", serial, "item=0 name=2F746D702F6120622063 nametype=NORMAL")));
    }
    lines.sort();
    let text: String = lines.into_iter().map(|(_, line)| line).collect();
    let (format, events) = read(&text);
    assert_eq!((format, events.len()), ("auditd", 200));
    for event in events {
        assert_eq!((event.action.as_str(), event.actor.id.as_str()), ("execve", "1001"));
        assert_eq!(event.resource.unwrap().id, "/tmp/a b c");
        assert_eq!(event.reason.as_deref(), Some("ls -l"));
        let details = event.details.unwrap();
        assert_eq!(details.get("message").unwrap().as_str().unwrap().lines().count(), 3);
    }
}

#[test]
fn an_id_that_says_nothing_is_made_as_where_there_is_none() {
    let line = r#"{"id":null,"actor":"ann","action":"login","occurred_at":"2026-01-02T03:04:05Z"}"#;
    let id = |text: &str| read(text).1[0].id.clone().unwrap();
    assert_eq!(id(line), id(line));
    assert_ne!(id(line), "null");
    assert_ne!(id(line), id(&line.replace("ann", "bob")));
}

#[test]
fn a_record_with_a_list_that_looks_like_others_records_is_told_and_not_passed_over() {
    let text = r#"{"id":"1","actor":"ann","action":"order","items":[{"sku":1},{"sku":2}]}
{"id":"2","actor":"ann","action":"login"}"#;
    let clock = Clock { zone: "UTC".parse().unwrap(), as_of: "2026-01-10T00:00:00Z".parse().unwrap() };
    let (mut report, mut kept) = (Report::default(), Vec::new());
    let format = flightbox_import::named("flightbox");
    import(text.as_bytes(), &Options { format, clock }, &mut report, &mut |item| {
        if let Item::Refused { raw, .. } = item {
            kept.push(String::from_utf8_lossy(raw).into_owned());
        }
        Ok::<_, ImportError>(())
    })
    .unwrap();
    assert!(kept.iter().any(|raw| raw.contains("order")), "{kept:?}");
}
