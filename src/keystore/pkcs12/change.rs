//! Changes to a store: an entry that is added, a key that gets another chain. Each is made on a copy, which takes the place of
//! the store only if Java then finds what was asked for, and everything else as it was.

use std::collections::{HashMap, HashSet};

use super::content_info::Contents;
use super::java_view::{JavaView, ViewContent, ViewEntry};
use super::safe_bag::SafeBag;
use super::{BagAt, Pkcs12, Pkcs12Error, bags_of};

impl Pkcs12 {
    /// Returns the localKeyIds of all bags: a repeated one makes Java pair a key with the wrong certificate.
    pub(in crate::keystore) fn local_key_ids(&self) -> HashSet<&[u8]> {
        self.bags().filter_map(|(_, bag)| bag.local_key_id.as_deref()).collect()
    }

    /// Adds what a new store under the same password holds: the entry of this alias, with this chain or certificate.
    pub(in crate::keystore) fn add(&mut self, new: Self, alias: &str, chain: &[Vec<u8>]) -> Result<(), Pkcs12Error> {
        let mut changed = self.clone();
        for part in new.contents {
            if part.bags.iter().any(SafeBag::is_shrouded_key) {
                changed.add_keys(part);
            } else {
                changed.add_certificates(part);
            }
        }
        self.replace_by(changed, alias, chain)
    }

    /// Gives the key of an alias another chain, the leaf first. The bag of the key stays as it is.
    ///
    /// Certificates of the old chain go unless the chain of another key has them, or they are trusted entries.
    /// If the store has no list of certificates, `fresh` gives one.
    pub(in crate::keystore) fn replace_chain<E: From<Pkcs12Error>>(
        &mut self,
        alias: &str,
        chain: &[Vec<u8>],
        fresh: impl FnOnce() -> Result<Self, E>,
    ) -> Result<(), E> {
        let Some(entry) = self.view.find(alias) else { return Ok(()) };
        let ViewContent::PrivateKey { key, key_id, chain: old } = &entry.content else { return Ok(()) };
        let alias = entry.alias.clone();
        let name = self.bag(*key).and_then(|bag| bag.friendly_name.as_deref());
        let going = self.certificates_only_of(entry, key_id);
        let staying: HashSet<&[u8]> =
            self.bags().filter(|(at, _)| !going.contains(at)).filter_map(|(_, bag)| bag.certificate()).collect();
        let bags = chain.iter().enumerate().filter(|(at, der)| *at == 0 || !staying.contains(der.as_slice())).map(
            |(at, der)| match at {
                0 => SafeBag::of_certificate(der, name, Some(key_id)),
                _ => SafeBag::of_certificate(der, None, None),
            },
        );
        let bags = bags.collect::<Result<Vec<_>, Pkcs12Error>>()?;

        let mut changed = self.clone();
        if let Some(leaf) = old.first().filter(|leaf| going.contains(leaf)) {
            changed.put_in_place_of(*leaf, &going, &bags);
        } else {
            changed.remove(&going);
            changed.append_certificates(bags, fresh)?;
        }
        self.replace_by(changed, &alias, chain)?;
        Ok(())
    }

    /// Returns the places of the certificates that stand in the store for the sake of one key: its chain, and whatever else
    /// has its id.
    fn certificates_only_of(&self, entry: &ViewEntry, key_id: &[u8]) -> HashSet<BagAt> {
        let own: HashSet<&[u8]> = entry.chain().iter().map(|at| self.certificate(*at)).collect();
        let other_keys = self.view.entries.iter().filter(|other| other.alias != entry.alias);
        // Places first: each certificate is hashed once, however many keys have it.
        let others: HashSet<BagAt> = other_keys.flat_map(|other| other.chain().iter().copied()).collect();
        let others: HashSet<&[u8]> = others.into_iter().map(|at| self.certificate(at)).collect();
        let goes = |bag: &SafeBag| {
            let is_own = |der| own.contains(der) || bag.local_key_id.as_deref() == Some(key_id);
            !bag.is_trusted && bag.certificate().is_some_and(|der| is_own(der) && !others.contains(der))
        };
        self.bags().filter(|(_, bag)| goes(bag)).map(|(at, _)| at).collect()
    }

    fn put_in_place_of(&mut self, place: BagAt, going: &HashSet<BagAt>, bags: &[SafeBag]) {
        self.edit(|at, bag| {
            if at == place {
                bags.to_vec()
            } else if going.contains(&at) {
                Vec::new()
            } else {
                vec![bag.clone()]
            }
        });
    }

    fn remove(&mut self, going: &HashSet<BagAt>) {
        self.edit(|at, bag| if going.contains(&at) { Vec::new() } else { vec![bag.clone()] });
    }

    /// Replaces each bag by others; a list whose bags all stay keeps its bytes.
    fn edit(&mut self, mut replace: impl FnMut(BagAt, &SafeBag) -> Vec<SafeBag>) {
        for (contents, of) in self.contents.iter_mut().enumerate() {
            let bags = of.bags.iter().enumerate();
            let edited: Vec<SafeBag> = bags.flat_map(|(bag, old)| replace(BagAt { contents, bag }, old)).collect();
            let stays =
                edited.len() == of.bags.len() && edited.iter().zip(&of.bags).all(|(new, old)| new.raw == old.raw);
            if !stays {
                of.set_bags(edited);
            }
        }
    }

