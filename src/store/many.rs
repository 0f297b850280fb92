//! Many rows in one statement, and statements of several tables in one text: SQLite spends as long on reading a text as on
//! carrying it out, so a few texts of fixed sizes are remembered, and filled up with rows of nothing.

use crate::store::db::Side;
use crate::store::{Conn, Error};
use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Arguments as _, AssertSqlSafe, Encode, Postgres, QueryBuilder, Sqlite, Type};

/// For how many rows there are texts that are remembered, beside the one for a single row. Each keeps room for all that is
/// bound in it, 56 bytes a value, so they are few.
const SIZES: [usize; 5] = [8, 32, 64, 128, 256];

/// Rows of some tables, which go to the database together: SQLite's statements run on a thread of their own, and waking it
/// costs more than most of them do.
pub struct Writes {
    pub(in crate::store) texts: Texts,
    /// How many rows were added.
    pub(in crate::store) added: u64,
}

/// The same for each engine.
pub(in crate::store) enum Texts {
    Sqlite(Joined),
    /// One for each table, and whether it is worth remembering.
    Postgres(Vec<(QueryBuilder<Postgres>, bool)>),
}

/// SQLite's: one text, and what is bound in it.
pub(in crate::store) struct Joined {
    text: String,
    values: Values,
    is_remembered: bool,
    /// How many rows most of the tables get.
    room: usize,
}

/// What was written.
#[derive(Clone, Copy, Debug, Default)]
pub struct Written {
    /// How many rows.
    pub rows: u64,
    /// The `rowid` of the last new one (SQLite).
    pub last_rowid: i64,
}

/// Values for SQLite, row after row.
#[derive(Default)]
pub(in crate::store) struct Values {
    bound: SqliteArguments,
    fault: Option<BoxDynError>,
}

/// Without what is bound: much of it is personal.
impl std::fmt::Debug for Writes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writes").finish_non_exhaustive()
    }
}

impl Writes {
    /// Nothing yet, for the engine of `conn`. Where several tables get about as many rows, `room` says how many: their parts
    /// of the text are then of one size, which leaves fewer texts to be remembered.
    pub fn new(conn: &Conn, room: usize) -> Self {
        let texts = if conn.is_sqlite() {
            Texts::Sqlite(Joined {
                text: String::new(),
                values: Values::default(),
                is_remembered: true,
                room,
            })
        } else {
            Texts::Postgres(Vec::new())
        };
        Self { texts, added: 0 }
    }

    /// Whether it is SQLite that they are for, where texts differ.
    pub(in crate::store) const fn is_sqlite(&self) -> bool {
        matches!(self.texts, Texts::Sqlite(_))
    }

    /// SQLite's statements, for the test of their plans.
    #[cfg(test)]
    pub(in crate::store) fn statements(&self) -> Vec<&str> {
        match &self.texts {
            Texts::Sqlite(joined) => joined.text.split(";\n").collect(),
            Texts::Postgres(_) => Vec::new(),
        }
    }

    /// Writes the rows, table after table.
    ///
    /// # Errors
    /// What the store tells.
    pub async fn run(self, conn: &mut Conn) -> Result<Written, Error> {
        match (self.texts, conn.side()) {
            (Texts::Sqlite(joined), _) if joined.text.is_empty() => Ok(Written::default()),
            (Texts::Sqlite(joined), Side::Sqlite(conn)) => {
                let bound = match joined.values.fault {
                    Some(fault) => return Err(sqlx::Error::Encode(fault).into()),
                    None => joined.values.bound,
                };
                let query = sqlx::query_with(AssertSqlSafe(joined.text), bound).persistent(joined.is_remembered);
                let done = query.execute(conn).await?;
                Ok(Written {
                    rows: done.rows_affected(),
                    last_rowid: done.last_insert_rowid(),
                })
            }
            (Texts::Postgres(all), Side::Postgres(conn)) => {
                let mut written = Written::default();
                for (mut query, is_remembered) in all {
                    let done = query.build().persistent(is_remembered).execute(&mut *conn).await?;
                    written.rows += done.rows_affected();
                }
                Ok(written)
            }
            _ => {
                let fault = "these rows were gathered for the other engine";
                Err(sqlx::Error::Configuration(fault.into()).into())
            }
        }
    }

    /// As [`run`](Self::run), where each row that was added is to be written.
    ///
    /// # Errors
    /// [`Error::Changed`] where one was not, since it is no longer as it was seen: nothing of this may be kept.
    pub async fn run_all(self, conn: &mut Conn) -> Result<(), Error> {
        let added = self.added;
        if self.run(conn).await?.rows == added {
            Ok(())
        } else {
            Err(Error::Changed)
        }
    }
}

