//! Builds the router out of every room's routes, runs it beside the workers, and stops both gracefully.

mod holder;
pub mod workers;

use crate::app::App;
use crate::auth::{self, Route};
use crate::intake::{self, Intake};
use crate::{desk, health, public, store, web};
use axum::{Extension, Router};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

/// How long answers and workers may take to finish once the program was asked to stop. With what comes after, it is
/// gone within the ten seconds that most service managers grant.
const FINISH: Duration = Duration::from_secs(9);

/// Why the program could not start, or stopped by itself.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Another one works on the database, or the database failed.
    #[error(transparent)]
    Hold(#[from] holder::Error),
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {cause}. Set ASSESSDESK_LISTEN to a free address, or stop what listens there")]
    Listen {
        /// Where.
        address: SocketAddr,
        /// Why not.
        cause: std::io::Error,
    },
    /// The listener failed, or the system's signals cannot be heard.
    #[error("the server failed: {0}")]
    Io(#[from] std::io::Error),
    /// A part of the program panicked; the log says where.
    #[error("the {0} broke down; the log says where. What was answered is safe: start the program again")]
    Broken(&'static str),
    /// The database failed at the end.
    #[error(transparent)]
    Store(#[from] store::Error),
}

/// Every route of the program: each room's own list, in one table that the router and its tests read.
pub fn routes() -> Vec<Route> {
    [desk::routes(), public::routes(), intake::routes(), health::routes()]
        .into_iter()
        .flatten()
        .collect()
}

/// The whole program behind one router, with an intake of its own that ends when the router is gone.
pub fn router(app: App) -> Router {
    let intake = Intake::start(app.clone());
    router_with(app, intake)
}

fn router_with(app: App, intake: Intake) -> Router {
    let site = web::Site::new(&app.config.base_url);
    let router = auth::mount(routes(), &app)
        .merge(web::assets::routes())
        .layer(Extension(intake));
    web::layers(router.with_state(app), &site)
}

/// Answers and works until SIGTERM or SIGINT comes (or `app.stop` is cancelled), then finishes what is under way.
pub async fn serve(app: App) -> Result<(), Error> {
    let address = app.config.listen;
    let listener = TcpListener::bind(address)
        .await
        .map_err(|cause| Error::Listen { address, cause })?;
    let hold = holder::Hold::take(&app).await?;
    if let Err(error) = store::blobs::sweep(&app.config.data_dir).await {
        tracing::warn!(%error, "files that were arriving when the program was killed could not be removed");
    }
    let listening = tokio::spawn(stop_on_signal(app.clone()));
    tracing::info!(%address, url = %app.config.base_url, database = app.db.engine(), "ready");
    let workers = workers::start(&app);
    let running = async {
        let (answered, (), ()) = tokio::join!(answer(&app, listener), workers.wait(), hold.keep(&app));
        answered
    };
    let done = tokio::select! {
        done = running => done,
        () = out_of_time(&app) => {
            tracing::warn!("some work was cut off: it took longer than {} s", FINISH.as_secs());
            Ok(())
        }
    };
    listening.abort();
    hold.release(&app).await?;
    app.db.close().await;
    tracing::info!("stopped");
    if let Some(part) = app.broken.get() {
        return Err(Error::Broken(part));
    }
    Ok(done?)
}

/// Answers on `listener` until `app.stop` is cancelled and what is under way is finished.
pub async fn answer(app: &App, listener: TcpListener) -> std::io::Result<()> {
    let intake = Intake::start(app.clone());
    answer_with(app, listener, intake).await
}

/// The same with an intake that was started elsewhere.
pub async fn answer_with(app: &App, listener: TcpListener, intake: Intake) -> std::io::Result<()> {
    let service = router_with(app.clone(), intake.clone()).into_make_service_with_connect_info::<SocketAddr>();
    let done = axum::serve(listener, service)
        .with_graceful_shutdown(app.stop.clone().cancelled_owned())
        .await;
    app.stop.cancel();
    intake.finish().await;
    done
}

async fn out_of_time(app: &App) {
    app.stop.cancelled().await;
    tokio::time::sleep(FINISH).await;
}

/// Waits for the first SIGTERM or SIGINT.
pub async fn asked_to_stop() {
    let heard = async {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        std::io::Result::Ok(())
    };
    if let Err(error) = heard.await {
        tracing::error!(%error, "the system's signals cannot be heard");
    }
}

/// The first signal asks everything to finish; after a second one nothing is waited for.
async fn stop_on_signal(app: App) -> std::io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    for last in [false, true] {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        if last {
            tracing::warn!("stopped at once");
            std::process::exit(130);
        }
        tracing::info!("stopping: what is under way is finished first");
        app.stop.cancel();
    }
    Ok(())
}
