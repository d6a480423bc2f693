//! The call of `handshake`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use kafka_certgen::bundle::inventory::{Identity, Inventory};
use kafka_certgen::bundle::{keystore_file, truststore_file};
use kafka_certgen::handshake::{Endpoint, Judge, TlsVersion};
use kafka_certgen::name::SubjectAltName;
use kafka_certgen::pki::DecodedCertificate;
use kafka_certgen::pki::decoded::AltName;
use kafka_certgen::spec::{ClientAuth, NodeRole, StoreFormat, UnknownValue};
use kafka_certgen::verify::acceptance::Stack;
use kafka_certgen::verify::load;

use super::live::{self, LiveCall};
use super::party::{BROKER, CLIENT, PartyFlags, PartyStores};
use super::{BUNDLE, Call};
use crate::cli::Global;
use crate::cli::handshake::Arguments;
use crate::problem::{Failure, Problem};
use crate::report::quote_path;

/// The versions of TLS that Kafka speaks.
pub(crate) const TLS_VERSIONS: &[&str] = &["1.2", "1.3"];

/// The stacks that a client can be of, by the names that are typed.
const STACKS_BY_NAME: [(&str, Stack); 7] = [
    ("java", Stack::JavaNewest),
    ("java17", Stack::Java17),
    ("openssl", Stack::OpenSsl),
    ("python", Stack::Python),
    ("node", Stack::Node),
    ("go", Stack::Go),
    ("rustls", Stack::Rustls),
];

/// Their names.
pub(crate) const STACKS: &[&str] = &["java", "java17", "openssl", "python", "node", "go", "rustls"];

/// A call of `handshake` that can be carried out.
pub(crate) enum HandshakeCall {
    Memory(Box<MemoryCall>),
    Live(Box<LiveCall>),
}

/// A handshake between stores.
pub(crate) struct MemoryCall {
    pub(crate) broker: Endpoint,
    pub(crate) client: Endpoint,
    pub(crate) host: String,
    pub(crate) client_versions: Vec<TlsVersion>,
    pub(crate) broker_versions: Vec<TlsVersion>,
    pub(crate) client_auth: ClientAuth,
    pub(crate) client_judge: Arc<dyn Judge>,
    pub(crate) broker_judge: Arc<dyn Judge>,
    pub(crate) warnings: Vec<String>,
}

/// The two ends, and what their bundle says of how they meet.
struct Ends {
    broker: Endpoint,
    client: Endpoint,
    client_auth: ClientAuth,
    host: Option<String>,
}

/// Converts the arguments of `handshake`, and reads the stores.
pub(crate) fn handshake(arguments: &Arguments, global: &Global) -> Result<HandshakeCall, Failure> {
    if live::is_meant(arguments) {
        return live::convert(arguments, global).map(|call| HandshakeCall::Live(Box::new(call)));
    }
    in_memory(arguments, global).map(|call| HandshakeCall::Memory(Box::new(call)))
}

fn in_memory(arguments: &Arguments, global: &Global) -> Result<MemoryCall, Failure> {
    let mut call = Call::default();
    call.refuse_together(arguments);
    let client_versions = call.tls_versions("--tls", &arguments.tls, &[TlsVersion::Tls13]);
    let broker_versions = call.tls_versions("--broker-tls", &arguments.broker_tls, &TlsVersion::ALL);
    let stack = call.stack(&arguments.stack);
    let asked = arguments.client_auth.as_ref().map(|text| call.parse("--client-auth", text, ClientAuth::Required));
    if !call.problems.is_empty() {
        return Err(Failure(call.problems));
    }
    let ends = match &arguments.keystore {
        Some(keystore) => call.ends_of_stores(arguments, keystore, global),
        None => call.ends_of_bundle(arguments, global),
    };
    let host = arguments.host.clone().or_else(|| ends.as_ref().and_then(Ends::default_host));
    if ends.is_some() && host.is_none() {
        let error =
            anyhow::anyhow!("it is not said what the client connects to, and the broker's certificate has no name");
        call.problems.push(Problem::usage(error, "say it, as in `--host broker1.example.com`"));
    }
    match (ends, host) {
        (Some(ends), Some(host)) if call.problems.is_empty() => Ok(MemoryCall {
            client_auth: asked.unwrap_or(ends.client_auth),
            broker: ends.broker,
            client: ends.client,
            host,
            client_versions,
            broker_versions,
            client_judge: Arc::new(stack),
            broker_judge: Arc::new(Stack::JavaNewest),
            warnings: call.warnings,
        }),
        _ => Err(Failure(call.problems)),
    }
}

