//! The command line; nothing else.

use mimalloc::MiMalloc;
use std::process::ExitCode;

/// The system's allocator keeps much of what large buffers leave behind, in a pile for each thread: under sign-ins and
/// uploads the program grew to 558 MB, with this one to 242 (*Memory* in docs/benchmarks.md).
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    assessdesk::commands::run()
}
