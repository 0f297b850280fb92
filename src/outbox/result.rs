//! Sends results and cancellations, and reads orders back.

use super::claim::Claimed;
use super::sender::{NoCall, failed, succeeded, unclear};
use super::shape;
use crate::actions::final_body::FinalBody;
use crate::actions::receive_order::kombo_status;
use crate::actions::record_attempt::{Ended, Tried};
use crate::app::App;
use crate::domain::ids::FileId;
use crate::domain::time::Timestamp;
use crate::kombo::wire::{Attachment, ResultBody};
use crate::kombo::{Client, OrdersQuery, ResultCall, Unsendable};
use crate::store::deliveries::{self, DeliveryRow};
use crate::store::{blobs, files};
use sha2::{Digest, Sha256};
use tokio::sync::{Semaphore, SemaphorePermit};

/// How many results with attachments are put together and sent at the same time: each can need 100 MB meanwhile.
static LARGE: Semaphore = Semaphore::const_new(2);

/// What is known before the integration has room.
pub(super) struct Prepared {
    integration: String,
    order: String,
    /// None: the order is read back.
    result: Option<Unsent>,
}

/// A result that waits for room.
enum Unsent {
    /// Written down already: whoever has room begins at once.
    Written(Box<Written>),
    /// Its files are still to be read.
    WithFiles(Box<FinalBody>),
}

/// What is needed for the call.
pub(super) struct Ready {
    integration: String,
    order: String,
    /// None: the order is read back.
    result: Option<Box<Written>>,
    /// While large ones are under way, others wait.
    large: Option<SemaphorePermit<'static>>,
}

/// A result, written down.
struct Written {
    call: Result<ResultCall, Unsendable>,
    length: usize,
    digest: Vec<u8>,
    shape: serde_json::Value,
}

/// Opens the body; for a delivery in doubt there is nothing to open. Its files are read by [`Prepared::with_files`].
pub(super) async fn prepare(app: &App, kombo: &Client, claimed: &Claimed) -> Result<Prepared, NoCall> {
    let to = claimed.to.as_ref();
    let to = to.ok_or_else(|| impossible("The order that it belongs to is not there any more."))?;
    let mut prepared = Prepared {
        integration: to.integration.clone(),
        order: to.order.kombo_id.clone(),
        result: None,
    };
    if claimed.row.doubt.is_none() {
        let opened = open_body(app, &claimed.row).await?;
        let kept = opened.as_deref().and_then(FinalBody::read);
        let kept = kept.ok_or_else(|| impossible("What was to be sent is not there any more."))?;
        prepared.result = Some(if kept.files.is_empty() {
            Unsent::Written(prepared.write_down(kombo, &kept.body)?)
        } else {
            Unsent::WithFiles(Box::new(kept))
        });
    }
    Ok(prepared)
}

impl Prepared {
    /// Reads the files, where there are any, and writes down what has them.
    pub(super) async fn with_files(mut self, app: &App, kombo: &Client) -> Result<Ready, NoCall> {
        let mut large = None;
        let result = match self.result.take() {
            None => None,
            Some(Unsent::Written(written)) => Some(written),
            Some(Unsent::WithFiles(kept)) => {
                large = Some(room_for_files(app).await?);
                let FinalBody { mut body, files } = *kept;
                for file in files {
                    body.attachments.push(Box::pin(attachment(app, file)).await?);
                }
                Some(self.write_down(kombo, &body)?)
            }
        };
        Ok(Ready {
            integration: self.integration,
            order: self.order,
            result,
            large,
        })
    }

    fn write_down(&self, kombo: &Client, body: &ResultBody) -> Result<Box<Written>, NoCall> {
        let unwritable = |_| impossible("The result cannot be written as JSON.");
        let bytes = serde_json::to_vec(body).map_err(unwritable)?;
        let value = serde_json::to_value(body).map_err(unwritable)?;
        Ok(Box::new(Written {
            digest: Sha256::digest(&bytes).to_vec(),
            shape: shape::of(&value),
            length: bytes.len(),
            call: kombo.result_call(&self.integration, &self.order, bytes),
        }))
    }
}

/// Most keys are known already, and then nothing has to be read.
async fn open_body(app: &App, claimed: &DeliveryRow) -> Result<Option<Vec<u8>>, NoCall> {
    if let Some(opened) = deliveries::open_body_now(&app.vault, claimed)? {
        return Ok(Some(opened));
    }
    let mut conn = app.read().await?;
    Ok(deliveries::open_body(&mut conn, &app.vault, claimed).await?)
}

async fn room_for_files(app: &App) -> Result<SemaphorePermit<'static>, NoCall> {
    tokio::select! {
        permit = LARGE.acquire() => permit.map_err(|_| NoCall::NotNow("the queue of large results is closed".to_owned())),
        () = app.stop.cancelled() => Err(NoCall::NotNow("the program stops".to_owned())),
    }
}

/// An uploaded file, opened and checked, as it travels.
async fn attachment(app: &App, id: FileId) -> Result<Attachment, NoCall> {
    let mut conn = app.read().await?;
    let row = files::find(&mut conn, id).await?;
    let row = row.ok_or_else(|| impossible("A file of this result was removed."))?;
    let read = blobs::read(&mut conn, &app.vault, &app.config.data_dir, &row).await;
    let bytes = read.map_err(|error| match error {
        blobs::Error::Io(error) if error.kind() == std::io::ErrorKind::NotFound => {
            impossible(&format!("The file ‘{}’ is not in the data folder any more.", row.name))
        }
        blobs::Error::Changed => impossible(&format!("The file ‘{}’ is not what was uploaded.", row.name)),
        blobs::Error::Io(error) => NoCall::NotNow(format!("a file could not be read: {error}")),
        blobs::Error::Store(error) => error.into(),
    })?;
    Ok(Attachment::with_bytes(&row.name, &row.content_type, &bytes))
}

fn impossible(why: &str) -> NoCall {
    NoCall::Ended(Ended::Impossible(why.to_owned()))
}

/// Writes the result, or reads the order back.
pub(super) async fn call(kombo: &Client, ready: Ready, began: Timestamp) -> Tried {
    let Ready {
        integration,
        order,
        result,
        large: _large,
    } = ready;
    let Some(written) = result else {
        return Box::pin(read_back(kombo, &integration, &order, began)).await;
    };
    tracing::debug!(bytes = written.length, "a result leaves");
    let answer = match written.call {
        Ok(call) => call.send().await,
        Err(unsendable) => Err(unsendable.into()),
    };
    let tried = match answer {
        Ok(reply) => succeeded(Ended::Taken, reply, began),
        Err(error) => failed(&error, began),
    };
    Tried {
        sent: Some((written.digest, written.shape)),
        ..tried
    }
}

async fn read_back(kombo: &Client, integration: &str, order: &str, began: Timestamp) -> Tried {
    let query = OrdersQuery {
        ids: vec![order.to_owned()],
        ..OrdersQuery::default()
    };
    let reply = match kombo.orders(integration, &query).await {
        Ok(reply) => reply,
        Err(error) => return failed(&error, began),
    };
    let seen = reply.data.results.iter().find(|seen| seen.id == order);
    let status = seen.map(|seen| kombo_status(seen.status));
    let odd = status.is_none() && !reply.data.unreadable.is_empty();
    let tried = succeeded(Ended::Showed(status), reply, began);
    if odd { unclear(tried) } else { tried }
}
