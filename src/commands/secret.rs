//! `assessdesk secret`: a new key.

use super::{Outcome, say};
use crate::store::vault::Key;

pub(super) fn run() -> Outcome {
    say(&Key::random()?.to_base64())
}
