//! What people do at the desk, as short calls: an order that came, its version, forms with files.

use super::fixtures::{Customer, customer, order, order_event, send};
use super::{Answer, Client, TestApp};
use assessdesk::actions::order_steps::{self, Said};
use assessdesk::actions::start_link;
use assessdesk::domain::ids::OrderId;
use assessdesk::domain::intake::TakeOrders;
use assessdesk::domain::order::Event;
use assessdesk::domain::viewer::Viewer;
use assessdesk::intake::Intake;
use assessdesk::store::orders::{self, OrderRow};
use assessdesk::store::{deliveries, results};
use axum::body::Body;
use axum::http::{Request, header};

/// A customer whose orders wait for a person, and one order that came.
pub async fn waiting(t: &TestApp) -> (Customer, OrderRow) {
    let customer = customer(t, |row| row.take_orders = TakeOrders::Later).await;
    let row = another(t, &customer, "o-1").await;
    (customer, row)
}

/// One more order, by its webhook.
pub async fn another(t: &TestApp, customer: &Customer, kombo_id: &str) -> OrderRow {
    let intake = Intake::start(t.app.clone());
    send(&intake, &order_event(&format!("e-{kombo_id}"), kombo_id)).await;
    intake.finish().await;
    order(t, customer.integration, kombo_id).await
}

/// The order as it stands.
pub async fn now(t: &TestApp, id: OrderId) -> OrderRow {
    let mut conn = t.app.read().await.expect("a connection");
    let order = orders::find(&mut conn, &Viewer::system(), id).await.expect("read");
    order.expect("an order")
}

/// The address of the order's start page.
pub async fn start_link(t: &TestApp, id: OrderId) -> String {
    let mut conn = t.app.read().await.expect("a connection");
    let link = start_link::current(&mut conn, t.app.tools(), id).await.expect("read");
    link.expect("a start link")
}

/// The state of the order's final delivery.
pub async fn final_state(t: &TestApp, id: OrderId) -> Option<String> {
    let mut conn = t.app.read().await.expect("a connection");
    let last = deliveries::final_of_order(&mut conn, id).await.expect("read");
    last.map(|last| last.state.as_str().to_owned())
}

/// Something that happens to the order by itself.
pub async fn happen(t: &TestApp, id: OrderId, event: Event) -> OrderRow {
    let mut work = t.app.begin_system().await.expect("a transaction");
    let order = orders::find(&mut work.conn, &Viewer::system(), id).await.expect("read");
    let mut order = order.expect("an order");
    order_steps::apply(&mut work, &mut order, &event, Said::default())
        .await
        .expect("it happens");
    work.commit().await.expect("committed");
    order
}

/// Presses a button of the order's page, with the version that stands there now.
pub async fn press(t: &TestApp, client: &mut Client, id: OrderId, deed: &str, more: &[(&str, &str)]) -> Answer {
    let version = now(t, id).await.version.to_string();
    let form = [&[("version", version.as_str())], more].concat();
    client.post(&format!("/orders/{id}/{deed}"), &form).await
}

/// A file of a form.
pub struct File<'a> {
    pub name: &'a str,
    pub bytes: &'a [u8],
}

/// Sends the result's form as it stands now, with these fields, files and this button.
pub async fn type_in(
    t: &TestApp,
    client: &mut Client,
    id: OrderId,
    fields: &[(&str, &str)],
    files: &[File<'_>],
    button: &str,
) -> Answer {
    let mut conn = t.app.read().await.expect("a connection");
    let row = results::find(&mut conn, id).await.expect("read");
    drop(conn);
    let version = row.map_or(0, |row| row.version).to_string();
    let order_version = now(t, id).await.version.to_string();
    let own = [
        ("version", version.as_str()),
        ("order_version", order_version.as_str()),
        ("do", button),
    ];
    post_form(client, &format!("/orders/{id}/result"), &[&own, fields].concat(), files).await
}

/// Sends a form with files.
pub async fn post_form(client: &mut Client, path: &str, fields: &[(&str, &str)], files: &[File<'_>]) -> Answer {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend_from_slice(
            format!("--xyz\r\ncontent-disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").as_bytes(),
        );
    }
    for file in files {
        let head = format!(
            "--xyz\r\ncontent-disposition: form-data; name=\"files\"; filename=\"{}\"\r\n\r\n",
            file.name
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(file.bytes);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--xyz--\r\n");
    let request = Request::post(path)
        .header(header::ORIGIN, "http://127.0.0.1:8080")
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=xyz");
    client.send(request, Body::from(body)).await
}
