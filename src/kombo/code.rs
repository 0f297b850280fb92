//! Kombo's error codes: what each means for a delivery, and what people are told.

use std::fmt;

/// What is to be done about a call that Kombo refused or whose fate is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fate {
    /// Certainly not applied, and it may go through later: send again after a wait (never before `Retry-After`).
    Retry,
    /// It may have been applied: read back before sending again.
    ReadBack,
    /// This integration cannot take anything now: park all its deliveries until it is `ACTIVE` again or a person wakes them.
    ParkIntegration,
    /// No call of ours can go through (our key or our address is refused): park everything until a person mends it.
    ParkAll,
    /// It will never go through as it is: a person must change it or decide.
    Refused,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $fate:ident, $title:literal, $next:literal;)*) => {
        /// A code of Kombo's error answers. New codes can appear at any time and are kept as they came.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum Code {
            $($(#[$doc])* $variant,)*
            /// A code that this program does not know yet.
            Other(String),
        }

        impl Code {
            /// Every code that Kombo documents.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The text on the wire.
            pub fn as_str(&self) -> &str {
                match self { $(Self::$variant => $text,)* Self::Other(text) => text }
            }

            /// What happened, in plain words.
            pub fn title(&self) -> &'static str {
                match self {
                    $(Self::$variant => $title,)*
                    Self::Other(_) => "Kombo refused it for a reason that this program does not know yet",
                }
            }

            /// What a staff member does next.
            pub fn next_step(&self) -> &'static str {
                match self {
                    $(Self::$variant => $next,)*
                    Self::Other(_) => "Read Kombo's message and its log page, then send again or change what is sent.",
                }
            }

            /// What is to be done, as far as the code alone tells.
            fn known_fate(&self) -> Option<Fate> {
                match self { $(Self::$variant => Some(Fate::$fate),)* Self::Other(_) => None }
            }
        }

        impl From<&str> for Code {
            fn from(text: &str) -> Self {
                match text { $($text => Self::$variant,)* other => Self::Other(other.to_owned()) }
            }
        }
    };
}

codes! {
    /// Too many calls in a time.
    PlatformRateLimitExceeded = "PLATFORM.RATE_LIMIT_EXCEEDED", Retry,
        "Too many calls to Kombo in a short time",
        "Nothing to do: it is sent again after a wait.";
    /// Too many calls at once.
    PlatformConcurrencyLimitExceeded = "PLATFORM.CONCURRENCY_LIMIT_EXCEEDED", Retry,
        "Too many calls to Kombo at once for this integration",
        "Nothing to do: it is sent again after a wait.";
    /// No such integration.
    PlatformIntegrationNotFound = "PLATFORM.INTEGRATION_NOT_FOUND", ParkIntegration,
        "Kombo does not know this integration any more",
        "Ask the customer to connect their ATS again; orders of the old connection can be closed here.";
    /// What we sent is wrong.
    PlatformInputInvalid = "PLATFORM.INPUT_INVALID", Refused,
        "Kombo did not take it as it was",
        "Read Kombo's message, correct what it names, and release again.";
    /// Kombo does not know what went wrong.
    PlatformUnknownError = "PLATFORM.UNKNOWN_ERROR", ReadBack,
        "Something went wrong at Kombo",
        "Nothing to do: it is checked and sent again after a wait. If it goes on, send Kombo the log page.";
    /// Our address is not on the list.
    PlatformIpNotWhitelisted = "PLATFORM.IP_NOT_WHITELISTED", ParkAll,
        "Kombo does not take calls from this server's address",
        "Add the server's address to the list in Kombo's settings, then wake the deliveries.";
    /// Our key is wrong.
    PlatformAuthenticationInvalid = "PLATFORM.AUTHENTICATION_INVALID", ParkAll,
        "Kombo refused our API key",
        "Put the right key into ASSESSDESK_KOMBO_API_KEY, start again, then wake the deliveries.";
    /// Kombo's own work took too long.
    PlatformTaskTimedOut = "PLATFORM.TASK_TIMED_OUT", ReadBack,
        "Kombo did not finish in time",
        "Nothing to do: it is checked and sent again if it did not arrive.";
    /// The connected account may not do this.
    IntegrationPermissionMissing = "INTEGRATION.PERMISSION_MISSING", ParkIntegration,
        "The customer's ATS account lacks a permission",
        "Ask the customer to give the connected account the permission that Kombo names, then wake the deliveries.";
    /// The customer's credentials no longer work.
    IntegrationAuthenticationInvalid = "INTEGRATION.AUTHENTICATION_INVALID", ParkIntegration,
        "The customer's ATS no longer accepts the connection's credentials",
        "Send the customer a reconnect link; deliveries go out once the integration is active again.";
    /// Kombo's check of the integration failed.
    IntegrationQaFailed = "INTEGRATION.QA_FAILED", ParkIntegration,
        "Kombo's check of this integration failed",
        "Ask Kombo's support, with the log page; deliveries go out once the integration is active again.";
    /// The first synchronisation still runs.
    IntegrationSetupSyncPending = "INTEGRATION.SETUP_SYNC_PENDING", ParkIntegration,
        "The integration is still being set up",
        "Wait until Kombo has finished; deliveries go out once the integration is active.";
    /// Steps of the set-up are left.
    IntegrationSetupIncomplete = "INTEGRATION.SETUP_INCOMPLETE", ParkIntegration,
        "The customer has not finished setting the integration up",
        "Send the customer a set-up link; deliveries go out once the integration is active.";
    /// Switched off.
    IntegrationInactive = "INTEGRATION.INACTIVE", ParkIntegration,
        "The integration is switched off",
        "Switch it on again here or at Kombo; deliveries then go out.";
    /// The ATS does not have this.
    IntegrationModelNotAvailable = "INTEGRATION.MODEL_NOT_AVAILABLE", ParkIntegration,
        "Kombo does not support this for the customer's ATS",
        "Ask Kombo's support whether it can be had for this ATS, then wake the deliveries.";
    /// Switched off for this integration.
    IntegrationModelDisabled = "INTEGRATION.MODEL_DISABLED", ParkIntegration,
        "This is switched off for the integration in Kombo's settings",
        "Switch it on in Kombo's settings, then wake the deliveries.";
    /// The ATS cannot do this.
    IntegrationActionNotAvailable = "INTEGRATION.ACTION_NOT_AVAILABLE", ParkIntegration,
        "Kombo cannot write this to the customer's ATS",
        "Ask Kombo's support whether it can be had for this ATS, then wake the deliveries.";
    /// Switched off for this integration.
    IntegrationActionDisabled = "INTEGRATION.ACTION_DISABLED", ParkIntegration,
        "Writing is switched off for the integration in Kombo's settings",
        "Switch it on in Kombo's settings, then wake the deliveries.";
    /// The ATS is down.
    RemoteServiceUnavailable = "REMOTE.SERVICE_UNAVAILABLE", Retry,
        "The customer's ATS cannot be reached",
        "Nothing to do: it is sent again after a wait.";
    /// The ATS has had too many calls.
    RemoteRateLimitExceeded = "REMOTE.RATE_LIMIT_EXCEEDED", Retry,
        "The customer's ATS has had too many calls",
        "Nothing to do: it is sent again after a wait.";
    /// The ATS did not take it.
    RemoteInputInvalid = "REMOTE.INPUT_INVALID", Refused,
        "The customer's ATS did not take it as it was",
        "Read the message, correct what it names, and release again.";
    /// The ATS answered something odd.
    RemoteUnknownHttpError = "REMOTE.UNKNOWN_HTTP_ERROR", ReadBack,
        "The customer's ATS answered with an unexpected error",
        "Nothing to do: it is checked and sent again after a wait. If it goes on, send Kombo the log page.";
    /// The job is closed.
    AtsJobClosed = "ATS.JOB_CLOSED", Refused,
        "The job is closed in the customer's ATS",
        "Tell the customer; the order can be closed here.";
    /// The application is there already.
    AtsApplicationAlreadyExists = "ATS.APPLICATION_ALREADY_EXISTS", Refused,
        "The application is in the customer's ATS already",
        "Look at the order in the ATS with the customer.";
}

