//! The catalogue as a file: what would become of each row is told first, then exactly that happens; what is wrong is told by
//! row and column, and nothing is half imported.

use crate::support::customers::{customer, integration};
use crate::support::fixtures::{order_event, send as tell};
use crate::support::{Answer, Client, ORIGIN, TestApp, fixtures};
use assessdesk::actions::change_offer::{self, OfferChange};
use assessdesk::actions::change_package;
use assessdesk::domain::ids::PackageId;
use assessdesk::domain::package::{PackageInput, PackageType};
use assessdesk::domain::package_texts::PackageTexts;
use assessdesk::domain::role::Permission;
use assessdesk::domain::role::Role;
use assessdesk::domain::viewer::Viewer;
use assessdesk::intake::Intake;
use assessdesk::server::workers;
use assessdesk::store::audit::{self, Filter};
use assessdesk::store::packages::{self, PackageFilter, PackageRow};
use assessdesk::store::{integrations, unpublished};
use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode, header};
use rust_xlsxwriter::{Format, Formula, Workbook};
use scraper::{Html, Selector};
use std::io::{Cursor, Write as _};
use std::time::{Duration, Instant};
use zip::write::{SimpleFileOptions, ZipWriter};

const HEAD: &str = "Key,Name,Description,Type\r\n";

fn input(name: &str) -> PackageInput {
    PackageInput {
        name: name.to_owned(),
        description: "A test.".to_owned(),
        kind: PackageType::SkillsTest,
        start_url: String::new(),
        max_score: "100".to_owned(),
        duration: "40".to_owned(),
        tags: "English, Graduates".to_owned(),
        regions: "DACH".to_owned(),
        due_hours: String::new(),
        result_parts: "Reading: 60\nImpression".to_owned(),
        score_bands: "85: Strong\n0: Below".to_owned(),
        texts: PackageTexts::default(),
    }
}

async fn package(t: &TestApp, key: &str, input: PackageInput) -> PackageId {
    let mut work = t.app.begin_system().await.expect("a transaction");
    let row = change_package::create(&mut work, key, input).await.expect("a package");
    work.commit().await.expect("committed");
    row.id
}

async fn rename(t: &TestApp, id: PackageId, name: &str) {
    let mut work = t.app.begin_system().await.expect("a transaction");
    let row = packages::find(&mut work.conn, id).await.expect("read").expect("there");
    change_package::change(&mut work, id, row.version, input(name))
        .await
        .expect("changed");
    work.commit().await.expect("committed");
}

/// Every package, the retired ones too, by key.
async fn catalogue(t: &TestApp) -> Vec<PackageRow> {
    let mut conn = t.app.read().await.expect("a connection");
    let mut all = Vec::new();
    for retired in [false, true] {
        let filter = PackageFilter {
            retired,
            ..PackageFilter::default()
        };
        all.extend(packages::list(&mut conn, &filter, None, 10_000).await.expect("read"));
    }
    all.sort_by(|a, b| a.key.cmp(&b.key));
    all
}

async fn lines(t: &TestApp, action: &str) -> usize {
    let mut conn = t.app.read().await.expect("a connection");
    let filter = Filter {
        action: Some(action.to_owned()),
        ..Filter::default()
    };
    let viewer = Viewer::system();
    let page = audit::page(&mut conn, &viewer, &filter, None, 10_000).await;
    page.expect("read").len()
}

/// Sends a file, as the page's form does.
async fn send(client: &mut Client, name: &str, bytes: &[u8]) -> Answer {
    stream(client, Body::from([head(name).as_bytes(), bytes, TAIL].concat())).await
}

const TAIL: &[u8] = b"\r\n--xyz--\r\n";

fn head(name: &str) -> String {
    format!("--xyz\r\ncontent-disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n")
}

async fn stream(client: &mut Client, body: Body) -> Answer {
    let request = Request::post("/packages/import")
        .header(header::ORIGIN, ORIGIN)
        .header("sec-fetch-site", "same-origin")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=xyz");
    client.send(request, body).await
}

