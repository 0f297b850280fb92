//! The command line, and the allocator; nothing else.

use std::process::ExitCode;
use tikv_jemallocator::Jemalloc;

/// The system's allocator keeps much of what large buffers leave behind, in a pile for each thread: under sign-ins and
/// uploads the program grew to 558 MB (*Memory* in docs/benchmarks.md). This one has few piles and gives back what is free,
/// as `.cargo/config.toml` sets it, and SQLite's memory comes from it, too.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

fn main() -> ExitCode {
    assessdesk::commands::run()
}
