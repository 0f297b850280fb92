//! The offer of an integration as its page shows it: draft and published side by side, and what more could be offered.

use crate::actions::publish_offer::Proposal;
use crate::domain::arranging;
use crate::domain::ids::{IntegrationId, PackageId};
use crate::domain::offer_window::WindowPhase;
use crate::domain::package::{OfferDiff, OfferLine, PackageType};
use crate::domain::text::fold;
use crate::domain::time::Timestamp;
use crate::store::offers::DraftLine;
use crate::store::packages::{self, PackageFilter, PackageRow};
use crate::store::{self, Conn};
use crate::web::{Days, FormState};
use std::collections::{HashMap, HashSet};

/// How many packages are shown to be chosen before anything is searched for.
const FIRST: usize = 40;

/// How many of those that were searched for.
const FOUND: usize = 200;

/// From how many packages on an offer can be searched.
pub(super) const LONG: usize = 10;

/// What can be asked for of an offer's rows, beside types.
pub(super) const ONLY: [(&str, &str); 3] = [
    ("changed", "Not published yet"),
    ("renamed", "In words of their own"),
    ("timed", "For a time only"),
];

/// What the page was asked for: by its address, or by a form that was refused.
#[derive(Default)]
pub(super) struct Asked {
    form: FormState,
    ticked: HashSet<PackageId>,
    order: Vec<PackageId>,
}

impl Asked {
    pub(super) fn of(form: FormState) -> Self {
        let ticked = form.all("package").filter_map(|id| id.parse().ok()).collect();
        let order = form.value("order").split(' ').filter_map(|id| id.parse().ok());
        Self {
            order: order.collect(),
            ticked,
            form,
        }
    }

    /// The search within the offer, as it stands in an address; empty where there is none.
    pub(super) fn query(form: &FormState) -> String {
        let fields = ["in", "of", "only"].map(|name| (name, form.value(name)));
        let told = fields.into_iter().filter(|(_, value)| !value.is_empty());
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(told)
            .finish();
        if query.is_empty() { query } else { format!("?{query}") }
    }

    pub(super) fn value(&self, name: &str) -> &str {
        self.form.value(name)
    }

    pub(super) fn has(&self, name: &str, value: &str) -> bool {
        self.form.has(name, value)
    }
}

/// A package in the draft, in what was published, or in both.
pub(super) struct OfferRow {
    pub(super) key: String,
    pub(super) draft: Option<DraftRow>,
    pub(super) published: Option<OfferLine>,
    pub(super) change: &'static str,
    /// What is removed can be put back where the catalogue still has it.
    pub(super) back: Option<PackageId>,
}

/// A draft line as it is shown.
pub(super) struct DraftRow {
    pub(super) line: DraftLine,
    pub(super) offered: OfferLine,
    /// From when to when it is offered, where that is not for good.
    pub(super) time: String,
    /// Where it stands, from 1.
    pub(super) place: usize,
    pub(super) is_last: bool,
    pub(super) ticked: bool,
}

/// The rows that are shown, and what is to be known of the others.
pub(super) struct Offer {
    pub(super) rows: Vec<OfferRow>,
    /// Packages in the draft.
    pub(super) drafted: usize,
    /// Unpublished changes.
    pub(super) changes: usize,
    /// Only some rows are asked for.
    pub(super) is_searched: bool,
    /// There is enough of it to be searched.
    pub(super) is_long: bool,
    /// The rows stand in an order that is not saved.
    pub(super) is_arranged: bool,
}

/// The moment at which an offer is looked at, and the days by which its customer reckons.
pub(super) struct When {
    pub(super) now: Timestamp,
    pub(super) days: Days,
}

impl Offer {
    pub(super) async fn of(
        conn: &mut Conn,
        draft: Vec<DraftLine>,
        proposal: &Proposal,
        asked: &Asked,
        when: &When,
    ) -> Result<Self, store::Error> {
        let diff = proposal.diff();
        let (draft, is_arranged) = arranged(draft, &asked.order);
        let drafted = draft.len();
        let mut rows = rows(draft, proposal, &diff, &asked.ticked, when);
        let gone = rows.iter().filter(|row| row.draft.is_none());
        let catalogue = packages::by_keys(conn, gone.map(|row| row.key.as_str())).await?;
        for row in rows.iter_mut().filter(|row| row.draft.is_none()) {
            let known = catalogue.get(&row.key).filter(|package| package.retired_at.is_none());
            row.back = known.map(|package| package.id);
        }
        let all = rows.len();
        let within = Within::of(asked);
        rows.retain(|row| within.has(row));
        Ok(Self {
            drafted,
            changes: count(&diff),
            is_searched: within.is_asked(),
            is_long: all > LONG || within.is_asked(),
            is_arranged,
            rows,
        })
    }
}

/// The draft in the order that somebody gave it, and whether that is another one than it has.
fn arranged(draft: Vec<DraftLine>, order: &[PackageId]) -> (Vec<DraftLine>, bool) {
    if order.is_empty() {
        return (draft, false);
    }
    let is = draft.iter().map(|line| line.package_id).collect::<Vec<_>>();
    let wanted = arranging::like(&is, order);
    let mut lines: HashMap<_, _> = draft.into_iter().map(|line| (line.package_id, line)).collect();
    let draft = wanted.iter().filter_map(|id| lines.remove(id)).collect();
    (draft, wanted != is)
}

fn count(diff: &OfferDiff<'_>) -> usize {
    diff.added.len() + diff.removed.len() + diff.changed.len() + usize::from(diff.reordered)
}

