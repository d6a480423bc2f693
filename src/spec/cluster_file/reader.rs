//! From the tree to values: each section's keys, and what each of them holds.

use std::borrow::Cow;
use std::path::PathBuf;
use std::str::FromStr;

use super::fault::{FaultKind, Faults, Found, Position, SecretSourceError, ValueError};
use super::identities::{Identities, Terms};
use super::keys::{self, Key, Section};
use super::yaml::{self, Content, Node};
use super::{ClusterFile, GivenCaFiles, Located, MAX_FILE, Positions, SecretSource, SecretSources};
use crate::name::dn::{DistinguishedName, DnError};
use crate::name::pattern::PatternError;
use crate::name::{HostError, NameError, printable};
use crate::spec::{
    CaSource, CaSpec, ClientAuth, ClusterSpec, Days, DaysError, NodeRole, StoreFormat, StoreSpec, UnknownValue,
};

/// The longest text of a value, in bytes: that of a path and of a distinguished name.
const MAX_TEXT: usize = 4096;

/// The longest key that is shown, in bytes.
const MAX_SHOWN_KEY: usize = 40;

pub(super) const TEXT: &str = "a text";
pub(super) const LIST: &str = "a list";
const MAPPING: &str = "a mapping with keys";

/// A key with its value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'n, 'a> {
    pub(super) key: &'static Key,
    /// Where the key stands.
    pub(super) position: Position,
    pub(super) value: &'n Node<'a>,
}

/// The fields of a section, in the order of its table.
pub(super) struct Fields<'n, 'a> {
    section: &'static Section,
    fields: Vec<Option<Field<'n, 'a>>>,
}

impl<'n, 'a> Fields<'n, 'a> {
    pub(super) fn get(&self, name: &str) -> Option<Field<'n, 'a>> {
        let (index, _) = self.section.key(name)?;
        self.fields.get(index).copied().flatten()
    }
}

macro_rules! value_errors {
    ($($variant:ident($error:ty),)+) => {
        $(impl From<$error> for ValueError {
            fn from(error: $error) -> Self {
                Self::$variant(error)
            }
        })+
    };
}

value_errors! {
    Dn(DnError),
    Days(DaysError),
    Host(HostError),
    Name(NameError),
    Pattern(PatternError),
    Secret(SecretSourceError),
    Unknown(UnknownValue),
}

/// Reads a file, and tells what is wrong with it as it goes.
pub(super) struct Reader<'f> {
    pub(super) faults: &'f mut Faults,
    /// Whether a list of identities has something in it, be it sound or not.
    pub(super) has_entries: bool,
}

impl<'f> Reader<'f> {
    pub(super) fn new(faults: &'f mut Faults) -> Self {
        Self { faults, has_entries: false }
    }

    /// Reads the whole file. What cannot be read is told, and stands as its default from there on, so that the rest is
    /// checked all the same.
    pub(super) fn file(&mut self, bytes: &[u8]) -> Option<ClusterFile> {
        let text = self.text_of(bytes)?;
        let root = yaml::read(text, self.faults);
        let Some(root) = root else {
            if self.faults.is_empty() {
                self.faults.push(Position::START, FaultKind::Empty);
            }
            return None;
        };
        if root.is_nothing() {
            self.faults.push(Position::START, FaultKind::Empty);
            return None;
        }
        let fields = self.fields(&keys::FILE, &root, "")?;
        let mut spec = ClusterSpec::new(Vec::new());
        let mut positions = Positions::default();
        let mut secrets = SecretSources::default();
        let ca = self.ca(fields.get("ca"), &mut spec, &mut secrets, &mut positions);
        let mut defaults = Terms::default();
        if let Some(section) = self.section(fields.get("defaults"), &keys::DEFAULTS) {
            defaults = self.terms(&section);
        }
        spec.stores.formats = defaults.formats.take().unwrap_or(spec.stores.formats);
        self.stores(fields.get("stores"), &mut spec.stores, &mut secrets, &mut positions);
        spec.client_auth = fields.get("client_auth").and_then(|field| self.parse::<ClientAuth>(field));
        spec.deploy_dir = fields.get("deploy_dir").and_then(|field| self.path(field)).map(Cow::into_owned);
        let days = spec.made_ca().map_or(Days::NODE, |ca| Days::NODE.min(ca.days));
        let mut identities = Identities::new(defaults, days);
        let lists =
            [("brokers", NodeRole::Broker), ("controllers", NodeRole::Controller), ("clients", NodeRole::Client)];
        let mut lists: Vec<_> = lists.into_iter().filter_map(|(key, role)| Some((fields.get(key)?, role))).collect();
        lists.sort_by_key(|(field, _)| field.position);
        for (field, role) in lists {
            if role == NodeRole::Broker {
                positions.brokers = Some(field.position);
            }
            let is_empty = matches!(&field.value.content, Content::Sequence(items) if items.is_empty());
            self.has_entries |= !is_empty && !field.value.is_nothing();
            for entry in self.items(field, true) {
                self.identity(entry, role, &mut identities);
            }
        }
        identities.finish(self.faults, &mut spec, &mut positions);
        Some(ClusterFile { spec, ca, secrets, positions })
    }

