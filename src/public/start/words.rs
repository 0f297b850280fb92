//! What the start page says, in the five languages in which candidates are written to. One table; nothing else of the
//! page is worded anywhere else.

use crate::domain::language::Language;
use crate::domain::package::PackageType;
use crate::domain::placeholders;
use crate::domain::time::Timestamp;

/// A headline and what it means.
type Said = (&'static str, &'static str);

/// Everything that the page says in one language. `{…}` is filled in.
#[derive(Debug)]
pub(super) struct Words {
    /// The language's code, for the browser and its screen reader.
    pub(super) code: &'static str,
    pub(super) hello: &'static str,
    pub(super) hello_nobody: &'static str,
    pub(super) asks: &'static str,
    pub(super) asks_inline: &'static str,
    /// Who asks, where no name is known.
    somebody: &'static str,
    pub(super) job_label: &'static str,
    pub(super) kind_label: &'static str,
    pub(super) length_label: &'static str,
    pub(super) until_label: &'static str,
    minutes: &'static str,
    one_minute: &'static str,
    pub(super) start: &'static str,
    pub(super) go_on: &'static str,
    pub(super) has_started: &'static str,
    pub(super) opens_at: &'static str,
    pub(super) data_title: &'static str,
    pub(super) data: &'static str,
    pub(super) ask: &'static str,
    pub(super) leading: Said,
    pub(super) follow: &'static str,
    pub(super) no_address: Said,
    pub(super) not_yet: Said,
    pub(super) paused: Said,
    pub(super) finished: Said,
    pub(super) ended: Said,
    pub(super) revoked: Said,
    pub(super) unknown: Said,
    kinds: [&'static str; 5],
    months: [&'static str; 12],
    date: &'static str,
}

impl Words {
    /// A type of package.
    pub(super) fn kind(&self, kind: PackageType) -> &'static str {
        let place = match kind {
            PackageType::Behavioral => 0,
            PackageType::VideoInterview => 1,
            PackageType::SkillsTest => 2,
            PackageType::BackgroundCheck => 3,
            PackageType::ReferenceCheck => 4,
        };
        self.kinds[place]
    }

    /// How long it takes.
    pub(super) fn length(&self, minutes: i64) -> String {
        match minutes {
            1 => self.one_minute.to_owned(),
            minutes => fill(self.minutes, &[("minutes", &minutes.to_string())]),
        }
    }

    /// A day, written out.
    pub(super) fn date(&self, at: Timestamp) -> String {
        let at = at.to_offset();
        let month = usize::from(u8::from(at.month())) - 1;
        let day = match (self.code, at.day()) {
            ("fr", 1) => "1er".to_owned(),
            ("it", 1) => "1º".to_owned(),
            (_, day) => day.to_string(),
        };
        let month = self.months.get(month).copied().unwrap_or_default();
        fill(
            self.date,
            &[("day", &day), ("month", month), ("year", &at.year().to_string())],
        )
    }
}

/// Fills `{…}` in a text of the table.
pub(super) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let known = |name: &str| {
        let value = values.iter().find(|(own, _)| *own == name);
        value.map(|(_, value)| (*value).to_owned())
    };
    placeholders::fill(text, known).unwrap_or_else(|_| text.to_owned())
}

/// The organisation's name, or what stands for it in the middle of a sentence.
pub(super) fn organisation(words: &Words, name: &str) -> String {
    if name.trim().is_empty() {
        words.somebody.to_owned()
    } else {
        name.to_owned()
    }
}

/// The words of a language.
pub(super) const fn of(language: Language) -> &'static Words {
    match language {
        Language::En => &EN,
        Language::De => &DE,
        Language::Fr => &FR,
        Language::It => &IT,
        Language::Es => &ES,
    }
}

