//! The report: what whoever has its address reads, and when.

use crate::support::TestApp;
use crate::support::desk::{File, happen, press, type_in, waiting};
use assessdesk::domain::ids::OrderId;
use assessdesk::domain::order::Event;
use assessdesk::domain::role::Role;
use assessdesk::store::links::{self, Purpose};
use axum::http::StatusCode;

const PDF: &[u8] = b"%PDF-1.7\nreport";

async fn path(t: &TestApp, id: OrderId) -> String {
    let mut conn = t.app.read().await.expect("a connection");
    let link = links::current(&mut conn, id, Purpose::Report)
        .await
        .expect("read")
        .expect("a link");
    format!(
        "/r/{}",
        links::token(&mut conn, &t.app.vault, &link).await.expect("opened")
    )
}

crate::both!(a_report_is_ready_when_kombo_has_the_result, |t| {
    let (_, row) = waiting(&t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    press(&t, &mut client, row.id, "accept", &[]).await;
    let typed = [("score", "87"), ("max_score", "100"), ("summary", "Strong <and> calm")];
    let pdf = [File {
        name: "Report.pdf",
        bytes: PDF,
    }];
    type_in(&t, &mut client, row.id, &typed, &pdf, "release").await;
    let address = path(&t, row.id).await;
    let mut reader = t.client();
    let early = reader.get(&address).await;
    assert_eq!(early.status, StatusCode::OK);
    assert!(early.text.contains("not ready yet") && !early.text.contains("Strong"));
    happen(&t, row.id, Event::Delivered).await;
    let page = reader.get(&address).await;
    assert!(
        page.text.contains("Strong &#60;and&#62; calm") && page.text.contains("of 100") && page.text.contains("Li Wei")
    );
    for hidden in ["li.wei@example.com", "+49 30", "greenhouse", "Assessdesk"] {
        assert!(!page.text.contains(hidden), "{hidden}");
    }
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("referrer-policy"), "no-referrer");
    assert!(page.header("x-robots-tag").contains("noindex"));
    let at = page.text.find(&format!("{address}/files/")).expect("a file");
    let link = page.text[at..].split('"').next().expect("an address").to_owned();
    let file = reader.get(&link).await;
    assert_eq!(file.text.as_bytes(), PDF);
    assert!(file.header("content-disposition").contains("Report.pdf"));

    press(&t, &mut client, row.id, "report/renew", &[]).await;
    let old = reader.get(&address).await;
    assert_eq!(old.status, StatusCode::GONE);
    assert!(old.text.contains("was withdrawn"));
    assert_eq!(reader.get(&link).await.status, StatusCode::NOT_FOUND);
    assert!(reader.get(&path(&t, row.id).await).await.text.contains("of 100"));
});

crate::both!(a_cancelled_orders_report_tells_the_reason, |t| {
    let (_, row) = waiting(&t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    press(&t, &mut client, row.id, "cancel", &[("reason", "The job is filled.")]).await;
    let address = path(&t, row.id).await;
    assert!(t.client().get(&address).await.text.contains("not ready yet"));
    happen(&t, row.id, Event::Delivered).await;
    assert!(t.client().get(&address).await.text.contains("The job is filled."));
});

crate::both!(an_unknown_address_has_a_page_too, |t| {
    let page = t.client().get("/r/nothing-here").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.text.contains("There is no report here"));
});
