//! Every setting: its name, default, check, and the sentence that says how to mend it. The only reader of the
//! environment.
//!
//! Settings come from flags, then from `ASSESSDESK_*` variables, then from a `.env` file, then from the defaults.

pub mod mail;
mod shown;

pub use mail::Mail;
pub use shown::Shown;

use crate::domain::key::Key;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use ipnet::IpNet;
use secrecy::{ExposeSecret, SecretString};
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;
use url::Url;

/// Where the database is when nothing else is said.
pub const DEFAULT_DATABASE_URL: &str = "sqlite://assessdesk.db";

/// Where uploaded files are when nothing else is said.
pub const DEFAULT_DATA_DIR: &str = "data";

/// What is logged when nothing else is said.
pub const DEFAULT_LOG: &str = "info";

/// Where the sandbox's database is when nothing else is said.
pub const DEFAULT_SANDBOX_DATABASE_URL: &str = "sqlite://sandbox.db";

/// The settings as they were given, before they are checked.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Settings")]
pub struct Settings {
    /// Address and port to listen on.
    #[arg(long, env = "ASSESSDESK_LISTEN", default_value = "127.0.0.1:8080", global = true)]
    pub listen: String,
    /// The address under which people and Kombo reach us, e.g. `https://desk.example.com`.
    #[arg(
        long,
        env = "ASSESSDESK_BASE_URL",
        default_value = "http://127.0.0.1:8080",
        global = true
    )]
    pub base_url: String,
    /// The database: `sqlite://path/to/file.db` or `postgres://user@host/name`.
    #[arg(
        long,
        env = "ASSESSDESK_DATABASE_URL",
        default_value = DEFAULT_DATABASE_URL,
        hide_env_values = true,
        global = true
    )]
    pub database_url: String,
    /// The folder of uploaded files.
    #[arg(long, env = "ASSESSDESK_DATA_DIR", default_value = DEFAULT_DATA_DIR, global = true)]
    pub data_dir: PathBuf,
    /// The key that seals personal data: 32 bytes in base64, as `assessdesk secret` prints. Losing it loses what is sealed.
    #[arg(long, env = "ASSESSDESK_SECRET_KEY", hide_env_values = true, global = true)]
    pub secret_key: Option<SecretString>,
    /// Earlier keys that may still open what they sealed, separated by commas.
    #[arg(long, env = "ASSESSDESK_SECRET_KEY_PREVIOUS", hide_env_values = true, global = true)]
    pub secret_key_previous: Option<SecretString>,
    /// Networks of the proxies whose `X-Forwarded-For` is believed, separated by commas, e.g. `10.0.0.0/8`.
    #[arg(long, env = "ASSESSDESK_TRUSTED_PROXIES", default_value = "", global = true)]
    pub trusted_proxies: String,
    /// The bearer token that may read `/metrics`; without one there is no `/metrics`.
    #[arg(long, env = "ASSESSDESK_METRICS_TOKEN", hide_env_values = true, global = true)]
    pub metrics_token: Option<SecretString>,
    /// Kombo's API; the US one is `https://api.us.kombo.dev/v1`.
    #[arg(
        long,
        env = "ASSESSDESK_KOMBO_API_URL",
        default_value = "https://api.kombo.dev/v1",
        global = true
    )]
    pub kombo_api_url: String,
    /// The API key from Kombo's dashboard.
    #[arg(long, env = "ASSESSDESK_KOMBO_API_KEY", hide_env_values = true, global = true)]
    pub kombo_api_key: Option<SecretString>,
    /// The webhook secret from Kombo's dashboard; several, separated by commas, while it is being changed.
    #[arg(long, env = "ASSESSDESK_KOMBO_WEBHOOK_SECRET", hide_env_values = true, global = true)]
    pub kombo_webhook_secret: Option<SecretString>,
    /// How long one call to Kombo may take.
    #[arg(long, env = "ASSESSDESK_KOMBO_TIMEOUT", default_value = "30s", global = true)]
    pub kombo_timeout: String,
    /// The mail server that invitations leave by, e.g. `smtp://user:password@mail.example.com:587?tls=required`; `desk:`
    /// keeps mails in the desk's own mail box. Without one nobody is invited by mail.
    #[arg(long, env = "ASSESSDESK_SMTP_URL", hide_env_values = true, global = true)]
    pub smtp_url: Option<SecretString>,
    /// In whose name mails are sent, e.g. `Assessments <assess@example.com>`.
    #[arg(long, env = "ASSESSDESK_MAIL_FROM", default_value = "", global = true)]
    pub mail_from: String,
    /// How long one step of a conversation with the mail server may take.
    #[arg(long, env = "ASSESSDESK_SMTP_TIMEOUT", default_value = "30s", global = true)]
    pub smtp_timeout: String,
    /// How long a released result can still be undone.
    #[arg(long, env = "ASSESSDESK_RELEASE_DELAY", default_value = "60s", global = true)]
    pub release_delay: String,
    /// The waits between the attempts of a delivery, separated by commas.
    #[arg(
        long,
        env = "ASSESSDESK_RETRY_WAITS",
        default_value = "1s,5s,30s,2m,10m,30m,2h,6h,12h,24h,24h",
        global = true
    )]
    pub retry_waits: String,
    /// How often Kombo's open orders are compared with ours.
    #[arg(long, env = "ASSESSDESK_RECONCILE_EVERY", default_value = "3m", global = true)]
    pub reconcile_every: String,
    /// How long a claimed delivery belongs to its sender before another may take it.
    #[arg(long, env = "ASSESSDESK_LEASE", default_value = "6m", global = true)]
    pub lease: String,
    /// How long the bodies of webhooks, and of mails that are over, are kept.
    #[arg(long, env = "ASSESSDESK_RETENTION_INBOX", default_value = "30d", global = true)]
    pub retention_inbox: String,
    /// How often an open page's event stream says that it is alive; a proxy must wait longer than that (at most 20 s).
    #[arg(long, env = "ASSESSDESK_LIVE_HEARTBEAT", default_value = "15s", global = true)]
    pub live_heartbeat: String,
    /// Address and port of the sandbox (`sandbox` and `demo`).
    #[arg(
        long,
        env = "ASSESSDESK_SANDBOX_LISTEN",
        default_value = "127.0.0.1:8081",
        global = true
    )]
    pub sandbox_listen: String,
    /// The sandbox's own database: `sqlite://path/to/file.db`.
    #[arg(
        long,
        env = "ASSESSDESK_SANDBOX_DATABASE_URL",
        default_value = DEFAULT_SANDBOX_DATABASE_URL,
        global = true
    )]
    pub sandbox_database_url: String,
    /// Where the sandbox sends its webhooks; by default `BASE_URL` with `/webhooks/kombo`.
    #[arg(long, env = "ASSESSDESK_SANDBOX_TARGET_URL", global = true)]
    pub sandbox_target_url: Option<String>,
    /// What is logged, e.g. `info`, or `info,sqlx=warn`; `json:` in front writes JSON lines.
    #[arg(long, env = "ASSESSDESK_LOG", default_value = DEFAULT_LOG, global = true)]
    pub log: String,
}

