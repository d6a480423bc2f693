//! The specification of what is there.

use std::path::Path;

use super::{BundleError, OpenBundle, Place};
use crate::bundle::INVENTORY;
use crate::bundle::inventory::{Identity, Inventory, Settings};
use crate::bundle::record::{self, IdentityRecord, RECORD};
use crate::name::NodeName;
use crate::name::dn::DistinguishedName;
use crate::output::{BundleFolder, OutputError};
use crate::pipeline::Error;
use crate::spec::{CaSource, ClusterSpec, Days, NodeSpec, PemKey};

impl OpenBundle {
    /// Returns the specification of the bundle as it is, out of its inventory and the records of its identities: whoever plans with it
    /// finds nothing to do. Each identity says its formats.
    ///
    /// It renews as late as a specification can say, on the last day of a certificate. One specification has one set of settings: an
    /// identity that was left out when these were changed differs from it, and so does a bundle without a deploy folder that was moved.
    pub fn specification(&self) -> Result<ClusterSpec, Error> {
        let (Place::Bundle(folder), Some(Inventory { settings, identities, .. })) = (&self.place, &self.inventory)
        else {
            return Err(BundleError::NoInventory(self.path().join(INVENTORY)).into());
        };
        let nodes = identities.iter().map(|identity| node(folder, identity)).collect::<Result<Vec<_>, Error>>()?;
        let Settings { layout, formats, pem_key, ca_alias, client_auth, deploy_dir } = settings;
        let mut spec = ClusterSpec::new(nodes);
        spec.ca = CaSource::Given;
        spec.layout = *layout;
        spec.client_auth = Some(*client_auth);
        spec.deploy_dir.clone_from(deploy_dir);
        spec.stores.formats.clone_from(formats);
        spec.stores.pem_key = pem_key.unwrap_or(PemKey::Plain);
        if let Ok(alias) = ca_alias.parse() {
            spec.stores.ca_alias = alias;
        }
        Ok(spec)
    }
}

/// Returns the specification of an identity, out of its record.
fn node(folder: &BundleFolder, identity: &Identity) -> Result<NodeSpec, Error> {
    // An inventory with a name that is none has not been read.
    let name: NodeName = identity.name.parse().map_err(|_| BundleError::NoInventory(INVENTORY.into()))?;
    let IdentityRecord { identity, days, settings, .. } = read(folder, &name)?;
    let Identity { role, profile, alias, alt_names, certificate, .. } = identity;
    let mut node = NodeSpec::new(name, role);
    let unknown = |value: &str| BundleError::RecordValue { name: node.name.clone(), value: value.to_owned() };
    let subject = DistinguishedName::parse(&certificate.subject).map_err(|_| unknown(&certificate.subject))?;
    let profile = profile.map(|text| text.parse().map_err(|_| unknown(&text))).transpose()?;
    let alt_names = alt_names.iter().map(|text| text.parse().map_err(|_| unknown(text)));
    let alt_names = alt_names.collect::<Result<Vec<_>, BundleError>>()?;
    let alias = alias.parse().map_err(|_| unknown(&alias))?;
    let key_algorithm = certificate.key_algorithm.parse().map_err(|_| unknown(&certificate.key_algorithm))?;
    let days = Days::new(days).map_err(|_| unknown(&days.to_string()))?;
    node.profile = profile.unwrap_or(node.profile);
    node.renew_before = Days::new(1).ok();
    (node.subject, node.alt_names, node.alias) = (subject, alt_names, alias);
    (node.key_algorithm, node.days, node.formats) = (key_algorithm, days, Some(settings.formats));
    Ok(node)
}

fn read(folder: &BundleFolder, name: &NodeName) -> Result<IdentityRecord, Error> {
    let path = Path::new(name.as_str()).join(RECORD);
    let json = match folder.read(&path, record::MAX_SIZE as u64) {
        Ok(json) => json,
        Err(OutputError::NotAFile(_) | OutputError::TooLarge(..) | OutputError::SymbolicLink(_)) => None,
        Err(error) => return Err(Error::Output(error)),
    };
    let json = json.ok_or_else(|| BundleError::Record(name.clone(), None))?;
    let record = IdentityRecord::from_json(&json, name);
    Ok(record.map_err(|error| BundleError::Record(name.clone(), Some(error)))?)
}

#[cfg(test)]
mod tests;
