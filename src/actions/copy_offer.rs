//! A draft offer takes over what another customer's integration offers. Nothing reaches Kombo before it is published.

use super::work::{Subject, Work};
use super::{Error, offer_sets, publish_offer};
use crate::domain::ids::IntegrationId;
use crate::domain::publication::Taking;
use crate::live::Kind;
use crate::store;
use crate::store::integrations;
use crate::store::offer_sets::Scope;
use crate::store::offers::{self, DraftLine, NewLine};
use serde_json::json;
use std::collections::{HashMap, HashSet};

/// What is copied, as the person saw it.
#[derive(Clone, Copy, Debug)]
pub struct Copying {
    /// The version of the draft that changes.
    pub offer_version: i64,
    /// Whose offer is taken over.
    pub from: IntegrationId,
    /// The version of that draft.
    pub from_version: i64,
    /// What becomes of the draft.
    pub taking: Taking,
    /// The names and descriptions of that offer come, too.
    pub with_words: bool,
}

/// The draft as it will be; the other one is read for this integration ([`offers::draft_for`]). Packages that are retired
/// since do not come; those that are here already keep their words, unless the other offer's words come with the whole list.
pub fn taken(own: &[DraftLine], other: &[DraftLine], taking: Taking, with_words: bool) -> Vec<DraftLine> {
    let here: HashMap<_, _> = own.iter().map(|line| (line.package_id, line)).collect();
    let sold = other.iter().filter(|line| line.retired_at.is_none());
    // A customer's own: from when to when it offers something, and which sets it follows.
    let as_new = |line: &DraftLine| {
        let mut line = line.clone();
        let kept = here.get(&line.package_id);
        (line.valid_from, line.valid_until) = kept.map_or((None, None), |kept| (kept.valid_from, kept.valid_until));
        line.from_set = kept.is_some_and(|kept| kept.from_set);
        if !with_words {
            line.name = String::new();
            line.description = String::new();
        }
        line
    };
    match taking {
        Taking::Whole => sold
            .map(|line| match here.get(&line.package_id) {
                Some(kept) if !with_words => (*kept).clone(),
                _ => as_new(line),
            })
            .collect(),
        Taking::Missing => {
            let missing = sold.filter(|line| !here.contains_key(&line.package_id));
            own.iter().cloned().chain(missing.map(as_new)).collect()
        }
    }
}

/// Takes the other offer over into the draft, if both are what the person saw; says the draft's new version.
///
/// # Errors
/// [`store::Error::Changed`] where one of them was changed meanwhile, [`Error::Refused`] where nothing would change.
pub async fn copy(work: &mut Work, id: IntegrationId, copying: Copying) -> Result<i64, Error> {
    let viewer = work.viewer;
    let row = integrations::find(&mut work.conn, &viewer, id).await?;
    let row = row.ok_or(Error::NotFound)?;
    let from = integrations::find(&mut work.conn, &viewer, copying.from).await?;
    let from = from.ok_or(Error::NotFound)?;
    if from.offer_version != copying.from_version || row.offer_version != copying.offer_version {
        return Err(store::Error::Changed.into());
    }
    let own = offers::draft(&mut work.conn, id).await?;
    let other = offers::draft_for(&mut work.conn, from.id, id).await?;
    let draft = taken(&own, &other, copying.taking, copying.with_words);
    if draft == own {
        return Err(Error::refused("That changes nothing here."));
    }
    let (came, gone) = (keys_beyond(&draft, &own), keys_beyond(&own, &draft));
    let lines = draft.into_iter().map(NewLine::from).collect::<Vec<_>>();
    let version = offers::replace(&mut work.conn, id, copying.offer_version, &lines, work.now).await?;
    publish_offer::mark(work, id).await?;
    offer_sets::follow(work, Scope::Drafts(&[id])).await?;
    let detail = json!({"added": came, "removed": gone, "from": from.kombo_id, "words": copying.with_words});
    let subject = Subject::new("integration", id.0, row.customer_id);
    work.audit("offer.copied", subject, detail).await?;
    work.hint(Kind::Integration, id.0, row.customer_id);
    Ok(version)
}

/// The keys of what stands in `lines` and not in `others`.
fn keys_beyond<'a>(lines: &'a [DraftLine], others: &[DraftLine]) -> Vec<String> {
    let known: HashSet<_> = others.iter().map(|line| line.package_id).collect();
    let beyond = lines.iter().filter(|line| !known.contains(&line.package_id));
    beyond.map(|line: &'a DraftLine| line.key.clone()).collect()
}