/// Sends a file that can be read: the address of its dry run, and that page.
pub async fn dry_run(client: &mut Client, name: &str, bytes: &[u8]) -> (String, Answer) {
    let sent = send(client, name, bytes).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", words(&sent, "[role=alert]"));
    let path = sent.location().to_owned();
    let page = client.get(&path).await;
    assert_eq!(page.status, StatusCode::OK);
    (path, page)
}

/// Presses the button of a dry run as it was shown.
pub async fn import(client: &mut Client, path: &str, page: &Answer) -> Answer {
    client.post(path, &[("seen", &seen(page))]).await
}

fn seen(page: &Answer) -> String {
    let html = Html::parse_document(&page.text);
    let field = html.select(&selector("[name=seen]")).next();
    field
        .and_then(|field| field.attr("value"))
        .unwrap_or_default()
        .to_owned()
}

fn selector(text: &str) -> Selector {
    Selector::parse(text).expect("a selector")
}

/// The words of what fits, blanks made single.
pub fn words(page: &Answer, fits: &str) -> String {
    let html = Html::parse_document(&page.text);
    let fits = selector(fits);
    let found = html.select(&fits);
    let words = found
        .flat_map(|part| part.text().collect::<Vec<_>>())
        .collect::<Vec<_>>();
    words.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn workbook(fill: impl FnOnce(&mut Workbook)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(&mut book);
    book.save_to_buffer().expect("a workbook")
}

/// A plain workbook with these cells.
fn sheet(rows: &[&[&str]]) -> Vec<u8> {
    workbook(|book| {
        let sheet = book.add_worksheet();
        for (row, cells) in (0..).zip(rows) {
            for (column, cell) in (0..).zip(*cells) {
                sheet.write_string(row, column, *cell).expect("written");
            }
        }
    })
}

/// A ZIP file with these parts, beside what makes it a workbook.
fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let kinds: &[u8] = b"<Types>application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml</Types>";
    for (name, bytes) in [("[Content_Types].xml", kinds)].iter().chain(parts) {
        zip.start_file(*name, SimpleFileOptions::default()).expect("a part");
        zip.write_all(bytes).expect("written");
    }
    zip.finish().expect("a file").into_inner()
}

/// How many bytes the bomb unpacks to.
const BOMB: u32 = 120_000_000;

/// A hundred kilobytes that unpack to BOMB bytes.
fn bomb() -> Vec<u8> {
    let nothing = vec![b' '; BOMB as usize];
    let bytes = zipped(&[("xl/worksheets/sheet1.xml", &nothing)]);
    assert!(bytes.len() < 400_000, "it is packed well: {}", bytes.len());
    bytes
}

/// The same, but its parts say that they unpack to little.
fn lying(mut bytes: Vec<u8>) -> Vec<u8> {
    let (truth, lie) = (BOMB.to_le_bytes(), 900_u32.to_le_bytes());
    let places = bytes.windows(4).enumerate().filter(|(_, part)| *part == truth);
    let places = places.map(|(at, _)| at).collect::<Vec<_>>();
    assert!(!places.is_empty());
    for at in places {
        bytes[at..at + 4].copy_from_slice(&lie);
    }
    bytes
}

