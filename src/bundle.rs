//! Which bytes belong at which path of a bundle, and who may read them. Nothing here touches the disk.

use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::name::NodeName;
use crate::spec::{Layout, NodeRole, StoreFormat};

pub mod inventory;
pub mod plan;
pub mod record;

/// The folder of what was moved aside: identities that are no longer wanted, and keys that were replaced.
pub const RETIRED: &str = "retired";

/// The inventory's file name.
pub const INVENTORY: &str = "bundle.json";

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sensitivity {
    /// Anybody: mode 0644.
    Public,
    /// The owner alone, because a key or a password is in it: mode 0600.
    Secret,
}

/// A file of a bundle.
pub struct Artifact {
    path: PathBuf,
    contents: Zeroizing<Vec<u8>>,
    sensitivity: Sensitivity,
}

impl Artifact {
    /// Returns a file that anybody may read.
    pub fn public(path: PathBuf, contents: impl Into<Vec<u8>>) -> Self {
        Self { path, contents: Zeroizing::new(contents.into()), sensitivity: Sensitivity::Public }
    }

    /// Returns a file that only its owner may read.
    pub fn secret(path: PathBuf, contents: Zeroizing<Vec<u8>>) -> Self {
        Self { path, contents, sensitivity: Sensitivity::Secret }
    }

    /// Returns the path below the bundle's folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the name of the file.
    pub fn name(&self) -> &str {
        self.path.file_name().and_then(|name| name.to_str()).unwrap_or_default()
    }

    /// Returns what the file holds.
    pub fn contents(&self) -> &[u8] {
        &self.contents
    }

    /// Returns who may read it.
    pub fn sensitivity(&self) -> Sensitivity {
        self.sensitivity
    }
}

impl std::fmt::Debug for Artifact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Artifact({}, {} bytes, {:?})", self.path.display(), self.contents.len(), self.sensitivity)
    }
}

/// The files of a bundle, in the order in which they are written.
#[derive(Debug, Default)]
pub struct Bundle {
    /// The files; their folders are made as they are needed.
    pub artifacts: Vec<Artifact>,
}

/// The CA's files.
#[derive(Debug, Clone)]
pub struct CaPaths {
    /// The certificate, in PEM.
    pub certificate: PathBuf,
    /// The encrypted private key, in PEM.
    pub key: PathBuf,
    /// The key's password, if it was made here.
    pub password: PathBuf,
}

impl CaPaths {
    /// Returns the CA's paths below the bundle's folder.
    pub fn new(layout: Layout) -> Self {
        let folder = match layout {
            Layout::Nodes => Path::new("ca"),
            Layout::Script => Path::new(""),
        };
        Self {
            certificate: folder.join("ca-cert"),
            key: folder.join("ca-key"),
            password: folder.join("ca-key.password"),
        }
    }
}

/// An identity's files.
#[derive(Debug, Clone)]
pub struct NodePaths {
    folder: PathBuf,
    role: NodeRole,
}

impl NodePaths {
    /// Returns an identity's paths below the bundle's folder.
    pub fn new(layout: Layout, name: &NodeName, role: NodeRole) -> Self {
        let folder = match layout {
            Layout::Nodes => PathBuf::from(name.as_str()),
            Layout::Script => PathBuf::new(),
        };
        Self { folder, role }
    }

    /// Returns the folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Returns the keystore of a format.
    pub fn keystore(&self, format: StoreFormat) -> PathBuf {
        self.folder.join(keystore_file(self.role, format))
    }

    /// Returns the truststore of a format.
    pub fn truststore(&self, format: StoreFormat) -> PathBuf {
        self.folder.join(truststore_file(self.role, format))
    }

    /// Returns the certificate request.
    pub fn request(&self) -> PathBuf {
        self.folder.join("cert-file")
    }

    /// Returns the certificate.
    pub fn certificate(&self) -> PathBuf {
        self.folder.join("cert-signed")
    }

    /// Returns the file with the store password.
    pub fn password(&self) -> PathBuf {
        self.folder.join("password")
    }

    /// Returns the broker's configuration.
    pub fn server_properties(&self) -> PathBuf {
        self.folder.join("server.properties")
    }

    /// Returns the client's configuration.
    pub fn client_properties(&self) -> PathBuf {
        self.folder.join("client.properties")
    }
}

/// Returns the file name of a keystore: `kafka.server.keystore.jks`.
pub fn keystore_file(role: NodeRole, format: StoreFormat) -> String {
    format!("{}.keystore.{}", role.file_prefix(), format.extension())
}

/// Returns the file name of a truststore: `kafka.server.truststore.jks`.
pub fn truststore_file(role: NodeRole, format: StoreFormat) -> String {
    format!("{}.truststore.{}", role.file_prefix(), format.extension())
}
