//! The real program at its command line: what each command says, how it ends, and how `serve` starts and stops.

use crate::support::program::{Program, Said, free_port};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::Command;

const PASSWORD: &str = "plum tin roof gravel seven";

/// A command that needs nobody who listens.
async fn run(dir: &Path, words: &[&str]) -> Said {
    Program::run(dir, 9, words).await
}

/// The program without any setting but these words.
async fn bare(dir: &Path, words: &[&str]) -> Said {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assessdesk"));
    command.env_clear().current_dir(dir).args(words);
    Said::of(command).await
}

/// The last line of what was said: a link.
fn link(said: &Said) -> String {
    assert_eq!(said.code, 0, "{said:?}");
    let link = said.out.lines().last().expect("a line").to_owned();
    assert!(link.contains("/welcome/"), "{link}");
    link
}

/// Sets the password at a one-time link, as its page does; gives the status.
async fn set_password(link: &str) -> u16 {
    let origin = link.split("/welcome/").next().expect("an origin");
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build();
    let answer = client
        .expect("a client")
        .post(link)
        .header("origin", origin)
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("password={0}&again={0}", PASSWORD.replace(' ', "+")))
        .send()
        .await;
    answer.expect("an answer").status().as_u16()
}

#[tokio::test]
async fn a_secret_is_a_new_key_each_time() {
    let dir = tempfile::tempdir().expect("a folder");
    let (one, two) = (bare(dir.path(), &["secret"]).await, bare(dir.path(), &["secret"]).await);
    for said in [&one, &two] {
        assert_eq!((said.code, said.err.as_str()), (0, ""));
        assert_eq!(STANDARD.decode(said.out.trim()).expect("base64").len(), 32);
    }
    assert_ne!(one.out, two.out);
}

#[tokio::test]
async fn doctor_tells_each_thing_and_how_to_mend_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let said = run(dir.path(), &["doctor"]).await;
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{}", said.out);
    for line in [
        "  fine  Settings: Every one can be read.",
        "  fine  Database: SQLite takes reads and writes; its tables are up to date.",
        "  fine  Secret key: ASSESSDESK_SECRET_KEY fits the database.",
        "  fine  Files: The folder of uploaded files can be written.",
        "  fine  Webhook secret: Set.",
        "! look  Kombo API key: Could not be checked: ",
        "! look  Address: http://127.0.0.1:9/healthz cannot be reached: ",
    ] {
        assert!(
            said.out.lines().any(|said| said.starts_with(line)),
            "{line}\n{}",
            said.out
        );
    }
    for (at, line) in said.out.lines().enumerate().filter(|(_, line)| line.starts_with('!')) {
        let mend = said.out.lines().nth(at + 1).unwrap_or_default();
        assert!(mend.starts_with("        "), "{line} is told without how to mend it");
    }
}

#[tokio::test]
async fn doctor_fails_where_something_does_not_work() {
    let dir = tempfile::tempdir().expect("a folder");
    run(dir.path(), &["doctor"]).await;
    let other = "--secret-key=AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    let mut command = Command::new(env!("CARGO_BIN_EXE_assessdesk"));
    let url = format!("--database-url={}", Program::database_url(dir.path()));
    command
        .env_clear()
        .current_dir(dir.path())
        .args([other, &url, "doctor"]);
    let said = Said::of(command).await;
    assert_eq!(said.code, 1, "{said:?}");
    assert!(said.out.contains("\u{2717} mend  Secret key: "), "{}", said.out);
    assert!(
        said.out
            .contains("Set ASSESSDESK_SECRET_KEY to the key that this database was made with")
    );
    assert_eq!(said.err.lines().count(), 1, "{}", said.err);
    assert!(said.err.contains("one thing does not work"));
    assert!(!format!("{said:?}").contains("AQEBAQEB"), "a key is never said");
}

#[tokio::test]
async fn a_wrong_setting_is_told_in_one_sentence() {
    let dir = tempfile::tempdir().expect("a folder");
    for (words, named) in [
        (&["serve"][..], "ASSESSDESK_SECRET_KEY"),
        (&["--secret-key=short", "serve"][..], "ASSESSDESK_SECRET_KEY"),
        (&["--log=a=b=c", "secret"][..], "ASSESSDESK_LOG"),
    ] {
        let said = bare(dir.path(), words).await;
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{words:?}: {said:?}");
        assert_eq!(said.err.trim_end().lines().count(), 1, "{words:?}: {}", said.err);
        assert!(
            said.err.starts_with("assessdesk: ") && said.err.contains(named),
            "{}",
            said.err
        );
        assert!(!said.err.contains("short;"), "{}", said.err);
    }
}

