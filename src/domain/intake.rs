//! What is decided about an order when its webhook arrives.

use super::language::Language;
use super::words::words;
use serde::{Deserialize, Serialize};

words! {
    /// How a customer's orders are taken in.
    pub enum TakeOrders {
        /// At once, by this setting.
        Accept = "accept", "Take every order at once";
        /// They are received, and a person decides.
        Later = "later", "A person decides later";
    }
}

words! {
    /// What happens to a held order when its time is up and nobody has decided.
    pub enum HoldElse {
        /// It is taken.
        Accept = "accept", "Accept it";
        /// It stays received, for a later decision.
        Later = "later", "Leave it received";
        /// It is rejected with the customer's text.
        Reject = "reject", "Reject it";
    }
}

/// For how many seconds an answer is held where nothing else is chosen.
pub const DEFAULT_HOLD_SECONDS: i64 = 8;

/// The longest hold, in seconds: ATSs give up on their own request after 15 to 30 s.
pub const LONGEST_HOLD_SECONDS: i64 = 10;

/// What a recruiter reads by default when nobody decided in time and the customer chose to reject then.
pub const HOLD_MESSAGE: &str =
    "We could not take this order right now. Please order it again a little later, or write to us.";

/// A customer's wish that a person decides while the webhook waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldSetting {
    /// For how long at most (0 to [`LONGEST_HOLD_SECONDS`]).
    pub seconds: i64,
    /// What happens when the time is up.
    pub otherwise: HoldElse,
    /// What the recruiter reads where that is a rejection; empty: [`HOLD_MESSAGE`].
    pub message: String,
}

words! {
    /// What happens to an order for a package that was never offered.
    pub enum UnknownPackage {
        /// It is taken in and flagged.
        Take = "take", "Take it in and flag it";
        /// It is rejected, once a publication was confirmed.
        Reject = "reject", "Reject it";
    }
}

words! {
    /// What happens to an order for a package that is no longer offered.
    pub enum WithdrawnPackage {
        /// It is served like any other.
        Serve = "serve", "Serve it";
        /// It is rejected.
        Reject = "reject", "Reject it";
    }
}

words! {
    /// How the ordered package stands to what the integration was offered.
    pub enum PackageStanding {
        /// It is in the newest confirmed publication.
        Offered = "offered", "Offered";
        /// It was in an earlier publication.
        Withdrawn = "withdrawn", "No longer offered";
        /// It was in none.
        Unknown = "unknown", "Never offered";
    }
}

/// A customer's settings for new orders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerSettings {
    /// How orders are taken in.
    pub take_orders: TakeOrders,
    /// Where a person is asked while the webhook waits; it goes before `take_orders`.
    pub hold: Option<HoldSetting>,
    /// What happens to orders for packages that were never offered.
    pub unknown_package: UnknownPackage,
    /// What the recruiter reads when such an order is rejected; empty: [`UNKNOWN_MESSAGE`].
    pub unknown_message: String,
    /// What happens to orders for packages that are no longer offered.
    pub withdrawn_package: WithdrawnPackage,
    /// What the recruiter reads when such an order is rejected; empty: [`WITHDRAWN_MESSAGE`].
    pub withdrawn_message: String,
    /// Whether candidates are invited from here.
    pub invite: bool,
    /// The language in which its recruiters and candidates are written to.
    pub language: Language,
    /// Hours from arrival within which a result is due (1 to 8,760).
    pub due_hours: i64,
}

/// What a recruiter reads by default when they ordered a package that was never offered.
pub const UNKNOWN_MESSAGE: &str = "We don't offer this assessment. Please choose another one from the list, or write to us if you think that it should be there.";

/// What a recruiter reads by default when they ordered a package that is no longer offered.
pub const WITHDRAWN_MESSAGE: &str = "This assessment is no longer available. Please choose another one from the list; orders that you placed before are still being worked on.";

