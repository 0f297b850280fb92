//! The commands of the program, one file each.

mod secret;
mod serve;

use crate::config::{self, Settings};
use crate::telemetry;
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
}

/// Reads the command line and the settings, and does what was asked.
pub fn run() -> ExitCode {
    if let Err(error) = config::load_dotenv() {
        return complain(&error.into());
    }
    let cli = Cli::parse();
    if let Err(error) = telemetry::init(&cli.settings.log) {
        return complain(&error.into());
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return complain(&error.into()),
    };
    // Fails only where a provider is there already, and then that one does.
    let _ = rustls::crypto::ring::default_provider().install_default();
    match runtime.block_on(obey(&cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => complain(&error),
    }
}

async fn obey(cli: &Cli) -> Outcome {
    match &cli.command {
        Command::Serve => serve::run(&cli.settings).await,
        Command::Secret => secret::run(),
    }
}

fn complain(error: &anyhow::Error) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "assessdesk: {error}");
    ExitCode::FAILURE
}

/// Prints a line of the command's answer.
fn say(line: &str) -> Outcome {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}
pub mod sandbox;
