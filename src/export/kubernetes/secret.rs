//! A Secret, and its manifest.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::{ExportError, Namespace, ObjectName};
use crate::export::{Identity, Origin, StoreBytes};
use crate::pki::PkiError;
use crate::secret::Password;

/// The most bytes that the values of a Secret have together (`MaxSecretSize` of `k8s.io/api/core/v1`), keys and base64 not counted.
///
/// etcd takes requests of 1.5 MiB, and has the values as bytes: what fits here fits there.
pub const MAX_DATA: usize = 1024 * 1024;

/// The most bytes of all annotations together (`TotalAnnotationSizeLimitB`): `kubectl apply` keeps the whole manifest in one, unless it is
/// told to apply on the server's side.
pub const KUBECTL_APPLY_LIMIT: usize = 256 * 1024;

/// The type of a Secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretType {
    /// `Opaque`: any keys.
    Opaque,
    /// `kubernetes.io/tls`: it has `tls.crt` and `tls.key`.
    Tls,
}

impl SecretType {
    /// Returns its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Opaque => "Opaque",
            Self::Tls => "kubernetes.io/tls",
        }
    }
}

/// A key of a Secret, with its value.
pub struct Entry {
    /// The key.
    pub key: String,
    /// The value.
    pub value: Zeroizing<Vec<u8>>,
    /// Where it comes from.
    pub origin: Origin,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Entry({}, {} bytes, {})", self.key, self.value.len(), self.origin.name())
    }
}

