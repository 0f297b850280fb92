//! The commands of the program, one file each.

mod demo;
mod doctor;
pub mod sandbox;
mod secret;
mod serve;
mod staff;

use crate::config::{self, Settings};
use crate::{points, server, telemetry};
use clap::{Parser, Subcommand};
use std::io::Write;
use std::process::ExitCode;

/// What a command ends with: nothing, or a sentence that says what went wrong and how to mend it.
type Outcome = anyhow::Result<()>;

#[derive(Debug, Parser)]
#[command(
    name = "assessdesk",
    version,
    about = "The desk at which assessment orders from your customers' ATSs are decided and answered.",
    after_help = "Examples:\n  \
        assessdesk secret                                  a new key for ASSESSDESK_SECRET_KEY\n  \
        assessdesk staff add mira@example.com --role admin the first person who may sign in\n  \
        assessdesk serve                                   starts the desk\n  \
        assessdesk doctor                                  says what is fine and how to mend what is not"
)]
struct Cli {
    #[command(flatten)]
    settings: Settings,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the desk: takes Kombo's webhooks and answers browsers until it is stopped.
    #[command(
        after_help = "Example:\n  ASSESSDESK_SECRET_KEY=… assessdesk serve --listen 0.0.0.0:8080 --base-url https://desk.example.com"
    )]
    Serve,
    /// Print a new key for ASSESSDESK_SECRET_KEY.
    #[command(after_help = "Example:\n  echo \"ASSESSDESK_SECRET_KEY=$(assessdesk secret)\" >> .env")]
    Secret,
    /// Add, list, disable staff; make links with which they set a password.
    #[command(subcommand)]
    Staff(staff::Staff),
    /// Say what is fine, and how to mend what is not.
    #[command(after_help = "Example:\n  assessdesk doctor && systemctl start assessdesk")]
    Doctor,
    /// Start the practice Kombo with its make-believe ATS, by itself.
    #[command(
        after_help = "Example:\n  assessdesk sandbox --sandbox-listen 127.0.0.1:8081\nThen start the desk against it:\n  assessdesk serve --kombo-api-url http://127.0.0.1:8081/v1 --kombo-api-key practice-api-key --kombo-webhook-secret practice-webhook-secret"
    )]
    Sandbox,
    /// Start the desk and the sandbox together, with sixty days of practice data.
    #[command(after_help = "Example:\n  assessdesk demo --reset")]
    Demo {
        /// Throw the practice data away first and make it anew.
        #[arg(long)]
        reset: bool,
    },
}

/// Reads the command line and the settings, and does what was asked.
pub fn run() -> ExitCode {
    if let Err(error) = config::load_dotenv() {
        return complain(&error.into());
    }
    let cli = Cli::parse();
    if let Err(error) = telemetry::init(log_filter(&cli)) {
        return complain(&error.into());
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&error.into()),
    };
    let _points = points::prepare();
    // Fails only where a provider is there already, and then that one does.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match runtime.block_on(obey(&cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&error),
    }
}

/// A demo says where its pages are; a line for every request would push that off the screen.
fn log_filter(cli: &Cli) -> &str {
    match cli.command {
        Command::Demo { .. } if cli.settings.log == config::DEFAULT_LOG => "warn",
        _ => &cli.settings.log,
    }
}

async fn obey(cli: &Cli) -> Outcome {
    match &cli.command {
        Command::Serve => serve::run(&cli.settings).await,
        Command::Secret => secret::run(),
        Command::Staff(command) => staff::run(&cli.settings, command).await,
        Command::Doctor => doctor::run(&cli.settings).await,
        Command::Sandbox => run_sandbox(&cli.settings).await,
        Command::Demo { reset } => Box::pin(demo::run(&cli.settings, *reset)).await,
    }
}

/// The sandbox keeps nothing of ours, so it needs no key of ours.
async fn run_sandbox(settings: &Settings) -> Outcome {
    let mut settings = settings.clone();
    settings.secret_key.get_or_insert(secret::fresh()?.into());
    let config = settings.check()?;
    let ready = |address| tracing::info!(%address, ats = %format!("http://{address}/ats"), "the sandbox is ready");
    Ok(sandbox::run(&config, ready, server::asked_to_stop()).await?)
}

fn complain(error: &anyhow::Error) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "assessdesk: {error}");
    ExitCode::FAILURE
}

/// Prints a line of the command's answer.
fn say(line: &str) -> Outcome {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}
