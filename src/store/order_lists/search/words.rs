//! Which words of a search lead through the index, and which are looked for in what these find.

use super::share::{Led, Share};
use super::{Search, Sizes, TESTED};
use crate::store::candidates::Wanted;
use crate::store::{Conn, Error};
use serde_json::json;

/// How many of the newest orders tell how frequent a word is, on SQLite and on PostgreSQL, which looks faster and follows its
/// index more slowly.
const LOOKED_AT: [i64; 2] = [256, 1_024];

/// On PostgreSQL, a word that more than one in sixteen of them have is one that many orders have.
const MANY: i64 = 16;

/// On PostgreSQL, a word that is asked for as it stands leads beside a rarer one unless more than one in two have it: then it
/// hardly spares any of the texts that the other one leads to.
const MOST: i64 = 2;

/// The share of the newest orders that have each of some words.
#[derive(Debug)]
pub(super) struct Counted(Vec<Share>);

impl Counted {
    /// Counts them.
    pub(super) async fn of(conn: &mut Conn, wanted: &[Wanted]) -> Result<Self, Error> {
        let mut counted = vec![Share::NONE; wanted.len()];
        let is_sqlite = conn.is_sqlite();
        let looked_at = LOOKED_AT[usize::from(!is_sqlite)];
        let forms = wanted.iter().map(|word| {
            if is_sqlite {
                word.between_spaces()
            } else {
                word.query(conn)
            }
        });
        let forms = json!(forms.collect::<Vec<_>>()).to_string();
        // The newest come by the index's own order. Where they are named by a number, PostgreSQL expects a third of all
        // orders behind it and reads every one.
        let sql = conn.pick(
            "SELECT w.key, COUNT(*) FROM (SELECT words FROM order_search ORDER BY rowid DESC LIMIT $2) f
             CROSS JOIN json_each($1) w WHERE instr(' ' || f.words || ' ', w.value) > 0 GROUP BY w.key",
            "SELECT w.place - 1, COUNT(*) FROM (SELECT words FROM order_search ORDER BY order_seq DESC LIMIT $2) f
             CROSS JOIN jsonb_array_elements_text(CAST($1 AS JSONB)) WITH ORDINALITY AS w (word, place)
             WHERE ts_match_vq(f.words, to_tsquery('simple', w.word)) GROUP BY w.place",
        );
        for (place, count) in fetch_all!(conn, (i64, i64), sql, forms, looked_at)? {
            if let Some(own) = usize::try_from(place).ok().and_then(|place| counted.get_mut(place)) {
                *own = Share::of(count, looked_at);
            }
        }
        Ok(Self(counted))
    }

    /// The share of the orders that have all of the words, were each word there by itself.
    pub(super) fn all_words(&self) -> Share {
        self.0.iter().copied().fold(Share::ALL, Share::and)
    }

    /// The share of the orders that have the words by which the index leads, of those that are counted.
    pub(super) async fn led(&self, conn: &mut Conn, search: &Search<'_>) -> Result<Share, Error> {
        let rarest = self.0.iter().copied().min().unwrap_or(Share::ALL);
        if conn.is_sqlite() {
            return Ok(rarest);
        }
        let shared = search.known(conn).await?.iter().zip(self.0.iter().copied());
        let led = shared.filter(|(word, share)| leads_on_postgres(word, *share, rarest));
        Ok(led.map(|(_, share)| share).fold(Share::ALL, Share::and))
    }
}

/// Whether PostgreSQL's index is to lead from this word: from each that few orders have, and beside these from those that it
/// need not gather first. Where many have even the rarest, from all.
fn leads_on_postgres(word: &Wanted, share: Share, rarest: Share) -> bool {
    let is_led = |one_in| share <= Share::of(1, one_in);
    rarest > Share::of(1, MANY) || is_led(MANY) || word.is_exact() && is_led(MOST)
}

/// The words of a search, by what they are good for.
#[derive(Debug)]
pub(super) struct Words {
    /// The index leads from these to orders.
    pub(super) lead: Vec<Wanted>,
    /// These are looked for in the words of the orders that were found: to follow them through the index takes the longer
    /// the larger the house is.
    pub(super) rest: Vec<Wanted>,
    /// The share of the orders that have all of them, were each there by itself; none where that was not counted.
    pub(super) share: Share,
}