crate::both!(files_that_cannot_be_read_are_refused_and_change_nothing, |t| {
    let id = package(&t, "a", input("A")).await;
    let before = catalogue(&t).await;
    let mut manager = t.sign_in_as(Role::Manager).await;
    let many = (0..300).map(|at| format!("xl/{at}.xml")).collect::<Vec<_>>();
    let many = many
        .iter()
        .map(|name| (name.as_str(), b"x".as_slice()))
        .collect::<Vec<_>>();
    let bomb = bomb();
    let utf16 = [b"\xff\xfe".as_slice(), b"K\0e\0y\0\n\0a\0\x00\xd8"].concat();
    let locked = "EncryptedPackage"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect::<Vec<u8>>();
    let old = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    let entities = b"<!DOCTYPE x [<!ENTITY a \"aaaaaaaa\"><!ENTITY b \"&a;&a;&a;\">]><x>&b;</x>".as_slice();
    let merged = workbook(|book| {
        let sheet = book.add_worksheet();
        sheet.write_string(0, 0, "Key").expect("written");
        sheet.merge_range(1, 0, 2, 0, "a", &Format::new()).expect("merged");
    });
    let cases: Vec<(&str, Vec<u8>, &[&str])> = vec![
        ("empty.csv", Vec::new(), &["The file is empty."]),
        (
            "head.csv",
            b"Key,Name\n".to_vec(),
            &["Row 1:", "no row below the headings"],
        ),
        (
            "columns.csv",
            b"Name,Price,Name\na,b,c\n".to_vec(),
            &[
                "Row 1:",
                "The column ‘Key’ is missing",
                "Row 1, column B:",
                "Price",
                "Row 1, column C:",
                "column A already",
            ],
        ),
        (
            "latin1.csv",
            b"Key;Name\nzh;Z\xfcrich\n".to_vec(),
            &["Row 2, column B:", "is not UTF-8"],
        ),
        ("utf16.csv", utf16, &["Row 2:", "UTF-16"]),
        (
            "bare16.csv",
            b"K\0e\0y\0\n\0".to_vec(),
            &["Row 1:", "UTF-16 without its mark"],
        ),
        (
            "quote.csv",
            b"Key,Name\na,A\nb,\"B\nc,C\n".to_vec(),
            &["Row 3, column B:", "never closed"],
        ),
        (
            "wide.csv",
            [b"Key\n".to_vec(), vec![b','; 2_000_000]].concat(),
            &["Row 2:", "64 cells"],
        ),
        ("pdf.csv", b"%PDF-1.7".to_vec(), &["a PDF file"]),
        ("old.xls", old.clone(), &["(.xls)"]),
        ("locked.xlsx", [old, locked].concat(), &["password"]),
        (
            "macros.xlsm",
            zipped(&[("xl/vbaProject.bin", b"x")]),
            &["macros (.xlsm)"],
        ),
        ("many.xlsx", zipped(&many), &["301 parts"]),
        (
            "bomb.xlsx",
            bomb.clone(),
            &["unpacks to far more", "xl/worksheets/sheet1.xml"],
        ),
        ("lying.xlsx", lying(bomb), &["was not taken"]),
        (
            "entities.xlsx",
            zipped(&[("xl/workbook.xml", entities)]),
            &["defines entities"],
        ),
        ("cut.xlsx", sheet(&[&["Key"], &["a"]])[..900].to_vec(), &["broken"]),
        ("hollow.xlsx", zipped(&[]), &["broken"]),
        (
            "plain.zip",
            b"PK\x05\x06".iter().copied().chain([0; 18]).collect(),
            &["no workbook"],
        ),
        (
            "merged.xlsx",
            merged,
            &["Row 2, column A:", "merged with others, up to A3"],
        ),
    ];
    for (name, bytes, told) in cases {
        let answer = send(&mut manager, name, &bytes).await;
        let alert = words(&answer, "main [role=alert]");
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name}: {alert}");
        assert!(alert.contains("Nothing was imported"), "{name}: {alert}");
        for word in told {
            assert!(alert.contains(word), "{name}: {word} is not in {alert}");
        }
    }
    let nothing = manager.post("/packages/import", &[]).await;
    assert_eq!(nothing.status, StatusCode::BAD_REQUEST);
    assert_eq!(catalogue(&t).await, before);
    assert_eq!(lines(&t, "package.file_imported").await, 0);
    let page = manager.get(&format!("/packages/{id}")).await;
    assert!(page.text.contains("History"));
});