    /// Returns the text of the file, without what some editors put before it.
    fn text_of<'a>(&mut self, bytes: &'a [u8]) -> Option<&'a str> {
        if bytes.len() > MAX_FILE {
            self.faults.push(Position::START, FaultKind::TooLarge(bytes.len()));
            return None;
        }
        if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
            self.faults.push(Position::START, FaultKind::Utf16);
            return None;
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Some(text.strip_prefix('\u{FEFF}').unwrap_or(text)),
            Err(error) => {
                let sound = String::from_utf8_lossy(bytes.get(..error.valid_up_to()).unwrap_or_default());
                let line = sound.rsplit('\n').next().unwrap_or_default();
                let position = Position { line: sound.matches('\n').count() + 1, column: line.chars().count() + 1 };
                self.faults.push(position, FaultKind::NotUtf8);
                None
            }
        }
    }

    /// Returns the fields of a section, if it is there and has something in it.
    fn section<'n, 'a>(&mut self, field: Option<Field<'n, 'a>>, section: &'static Section) -> Option<Fields<'n, 'a>> {
        let field = field?;
        // What stands below may be commented out.
        if field.value.is_nothing() {
            return None;
        }
        self.fields(section, field.value, field.key.name)
    }

    /// Returns the fields of a mapping. Keys that are not known are told, and what they hold is not looked at.
    pub(super) fn fields<'n, 'a>(
        &mut self,
        section: &'static Section,
        node: &'n Node<'a>,
        called: &'static str,
    ) -> Option<Fields<'n, 'a>> {
        let Content::Mapping(pairs) = &node.content else {
            self.wrong_type(node, called, MAPPING);
            return None;
        };
        let mut fields: Vec<Option<Field<'n, 'a>>> = vec![None; section.keys.len()];
        for (key, value) in pairs {
            let position = key.position;
            let Content::Scalar { text, .. } = &key.content else {
                if key.found() != Found::Refused {
                    self.faults.push(position, FaultKind::KeyNotText);
                }
                continue;
            };
            match section.key(text).and_then(|(index, key)| Some((key, fields.get_mut(index)?))) {
                Some((key, field)) => match field {
                    Some(first) => {
                        let fault = FaultKind::DuplicateKey { key: key.name, first: first.position };
                        self.faults.push(position, fault);
                    }
                    None => *field = Some(Field { key, position, value }),
                },
                None if text == "<<" => self.faults.push(position, FaultKind::MergeKey),
                None => {
                    let fault = FaultKind::UnknownKey { key: shown_key(text), within: section.name };
                    self.faults.push(position, fault);
                }
            }
        }
        Some(Fields { section, fields })
    }

    fn wrong_type(&mut self, node: &Node<'_>, key: &'static str, expected: &'static str) {
        if node.found() != Found::Refused {
            self.faults.push(node.position, FaultKind::Type { key, expected, found: node.found() });
        }
    }

    /// Returns the items of a list, which may be written as one value where `is_identities` does not forbid that.
    pub(super) fn items<'n, 'a>(&mut self, field: Field<'n, 'a>, is_identities: bool) -> &'n [Node<'a>] {
        match &field.value.content {
            Content::Sequence(items) => items,
            _ if field.value.is_nothing() && is_identities => &[],
            Content::Scalar { .. } if !is_identities && !field.value.is_nothing() => std::slice::from_ref(field.value),
            _ => {
                let position = if field.value.is_nothing() { field.position } else { field.value.position };
                if field.value.found() != Found::Refused {
                    let fault = FaultKind::Type { key: field.key.name, expected: LIST, found: field.value.found() };
                    self.faults.push(position, fault);
                }
                &[]
            }
        }
    }

    /// Returns the text of a value, within bounds.
    pub(super) fn text<'n>(&mut self, field: Field<'n, '_>) -> Option<&'n str> {
        match &field.value.content {
            _ if field.value.is_nothing() => {
                let fault = FaultKind::Type { key: field.key.name, expected: TEXT, found: Found::Nothing };
                self.faults.push(field.position, fault);
                None
            }
            Content::Scalar { text, .. } if text.len() > MAX_TEXT => {
                let fault = FaultKind::TooLong { key: field.key.name, limit: MAX_TEXT };
                self.faults.push(field.value.position, fault);
                None
            }
            Content::Scalar { text, .. } => Some(text),
            _ => {
                self.wrong_type(field.value, field.key.name, TEXT);
                None
            }
        }
    }

    pub(super) fn value_fault(&mut self, field: Field<'_, '_>, error: impl Into<ValueError>) {
        let fault = FaultKind::Value { key: field.key.name, error: error.into() };
        self.faults.push(field.value.position, fault);
    }

    /// Keeps what was made of a value, or tells why it was not.
    pub(super) fn keep<T, E: Into<ValueError>>(&mut self, field: Field<'_, '_>, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.value_fault(field, error)).ok()
    }

    pub(super) fn parse<T: FromStr<Err: Into<ValueError>>>(&mut self, field: Field<'_, '_>) -> Option<T> {
        let text = self.text(field)?;
        self.keep(field, text.parse())
    }

    /// Returns what follows the common name in a subject.
    pub(super) fn rest_of_name(&mut self, field: Field<'_, '_>) -> Option<DistinguishedName> {
        let name = self.distinguished_name(field)?;
        if name.has_common_name() {
            self.faults.push(field.value.position, FaultKind::CommonName);
            return None;
        }
        Some(name)
    }

    fn distinguished_name(&mut self, field: Field<'_, '_>) -> Option<DistinguishedName> {
        let text = self.text(field)?;
        self.keep(field, DistinguishedName::parse(text))
    }

    pub(super) fn formats(&mut self, field: Field<'_, '_>) -> Option<Vec<StoreFormat>> {
        let mut formats = Vec::new();
        let items = self.items(field, false);
        if items.is_empty() && matches!(field.value.content, Content::Sequence(_)) {
            let fault = FaultKind::Type { key: field.key.name, expected: LIST, found: Found::Nothing };
            self.faults.push(field.value.position, fault);
        }
        for value in items {
            let Some(format) = self.parse::<StoreFormat>(Field { value, ..field }) else { continue };
            if formats.contains(&format) {
                let fault = FaultKind::DuplicateValue { key: field.key.name, value: format.name() };
                self.faults.push(value.position, fault);
            } else {
                formats.push(format);
            }
        }
        (!formats.is_empty()).then_some(formats)
    }

    /// Returns a path. Kafka takes blanks off the ends of its settings, so none can stand there.
    fn path<'n>(&mut self, field: Field<'n, '_>) -> Option<Cow<'n, str>> {
        let text = self.text(field)?;
        if text.is_empty() || text.trim() != text || text.chars().any(char::is_control) {
            self.value_fault(field, ValueError::Path);
            return None;
        }
        Some(Cow::Borrowed(text))
    }

    fn file_path(&mut self, field: Field<'_, '_>) -> Option<Located<PathBuf>> {
        let path = self.path(field)?;
        Some(Located { value: PathBuf::from(path.as_ref()), position: field.value.position })
    }

    fn secret(&mut self, field: Option<Field<'_, '_>>) -> Option<Located<SecretSource>> {
        let field = field?;
        let text = self.text(field)?;
        let value = self.keep(field, text.parse::<SecretSource>())?;
        Some(Located { value, position: field.value.position })
    }

    fn ca(
        &mut self,
        field: Option<Field<'_, '_>>,
        spec: &mut ClusterSpec,
        secrets: &mut SecretSources,
        positions: &mut Positions,
    ) -> Option<GivenCaFiles> {
        let field = field?;
        let position = field.position;
        positions.ca = Some(position);
        let fields = self.section(Some(field), &keys::CA)?;
        secrets.ca = self.secret(fields.get("password"));
        let existing = fields.get("certificate").or(fields.get("key"));
        let made = self.new_ca(&fields, positions);
        let Some(existing) = existing else {
            spec.ca = CaSource::Made(made);
            return None;
        };
        spec.ca = CaSource::Given;
        for field in ["cn", "dname", "key_algorithm", "validity"].into_iter().filter_map(|key| fields.get(key)) {
            let fault =
                FaultKind::ExistingCa { key: field.key.name, existing: existing.key.name, at: existing.position };
            self.faults.push(field.position, fault);
        }
        let mut file = |key: &'static str| {
            let field = fields.get(key);
            if field.is_none() {
                self.faults.push(position, FaultKind::Missing { key, within: keys::CA.name });
            }
            self.file_path(field?)
        };
        let (certificate, key) = (file("certificate"), file("key"));
        Some(GivenCaFiles { certificate: certificate?, key: key? })
    }

    fn new_ca(&mut self, fields: &Fields<'_, '_>, positions: &mut Positions) -> CaSpec {
        let mut ca = CaSpec::default();
        let (cn, dname) = (fields.get("cn"), fields.get("dname"));
        if let (Some(cn), Some(dname)) = (cn, dname) {
            let (first, later) = if cn.position < dname.position { (cn, dname) } else { (dname, cn) };
            let fault = FaultKind::Exclusive { key: later.key.name, other: first.key.name, at: first.position };
            self.faults.push(later.position, fault);
        }
        if let Some(field) = cn {
            let subject =
                self.text(field).map(|text| DistinguishedName::with_common_name(text, &DistinguishedName::default()));
            ca.subject = subject.and_then(|subject| self.keep(field, subject)).unwrap_or(ca.subject);
        }
        if let Some(field) = dname
            && let Some(subject) = self.distinguished_name(field)
        {
            if subject.is_empty() {
                self.value_fault(field, DnError::EmptyValue(field.key.name.to_owned()));
            } else {
                ca.subject = subject;
            }
        }
        if let Some(field) = fields.get("key_algorithm") {
            ca.key_algorithm = self.parse(field).unwrap_or(ca.key_algorithm);
        }
        if let Some(field) = fields.get("validity") {
            positions.ca_validity = Some(field.value.position);
            ca.days = self.parse(field).unwrap_or(ca.days);
        }
        ca
    }

    fn stores(
        &mut self,
        field: Option<Field<'_, '_>>,
        stores: &mut StoreSpec,
        secrets: &mut SecretSources,
        positions: &mut Positions,
    ) {
        let Some(fields) = self.section(field, &keys::STORES) else { return };
        if let Some(field) = fields.get("ca_alias") {
            positions.ca_alias = Some(field.value.position);
            if let Some(alias) = self.parse(field) {
                stores.ca_alias = alias;
            }
        }
        if let Some(field) = fields.get("pem_key") {
            stores.pem_key = self.parse(field).unwrap_or(stores.pem_key);
        }
        secrets.store = self.secret(fields.get("store_password"));
        secrets.key = self.secret(fields.get("key_password"));
    }
}

