//! Round trips through the examples of Kombo's OpenAPI document (`examples.json`), and what older integrations leave out.

use super::*;
use proptest::prelude::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn example(name: &str) -> Value {
    let all: Value = serde_json::from_str(include_str!("examples.json")).expect("JSON");
    all.get(name).expect("an example of that name").clone()
}

fn event(name: &str) -> Event {
    let body = serde_json::to_vec(&example(name)).expect("JSON");
    Envelope::read(&body).expect("an envelope").event().expect("an event")
}

/// Reads and writes `value`; what comes out must be what went in.
fn round<T: Serialize + DeserializeOwned>(value: &Value) -> T {
    let read: T = serde_json::from_value(value.clone()).expect("readable");
    assert_eq!(&serde_json::to_value(&read).expect("writable"), value);
    read
}

#[test]
fn the_published_examples_survive_the_round_trip() {
    for name in ["assessment:order-received", "inline-assessment:order-received"] {
        round::<Order>(&example(name)["data"]);
    }
    round::<IntegrationCreated>(&example("integration-created")["data"]);
    round::<IntegrationDeleted>(&example("integration-deleted")["data"]);
    round::<IntegrationStateChanged>(&example("integration-state-changed")["data"]);
    round::<ConnectionFlowFailed>(&example("connection-flow-failed")["data"]);
    round::<Packages>(&example("packages"));
    round::<CreateLink>(&example("create-link"));
    round::<SetupLink>(&example("setup-link"));
    for error in example("errors").as_array().expect("a list") {
        round::<Failure>(error);
    }
}

#[test]
fn the_published_result_survives_the_round_trip() {
    let body: ResultBody = serde_json::from_value(example("result")).expect("readable");
    let mut written = serde_json::to_value(&body).expect("writable");
    // Numbers are written as numbers of one kind; 90 and 90.0 are the same to JSON.
    for path in [
        "/score",
        "/max_score",
        "/attributes/1/score/value",
        "/attributes/1/score/max",
    ] {
        let number = written.pointer_mut(path).expect("a number");
        assert_eq!(number.as_f64(), example("result").pointer(path).and_then(Value::as_f64));
        *number = example("result").pointer(path).cloned().expect("a number");
    }
    assert_eq!(written, example("result"));
}

#[test]
fn events_tell_their_integration_and_their_time() {
    let Event::OrderReceived { order, inline } = event("inline-assessment:order-received") else {
        panic!("an order")
    };
    assert!(inline && order.status == OrderStatus::Open);
    assert_eq!(
        order.job.location.and_then(|place| place.line()).as_deref(),
        Some("Berlin, Germany")
    );
    let changed = event("integration-state-changed");
    assert_eq!(changed.integration(), Some("personio:CBNMt7dSNCzBdnRTx87dev4E"));
    assert_eq!(
        changed
            .news_at()
            .map(crate::domain::time::Timestamp::to_millis)
            .as_deref(),
        Some("2021-09-01T12:00:00.000Z")
    );
    assert_eq!(event("integration-created").news_at(), None);
    assert!(event("integration-deleted").news_at().is_some());
    assert_eq!(event("data-changed"), Event::Unknown);
    assert_eq!(event("sync-finished"), Event::Unknown);
}

fn read_order(data: &Value) -> Result<Event, Unreadable> {
    let body = json!({ "id": "e", "type": "assessment:order-received", "data": data });
    Envelope::read(body.to_string().as_bytes())
        .expect("an envelope")
        .event()
}

#[test]
fn an_order_needs_only_what_the_contract_promises() {
    let least = json!({ "id": "o", "package_id": "p", "status": "OPEN", "integration_id": "t:1", "candidate": { "email": "a@b.c" } });
    let nulls = json!({ "id": "o", "package_id": "p", "status": "OPEN", "integration_id": "t:1",
        "candidate": { "remote_id": null, "email": "a@b.c", "first_name": null, "last_name": null, "phone": null },
        "application": { "remote_id": null },
        "job": { "remote_id": null, "name": null, "job_code": null, "description": null, "location": null, "hiring_team": null } });
    let no_parts = json!({ "id": "o", "package_id": "p", "status": "OPEN", "integration_id": "t:1", "candidate": { "email": "a@b.c" },
        "application": null, "job": null, "brand_new": [1] });
    let read = read_order(&least).expect("readable");
    assert_eq!(read_order(&nulls), Ok(read.clone()));
    assert_eq!(read_order(&no_parts), Ok(read));
}

