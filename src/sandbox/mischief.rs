//! What goes wrong on purpose. Rules last until they are used up, taken back, or the sandbox stops.

use serde::{Deserialize, Serialize};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// A kind of call, for rules and counters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallKind {
    /// `GET /check-api-key`
    CheckApiKey,
    /// `POST /connect/create-link`
    CreateLink,
    /// `GET /connect/integration-by-token/{token}` and `GET /integrations/{id}`
    Integration,
    /// Every other call about an integration.
    ManageIntegration,
    /// `GET /tools/assessment`
    Tools,
    /// `PUT /assessment/packages`
    PutPackages,
    /// `GET /assessment/packages`
    Packages,
    /// `GET /assessment/orders`
    Orders,
    /// `PUT /assessment/orders/{id}/result`
    Result,
    /// Anything else.
    Other,
}

impl CallKind {
    /// All of them with their names.
    pub const ALL: [(Self, &'static str); 10] = [
        (Self::Result, "result"),
        (Self::Orders, "orders"),
        (Self::PutPackages, "put_packages"),
        (Self::Packages, "packages"),
        (Self::CreateLink, "create_link"),
        (Self::Integration, "integration"),
        (Self::ManageIntegration, "manage_integration"),
        (Self::Tools, "tools"),
        (Self::CheckApiKey, "check_api_key"),
        (Self::Other, "other"),
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(kind, _)| *kind == self)
            .map_or("other", |(_, name)| name)
    }

    /// The kind of the call with this method and path (without `/v1`).
    pub fn of(method: &str, path: &str) -> Self {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (method, parts.as_slice()) {
            ("GET", ["check-api-key"]) => Self::CheckApiKey,
            ("POST", ["connect", "create-link"]) => Self::CreateLink,
            ("GET", ["integrations", _] | ["connect", "integration-by-token", _]) => Self::Integration,
            (_, ["integrations", ..]) => Self::ManageIntegration,
            ("GET", ["tools", _]) => Self::Tools,
            ("PUT", ["assessment", "packages"]) => Self::PutPackages,
            ("GET", ["assessment", "packages"]) => Self::Packages,
            ("GET", ["assessment", "orders", ..]) => Self::Orders,
            ("PUT", ["assessment", "orders", _, "result"]) => Self::Result,
            _ => Self::Other,
        }
    }
}

/// What happens to a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CallMischief {
    /// Not applied: 429 with `Retry-After` in seconds.
    TooManyCalls {
        /// Seconds; no header where it is null.
        #[serde(default)]
        retry_after: Option<u64>,
    },
    /// Not applied: 500 and 503 with Kombo's envelope, others as a proxy in front of Kombo would.
    ServerError {
        /// 500 to 599.
        #[serde(default = "five_hundred")]
        status: u16,
    },
    /// Not applied: the ATS refuses what it was sent, with `REMOTE.INPUT_INVALID`.
    Refused,
    /// Not applied: refused with this code, which need not be one that Kombo documents, or with none.
    RefusedWith {
        /// Kombo's code; null or left out: none, as Kombo also answers.
        #[serde(default)]
        code: Option<String>,
        /// 400 to 599; by default the one that goes with the code.
        #[serde(default)]
        http_status: Option<u16>,
    },
    /// Not applied, and never answered.
    TimeOut,
    /// Applied, then the connection breaks before the answer.
    AppliedThenBroken,
    /// Applied, but never answered.
    AppliedThenTimeOut,
}

fn five_hundred() -> u16 {
    500
}

/// What happens to a webhook.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum WebhookMischief {
    /// Never sent.
    Drop,
    /// Sent this many times more.
    Repeat {
        /// Times more, at most 100.
        times: u32,
    },
    /// Sent later.
    Delay {
        /// Milliseconds.
        ms: u64,
    },
    /// Sent, but its answer is waited for only this long: then the line is cut.
    HangUp {
        /// Milliseconds.
        ms: u64,
    },
    /// Sent after the webhook that follows it (or after three seconds, where none follows).
    Reorder,
}

