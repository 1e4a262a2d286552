//! The schema that the connector goes by: definitions by name, and what of it concerns values.

use std::collections::{HashMap, HashSet, VecDeque};

use bytes::Bytes;
use icf::{ObjectClass, Schema};
use tracing::warn;

use super::definition::{AttributeType, ContentRule, LdapClass, attribute_type, content_rule, object_class};
use super::describe::describe;
use crate::fault::{Fault, Result};
use crate::filter::LdapFilter;
use crate::link::{Link, entry};
use crate::message::Entry;
use crate::server::Facts;
use crate::settings::Settings;

/// Attributes whose values are bytes, whatever the schema says.
const BINARY: [&str; 21] = [
    "audio",
    "jpegPhoto",
    "photo",
    "personalSignature",
    "userPassword",
    "userCertificate",
    "cACertificate",
    "authorityRevocationList",
    "deltaRevocationList",
    "certificateRevocationList",
    "crossCertificatePair",
    "x500UniqueIdentifier",
    "supportedAlgorithms",
    "javaSerializedData",
    "thumbnailPhoto",
    "thumbnailLogo",
    "objectGUID",
    "objectSid",
    "tokenGroups",
    "unicodePwd",
    "userSMIMECertificate",
];

/// Syntaxes whose values are bytes: audio, binary, certificates and their lists and pairs, fax, JPEG, algorithms.
const BINARY_SYNTAXES: [&str; 8] = [
    "1.3.6.1.4.1.1466.115.121.1.4",
    "1.3.6.1.4.1.1466.115.121.1.5",
    "1.3.6.1.4.1.1466.115.121.1.8",
    "1.3.6.1.4.1.1466.115.121.1.9",
    "1.3.6.1.4.1.1466.115.121.1.10",
    "1.3.6.1.4.1.1466.115.121.1.23",
    "1.3.6.1.4.1.1466.115.121.1.28",
    "1.3.6.1.4.1.1466.115.121.1.49",
];

/// Attributes that travel with the option `;binary` (RFC 4522).
const TRANSFER_BINARY: [&str; 7] = [
    "userCertificate",
    "cACertificate",
    "authorityRevocationList",
    "deltaRevocationList",
    "certificateRevocationList",
    "crossCertificatePair",
    "supportedAlgorithms",
];

/// A schema.
#[derive(Debug)]
pub(crate) struct Model {
    /// By name in lower case. Without definitions, the built-in schema counts.
    attributes: HashMap<String, AttributeType>,
    classes: HashMap<String, LdapClass>,
    /// In lower case.
    custom_binary: HashSet<String>,
    pub(crate) is_read: bool,
    pub(crate) icf: Schema,
}

impl Model {
    /// Reads the schema from the server, if the settings want that, and describes it.
    pub(crate) async fn load(link: &mut Link<'_>, settings: &Settings, facts: &Facts) -> Result<Self> {
        let read = if settings.properties.read_schema { Some(fetch(link, facts).await?) } else { None };
        Self::of(read.as_deref().map(entry).transpose()?, settings, facts)
    }

    /// The schema of a subschema entry; without one the built-in schema.
    pub(crate) fn of(subschema: Option<Entry<'_>>, settings: &Settings, facts: &Facts) -> Result<Self> {
        let custom = settings.properties.custom_octet_string_attributes.iter();
        let mut model = Self {
            attributes: HashMap::new(),
            classes: HashMap::new(),
            custom_binary: custom.map(|name| name.trim().to_lowercase()).collect(),
            is_read: subschema.is_some(),
            icf: Schema::default(),
        };
        if let Some(entry) = subschema {
            model.read(entry)?;
        }
        model.icf = describe(&model, settings, facts)?;
        Ok(model)
    }

    fn read(&mut self, entry: Entry<'_>) -> Result<()> {
        let mut unread = 0;
        for text in entry.texts("attributeTypes")? {
            match attribute_type(&text) {
                Some(attribute) => self.add_attribute(attribute),
                None => unread += 1,
            }
        }
        for text in entry.texts("objectClasses")? {
            match object_class(&text) {
                Some(class) => self.add_class(class),
                None => unread += 1,
            }
        }
        for text in entry.texts("dITContentRules")? {
            match content_rule(&text) {
                Some((names, rule)) => self.add_content(&names, &rule),
                None => unread += 1,
            }
        }
        if unread > 0 {
            warn!(
                unread,
                "Some definitions of the directory's schema cannot be understood and are left out."
            );
        }
        Ok(())
    }

    fn add_attribute(&mut self, attribute: AttributeType) {
        for name in &attribute.names {
            self.attributes.insert(name.to_lowercase(), attribute.clone());
        }
    }

    fn add_class(&mut self, class: LdapClass) {
        for name in &class.names {
            self.classes.insert(name.to_lowercase(), class.clone());
        }
    }

    fn add_content(&mut self, names: &[String], rule: &ContentRule) {
        for name in names {
            if let Some(class) = self.classes.get_mut(&name.to_lowercase()) {
                class.content = rule.clone();
            }
        }
    }

    /// The definition of an attribute.
    pub(crate) fn attribute(&self, name: &str) -> Option<&AttributeType> {
        self.attributes.get(&name.to_lowercase())
    }

    /// All classes, each once for each of its names.
    pub(crate) fn classes(&self) -> impl Iterator<Item = (&str, &LdapClass)> {
        self.classes.iter().filter_map(|(key, class)| {
            let name = class.names.iter().find(|name| name.to_lowercase() == *key)?;
            Some((name.as_str(), class))
        })
    }

