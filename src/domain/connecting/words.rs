//! What a customer reads of us while connecting an ATS, in the five languages that Kombo's own pages speak: one table for
//! the mail and the page. `{…}` is filled in.

use super::super::language::Language;
use super::LinkKind;

/// A headline and what it means.
pub type Said = (&'static str, &'static str);

/// Everything in one language.
#[derive(Debug)]
pub struct Words {
    /// The headline of the page and the subject of the mail, by [`LinkKind`].
    titles: [&'static str; 3],
    /// What is asked for, by [`LinkKind`].
    asks: [&'static str; 3],
    /// What happens next.
    pub what: &'static str,
    /// The button.
    pub go_on: &'static str,
    /// 'Good day,'
    pub greeting: &'static str,
    /// Until when the link is good.
    pub until: &'static str,
    /// Where no ATS is named.
    pub your_ats: &'static str,
    /// Who can be asked.
    pub ask: &'static str,
    /// The browser is taken to Kombo.
    pub leading: Said,
    /// The flow was closed before its end.
    pub closed: &'static str,
    /// The ATS is connected.
    pub used: Said,
    /// The time is over.
    pub expired: Said,
    /// It was turned off.
    pub withdrawn: Said,
    /// Kombo could not be asked.
    pub later: Said,
    /// There never was such a link.
    pub unknown: Said,
}

impl Words {
    /// The headline, and the subject of the mail.
    pub const fn title(&self, kind: LinkKind) -> &'static str {
        self.titles[place(kind)]
    }

    /// What is asked for.
    pub const fn asks(&self, kind: LinkKind) -> &'static str {
        self.asks[place(kind)]
    }
}

const fn place(kind: LinkKind) -> usize {
    match kind {
        LinkKind::Connect => 0,
        LinkKind::Reconnect => 1,
        LinkKind::SetUp => 2,
    }
}

/// The words of a language.
pub const fn of(language: Language) -> &'static Words {
    match language {
        Language::En => &ENGLISH,
        Language::De => &GERMAN,
        Language::Fr => &FRENCH,
        Language::It => &ITALIAN,
        Language::Es => &SPANISH,
    }
}

const ENGLISH: Words = Words {
    titles: ["Connect {ats}", "Connect {ats} again", "Finish connecting {ats}"],
    asks: [
        "{provider} asks you to connect {ats} of {customer}, so that you can order assessments where you already work and read the results there.",
        "The connection of {ats} of {customer} with {provider} no longer works. Please connect it again; orders and results then go on by themselves.",
        "The connection of {ats} of {customer} with {provider} is almost ready. A last step is left for you.",
    ],
    what: "The connection is made by Kombo, which carries orders and results between the two. You sign in to your system there; we never see your password.",
    go_on: "Go on to connect",
    greeting: "Hello,",
    until: "The link is good until {date}. Whoever has it can connect in your name, so please pass it on only to the person who looks after {ats}.",
    your_ats: "your applicant tracking system",
    ask: "Questions? Please write to",
    leading: ("Taking you to Kombo", "If nothing happens, please go on here."),
    closed: "The connection was not finished. You can go on whenever you like.",
    used: (
        "It is connected",
        "There is nothing left to do on this page. You will hear from us when everything is ready to be tried.",
    ),
    expired: (
        "This link is no longer good",
        "Please ask for a new one; it takes a minute.",
    ),
    withdrawn: (
        "This link was replaced",
        "Please use the newest one that you were sent, or ask for it.",
    ),
    later: (
        "This does not work right now",
        "Nothing is wrong on your side. Please try again in a few minutes.",
    ),
    unknown: (
        "There is nothing here",
        "Perhaps the address was cut off. Please open it just as it was sent to you.",
    ),
};