words! {
    /// Why an order was decided as it was.
    pub enum Why {
        /// The customer's orders are taken at once.
        TakesOrders = "takes_orders", "This customer's orders are taken at once.";
        /// The customer's orders wait for a person.
        PersonDecides = "person_decides", "This customer's orders wait for a person.";
        /// The candidate is waiting, so nobody can be asked first.
        Inline = "inline", "The candidate was waiting in the career page, so it was taken at once.";
        /// The integration belongs to no customer yet.
        Unassigned = "unassigned", "The integration belongs to no customer yet.";
        /// The package was never offered to this integration.
        UnknownPackage = "unknown_package", "This package was never offered to this integration.";
        /// The package is no longer offered.
        WithdrawnPackage = "withdrawn_package", "This package is no longer offered.";
        /// A rule fits.
        Rule = "rule", "A rule decided.";
        /// A rule would have had a person asked, and the candidate is waiting.
        RuleInline = "rule_inline", "A rule would have had a person asked, but the candidate was waiting in the career page, so it was taken at once.";
        /// A person was asked while the webhook waited, and the time is up.
        NobodyDecided = "nobody_decided", "Nobody decided while the ATS waited, so the customer's setting did.";
        /// A person was to be asked, and no desk was open.
        NobodyThere = "nobody_there", "No desk was open at which somebody could have decided, so the customer's setting did.";
        /// A person was to be asked, and too many orders were waiting already.
        TooManyHeld = "too_many_held", "Too many orders were waiting for a person already, so the customer's setting decided.";
        /// A person was to be asked, and no webhook waits: it never came, or it is read again.
        NotWaiting = "not_waiting", "The ATS was not waiting for the answer, so the customer's setting decided without asking anybody.";
        /// A person was to be asked, and there was no time for it.
        NoTime = "no_time", "There was no time to ask a person, so the customer's setting decided.";
        /// A person was asked, and the program was asked to stop meanwhile.
        Stopping = "stopping", "The program was asked to stop while the ATS waited, so the customer's setting decided.";
    }
}

/// What the settings decide about a new order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Take it.
    Accept {
        /// Why.
        why: Why,
    },
    /// Refuse it in the answer.
    Reject {
        /// Why.
        why: Why,
        /// What the recruiter reads.
        message: String,
    },
    /// Receive it; a person decides later.
    Later {
        /// Why.
        why: Why,
        /// Whether somebody should look at it because something is wrong.
        flagged: bool,
    },
}

impl Why {
    /// The same, where a rule had a person asked instead of the customer's settings.
    pub fn by_rule(self) -> String {
        self.label().replace("the customer's setting", "the rule")
    }
}

impl HoldSetting {
    /// What the setting decides where no person did.
    pub fn verdict(&self, why: Why) -> Verdict {
        match self.otherwise {
            HoldElse::Accept => Verdict::Accept { why },
            HoldElse::Later => Verdict::Later { why, flagged: false },
            HoldElse::Reject => Verdict::Reject {
                why,
                message: text_or(&self.message, HOLD_MESSAGE),
            },
        }
    }
}

/// The wish that a person decides about this order while its webhook waits. Only orders that would be taken are held:
/// never those of a candidate who is waiting, never an unknown package, never what a rule rejects.
pub fn asks(settings: Option<&CustomerSettings>, standing: PackageStanding, inline: bool) -> Option<&HoldSetting> {
    let settings = settings.filter(|_| !inline)?;
    match (standing, settings.withdrawn_package) {
        (PackageStanding::Offered, _) | (PackageStanding::Withdrawn, WithdrawnPackage::Serve) => settings.hold.as_ref(),
        (PackageStanding::Withdrawn, WithdrawnPackage::Reject) | (PackageStanding::Unknown, _) => None,
    }
}