impl Ends {
    /// Returns what clients would connect to: the broker's own name where its certificate has it, else the first that it has.
    fn default_host(&self) -> Option<String> {
        if let Some(host) = &self.host {
            return Some(host.clone());
        }
        let leaf = self.broker.identity.as_ref()?.chain.first()?;
        let leaf = DecodedCertificate::from_der(leaf).ok()?;
        let names = leaf.alt_names.iter().flat_map(|names| &names.names).filter_map(|name| match name {
            AltName::Dns(name) if !name.contains('*') => Some(name.clone()),
            AltName::Ip(address) => Some(address.to_string()),
            _ => None,
        });
        names.chain(leaf.subject.common_names.iter().cloned()).next()
    }
}

impl Call {
    /// Refuses flags that do not go together in memory.
    fn refuse_together(&mut self, arguments: &Arguments) {
        let stores = [("--keystore", arguments.keystore.is_some()), ("--truststore", arguments.truststore.is_some())];
        let named: Vec<&str> = stores.into_iter().filter(|(_, is_given)| *is_given).map(|(flag, _)| flag).collect();
        if let [only] = named.as_slice() {
            let other = if *only == "--keystore" { "--truststore" } else { "--keystore" };
            let error = anyhow::anyhow!("{only} names one of the two stores of a broker, and none is named by {other}");
            let hint = format!(
                "add `{other} FILE`; or, for a client of a broker that runs, where to connect: `kafka-certgen handshake broker1:9093 {only} FILE`"
            );
            self.problems.push(Problem::usage(error, hint));
        }
        let of_bundle = [
            ("TARGET", !arguments.targets.is_empty()),
            ("--broker", arguments.broker.is_some()),
            ("--client", arguments.client.is_some()),
            ("--format", arguments.format.is_some()),
        ];
        if let (Some(store), Some((flag, _))) = (named.first(), of_bundle.into_iter().find(|(_, is_given)| *is_given)) {
            let error = anyhow::anyhow!("{flag} is about a bundle, and {store} names stores");
            self.problems.push(Problem::usage(error, format!("leave `{flag}` out, or `{store}`")));
        }
        if let [first, _, ..] = arguments.targets.as_slice() {
            let error = anyhow::anyhow!("more than one folder is named");
            let first = quote_path(first);
            self.problems.push(Problem::usage(error, format!("name one: `kafka-certgen handshake {first}`")));
        }
    }

    /// Reads versions of TLS; none stands for the default.
    pub(super) fn tls_versions(&mut self, flag: &str, texts: &[String], default: &[TlsVersion]) -> Vec<TlsVersion> {
        if texts.is_empty() {
            return default.to_vec();
        }
        let version = |text: &String| {
            TlsVersion::ALL.into_iter().find(|version| version.number() == text).ok_or_else(|| UnknownValue {
                what: "version of TLS",
                value: text.clone(),
                known: TLS_VERSIONS,
            })
        };
        texts.iter().filter_map(|text| self.keep(flag, version(text))).collect()
    }

    pub(super) fn stack(&mut self, text: &str) -> Stack {
        let found = STACKS_BY_NAME.iter().find(|(name, _)| *name == text).map(|(_, stack)| *stack);
        let unknown = || UnknownValue { what: "TLS stack", value: text.to_owned(), known: STACKS };
        self.value("--as", found.ok_or_else(unknown), Stack::JavaNewest)
    }

    fn ends_of_stores(&mut self, arguments: &Arguments, keystore: &Path, global: &Global) -> Option<Ends> {
        let stores = PartyStores {
            keystore: Some(keystore),
            truststore: Some(arguments.truststore.as_deref()?),
            storepass: arguments.storepass.as_ref(),
            truststore_pass: arguments.truststore_pass.as_ref(),
            keypass: arguments.keypass.as_ref(),
        };
        let broker = self.endpoint(&BROKER, "broker", arguments.alias.as_deref(), &stores, global);
        let client = match &arguments.client_truststore {
            Some(truststore) => {
                let stores = PartyStores {
                    keystore: arguments.client_keystore.as_deref(),
                    truststore: Some(truststore),
                    storepass: arguments.client_storepass.as_ref(),
                    truststore_pass: arguments.client_truststore_pass.as_ref(),
                    keypass: arguments.client_keypass.as_ref(),
                };
                self.endpoint(&CLIENT, "client", arguments.client_alias.as_deref(), &stores, global)
            }
            // As a broker does with its own stores when it starts.
            None => broker.clone(),
        };
        let (broker, client) = (broker?, client?);
        let client_auth = if client.identity.is_some() { ClientAuth::Required } else { ClientAuth::None };
        Some(Ends { broker, client, client_auth, host: None })
    }

