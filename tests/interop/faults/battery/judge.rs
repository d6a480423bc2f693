//! What lies on the disk, and whether it is whole. Nothing here asks the binary.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use kafka_certgen::bundle::record::digest;
use kafka_certgen::keystore::{EntryKind, StoreFile};
use kafka_certgen::name::Alias;
use kafka_certgen::pipeline::steps::key_and_chain;
use kafka_certgen::pki::{Certificate, read_certificates, read_private_key};
use kafka_certgen::secret::Password;
use serde_json::Value;
use zeroize::Zeroizing;

use crate::support::command::Finished;

/// Something on the disk.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Thing {
    content: Content,
    mode: u32,
    inode: u64,
    modified: (i64, i64),
}

impl Thing {
    pub(super) fn is_folder(&self) -> bool {
        self.content == Content::Folder
    }

    /// Says whether both are one thing, with what it held, wherever they are.
    pub(super) fn is_one_with(&self, other: &Self) -> bool {
        self.inode == other.inode && self.content == other.content
    }
}

#[derive(Clone, PartialEq, Eq)]
enum Content {
    File(Vec<u8>),
    Folder,
    Link(PathBuf),
    Other,
}

/// Everything in a folder by its path from there; the folder itself has an empty one.
pub(super) type Tree = BTreeMap<String, Thing>;

/// The digests of public keys, by the names of the identities that have the private ones.
pub(super) type Keys = BTreeMap<String, BTreeSet<String>>;

/// Returns what is at a path; nothing if nothing is.
pub(super) fn tree(path: &Path) -> Tree {
    let mut tree = Tree::new();
    add(path, "", &mut tree);
    tree
}

fn add(path: &Path, name: &str, tree: &mut Tree) {
    let Ok(metadata) = fs::symlink_metadata(path) else { return };
    let kind = metadata.file_type();
    let content = if kind.is_dir() {
        for below in names_below(path) {
            let name = if name.is_empty() { below.clone() } else { format!("{name}/{below}") };
            add(&path.join(&below), &name, tree);
        }
        Content::Folder
    } else if kind.is_file() {
        Content::File(fs::read(path).unwrap())
    } else if kind.is_symlink() {
        Content::Link(fs::read_link(path).unwrap())
    } else {
        Content::Other
    };
    let modified = (metadata.mtime(), metadata.mtime_nsec());
    tree.insert(name.to_owned(), Thing { content, mode: metadata.mode(), inode: metadata.ino(), modified });
}

/// Returns the part of a tree that is at a name.
pub(super) fn below(tree: &Tree, name: &str) -> Tree {
    let is_below = |path: &str| path.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    tree.iter().filter(|(path, _)| is_below(path)).map(|(path, thing)| (path.clone(), thing.clone())).collect()
}

/// Panics unless two trees are the same, to the byte, the mode, the time and the inode.
pub(super) fn assert_same(before: &Tree, after: &Tree, what: &str) {
    let mut differences = Vec::new();
    for path in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
        match (before.get(path), after.get(path)) {
            (Some(_), None) => differences.push(format!("`{path}` is gone")),
            (None, Some(_)) => differences.push(format!("`{path}` has come")),
            (Some(old), Some(new)) if old != new => {
                let parts = [
                    ("content", old.content != new.content),
                    ("mode", old.mode != new.mode),
                    ("inode", old.inode != new.inode),
                    ("time", old.modified != new.modified),
                ];
                let changed: Vec<&str> =
                    parts.iter().filter(|(_, is_other)| *is_other).map(|(part, _)| *part).collect();
                differences.push(format!("`{path}` has another {}", changed.join(", ")));
            }
            _ => {}
        }
    }
    assert!(differences.is_empty(), "{differences:#?} in {what}");
}

