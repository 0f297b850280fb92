//! The webhook endpoint: verify, keep, decide, answer; group commit; the reconciler.
