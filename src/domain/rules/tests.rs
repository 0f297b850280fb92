//! Each condition by a table, which rule decides, and that any rules decide about any order.

use super::glob::Glob;
use super::*;
use crate::domain::customer::LONGEST_MESSAGE;
use crate::domain::ids::RuleId;
use crate::domain::intake::{
    CustomerSettings, HoldElse, HoldSetting, PackageStanding, TakeOrders, UnknownPackage, Verdict, Why,
    WithdrawnPackage,
};
use crate::domain::language::Language;
use crate::domain::package::PackageType;
use crate::domain::time::Timestamp;
use proptest::prelude::*;
use std::sync::Arc;
use uuid::Uuid;

fn rule(when: Conditions, then: Outcome) -> Rule {
    Rule {
        id: RuleId(Uuid::nil()),
        name: "A rule".to_owned(),
        when,
        then,
    }
}

fn prepared(rules: Vec<Rule>) -> Prepared {
    Prepared::new(None, None, RuleSet(rules))
}

fn now() -> Timestamp {
    Timestamp::parse("2026-11-24T09:00:00Z").expect("a moment")
}

const ORDER: Told<'static> = Told {
    package: "logic-2",
    kind: Some(PackageType::SkillsTest),
    tool: "greenhouse",
    country: Some("NO"),
    region: Some("Vestland"),
    line: Some("Bergen, Vestland, NO"),
    job_code: Some("DE-7"),
    job_name: Some("Data engineer"),
    description: Some("<p>Build <b>pipelines</b>, as a working student.</p>"),
    first_name: Some("Li"),
    last_name: Some(" "),
    email: "li.wei@example.com",
    phone: None,
};

fn subject(told: &Told<'_>) -> Subject {
    let all = Needs {
        ordered: true,
        credits: true,
        hours: true,
        words: true,
    };
    Subject::of(told, all, now())
}

fn days_ago(days: u64) -> Timestamp {
    now().minus(std::time::Duration::from_secs(days * 24 * 3_600))
}

/// Whether a rule with these conditions fits this order.
fn holds(when: Conditions, it: &Subject) -> bool {
    let rules = Rules {
        own: Some(Arc::new(prepared(vec![rule(when, Outcome::Accept)]))),
        house: None,
    };
    rules.first(it).is_some()
}

fn list(values: &[&str]) -> Vec<String> {
    values.iter().map(|&value| value.to_owned()).collect()
}

#[test]
fn each_condition_holds_for_what_it_names_and_for_nothing_else() {
    type Set = fn(&mut Conditions);
    let table: [(&str, Set, Set); 9] = [
        (
            "package",
            |w| w.packages = list(&["x", "logic-2"]),
            |w| w.packages = list(&["logic"]),
        ),
        (
            "type",
            |w| w.types = vec![PackageType::SkillsTest],
            |w| w.types = vec![PackageType::Behavioral],
        ),
        (
            "ATS",
            |w| w.tools = list(&["greenhouse"]),
            |w| w.tools = list(&["lever"]),
        ),
        (
            "country",
            |w| w.countries = list(&["norway", "SE"]),
            |w| w.countries = list(&["Sweden"]),
        ),
        (
            "region",
            |w| w.regions = list(&["VESTLAND"]),
            |w| w.regions = list(&["Bergen"]),
        ),
        (
            "job code",
            |w| w.job_codes = list(&["x", "de-?"]),
            |w| w.job_codes = list(&["DE-??"]),
        ),
        (
            "missing",
            |w| w.missing = vec![CandidateField::FirstName, CandidateField::Phone],
            |w| w.missing = vec![CandidateField::FirstName, CandidateField::Email],
        ),
        (
            "words, name",
            |w| w.words = list(&["ENGINEER"]),
            |w| w.words = list(&["engine"]),
        ),
        (
            "words, description",
            |w| w.words = list(&["Working Student"]),
            |w| w.words = list(&["student working"]),
        ),
    ];
    let it = subject(&ORDER);
    for (name, right, wrong) in table {
        let when = |set: Set| {
            let mut when = Conditions::default();
            set(&mut when);
            when
        };
        assert!(holds(when(right), &it), "{name}");
        assert!(!holds(when(wrong), &it), "{name}");
    }
    assert!(holds(Conditions::default(), &it), "who asks nothing takes every order");
}

#[test]
fn all_conditions_must_hold() {
    let both = |country: &str| Conditions {
        countries: list(&[country]),
        tools: list(&["greenhouse"]),
        ..Conditions::default()
    };
    assert!(holds(both("NO"), &subject(&ORDER)));
    assert!(!holds(both("SE"), &subject(&ORDER)));
}

