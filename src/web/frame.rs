//! What every page shows around its own content, in one place.

use super::held::HeldBar;
use super::{TimeView, asset};
use crate::domain::ids::OrderId;
use crate::domain::time::Timestamp;
use std::sync::{Arc, OnceLock};

/// Everything that `templates/_frame.html` (and `_bare.html`) needs; a page's template holds it as `frame`.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The page's name, without the product's.
    pub title: String,
    /// Which entry of the rail is the present one.
    pub section: Section,
    /// Who is signed in.
    pub staff: Option<Badge>,
    /// The numbers in the rail.
    pub counts: Counts,
    /// When the reconciler last compared with Kombo, and whether it went well; `None` before the first run.
    pub checked: Option<Checked>,
    /// Orders whose webhook waits for this person.
    pub held: HeldBar,
    /// What just happened, to be said once.
    pub notices: Vec<Notice>,
    /// What must not be overlooked on any page (sandbox in use, mails kept here, a setting that is unsafe).
    pub warnings: Vec<String>,
    /// The moment of the page and the reader's zone.
    pub time: TimeView,
}

impl Frame {
    /// A frame without anybody signed in (sign-in, public pages).
    pub fn bare(title: impl Into<String>, now: Timestamp) -> Self {
        Self {
            title: title.into(),
            section: Section::Elsewhere,
            staff: None,
            counts: Counts::default(),
            checked: None,
            held: HeldBar::default(),
            notices: Vec::new(),
            warnings: Vec::new(),
            time: TimeView::utc(now),
        }
    }

    /// A desk page's frame; counts, notices and warnings are added by whoever knows them.
    pub fn desk(title: impl Into<String>, section: Section, staff: Badge, now: Timestamp) -> Self {
        let time = TimeView::new(now, &staff.zone);
        Self {
            section,
            staff: Some(staff),
            time,
            ..Self::bare(title, now)
        }
    }

    /// The same frame with another title and section: an extractor makes the frame, the screen names itself.
    #[must_use]
    pub fn named(self, title: impl Into<String>, section: Section) -> Self {
        Self {
            title: title.into(),
            section,
            ..self
        }
    }

    /// Leaves an entry out of the rail: there is nothing behind it.
    pub fn hide(&mut self, section: Section) {
        if let Some(staff) = &mut self.staff {
            staff.hidden.push(section);
        }
    }

    /// `light`, `dark` or `auto`, for `<html data-theme>`.
    pub fn theme(&self) -> &str {
        self.staff.as_ref().map_or("auto", |staff| &staff.theme)
    }

    /// The section that the page belongs to, where its own name does not say so already.
    pub fn within(&self) -> Option<&'static str> {
        let (_, label, _) = self.section.place();
        let is_told = self.section == Section::Elsewhere || label == self.title;
        (!is_told).then_some(label)
    }

    /// Whether single letters are keys on this page.
    pub fn has_single_keys(&self) -> bool {
        self.staff.as_ref().is_none_or(|staff| staff.single_keys)
    }

    /// The same frame on the page of an order, which shows its own hold.
    #[must_use]
    pub fn of_order(mut self, order: OrderId) -> Self {
        self.held.orders.retain(|held| held.id != order);
        self.held.but = Some(order);
        self
    }

    /// The rail's entries by group, without those that this person may not open.
    pub fn rail(&self) -> Vec<RailGroup> {
        let hidden = self
            .staff
            .as_ref()
            .map(|staff| staff.hidden.as_slice())
            .unwrap_or_default();
        GROUPS
            .iter()
            .map(|(label, sections)| RailGroup {
                label,
                entries: sections
                    .iter()
                    .filter(|section| !hidden.contains(section))
                    .filter(|section| self.is_worth_showing(**section))
                    .map(|section| self.entry(*section))
                    .collect(),
            })
            .filter(|group| !group.entries.is_empty())
            .collect()
    }

    /// 'Unassigned' is a queue that is empty most of the time; the rail shows it when somebody waits there.
    fn is_worth_showing(&self, section: Section) -> bool {
        section != Section::Unassigned || self.counts.unassigned > 0 || self.section == section
    }

    fn entry(&self, section: Section) -> RailEntry {
        let (count, alert) = match section {
            Section::Orders => (self.counts.open_orders, false),
            Section::Unassigned => (self.counts.unassigned, true),
            Section::Inbox => (self.counts.inbox_alerts, true),
            Section::Outbox => (self.counts.outbox_alerts, true),
            _ => (0, false),
        };
        let (href, label, icon) = section.place();
        RailEntry {
            href,
            label,
            icon,
            go: section.go(),
            current: section == self.section,
            count,
            alert,
        }
    }

    /// The address of the icon `name` in the sprite.
    pub fn icon(&self, name: &str) -> String {
        icon(name)
    }
}

