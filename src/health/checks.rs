//! What is fine, and how to mend what is not: for `/readyz`, the settings page and `assessdesk doctor`.

use super::probe::look_at;
use crate::app::App;
use crate::app::health::{Fare, Part};
use crate::domain::time::Timestamp;
use crate::kombo;
use crate::mail::Mailer;
use crate::store::{self, meta};
use std::time::Duration;

/// How far clocks may differ before it is worth saying.
const CLOCK_SLACK: Duration = Duration::from_secs(30);

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// As it should be.
    Fine,
    /// The desk works, but something is missing or at risk.
    Careful,
    /// Something does not work.
    Wrong,
}

impl State {
    /// The word for machines and the doctor.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Fine => "fine",
            Self::Careful => "careful",
            Self::Wrong => "wrong",
        }
    }
}

/// One thing that was looked at.
#[derive(Clone, Debug)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// How it came out.
    pub state: State,
    /// What was found.
    pub says: String,
    /// How to mend it; empty where it is fine.
    pub mend: String,
}

impl Check {
    /// It is as it should be.
    pub fn fine(name: &'static str, says: impl Into<String>) -> Self {
        Self {
            name,
            state: State::Fine,
            says: says.into(),
            mend: String::new(),
        }
    }

    /// The desk works, but this should be seen to.
    pub fn careful(name: &'static str, says: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            name,
            state: State::Careful,
            says: says.into(),
            mend: mend.into(),
        }
    }

    /// This does not work.
    pub fn wrong(name: &'static str, says: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            name,
            state: State::Wrong,
            says: says.into(),
            mend: mend.into(),
        }
    }
}

/// What can be told in a moment, without asking anybody outside.
pub async fn quick(app: &App) -> Vec<Check> {
    let mut checks = vec![database(app).await, key(app).await, data_dir(app).await];
    checks.extend(server_clock(app).await);
    checks.extend(
        app.health
            .parts()
            .into_iter()
            .map(|(part, fare)| worker(app, part, &fare)),
    );
    checks.push(webhook_secret(app));
    if app.kombo.is_none() {
        checks.push(no_api_key());
    }
    checks
}

/// Everything, including what Kombo says and whether others can reach us.
pub async fn full(app: &App) -> Vec<Check> {
    let (mut checks, key, clock, mail, base_url) = tokio::join!(
        quick(app),
        api_key(app),
        kombo_clock(app),
        Box::pin(mail(app)),
        base_url(app)
    );
    checks.extend(key);
    checks.extend(clock);
    checks.push(mail);
    checks.push(base_url);
    checks
}

async fn database(app: &App) -> Check {
    let engine = app.db.engine();
    let written = async {
        let mut conn = app.db.begin().await?;
        meta::prove_write(&mut conn, app.clock.now()).await?;
        conn.commit().await
    };
    match written.await {
        Ok(()) => Check::fine(
            "Database",
            format!("{engine} takes reads and writes; its tables are up to date."),
        ),
        Err(error) => {
            let mend = match error {
                store::Error::Full(_) => {
                    "Make room on the disk. Nothing that was answered is lost; work goes on by itself."
                }
                store::Error::Busy(_) => {
                    "Look whether the database server runs, or another program holds the file. Work goes on by itself."
                }
                _ => "See the log for the database's own words, and ASSESSDESK_DATABASE_URL.",
            };
            tracing::warn!(%error, "the database took no write");
            Check::wrong("Database", format!("{engine} takes no writes."), mend)
        }
    }
}

async fn key(app: &App) -> Check {
    let fits = async {
        let mut conn = app.read().await?;
        app.vault.check_canary(&mut conn).await
    };
    match fits.await {
        Ok(()) => Check::fine("Secret key", "ASSESSDESK_SECRET_KEY fits the database."),
        Err(store::Error::Vault(error)) => Check::wrong(
            "Secret key",
            error.to_string(),
            "Set the key that this database was made with.",
        ),
        Err(_) => Check::careful(
            "Secret key",
            "Could not be checked: the database does not answer.",
            "Mend the database first.",
        ),
    }
}

async fn data_dir(app: &App) -> Check {
    let dir = &app.config.data_dir;
    let file = dir.join(".write-check");
    let written = async {
        tokio::fs::create_dir_all(dir).await?;
        tokio::fs::write(&file, b"ok").await?;
        tokio::fs::remove_file(&file).await
    };
    match written.await {
        Ok(()) => Check::fine("Files", "The folder of uploaded files can be written."),
        Err(error) => Check::wrong(
            "Files",
            format!("The folder of uploaded files cannot be written: {error}."),
            format!(
                "Let the program's user write to {}, make room, or set ASSESSDESK_DATA_DIR.",
                dir.display()
            ),
        ),
    }
}

async fn server_clock(app: &App) -> Option<Check> {
    let mut conn = app.read().await.ok()?;
    let theirs = meta::server_time(&mut conn).await.ok()??;
    Some(clocks(
        "Clock and database",
        "the database server",
        app.clock.now(),
        theirs,
    ))
}

async fn kombo_clock(app: &App) -> Option<Check> {
    let seen = look_at(app.config.kombo_api_url.as_str()).await.ok()?;
    Some(clocks("Clock and Kombo", "Kombo", app.clock.now(), seen.date?))
}

