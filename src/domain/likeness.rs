//! Whose an integration may be, by its organisation's name.

use super::text::fold;
use std::collections::HashSet;

/// Words that half of all firms have in their name, folded.
const COMMON: [&str; 22] = [
    "ag",
    "and",
    "bv",
    "co",
    "company",
    "corp",
    "corporation",
    "der",
    "gmbh",
    "group",
    "holding",
    "inc",
    "kg",
    "limited",
    "llc",
    "ltd",
    "plc",
    "sa",
    "se",
    "srl",
    "the",
    "und",
];

/// The names that are likest to `name`, at most `most` of them, the likest first: those that share words with it. A name
/// that shares none is not given.
pub fn likest<'a, T: Copy>(name: &str, among: impl IntoIterator<Item = (T, &'a str)>, most: usize) -> Vec<T> {
    let wanted = words(name);
    if wanted.is_empty() {
        return Vec::new();
    }
    let scored = among
        .into_iter()
        .map(|(id, other)| (likeness(&wanted, &words(other)), id));
    let mut scored: Vec<(u32, T)> = scored.filter(|(score, _)| *score > 0).collect();
    scored.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    scored.into_iter().take(most).map(|(_, id)| id).collect()
}

/// How much two sets of words share, in thousandths of all words of both.
fn likeness(one: &HashSet<String>, other: &HashSet<String>) -> u32 {
    let shared = one.intersection(other).count();
    let all = one.union(other).count().max(1);
    u32::try_from(shared * 1000 / all).unwrap_or(0)
}

fn words(name: &str) -> HashSet<String> {
    let folded = fold(name);
    let words = folded.split(|letter: char| !letter.is_alphanumeric());
    let words = words.filter(|word| word.len() > 1 && !COMMON.contains(word));
    words.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUSES: [(u8, &str); 4] = [
        (1, "Northwind Bank"),
        (2, "Bank of Ore GmbH"),
        (3, "Ost & West GmbH"),
        (4, "Northwind"),
    ];

    #[test]
    fn names_that_share_words_come_the_likest_first() {
        assert_eq!(likest("Northwind Bank Ltd", HOUSES, 3), [1, 4, 2]);
        assert_eq!(likest("NORTHWIND", HOUSES, 1), [4]);
    }

    #[test]
    fn what_every_firm_is_called_makes_none_alike() {
        assert!(likest("Somebody GmbH", HOUSES, 3).is_empty());
        assert!(likest("", HOUSES, 3).is_empty());
    }
}
