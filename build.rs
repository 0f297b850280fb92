//! Rebuilds when a migration or an embedded asset is added (neither is seen by cargo on its own).
fn main() {}
