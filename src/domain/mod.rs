//! The words of the house as types, and its rules as pure functions: no I/O, no async, no SQL, no HTML.

pub mod ids;
pub mod time;
