//! What the address of a list asks for: filters, search, order and page, in words that can be read and shared.

use crate::auth::Staff;
use crate::desk::on_screen::{OnScreen, with_rows};
use crate::domain::ids::{CustomerId, OrderId, StaffId};
use crate::domain::order::Stage;
use crate::domain::time::Timestamp;
use crate::store::order_lists::{Assignee, Filter, Key, Place, Sort};
use serde::Deserialize;

/// The stages that are not over.
const OPEN: [Stage; 6] = [
    Stage::Received,
    Stage::Accepted,
    Stage::Invited,
    Stage::Started,
    Stage::InReview,
    Stage::Closing,
];
/// The ends.
const DONE: [Stage; 3] = [Stage::Completed, Stage::Rejected, Stage::Cancelled];

/// The query of `/orders`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    /// A stage, `open`, `done` or `all`; empty: open ones, or all while something is searched.
    pub(super) stage: String,
    /// Words to search for.
    pub(super) q: String,
    /// A customer's id.
    pub(super) customer: String,
    /// A package's key.
    pub(super) package: String,
    /// `me`, `nobody`, or a staff member's id.
    pub(super) who: String,
    /// `flagged`, `paused` or `uninvited`.
    pub(super) only: String,
    /// `due`; empty: received.
    pub(super) sort: String,
    /// The key behind which the page begins.
    after: String,
    /// The key before which the page ends.
    before: String,
    /// The rows that stand on the screen and are fetched again.
    rows: String,
}

impl Asked {
    /// The tab that is open.
    pub(super) fn tab(&self) -> &str {
        match self.stage.as_str() {
            "" if self.q.trim().is_empty() && self.only.is_empty() => "open",
            "" => "all",
            stage => stage,
        }
    }

    /// How the list is ordered; only live orders can be ordered by due time, and a search is always newest first.
    pub(super) fn sort(&self) -> Sort {
        let live = match self.tab() {
            "open" => true,
            tab => Stage::parse(tab).is_some_and(Stage::is_live),
        };
        if self.sort == "due" && live && self.q.trim().is_empty() {
            Sort::Due
        } else {
            Sort::Received
        }
    }

    /// Whether this list could be ordered by due time.
    pub(super) fn can_sort(&self) -> bool {
        Self {
            sort: "due".into(),
            ..self.clone()
        }
        .sort()
            == Sort::Due
    }

    pub(super) fn filter(&self, staff: &Staff) -> Filter {
        Filter {
            stages: self.stages(),
            customer: self.customer.parse::<CustomerId>().ok(),
            package: Some(self.package.clone()).filter(|key| !key.is_empty()),
            assignee: match self.who.as_str() {
                "" => Assignee::Anybody,
                "nobody" => Assignee::Nobody,
                "me" => Assignee::Person(staff.id),
                id => id.parse::<StaffId>().map_or(Assignee::Anybody, Assignee::Person),
            },
            flagged: self.only == "flagged",
            paused: self.only == "paused",
            to_invite: false,
            uninvited: self.only == "uninvited",
            search: self.q.clone(),
        }
    }

    fn stages(&self) -> Vec<Stage> {
        match self.tab() {
            "open" => OPEN.to_vec(),
            "done" => DONE.to_vec(),
            tab => Stage::parse(tab).into_iter().collect(),
        }
    }

    pub(super) fn place(&self) -> Place {
        match (read_key(&self.after), read_key(&self.before)) {
            (Some(key), _) => Place::After(key),
            (None, Some(key)) => Place::Before(key),
            (None, None) => Place::Start,
        }
    }

    /// The rows on the screen, where just they are fetched again.
    pub(super) fn on_screen(&self) -> Option<OnScreen> {
        OnScreen::parse(&self.rows)
    }

    /// The address of this very page with exactly these rows.
    pub(super) fn again(&self, rows: &str) -> String {
        with_rows(&self.url(), rows)
    }