/// A Secret.
#[derive(Debug)]
pub struct Secret {
    /// Its name.
    pub name: ObjectName,
    /// The identity that it is for, if it is for one alone.
    pub identity: Option<String>,
    /// Its type.
    pub kind: SecretType,
    /// Its labels beside the one that says who has made it.
    pub labels: Vec<(&'static str, String)>,
    /// Its annotations.
    pub annotations: Vec<(&'static str, String)>,
    /// What it holds.
    pub data: Vec<Entry>,
}

impl Secret {
    pub(super) fn new(name: ObjectName, identity: Option<&str>, kind: SecretType) -> Self {
        let identity = identity.map(str::to_owned);
        Self { name, identity, kind, labels: Vec::new(), annotations: Vec::new(), data: Vec::new() }
    }

    /// Adds what was made of what is in the bundle, as PEM out of a key.
    pub(super) fn add(&mut self, key: impl Into<String>, value: Zeroizing<Vec<u8>>) {
        self.data.push(Entry { key: key.into(), value, origin: Origin::Made });
    }

    pub(super) fn add_text(&mut self, key: impl Into<String>, text: String) {
        self.add(key, Zeroizing::new(text.into_bytes()));
    }

    pub(super) fn add_store(&mut self, key: impl Into<String>, store: StoreBytes) {
        self.data.push(Entry { key: key.into(), value: store.contents, origin: store.origin });
    }

    /// Adds a password, without a line end: who mounts it reads the file as it is.
    pub(super) fn add_password(&mut self, key: impl Into<String>, password: &Password) {
        let value = Zeroizing::new(password.expose().as_bytes().to_vec());
        self.data.push(Entry { key: key.into(), value, origin: Origin::Bundle });
    }

    /// Adds an identity's certificate, key and CA under the keys of `kubernetes.io/tls`.
    pub(super) fn add_tls(&mut self, identity: &Identity) -> Result<(), ExportError> {
        self.add_text("tls.crt", identity.chain_pem());
        self.add("tls.key", key_pem(identity)?);
        self.add_text("ca.crt", identity.anchor_pem());
        Ok(())
    }

    /// Returns how many bytes its values have.
    pub fn size(&self) -> usize {
        self.data.iter().map(|entry| entry.value.len()).sum()
    }

    /// Looks whether Kubernetes takes as much.
    pub(super) fn checked(self) -> Result<Self, ExportError> {
        match self.size() {
            size if size > MAX_DATA => Err(ExportError::TooLarge { name: self.name, size }),
            _ => Ok(self),
        }
    }

    /// Returns its manifest in YAML, which begins with `---`: one document, in UTF-8 and LF.
    pub fn manifest(&self, namespace: Option<&Namespace>) -> Zeroizing<Vec<u8>> {
        let head = self.head(namespace);
        let lines: usize = self.data.iter().map(|entry| entry.key.len() + encoded_length(entry) + LINE.len()).sum();
        // The buffer never moves, and so leaves no copy.
        let mut out = Zeroizing::new(Vec::with_capacity(head.len() + lines));
        out.extend_from_slice(head.as_bytes());
        for entry in &self.data {
            out.extend_from_slice(b"  ");
            out.extend_from_slice(entry.key.as_bytes());
            out.extend_from_slice(b": \"");
            let start = out.len();
            out.resize(start + encoded_length(entry), 0);
            // The room is what the encoding takes.
            if let Some(room) = out.get_mut(start..) {
                let _ = STANDARD.encode_slice(entry.value.as_slice(), room);
            }
            out.extend_from_slice(b"\"\n");
        }
        out
    }
}

impl Secret {
    /// Returns the manifest as far as what it holds. No value has a character that would have to be escaped; without quotes some are
    /// numbers, or `null`.
    fn head(&self, namespace: Option<&Namespace>) -> String {
        let quoted = |indent: &str, key: &str, value: &str| format!("{indent}{key}: \"{value}\"");
        let mut lines = ["---", "apiVersion: v1", "kind: Secret", "metadata:"].map(str::to_owned).to_vec();
        lines.push(quoted("  ", "name", self.name.as_str()));
        lines.extend(namespace.map(|namespace| quoted("  ", "namespace", namespace.as_str())));
        lines.push("  labels:".to_owned());
        lines.push(quoted("    ", "app.kubernetes.io/managed-by", "kafka-certgen"));
        lines.extend(self.labels.iter().map(|(key, value)| quoted("    ", key, value)));
        if !self.annotations.is_empty() {
            lines.push("  annotations:".to_owned());
        }
        lines.extend(self.annotations.iter().map(|(key, value)| quoted("    ", key, value)));
        lines.push(quoted("", "type", self.kind.name()));
        lines.push("data:\n".to_owned());
        lines.join("\n")
    }
}

/// What stands on a line beside the key and the value.
const LINE: &str = "  : \"\"\n";

fn encoded_length(entry: &Entry) -> usize {
    entry.value.len().div_ceil(3) * 4
}

pub(super) fn key_pem(identity: &Identity) -> Result<Zeroizing<Vec<u8>>, ExportError> {
    identity.key_pem().map_err(|error: PkiError| ExportError::Pki(identity.name.to_string(), error))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Secret {
        let mut secret = Secret::new("1.2".parse().unwrap(), Some("1.2"), SecretType::Opaque);
        secret.add_text("a", "x".to_owned());
        secret.add_text("b.c", String::new());
        secret.annotations.push(("strimzi.io/ca-cert-generation", "0".to_owned()));
        secret
    }

    #[test]
    fn a_manifest_quotes_what_yaml_could_take_for_something_else() {
        let namespace = "12".parse().unwrap();
        let text = String::from_utf8(secret().manifest(Some(&namespace)).to_vec()).unwrap();
        assert_eq!(
            text,
            "---\napiVersion: v1\nkind: Secret\nmetadata:\n  name: \"1.2\"\n  namespace: \"12\"\n  labels:\n    \
             app.kubernetes.io/managed-by: \"kafka-certgen\"\n  annotations:\n    strimzi.io/ca-cert-generation: \"0\"\n\
             type: \"Opaque\"\ndata:\n  a: \"eA==\"\n  b.c: \"\"\n"
        );
        assert!(!String::from_utf8_lossy(&secret().manifest(None)).contains("namespace"));
    }

    #[test]
    fn the_buffer_of_a_manifest_does_not_grow() {
        let mut secret = secret();
        for length in 0..70 {
            secret.add(format!("k{length}"), Zeroizing::new(vec![7; length]));
        }
        let manifest = secret.manifest(None);
        assert_eq!(manifest.len(), manifest.capacity());
    }

    #[test]
    fn more_than_kubernetes_takes_is_refused() {
        let mut secret = secret();
        secret.add("c", Zeroizing::new(vec![0; MAX_DATA - 1]));
        let mut secret = secret.checked().unwrap();
        secret.add("d", Zeroizing::new(vec![0]));
        let refused = secret.checked().unwrap_err();
        assert!(matches!(refused, ExportError::TooLarge { size: 1_048_577, .. }), "{refused}");
    }

    #[test]
    fn no_value_is_shown() {
        let text = format!("{:?}", secret());
        assert!(text.contains("a, 1 bytes") && !text.contains("eA"), "{text}");
    }
}