/// What the settings decide where a person was asked and did not answer; settings that changed meanwhile count as they
/// are now.
pub fn unasked(settings: Option<&CustomerSettings>, why: Why) -> Verdict {
    match settings {
        Some(CustomerSettings { hold: Some(hold), .. }) => hold.verdict(why),
        Some(settings) => take(settings, false),
        None => Verdict::Later {
            why: Why::Unassigned,
            flagged: true,
        },
    }
}

/// Decides about a new order by the customer's settings, without asking anybody; `settings` is none where the integration belongs to nobody yet.
///
/// A rejection is final, so it is never given for want of knowledge: an unknown package is rejected only where the
/// customer chose it and `publication_confirmed` says that Kombo confirmed an offer of ours for this integration.
pub fn decide(
    settings: Option<&CustomerSettings>,
    standing: PackageStanding,
    publication_confirmed: bool,
    inline: bool,
) -> Verdict {
    let Some(settings) = settings else {
        return Verdict::Later {
            why: Why::Unassigned,
            flagged: true,
        };
    };
    match standing {
        PackageStanding::Unknown => {
            if settings.unknown_package == UnknownPackage::Reject && publication_confirmed {
                Verdict::Reject {
                    why: Why::UnknownPackage,
                    message: text_or(&settings.unknown_message, UNKNOWN_MESSAGE),
                }
            } else {
                Verdict::Later {
                    why: Why::UnknownPackage,
                    flagged: true,
                }
            }
        }
        PackageStanding::Withdrawn if settings.withdrawn_package == WithdrawnPackage::Reject => Verdict::Reject {
            why: Why::WithdrawnPackage,
            message: text_or(&settings.withdrawn_message, WITHDRAWN_MESSAGE),
        },
        PackageStanding::Withdrawn | PackageStanding::Offered => take(settings, inline),
    }
}

fn take(settings: &CustomerSettings, inline: bool) -> Verdict {
    match (&settings.hold, inline) {
        (Some(hold), false) => return hold.verdict(Why::NotWaiting),
        (Some(_), true) => return Verdict::Accept { why: Why::Inline },
        (None, _) => {}
    }
    match settings.take_orders {
        TakeOrders::Accept => Verdict::Accept { why: Why::TakesOrders },
        TakeOrders::Later if inline => Verdict::Accept { why: Why::Inline },
        TakeOrders::Later => Verdict::Later {
            why: Why::PersonDecides,
            flagged: false,
        },
    }
}