/// Returns what lies in a folder, in the order of names; nothing if there is none.
pub(super) fn names_below(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Says whether a folder below `retired` is one of this identity.
pub(super) fn is_of(retired: &str, identity: &str) -> bool {
    retired.strip_prefix(identity).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
}

/// Returns the keys that the identities of a bundle have. A store that does not open has none.
pub(super) fn keys_of_identities(out: &Path) -> Keys {
    let names = names_below(out).into_iter().filter(|name| !name.starts_with('.') && name != "ca" && name != "retired");
    names
        .map(|name| (keys_in(&out.join(&name)), name))
        .filter(|(keys, _)| !keys.is_empty())
        .map(|(keys, name)| (name, keys))
        .collect()
}

/// Returns the keys that are kept below `retired`.
pub(super) fn keys_of_retired(out: &Path) -> Keys {
    let mut keys = Keys::new();
    for retired in names_below(&out.join("retired")) {
        let name = retired.split('-').next().unwrap().to_owned();
        keys.entry(name).or_default().extend(keys_in(&out.join("retired").join(&retired)));
    }
    keys
}

fn keys_in(folder: &Path) -> BTreeSet<String> {
    let stores = names_below(folder).into_iter().filter(|name| name.contains(".keystore."));
    stores.filter_map(|store| key_in(folder, &store).ok()).map(|(key, _)| key).collect()
}

/// Returns the digest of the public key of a store's private key, and the certificate that the store has for it.
fn key_in(folder: &Path, store: &str) -> Result<(String, Certificate), String> {
    /// What was found in a store, by the digest of its bytes and its password: most stores are looked at many times.
    static FOUND: Mutex<BTreeMap<String, (String, Certificate)>> = Mutex::new(BTreeMap::new());
    let read = |file: &str| read_regular(&folder.join(file));
    let bytes = read(store)?;
    let content = digest(&[bytes.as_slice(), &read("password").unwrap_or_default()].concat());
    if let Some(found) = FOUND.lock().unwrap().get(&content) {
        return Ok(found.clone());
    }
    let found = open(folder, store, &bytes)?;
    FOUND.lock().unwrap().insert(content, found.clone());
    Ok(found)
}

fn open(folder: &Path, store: &str, bytes: &[u8]) -> Result<(String, Certificate), String> {
    if store.ends_with(".pem") {
        let key = read_private_key(bytes, None).map_err(|error| error.to_string())?.key;
        let leaf = read_certificates(bytes).map_err(|error| error.to_string())?.swap_remove(0);
        let leaf = Certificate::from_der(leaf).map_err(|error| error.to_string())?;
        return Ok((digest(&key.public_key_info()), leaf));
    }
    let password = password(&folder.join("password"))?;
    let store = StoreFile::open(bytes, &password).map_err(|error| error.to_string())?;
    let entries = store.entries();
    let keys = entries.iter().filter(|entry| entry.content.kind() == EntryKind::PrivateKey);
    let aliases: Vec<Alias> = keys.map(|entry| entry.alias.parse().unwrap()).collect();
    let [alias] = aliases.as_slice() else { return Err(format!("{} keys", aliases.len())) };
    let (key, chain) = key_and_chain(&store, alias, None).map_err(|error| error.to_string())?;
    let leaf = chain.into_iter().next().ok_or("no certificate")?;
    Ok((digest(&key.public_key_info()), leaf))
}

/// Reads what is no FIFO, which may be planted.
fn read_regular(file: &Path) -> Result<Vec<u8>, String> {
    match fs::metadata(file) {
        Ok(metadata) if metadata.is_file() => fs::read(file).map_err(|error| format!("{}: {error}", file.display())),
        Ok(_) => Err(format!("{} is no file", file.display())),
        Err(error) => Err(format!("{}: {error}", file.display())),
    }
}

fn password(file: &Path) -> Result<Password, String> {
    let line = String::from_utf8(read_regular(file)?).map_err(|error| error.to_string())?;
    let line = line.strip_suffix('\n').ok_or("the password has no line")?;
    Password::new(Zeroizing::new(line.to_owned())).map_err(|error| error.to_string())
}

/// Panics unless an identity's folder is as its record says, and its stores hold the key of its certificate.
pub(super) fn assert_identity(folder: &Path, run: &Finished) {
    let checked = check_identity(folder);
    assert!(checked.is_ok(), "{}: {checked:?} after {run}", folder.display());
}

fn check_identity(folder: &Path) -> Result<(), String> {
    let record = fs::read(folder.join("identity.json")).map_err(|error| format!("identity.json: {error}"))?;
    let record: Value = serde_json::from_slice(&record).map_err(|error| error.to_string())?;
    let digests = record["sha256"].as_object().ok_or("no digests")?;
    let mut expected: BTreeSet<String> = digests.keys().cloned().collect();
    expected.insert("identity.json".to_owned());
    let there: BTreeSet<String> = names_below(folder).into_iter().collect();
    if let Some(missing) = expected.difference(&there).next() {
        return Err(format!("`{missing}` is missing"));
    }
    if let Some(stranger) = there.difference(&expected).find(|name| !name.starts_with("foreign")) {
        return Err(format!("`{stranger}` is not recorded"));
    }
    for (file, recorded) in digests {
        let bytes = fs::read(folder.join(file)).map_err(|error| format!("{file}: {error}"))?;
        if recorded.as_str() != Some(&*digest(&bytes)) {
            return Err(format!("`{file}` is not as recorded"));
        }
    }
    let signed = fs::read(folder.join("cert-signed")).map_err(|error| error.to_string())?;
    let signed = read_certificates(&signed).map_err(|error| error.to_string())?.swap_remove(0);
    let stores: Vec<&String> = digests.keys().filter(|file| file.contains(".keystore.")).collect();
    if stores.is_empty() {
        return Err("no keystore".to_owned());
    }
    for store in stores {
        let (key, leaf) = key_in(folder, store).map_err(|error| format!("{store}: {error}"))?;
        if leaf.as_der() != signed || key != digest(leaf.public_key_info()) {
            return Err(format!("`{store}` has another key or certificate than `cert-signed`"));
        }
    }
    Ok(())
}

/// Panics unless the CA's key opens, and is the one of its certificate.
pub(super) fn assert_ca(out: &Path, run: &Finished) {
    let password = password(&out.join("ca/ca-key.password")).unwrap_or_else(|error| panic!("{error} after {run}"));
    let key = read_private_key(&fs::read(out.join("ca/ca-key")).unwrap(), Some(&password)).unwrap().key;
    let certificate = read_certificates(&fs::read(out.join("ca/ca-cert")).unwrap()).unwrap().swap_remove(0);
    let certificate = Certificate::from_der(certificate).unwrap();
    assert!(certificate.is_of_key(&key), "the CA's key is another one after {run}");
}

/// Panics unless there is an inventory that can be read.
pub(super) fn assert_inventory(out: &Path, run: &Finished) {
    drop(inventory_names(out, run));
}

/// Panics unless the inventory has these identities.
pub(super) fn assert_inventory_names(out: &Path, names: &[&str], run: &Finished) {
    let expected: BTreeSet<String> = names.iter().map(|name| (*name).to_owned()).collect();
    assert_eq!(inventory_names(out, run), expected, "{run}");
}

fn inventory_names(out: &Path, run: &Finished) -> BTreeSet<String> {
    let json = fs::read(out.join("bundle.json")).unwrap_or_else(|error| panic!("bundle.json: {error} after {run}"));
    let inventory: Value = serde_json::from_slice(&json).unwrap_or_else(|error| panic!("{error} after {run}"));
    let identities = inventory["identities"].as_array().unwrap();
    identities.iter().map(|identity| identity["name"].as_str().unwrap().to_owned()).collect()
}
