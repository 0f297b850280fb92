//! The one home of a candidate's name, e-mail and phone, the search index made from it, and the sealed rest of an order.

use crate::domain::ids::{CustomerId, IntegrationId, OrderId};
use crate::domain::text;
use crate::store::vault::{Place, Sealers, Vault};
use crate::store::{Conn, Error, Writes};
use serde::Deserialize;
use serde_json::json;
use std::collections::HashSet;

/// The candidate of one order.
#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Candidate {
    /// The order.
    pub order_id: OrderId,
    /// Whose order it is.
    pub customer_id: Option<CustomerId>,
    /// First name, where the ATS told it.
    pub first_name: Option<String>,
    /// Last name, where the ATS told it.
    pub last_name: Option<String>,
    /// E-mail address.
    pub email: String,
    /// Phone number, where the ATS told it.
    pub phone: Option<String>,
}

impl Candidate {
    /// The name as people say it; the e-mail address where there is no name.
    pub fn full_name(&self) -> String {
        let name = [self.first_name.as_deref(), self.last_name.as_deref()];
        let name = name
            .into_iter()
            .flatten()
            .map(str::trim)
            .filter(|part| !part.is_empty());
        let name = name.collect::<Vec<_>>().join(" ");
        if name.is_empty() { self.email.clone() } else { name }
    }
}

/// Adds the candidates of new orders.
pub fn push_many(writes: &mut Writes, candidates: &[&Candidate]) {
    push_rows!(
        writes,
        "INSERT INTO candidates (order_id, customer_id, first_name, last_name, email, phone) ",
        candidates.iter(),
        |b, candidate| {
            b.push_bind(candidate.order_id)
                .push_bind(candidate.customer_id)
                .push_bind(&candidate.first_name)
                .push_bind(&candidate.last_name)
                .push_bind(&candidate.email)
                .push_bind(&candidate.phone);
        },
        ""
    );
}

/// The candidate of an order that the viewer was already found to see.
pub async fn find(conn: &mut Conn, order: OrderId) -> Result<Option<Candidate>, Error> {
    fetch_optional!(conn, Candidate, "SELECT * FROM candidates WHERE order_id = $1", order)
}

/// Writes another e-mail address.
pub async fn set_email(conn: &mut Conn, order: OrderId, email: &str) -> Result<(), Error> {
    execute!(
        conn,
        "UPDATE candidates SET email = $2 WHERE order_id = $1",
        order,
        email
    )
    .map(drop)
}

/// Adds new orders, by their `seq`, to the search index under words as [`index_text`] gives them (candidate, job, customer,
/// package, ids).
pub fn push_index(writes: &mut Writes, entries: &[(i64, String)]) {
    let (into, tail) = if writes.is_sqlite() {
        ("INSERT INTO order_search (rowid, words) ", "")
    } else {
        (
            "INSERT INTO order_search (order_seq, words) SELECT column1, to_tsvector('simple', column2) FROM (",
            ") found",
        )
    };
    push_rows!(
        writes,
        into,
        entries.iter(),
        |b, entry| {
            b.push_bind(entry.0).push_bind(&entry.1);
        },
        tail
    );
}

/// Puts the order into the search index under other words than before.
pub async fn index_anew(conn: &mut Conn, seq: i64, words: String) -> Result<(), Error> {
    let clear = conn.pick(
        "DELETE FROM order_search WHERE rowid = $1",
        "DELETE FROM order_search WHERE order_seq = $1",
    );
    execute!(conn, clear, seq)?;
    let mut writes = Writes::new(conn, 1);
    push_index(&mut writes, &[(seq, words)]);
    writes.run(conn).await.map(drop)
}

/// How much of the index is put together at once, in pages of 4 KB: it keeps the one writer for a moment only.
const PUT_TOGETHER: i64 = 100;

