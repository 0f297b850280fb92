//! What a package is called in languages beside the catalogue's own words.

use super::customer::FieldError;
use super::language::Language;
use super::package::wording_faults;
use std::collections::BTreeMap;

/// Its words in one language; what is empty is shown in the catalogue's own words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackageText {
    /// Its name.
    pub name: String,
    /// Its description.
    pub description: String,
}

/// Its words in each language that has any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PackageTexts(BTreeMap<Language, PackageText>);

/// How forms, files and the audit trail call the words of a language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fields {
    /// The language.
    pub language: Language,
    /// The field of the name.
    pub name: &'static str,
    /// The field of the description.
    pub description: &'static str,
}

/// Every language's fields, in the order in which people are shown them.
pub const FIELDS: [Fields; 5] = [
    fields(Language::En, "name_en", "description_en"),
    fields(Language::De, "name_de", "description_de"),
    fields(Language::Fr, "name_fr", "description_fr"),
    fields(Language::It, "name_it", "description_it"),
    fields(Language::Es, "name_es", "description_es"),
];

/// Every field, each language's name before its description.
pub fn names() -> impl Iterator<Item = &'static str> {
    FIELDS.into_iter().flat_map(|fields| [fields.name, fields.description])
}

const fn fields(language: Language, name: &'static str, description: &'static str) -> Fields {
    Fields {
        language,
        name,
        description,
    }
}

impl PackageTexts {
    /// The words that each field says, without blanks around them.
    pub fn read(said: impl Fn(&'static str) -> String) -> Self {
        let texts = FIELDS.map(|fields| {
            let text = PackageText {
                name: said(fields.name).trim().to_owned(),
                description: said(fields.description).trim().to_owned(),
            };
            (fields.language, text)
        });
        texts.into_iter().collect()
    }

    /// What stands in a field; empty where there is nothing, or no such field.
    pub fn get(&self, field: &str) -> &str {
        let of = |fields: &Fields| {
            let text = self.0.get(&fields.language)?;
            if fields.name == field {
                Some(text.name.as_str())
            } else {
                (fields.description == field).then_some(text.description.as_str())
            }
        };
        FIELDS.iter().find_map(of).unwrap_or_default()
    }

    /// Each field with what stands in it.
    pub fn each(&self) -> impl Iterator<Item = (&'static str, &str)> {
        names().map(|field| (field, self.get(field)))
    }

    /// Each language that has words of its own.
    pub fn iter(&self) -> impl Iterator<Item = (Language, &PackageText)> {
        self.0.iter().map(|(language, text)| (*language, text))
    }

    /// Everything that is wrong with them, at its field.
    pub fn faults(&self) -> Vec<FieldError> {
        let of = |fields: &Fields| {
            let text = self.0.get(&fields.language).cloned().unwrap_or_default();
            let faults = wording_faults(&text.name, &text.description).into_iter();
            let at = |field| {
                if field == "name" {
                    fields.name
                } else {
                    fields.description
                }
            };
            faults.map(|(field, why)| (at(field), why)).collect::<Vec<_>>()
        };
        FIELDS.iter().flat_map(of).collect()
    }
}

impl FromIterator<(Language, PackageText)> for PackageTexts {
    fn from_iter<I: IntoIterator<Item = (Language, PackageText)>>(texts: I) -> Self {
        let said = texts.into_iter().filter(|(_, text)| *text != PackageText::default());
        Self(said.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::catalogue::Column;

    #[test]
    fn every_language_has_its_fields_and_its_columns() {
        let languages = FIELDS.map(|fields| fields.language);
        assert_eq!(languages, Language::ALL);
        for fields in FIELDS {
            let code = fields.language;
            let columns = [fields.name, fields.description].map(|field| Column::parse(field).expect("a column"));
            assert_eq!(
                columns.map(Column::label),
                [format!("Name ({code})"), format!("Description ({code})")]
            );
        }
    }

    #[test]
    fn what_is_said_in_a_language_stands_in_its_fields_and_what_is_blank_is_not_kept() {
        let texts = PackageTexts::read(|field| match field {
            "name_de" => " Logik ".to_owned(),
            "description_fr" => "Une épreuve.".to_owned(),
            "name_it" => "  ".to_owned(),
            _ => String::new(),
        });
        assert_eq!(texts.get("name_de"), "Logik");
        assert_eq!(
            (texts.get("description_de"), texts.get("name_it"), texts.get("key")),
            ("", "", "")
        );
        let languages = texts.iter().map(|(language, _)| language).collect::<Vec<_>>();
        assert_eq!(languages, [Language::De, Language::Fr]);
        assert_eq!(texts.each().filter(|(_, text)| !text.is_empty()).count(), 2);
    }

    #[test]
    fn what_is_too_long_or_cannot_be_kept_is_told_at_its_field() {
        let texts = PackageTexts::read(|field| match field {
            "name_de" => "x".repeat(121),
            "description_es" => "a\u{7}".to_owned(),
            _ => String::new(),
        });
        let faults = texts.faults().into_iter().map(|(field, _)| field).collect::<Vec<_>>();
        assert_eq!(faults, ["name_de", "description_es"]);
    }
}
