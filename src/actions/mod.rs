//! Everything that can happen, one file each: check, change, audit line, deliveries, live hint in one transaction.