/// Puts a little of SQLite's index together, which grows by small parts: each search looks into all of them. Says whether
/// there was something to do. PostgreSQL looks after its own.
///
/// Source: <https://www.sqlite.org/fts5.html#the_merge_command>, also for how it tells that nothing was left.
pub async fn put_together(conn: &mut Conn) -> Result<bool, Error> {
    if !conn.is_sqlite() {
        return Ok(false);
    }
    let changes = "SELECT total_changes()";
    let before = scalar!(conn, i64, changes)?;
    execute!(
        conn,
        "INSERT INTO order_search (order_search, rank) VALUES ('merge', $1)",
        PUT_TOGETHER
    )?;
    let after = scalar!(conn, i64, changes)?;
    Ok(after.unwrap_or_default() - before.unwrap_or_default() > 1)
}

/// The words of texts as the index takes them, each once: what a name, an address and an ATS have in common need not be
/// written, kept and looked through several times.
pub fn index_text(texts: &[&str]) -> String {
    let words = index_words(&texts.join(" "));
    let mut seen = HashSet::new();
    let words = words.split(' ').filter(|word| seen.insert(*word));
    words.collect::<Vec<_>>().join(" ")
}

/// Folds a text and cuts it into the words that both engines' indexes hold.
pub fn index_words(text: &str) -> String {
    let folded = text::fold(text);
    let words = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

/// The word by which the index knows whose an order is; no word that people type begins like it.
pub fn customer_word(customer: CustomerId) -> String {
    format!("zq{}", customer.0.simple())
}

/// A word that is searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// As the indexes hold it.
    pub word: String,
    /// Whether something was typed right behind it (`mira@…`), so that it is meant as it stands; else it may go on.
    pub is_whole: bool,
    /// Whether it may go on and no word of the index does, as [`known`] tells.
    pub is_alone: bool,
}

/// The words of a search. Of what was typed without a space (an address, an id) only the last word may go on: to follow a
/// word that everybody has to all that begins like it is what takes long.
pub fn wanted(typed: &str) -> Vec<Wanted> {
    let mut all = Vec::new();
    for typed in typed.split_whitespace() {
        let words = index_words(typed);
        let mut words = words.split(' ').filter(|word| !word.is_empty()).peekable();
        while let Some(word) = words.next() {
            all.push(Wanted {
                word: word.to_owned(),
                is_whole: words.peek().is_some(),
                is_alone: false,
            });
        }
    }
    all
}

/// The words with what the index knows of them: one that no other begins like is asked for as it stands. SQLite's index goes
/// to the newest orders of such a word at once, and PostgreSQL's skips through its orders to those of another word, where
/// both first gather all orders of all words that begin alike.
///
/// PostgreSQL gathers those of a single word in any case.
pub async fn known(conn: &mut Conn, mut wanted: Vec<Wanted>) -> Result<Vec<Wanted>, Error> {
    // What stands behind whole ones leads nowhere.
    let mut leading = wanted.clone();
    Wanted::behind_whole_ones(&mut leading);
    if !conn.is_sqlite() && leading.len() == 1 {
        return Ok(wanted);
    }
    leading.retain(|it| it.may_be_known(conn));
    if leading.is_empty() {
        return Ok(wanted);
    }
    let asked = leading.iter().map(|it| &*it.word).collect::<Vec<_>>();
    let sql = conn.pick(
        "SELECT w.value FROM json_each($1) w WHERE NOT EXISTS
            (SELECT 1 FROM order_words WHERE term >= w.value || char(1) AND term < w.value || char(1114111))",
        "SELECT w.value FROM jsonb_array_elements_text(CAST($1 AS JSONB)) w (value) WHERE NOT EXISTS
            (SELECT 1 FROM order_words WHERE term > w.value AND term < w.value || '{')",
    );
    let alone = fetch_all!(conn, (String,), sql, json!(asked).to_string())?;
    for it in &mut wanted {
        it.is_alone = alone.iter().any(|(word,)| *word == it.word);
    }
    Ok(wanted)
}