crate::both!(a_file_of_fifty_megabytes_is_refused_while_it_streams, |t| {
    let mut manager = t.sign_in_as(Role::Manager).await;
    let piece = Bytes::from(vec![b'a'; 100_000]);
    let pieces = std::iter::once(Bytes::from(head("big.csv")))
        .chain(std::iter::repeat_n(piece.clone(), 500))
        .chain([Bytes::from_static(TAIL)]);
    let body = Body::from_stream(futures_util::stream::iter(pieces.map(Ok::<_, std::io::Error>)));
    let answer = stream(&mut manager, body).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let alert = words(&answer, "main [role=alert]");
    assert!(alert.contains("The file has 50.0 MB; at most 4 MB"), "{alert}");
    let endless = std::iter::once(Bytes::from(head("endless.csv"))).chain(std::iter::repeat(piece));
    let body = Body::from_stream(futures_util::stream::iter(endless.map(Ok::<_, std::io::Error>)));
    let answer = stream(&mut manager, body).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE, "nobody listens for ever");
    assert!(catalogue(&t).await.is_empty());
});

crate::both!(rows_that_cannot_be_taken_are_named_and_hold_up_the_whole_file, |t| {
    package(&t, "a", input("A")).await;
    let before = catalogue(&t).await;
    let mut manager = t.sign_in_as(Role::Manager).await;
    let long = "x".repeat(121);
    let text = format!(
        "Key,Name,Description,Type,Minutes,Hours until due,Retired,Tags\r\n\
         good,Good,,Skills test,,,,\r\n\
         twice,One,,Skills test,,,,\r\n\
         twice,Two,,Skills test,,,,\r\n\
         not a key,Three,,Skills test,,,,\r\n\
         a,{long},,Quiz,many,0,perhaps,{long}\r\n\
         bell,B\u{7}ell,,Skills test,,,,\r\n\
         short,Short\r\n\
         wide,Wide,,Skills test,,,,,more\r\n\
         ,No key,,Skills test,,,,\r\n"
    );
    let (path, page) = dry_run(&mut manager, "rows.csv", text.as_bytes()).await;
    let told = words(&page, "main");
    for place in [
        "Row 3, column A (Key): The key ‘twice’ stands in row 4, too.",
        "Row 4, column A (Key): The key ‘twice’ stands in row 3, too.",
        "Row 5, column A (Key): Use letters from A to Z",
        "Row 6, column B (Name): 121 characters are too many",
        "Row 6, column D (Type): Write one of the types: Behaviour",
        "Row 6, column E (Minutes): Please give whole minutes",
        "Row 6, column F (Hours until due): Please give whole hours",
        "Row 6, column G (Retired): Write ‘yes’ or ‘no’",
        "Row 6, column H (Tags): ",
        "Row 7, column B (Name): This holds a character that cannot be kept (U+0007).",
        "Row 8, column C (Description): The row ends before this cell.",
        "Row 9, column I: No heading stands above this cell.",
        "Row 10, column A (Key): Write a key",
    ] {
        assert!(told.contains(place), "{place} is not in {told}");
    }
    assert!(
        told.contains("8 rows are refused, so nothing can be imported"),
        "{told}"
    );
    assert_eq!(words(&page, "button.main"), "");
    let answer = import(&mut manager, &path, &page).await;
    assert_ne!(
        answer.status,
        StatusCode::SEE_OTHER,
        "there is no button, and pressing it does nothing"
    );
    let forged = {
        let mut conn = t.app.read().await.expect("a connection");
        packages::find_by_key(&mut conn, "good").await.expect("read")
    };
    assert!(forged.is_none());
    assert_eq!(catalogue(&t).await, before);
});

