//! Gathers what the program embeds: our own files in `static/`, and htmx out of the pinned npm package.
//!
//! What every desk page loads goes out as one style sheet and one script, without comments, and each file is packed here
//! with brotli at its best, which would be too slow at the time of an answer.
//!
//! Also tells cargo to build again when a migration or an asset is added, which it does not see on its own.

use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// The library the pages use, as the npm package ships it.
const HTMX: &str = "node_modules/htmx.org/dist/htmx.min.js";

/// Kombo's own window for connecting an ATS, for the page from which a customer does that; as a plain script.
const KOMBO_CONNECT: &str = "node_modules/@kombo-api/connect/dist/index.js";

/// The style sheet of every desk page.
const STYLES: [&str; 5] = ["app.css", "orders.css", "live.css", "finder.css", "hold.css"];

/// The script of every desk page. It begins with htmx; the guard is next, so that nothing can run between the two.
const SCRIPTS: [&str; 7] = [
    "htmx-guard.js",
    "app.js",
    "choose.js",
    "keys.js",
    "finder.js",
    "live.js",
    "hold.js",
];

/// The script of the page from which a customer connects an ATS; it begins with Kombo's.
const CONNECT: &str = "connect.js";

/// Packs each named file beside itself. Node is there anyway, for npm, and brings brotli.
const PACK: &str = r"
const { brotliCompressSync: pack, constants: { BROTLI_PARAM_MODE, BROTLI_MODE_TEXT, BROTLI_PARAM_SIZE_HINT } } = require('node:zlib');
const { readFileSync, writeFileSync } = require('node:fs');
for (const path of process.argv.slice(1)) {
  const bytes = readFileSync(path);
  const params = { [BROTLI_PARAM_MODE]: BROTLI_MODE_TEXT, [BROTLI_PARAM_SIZE_HINT]: bytes.length };
  writeFileSync(`${path}.br`, pack(bytes, { params }));
}
";

#[allow(
    clippy::disallowed_methods,
    reason = "cargo speaks to build scripts through the environment"
)]
fn main() -> Result<(), Box<dyn Error>> {
    for path in ["migrations", "static", "package-lock.json", HTMX, KOMBO_CONNECT] {
        println!("cargo:rerun-if-changed={path}");
    }
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let htmx = root.join(HTMX);
    let window = root.join(KOMBO_CONNECT);
    if !htmx.exists() || !window.exists() {
        install(&root)?;
    }
    let mut files = vec![
        written(&out, "desk.css", &joined(&root, "", &STYLES)?)?,
        written(&out, "desk.js", &joined(&root, &fs::read_to_string(htmx)?, &SCRIPTS)?)?,
        written(
            &out,
            CONNECT,
            &joined(&root, &lean(CONNECT, &fs::read_to_string(window)?)?, &[CONNECT])?,
        )?,
    ];
    for entry in fs::read_dir(root.join("static"))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if path.is_file() && !SCRIPTS.contains(&name) && name != CONNECT {
            files.push(written(&out, name, &lean(name, &fs::read_to_string(&path)?)?)?);
        }
    }
    files.sort();
    pack(&files)?;
    fs::write(out.join("assets.rs"), list(&files)?)?;
    Ok(())
}

/// These files of ours as one, behind `first`.
fn joined(root: &Path, first: &str, names: &[&str]) -> Result<String, Box<dyn Error>> {
    let mut text = first.to_owned();
    for name in names {
        text.push('\n');
        text.push_str(&lean(name, &fs::read_to_string(root.join("static").join(name))?)?);
    }
    Ok(text)
}

/// A text without comments and indents: whole lines of a script, anything between the marks in a style sheet.
fn lean(name: &str, text: &str) -> Result<String, Box<dyn Error>> {
    let text = match Path::new(name).extension().and_then(|extension| extension.to_str()) {
        Some("js") => {
            if text.lines().any(|line| line.matches('`').count() % 2 == 1) {
                return Err(format!("static/{name}: a text in `backticks` must end on its line").into());
            }
            text.to_owned()
        }
        Some("css") => without_comments(text),
        _ => return Ok(text.to_owned()),
    };
    let lines = text.lines().map(str::trim);
    let lines = lines.filter(|line| !line.is_empty() && !line.starts_with("//"));
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

fn without_comments(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::new();
    while let Some((before, comment)) = rest.split_once("/*") {
        kept.push_str(before);
        rest = comment.split_once("*/").map_or("", |(_, after)| after);
    }
    kept + rest
}

fn written(out: &Path, name: &str, text: &str) -> Result<PathBuf, Box<dyn Error>> {
    let path = out.join(name);
    fs::write(&path, text)?;
    Ok(path)
}

/// Writes each file packed, too.
fn pack(files: &[PathBuf]) -> Result<(), Box<dyn Error>> {
    let done = Command::new("node")
        .args(["-e", PACK])
        .args(files)
        .status()
        .map_err(|error| format!("cannot run node ({error}): install Node.js 20 or newer"))?;
    if done.success() {
        Ok(())
    } else {
        Err("Node could not pack the embedded files (its own words are above)".into())
    }
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

/// The Rust text that embeds `files`, each as name, bytes, and bytes packed.
fn list(files: &[PathBuf]) -> Result<String, Box<dyn Error>> {
    let mut text = String::from("&[\n");
    for path in files {
        let name = path
            .file_name()
            .and_then(|name| name.to_str())
            .ok_or("an asset's name is not UTF-8")?;
        let path = path.display().to_string();
        writeln!(
            text,
            "    ({name:?}, include_bytes!({path:?}).as_slice(), include_bytes!({:?}).as_slice()),",
            format!("{path}.br")
        )?;
    }
    text.push_str("]\n");
    Ok(text)
}
