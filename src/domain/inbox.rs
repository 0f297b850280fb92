//! The inbox: what was made of a webhook.

use super::words::words;

words! {
    /// What was made of a webhook.
    pub enum InboxVerdict {
        /// It brought an order that we did not know.
        NewOrder = "new_order", "New order";
        /// It told us what we knew.
        Repeat = "repeat", "Repeat";
        /// It told an order that we know with other data: kept, the order stays as it was.
        Differs = "differs", "Repeat with other data";
        /// It was news about an integration.
        Integration = "integration", "Integration news";
        /// It asks for nothing.
        Ignored = "ignored", "Nothing to do";
        /// It was signed by Kombo, but could not be read; it can be read again after a fix.
        Unreadable = "unreadable", "Unreadable";
        /// It could be read, but not be worked on.
        Failed = "failed", "Failed";
    }
}
