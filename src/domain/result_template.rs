//! What a package says of its results before there is one: the parts that are expected, and what scores mean in words.
//!
//! Both are typed a line each (or between semicolons): `Tables and graphs: 45` is a part with the most that can be reached,
//! `Impression` a text; `85: Strong` is the word for scores from 85 on.

use super::result::{AttributeDraft, MAX_ATTRIBUTES, MAX_LABEL, Score};

/// The most bands.
pub const MOST_BANDS: usize = 12;

/// Lines as they were typed, without blanks around them.
fn lines(typed: &str) -> impl Iterator<Item = &str> {
    typed.split(['\n', ';']).map(str::trim).filter(|line| !line.is_empty())
}

/// As they are kept: one a line.
pub fn kept(typed: &str) -> String {
    lines(typed).collect::<Vec<_>>().join("\n")
}

/// What is kept, in one line.
pub fn in_a_line(kept: &str) -> String {
    kept.replace('\n', "; ")
}

/// A part: its label, and the most that can be reached; none: it is a text.
fn part(line: &str) -> (&str, Option<&str>) {
    match line.rsplit_once(':') {
        Some((label, max)) if Score::parse(max).is_some() => (label.trim(), Some(max.trim())),
        _ => (line, None),
    }
}

/// Checks the parts that are expected.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn check_parts(typed: &str) -> Result<(), String> {
    let lines = lines(typed).collect::<Vec<_>>();
    if lines.len() > MAX_ATTRIBUTES {
        return Err(format!("{} are too many: {MAX_ATTRIBUTES} at most.", lines.len()));
    }
    for line in lines {
        let (label, max) = part(line);
        if label.is_empty() || label.chars().count() > MAX_LABEL || label.chars().any(char::is_control) {
            return Err(format!("‘{line}’ needs a name of at most {MAX_LABEL} characters."));
        }
        if max.and_then(Score::parse).is_some_and(|max| max.to_f64() <= 0.0) {
            return Err(format!("‘{line}’ needs a maximum above 0."));
        }
    }
    Ok(())
}

/// The rows that a new result begins with.
pub fn expected(kept: &str) -> Vec<AttributeDraft> {
    let row = |line| match part(line) {
        (label, Some(max)) => AttributeDraft::SubResult {
            id: String::new(),
            label: label.to_owned(),
            score: String::new(),
            max: max.to_owned(),
            status: "COMPLETED".to_owned(),
        },
        (label, None) => AttributeDraft::Text {
            label: label.to_owned(),
            value: String::new(),
        },
    };
    lines(kept).map(row).collect()
}

/// A band: the lowest score of it, and its word.
fn band(line: &str) -> Option<(Score, &str)> {
    let (from, word) = line.split_once(':')?;
    Some((Score::parse(from)?, word.trim()))
}

/// Checks what scores mean.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn check_bands(typed: &str) -> Result<(), String> {
    let lines = lines(typed).collect::<Vec<_>>();
    if lines.len() > MOST_BANDS {
        return Err(format!("{} are too many: {MOST_BANDS} at most.", lines.len()));
    }
    let mut known = Vec::<f64>::new();
    for line in lines {
        let Some((from, word)) = band(line).filter(|(_, word)| !word.is_empty() && word.chars().count() <= 60) else {
            return Err(format!(
                "‘{line}’ is no band. Write one like ‘85: Strong’: from that score on."
            ));
        };
        if word.chars().any(char::is_control) {
            return Err("This holds a character that cannot be kept.".to_owned());
        }
        if known.iter().any(|own| own.total_cmp(&from.to_f64()).is_eq()) {
            return Err(format!("Two bands begin at {from}."));
        }
        known.push(from.to_f64());
    }
    Ok(())
}

/// What scores mean, the highest first: the lowest score of each band, and its word.
pub fn bands(kept: &str) -> Vec<(String, String)> {
    let mut bands = lines(kept).filter_map(band).collect::<Vec<_>>();
    bands.sort_by(|(a, _), (b, _)| b.to_f64().total_cmp(&a.to_f64()));
    let told = |(from, word): (Score, &str)| (from.to_string(), word.to_owned());
    bands.into_iter().map(told).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_scores_or_texts() {
        let typed = " Tables: and graphs : 45 ; Impression\n\nLevel: B2 ";
        assert_eq!(check_parts(typed), Ok(()));
        let kept = kept(typed);
        assert_eq!(kept, "Tables: and graphs : 45\nImpression\nLevel: B2");
        let rows = expected(&kept);
        assert!(
            matches!(&rows[0], AttributeDraft::SubResult { label, max, .. } if label == "Tables: and graphs" && max == "45")
        );
        assert!(matches!(&rows[1], AttributeDraft::Text { label, .. } if label == "Impression"));
        assert!(matches!(&rows[2], AttributeDraft::Text { label, .. } if label == "Level: B2"));
        for bad in [": 45", "A: 0", &"x".repeat(MAX_LABEL + 1)] {
            assert!(check_parts(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn bands_are_told_from_the_highest_on() {
        assert_eq!(check_bands("0: Below; 85.5: Strong; 60: Solid"), Ok(()));
        let bands = bands(&kept("0: Below; 85.5: Strong; 60: Solid"));
        let told = bands
            .iter()
            .map(|(from, word)| format!("{from} {word}"))
            .collect::<Vec<_>>();
        assert_eq!(told, ["85.5 Strong", "60 Solid", "0 Below"]);
        for bad in ["Strong", "many: Strong", "5:", "5: A; 5.0: B"] {
            assert!(check_bands(bad).is_err(), "{bad}");
        }
        assert_eq!(check_bands(""), Ok(()));
    }
}
