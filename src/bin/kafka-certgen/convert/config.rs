//! The call of `config`.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use kafka_certgen::bundle::inventory::{Identity, Inventory};
use kafka_certgen::config::{Choices, ConfigError, Deployment, Kind, Network, Party, Passwords, PrincipalForm};
use kafka_certgen::handshake::live;
use kafka_certgen::kafka::properties;
use kafka_certgen::kafka::properties_file::PropertiesFile;
use kafka_certgen::name::printable;
use kafka_certgen::output::NewFile;
use kafka_certgen::secret::Password;
use kafka_certgen::spec::{ClientAuth, NodeRole, StoreFormat};
use kafka_certgen::verify::load;
use zeroize::Zeroizing;

use super::Call;
use super::bundle::find;
use crate::cli::Global;
use crate::cli::config::Arguments;
use crate::problem::{Failure, Problem};
use crate::run;
use crate::secrets::Source;

/// What `--principal` knows.
pub(crate) const PRINCIPALS: &[&str] = &["dn", "cn"];

/// The longest name of a listener that is taken.
const MAX_LISTENER: usize = 64;

/// The most that is read of a properties file.
const MAX_PROPERTIES: u64 = kafka_certgen::kafka::properties_file::MAX_FILE as u64;

/// A call of `config` that can be carried out.
pub(crate) struct ConfigCall {
    pub(crate) kind: &'static Kind,
    inventory: Inventory,
    /// The place of the identity in the inventory.
    identity: Option<usize>,
    choices: Chosen,
    out: Option<NewFile>,
    pub(crate) warnings: Vec<String>,
}

/// What becomes [`Choices`].
struct Chosen {
    format: Option<StoreFormat>,
    deploy_dir: Option<String>,
    bundle: PathBuf,
    passwords: Passwords,
    network: Network,
    principals: PrincipalForm,
    shows_passwords: bool,
}

/// Converts the arguments of `config`, and reads the inventory; of secrets only what is to be shown.
pub(crate) fn config(arguments: &Arguments, _global: &Global) -> Result<ConfigCall, Failure> {
    let mut call = Call::default();
    let name = arguments.kind.as_deref().unwrap_or_default();
    let kind = Kind::named(name).map_err(|error| call.problems.push(Problem::unknown_kind(&error))).ok();
    let format = arguments.format.as_ref().and_then(|text| call.keep("--format", text.parse::<StoreFormat>()));
    let network = call.network(arguments);
    let principals = match arguments.principal.to_ascii_lowercase().as_str() {
        "cn" => PrincipalForm::CommonName,
        "dn" => PrincipalForm::DistinguishedName,
        other => {
            let error = anyhow::anyhow!("--principal: `{}` is no form of a principal", printable(other));
            call.problems.push(Problem::usage(error, "use one of dn, cn"));
            PrincipalForm::DistinguishedName
        }
    };
    let deploy_dir = arguments.deploy_dir.clone();
    if deploy_dir.as_ref().is_some_and(|path| !is_path(path)) {
        let error = anyhow::anyhow!("--deploy-dir: this is not a path: it is empty, or has a control character");
        call.problems.push(Problem::usage(
            error,
            "name the folder on the machine that runs it, as in `--deploy-dir /etc/kafka/ssl`",
        ));
    }
    let out = arguments
        .file()
        .and_then(|path| NewFile::new(path).map_err(|error| call.problems.push(Problem::of_file(&error))).ok());
    if arguments.json && arguments.show_passwords && out.is_none() {
        let error = anyhow::anyhow!("--json shows no passwords, and nothing else is to show them");
        call.problems.push(Problem::usage(error, "add `--out FILE`, or leave `--json` or `--show-passwords` out"));
    }
    let inventory = load::inventory(&arguments.dir).map_err(|error| Problem::of_bundle_to_read(&error));
    let inventory = inventory.map_err(|problem| call.problems.push(problem)).ok();
    let (Some(kind), Some(inventory), true) = (kind, inventory, call.problems.is_empty()) else {
        return Err(Failure(call.problems));
    };
    let identity = call.identity(kind, &inventory, arguments);
    if !call.problems.is_empty() {
        return Err(Failure(call.problems));
    }
    let found = identity.and_then(|at| inventory.identities.get(at));
    let passwords = match kind.party {
        Party::Cluster => passwords_of_nodes(&arguments.dir, &inventory),
        _ => passwords(&arguments.dir, found, arguments.show_passwords)?,
    };
    let bundle = std::path::absolute(&arguments.dir).unwrap_or_else(|_| arguments.dir.clone());
    let bundle = bundle.canonicalize().unwrap_or(bundle);
    let shows_passwords = arguments.show_passwords;
    let choices = Chosen { format, deploy_dir, bundle, passwords, network, principals, shows_passwords };
    Ok(ConfigCall { kind, inventory, identity, choices, out, warnings: call.warnings })
}

