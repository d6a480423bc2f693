//! What Java makes of a store's bags: `sun.security.pkcs12.PKCS12KeyStore.engineLoad` and `loadSafeContents`.
//!
//! - A certificate is an entry of its own if it has the trusted-key attribute.
//! - An encrypted key is an entry if it has a localKeyId, or if it is the first key. Its leaf is the certificate without that
//!   attribute that has the same localKeyId, the same name too if there are several, or else only the same name; to a first key
//!   without an id belongs the first certificate of a list that comes behind it.
//! - The chain goes on from issuer to issuer through all certificates of the file.
//! - An entry without a name has the alias `1`, `2`, …; all aliases are in lower case.
//! - A plain key, a CRL and what else a bag can be is nothing.

use std::collections::{HashMap, HashSet};

use super::certificate_index::CertificateIndex;
use super::safe_bag::{BagKind, SafeBag};
use super::{BagAt, Pkcs12Error};

/// The most certificates in a chain.
const MAX_CHAIN: usize = 100;
/// The most certificates in all chains together. Many keys may share one chain, so that the size of the file does not bound it.
const MAX_CHAINS: usize = 20_000;

/// The localKeyId that Java gives to an only key that has none, and to its certificate.
const ONLY_KEY_ID: &[u8] = b"01";

/// What the localKeyId of an entry that Java made begins with; milliseconds since 1970 follow.
const DATE: &[u8] = b"Time ";

/// The entries that Java finds, and how much it does not see.
#[derive(Clone, Debug, Default)]
pub(in crate::keystore) struct JavaView {
    pub(in crate::keystore) entries: Vec<ViewEntry>,
    /// Certificates that are neither trusted nor in the chain of a key, nor copies of such a one.
    pub(in crate::keystore) unseen_certificates: Vec<BagAt>,
    /// Keys that are not encrypted, or that have no localKeyId where there is another key.
    pub(in crate::keystore) unseen_keys: Vec<BagAt>,
    /// Bags with anything else.
    pub(in crate::keystore) unseen_bags: Vec<BagAt>,
    /// Entries in whose place Java keeps a later one of the same alias.
    pub(in crate::keystore) shadowed: Vec<ViewEntry>,
}

/// An entry.
#[derive(Clone, Debug)]
pub(in crate::keystore) struct ViewEntry {
    pub(in crate::keystore) alias: String,
    /// In milliseconds since 1970, where the store says so.
    pub(in crate::keystore) created: Option<i64>,
    pub(in crate::keystore) content: ViewContent,
}

/// Which bags make the entry.
#[derive(Clone, Debug)]
pub(in crate::keystore) enum ViewContent {
    PrivateKey {
        key: BagAt,
        /// By which Java pairs the key with its leaf.
        key_id: Vec<u8>,
        /// The leaf first.
        chain: Vec<BagAt>,
    },
    SecretKey(BagAt),
    TrustedCertificate(BagAt),
}

impl JavaView {
    pub(super) fn of<'a>(bags: impl IntoIterator<Item = (BagAt, &'a SafeBag)>) -> Result<Self, Pkcs12Error> {
        let mut loader = Loader::default();
        for (at, bag) in bags {
            loader.load(at, bag);
        }
        loader.finish()
    }

    /// Refuses a store that Java would lose entries of.
    pub(super) fn without_duplicates(self) -> Result<Self, Pkcs12Error> {
        match self.shadowed.first() {
            Some(entry) => Err(Pkcs12Error::DuplicateAlias(entry.alias.clone())),
            None => Ok(self),
        }
    }

    /// Finds the entry of an alias, whatever its case.
    pub(in crate::keystore) fn find(&self, alias: &str) -> Option<&ViewEntry> {
        let alias = alias.to_lowercase();
        self.entries.iter().find(|entry| entry.alias == alias)
    }
}

impl JavaView {
    /// Keeps the last entry of each alias.
    fn set_aside_shadowed(&mut self) {
        let mut seen = HashSet::new();
        let mut is_last: Vec<bool> = self.entries.iter().rev().map(|entry| seen.insert(entry.alias.as_str())).collect();
        let (kept, shadowed) =
            std::mem::take(&mut self.entries).into_iter().partition(|_| is_last.pop().unwrap_or(true));
        (self.entries, self.shadowed) = (kept, shadowed);
    }
}

impl ViewEntry {
    /// Returns the chain of a key, the leaf first.
    pub(in crate::keystore) fn chain(&self) -> &[BagAt] {
        match &self.content {
            ViewContent::PrivateKey { chain, .. } => chain,
            ViewContent::SecretKey(_) | ViewContent::TrustedCertificate(_) => &[],
        }
    }
}

/// A certificate that Java may pair with a key.
struct Candidate<'a> {
    /// Among all certificates.
    index: usize,
    key_id: Option<&'a [u8]>,
    name: Option<String>,
}

#[derive(Default)]
struct Loader<'a> {
    view: JavaView,
    /// `privateKeyCount`.
    keys: usize,
    /// `counter`.
    nameless: usize,
    certificates: Vec<(BagAt, &'a [u8])>,
    /// Among all certificates.
    trusted: Vec<usize>,
    candidates: Vec<Candidate<'a>>,
}