/// Returns a key that is not known as far as it can be shown: a text with blanks or colons may be a secret that somebody
/// has put behind a key without its colon.
fn shown_key(text: &str) -> Option<String> {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.');
    (!text.is_empty() && text.len() <= MAX_SHOWN_KEY && text.chars().all(is_word)).then(|| printable(text))
}

impl FromStr for SecretSource {
    type Err = SecretSourceError;

    /// Parses `env:NAME`, `file:PATH`, `fd:N`, `stdin` or `prompt`.
    fn from_str(text: &str) -> Result<Self, SecretSourceError> {
        let is_variable = |name: &str| {
            !name.starts_with(|c: char| c.is_ascii_digit())
                && !name.is_empty()
                && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        };
        match text.split_once(':') {
            None if text == "stdin" => Ok(Self::StandardInput),
            None if text == "prompt" => Ok(Self::Prompt),
            Some(("file", path)) if !path.is_empty() && !path.chars().any(char::is_control) => {
                Ok(Self::File(path.into()))
            }
            Some(("env", name)) if is_variable(name) => Ok(Self::Environment(name.to_owned())),
            Some(("env", _)) => Err(SecretSourceError::Environment),
            Some(("fd", number)) => {
                let number = number.parse().map_err(|_| SecretSourceError::FileDescriptor)?;
                Ok(Self::FileDescriptor(number))
            }
            Some(("pass", _)) => Err(SecretSourceError::ByValue),
            _ => Err(SecretSourceError::Unknown),
        }
    }
}
