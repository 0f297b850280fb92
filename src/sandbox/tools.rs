//! The ATSs that the sandbox can pretend to be, and the people in them.

use crate::domain::text::fold;
use crate::kombo::wire::{Application, Candidate, Job, Location, TeamMember, TeamRole, Tool, ToolAssets, ToolRef};
use askama::Template;

/// Id, name for people, and what a person should know about it.
pub const TOOLS: &[(&str, &str, &str)] = &[
    ("greenhouse", "Greenhouse", "Takes no progress updates"),
    ("workday", "Workday", "Packages are typed in by hand"),
    ("smartrecruiters", "SmartRecruiters", "Shows a score label"),
    ("recruitee", "Recruitee", "Shows a subtitle"),
    ("lever", "Lever", ""),
    ("ashby", "Ashby", ""),
    ("teamtailor", "Teamtailor", ""),
    ("successfactors", "SAP SuccessFactors", ""),
    ("icims", "iCIMS", ""),
    ("personio", "Personio", ""),
    ("paylocity", "Paylocity", "Waits 20 seconds for an answer"),
    ("bullhorn", "Bullhorn", ""),
];

/// The name of an ATS for people; an unknown one keeps its id.
pub fn label(id: &str) -> &str {
    TOOLS
        .iter()
        .find(|(tool, ..)| *tool == id)
        .map_or(id, |(_, label, _)| label)
}

/// A picture of an ATS at Kombo's asset server, in the form that Kombo gives.
fn asset(id: &str, what: &str) -> String {
    format!("https://storage.googleapis.com/kombo-assets/integrations/{id}/{what}.svg")
}

/// An ATS as an integration's details name it.
pub fn reference(id: &str) -> ToolRef {
    ToolRef {
        id: id.to_owned(),
        label: label(id).to_owned(),
        internal_label: None,
        logo_url: asset(id, "logo"),
        icon_url: asset(id, "icon"),
    }
}

/// An ATS as the list of tools names it.
pub fn listed(id: &str) -> Tool {
    Tool {
        id: id.to_owned(),
        label: label(id).to_owned(),
        internal_label: None,
        assets: Some(ToolAssets {
            logo_url: asset(id, "logo"),
            icon_url: asset(id, "icon"),
            icon_black_url: asset(id, "icon-black"),
        }),
        paid_api_details_markdown: None,
        fast_track_details_markdown: None,
        partner_only_details_markdown: None,
        connection_guide_url: None,
        coverage: serde_json::json!({ "read_models": [], "write_actions": [], "features": [] }),
    }
}

/// A job's description, in the HTML that an ATS sends.
#[derive(Template)]
#[template(path = "sandbox/_job.html")]
struct Description<'a> {
    title: &'a str,
    does: &'a str,
    place: &'a str,
}

/// Candidates that nobody is.
const PEOPLE: &[(&str, &str)] = &[
    ("Amara", "Okafor"),
    ("Jonas", "Lindqvist"),
    ("Priya", "Raman"),
    ("Mateo", "Álvarez"),
    ("Hannah", "Weiß"),
    ("Yuki", "Tanabe"),
    ("Oliver", "Hughes"),
    ("Leïla", "Benali"),
    ("Marek", "Nowak"),
    ("Sofia", "Rossi"),
    ("Daniel", "Mensah"),
    ("Ingrid", "Solheim"),
    ("Ravi", "Chandrasekaran"),
];

/// Title, number, place, what one does.
const JOBS: &[(&str, &str, &str, &str)] = &[
    (
        "Support Engineer",
        "SE-2041",
        "Berlin, Germany",
        "You help customers to get going and find out why things do not work.",
    ),
    (
        "Account Manager",
        "AM-0317",
        "London, United Kingdom",
        "You look after forty customers and know what each of them needs next.",
    ),
    (
        "Data Analyst",
        "DA-1180",
        "Amsterdam, Netherlands",
        "You turn questions into numbers, and numbers into answers that people can use.",
    ),
    (
        "Warehouse Shift Lead",
        "WH-0092",
        "Lyon, France",
        "You plan the shift, keep it safe, and lend a hand when a lorry comes early.",
    ),
    (
        "Payroll Specialist",
        "PS-0455",
        "Dublin, Ireland",
        "You make sure that 1,200 people are paid right and on time.",
    ),
];

/// The `n`th believable order.
pub fn sample(n: usize) -> super::play::Sample {
    let (first, last) = PEOPLE[n % PEOPLE.len()];
    let (title, code, place, does) = JOBS[n % JOBS.len()];
    let address = fold(&format!("{first}.{last}"));
    let member = |remote: &str, first: &str, last: &str, role: TeamRole| TeamMember {
        remote_id: Some(remote.to_owned()),
        email: Some(format!("{first}.{last}@customer.example").to_lowercase()),
        first_name: Some(first.to_owned()),
        last_name: Some(last.to_owned()),
        hiring_team_roles: vec![role],
    };
    super::play::Sample {
        candidate: Candidate {
            remote_id: Some(format!("cand-{}", 10_000 + n)),
            email: format!("{address}.{}@mail.example", n + 1),
            first_name: Some(first.to_owned()),
            last_name: Some(last.to_owned()),
            phone: Some(format!("+44 20 7946 {:04}", n % 1_000)),
        },
        application: Application {
            remote_id: Some(format!("app-{}", 50_000 + n)),
        },
        job: Job {
            remote_id: Some(format!("job-{}", 700 + n % JOBS.len())),
            name: Some(title.to_owned()),
            job_code: Some(code.to_owned()),
            description: Description { title, does, place }.render().ok(),
            location: Some(Location {
                raw: Some(place.to_owned()),
                ..Location::default()
            }),
            hiring_team: vec![
                member("user-31", "Ellen", "Brandt", TeamRole::Recruiter),
                member("user-57", "Tom", "Adeyemi", TeamRole::HiringManager),
            ],
        },
    }
}
