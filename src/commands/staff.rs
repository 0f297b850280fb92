//! `assessdesk staff`: who may sign in.

use super::{Outcome, say};
use crate::actions::staff_add::{self, Given};
use crate::actions::{self, staff_change, staff_link};
use crate::app::App;
use crate::clock::Clock;
use crate::config::Settings;
use crate::domain::ids::StaffId;
use crate::domain::role::Role;
use crate::domain::text::fold;
use crate::domain::viewer::Viewer;
use crate::store::staff;
use anyhow::{anyhow, bail};
use clap::Subcommand;

/// What can be done with staff.
#[derive(Debug, Subcommand)]
pub(super) enum Staff {
    /// Add a person, and print the one-time link with which they set their password.
    #[command(after_help = "Example:\n  assessdesk staff add mira@example.com --name 'Mira Kovač' --role admin")]
    Add {
        /// Their e-mail address: what they sign in with.
        email: String,
        /// What they may do: admin, manager, operator, reviewer or viewer.
        #[arg(long, value_parser = role)]
        role: Role,
        /// Their name; without one, the part of the address before the ‘@’.
        #[arg(long)]
        name: Option<String>,
    },
    /// List everybody who may sign in, and who no longer may.
    #[command(after_help = "Example:\n  assessdesk staff list")]
    List,
    /// Let a person sign in no longer; they are signed out at once.
    #[command(after_help = "Example:\n  assessdesk staff disable mira@example.com")]
    Disable {
        /// Their e-mail address.
        email: String,
    },
    /// Print a one-time link with which a person sets a new password.
    #[command(after_help = "Example:\n  assessdesk staff reset-password mira@example.com")]
    ResetPassword {
        /// Their e-mail address.
        email: String,
    },
}

pub(super) async fn run(settings: &Settings, command: &Staff) -> Outcome {
    let app = App::open(settings.check()?, Clock::System).await?;
    match command {
        Staff::Add { email, role, name } => add(&app, email, *role, name.as_deref()).await,
        Staff::List => list(&app).await,
        Staff::Disable { email } => disable(&app, email).await,
        Staff::ResetPassword { email } => reset_password(&app, email).await,
    }
}

async fn add(app: &App, email: &str, role: Role, name: Option<&str>) -> Outcome {
    let before_at = email.split('@').next().unwrap_or_default();
    let given = Given {
        name: name.unwrap_or(before_at).to_owned(),
        role,
        all_customers: true,
        customers: Vec::new(),
    };
    let mut work = app.begin(&Viewer::command()).await?;
    let id = staff_add::add(&mut work, email, &given).await.map_err(in_words)?;
    let link = staff_link::make(&mut work, id).await.map_err(in_words)?;
    work.commit().await?;
    say(&format!("{email} is added as {}.", role.label()))?;
    say_link(app, &link)
}

async fn list(app: &App) -> Outcome {
    let mut conn = app.read().await?;
    let members = staff::list(&mut conn).await?;
    if members.is_empty() {
        return say("Nobody yet. Add the first person: assessdesk staff add EMAIL --role admin");
    }
    for member in members {
        let state = match (member.disabled_at, member.has_password) {
            (Some(_), _) => "disabled",
            (None, true) => "active",
            (None, false) => "has set no password yet",
        };
        say(&format!("{}\t{}\t{}\t{state}", member.email, member.role, member.name))?;
    }
    Ok(())
}

async fn disable(app: &App, email: &str) -> Outcome {
    let mut work = app.begin(&Viewer::command()).await?;
    let id = find(&mut work.conn, email).await?;
    let member = staff::find(&mut work.conn, id)
        .await?
        .ok_or_else(|| anyhow!("{email} is gone"))?;
    if member.disabled_at.is_some() {
        return say(&format!("{email} may not sign in already."));
    }
    staff_change::disable(&mut work, id, member.version)
        .await
        .map_err(in_words)?;
    work.commit().await?;
    say(&format!("{email} may sign in no longer and is signed out everywhere."))
}

async fn reset_password(app: &App, email: &str) -> Outcome {
    let mut work = app.begin(&Viewer::command()).await?;
    let id = find(&mut work.conn, email).await?;
    let link = staff_link::make(&mut work, id).await.map_err(in_words)?;
    work.commit().await?;
    say_link(app, &link)
}

async fn find(conn: &mut crate::store::Conn, email: &str) -> anyhow::Result<StaffId> {
    match staff::find_by_email(conn, &fold(email.trim())).await? {
        Some(id) => Ok(id),
        None => bail!("there is nobody with the address {email}; `assessdesk staff list` shows everybody"),
    }
}

fn say_link(app: &App, link: &str) -> Outcome {
    say("This link sets the password. It opens once, within 24 hours:")?;
    say(&app.config.link(link))
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| {
        let all: Vec<_> = Role::ALL.iter().map(|role| role.as_str()).collect();
        format!("one of {}", all.join(", "))
    })
}

/// At the command line the sentences about fields are all there is.
fn in_words(error: actions::Error) -> anyhow::Error {
    match error {
        actions::Error::Fields(faults) => {
            let faults: Vec<_> = faults.into_iter().map(|(_, why)| why).collect();
            anyhow!(faults.join(" "))
        }
        other => other.into(),
    }
}
