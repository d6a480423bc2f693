//! The entries of `brokers`, `controllers` and `clients`, each of which may stand for many identities.

use std::collections::HashMap;

use super::fault::{Fault, FaultKind, Faults, Position};
use super::keys;
use super::reader::{Field, Fields, Reader};
use super::yaml::{Content, Node};
use super::{EntryPositions, MAX_ALT_NAMES, MAX_ALT_NAMES_IN_ALL, Positions};
use crate::name::dn::{DistinguishedName, DnError};
use crate::name::pattern::{self, MAX_EXPANSION, Pairing};
use crate::name::{Alias, NodeName, SubjectAltName};
use crate::spec::{CertificateProfile, ClusterSpec, Days, KeyAlgorithm, NodeRole, NodeSpec, StoreFormat};

/// What an entry may say, and `defaults` for all of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Terms {
    /// What follows the common name in the subject.
    rest: Option<DistinguishedName>,
    rest_at: Option<Position>,
    days: Option<Days>,
    days_at: Option<Position>,
    renew_before: Option<Days>,
    renew_before_at: Option<Position>,
    key_algorithm: Option<KeyAlgorithm>,
    key_algorithm_at: Option<Position>,
    pub(super) formats: Option<Vec<StoreFormat>>,
}

/// The identities until now.
pub(super) struct Identities {
    defaults: Terms,
    /// How long a certificate is valid of which nobody says it.
    days: Days,
    nodes: Vec<NodeSpec>,
    /// The entry of each node.
    entry_of: Vec<usize>,
    entries: Vec<EntryPositions>,
    /// How many names there are, also of entries with faults.
    names: usize,
    alt_names: usize,
    /// That there are too many names has been told.
    is_full: bool,
    /// That there are too many alternative names has been told.
    has_too_many: bool,
}

impl Identities {
    pub(super) fn new(defaults: Terms, days: Days) -> Self {
        Self {
            defaults,
            days,
            nodes: Vec::new(),
            entry_of: Vec::new(),
            entries: Vec::new(),
            names: 0,
            alt_names: 0,
            is_full: false,
            has_too_many: false,
        }
    }

    /// Puts the identities into the specification, those of a name once: the others are told, once for two entries.
    pub(super) fn finish(self, faults: &mut Faults, spec: &mut ClusterSpec, positions: &mut Positions) {
        let Self { nodes, entry_of, entries, .. } = self;
        let mut first: HashMap<String, (NodeName, usize)> = HashMap::with_capacity(nodes.len());
        let mut told: HashMap<(usize, usize), usize> = HashMap::new();
        let mut collisions: Vec<Fault> = Vec::new();
        for (node, entry) in nodes.into_iter().zip(entry_of) {
            let folded = node.name.folded();
            let Some((earlier, earlier_entry)) = first.get(&folded) else {
                first.insert(folded, (node.name.clone(), entry));
                positions.entry_of.insert(node.name.clone(), entry);
                spec.nodes.push(node);
                continue;
            };
            if let Some(fault) = told.get(&(*earlier_entry, entry)).and_then(|index| collisions.get_mut(*index)) {
                fault.more += 1;
                continue;
            }
            told.insert((*earlier_entry, entry), collisions.len());
            let at = |entry: usize| entries.get(entry).map_or(Position::START, |entry| entry.name);
            let kind = FaultKind::Collision { name: node.name, earlier: earlier.clone(), at: at(*earlier_entry) };
            collisions.push(Fault { position: at(entry), kind, more: 0 });
        }
        faults.extend(collisions);
        positions.entries = entries;
    }
}

