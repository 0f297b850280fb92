//! The library of reasons changes: a reason is created, changed, moved, retired or brought back.

use super::Error;
use super::work::{Subject, Work};
use crate::domain::ids::ReasonId;
use crate::domain::language::Language;
use crate::domain::reason::{MAX_REASONS, ReasonInput, STARTER, text_field};
use crate::store;
use crate::store::reasons::{self, ReasonRow};
use serde_json::{Map, Value, json};

/// Creates a reason; it is offered last.
///
/// # Errors
/// [`Error::Fields`] where the input makes no sense, [`Error::Refused`] where the library is full.
pub async fn create(work: &mut Work, input: ReasonInput) -> Result<ReasonRow, Error> {
    let input = input.trimmed();
    let faults = input.faults();
    if !faults.is_empty() {
        return Err(Error::Fields(faults));
    }
    let all = reasons::list_to_change(&mut work.conn).await?;
    if all.len() >= MAX_REASONS {
        return Err(Error::refused(format!(
            "The library holds {MAX_REASONS} reasons, and more than that nobody can choose from. Change one of them instead."
        )));
    }
    let position = all.last().map_or(1, |last| last.position + 1);
    let row = add(work, input, position).await?;
    tell(work, "reason.created", row.id, json!({"name": row.name})).await?;
    Ok(row)
}

async fn add(work: &mut Work, input: ReasonInput, position: i64) -> Result<ReasonRow, store::Error> {
    let row = ReasonRow {
        id: work.new_id(),
        name: input.name,
        for_rejection: input.for_rejection,
        for_cancellation: input.for_cancellation,
        position,
        uses: 0,
        last_used_at: None,
        retired_at: None,
        created_at: work.now,
        version: 1,
    };
    reasons::insert(&mut work.conn, &row).await?;
    reasons::set_texts(&mut work.conn, row.id, &input.texts).await?;
    Ok(row)
}

/// Begins the library with its starter reasons, once in a database's life and only while it is empty.
pub async fn begin_library(work: &mut Work) -> Result<(), store::Error> {
    let now = work.now;
    if !reasons::begin_library(&mut work.conn, now).await? || !reasons::list(&mut work.conn).await?.is_empty() {
        return Ok(());
    }
    for (position, starter) in (1..).zip(STARTER) {
        add(work, starter.input(), position).await?;
    }
    let subject = Subject::new("reason", None, None);
    work.audit("reason.library_begun", subject, json!({"reasons": STARTER.len()}))
        .await
}

/// Changes a reason that was read at `version`. Orders that were decided with it keep what was sent.
///
/// # Errors
/// [`Error::Fields`] where the input makes no sense, [`store::Error::Changed`] where somebody else was first.
pub async fn change(work: &mut Work, id: ReasonId, version: i64, input: ReasonInput) -> Result<ReasonRow, Error> {
    let input = input.trimmed();
    let before = read(work, id, version).await?;
    let faults = input.faults();
    if !faults.is_empty() {
        return Err(Error::Fields(faults));
    }
    let texts = reasons::texts_of(&mut work.conn, id).await?;
    let mut row = ReasonRow {
        name: input.name,
        for_rejection: input.for_rejection,
        for_cancellation: input.for_cancellation,
        ..before.clone()
    };
    let changes = differences((&before, &texts), (&row, &input.texts));
    if !changes.is_empty() {
        reasons::save(&mut work.conn, &mut row).await?;
        reasons::set_texts(&mut work.conn, id, &input.texts).await?;
        tell(work, "reason.changed", id, Value::Object(changes)).await?;
    }
    Ok(row)
}

/// Moves a reason past its neighbour among those that are offered.
pub async fn shift(work: &mut Work, id: ReasonId, up: bool) -> Result<ReasonRow, Error> {
    let mut all = reasons::list_to_change(&mut work.conn).await?;
    let at = all.iter().position(|row| row.id == id).ok_or(Error::NotFound)?;
    let is_offered = |at: &usize| all[*at].retired_at.is_none();
    let neighbour = if up {
        (0..at).rev().find(is_offered)
    } else {
        (at + 1..all.len()).find(is_offered)
    };
    let row = all[at].clone();
    if let Some(to) = neighbour {
        let moved = all.remove(at);
        all.insert(to, moved);
        for (position, row) in (1..).zip(&all) {
            if row.position != position {
                reasons::set_position(&mut work.conn, row.id, position).await?;
            }
        }
        tell(work, "reason.moved", id, json!({"name": row.name, "up": up})).await?;
    }
    Ok(row)
}

/// Retires a reason, or brings it back. Orders that were decided with it go on naming it.
///
/// # Errors
/// [`store::Error::Changed`] where somebody else was first.
pub async fn retire(work: &mut Work, id: ReasonId, version: i64, retired: bool) -> Result<ReasonRow, Error> {
    let mut row = read(work, id, version).await?;
    if row.retired_at.is_some() != retired {
        row.retired_at = retired.then_some(work.now);
        reasons::save(&mut work.conn, &mut row).await?;
        let action = if retired { "reason.retired" } else { "reason.unretired" };
        tell(work, action, id, json!({"name": row.name})).await?;
    }
    Ok(row)
}

async fn read(work: &mut Work, id: ReasonId, version: i64) -> Result<ReasonRow, Error> {
    let row = reasons::find(&mut work.conn, id).await?.ok_or(Error::NotFound)?;
    if row.version != version {
        return Err(store::Error::Changed.into());
    }
    Ok(row)
}

async fn tell(work: &mut Work, action: &'static str, id: ReasonId, detail: Value) -> Result<(), store::Error> {
    work.audit(action, Subject::new("reason", id.0, None), detail).await
}

/// A reason with its texts.
type Whole<'a> = (&'a ReasonRow, &'a [(Language, String)]);

fn differences((before, old): Whole<'_>, (after, new): Whole<'_>) -> Map<String, Value> {
    let own = [
        ("name", json!(before.name), json!(after.name)),
        ("for_rejection", json!(before.for_rejection), json!(after.for_rejection)),
        (
            "for_cancellation",
            json!(before.for_cancellation),
            json!(after.for_cancellation),
        ),
    ];
    let text = |texts: &[(Language, String)], language: Language| {
        let text = texts.iter().find(|(own, _)| *own == language);
        json!(text.map_or("", |(_, text)| text))
    };
    let texts = Language::ALL
        .iter()
        .map(|language| (text_field(*language), text(old, *language), text(new, *language)));
    let changed = own.into_iter().chain(texts).filter(|(_, was, is)| was != is);
    changed
        .map(|(field, was, is)| (field.to_owned(), json!([was, is])))
        .collect()
}
