//! Small things about text: folding for searches, initials, addresses, names of ATSs.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// The longest e-mail address (RFC 5321, section 4.5.3.1.3, without its brackets).
const MAX_EMAIL: usize = 254;
/// The longest part before the `@` (RFC 5321, section 4.5.3.1.1).
const MAX_EMAIL_LOCAL: usize = 64;

/// The text as searches compare it: lower case, without diacritics, spaces made single.
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.nfkd().filter(|c| !is_combining_mark(*c)) {
        for c in c.to_lowercase() {
            match c {
                'ß' => folded.push_str("ss"),
                'æ' => folded.push_str("ae"),
                'œ' => folded.push_str("oe"),
                'ø' => folded.push('o'),
                'đ' | 'ð' => folded.push('d'),
                'ł' => folded.push('l'),
                'þ' => folded.push_str("th"),
                'ı' => folded.push('i'),
                // Lower-casing 'İ' leaves a dot that stands alone.
                c if is_combining_mark(c) => {}
                c => folded.push(c),
            }
        }
    }
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether this is an accent that stands by itself, behind its letter.
pub fn is_mark(letter: char) -> bool {
    !letter.is_ascii() && is_combining_mark(letter)
}

/// One or two letters that stand for a person: of the first and the last word. A dot where there is no letter.
pub fn initials(name: &str) -> String {
    let mut letters = name
        .split_whitespace()
        .filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = letters.next();
    let last = letters.next_back();
    let text: String = first.into_iter().chain(last).flat_map(char::to_uppercase).collect();
    if text.is_empty() { "·".to_owned() } else { text }
}

/// Whether this has the shape of an e-mail address. Only a mail that arrives shows that it is one.
pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else {
        return false;
    };
    let plain = |c: char| !c.is_whitespace() && !c.is_control();
    let local_is_fine = (1..=MAX_EMAIL_LOCAL).contains(&local.len())
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.chars().all(|c| {
            plain(c)
                && !matches!(
                    c,
                    '@' | ',' | ';' | ':' | '<' | '>' | '(' | ')' | '[' | ']' | '"' | '\\'
                )
        });
    let label_is_fine = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    text.len() <= MAX_EMAIL && local_is_fine && domain.contains('.') && domain.split('.').all(label_is_fine)
}

/// What people call the ATS that Kombo calls `tool`: `greenhouse` is Greenhouse. An unknown one is spelt out.
pub fn tool_label(tool: &str) -> String {
    KNOWN_TOOLS
        .iter()
        .find(|(known, _)| *known == tool)
        .map_or_else(|| spelt_out(tool), |(_, label)| (*label).to_owned())
}

/// The ATSs that are known by name here: what Kombo calls them, and their names.
pub fn known_tools() -> impl Iterator<Item = (&'static str, &'static str)> {
    KNOWN_TOOLS.into_iter()
}

/// Where the name of an ATS is not its id with capitals.
const KNOWN_TOOLS: [(&str, &str); 31] = [
    ("adprecruiting", "ADP Recruiting"),
    ("ashby", "Ashby"),
    ("avature", "Avature"),
    ("bamboohr", "BambooHR"),
    ("breezyhr", "Breezy HR"),
    ("bullhorn", "Bullhorn"),
    ("cornerstone", "Cornerstone"),
    ("dvinci", "d.vinci"),
    ("eploy", "Eploy"),
    ("greenhouse", "Greenhouse"),
    ("icims", "iCIMS"),
    ("jazzhr", "JazzHR"),
    ("jobvite", "Jobvite"),
    ("lever", "Lever"),
    ("oraclerecruiting", "Oracle Recruiting"),
    ("paylocity", "Paylocity"),
    ("personio", "Personio"),
    ("pinpoint", "Pinpoint"),
    ("recruitee", "Recruitee"),
    ("recruiterflow", "Recruiterflow"),
    ("rexx", "rexx systems"),
    ("sapsuccessfactors", "SAP SuccessFactors"),
    ("smartrecruiters", "SmartRecruiters"),
    ("successfactors", "SAP SuccessFactors"),
    ("taleez", "Taleez"),
    ("talentlyft", "TalentLyft"),
    ("teamtailor", "Teamtailor"),
    ("ukgpro", "UKG Pro"),
    ("workable", "Workable"),
    ("workday", "Workday"),
    ("zohorecruit", "Zoho Recruit"),
];

fn spelt_out(tool: &str) -> String {
    tool.split(['_', '-', ' '])
        .filter(|word| !word.is_empty())
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .into_iter()
                .flat_map(char::to_uppercase)
                .chain(letters)
                .collect::<String>()
        })
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn searching_does_not_mind_case_or_diacritics() {
        for (text, folded) in [
            ("Zoë  MÜLLER", "zoe muller"),
            ("Großmann", "grossmann"),
            ("Łukasz Đorđević", "lukasz dordevic"),
            ("Søren Æbelø", "soren aebelo"),
            ("İstanbul", "istanbul"),
            ("ＡＢＣ", "abc"),
            ("田中 太郎", "田中 太郎"),
        ] {
            assert_eq!(fold(text), folded);
        }
    }

    #[test]
    fn initials_are_of_the_first_and_the_last_word() {
        for (name, letters) in [
            ("Ada Lovelace", "AL"),
            ("Johann Sebastian Bach", "JB"),
            ("cher", "C"),
            ("  ", "·"),
            ("(Émile) Zola", "ÉZ"),
        ] {
            assert_eq!(initials(name), letters);
        }
    }

    #[test]
    fn addresses_have_a_shape() {
        for good in [
            "a@b.co",
            "ada.lovelace+test@sub.example.com",
            "jürgen@müller.de",
            "o'neil@example.ie",
        ] {
            assert!(is_email(good), "{good}");
        }
        for bad in [
            "",
            "a",
            "@b.co",
            "a@",
            "a@b",
            "a@b..co",
            ".a@b.co",
            "a..b@c.de",
            "a b@c.de",
            "a@-b.co",
            "a@b.co, c@d.ef",
            "Ada <a@b.co>",
            "a\n@b.co",
            "a@b@c.de",
        ] {
            assert!(!is_email(bad), "{bad}");
        }
    }

    #[test]
    fn an_ats_has_the_name_that_people_know() {
        assert_eq!(tool_label("greenhouse"), "Greenhouse");
        assert_eq!(tool_label("smartrecruiters"), "SmartRecruiters");
        assert_eq!(tool_label("some_new-tool"), "Some New Tool");
    }

    proptest! {
        #[test]
        fn folding_twice_is_folding_once(text in any::<String>()) {
            let once = fold(&text);
            prop_assert_eq!(fold(&once), once);
        }
    }
}
