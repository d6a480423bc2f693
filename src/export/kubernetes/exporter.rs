//! Which Secrets there are, and their names, before anything is read; then one identity after the other.

use std::collections::BTreeMap;

use super::bitnami::{self, Nodes};
use super::strimzi::{self, Authority};
use super::{ExportError, Layout, ObjectName, Secret, cert_manager};
use crate::export::{Identity, Purpose};
use crate::name::{Alias, NodeName};
use crate::pki::Certificate;
use crate::spec::{NodeRole, StoreFormat};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Whose Secrets they are like.
    pub layout: Layout,
    /// What stands before the names of the Secrets that are called after identities, and of `kafka-tls`.
    pub prefix: String,
    /// The name of the only Secret; with [`Layout::Bitnami`] that of the pods, if there are any.
    pub name: Option<ObjectName>,
    /// The formats of the stores; none stands for those that the identity has, or that the layout needs.
    pub formats: Option<Vec<StoreFormat>>,
    /// The cluster whose CA these are, for [`Layout::Strimzi`]; none leaves the CA out.
    pub cluster: Option<ObjectName>,
    /// Whether the CA's key is exported too.
    pub has_ca_key: bool,
    /// The generation of the CA: 0 at first, and larger each time that it is renewed.
    pub ca_generation: u32,
}

/// Makes Secrets of identities.
pub struct Exporter {
    terms: Terms,
    /// The names of the Secrets of each identity.
    names: BTreeMap<String, [ObjectName; 2]>,
    /// Those of the Secrets with the CA's certificates, then those with its keys.
    ca_names: Vec<ObjectName>,
    /// The pod of each node.
    pods: BTreeMap<String, String>,
    node_names: Option<[ObjectName; 2]>,
    nodes: Option<Nodes>,
    left_out: Vec<String>,
}