/// A setting that is wrong or missing, with the sentence that says how to mend it.
#[derive(Debug, thiserror::Error)]
#[error("ASSESSDESK_{name}: {mend}")]
pub struct Error {
    /// The setting's name without its prefix.
    pub name: &'static str,
    /// What is wrong and how to mend it.
    pub mend: String,
}

/// The settings, checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// Address and port to listen on.
    pub listen: SocketAddr,
    /// The address under which people and Kombo reach us, without a slash at its end.
    pub base_url: Url,
    /// The database's URL.
    pub database_url: SecretString,
    /// The folder of uploaded files.
    pub data_dir: PathBuf,
    /// The key that seals.
    pub secret_key: Key,
    /// Earlier keys.
    pub secret_key_previous: Vec<Key>,
    /// Networks whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The token that may read `/metrics`.
    pub metrics_token: Option<SecretString>,
    /// Kombo's API.
    pub kombo_api_url: Url,
    /// Kombo's API key; without one nothing is sent and *Today* says so.
    pub kombo_api_key: Option<SecretString>,
    /// The webhook secrets; without one every webhook is refused and *Today* says so.
    pub kombo_webhook_secrets: Vec<SecretString>,
    /// How long one call to Kombo may take.
    pub kombo_timeout: Duration,
    /// How mails leave; without it nobody is invited by mail.
    pub mail: Option<Mail>,
    /// How long one step of a conversation with the mail server may take.
    pub smtp_timeout: Duration,
    /// How long a released result can still be undone.
    pub release_delay: Duration,
    /// The waits between the attempts of a delivery.
    pub retry_waits: Vec<Duration>,
    /// How often the reconciler runs.
    pub reconcile_every: Duration,
    /// How long a claimed delivery belongs to its sender.
    pub lease: Duration,
    /// How long the bodies of webhooks, and of mails that are over, are kept.
    pub retention_inbox: Duration,
    /// How often an open event stream says that it is alive.
    pub live_heartbeat: Duration,
    /// Address and port of the sandbox.
    pub sandbox_listen: SocketAddr,
    /// The sandbox's own database.
    pub sandbox_database_url: String,
    /// Where the sandbox sends its webhooks.
    pub sandbox_target_url: Url,
    /// What is logged.
    pub log: String,
}

