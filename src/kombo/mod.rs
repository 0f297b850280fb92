//! The contract with Kombo: wire types, signature, client, error codes. Knows no store and no screen.