#[test]
fn what_the_ats_does_not_tell_fits_no_condition() {
    let bare = Told {
        package: "logic-2",
        ..Told::default()
    };
    let it = subject(&bare);
    for when in [
        Conditions {
            types: PackageType::ALL.to_vec(),
            ..Conditions::default()
        },
        Conditions {
            countries: list(&["NO"]),
            ..Conditions::default()
        },
        Conditions {
            regions: list(&["Oslo"]),
            ..Conditions::default()
        },
        Conditions {
            job_codes: list(&["*"]),
            ..Conditions::default()
        },
        Conditions {
            words: list(&["a"]),
            ..Conditions::default()
        },
        Conditions {
            credits_used_up: true,
            ..Conditions::default()
        },
        Conditions {
            outside_hours: true,
            ..Conditions::default()
        },
    ] {
        assert!(!holds(when.clone(), &it), "{when:?}");
    }
}

#[test]
fn a_line_tells_country_and_regions_where_nothing_else_does() {
    let told = Told {
        country: None,
        region: None,
        line: Some("München, Bayern, Germany"),
        ..ORDER
    };
    let it = subject(&told);
    assert!(holds(
        Conditions {
            countries: list(&["DE"]),
            ..Conditions::default()
        },
        &it
    ));
    assert!(holds(
        Conditions {
            regions: list(&["bayern"]),
            ..Conditions::default()
        },
        &it
    ));
    assert!(!holds(
        Conditions {
            countries: list(&["Bayern"]),
            ..Conditions::default()
        },
        &it
    ));
}

#[test]
fn the_same_candidate_counts_within_the_days() {
    let when = |days, same_package| Conditions {
        ordered_before: Some(OrderedBefore { days, same_package }),
        ..Conditions::default()
    };
    let mut it = subject(&ORDER);
    assert!(!holds(when(30, false), &it), "never ordered before");
    it.ordered = LastOrdered {
        any: Some(days_ago(3)),
        same_package: Some(days_ago(30)),
    };
    assert!(holds(when(3, false), &it) && !holds(when(2, false), &it));
    assert!(holds(when(30, true), &it) && !holds(when(29, true), &it));
}

#[test]
fn orders_left_and_business_hours_count_only_where_they_are_known() {
    let credits = Conditions {
        credits_used_up: true,
        ..Conditions::default()
    };
    let hours = Conditions {
        outside_hours: true,
        ..Conditions::default()
    };
    let mut it = subject(&ORDER);
    for (left, open, used_up, outside) in [
        (Some(0), Some(false), true, true),
        (Some(1), Some(true), false, false),
        (None, None, false, false),
    ] {
        (it.credits, it.is_open) = (left, open);
        assert_eq!(
            (holds(credits.clone(), &it), holds(hours.clone(), &it)),
            (used_up, outside)
        );
    }
}

#[test]
fn the_first_rule_that_fits_decides_and_a_customers_own_come_first() {
    let no = |message: &str| Outcome::Reject {
        message: message.to_owned(),
    };
    let sweden = Conditions {
        countries: list(&["SE"]),
        ..Conditions::default()
    };
    let norway = Conditions {
        countries: list(&["NO"]),
        ..Conditions::default()
    };
    let rules = Rules {
        own: Some(Arc::new(prepared(vec![
            rule(sweden.clone(), no("own 1")),
            rule(norway.clone(), no("own 2")),
            rule(Conditions::default(), Outcome::Accept),
        ]))),
        house: Some(Arc::new(prepared(vec![rule(norway, no("house 1"))]))),
    };
    let it = subject(&ORDER);
    let found = rules.first(&it).expect("a rule");
    assert_eq!((found.number, &found.rule.then), (2, &no("own 2")));
    let rules = Rules {
        own: Some(Arc::new(prepared(vec![rule(sweden, no("own 1"))]))),
        ..rules
    };
    assert_eq!(
        rules.first(&it).map(|found| found.rule.then.clone()),
        Some(no("house 1"))
    );
    assert!(Rules::default().first(&it).is_none(), "then the settings decide");
}

fn hold() -> HoldSetting {
    HoldSetting {
        seconds: 5,
        otherwise: HoldElse::Reject,
        message: String::new(),
    }
}

