//! The result's form: drafts, rows, files, review and release.

use crate::support::TestApp;
use crate::support::desk::{File, now, post_form, press, type_in, waiting};
use assessdesk::domain::ids::OrderId;
use assessdesk::domain::order::Stage;
use assessdesk::domain::role::Role;
use assessdesk::store::vault::pieces::{HEAD, PIECE, SEALED_PIECE};
use assessdesk::store::{blobs, files};
use axum::http::StatusCode;

const PDF: &[u8] = b"%PDF-1.7\n%\xE2\xE3\xCF\xD3\n1 0 obj <<>> endobj";

async fn accepted(t: &TestApp) -> OrderId {
    let (_, row) = waiting(t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    press(t, &mut client, row.id, "accept", &[]).await;
    row.id
}

/// The fields of one text row, as the form sends them.
fn text<'a>(label: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    vec![
        ("row_kind", "text"),
        ("row_label", label),
        ("row_value", value),
        ("row_score", ""),
        ("row_max", ""),
        ("row_id", ""),
        ("row_status", ""),
    ]
}

crate::both!(a_draft_is_kept_as_typed_and_sealed, |t| {
    let id = accepted(&t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    let page = client.get(&format!("/orders/{id}/result")).await;
    assert!(
        page.text.contains("name=\"max_score\" value=\"100\""),
        "the package's maximum"
    );
    let typed = [
        vec![("score", "eighty"), ("completed_at", "2026-11-24T09:30")],
        text("Band", "Xylophonist"),
    ]
    .concat();
    let answer = type_in(&t, &mut client, id, &typed, &[], "save").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let page = client.get(&format!("/orders/{id}/result")).await;
    for kept in [
        "value=\"eighty\"",
        "Xylophonist",
        "value=\"2026-11-24T09:30\"",
        "Draft saved",
    ] {
        assert!(page.text.contains(kept), "{kept}");
    }
    assert_eq!(now(&t, id).await.stage, Stage::Accepted, "a draft alone moves nothing");
    t.nothing_on_disk_reads("Xylophonist");
});

crate::both!(rows_come_and_go_without_javascript, |t| {
    let id = accepted(&t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    let page = type_in(&t, &mut client, id, &[], &[], "add:part").await;
    assert_eq!(page.status, StatusCode::OK);
    let form = page
        .text
        .split("<template")
        .next()
        .expect("the form stands before the templates");
    assert_eq!(form.matches("value=\"remove:").count(), 1);
    let two = [text("Band", "Strong"), text("Note", "Calm")].concat();
    let page = type_in(&t, &mut client, id, &two, &[], "up:1").await;
    assert!(page.text.find("Calm") < page.text.find("Strong"));
    let page = type_in(&t, &mut client, id, &two, &[], "remove:0").await;
    assert!(page.text.contains("Calm") && !page.text.contains("value=\"Band\""));
});

crate::both!(a_release_tells_every_fault_at_its_field, |t| {
    let id = accepted(&t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    let typed = [
        vec![("score", "61"), ("max_score", "55"), ("result_url", "example")],
        text("", "lonely"),
    ]
    .concat();
    let page = type_in(&t, &mut client, id, &typed, &[], "release").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    for said in [
        "above its maximum, 55",
        "whole web address",
        "Write a label",
        "value=\"61\"",
        "lonely",
    ] {
        assert!(page.text.contains(said), "{said}");
    }
    assert_eq!(now(&t, id).await.stage, Stage::Accepted);
    let empty = type_in(&t, &mut client, id, &[("max_score", "100")], &[], "release").await;
    assert!(empty.text.contains("There is nothing in this result yet"));
});

crate::both!(a_release_waits_and_undo_gives_the_draft_back, |t| {
    let id = accepted(&t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    let typed = [vec![("score", "87"), ("max_score", "100")], text("Band", "Strong")].concat();
    let pdf = [File {
        name: "../Li Wei.pdf",
        bytes: PDF,
    }];
    let answer = type_in(&t, &mut client, id, &typed, &pdf, "release").await;
    assert_eq!(answer.location(), format!("/orders/{id}"), "{}", answer.text);
    assert_eq!(now(&t, id).await.stage, Stage::Closing);
    let page = client.get(&format!("/orders/{id}")).await;
    assert!(page.text.contains("Result leaves in") && page.text.contains("87 / 100"));
    let locked = type_in(&t, &mut client, id, &[("score", "1")], &[], "save").await;
    assert_eq!(locked.status, StatusCode::CONFLICT);
    press(&t, &mut client, id, "undo", &[]).await;
    assert_eq!(now(&t, id).await.stage, Stage::Accepted);
    let form = client.get(&format!("/orders/{id}/result")).await;
    assert!(form.text.contains("value=\"87\"") && form.text.contains("Li Wei.pdf") && !form.text.contains("disabled"));
});

crate::both!(a_second_person_reviews_returns_and_releases, |t| {
    let id = accepted(&t).await;
    let mut operator = t.sign_in_as(Role::Operator).await;
    let mut reviewer = t.sign_in_as(Role::Reviewer).await;
    let typed = [("score", "7"), ("max_score", "9")];
    type_in(&t, &mut operator, id, &typed, &[], "review").await;
    assert_eq!(now(&t, id).await.stage, Stage::InReview);
    assert_eq!(
        press(&t, &mut operator, id, "return", &[]).await.status,
        StatusCode::FORBIDDEN
    );
    let locked = type_in(&t, &mut operator, id, &[("score", "1")], &[], "save").await;
    assert_eq!(locked.status, StatusCode::CONFLICT);
    press(&t, &mut reviewer, id, "return", &[]).await;
    assert_eq!(now(&t, id).await.stage, Stage::Accepted);
    type_in(&t, &mut operator, id, &typed, &[], "review").await;
    press(&t, &mut reviewer, id, "release", &[]).await;
    assert_eq!(now(&t, id).await.stage, Stage::Closing);
    press(&t, &mut reviewer, id, "undo", &[]).await;
    assert_eq!(now(&t, id).await.stage, Stage::InReview);
});

crate::both!(files_are_few_known_by_content_and_come_back_unchanged, |t| {
    let id = accepted(&t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    let bad = [File {
        name: "setup.pdf",
        bytes: b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xFF\xFF",
    }];
    let page = type_in(&t, &mut client, id, &[("score", "5")], &bad, "save").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("kind that is not taken") && page.text.contains("value=\"5\""));
    let large = vec![b'a'; 10 * 1024 * 1024 + 1];
    let page = type_in(
        &t,
        &mut client,
        id,
        &[],
        &[File {
            name: "a.txt",
            bytes: &large,
        }],
        "save",
    )
    .await;
    assert!(page.text.contains("larger than 10 MB"));
    let six: Vec<_> = (0..6)
        .map(|_| File {
            name: "a.pdf",
            bytes: PDF,
        })
        .collect();
    let page = type_in(&t, &mut client, id, &[], &six, "save").await;
    assert!(page.text.contains("one too many"));
    let mut conn = t.app.read().await.expect("a connection");
    let kept = files::of_order(&mut conn, id).await.expect("read");
    drop(conn);
    assert_eq!(kept.len(), 5);
    let answer = client.get(&format!("/orders/{id}/files/{}", kept[0].id)).await;
    assert_eq!(answer.text, String::from_utf8_lossy(PDF));
    assert!(answer.header("content-disposition").starts_with("attachment;"));
    t.nothing_on_disk_reads("1 0 obj <<>> endobj");
    let path = format!("/orders/{id}/files/{}/remove", kept[0].id);
    assert_eq!(
        post_form(&mut client, &path, &[], &[]).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        client.get(&format!("/orders/{id}/files/{}", kept[0].id)).await.status,
        StatusCode::NOT_FOUND
    );
});

/// The names in the folder of uploaded files.
fn names(t: &TestApp) -> Vec<String> {
    let kept = t.app.config.data_dir.join("files");
    let folders = [kept.join("arriving"), kept].into_iter().map(std::fs::read_dir);
    let entries = folders.flatten().flatten().map(|entry| entry.expect("an entry"));
    entries
        .filter(|entry| entry.path().is_file())
        .map(|entry| entry.file_name().into_string().expect("a name"))
        .collect()
}

/// A long text in which no two places look the same.
fn long_text(length: usize) -> String {
    let mut text = (0..length / 6).fold(String::new(), |text, line| text + &format!("{line:05}\n"));
    text.extend(std::iter::repeat_n('.', length - text.len()));
    text
}

/// Uploads one file and gives its row.
async fn uploaded(t: &TestApp, id: OrderId, bytes: &[u8]) -> files::FileRow {
    let mut client = t.sign_in_as(Role::Operator).await;
    let file = [File { name: "a.txt", bytes }];
    let answer = type_in(t, &mut client, id, &[], &file, "save").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text);
    let mut conn = t.app.read().await.expect("a connection");
    files::of_order(&mut conn, id)
        .await
        .expect("read")
        .pop()
        .expect("a file")
}

async fn opened(t: &TestApp, file: &files::FileRow) -> Result<Vec<u8>, blobs::Error> {
    let mut conn = t.app.read().await.expect("a connection");
    blobs::read(&mut conn, &t.app.vault, &t.app.config.data_dir, file).await
}

crate::both!(a_file_of_many_pieces_comes_back_unchanged, |t| {
    let id = accepted(&t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    for length in [PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 200_001] {
        let text = long_text(length);
        let file = uploaded(&t, id, text.as_bytes()).await;
        assert_eq!(file.size, i64::try_from(length).expect("a size"));
        let answer = client.get(&format!("/orders/{id}/files/{}", file.id)).await;
        assert_eq!(answer.header("content-length"), length.to_string());
        assert!(answer.text == text, "{length} bytes came back changed");
        assert_eq!(names(&t).len(), files_of(&t, id).await);
    }
    t.nothing_on_disk_reads("00042\n00043");
});

async fn files_of(t: &TestApp, id: OrderId) -> usize {
    let mut conn = t.app.read().await.expect("a connection");
    files::of_order(&mut conn, id).await.expect("read").len()
}

crate::both!(a_file_that_was_sealed_in_one_opens, |t| {
    let id = accepted(&t).await;
    let text = long_text(100_000);
    let file = uploaded(&t, id, text.as_bytes()).await;
    let mut conn = t.app.read().await.expect("a connection");
    let place = files::place(file.id);
    let sealed = t
        .app
        .vault
        .seal(&mut conn, file.customer_id, &place, text.as_bytes())
        .await;
    drop(conn);
    let path = t.app.config.data_dir.join("files").join(&names(&t)[0]);
    std::fs::write(path, sealed.expect("sealed")).expect("written");
    let mut client = t.sign_in_as(Role::Operator).await;
    let answer = client.get(&format!("/orders/{id}/files/{}", file.id)).await;
    assert!(answer.text == text);
});

crate::both!(a_file_that_was_changed_or_cut_on_disk_does_not_open, |t| {
    let id = accepted(&t).await;
    let file = uploaded(&t, id, long_text(3 * PIECE).as_bytes()).await;
    let path = t.app.config.data_dir.join("files").join(&names(&t)[0]);
    let whole = std::fs::read(&path).expect("a file");
    let mut changed = whole.clone();
    changed[whole.len() - 20] ^= 1;
    let cuts = [0, HEAD - 1, HEAD, HEAD + SEALED_PIECE, whole.len() - 1].map(|length| whole[..length].to_vec());
    for wrong in cuts.into_iter().chain([changed, [whole.as_slice(), b"more"].concat()]) {
        std::fs::write(&path, &wrong).expect("written");
        assert!(opened(&t, &file).await.is_err(), "{} bytes", wrong.len());
    }
    std::fs::write(&path, b"").expect("written");
    let mut client = t.sign_in_as(Role::Operator).await;
    let answer = client.get(&format!("/orders/{id}/files/{}", file.id)).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    std::fs::write(&path, &whole).expect("written");
    assert!(opened(&t, &file).await.is_ok());
});

crate::both!(nothing_stays_of_files_that_are_not_attached, |t| {
    let id = accepted(&t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    let text = long_text(200_000);
    let good = File {
        name: "a.txt",
        bytes: text.as_bytes(),
    };
    let zeros = vec![0; 200_000];
    let bad = File {
        name: "b.txt",
        bytes: &zeros,
    };
    let page = type_in(&t, &mut client, id, &[], &[bad], "save").await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(names(&t), [""; 0], "of a kind that is not taken");
    let files = [good];
    let stale = [("version", "7"), ("order_version", "1"), ("do", "save")];
    let page = post_form(&mut client, &format!("/orders/{id}/result"), &stale, &files).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert_eq!(names(&t), [""; 0], "of a form that came too late");
    let mut by_itself = client.with("hx-request", "true");
    let page = type_in(&t, &mut by_itself, id, &[], &files, "save").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_eq!(names(&t), [""; 0], "of a form that saved itself");
});

crate::both!(what_was_arriving_when_the_program_was_killed_is_swept_away, |t| {
    let id = accepted(&t).await;
    let file = uploaded(&t, id, PDF).await;
    let folder = t.app.config.data_dir.join("files");
    std::fs::write(folder.join("arriving/0123"), b"half of it").expect("written");
    assert_eq!(names(&t).len(), 2);
    blobs::sweep(&t.app.config.data_dir).await.expect("swept");
    assert_eq!(names(&t), [file.id.0.simple().to_string()]);
    blobs::sweep(&folder).await.expect("where nothing was ever uploaded");
});

crate::both!(a_stale_draft_keeps_what_was_typed, |t| {
    let id = accepted(&t).await;
    let mut client = t.sign_in_as(Role::Operator).await;
    type_in(&t, &mut client, id, &[("score", "5")], &[], "save").await;
    let order_version = now(&t, id).await.version.to_string();
    let stale = [
        ("version", "0"),
        ("order_version", order_version.as_str()),
        ("do", "save"),
        ("score", "6"),
    ];
    let page = post_form(&mut client, &format!("/orders/{id}/result"), &stale, &[]).await;
    assert_eq!(page.status, StatusCode::CONFLICT);
    assert!(page.text.contains("Mira Kovač saved this result") && page.text.contains("value=\"6\""));
});

crate::both!(only_who_may_releases, |t| {
    let id = accepted(&t).await;
    let mut viewer = t.sign_in_as(Role::Viewer).await;
    let answer = type_in(&t, &mut viewer, id, &[("score", "5")], &[], "release").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
});
