//! `assessdesk secret`: a new key.

use super::{Outcome, say};
use crate::store::vault;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

pub(super) fn run() -> Outcome {
    say(&STANDARD.encode(vault::random::<32>()?))
}