/// The query, in the engine's own language, that finds every order with these words, where customers are named only
/// theirs; empty where nothing is asked for.
///
/// Whose orders are wanted belongs into the query: a word that many orders have leads to so many others that reading
/// them to leave them out would grow with the house.
pub fn search_query(conn: &Conn, wanted: &[Wanted], of: Option<&[CustomerId]>) -> String {
    let theirs = of.map(|of| format!("({})", customers_query(conn, of)));
    let all = wanted.iter().map(|it| it.query(conn)).chain(theirs);
    all.collect::<Vec<_>>().join(conn.pick(" AND ", " & "))
}

/// How many orders that came one after the other PostgreSQL's index knows as equally old, as a power of two (migration 0024).
const AGE: u32 = 16;

/// The most ages that are asked for one after the other, until a page is full.
const AGES: i64 = 16;

/// Ages of orders on PostgreSQL: these two and those between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ages {
    /// The newest.
    pub newest: i64,
    /// The oldest.
    pub oldest: i64,
}

impl Ages {
    /// Those of the orders from `from` to before `before`, and the one that begins next: orders come meanwhile. `None` where
    /// that is all orders, or many ages.
    pub fn of(from: i64, before: i64) -> Option<Self> {
        let ages = Self {
            newest: (before >> AGE) + 1,
            oldest: from >> AGE,
        };
        (ages.oldest > 0 && ages.newest - ages.oldest < AGES).then_some(ages)
    }
}

impl Wanted {
    /// The query for this word, in the engine's own language.
    pub fn query(&self, conn: &Conn) -> String {
        let form = if self.is_exact() {
            conn.pick("\"?\"", "?")
        } else {
            conn.pick("\"?\"*", "?:*")
        };
        form.replace('?', &self.word)
    }

    /// Whether asking the index may tell something of the word. On SQLite it is known what the index takes for a word only of
    /// plain letters and digits: it may cut what other scripts join. PostgreSQL keeps what goes on with letters (migration
    /// 0023).
    fn may_be_known(&self, conn: &Conn) -> bool {
        if conn.is_sqlite() {
            !self.is_held() && self.word.is_ascii()
        } else {
            !self.is_whole && self.word.bytes().all(|byte| byte.is_ascii_lowercase())
        }
    }

    /// Whether it is asked for as it stands.
    pub const fn is_exact(&self) -> bool {
        self.is_whole || self.is_alone
    }

    /// Whether SQLite's index holds the word as it is asked for: as it stands, or as a beginning of two or three letters
    /// (migration 0003).
    pub fn is_held(&self) -> bool {
        self.is_exact() || (2..=3).contains(&self.word.chars().count())
    }

    /// The word as it stands among others that are joined by spaces.
    pub fn between_spaces(&self) -> String {
        let end = if self.is_whole { " " } else { "" };
        format!(" {}{end}", self.word)
    }

    /// Takes the last word away where it may go on and stands behind a whole one (`mira@exam`). It is to be looked for in
    /// the words of the orders that the index finds by the others: to follow such a word would take longer.
    pub fn behind_whole_ones(wanted: &mut Vec<Self>) -> Option<Self> {
        let is_last_of_many = wanted.len() > 1 && wanted[wanted.len() - 2].is_whole;
        wanted.pop_if(|last| is_last_of_many && !last.is_whole)
    }
}

/// The query that finds every order of these customers.
fn customers_query(conn: &Conn, of: &[CustomerId]) -> String {
    let exact = |customer: &CustomerId| conn.pick("\"?\"", "?").replace('?', &customer_word(*customer));
    of.iter().map(exact).collect::<Vec<_>>().join(conn.pick(" OR ", " | "))
}

fn body_place(order: OrderId) -> Place {
    Place::new("order_bodies", "sealed", order.0.as_bytes())
}

