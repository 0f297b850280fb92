//! Pages for people without an account: the report.
