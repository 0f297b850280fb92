//! The command line, and the allocator; nothing else.

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// The system's allocator keeps much of what large buffers leave behind, in a pile for each thread: under sign-ins and
/// uploads the program grew to 558 MB (*Memory* in docs/benchmarks.md). This one keeps less, without huge pages (`no_thp`),
/// which made two megabytes of every small thing.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    assessdesk::config::allocator::settle();
    assessdesk::commands::run()
}
