//! What failed or stands still elsewhere: a line per problem, which goes when the problem goes; and what is not configured.

use super::FEW;
use crate::app::App;
use crate::app::health::Part;
use crate::auth::Staff;
use crate::domain::role::Permission;
use crate::domain::text::tool_label;
use crate::domain::time::Timestamp;
use crate::store::schedules;
use crate::store::today::{self, FailedConnection, FailedWebhook, StandingIntegration};
use crate::store::{self, Conn};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::Duration;

/// For how long a connection that failed is shown, unless it is tried again.
const REMEMBERED: Duration = Duration::from_hours(14 * 24);

/// Something that failed or stands still elsewhere.
pub(super) struct Trouble {
    pub(super) icon: &'static str,
    pub(super) title: String,
    pub(super) says: String,
    pub(super) at: Option<Timestamp>,
    pub(super) href: Option<String>,
}

impl Trouble {
    /// What it is known by while it lasts.
    pub(super) fn key(&self) -> String {
        let mut hasher = DefaultHasher::new();
        (&self.title, &self.href).hash(&mut hasher);
        format!("{:x}", hasher.finish())
    }
}

/// All of it that this person may see.
pub(super) async fn troubles(conn: &mut Conn, staff: &Staff, now: Timestamp) -> Result<Vec<Trouble>, store::Error> {
    let viewer = &staff.viewer;
    let mut all = Vec::new();
    let parked = today::parked(conn, viewer, FEW).await?;
    all.extend(parked.iter().map(|it| {
        let code = it.code.as_ref().map_or_else(String::new, |code| format!(" ({code})"));
        standing(
            it,
            "plug",
            format!("Its deliveries wait: Kombo says that it does not work{code}."),
        )
    }));
    let unpublished = today::unpublished(conn, viewer, FEW).await?;
    all.extend(unpublished.iter().map(|it| {
        standing(
            it,
            "packages",
            "Its offer could not be published. Open it to see why and to publish again.".into(),
        )
    }));
    let late = schedules::failed(conn, viewer, FEW).await?;
    all.extend(late.iter().map(|it| {
        standing(
            it,
            "today",
            "Its offer was to be published at a set time, and was not. Open it to see why.".into(),
        )
    }));
    let overdue = today::overdue(conn, viewer, now, FEW).await?;
    all.extend(overdue.iter().map(|it| {
        standing(
            it,
            "today",
            "The time of a package is over, but orders for it are open, so the ATS offers it on. Open it, look and publish.".into(),
        )
    }));
    let drifted = today::drifted(conn, viewer, FEW).await?;
    all.extend(drifted.iter().map(|it| {
        standing(
            it,
            "compare",
            "Kombo holds other packages than were published. Open it to compare and put that right.".into(),
        )
    }));
    let refused = today::refused_credentials(conn, viewer, FEW).await?;
    all.extend(refused.iter().map(|it| Trouble {
        href: Some(format!("/integrations/{}/connection", it.id)),
        ..standing(
            it,
            "key",
            "The ATS refuses the customer’s credentials. Send the customer a reconnect link.".into(),
        )
    }));
    if viewer.can(Permission::ManageCustomers) {
        let failed = today::failed_connections(conn, viewer, now.minus(REMEMBERED), FEW).await?;
        all.extend(failed.iter().map(connection));
    }
    if viewer.can(Permission::AssignIntegrations) {
        let unassigned = today::unassigned(conn, viewer, FEW).await?;
        all.extend(unassigned.iter().map(|it| Trouble {
            href: Some("/unassigned".into()),
            ..standing(
                it,
                "question",
                "It belongs to no customer yet, so its orders wait.".into(),
            )
        }));
    }
    if viewer.can(Permission::ViewTraffic) {
        let failed = today::failed_webhooks(conn, viewer, FEW).await?;
        all.extend(failed.iter().map(webhook));
    }
    Ok(all)
}

fn standing(it: &StandingIntegration, icon: &'static str, says: String) -> Trouble {
    let customer = it.customer_name.as_deref().unwrap_or("Unassigned");
    Trouble {
        icon,
        title: format!("{customer}, {}", tool_label(&it.tool)),
        says,
        at: Some(it.since),
        href: Some(format!("/integrations/{}", it.id)),
    }
}

fn connection(it: &FailedConnection) -> Trouble {
    Trouble {
        icon: "plug",
        title: format!("{}, {}", it.customer_name, tool_label(&it.tool)),
        says: "The customer tried to connect it and did not succeed. The link’s page leads to Kombo’s log.".into(),
        at: Some(it.at),
        href: Some(format!("/customers/{}/links/{}", it.customer_id, it.id)),
    }
}

fn webhook(it: &FailedWebhook) -> Trouble {
    let kind = if it.kind.is_empty() {
        "of unknown kind"
    } else {
        &it.kind
    };
    Trouble {
        icon: "in",
        title: format!("A webhook {kind} could not be worked in"),
        says: it
            .why
            .clone()
            .unwrap_or_else(|| "It is kept and can be read again after a fix.".into()),
        at: Some(it.last_at),
        href: Some(format!("/inbox/{}", it.id)),
    }
}

/// What is not configured, unsafe, or does not run.
pub(super) fn unset(app: &App) -> Vec<Trouble> {
    let config = &app.config;
    let told = |title: &str, says: &str| Trouble {
        icon: "gear",
        title: title.to_owned(),
        says: says.to_owned(),
        at: None,
        href: None,
    };
    let mut all = Vec::new();
    if config.kombo_api_key.is_none() {
        all.push(told(
            "There is no Kombo API key",
            "Results can’t be sent and missed orders aren’t found. Set ASSESSDESK_KOMBO_API_KEY and start again.",
        ));
    }
    if !config.talks_to_kombo() {
        all.push(told(
            "This desk does not talk to Kombo itself",
            "It was set up with another address, as for practice: no order and no result here reaches a real ATS. For real work unset ASSESSDESK_KOMBO_API_URL and start again.",
        ));
    }
    if config.kombo_webhook_secrets.is_empty() {
        all.push(told(
            "There is no webhook secret",
            "Every webhook is refused. Set ASSESSDESK_KOMBO_WEBHOOK_SECRET to the one in Kombo’s dashboard and start again.",
        ));
    }
    if config.keeps_mails() {
        all.push(told(
            "Mails stay on this desk",
            "Invitations are kept under ‘Mail’ and no candidate gets one. For real work set ASSESSDESK_SMTP_URL to a mail server, and ASSESSDESK_MAIL_FROM, and start again.",
        ));
    }
    let local = matches!(config.base_url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    if !config.is_https() && !local {
        all.push(told(
            "The desk is reached without encryption",
            "Put it behind HTTPS and set ASSESSDESK_BASE_URL to the https:// address: Kombo and ATSs accept no other.",
        ));
    }
    for (part, fare) in app.health.parts() {
        // Without a key nothing can be sent or compared: that is said above.
        if config.kombo_api_key.is_none() && matches!(part, Part::Outbox | Part::Reconciler) {
            continue;
        }
        if let Some((since, why)) = fare.failing {
            all.push(Trouble {
                icon: "warn",
                title: format!("{} does not work", part.label()),
                says: format!("{why} It tries again by itself."),
                at: Some(since),
                href: None,
            });
        }
    }
    all
}
