//! What people ask each other to approve.

use flightbox_domain::{role::Role, scope::Sources};
use flightbox_store::ApprovalAsked;

use crate::Log;

fn only(source: &str) -> Sources {
    Sources::Only([source.to_owned()].into())
}

#[tokio::test]
async fn what_exists_for_somebody_is_listed_however_much_else_was_asked_for_since() {
    let log = Log::new().await;
    for name in ["hana", "bill"] {
        log.person(name, &[Role::Investigator]).await;
    }
    let ask = async |name: &str, source: &str, url: String| {
        let (by, sources) = (name.parse().unwrap(), only(source));
        let asked = ApprovalAsked { url: &url, by: &by, sources: &sources };
        log.store.ask_approval(asked, "INC-2291", log.now).await.unwrap().unwrap()
    };
    let first = ask("hana", "hr", "/export/sealed?q=first".to_owned()).await;
    for n in 0..201 {
        ask("bill", "billing", format!("/export/sealed?q={n}")).await;
    }
    let listed = async |name: &str, sources: &Sources| log.store.approvals(name, sources).await.unwrap();
    let hanas = listed("hana", &only("hr")).await;
    assert_eq!(hanas.iter().map(|row| row.id).collect::<Vec<_>>(), [first]);
    // Whoever may see what would leave knows of it, too; nobody else does.
    assert_eq!(listed("ivy", &only("hr")).await, hanas);
    assert_eq!(listed("ivy", &only("crm")).await, []);
    let all = listed("ivy", &Sources::All).await;
    assert_eq!((all.len(), all[0].url.as_str()), (200, "/export/sealed?q=200"), "the newest");
}
