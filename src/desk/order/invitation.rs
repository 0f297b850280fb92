//! Where the candidate of an order stands: what became of the invitation, what stands in its way, and the start link.

use crate::actions::start_link;
use crate::app::App;
use crate::domain::delivery::DeliveryState;
use crate::domain::ids::PackageId;
use crate::domain::order::{InviteProblem, Stage};
use crate::domain::time::Timestamp;
use crate::store::customers::CustomerRow;
use crate::store::deliveries::{DeliveryRow, mails};
use crate::store::orders::OrderRow;
use crate::store::{Conn, Error};

/// What the panel shows.
pub(in crate::desk) struct Invitation {
    /// How it stands, in a sentence.
    pub(super) text: String,
    /// Since when.
    pub(super) at: Option<Timestamp>,
    /// What stands in the way.
    pub(super) problem: Option<InviteProblem>,
    /// The address of the start page, where a link works.
    pub(super) link: Option<String>,
    /// The package that lacks a start address, where we know it.
    pub(super) lacks_start: Option<PackageId>,
    /// This order's candidate is written to from here.
    pub(super) by_mail: bool,
    /// The mail is under way, so there is nothing to send again.
    pub(super) under_way: bool,
}

impl Invitation {
    /// Reads it; `None` where nobody has taken the order in, or it is over.
    pub(super) async fn read(
        conn: &mut Conn,
        app: &App,
        order: &OrderRow,
        customer: Option<&CustomerRow>,
    ) -> Result<Option<Self>, Error> {
        if order.stage == Stage::Received || !order.stage.is_live() {
            return Ok(None);
        }
        let mail = mails::newest_of_order(conn, order.id).await?;
        let by_mail = !order.inline && app.config.mail.is_some() && customer.is_some_and(|customer| customer.invite);
        let (text, at) = standing(order, mail.as_ref(), by_mail);
        let lacks_start = match order.package_id {
            Some(package) if !start_link::leads_somewhere(conn, order).await? => Some(package),
            _ => None,
        };
        Ok(Some(Self {
            text,
            at,
            problem: order.invite_problem,
            link: start_link::current(conn, app.tools(), order.id).await?,
            lacks_start,
            by_mail,
            under_way: mail.is_some_and(|mail| !mail.state.is_over()),
        }))
    }

    /// Whether a mail sent now can arrive: one is set up, none is under way, and what it needs is there.
    pub(super) fn can_send(&self) -> bool {
        let is_complete = match self.problem {
            Some(InviteProblem::NoAddress) => false,
            Some(InviteProblem::NoStart) => self.lacks_start.is_none(),
            Some(InviteProblem::Refused | InviteProblem::Failed) | None => true,
        };
        self.by_mail && !self.under_way && is_complete
    }

    /// Whether the address is what has to be mended.
    pub(super) fn wants_address(&self) -> bool {
        matches!(
            self.problem,
            Some(InviteProblem::NoAddress | InviteProblem::Refused | InviteProblem::Failed)
        )
    }

    /// Whether a person can only note that they have invited the candidate themselves.
    pub(super) fn by_hand(&self) -> bool {
        !self.by_mail || self.problem.is_some()
    }
}

fn standing(order: &OrderRow, mail: Option<&DeliveryRow>, by_mail: bool) -> (String, Option<Timestamp>) {
    if !matches!(order.stage, Stage::Accepted | Stage::Invited) {
        return ("The candidate has started.".to_owned(), None);
    }
    if let Some(problem) = order.invite_problem {
        return (problem.label().to_owned(), None);
    }
    let said = |text: &str| (text.to_owned(), None);
    match mail.map(|mail| (mail, mail.state)) {
        Some((_, DeliveryState::Waiting)) if order.paused_at.is_some() => {
            said("The invitation rests while the order is paused.")
        }
        Some((mail, DeliveryState::Waiting)) if mail.attempts == 0 => said("The invitation is about to leave."),
        Some((mail, DeliveryState::Waiting)) => (
            format!(
                "The mail server did not take the invitation yet. {} The next try comes by itself:",
                mail.last_message.as_deref().unwrap_or_default()
            ),
            Some(mail.due_at),
        ),
        Some((_, DeliveryState::Sending)) => said("The invitation is leaving now."),
        Some((_, DeliveryState::Ambiguous)) => said("Nobody knows yet whether the mail server took the invitation."),
        Some((mail, DeliveryState::Delivered)) => ("The mail server took the invitation".to_owned(), mail.finished_at),
        Some((_, DeliveryState::GivenUp | DeliveryState::Parked)) => said("The invitation could not be sent."),
        Some((_, DeliveryState::Superseded | DeliveryState::Withdrawn)) | None if order.inline => {
            said("The candidate came from the career page and was led to the start page.")
        }
        Some((_, DeliveryState::Superseded | DeliveryState::Withdrawn)) | None if order.stage == Stage::Invited => {
            said("Invited by hand.")
        }
        _ if by_mail => said("No invitation is on its way."),
        _ => said("No mail is sent from here for this order. Pass the start link on to the candidate, then note it."),
    }
}
