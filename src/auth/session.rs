//! Sessions: a random cookie, its digest in the database, and the person as they stand at this moment.
//!
//! A session lives for 12 hours after its last use and 7 days at most. Whoever is disabled, or signed out everywhere,
//! is out with their next request, since every request reads session and person together.

use crate::app::App;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::ids::StaffId;
use crate::domain::role::Permission;
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::store::{self, Conn, rail, sessions, token};
use crate::web::frame::{Badge, Checked, Counts, Section};
use crate::web::{Error, Frame, Notice};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use std::time::Duration;

/// How long a session lives after its last use.
const IDLE: Duration = Duration::from_hours(12);
/// How long a session lives at most.
const MOST: Duration = Duration::from_hours(7 * 24);
/// How exactly its last use is noted: not every request is worth a write.
const GRAIN: Duration = Duration::from_mins(1);
/// How long a page waits for that note; a busy database must not hold up reading.
const NOTE_PATIENCE: Duration = Duration::from_millis(250);

/// Entries of the rail, and what it takes to open them.
const DOORS: [(Section, Permission); 11] = [
    (Section::Today, Permission::ViewOrders),
    (Section::Orders, Permission::ViewOrders),
    (Section::Unassigned, Permission::AssignIntegrations),
    (Section::Customers, Permission::ViewCustomers),
    (Section::Packages, Permission::ViewCustomers),
    (Section::Inbox, Permission::ViewTraffic),
    (Section::Outbox, Permission::ViewTraffic),
    (Section::Reconciler, Permission::ViewTraffic),
    (Section::Staff, Permission::ManageStaff),
    (Section::Audit, Permission::ViewAudit),
    (Section::Settings, Permission::ViewSettings),
];

/// The staff member who is asking. As a handler's argument it is there on every route that is not public.
#[derive(Clone, Debug)]
pub struct Staff {
    /// On whose behalf reads and actions happen.
    pub viewer: Viewer,
    /// Who it is.
    pub id: StaffId,
    /// Their name.
    pub name: String,
    /// Their e-mail.
    pub email: String,
    /// Their time zone (`Europe/Berlin`).
    pub zone: String,
    /// `auto`, `light` or `dark`.
    pub theme: String,
    /// The digest of the session's cookie.
    pub session: Vec<u8>,
    has_notices: bool,
}

impl Staff {
    /// The frame of a page: title, rail with its numbers, and what is to be said once. Call it once per answer.
    pub async fn frame(&self, app: &App, title: impl Into<String>, section: Section) -> Result<Frame, Error> {
        let mut frame = Frame::desk(title, section, self.badge(), app.clock.now());
        let mut conn = app.read().await?;
        let numbers = rail::numbers(&mut conn, &self.viewer).await?;
        let may = |permission| self.viewer.can(permission);
        frame.counts = Counts {
            open_orders: numbers.open_orders,
            unassigned: numbers.unassigned,
            inbox_alerts: numbers.inbox_alerts,
            outbox_alerts: numbers.outbox_alerts,
        };
        if may(Permission::ViewTraffic) {
            frame.checked = rail::last_check(&mut conn).await?.map(|last| Checked {
                at: last.finished_at,
                went_well: last.error.is_none(),
            });
        }
        drop(conn);
        if self.has_notices {
            frame.notices = take_notices(app, &self.session).await?;
        }
        Ok(frame)
    }

    /// Leaves a notice for the next page that this browser opens (after a form led on to another page).
    pub async fn tell(&self, app: &App, notice: Notice) -> Result<(), Error> {
        let mut conn = app.db.begin().await?;
        let mut notices = waiting_notices(&mut conn, &self.session).await?;
        notices.push(notice);
        let all = serde_json::to_value(&notices).map_err(Error::internal)?;
        sessions::set_notices(&mut conn, &self.session, &all).await?;
        Ok(conn.commit().await?)
    }

    pub(super) fn badge(&self) -> Badge {
        let hidden = DOORS
            .iter()
            .filter(|(_, permission)| !self.viewer.can(*permission))
            .map(|(section, _)| *section)
            .collect();
        Badge {
            name: self.name.clone(),
            role: self.viewer.role.label().to_owned(),
            zone: self.zone.clone(),
            theme: self.theme.clone(),
            hidden,
        }
    }
}

impl FromRequestParts<App> for Staff {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &App) -> Result<Self, Error> {
        parts.extensions.get::<Self>().cloned().ok_or(Error::SignIn)
    }
}

