//! `kafka-certgen export`.

use clap::{Args, Subcommand};

use super::Global;
use crate::problem::Failure;
use crate::report::Terminal;

pub(crate) mod kubernetes;
pub(crate) mod store;
pub(crate) mod tar;

/// Write a store in another format: JKS, PKCS#12, PEM or DER.
///
/// Replaces `keytool -importkeystore`, `keytool -exportcert`, `openssl pkcs12 -export` and `openssl pkcs12 -in`. Reads JKS, JCEKS, PKCS#12 of the JDK and
/// OpenSSL, old and new kinds, and PEM or DER files with a key, its certificates and CAs in any mixture. Keys, chains, trusted certificates, aliases and
/// dates are kept; what the new format cannot hold is said before anything is written. It says which programs can open what it writes. The password of a
/// store stays the one it has; where there is none, one is made.
#[derive(Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(after_long_help = store::EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) what: Option<What>,
    #[command(flatten)]
    pub(crate) store: store::Arguments,
}

#[derive(Subcommand)]
pub(crate) enum What {
    Kubernetes(Box<kubernetes::Arguments>),
    Tar(Box<tar::Arguments>),
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
    match &arguments.what {
        Some(What::Kubernetes(arguments)) => kubernetes::run(arguments, global, terminal),
        Some(What::Tar(arguments)) => tar::run(arguments, global, terminal),
        None => store::run(&arguments.store, global, terminal),
    }
}
