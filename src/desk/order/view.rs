//! What the page of an order shows, gathered from the store and put into words.

use super::invitation::Invitation;
use super::rule_note::RuleNote;
use super::timeline::{self, Entry};
use crate::actions::result_draft;
use crate::app::App;
use crate::auth::Staff;
use crate::desk::order_row::{Due, Face, Pill};
use crate::desk::seen::Seen;
use crate::domain::delivery::DeliveryState;
use crate::domain::ids::{OrderId, StaffId};
use crate::domain::order::{Conflict, DecidedBy, Decision, FinalStatus, KomboStatus, Stage};
use crate::domain::role::Permission;
use crate::domain::text::tool_label;
use crate::domain::time::Timestamp;
use crate::kombo::wire::{TeamMember, TeamRole};
use crate::store::candidates::{self, Candidate};
use crate::store::customer_cards;
use crate::store::customers::{self, CustomerRow};
use crate::store::deliveries::{self, DeliveryRow};
use crate::store::files::{self, FileRow};
use crate::store::integrations::{self, IntegrationRow};
use crate::store::links::{self, Purpose};
use crate::store::orders::{self, OrderRow};
use crate::store::reasons;
use crate::store::{Conn, audit, order_lists, timeline as events};
use crate::web::Error;
use crate::web::held::{self, Left};
use askama::Template;
use serde::Deserialize;

/// Everything about an order that its page shows.
pub(super) struct View {
    pub(super) order: OrderRow,
    pub(super) candidate: Option<Candidate>,
    pub(super) customer: Option<CustomerRow>,
    /// How to work on this customer's orders.
    pub(super) instructions: Option<String>,
    pub(super) integration: Option<IntegrationRow>,
    pub(super) ats: String,
    pub(super) invitation: Option<Invitation>,
    pub(super) team: Vec<String>,
    pub(super) description: Option<String>,
    pub(super) files: Vec<FileRow>,
    pub(super) seen: Option<Seen>,
    pub(super) last: Option<DeliveryRow>,
    pub(super) report: Option<String>,
    pub(super) assignee: Option<Face>,
    pub(super) people: Vec<(StaffId, String)>,
    pub(super) timeline: Vec<Entry>,
    /// The reason of the library that was chosen.
    pub(super) reason: Option<String>,
    /// The rule that decided, or had a person asked.
    pub(super) rule: Option<RuleNote>,
    pub(super) may: May,
    pub(super) now: Timestamp,
}

/// What this person may do with orders.
#[derive(Clone, Copy)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "one for each permission that the page asks for"
)]
pub(super) struct May {
    pub(super) decide: bool,
    pub(super) enter: bool,
    pub(super) review: bool,
    pub(super) release: bool,
    pub(super) cancel: bool,
    pub(super) traffic: bool,
    pub(super) customers: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    description: Option<String>,
    hiring_team: Vec<TeamMember>,
}

#[derive(Template)]
#[template(path = "desk/_description.html")]
struct Description<'a> {
    html: &'a str,
}

