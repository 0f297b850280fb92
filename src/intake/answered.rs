//! Knows when an answer was handed to a live connection: an answer's body that tells when it is read to its end.

use crate::domain::ids::OrderId;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use tokio::sync::mpsc;

/// A body that reports its order once the connection has taken it. Dropped before that, it reports nothing.
#[derive(Debug)]
pub(super) struct ReportingBody {
    bytes: Option<Bytes>,
    report: Option<(OrderId, mpsc::UnboundedSender<OrderId>)>,
}

impl ReportingBody {
    pub(super) fn new(bytes: Bytes, report: Option<(OrderId, mpsc::UnboundedSender<OrderId>)>) -> Self {
        Self {
            bytes: Some(bytes),
            report,
        }
    }
}

impl Body for ReportingBody {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let Some(bytes) = self.bytes.take() else {
            return Poll::Ready(None);
        };
        if let Some((order, report)) = self.report.take() {
            let _ = report.send(order);
        }
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.bytes.as_ref().map_or(0, |bytes| bytes.len() as u64))
    }
}
