//! Whoever may not see a customer finds nothing of it at any address, whatever their role: a walk over the route table.

use crate::support::desk::{post_form, press, waiting};
use assessdesk::auth::Access;
use assessdesk::domain::role::Role;
use assessdesk::server;
use assessdesk::store::deliveries;
use axum::http::{Method, StatusCode};

/// Places of a path that stand for something else than the thing that the path begins with.
const INNER: &str = "00000000-0000-7000-8000-000000000000";

/// The link with this beginning on a page, up to its quote.
fn link(page: &str, beginning: &str) -> String {
    let from = page.find(&format!("href=\"{beginning}0")).expect("a link") + "href=\"".len();
    page[from..].split('"').next().expect("its end").to_owned()
}

crate::both!(another_customers_things_are_not_there_on_any_route, |t| {
    let (customer, order) = waiting(&t).await;
    let mut owner = t.sign_in_as(Role::Admin).await;
    press(&t, &mut owner, order.id, "cancel", &[("reason", "The job is filled.")]).await;
    let inbox = link(&owner.get("/inbox").await.text, "/inbox/");
    let mut conn = t.app.read().await.expect("a connection");
    let last = deliveries::final_of_order(&mut conn, order.id).await.expect("read");
    drop(conn);
    let things = [
        (
            "/outbox/integrations/{id}",
            format!("/outbox/integrations/{}", customer.integration),
        ),
        ("/outbox/{id}", format!("/outbox/{}", last.expect("a delivery").id)),
        ("/orders/{id}", format!("/orders/{}", order.id)),
        ("/customers/{id}", format!("/customers/{}", customer.id)),
        ("/integrations/{id}", format!("/integrations/{}", customer.integration)),
        ("/inbox/{id}", inbox),
        ("/mail/{id}", format!("/mail/{}", order.id)),
    ];
    let mut stranger = t.sign_in_limited(Role::Admin, &[]).await;
    let (mut walked, mut told) = (0, Vec::new());
    for route in server::routes() {
        let thing = things.iter().find(|(pattern, _)| route.path.starts_with(pattern));
        let Some((pattern, real)) = thing else { continue };
        assert_ne!(route.access, Access::Public, "{}", route.path);
        let rest = route.path.trim_start_matches(pattern).split('/');
        let rest = rest.map(|part| if part.starts_with('{') { INNER } else { part });
        let path = format!("{real}{}", rest.collect::<Vec<_>>().join("/"));
        let answer = match (&route.method, route.path) {
            (&Method::GET, _) => stranger.get(&path).await,
            (_, "/orders/{id}/result") => {
                post_form(
                    &mut stranger,
                    &path,
                    &[("do", "save"), ("version", "1"), ("order_version", "1")],
                    &[],
                )
                .await
            }
            _ => {
                stranger
                    .post(
                        &path,
                        &[
                            ("version", "1"),
                            ("reason", "Mine now."),
                            ("to", "me"),
                            ("do", "remove"),
                            ("package", INNER),
                            ("set", INNER),
                        ],
                    )
                    .await
            }
        };
        if answer.status != StatusCode::NOT_FOUND {
            told.push(format!("{} {}: {}", route.method, route.path, answer.status));
        }
        assert!(
            !answer.text.contains("Li Wei") && !answer.text.contains("Halden"),
            "{}",
            route.path
        );
        walked += 1;
    }
    assert_eq!(told, Vec::<String>::new());
    assert!(walked > 25, "only {walked} routes were walked");
});