fn clocks(name: &'static str, whose: &str, ours: Timestamp, theirs: Timestamp) -> Check {
    let apart = ours.since(theirs).max(theirs.since(ours));
    if apart <= CLOCK_SLACK {
        return Check::fine(name, format!("Our clock and that of {whose} agree."));
    }
    let which = if ours > theirs { "ahead of" } else { "behind" };
    let apart = humantime::format_duration(Duration::from_secs(apart.as_secs()));
    Check::careful(
        name,
        format!("Our clock is {apart} {which} that of {whose}."),
        "Let the machine set its clock by the network (timedatectl set-ntp true): due dates and links depend on it.",
    )
}

/// How long a part may say nothing before it counts as stuck; the intake speaks only when a webhook comes.
fn silence(app: &App, part: Part) -> Option<Duration> {
    match part {
        Part::Intake | Part::Mail => None,
        Part::Outbox => Some(app.config.lease + Duration::from_mins(2)),
        Part::Reconciler => Some(app.config.reconcile_every * 3 + Duration::from_mins(5)),
        Part::Timetable => Some(Duration::from_mins(5)),
    }
}

fn worker(app: &App, part: Part, fare: &Fare) -> Check {
    let name = part.label();
    let now = app.clock.now();
    let stuck = silence(app, part)
        .zip(fare.seen_at)
        .filter(|(most, seen)| now.since(*seen) > *most);
    if let Some((_, seen)) = stuck {
        let seen = seen.to_millis();
        return Check::wrong(
            name,
            format!("Nothing was heard of it since {seen}."),
            "Start the program anew, and send us the log.",
        );
    }
    match &fare.failing {
        None => Check::fine(name, "Works."),
        Some((since, why)) => {
            let says = format!("Fails since {}: {why}", since.to_millis());
            let mend = "It goes on by itself once that is mended; nothing is lost.";
            if part == Part::Intake {
                Check::wrong(name, says, mend)
            } else {
                Check::careful(name, says, mend)
            }
        }
    }
}

fn webhook_secret(app: &App) -> Check {
    match app.config.kombo_webhook_secrets.len() {
        0 => Check::careful(
            "Webhook secret",
            "Missing: every webhook is refused, so no order arrives.",
            "Copy it from Kombo's dashboard (Webhooks) into ASSESSDESK_KOMBO_WEBHOOK_SECRET.",
        ),
        1 => Check::fine("Webhook secret", "Set."),
        several => Check::fine(
            "Webhook secret",
            format!("{several} are set, as while one is being changed."),
        ),
    }
}

fn no_api_key() -> Check {
    Check::careful(
        "Kombo API key",
        "Missing: nothing can be sent to Kombo.",
        "Copy it from Kombo's dashboard (Secrets) into ASSESSDESK_KOMBO_API_KEY.",
    )
}

async fn api_key(app: &App) -> Option<Check> {
    let client = app.kombo.as_ref()?;
    let check = match client.check_api_key().await {
        Ok(reply) => Check::fine(
            "Kombo API key",
            format!("Good for the environment {}.", reply.data.environment_id),
        ),
        Err(kombo::client::Error::Answered(answer)) if matches!(answer.http_status, 401 | 403) => Check::wrong(
            "Kombo API key",
            "Kombo does not take it.",
            "Copy it anew from Kombo's dashboard (Secrets); keys of the US region need ASSESSDESK_KOMBO_API_URL=https://api.us.kombo.dev/v1.",
        ),
        Err(error) => Check::careful(
            "Kombo API key",
            format!("Could not be checked: {error}."),
            format!(
                "Look whether this machine reaches {}. Work goes on by itself.",
                app.config.kombo_api_url
            ),
        ),
    };
    Some(check)
}

/// Whether the mail server greets us and knows us; no mail is sent.
async fn mail(app: &App) -> Check {
    const NAME: &str = "Mail server";
    let (mail, smtp) = match (&app.config.mail, &app.mail) {
        (Some(mail), Some(Mailer::Smtp(smtp))) => (mail, smtp),
        (Some(_), _) => {
            return Check::careful(
                NAME,
                "None: mails stay in the desk's own mail box, and no candidate gets one.",
                "For real work set ASSESSDESK_SMTP_URL to a mail server, and ASSESSDESK_MAIL_FROM.",
            );
        }
        (None, _) => return Check::fine(NAME, "None is set up: candidates are not invited by mail."),
    };
    let open = smtp.sends_password_openly();
    match smtp.check().await {
        Ok(()) if open => Check::careful(
            NAME,
            format!(
                "Takes our account, but without encryption; mails leave as {}.",
                mail.from
            ),
            "Add ?tls=required to ASSESSDESK_SMTP_URL: anybody on the way can read the password.",
        ),
        Ok(()) => Check::fine(NAME, format!("Takes our greeting; mails leave as {}.", mail.from)),
        Err(why) => Check::wrong(
            NAME,
            why,
            "See ASSESSDESK_SMTP_URL: host, port, tls and account. Invitations wait meanwhile and none is lost.",
        ),
    }
}

async fn base_url(app: &App) -> Check {
    let url = app.config.link("/healthz");
    let mend = "Set ASSESSDESK_BASE_URL to the address under which browsers and Kombo reach this desk, and let the proxy pass it on here. (Where only this machine cannot reach it from inside, all is well.)";
    match look_at(&url).await {
        Ok(seen) if seen.status == 200 && seen.text.trim() == "ok" => {
            Check::fine("Address", format!("{} answers.", app.config.link("")))
        }
        Ok(seen) => Check::careful(
            "Address",
            format!("{url} answers {}, but not as this desk does.", seen.status),
            mend,
        ),
        Err(why) => Check::careful("Address", format!("{url} cannot be reached: {why}."), mend),
    }
}