impl<'a> Loader<'a> {
    fn load(&mut self, at: BagAt, bag: &'a SafeBag) {
        match bag.kind {
            BagKind::Certificate => self.load_certificate(at, bag, bag.content().unwrap_or_default()),
            BagKind::Key => self.view.unseen_keys.push(at),
            BagKind::Other(_) | BagKind::OtherCertificate(_) => self.view.unseen_bags.push(at),
            BagKind::Secret => {
                let created = bag.local_key_id.as_deref().and_then(date);
                self.enter(bag, created, ViewContent::SecretKey(at));
            }
            BagKind::ShroudedKey => self.load_key(at, bag),
        }
    }

    fn load_key(&mut self, at: BagAt, bag: &SafeBag) {
        self.keys = self.keys.saturating_add(1);
        let is_only = self.keys == 1;
        match bag.local_key_id.as_deref().or(is_only.then_some(ONLY_KEY_ID)) {
            Some(id) => {
                let content = ViewContent::PrivateKey { key: at, key_id: id.to_vec(), chain: Vec::new() };
                self.enter(bag, date(id), content);
            }
            None => self.view.unseen_keys.push(at),
        }
    }

    fn load_certificate(&mut self, at: BagAt, bag: &'a SafeBag, der: &'a [u8]) {
        let index = self.certificates.len();
        self.certificates.push((at, der));
        if bag.is_trusted {
            self.trusted.push(index);
            self.enter(bag, None, ViewContent::TrustedCertificate(at));
            return;
        }
        let is_of_only_key = self.keys == 1 && at.bag == 0;
        let key_id = bag.local_key_id.as_deref().or(is_of_only_key.then_some(ONLY_KEY_ID));
        let name = bag.friendly_name.as_ref().map(|name| name.to_lowercase());
        self.candidates.push(Candidate { index, key_id, name });
    }

    fn enter(&mut self, bag: &SafeBag, created: Option<i64>, content: ViewContent) {
        let alias = bag.friendly_name.as_ref().map_or_else(
            || {
                self.nameless = self.nameless.saturating_add(1);
                self.nameless.to_string()
            },
            |name| name.to_lowercase(),
        );
        self.view.entries.push(ViewEntry { alias, created, content });
    }

    fn finish(mut self) -> Result<JavaView, Pkcs12Error> {
        self.view.set_aside_shadowed();
        let leaves = Leaves::of(&self.candidates);
        let index = CertificateIndex::of(self.certificates.iter().map(|(_, der)| *der));
        // By number: to hash a certificate for each key that has it would take the time of a far larger file.
        let mut seen: HashSet<usize> = self.trusted.iter().filter_map(|at| index.identity(*at)).collect();
        let mut left = MAX_CHAINS;
        for entry in self.view.entries.iter_mut().chain(&mut self.view.shadowed) {
            let ViewContent::PrivateKey { key_id, chain, .. } = &mut entry.content else { continue };
            let Some(leaf) = leaves.find(key_id, &entry.alias) else { continue };
            let found = index.chain(leaf, MAX_CHAIN).ok_or(Pkcs12Error::TooLarge)?;
            left = left.checked_sub(found.len()).ok_or(Pkcs12Error::TooLarge)?;
            seen.extend(found.iter().filter_map(|at| index.identity(*at)));
            chain.extend(found.into_iter().filter_map(|at| self.certificates.get(at)).map(|(bag, _)| *bag));
        }
        let is_unseen = |at: &usize| index.identity(*at).is_some_and(|identity| !seen.contains(&identity));
        let unseen = self.candidates.iter().map(|candidate| candidate.index).filter(is_unseen);
        self.view.unseen_certificates =
            unseen.filter_map(|at| self.certificates.get(at)).map(|(bag, _)| *bag).collect();
        Ok(self.view)
    }
}

/// `PKCS12KeyStore.findMatchedCertificate`, for any number of keys.
struct Leaves<'c> {
    /// The first with this id and this name.
    id_and_name: HashMap<(&'c [u8], &'c str), usize>,
    /// The last with this id.
    only_id: HashMap<&'c [u8], usize>,
    /// The last with this name. One with the same id is found before it is looked for here.
    only_name: HashMap<&'c str, usize>,
}

impl<'c> Leaves<'c> {
    fn of(candidates: &'c [Candidate<'_>]) -> Self {
        let mut leaves = Self { id_and_name: HashMap::new(), only_id: HashMap::new(), only_name: HashMap::new() };
        for candidate in candidates {
            let name = candidate.name.as_deref();
            if let (Some(id), Some(name)) = (candidate.key_id, name) {
                leaves.id_and_name.entry((id, name)).or_insert(candidate.index);
            }
            if let Some(id) = candidate.key_id {
                leaves.only_id.insert(id, candidate.index);
            }
            if let Some(name) = name {
                leaves.only_name.insert(name, candidate.index);
            }
        }
        leaves
    }

    fn find(&self, key_id: &[u8], alias: &str) -> Option<usize> {
        let found = self.id_and_name.get(&(key_id, alias)).or_else(|| self.only_id.get(key_id));
        found.or_else(|| self.only_name.get(alias)).copied()
    }
}

/// Returns the milliseconds of a localKeyId that is `Time ` and a number (`Long.parseLong`).
fn date(key_id: &[u8]) -> Option<i64> {
    std::str::from_utf8(key_id.strip_prefix(DATE)?).ok()?.parse().ok()
}
