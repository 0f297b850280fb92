//! Many rows in one statement: SQLite spends as long on reading such a text as on carrying it out, so a few texts of fixed
//! sizes are remembered, and filled up with rows of nothing.

use sqlx::{QueryBuilder, Sqlite};

/// For how many rows there are texts that are remembered, beside the one for a single row.
const SIZES: [usize; 5] = [8, 32, 64, 128, 256];

/// Begins a statement that inserts `count` rows into what `into` names.
pub(in crate::store) fn begin(into: &str, count: usize) -> QueryBuilder<Sqlite> {
    QueryBuilder::new(head(into, count))
}

fn head(into: &str, count: usize) -> String {
    let from = if count == 1 { "" } else { "SELECT * FROM (" };
    format!("{into}{from}")
}

/// Ends it with `tail`, now that it has its rows, whose first columns are never null; whether its text is worth
/// remembering.
pub(in crate::store) fn end(query: &mut QueryBuilder<Sqlite>, into: &str, count: usize, tail: &str) -> bool {
    if count == 1 {
        query.push(tail);
        return true;
    }
    let size = SIZES.into_iter().find(|size| *size >= count);
    let missing = size.map_or(0, |size| size - count);
    let more = row(query.sql().as_str(), into, count).repeat(missing);
    // Nothing is bound in the rows that fill it up: all of it is null.
    query.push(more).push(") WHERE column1 IS NOT NULL").push(tail);
    size.is_some()
}

/// The text of one more row like the others: `, (?, ?)`.
fn row(text: &str, into: &str, count: usize) -> String {
    let rows = &text[head(into, count).len() + "VALUES ".len()..];
    let one = (rows.len() + ", ".len()) / count - ", ".len();
    format!(", {}", &rows[..one])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(rows: std::ops::Range<i64>) -> (String, bool) {
        let count = rows.clone().count();
        let mut query = begin("INSERT INTO t (a, b) ", count);
        query.push_values(rows, |mut b, row| {
            b.push_bind(row).push_bind(row * row);
        });
        let remembered = end(&mut query, "INSERT INTO t (a, b) ", count, " ON CONFLICT DO NOTHING");
        (query.into_string(), remembered)
    }

    #[test]
    fn few_texts_serve_any_number_of_rows() {
        assert_eq!(
            text(0..1),
            (
                "INSERT INTO t (a, b) VALUES (?, ?) ON CONFLICT DO NOTHING".to_owned(),
                true
            )
        );
        let eight = format!(
            "INSERT INTO t (a, b) SELECT * FROM (VALUES {}) WHERE column1 IS NOT NULL ON CONFLICT DO NOTHING",
            ["(?, ?)"; 8].join(", ")
        );
        for count in 2..=8 {
            assert_eq!(text(0..count), (eight.clone(), true));
        }
        assert_eq!(text(0..33), text(0..64));
        assert!(!text(0..257).1, "so many are rare");
    }

    #[tokio::test]
    async fn rows_of_nothing_are_not_written() {
        use sqlx::{Connection as _, SqliteConnection};
        let mut conn = SqliteConnection::connect("sqlite::memory:").await.expect("a database");
        let table = "CREATE TABLE t (a INTEGER NOT NULL PRIMARY KEY, b TEXT) STRICT";
        sqlx::query(table).execute(&mut conn).await.expect("a table");
        let mut written = 0_i64;
        for count in [1, 2, 8, 9, 40, 300] {
            let mut query = begin("INSERT INTO t (a, b) ", count);
            query.push_values(0..count, |mut b, row| {
                written += 1;
                b.push_bind(written)
                    .push_bind((row % 2 == 0).then(|| format!("row {row}")));
            });
            let remembered = end(&mut query, "INSERT INTO t (a, b) ", count, "");
            let done = query.build().persistent(remembered).execute(&mut conn).await;
            assert_eq!(
                done.expect("written").last_insert_rowid(),
                written,
                "in the order given"
            );
        }
        let kept = sqlx::query_as::<_, (i64, i64)>("SELECT COUNT(*), COUNT(b) FROM t");
        let kept = kept.fetch_one(&mut conn).await.expect("read");
        assert_eq!(kept, (360, 1 + 1 + 4 + 5 + 20 + 150));
    }
}
