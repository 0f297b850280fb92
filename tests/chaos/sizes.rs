//! How much of everything, and the dice: all of it from the environment, so that a run can be done again.

use std::str::FromStr;
use std::sync::OnceLock;

/// A size from the environment, or the small one of every day.
fn size<T: FromStr>(name: &str, small: T) -> T {
    match std::env::var(name) {
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{name} is not a number: {text}")),
        Err(_) => small,
    }
}

/// How many webhooks are sent while the program is killed.
pub fn webhooks() -> usize {
    size("CHAOS_WEBHOOKS", 1_000)
}

/// How often it is killed meanwhile.
pub fn kills() -> usize {
    size("CHAOS_KILLS", 6)
}

/// How many results are released while Kombo fails.
pub fn results() -> usize {
    size("CHAOS_RESULTS", 40)
}

/// How often the program dies at each numbered point.
pub fn point_turns() -> usize {
    size("CHAOS_POINT_TURNS", 1)
}

/// How often the database crashes or its disk is full; the clock jumps six times as often.
pub fn troubles() -> usize {
    size("CHAOS_TROUBLES", 1)
}

/// The seed of all dice: `CHAOS_SEED`, or another one for each run; printed either way.
pub fn seed() -> u64 {
    static SEED: OnceLock<u64> = OnceLock::new();
    *SEED.get_or_init(|| {
        let seed = size(
            "CHAOS_SEED",
            std::time::SystemTime::now()
                .duration_since(std::time::UNIX_EPOCH)
                .expect("after 1970")
                .as_secs(),
        );
        println!("CHAOS_SEED={seed}");
        seed
    })
}

/// Dice that fall the same way whenever they are made of the same seed and words.
#[derive(Clone, Debug)]
pub struct Dice(u64);

impl Dice {
    /// Dice for what `words` name.
    pub fn of(words: &[&str]) -> Self {
        let mut dice = Self(seed());
        for byte in words.join("/").bytes() {
            dice.0 = dice.throw() ^ u64::from(byte);
        }
        dice
    }

    /// The next throw (`splitmix64`).
    pub fn throw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        let end = u64::try_from(end.max(1)).expect("a size");
        usize::try_from(self.throw() % end).expect("a size")
    }

    /// True in `percent` of a hundred throws.
    pub fn hits(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}
