//! `make bench`: how fast the real program is, measured from outside, over HTTP, in its release build.
//!
//! Speeds depend on the machine and its mood, so what is claimed is a ratio within one run: the two sides take turns,
//! and the spread between the turns is shown. The figures go into `docs/benchmarks.md`, between that file's markers.

#![allow(clippy::print_stdout, reason = "what was measured is what this prints")]

#[allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    dead_code,
    unused_imports,
    unused_macros,
    reason = "shared with the tests, of which this uses a part"
)]
#[path = "../it/support/mod.rs"]
mod support;

mod desk;
mod forms;
mod intake;
mod live_desk;
mod load;
mod report;
mod stats;
mod wire_load;

fn main() -> std::process::ExitCode {
    assessdesk::kombo::install_tls();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    if forms::is_child() {
        runtime.block_on(forms::serve_as_told());
        return std::process::ExitCode::SUCCESS;
    }
    let sections = runtime.block_on(async { vec![intake::measure().await, live_desk::measure().await] });
    let missed = sections.iter().filter(|section| !section.reached).count();
    for section in &sections {
        report::keep(section).expect("docs/benchmarks.md can be written");
    }
    if missed == 0 {
        std::process::ExitCode::SUCCESS
    } else {
        eprintln!("{missed} of the floors were not reached");
        std::process::ExitCode::FAILURE
    }
}
