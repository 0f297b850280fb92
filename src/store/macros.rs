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

/// `push_rows!(writes, "INSERT INTO t (a, b) ", rows, |b, row| { b.push_bind(row.a).push_bind(row.b); }, tail)`: adds rows of
/// one table to [`Writes`](crate::store::many::Writes); nothing where there are none. `rows`: anything that gives them and
/// knows how many they are; `a` is never null. Engines name the values of a row `column1` and so on.
macro_rules! push_rows {
    ($writes:expr, $into:expr, $rows:expr, |$b:ident, $row:ident| $bind:block, $tail:expr) => {{
        let (into, rows): (&'static str, _) = ($into, $rows);
        $writes.added += rows.len() as u64;
        match (rows.len(), &mut $writes.texts) {
            (0, _) => {}
            (_, $crate::store::many::Texts::Sqlite(joined)) => joined.push(into, rows, |$b, $row| $bind, $tail),
            (count, $crate::store::many::Texts::Postgres(all)) => {
                let mut query = sqlx::QueryBuilder::new(into);
                query.push_values(rows, |mut $b, $row| $bind).push($tail);
                // A text for each number of rows: only the commonest is worth remembering.
                all.push((query, count == 1));
            }
        }
    }};
}

/// `insert_many!(conn, "INSERT INTO t (a, b) ", rows, |b, row| { … }, tail)`: the same, written at once; what was
/// [`Written`](crate::store::many::Written).
macro_rules! insert_many {
    ($conn:expr, $into:expr, $rows:expr, |$b:ident, $row:ident| $bind:block, $tail:expr) => {{
        let mut writes = $crate::store::many::Writes::new($conn, 0);
        push_rows!(writes, $into, $rows, |$b, $row| $bind, $tail);
        writes.run($conn).await
    }};
}

/// `push_updates!(writes, "UPDATE t SET a = column2 FROM", rows, |row| (row.id, &row.a), "WHERE t.id = column1")`: adds changes
/// of rows of one table, whose values stand side by side in one statement.
macro_rules! push_updates {
    ($writes:expr, $head:literal, $rows:expr, |$row:pat_param| ($($bind:expr),+ $(,)?), $tail:literal) => {
        push_rows!(
            $writes,
            concat!($head, " ("),
            $rows,
            |b, item| {
                let $row = item;
                b$(.push_bind($bind))+;
            },
            concat!(") v ", $tail)
        )
    };
}