#[test]
fn a_rule_takes_no_unknown_package_and_keeps_no_waiting_candidate() {
    use PackageStanding as P;
    let reject = Outcome::Reject {
        message: "No.".to_owned(),
    };
    let rejected = Carried::Verdict(Verdict::Reject {
        why: Why::Rule,
        message: "No.".to_owned(),
    });
    for standing in P::ALL {
        for inline in [false, true] {
            assert_eq!(
                carry(&reject, *standing, inline),
                rejected,
                "a rejection is what its rule says"
            );
        }
    }
    let accepted = |why| Carried::Verdict(Verdict::Accept { why });
    assert_eq!(carry(&Outcome::Accept, P::Unknown, false), Carried::Settings);
    assert_eq!(carry(&Outcome::Hold(hold()), P::Unknown, false), Carried::Settings);
    assert_eq!(carry(&Outcome::Accept, P::Withdrawn, false), accepted(Why::Rule));
    assert_eq!(
        carry(&Outcome::Hold(hold()), P::Offered, true),
        accepted(Why::RuleInline)
    );
    assert_eq!(carry(&Outcome::Hold(hold()), P::Offered, false), Carried::Ask(hold()));
}

fn settings() -> CustomerSettings {
    CustomerSettings {
        take_orders: TakeOrders::Later,
        hold: None,
        unknown_package: UnknownPackage::Take,
        unknown_message: String::new(),
        withdrawn_package: WithdrawnPackage::Serve,
        withdrawn_message: String::new(),
        invite: false,
        language: Language::En,
        due_hours: 24,
    }
}

#[test]
fn a_dry_run_tells_how_an_order_would_fare() {
    use PackageStanding as P;
    let fate = |rule: Option<&Outcome>, settings: &CustomerSettings, standing, inline| {
        fate_of(rule, settings, standing, true, inline)
    };
    let own = settings();
    let soon = Outcome::Hold(HoldSetting { seconds: 0, ..hold() });
    assert_eq!(fate(None, &own, P::Offered, false), Fate::Person);
    assert_eq!(fate(None, &own, P::Offered, true), Fate::Accepted);
    assert_eq!(fate(Some(&Outcome::Accept), &own, P::Offered, false), Fate::Accepted);
    assert_eq!(
        fate(Some(&Outcome::Hold(hold())), &own, P::Offered, false),
        Fate::Person
    );
    assert_eq!(
        fate(Some(&soon), &own, P::Offered, false),
        Fate::Rejected,
        "in no time nobody is asked"
    );
    assert_eq!(
        fate(Some(&Outcome::Accept), &own, P::Unknown, false),
        Fate::Person,
        "flagged for a person"
    );
    let holding = CustomerSettings {
        hold: Some(hold()),
        ..own
    };
    assert_eq!(fate(None, &holding, P::Offered, false), Fate::Person);
}

#[test]
fn every_fault_of_a_rule_is_named_at_its_field() {
    let fields = |rule: Rule| rule.faults().into_iter().map(|(field, _)| field).collect::<Vec<_>>();
    let when = Conditions {
        words: list(&["–"]),
        ordered_before: Some(OrderedBefore {
            days: 0,
            same_package: true,
        }),
        packages: (0..201).map(|number| number.to_string()).collect(),
        regions: vec!["x".repeat(101)],
        ..Conditions::default()
    };
    let bad = Rule {
        name: String::new(),
        ..rule(when, Outcome::Reject { message: String::new() })
    };
    assert_eq!(fields(bad), ["name", "packages", "regions", "words", "days", "message"]);
    let late = HoldSetting {
        seconds: 11,
        message: "x".repeat(LONGEST_MESSAGE + 1),
        ..hold()
    };
    assert_eq!(
        fields(rule(Conditions::default(), Outcome::Hold(late))),
        ["hold_message", "hold_seconds"]
    );
    assert_eq!(fields(rule(Conditions::default(), Outcome::Accept)), [""; 0]);
}

#[test]
fn a_rule_reads_as_a_sentence() {
    let when = Conditions {
        packages: list(&["logic-2", "gone"]),
        countries: list(&["no", "Sweden"]),
        missing: vec![CandidateField::Phone],
        ordered_before: Some(OrderedBefore {
            days: 30,
            same_package: true,
        }),
        outside_hours: true,
        ..Conditions::default()
    };
    let name = |key: &str| (key == "logic-2").then(|| "Logic".to_owned());
    let told = sentence(
        &rule(
            when,
            Outcome::Reject {
                message: "Not there.".to_owned(),
            },
        ),
        name,
    );
    assert_eq!(
        told.when,
        "If the package is ‘Logic’ (logic-2) or ‘gone’, the job’s country is Norway or Sweden, the ATS tells no phone number, \
         the same candidate was ordered the same package in the last 30 days, and it arrives outside business hours"
    );
    assert_eq!(
        (told.then.as_str(), told.says.as_deref()),
        ("reject it", Some("Not there."))
    );
    let told = sentence(&rule(Conditions::default(), Outcome::Hold(hold())), name);
    assert_eq!(told.when, "For every order");
    assert_eq!(told.then, "ask a person for up to 5 s; if nobody decides, reject it");
    assert!(told.says.is_some(), "the built-in words");
}

