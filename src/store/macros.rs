//! One SQL text, two engines: each macro writes the `match` over [`crate::store::Conn`] once.

/// Runs `$body` with `$c` as the engine's own connection.
macro_rules! on {
    ($conn:expr, $c:ident => $body:expr) => {
        match $conn.side() {
            $crate::store::db::Side::Sqlite($c) => $body,
            $crate::store::db::Side::Postgres($c) => $body,
        }
    };
}

/// `execute!(conn, SQL, binds…)`: the number of rows it touched.
macro_rules! execute {
    ($conn:expr, $sql:expr $(, $bind:expr)* $(,)?) => {{
        let sql: &'static str = $sql;
        on!($conn, c => sqlx::query(sql)$(.bind($bind))*.execute(&mut *c).await.map(|done| done.rows_affected()))
            .map_err($crate::store::Error::from)
    }};
}

/// `fetch_all!(conn, Row, SQL, binds…)`: every row.
macro_rules! fetch_all {
    ($conn:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {{
        let sql: &'static str = $sql;
        on!($conn, c => sqlx::query_as::<_, $row>(sql)$(.bind($bind))*.fetch_all(&mut *c).await)
            .map_err($crate::store::Error::from)
    }};
}

/// The same, where the best way depends on what is bound: PostgreSQL plans it anew each time. A plan that is kept is one
/// for anything whatsoever, and goes through a million orders for a page that an index begins with.
macro_rules! fetch_planned {
    ($conn:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {{
        let sql: &'static str = $sql;
        let is_kept = $conn.is_sqlite();
        on!($conn, c => sqlx::query_as::<_, $row>(sql)$(.bind($bind))*.persistent(is_kept).fetch_all(&mut *c).await)
            .map_err($crate::store::Error::from)
    }};
}

/// `fetch_optional!(conn, Row, SQL, binds…)`: the row, if there is one.
macro_rules! fetch_optional {
    ($conn:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {{
        let sql: &'static str = $sql;
        on!($conn, c => sqlx::query_as::<_, $row>(sql)$(.bind($bind))*.fetch_optional(&mut *c).await)
            .map_err($crate::store::Error::from)
    }};
}

/// `fetch_one!(conn, Row, SQL, binds…)`: the row that must be there.
macro_rules! fetch_one {
    ($conn:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {{
        let sql: &'static str = $sql;
        on!($conn, c => sqlx::query_as::<_, $row>(sql)$(.bind($bind))*.fetch_one(&mut *c).await)
            .map_err($crate::store::Error::from)
    }};
}

/// `scalar!(conn, Type, SQL, binds…)`: the first column of the row, if there is one.
macro_rules! scalar {
    ($conn:expr, $ty:ty, $sql:expr $(, $bind:expr)* $(,)?) => {{
        let sql: &'static str = $sql;
        on!($conn, c => sqlx::query_scalar::<_, $ty>(sql)$(.bind($bind))*.fetch_optional(&mut *c).await)
            .map_err($crate::store::Error::from)
    }};
}

/// `among!(conn, "SELECT a FROM t WHERE id", "$1", " AND b = $2")`: the engine's text in which what stands before `IN` is one
/// of the ids of the parameter, an [`id_list`](crate::store::id_list).
macro_rules! among {
    ($conn:expr, $head:literal, $ids:literal, $tail:literal) => {
        $conn.pick(
            concat!(
                $head,
                " IN (SELECT unhex(value, '-') FROM json_each(",
                $ids,
                "))",
                $tail
            ),
            concat!(
                $head,
                " IN (SELECT CAST(value AS UUID) FROM jsonb_array_elements_text(CAST(",
                $ids,
                " AS JSONB)))",
                $tail
            ),
        )
    };
}

/// `insert_many!(conn, "INSERT INTO t (a, b) ", rows, |b, row| { b.push_bind(row.a).push_bind(row.b); }, tail)`: all rows
/// in one statement; nothing where there are none. `rows`: anything that gives them and knows how many they are; `a` is
/// never null. Gives the `rowid` of the last one (SQLite).
macro_rules! insert_many {
    ($conn:expr, $into:expr, $rows:expr, |$b:ident, $row:ident| $bind:block, $tail:expr) => {{
        let (into, rows): (&'static str, _) = ($into, $rows);
        match (rows.len(), $conn.side()) {
            (0, _) => Ok(0),
            (count, $crate::store::db::Side::Sqlite(c)) => {
                let mut query = $crate::store::many::begin(into, count);
                query.push_values(rows, |mut $b, $row| $bind);
                let remembered = $crate::store::many::end(&mut query, into, count, $tail);
                let done = query.build().persistent(remembered).execute(&mut *c).await;
                done.map(|done| done.last_insert_rowid())
            }
            (count, $crate::store::db::Side::Postgres(c)) => {
                let mut query = sqlx::QueryBuilder::new(into);
                query.push_values(rows, |mut $b, $row| $bind).push($tail);
                // A text for each number of rows: only the commonest is worth remembering.
                query.build().persistent(count == 1).execute(&mut *c).await.map(|_| 0)
            }
        }
        .map_err($crate::store::Error::from)
    }};
}

/// `execute_each!(conn, SQL, rows, |row| (binds…))`: the same text once for each row; the number of rows that it touched.
///
/// SQLite's statements run on a thread of their own, and waking it costs more than most statements do: there, many go
/// with one waking.
macro_rules! execute_each {
    ($conn:expr, $sql:expr, $rows:expr, |$row:pat_param| ($($bind:expr),+ $(,)?)) => {{
        let sql: &'static str = $sql;
        let rows = $rows;
        let binds = [$(stringify!($bind)),+].len();
        match $conn.side() {
            $crate::store::db::Side::Sqlite(c) => async {
                let mut touched = 0;
                for piece in $crate::store::repeated::pieces(rows) {
                    let text = $crate::store::repeated::text(sql, binds, piece.len());
                    let mut query = sqlx::query(sqlx::AssertSqlSafe(text));
                    for $row in piece {
                        query = query$(.bind($bind))+;
                    }
                    touched += query.execute(&mut *c).await?.rows_affected();
                }
                Ok(touched)
            }
            .await,
            $crate::store::db::Side::Postgres(c) => async {
                let mut touched = 0;
                for $row in rows {
                    touched += sqlx::query(sql)$(.bind($bind))+.execute(&mut *c).await?.rows_affected();
                }
                Ok(touched)
            }
            .await,
        }
        .map_err(|error: sqlx::Error| $crate::store::Error::from(error))
    }};
}