impl Words {
    /// None of them leads: each is looked for in the orders of the customers that are named.
    pub(super) const fn tested(wanted: Vec<Wanted>) -> Self {
        Self {
            lead: Vec::new(),
            rest: wanted,
            share: Share::NONE,
        }
    }

    /// Of those of a search, which may be counted: what stands at the end and may go on (`mira@exam`) never leads, and of
    /// several words only those that spare more than they take. The rarest leads in any case. No more than [`TESTED`] are
    /// looked for one by one: the index leads to the others as well.
    pub(super) async fn of(conn: &mut Conn, search: &Search<'_>, counted: Option<Counted>) -> Result<Self, Error> {
        let mut wanted = search.known(conn).await?.to_vec();
        let end = Wanted::behind_whole_ones(&mut wanted);
        let mut words = if wanted.len() > 1 {
            let Counted(shares) = match counted {
                Some(counted) => counted,
                None => Counted::of(conn, &wanted).await?,
            };
            let shared = wanted.into_iter().zip(shares).collect();
            if conn.is_sqlite() {
                Self::by_cost(search.sizes(conn).await?, search.limit + 1, shared)
            } else {
                Self::by_share(shared)
            }
        } else {
            Self {
                lead: wanted,
                rest: Vec::new(),
                share: Share::NONE,
            }
        };
        words.rest.extend(end);
        let many = words.rest.len().saturating_sub(TESTED);
        words.lead.extend(words.rest.drain(..many));
        Ok(words)
    }

    /// On SQLite: the rarest, and of the others those that take less than to look for them in texts.
    fn by_cost(sizes: Sizes, page: i64, mut shared: Vec<(Wanted, Share)>) -> Self {
        shared.sort_by_key(|(_, share)| *share);
        let (mut lead, mut rest) = (Vec::new(), Vec::new());
        let mut led = Led {
            all: sizes.all,
            to: sizes.among,
            page,
        };
        for (word, share) in shared {
            // What none of those had that were looked at, others may have.
            let share = share.max(Share::of(1, 2 * LOOKED_AT[0]));
            if lead.is_empty() || led.takes(share, word.is_held()) {
                led = led.by(share);
                lead.push(word);
            } else {
                rest.push(word);
            }
        }
        Self {
            lead,
            rest,
            share: Share::NONE,
        }
    }

    /// On PostgreSQL.
    fn by_share(shared: Vec<(Wanted, Share)>) -> Self {
        let rarest = shared.iter().map(|(_, share)| *share).min().unwrap_or(Share::ALL);
        let share = shared.iter().map(|(_, share)| *share).fold(Share::ALL, Share::and);
        let (lead, rest) = shared
            .into_iter()
            .partition::<Vec<_>, _>(|(word, share)| leads_on_postgres(word, *share, rarest));
        let words = |of: Vec<(Wanted, Share)>| of.into_iter().map(|(word, _)| word).collect();
        Self {
            lead: words(lead),
            rest: words(rest),
            share,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(word: &str, is_alone: bool) -> Wanted {
        Wanted {
            word: word.to_owned(),
            is_whole: false,
            is_alone,
        }
    }

    fn led(shared: &[(&str, bool, i64)]) -> (Vec<String>, Vec<String>) {
        let shared = shared
            .iter()
            .map(|(text, is_alone, one_in)| (word(text, *is_alone), Share::of(1, *one_in)));
        let words = Words::by_share(shared.collect());
        let texts = |of: Vec<Wanted>| of.into_iter().map(|it| it.word).collect();
        (texts(words.lead), texts(words.rest))
    }

    fn all(words: &[&str]) -> Vec<String> {
        words.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn beside_a_rare_word_postgresql_is_led_by_frequent_ones_that_need_not_be_gathered() {
        let nadia = ("nadia", false, 140);
        assert_eq!(
            led(&[nadia, ("engineer", true, 3)]),
            (all(&["nadia", "engineer"]), all(&[]))
        );
        assert_eq!(
            led(&[nadia, ("engineer", false, 3)]),
            (all(&["nadia"]), all(&["engineer"]))
        );
        assert_eq!(
            led(&[nadia, ("example", true, 1)]),
            (all(&["nadia"]), all(&["example"]))
        );
        assert_eq!(
            led(&[("senior", false, 4), ("engineer", true, 3)]),
            (all(&["senior", "engineer"]), all(&[])),
            "none is rare"
        );
    }
}
