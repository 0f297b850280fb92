//! Rules change: in a draft, rule by rule, which is then put in force as a new version. Versions are kept for good.

use super::Error;
use super::work::{Subject, Work};
use crate::domain::customer::FieldError;
use crate::domain::ids::{CustomerId, RuleId};
use crate::domain::role::Permission;
use crate::domain::rules::{MOST_RULES, Rule, RuleSet};
use crate::live::Kind;
use crate::store::rule_sets::{self, DraftRow, RuleSetRow};
use crate::store::{self, customers, packages};
use serde_json::json;
use uuid::Uuid;

/// The longest note to a version, in characters.
pub const LONGEST_NOTE: usize = 500;

/// Whose rules are changed; `None`: those for all customers.
pub type Of = Option<CustomerId>;

/// Something done to the draft.
#[derive(Clone, Debug)]
pub enum Edit {
    /// A new rule, as the last one.
    Add(Rule),
    /// Another rule in the place of the one with its id.
    Change(Rule),
    /// A rule goes.
    Remove(RuleId),
    /// A rule moves past its neighbour.
    Move {
        /// Which.
        id: RuleId,
        /// Towards the beginning.
        up: bool,
    },
}

/// Changes the draft that was read at `version` (0: there was none, so one begins with what is in force).
///
/// # Errors
/// [`Error::Fields`] where a rule makes no sense, [`store::Error::Changed`] where somebody else was first.
pub async fn edit(work: &mut Work, of: Of, version: i64, edit: Edit) -> Result<(), Error> {
    let (mut row, mut set) = draft_at(work, of, version).await?;
    let told = match edit {
        Edit::Add(rule) => {
            let rule = checked(work, rule).await?;
            if set.0.len() >= MOST_RULES {
                return Err(Error::refused(format!(
                    "These are {MOST_RULES} rules already, and nobody can follow more. Change one of them instead."
                )));
            }
            set.0.push(rule.clone());
            ("added", rule.name)
        }
        Edit::Change(rule) => {
            let rule = checked(work, rule).await?;
            if !set.replace(rule.clone()) {
                return Err(store::Error::Changed.into());
            }
            ("changed", rule.name)
        }
        Edit::Remove(id) => ("removed", set.remove(id).ok_or(Error::NotFound)?.name),
        Edit::Move { id, up } => {
            let name = set.find(id).map(|(_, rule)| rule.name.clone()).ok_or(Error::NotFound)?;
            set.shift(id, up);
            ("moved", name)
        }
    };
    row.rules = set.to_text();
    keep(work, &mut row).await?;
    tell(work, "rules.drafted", of, row.id, json!({ told.0: told.1 })).await
}

/// Puts the rules of an earlier version into the draft, in the place of whatever stood there.
///
/// # Errors
/// [`store::Error::Changed`] where somebody else was first.
pub async fn bring_back(work: &mut Work, of: Of, version: i64, number: i64) -> Result<(), Error> {
    let (mut row, _) = draft_at(work, of, version).await?;
    let earlier = rule_sets::numbered(&mut work.conn, of, number).await?;
    row.rules = earlier.ok_or(Error::NotFound)?.rules;
    row.restores = Some(number);
    keep(work, &mut row).await?;
    tell(work, "rules.brought_back", of, row.id, json!({"version": number})).await
}

/// Throws the draft away; what is in force stays so.
///
/// # Errors
/// [`store::Error::Changed`] where somebody else was first.
pub async fn discard(work: &mut Work, of: Of, version: i64) -> Result<(), Error> {
    let (row, _) = draft_at(work, of, version).await?;
    if row.version == 0 {
        return Ok(());
    }
    rule_sets::remove_draft(&mut work.conn, &row).await?;
    tell(work, "rules.draft_discarded", of, row.id, json!({})).await
}