/// Draft and published side by side: the draft's order, then what is only published.
fn rows(
    draft: Vec<DraftLine>,
    proposal: &Proposal,
    diff: &OfferDiff<'_>,
    ticked: &HashSet<PackageId>,
    when: &When,
) -> Vec<OfferRow> {
    let published: HashMap<_, _> = proposal
        .base_lines
        .iter()
        .map(|line| (line.key.as_str(), line))
        .collect();
    let mut changes: HashMap<_, _> = diff.added.iter().map(|line| (line.key.as_str(), "added")).collect();
    changes.extend(diff.changed.iter().map(|it| (it.new.key.as_str(), "changed")));
    let last = draft.len();
    let mut rows: Vec<OfferRow> = Vec::with_capacity(last);
    for (place, line) in (1..).zip(draft) {
        let change = match line.window().phase(when.now) {
            _ if line.retired_at.is_some() => "retired",
            WindowPhase::Early => "early",
            WindowPhase::Over => "over",
            WindowPhase::Open => changes.get(line.key.as_str()).copied().unwrap_or_default(),
        };
        rows.push(OfferRow {
            key: line.key.clone(),
            published: published.get(line.key.as_str()).map(|line| (*line).clone()),
            change,
            draft: Some(DraftRow {
                offered: line.offered(),
                time: when.days.window(line.window()),
                place,
                is_last: place == last,
                ticked: ticked.contains(&line.package_id),
                line,
            }),
            back: None,
        });
    }
    let drafted: HashSet<_> = rows.iter().map(|row| row.key.clone()).collect();
    let gone = diff.removed.iter().filter(|line| !drafted.contains(&line.key));
    rows.extend(gone.map(|line| OfferRow {
        key: line.key.clone(),
        draft: None,
        published: Some((*line).clone()),
        change: "removed",
        back: None,
    }));
    rows
}

/// Which rows of the offer are asked for.
struct Within {
    text: String,
    kind: Option<PackageType>,
    only: String,
}

impl Within {
    fn of(asked: &Asked) -> Self {
        let only = asked.value("only");
        Self {
            text: fold(asked.value("in").trim()),
            kind: PackageType::parse(asked.value("of")),
            only: ONLY
                .iter()
                .find(|(known, _)| *known == only)
                .map(|(known, _)| (*known).to_owned())
                .unwrap_or_default(),
        }
    }

    fn is_asked(&self) -> bool {
        !self.text.is_empty() || self.kind.is_some() || !self.only.is_empty()
    }

    /// What is ticked stays in sight, so that nothing is done to what nobody sees.
    fn has(&self, row: &OfferRow) -> bool {
        if row.draft.as_ref().is_some_and(|draft| draft.ticked) {
            return true;
        }
        let line = row
            .draft
            .as_ref()
            .map(|draft| &draft.offered)
            .or(row.published.as_ref());
        let Some(line) = line else { return false };
        let catalogue = row.draft.as_ref().map(|draft| draft.line.own_name.as_str());
        let words = [Some(line.name.as_str()), Some(line.key.as_str()), catalogue];
        let mut words = words.into_iter().flatten();
        let renamed = row.draft.as_ref().is_some_and(|draft| draft.line.is_renamed());
        words.any(|word| fold(word).contains(&self.text))
            && self.kind.is_none_or(|kind| kind == line.kind)
            && match self.only.as_str() {
                "changed" => !row.change.is_empty(),
                "renamed" => renamed,
                "timed" => row.draft.as_ref().is_some_and(|draft| !draft.time.is_empty()),
                _ => true,
            }
    }
}

/// A package that could be offered, too.
pub(super) struct Choosable {
    pub(super) package: PackageRow,
    pub(super) ticked: bool,
}

/// What can be added: the ticked ones first, so that they stay in sight whatever is searched for next.
pub(super) struct Choice {
    pub(super) rows: Vec<Choosable>,
    /// There are more than are shown.
    pub(super) is_more: bool,
    /// Something was searched for.
    pub(super) is_searched: bool,
    /// The version of the offer that the person sees.
    pub(super) version: i64,
}

impl Choice {
    pub(super) async fn of(
        conn: &mut Conn,
        integration: IntegrationId,
        draft: &[DraftLine],
        asked: &Asked,
        version: i64,
    ) -> Result<Self, store::Error> {
        let filter = PackageFilter {
            text: asked.value("add").to_owned(),
            kind: PackageType::parse(asked.value("type")),
            ..PackageFilter::default()
        };
        let is_searched = !filter.text.trim().is_empty() || filter.kind.is_some();
        let most = if is_searched { FOUND } else { FIRST };
        let limit = i64::try_from(most + 1).unwrap_or(i64::MAX);
        let mut found = packages::not_offered(conn, integration, &filter, limit).await?;
        let is_more = found.len() > most;
        found.truncate(most);
        found.retain(|package| !asked.ticked.contains(&package.id));
        let drafted: HashSet<_> = draft.iter().map(|line| line.package_id).collect();
        let ticked = asked.ticked.difference(&drafted).copied().collect::<Vec<_>>();
        let mut ticked = packages::by_ids(conn, &ticked).await?.into_values().collect::<Vec<_>>();
        ticked.retain(|package| package.retired_at.is_none());
        ticked.sort_by(|one, other| (&one.name_folded, one.id).cmp(&(&other.name_folded, other.id)));
        let row = |ticked| move |package| Choosable { package, ticked };
        Ok(Self {
            rows: ticked
                .into_iter()
                .map(row(true))
                .chain(found.into_iter().map(row(false)))
                .collect(),
            is_more,
            is_searched,
            version: asked.value("version").parse().unwrap_or(version),
        })
    }
}
