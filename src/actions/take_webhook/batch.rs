//! Many webhooks in one transaction. Orders that are new to us, which is what nearly all webhooks bring, are written with
//! one statement for each table; everything else is taken one by one, each in a savepoint of its own.

use super::read::{Read, read};
use super::{Outcome, Taken, keep_bodies, new_row, take_webhook};
use crate::actions::Error;
use crate::actions::receive_order::{self, Told, Waiting};
use crate::actions::work::Work;
use crate::domain::viewer::Viewer;
use crate::kombo::wire::Event;
use crate::live::Kind;
use crate::store::inbox::{self, Body};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::time::Instant;

/// A verified webhook.
#[derive(Clone, Copy, Debug)]
pub struct Webhook<'a> {
    /// As it came.
    pub body: &'a [u8],
    /// When its last byte was there.
    pub arrived: Instant,
}

impl<'a> Webhook<'a> {
    fn waiting(&self, desks: &'a [Viewer]) -> Waiting<'a> {
        let since = self.arrived.elapsed();
        Waiting { desks, since }
    }

    /// How long it has waited, in microseconds.
    pub fn micros(&self) -> i64 {
        i64::try_from(self.arrived.elapsed().as_micros()).unwrap_or(i64::MAX)
    }
}

/// Keeps verified webhooks, acts on them and says what each is answered, as [`take_webhook`] does with each.
///
/// # Errors
/// Where any of the new orders could not be written or acted on: then nothing of this transaction is to be kept, and each
/// webhook is to be taken by itself, so that the one at fault stands in the inbox as failed.
pub async fn take_webhooks(work: &mut Work, webhooks: &[Webhook<'_>], desks: &[Viewer]) -> Result<Vec<Taken>, Error> {
    let reads = webhooks.iter().map(|webhook| read(webhook.body)).collect::<Vec<_>>();
    let candidates = of_new_events(work, &reads).await?;
    let mut taken = take_new(work, webhooks, &reads, &candidates, desks).await?;
    let mut all = Vec::with_capacity(webhooks.len());
    for (place, webhook) in webhooks.iter().enumerate() {
        all.push(match taken.remove(&place) {
            Some(taken) => taken,
            None => take_webhook(work, webhook.body, desks, || webhook.micros()).await?,
        });
    }
    Ok(all)
}

/// The places of those that tell an order by an event which never came before, and by which nothing else in the batch
/// comes: neither the event, nor the order. None where the batch also tells of an integration, since what comes of an
/// order hangs on that.
async fn of_new_events(work: &mut Work, reads: &[Read]) -> Result<Vec<usize>, Error> {
    let tells_order = |read: &Read| read.fault.is_none() && matches!(read.event, Some(Event::OrderReceived { .. }));
    if reads.iter().any(tells_of_integration) {
        return Ok(Vec::new());
    }
    let mut events = HashMap::<_, u32>::new();
    let mut orders = HashMap::<_, u32>::new();
    for read in reads {
        *events.entry(&read.event_id).or_default() += 1;
        *orders.entry((&read.integration, &read.kombo_order_id)).or_default() += 1;
    }
    let alone = |read: &Read| {
        events.get(&read.event_id) == Some(&1) && orders.get(&(&read.integration, &read.kombo_order_id)) == Some(&1)
    };
    let places = (0..reads.len()).filter(|place| tells_order(&reads[*place]) && alone(&reads[*place]));
    let mut places = places.collect::<Vec<_>>();
    let named = places
        .iter()
        .map(|place| reads[*place].event_id.as_str())
        .collect::<Vec<_>>();
    let known = inbox::known_events(&mut work.conn, &named).await?;
    places.retain(|place| !known.contains(&reads[*place].event_id));
    Ok(places)
}

fn tells_of_integration(read: &Read) -> bool {
    matches!(
        read.event,
        Some(Event::IntegrationCreated(_) | Event::IntegrationDeleted(_) | Event::IntegrationStateChanged(_))
    )
}

/// Takes those at these places whose orders are new to us; what became of them by place.
async fn take_new(
    work: &mut Work,
    webhooks: &[Webhook<'_>],
    reads: &[Read],
    places: &[usize],
    desks: &[Viewer],
) -> Result<HashMap<usize, Taken>, Error> {
    let told = places
        .iter()
        .filter_map(|place| told(&reads[*place], webhooks[*place].waiting(desks)))
        .collect::<Vec<_>>();
    let received = receive_order::receive_new(work, &told).await?;
    let mut rows = Vec::with_capacity(places.len());
    let mut taken = HashMap::with_capacity(places.len());
    for (place, received) in places.iter().zip(received) {
        let Some(received) = received else { continue };
        let (outcome, body) = (Outcome::from(received), webhooks[*place].body);
        let digest = Sha256::digest(body).to_vec();
        let row = new_row(
            work,
            &reads[*place],
            &outcome,
            digest,
            body.len(),
            webhooks[*place].micros(),
        );
        work.hint(Kind::Inbox, row.id.0, row.customer_id);
        taken.insert(*place, outcome.taken(row.id));
        rows.push((row, body));
    }
    let bodies = rows.iter().map(|(row, bytes)| Body {
        customer: row.customer_id,
        digest: &row.digest,
        bytes,
    });
    keep_bodies(work, &bodies.collect::<Vec<_>>()).await?;
    let rows = rows.into_iter().map(|(row, _)| row).collect::<Vec<_>>();
    inbox::insert_many(&mut work.conn, &rows).await?;
    Ok(taken)
}

fn told<'a>(read: &'a Read, waiting: Waiting<'a>) -> Option<Told<'a>> {
    match &read.event {
        Some(Event::OrderReceived { order, inline }) => Some(Told {
            order,
            integration_id: order.integration_id.as_deref().unwrap_or_default(),
            inline: *inline,
            waiting,
        }),
        _ => None,
    }
}