/// Puts the draft in force as the next version; gives it.
///
/// # Errors
/// [`Error::Fields`] where the note makes no sense, [`Error::Refused`] where nothing would change,
/// [`store::Error::Changed`] where somebody else was first.
pub async fn put_in_force(work: &mut Work, of: Of, version: i64, note: &str) -> Result<RuleSetRow, Error> {
    let (draft, set) = draft_at(work, of, version).await?;
    let note = note.trim();
    let faults = note_faults(note);
    if !faults.is_empty() {
        return Err(Error::Fields(faults));
    }
    let newest = rule_sets::newest(&mut work.conn, of).await?;
    let in_force = newest.as_ref().map_or("[]", |newest| newest.rules.as_str());
    if RuleSet::parse(in_force).as_ref() == Some(&set) {
        return Err(Error::refused(
            "This is what is in force already: nothing would change.",
        ));
    }
    let number = newest.map_or(0, |newest| newest.number);
    if number != draft.based_on {
        return Err(store::Error::Changed.into());
    }
    let row = RuleSetRow {
        id: work.new_id(),
        customer_id: of,
        number: number + 1,
        rules: draft.rules.clone(),
        rule_count: i64::try_from(set.0.len()).unwrap_or(i64::MAX),
        note: note.to_owned(),
        restores: draft.restores,
        created_by: work.viewer.staff_id(),
        created_at: work.now,
    };
    rule_sets::insert(&mut work.conn, &row)
        .await
        .map_err(|error| match error {
            store::Error::Exists => store::Error::Changed,
            other => other,
        })?;
    rule_sets::remove_draft(&mut work.conn, &draft).await?;
    let detail = json!({"version": row.number, "rules": row.rule_count, "note": row.note});
    tell(work, "rules.put_in_force", of, row.id.0, detail).await?;
    Ok(row)
}

fn note_faults(note: &str) -> Vec<FieldError> {
    let length = note.chars().count();
    let why = if note.is_empty() {
        "Please say in a few words what changes and why: it stands in the history.".to_owned()
    } else if length > LONGEST_NOTE {
        format!("{length} characters are too many: {LONGEST_NOTE} at most.")
    } else if note.contains('\0') {
        "This holds a character that cannot be kept.".to_owned()
    } else {
        return Vec::new();
    };
    vec![("note", why)]
}

/// The draft as it was read at `version`, with its rules. One that is not there yet (0) begins with what is in force.
async fn draft_at(work: &mut Work, of: Of, version: i64) -> Result<(DraftRow, RuleSet), Error> {
    may_change(work, of).await?;
    let row = match rule_sets::draft(&mut work.conn, of).await? {
        Some(row) => row,
        None => {
            let newest = rule_sets::newest(&mut work.conn, of).await?;
            DraftRow {
                id: work.new_id(),
                customer_id: of,
                based_on: newest.as_ref().map_or(0, |newest| newest.number),
                rules: newest.map_or_else(|| "[]".to_owned(), |newest| newest.rules),
                restores: None,
                changed_by: None,
                changed_at: work.now,
                version: 0,
            }
        }
    };
    if row.version != version {
        return Err(store::Error::Changed.into());
    }
    let set = RuleSet::parse(&row.rules).unwrap_or_default();
    Ok((row, set))
}

/// Whether they may change these rules: those of a customer whom they see, or those for all where they see all.
async fn may_change(work: &mut Work, of: Of) -> Result<(), Error> {
    let viewer = work.viewer;
    let sees = match of {
        Some(customer) => customers::find(&mut work.conn, &viewer, customer).await?.is_some(),
        None => true,
    };
    if !sees {
        return Err(Error::NotFound);
    }
    if !viewer.can(Permission::ManageCustomers) || (of.is_none() && !viewer.sees_all()) {
        return Err(Error::refused(
            "Rules for all customers are changed by managers who see all customers.",
        ));
    }
    Ok(())
}

/// The rule without blanks, where it makes sense and its packages are in the catalogue.
async fn checked(work: &mut Work, rule: Rule) -> Result<Rule, Error> {
    let rule = rule.trimmed();
    let mut faults = rule.faults();
    if faults.iter().all(|(field, _)| *field != "packages") {
        let keys = rule.when.packages.iter().map(String::as_str);
        let known = packages::by_keys(&mut work.conn, keys).await?;
        if let Some(unknown) = rule.when.packages.iter().find(|key| !known.contains_key(*key)) {
            faults.push((
                "packages",
                format!("There is no package with the key ‘{unknown}’ in the catalogue."),
            ));
        }
    }
    if faults.is_empty() {
        Ok(rule)
    } else {
        Err(Error::Fields(faults))
    }
}

async fn keep(work: &mut Work, row: &mut DraftRow) -> Result<(), Error> {
    row.changed_by = work.viewer.staff_id();
    row.changed_at = work.now;
    if row.version == 0 {
        row.version = 1;
        let inserted = rule_sets::insert_draft(&mut work.conn, row).await;
        return inserted.map_err(|error| match error {
            store::Error::Exists => store::Error::Changed.into(),
            other => other.into(),
        });
    }
    Ok(rule_sets::save_draft(&mut work.conn, row).await?)
}

async fn tell(work: &mut Work, action: &'static str, of: Of, id: Uuid, detail: serde_json::Value) -> Result<(), Error> {
    work.audit(action, Subject::new("rules", id, of), detail).await?;
    if let Some(customer) = of {
        work.hint(Kind::Customer, customer.0, Some(customer));
    }
    Ok(())
}
