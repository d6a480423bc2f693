//! Archives of a bundle, or of identities of one, in the format of tar (POSIX.1-1988, `ustar`).
//!
//! The same bundle gives the same bytes: members are in the order of their names, belong to root, and have the dates of the certificates. The
//! CA's key and its password are never among them, nor is what lies in `retired`.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use tar::{Builder, EntryType, Header};
use time::OffsetDateTime;

use crate::bundle::inventory::{Identity, Inventory};
use crate::bundle::record::RECORD;
use crate::bundle::{CaPaths, INVENTORY, Sensitivity, keystore_file, truststore_file};
use crate::name::printable;
use crate::spec::{Layout, NodeRole, StoreFormat};

/// The file of the CA's certificate where it lies beside those of an identity.
const CA_CERTIFICATE: &str = "ca-cert";

/// How the files of an archive lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As a bundle that can be looked into: a folder for each identity, the CA's certificate in its own, and the inventory.
    Bundle,
    /// The files of one identity with the CA's certificate, in no folder: they go where its properties name them.
    Files,
}

/// What a member of an archive holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// The certificates of the CA.
    CaCertificate,
    /// A file of an identity: its place among those that are exported, and its path below the bundle's folder.
    File(usize, String),
    /// Nothing: it is a folder.
    Folder,
    /// The inventory of what is in the archive.
    Inventory,
}

/// A member of an archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its path in the archive.
    pub path: String,
    /// What it holds.
    pub content: Content,
    /// Who may read it.
    pub sensitivity: Sensitivity,
    /// The date that it has.
    pub modified: OffsetDateTime,
}

/// A file that the bundle names and that none of its identities has, or that it names twice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StrangeFile(pub String);

impl fmt::Display for StrangeFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the bundle names the file `{}`, which is none that an identity has, or names it twice",
            printable(&self.0)
        )
    }
}

impl std::error::Error for StrangeFile {}

/// Returns the members of an archive of identities, in their order.
///
/// What is no file of an identity by its name is refused: an inventory that somebody has changed cannot get the CA's key out.
pub fn members(inventory: &Inventory, identities: &[Identity], form: Form) -> Result<Vec<Member>, StrangeFile> {
    let is_flat = form == Form::Files || inventory.settings.layout == Layout::Script;
    let mut members = Vec::new();
    let mut add = |path: String, content, sensitivity, modified| {
        members.push(Member { path, content, sensitivity, modified });
    };
    for (at, identity) in identities.iter().enumerate() {
        let modified = identity.certificate.not_before;
        if !is_flat {
            add(identity.name.clone(), Content::Folder, Sensitivity::Secret, modified);
        }
        for file in &identity.files {
            let name = own_file(identity, file).ok_or_else(|| StrangeFile(file.clone()))?;
            if form == Form::Files && name == RECORD {
                continue;
            }
            let path = if is_flat { name.to_owned() } else { format!("{}/{name}", identity.name) };
            add(path, Content::File(at, file.clone()), sensitivity(identity, name), modified);
        }
    }
    let modified = inventory.ca.certificate.not_before;
    if !is_flat {
        add("ca".to_owned(), Content::Folder, Sensitivity::Secret, modified);
    }
    let certificate = if is_flat { CA_CERTIFICATE.to_owned() } else { format!("ca/{CA_CERTIFICATE}") };
    add(certificate, Content::CaCertificate, Sensitivity::Public, modified);
    if form == Form::Bundle {
        add(INVENTORY.to_owned(), Content::Inventory, Sensitivity::Public, inventory.created);
    }
    members.sort_by(|one, other| one.path.cmp(&other.path));
    // Of two with one path, whoever unpacks them would see the second alone.
    match members.windows(2).find(|pair| matches!(pair, [one, other] if one.path == other.path)) {
        Some(pair) => Err(StrangeFile(pair.iter().map(|member| member.path.clone()).next().unwrap_or_default())),
        None => Ok(members),
    }
}

/// Returns the inventory of an archive: that of the bundle, with those identities alone, and a CA whose key is kept elsewhere.
pub fn inventory_of(inventory: &Inventory, identities: &[Identity]) -> Inventory {
    let mut own = inventory.clone();
    own.identities = identities.to_vec();
    own.ca.key_file = None;
    own.ca.password_file = None;
    own.ca.certificate_file = CaPaths::new(own.settings.layout).certificate.to_string_lossy().into_owned();
    own
}

/// Returns the name of a file of an identity, if it is one that such a one has.
fn own_file<'f>(identity: &Identity, file: &'f str) -> Option<&'f str> {
    const FILES: [&str; 6] = ["cert-file", "cert-signed", "password", "server.properties", "client.properties", RECORD];
    let name = Path::new(file).file_name()?.to_str()?;
    let is_store = |format: &StoreFormat| {
        name == keystore_file(identity.role, *format) || name == truststore_file(identity.role, *format)
    };
    (FILES.contains(&name) || StoreFormat::ALL.iter().any(is_store)).then_some(name)
}

/// Says who may read a file, as when it was made.
fn sensitivity(identity: &Identity, name: &str) -> Sensitivity {
    let is_public = ["cert-file", "cert-signed"].contains(&name)
        || name == truststore_file(identity.role, StoreFormat::Pem)
        || (identity.role != NodeRole::Client && name == "client.properties");
    if is_public { Sensitivity::Public } else { Sensitivity::Secret }
}

/// Writes an archive, member by member.
pub struct Archive<W: Write>(Builder<W>);

impl<W: Write> Archive<W> {
    /// Begins an archive.
    pub fn new(out: W) -> Self {
        Self(Builder::new(out))
    }

    /// Writes a member; `contents` are not looked at if it is a folder.
    pub fn add(&mut self, member: &Member, contents: &[u8]) -> io::Result<()> {
        let is_folder = member.content == Content::Folder;
        let mut header = Header::new_ustar();
        header.set_entry_type(if is_folder { EntryType::Directory } else { EntryType::Regular });
        header.set_mode(match (is_folder, member.sensitivity) {
            (true, _) => 0o700,
            (false, Sensitivity::Public) => 0o644,
            (false, Sensitivity::Secret) => 0o600,
        });
        header.set_uid(0);
        header.set_gid(0);
        header.set_username("root")?;
        header.set_groupname("root")?;
        header.set_mtime(u64::try_from(member.modified.unix_timestamp()).unwrap_or_default());
        let contents = if is_folder { &[] } else { contents };
        header.set_size(u64::try_from(contents.len()).unwrap_or(u64::MAX));
        let path = if is_folder { format!("{}/", member.path) } else { member.path.clone() };
        header.set_path(path)?;
        header.set_cksum();
        self.0.append(&header, contents)
    }

    /// Writes the end of the archive.
    pub fn finish(self) -> io::Result<W> {
        self.0.into_inner()
    }
}