const GERMAN: Words = Words {
    titles: [
        "{ats} verbinden",
        "{ats} neu verbinden",
        "Verbindung mit {ats} abschließen",
    ],
    asks: [
        "{provider} bittet Sie, {ats} von {customer} zu verbinden. Dann bestellen Sie Assessments dort, wo Sie ohnehin arbeiten, und lesen dort auch die Ergebnisse.",
        "Die Verbindung von {ats} von {customer} mit {provider} funktioniert nicht mehr. Bitte verbinden Sie neu; Aufträge und Ergebnisse laufen dann von selbst weiter.",
        "Die Verbindung von {ats} von {customer} mit {provider} ist fast fertig. Ein letzter Schritt liegt bei Ihnen.",
    ],
    what: "Die Verbindung stellt Kombo her; darüber laufen Aufträge und Ergebnisse. Sie melden sich dort bei Ihrem System an; Ihr Passwort sehen wir nie.",
    go_on: "Weiter zum Verbinden",
    greeting: "Guten Tag,",
    until: "Der Link gilt bis {date}. Wer ihn hat, kann in Ihrem Namen verbinden. Bitte geben Sie ihn nur an die Person weiter, die {ats} betreut.",
    your_ats: "Ihr Bewerbermanagementsystem",
    ask: "Fragen? Bitte schreiben Sie an",
    leading: (
        "Es geht weiter zu Kombo",
        "Falls nichts geschieht, gehen Sie bitte hier weiter.",
    ),
    closed: "Die Verbindung wurde nicht abgeschlossen. Sie können jederzeit weitermachen.",
    used: (
        "Es ist verbunden",
        "Auf dieser Seite ist nichts mehr zu tun. Sie hören von uns, sobald alles zum Ausprobieren bereit ist.",
    ),
    expired: (
        "Dieser Link gilt nicht mehr",
        "Bitte fragen Sie nach einem neuen; das dauert nur eine Minute.",
    ),
    withdrawn: (
        "Dieser Link wurde ersetzt",
        "Bitte nehmen Sie den neuesten, den Sie bekommen haben, oder fragen Sie danach.",
    ),
    later: (
        "Das geht gerade nicht",
        "Bei Ihnen ist alles in Ordnung. Bitte versuchen Sie es in ein paar Minuten noch einmal.",
    ),
    unknown: (
        "Hier ist nichts",
        "Vielleicht wurde die Adresse abgeschnitten. Bitte öffnen Sie sie genau so, wie Sie sie bekommen haben.",
    ),
};

const FRENCH: Words = Words {
    titles: ["Connecter {ats}", "Reconnecter {ats}", "Terminer la connexion de {ats}"],
    asks: [
        "{provider} vous invite à connecter {ats} de {customer} : vous commanderez les évaluations là où vous travaillez déjà et y lirez les résultats.",
        "La connexion de {ats} de {customer} avec {provider} ne fonctionne plus. Veuillez la rétablir ; commandes et résultats reprendront d’eux-mêmes.",
        "La connexion de {ats} de {customer} avec {provider} est presque prête. Il vous reste une dernière étape.",
    ],
    what: "La connexion est assurée par Kombo, qui transmet commandes et résultats. Vous vous y identifiez auprès de votre système ; nous ne voyons jamais votre mot de passe.",
    go_on: "Continuer vers la connexion",
    greeting: "Bonjour,",
    until: "Le lien est valable jusqu’au {date}. Quiconque le possède peut connecter en votre nom : ne le transmettez qu’à la personne qui gère {ats}.",
    your_ats: "votre logiciel de recrutement",
    ask: "Une question ? Écrivez à",
    leading: ("Vous êtes dirigé vers Kombo", "Si rien ne se passe, continuez ici."),
    closed: "La connexion n’a pas été terminée. Vous pouvez la reprendre quand vous voulez.",
    used: (
        "C’est connecté",
        "Il n’y a plus rien à faire sur cette page. Nous vous écrirons quand tout sera prêt à être essayé.",
    ),
    expired: (
        "Ce lien n’est plus valable",
        "Veuillez en demander un nouveau ; cela prend une minute.",
    ),
    withdrawn: (
        "Ce lien a été remplacé",
        "Veuillez utiliser le plus récent que vous avez reçu, ou le demander.",
    ),
    later: (
        "Cela ne fonctionne pas pour l’instant",
        "Tout est en ordre de votre côté. Veuillez réessayer dans quelques minutes.",
    ),
    unknown: (
        "Il n’y a rien ici",
        "L’adresse a peut-être été coupée. Veuillez l’ouvrir exactement telle que vous l’avez reçue.",
    ),
};

