//! The languages in which recruiters and candidates are written to: those that Kombo Connect speaks.

use super::words::words;

words! {
    /// A language, by its ISO 639-1 code.
    pub enum Language {
        /// English.
        En = "en", "English";
        /// German.
        De = "de", "Deutsch";
        /// French.
        Fr = "fr", "Français";
        /// Italian.
        It = "it", "Italiano";
        /// Spanish.
        Es = "es", "Español";
    }
}