impl Reader<'_> {
    /// Reads what `defaults` and an entry have in common.
    pub(super) fn terms(&mut self, fields: &Fields<'_, '_>) -> Terms {
        let mut terms = Terms::default();
        if let Some(field) = fields.get("dname") {
            terms.rest_at = Some(field.value.position);
            terms.rest = self.rest_of_name(field);
        }
        if let Some(field) = fields.get("validity") {
            terms.days_at = Some(field.value.position);
            terms.days = self.parse(field);
        }
        if let Some(field) = fields.get("renew_before") {
            terms.renew_before_at = Some(field.value.position);
            terms.renew_before = self.parse(field);
        }
        if let Some(field) = fields.get("key_algorithm") {
            terms.key_algorithm_at = Some(field.value.position);
            terms.key_algorithm = self.parse(field);
        }
        terms.formats = fields.get("formats").and_then(|field| self.formats(field));
        terms
    }

    /// Reads an entry: a name, or a mapping with one and what holds for it.
    pub(super) fn identity(&mut self, entry: &Node<'_>, role: NodeRole, identities: &mut Identities) {
        match &entry.content {
            Content::Refused => {}
            Content::Scalar { .. } if !entry.is_nothing() => {
                let Some((_, key)) = keys::IDENTITY.key("name") else { return };
                let field = Field { key, position: entry.position, value: entry };
                if let Some(names) = self.names(field, identities) {
                    let shape = Shape::of(role, Terms::default(), entry.position);
                    self.check_renewal(&shape.terms, identities);
                    identities.add(names, &shape);
                }
            }
            Content::Mapping(_) => {
                if let Some(fields) = self.fields(&keys::IDENTITY, entry, "an identity") {
                    self.detailed_identity(entry.position, &fields, role, identities);
                }
            }
            Content::Scalar { .. } | Content::Sequence(_) => {
                let fault = FaultKind::Type { key: "an identity", expected: ENTRY, found: entry.found() };
                self.faults.push(entry.position, fault);
            }
        }
    }

    fn detailed_identity(
        &mut self,
        position: Position,
        fields: &Fields<'_, '_>,
        role: NodeRole,
        identities: &mut Identities,
    ) {
        let name = fields.get("name");
        if name.is_none() {
            self.faults.push(position, FaultKind::Missing { key: "name", within: keys::IDENTITY.name });
        }
        let names = name.and_then(|field| self.names(field, identities));
        let count = names.as_ref().map(Vec::len);
        let mut shape = Shape::of(role, self.terms(fields), name.map_or(position, |field| field.value.position));
        if let Some(field) = fields.get("profile")
            && let Some(profile) = self.parse(field)
        {
            shape.profile = profile;
        }
        if let Some(field) = fields.get("cn") {
            shape.subject_at = Some(field.value.position);
            shape.common_names = self.paired(field, count);
            let common_names = shape.common_names.iter().flat_map(|(_, names)| names);
            let subjects: Result<Vec<_>, DnError> =
                common_names.map(|name| shape.subject_of(name, identities)).collect();
            self.keep(field, subjects);
        }
        if let Some(field) = fields.get("alias") {
            shape.alias_at = Some(field.value.position);
            shape.aliases = self.paired(field, count).and_then(|(pairing, aliases)| {
                let aliases: Result<Vec<Alias>, _> = aliases.iter().map(|alias| alias.parse()).collect();
                Some((pairing, self.keep(field, aliases)?))
            });
        }
        if let Some(field) = fields.get("sans") {
            for value in self.items(field, false) {
                self.alt_name(Field { value, ..field }, count, &mut shape, identities);
            }
        }
        self.check_renewal(&shape.terms, identities);
        if let Some(names) = names {
            identities.add(names, &shape);
        }
    }

    /// Returns the names of an entry. What is wrong with several of them is told of the first.
    fn names(&mut self, field: Field<'_, '_>, identities: &mut Identities) -> Option<Vec<NodeName>> {
        let pattern = self.text(field)?;
        // A pattern that no name can come of is refused for what is wrong with the name.
        if pattern.chars().any(char::is_control) {
            let name = pattern.parse::<NodeName>();
            return self.keep(field, name).map(|name| vec![name]);
        }
        let count = self.keep(field, pattern::count(pattern))?;
        if identities.names + count > MAX_EXPANSION {
            if !std::mem::replace(&mut identities.is_full, true) {
                self.faults.push(field.value.position, FaultKind::TooManyIdentities);
            }
            return None;
        }
        identities.names += count;
        let names = self.keep(field, pattern::expand(pattern))?;
        let names: Result<Vec<NodeName>, _> = names.iter().map(|name| name.parse()).collect();
        self.keep(field, names)
    }

    /// Expands a text of which each name takes one value: the only one, or that at its place.
    fn paired(&mut self, field: Field<'_, '_>, names: Option<usize>) -> Option<(Pairing, Vec<String>)> {
        let pattern = self.text(field)?;
        let values = self.keep(field, pattern::count(pattern))?;
        // Where the names are wrong, so is how many there are; the values are checked all the same.
        let names = names.unwrap_or(values);
        match Pairing::of(names, values) {
            Some(pairing) if values <= names => Some((pairing, self.keep(field, pattern::expand(pattern))?)),
            _ => {
                self.faults.push(field.value.position, FaultKind::Count { key: field.key.name, names, values });
                None
            }
        }
    }

    /// Takes a name or an address, or several by a range.
    fn alt_name(&mut self, field: Field<'_, '_>, names: Option<usize>, shape: &mut Shape, identities: &mut Identities) {
        let Some(pattern) = self.text(field) else { return };
        let Some(values) = self.keep(field, pattern::count_hosts(pattern)) else { return };
        let names = names.unwrap_or(values);
        let Some(pairing) = Pairing::of(names, values) else {
            self.faults.push(field.value.position, FaultKind::Count { key: field.key.name, names, values });
            return;
        };
        let each = if pairing == Pairing::AllToOne { values } else { 1 };
        if shape.alt_names_of_each + each > MAX_ALT_NAMES {
            if !std::mem::replace(&mut shape.has_too_many, true) {
                self.faults.push(field.value.position, FaultKind::TooManyAltNames);
            }
            return;
        }
        if identities.alt_names + each * names > MAX_ALT_NAMES_IN_ALL {
            if !std::mem::replace(&mut identities.has_too_many, true) {
                self.faults.push(field.value.position, FaultKind::TooManyAltNamesInAll);
            }
            return;
        }
        shape.alt_names_of_each += each;
        identities.alt_names += each * names;
        let Some(values) = self.keep(field, pattern::expand_host(pattern)) else { return };
        let values: Result<Vec<SubjectAltName>, _> = values.iter().map(|value| value.parse()).collect();
        if let Some(values) = self.keep(field, values) {
            shape.alt_names.push((pairing, values));
        }
    }

    /// A certificate that is reissued as long before its end as it is valid would be so at every look.
    fn check_renewal(&mut self, terms: &Terms, identities: &mut Identities) {
        let Identities { defaults, days, .. } = identities;
        let renew_before = terms.renew_before.or(defaults.renew_before);
        let validity = terms.days.or(defaults.days).unwrap_or(*days);
        let Some(renew_before) = renew_before.filter(|renew_before| *renew_before >= validity) else { return };
        let at = match terms.renew_before_at.or(terms.days_at) {
            Some(at) => Some(at),
            // It is the same for all that say neither.
            None => identities.defaults.renew_before_at.take(),
        };
        if let Some(at) = at {
            self.faults.push(at, FaultKind::RenewBefore { renew_before, validity });
        }
    }
}

