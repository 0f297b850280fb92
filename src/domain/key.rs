//! A secret key, as the settings give it and the vault uses it.

/// A 256-bit key. It is never printed.
#[derive(Clone)]
pub struct Key([u8; 32]);

impl Key {
    /// Takes 32 bytes as a key.
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes of the key.
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Key(…)")
    }
}
