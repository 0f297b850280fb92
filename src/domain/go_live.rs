//! Whether an integration is proven from end to end: a checklist that ticks itself from facts.

use super::integration::{IntegrationState, QaStatus, SetupStatus};
use super::order::KomboStatus;
use super::time::Timestamp;
use super::words::words;

words! {
    /// A thing that must be seen to work, in the order in which they come.
    pub enum Step {
        /// The customer has a link.
        LinkSent = "link_sent", "Connection link sent";
        /// The ATS is connected, and the connection works.
        Connected = "connected", "ATS connected";
        /// Kombo has checked the connection.
        Checked = "checked", "Kombo’s check passed";
        /// Kombo has confirmed an offer.
        Published = "published", "Offer published";
        /// An order came by its webhook.
        Ordered = "ordered", "Test order received";
        /// It was accepted.
        Accepted = "accepted", "Test order accepted";
        /// Its result was taken by Kombo.
        WrittenBack = "written_back", "Result written back";
        /// Kombo shows the order as completed when it is asked.
        ReadBack = "read_back", "Read back from Kombo";
    }
}

/// What is known of an integration on its way to being live.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// When the link was made by which it came; `None`: it came without one of ours.
    pub link_made: Option<Timestamp>,
    /// When it was first heard of.
    pub heard: Option<Timestamp>,
    /// Whether it belongs to a customer.
    pub assigned: bool,
    /// How it fares.
    pub state: Option<IntegrationState>,
    /// Kombo's own check.
    pub qa: Option<QaStatus>,
    /// How far the set-up is.
    pub setup: Option<SetupStatus>,
    /// When it was deleted.
    pub deleted: Option<Timestamp>,
    /// When Kombo confirmed the newest offer.
    pub published: Option<Timestamp>,
    /// Whether an offer is on its way.
    pub publishing: bool,
    /// When the order came that is to prove it.
    pub ordered: Option<Timestamp>,
    /// Whether orders came, but none by its webhook.
    pub only_listed: bool,
    /// When that order was accepted.
    pub accepted: Option<Timestamp>,
    /// When Kombo took its result.
    pub written_back: Option<Timestamp>,
    /// When Kombo was last asked for it, and what it showed.
    pub read: Option<(Timestamp, Option<KomboStatus>)>,
}

/// How it stands with a step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// The step.
    pub step: Step,
    /// Whether it is proven.
    pub done: bool,
    /// When that became so, where it is known.
    pub at: Option<Timestamp>,
    /// What is to be said about it: what is missing, or how a proof came about that is not the usual one.
    pub note: Option<&'static str>,
}

/// Every step, in order.
pub fn checklist(facts: &Facts) -> Vec<Line> {
    let mut lines: Vec<Line> = Step::ALL.iter().map(|step| line(*step, facts)).collect();
    // Kombo tells of its check only once, when it is over. Where it never did, the order that went all the way says more.
    let others = lines.iter().all(|line| line.done || line.step == Step::Checked);
    if others && facts.qa.is_none() {
        for line in lines.iter_mut().filter(|line| line.step == Step::Checked) {
            line.done = true;
            line.note = Some("Kombo told nothing of a check. The order below went all the way, which says more.");
        }
    }
    lines
}

/// Whether every step is proven.
pub fn is_proven(lines: &[Line]) -> bool {
    lines.iter().all(|line| line.done)
}

fn line(step: Step, facts: &Facts) -> Line {
    let (done, at, note) = match step {
        Step::LinkSent => link_sent(facts),
        Step::Connected => connected(facts),
        Step::Checked => checked(facts),
        Step::Published => published(facts),
        Step::Ordered => ordered(facts),
        Step::Accepted => (facts.accepted.is_some(), facts.accepted, None),
        Step::WrittenBack => (facts.written_back.is_some(), facts.written_back, None),
        Step::ReadBack => read_back(facts),
    };
    Line { step, done, at, note }
}

