//! Who and what the orders of a made-up house are about: everything follows from an order's number, so that two houses of
//! one size are alike.

use assessdesk::domain::package::PackageType;

const FIRST: &str = "Aaliyah Adam Agnieszka Ahmed Aino Aisha Alba Aleksander Alice Amara Amir Ana Anders Andrea Anneke Anton \
    Arjun Astrid Ayşe Beatriz Bilal Birgit Björn Camille Carlos Chiara Chloé Clara Daan Dagny Daniela David Deniz Diego \
    Dilnoza Ebba Elena Elif Emeka Emma Emre Erik Esra Fatima Felix Femi Finn Florence Freya Gabriel Giulia Grace Hana Hanna \
    Hassan Hugo Ibrahim Ida Ines Ingrid Isabel Ivan Jakub Jana Javier Joana Jonas Julia Kai Kamila Karim Katarzyna Kenji \
    Khadija Klara Lars Laura Leila Lena Li Lina Lucía Luka Magnus Malik Marek Maria Marta Mateo Mei Milan Mina Mira Mohamed \
    Nadia Naomi Ngozi Niamh Nikolai Nina Noah Nora Olga Oliver Omar Oskar Paula Pedro Petra Priya Rafael Rania Ravi Rosa \
    Ruth Salma Samuel Sara Sebastian Selin Sofia Søren Stefan Svea Tariq Teresa Thea Théo Tomás Tuva Uma Valentina Vera \
    Viktor Vivian Wanjiru Wei Xavier Yara Yuki Yusuf Zainab Zofia Zoë";

const LAST_BEGINS: &str = "Ack Alm Ander Asp Bal Berg Björk Blom Boh Brand Carl Dahl Ek Eng Fal Fischer Fors Gran Grün Gul \
    Hag Hall Hed Hol Holm Jans Karl Kil Koval Lar Lilje Lind Lund Mal Mar Mül Nor Ny Ols Pav Per Pet Ros Sand Schu See \
    Sjö Skog Stein Ström Sund Svan Tor Vallen Wal Weiss Wik Win Zim Öst";

const LAST_ENDS: &str = "berg bergh borg by dal dorf dottir er feld gren haus ic kvist lund mann mark nen off qvist rup sen \
    son stad stedt stein ström ton vik wald wick";

const JOBS: &str = "Data engineer|Data analyst|Warehouse lead|Truck driver|Nurse|Head nurse|Backend engineer|\
    Frontend engineer|Site reliability engineer|Product manager|Product designer|Sales representative|Account executive|\
    Accountant|Payroll clerk|Security officer|Electrician|Crane operator|Store manager|Barista|Teacher|Lab technician|\
    Machine operator|Quality inspector|Procurement manager|Support agent|Support lead|Recruiter|Office manager|\
    Field technician|Civil engineer|Mechanical engineer|Legal counsel|Translator|Copywriter|Marketing manager|Scrum master|\
    Test engineer|Android engineer|Customs agent";

const CUSTOMER_BEGINS: &str = "Halden Aarhus Tampere Porto Gdańsk Bergen Lyon Utrecht Graz Malmö Turku Cork Leeds Bilbao \
    Trento Brno Tartu Kaunas Varna Nantes";
const CUSTOMER_ENDS: &str = "Logistics|Harbour|Clinics|Foods|Energy|Systems|Rail|Insurance|Robotics|Retail";

const PACKAGES: &str = "TypeScript|Rust|Java|SQL|Python|Accounting|Nursing|Forklift|English B2|German B2|Numbers|Logic|\
    Typing|Sales talk|Leadership|Situational judgement|Criminal record|Right to work|Driving licence|References";
const LEVELS: [&str; 2] = ["junior", "senior"];

/// The ATSs through which orders come.
pub const TOOLS: [&str; 6] = [
    "greenhouse",
    "lever",
    "smartrecruiters",
    "workday",
    "recruitee",
    "ashby",
];

/// Numbers without a pattern that are the same every time (SplitMix64).
#[derive(Clone, Copy, Debug)]
pub struct Dice(u64);

impl Dice {
    /// The dice of one thing.
    pub const fn of(seed: u64) -> Self {
        // One throw first: dice of neighbouring numbers would else show the same throws, one after the other.
        let mut first = Self(seed);
        Self(first.any())
    }

    /// Any number.
    pub const fn any(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.any() % end as u64).expect("below")
    }

    /// Whether something happens that does so `times` in ten thousand.
    pub fn in_ten_thousand(&mut self, times: u64) -> bool {
        self.any() % 10_000 < times
    }

    /// One of the words between these marks.
    fn word(&mut self, words: &'static str, mark: char) -> &'static str {
        let all = words.split(mark).map(str::trim).filter(|word| !word.is_empty());
        let place = self.below(all.clone().count());
        all.clone().nth(place).expect("a word")
    }
}

/// Lists that are looked into for every order.
#[derive(Debug)]
pub struct Words {
    first: Vec<&'static str>,
    last: Vec<String>,
    jobs: Vec<&'static str>,
}

impl Words {
    /// All of them.
    pub fn new() -> Self {
        let ends: Vec<_> = LAST_ENDS.split_whitespace().collect();
        let begins = LAST_BEGINS.split_whitespace();
        Self {
            first: FIRST.split_whitespace().collect(),
            last: begins
                .flat_map(|begin| ends.iter().map(move |end| format!("{begin}{end}")))
                .collect(),
            jobs: JOBS.split('|').map(str::trim).collect(),
        }
    }

    /// A first and a last name; one in five has a double name, so that few people share theirs.
    pub fn name(&self, dice: &mut Dice) -> (String, String) {
        let first = self.first[dice.below(self.first.len())];
        let last = &self.last[dice.below(self.last.len())];
        if dice.in_ten_thousand(2_000) {
            let second = &self.last[dice.below(self.last.len())];
            return (first.to_owned(), format!("{last}-{second}"));
        }
        (first.to_owned(), last.clone())
    }

    /// A job.
    pub fn job(&self, dice: &mut Dice) -> &'static str {
        self.jobs[dice.below(self.jobs.len())]
    }
}

/// How many customers the house has.
pub const CUSTOMERS: usize = 200;

/// The name of a customer.
pub fn customer(number: usize) -> String {
    let begins: Vec<_> = CUSTOMER_BEGINS.split_whitespace().collect();
    let ends: Vec<_> = CUSTOMER_ENDS.split('|').collect();
    format!(
        "{} {}",
        begins[number % begins.len()],
        ends[number / begins.len() % ends.len()]
    )
}

/// How many packages the catalogue has.
pub const OFFERED: usize = 40;

/// The catalogue: key, name, type.
pub fn packages() -> Vec<(String, String, PackageType)> {
    let all = PACKAGES.split('|').map(str::trim);
    all.flat_map(|name| LEVELS.map(|level| (name, level)))
        .map(|(name, level)| {
            let kind = match name {
                "Criminal record" | "Right to work" | "Driving licence" => PackageType::BackgroundCheck,
                "References" => PackageType::ReferenceCheck,
                _ => PackageType::SkillsTest,
            };
            let key = format!("{}-{level}", name.to_lowercase().replace(' ', "-"));
            (key, format!("{name}, {level}"), kind)
        })
        .collect()
}

/// The name of a staff member.
pub fn staff(number: usize) -> String {
    let mut dice = Dice::of(7_000 + number as u64);
    format!("{} {}", dice.word(FIRST, ' '), dice.word(LAST_BEGINS, ' '))
}
