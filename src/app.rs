//! What handlers and workers share.
