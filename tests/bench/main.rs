//! `make bench`: how fast the real program is, measured from outside, over HTTP, in its release build.
//!
//! Speeds depend on the machine and its mood, so what is claimed is a ratio within one run: the two sides take turns,
//! and the spread between the turns is shown. The figures go into `docs/benchmarks.md`, between that file's markers.
//! `cargo bench --bench desk -- wire start` measures only these.

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

mod browser;
mod desk;
mod drain;
mod forms;
mod house;
mod intake;
mod lists;
mod live_desk;
mod load;
mod made;
mod memory;
mod offers;
mod onboarding;
mod people;
mod report;
mod rules;
mod seed;
mod slow_kombo;
mod start;
mod stats;
mod wire;
mod wire_load;

use report::Section;
use std::pin::Pin;
use tikv_jemallocator::Jemalloc;

/// As the program has it: what is measured is this program, too, started by itself.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

type Measure = fn() -> Pin<Box<dyn Future<Output = Section>>>;

/// Every measurement, by its name.
const ALL: [(&str, Measure); 9] = [
    ("intake", || Box::pin(intake::measure())),
    ("lists", || Box::pin(lists::measure())),
    ("onboarding", || Box::pin(onboarding::measure())),
    ("live-desk", || Box::pin(live_desk::measure())),
    ("drain", || Box::pin(drain::measure())),
    ("rules", || Box::pin(rules::measure())),
    ("memory", || Box::pin(memory::measure())),
    ("start", || Box::pin(start::measure())),
    ("wire", || Box::pin(wire::measure())),
];

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
    let asked: Vec<_> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    if let Some(unknown) = asked.iter().find(|name| ALL.iter().all(|(own, _)| own != name)) {
        let names = ALL.map(|(name, _)| name).join(", ");
        eprintln!("There is no measurement ‘{unknown}’. These are there: {names}");
        return std::process::ExitCode::FAILURE;
    }
    let mut missed = Vec::new();
    for (name, measure) in ALL {
        if asked.is_empty() || asked.iter().any(|asked| asked == name) {
            let section = runtime.block_on(measure());
            report::keep(&section).expect("docs/benchmarks.md can be written");
            missed.extend(Some(name).filter(|_| !section.reached));
        }
    }
    if missed.is_empty() {
        std::process::ExitCode::SUCCESS
    } else {
        eprintln!("These floors were not reached: {}", missed.join(", "));
        std::process::ExitCode::FAILURE
    }
}
