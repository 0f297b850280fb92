//! What the practice data is made of: customers, their ATSs, a catalogue, candidates and jobs.

use crate::domain::intake::{DEFAULT_HOLD_SECONDS, TakeOrders, UnknownPackage, WithdrawnPackage};
use crate::domain::package::PackageType;

/// A customer of the demo.
#[derive(Clone, Copy, Debug)]
pub(super) struct Customer {
    pub(super) name: &'static str,
    pub(super) origin_id: &'static str,
    pub(super) email: &'static str,
    pub(super) tool: &'static str,
    pub(super) take_orders: TakeOrders,
    /// For how many seconds its ATS waits for a person.
    pub(super) hold: Option<i64>,
    pub(super) unknown_package: UnknownPackage,
    pub(super) withdrawn_package: WithdrawnPackage,
    pub(super) invite: bool,
    pub(super) due_hours: i64,
    /// The keys of the packages that it offers.
    pub(super) offer: &'static [&'static str],
}

/// A package of the demo's catalogue.
#[derive(Clone, Copy, Debug)]
pub(super) struct Package {
    pub(super) key: &'static str,
    pub(super) name: &'static str,
    pub(super) description: &'static str,
    pub(super) kind: PackageType,
    pub(super) max_score: &'static str,
    /// How many minutes it takes; empty: not known.
    pub(super) minutes: &'static str,
    /// The parts of its result, with the best score of each.
    pub(super) parts: &'static [(&'static str, u32)],
}

pub(super) const CUSTOMERS: [Customer; 5] = [
    Customer {
        name: "Northwind Bank",
        origin_id: "northwind-bank",
        email: "talent@northwind.example",
        tool: "workday",
        take_orders: TakeOrders::Accept,
        hold: None,
        unknown_package: UnknownPackage::Take,
        withdrawn_package: WithdrawnPackage::Serve,
        invite: true,
        due_hours: 72,
        offer: &[
            "numerical-reasoning",
            "verbal-reasoning",
            "leadership-profile",
            "personality-inventory",
            "excel-advanced",
            "english-c1",
            "video-first-round",
            "background-eu",
            "reference-360",
            "sql-analyst",
        ],
    },
    Customer {
        name: "Halden Logistics",
        origin_id: "halden-logistics",
        email: "people@halden.example",
        tool: "greenhouse",
        take_orders: TakeOrders::Later,
        hold: None,
        unknown_package: UnknownPackage::Reject,
        withdrawn_package: WithdrawnPackage::Serve,
        invite: true,
        due_hours: 96,
        offer: &[
            "background-eu",
            "driving-record",
            "reference-360",
            "english-b2",
            "numerical-reasoning",
            "warehouse-safety",
            "verbal-reasoning",
        ],
    },
    Customer {
        name: "Brightside Health",
        origin_id: "brightside-health",
        email: "hiring@brightside.example",
        tool: "ashby",
        take_orders: TakeOrders::Accept,
        hold: None,
        unknown_package: UnknownPackage::Take,
        withdrawn_package: WithdrawnPackage::Serve,
        invite: true,
        due_hours: 120,
        offer: &[
            "personality-inventory",
            "typescript-senior",
            "sql-analyst",
            "english-c1",
            "video-first-round",
            "reference-360",
            "background-eu",
            "care-judgement",
            "leadership-profile",
            "verbal-reasoning",
            "excel-advanced",
            "numerical-reasoning",
        ],
    },
    Customer {
        name: "Fjord Energy",
        origin_id: "fjord-energy",
        email: "recruiting@fjord.example",
        tool: "smartrecruiters",
        take_orders: TakeOrders::Accept,
        hold: Some(DEFAULT_HOLD_SECONDS),
        unknown_package: UnknownPackage::Reject,
        withdrawn_package: WithdrawnPackage::Reject,
        invite: false,
        due_hours: 72,
        offer: &[
            "leadership-profile",
            "numerical-reasoning",
            "video-first-round",
            "english-c1",
            "warehouse-safety",
            "reference-360",
            "personality-inventory",
            "excel-advanced",
        ],
    },
    Customer {
        name: "Cedar & Co",
        origin_id: "cedar-and-co",
        email: "jobs@cedar.example",
        tool: "recruitee",
        take_orders: TakeOrders::Later,
        hold: None,
        unknown_package: UnknownPackage::Take,
        withdrawn_package: WithdrawnPackage::Serve,
        invite: false,
        due_hours: 48,
        offer: &[
            "typescript-senior",
            "sql-analyst",
            "english-b2",
            "english-c1",
            "background-eu",
            "video-first-round",
            "verbal-reasoning",
        ],
    },
];

