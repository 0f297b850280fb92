//! The settings as people are shown them: every one with its value and what it does, and no secret.

use super::{Config, Settings, mail};
use clap::Args;
use secrecy::ExposeSecret;
use std::time::Duration;
use url::Url;

/// A setting as it is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// The variable's name.
    pub name: String,
    /// Its value; of a secret only whether it is set.
    pub value: String,
    /// What it does.
    pub help: String,
}

impl Config {
    /// Every setting, in the order of `--help`.
    pub fn shown(&self) -> Vec<Shown> {
        let values = self.values();
        let command = Settings::augment_args(clap::Command::new("settings"));
        let arguments = command.get_arguments();
        arguments
            .filter_map(|argument| {
                let name = argument.get_env()?.to_str()?.to_owned();
                let short = name.strip_prefix("ASSESSDESK_")?;
                let (_, value) = values.iter().find(|(own, _)| *own == short)?;
                Some(Shown {
                    value: value.clone(),
                    help: argument.get_help().map(ToString::to_string).unwrap_or_default(),
                    name,
                })
            })
            .collect()
    }

    fn values(&self) -> [(&'static str, String); 25] {
        [
            ("LISTEN", self.listen.to_string()),
            ("BASE_URL", self.link("")),
            ("DATABASE_URL", without_password(self.database_url.expose_secret())),
            ("DATA_DIR", self.data_dir.display().to_string()),
            ("SECRET_KEY", set(true)),
            ("SECRET_KEY_PREVIOUS", set(!self.secret_key_previous.is_empty())),
            (
                "TRUSTED_PROXIES",
                list(self.trusted_proxies.iter().map(ToString::to_string)),
            ),
            ("METRICS_TOKEN", set(self.metrics_token.is_some())),
            ("KOMBO_API_URL", self.kombo_api_url.to_string()),
            ("KOMBO_API_KEY", set(self.kombo_api_key.is_some())),
            ("KOMBO_WEBHOOK_SECRET", set(!self.kombo_webhook_secrets.is_empty())),
            ("KOMBO_TIMEOUT", time(self.kombo_timeout)),
            ("SMTP_URL", mail::shown(self.mail.as_ref())),
            (
                "MAIL_FROM",
                self.mail
                    .as_ref()
                    .map_or_else(|| "none".to_owned(), |mail| mail.from.to_string()),
            ),
            ("SMTP_TIMEOUT", time(self.smtp_timeout)),
            ("RELEASE_DELAY", time(self.release_delay)),
            ("RETRY_WAITS", list(self.retry_waits.iter().copied().map(time))),
            ("RECONCILE_EVERY", time(self.reconcile_every)),
            ("LEASE", time(self.lease)),
            ("RETENTION_INBOX", time(self.retention_inbox)),
            ("LIVE_HEARTBEAT", time(self.live_heartbeat)),
            ("SANDBOX_LISTEN", self.sandbox_listen.to_string()),
            ("SANDBOX_DATABASE_URL", self.sandbox_database_url.clone()),
            ("SANDBOX_TARGET_URL", self.sandbox_target_url.to_string()),
            ("LOG", self.log.clone()),
        ]
    }
}

fn set(is_set: bool) -> String {
    if is_set { "set" } else { "missing" }.to_owned()
}

fn list(parts: impl Iterator<Item = String>) -> String {
    let text = parts.collect::<Vec<_>>().join(", ");
    if text.is_empty() { "none".to_owned() } else { text }
}

fn time(duration: Duration) -> String {
    humantime::format_duration(duration).to_string()
}

/// A database's address holds its password.
fn without_password(address: &str) -> String {
    match Url::parse(address) {
        Ok(mut url) if url.password().is_some() => {
            let hidden = url.set_password(Some("hidden")).is_ok();
            if hidden { url.to_string() } else { "set".to_owned() }
        }
        _ => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tests::check;

    const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    #[test]
    fn every_setting_is_shown_and_no_secret() {
        let flags = [
            format!("--secret-key={KEY}"),
            "--kombo-api-key=api-key-1".into(),
            "--kombo-webhook-secret=webhook-secret-1".into(),
            "--metrics-token=token-1".into(),
            "--smtp-url=smtp://desk:open-sesame@mail.example.com:587?tls=required".into(),
            "--mail-from=Assessments <assess@example.com>".into(),
            "--database-url=postgres://desk:letmein@db.example.com/desk?sslmode=require".into(),
        ];
        let config = check(&flags.iter().map(String::as_str).collect::<Vec<_>>()).expect("good settings");
        let shown = config.shown();
        let command = Settings::augment_args(clap::Command::new("settings"));
        assert_eq!(
            shown.len(),
            command
                .get_arguments()
                .filter(|argument| argument.get_env().is_some())
                .count()
        );
        let text = format!("{shown:?}");
        for secret in [
            KEY,
            "api-key-1",
            "webhook-secret-1",
            "token-1",
            "letmein",
            "open-sesame",
        ] {
            assert!(!text.contains(secret), "{secret}");
        }
        assert!(
            shown
                .iter()
                .all(|setting| !setting.help.is_empty() && !setting.value.is_empty())
        );
    }
}
