//! A refused action back in its form: what was typed stays, each fault stands at its field.

use crate::actions;
use crate::web::{Error, FormState};

/// Notes in `form` what the action refused; any other error is passed on.
pub(super) fn note(form: &mut FormState, error: actions::Error) -> Result<(), Error> {
    match error {
        actions::Error::Fields(faults) => {
            for (field, why) in faults {
                form.refuse(field, why);
            }
        }
        actions::Error::Refused(why) => form.refuse_all(why),
        other => return Err(other.into()),
    }
    Ok(())
}

/// What stands saved now in a field where somebody else was faster.
#[derive(Clone, Debug)]
pub(super) struct SavedNow {
    /// Its label.
    pub(super) label: &'static str,
    /// What is saved.
    pub(super) value: String,
}

/// The fields in which `typed` differs from what is `saved` now, after somebody else was faster; `in_words` says a
/// field's value as people are shown it.
pub(super) fn overtaken(
    typed: &FormState,
    saved: &FormState,
    labels: &[(&'static str, &'static str)],
    in_words: impl Fn(&str, &str) -> String,
) -> Vec<SavedNow> {
    let differing = labels
        .iter()
        .filter(|(field, _)| typed.value(field).trim() != saved.value(field));
    differing
        .map(|(field, label)| SavedNow {
            label,
            value: in_words(field, saved.value(field)),
        })
        .collect()
}