impl View {
    /// Reads everything; [`Error::NotFound`] where this person may not see the order.
    pub(super) async fn read(app: &App, staff: &Staff, id: OrderId) -> Result<Self, Error> {
        let mut conn = app.read().await?;
        let conn = &mut conn;
        let order = orders::find(conn, &staff.viewer, id).await?.ok_or(Error::NotFound)?;
        let integration = integrations::find(conn, &staff.viewer, order.integration_id).await?;
        let customer = match order.customer_id {
            Some(customer) => customers::find(conn, &staff.viewer, customer).await?,
            None => None,
        };
        let instructions = match order.customer_id.filter(|_| !order.stage.is_end()) {
            Some(customer) => customer_cards::instructions(conn, customer).await?,
            None => None,
        };
        let body = candidates::find_body(conn, &app.vault, id).await?;
        let body: Body = body
            .and_then(|body| serde_json::from_slice(&body).ok())
            .unwrap_or_default();
        let tool = integration.as_ref().map_or("", |row| row.tool.as_str());
        let files = files::of_order(conn, id).await?;
        let drafted = result_draft::read(conn, &app.vault, id).await?;
        let seen = drafted
            .as_ref()
            .map(|(draft, _)| Seen::of(draft, &files, &order.package_name, tool));
        let assignee = match order.assignee {
            Some(id) => order_lists::staff_name(conn, id).await?.as_deref().map(Face::of),
            None => None,
        };
        let reason = match order.reason_id {
            Some(id) => reasons::find(conn, id).await?.map(|row| row.name),
            None => None,
        };
        let may = May::of(staff);
        let lines = audit::of_order(conn, &staff.viewer, id).await?;
        let sightings = events::sightings(conn, id).await?;
        let tries = events::tries(conn, id).await?;
        Ok(Self {
            candidate: candidates::find(conn, id).await?,
            ats: tool_label(tool),
            invitation: Invitation::read(conn, app, &order, customer.as_ref()).await?,
            team: body.hiring_team.iter().map(team_member).collect(),
            description: description(body.description.as_deref())?,
            files,
            seen,
            last: deliveries::final_of_order(conn, id).await?,
            report: report(conn, app, id).await?,
            assignee,
            people: order_lists::staff_choices(conn).await?,
            timeline: timeline::entries(&lines, &sightings, &tries, may.traffic),
            reason,
            rule: RuleNote::read(conn, &order).await?,
            may,
            now: app.clock.now(),
            order,
            customer,
            instructions,
            integration,
        })
    }

    /// The candidate's name, or what stands for it.
    pub(super) fn name(&self) -> String {
        self.candidate
            .as_ref()
            .map_or_else(|| "Candidate (erased)".to_owned(), Candidate::full_name)
    }

    pub(super) fn pill(&self) -> Pill {
        if self.order.hold_until.is_some() {
            return Pill::HELD;
        }
        Pill::of(
            self.order.stage,
            self.order.stuck,
            self.last.as_ref().map(|last| last.state),
        )
    }

    /// When it is due, while it is worked on.
    pub(super) fn due(&self) -> Option<Due> {
        self.order.stage.is_live().then(|| Due::of(self.order.due_at, self.now))
    }

    /// Since when it is paused.
    pub(super) fn paused_since(&self) -> Timestamp {
        self.order.paused_at.unwrap_or(self.now)
    }

    /// The job in one line.
    pub(super) fn job(&self) -> String {
        let order = &self.order;
        let code = order.job_code.as_ref().map(|code| format!("({code})"));
        let name = [order.job_name.clone(), code].into_iter().flatten().collect::<Vec<_>>();
        let parts = [Some(name.join(" ")), order.job_location.clone()];
        let parts = parts.into_iter().flatten().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(", ")
    }