/// What stands where an identity should.
const ENTRY: &str = "a name, or a mapping with one";

/// What the identities of an entry are like.
struct Shape {
    role: NodeRole,
    profile: CertificateProfile,
    terms: Terms,
    name_at: Position,
    common_names: Option<(Pairing, Vec<String>)>,
    subject_at: Option<Position>,
    aliases: Option<(Pairing, Vec<Alias>)>,
    alias_at: Option<Position>,
    alt_names: Vec<(Pairing, Vec<SubjectAltName>)>,
    alt_names_of_each: usize,
    /// That there are too many of them has been told.
    has_too_many: bool,
}

impl Shape {
    fn of(role: NodeRole, terms: Terms, name_at: Position) -> Self {
        Self {
            role,
            profile: role.profile(),
            terms,
            name_at,
            common_names: None,
            subject_at: None,
            aliases: None,
            alias_at: None,
            alt_names: Vec::new(),
            alt_names_of_each: 0,
            has_too_many: false,
        }
    }

    /// Returns the common name of the identity at `index`, if it is not its name.
    fn common_name(&self, index: usize) -> Option<&str> {
        let (pairing, names) = self.common_names.as_ref()?;
        pairing.values_for(index, names).first().map(String::as_str)
    }

    fn subject_of(&self, common_name: &str, identities: &Identities) -> Result<DistinguishedName, DnError> {
        let nothing = DistinguishedName::default();
        let rest = self.terms.rest.as_ref().or(identities.defaults.rest.as_ref()).unwrap_or(&nothing);
        DistinguishedName::with_common_name(common_name, rest)
    }
}

impl Identities {
    fn add(&mut self, names: Vec<NodeName>, shape: &Shape) {
        let Self { defaults, .. } = self;
        let terms = &shape.terms;
        self.entries.push(EntryPositions {
            name: shape.name_at,
            alias: shape.alias_at,
            subject: shape.subject_at.or(terms.rest_at),
            key_algorithm: terms.key_algorithm_at.or(defaults.key_algorithm_at),
            validity: terms.days_at.or(defaults.days_at),
        });
        let entry = self.entries.len() - 1;
        for (index, name) in names.into_iter().enumerate() {
            let subject = shape.subject_of(shape.common_name(index).unwrap_or(name.as_str()), self);
            let mut node = NodeSpec::new(name, shape.role);
            // A common name that is none has been reported.
            node.subject = subject.unwrap_or(node.subject);
            node.profile = shape.profile;
            node.days = terms.days.or(self.defaults.days).unwrap_or(self.days);
            node.renew_before = terms.renew_before.or(self.defaults.renew_before);
            node.key_algorithm = terms.key_algorithm.or(self.defaults.key_algorithm).unwrap_or(node.key_algorithm);
            node.formats.clone_from(&terms.formats);
            if let Some((pairing, aliases)) = &shape.aliases
                && let Some(alias) = pairing.values_for(index, aliases).first()
            {
                node.alias = alias.clone();
            }
            // Whoever looks at the common name alone looks for it among the others too.
            let common = shape.common_name(index).and_then(SubjectAltName::of_host);
            let others =
                shape.alt_names.iter().flat_map(|(pairing, values)| pairing.values_for(index, values).to_owned());
            for value in common.into_iter().chain(others) {
                if !node.alt_names.contains(&value) {
                    node.alt_names.push(value);
                }
            }
            self.nodes.push(node);
            self.entry_of.push(entry);
        }
    }
}
