//! `/orders/{id}`: everything about one order, and what can be done with it.

mod invitation;
mod rule_note;
pub(in crate::desk) mod sentences;
mod timeline;
mod view;

use super::reason_field::{self, About, ReasonField};
use crate::actions::work::Work;
use crate::actions::{self, final_word, invite, order_work, result_draft, start_link};
use crate::app::App;
use crate::auth::{Access, Route, Staff};
use crate::domain::ids::{FileId, OrderId, StaffId};
use crate::domain::order::{DecidedBy, FinalStatus, Source, Stage};
use crate::domain::reason::ReasonUse;
use crate::domain::role::Permission;
use crate::store::{audit, blobs, files, orders};
use crate::web::next::local_path;
use crate::web::{self, Error, FormState, Frame, Hx, Notice, Page, Path, Section, filters};
use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use view::View;

/// What a person does with an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Accept,
    Reject,
    Invited,
    Started,
    Pause,
    Resume,
    Assign,
    Cancel,
    Review,
    Return,
    Release,
    Undo,
    ReleaseAgain,
    TakeBack,
    SendAgain,
    CloseHere,
    RevokeReport,
    RenewReport,
    RevokeStart,
    RenewStart,
    Invite,
    CorrectAddress,
}

/// The route of a deed; the address says it in a word.
macro_rules! deed {
    ($path:literal, $permission:ident, $deed:ident) => {
        Route::post(
            $path,
            Access::Needs(Permission::$permission),
            |app: State<App>, staff: Staff, hx: Hx, id: Path<OrderId>, form: FormState| {
                act(app.0, staff, hx, id.0, form, Deed::$deed)
            },
        )
    };
}

pub(super) fn routes() -> Vec<Route> {
    let see = Access::Needs(Permission::ViewOrders);
    let cancel = Access::Needs(Permission::CancelOrders);
    let decide = Access::Needs(Permission::DecideOrders);
    vec![
        Route::get("/orders/{id}", see, show),
        Route::get("/orders/{id}/files/{file}", see, download),
        Route::post("/orders/{id}/cancel/preview", cancel, preview_cancellation),
        Route::post("/orders/{id}/cancel/text", cancel, use_for_cancellation),
        Route::post("/orders/{id}/reject/preview", decide, preview_rejection),
        Route::post("/orders/{id}/reject/text", decide, use_for_rejection),
        deed!("/orders/{id}/accept", DecideOrders, Accept),
        deed!("/orders/{id}/reject", DecideOrders, Reject),
        deed!("/orders/{id}/invited", DecideOrders, Invited),
        deed!("/orders/{id}/started", DecideOrders, Started),
        deed!("/orders/{id}/pause", DecideOrders, Pause),
        deed!("/orders/{id}/resume", DecideOrders, Resume),
        deed!("/orders/{id}/assign", DecideOrders, Assign),
        deed!("/orders/{id}/cancel", CancelOrders, Cancel),
        deed!("/orders/{id}/review", EnterResults, Review),
        deed!("/orders/{id}/return", ReviewResults, Return),
        deed!("/orders/{id}/release", ReleaseResults, Release),
        deed!("/orders/{id}/undo", ReleaseResults, Undo),
        deed!("/orders/{id}/release-again", ReleaseResults, ReleaseAgain),
        deed!("/orders/{id}/take-back", ReleaseResults, TakeBack),
        deed!("/orders/{id}/send-again", ReleaseResults, SendAgain),
        deed!("/orders/{id}/close-here", CancelOrders, CloseHere),
        deed!("/orders/{id}/report/revoke", ReleaseResults, RevokeReport),
        deed!("/orders/{id}/report/renew", ReleaseResults, RenewReport),
        deed!("/orders/{id}/start/revoke", DecideOrders, RevokeStart),
        deed!("/orders/{id}/start/renew", DecideOrders, RenewStart),
        deed!("/orders/{id}/invite", DecideOrders, Invite),
        deed!("/orders/{id}/address", DecideOrders, CorrectAddress),
    ]
}

#[derive(Template)]
#[template(path = "desk/order.html", blocks = ["order"])]
struct OrderPage {
    frame: Frame,
    view: View,
    form: FormState,
    open: Option<Deed>,
    /// What the recruiter reads where it is cancelled, or rejected while its webhook waits.
    reason: ReasonField,
    /// Where that form leads to; empty: to this page again.
    next: String,
    me: StaffId,
    delay: u64,
}

