//! Gathers what the program embeds: our own files in `static/`, and htmx out of the pinned npm package.
//!
//! Also tells cargo to build again when a migration or an asset is added, which it does not see on its own.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The library the pages use, as the npm package ships it.
const HTMX: &str = "node_modules/htmx.org/dist/htmx.min.js";
/// Our guard that goes out in one file with htmx, so that nothing can run between the two.
const GUARD: &str = "htmx-guard.js";

#[allow(
    clippy::disallowed_methods,
    reason = "cargo speaks to build scripts through the environment"
)]
fn main() -> Result<(), Box<dyn Error>> {
    for path in ["migrations", "static", "package-lock.json", HTMX] {
        println!("cargo:rerun-if-changed={path}");
    }
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let htmx = root.join(HTMX);
    if !htmx.exists() {
        install(&root)?;
    }

    let guarded = out.join("htmx.js");
    let guard = fs::read_to_string(root.join("static").join(GUARD))?;
    fs::write(&guarded, format!("{}\n{guard}", fs::read_to_string(htmx)?))?;

    let mut files = vec![guarded];
    for entry in fs::read_dir(root.join("static"))? {
        let path = entry?.path();
        if path.is_file() && path.file_name().is_some_and(|name| name != GUARD) {
            files.push(path);
        }
    }
    files.sort_by_key(|path| path.file_name().map(ToOwned::to_owned));
    fs::write(out.join("assets.rs"), list(&files)?)?;
    Ok(())
}

/// Fetches the npm packages that `package-lock.json` pins.
fn install(root: &Path) -> Result<(), Box<dyn Error>> {
    let done = Command::new("npm")
        .args(["ci", "--ignore-scripts", "--no-fund", "--no-audit"])
        .current_dir(root)
        .status()
        .map_err(|error| format!("cannot run npm ({error}): install Node.js 20 or newer, which brings it"))?;
    if done.success() {
        Ok(())
    } else {
        Err("npm ci failed (its own words are above): run it in this folder, then build again".into())
    }
}

/// The Rust text that embeds `files`, each as name and bytes.
fn list(files: &[PathBuf]) -> Result<String, Box<dyn Error>> {
    let mut text = String::from("&[\n");
    for path in files {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .ok_or("an asset's name is not UTF-8")?;
        writeln!(
            text,
            "    ({name:?}, include_bytes!({:?}).as_slice()),",
            path.display().to_string()
        )?;
    }
    text.push_str("]\n");
    Ok(text)
}
