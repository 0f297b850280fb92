//! Whatever happens, in whatever order: what is always true of an order.

use super::*;
use proptest::prelude::*;

/// Something that happens, or a sender that claims what waits.
#[derive(Clone, Debug)]
enum Happens {
    Event(Event),
    Claim,
}

fn verdict() -> impl Strategy<Value = Verdict> {
    prop_oneof![Just(accept()), Just(reject()), Just(later())]
}

fn status() -> impl Strategy<Value = KomboStatus> {
    proptest::sample::select(KomboStatus::ALL)
}

fn first() -> impl Strategy<Value = Arrival> {
    (
        proptest::sample::select(Source::ALL),
        any::<bool>(),
        prop_oneof![4 => Just(KomboStatus::Open), 1 => status()],
        verdict(),
        proptest::option::of(Just(at(8))),
    )
        .prop_map(|(source, inline, status, verdict, hold_until)| Arrival {
            source,
            inline,
            status,
            verdict,
            hold_until,
        })
}

fn happens() -> impl Strategy<Value = Happens> {
    let plain = vec![
        Event::AnswerLeft,
        Event::Decided(Decision::Accept),
        Event::Decided(Decision::Reject),
        Event::HoldLost,
        Event::InvitationTaken,
        Event::InvitationFailed,
        Event::InvitationResent,
        Event::AddressCorrected,
        Event::CandidateStarted,
        Event::SentToReview,
        Event::ReviewReturned,
        Event::Paused,
        Event::Resumed,
        Event::Assigned,
        Event::Released,
        Event::Cancelled,
        Event::Undone,
        Event::Delivered,
        Event::FateUnknown,
        Event::FinalRefused,
        Event::GaveUp,
        Event::Parked,
        Event::Woken,
        Event::ReleasedAgain,
        Event::TakenBack,
        Event::FinalSentAgain,
        Event::IntegrationDeleted,
        Event::ClosedHere,
    ];
    let timed = prop_oneof![
        verdict().prop_map(Event::HoldEnded),
        verdict().prop_map(Event::UndecidedEnded),
        (
            status(),
            any::<bool>(),
            any::<bool>(),
            verdict(),
            proptest::option::of(Just(at(8)))
        )
            .prop_map(|(status, inline, differs, verdict, hold_until)| {
                Event::Repeated(Repeat {
                    status,
                    inline,
                    differs,
                    verdict,
                    hold_until,
                })
            }),
        (status(), any::<bool>()).prop_map(|(status, refused)| Event::ReadBack { status, refused }),
    ];
    let read = (0u64..4000).prop_flat_map(|seconds| {
        prop_oneof![
            3 => status().prop_map(move |status| seen(status, seconds)),
            1 => Just(Event::Absent { at: at(seconds) }),
        ]
    });
    prop_oneof![
        6 => proptest::sample::select(plain).prop_map(Happens::Event),
        2 => timed.prop_map(Happens::Event),
        3 => read.prop_map(Happens::Event),
        2 => Just(Happens::Claim),
    ]
}

/// What is true of every order at every time.
fn is_sound(state: &State) {
    let closing = state.stage == Stage::Closing;
    assert_eq!(
        state.stage_before.is_some(),
        closing || state.stage == Stage::InReview,
        "a stage to return to: {state:?}"
    );
    assert_eq!(
        state.review_before.is_some(),
        closing && state.stage_before == Some(Stage::InReview),
        "the stage before a review: {state:?}"
    );
    if closing {
        assert!(
            state.final_status.is_some() && state.final_delivery != FinalDelivery::Nothing,
            "{state:?}"
        );
    }
    if state.stage.is_live() {
        assert_eq!(state.final_delivery, FinalDelivery::Nothing, "{state:?}");
        assert_eq!(state.final_status, None, "{state:?}");
    }
    if state.held() {
        assert_eq!(state.stage, Stage::Received);
    }
    if state.stage.is_end() {
        assert!(!state.paused, "{state:?}");
    }
    assert!(state.open_seen >= 0 && (0..=ABSENT_SIGHTINGS).contains(&state.absent_seen));
}

/// What is true of every step.
fn is_fair(before: &State, event: &Event, after: &Change) {
    let (from, to) = (before.stage, after.state.stage);
    if from.is_end() && from != to {
        assert_eq!((from, to), (Stage::Rejected, Stage::Closing), "an end was left");
    }
    let queues = after
        .effects
        .iter()
        .filter(|e| matches!(e, Effect::QueueFinal { .. }))
        .count();
    assert!(queues <= 1);
    if queues == 1 {
        assert!(
            matches!(before.final_delivery, FinalDelivery::Nothing | FinalDelivery::GivenUp),
            "a second final word beside {:?}",
            before.final_delivery
        );
        assert!(!after.state.unreachable || after.state.final_delivery == FinalDelivery::Parked);
    }
    let withdraws = after.effects.contains(&Effect::WithdrawFinal);
    if withdraws {
        assert_ne!(before.final_delivery, FinalDelivery::Sending, "withdrawn under way");
    }
    let vanished =
        before.final_delivery != FinalDelivery::Nothing && after.state.final_delivery == FinalDelivery::Nothing;
    if vanished {
        let settled = matches!(event, Event::Delivered | Event::ReadBack { .. });
        assert!(withdraws || settled, "a final word vanished");
    }
    let answers = after.effects.iter().filter(|e| matches!(e, Effect::Answer(_))).count();
    assert!(answers <= 1, "one answer at most");
    if after.effects.contains(&Effect::Answer(Answer::Rejected)) {
        assert_eq!(after.state.decision, Some(Decision::Reject));
    }
    if before.decision == Some(Decision::Reject) {
        assert_eq!(after.state.decision, Some(Decision::Reject), "a rejection is final");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens_the_order_stays_sound(
        arrival in first(),
        events in proptest::collection::vec((happens(), 0u64..120), 0..60),
    ) {
        let mut now = 0;
        let mut state = begin(&arrival, at(0)).state;
        is_sound(&state);
        for (happens, seconds) in events {
            now += seconds;
            match happens {
                Happens::Claim if state.final_delivery == FinalDelivery::Waiting => {
                    state.final_delivery = FinalDelivery::Sending;
                    state.final_tried = true;
                }
                Happens::Claim => {}
                Happens::Event(event) => {
                    if let Ok(change) = step(&state, &event, at(now)) {
                        is_fair(&state, &event, &change);
                        state = change.state;
                        is_sound(&state);
                    }
                }
            }
        }
    }
}
