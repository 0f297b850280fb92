//! Which words of a search lead through the index, and which are looked for in what these find.

use crate::store::candidates::Wanted;
use crate::store::{Conn, Error};
use serde_json::json;

/// In how many of the 256 newest orders a word is that many orders have: in more than one in sixteen.
const MANY: i64 = 16;

/// The words of a search, by what they are good for.
#[derive(Debug)]
pub(super) struct Words {
    /// The index leads from these to orders.
    pub(super) lead: Vec<Wanted>,
    /// These are looked for in the words of the orders that were found: to follow them through the index takes the longer
    /// the larger the house is.
    pub(super) rest: Vec<Wanted>,
}

impl Words {
    /// Of these words: what stands at the end and may go on (`mira@exam`) never leads, and what many of the newest orders
    /// have does not where another word is rarer.
    pub(super) async fn of(conn: &mut Conn, mut wanted: Vec<Wanted>) -> Result<Self, Error> {
        let end = Wanted::behind_whole_ones(&mut wanted);
        let many = frequent(conn, &wanted).await?;
        let (rest, lead): (Vec<_>, Vec<_>) = wanted.into_iter().zip(many).partition(|(_, many)| *many);
        let words = |some: Vec<(Wanted, bool)>| some.into_iter().map(|(word, _)| word).collect::<Vec<_>>();
        let (mut lead, mut rest) = (words(lead), words(rest));
        if lead.is_empty() {
            std::mem::swap(&mut lead, &mut rest);
        }
        rest.extend(end);
        Ok(Self { lead, rest })
    }
}

/// Whether each word is one that many orders have, as far as the newest tell. One word alone leads in any case.
async fn frequent(conn: &mut Conn, wanted: &[Wanted]) -> Result<Vec<bool>, Error> {
    let mut many = vec![false; wanted.len()];
    if wanted.len() < 2 {
        return Ok(many);
    }
    let is_sqlite = conn.is_sqlite();
    let forms = wanted.iter().map(|word| {
        if is_sqlite {
            word.between_spaces()
        } else {
            word.query(conn)
        }
    });
    let forms = json!(forms.collect::<Vec<_>>()).to_string();
    // The newest come by the index's own order. Where they are named by a number, PostgreSQL expects a third of all orders
    // behind it and reads every one.
    let sql = conn.pick(
        "SELECT w.key, COUNT(*) FROM (SELECT words FROM order_search ORDER BY rowid DESC LIMIT 256) f
         CROSS JOIN json_each($1) w WHERE instr(' ' || f.words || ' ', w.value) > 0 GROUP BY w.key",
        "SELECT w.place - 1, COUNT(*) FROM (SELECT words FROM order_search ORDER BY order_seq DESC LIMIT 256) f
         CROSS JOIN jsonb_array_elements_text(CAST($1 AS JSONB)) WITH ORDINALITY AS w (word, place)
         WHERE ts_match_vq(f.words, to_tsquery('simple', w.word)) GROUP BY w.place",
    );
    for (place, count) in fetch_all!(conn, (i64, i64), sql, forms)? {
        if let Some(many) = usize::try_from(place).ok().and_then(|place| many.get_mut(place)) {
            *many = count > MANY;
        }
    }
    Ok(many)
}
