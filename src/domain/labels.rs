//! Tags and regions: a few short words by which packages and customers are found again.

use super::text::fold;

/// The most of each.
pub const MOST: usize = 12;

/// The longest, in characters.
pub const LONGEST: usize = 40;

/// Reads words as they are typed: between commas, semicolons or line ends. Each counts once, whatever its capitals.
///
/// # Errors
/// A sentence that says what is wrong.
pub fn read(typed: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::<String>::new();
    for word in typed.split([',', ';', '\n', '\r']) {
        let word = word.split_whitespace().collect::<Vec<_>>().join(" ");
        if word.is_empty() || words.iter().any(|known| fold(known) == fold(&word)) {
            continue;
        }
        if word.chars().count() > LONGEST {
            return Err(format!("‘{word}’ is too long: {LONGEST} characters at most."));
        }
        if word.chars().any(char::is_control) {
            return Err("This holds a character that cannot be kept.".to_owned());
        }
        words.push(word);
    }
    if words.len() > MOST {
        return Err(format!("{} are too many: {MOST} at most.", words.len()));
    }
    Ok(words)
}

/// As they are kept: one a line.
pub fn kept(words: &[String]) -> String {
    words.join("\n")
}

/// As people are shown what is kept, and type it.
pub fn shown(kept: &str) -> String {
    kept.replace('\n', ", ")
}

/// What is kept as it is searched: folded, with a line end before and behind each word; empty where there is none.
pub fn folded(kept: &str) -> String {
    let mut folded = String::new();
    for word in kept.lines() {
        folded.push('\n');
        folded.push_str(&fold(word));
    }
    if !folded.is_empty() {
        folded.push('\n');
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart_and_count_once() {
        let words = read(" English,  senior  level;ENGLISH\nremote,,").expect("words");
        assert_eq!(words, ["English", "senior level", "remote"]);
        let kept = kept(&words);
        assert_eq!(read(&shown(&kept)), Ok(words));
        assert_eq!(folded(&kept), "\nenglish\nsenior level\nremote\n");
        assert_eq!(folded(""), "");
    }

    #[test]
    fn too_long_and_too_many_are_told() {
        assert!(read(&"x".repeat(41)).is_err());
        let many = (0..13).map(|n| n.to_string()).collect::<Vec<_>>().join(",");
        assert!(read(&many).is_err());
        assert!(read("a\u{7}b").is_err());
        assert_eq!(read(""), Ok(Vec::new()));
    }
}