type Told = (bool, Option<Timestamp>, Option<&'static str>);

fn link_sent(facts: &Facts) -> Told {
    if facts.link_made.is_some() {
        return (true, facts.link_made, None);
    }
    let here = facts.heard.is_some();
    (here, None, here.then_some("It was connected without a link from here."))
}

fn connected(facts: &Facts) -> Told {
    let why = if facts.deleted.is_some() {
        "It was deleted at Kombo."
    } else if !facts.assigned {
        "It belongs to no customer yet."
    } else {
        match facts.state {
            Some(IntegrationState::Active) if facts.setup == Some(SetupStatus::Incomplete) => {
                "The customer has not finished the set-up."
            }
            Some(IntegrationState::Active) => return (true, facts.heard, None),
            Some(IntegrationState::Invalid) => "The ATS refuses the customer’s credentials.",
            Some(IntegrationState::Inactive) => "It is switched off at Kombo.",
            Some(IntegrationState::Unknown) | None => "Kombo has not said yet how it fares.",
        }
    };
    (false, None, Some(why))
}

fn checked(facts: &Facts) -> Told {
    match facts.qa {
        Some(QaStatus::Passed) => (true, None, None),
        Some(QaStatus::Failed) => (
            false,
            None,
            Some("Kombo’s check found a fault. Kombo’s support can say what it was."),
        ),
        Some(QaStatus::Pending) => (false, None, Some("Kombo is still checking.")),
        None => (false, None, Some("Kombo has told nothing of its check yet.")),
    }
}

fn published(facts: &Facts) -> Told {
    let note = match (facts.published, facts.publishing) {
        (None, true) => Some("The offer is on its way to Kombo."),
        _ => None,
    };
    (facts.published.is_some(), facts.published, note)
}

fn ordered(facts: &Facts) -> Told {
    let note = facts.only_listed.then_some(
        "An order was found in Kombo’s list, but its webhook never came. Check the webhook’s address and secret at Kombo.",
    );
    (facts.ordered.is_some(), facts.ordered, note)
}

fn read_back(facts: &Facts) -> Told {
    let Some(_) = facts.written_back else {
        return (false, None, None);
    };
    match facts.read {
        Some((at, Some(KomboStatus::Completed))) => (true, Some(at), None),
        Some((_, Some(KomboStatus::Open))) => (false, None, Some("Kombo still shows the order as open.")),
        Some((_, Some(_))) => (false, None, Some("Kombo shows another end of the order than ours.")),
        Some((_, None)) => (false, None, Some("Kombo does not list the order.")),
        None => (false, None, Some("Kombo is asked within a few minutes.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: u8) -> Timestamp {
        Timestamp::parse(&format!("2026-11-24T09:{minute:02}:00Z")).expect("a moment")
    }

    fn proven() -> Facts {
        Facts {
            link_made: Some(at(0)),
            heard: Some(at(1)),
            assigned: true,
            state: Some(IntegrationState::Active),
            qa: Some(QaStatus::Passed),
            setup: Some(SetupStatus::Completed),
            published: Some(at(2)),
            ordered: Some(at(3)),
            accepted: Some(at(3)),
            written_back: Some(at(4)),
            read: Some((at(5), Some(KomboStatus::Completed))),
            ..Facts::default()
        }
    }

    fn open(facts: &Facts) -> Vec<Step> {
        let lines = checklist(facts).into_iter();
        lines.filter(|line| !line.done).map(|line| line.step).collect()
    }

    #[test]
    fn nothing_known_proves_nothing() {
        assert_eq!(open(&Facts::default()), Step::ALL);
    }

    #[test]
    fn everything_seen_is_live() {
        assert!(is_proven(&checklist(&proven())));
    }

    #[test]
    fn each_fact_that_is_missing_leaves_its_own_step_open() {
        let without = |change: fn(&mut Facts)| {
            let mut facts = proven();
            change(&mut facts);
            open(&facts)
        };
        assert_eq!(
            without(|it| it.state = Some(IntegrationState::Invalid)),
            [Step::Connected]
        );
        assert_eq!(
            without(|it| it.setup = Some(SetupStatus::Incomplete)),
            [Step::Connected]
        );
        assert_eq!(without(|it| it.assigned = false), [Step::Connected]);
        assert_eq!(without(|it| it.deleted = Some(at(9))), [Step::Connected]);
        assert_eq!(without(|it| it.qa = Some(QaStatus::Failed)), [Step::Checked]);
        assert_eq!(without(|it| it.qa = Some(QaStatus::Pending)), [Step::Checked]);
        assert_eq!(without(|it| it.published = None), [Step::Published]);
        assert_eq!(without(|it| it.ordered = None), [Step::Ordered]);
        assert_eq!(without(|it| it.accepted = None), [Step::Accepted]);
        assert_eq!(
            without(|it| it.written_back = None),
            [Step::WrittenBack, Step::ReadBack]
        );
        assert_eq!(without(|it| it.read = None), [Step::ReadBack]);
        assert_eq!(
            without(|it| it.read = Some((at(5), Some(KomboStatus::Open)))),
            [Step::ReadBack]
        );
        assert_eq!(without(|it| it.read = Some((at(5), None))), [Step::ReadBack]);
    }

    #[test]
    fn an_integration_that_came_by_itself_needs_no_link() {
        let facts = Facts {
            link_made: None,
            ..proven()
        };
        assert!(is_proven(&checklist(&facts)));
    }

    #[test]
    fn a_check_that_kombo_never_told_of_counts_only_once_all_else_is_proven() {
        let untold = Facts { qa: None, ..proven() };
        assert!(is_proven(&checklist(&untold)));
        let early = Facts { read: None, ..untold };
        assert_eq!(open(&early), [Step::Checked, Step::ReadBack]);
    }
}
