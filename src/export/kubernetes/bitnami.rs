//! The layout of Bitnami's chart for Kafka: one Secret with the stores of all pods, which have one password.

use std::collections::{BTreeMap, BTreeSet};

use super::cert_manager;
use super::secret::{Secret, key_pem};
use super::{ExportError, ObjectName, SecretType};
use crate::export::{Identity, Purpose};
use crate::name::NodeName;
use crate::secret::Password;
use crate::spec::{NodeRole, StoreFormat};

/// What the Secret of the pods is called, unless somebody names it.
pub(super) const NODES: &str = "kafka-tls";

/// What follows the name of a Secret in that of the one with its passwords.
pub(super) const PASSWORDS_SUFFIX: &str = "-passwords";

/// The keys of the passwords, `tls.passwordsSecretKeystoreKey` and `tls.passwordsSecretTruststoreKey` of the chart.
const PASSWORDS: [&str; 2] = ["keystore-password", "truststore-password"];

/// The pods of the chart's two stateful sets.
const PODS: [&str; 2] = ["controller", "broker"];

/// Returns which pod each node is for, as in `kafka-broker-0`.
///
/// A name that ends its first label in `broker-N` or `controller-N` says it itself. The others follow in their order, each in the first
/// number that is free. Where there are no controllers, brokers are controllers too, which the chart calls `controller`: it runs no cluster
/// without one.
pub(super) fn pods(chosen: &[(NodeName, NodeRole)]) -> Result<BTreeMap<String, String>, Vec<ExportError>> {
    let nodes: Vec<_> = chosen.iter().filter(|(_, role)| role.is_node()).collect();
    let own = |name: &NodeName| own_pod(name.as_str());
    let is_controller = |(name, role): &&(NodeName, NodeRole)| match own(name) {
        Some((pods, _)) => pods == "controller",
        None => *role == NodeRole::Controller,
    };
    let has_controllers = nodes.iter().any(is_controller);
    let mut taken: BTreeMap<(&str, u32), &str> = BTreeMap::new();
    let mut faults = Vec::new();
    for (name, _) in &nodes {
        if let Some(pod) = own(name)
            && let Some(one) = taken.insert(pod, name.as_str())
        {
            let pod = format!("kafka-{}-{}", pod.0, pod.1);
            faults.push(ExportError::OnePod { pod, one: one.to_owned(), other: name.to_string() });
        }
    }
    let mut found = BTreeMap::new();
    let mut next: BTreeMap<&str, u32> = BTreeMap::new();
    let named: BTreeSet<(&str, u32)> = taken.keys().copied().collect();
    for (name, role) in nodes {
        let (pods, number) = own(name).unwrap_or_else(|| {
            let is_controller = *role == NodeRole::Controller || !has_controllers;
            let pods = if is_controller { "controller" } else { "broker" };
            let number = next.entry(pods).or_default();
            while named.contains(&(pods, *number)) {
                *number += 1;
            }
            *number += 1;
            (pods, *number - 1)
        });
        found.insert(name.to_string(), format!("kafka-{pods}-{number}"));
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

/// Returns the pod that a name says: `broker`, 0 in `kafka-broker-0.kafka-headless`.
fn own_pod(name: &str) -> Option<(&'static str, u32)> {
    let label = name.split('.').next().unwrap_or(name);
    let (rest, number) = label.rsplit_once('-')?;
    let pods = PODS.into_iter().find(|pods| rest == *pods || rest.ends_with(&format!("-{pods}")))?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| number.parse().ok()).flatten().map(|number| (pods, number))
}

/// The Secret of all pods, as far as it is filled.
pub(super) struct Nodes {
    secret: Secret,
    /// That of the first identity, under which all stores are.
    password: Option<Password>,
}

impl Nodes {
    pub(super) fn new(name: ObjectName) -> Self {
        Self { secret: Secret::new(name, None, SecretType::Opaque), password: None }
    }

    /// Adds a node's stores, or its certificate and key, and with the first of them what all have in common.
    pub(super) fn add(&mut self, identity: &Identity, pod: &str, formats: &[StoreFormat]) -> Result<(), ExportError> {
        let is_first = self.password.is_none();
        let password = self.password.get_or_insert_with(|| identity.password.clone());
        let store = |purpose| {
            let store = identity.store(purpose, StoreFormat::Jks, password);
            store.map_err(|error| ExportError::KeyStore(identity.name.to_string(), error))
        };
        if formats.contains(&StoreFormat::Jks) {
            if is_first {
                self.secret.add_store("kafka.truststore.jks", store(Purpose::Truststore)?);
            }
            self.secret.add_store(format!("{pod}.keystore.jks"), store(Purpose::Keystore)?);
        }
        if formats.contains(&StoreFormat::Pem) {
            if is_first {
                self.secret.add_text("ca.crt", identity.anchor_pem());
            }
            self.secret.add_text(format!("{pod}.crt"), identity.chain_pem());
            self.secret.add(format!("{pod}.key"), key_pem(identity)?);
        }
        Ok(())
    }

    /// Returns the Secret, and that of its passwords where it has stores.
    pub(super) fn finish(self, passwords_name: ObjectName, formats: &[StoreFormat]) -> Vec<Secret> {
        let Self { secret, password } = self;
        let mut secrets = vec![secret];
        secrets.extend(password.filter(|_| formats.contains(&StoreFormat::Jks)).map(|password| {
            let mut secret = Secret::new(passwords_name, None, SecretType::Opaque);
            for key in PASSWORDS {
                secret.add_password(key, &password);
            }
            secret
        }));
        secrets
    }
}

/// Returns the Secrets of a client, whose keys are the defaults of `provisioning.auth.tls`.
pub(super) fn client(
    identity: &Identity,
    names: [ObjectName; 2],
    formats: &[StoreFormat],
) -> Result<Vec<Secret>, ExportError> {
    cert_manager::secrets(identity, names, formats, &PASSWORDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pods_of(nodes: &[(&str, NodeRole)]) -> Result<Vec<String>, Vec<String>> {
        let chosen: Vec<_> = nodes.iter().map(|(name, role)| (name.parse().unwrap(), *role)).collect();
        let pods = pods(&chosen).map_err(|faults| faults.iter().map(ToString::to_string).collect::<Vec<_>>())?;
        Ok(chosen.iter().filter_map(|(name, _)| pods.get(name.as_str()).cloned()).collect())
    }

    const BROKER: NodeRole = NodeRole::Broker;
    const CONTROLLER: NodeRole = NodeRole::Controller;

    #[test]
    fn nodes_are_counted_by_their_role() {
        assert_eq!(
            pods_of(&[("b1", BROKER), ("c1", CONTROLLER), ("app1", NodeRole::Client), ("b2", BROKER)]),
            Ok(["kafka-broker-0", "kafka-controller-0", "kafka-broker-1"].map(str::to_owned).to_vec())
        );
    }

    #[test]
    fn without_controllers_brokers_are_controllers_too() {
        assert_eq!(
            pods_of(&[("b1", BROKER), ("b2", BROKER)]),
            Ok(["kafka-controller-0", "kafka-controller-1"].map(str::to_owned).to_vec())
        );
        assert_eq!(
            pods_of(&[("kafka-controller-0", BROKER), ("b1", BROKER)]),
            Ok(["kafka-controller-0", "kafka-broker-0"].map(str::to_owned).to_vec())
        );
    }

    #[test]
    fn a_name_may_say_its_pod() {
        assert_eq!(
            pods_of(&[
                ("kafka-broker-1.kafka-broker-headless.ns.svc", BROKER),
                ("broker-0", BROKER),
                ("x", BROKER),
                ("y", CONTROLLER)
            ]),
            Ok(["kafka-broker-1", "kafka-broker-0", "kafka-broker-2", "kafka-controller-0"]
                .map(str::to_owned)
                .to_vec())
        );
        for name in ["broker1", "broker-", "broker-x", "broker-99999999999", "mybroker-1", "broker-1-x"] {
            assert_eq!(own_pod(name), None, "{name}");
        }
    }

    #[test]
    fn two_for_one_pod_are_refused() {
        let faults = pods_of(&[("a-broker-0", BROKER), ("broker-0", BROKER)]).unwrap_err();
        assert_eq!(faults, ["a-broker-0 and broker-0 are both for the pod `kafka-broker-0`"]);
    }
}
