//! A bundle that a command reads, and which identities it takes of it.

use std::path::Path;

use kafka_certgen::bundle::inventory::{Identity, Inventory};
use kafka_certgen::name::printable;
use kafka_certgen::pipeline::read::{ReadBundle, RecordedIdentity};
use kafka_certgen::spec::NodeRole;

use super::Call;
use super::apply::is_one_slip;
use crate::cli::Chosen;
use crate::problem::Problem;

impl Call {
    /// Opens the bundle, and returns it with the identities that are named, or all, in its order.
    pub(super) fn read_bundle(&mut self, chosen: &Chosen) -> Option<(ReadBundle, Vec<RecordedIdentity>)> {
        let bundle = ReadBundle::open(&chosen.dir).map_err(|error| Problem::of_read(&chosen.dir, &error));
        let bundle = bundle.map_err(|problem| self.problems.push(problem)).ok()?;
        let known = self.problems.len();
        let mut identities = Vec::new();
        for identity in self.choose(bundle.inventory(), chosen) {
            match bundle.identity(identity) {
                Ok(identity) => identities.push(identity),
                Err(error) => self.problems.push(Problem::of_open(&bundle, &chosen.dir, &error)),
            }
        }
        (self.problems.len() == known).then_some((bundle, identities))
    }

    /// Returns the identities of a bundle that are named, each once, or all of them.
    fn choose<'i>(&mut self, inventory: &'i Inventory, chosen: &Chosen) -> Vec<&'i Identity> {
        if chosen.is_all() {
            return inventory.identities.iter().collect();
        }
        let flags = [
            ("--broker", NodeRole::Broker, &chosen.broker),
            ("--controller", NodeRole::Controller, &chosen.controller),
            ("--client", NodeRole::Client, &chosen.client),
        ];
        let mut named = vec![false; inventory.identities.len()];
        for (flag, role, patterns) in flags {
            for pattern in patterns {
                for name in self.expand_name(flag, pattern) {
                    match find(inventory, flag, role, &name, &chosen.dir) {
                        Ok(at) => named[at] = true,
                        Err(problem) => self.problems.push(problem),
                    }
                }
            }
        }
        inventory.identities.iter().zip(named).filter_map(|(identity, is_named)| is_named.then_some(identity)).collect()
    }
}

/// Finds the place of an identity by its name, and the role that its flag is for.
pub(super) fn find(
    inventory: &Inventory,
    flag: &str,
    role: NodeRole,
    name: &str,
    dir: &Path,
) -> Result<usize, Problem> {
    match inventory.identities.iter().position(|identity| identity.name.eq_ignore_ascii_case(name)) {
        Some(at) if inventory.identities[at].role == role => Ok(at),
        Some(at) => Err(Problem::other_role(flag, &inventory.identities[at])),
        None => Err(no_such(flag, role, name, inventory, dir)),
    }
}

fn no_such(flag: &str, role: NodeRole, name: &str, inventory: &Inventory, dir: &Path) -> Problem {
    let names = || inventory.identities.iter().filter(|identity| identity.role == role).map(|identity| &identity.name);
    let near = names().find(|known| is_one_slip(name, known));
    Problem::no_identity(flag, role, &printable(name), near.map(String::as_str), names().map(String::as_str), dir)
}