impl Exporter {
    /// Finds the names of all Secrets, and everything that is wrong with them.
    pub fn new(terms: Terms, chosen: &[(NodeName, NodeRole)]) -> Result<Self, Vec<ExportError>> {
        let mut faults = Vec::new();
        let (layout, known) = (terms.layout, terms.layout.formats());
        let formats = terms.formats.iter().flatten().filter(|format| !known.contains(format));
        faults.extend(formats.map(|format| ExportError::Format(layout, *format)));
        let has_own = |role: NodeRole| match layout {
            Layout::CertManager => true,
            Layout::Strimzi => role != NodeRole::Controller,
            Layout::Bitnami => role == NodeRole::Client,
        };
        let (own, rest): (Vec<_>, Vec<_>) = chosen.iter().partition(|(_, role)| has_own(*role));
        let has_nodes = layout == Layout::Bitnami && !rest.is_empty();
        if terms.name.is_some() && !has_nodes && own.len() > 1 {
            faults.push(ExportError::SeveralNames(own.len()));
        }
        // What is wrong with the prefix is not said once more of each name.
        faults.extend(ObjectName::mapped(&format!("{}x", terms.prefix)).err().map(ExportError::Prefix));
        if own.is_empty() && !has_nodes && terms.cluster.is_none() {
            faults.push(ExportError::Nothing);
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let mut names = Names { taken: BTreeMap::new(), faults };
        let mut of_identities = BTreeMap::new();
        for (name, _) in &own {
            let given = terms.name.as_ref().filter(|_| !has_nodes);
            let found = names.pair(given, &format!("{}{name}", terms.prefix), name.as_str(), layout);
            of_identities.extend(found.map(|found| (name.to_string(), found)));
        }
        let node_names = has_nodes.then(|| {
            let default = format!("{}{}", terms.prefix, bitnami::NODES);
            names.pair(terms.name.as_ref(), &default, "the brokers", layout)
        });
        let ca_names = terms.cluster.iter().flat_map(|cluster| {
            let keys = strimzi::KEYS.into_iter().filter(|_| terms.has_ca_key);
            strimzi::CERTIFICATES.into_iter().chain(keys).map(move |suffix| format!("{cluster}{suffix}"))
        });
        let ca_names = ca_names.filter_map(|name| names.claim(&name, "the CA")).collect();
        let Names { mut faults, .. } = names;
        let pods = match layout {
            Layout::Bitnami => bitnami::pods(chosen).map_err(|found| faults.extend(found)).unwrap_or_default(),
            Layout::CertManager | Layout::Strimzi => BTreeMap::new(),
        };
        if !faults.is_empty() {
            return Err(faults);
        }
        let left_out = if has_nodes { Vec::new() } else { rest.iter().map(|(name, _)| name.to_string()).collect() };
        let node_names = node_names.flatten();
        Ok(Self { terms, names: of_identities, ca_names, pods, node_names, nodes: None, left_out })
    }

    /// Returns the identities that the layout has no Secret for.
    pub fn left_out(&self) -> &[String] {
        &self.left_out
    }

    /// Says whether an identity is exported.
    pub fn wants(&self, name: &NodeName) -> bool {
        !self.left_out.iter().any(|left_out| left_out == name.as_str())
    }

    /// Returns the pod that each node is for, with [`Layout::Bitnami`].
    pub fn pods(&self) -> &BTreeMap<String, String> {
        &self.pods
    }

    /// Returns the name of each identity's Secret.
    pub fn names(&self) -> impl Iterator<Item = (&str, &ObjectName)> {
        self.names.iter().map(|(identity, [name, _])| (identity.as_str(), name))
    }

    /// Returns the Secrets of the CA, if they are wanted: its certificate, and its key in PEM if there is one.
    pub fn authority(
        &self,
        chain: &[Certificate],
        alias: &Alias,
        key_pem: Option<&[u8]>,
    ) -> Result<Vec<Secret>, ExportError> {
        let Some(cluster) = &self.terms.cluster else { return Ok(Vec::new()) };
        let has_pkcs12 = self.formats(&[StoreFormat::Pkcs12]).contains(&StoreFormat::Pkcs12);
        let generation = self.terms.ca_generation;
        let authority = Authority { cluster, chain, alias, generation, has_pkcs12 };
        let certificates = self.ca_names.iter().take(strimzi::CERTIFICATES.len());
        let mut secrets: Vec<Secret> =
            certificates.map(|name| authority.certificate(name.clone())).collect::<Result<_, _>>()?;
        if let Some(key) = key_pem {
            let names = self.ca_names.iter().skip(strimzi::CERTIFICATES.len());
            secrets.extend(names.map(|name| authority.key(name.clone(), key)));
        }
        secrets.into_iter().map(Secret::checked).collect()
    }

    /// Returns the Secrets of an identity; those of [`Layout::Bitnami`]'s pods come when all were added.
    pub fn identity(&mut self, identity: &Identity) -> Result<Vec<Secret>, ExportError> {
        if let (Some([name, _]), Some(pod)) = (&self.node_names, self.pods.get(identity.name.as_str())) {
            let formats = self.formats(&[StoreFormat::Jks]).to_vec();
            self.nodes.get_or_insert_with(|| Nodes::new(name.clone())).add(identity, pod, &formats)?;
            return Ok(Vec::new());
        }
        let Some(names) = self.names.get(identity.name.as_str()).cloned() else { return Ok(Vec::new()) };
        let [name, _] = &names;
        let secrets = match (self.terms.layout, identity.role) {
            (Layout::CertManager, _) => {
                let keystores = identity.stores.iter().filter(|store| store.purpose == Purpose::Keystore);
                let own: Vec<StoreFormat> = keystores.map(|store| store.format).collect();
                cert_manager::secrets(identity, names, self.formats(&own), &cert_manager::PASSWORD)?
            }
            (Layout::Strimzi, NodeRole::Client) => {
                vec![strimzi::user(identity, name.clone(), self.formats(&[StoreFormat::Pkcs12]))?]
            }
            (Layout::Strimzi, _) => vec![strimzi::listener(identity, name.clone())?],
            (Layout::Bitnami, _) => bitnami::client(identity, names, self.formats(&[StoreFormat::Jks]))?,
        };
        secrets.into_iter().map(Secret::checked).collect()
    }

    /// Returns the Secrets that several identities have in common. What follows begins anew.
    pub fn finish(&mut self) -> Result<Vec<Secret>, ExportError> {
        let (Some(nodes), Some([_, passwords])) = (self.nodes.take(), self.node_names.clone()) else {
            return Ok(Vec::new());
        };
        let secrets = nodes.finish(passwords, self.formats(&[StoreFormat::Jks]));
        secrets.into_iter().map(Secret::checked).collect()
    }

    fn formats<'f>(&'f self, default: &'f [StoreFormat]) -> &'f [StoreFormat] {
        self.terms.formats.as_deref().unwrap_or(default)
    }
}

/// The names that Secrets have so far, with whose they are.
struct Names {
    taken: BTreeMap<String, String>,
    faults: Vec<ExportError>,
}

impl Names {
    /// Takes the name of a Secret and that of the one with its passwords, if the layout has one.
    fn pair(&mut self, given: Option<&ObjectName>, text: &str, owner: &str, layout: Layout) -> Option<[ObjectName; 2]> {
        let name = match given {
            Some(name) => self.take(name.clone(), owner),
            None => match ObjectName::mapped(text) {
                Ok(name) => self.take(name, owner),
                Err(error) => {
                    self.faults.push(ExportError::Name(error));
                    None
                }
            },
        }?;
        let suffix = match layout {
            Layout::CertManager => cert_manager::PASSWORD_SUFFIX,
            Layout::Bitnami => bitnami::PASSWORDS_SUFFIX,
            Layout::Strimzi => return Some([name.clone(), name]),
        };
        match name.with(suffix) {
            Ok(other) => Some([name, self.take(other, owner)?]),
            Err(error) => {
                self.faults.push(ExportError::Name(error));
                None
            }
        }
    }

    fn claim(&mut self, text: &str, owner: &str) -> Option<ObjectName> {
        match text.parse() {
            Ok(name) => self.take(name, owner),
            Err(error) => {
                self.faults.push(ExportError::Name(error));
                None
            }
        }
    }

    fn take(&mut self, name: ObjectName, owner: &str) -> Option<ObjectName> {
        if let Some(one) = self.taken.insert(name.as_str().to_owned(), owner.to_owned()) {
            self.faults.push(ExportError::Collision { name, one, other: owner.to_owned() });
            return None;
        }
        Some(name)
    }
}