    /// What a new search keeps of this one, as names and values of hidden fields.
    pub(super) fn kept(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("stage", self.stage.as_str()),
            ("customer", &self.customer),
            ("package", &self.package),
            ("who", &self.who),
            ("only", &self.only),
            ("sort", &self.sort),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty()).collect()
    }

    /// Whether anything but the tab narrows the list.
    pub(super) fn is_narrowed(&self) -> bool {
        [&self.q, &self.customer, &self.package, &self.who, &self.only]
            .iter()
            .any(|value| !value.trim().is_empty())
    }

    /// The address of the same list with one thing changed, from its beginning.
    pub(super) fn with(&self, name: &str, value: &str) -> String {
        let mut next = self.clone();
        next.after.clear();
        next.before.clear();
        let field = match name {
            "stage" => &mut next.stage,
            "q" => &mut next.q,
            "customer" => &mut next.customer,
            "package" => &mut next.package,
            "who" => &mut next.who,
            "only" => &mut next.only,
            "after" => &mut next.after,
            "before" => &mut next.before,
            _ => &mut next.sort,
        };
        value.clone_into(field);
        next.url()
    }

    /// The address of the page with all that one filter of this list can be set to.
    pub(super) fn choose(&self, by: &str) -> String {
        let list = self.with(by, "");
        let (_, query) = list.split_once('?').unwrap_or_default();
        let and = if query.is_empty() { "" } else { "&" };
        format!("/orders/choose?by={by}{and}{query}")
    }

    /// The address of this very page.
    pub(super) fn url(&self) -> String {
        let pairs = [
            ("stage", &self.stage),
            ("q", &self.q),
            ("customer", &self.customer),
            ("package", &self.package),
            ("who", &self.who),
            ("only", &self.only),
            ("sort", &self.sort),
            ("after", &self.after),
            ("before", &self.before),
        ];
        let pairs = pairs.into_iter().filter(|(_, value)| !value.is_empty());
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(pairs)
            .finish();
        if query.is_empty() {
            "/orders".to_owned()
        } else {
            format!("/orders?{query}")
        }
    }
}

/// A row's key in an address.
pub(super) fn write_key(key: Key) -> String {
    format!("{}.{}.{}", key.at.unix_micros(), key.seq, key.id)
}

fn read_key(text: &str) -> Option<Key> {
    let mut parts = text.splitn(3, '.');
    Some(Key {
        at: Timestamp::from_unix_micros(parts.next()?.parse().ok()?)?,
        seq: parts.next()?.parse().ok()?,
        id: parts.next()?.parse::<OrderId>().ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_survives_its_address() {
        let key = Key {
            at: Timestamp::parse("2026-11-24T05:00:05.123456Z").expect("a moment"),
            id: OrderId(uuid::Uuid::from_u128(77)),
            seq: 12,
        };
        assert_eq!(read_key(&write_key(key)), Some(key));
        assert_eq!(read_key("soon"), None);
    }

    #[test]
    fn a_search_looks_everywhere_unless_a_stage_is_chosen() {
        let asked = |stage: &str, q: &str| Asked {
            stage: stage.into(),
            q: q.into(),
            ..Asked::default()
        };
        assert_eq!(asked("", "").tab(), "open");
        assert_eq!(asked("", "wei").tab(), "all");
        assert_eq!(asked("received", "wei").tab(), "received");
    }

    #[test]
    fn changing_a_filter_goes_back_to_the_first_page() {
        let asked = Asked {
            q: "zoë & co".into(),
            after: "1.1.x".into(),
            ..Asked::default()
        };
        assert_eq!(asked.with("only", "flagged"), "/orders?q=zo%C3%AB+%26+co&only=flagged");
        assert_eq!(asked.choose("customer"), "/orders/choose?by=customer&q=zo%C3%AB+%26+co");
        assert_eq!(Asked::default().choose("who"), "/orders/choose?by=who");
    }
}
