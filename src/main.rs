//! The command line, and the allocator; nothing else.

use mimalloc::MiMalloc;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};
use std::{env, io};

/// The system's allocator keeps much of what large buffers leave behind, in a pile for each thread: under sign-ins and
/// uploads the program grew to 558 MB (*Memory* in docs/benchmarks.md). This one keeps less, without huge pages (`no_thp`),
/// which made two megabytes of every small thing, and where it does not wait before it gives back what is free.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// For how many milliseconds the allocator keeps what is free; by itself it would a second. It reads this before `main`.
const PURGE_DELAY: (&str, &str) = ("MIMALLOC_PURGE_DELAY", "10");

#[allow(
    clippy::disallowed_methods,
    reason = "this is the allocator's own setting, not one of the desk's"
)]
fn main() -> ExitCode {
    let (name, value) = PURGE_DELAY;
    if env::var_os(name).is_none() {
        // Comes back only where it failed; then the program takes more memory, and works as well.
        let _: io::Result<()> = env::current_exe().and_then(|program| {
            let mut again = Command::new(program);
            again.args(env::args_os().skip(1)).env(name, value);
            Err(again.exec())
        });
    }
    assessdesk::commands::run()
}
