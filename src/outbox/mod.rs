//! What must reach somebody else: claim, send, record the attempt, retry or give up.
