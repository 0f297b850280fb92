//! Rules: how long a set of 200 takes to decide about one order, and how fast a dry run goes through 100,000.

use crate::house::{Full, Kept};
use crate::report::Section;
use crate::stats::Turns;
use crate::support::Engine;
use assessdesk::app::dry_runs::{self, Ended};
use assessdesk::domain::ids::RuleId;
use assessdesk::domain::package::PackageType;
use assessdesk::domain::role::Role;
use assessdesk::domain::rules::{
    CandidateField, Conditions, MOST_RULES, OrderedBefore, Outcome, Prepared, Rule, RuleSet, Rules, Subject, Told,
};
use assessdesk::domain::time::Timestamp;
use assessdesk::domain::viewer::Viewer;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};
use uuid::Uuid;

const TURNS: usize = 15;

/// How often each order is decided in a turn.
const EACH: u32 = 400;

/// The floor, in microseconds.
const FLOOR: f64 = 200.0;

/// How many orders a dry run goes through.
const ORDERS: u32 = 100_000;

/// Measures.
pub async fn measure() -> Section {
    let (none, last, long) = (
        time(&order(&short()), false),
        time(&order(&short()), true),
        time(&order(&long_text()), false),
    );
    let dry = dry_runs().await;
    let slowest = none.median().max(last.median()).max(long.median());
    Section {
        name: "rules",
        reached: slowest < FLOOR,
        text: format!(
            "## Rules\n\n\
             {MOST_RULES} rules that ask for everything that rules can ask decide about one order: from what the ATS told to \
             the rule that fits, the order's texts folded anew each time. On its own, {TURNS} turns of {EACH} orders; \
             microseconds an order, the middle turn, and all between. The floor is {FLOOR:.0} µs.\n\n\
             | | µs |\n| --- | --- |\n\
             | none fits | **{}** |\n\
             | the last one fits | **{}** |\n\
             | none fits, and the job's description has 20,000 characters | **{}** |\n\n\
             A dry run of the same rules over all of {ORDERS} orders, in this process, on its own:\n\n{dry}",
            none.shown(),
            last.shown(),
            long.shown(),
        ),
    }
}

fn short() -> String {
    "<p>You build <b>pipelines</b> with people who know why, in a house that ships every day.</p>".repeat(20)
}

fn long_text() -> String {
    "<p>Wir suchen für unser Büro in Köln jemanden, der Datenströme versteht und erklärt.</p>".repeat(235)
}

fn order(description: &str) -> Told<'_> {
    Told {
        package: "numbers-7",
        kind: Some(PackageType::SkillsTest),
        tool: "greenhouse",
        country: Some("Norway"),
        region: Some("Vestland"),
        job_code: Some("DE-2026-000417"),
        job_name: Some("Senior data engineer"),
        description: Some(description),
        first_name: Some("Li"),
        last_name: Some("Wei"),
        email: "li.wei@example.com",
        ..Told::default()
    }
}

/// The rule of this number: most of what it asks holds for the order, and the last thing does not.
fn rule(number: usize) -> Rule {
    let wrong = |text: &str| vec![format!("{text}{number}"), format!("{text}x{number}")];
    let mut when = Conditions {
        types: vec![PackageType::SkillsTest, PackageType::Behavioral],
        missing: vec![CandidateField::Phone],
        ..Conditions::default()
    };
    match number % 8 {
        0 => when.packages = wrong("logic-"),
        1 => when.countries = vec!["Sweden".into(), "DK".into(), "fi".into()],
        2 => when.regions = wrong("Bayern "),
        3 => when.job_codes = vec![format!("*-2?26-*{number}x"), "*0*0*0*0*0*z".into()],
        4 => {
            when.words = vec![
                format!("praktikum {number}"),
                "data scientist".into(),
                "pipelines for".into(),
            ];
        }
        5 => {
            when.ordered_before = Some(OrderedBefore {
                days: 30,
                same_package: true,
            });
        }
        6 => when.credits_used_up = true,
        _ => when.outside_hours = true,
    }
    Rule {
        id: RuleId(Uuid::from_u128(number as u128)),
        name: format!("Rule {number}"),
        when,
        then: Outcome::Reject { message: "No.".into() },
    }
}

fn set(last_fits: bool) -> RuleSet {
    let mut rules = (1..=MOST_RULES).map(rule).collect::<Vec<_>>();
    if let Some(last) = rules.last_mut().filter(|_| last_fits) {
        last.when = Conditions {
            words: vec!["data engineer".into()],
            ..Conditions::default()
        };
    }
    RuleSet(rules)
}

/// Microseconds an order.
fn time(told: &Told<'_>, last_fits: bool) -> Turns {
    let rules = Rules {
        own: None,
        house: Some(Arc::new(Prepared::new(None, None, set(last_fits)))),
    };
    let now = Timestamp::parse("2026-11-24T09:00:00Z").expect("a moment");
    let needs = rules.needs();
    let decide = || {
        let mut subject = Subject::of(black_box(told), needs, now);
        subject.credits = Some(4);
        subject.is_open = Some(true);
        rules.first(&subject).map(|found| found.number)
    };
    assert_eq!(decide(), last_fits.then_some(MOST_RULES));
    let turns = (0..TURNS).map(|_| {
        let began = Instant::now();
        for _ in 0..EACH {
            black_box(decide());
        }
        began.elapsed().as_secs_f64() * 1e6 / f64::from(EACH)
    });
    Turns::of(turns.collect())
}

async fn dry_runs() -> String {
    let mut lines = vec![
        "| | orders | seconds | orders a second |".to_owned(),
        "| --- | --- | --- | --- |".to_owned(),
    ];
    for (engine, name) in [(Engine::Sqlite, "SQLite"), (Engine::Postgres, "PostgreSQL")] {
        let Some(kept) = Kept::of(engine, Full::OfOrders(ORDERS)).await else {
            lines.push(format!(
                "| {name} | not measured: ASSESSDESK_TEST_POSTGRES names no server | | |"
            ));
            continue;
        };
        let app = &kept.app.app;
        let person = kept.app.add_staff(Role::Manager, true).await;
        // The house is two years old, and all of its orders are looked at.
        let began = Instant::now();
        let run = dry_runs::begin_from(
            app,
            Viewer::system(),
            person,
            None,
            set(false),
            0,
            Duration::from_hours(3 * 365 * 24),
        );
        let mut progress = run.progress();
        let seen = {
            let ended = progress
                .wait_for(|progress| progress.ended.is_some())
                .await
                .expect("an end");
            assert_eq!(ended.ended, Some(Ended::Done));
            ended.seen
        };
        let seconds = began.elapsed().as_secs_f64();
        #[allow(clippy::cast_precision_loss, reason = "some hundred thousand")]
        let speed = seen as f64 / seconds;
        lines.push(format!("| {name} | {seen} | {seconds:.1} | {speed:.0} |"));
    }
    lines.join("\n")
}