/// Seals the rest of new orders: for each its customer, its id and what is kept.
///
/// # Errors
/// Where `sealers` are not ready for a customer.
pub fn seal_bodies(
    sealers: &Sealers,
    bodies: &[(Option<CustomerId>, OrderId, &[u8])],
) -> Result<Vec<(OrderId, Vec<u8>)>, Error> {
    let sealed = bodies
        .iter()
        .map(|(customer, order, body)| Ok((*order, sealers.seal(*customer, &body_place(*order), body)?)));
    sealed.collect()
}

/// Adds the rest of new orders, as [`seal_bodies`] gave it.
pub fn push_bodies(writes: &mut Writes, sealed: Vec<(OrderId, Vec<u8>)>) {
    push_rows!(
        writes,
        "INSERT INTO order_bodies (order_id, sealed) ",
        sealed.into_iter(),
        |b, body| {
            b.push_bind(body.0).push_bind(body.1);
        },
        ""
    );
}

/// What [`push_bodies`] kept, opened; `None` where nothing was kept or it was erased.
pub async fn find_body(conn: &mut Conn, vault: &Vault, order: OrderId) -> Result<Option<Vec<u8>>, Error> {
    match scalar!(
        conn,
        Vec<u8>,
        "SELECT sealed FROM order_bodies WHERE order_id = $1",
        order
    )? {
        Some(sealed) => vault.open(conn, &body_place(order), &sealed).await.map(Some),
        None => Ok(None),
    }
}

/// The job's description, of what [`push_bodies`] kept; `None` where none was told or it was erased.
pub async fn find_description(conn: &mut Conn, vault: &Vault, order: OrderId) -> Result<Option<String>, Error> {
    #[derive(Default, Deserialize)]
    struct Body {
        description: Option<String>,
    }
    let body = find_body(conn, vault, order).await?;
    let body = body.and_then(|body| serde_json::from_slice::<Body>(&body).ok());
    Ok(body.unwrap_or_default().description)
}

/// Adds a customer's new name to what each of its orders is found by; the old one finds them still.
pub async fn add_customer_name(conn: &mut Conn, customer: CustomerId, name: &str) -> Result<(), Error> {
    let sql = conn.pick(
        "UPDATE order_search SET words = words || ' ' || $2
         WHERE rowid IN (SELECT seq FROM orders WHERE customer_id = $1)",
        "UPDATE order_search SET words = words || to_tsvector('simple', $2)
         WHERE order_seq IN (SELECT seq FROM orders WHERE customer_id = $1)",
    );
    execute!(conn, sql, customer, index_words(name)).map(drop)
}

/// Adds `words` (a customer's name) to what every order of an integration is found by.
pub async fn add_words(conn: &mut Conn, integration: IntegrationId, words: &str) -> Result<(), Error> {
    let sql = conn.pick(
        "UPDATE order_search SET words = words || ' ' || $2
         WHERE rowid IN (SELECT seq FROM orders WHERE integration_id = $1)",
        "UPDATE order_search SET words = words || to_tsvector('simple', $2)
         WHERE order_seq IN (SELECT seq FROM orders WHERE integration_id = $1)",
    );
    execute!(conn, sql, integration, index_words(words)).map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_ages_are_asked_for_and_never_all() {
        let age = 1 << AGE;
        let ages = |newest, oldest| Some(Ages { newest, oldest });
        assert_eq!(Ages::of(age, age + 1), ages(2, 1));
        assert_eq!(Ages::of(2 * age - 1, 2 * age), ages(3, 1));
        assert_eq!(Ages::of(age - 1, age), None);
        assert_eq!(Ages::of(age, (AGES - 1) * age), ages(AGES, 1));
        assert_eq!(Ages::of(age, AGES * age), None);
    }

    #[test]
    fn each_word_stands_once_in_what_an_order_is_found_by() {
        let texts = ["Ida Ødegård", "ida.odegard@example.com", "", "Ida’s test"];
        assert_eq!(index_text(&texts), "ida odegard example com s test");
        assert_eq!(index_text(&["", " "]), "");
    }
}
