//! What is wrong with a cluster file, with the place where it stands.
//!
//! No fault shows the value of a password, nor of a key that is not known and so may be a misspelled one for a password.

use std::fmt;

use super::keys::{self, Section, Suggestion};
use super::reader::{LIST, TEXT};
use super::{MAX_ALT_NAMES, MAX_ALT_NAMES_IN_ALL, MAX_FILE};
use crate::name::pattern::MAX_EXPANSION;
use crate::name::{NodeName, printable};
use crate::spec::{Days, SpecError};

mod syntax;
mod value;

pub use syntax::Syntax;
pub use value::{SecretSourceError, ValueError};

/// The most faults that are told one by one; the others are counted.
pub const MAX_FAULTS: usize = 100;

/// The most that are kept until they are put in order.
const MAX_KEPT: usize = 10_000;

/// A place in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The line, from 1.
    pub line: usize,
    /// The column in characters, from 1.
    pub column: usize,
}

impl Position {
    /// The beginning of the file.
    pub const START: Self = Self { line: 1, column: 1 };
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// One thing that is wrong: `LINE:COLUMN: what`, to be shown after the name of the file and a colon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Where it stands.
    pub position: Position,
    /// What it is.
    pub kind: FaultKind,
    /// How many more names of the same entry it is wrong with.
    pub more: usize,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.position, self.kind)?;
        match self.more {
            0 => Ok(()),
            more => write!(f, " (and {more} more of this entry)"),
        }
    }
}

impl std::error::Error for Fault {}

/// All that is wrong with a file, in the order of the file; never empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFaults {
    /// The first of them, [`MAX_FAULTS`] at most.
    pub faults: Vec<Fault>,
    /// How many there are beyond these.
    pub left_out: usize,
}

impl fmt::Display for FileFaults {
    /// Writes a line for each fault.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{fault}")?;
        }
        match self.left_out {
            0 => Ok(()),
            left_out => write!(f, "\nand {left_out} more"),
        }
    }
}

impl std::error::Error for FileFaults {}

/// What was found until now.
#[derive(Debug, Default)]
pub(super) struct Faults {
    kept: Vec<Fault>,
    dropped: usize,
}

impl Faults {
    pub(super) fn push(&mut self, position: Position, kind: FaultKind) {
        self.extend([Fault { position, kind, more: 0 }]);
    }

    pub(super) fn extend(&mut self, faults: impl IntoIterator<Item = Fault>) {
        for fault in faults {
            if self.kept.len() < MAX_KEPT {
                self.kept.push(fault);
            } else {
                self.dropped += 1;
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Returns all of them in the order of the file.
    pub(super) fn into_error(mut self) -> FileFaults {
        self.kept.sort_by_key(|fault| fault.position);
        let shown = self.kept.len().min(MAX_FAULTS);
        let left_out = self.dropped + self.kept.len() - shown;
        self.kept.truncate(shown);
        FileFaults { faults: self.kept, left_out }
    }
}

/// What stands where something else should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Found {
    /// A list.
    List,
    /// A mapping.
    Mapping,
    /// Nothing at all.
    Nothing,
    /// What has been reported already.
    Refused,
    /// A text.
    Text,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::List => "a list",
            Self::Mapping => "a mapping",
            Self::Nothing => "nothing",
            Self::Refused => "something that is not taken",
            Self::Text => "text",
        })
    }
}

