//! The reasons with which a new library begins. The house makes them its own: edits, retires, adds.

use super::ReasonInput;
use crate::domain::language::Language;

/// A reason to begin with.
#[derive(Clone, Copy, Debug)]
pub struct Starter {
    /// What staff choose by.
    pub name: &'static str,
    /// Whether it also fits the answer to a waiting webhook; all of them fit a cancellation.
    pub for_rejection: bool,
    /// What the recruiter reads, in the order of [`Language::ALL`].
    texts: [&'static str; 5],
}

impl Starter {
    /// The same as if a person had typed it.
    pub fn input(self) -> ReasonInput {
        let texts = Language::ALL.iter().zip(self.texts);
        ReasonInput {
            name: self.name.to_owned(),
            for_rejection: self.for_rejection,
            for_cancellation: true,
            texts: texts.map(|(language, text)| (*language, text.to_owned())).collect(),
        }
    }
}

/// The starter library, in the order in which its reasons are offered.
pub const STARTER: [Starter; 9] = [
    Starter {
        name: "Candidate cannot be reached",
        for_rejection: false,
        texts: [
            "We tried to invite the candidate to ‘{package}’, but could not reach them. Please check the contact details in your system and order again once the candidate is ready.",
            "Wir wollten die Kandidatin oder den Kandidaten zu „{package}“ einladen, haben aber niemanden erreicht. Bitte prüfen Sie die Kontaktdaten in Ihrem System und bestellen Sie neu, sobald die Person bereit ist.",
            "Nous avons voulu inviter le candidat ou la candidate à « {package} », sans parvenir à le ou la joindre. Merci de vérifier les coordonnées dans votre système et de passer une nouvelle commande dès que la personne sera prête.",
            "Abbiamo provato a invitare la persona candidata a «{package}», ma non siamo riusciti a raggiungerla. Verificate i recapiti nel vostro sistema e ordinate di nuovo quando sarà pronta.",
            "Hemos intentado invitar a la persona candidata a «{package}», pero no hemos podido contactar con ella. Comprueben los datos de contacto en su sistema y vuelvan a pedirlo cuando esté disponible.",
        ],
    },
    Starter {
        name: "Candidate has withdrawn",
        for_rejection: false,
        texts: [
            "The candidate told us that they no longer wish to take ‘{package}’.",
            "Die Kandidatin oder der Kandidat hat uns mitgeteilt, „{package}“ nicht mehr ablegen zu wollen.",
            "Le candidat ou la candidate nous a fait savoir qu’il ou elle ne souhaite plus passer « {package} ».",
            "La persona candidata ci ha comunicato di non voler più sostenere «{package}».",
            "La persona candidata nos ha comunicado que ya no desea realizar «{package}».",
        ],
    },
    Starter {
        name: "Did not finish in time",
        for_rejection: false,
        texts: [
            "The candidate did not finish ‘{package}’ within the time agreed. If you want to give them another chance, please order again.",
            "Die Kandidatin oder der Kandidat hat „{package}“ nicht innerhalb der vereinbarten Frist abgeschlossen. Wenn Sie eine weitere Gelegenheit geben möchten, bestellen Sie bitte neu.",
            "Le candidat ou la candidate n’a pas terminé « {package} » dans le délai convenu. Si vous souhaitez lui donner une nouvelle chance, merci de passer une nouvelle commande.",
            "La persona candidata non ha completato «{package}» entro il termine concordato. Se desiderate darle un’altra possibilità, ordinate di nuovo.",
            "La persona candidata no terminó «{package}» en el plazo acordado. Si quieren darle otra oportunidad, vuelvan a pedirlo.",
        ],
    },
    Starter {
        name: "Ordered twice",
        for_rejection: true,
        texts: [
            "‘{package}’ is already on order for this candidate. We go on with the first order; you need not do anything.",
            "„{package}“ ist für diese Kandidatin oder diesen Kandidaten bereits bestellt. Wir arbeiten mit der ersten Bestellung weiter; Sie müssen nichts tun.",
            "« {package} » est déjà commandé pour ce candidat ou cette candidate. Nous poursuivons avec la première commande ; vous n’avez rien à faire.",
            "«{package}» è già stato ordinato per questa persona candidata. Proseguiamo con il primo ordine; non dovete fare nulla.",
            "«{package}» ya está pedido para esta persona candidata. Seguimos con el primer pedido; no tienen que hacer nada.",
        ],
    },
    Starter {
        name: "Contact details missing or wrong",
        for_rejection: true,
        texts: [
            "The order lacks contact details with which we can invite the candidate. Please correct the e-mail address in your system and order ‘{package}’ again.",
            "In der Bestellung fehlen Kontaktdaten, mit denen wir die Kandidatin oder den Kandidaten einladen können. Bitte berichtigen Sie die E-Mail-Adresse in Ihrem System und bestellen Sie „{package}“ erneut.",
            "Il manque à la commande des coordonnées permettant d’inviter le candidat ou la candidate. Merci de corriger l’adresse e-mail dans votre système et de commander à nouveau « {package} ».",
            "Nell’ordine mancano recapiti con cui invitare la persona candidata. Correggete l’indirizzo e-mail nel vostro sistema e ordinate di nuovo «{package}».",
            "Faltan en el pedido datos de contacto para invitar a la persona candidata. Corrijan la dirección de correo en su sistema y vuelvan a pedir «{package}».",
        ],
    },
    Starter {
        name: "Package does not fit the job",
        for_rejection: true,
        texts: [
            "‘{package}’ is not made for the job ‘{job}’, so its result would say little. Please choose another package, or ask us which one fits.",
            "„{package}“ ist nicht für die Stelle „{job}“ gedacht; das Ergebnis wäre wenig aussagekräftig. Bitte wählen Sie ein anderes Paket oder fragen Sie uns, welches passt.",
            "« {package} » n’est pas conçu pour le poste « {job} » ; le résultat serait peu parlant. Merci de choisir une autre formule ou de nous demander laquelle convient.",
            "«{package}» non è pensato per la posizione «{job}»; il risultato direbbe poco. Scegliete un altro pacchetto oppure chiedeteci quale è adatto.",
            "«{package}» no está pensado para el puesto «{job}»; el resultado diría poco. Elijan otro paquete o pregúntennos cuál conviene.",
        ],
    },
    Starter {
        name: "Not part of the agreement",
        for_rejection: true,
        texts: [
            "‘{package}’ is not part of the agreement between {customer} and us. Please choose one of the packages that your system offers, or write to your contact here.",
            "„{package}“ ist nicht Teil der Vereinbarung zwischen {customer} und uns. Bitte wählen Sie eines der Pakete, die Ihr System anbietet, oder schreiben Sie Ihrer Ansprechperson bei uns.",
            "« {package} » ne fait pas partie de l’accord entre {customer} et nous. Merci de choisir l’une des formules proposées par votre système ou d’écrire à votre contact chez nous.",
            "«{package}» non fa parte dell’accordo tra {customer} e noi. Scegliete uno dei pacchetti proposti dal vostro sistema oppure scrivete al vostro referente.",
            "«{package}» no forma parte del acuerdo entre {customer} y nosotros. Elijan uno de los paquetes que ofrece su sistema o escriban a su persona de contacto.",
        ],
    },
    Starter {
        name: "No capacity at present",
        for_rejection: true,
        texts: [
            "We cannot carry out ‘{package}’ in the time agreed at present, and would rather say so now than be late. Please order again next week, or write to us if it is urgent.",
            "Wir können „{package}“ derzeit nicht in der vereinbarten Zeit durchführen und sagen das lieber jetzt, als zu spät zu liefern. Bitte bestellen Sie nächste Woche erneut oder schreiben Sie uns, wenn es eilt.",
            "Nous ne pouvons pas réaliser « {package} » dans le délai convenu en ce moment, et préférons le dire maintenant plutôt que d’être en retard. Merci de commander à nouveau la semaine prochaine, ou de nous écrire si c’est urgent.",
            "Al momento non possiamo svolgere «{package}» nei tempi concordati e preferiamo dirlo subito piuttosto che consegnare in ritardo. Ordinate di nuovo la prossima settimana oppure scriveteci se è urgente.",
            "Ahora mismo no podemos realizar «{package}» en el plazo acordado y preferimos decirlo ya antes que entregar tarde. Vuelvan a pedirlo la próxima semana o escríbannos si es urgente.",
        ],
    },
    Starter {
        name: "Position filled or closed",
        for_rejection: true,
        texts: [
            "You told us that the position ‘{job}’ is filled or closed, so ‘{package}’ is no longer needed.",
            "Sie haben uns mitgeteilt, dass die Stelle „{job}“ besetzt oder geschlossen ist; „{package}“ wird daher nicht mehr gebraucht.",
            "Vous nous avez informés que le poste « {job} » est pourvu ou clos ; « {package} » n’est donc plus nécessaire.",
            "Ci avete comunicato che la posizione «{job}» è stata coperta o chiusa; «{package}» quindi non è più necessario.",
            "Nos han comunicado que el puesto «{job}» está cubierto o cerrado, por lo que «{package}» ya no es necesario.",
        ],
    },
];