#[test]
fn a_set_is_moved_changed_and_read_again() {
    let named = |number: u128| Rule {
        id: RuleId(Uuid::from_u128(number)),
        ..rule(Conditions::default(), Outcome::Hold(hold()))
    };
    let mut set = RuleSet(vec![named(1), named(2), named(3)]);
    let order = |set: &RuleSet| set.0.iter().map(|rule| rule.id.0.as_u128()).collect::<Vec<_>>();
    assert!(set.shift(RuleId(Uuid::from_u128(3)), true) && set.shift(RuleId(Uuid::from_u128(1)), true));
    assert_eq!(order(&set), [1, 3, 2]);
    assert!(set.shift(RuleId(Uuid::from_u128(2)), false) && !set.shift(RuleId(Uuid::nil()), false));
    assert_eq!(order(&set), [1, 3, 2]);
    assert_eq!(set.find(RuleId(Uuid::from_u128(2))).map(|(number, _)| number), Some(3));
    assert!(set.replace(named(3)) && !set.replace(named(9)));
    assert_eq!(RuleSet::parse(&set.to_text()), Some(set.clone()));
    assert!(set.remove(RuleId(Uuid::from_u128(1))).is_some());
    assert_eq!(order(&set), [3, 2]);
    assert_eq!(RuleSet::parse("{"), None);
}

/// What a pattern means, said as plainly as can be.
fn plainly(pattern: &[char], text: &[char]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        (['*', rest @ ..], _) => plainly(rest, text) || (!text.is_empty() && plainly(pattern, &text[1..])),
        ([letter, rest @ ..], [first, more @ ..]) if *letter == '?' || letter == first => plainly(rest, more),
        _ => false,
    }
}

/// A matcher that tries everything would not come to an end here.
#[test]
fn no_pattern_tries_everything() {
    let text = "a".repeat(255).chars().collect::<Vec<_>>();
    assert!(!Glob::new(&format!("{}b", "*a".repeat(49))).fits(&text));
}

prop_compose! {
    fn any_when()(
        packages in prop::collection::vec("[a-c]{1,2}", 0..3),
        countries in prop::collection::vec("[A-Z]{2}", 0..3),
        job_codes in prop::collection::vec("[a-c*?]{0,6}", 0..3),
        words in prop::collection::vec("[a-c é]{1,5}", 0..3),
        days in prop::option::of(1..40_i64),
        (credits_used_up, outside_hours, same_package) in any::<(bool, bool, bool)>(),
    ) -> Conditions {
        Conditions {
            packages, countries, job_codes, words, credits_used_up, outside_hours,
            ordered_before: days.map(|days| OrderedBefore { days, same_package }),
            ..Conditions::default()
        }
    }
}

proptest! {
    #[test]
    fn a_pattern_means_what_it_plainly_says(pattern in "[ab*?]{0,8}", text in "[ab]{0,10}") {
        let (letters, text) = (pattern.chars().collect::<Vec<_>>(), text.chars().collect::<Vec<_>>());
        prop_assert_eq!(Glob::new(&pattern).fits(&text), plainly(&letters, &text));
    }

    #[test]
    fn the_rule_that_decides_is_the_first_that_fits_alone(
        whens in prop::collection::vec(any_when(), 0..6),
        package in "[a-c]{1,2}", country in "[A-Z]{2}", code in "[a-c]{0,5}", text in "[a-c é<>&;]{0,30}",
        credits in prop::option::of(0..2_i64), is_open in any::<Option<bool>>(), ago in prop::option::of(0..60_u64),
    ) {
        let told = Told {
            package: &package, country: Some(&country), job_code: Some(&code), job_name: Some(&text),
            description: Some(&text), ..ORDER
        };
        let mut it = subject(&told);
        (it.credits, it.is_open) = (credits, is_open);
        it.ordered.any = ago.map(days_ago);
        let alone = whens.iter().position(|when| holds(when.clone(), &it));
        let rules = whens.iter().map(|when| rule(when.clone(), Outcome::Accept)).collect();
        let rules = Rules { own: None, house: Some(Arc::new(prepared(rules))) };
        prop_assert_eq!(rules.first(&it).map(|found| found.number - 1), alone);
    }

    #[test]
    fn a_rule_is_read_as_it_was_written(when in any_when(), message in ".{0,20}") {
        let set = RuleSet(vec![rule(when, Outcome::Reject { message })]);
        prop_assert_eq!(RuleSet::parse(&set.to_text()), Some(set));
    }
}
