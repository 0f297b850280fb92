//! Which ATSs take a progress update (`OPEN` with a `result_url`) through Kombo.
//!
//! Kombo's API takes the update for every integration; what becomes of it depends on the ATS, and Kombo publishes no list.
//! A tool stands here only with a public source. For all others nobody knows, and nothing is sent unless the provider says
//! so for the integration.

/// The state of this table: when its sources were last read.
pub const AS_OF: &str = "2026-11";

/// Whether an ATS takes progress updates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Takes {
    /// A public source says that it does.
    Yes,
    /// A public source says that it does not.
    No,
    /// No public source says anything.
    Unknown,
}

/// What is known of one ATS.
struct Known {
    tool: &'static str,
    takes: Takes,
}

/// The table. Greenhouse: "you may not update an order with the status of OPEN in Greenhouse"
/// (<https://docs.kombo.dev/assessment/connectors/greenhouse>). The pages of the other connectors say nothing of it.
const TABLE: [Known; 1] = [Known {
    tool: "greenhouse",
    takes: Takes::No,
}];

/// What is known of the ATS that Kombo calls `tool`.
pub fn takes(tool: &str) -> Takes {
    let known = TABLE.iter().find(|known| known.tool == tool);
    known.map_or(Takes::Unknown, |known| known.takes)
}

/// Whether progress updates are to be sent to `tool`, given the provider's own wish for the integration. What an ATS is
/// known to refuse is never sent.
pub fn are_sent(tool: &str, wish: Option<bool>) -> bool {
    match takes(tool) {
        Takes::No => false,
        Takes::Yes => wish.unwrap_or(true),
        Takes::Unknown => wish.unwrap_or(false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_known_to_be_refused_is_never_sent() {
        for wish in [None, Some(true), Some(false)] {
            assert!(!are_sent("greenhouse", wish));
        }
    }

    #[test]
    fn where_nobody_knows_the_provider_decides() {
        assert_eq!(takes("lever"), Takes::Unknown);
        assert!(!are_sent("lever", None));
        assert!(!are_sent("lever", Some(false)));
        assert!(are_sent("lever", Some(true)));
    }
}