pub(super) const PACKAGES: [Package; 14] = [
    Package {
        key: "numerical-reasoning",
        name: "Numerical reasoning",
        description: "Thirty minutes with tables, graphs and estimates, at the level of a university entrance.",
        kind: PackageType::SkillsTest,
        max_score: "100",
        minutes: "35",
        parts: &[("Tables and graphs", 45), ("Estimation", 55)],
    },
    Package {
        key: "verbal-reasoning",
        name: "Verbal reasoning",
        description: "Twenty-five minutes of drawing conclusions from short texts.",
        kind: PackageType::SkillsTest,
        max_score: "100",
        minutes: "30",
        parts: &[("Comprehension", 50), ("Inference", 50)],
    },
    Package {
        key: "typescript-senior",
        name: "TypeScript, senior",
        description: "Ninety minutes: read, mend and extend a small service, with tests.",
        kind: PackageType::SkillsTest,
        max_score: "100",
        minutes: "90",
        parts: &[("Reading code", 30), ("Types", 30), ("Testing", 40)],
    },
    Package {
        key: "sql-analyst",
        name: "SQL for analysts",
        description: "Sixty minutes of questions that a sales database can answer.",
        kind: PackageType::SkillsTest,
        max_score: "100",
        minutes: "60",
        parts: &[("Joins", 40), ("Window functions", 30), ("Judgement", 30)],
    },
    Package {
        key: "excel-advanced",
        name: "Excel, advanced",
        description: "Forty-five minutes: look-ups, pivots and a forecast.",
        kind: PackageType::SkillsTest,
        max_score: "50",
        minutes: "45",
        parts: &[("Formulas", 25), ("Pivots", 25)],
    },
    Package {
        key: "english-b2",
        name: "English, B2",
        description: "Reading, listening and writing at level B2.",
        kind: PackageType::SkillsTest,
        max_score: "60",
        minutes: "40",
        parts: &[("Reading", 20), ("Listening", 20), ("Writing", 20)],
    },
    Package {
        key: "english-c1",
        name: "English, C1",
        description: "Reading, listening and writing at level C1.",
        kind: PackageType::SkillsTest,
        max_score: "60",
        minutes: "50",
        parts: &[("Reading", 20), ("Listening", 20), ("Writing", 20)],
    },
    Package {
        key: "warehouse-safety",
        name: "Safety on site",
        description: "What to do before, during and after an incident; forty pictures.",
        kind: PackageType::SkillsTest,
        max_score: "40",
        minutes: "25",
        parts: &[("Recognising", 20), ("Acting", 20)],
    },
    Package {
        key: "leadership-profile",
        name: "Leadership profile",
        description: "How somebody leads, decides and takes disagreement. Thirty minutes.",
        kind: PackageType::Behavioral,
        max_score: "10",
        minutes: "30",
        parts: &[("Direction", 10), ("Support", 10)],
    },
    Package {
        key: "personality-inventory",
        name: "Personality inventory",
        description: "Five traits, two hundred statements, no right answers.",
        kind: PackageType::Behavioral,
        max_score: "",
        minutes: "20",
        parts: &[],
    },
    Package {
        key: "care-judgement",
        name: "Judgement in care",
        description: "Twenty situations from a ward, and what one would do first.",
        kind: PackageType::Behavioral,
        max_score: "20",
        minutes: "30",
        parts: &[],
    },
    Package {
        key: "video-first-round",
        name: "Video interview, first round",
        description: "Five questions, two minutes each, seen by two of our interviewers.",
        kind: PackageType::VideoInterview,
        max_score: "5",
        minutes: "20",
        parts: &[],
    },
    Package {
        key: "background-eu",
        name: "Background check, EU",
        description: "Identity, right to work, education and employment, within the European Union.",
        kind: PackageType::BackgroundCheck,
        max_score: "",
        minutes: "",
        parts: &[],
    },
    Package {
        key: "reference-360",
        name: "Reference check",
        description: "Three people who worked with the candidate, by telephone.",
        kind: PackageType::ReferenceCheck,
        max_score: "",
        minutes: "",
        parts: &[],
    },
];

/// One more of the catalogue, sold once and retired since.
pub(super) const DRIVING_RECORD: Package = Package {
    key: "driving-record",
    name: "Driving record",
    description: "Licence, points and accidents of the last five years.",
    kind: PackageType::BackgroundCheck,
    max_score: "",
    minutes: "",
    parts: &[],
};