/// What the address of an order's page asks for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    /// `cancel`: with the form open that rejects or cancels, whichever is possible.
    open: String,
    /// Where that form leads back to.
    next: String,
}

async fn show(
    State(app): State<App>,
    staff: Staff,
    hx: Hx,
    Path(id): Path<OrderId>,
    Query(asked): Query<Asked>,
) -> Result<Response, Error> {
    let mut page = page(&app, &staff, id, FormState::default(), None).await?;
    page.next = asked.next;
    if asked.open == "cancel" {
        page.open = Some(if page.view.order.hold_until.is_some() {
            Deed::Reject
        } else {
            Deed::Cancel
        });
    }
    Ok(hx.answer(&page, &page.as_order()))
}

fn about(view: &View) -> About<'_> {
    About {
        order: &view.order,
        customer: view.customer.as_ref(),
        ats: &view.ats,
    }
}

async fn page(app: &App, staff: &Staff, id: OrderId, form: FormState, open: Option<Deed>) -> Result<OrderPage, Error> {
    let view = View::read(app, staff, id).await?;
    let frame = staff.frame(app, view.name(), Section::Orders).await?.of_order(id);
    let typed = matches!(open, Some(Deed::Cancel | Deed::Reject)).then_some(&form);
    let what = if view.order.hold_until.is_some() {
        ReasonUse::Rejection
    } else {
        ReasonUse::Cancellation
    };
    let reason = ReasonField::of(app, about(&view), what, typed).await?;
    Ok(OrderPage {
        reason,
        next: form.value("next").to_owned(),
        frame,
        view,
        form,
        open,
        me: staff.id,
        delay: app.config.release_delay.as_secs(),
    })
}

/// Does it, and leads back to the order (or to where the form says); what cannot be done is told on the order's page.
async fn act(app: App, staff: Staff, hx: Hx, id: OrderId, mut form: FormState, deed: Deed) -> Result<Response, Error> {
    let version = form.value("version").parse().unwrap_or_default();
    let mut work = app.begin(&staff.viewer).await?;
    let error = match carry_out(&mut work, id, version, deed, &form, &staff).await {
        Ok(()) => {
            work.commit().await?;
            app.outbox_bell.notify_one();
            staff.tell(&app, Notice::good(done(deed, &app))).await?;
            let next = form.value("next").to_owned();
            return Ok(hx.go(&if next.is_empty() {
                format!("/orders/{id}")
            } else {
                local_path(&next).to_owned()
            }));
        }
        Err(error) => error,
    };
    drop(work);
    let status = match error {
        actions::Error::Fields(faults) => {
            for (field, why) in faults {
                form.refuse(field, why);
            }
            StatusCode::UNPROCESSABLE_ENTITY
        }
        actions::Error::Refused(why) => {
            form.refuse_all(why);
            StatusCode::CONFLICT
        }
        error if error.is_changed() => {
            let mut told = overtaken(&app, &staff, id).await?;
            if deed == Deed::Reject {
                told.push(' ');
                told.push_str(&too_late(&app, &staff, id).await?);
            }
            form.refuse_all(told);
            StatusCode::CONFLICT
        }
        other => return Err(other.into()),
    };
    let page = page(&app, &staff, id, form, Some(deed)).await?;
    Ok((status, Page(page)).into_response())
}