crate::both!(cells_of_a_workbook_that_mean_something_else_are_named, |t| {
    let mut manager = t.sign_in_as(Role::Manager).await;
    let bytes = workbook(|book| {
        let sheet = book.add_worksheet();
        for (column, heading) in (0..).zip(["Key", "Name", "Type", "Description"]) {
            sheet.write_string(0, column, heading).expect("written");
        }
        sheet.write_string(1, 0, "a").expect("written");
        sheet
            .write_formula(
                1,
                1,
                Formula::new("=HYPERLINK(\"https://evil.example\")").set_result("A"),
            )
            .expect("written");
        sheet.write_string(1, 2, "Skills test").expect("written");
        let day = Format::new().set_num_format("d mmm yyyy");
        sheet.write_number_with_format(2, 0, 45_000, &day).expect("written");
        sheet.write_number(3, 0, 7).expect("written");
        sheet.write_string(3, 1, "Seven").expect("written");
        sheet.write_string(3, 2, "SKILLS_TEST").expect("written");
        book.add_worksheet().set_name("Notes").expect("a name");
    });
    let (_, page) = dry_run(&mut manager, "cells.xlsx", &bytes).await;
    let told = words(&page, "main");
    for place in [
        "Row 2, column B (Name): This cell holds a formula",
        "Row 3, column A (Key): This cell holds a date",
        "The key is a number in the file and read as ‘7’.",
        "Only the first sheet, ‘Sheet1’, was read. Left out: ‘Notes’.",
    ] {
        assert!(told.contains(place), "{place} is not in {told}");
    }
    assert!(catalogue(&t).await.is_empty());
});

crate::both!(an_import_does_exactly_what_the_dry_run_showed, |t| {
    let customer = customer(&t, "Northwind Bank", "nw").await;
    let offering = integration(&t, "greenhouse:abc", &customer).await;
    let [a, b, _, d] = [
        package(&t, "a", input("A")).await,
        package(&t, "b", input("B")).await,
        package(&t, "c", input("C")).await,
        package(&t, "d", input("D")).await,
    ];
    let mut work = t.app.begin_system().await.expect("a transaction");
    change_offer::change(&mut work, offering, 1, OfferChange::Add(vec![a, b]))
        .await
        .expect("offered");
    change_package::retire(&mut work, d, 1, true).await.expect("retired");
    unpublished::mark(&mut work.conn, offering, false, work.now)
        .await
        .expect("as if published");
    work.commit().await.expect("committed");
    let before = catalogue(&t).await;
    let mut manager = t.sign_in_as(Role::Manager).await;
    let text = "\u{feff}Key;Name;Retired;Tags;Hours until due\r\na;A new name;;English;24\r\nb;B;;Graduates, English;\r\n\
                c;C;yes;English, Graduates;\r\nd;D;no;\"English; Graduates\";\r\n";
    let (path, page) = dry_run(&mut manager, "change.csv", text.as_bytes()).await;
    assert_eq!(catalogue(&t).await, before, "a dry run changes nothing");
    let rows = words(&page, "tbody");
    for told in [
        "A → A new name",
        "empty → 24",
        "English, Graduates → English",
        "no → yes",
        "yes → no",
    ] {
        assert!(rows.contains(told), "{told} is not in {rows}");
    }
    assert!(words(&page, "#outcome").contains("Nothing is changed yet"));
    for (only, shown) in [("changed", 4), ("unchanged", 0), ("retired", 2), ("new", 0)] {
        let page = manager.get(&format!("{path}?only={only}")).await;
        let html = Html::parse_document(&page.text);
        assert_eq!(html.select(&selector("tbody tr")).count(), shown, "{only}");
    }
    let done = import(&mut manager, &path, &page).await;
    assert_eq!(done.location(), "/packages");
    let now = catalogue(&t).await;
    let (a, b, c, d) = (&now[0], &now[1], &now[2], &now[3]);
    assert_eq!(
        (a.name.as_str(), a.tags.as_str(), a.due_hours),
        ("A new name", "English", Some(24))
    );
    assert_eq!(
        (a.description.as_str(), a.regions.as_str()),
        ("A test.", "DACH"),
        "columns that are not there stay"
    );
    assert_eq!((b.tags.as_str(), b.version), ("Graduates\nEnglish", 2));
    assert!(c.retired_at.is_some() && d.retired_at.is_none());
    for (action, count) in [
        ("package.changed", 2),
        ("package.retired", 2),
        ("package.unretired", 1),
        ("package.file_imported", 1),
    ] {
        assert_eq!(lines(&t, action).await, count, "{action}");
    }
    let mut conn = t.app.read().await.expect("a connection");
    let row = integrations::find(&mut conn, &Viewer::system(), offering)
        .await
        .expect("read")
        .expect("there");
    let waiting = unpublished::count(&mut conn, &Viewer::system(), Some(a.id))
        .await
        .expect("read");
    assert_eq!(waiting, 1, "offers with it wait to be published");
    assert_eq!(row.offer_version, 3, "nobody publishes what they have not seen");
    drop(conn);
    assert_eq!(
        manager.get(&path).await.status,
        StatusCode::NOT_FOUND,
        "a file is imported once"
    );
    let page = manager.get(&format!("/packages/{}", a.id)).await;
    let history = words(&page, "[aria-labelledby=history]");
    assert!(
        history.contains("Mira Kovač changed the package") && history.contains("name: A → A new name"),
        "{history}"
    );
});