/// What is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// An alias, `*name`.
    Alias,
    /// An anchor, `&name`.
    Anchor,
    /// A range with neither one value nor as many as there are names.
    Count {
        /// The key.
        key: &'static str,
        /// How many names the entry has.
        names: usize,
        /// How many values there are.
        values: usize,
    },
    /// A name that is there already, in the same letters or in others.
    Collision {
        /// The name.
        name: NodeName,
        /// The one that stands earlier in the file.
        earlier: NodeName,
        /// Where that stands.
        at: Position,
    },
    /// A common name in the rest of a distinguished name.
    CommonName,
    /// The same key twice.
    DuplicateKey {
        /// The key.
        key: &'static str,
        /// Where it stands first.
        first: Position,
    },
    /// The same value twice in a list.
    DuplicateValue {
        /// The key of the list.
        key: &'static str,
        /// The value.
        value: &'static str,
    },
    /// A file without content.
    Empty,
    /// A key of a new CA beside those of one that exists.
    ExistingCa {
        /// The key of the new one.
        key: &'static str,
        /// The key of the one that exists.
        existing: &'static str,
        /// Where that stands.
        at: Position,
    },
    /// Two keys of which one can be given.
    Exclusive {
        /// The later one.
        key: &'static str,
        /// The other.
        other: &'static str,
        /// Where the other stands.
        at: Position,
    },
    /// A key that is no text.
    KeyNotText,
    /// `<<`.
    MergeKey,
    /// A key that must be there.
    Missing {
        /// The key.
        key: &'static str,
        /// Where it should stand.
        within: &'static str,
    },
    /// Not UTF-8, from this place on.
    NotUtf8,
    /// A certificate that would be reissued as soon as it is there.
    RenewBefore {
        /// How long before the end it is reissued.
        renew_before: Days,
        /// How long it is valid.
        validity: Days,
    },
    /// A second document.
    SecondDocument,
    /// What is wrong between the parts.
    Spec(SpecError),
    /// Not YAML.
    Syntax(Syntax),
    /// A tag, `!name`.
    Tag,
    /// Lists and mappings in each other, too many levels of them.
    TooDeep,
    /// More than 4 MiB; the number is the size in bytes.
    TooLarge(usize),
    /// More text than any value has.
    TooLong {
        /// The key.
        key: &'static str,
        /// How many bytes it may have.
        limit: usize,
    },
    /// More identities than one file may name.
    TooManyIdentities,
    /// More alternative names than an identity may have.
    TooManyAltNames,
    /// More alternative names than all identities together may have.
    TooManyAltNamesInAll,
    /// Something else than belongs here.
    Type {
        /// The key, or what the list holds.
        key: &'static str,
        /// What belongs here.
        expected: &'static str,
        /// What is there.
        found: Found,
    },
    /// A key that is not known.
    UnknownKey {
        /// The key, if it can be shown: it may be anything that was written without a colon.
        key: Option<String>,
        /// Where it stands.
        within: &'static str,
    },
    /// UTF-16.
    Utf16,
    /// A value that cannot be.
    Value {
        /// The key.
        key: &'static str,
        /// What is wrong with it.
        error: ValueError,
    },
}

/// Returns “ in `ca`”, and nothing for the file itself.
fn within(section: &str) -> String {
    match section {
        "" => String::new(),
        name if name.contains(' ') => format!(" in {name}"),
        name => format!(" in `{name}`"),
    }
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Alias => write!(f, "aliases of YAML (`*`) are not taken"),
            Self::Anchor => write!(f, "anchors of YAML (`&`) are not taken"),
            Self::Count { key, names: 1, values } => {
                write!(f, "`{key}` stands for {values} values, and the entry for one name")
            }
            Self::Count { key, names, values } => {
                write!(f, "`{key}` stands for {values} values, and the entry for {names} names")
            }
            Self::Collision { name, earlier, at } if name == earlier => {
                write!(f, "the name `{name}` is given twice: it stands at {at} already")
            }
            Self::Collision { name, earlier, at } => write!(
                f,
                "the name `{name}` differs only in case from `{earlier}` at {at}, and neither Java nor every file system tells them apart"
            ),
            Self::CommonName => write!(f, "`dname`: the common name is not said here"),
            Self::DuplicateKey { key, first } => write!(f, "the key `{key}` stands at {first} already"),
            Self::DuplicateValue { key, value } => write!(f, "`{key}`: `{value}` is given twice"),
            Self::Empty => write!(f, "the file says nothing"),
            Self::ExistingCa { key, existing, at } => {
                write!(f, "`{key}` is said of a new CA, and `{existing}` at {at} names one that exists")
            }
            Self::Exclusive { key, other, at } => write!(f, "`{key}` cannot be given beside `{other}` at {at}"),
            Self::KeyNotText => write!(f, "a key is a word, and this is a list or a mapping"),
            Self::MergeKey => write!(f, "merge keys of YAML (`<<`) are not taken"),
            Self::Missing { key, within: section } => write!(f, "the key `{key}` is missing{}", within(section)),
            Self::NotUtf8 => write!(f, "this is not UTF-8"),
            Self::RenewBefore { renew_before, validity } => write!(
                f,
                "a certificate of {validity} days that is reissued {renew_before} days before its end would be reissued at once"
            ),
            Self::SecondDocument => write!(f, "a second document begins here, and one is taken"),
            Self::Spec(error) => write!(f, "{error}"),
            Self::Syntax(syntax) => write!(f, "{syntax}"),
            Self::Tag => write!(f, "tags of YAML (`!`) are not taken"),
            Self::TooDeep => write!(f, "lists and mappings stand too deep in each other"),
            Self::TooLarge(size) => write!(f, "the file has {size} bytes, {MAX_FILE} are allowed"),
            Self::TooLong { key, limit } => write!(f, "`{key}` has more than {limit} bytes"),
            Self::TooManyIdentities => write!(f, "these are more than {MAX_EXPANSION} identities"),
            Self::TooManyAltNames => {
                write!(f, "these are more than {MAX_ALT_NAMES} alternative names for one identity")
            }
            Self::TooManyAltNamesInAll => {
                write!(f, "these are more than {MAX_ALT_NAMES_IN_ALL} alternative names for all identities together")
            }
            Self::Type { key, expected, found } => match *key {
                "" => write!(f, "the file is {expected}, and this is {found}"),
                key if key.contains(' ') => write!(f, "{key} is {expected}, and this is {found}"),
                key => write!(f, "`{key}` is {expected}, and this is {found}"),
            },
            Self::UnknownKey { key: Some(key), within: section } => {
                write!(f, "the key `{}` is not known{}", printable(key), within(section))
            }
            Self::UnknownKey { key: None, within: section } => write!(f, "this key is not known{}", within(section)),
            Self::Utf16 => write!(f, "the file is UTF-16, and UTF-8 is taken"),
            Self::Value { key, error } => write!(f, "`{key}`: {error}"),
        }
    }
}