async fn carry_out(
    work: &mut Work,
    id: OrderId,
    version: i64,
    deed: Deed,
    form: &FormState,
    staff: &Staff,
) -> Result<(), actions::Error> {
    let reason = form.value("reason");
    match deed {
        Deed::Accept => order_work::accept(work, id, version).await.map(drop),
        Deed::Reject => order_work::reject(work, id, version, reason, reason_field::chosen(form))
            .await
            .map(drop),
        Deed::Invited => order_work::mark_invited(work, id, version).await.map(drop),
        Deed::Started => order_work::mark_started(work, id, version).await.map(drop),
        Deed::Pause => order_work::pause(work, id, version, reason).await.map(drop),
        Deed::Resume => order_work::resume(work, id, version).await.map(drop),
        Deed::Assign => {
            let to = match form.value("to") {
                "" => None,
                "me" => Some(staff.id),
                id => Some(id.parse().map_err(|_| actions::Error::refused("Choose a person."))?),
            };
            order_work::assign(work, id, version, to).await.map(drop)
        }
        Deed::Cancel => order_work::cancel(work, id, version, reason, reason_field::chosen(form))
            .await
            .map(drop),
        Deed::Review => result_draft::send_to_review(work, id, version).await.map(drop),
        Deed::Return => result_draft::return_from_review(work, id, version).await.map(drop),
        Deed::Release => final_word::release(work, id, version).await.map(drop),
        Deed::Undo => final_word::undo(work, id, version).await.map(drop),
        Deed::ReleaseAgain => final_word::release_again(work, id, version).await.map(drop),
        Deed::TakeBack => final_word::take_back(work, id, version).await.map(drop),
        Deed::SendAgain => final_word::send_again(work, id, version).await.map(drop),
        Deed::CloseHere => final_word::close_here(work, id, version).await.map(drop),
        Deed::RevokeReport => final_word::revoke_report(work, id, false).await,
        Deed::RenewReport => final_word::revoke_report(work, id, true).await,
        Deed::RevokeStart => start_link::revoke(work, id, version).await.map(drop),
        Deed::RenewStart => start_link::renew(work, id, version).await.map(drop),
        Deed::Invite => invite::resend(work, id, version).await.map(drop),
        Deed::CorrectAddress => invite::correct_address(work, id, version, form.value("email"))
            .await
            .map(drop),
    }
}

/// What happened and what it means, said once.
fn done(deed: Deed, app: &App) -> String {
    let delay = app.config.release_delay.as_secs();
    match deed {
        Deed::Accept => "Accepted. The order is yours to work on.".into(),
        Deed::Reject => "Rejected in time. The recruiter reads your words in the ATS.".into(),
        Deed::Invited => "Noted that the candidate is invited.".into(),
        Deed::Started => "Noted that the candidate has started.".into(),
        Deed::Pause => "Paused. It stays in the lists, with your reason.".into(),
        Deed::Resume => "Resumed.".into(),
        Deed::Assign => "Assigned.".into(),
        Deed::Cancel => format!("The cancellation leaves in {delay} s. Until then you can undo it."),
        Deed::Review => "Sent to review. A reviewer can return it or release it.".into(),
        Deed::Return => "Returned: the result can be changed again.".into(),
        Deed::Release => format!("The result leaves in {delay} s. Until then you can undo it."),
        Deed::Undo => "Taken back. Nothing left; the order stands where it was.".into(),
        Deed::ReleaseAgain => format!("It leaves again in {delay} s."),
        Deed::TakeBack => "Taken back. The order can be worked on again.".into(),
        Deed::SendAgain => "It is on its way again.".into(),
        Deed::CloseHere => "Closed here. Nothing was sent.".into(),
        Deed::RevokeReport => {
            "The report’s address works no longer. Whoever opens it reads that it was withdrawn.".into()
        }
        Deed::Invite => "Asked for. Under ‘Invitation’ stands how it goes.".into(),
        Deed::CorrectAddress => "The address is corrected. Under ‘Invitation’ stands how it goes on.".into(),
        Deed::RevokeStart => "The start link works no longer. Whoever opens it reads that it was turned off.".into(),
        Deed::RenewStart => "There is a new start link; the old one works no longer. Pass the new one on.".into(),
        Deed::RenewReport => {
            "The report has a new address. The one that the ATS was sent works no longer: pass the new one on yourself."
                .into()
        }
    }
}

/// Who was faster, and when; what was typed is kept in its field.
async fn overtaken(app: &App, staff: &Staff, id: OrderId) -> Result<String, Error> {
    let mut conn = app.read().await?;
    let lines = audit::of_order(&mut conn, &staff.viewer, id).await?;
    drop(conn);
    // What one did oneself in another window is told only where nobody else did anything.
    let others = lines.iter().rev().find(|line| line.staff_id != Some(staff.id));
    let told = others.or(lines.last()).map(|line| (line, sentences::of_order(line)));
    let Some((line, (_, sentence))) = told else {
        return Ok("Somebody else changed this order first. Here is how it stands now.".to_owned());
    };
    let view = crate::web::TimeView::new(app.clock.now(), &staff.zone);
    Ok(format!(
        "This changed while you were looking ({}): {sentence} Here is how it stands now; nothing of yours was done.",
        view.ago(line.at)
    ))
}