crate::both!(a_dry_run_that_was_overtaken_is_shown_anew, |t| {
    let id = package(&t, "a", input("A")).await;
    let mut manager = t.sign_in_as(Role::Manager).await;
    let text = format!("{HEAD}a,Other,A test.,Skills test\r\nb,B,,Skills test\r\n");
    let (path, page) = dry_run(&mut manager, "late.csv", text.as_bytes()).await;
    rename(&t, id, "Somebody was faster").await;
    let answer = import(&mut manager, &path, &page).await;
    assert_eq!(answer.status, StatusCode::CONFLICT);
    assert!(words(&answer, "[role=alert]").contains("The catalogue was changed since you saw this."));
    assert!(words(&answer, "tbody").contains("Somebody was faster → Other"));
    assert_eq!(catalogue(&t).await.len(), 1, "nothing of it is imported");
    package(&t, "b", input("B")).await;
    let again = import(&mut manager, &path, &answer).await;
    assert_eq!(
        again.status,
        StatusCode::CONFLICT,
        "a package that came meanwhile counts, too"
    );
    let done = import(&mut manager, &path, &again).await;
    assert_eq!(done.location(), "/packages");
    assert_eq!(catalogue(&t).await[0].name, "Other");
});

crate::both!(between_the_plan_and_the_writing_nobody_slips_in, |t| {
    use assessdesk::actions::import_catalogue::{self, plan};
    use assessdesk::domain::catalogue::{Column, Upload, UploadRow};
    let (id, _) = (package(&t, "a", input("A")).await, package(&t, "b", input("B")).await);
    let staff = t.add_staff(Role::Manager, true).await;
    let viewer = Viewer::staff(staff, Role::Manager, true);
    assert!(viewer.can(Permission::ManagePackages));
    let row = |number, key: &str, name: &str| UploadRow {
        number,
        cells: vec![key.to_owned(), name.to_owned(), "Skills test".to_owned()],
        ..UploadRow::default()
    };
    let upload = Upload {
        columns: vec![(Column::Key, 0), (Column::Name, 1), (Column::Type, 2)],
        rows: vec![row(2, "new", "New"), row(3, "b", "Better"), row(4, "a", "A")],
        notes: Vec::new(),
    };
    let mut work = t.app.begin(&viewer).await.expect("a transaction");
    let file = import_catalogue::keep(&mut work, "x.csv", &upload).await.expect("kept");
    let new_id = || t.app.clock.new_id();
    let made = plan(&mut work.conn, &upload, work.now, new_id).await.expect("a plan");
    work.commit().await.expect("committed");
    rename(&t, id, "Changed").await;
    let before = catalogue(&t).await;
    let mut work = t.app.begin(&viewer).await.expect("a transaction");
    let late = import_catalogue::import(&mut work, file, "x.csv", made).await;
    assert!(
        late.expect_err("overtaken").is_changed(),
        "also where only an unchanged row's package changed"
    );
    drop(work);
    assert_eq!(catalogue(&t).await, before);
});

