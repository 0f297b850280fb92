//! One statement's text several times in a row, each with parameters of its own, so that SQLite is woken once for all.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

/// The sizes of pieces: few, so that every text is prepared once and then remembered, and such that a handful of pieces
/// makes up any number.
const SIZES: [usize; 6] = [32, 16, 8, 4, 2, 1];

type Texts = HashMap<(&'static str, usize), Arc<str>>;

/// Texts that were made before, by statement and number.
static TEXTS: LazyLock<Mutex<Texts>> = LazyLock::new(Mutex::default);

/// `rows`, in pieces of the known sizes.
pub(in crate::store) fn pieces<T>(mut rows: &[T]) -> impl Iterator<Item = &[T]> {
    std::iter::from_fn(move || {
        let size = SIZES.into_iter().find(|size| *size <= rows.len())?;
        let (piece, rest) = rows.split_at(size);
        rows = rest;
        Some(piece)
    })
}

/// `sql`, whose parameters are `$1` to `$binds`, written `times` times, each with parameters of its own.
pub(in crate::store) fn text(sql: &'static str, binds: usize, times: usize) -> Arc<str> {
    let mut texts = TEXTS.lock().unwrap_or_else(PoisonError::into_inner);
    let text = texts.entry((sql, times)).or_insert_with(|| {
        let all = (0..times).map(|time| shifted(sql, time * binds));
        all.collect::<Vec<_>>().join(";\n").into()
    });
    text.clone()
}

/// `sql` with `by` added to the number of each parameter.
fn shifted(sql: &str, by: usize) -> String {
    let mut parts = sql.split('$');
    let mut shifted = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (number, rest) = part.split_at(digits);
        let number = number.parse().map_or(0, |number: usize| number + by);
        shifted.push('$');
        shifted.push_str(&number.to_string());
        shifted.push_str(rest);
    }
    shifted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_copy_has_parameters_of_its_own() {
        let once = "UPDATE t SET a = $2, b = COALESCE(b, $2) WHERE id = $1 AND c = $10";
        let twice = text(once, 10, 2);
        let second = "UPDATE t SET a = $12, b = COALESCE(b, $12) WHERE id = $11 AND c = $20";
        assert_eq!(*twice, format!("{once};\n{second}"));
    }

    #[test]
    fn pieces_are_of_few_sizes_and_leave_nothing_out() {
        let rows = (0..39).collect::<Vec<_>>();
        let pieces = pieces(&rows).collect::<Vec<_>>();
        let sizes = pieces.iter().map(|piece| piece.len()).collect::<Vec<_>>();
        assert_eq!(sizes, [32, 4, 2, 1]);
        assert_eq!(pieces.concat(), rows);
        assert_eq!(super::pieces(&rows[..0]).count(), 0);
    }
}