    /// The classes of these names and all their superiors, each once, the given ones first.
    pub(crate) fn with_superiors(&self, names: &[String]) -> Vec<String> {
        let mut waiting: VecDeque<String> = names.iter().cloned().collect();
        let mut seen = HashSet::new();
        let mut all = Vec::new();
        while let Some(name) = waiting.pop_front() {
            if seen.insert(name.to_lowercase()) {
                if let Some(class) = self.classes.get(&name.to_lowercase()) {
                    waiting.extend(class.superiors.iter().cloned());
                }
                all.push(name);
            }
        }
        all
    }

    /// Attributes that entries of these classes must and may have: superiors included, and what content rules add, which
    /// the server fills in where it must be there.
    pub(crate) fn must_and_may(&self, classes: &[String]) -> (Vec<String>, Vec<String>) {
        let (mut must, mut may) = (Names::default(), Names::default());
        for name in self.with_superiors(classes) {
            let Some(class) = self.classes.get(&name.to_lowercase()) else { continue };
            must.extend(&class.must);
            may.extend(&class.may);
            may.extend(&class.content.attributes);
            for name in self.with_superiors(&class.content.auxiliaries) {
                if let Some(auxiliary) = self.classes.get(&name.to_lowercase()) {
                    may.extend(&auxiliary.must);
                    may.extend(&auxiliary.may);
                }
            }
        }
        may.extend(&["objectClass".to_owned()]);
        let (mut must, mut may) = (must.list, may.list);
        // The connector writes the class itself.
        must.retain(|name| !name.eq_ignore_ascii_case("objectClass"));
        may.retain(|name| !must.iter().any(|known| known.eq_ignore_ascii_case(name)));
        (must, may)
    }

    /// A member of a definition, or of the one it is derived from.
    fn inherited(&self, name: &str, get: impl Fn(&AttributeType) -> Option<&String>) -> Option<&str> {
        let mut attribute = self.attribute(name)?;
        // A definition that is its own superior ends here.
        for _ in 0..16 {
            if let Some(found) = get(attribute) {
                return Some(found);
            }
            attribute = self.attribute(attribute.superior.as_ref()?)?;
        }
        None
    }

    /// Whether the values of an attribute are bytes.
    pub(crate) fn is_binary(&self, name: &str) -> bool {
        name.len() > 7 && name.to_ascii_lowercase().ends_with(";binary")
            || BINARY.iter().any(|known| known.eq_ignore_ascii_case(name))
            || self.custom_binary.contains(&name.to_lowercase())
            || self
                .inherited(name, |attribute| attribute.syntax.as_ref())
                .is_some_and(|syntax| BINARY_SYNTAXES.contains(&syntax))
    }

    /// The ordering rule to send for sorting by an attribute; none if it has one of its own or nothing is known.
    pub(crate) fn ordering_rule(&self, name: &str) -> Option<&'static str> {
        if self.inherited(name, |attribute| attribute.ordering.as_ref()).is_some() {
            return None;
        }
        Some(match self.inherited(name, |attribute| attribute.equality.as_ref())? {
            "caseIgnoreMatch" | "caseIgnoreIA5Match" | "2.5.13.2" | "1.3.6.1.4.1.1466.109.114.2" => {
                "2.5.13.3"
            }
            "caseExactMatch" | "caseExactIA5Match" | "2.5.13.5" | "1.3.6.1.4.1.1466.109.114.1" => "2.5.13.6",
            "numericStringMatch" | "2.5.13.8" => "2.5.13.9",
            "integerMatch" | "2.5.13.14" => "2.5.13.15",
            "generalizedTimeMatch" | "2.5.13.27" => "2.5.13.28",
            _ => return None,
        })
    }

    /// The attributes of an object class that a search returns unless told which.
    pub(crate) fn returned_by_default(&self, class: &ObjectClass) -> Vec<&str> {
        let info = self.icf.object_classes.iter().find(|info| info.object_class == *class);
        let attributes = info.map(|info| info.attributes.as_slice()).unwrap_or_default().iter();
        attributes
            .filter(|attribute| !attribute.has(icf::AttributeFlag::NotReturnedByDefault))
            .map(|attribute| attribute.name.as_str())
            .filter(|name| *name != icf::names::NAME)
            .collect()
    }
}

/// Names in order, each once whatever its letter case.
#[derive(Default)]
struct Names {
    list: Vec<String>,
    known: HashSet<String>,
}

impl Names {
    fn extend(&mut self, names: &[String]) {
        for name in names {
            if self.known.insert(name.to_lowercase()) {
                self.list.push(name.clone());
            }
        }
    }
}

/// The entry in which the server keeps its schema.
async fn fetch(link: &mut Link<'_>, facts: &Facts) -> Result<Bytes> {
    let Some(place) = &facts.subschema else {
        return Err(Fault::general(
            "The directory does not say where its schema is (subschemaSubentry); set readSchema to false",
        ));
    };
    let filter = LdapFilter::equal("objectClass", "subschema");
    let wanted = ["objectClasses", "attributeTypes", "dITContentRules"];
    link.read(place, Some(filter), &wanted).await?.ok_or_else(|| {
        Fault::general(format!(
            "The directory does not show its schema at {place}; set readSchema to false, or let the principal read it"
        ))
    })
}

/// The description by which an attribute is asked for and written.
pub(crate) fn transfer_name(name: &str) -> String {
    if TRANSFER_BINARY.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        format!("{name};binary")
    } else {
        name.to_owned()
    }
}