impl Settings {
    /// Checks every setting; the first that is wrong says how to mend it.
    pub fn check(&self) -> Result<Config, Error> {
        let base_url = http_url("BASE_URL", &self.base_url)?;
        let target = match &self.sandbox_target_url {
            Some(text) => http_url("SANDBOX_TARGET_URL", text)?,
            None => with_path(&base_url, "webhooks/kombo"),
        };
        let smtp_timeout = duration("SMTP_TIMEOUT", &self.smtp_timeout)?;
        Ok(Config {
            listen: address("LISTEN", &self.listen)?,
            database_url: database_url(&self.database_url)?.into(),
            data_dir: self.data_dir.clone(),
            secret_key: secret_key(self.secret_key.as_ref())?,
            secret_key_previous: previous_keys(self.secret_key_previous.as_ref())?,
            trusted_proxies: networks(&self.trusted_proxies)?,
            metrics_token: self.metrics_token.clone().filter(is_set),
            kombo_api_url: http_url("KOMBO_API_URL", &self.kombo_api_url)?,
            kombo_api_key: self.kombo_api_key.clone().filter(is_set),
            kombo_webhook_secrets: secrets(self.kombo_webhook_secret.as_ref()),
            kombo_timeout: duration("KOMBO_TIMEOUT", &self.kombo_timeout)?,
            mail: mail::read(self.smtp_url.as_ref(), &self.mail_from, smtp_timeout)?,
            smtp_timeout,
            release_delay: duration("RELEASE_DELAY", &self.release_delay)?,
            retry_waits: durations("RETRY_WAITS", &self.retry_waits)?,
            reconcile_every: duration("RECONCILE_EVERY", &self.reconcile_every)?,
            lease: duration("LEASE", &self.lease)?,
            retention_inbox: duration("RETENTION_INBOX", &self.retention_inbox)?,
            live_heartbeat: heartbeat(&self.live_heartbeat)?,
            sandbox_listen: address("SANDBOX_LISTEN", &self.sandbox_listen)?,
            sandbox_database_url: self.sandbox_database_url.clone(),
            sandbox_target_url: target,
            log: self.log.clone(),
            base_url,
        })
    }
}

impl Config {
    /// The full address of a path of ours (`/r/…`).
    pub fn link(&self, path: &str) -> String {
        format!("{}{}", self.base_url.as_str().trim_end_matches('/'), path)
    }

    /// Whether `KOMBO_API_URL` is one of Kombo's own addresses, and no sandbox's or stand-in's.
    pub fn talks_to_kombo(&self) -> bool {
        let host = self.kombo_api_url.host_str().unwrap_or_default();
        host == "kombo.dev" || host.ends_with(".kombo.dev")
    }

    /// Whether mails stay in the desk's own mail box.
    pub fn keeps_mails(&self) -> bool {
        matches!(self.mail.as_ref().map(|mail| &mail.way), Some(mail::Way::Desk))
    }

    /// Whether cookies can be `Secure`: everywhere but on plain HTTP.
    pub fn is_https(&self) -> bool {
        self.base_url.scheme() == "https"
    }

    /// Whether `address` is a proxy whose `X-Forwarded-For` is believed.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.trusted_proxies.iter().any(|network| network.contains(&address))
    }
}

/// Reads a `.env` file of the working folder into the environment, where there is one; set variables win.
pub fn load_dotenv() -> Result<(), Error> {
    match dotenvy::dotenv() {
        Ok(_) => Ok(()),
        Err(error) if error.not_found() => Ok(()),
        Err(error) => Err(Error {
            name: "*",
            mend: format!("the .env file cannot be read: {error}"),
        }),
    }
}

fn wrong(name: &'static str, mend: impl Into<String>) -> Error {
    Error {
        name,
        mend: mend.into(),
    }
}

fn is_set(secret: &SecretString) -> bool {
    !secret.expose_secret().trim().is_empty()
}

fn address(name: &'static str, text: &str) -> Result<SocketAddr, Error> {
    text.parse().map_err(|_| {
        wrong(
            name,
            format!("‘{text}’ is not an address with a port; write it like 127.0.0.1:8080"),
        )
    })
}

fn http_url(name: &'static str, text: &str) -> Result<Url, Error> {
    let url = Url::parse(text).map_err(|_| {
        wrong(
            name,
            format!("‘{text}’ is not an address; write it like https://desk.example.com"),
        )
    })?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() || url.query().is_some() {
        return Err(wrong(name, "must begin with http:// or https:// and have no ‘?’"));
    }
    Ok(url)
}

fn with_path(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/{path}", base.path().trim_end_matches('/')));
    url
}

fn database_url(text: &str) -> Result<String, Error> {
    let known = ["sqlite:", "postgres:", "postgresql:"];
    if known.iter().any(|scheme| text.starts_with(scheme)) {
        return Ok(text.to_owned());
    }
    Err(wrong("DATABASE_URL", "must begin with sqlite:// or postgres://"))
}