crate::both!(what_is_exported_is_imported_unchanged, |t| {
    let odd = PackageInput {
        name: "=1+1".to_owned(),
        description: "'-quoted, \"twice\";\nin two lines".to_owned(),
        start_url: "https://tests.example/?o={order}".to_owned(),
        max_score: "100.50".to_owned(),
        ..input("")
    };
    package(&t, "odd", odd).await;
    let plus = PackageInput {
        name: "'@home, ''=x".to_owned(),
        description: "+49".to_owned(),
        ..input("")
    };
    package(&t, "-007", plus).await;
    let plain = PackageInput {
        description: "'tis plain, _x0041_ & <b>".to_owned(),
        due_hours: "48".to_owned(),
        ..input("Zoë 東京 🎈")
    };
    package(&t, "007", plain).await;
    let mut manager = t.sign_in_as(Role::Manager).await;
    let csv = manager.get("/packages/export.csv").await;
    assert!(
        csv.text.contains("'=1+1") && csv.text.contains("'-007") && !csv.text.contains(",=1"),
        "{}",
        csv.text
    );
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    let xlsx = manager.bytes("/packages/export.xlsx").await;
    for (name, bytes) in [("packages.csv", csv.text.as_bytes()), ("packages.xlsx", &xlsx)] {
        let (path, page) = dry_run(&mut manager, name, bytes).await;
        assert!(
            words(&page, "#outcome").contains("so already"),
            "{name}: {}",
            words(&page, "main")
        );
        let html = Html::parse_document(&page.text);
        assert_eq!(html.select(&selector("tbody tr")).count(), 3, "{name}");
        assert_eq!(seen(&page), "", "there is nothing to import");
        let thrown = manager.post(&format!("{path}/discard"), &[]).await;
        assert_eq!(thrown.location(), "/packages/import");
        assert_eq!(manager.get(&path).await.status, StatusCode::NOT_FOUND);
    }
    let some = manager
        .get("/packages/export.csv?q=zo%C3%AB&tag=english&region=DACH")
        .await;
    assert_eq!(some.text.lines().count(), 2, "the list's filter counts: {}", some.text);
    let template = manager.get("/packages/import/template.csv").await;
    let (_, page) = dry_run(&mut manager, "template.csv", template.text.as_bytes()).await;
    assert!(
        words(&page, "tbody").contains("example-1 New"),
        "the template can be imported: {}",
        words(&page, "tbody")
    );
});

crate::both!(only_managers_import_and_nobody_sees_anothers_file, |t| {
    let text = format!("{HEAD}a,A,,Skills test\r\n");
    for role in [Role::Operator, Role::Reviewer, Role::Viewer] {
        let mut client = t.sign_in_as(role).await;
        assert_eq!(
            client.get("/packages/import").await.status,
            StatusCode::FORBIDDEN,
            "{role}"
        );
        let sent = send(&mut client, "a.csv", text.as_bytes()).await;
        assert_eq!(sent.status, StatusCode::FORBIDDEN, "{role}");
        assert_eq!(
            client.get("/packages/export.csv").await.status,
            StatusCode::OK,
            "{role}"
        );
        assert!(
            !client.get("/packages").await.text.contains("/packages/import"),
            "{role}"
        );
    }
    let person = t.add_staff(Role::Manager, true).await;
    let (mut one, mut other) = (t.sign_in(person).await, t.sign_in_as(Role::Admin).await);
    let (path, page) = dry_run(&mut one, "mine.csv", text.as_bytes()).await;
    assert!(one.get("/packages/import").await.text.contains("mine.csv"));
    assert!(!other.get("/packages/import").await.text.contains("mine.csv"));
    assert_eq!(other.get(&path).await.status, StatusCode::NOT_FOUND);
    assert_eq!(import(&mut other, &path, &page).await.status, StatusCode::NOT_FOUND);
    let thrown = other.post(&format!("{path}/discard"), &[]).await;
    assert_eq!(thrown.status, StatusCode::NOT_FOUND);
    t.advance(Duration::from_hours(25));
    let mut one = t.sign_in(person).await;
    assert!(!one.get("/packages/import").await.text.contains("mine.csv"));
    assert_eq!(
        import(&mut one, &path, &page).await.status,
        StatusCode::NOT_FOUND,
        "it waited a day"
    );
    workers::sweep_once(&t.app).await.expect("swept");
    let mut conn = t.app.read().await.expect("a connection");
    let left = assessdesk::store::catalogue_uploads::count(&mut conn)
        .await
        .expect("read");
    assert_eq!(left, 0);
    assert!(catalogue(&t).await.is_empty());
});

