//! Publications: the numbered, kept lists of packages of an integration.

use super::words::words;

words! {
    /// How it stands with a publication.
    pub enum PublicationState {
        /// It is on its way to Kombo.
        Waiting = "waiting", "On its way";
        /// Kombo holds it.
        Confirmed = "confirmed", "Published";
        /// A newer one took its place before it arrived.
        Superseded = "superseded", "Replaced by a newer one";
        /// Kombo refused it, or it was tried too often.
        GivenUp = "given_up", "Given up";
    }
}