impl Code {
    /// What is to be done about a refusal: by its code, and by its HTTP status only where the code does not tell.
    pub fn fate(code: Option<&Self>, http_status: u16) -> Fate {
        match code {
            Some(code) => code
                .known_fate()
                .unwrap_or_else(|| match code.as_str().split_once('.') {
                    Some(("INTEGRATION", _)) => Fate::ParkIntegration,
                    _ => Self::fate(None, http_status),
                }),
            None => match http_status {
                429 => Fate::Retry,
                401 | 403 => Fate::ParkAll,
                408 | 500.. => Fate::ReadBack,
                _ => Fate::Refused,
            },
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_survives_the_wire() {
        assert_eq!(Code::ALL.len(), 24);
        for code in Code::ALL {
            assert_eq!(&Code::from(code.as_str()), code);
            assert!(
                !code.title().ends_with('.') && code.next_step().ends_with('.'),
                "{code}"
            );
        }
        assert_eq!(Code::from("NEW.ONE"), Code::Other("NEW.ONE".into()));
    }

    #[test]
    fn every_code_and_a_new_one_has_words_of_its_own_and_a_next_step() {
        let new = Code::from("NEW.ONE");
        let all: Vec<&Code> = Code::ALL.iter().chain([&new]).collect();
        let titles: std::collections::HashSet<&str> = all.iter().map(|code| code.title()).collect();
        assert_eq!(titles.len(), all.len(), "two codes say the same");
        for code in all {
            assert!(code.title().len() > 20 && code.next_step().len() > 20, "{code}");
            assert!(
                !code.title().contains(code.as_str()),
                "{code} is told as a code, not in words"
            );
        }
    }

    #[test]
    fn the_code_decides_and_the_status_only_where_there_is_none() {
        let fate = |code: &str, status| Code::fate(Some(&Code::from(code)), status);
        assert_eq!(fate("PLATFORM.INPUT_INVALID", 500), Fate::Refused);
        assert_eq!(fate("PLATFORM.RATE_LIMIT_EXCEEDED", 400), Fate::Retry);
        assert_eq!(fate("INTEGRATION.SOMETHING_NEW", 400), Fate::ParkIntegration);
        assert_eq!(fate("SOMETHING.NEW", 429), Fate::Retry);
        assert_eq!(fate("SOMETHING.NEW", 400), Fate::Refused);
        assert_eq!(Code::fate(None, 502), Fate::ReadBack);
        assert_eq!(Code::fate(None, 401), Fate::ParkAll);
        assert_eq!(Code::fate(None, 404), Fate::Refused);
    }
}
