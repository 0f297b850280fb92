//! The simple patterns for job codes: `*` stands for anything, `?` for one letter, everything else for itself.

/// A pattern, made ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Glob(Vec<char>);

impl Glob {
    /// The pattern, in the form in which codes are compared.
    pub(super) fn new(folded: &str) -> Self {
        let mut letters: Vec<char> = folded.chars().collect();
        // Many stars in a row mean no more than one.
        letters.dedup_by(|one, other| *one == '*' && *other == '*');
        Self(letters)
    }

    /// Whether the pattern fits the whole of `text`. Nothing is ever tried twice: at each star only the shortest piece that
    /// lets the letters behind it fit is of interest, so no pattern takes more than its length times the text's.
    pub(super) fn fits(&self, text: &[char]) -> bool {
        let (mut at, mut place) = (0, 0);
        let mut star: Option<(usize, usize)> = None;
        while place < text.len() {
            match self.0.get(at) {
                Some('*') => {
                    star = Some((at, place));
                    at += 1;
                }
                Some(letter) if *letter == '?' || *letter == text[place] => {
                    at += 1;
                    place += 1;
                }
                _ => match &mut star {
                    Some((star_at, taken)) => {
                        *taken += 1;
                        (at, place) = (*star_at + 1, *taken);
                    }
                    None => return false,
                },
            }
        }
        self.0[at..].iter().all(|letter| *letter == '*')
    }
}