    /// What Kombo was last seen to hold, in words.
    pub(super) fn kombo(&self) -> &'static str {
        self.order.kombo_status.map_or("not seen yet", |status| match status {
            KomboStatus::Open => "open",
            KomboStatus::Completed => "completed",
            KomboStatus::Cancelled => "cancelled",
            KomboStatus::Rejected => "rejected",
        })
    }

    /// The time that is left while the webhook waits, and what happens then.
    pub(super) fn hold(&self) -> Option<(Left, &'static str)> {
        let left = Left::of(self.order.hold_until?, self.now);
        let settings = self.customer.as_ref().map(|customer| customer.hold_else);
        let otherwise = self.order.hold_else.or(settings);
        Some((left, held::then(otherwise)))
    }

    /// What was decided, and by whom.
    pub(super) fn decision(&self) -> String {
        let verb = match self.order.decision {
            Some(Decision::Accept) => "Accepted",
            Some(Decision::Reject) => "Rejected",
            None if self.order.stage == Stage::Received => return "Waiting for a person".to_owned(),
            None => return "None of ours".to_owned(),
        };
        let by = match self.order.decided_by {
            Some(DecidedBy::Rule) if self.rule.is_some() => "by a rule",
            Some(DecidedBy::Rule) => "by the customer’s settings",
            Some(DecidedBy::Staff) => "by a person",
            Some(DecidedBy::Kombo) | None => "before it reached us",
        };
        format!("{verb} {by}")
    }

    /// Whether a result can be typed in.
    pub(super) fn can_enter(&self) -> bool {
        self.may.enter && self.order.stage.is_live() && self.order.stage != Stage::Received
    }

    /// What the person is told first: what stands in the way, and what to do.
    pub(super) fn banners(&self) -> Vec<Banner> {
        banners(self)
    }

    /// The final word that waits or is under way.
    pub(super) fn leaving(&self) -> Option<Leaving> {
        let last = self.last.as_ref().filter(|_| self.order.stage == Stage::Closing)?;
        let what = match self.order.final_status {
            Some(FinalStatus::Cancelled) => "Cancellation",
            _ => "Result",
        };
        let may = if self.order.final_status == Some(FinalStatus::Cancelled) {
            self.may.cancel
        } else {
            self.may.release
        };
        let can_undo = may && self.order.stage_before.is_some_and(Stage::is_live);
        match last.state {
            DeliveryState::Waiting if last.due_at > self.now => Some(Leaving {
                text: format!("{what} leaves in"),
                seconds: Some(last.due_at.since(self.now).as_secs().max(1)),
                can_undo,
            }),
            DeliveryState::Waiting => Some(Leaving {
                text: format!("{what} is about to leave"),
                seconds: None,
                can_undo,
            }),
            DeliveryState::Parked => Some(Leaving {
                text: format!("{what} waits until the integration works again"),
                seconds: None,
                can_undo,
            }),
            DeliveryState::Sending => Some(Leaving {
                text: format!("{what} is leaving now"),
                seconds: None,
                can_undo: false,
            }),
            DeliveryState::Ambiguous => Some(Leaving {
                text: "Asking Kombo whether it arrived".to_owned(),
                seconds: None,
                can_undo: false,
            }),
            _ => None,
        }
    }
}

impl May {
    fn of(staff: &Staff) -> Self {
        let may = |permission| staff.viewer.can(permission);
        Self {
            decide: may(Permission::DecideOrders),
            enter: may(Permission::EnterResults),
            review: may(Permission::ReviewResults),
            release: may(Permission::ReleaseResults),
            cancel: may(Permission::CancelOrders),
            traffic: may(Permission::ViewTraffic),
            customers: may(Permission::ViewCustomers),
        }
    }
}

/// A final word on its way: what is said, for how long it can still be undone, and whether this person may.
pub(super) struct Leaving {
    pub(super) text: String,
    pub(super) seconds: Option<u64>,
    pub(super) can_undo: bool,
}

/// Something to be seen before all else.
pub(super) struct Banner {
    pub(super) tone: &'static str,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) deeds: Vec<(&'static str, &'static str)>,
}

fn banner(tone: &'static str, title: impl Into<String>, text: impl Into<String>) -> Banner {
    Banner {
        tone,
        title: title.into(),
        text: text.into(),
        deeds: Vec::new(),
    }
}

fn banners(view: &View) -> Vec<Banner> {
    let order = &view.order;
    let mut all = Vec::new();
    if order.stuck {
        all.push(stuck(view));
    }
    if let Some(conflict) = order.conflict {
        let mut told = banner("bad", conflict.label(), conflict_advice(conflict));
        let may = view.may.release && (view.may.cancel || order.final_status != Some(FinalStatus::Cancelled));
        if conflict == Conflict::StillOpen && may && order.final_status.is_some() {
            told.deeds.push(("send-again", "Send it again"));
        }
        all.push(told);
    }
    if order.unreachable && !order.stage.is_end() {
        let mut told = banner(
            "bad",
            "Nothing can reach the ATS any more.",
            "The customer’s integration was deleted. If it will not come back, close the order here; the recruiter will not hear of it from us.",
        );
        if view.may.cancel {
            told.deeds.push(("close-here", "Close here"));
        }
        all.push(told);
    }
    if order.not_in_kombo {
        all.push(banner(
            "soft",
            "Kombo no longer lists this order.",
            "It may have been removed in the ATS. Ask the customer before you put more work into it.",
        ));
    }
    if order.unknown_package && !order.stage.is_end() {
        all.push(banner(
            "soft",
            format!("The package ‘{}’ is not one that we offered.", order.package_key),
            "Accept it if you know what was meant, or cancel it with a reason that the recruiter can read.",
        ));
    }
    if order.differs {
        all.push(banner(
            "soft",
            "Its webhook came again with other data.",
            "What you see here is what came first. The inbox has both.",
        ));
    }
    if order.stage == Stage::Received
        && let Some(text) = &order.reason_text
    {
        all.push(banner(
            "soft",
            if view.rule.is_some() {
                "A rule would have rejected this order."
            } else {
                "The customer’s settings would have rejected this order."
            },
            format!("No webhook was waiting for the answer, so that is no longer possible. You can cancel it with the same words: ‘{text}’"),
        ));
    }
    all
}

