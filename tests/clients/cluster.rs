//! The one broker that the programs call on, and the bundle that it and they have their files from.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use tempfile::TempDir;

use crate::broker::{Broker, tail};
use crate::certgen::{BINARY, Bundle};
use crate::command::Finished;
use crate::java::Jdk;
use crate::scratch;

/// One broker and two clients, of which one can be called on too, with all formats; and RSA keys, as everybody has them.
const IDENTITIES: &str = "\
brokers:
  - name: localhost
    sans: [127.0.0.1]
clients:
  - app1
  - name: connect1
    sans: [localhost, 127.0.0.1]
    profile: broker
defaults: { formats: [jks, pkcs12, pem] }
";

/// What is no matter of `config`, and makes it quick.
const QUICK: &str = "offsets.topic.num.partitions=1\ngroup.initial.rebalance.delay.ms=0\n";

pub(crate) struct Cluster {
    broker: Broker,
    bundle: PathBuf,
    _folder: TempDir,
}

impl Cluster {
    /// Returns the cluster of whoever has one at the moment, or starts one.
    ///
    /// It ends with the last that has it. Topics and groups have to have names of their own.
    pub(crate) fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Cluster>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        shared.upgrade().unwrap_or_else(|| {
            let cluster = Arc::new(Self::start_on("bundle", &[], &|bundle| {
                let file = bundle.with_extension("yaml");
                fs::write(&file, IDENTITIES).expect("cannot write the cluster file");
                let mut apply = Command::new(BINARY);
                Finished::of(apply.arg("apply").arg("-f").arg(file).arg("--out").arg(bundle)).successfully();
            }));
            *shared = Arc::downgrade(&cluster);
            cluster
        })
    }

    /// Starts a cluster on a bundle in a folder of this name, made with these arguments.
    ///
    /// The broker's configuration has the passwords themselves, as the name may be one that Kafka's references cannot have.
    pub(crate) fn start(name: &str, arguments: &[&str]) -> Self {
        Self::start_on(name, &["--show-passwords"], &|bundle| drop(Bundle::init_of(bundle, arguments)))
    }

    fn start_on(name: &str, broker: &[&str], make: &dyn Fn(&Path)) -> Self {
        let folder = scratch();
        let bundle = folder.path().join(name);
        make(&bundle);
        let outcome = Broker::start_formatted(&Jdk::usual(), 2, &["--standalone"], &|ports, storage| {
            let [port, controller_port] = [ports[0], ports[1]].map(|port| port.to_string());
            let network = ["--bind", "127.0.0.1", "--port", &port, "--controller-port", &controller_port];
            let settings = config("broker", &bundle, &[&["--broker", "localhost"], &network[..], broker].concat());
            format!("{settings}\nlog.dirs={}\n{QUICK}", storage.display())
        });
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
        self.config_of("app1", kind, arguments)
    }

    /// Returns what `config KIND` prints for a client, with the broker's address in it.
    pub(crate) fn config_of(&self, client: &str, kind: &str, arguments: &[&str]) -> String {
        let who = ["--client", client, "--bootstrap-server", &self.address()];
        config(kind, &self.bundle, &[&who[..], arguments].concat())
    }
}

/// Returns what `config KIND` prints of a bundle.
fn config(kind: &str, bundle: &Path, arguments: &[&str]) -> String {
    let mut config = Command::new(BINARY);
    Finished::of(config.args(["config", kind]).arg(bundle).args(arguments)).successfully().stdout
}
