//! How long the allocator keeps memory that is free: the one setting that it reads itself, before `main`.

use std::os::unix::process::CommandExt;
use std::process::Command;
use std::{env, io};

/// The allocator's own variable, and our value in milliseconds: by itself it keeps what is free for a second, in which
/// everything that happens at once leaves its memory behind.
const PURGE_DELAY: (&str, &str) = ("MIMALLOC_PURGE_DELAY", "10");

/// Begins the program again, as the same process, with the allocator's setting, unless it has one. Comes back where it has,
/// or where beginning again failed: then the program takes more memory and works as well.
#[allow(
    clippy::disallowed_methods,
    reason = "it is asked before there is a Config, and is the allocator's own setting, not one of the desk's"
)]
pub fn settle() {
    let (name, value) = PURGE_DELAY;
    if env::var_os(name).is_some() {
        return;
    }
    let _: io::Result<()> = env::current_exe().and_then(|program| {
        let mut again = Command::new(program);
        again.args(env::args_os().skip(1)).env(name, value);
        Err(again.exec())
    });
}