/// One rule about calls. `{"kind":"too_many_calls","retry_after":2,"call":"result","share":0.5,"left":3}`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CallRule {
    /// What happens.
    #[serde(flatten)]
    pub mischief: CallMischief,
    /// Only to calls of this kind.
    #[serde(default)]
    pub call: Option<CallKind>,
    /// To which share of them, 0 to 1.
    #[serde(default = "always")]
    pub share: f64,
    /// How many times more; for good where it is null.
    #[serde(default)]
    pub left: Option<u32>,
}

/// One rule about webhooks. `{"kind":"repeat","times":2,"share":1.0}`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WebhookRule {
    /// What happens.
    #[serde(flatten)]
    pub mischief: WebhookMischief,
    /// Only to webhooks of this type.
    #[serde(default)]
    pub event: Option<String>,
    /// To which share of them, 0 to 1.
    #[serde(default = "always")]
    pub share: f64,
    /// How many times more; for good where it is null.
    #[serde(default)]
    pub left: Option<u32>,
}

fn always() -> f64 {
    1.0
}

/// All rules: `{"calls":[…],"webhooks":[…]}`. The first rule about calls that fits is taken; of those about webhooks all
/// that fit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Rules {
    /// About calls.
    #[serde(default)]
    pub calls: Vec<CallRule>,
    /// About webhooks.
    #[serde(default)]
    pub webhooks: Vec<WebhookRule>,
}

/// The rules in force.
#[derive(Debug, Default)]
pub struct Mischief(Mutex<Rules>);

impl Mischief {
    /// The rules, to read or change.
    pub fn rules(&self) -> MutexGuard<'_, Rules> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What happens to the next call of this kind.
    pub fn for_call(&self, kind: CallKind) -> Option<CallMischief> {
        let mut rules = self.rules();
        let at = rules
            .calls
            .iter()
            .position(|rule| rule.call.is_none_or(|call| call == kind) && dice(rule.share))?;
        let mischief = rules.calls[at].mischief.clone();
        if use_up(&mut rules.calls[at].left) {
            rules.calls.remove(at);
        }
        Some(mischief)
    }

    /// What happens to the next webhook of this type.
    pub fn for_webhook(&self, event: &str) -> Vec<WebhookMischief> {
        let mut hits = Vec::new();
        self.rules().webhooks.retain_mut(|rule| {
            if rule.event.as_deref().is_some_and(|only| only != event) || !dice(rule.share) {
                return true;
            }
            hits.push(rule.mischief);
            !use_up(&mut rule.left)
        });
        hits
    }
}

/// Counts one use; true when it was the last.
fn use_up(left: &mut Option<u32>) -> bool {
    match left {
        None => false,
        Some(count) => {
            *count = count.saturating_sub(1);
            *count == 0
        }
    }
}

/// True for this share of throws.
fn dice(share: f64) -> bool {
    share >= 1.0 || getrandom::u32().is_ok_and(|throw| f64::from(throw) / f64::from(u32::MAX) < share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_used_up_and_only_hits_its_kind() {
        let mischief = Mischief::default();
        *mischief.rules() = serde_json::from_value(serde_json::json!({ "calls": [
            { "kind": "too_many_calls", "retry_after": 2, "call": "result", "left": 1 },
            { "kind": "time_out", "call": "orders", "share": 0.0 },
        ] }))
        .expect("rules");
        assert_eq!(mischief.for_call(CallKind::Orders), None);
        assert_eq!(
            mischief.for_call(CallKind::Result),
            Some(CallMischief::TooManyCalls { retry_after: Some(2) })
        );
        assert_eq!(mischief.for_call(CallKind::Result), None);
    }

    #[test]
    fn calls_are_told_apart_by_method_and_path() {
        assert_eq!(CallKind::of("PUT", "/assessment/orders/x/result"), CallKind::Result);
        assert_eq!(CallKind::of("GET", "/assessment/orders"), CallKind::Orders);
        assert_eq!(
            CallKind::of("POST", "/integrations/a/relink"),
            CallKind::ManageIntegration
        );
        assert_eq!(CallKind::of("GET", "/elsewhere"), CallKind::Other);
    }
}