impl Fault {
    /// Returns what can be done about it, in the file.
    pub fn hint(&self) -> Option<String> {
        Some(match &self.kind {
            FaultKind::Alias | FaultKind::Anchor | FaultKind::MergeKey => {
                "say what is the same for all under `defaults`, and write out the rest".to_owned()
            }
            FaultKind::Tag => "leave it out, or put the value into quotes".to_owned(),
            FaultKind::Count { names: 1, .. } => "give a single value".to_owned(),
            FaultKind::Count { .. } => "use ranges of the same length, or a single value for all".to_owned(),
            FaultKind::CommonName => "it is the name, or what `cn` says; `dname` is what follows it".to_owned(),
            FaultKind::Empty => "name the brokers at least: brokers: ['broker[1-3].example.com']".to_owned(),
            FaultKind::ExistingCa { .. } => {
                "leave out `certificate` and `key` to have a CA made, or everything else but `password`".to_owned()
            }
            FaultKind::Exclusive { .. } => "leave out one of them".to_owned(),
            FaultKind::NotUtf8 | FaultKind::Utf16 => "save the file as UTF-8".to_owned(),
            FaultKind::RenewBefore { .. } => "give fewer days to `renew_before`, or more to `validity`".to_owned(),
            FaultKind::SecondDocument => "give each cluster a file of its own".to_owned(),
            FaultKind::Syntax(syntax) => syntax.hint().to_owned(),
            FaultKind::TooManyIdentities => "split them over several files, each with a bundle of its own".to_owned(),
            FaultKind::Type { expected, found, .. } => return expected_hint(expected, *found),
            FaultKind::UnknownKey { key, within } => return unknown_key_hint(key.as_deref(), within),
            FaultKind::Value { error, .. } => return error.hint(),
            _ => return None,
        })
    }
}

fn expected_hint(expected: &str, found: Found) -> Option<String> {
    let hint = match (expected, found) {
        (TEXT | LIST, Found::Nothing) => "give it a value, or leave out the key",
        (TEXT, _) => "put a value with brackets or a colon into quotes",
        (LIST, Found::Text) => "begin each item with `- `, on a line of its own",
        _ => return None,
    };
    Some(hint.to_owned())
}

fn unknown_key_hint(key: Option<&str>, within: &str) -> Option<String> {
    let section: &Section = keys::SECTIONS.into_iter().find(|section| section.name == within)?;
    match key.and_then(|key| keys::suggest(key, section)) {
        Some(Suggestion::Key(meant)) => Some(format!("did you mean `{meant}`?")),
        Some(Suggestion::In(key, other)) if other.contains(' ') => {
            Some(format!("`{key}` belongs to {other} in a list"))
        }
        Some(Suggestion::In(key, other)) => Some(format!("`{key}` belongs under `{other}`")),
        None => {
            let known: Vec<&str> = section.keys.iter().map(|key| key.name).collect();
            Some(format!("known are {}", known.join(", ")))
        }
    }
}
