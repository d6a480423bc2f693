//! The one broker that the programs call on, and the bundle that it and they have their files from.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tempfile::TempDir;

use crate::broker::{Broker, tail};
use crate::certgen::{BINARY, Bundle};
use crate::command::Finished;
use crate::scratch;

/// One broker, one client, all formats; and RSA keys, as everybody has them.
const IDENTITIES: &[&str] =
    &["--cn", "localhost", "--san", "127.0.0.1", "--client", "app1", "--format", "jks,pkcs12,pem"];

pub(crate) struct Cluster {
    broker: Broker,
    bundle: PathBuf,
    _folder: TempDir,
}

#[allow(dead_code, reason = "the command is on its way")]
impl Cluster {
    /// Returns the cluster of whoever has one at the moment, or starts one.
    ///
    /// It ends with the last that has it. Topics and groups have to have names of their own.
    pub(crate) fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let cluster = Arc::new(Self::start("bundle", IDENTITIES));
            *shared = Arc::downgrade(&cluster);
            cluster
        })
    }

    /// Starts a cluster on a bundle in a folder of this name, made with these arguments.
    pub(crate) fn start(name: &str, arguments: &[&str]) -> Self {
        let folder = scratch();
        let bundle = folder.path().join(name);
        let outcome = Broker::start(&Bundle::init_of(&bundle, arguments).0);
        let broker = outcome.unwrap_or_else(|log| panic!("the broker did not start:\n{}", tail(&log)));
        Self { broker, bundle, _folder: folder }
    }

    /// The address of the broker, by the name that is in its certificate.
    pub(crate) fn address(&self) -> String {
        self.broker.at("localhost")
    }

    /// The bundle's folder, which has a folder `app1` with a client's files in all formats.
    pub(crate) fn bundle(&self) -> &Path {
        &self.bundle
    }

    /// Returns what `config KIND` prints for `app1`, with the broker's address in it.
    pub(crate) fn config(&self, kind: &str, arguments: &[&str]) -> String {
        let mut config = Command::new(BINARY);
        config.args(["config", kind]).arg(&self.bundle).args(["--client", "app1"]).args(arguments);
        Finished::of(&mut config).successfully().stdout
    }

    /// What the bundle itself has of `app1`'s configuration.
    pub(crate) fn client_properties(&self) -> String {
        fs::read_to_string(self.bundle.join("app1/client.properties")).expect("cannot read settings")
    }
}