impl ConfigCall {
    /// Returns for whom the configuration is; `inventory` is the file that says what there is.
    pub(crate) fn deployment(&self, inventory: &Path) -> Result<Deployment<'_>, Failure> {
        let Chosen { format, deploy_dir, bundle, passwords, network, principals, .. } = &self.choices;
        let choices = Choices {
            format: *format,
            deploy_dir: deploy_dir.clone(),
            bundle,
            passwords: passwords.clone(),
            network: network.clone(),
            principals: *principals,
        };
        let deployment = Deployment::new(self.kind, &self.inventory, self.found(), choices);
        Ok(deployment.map_err(|error| self.problem(&error, inventory))?)
    }

    fn found(&self) -> Option<&Identity> {
        self.identity.and_then(|at| self.inventory.identities.get(at))
    }

    fn problem(&self, error: &ConfigError, inventory: &Path) -> Problem {
        let folder = inventory.parent().unwrap_or(Path::new("."));
        Problem::of_config(error, self.kind, self.found(), folder)
    }

    /// Returns the file that the configuration goes into, with it.
    pub(crate) fn file(
        &self,
        document: &str,
    ) -> Result<Option<(NewFile, kafka_certgen::output::FileContents)>, Failure> {
        let Some(file) = &self.out else { return Ok(None) };
        let file = NewFile::new(&file.path()).map_err(|error| run::output(&error))?;
        let contents = if self.choices.shows_passwords {
            run::secret(Zeroizing::new(document.as_bytes().to_vec()))
        } else {
            run::public(document.to_owned())
        };
        Ok(Some((file, contents)))
    }
}

impl Call {
    fn network(&mut self, arguments: &Arguments) -> Network {
        let mut bootstrap_servers = Vec::new();
        for text in &arguments.bootstrap_server {
            match text.trim().parse::<live::Target>() {
                Ok(target) => bootstrap_servers.push(target.to_string()),
                Err(error) => {
                    let hint = "write it as in `--bootstrap-server broker1:9093,broker2:9093`";
                    self.problems.push(Problem::usage(anyhow::anyhow!("--bootstrap-server: {error}"), hint));
                }
            }
        }
        let mut port = |flag: &str, text: &str, default: u16| {
            if let Ok(port @ 1..) = text.parse() {
                port
            } else {
                let error = anyhow::anyhow!("{flag}: `{}` is no port", printable(text));
                self.problems
                    .push(Problem::usage(error, format!("give a number from 1 to 65535, as in `{flag} {default}`")));
                default
            }
        };
        let broker_port = port("--port", &arguments.port, 9093);
        let controller_port = port("--controller-port", &arguments.controller_port, 9094);
        if broker_port == controller_port {
            let error = anyhow::anyhow!("--port and --controller-port are both {broker_port}");
            self.problems.push(Problem::usage(error, "a node with both roles listens at two ports: give another one"));
        }
        let listener = arguments.listener.to_ascii_uppercase();
        let is_listener = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if listener.is_empty() || listener.len() > MAX_LISTENER || !listener.chars().all(is_listener) {
            let error = anyhow::anyhow!("--listener: `{}` is no name of a listener", printable(&arguments.listener));
            self.problems.push(Problem::usage(error, "use letters, digits and `_`, as in `--listener INTERNAL`"));
        } else if listener == "CONTROLLER" {
            let error = anyhow::anyhow!("--listener: CONTROLLER is the listener of the controllers");
            self.problems.push(Problem::usage(error, "give another one, as in `--listener SSL`"));
        }
        let bind = arguments.bind.as_ref().and_then(|text| {
            let address = text.parse::<IpAddr>().ok();
            if address.is_none() {
                let error = anyhow::anyhow!("--bind: `{}` is no address", printable(text));
                self.problems.push(Problem::usage(error, "give an address of this machine, as in `--bind 10.0.0.1`"));
            }
            address
        });
        let node_id = arguments.node_id.as_ref().and_then(|text| {
            // Kafka's ids are an `int`.
            let id = text.parse::<u32>().ok().filter(|id| i32::try_from(*id).is_ok());
            if id.is_none() {
                let error = anyhow::anyhow!("--node-id: `{}` is no id of a node", printable(text));
                self.problems.push(Problem::usage(error, "give a number from 0 on, as in `--node-id 1`"));
            }
            id
        });
        Network { bootstrap_servers, listener, bind, broker_port, controller_port, node_id }
    }

