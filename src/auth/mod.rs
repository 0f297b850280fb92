//! Passwords, sessions, roles, CSRF and throttling.
