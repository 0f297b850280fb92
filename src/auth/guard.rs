//! Lets a request through to its handler, or not.

use super::route::Access;
use super::session::{self, Staff};
use crate::app::App;
use crate::domain::role::Permission;
use crate::web::frame::{FrameSlot, Section};
use crate::web::{Error, Frame, Hx};
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tower_sessions::Session;

/// What the guard of one route knows.
#[derive(Clone, Debug)]
pub(super) struct Guard {
    pub(super) app: App,
    pub(super) access: Access,
    pub(super) quiet: bool,
}

/// Sent with what a page asks for by itself, without its person having done anything.
pub const BY_ITSELF: &str = "assessdesk-live";

/// Finds out who asks, refuses who may not, and leaves [`Staff`] for the handler.
pub(super) async fn admit(State(guard): State<Guard>, mut request: Request, next: Next) -> Response {
    let needed = match guard.access {
        Access::Public => return next.run(request).await,
        Access::SignedIn => None,
        Access::Needs(permission) => Some(permission),
    };
    let Some(session) = request.extensions().get::<Session>().cloned() else {
        return session::no_layer().into_response();
    };
    let quiet = guard.quiet || request.headers().contains_key(BY_ITSELF);
    let staff = match session::find(&guard.app, &session, quiet).await {
        // A part of a page has no room for what is to be said once: that waits for the next whole page.
        Ok(Some(staff)) if Hx::read(request.headers()).partial => staff.without_notices(),
        Ok(Some(staff)) => staff,
        Ok(None) => return Error::SignIn.into_response(),
        Err(error) => return error.into_response(),
    };
    let slot = request.extensions().get::<FrameSlot>().cloned();
    let lacking = needed.filter(|permission| !staff.viewer.can(*permission));
    let response = if let Some(permission) = lacking {
        refusal(&staff, permission).into_response()
    } else {
        request.extensions_mut().insert(staff.clone());
        next.run(request).await
    };
    if let Some(slot) = slot.filter(|_| response.status().as_u16() >= 400) {
        leave_frame(&guard.app, &staff, &slot).await;
    }
    response
}

fn refusal(staff: &Staff, permission: Permission) -> Error {
    Error::Forbidden {
        reason: format!(
            "Your role, {}, may not do this: it takes the right ‘{}’. An administrator can give you another role.",
            staff.viewer.role.label(),
            permission.label()
        ),
    }
}

/// An error page stands in the same frame as the page would have.
async fn leave_frame(app: &App, staff: &Staff, slot: &FrameSlot) {
    let title = "Not possible";
    let frame = match staff.frame(app, title, Section::Elsewhere).await {
        Ok(frame) => frame,
        Err(_) => Frame::desk(title, Section::Elsewhere, staff.badge(), app.clock.now()),
    };
    slot.put(&frame);
}
