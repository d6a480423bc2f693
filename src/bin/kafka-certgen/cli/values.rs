//! What the values of a flag are, for those who complete them.

use clap::builder::ArgExt;
use kafka_certgen::spec::NodeRole;

/// Where the values of a flag come from. Files and folders are known by their type, where passwords come from by `SOURCE`, their name in
/// the help; all other values are named with `#[arg(add = Values::…)]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    /// The names of the commands.
    Commands,
    /// The names of the identities in the bundle that the call is about, all of them or those with a role.
    Identities(Option<NodeRole>),
    /// The codes of the messages that `diagnose` knows.
    Messages,
}

impl Values {
    /// The brokers in the bundle.
    pub(crate) const BROKERS: Self = Self::Identities(Some(NodeRole::Broker));
    /// The clients in the bundle.
    pub(crate) const CLIENTS: Self = Self::Identities(Some(NodeRole::Client));
    /// The controllers in the bundle.
    pub(crate) const CONTROLLERS: Self = Self::Identities(Some(NodeRole::Controller));
    /// Everybody in the bundle.
    pub(crate) const IDENTITIES: Self = Self::Identities(None);
}

impl ArgExt for Values {}