/// The address of the icon `name` in the sprite, for `<use href>`.
pub fn icon(name: &str) -> String {
    format!("{}#{name}", asset("icons.svg"))
}

/// The places of the desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// What waits, what is late, what failed.
    Today,
    /// The list of orders and a single order.
    Orders,
    /// Integrations that belong to nobody yet.
    Unassigned,
    /// Customers and their integrations.
    Customers,
    /// The catalogue.
    Packages,
    /// What reached us.
    Inbox,
    /// What must reach somebody else.
    Outbox,
    /// Mails to candidates.
    Mail,
    /// The comparison with Kombo.
    Reconciler,
    /// What recruiters read where an order is rejected or cancelled.
    Reasons,
    /// Who may sign in.
    Staff,
    /// Who did what.
    Audit,
    /// How the program is set up.
    Settings,
    /// One's own account, sign-in, and pages for people without an account.
    Elsewhere,
}

/// The rail's groups in their order.
const GROUPS: [(&str, &[Section]); 3] = [
    (
        "Desk",
        &[
            Section::Today,
            Section::Orders,
            Section::Unassigned,
            Section::Customers,
            Section::Packages,
        ],
    ),
    (
        "Traffic",
        &[Section::Inbox, Section::Outbox, Section::Mail, Section::Reconciler],
    ),
    (
        "House",
        &[Section::Reasons, Section::Staff, Section::Audit, Section::Settings],
    ),
];

/// The letters that lead to places after `g`.
const GO: [(Section, &str); 13] = [
    (Section::Today, "t"),
    (Section::Orders, "o"),
    (Section::Unassigned, "u"),
    (Section::Customers, "c"),
    (Section::Packages, "p"),
    (Section::Inbox, "i"),
    (Section::Outbox, "x"),
    (Section::Mail, "m"),
    (Section::Reconciler, "k"),
    (Section::Reasons, "r"),
    (Section::Staff, "s"),
    (Section::Audit, "a"),
    (Section::Settings, "e"),
];

impl Section {
    /// The place whose entry in the rail has this address.
    pub fn at(href: &str) -> Self {
        let all = GROUPS.iter().flat_map(|(_, sections)| *sections);
        let found = all.copied().find(|section| section.place().0 == href);
        found.unwrap_or(Self::Elsewhere)
    }

    /// The letter that leads there after `g`; empty: none.
    fn go(self) -> &'static str {
        let found = GO.iter().find(|(section, _)| *section == self);
        found.map_or("", |(_, letter)| letter)
    }

    /// Address, name and icon.
    fn place(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Today => ("/", "Today", "today"),
            Self::Orders => ("/orders", "Orders", "orders"),
            Self::Unassigned => ("/unassigned", "Unassigned", "question"),
            Self::Customers => ("/customers", "Customers", "customers"),
            Self::Packages => ("/packages", "Packages", "packages"),
            Self::Inbox => ("/inbox", "Inbox", "in"),
            Self::Outbox => ("/outbox", "Outbox", "out"),
            Self::Mail => ("/mail", "Mail", "mail"),
            Self::Reconciler => ("/reconciler", "Reconciler", "compare"),
            Self::Reasons => ("/reasons", "Reasons", "reasons"),
            Self::Staff => ("/staff", "Staff", "staff"),
            Self::Audit => ("/audit", "Audit", "audit"),
            Self::Settings => ("/settings", "Settings", "gear"),
            Self::Elsewhere => ("/account", "Account", "staff"),
        }
    }
}

