//! Writes what was measured into `docs/benchmarks.md`, each section between its own markers.

use std::path::PathBuf;

/// What one measurement found.
#[derive(Clone, Debug)]
pub struct Section {
    /// Its marker in the file.
    pub name: &'static str,
    /// Whether its floor was reached.
    pub reached: bool,
    /// In Markdown.
    pub text: String,
}

/// Prints the section and puts it in the place of its last run.
pub fn keep(section: &Section) -> std::io::Result<()> {
    println!("{}\n", section.text);
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/benchmarks.md");
    let old = std::fs::read_to_string(&path)?;
    let (begin, end) = (
        format!("<!-- {} begins -->", section.name),
        format!("<!-- {} ends -->", section.name),
    );
    let new = format!("{begin}\n{}\n{end}", section.text);
    let page = match (old.find(&begin), old.find(&end)) {
        (Some(from), Some(to)) if from < to => format!("{}{new}{}", &old[..from], &old[to + end.len()..]),
        _ => format!("{}\n\n{new}\n", old.trim_end()),
    };
    std::fs::write(path, page)
}
