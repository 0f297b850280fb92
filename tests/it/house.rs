//! The house rules that a compiler does not see: which room may know which, and what may stand where.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms from the ground up. A room may use the floors below its own; `commands` starts everything, `server` joins
/// the screens and workers to one process, `app` is what handlers and workers share and so lies below them.
const FLOORS: [&[&str]; 9] = [
    &["domain"],
    &["config", "clock", "telemetry", "points"],
    &["store", "kombo", "live", "mail"],
    &["actions"],
    &["app"],
    &["web", "auth"],
    &["desk", "public", "api", "intake", "outbox", "health"],
    &["server"],
    &["commands"],
];

/// Neighbours on one floor, one of which may use the other.
const NEIGHBOURS: [(&str, &str); 3] = [("auth", "web"), ("telemetry", "config"), ("desk", "health")];

/// The practice Kombo stands beside the house: it speaks Kombo's wire types and borrows the page frame, nothing else.
const SANDBOX_MAY_USE: [&str; 6] = ["sandbox", "kombo", "web", "config", "clock", "domain"];

/// Who starts the sandbox.
const MAY_USE_SANDBOX: [&str; 3] = ["sandbox", "server", "commands"];

#[test]
fn no_room_knows_more_than_it_may() {
    let mut wrong = String::new();
    for file in files("src", "rs") {
        let Some(room) = room_of(&file) else { continue };
        for used in rooms_used(&text(&file)) {
            if !may_use(&room, &used) {
                let _ = writeln!(wrong, "{}: `{room}` may not use `crate::{used}`", file.display());
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "\n{wrong}See FLOORS in tests/it/house.rs and docs/architecture.md."
    );
}

#[test]
fn every_room_has_a_floor() {
    let listed = text(Path::new("src/lib.rs"));
    for room in listed
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
    {
        assert!(
            room == "sandbox" || floor(room).is_some(),
            "`{room}` has no floor in tests/it/house.rs"
        );
    }
}

#[test]
fn sql_stands_in_the_store_alone() {
    let marks = [
        "sqlx::query",
        "sqlx::raw_sql",
        "INSERT INTO ",
        "DELETE FROM ",
        "SELECT * ",
        "\"SELECT ",
        "\"UPDATE ",
    ];
    let allowed = |file: &Path| {
        ["src/store", "src/sandbox/store", "src/sandbox/store.rs"]
            .iter()
            .any(|at| file.starts_with(at))
    };
    forbid("src", "rs", &marks, allowed);
}

#[test]
fn html_stands_in_templates_alone() {
    let marks = ["</", "<div", "<span", "<p>", "<br", "<a href", "<input", "<html"];
    // The demo's job descriptions are what an ATS sends, so they are data of others and not a page of ours.
    forbid("src", "rs", &marks, |file| file.starts_with("src/commands/demo"));
}

#[test]
fn only_the_config_reads_the_environment() {
    let marks = ["env::var(", "env::var_os(", "env::vars(", "dotenvy::"];
    forbid("src", "rs", &marks, |file| {
        file == Path::new("src/config.rs") || file.starts_with("src/config/")
    });
}

#[test]
fn templates_hold_no_script_and_no_style() {
    let marks = [
        "<style",
        " style=",
        "javascript:",
        "hx-on",
        "\"js:",
        " onclick=",
        " onsubmit=",
        " onchange=",
        " onload=",
    ];
    // A mail cannot link a style sheet, so it carries its own.
    forbid("templates", "html", &marks, |file| file.starts_with("templates/mail"));
    for file in files("templates", "html") {
        for script in text(&file).split("<script").skip(1) {
            assert!(
                script.starts_with(" src=\""),
                "{}: a script without an address of its own",
                file.display()
            );
        }
    }
}

#[test]
fn every_asset_and_icon_that_a_template_names_exists() {
    let icons = text(Path::new("static/icons.svg"));
    let mut missing = BTreeSet::new();
    for file in files("templates", "html") {
        let text = text(&file);
        for name in quoted_after(&text, "asset(\"") {
            // `build.rs` joins these two out of others.
            let is_joined = ["desk.css", "desk.js"].contains(&name.as_str());
            if !is_joined && !Path::new("static").join(&name).exists() {
                missing.insert(format!("{}: static/{name}", file.display()));
            }
        }
        for name in quoted_after(&text, "icon(\"")
            .into_iter()
            .chain(quoted_after(&text, "empty(\""))
        {
            if !icons.contains(&format!("<symbol id=\"{name}\"")) {
                missing.insert(format!("{}: icon {name}", file.display()));
            }
        }
    }
    assert!(missing.is_empty(), "{missing:#?}");
}

#[test]
fn both_engines_have_the_same_migrations() {
    let names = |folder: &str| -> Vec<_> {
        files(folder, "sql")
            .iter()
            .filter_map(|file| file.file_name().map(ToOwned::to_owned))
            .collect()
    };
    assert_eq!(names("migrations/sqlite"), names("migrations/postgres"));
    assert!(!names("migrations/sqlite").is_empty());
}

#[test]
fn every_dependency_says_why_it_is_there() {
    let told = text(Path::new("docs/dependencies.md"));
    let manifest = text(Path::new("Cargo.toml"));
    let crates = manifest
        .split("\n[")
        .filter(|part| part.starts_with("dependencies]") || part.starts_with("dev-dependencies]"))
        .flat_map(|part| part.lines().skip(1).filter_map(|line| Some(line.split_once(" = ")?.0)));
    let packages = text(Path::new("package.json"));
    let packages = packages
        .lines()
        .skip_while(|line| !line.contains("ependencies\""))
        .filter_map(|line| {
            let (name, version) = line.trim().strip_prefix('"')?.split_once("\": \"")?;
            version
                .starts_with(|first: char| first.is_ascii_digit())
                .then_some(name)
        });
    let silent: Vec<_> = crates
        .chain(packages)
        .filter(|name| !told.contains(&format!("`{name}`")))
        .collect();
    assert!(
        silent.is_empty(),
        "docs/dependencies.md does not say why {silent:?} is there"
    );
}

fn floor(room: &str) -> Option<usize> {
    FLOORS.iter().position(|rooms| rooms.contains(&room))
}

fn may_use(room: &str, used: &str) -> bool {
    if room == used {
        return true;
    }
    if room == "sandbox" {
        return SANDBOX_MAY_USE.contains(&used);
    }
    if used == "sandbox" {
        return MAY_USE_SANDBOX.contains(&room);
    }
    NEIGHBOURS.contains(&(room, used)) || matches!((floor(room), floor(used)), (Some(own), Some(other)) if other < own)
}

/// `src/desk/orders.rs` and `src/desk.rs` belong to `desk`; `lib.rs` and `main.rs` to no room.
fn room_of(file: &Path) -> Option<String> {
    let first = file.strip_prefix("src").ok()?.components().next()?;
    let name = first.as_os_str().to_str()?.trim_end_matches(".rs");
    (name != "lib" && name != "main").then(|| name.to_owned())
}

/// Every room that is named as `crate::room` or within `use crate::{…}`; of code, not of comments.
fn rooms_used(text: &str) -> BTreeSet<String> {
    let code: String = text
        .lines()
        .map(code_of)
        .fold(String::new(), |all, line| all + line + "\n");
    let mut used = BTreeSet::new();
    for rest in code.split("crate::").skip(1) {
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 0_i32;
            let mut at_start = true;
            for (index, letter) in list.char_indices() {
                match letter {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => at_start = true,
                    _ if at_start && letter.is_alphabetic() => {
                        at_start = false;
                        used.insert(word(&list[index..]));
                    }
                    _ => {}
                }
            }
        } else {
            used.insert(word(rest));
        }
    }
    used
}

fn word(text: &str) -> String {
    text.chars()
        .take_while(|letter| letter.is_alphanumeric() || *letter == '_')
        .collect()
}

/// Fails on each line of code (no comment, no test module) that holds one of `marks`, unless the file is `allowed`.
fn forbid(folder: &str, extension: &str, marks: &[&str], allowed: impl Fn(&Path) -> bool) {
    let mut wrong = String::new();
    for file in files(folder, extension)
        .into_iter()
        .filter(|file| !allowed(file) && !file.ends_with("tests.rs"))
    {
        let text = text(&file);
        let code = if extension == "rs" {
            text.split("#[cfg(test)]").next().unwrap_or_default()
        } else {
            &text
        };
        for (number, line) in code.lines().enumerate() {
            let line = if extension == "rs" { code_of(line) } else { line };
            for mark in marks.iter().filter(|mark| line.contains(**mark)) {
                let _ = writeln!(wrong, "{}:{}: {mark:?} in {}", file.display(), number + 1, line.trim());
            }
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

/// The line without its comment.
fn code_of(line: &str) -> &str {
    if line.trim_start().starts_with("//") { "" } else { line }
}

fn quoted_after(text: &str, start: &str) -> Vec<String> {
    text.split(start)
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .map(str::to_owned)
        .collect()
}

fn text(file: &Path) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(file)).expect("a readable source file")
}

/// All files below `folder` with this extension, in order, as paths from the project's root.
fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root.join(&folder)).expect("a readable folder") {
            let path = folder.join(entry.expect("a readable entry").file_name());
            if root.join(&path).is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|own| own == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}
