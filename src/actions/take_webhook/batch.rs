//! Many webhooks in one transaction. Orders that are new to us, which is what nearly all webhooks bring, are written with
//! one statement for each table; everything else is taken one by one, each in a savepoint of its own.

use super::read::Read;
use super::{Outcome, Taken, Webhook, keep_bodies, new_row, take_webhook};
use crate::actions::Error;
use crate::actions::receive_order::{self, Told};
use crate::actions::work::Work;
use crate::domain::viewer::Viewer;
use crate::kombo::wire::Event;
use crate::live::Kind;
use crate::store::inbox::{self, Body, InboxRow, Seen};
use bytes::Bytes;
use std::collections::HashMap;

/// Keeps verified webhooks, acts on them and says what each is answered, as [`take_webhook`] does with each.
///
/// # Errors
/// Where any of the new orders could not be written or acted on: then nothing of this transaction is to be kept, and each
/// webhook is to be taken by itself, so that the one at fault stands in the inbox as failed.
pub async fn take_webhooks(work: &mut Work, webhooks: &[&Webhook], desks: &[Viewer]) -> Result<Vec<Taken>, Error> {
    let mut places = alone(webhooks);
    let mut taken = HashMap::new();
    if !places.is_empty() {
        let seen = seen(work, webhooks, &places).await?;
        places.retain(|place| !seen.events.contains(&webhooks[*place].read.event_id));
        taken = take_new(work, webhooks, &places, &seen, desks).await?;
    }
    if taken.len() < webhooks.len() {
        work.tools.remembered.forget();
    }
    let mut all = Vec::with_capacity(webhooks.len());
    for (place, webhook) in webhooks.iter().enumerate() {
        all.push(match taken.remove(&place) {
            Some(taken) => taken,
            None => take_webhook(work, webhook, desks).await?,
        });
    }
    Ok(all)
}

/// The places of those that tell an order, and by which nothing else in the batch comes: neither the event, nor the order.
/// None where the batch also tells of an integration, since what comes of an order hangs on that.
fn alone(webhooks: &[&Webhook]) -> Vec<usize> {
    let reads = webhooks.iter().map(|webhook| &webhook.read).collect::<Vec<_>>();
    if reads.iter().any(|read| tells_of_integration(read)) {
        return Vec::new();
    }
    let mut events = HashMap::<_, u32>::new();
    let mut orders = HashMap::<_, u32>::new();
    for read in &reads {
        *events.entry(&read.event_id).or_default() += 1;
        *orders.entry((&read.integration, &read.kombo_order_id)).or_default() += 1;
    }
    let is_alone = |read: &Read| {
        events.get(&read.event_id) == Some(&1) && orders.get(&(&read.integration, &read.kombo_order_id)) == Some(&1)
    };
    let places = (0..reads.len()).filter(|place| tells_order(reads[*place]) && is_alone(reads[*place]));
    places.collect()
}

/// What is here already of those at these places.
async fn seen(work: &mut Work, webhooks: &[&Webhook], places: &[usize]) -> Result<Seen, Error> {
    let reads = places.iter().map(|place| &webhooks[*place].read);
    let (events, orders) = reads
        .map(|read| {
            let integration = read.integration.as_deref().unwrap_or_default();
            let order = read.kombo_order_id.as_deref().unwrap_or_default();
            (read.event_id.as_str(), (integration, order))
        })
        .unzip::<_, _, Vec<_>, Vec<_>>();
    Ok(inbox::seen(&mut work.conn, &events, &orders).await?)
}

fn tells_order(read: &Read) -> bool {
    read.fault.is_none() && matches!(read.event, Some(Event::OrderReceived { .. }))
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
    webhooks: &[&Webhook],
    places: &[usize],
    seen: &Seen,
    desks: &[Viewer],
) -> Result<HashMap<usize, Taken>, Error> {
    let told = places.iter().filter_map(|place| told(webhooks[*place], desks));
    let received = receive_order::receive_new(work, &told.collect::<Vec<_>>(), seen).await?;
    let mut rows = Vec::with_capacity(places.len());
    let mut taken = HashMap::with_capacity(places.len());
    for (place, received) in places.iter().zip(received) {
        let Some(received) = received else { continue };
        let (outcome, webhook) = (Outcome::from(received), webhooks[*place]);
        let row = new_row(work, webhook, &outcome);
        work.hint(Kind::Inbox, row.id.0, row.customer_id);
        taken.insert(*place, outcome.taken(row.id));
        rows.push((row, &webhook.body));
    }
    keep(work, rows).await?;
    Ok(taken)
}

/// Writes new rows with their bodies, which are sealed while the database writes the rows.
async fn keep(work: &mut Work, rows: Vec<(InboxRow, &Bytes)>) -> Result<(), Error> {
    let (rows, bytes) = rows.into_iter().unzip::<_, _, Vec<_>, Vec<_>>();
    let bodies = rows.iter().zip(bytes).map(|(row, bytes)| Body {
        inbox_id: row.id,
        customer: row.customer_id,
        digest: &row.digest,
        bytes,
    });
    let bodies = bodies.collect::<Vec<_>>();
    let Work { conn, sealers, .. } = &mut *work;
    sealers.make_ready(conn, rows.iter().map(|row| row.customer_id)).await?;
    let (written, sealed) = tokio::join!(inbox::insert_many(conn, &rows), async {
        inbox::seal_bodies(sealers, &bodies)
    });
    written?;
    keep_bodies(work, sealed?).await?;
    Ok(())
}

fn told<'a>(webhook: &'a Webhook, desks: &'a [Viewer]) -> Option<Told<'a>> {
    match &webhook.read.event {
        Some(Event::OrderReceived { order, inline }) => Some(Told {
            order,
            integration_id: order.integration_id.as_deref().unwrap_or_default(),
            inline: *inline,
            waiting: webhook.waiting(desks),
        }),
        _ => None,
    }
}