/// Why it cannot be rejected any more, and what can be done instead.
async fn too_late(app: &App, staff: &Staff, id: OrderId) -> Result<String, Error> {
    let mut conn = app.read().await?;
    let order = orders::find(&mut conn, &staff.viewer, id)
        .await?
        .ok_or(Error::NotFound)?;
    Ok(order_work::too_late(&order))
}

/// What the recruiter would read, while the reason of a cancellation is typed.
async fn preview_cancellation(
    app: State<App>,
    staff: Staff,
    id: Path<OrderId>,
    form: FormState,
) -> Result<Response, Error> {
    preview(app.0, staff, id.0, form, ReasonUse::Cancellation).await
}

/// What the recruiter would read, while the reason of a rejection is typed.
async fn preview_rejection(
    app: State<App>,
    staff: Staff,
    id: Path<OrderId>,
    form: FormState,
) -> Result<Response, Error> {
    preview(app.0, staff, id.0, form, ReasonUse::Rejection).await
}

async fn preview(app: App, staff: Staff, id: OrderId, form: FormState, what: ReasonUse) -> Result<Response, Error> {
    let view = View::read(&app, &staff, id).await?;
    let field = ReasonField::of(&app, about(&view), what, Some(&form)).await?;
    Ok(Page(field.preview()).into_response())
}

/// The page with a reason of the library in the field of a cancellation, for browsers without JavaScript.
async fn use_for_cancellation(
    app: State<App>,
    staff: Staff,
    id: Path<OrderId>,
    form: FormState,
) -> Result<Response, Error> {
    use_reason(app.0, staff, id.0, form, Deed::Cancel).await
}

/// The page with a reason of the library in the field of a rejection, for browsers without JavaScript.
async fn use_for_rejection(
    app: State<App>,
    staff: Staff,
    id: Path<OrderId>,
    form: FormState,
) -> Result<Response, Error> {
    use_reason(app.0, staff, id.0, form, Deed::Reject).await
}

async fn use_reason(app: App, staff: Staff, id: OrderId, form: FormState, deed: Deed) -> Result<Response, Error> {
    let mut page = page(&app, &staff, id, form, Some(deed)).await?;
    page.reason.put_chosen();
    Ok(Page(page).into_response())
}

/// A file of the result, for staff, exactly as it was uploaded.
async fn download(
    State(app): State<App>,
    staff: Staff,
    Path((id, file)): Path<(OrderId, FileId)>,
) -> Result<Response, Error> {
    let mut conn = app.read().await?;
    let order = orders::find(&mut conn, &staff.viewer, id)
        .await?
        .ok_or(Error::NotFound)?;
    let file = files::find(&mut conn, file).await?;
    let file = file.filter(|file| file.order_id == order.id).ok_or(Error::NotFound)?;
    let leaving = blobs::Leaving::begin(&mut conn, &app.vault, &app.config.data_dir, &file).await;
    drop(conn);
    web::download::attachment(&file, leaving.map_err(Error::internal)?).await
}

impl OrderPage {
    /// Where the page is fetched again as it stands: with what its address asked for.
    fn again(&self) -> String {
        let path = format!("/orders/{}", self.view.order.id);
        if self.next.is_empty() {
            return path;
        }
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("next", &self.next)
            .finish();
        format!("{path}?{query}")
    }

    /// Whether this deed was just tried and its form stands open.
    fn is_open(&self, deed: Deed) -> bool {
        self.open == Some(deed)
    }

    fn is_mine(&self) -> bool {
        self.view.order.assignee == Some(self.me)
    }

    /// What was typed into a form that the order, as it stands now, has no more.
    fn lost_words(&self) -> Option<&str> {
        let words = self.form.value("reason").trim();
        let lost = self.open.is_some() && self.form.message().is_some() && !self.view.order.stage.is_live();
        (lost && !words.is_empty()).then_some(words)
    }

    /// The seconds for which a final word can be undone.
    fn release_delay(&self) -> u64 {
        self.delay
    }
}
