//! `assessdesk secret`: a new key.

use super::{Outcome, say};
use crate::store::vault;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub(super) fn run() -> Outcome {
    say(&fresh()?)
}

/// 32 random bytes in base64, as `ASSESSDESK_SECRET_KEY` wants them.
pub(super) fn fresh() -> Result<String, vault::Error> {
    vault::random::<32>().map(|bytes| STANDARD.encode(bytes))
}
