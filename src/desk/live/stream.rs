//! One open event stream, from its first event to its last.

use super::gather::Gathered;
use super::sight::Sight;
use crate::app::App;
use crate::app::streams::Seat;
use crate::auth::Staff;
use crate::live::{Hint, Kind};
use crate::web::Error;
use bytes::Bytes;
use futures_util::stream::{Stream, unfold};
use std::convert::Infallible;
use std::time::Duration;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::{RecvError, TryRecvError};
use tokio::time::{Instant, sleep_until};

/// How long hints are gathered before they are told.
const GATHER: Duration = Duration::from_millis(150);
/// How far apart two events stand at least.
const APART: Duration = Duration::from_millis(400);
/// By how much later than others a stream tells at most. All of them hear of the same commit in the same moment; told in
/// the same moment, too, hundreds of them would hold up the next webhook.
const SPREAD: Duration = Duration::from_millis(300);
/// Over how many shares of that time the streams are spread.
const SHARES: u32 = 60;
/// What a stream begins with: nothing is behind yet, and a browser that loses it comes again after two seconds.
const HELLO: &str = "retry: 2000\n: hello\n\n";
/// A comment for whatever lies on the way, and an event for the page, which notices when it stays away.
const HEARTBEAT: &str = ":\nevent: beat\ndata: {}\n\n";

/// Why a stream ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    /// The program stops.
    Stopping,
    /// The session is over: signed out, disabled, expired.
    SignedOut,
    /// The person's role or reach is another now.
    Changed,
    /// A newer stream of the same person took its place.
    Replaced,
}

impl End {
    const fn event(self) -> &'static str {
        match self {
            Self::Stopping => "event: over\ndata: {\"why\":\"stopping\"}\n\n",
            Self::SignedOut => "event: over\ndata: {\"why\":\"signed-out\"}\n\n",
            Self::Changed => "event: over\ndata: {\"why\":\"changed\"}\n\n",
            Self::Replaced => "event: over\ndata: {\"why\":\"replaced\"}\n\n",
        }
    }
}

/// What a stream knows. No task runs for it: it moves when its connection asks for the next piece.
struct Open {
    app: App,
    staff: Staff,
    seat: Seat,
    sight: Sight,
    hints: Receiver<Hint>,
    told_at: Instant,
    /// How much later than the earliest this one tells.
    later: Duration,
    beat_at: Instant,
    said_hello: bool,
    is_over: bool,
}

/// Opens a stream for this person.
pub(super) async fn open(
    app: App,
    staff: Staff,
) -> Result<impl Stream<Item = Result<Bytes, Infallible>> + Send + 'static, Error> {
    // Heard from before anything is read, so that nothing slips through in between.
    let hints = app.live.listen();
    let sight = Sight::of(&app, staff.viewer).await?;
    let seat = app.streams.open(staff.id);
    app.presence.seen(&staff.viewer, app.clock.now());
    let now = Instant::now();
    let open = Open {
        later: SPREAD / SHARES * seat.share(SHARES),
        hints,
        sight,
        seat,
        told_at: now,
        beat_at: now + app.config.live_heartbeat,
        said_hello: false,
        is_over: false,
        app,
        staff,
    };
    Ok(unfold(open, |mut open| async move {
        let piece = open.next().await?;
        Some((Ok(Bytes::from(piece)), open))
    }))
}

impl Open {
    /// The next piece to be written; `None` after the last one.
    async fn next(&mut self) -> Option<String> {
        if self.is_over {
            return None;
        }
        if !self.said_hello {
            self.said_hello = true;
            return Some(HELLO.to_owned());
        }
        let piece = self.wait().await;
        Some(match piece {
            Ok(piece) => piece,
            Err(end) => {
                self.is_over = true;
                if end == End::SignedOut && self.app.streams.of(self.staff.id) <= 1 {
                    self.app.presence.gone(self.staff.id);
                }
                end.event().to_owned()
            }
        })
    }

    /// Waits for hints that this person may see, for the next heartbeat, or for the end.
    async fn wait(&mut self) -> Result<String, End> {
        let stop = self.app.stop.clone();
        let replaced = self.seat.replaced.clone();
        tokio::select! {
            biased;
            () = stop.cancelled() => Err(End::Stopping),
            () = replaced.cancelled() => Err(End::Replaced),
            piece = self.listen() => piece,
        }
    }

    async fn listen(&mut self) -> Result<String, End> {
        loop {
            tokio::select! {
                biased;
                () = sleep_until(self.beat_at) => return self.beat().await,
                hint = self.hints.recv() => {
                    let mut gathered = Gathered::default();
                    self.take(hint, &mut gathered).await?;
                    if !gathered.is_empty() {
                        self.gather(&mut gathered).await?;
                        return Ok(gathered.event());
                    }
                }
            }
        }
    }

    /// Waits a moment for what comes with it, without being woken by each.
    async fn gather(&mut self, gathered: &mut Gathered) -> Result<(), End> {
        let now = Instant::now();
        sleep_until((now + GATHER + self.later).max(self.told_at + APART)).await;
        loop {
            let hint = match self.hints.try_recv() {
                Ok(hint) => Ok(hint),
                Err(TryRecvError::Empty | TryRecvError::Closed) => break,
                Err(TryRecvError::Lagged(missed)) => Err(RecvError::Lagged(missed)),
            };
            self.take(hint, gathered).await?;
        }
        self.told_at = Instant::now();
        Ok(())
    }

    /// Keeps the hint if this person may see it, after looking whether it is about what they may see.
    async fn take(&mut self, hint: Result<Hint, RecvError>, gathered: &mut Gathered) -> Result<(), End> {
        let hint = match hint {
            Ok(hint) => hint,
            Err(RecvError::Lagged(_)) => {
                // One of those that were missed may have been about this person.
                gathered.miss();
                return self.look_again().await;
            }
            Err(RecvError::Closed) => return Err(End::Stopping),
        };
        let about_me = hint.kind == Kind::Staff && hint.id == self.staff.id.0;
        if about_me || (hint.kind == Kind::Customer && !self.staff.viewer.sees_all()) {
            self.look_again().await?;
        }
        if about_me {
            // Which customers they see may be other ones now.
            gathered.miss();
        }
        if self.sight.sees(&hint) {
            gathered.add(hint.kind, hint.id);
        }
        Ok(())
    }

    /// Looks whether the person is still signed in with the same rights, and which customers are theirs.
    async fn look_again(&mut self) -> Result<(), End> {
        match self.staff.as_of_now(&self.app).await {
            Ok(Some(viewer)) if viewer == self.staff.viewer => {}
            Ok(Some(_)) => return Err(End::Changed),
            Ok(None) => return Err(End::SignedOut),
            // Rather no news than news for somebody who may not be here any more; the page comes again by itself.
            Err(error) => {
                tracing::warn!(%error, "an event stream ends: its session could not be looked up");
                return Err(End::Changed);
            }
        }
        if !self.staff.viewer.sees_all() {
            self.sight = Sight::of(&self.app, self.staff.viewer)
                .await
                .map_err(|_| End::Changed)?;
        }
        Ok(())
    }

    /// A sign of life in both directions.
    async fn beat(&mut self) -> Result<String, End> {
        self.beat_at = Instant::now() + self.app.config.live_heartbeat;
        self.look_again().await?;
        self.app.presence.seen(&self.staff.viewer, self.app.clock.now());
        Ok(HEARTBEAT.to_owned())
    }
}
