//! What single ATSs demand of a provider, as far as a public source says so: read before the first order goes through one.

/// The state of this table: when its sources were last read.
pub const AS_OF: &str = "2026-11";

/// Something that an ATS demands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hint {
    /// The ATS as Kombo calls it.
    pub tool: &'static str,
    /// What staff should know, in a sentence.
    pub text: &'static str,
    /// The page that says so.
    pub source: &'static str,
}

const GREENHOUSE: &str = "https://docs.kombo.dev/assessment/connectors/greenhouse";
const GREENHOUSE_API: &str = "https://developers.greenhouse.io/assessment.html";
const PAYLOCITY: &str = "https://developer.paylocity.com/integrations/reference/callback";
const PAYLOCITY_PACKAGES: &str = "https://developer.paylocity.com/integrations/reference/screening-package";
const SMARTRECRUITERS: &str = "https://docs.kombo.dev/assessment/connectors/smartrecruiters";
const WORKABLE: &str = "https://docs.kombo.dev/assessment/connectors/workable";
const WORKDAY: &str = "https://docs.kombo.dev/assessment/connectors/workday";
const RESULT: &str =
    "https://api.kombo.dev/openapi.json (PUT /assessment/orders/{assessment_order_id}/result, remote_fields)";

/// The table. A line stands here only with a public source; an ATS without a line demands nothing that is known.
const TABLE: &[Hint] = &[
    Hint {
        tool: "greenhouse",
        text: "Results show only when their link opens without signing in, from anywhere: this desk’s address must be public.",
        source: GREENHOUSE,
    },
    Hint {
        tool: "greenhouse",
        text: "It takes no progress updates: the recruiter hears of the result, and of nothing before it.",
        source: GREENHOUSE,
    },
    Hint {
        tool: "greenhouse",
        text: "Connecting it needs a partnership with Greenhouse.",
        source: GREENHOUSE,
    },
    Hint {
        tool: "greenhouse",
        text: "The customer adds the assessment as a stage to the hiring plan of each job that is to use it.",
        source: GREENHOUSE_API,
    },
    Hint {
        tool: "paylocity",
        text: "It waits 20 seconds for the answer to an order.",
        source: PAYLOCITY,
    },
    Hint {
        tool: "paylocity",
        text: "Orders that are under way when their package is withdrawn are expected to be served.",
        source: PAYLOCITY_PACKAGES,
    },
    Hint {
        tool: "recruitee",
        text: "The recruiter sees a subtitle beside the result. It can be given with each result.",
        source: RESULT,
    },
    Hint {
        tool: "smartrecruiters",
        text: "Connecting it needs a partnership with SmartRecruiters.",
        source: SMARTRECRUITERS,
    },
    Hint {
        tool: "smartrecruiters",
        text: "The recruiter sees a label beside the score. It can be given with each result.",
        source: RESULT,
    },
    Hint {
        tool: "workable",
        text: "Connecting it needs a partnership with Workable.",
        source: WORKABLE,
    },
    Hint {
        tool: "workday",
        text: "Assessment packages are typed in by hand by the customer (those for background checks are not). Give them the publication’s CSV, and a new one after each publication.",
        source: WORKDAY,
    },
];

/// What is known of the ATS that Kombo calls `tool`.
pub fn hints(tool: &str) -> impl Iterator<Item = Hint> + use<'_> {
    TABLE.iter().copied().filter(move |hint| hint.tool == tool)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_hint_has_a_source_and_ends_as_a_sentence() {
        for hint in TABLE {
            assert!(hint.source.starts_with("https://"), "{}", hint.text);
            assert!(hint.text.ends_with('.'), "{}", hint.text);
        }
    }

    #[test]
    fn an_unknown_ats_has_none() {
        assert_eq!(hints("nobody").count(), 0);
        assert!(hints("greenhouse").count() > 0);
    }
}