crate::both!(two_thousand_rows_are_imported_in_one_transaction, |t| {
    let mut manager = t.sign_in_as(Role::Manager).await;
    let table = |word: &str| {
        let rows = (0..2_000).map(|at| format!("k{at},{word} {at},About {at}.,Skills test\r\n"));
        std::iter::once(HEAD.to_owned()).chain(rows).collect::<String>()
    };
    for (word, action) in [("First", "package.created"), ("Second", "package.changed")] {
        let (path, page) = dry_run(&mut manager, "many.csv", table(word).as_bytes()).await;
        let html = Html::parse_document(&page.text);
        assert_eq!(html.select(&selector("tbody tr")).count(), 100, "a long list has pages");
        let next = html.select(&selector("a[rel=next]")).next().expect("more");
        let next = manager.get(next.attr("href").expect("an address")).await;
        assert!(words(&next, "tbody").contains("k100"), "{}", words(&next, "tbody"));
        let began = Instant::now();
        assert_eq!(import(&mut manager, &path, &page).await.location(), "/packages");
        let took = began.elapsed();
        assert!(took < Duration::from_secs(20), "{took:?}");
        let rows = catalogue(&t).await;
        assert_eq!(rows.len(), 2_000);
        assert!(rows.iter().all(|row| row.name.starts_with(word)));
        assert_eq!(lines(&t, action).await, 2_000);
    }
});

crate::both!(a_new_result_begins_with_what_the_package_expects, |t| {
    fixtures::customer(&t, |row| row.due_hours = 72).await;
    let intake = Intake::start(t.app.clone());
    tell(&intake, &order_event("e-1", "o-1")).await;
    intake.finish().await;
    t.say("UPDATE packages SET result_parts = 'Reading: 60\nImpression', score_bands = '0: Below\n85.5: Strong'")
        .await;
    let mut manager = t.sign_in_as(Role::Manager).await;
    let orders = manager.get("/orders?stage=all").await;
    let html = Html::parse_document(&orders.text);
    let link = html.select(&selector("tbody a[data-open]")).next().expect("an order");
    let page = manager
        .get(&format!("{}/result", link.attr("href").expect("an address")))
        .await;
    let html = Html::parse_document(&page.text);
    let values = |name: &str| {
        let fields = html.select(&selector(&format!("[name={name}]"))).collect::<Vec<_>>();
        let values = fields
            .iter()
            .map(|field| field.attr("value").unwrap_or_default().to_owned());
        values.collect::<Vec<_>>()
    };
    assert_eq!(values("row_kind")[..2], ["part", "text"]);
    assert_eq!(values("row_label")[..2], ["Reading", "Impression"]);
    assert_eq!(values("row_max")[..2], ["60", ""]);
    assert_eq!(
        words(&page, "#score-hint"),
        "What scores mean: from 85.5 Strong , from 0 Below ."
    );
});

crate::both!(an_order_is_due_when_its_package_says_so, |t| {
    let customer = fixtures::customer(&t, |row| row.due_hours = 72).await;
    let due = |order: assessdesk::store::orders::OrderRow| order.due_at.since(order.received_at).as_secs() / 3_600;
    let intake = Intake::start(t.app.clone());
    tell(&intake, &order_event("e-1", "o-1")).await;
    let first = fixtures::order(&t, customer.integration, "o-1").await;
    assert_eq!(due(first), 72);
    t.say("UPDATE packages SET due_hours = 24").await;
    tell(&intake, &order_event("e-2", "o-2")).await;
    intake.finish().await;
    let second = fixtures::order(&t, customer.integration, "o-2").await;
    assert_eq!(due(second), 24);
});
