//! What must reach somebody else: its kinds, its states, and how long to wait between attempts.

use super::words::words;
use std::time::Duration;

words! {
    /// What kind of thing is delivered.
    pub enum DeliveryKind {
        /// A result, a cancellation or a progress update of an order.
        Result = "result", "Result";
        /// The packages of an integration.
        Publication = "publication", "Publication";
        /// A mail.
        Mail = "mail", "Mail";
        /// An event for the provider's own systems.
        Event = "event", "Event";
    }
}

words! {
    /// What a mail is for.
    pub enum MailPurpose {
        /// It gets a candidate started.
        Invitation = "invitation", "Invitation";
        /// It shows a staff member how an invitation reads.
        Test = "test", "Test mail";
        /// It carries a connection link to a customer.
        Connection = "connection", "Connection link";
    }
}

words! {
    /// How it stands with a delivery.
    pub enum DeliveryState {
        /// It waits for its time.
        Waiting = "waiting", "Waiting";
        /// A sender holds it.
        Sending = "sending", "Sending";
        /// It was sent and nobody knows whether it arrived: it is read back before it is sent again.
        Ambiguous = "ambiguous", "Fate unknown";
        /// It waits until its integration works again.
        Parked = "parked", "Parked";
        /// It arrived.
        Delivered = "delivered", "Delivered";
        /// It was refused, or tried too often.
        GivenUp = "given_up", "Given up";
        /// A newer one took its place.
        Superseded = "superseded", "Replaced by a newer one";
        /// It was taken back before it left.
        Withdrawn = "withdrawn", "Withdrawn";
    }
}

impl DeliveryState {
    /// Nothing will be sent any more unless a person asks for it.
    pub const fn is_over(self) -> bool {
        matches!(
            self,
            Self::Delivered | Self::GivenUp | Self::Superseded | Self::Withdrawn
        )
    }
}

words! {
    /// Why a delivery is read back before it is sent again.
    pub enum Doubt {
        /// It was sent and nobody knows whether it arrived.
        Unknown = "unknown", "Nobody knows whether it arrived";
        /// It was refused, perhaps because it had arrived before.
        Refused = "refused", "It was refused, perhaps because it had arrived before";
    }
}

words! {
    /// How one attempt ended.
    pub enum Outcome {
        /// The other side took it.
        Delivered = "delivered", "Delivered";
        /// It failed in a way that may pass.
        Retry = "retry", "To be tried again";
        /// It was refused: a person must look.
        Refused = "refused", "Refused";
        /// The integration does not work at present.
        Parked = "parked", "Integration not working";
        /// No answer: it may or may not have arrived.
        Unknown = "unknown", "No answer";
        /// The order or the packages were read back to learn its fate.
        ReadBack = "read_back", "Read back";
        /// The sender took too long and another one had taken over.
        LostLease = "lost_lease", "Overtaken by another sender";
    }
}

/// The waits between attempts unless settings say otherwise: after the first attempt the first, and so on.
pub const DEFAULT_WAITS: [Duration; 11] = [
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(30),
    Duration::from_mins(2),
    Duration::from_mins(10),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(6),
    Duration::from_hours(12),
    Duration::from_hours(24),
    Duration::from_hours(24),
];

/// Why something that goes through a parked integration does not leave.
pub const PARKED: &str = "The integration does not work at present.";

/// The most deliveries that may be under way for one integration (Kombo refuses more than 30).
pub const MAX_IN_FLIGHT: usize = 20;

/// The most mails that may be under way at once: mail servers take a few conversations at a time.
pub const MAILS_IN_FLIGHT: usize = 4;

/// The longest `Retry-After` that is honoured: a longer one would hide a delivery from everybody.
pub const MAX_RETRY_AFTER: Duration = Duration::from_hours(24);

/// How long a released result or a cancellation can be undone, unless settings say otherwise.
pub const DEFAULT_RELEASE_DELAY: Duration = Duration::from_mins(1);

/// How long to wait after attempt `number` (from 1) failed; `None`: give up, a person must look.
///
/// Full jitter: somewhere between zero and the wait of the schedule, by `jitter` (0 to 1), so that what failed together
/// does not come back together. Never earlier than the other side asked for; its time is spread by up to a tenth.
pub fn wait_before(number: u32, waits: &[Duration], jitter: f64, retry_after: Option<Duration>) -> Option<Duration> {
    let place = usize::try_from(number.checked_sub(1)?).ok()?;
    let wait = *waits.get(place)?;
    let jitter = if jitter.is_finite() {
        jitter.clamp(0.0, 1.0)
    } else {
        1.0
    };
    let asked = retry_after.unwrap_or_default().min(MAX_RETRY_AFTER);
    Some(part(wait, jitter).max(asked + part(asked, 0.1 * jitter)))
}

/// `share` (0 to 1) of a wait, whatever its length.
fn part(wait: Duration, share: f64) -> Duration {
    Duration::try_from_secs_f64(wait.as_secs_f64() * share).unwrap_or(wait)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAITS: [Duration; 2] = [Duration::from_secs(10), Duration::from_secs(100)];

    #[test]
    fn a_wait_lies_between_zero_and_the_schedule() {
        assert_eq!(wait_before(1, &WAITS, 0.0, None), Some(Duration::ZERO));
        assert_eq!(wait_before(1, &WAITS, 0.5, None), Some(Duration::from_secs(5)));
        assert_eq!(wait_before(2, &WAITS, 1.0, None), Some(Duration::from_secs(100)));
        assert_eq!(wait_before(2, &WAITS, f64::NAN, None), Some(Duration::from_secs(100)));
    }

    #[test]
    fn after_the_last_wait_it_is_given_up() {
        assert_eq!(wait_before(3, &WAITS, 0.5, None), None);
        assert_eq!(wait_before(3, &WAITS, 0.5, Some(Duration::from_secs(1))), None);
        assert_eq!(wait_before(0, &WAITS, 0.5, None), None);
    }

    #[test]
    fn nothing_is_sent_earlier_than_the_other_side_asked_for() {
        let asked = Duration::from_mins(1);
        for jitter in [0.0, 0.3, 1.0] {
            let wait = wait_before(1, &WAITS, jitter, Some(asked)).expect("a wait");
            assert!(wait >= asked && wait <= asked.mul_f64(1.1));
        }
        let long = wait_before(1, &WAITS, 0.0, Some(Duration::MAX)).expect("a wait");
        assert_eq!(long, MAX_RETRY_AFTER);
    }
}
