//! The words that are there before anybody writes their own, in every language.

use super::Words;
use crate::domain::language::Language;
use crate::domain::time::Timestamp;

/// The built-in words of the invitation.
pub fn house_default(language: Language) -> Words {
    let (subject, body) = match language {
        Language::En => EN,
        Language::De => DE,
        Language::Fr => FR,
        Language::It => IT,
        Language::Es => ES,
    };
    Words {
        subject: subject.to_owned(),
        body: body.to_owned(),
    }
}

const EN: (&str, &str) = (
    "{customer} invites you: {package}",
    "Hello {candidate_name},

{customer} has asked us to send you an assessment as part of your application.

Assessment: {package}
Position: {job}
{package_description}

Please open your personal link when you have time to do it undisturbed. Opening the page commits you to nothing; you begin only when you press Start.

{link}

Please complete it by {due}. The link is meant for you alone, so please do not pass it on.

If something does not work, or you need more time or an adjustment, just reply to this mail.

Kind regards
{provider}",
);

const DE: (&str, &str) = (
    "Einladung von {customer}: {package}",
    "Guten Tag {candidate_name},

im Rahmen Ihrer Bewerbung hat {customer} uns gebeten, Ihnen ein Assessment zu senden.

Assessment: {package}
Stelle: {job}
{package_description}

Bitte öffnen Sie Ihren persönlichen Link, wenn Sie ungestört Zeit dafür haben. Das Öffnen der Seite verpflichtet Sie zu nichts; es beginnt erst, wenn Sie dort auf ‚Starten‘ klicken.

{link}

Bitte schließen Sie es bis zum {due} ab. Der Link ist nur für Sie bestimmt; geben Sie ihn bitte nicht weiter.

Falls etwas nicht funktioniert oder Sie mehr Zeit oder eine Anpassung brauchen, antworten Sie einfach auf diese E-Mail.

Freundliche Grüße
{provider}",
);

const FR: (&str, &str) = (
    "Invitation de {customer} : {package}",
    "Bonjour {candidate_name},

Dans le cadre de votre candidature, {customer} nous a demandé de vous envoyer une évaluation.

Évaluation : {package}
Poste : {job}
{package_description}

Ouvrez votre lien personnel lorsque vous pourrez vous y consacrer au calme. Ouvrir la page ne vous engage à rien : l’évaluation ne commence que lorsque vous cliquez sur « Commencer ».

{link}

Merci de la terminer au plus tard le {due}. Ce lien vous est réservé ; merci de ne pas le transmettre.

Si quelque chose ne fonctionne pas, ou si vous avez besoin de plus de temps ou d’un aménagement, répondez simplement à ce message.

Cordialement
{provider}",
);

const IT: (&str, &str) = (
    "Invito di {customer}: {package}",
    "Buongiorno {candidate_name},

nell’ambito della Sua candidatura, {customer} ci ha chiesto di inviarLe una prova di valutazione.

Prova: {package}
Posizione: {job}
{package_description}

Apra il Suo link personale quando avrà tempo di dedicarsi alla prova con tranquillità. Aprire la pagina non La impegna a nulla: la prova inizia solo quando preme ‘Inizia’.

{link}

La preghiamo di completarla entro il {due}. Il link è riservato a Lei: non lo inoltri ad altri.

Se qualcosa non funziona, o se Le servono più tempo o un adattamento, risponda semplicemente a questo messaggio.

Cordiali saluti
{provider}",
);

const ES: (&str, &str) = (
    "Invitación de {customer}: {package}",
    "Hola, {candidate_name}:

En el marco de su candidatura, {customer} nos ha pedido que le enviemos una evaluación.

Evaluación: {package}
Puesto: {job}
{package_description}

Abra su enlace personal cuando disponga de tiempo para realizarla con tranquilidad. Abrir la página no le compromete a nada: la evaluación solo empieza cuando pulse «Empezar».

{link}

Le rogamos que la complete a más tardar el {due}. El enlace es solo para usted; por favor, no lo comparta.

Si algo no funciona, o si necesita más tiempo o una adaptación, responda simplemente a este mensaje.

Un cordial saludo,
{provider}",
);

/// What the link is called where it is drawn as a button.
pub const fn start_label(language: Language) -> &'static str {
    match language {
        Language::En => "Open your assessment",
        Language::De => "Zu Ihrem Assessment",
        Language::Fr => "Ouvrir votre évaluation",
        Language::It => "Apri la Sua prova",
        Language::Es => "Abrir su evaluación",
    }
}

/// A day as people write it in that language.
pub fn due_in_words(at: Timestamp, language: Language) -> String {
    let date = at.to_offset().date();
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    let name = |names: [&'static str; 12]| names[usize::from(month).saturating_sub(1).min(11)];
    match language {
        Language::En => format!("{day} {} {year}", name(EN_MONTHS)),
        Language::De => format!("{day}. {} {year}", name(DE_MONTHS)),
        Language::Fr if day == 1 => format!("1er {} {year}", name(FR_MONTHS)),
        Language::Fr => format!("{day} {} {year}", name(FR_MONTHS)),
        Language::It => format!("{day} {} {year}", name(IT_MONTHS)),
        Language::Es => format!("{day} de {} de {year}", name(ES_MONTHS)),
    }
}

const EN_MONTHS: [&str; 12] = [
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
];
const DE_MONTHS: [&str; 12] = [
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
];
const FR_MONTHS: [&str; 12] = [
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
];
const IT_MONTHS: [&str; 12] = [
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
];
const ES_MONTHS: [&str; 12] = [
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
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_written_as_the_language_does() {
        let at = Timestamp::parse("2026-12-01T09:00:00Z").expect("a moment");
        let all = Language::ALL.iter().map(|language| due_in_words(at, *language));
        assert_eq!(
            all.collect::<Vec<_>>(),
            [
                "1 December 2026",
                "1. Dezember 2026",
                "1er décembre 2026",
                "1 dicembre 2026",
                "1 de diciembre de 2026"
            ]
        );
    }
}