/// A final word that was refused or given up, with Kombo's words.
fn stuck(view: &View) -> Banner {
    let said = view.last.as_ref().map(|last| {
        let parts = [
            last.last_code.as_deref(),
            last.last_message.as_deref().or(last.why.as_deref()),
        ];
        let parts = parts.into_iter().flatten().filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(": ")
    });
    let what = match view.order.final_status {
        Some(FinalStatus::Cancelled) => "The cancellation did not arrive.",
        _ => "The result did not arrive.",
    };
    let said = said.filter(|said| !said.is_empty());
    let text = said.map_or_else(
        || "It was given up. Take it back to change it, or send it again once the cause is mended.".to_owned(),
        |said| {
            format!(
                "{}. Take it back to change it, or send it again once the cause is mended.",
                said.trim_end_matches('.')
            )
        },
    );
    let mut told = banner("bad", what, text);
    let may = view.may.release && (view.may.cancel || view.order.final_status != Some(FinalStatus::Cancelled));
    if may {
        told.deeds.push(("release-again", "Send again"));
        if view.order.stage_before.is_some_and(Stage::is_live) {
            told.deeds.push(("take-back", "Take back"));
        }
    }
    told
}

const fn conflict_advice(conflict: Conflict) -> &'static str {
    match conflict {
        Conflict::NotByUs => {
            "Somebody wrote a result to Kombo by another way. Your draft is kept here. Ask the customer which one counts."
        }
        Conflict::RejectionArrived => "For the recruiter the order is rejected. What was done here since then is kept.",
        Conflict::OtherEnd => {
            "Both ends are shown here; nothing of ours was changed. Ask the customer which one counts."
        }
        Conflict::StillOpen => "The recruiter may not see the end yet.",
    }
}

fn team_member(member: &TeamMember) -> String {
    let name = [member.first_name.as_deref(), member.last_name.as_deref()];
    let name = name.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let roles = member.hiring_team_roles.iter().map(|role| match role {
        TeamRole::Recruiter => "recruiter",
        TeamRole::HiringManager => "hiring manager",
        TeamRole::Other(_) => "hiring team",
    });
    let roles = roles.collect::<Vec<_>>().join(", ");
    let parts = [name, roles, member.email.clone().unwrap_or_default()];
    parts
        .into_iter()
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join(", ")
}

/// The job's description with nothing in it but text and its shape, as a page for a sandboxed frame.
fn description(told: Option<&str>) -> Result<Option<String>, Error> {
    let Some(told) = told.filter(|told| !told.trim().is_empty()) else {
        return Ok(None);
    };
    let tags = ["p", "br", "ul", "ol", "li", "strong", "em", "b", "i", "h3", "h4", "a"];
    let clean = ammonia::Builder::empty()
        .tags(tags.into())
        .add_tag_attributes("a", ["href"])
        .url_schemes(["http", "https", "mailto"].into())
        .link_rel(Some("noopener noreferrer"))
        .clean_content_tags(["script", "style"].into())
        .clean(told)
        .to_string();
    Description { html: &clean }.render().map(Some).map_err(Error::internal)
}

/// The address of the order's report, where one was made and not withdrawn.
async fn report(conn: &mut Conn, app: &App, id: OrderId) -> Result<Option<String>, Error> {
    let Some(link) = links::current(conn, id, Purpose::Report).await? else {
        return Ok(None);
    };
    let token = links::token(conn, &app.vault, &link).await?;
    Ok(Some(app.config.link(&format!("/r/{token}"))))
}
