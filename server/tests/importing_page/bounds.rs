//! What a form may not do, and what is told before much is sent.

use super::*;

const ASK: &str = "/sources/aws/import?do=ask";

#[tokio::test]
async fn nothing_is_held_of_what_is_no_field() {
    let server = with_source().await;
    let ada = admin(&server).await;
    let much = "x".repeat(3 << 20);
    let headers = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{much}\"\r\n\r\n");
    for body in [much.clone(), headers] {
        for path in [PAGE, LOOK, ASK] {
            let (status, page) = send(&ada, &server, path, body.clone().into_bytes()).await;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{page}");
            assert!(page.contains("too much of it is no field"), "{page}");
        }
    }
    // Of a field it is handed on.
    let (status, page) = send(&ada, &server, PAGE, form(&[], &[("trail.jsonl", lines(0..8_000).as_bytes())])).await;
    assert_eq!((status, events(&server).await), (StatusCode::OK, 8_000), "{page}");
}

#[tokio::test]
async fn whether_files_would_be_taken_is_told_before_they_are_sent() {
    let server = with_source().await;
    let ada = admin(&server).await;
    let asked = async |fields: &[(&str, &str)]| send(&ada, &server, ASK, form(fields, &[("a.jsonl", b"")])).await;
    assert_eq!(asked(&[("zone", "Europe/Berlin")]).await.0, StatusCode::OK);
    for (field, why) in [("zone", "There is no such time zone."), ("format", "There is no such format.")] {
        let (status, page) = asked(&[(field, "Nowhere")]).await;
        assert!(page.contains(why), "{page}");
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    ada.send("/sources/aws", &[("do", "disable")]).await;
    let (status, page) = asked(&[]).await;
    assert_eq!(
        (status, page.matches("The source is disabled").count()),
        (StatusCode::UNPROCESSABLE_ENTITY, 1),
        "{page}"
    );
}

#[tokio::test]
async fn files_of_which_nothing_is_shown_are_counted() {
    let server = with_source().await;
    let ada = admin(&server).await;
    let text = lines(0..1);
    let long = vec![b'x'; 2 << 20];
    let mut files: Vec<(&str, &[u8])> = vec![("a.jsonl", text.as_bytes()); 22];
    files.push(("long.txt", &long));
    let (status, page) = send(&ada, &server, LOOK, form(&[], &files)).await;
    assert_eq!((status, page.matches("GetObject").count()), (StatusCode::OK, 20), "{page}");
    assert!(page.contains("and 3 more files"), "{page}");

    let since = server.settled().await;
    send(&ada, &server, PAGE, form(&[], &files[..22])).await;
    let details = &imports(&server, since).await[1]["details"];
    assert_eq!((details["files"].as_array().unwrap().len(), &details["more_files"]), (20, &json!(2)));
}
