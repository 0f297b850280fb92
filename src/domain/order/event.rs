//! What can happen to an order, and what a step asks to be carried out.

use super::{Conflict, Decision, FinalStatus, KomboStatus, Source};
use crate::domain::intake::Verdict;
use crate::domain::time::Timestamp;

/// An order that we see for the first time: what [`begin`](super::begin) is given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// How it reached us.
    pub source: Source,
    /// The candidate is waiting in the career page.
    pub inline: bool,
    /// What Kombo holds.
    pub status: KomboStatus,
    /// What the customer's settings decide.
    pub verdict: Verdict,
    /// The answer is to wait for a person until then; never for inline orders or for those found in the list.
    pub hold_until: Option<Timestamp>,
}

/// A webhook that came again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repeat {
    /// The status that it tells.
    pub status: KomboStatus,
    /// The candidate is waiting in the career page (an order from the list does not tell that).
    pub inline: bool,
    /// It tells other data than the first one did.
    pub differs: bool,
    /// What the customer's settings decide now, in case no answer ever left.
    pub verdict: Verdict,
    /// In that case the answer is to wait for a person until then.
    pub hold_until: Option<Timestamp>,
}

/// What can happen to an order that is here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Its webhook came again.
    Repeated(Repeat),
    /// Our answer was written to a live connection.
    AnswerLeft,
    /// A person decides.
    Decided(Decision),
    /// The hold's time is up, or the process is asked to stop: the setting decides.
    HoldEnded(Verdict),
    /// Kombo hung up during the hold, or the process died.
    HoldLost,
    /// Found in the list and no webhook came in time: the setting decides.
    UndecidedEnded(Verdict),
    /// The mail server took the invitation.
    InvitationTaken,
    /// The invitation failed for good.
    InvitationFailed,
    /// A person has the invitation sent again.
    InvitationResent,
    /// A person corrected the candidate's address.
    AddressCorrected,
    /// The candidate pressed 'Start'.
    CandidateStarted,
    /// A draft was sent to review.
    SentToReview,
    /// A review returned the draft.
    ReviewReturned,
    /// A person pauses it.
    Paused,
    /// A person resumes it.
    Resumed,
    /// It was given to a staff member, or to nobody.
    Assigned,
    /// A person releases the result.
    Released,
    /// A person cancels it with a reason.
    Cancelled,
    /// A person takes back what waits to leave.
    Undone,
    /// Kombo took the final word.
    Delivered,
    /// Nobody knows whether the final word arrived.
    FateUnknown,
    /// Kombo refused the final word.
    FinalRefused,
    /// After an unknown fate or a refusal, the order was read back.
    ReadBack {
        /// What it shows.
        status: KomboStatus,
        /// Kombo had refused the final word; else its fate was unknown.
        refused: bool,
    },
    /// The final word was tried too often.
    GaveUp,
    /// The integration does not work (`INTEGRATION.*` or an authentication error).
    Parked,
    /// The integration works again, or a person says so.
    Woken,
    /// Given up: a person mended it and releases it again.
    ReleasedAgain,
    /// Given up: a person takes it back.
    TakenBack,
    /// Ended here and open in Kombo: a person sends the final word again.
    FinalSentAgain,
    /// Kombo was seen to hold this status.
    Observed {
        /// The status.
        status: KomboStatus,
        /// When the read began.
        at: Timestamp,
    },
    /// Kombo's list did not have it.
    Absent {
        /// When the read began.
        at: Timestamp,
    },
    /// The integration was deleted.
    IntegrationDeleted,
    /// A person closes an order that can no longer be reached.
    ClosedHere,
}

/// What the webhook is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Answer {
    /// 200: taken.
    Taken,
    /// 422 with the text.
    Rejected,
    /// 200 with the address of the waiting candidate's start page.
    StartAddress,
}

/// What stands in the timeline beside the change of stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Note {
    /// Somebody cancelled it in the ATS.
    CancelledInAts,
    /// It was over when we first saw it.
    OverOnArrival,
    /// Kombo shows what we decided.
    Confirmed,
    /// Its fate was unknown and Kombo shows that it did arrive.
    ConfirmedByReadBack,
    /// Our rejection never arrived, so a cancellation with the same text follows.
    RejectionDidNotArrive,
    /// The webhook's answer could not be given in time.
    HoldLost,
    /// A person closed it here without a word to Kombo.
    ClosedHere,
}

/// What an action must carry out in the same transaction as the change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Answer the webhook.
    Answer(Answer),
    /// Let this webhook wait for the hold that is already running.
    JoinHold,
    /// Queue the invitation, where this customer's candidates are invited by us.
    QueueInvitation,
    /// Name the problem with the invitation, with the field that mends it.
    NameInvitationProblem,
    /// Stop mails and reminders to the candidate.
    StopMails,
    /// Queue a progress update, where the ATS takes it.
    QueueProgress,
    /// Queue the final word, with or without the release delay.
    QueueFinal {
        /// Which word.
        status: FinalStatus,
        /// Whether it waits for the release delay.
        delay: bool,
    },
    /// Send the final word that is already there once more (it did not arrive).
    SendFinalAgain,
    /// Mark the given-up final word as replaced by the one that is queued next.
    SupersedeFinal,
    /// Take the waiting final word back, by one conditional update.
    WithdrawFinal,
    /// Read the order back from Kombo.
    ReadBack,
    /// Park the integration's deliveries.
    ParkDeliveries,
    /// Wake the integration's deliveries.
    WakeDeliveries,
    /// The candidate's start link stops working.
    TurnOffStartLink,
    /// The report shows what was sent.
    TurnOnReport,
    /// The result becomes read-only.
    LockResult,
    /// The result has not left after all: it is a draft again.
    UnlockResult,
    /// The draft goes to review.
    ResultToReview,
    /// The result in review becomes a draft again.
    ResultToDraft,
    /// Propose to a person that the order be cancelled with this text.
    ProposeCancellation(String),
    /// Show the disagreement.
    MarkConflict(Conflict),
    /// Put it on *Today*.
    ShowOnToday,
    /// Write it into the timeline.
    Note(Note),
}