const ITALIAN: Words = Words {
    titles: [
        "Collegare {ats}",
        "Ricollegare {ats}",
        "Completare il collegamento di {ats}",
    ],
    asks: [
        "{provider} La invita a collegare {ats} di {customer}: potrà ordinare le prove dove già lavora e leggervi i risultati.",
        "Il collegamento di {ats} di {customer} con {provider} non funziona più. La preghiamo di ripristinarlo; ordini e risultati riprenderanno da soli.",
        "Il collegamento di {ats} di {customer} con {provider} è quasi pronto. Le resta un ultimo passo.",
    ],
    what: "Il collegamento è gestito da Kombo, che trasmette ordini e risultati. Lì accede al Suo sistema; noi non vediamo mai la Sua password.",
    go_on: "Procedere al collegamento",
    greeting: "Buongiorno,",
    until: "Il link è valido fino al {date}. Chi lo possiede può effettuare il collegamento a Suo nome: lo trasmetta solo a chi si occupa di {ats}.",
    your_ats: "il Suo software di selezione",
    ask: "Domande? Scriva a",
    leading: ("La stiamo portando a Kombo", "Se non succede nulla, prosegua da qui."),
    closed: "Il collegamento non è stato completato. Può proseguire quando vuole.",
    used: (
        "È collegato",
        "Su questa pagina non c’è altro da fare. Le scriveremo quando tutto sarà pronto per la prova.",
    ),
    expired: (
        "Questo link non è più valido",
        "Ne chieda uno nuovo; ci vuole un minuto.",
    ),
    withdrawn: (
        "Questo link è stato sostituito",
        "Usi il più recente che ha ricevuto, oppure lo chieda.",
    ),
    later: (
        "Al momento non funziona",
        "Da parte Sua è tutto a posto. Riprovi tra qualche minuto.",
    ),
    unknown: (
        "Qui non c’è nulla",
        "Forse l’indirizzo è stato troncato. Lo apra esattamente come l’ha ricevuto.",
    ),
};

const SPANISH: Words = Words {
    titles: [
        "Conectar {ats}",
        "Volver a conectar {ats}",
        "Terminar la conexión de {ats}",
    ],
    asks: [
        "{provider} le pide que conecte {ats} de {customer}: así pedirá las evaluaciones donde ya trabaja y leerá allí los resultados.",
        "La conexión de {ats} de {customer} con {provider} ya no funciona. Vuelva a conectarla, por favor; los pedidos y los resultados seguirán por sí solos.",
        "La conexión de {ats} de {customer} con {provider} está casi lista. Le queda un último paso.",
    ],
    what: "La conexión la hace Kombo, que lleva pedidos y resultados. Allí entra usted en su sistema; nosotros nunca vemos su contraseña.",
    go_on: "Continuar para conectar",
    greeting: "Buenos días:",
    until: "El enlace es válido hasta el {date}. Quien lo tenga puede conectar en su nombre: páselo solo a la persona que se ocupa de {ats}.",
    your_ats: "su sistema de selección",
    ask: "¿Preguntas? Escriba a",
    leading: ("Le llevamos a Kombo", "Si no ocurre nada, continúe aquí."),
    closed: "La conexión no se terminó. Puede continuar cuando quiera.",
    used: (
        "Está conectado",
        "En esta página no queda nada por hacer. Le escribiremos cuando todo esté listo para probarlo.",
    ),
    expired: (
        "Este enlace ya no es válido",
        "Pida uno nuevo, por favor; es cosa de un minuto.",
    ),
    withdrawn: (
        "Este enlace fue sustituido",
        "Use el más reciente que haya recibido, o pídalo.",
    ),
    later: (
        "Ahora mismo no funciona",
        "Por su parte todo está bien. Inténtelo de nuevo dentro de unos minutos.",
    ),
    unknown: (
        "Aquí no hay nada",
        "Quizá la dirección se cortó. Ábrala exactamente como la recibió.",
    ),
};