#[test]
fn an_order_without_a_key_field_says_which_and_quotes_nothing() {
    let whole = json!({ "id": "o", "package_id": "p", "status": "OPEN", "integration_id": "t:1", "candidate": { "email": "a@b.c" } });
    for field in ["id", "package_id", "status", "integration_id", "candidate"] {
        let mut cut = whole.clone();
        cut.as_object_mut().expect("an object").remove(field);
        assert_eq!(
            read_order(&cut).expect_err("unreadable").to_string(),
            format!("missing field `{field}`")
        );
    }
    let mut odd = whole.clone();
    odd["status"] = json!("private@example.com");
    assert!(
        !read_order(&odd)
            .expect_err("unreadable")
            .to_string()
            .contains("private")
    );
    let mut nameless = whole;
    nameless["candidate"] = json!({ "email": " " });
    assert_eq!(
        read_order(&nameless).expect_err("unreadable").to_string(),
        "missing field `candidate.email`"
    );
}

#[test]
fn one_odd_order_does_not_hide_the_page() {
    let page: OrdersPage = serde_json::from_value(json!({ "next": null, "results": [
        { "id": "1", "package_id": "p", "status": "OPEN", "candidate": { "email": "a@b.c" } },
        { "id": "2", "package_id": "p", "status": "PENDING_REVIEW", "candidate": { "email": "a@b.c" } },
        7,
    ] }))
    .expect("a page");
    assert_eq!(page.results.len(), 1);
    assert_eq!(page.unreadable, [Some("2".to_owned()), None]);
}

#[test]
fn unknown_values_of_open_lists_are_kept() {
    assert_eq!(
        IntegrationState::from("ASLEEP"),
        IntegrationState::Other("ASLEEP".into())
    );
    assert_eq!(
        serde_json::to_value(Category::from("PAYROLL")).expect("writable"),
        json!("PAYROLL")
    );
}

#[test]
fn a_rejection_is_read_back_from_either_place() {
    let body = serde_json::to_vec(&Rejection::new("No more places")).expect("writable");
    assert_eq!(
        serde_json::from_slice::<Value>(&body).expect("JSON"),
        json!({ "status": "error", "message": "No more places",
            "error": { "code": "ORDER_REJECTED", "title": "The order was rejected", "message": "No more places" } })
    );
    let read = |status, body: &[u8]| Rejection::read(status, body).map(|rejection| rejection.message().to_owned());
    assert_eq!(read(422, &body).as_deref(), Some("No more places"));
    assert_eq!(read(422, br#"{"message":"m"}"#).as_deref(), Some("m"));
    assert_eq!(read(422, br#"{"error":{"message":"m"}}"#).as_deref(), Some("m"));
    assert_eq!(read(400, &body), None);
    assert_eq!(read(422, b"no"), None);
    assert_eq!(read(422, br#"{"message":" "}"#), None);
}

#[test]
fn fields_for_single_ats_are_written_where_they_belong() {
    let fields = json!({ "recruitee": { "subtitle": "s" }, "smartrecruiters": { "scoreLabel": "l" }, "new": { "x": 1 },
        "workday": { "Assess_Candidate_Data": { "Candidate_Assessment_Data": { "Assess_Candidate_Test_Result_Data": {
            "Assessment_Test_Status_Reference": { "Assessment_Status_ID": "w" } } } } } });
    let read: RemoteFields = round(&fields);
    assert_eq!(
        read.workday.map(|workday| workday.assessment_status_id).as_deref(),
        Some("w")
    );
}

#[test]
fn personal_data_does_not_reach_a_log_by_debug() {
    let Event::OrderReceived { order, .. } = event("assessment:order-received") else {
        panic!("an order")
    };
    let said = format!("{order:?} {:?} {:?}", order.candidate, order.job);
    assert!(
        !said.contains("john") && !said.contains("John") && !said.contains("jane"),
        "{said}"
    );
}

/// Any JSON value, not too deep.
fn any_json() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec![
        "id",
        "status",
        "candidate",
        "email",
        "job",
        "location",
        "hiring_team",
        "state",
        "data",
        "x",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[A-Z]{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..6)
                .prop_map(|pairs| pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn no_bytes_make_reading_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), status in any::<u16>()) {
        let _ = Envelope::read(&bytes).map(|envelope| envelope.event());
        let _ = Rejection::read(status, &bytes);
    }

    #[test]
    fn no_json_makes_reading_panic_and_no_fault_quotes_it(data in any_json(), kind in 0usize..7) {
        let kinds = ["assessment:order-received", "inline-assessment:order-received", "integration-created",
            "integration-deleted", "integration-state-changed", "connection-flow-failed", "new-thing"];
        let body = json!({ "id": "e", "type": kinds[kind], "data": data }).to_string();
        if let Err(fault) = Envelope::read(body.as_bytes()).and_then(|envelope| envelope.event()) {
            let said = fault.to_string();
            prop_assert!(said.starts_with("missing field `") || said.starts_with("a field has a value"), "{}", said);
        }
    }
}
