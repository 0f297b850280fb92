//! What the list of orders weighs on the wire, with brotli: the first visit, and every later one.

use crate::browser::{self, Wire};
use crate::house::{Full, Kept};
use crate::report::Section;
use crate::support::Engine;

/// The floors in bytes.
const FIRST: usize = 45 * 1_024;
const AGAIN: usize = 10 * 1_024;

const BROTLI: &str = "Accept-Encoding: gzip, deflate, br, zstd";

/// Measures.
pub async fn measure() -> Section {
    let kept = Kept::of(Engine::Sqlite, Full::OfOrders(10_000))
        .await
        .expect("SQLite is always there");
    let cookie = kept.operator().await;
    let served = kept.serve().await;
    let plain = browser::get(served.port, "/orders", &cookie, &[]).await;
    assert!(plain.text().matches("data-row id=").count() == 50, "the page is full");
    let mut files = Vec::new();
    for path in static_files(&plain.text()) {
        let file = browser::get(served.port, &path, &cookie, &[BROTLI]).await;
        assert_eq!(file.status, 200, "{path}");
        files.push((path, file));
    }
    let page = browser::get(served.port, "/orders", &cookie, &[BROTLI]).await;
    let part = browser::get(
        served.port,
        "/orders",
        &cookie,
        &[BROTLI, "HX-Request: true", "HX-Request-Type: partial"],
    )
    .await;
    assert!(part.bytes < page.bytes, "a part is a part");
    section(&plain, &page, &part, &files)
}

/// Every file of ours that the page names, once.
fn static_files(page: &str) -> Vec<String> {
    let mut files: Vec<String> = Vec::new();
    for rest in page.split("\"/static/").skip(1) {
        let name = rest.split(['"', '#']).next().expect("a name");
        let path = format!("/static/{name}");
        if !files.contains(&path) {
            files.push(path);
        }
    }
    files
}

fn section(plain: &Wire, page: &Wire, part: &Wire, files: &[(String, Wire)]) -> Section {
    let sum = |kind: &str| -> usize {
        let of_kind = files.iter().filter(|(path, _)| path.ends_with(kind));
        of_kind.map(|(_, file)| file.bytes).sum()
    };
    let asked_again: usize = files
        .iter()
        .filter(|(_, file)| !file.is_kept())
        .map(|(_, file)| file.bytes)
        .sum();
    let first = page.bytes + files.iter().map(|(_, file)| file.bytes).sum::<usize>();
    let again = page.bytes + asked_again;
    Section {
        name: "wire",
        reached: first < FIRST && again < AGAIN,
        text: format!(
            "## Bytes on the wire\n\n\
             `/orders` with 50 rows, all that a browser fetches for it, heads of the answers included, brotli.\n\n\
             | | bytes |\n| --- | --- |\n\
             | the page ({} unpacked) | {} |\n\
             | style sheets | {} |\n| scripts | {} |\n| icons | {} |\n\
             | **first visit** ({} requests; the floor is {FIRST}) | **{first}** |\n\
             | **every later visit** (the page alone; the floor is {AGAIN}) | **{again}** |\n\
             | another tab or filter (a part of the page) | {} |",
            plain.body.len(),
            page.bytes,
            sum(".css"),
            sum(".js"),
            sum(".svg"),
            files.len() + 1,
            part.bytes
        ),
    }
}