/// A group of the rail.
#[derive(Clone, Debug)]
pub struct RailGroup {
    /// What a screen reader calls it.
    pub label: &'static str,
    /// Its entries, in order.
    pub entries: Vec<RailEntry>,
}

/// An entry of the rail.
#[derive(Clone, Debug)]
pub struct RailEntry {
    /// Where it leads.
    pub href: &'static str,
    /// Its word.
    pub label: &'static str,
    /// Its icon in the sprite.
    pub icon: &'static str,
    /// The letter that leads there after `g`.
    pub go: &'static str,
    /// Whether one is there.
    pub current: bool,
    /// How many wait there; 0 shows nothing.
    pub count: i64,
    /// Whether that number is a problem.
    pub alert: bool,
}

/// Who is signed in, as the rail shows it.
#[derive(Clone, Debug)]
pub struct Badge {
    /// The person's name.
    pub name: String,
    /// The role in a word (`Operator`).
    pub role: String,
    /// The person's time zone (`Europe/Berlin`).
    pub zone: String,
    /// `auto`, `light` or `dark`.
    pub theme: String,
    /// Whether single letters are keys on their pages.
    pub single_keys: bool,
    /// Entries of the rail that this role may not open, or that have nothing behind them.
    pub hidden: Vec<Section>,
}

impl Badge {
    /// Up to two letters that stand for the person.
    pub fn initials(&self) -> String {
        initials(&self.name)
    }
}

/// The first letters of the first and the last word of a name, in capitals.
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace();
    let first = words.next().and_then(|word| word.chars().next());
    let last = words.next_back().and_then(|word| word.chars().next());
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

/// The numbers in the rail.
#[derive(Clone, Copy, Debug, Default)]
pub struct Counts {
    /// Orders that are not over.
    pub open_orders: i64,
    /// Integrations without a customer.
    pub unassigned: i64,
    /// Events that could not be read.
    pub inbox_alerts: i64,
    /// Deliveries that need a person.
    pub outbox_alerts: i64,
}

/// The reconciler's last word.
#[derive(Clone, Copy, Debug)]
pub struct Checked {
    /// When it last finished.
    pub at: Timestamp,
    /// Whether Kombo could be asked.
    pub went_well: bool,
}

/// Something that just happened, said once above the page.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub struct Notice {
    /// How it is meant.
    pub tone: Tone,
    /// What happened and what it means.
    pub text: String,
}

impl Notice {
    /// Something went as wished.
    pub fn good(text: impl Into<String>) -> Self {
        Self {
            tone: Tone::Good,
            text: text.into(),
        }
    }

    /// Something did not.
    pub fn bad(text: impl Into<String>) -> Self {
        Self {
            tone: Tone::Bad,
            text: text.into(),
        }
    }
}

/// How a notice is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tone {
    /// It went as wished.
    Good,
    /// It did not.
    Bad,
}

impl Tone {
    /// The class in the style sheet.
    pub fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
        }
    }

    /// The icon in the sprite.
    pub fn icon(self) -> &'static str {
        match self {
            Self::Good => "tick",
            Self::Bad => "warn",
        }
    }
}

/// Where the frame of the present request is left, so that an error page stands in the same frame as the page would
/// have. Whoever makes the frame (the extractor of the staff member) calls [`FrameSlot::put`].
#[derive(Clone, Debug, Default)]
pub struct FrameSlot(Arc<OnceLock<Frame>>);

impl FrameSlot {
    /// Leaves `frame` for an error page; the first one stays.
    pub fn put(&self, frame: &Frame) {
        let _ = self.0.set(frame.clone());
    }

    /// The frame that was left.
    pub(super) fn get(&self) -> Option<&Frame> {
        self.0.get()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_first_and_last() {
        assert_eq!(initials("Mira Kovač"), "MK");
        assert_eq!(initials("Ana Maria de Souza"), "AS");
        assert_eq!(initials("Øyvind"), "Ø");
        assert_eq!(initials(""), "");
    }
}