pub(super) const FIRST_NAMES: [&str; 40] = [
    "Zoë", "Tomás", "Amara", "Li", "Jonas", "Priya", "Marek", "Elif", "Sam", "Nadia", "Hanna", "Kofi", "Ingrid",
    "Mateo", "Yuki", "Aisha", "Lukas", "Chloé", "Dmitri", "Fatima", "Noah", "Sofía", "Bram", "Leila", "Oskar", "Mei",
    "Rafael", "Anneke", "Thabo", "Greta", "Emre", "Siobhán", "Viktor", "Camille", "Hugo", "Ines", "Arjun", "Freya",
    "Mikołaj", "Ana",
];

pub(super) const LAST_NAMES: [&str; 37] = [
    "Hartmann",
    "Ibarra",
    "Okafor",
    "Wei",
    "Berg",
    "Nair",
    "Dvořák",
    "Aydın",
    "Whitlock",
    "Haddad",
    "Lindqvist",
    "Mensah",
    "Solberg",
    "Rossi",
    "Tanaka",
    "Khan",
    "Weber",
    "Dubois",
    "Sokolov",
    "Rahimi",
    "Larsen",
    "García",
    "de Vries",
    "Farah",
    "Nowak",
    "Chen",
    "Costa",
    "Janssen",
    "Dlamini",
    "Schmidt",
    "Yılmaz",
    "O’Brien",
    "Horváth",
    "Moreau",
    "Andersen",
    "Pereira",
    "Sharma",
];

pub(super) const JOBS: [(&str, &str, &str, &str); 12] = [
    ("Data engineer", "DE-104", "Oslo", "NO"),
    ("Branch manager", "BM-018", "Hamburg", "DE"),
    ("Senior frontend engineer", "FE-221", "Berlin", "DE"),
    ("Credit risk analyst", "CR-077", "Frankfurt am Main", "DE"),
    ("Shift lead, night", "SL-310", "Rotterdam", "NL"),
    ("Care coordinator", "CC-042", "Lyon", "FR"),
    ("Turbine technician", "TT-009", "Bergen", "NO"),
    ("Office manager", "OM-015", "Vienna", "AT"),
    ("Account executive", "AE-133", "Madrid", "ES"),
    ("Ward nurse", "WN-250", "Marseille", "FR"),
    ("Fleet planner", "FP-061", "Antwerp", "BE"),
    ("Product manager", "PM-088", "Copenhagen", "DK"),
];

pub(super) const RECRUITERS: [(&str, &str); 5] = [
    ("Ada", "Berglund"),
    ("Paul", "Okonkwo"),
    ("Marta", "Silva"),
    ("Jens", "Holm"),
    ("Claire", "Fontaine"),
];

pub(super) const CANCEL_REASONS: [&str; 4] = [
    "The candidate told us that they have taken another position and will not take the assessment.",
    "We could not reach the candidate within ten days: the e-mail address bounces and there is no telephone number.",
    "The candidate asked for an adjustment that we cannot offer for this assessment. Please order the paper version.",
    "This order was placed twice. The other one is being worked on.",
];

/// Why an order for a package that was never offered is cancelled.
pub(super) const UNKNOWN_REASON: &str = "We do not offer this assessment any more. Please choose another one from the list and order it for the same candidate.";

pub(super) const SUMMARIES: [&str; 5] = [
    "A clear, even result. Works fast and makes few mistakes; the second part took longer than the first.",
    "Solid where routine helps, less sure where the question is open. We would ask about it in the interview.",
    "Well above the group of comparison. Nothing speaks against the next round.",
    "Just below the level that was asked for. The reading was good; time ran out at the end.",
    "Everything that was stated could be confirmed.",
];

/// What candidates get to read about the job: HTML, as an ATS sends it.
pub(super) const DESCRIPTION: &str = "<h3>What you will do</h3><p>You take a small team through its busiest months and leave it better than you found it.</p><ul><li>Plan the week, and the day when the week goes wrong</li><li>Talk to the people who depend on it</li><li>Write down what was learned</li></ul><p><strong>We offer</strong> four weeks of settling in, and somebody to ask.</p>";

/// The staff of the demo, one of each role: name, e-mail, role.
pub(super) const STAFF: [(&str, &str, crate::domain::role::Role); 5] = [
    (
        "Mira Kovač",
        "admin@assessdesk.example",
        crate::domain::role::Role::Admin,
    ),
    (
        "Jonathan Lee",
        "manager@assessdesk.example",
        crate::domain::role::Role::Manager,
    ),
    (
        "Sara Amin",
        "operator@assessdesk.example",
        crate::domain::role::Role::Operator,
    ),
    (
        "Rui Matos",
        "reviewer@assessdesk.example",
        crate::domain::role::Role::Reviewer,
    ),
    (
        "Vera Lind",
        "viewer@assessdesk.example",
        crate::domain::role::Role::Viewer,
    ),
];