fn text_or(own: &str, default: &str) -> String {
    let own = own.trim();
    if own.is_empty() { default } else { own }.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use PackageStanding as P;

    fn settings() -> CustomerSettings {
        CustomerSettings {
            take_orders: TakeOrders::Accept,
            hold: None,
            unknown_package: UnknownPackage::Take,
            unknown_message: String::new(),
            withdrawn_package: WithdrawnPackage::Serve,
            withdrawn_message: String::new(),
            invite: true,
            language: Language::En,
            due_hours: 120,
        }
    }

    #[test]
    fn an_offered_package_is_taken_at_once() {
        let verdict = decide(Some(&settings()), P::Offered, true, false);
        assert_eq!(verdict, Verdict::Accept { why: Why::TakesOrders });
    }

    fn holding(otherwise: HoldElse, message: &str) -> CustomerSettings {
        CustomerSettings {
            hold: Some(HoldSetting {
                seconds: 8,
                otherwise,
                message: message.to_owned(),
            }),
            ..settings()
        }
    }

    #[test]
    fn a_person_is_asked_only_about_orders_that_would_be_taken() {
        let asks = |settings: &CustomerSettings, standing, inline| asks(Some(settings), standing, inline).is_some();
        let wants = holding(HoldElse::Accept, "");
        assert!(asks(&wants, P::Offered, false) && asks(&wants, P::Withdrawn, false));
        assert!(!asks(&wants, P::Unknown, false), "unknown packages are never held");
        assert!(!asks(&wants, P::Offered, true), "a waiting candidate is never held up");
        let strict = CustomerSettings {
            withdrawn_package: WithdrawnPackage::Reject,
            ..wants
        };
        assert!(
            !asks(&strict, P::Withdrawn, false),
            "what a rule rejects is rejected at once"
        );
        assert!(!asks(&settings(), P::Offered, false));
    }

    #[test]
    fn with_nobody_to_ask_the_holds_setting_decides_at_once() {
        let why = Why::NotWaiting;
        let decided = |settings: &CustomerSettings| decide(Some(settings), P::Offered, true, false);
        assert_eq!(decided(&holding(HoldElse::Accept, "")), Verdict::Accept { why });
        let later = Verdict::Later { why, flagged: false };
        assert_eq!(decided(&holding(HoldElse::Later, "")), later);
        let message = "Not today.".to_owned();
        assert_eq!(
            decided(&holding(HoldElse::Reject, " Not today. ")),
            Verdict::Reject { why, message }
        );
        let inline = decide(Some(&holding(HoldElse::Reject, "")), P::Offered, true, true);
        assert_eq!(inline, Verdict::Accept { why: Why::Inline });
        let message = HOLD_MESSAGE.to_owned();
        let why = Why::NobodyDecided;
        assert_eq!(
            unasked(Some(&holding(HoldElse::Reject, "")), why),
            Verdict::Reject { why, message }
        );
        assert_eq!(
            unasked(Some(&settings()), why),
            Verdict::Accept { why: Why::TakesOrders }
        );
    }

    #[test]
    fn an_unassigned_integration_waits_for_a_person() {
        let verdict = decide(None, P::Offered, true, true);
        assert_eq!(
            verdict,
            Verdict::Later {
                why: Why::Unassigned,
                flagged: true
            }
        );
    }

    #[test]
    fn a_customer_may_have_a_person_decide_later_but_never_while_the_candidate_waits() {
        let later = CustomerSettings {
            take_orders: TakeOrders::Later,
            ..settings()
        };
        assert_eq!(
            decide(Some(&later), P::Offered, true, false),
            Verdict::Later {
                why: Why::PersonDecides,
                flagged: false
            }
        );
        assert_eq!(
            decide(Some(&later), P::Offered, true, true),
            Verdict::Accept { why: Why::Inline }
        );
    }

    #[test]
    fn an_unknown_package_is_taken_in_and_flagged_by_default() {
        let verdict = decide(Some(&settings()), P::Unknown, true, false);
        assert_eq!(
            verdict,
            Verdict::Later {
                why: Why::UnknownPackage,
                flagged: true
            }
        );
    }

    #[test]
    fn an_unknown_package_is_rejected_only_after_a_confirmed_publication() {
        let strict = CustomerSettings {
            unknown_package: UnknownPackage::Reject,
            ..settings()
        };
        assert!(matches!(
            decide(Some(&strict), P::Unknown, false, false),
            Verdict::Later { flagged: true, .. }
        ));
        assert_eq!(
            decide(Some(&strict), P::Unknown, true, true),
            Verdict::Reject {
                why: Why::UnknownPackage,
                message: UNKNOWN_MESSAGE.to_owned()
            }
        );
    }

    #[test]
    fn a_withdrawn_package_is_served_unless_the_customer_chose_otherwise() {
        assert!(matches!(
            decide(Some(&settings()), P::Withdrawn, true, false),
            Verdict::Accept { .. }
        ));
        let strict = CustomerSettings {
            withdrawn_package: WithdrawnPackage::Reject,
            withdrawn_message: " Please order 'Logic 2' instead. ".to_owned(),
            ..settings()
        };
        assert_eq!(
            decide(Some(&strict), P::Withdrawn, true, false),
            Verdict::Reject {
                why: Why::WithdrawnPackage,
                message: "Please order 'Logic 2' instead.".to_owned()
            }
        );
    }
}