    /// Chooses the identity: the one that is named, or the only one that it can be.
    fn identity(&mut self, kind: &Kind, inventory: &Inventory, arguments: &Arguments) -> Option<usize> {
        let named = [
            ("--client", NodeRole::Client, &arguments.client),
            ("--broker", NodeRole::Broker, &arguments.broker),
            ("--controller", NodeRole::Controller, &arguments.controller),
        ];
        if let Some((flag, role, name)) = named.iter().find_map(|(flag, role, name)| Some((flag, role, name.as_ref()?)))
        {
            if kind.party == Party::Cluster {
                let error =
                    anyhow::anyhow!("`{}` is about all nodes of the bundle, and {flag} names one identity", kind.name);
                self.problems.push(Problem::usage(error, format!("leave `{flag}` out")));
                return None;
            }
            let found = find(inventory, flag, *role, name, &arguments.dir);
            return found.map_err(|problem| self.problems.push(problem)).ok();
        }
        let (role, flag) = match kind.party {
            Party::Cluster => return None,
            Party::Broker => (NodeRole::Broker, "--broker"),
            Party::Controller => (NodeRole::Controller, "--controller"),
            Party::Client => (NodeRole::Client, "--client"),
        };
        let all: Vec<usize> =
            (0..inventory.identities.len()).filter(|at| inventory.identities[*at].role == role).collect();
        match all.as_slice() {
            [only] => Some(*only),
            [] if role == NodeRole::Client && inventory.settings.client_auth != ClientAuth::Required => None,
            [] => {
                self.problems.push(Problem::nobody(kind, role, &arguments.dir));
                None
            }
            several => {
                let choice: Vec<&str> = several.iter().map(|at| inventory.identities[*at].name.as_str()).collect();
                self.problems.push(Problem::which(kind, role, flag, &choice));
                None
            }
        }
    }
}

/// Says what the passwords of the nodes are like; they are named, whatever is asked for.
fn passwords_of_nodes(folder: &Path, inventory: &Inventory) -> Passwords {
    let (mut have_own_key_passwords, mut are_plain) = (false, true);
    for node in inventory.identities.iter().filter(|identity| identity.role.is_node()) {
        // What cannot be read is taken for what is made here if nobody gives one.
        let Ok(Passwords::Shown { store, key }) = passwords(folder, Some(node), true) else { continue };
        have_own_key_passwords |= key.is_some();
        are_plain &= *Zeroizing::new(properties::escaped(store.expose())) == store.expose();
    }
    Passwords::OfNodes { have_own_key_passwords, are_plain }
}

/// Says what is done with passwords; reads them if they are to be shown.
fn passwords(folder: &Path, identity: Option<&Identity>, shown: bool) -> Result<Passwords, Failure> {
    let Some(identity) = identity else { return Ok(Passwords::ByReference { has_own_key_password: false }) };
    let path = |name: &str| identity.file(name).map(|file| folder.join(file));
    let beside = path("password").filter(|path| path.is_file());
    let beside = beside.and_then(|path| Source::File(path).read("password", true).ok());
    let properties = ["server.properties", "client.properties"].into_iter().find_map(|name| {
        let file = run::open_file(&path(name)?).ok()?;
        let mut bytes = Zeroizing::new(Vec::new());
        std::io::Read::read_to_end(&mut std::io::Read::take(file, MAX_PROPERTIES), &mut bytes).ok()?;
        let properties = PropertiesFile::read(&bytes).ok()?;
        // The other of the two is for clients without a certificate.
        properties.get("ssl.keystore.location").is_some().then_some(properties)
    });
    let value = |key: &str| {
        let property = properties.as_ref()?.get(key)?;
        Password::new(Zeroizing::new(property.value().to_owned())).ok()
    };
    let key = value("ssl.key.password");
    let store = beside.or_else(|| value("ssl.keystore.password"));
    let key = key.filter(|key| store.as_ref().is_none_or(|store| store.expose() != key.expose()));
    if !shown {
        return Ok(Passwords::ByReference { has_own_key_password: key.is_some() });
    }
    match (store, key) {
        (Some(store), key) => Ok(Passwords::Shown { store, key }),
        (None, Some(key)) => Ok(Passwords::Shown { store: key, key: None }),
        (None, None) => Err(Problem::no_password_to_show(identity, folder).into()),
    }
}

fn is_path(text: &str) -> bool {
    !text.is_empty() && text.len() <= 4096 && !text.contains(char::is_control) && text.trim() == text
}