const EN: Words = Words {
    code: "en",
    hello: "Hello {name},",
    hello_nobody: "Hello,",
    asks: "{customer} asks you to take this assessment as part of your application. An assessment provider carries it out for them.",
    asks_inline: "One more step of your application at {customer}: this assessment. An assessment provider carries it out for them.",
    somebody: "the company you applied to",
    job_label: "Job",
    kind_label: "What it is",
    length_label: "How long",
    until_label: "Please do it by",
    minutes: "about {minutes} minutes",
    one_minute: "about 1 minute",
    start: "Start",
    go_on: "Go on",
    has_started: "You have started. You can go on where the assessment lets you.",
    opens_at: "The assessment opens at {host}.",
    data_title: "What happens with your data",
    data: "The assessment provider works with your name, your e-mail address and your answers, and passes the result on to {customer}, into the system in which they handle your application. Whoever works on your application there can read it. {customer} decides about your application and is responsible for your data.",
    ask: "Questions about this assessment or your data? Write to",
    leading: ("One moment", "The assessment is opening."),
    follow: "If nothing happens, open it yourself",
    no_address: (
        "Thank you. You will hear from the assessment provider",
        "The assessment that {customer} asks you to take, ‘{package}’, does not begin on this page. The provider will write to you about how it goes on. There is nothing that you need to do now.",
    ),
    not_yet: (
        "Not open yet",
        "The assessment ‘{package}’ for {customer} is not open yet. Please come back to this page later; the same link will work.",
    ),
    paused: (
        "Paused for the moment",
        "The assessment ‘{package}’ for {customer} is paused. There is nothing that you need to do now; the same link will work again as soon as it goes on.",
    ),
    finished: (
        "You are done here",
        "Your part of the assessment ‘{package}’ is finished. {customer} receives the result and will tell you how your application goes on.",
    ),
    ended: (
        "This assessment has ended",
        "The assessment ‘{package}’ for {customer} was ended and can no longer be taken. This does not say how your application stands: please ask {customer}.",
    ),
    revoked: (
        "This link works no longer",
        "It was turned off. If you were sent a newer link, please use that one. Otherwise ask whoever sent you this one.",
    ),
    unknown: (
        "There is nothing at this address",
        "The link may have been cut short when it was copied. Please open it once more from the mail, or copy it whole.",
    ),
    kinds: [
        "Questionnaire about how you work",
        "Video interview",
        "Skills test",
        "Background check",
        "Reference check",
    ],
    months: [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
    date: "{day} {month} {year}",
};

const DE: Words = Words {
    code: "de",
    hello: "Guten Tag {name},",
    hello_nobody: "Guten Tag,",
    asks: "{customer} bittet Sie, im Rahmen Ihrer Bewerbung an diesem Assessment teilzunehmen. Ein Assessment-Anbieter führt es im Auftrag durch.",
    asks_inline: "Ein weiterer Schritt Ihrer Bewerbung bei {customer}: dieses Assessment. Ein Assessment-Anbieter führt es im Auftrag durch.",
    somebody: "das Unternehmen, bei dem Sie sich beworben haben",
    job_label: "Stelle",
    kind_label: "Worum es geht",
    length_label: "Dauer",
    until_label: "Bitte erledigen bis",
    minutes: "etwa {minutes} Minuten",
    one_minute: "etwa 1 Minute",
    start: "Starten",
    go_on: "Fortsetzen",
    has_started: "Sie haben begonnen. Sie können fortfahren, soweit das Assessment es zulässt.",
    opens_at: "Das Assessment öffnet sich unter {host}.",
    data_title: "Was mit Ihren Daten geschieht",
    data: "Der Assessment-Anbieter arbeitet mit Ihrem Namen, Ihrer E-Mail-Adresse und Ihren Antworten und gibt das Ergebnis an {customer} weiter, in das System, in dem Ihre Bewerbung bearbeitet wird. Wer dort an Ihrer Bewerbung arbeitet, kann es lesen. Über Ihre Bewerbung entscheidet {customer}; dort liegt auch die Verantwortung für Ihre Daten.",
    ask: "Fragen zum Assessment oder zu Ihren Daten? Schreiben Sie an",
    leading: ("Einen Moment", "Das Assessment öffnet sich."),
    follow: "Falls nichts geschieht, öffnen Sie es selbst",
    no_address: (
        "Vielen Dank. Der Assessment-Anbieter meldet sich bei Ihnen",
        "Das Assessment „{package}“, um das {customer} Sie bittet, beginnt nicht auf dieser Seite. Der Anbieter schreibt Ihnen, wie es weitergeht. Sie müssen jetzt nichts tun.",
    ),
    not_yet: (
        "Noch nicht offen",
        "Das Assessment „{package}“ für {customer} ist noch nicht offen. Bitte rufen Sie diese Seite später wieder auf; derselbe Link funktioniert dann.",
    ),
    paused: (
        "Zurzeit angehalten",
        "Das Assessment „{package}“ für {customer} ist angehalten. Sie müssen jetzt nichts tun; sobald es weitergeht, funktioniert derselbe Link wieder.",
    ),
    finished: (
        "Sie sind hier fertig",
        "Ihr Teil des Assessments „{package}“ ist abgeschlossen. {customer} erhält das Ergebnis und teilt Ihnen mit, wie es mit Ihrer Bewerbung weitergeht.",
    ),
    ended: (
        "Dieses Assessment wurde beendet",
        "Das Assessment „{package}“ für {customer} wurde beendet und kann nicht mehr durchgeführt werden. Das sagt nichts darüber, wie es um Ihre Bewerbung steht: Bitte fragen Sie dort nach.",
    ),
    revoked: (
        "Dieser Link funktioniert nicht mehr",
        "Er wurde abgeschaltet. Falls Sie einen neueren Link bekommen haben, verwenden Sie bitte diesen. Sonst fragen Sie bei der Stelle nach, die Ihnen den Link geschickt hat.",
    ),
    unknown: (
        "Unter dieser Adresse ist nichts",
        "Vielleicht wurde der Link beim Kopieren abgeschnitten. Bitte öffnen Sie ihn noch einmal aus der E-Mail oder kopieren Sie ihn vollständig.",
    ),
    kinds: [
        "Fragebogen zu Ihrer Arbeitsweise",
        "Videointerview",
        "Fähigkeitstest",
        "Hintergrundprüfung",
        "Referenzprüfung",
    ],
    months: [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ],
    date: "{day}. {month} {year}",
};

const FR: Words = Words {
    code: "fr",
    hello: "Bonjour {name},",
    hello_nobody: "Bonjour,",
    asks: "{customer} vous demande de passer cette évaluation dans le cadre de votre candidature. Un prestataire d’évaluation s’en charge pour son compte.",
    asks_inline: "Encore une étape de votre candidature chez {customer} : cette évaluation. Un prestataire d’évaluation s’en charge pour son compte.",
    somebody: "l’entreprise auprès de laquelle vous avez postulé",
    job_label: "Poste",
    kind_label: "De quoi il s’agit",
    length_label: "Durée",
    until_label: "À faire avant le",
    minutes: "environ {minutes} minutes",
    one_minute: "environ 1 minute",
    start: "Commencer",
    go_on: "Continuer",
    has_started: "Vous avez commencé. Vous pouvez continuer dans la mesure où l’évaluation le permet.",
    opens_at: "L’évaluation s’ouvre sur {host}.",
    data_title: "Ce que deviennent vos données",
    data: "Le prestataire d’évaluation utilise votre nom, votre adresse e-mail et vos réponses, et transmet le résultat à {customer}, dans le système où votre candidature est traitée. Les personnes qui y travaillent sur votre candidature peuvent le lire. La décision sur votre candidature et la responsabilité de vos données reviennent à {customer}.",
    ask: "Des questions sur cette évaluation ou sur vos données ? Écrivez à",
    leading: ("Un instant", "L’évaluation s’ouvre."),
    follow: "Si rien ne se passe, ouvrez-la vous-même",
    no_address: (
        "Merci. Le prestataire d’évaluation prendra contact avec vous",
        "L’évaluation « {package} » que {customer} vous demande de passer ne commence pas sur cette page. Le prestataire vous écrira pour vous indiquer la suite. Vous n’avez rien à faire pour le moment.",
    ),
    not_yet: (
        "Pas encore ouverte",
        "L’évaluation « {package} » pour {customer} n’est pas encore ouverte. Revenez sur cette page plus tard ; le même lien fonctionnera.",
    ),
    paused: (
        "En pause pour le moment",
        "L’évaluation « {package} » pour {customer} est en pause. Vous n’avez rien à faire pour le moment ; le même lien fonctionnera de nouveau dès la reprise.",
    ),
    finished: (
        "Vous avez terminé",
        "Votre part de l’évaluation « {package} » est terminée. {customer} reçoit le résultat et vous informera de la suite de votre candidature.",
    ),
    ended: (
        "Cette évaluation a pris fin",
        "L’évaluation « {package} » pour {customer} a pris fin et ne peut plus être passée. Cela ne dit rien de l’état de votre candidature : renseignez-vous auprès de {customer}.",
    ),
    revoked: (
        "Ce lien ne fonctionne plus",
        "Il a été désactivé. Si vous avez reçu un lien plus récent, utilisez celui-là. Sinon, adressez-vous à la personne qui vous l’a envoyé.",
    ),
    unknown: (
        "Il n’y a rien à cette adresse",
        "Le lien a peut-être été coupé lors de la copie. Ouvrez-le de nouveau depuis l’e-mail, ou copiez-le en entier.",
    ),
    kinds: [
        "Questionnaire sur votre façon de travailler",
        "Entretien vidéo",
        "Test de compétences",
        "Vérification des antécédents",
        "Prise de références",
    ],
    months: [
        "janvier",
        "février",
        "mars",
        "avril",
        "mai",
        "juin",
        "juillet",
        "août",
        "septembre",
        "octobre",
        "novembre",
        "décembre",
    ],
    date: "{day} {month} {year}",
};

const IT: Words = Words {
    code: "it",
    hello: "Buongiorno {name},",
    hello_nobody: "Buongiorno,",
    asks: "{customer} Le chiede di svolgere questa valutazione nell’ambito della Sua candidatura. Se ne occupa un fornitore di valutazioni per suo conto.",
    asks_inline: "Ancora un passo della Sua candidatura presso {customer}: questa valutazione. Se ne occupa un fornitore di valutazioni per suo conto.",
    somebody: "l’azienda presso cui si è candidato",
    job_label: "Posizione",
    kind_label: "Di che cosa si tratta",
    length_label: "Durata",
    until_label: "Da svolgere entro il",
    minutes: "circa {minutes} minuti",
    one_minute: "circa 1 minuto",
    start: "Inizia",
    go_on: "Continua",
    has_started: "Ha già iniziato. Può continuare, se la valutazione lo permette.",
    opens_at: "La valutazione si apre su {host}.",
    data_title: "Che cosa succede ai Suoi dati",
    data: "Il fornitore di valutazioni utilizza il Suo nome, il Suo indirizzo e-mail e le Sue risposte, e trasmette il risultato a {customer}, nel sistema in cui viene gestita la Sua candidatura. Può leggerlo chi vi lavora sulla Sua candidatura. La decisione sulla Sua candidatura e la responsabilità dei Suoi dati spettano a {customer}.",
    ask: "Domande su questa valutazione o sui Suoi dati? Scriva a",
    leading: ("Un momento", "La valutazione si sta aprendo."),
    follow: "Se non succede nulla, la apra Lei",
    no_address: (
        "Grazie. Il fornitore di valutazioni La contatterà",
        "La valutazione «{package}» che {customer} Le chiede di svolgere non comincia in questa pagina. Il fornitore Le scriverà come proseguire. Per ora non deve fare nulla.",
    ),
    not_yet: (
        "Non ancora aperta",
        "La valutazione «{package}» per {customer} non è ancora aperta. Torni su questa pagina più tardi; lo stesso link funzionerà.",
    ),
    paused: (
        "Per il momento sospesa",
        "La valutazione «{package}» per {customer} è sospesa. Per ora non deve fare nulla; lo stesso link funzionerà di nuovo appena riprende.",
    ),
    finished: (
        "Ha finito",
        "La Sua parte della valutazione «{package}» è conclusa. {customer} riceve il risultato e Le dirà come prosegue la Sua candidatura.",
    ),
    ended: (
        "Questa valutazione è terminata",
        "La valutazione «{package}» per {customer} è terminata e non può più essere svolta. Ciò non dice nulla sullo stato della Sua candidatura: si rivolga a {customer}.",
    ),
    revoked: (
        "Questo link non funziona più",
        "È stato disattivato. Se ha ricevuto un link più recente, usi quello. Altrimenti si rivolga a chi glielo ha inviato.",
    ),
    unknown: (
        "A questo indirizzo non c’è nulla",
        "Forse il link è stato tagliato durante la copia. Lo apra di nuovo dall’e-mail, o lo copi per intero.",
    ),
    kinds: [
        "Questionario sul Suo modo di lavorare",
        "Colloquio video",
        "Test di competenze",
        "Verifica dei precedenti",
        "Verifica delle referenze",
    ],
    months: [
        "gennaio",
        "febbraio",
        "marzo",
        "aprile",
        "maggio",
        "giugno",
        "luglio",
        "agosto",
        "settembre",
        "ottobre",
        "novembre",
        "dicembre",
    ],
    date: "{day} {month} {year}",
};

const ES: Words = Words {
    code: "es",
    hello: "Hola, {name}:",
    hello_nobody: "Hola:",
    asks: "{customer} le pide que realice esta evaluación como parte de su candidatura. La lleva a cabo un proveedor de evaluaciones por encargo suyo.",
    asks_inline: "Un paso más de su candidatura en {customer}: esta evaluación. La lleva a cabo un proveedor de evaluaciones por encargo suyo.",
    somebody: "la empresa a la que envió su candidatura",
    job_label: "Puesto",
    kind_label: "De qué se trata",
    length_label: "Duración",
    until_label: "Hágala antes del",
    minutes: "unos {minutes} minutos",
    one_minute: "alrededor de 1 minuto",
    start: "Empezar",
    go_on: "Continuar",
    has_started: "Ya ha empezado. Puede continuar si la evaluación lo permite.",
    opens_at: "La evaluación se abre en {host}.",
    data_title: "Qué ocurre con sus datos",
    data: "El proveedor de evaluaciones trabaja con su nombre, su correo electrónico y sus respuestas, y transmite el resultado a {customer}, al sistema en el que se gestiona su candidatura. Puede leerlo quien trabaje allí en su candidatura. La decisión sobre su candidatura y la responsabilidad sobre sus datos corresponden a {customer}.",
    ask: "¿Preguntas sobre esta evaluación o sobre sus datos? Escriba a",
    leading: ("Un momento", "La evaluación se está abriendo."),
    follow: "Si no ocurre nada, ábrala usted mismo",
    no_address: (
        "Gracias. El proveedor de evaluaciones se pondrá en contacto con usted",
        "La evaluación «{package}» que {customer} le pide no empieza en esta página. El proveedor le escribirá para decirle cómo sigue. Por ahora no tiene que hacer nada.",
    ),
    not_yet: (
        "Todavía no está abierta",
        "La evaluación «{package}» para {customer} todavía no está abierta. Vuelva a esta página más tarde; el mismo enlace funcionará.",
    ),
    paused: (
        "En pausa por el momento",
        "La evaluación «{package}» para {customer} está en pausa. Por ahora no tiene que hacer nada; el mismo enlace volverá a funcionar en cuanto se reanude.",
    ),
    finished: (
        "Ya ha terminado",
        "Su parte de la evaluación «{package}» ha terminado. {customer} recibe el resultado y le dirá cómo sigue su candidatura.",
    ),
    ended: (
        "Esta evaluación ha finalizado",
        "La evaluación «{package}» para {customer} ha finalizado y ya no se puede realizar. Esto no dice nada del estado de su candidatura: consulte con {customer}.",
    ),
    revoked: (
        "Este enlace ya no funciona",
        "Se ha desactivado. Si recibió un enlace más reciente, use ese. Si no, pregunte a quien se lo envió.",
    ),
    unknown: (
        "No hay nada en esta dirección",
        "Puede que el enlace se cortara al copiarlo. Ábralo de nuevo desde el correo o cópielo entero.",
    ),
    kinds: [
        "Cuestionario sobre su forma de trabajar",
        "Entrevista en vídeo",
        "Prueba de aptitudes",
        "Verificación de antecedentes",
        "Comprobación de referencias",
    ],
    months: [
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ],
    date: "{day} de {month} de {year}",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_fills_its_own_placeholders() {
        let known = ["customer", "package", "name", "minutes", "host", "day", "month", "year"];
        for &language in Language::ALL {
            let words = of(language);
            assert_eq!(words.code, language.as_str());
            let saids = [
                words.leading,
                words.no_address,
                words.not_yet,
                words.paused,
                words.finished,
                words.ended,
                words.revoked,
                words.unknown,
            ];
            let single = [
                words.hello,
                words.asks,
                words.asks_inline,
                words.data,
                words.opens_at,
                words.minutes,
            ];
            for text in saids.iter().flat_map(|(title, text)| [*title, *text]).chain(single) {
                assert!(!text.is_empty());
                assert_eq!(placeholders::first_unknown(text, &known), None, "{text}");
            }
            for (title, text) in [words.revoked, words.unknown] {
                assert!(!title.contains('{') && !text.contains('{'), "they name nobody: {text}");
            }
        }
    }

    #[test]
    fn days_are_written_as_in_the_country() {
        let day = Timestamp::parse("2026-12-01T08:00:00Z").expect("a moment");
        let said = Language::ALL.iter().map(|&language| of(language).date(day));
        assert_eq!(
            said.collect::<Vec<_>>(),
            [
                "1 December 2026",
                "1. Dezember 2026",
                "1er décembre 2026",
                "1º dicembre 2026",
                "1 de diciembre de 2026"
            ]
        );
        assert_eq!(EN.length(1), "about 1 minute");
        assert_eq!(DE.length(40), "etwa 40 Minuten");
    }
}