/// Whoever is signed in, on a public route.
#[derive(Clone, Debug)]
pub struct MaybeStaff(pub Option<Staff>);

impl FromRequestParts<App> for MaybeStaff {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Error> {
        find(app, &parts.headers).await.map(Self)
    }
}

/// The person whose session cookie came with the request.
pub(super) async fn find(app: &App, headers: &HeaderMap) -> Result<Option<Staff>, Error> {
    let Some(cookie) = cookie(headers, &app.config) else {
        return Ok(None);
    };
    let digest = token::digest(cookie);
    let now = app.clock.now();
    let mut conn = app.read().await?;
    let Some(found) = sessions::find(&mut conn, &digest, now).await? else {
        return Ok(None);
    };
    drop(conn);
    if now.since(found.seen_at) >= GRAIN {
        note_use(app, &digest, now, found.created_at).await;
    }
    Ok(Some(Staff {
        viewer: Viewer::staff(found.staff_id, found.role, found.all_customers),
        id: found.staff_id,
        name: found.name,
        email: found.email,
        zone: found.time_zone,
        theme: found.theme,
        session: digest,
        has_notices: found.has_notices,
    }))
}

/// Opens a session for `staff` inside the transaction that `conn` is in, and returns its cookie.
pub async fn open(conn: &mut Conn, clock: &Clock, staff: StaffId, headers: &HeaderMap) -> Result<String, store::Error> {
    let token = token::fresh()?;
    let now = clock.now();
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|agent| agent.to_str().ok())
        .unwrap_or_default();
    let agent: String = agent.chars().take(300).collect();
    let new = sessions::NewSession {
        digest: &token::digest(&token),
        staff_id: staff,
        created_at: now,
        expires_at: now.plus(IDLE),
        agent: &agent,
    };
    sessions::insert(conn, &new).await?;
    Ok(token)
}

/// The digest of the session cookie that came with the request, whether or not there is such a session.
pub fn presented(headers: &HeaderMap, config: &Config) -> Option<Vec<u8>> {
    cookie(headers, config).map(token::digest)
}

/// `Set-Cookie` with this token; without one, the cookie is removed.
pub fn set_cookie(token: Option<&str>, config: &Config) -> Result<HeaderValue, Error> {
    let name = cookie_name(config);
    let secure = if config.is_https() { "; Secure" } else { "" };
    let (value, age) = token.map_or(("", 0), |token| (token, MOST.as_secs()));
    let text = format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}");
    HeaderValue::from_str(&text).map_err(Error::internal)
}

/// Browsers keep a `__Host-` cookie from other hosts and paths, but only over HTTPS.
fn cookie_name(config: &Config) -> &'static str {
    if config.is_https() {
        "__Host-assessdesk"
    } else {
        "assessdesk"
    }
}

fn cookie<'a>(headers: &'a HeaderMap, config: &Config) -> Option<&'a str> {
    let name = cookie_name(config);
    headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(own, value)| *own == name && !value.is_empty())
        .map(|(_, value)| value)
}

/// A session that cannot be noted as used is still a session; it only ends a little earlier.
async fn note_use(app: &App, digest: &[u8], now: Timestamp, created_at: Timestamp) {
    let expires_at = now.plus(IDLE).min(created_at.plus(MOST));
    let note = async {
        let mut conn = app.db.begin().await?;
        sessions::touch(&mut conn, digest, now, expires_at).await?;
        conn.commit().await
    };
    match tokio::time::timeout(NOTE_PATIENCE, note).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::warn!(%error, "a session's use could not be noted"),
        Err(_) => tracing::debug!("a session's use was not noted: the database is busy"),
    }
}

async fn waiting_notices(conn: &mut Conn, digest: &[u8]) -> Result<Vec<Notice>, Error> {
    let stored = sessions::notices(conn, digest).await?;
    Ok(stored
        .and_then(|json| serde_json::from_value(json.0).ok())
        .unwrap_or_default())
}

async fn take_notices(app: &App, digest: &[u8]) -> Result<Vec<Notice>, Error> {
    let mut conn = app.db.begin().await?;
    let notices = waiting_notices(&mut conn, digest).await?;
    sessions::set_notices(&mut conn, digest, &serde_json::json!([])).await?;
    conn.commit().await?;
    Ok(notices)
}