fn key(name: &'static str, text: &str) -> Result<Key, Error> {
    let mend = "must be 32 bytes in base64; `assessdesk secret` prints a new one";
    let bytes = STANDARD.decode(text.trim()).map_err(|_| wrong(name, mend))?;
    bytes.try_into().map(Key::new).map_err(|_| wrong(name, mend))
}

fn secret_key(secret: Option<&SecretString>) -> Result<Key, Error> {
    let secret = secret.filter(|secret| is_set(secret)).ok_or_else(|| {
        wrong(
            "SECRET_KEY",
            "is missing; `assessdesk secret` prints a new one. Keep it safe: losing it loses what is sealed",
        )
    })?;
    key("SECRET_KEY", secret.expose_secret())
}

fn previous_keys(secret: Option<&SecretString>) -> Result<Vec<Key>, Error> {
    secrets(secret)
        .iter()
        .map(|text| key("SECRET_KEY_PREVIOUS", text.expose_secret()))
        .collect()
}

fn secrets(list: Option<&SecretString>) -> Vec<SecretString> {
    let text = list.map(ExposeSecret::expose_secret).unwrap_or_default();
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(SecretString::from)
        .collect()
}

fn networks(text: &str) -> Result<Vec<IpNet>, Error> {
    let parse = |part: &str| {
        part.parse::<IpNet>()
            .or_else(|_| part.parse::<IpAddr>().map(IpNet::from))
            .map_err(|_| {
                wrong(
                    "TRUSTED_PROXIES",
                    format!("‘{part}’ is not a network; write it like 10.0.0.0/8"),
                )
            })
    };
    text.split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(parse)
        .collect()
}

fn duration(name: &'static str, text: &str) -> Result<Duration, Error> {
    humantime::parse_duration(text.trim()).map_err(|_| {
        wrong(
            name,
            format!("‘{text}’ is not a time; write it like 500ms, 60s, 3m, 2h or 30d"),
        )
    })
}

/// Longer than 20 s, and a person whose page is open would count as away between two beats.
fn heartbeat(text: &str) -> Result<Duration, Error> {
    const NAME: &str = "LIVE_HEARTBEAT";
    let beat = duration(NAME, text)?;
    if beat.is_zero() || beat > Duration::from_secs(20) {
        return Err(wrong(NAME, "must lie between 1ms and 20s; 15s is good"));
    }
    Ok(beat)
}

fn durations(name: &'static str, text: &str) -> Result<Vec<Duration>, Error> {
    let waits = text
        .split(',')
        .map(|part| duration(name, part))
        .collect::<Result<Vec<_>, _>>()?;
    if waits.is_empty() {
        return Err(wrong(name, "needs at least one wait, like 1s,5s,30s"));
    }
    Ok(waits)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Cli {
        #[command(flatten)]
        settings: Settings,
    }

    pub(crate) fn check(flags: &[&str]) -> Result<Config, Error> {
        let all = ["assessdesk"].iter().chain(flags);
        Cli::parse_from(all).settings.check()
    }

    const KEY: &str = "--secret-key=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

    #[test]
    fn the_defaults_need_only_a_key() {
        let config = check(&[KEY]).expect("good settings");
        assert_eq!(config.link("/r/x"), "http://127.0.0.1:8080/r/x");
        assert_eq!(
            config.sandbox_target_url.as_str(),
            "http://127.0.0.1:8080/webhooks/kombo"
        );
        assert_eq!(config.retry_waits.len(), 11);
    }

    #[test]
    fn each_wrong_setting_says_its_name_and_how_to_mend_it() {
        for (flags, name) in [
            (vec![], "SECRET_KEY"),
            (vec!["--secret-key=short"], "SECRET_KEY"),
            (vec![KEY, "--listen=nowhere"], "LISTEN"),
            (vec![KEY, "--base-url=desk.example.com"], "BASE_URL"),
            (vec![KEY, "--database-url=mysql://x"], "DATABASE_URL"),
            (
                vec![KEY, "--smtp-url=mail.example.com", "--mail-from=a@b.example"],
                "SMTP_URL",
            ),
            (vec![KEY, "--smtp-url=smtp://mail.example.com"], "MAIL_FROM"),
            (vec![KEY, "--smtp-timeout=soon"], "SMTP_TIMEOUT"),
            (vec![KEY, "--release-delay=soon"], "RELEASE_DELAY"),
            (vec![KEY, "--retry-waits=1s,never"], "RETRY_WAITS"),
            (vec![KEY, "--trusted-proxies=here"], "TRUSTED_PROXIES"),
        ] {
            let error = check(&flags).expect_err(name);
            assert_eq!(error.name, name);
            assert!(error.to_string().len() > 20, "{error}");
        }
    }
}