    fn append_certificates<E: From<Pkcs12Error>>(
        &mut self,
        bags: Vec<SafeBag>,
        fresh: impl FnOnce() -> Result<Self, E>,
    ) -> Result<(), E> {
        if let Some(contents) = self.last_with(|bag| bag.certificate().is_some()) {
            contents.extend(bags);
            return Ok(());
        }
        let encrypted = fresh()?.contents.into_iter().find(Contents::is_encrypted);
        let mut contents = encrypted.ok_or(Pkcs12Error::Malformed("new list of certificates"))?;
        contents.set_bags(bags);
        self.contents.push(contents);
        Ok(())
    }

    /// Adds certificates of a new store where certificates are, but no issuer twice.
    fn add_certificates(&mut self, new: Contents) {
        let present: HashSet<Vec<u8>> =
            self.bags().filter_map(|(_, bag)| bag.certificate().map(<[u8]>::to_vec)).collect();
        match self.last_with(|bag| bag.certificate().is_some()) {
            Some(contents) => {
                let is_new = |bag: &SafeBag| {
                    bag.is_trusted
                        || bag.local_key_id.is_some()
                        || bag.certificate().is_none_or(|der| !present.contains(der))
                };
                contents.extend(new.bags.into_iter().filter(is_new).collect());
            }
            None => self.contents.push(new),
        }
    }

    /// Adds the key of a new store where keys are.
    fn add_keys(&mut self, new: Contents) {
        // Behind everything, or Java would not pair a first key without an id with its certificate any more.
        let is_paired_by_place = self.bags().any(|(_, bag)| bag.is_shrouded_key() && bag.local_key_id.is_none());
        match self.last_with(SafeBag::is_shrouded_key).filter(|_| !is_paired_by_place) {
            Some(contents) => contents.extend(new.bags),
            None => self.contents.push(new),
        }
    }

    fn last_with(&mut self, is_wanted: impl Fn(&SafeBag) -> bool) -> Option<&mut Contents> {
        self.contents.iter_mut().rev().find(|contents| contents.bags.iter().any(&is_wanted))
    }

    /// Takes a changed copy, if Java finds an entry with this chain in it, and the others as they were, and if [`Pkcs12::open`]
    /// would read it.
    fn replace_by(&mut self, mut changed: Self, alias: &str, chain: &[Vec<u8>]) -> Result<(), Pkcs12Error> {
        changed.check_work()?;
        changed.view = JavaView::of(bags_of(&changed.contents))?.without_duplicates()?;
        changed.raw = None;
        let found: HashMap<&str, &ViewEntry> =
            changed.view.entries.iter().map(|entry| (entry.alias.as_str(), entry)).collect();
        let mut numbers = HashMap::new();
        let (old, new) = (self.certificate_numbers(&mut numbers), changed.certificate_numbers(&mut numbers));
        // Java makes a chain longer where the file has the issuer, as with keytool.
        let is_kept = |entry: &ViewEntry| {
            found.get(entry.alias.as_str()).is_some_and(|found| {
                found.created == entry.created
                    && changed.main_bag(found) == self.main_bag(entry)
                    && chain_of(found, &new).starts_with(&chain_of(entry, &old))
            })
        };
        let chain: Vec<Option<usize>> = chain.iter().map(|der| numbers.get(der.as_slice()).copied()).collect();
        let are_kept = self.view.entries.iter().filter(|entry| entry.alias != alias).all(is_kept);
        let is_done = found.get(alias).is_some_and(|found| chain_of(found, &new).starts_with(&chain));
        if !are_kept || !is_done {
            return Err(Pkcs12Error::OtherChain(alias.to_owned()));
        }
        *self = changed;
        Ok(())
    }

    /// Returns the bytes of the bag that makes an entry.
    fn main_bag(&self, entry: &ViewEntry) -> Option<&[u8]> {
        let (ViewContent::PrivateKey { key: at, .. }
        | ViewContent::SecretKey(at)
        | ViewContent::TrustedCertificate(at)) = &entry.content;
        self.bag(*at).map(|bag| bag.raw.as_slice())
    }

    /// Returns a number for each certificate, which only those of the same bytes share, in all stores that are numbered with
    /// the same map. Many keys may share a chain, whose bytes would be compared for each.
    fn certificate_numbers<'s>(&'s self, numbers: &mut HashMap<&'s [u8], usize>) -> HashMap<BagAt, usize> {
        let certificates = self.bags().filter_map(|(at, bag)| Some((at, bag.certificate()?)));
        certificates
            .map(|(at, der)| {
                let next = numbers.len();
                (at, *numbers.entry(der).or_insert(next))
            })
            .collect()
    }
}

/// Returns the numbers of an entry's certificates: the chain of a key, or the only one.
fn chain_of(entry: &ViewEntry, numbers: &HashMap<BagAt, usize>) -> Vec<Option<usize>> {
    match &entry.content {
        ViewContent::TrustedCertificate(at) => vec![numbers.get(at).copied()],
        _ => entry.chain().iter().map(|at| numbers.get(at).copied()).collect(),
    }
}