impl Joined {
    /// Adds rows of one table; the first value of each is never null.
    pub(in crate::store) fn push<R>(
        &mut self,
        into: &str,
        rows: impl ExactSizeIterator<Item = R>,
        mut bind: impl FnMut(&mut Values, R),
        tail: &str,
    ) {
        let (count, before) = (rows.len(), self.values.bound.len());
        for row in rows {
            bind(&mut self.values, row);
        }
        let columns = (self.values.bound.len() - before) / count;
        let size = size(count, self.room);
        for _ in 0..(size.unwrap_or(count) - count) * columns {
            self.values.push_bind(None::<i64>);
        }
        self.is_remembered &= size.is_some();
        if !self.text.is_empty() {
            self.text.push_str(";\n");
        }
        write(&mut self.text, into, columns, size.unwrap_or(count), tail);
    }
}

impl Values {
    /// Binds the row's next value.
    pub(in crate::store) fn push_bind<'t, T>(&mut self, value: T) -> &mut Self
    where
        T: Encode<'t, Sqlite> + Type<Sqlite>,
    {
        if let Err(fault) = self.bound.add(value) {
            self.fault.get_or_insert(fault);
        }
        self
    }
}

/// For how many rows there is a text with room for `count`, among others of about `room`; `None` where so many are rare.
fn size(count: usize, room: usize) -> Option<usize> {
    if count == 1 {
        return Some(1);
    }
    let at_least = |rows: usize| SIZES.into_iter().find(|size| *size >= rows);
    if count <= SIZES[0] || room <= 1 {
        return at_least(count);
    }
    let size = at_least(room)?;
    Some(count.div_ceil(size) * size)
}

/// Writes the text that writes so many rows into what `into` names.
fn write(text: &mut String, into: &str, columns: usize, rows: usize, tail: &str) {
    let mut row = "(?".to_owned();
    row.push_str(&", ?".repeat(columns.saturating_sub(1)));
    row.push(')');
    text.push_str(into);
    if rows == 1 {
        text.extend(["VALUES ", &row, tail]);
        return;
    }
    text.extend(["SELECT * FROM (VALUES ", &row]);
    row.insert_str(0, ", ");
    text.push_str(&row.repeat(rows - 1));
    text.extend([") WHERE column1 IS NOT NULL", tail]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::Range;

    fn joined(room: usize) -> Joined {
        Joined {
            text: String::new(),
            values: Values::default(),
            is_remembered: true,
            room,
        }
    }

    fn text(rows: Range<i64>) -> (String, bool) {
        let mut joined = joined(0);
        let rows = rows.collect::<Vec<_>>();
        let bind = |b: &mut Values, row: i64| {
            b.push_bind(row).push_bind(row * row);
        };
        joined.push(
            "INSERT INTO t (a, b) ",
            rows.into_iter(),
            bind,
            " ON CONFLICT DO NOTHING",
        );
        (joined.text, joined.is_remembered)
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

    #[test]
    fn what_belongs_together_is_of_one_size() {
        assert_eq!(size(33, 33), Some(64));
        assert_eq!(size(20, 33), Some(64), "some of them alone");
        assert_eq!(size(66, 33), Some(128), "two for each");
        assert_eq!(size(3, 33), Some(8), "a few counters");
        assert_eq!(size(1, 33), Some(1));
        assert_eq!(size(300, 300), None);
    }

    #[tokio::test]
    async fn rows_of_nothing_are_not_written() {
        use sqlx::{Connection as _, SqliteConnection};
        let mut conn = SqliteConnection::connect("sqlite::memory:").await.expect("a database");
        for table in ["t", "u"] {
            let table = format!("CREATE TABLE {table} (a INTEGER NOT NULL PRIMARY KEY, b TEXT) STRICT");
            sqlx::query(AssertSqlSafe(table))
                .execute(&mut conn)
                .await
                .expect("a table");
        }
        let mut written = 0_i64;
        for count in [1, 2, 8, 9, 40, 300] {
            let mut joined = joined(count);
            let rows = (written + 1..=written + i64::try_from(count).expect("a number")).collect::<Vec<_>>();
            let bind = |b: &mut Values, row: &i64| {
                b.push_bind(*row)
                    .push_bind((row % 2 == 0).then(|| format!("row {row}")));
            };
            joined.push("INSERT INTO u (a, b) ", rows[..count.div_ceil(2)].iter(), bind, "");
            joined.push("INSERT INTO t (a, b) ", rows.iter(), bind, "");
            written += i64::try_from(count).expect("a number");
            let query = sqlx::query_with(AssertSqlSafe(joined.text), joined.values.bound);
            let done = query.persistent(joined.is_remembered).execute(&mut conn).await;
            assert_eq!(
                done.expect("written").last_insert_rowid(),
                written,
                "in the order given"
            );
        }
        for (table, rows, texts) in [("t", 360, 180), ("u", 181, 91)] {
            let count = format!("SELECT COUNT(*), COUNT(b) FROM {table}");
            let kept = sqlx::query_as::<_, (i64, i64)>(AssertSqlSafe(count))
                .fetch_one(&mut conn)
                .await;
            assert_eq!(kept.expect("read"), (rows, texts), "{table}");
        }
    }
}