#[tokio::test]
async fn staff_are_added_listed_and_disabled_and_links_open_once() {
    assessdesk::kombo::install_tls();
    let dir = tempfile::tempdir().expect("a folder");
    let (dir, port) = (dir.path(), free_port());
    assert!(run(dir, &["staff", "list"]).await.out.starts_with("Nobody yet."));
    let _program = Program::start(dir, port, &[]).await;
    let staff = async |words: &[&str]| Program::run(dir, port, &[&["staff"], words].concat()).await;

    let added = staff(&["add", "mira@example.com", "--name", "Mira Kovač", "--role", "admin"]).await;
    assert!(
        added.out.starts_with("mira@example.com is added as Administrator."),
        "{added:?}"
    );
    let listed = staff(&["list"]).await.out;
    assert_eq!(listed, "mira@example.com\tadmin\tMira Kovač\thas set no password yet\n");
    let first = link(&added);
    assert_eq!(set_password(&first).await, 303);
    assert_eq!(set_password(&first).await, 410, "the second time");
    assert!(staff(&["list"]).await.out.ends_with("\tactive\n"));

    let second = link(&staff(&["reset-password", "Mira@Example.com"]).await);
    assert_ne!(first, second);
    assert_eq!(set_password(&second).await, 303);

    staff(&["add", "tomas@example.com", "--role", "viewer"]).await;
    let disabled = staff(&["disable", "tomas@example.com"]).await;
    assert_eq!(disabled.code, 0, "{disabled:?}");
    let listed = staff(&["list"]).await.out;
    assert!(
        listed.contains("tomas@example.com\tviewer\ttomas\tdisabled\n"),
        "{listed}"
    );

    for (words, says) in [
        (&["add", "mira@example.com", "--role", "viewer"][..], "assessdesk: "),
        (&["disable", "mira@example.com"][..], "the last administrator"),
        (
            &["disable", "nobody@example.com"][..],
            "there is nobody with the address nobody@example.com",
        ),
        (
            &["reset-password", "nobody@example.com"][..],
            "there is nobody with the address",
        ),
    ] {
        let said = staff(words).await;
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{words:?}: {said:?}");
        assert_eq!(said.err.lines().count(), 1, "{}", said.err);
        assert!(said.err.contains(says), "{}", said.err);
    }
    assert_ne!(staff(&["add", "a@example.com", "--role", "boss"]).await.code, 0);
}

#[tokio::test]
async fn a_second_serve_refuses_and_names_the_first() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut first = Program::start(dir.path(), free_port(), &[]).await;
    let second = Program::run(dir.path(), free_port(), &["serve"]).await;
    assert_eq!(second.code, 1, "{second:?}");
    assert_eq!(second.err.lines().count(), 1, "{}", second.err);
    let named = format!(
        "another `assessdesk serve` works on this database: process {}",
        first.id()
    );
    assert!(second.err.contains(&named), "{}", second.err);
    first.kill().await;
    // A killed one does not keep the next from starting.
    Program::start(dir.path(), free_port(), &[]).await.kill().await;
}

#[tokio::test]
async fn asked_to_stop_it_finishes_within_ten_seconds_while_a_request_is_open() {
    let dir = tempfile::tempdir().expect("a folder");
    let port = free_port();
    let mut program = Program::start(dir.path(), port, &[]).await;
    let mut open = TcpStream::connect(("127.0.0.1", port)).await.expect("a connection");
    let head = "POST /webhooks/kombo HTTP/1.1\r\nhost: desk\r\ncontent-length: 100\r\n\r\nhalf of it";
    open.write_all(head.as_bytes()).await.expect("sent");
    tokio::time::sleep(Duration::from_millis(200)).await;
    let asked = Instant::now();
    program.terminate().await;
    let ended = tokio::time::timeout(Duration::from_secs(10), program.ended()).await;
    assert!(ended.expect("it ends in time").success(), "after {:?}", asked.elapsed());
    let _ = open.read_to_end(&mut Vec::new()).await;
    // It gave the database back: the next one need not wait.
    Program::start(dir.path(), port, &[]).await.kill().await;
}
