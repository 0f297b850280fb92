//! Sessions: a random cookie, its digest in the database, and the person as they stand at this moment.
//!
//! tower-sessions sees to cookies and ids ([`layer`]), [`SessionRows`] to the table. A session lives for 12 hours after its last use and 7 days at most. Whoever is disabled, or signed out everywhere,
//! is out with their next request, since every request reads session and person together.

use super::session_rows::{self, AGENT, IN_USE, STAFF, SessionRows};
use crate::app::{App, counted};
use crate::config::Config;
use crate::domain::ids::StaffId;
use crate::domain::role::Permission;
use crate::domain::time::Timestamp;
use crate::domain::viewer::Viewer;
use crate::store::{Conn, holds, rail, sessions};
use crate::web::frame::{Badge, Checked, Counts, RailEntry, Section};
use crate::web::held::HeldBar;
use crate::web::{Error, Frame, Notice};
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, header};
use std::time::Duration;
use tower_sessions::cookie::{Cookie, SameSite};
use tower_sessions::session::Error as SessionError;
use tower_sessions::session_store::Error as RowsError;
use tower_sessions::{Expiry, Session, SessionManagerLayer};

/// How long a session lives after its last use.
pub(super) const IDLE: Duration = Duration::from_hours(12);
/// How long a session lives at most.
pub(super) const MOST: Duration = Duration::from_hours(7 * 24);
/// How exactly its last use is noted: not every request is worth a write.
const GRAIN: Duration = Duration::from_mins(1);
/// How long a page waits for that note; a busy database must not hold up reading.
const NOTE_PATIENCE: Duration = Duration::from_millis(250);

/// What no page lets anybody overlook while mails do not leave.
const MAILS_STAY: &str = "Mails stay on this desk: no candidate gets one. For real work an administrator sets a mail server (ASSESSDESK_SMTP_URL).";

/// Entries of the rail, and what it takes to open them.
const DOORS: [(Section, Permission); 13] = [
    (Section::Today, Permission::ViewOrders),
    (Section::Orders, Permission::ViewOrders),
    (Section::Unassigned, Permission::AssignIntegrations),
    (Section::Customers, Permission::ViewCustomers),
    (Section::Packages, Permission::ViewCustomers),
    (Section::Inbox, Permission::ViewTraffic),
    (Section::Outbox, Permission::ViewTraffic),
    (Section::Mail, Permission::ViewTraffic),
    (Section::Reconciler, Permission::ViewTraffic),
    (Section::Reasons, Permission::DecideOrders),
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
    /// Whether single letters are keys on their pages.
    pub single_keys: bool,
    /// The digest of the session's cookie.
    pub session: Vec<u8>,
    has_notices: bool,
}