    fn ends_of_bundle(&mut self, arguments: &Arguments, global: &Global) -> Option<Ends> {
        let folder = arguments.targets.first().map_or_else(|| BUNDLE.into(), PathBuf::from);
        let inventory = load::inventory(&folder).map_err(|error| Problem::of_load("handshake", &error));
        let inventory = inventory.map_err(|problem| self.problems.push(problem)).ok()?;
        let broker = self.member(&inventory, "--broker", arguments.broker.as_deref(), &folder)?;
        let client = match &arguments.client {
            Some(name) => self.member(&inventory, "--client", Some(name), &folder)?,
            None => default_client(&inventory, broker),
        };
        let format = arguments.format.as_ref().map(|text| self.parse("--format", text, StoreFormat::Pkcs12));
        let of_broker = [&arguments.storepass, &arguments.keypass];
        let of_client = [&arguments.client_storepass, &arguments.client_keypass];
        let host = host_of(broker);
        let client_auth = inventory.settings.client_auth;
        let broker_end = self.identity_end(&BROKER, &folder, broker, format, of_broker, global);
        let client_end = if std::ptr::eq(broker, client) && of_client == [&None, &None] {
            broker_end.clone()
        } else {
            self.identity_end(&CLIENT, &folder, client, format, of_client, global)
        };
        Some(Ends { broker: broker_end?, client: client_end?, client_auth, host })
    }

    /// Reads the client that a bundle has: the first, or a broker as others see it.
    pub(super) fn client_of_bundle(
        &mut self,
        folder: &Path,
        arguments: &Arguments,
        global: &Global,
    ) -> Option<Endpoint> {
        let inventory = load::inventory(folder).map_err(|error| Problem::of_load("handshake", &error));
        let inventory = inventory.map_err(|problem| self.problems.push(problem)).ok()?;
        let first = inventory.identities.iter().find(|identity| identity.role == NodeRole::Client);
        let client = match (&arguments.client, first) {
            (None, Some(client)) => client,
            (None, None) => self.member(&inventory, "--broker", None, folder)?,
            (Some(name), _) => self.member(&inventory, "--client", Some(name), folder)?,
        };
        let format = arguments.format.as_ref().map(|text| self.parse("--format", text, StoreFormat::Pkcs12));
        let passwords = [&arguments.storepass, &arguments.keypass];
        self.identity_end(&BROKER, folder, client, format, passwords, global)
    }

    /// Finds the identity that a flag names, or the first broker.
    fn member<'a>(
        &mut self,
        inventory: &'a Inventory,
        flag: &str,
        name: Option<&str>,
        folder: &Path,
    ) -> Option<&'a Identity> {
        let found = match name {
            Some(name) => inventory.identities.iter().find(|identity| identity.name.eq_ignore_ascii_case(name)),
            None => inventory.identities.iter().find(|identity| identity.role == NodeRole::Broker),
        };
        if found.is_none() {
            let role = if flag == "--client" { NodeRole::Client } else { NodeRole::Broker };
            let mut identities: Vec<&Identity> = inventory.identities.iter().collect();
            identities.sort_by_key(|identity| identity.role != role);
            let names: Vec<&str> = identities.into_iter().map(|identity| identity.name.as_str()).collect();
            self.problems.push(Problem::no_member(flag, name, folder, &names));
        }
        found
    }

    fn identity_end(
        &mut self,
        flags: &PartyFlags,
        folder: &Path,
        identity: &Identity,
        format: Option<StoreFormat>,
        [storepass, keypass]: [&Option<String>; 2],
        global: &Global,
    ) -> Option<Endpoint> {
        let order = [StoreFormat::Pkcs12, StoreFormat::Jks, StoreFormat::Pem];
        let stores = |format: StoreFormat| -> Option<[PathBuf; 2]> {
            let keystore = identity.file(&keystore_file(identity.role, format))?;
            let truststore = identity.file(&truststore_file(identity.role, format))?;
            Some([folder.join(keystore), folder.join(truststore)])
        };
        let wanted = order.into_iter().filter(|candidate| format.is_none_or(|format| *candidate == format));
        let Some([keystore, truststore]) = wanted.into_iter().find_map(stores) else {
            self.problems.push(Problem::no_stores(folder, &identity.name, format));
            return None;
        };
        let stores = PartyStores {
            keystore: Some(&keystore),
            truststore: Some(&truststore),
            storepass: storepass.as_ref(),
            truststore_pass: None,
            keypass: keypass.as_ref(),
        };
        self.endpoint(flags, &identity.name, Some(&identity.alias), &stores, global)
    }
}

/// Returns who connects where nobody is named: a client, else another broker, else the broker itself.
fn default_client<'a>(inventory: &'a Inventory, broker: &'a Identity) -> &'a Identity {
    let client = inventory.identities.iter().find(|identity| identity.role == NodeRole::Client);
    let other = inventory.identities.iter().find(|identity| identity.name != broker.name);
    client.or(other).unwrap_or(broker)
}

/// Returns the broker's name if its certificate has it.
fn host_of(broker: &Identity) -> Option<String> {
    let name = SubjectAltName::of_host(&broker.name)?;
    let typed = match name {
        SubjectAltName::Dns(name) => format!("dns:{name}"),
        SubjectAltName::Ip(address) => format!("ip:{address}"),
    };
    broker.alt_names.contains(&typed).then(|| broker.name.clone())
}
