//! Copies what SQLite's write-ahead log took in into the database itself, beside the writer: a commit that has to do so
//! first keeps everybody waiting.

use sqlx::{SqliteConnection, SqlitePool};
use std::time::Duration;
use tokio::sync::mpsc;

/// How many pages are worth a copy: the busiest are written again and again.
const WORTH: i64 = 1_000;

/// How long it rests between two looks.
const REST: Duration = Duration::from_millis(50);

/// Tells the copier that something was committed. Cheap to clone; the copier ends with the last of them.
#[derive(Clone, Debug)]
pub struct Copier {
    pool: SqlitePool,
    committed: mpsc::Sender<()>,
}

impl Copier {
    /// Starts it, with connections that nobody else uses.
    pub(super) fn start(pool: SqlitePool) -> Self {
        let (committed, heard) = mpsc::channel(1);
        tokio::spawn(run(pool.clone(), heard));
        Self { pool, committed }
    }

    /// Something was committed.
    pub(super) fn notice(&self) {
        // Where one is unheard still, it stands for this one, too.
        let _ = self.committed.try_send(());
    }

    /// Lets it copy nothing more, once a copy that is under way is made.
    pub(super) async fn close(&self) {
        self.pool.close().await;
    }
}

async fn run(pool: SqlitePool, mut committed: mpsc::Receiver<()>) {
    while committed.recv().await.is_some() {
        // Whatever stands in the way, the log keeps it all, and the writer copies in the end.
        if let Err(error) = copy(&pool).await {
            tracing::debug!("the write-ahead log could not be copied: {error}");
        }
        tokio::time::sleep(REST).await;
    }
}

/// Copies where enough waits. It waits for nobody, and nobody waits for it.
async fn copy(pool: &SqlitePool) -> Result<(), sqlx::Error> {
    let mut conn = pool.acquire().await?;
    let (written, copied) = look(&mut conn).await?;
    if written - copied >= WORTH {
        sqlx::query("PRAGMA wal_checkpoint(PASSIVE)")
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// How many pages the log holds, and how many of them are copied.
async fn look(conn: &mut SqliteConnection) -> Result<(i64, i64), sqlx::Error> {
    let look = sqlx::query_as::<_, (i64, i64, i64)>("PRAGMA wal_checkpoint(NOOP)");
    let (_, written, copied) = look.fetch_one(conn).await?;
    Ok((written, copied))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Db;

    #[tokio::test]
    async fn what_the_log_took_in_is_copied_once_it_is_worth_it() {
        let dir = tempfile::tempdir().expect("a temporary folder");
        let url = format!("sqlite://{}", dir.path().join("desk.db").display());
        let db = Db::open(&url).await.expect("a database");
        let Db::Sqlite { write, copier, .. } = &db else {
            unreachable!()
        };
        let looked = async || {
            let mut conn = copier.pool.acquire().await.expect("a connection");
            look(&mut conn).await.expect("a look")
        };
        let little = looked().await;
        copy(&copier.pool).await.expect("looked");
        assert_eq!(looked().await, little, "so little is not worth it");
        let much = "CREATE TABLE much AS
            WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 1500) SELECT randomblob(4000) FROM n";
        sqlx::query(much).execute(write).await.expect("written");
        let (written, copied) = looked().await;
        assert!(written > copied + 1_500, "the writer copied {copied} of {written}");
        copy(&copier.pool).await.expect("copied");
        assert_eq!(looked().await, (written, written));
        db.close().await;
    }
}