impl Staff {
    /// The frame of a page: title, rail with its numbers, and what is to be said once. Call it once per answer.
    pub async fn frame(&self, app: &App, title: impl Into<String>, section: Section) -> Result<Frame, Error> {
        app.presence.seen(&self.viewer, app.clock.now());
        let mut frame = Frame::desk(title, section, self.badge(), app.clock.now());
        if app.mail.is_none() {
            frame.hide(Section::Mail);
        }
        if app.config.keeps_mails() {
            frame.warnings.push(MAILS_STAY.to_owned());
        }
        let mut conn = app.read().await?;
        let numbers = counted::rail(app, &mut conn, &self.viewer).await?;
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
        if may(Permission::DecideOrders) {
            let now = frame.time.now();
            let rows = holds::since(&mut conn, &self.viewer, HeldBar::from(now), false).await?;
            frame.held = HeldBar::of(rows, None, now);
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

    /// The same person, whose notices are left for another answer.
    pub(super) fn without_notices(self) -> Self {
        Self {
            has_notices: false,
            ..self
        }
    }

    /// The same person as they stand at this moment; `None` once this session is over.
    pub async fn as_of_now(&self, app: &App) -> Result<Option<Viewer>, Error> {
        let mut conn = app.read().await?;
        let found = sessions::find(&mut conn, &self.session, app.clock.now()).await?;
        Ok(found.map(|found| Viewer::staff(found.staff_id, found.role, found.all_customers)))
    }

    /// The places that this person may go to, in the rail's order.
    pub fn places(&self, app: &App) -> Vec<RailEntry> {
        let frame = Frame::desk("", Section::Elsewhere, self.badge(), app.clock.now());
        frame.rail().into_iter().flat_map(|group| group.entries).collect()
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
            single_keys: self.single_keys,
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
        let session = parts.extensions.get::<Session>().ok_or_else(no_layer)?;
        find(app, session, false).await.map(Self)
    }
}

/// The layer that reads and sets the cookie. The session itself is not looked up before somebody asks for it.
pub(super) fn layer(app: &App) -> SessionManagerLayer<SessionRows> {
    SessionManagerLayer::new(SessionRows::new(app))
        .with_name(cookie_name(&app.config))
        .with_secure(app.config.is_https())
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(MOST.try_into().unwrap_or(time::Duration::MAX)))
}

/// The person whose session cookie came with the request. Where a page asks by itself (`quiet`), that is no use of the
/// session, and what is to be said once waits for the next page that the person opens.
pub(super) async fn find(app: &App, session: &Session, quiet: bool) -> Result<Option<Staff>, Error> {
    let Some(found) = session.get::<sessions::InUse>(IN_USE).await.map_err(failed)? else {
        return Ok(None);
    };
    let Some(digest) = session.id().map(session_rows::digest) else {
        return Ok(None);
    };
    let now = app.clock.now();
    if !quiet && now.since(found.seen_at) >= GRAIN {
        note_use(app, &digest, now, found.created_at).await;
    }
    Ok(Some(Staff {
        viewer: Viewer::staff(found.staff_id, found.role, found.all_customers),
        id: found.staff_id,
        name: found.name,
        email: found.email,
        zone: found.time_zone,
        theme: found.theme,
        single_keys: found.single_keys,
        session: digest,
        has_notices: found.has_notices && !quiet,
    }))
}

/// Opens a session for `staff` on this browser, under a new id; one that it had before ends.
pub async fn open(session: &Session, staff: StaffId, headers: &HeaderMap) -> Result<(), Error> {
    let agent = headers
        .get(header::USER_AGENT)
        .and_then(|agent| agent.to_str().ok())
        .unwrap_or_default();
    let agent: String = agent.chars().take(300).collect();
    let opened = async {
        session.cycle_id().await?;
        session.insert(STAFF, staff).await?;
        session.insert(AGENT, agent).await?;
        session.save().await
    };
    opened.await.map_err(failed)
}

/// Ends the session on this browser. The value is for `Set-Cookie`: tower-sessions removes its cookie without
/// `Secure`, and browsers heed nothing about a `__Host-` cookie that lacks it (RFC 6265bis, section 5.7).
pub async fn close(session: &Session, config: &Config) -> Result<HeaderValue, Error> {
    session.flush().await.map_err(failed)?;
    let gone = Cookie::build((cookie_name(config), ""))
        .path("/")
        .secure(config.is_https())
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(time::Duration::ZERO);
    HeaderValue::from_str(&gone.to_string()).map_err(Error::internal)
}

/// Browsers keep a `__Host-` cookie from other hosts and paths, but only over HTTPS.
fn cookie_name(config: &Config) -> &'static str {
    if config.is_https() {
        "__Host-assessdesk"
    } else {
        "assessdesk"
    }
}

pub(super) fn no_layer() -> Error {
    Error::internal("this route knows of no sessions: it lacks Route::with_session")
}

fn failed(error: SessionError) -> Error {
    match error {
        SessionError::Store(RowsError::Backend(error)) => {
            tracing::warn!(error, "a session could not be read or kept");
            Error::Busy {
                retry_after: Duration::from_secs(5),
            }
        }
        other => Error::internal(other),
    }
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
