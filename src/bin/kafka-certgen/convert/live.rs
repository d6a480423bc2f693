//! The call of `handshake` with brokers that run.

use std::net::Ipv6Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use kafka_certgen::handshake::live::{CipherSuite, Client, Finding, Target};
use kafka_certgen::handshake::{Endpoint, Judge, TlsVersion};
use kafka_certgen::verify::load::{self, PemFiles};

use super::party::{BROKER, PartyStores};
use super::{BUNDLE, Call};
use crate::cli::Global;
use crate::cli::handshake::Arguments;
use crate::problem::{Failure, Problem};
use crate::report::quote_path;
use crate::secrets::Source;

/// A handshake with brokers that run.
pub(crate) struct LiveCall {
    pub(crate) targets: Vec<Target>,
    pub(crate) client: Endpoint,
    /// What the client was taken from, if it has anything.
    pub(crate) from: Option<String>,
    pub(crate) versions: Vec<TlsVersion>,
    pub(crate) cipher_suites: Vec<CipherSuite>,
    pub(crate) judge: Arc<dyn Judge>,
    pub(crate) checks_host: bool,
    pub(crate) begins_with_sasl: Option<bool>,
    pub(crate) timeout: Duration,
    /// What is wrong with the client's configuration.
    pub(crate) findings: Vec<Finding>,
    /// What should be known of the client.
    pub(crate) notes: Vec<String>,
    pub(crate) warnings: Vec<String>,
}

/// A client, before it is known what it connects to.
struct Found {
    client: Client,
    from: Option<String>,
    notes: Vec<String>,
}

/// Says whether a broker that runs is meant: something is named that is no folder, or what only such a call has.
pub(super) fn is_meant(arguments: &Arguments) -> bool {
    let is_of_live = arguments.config.is_some()
        || arguments.ca.is_some()
        || arguments.cert.is_some()
        || arguments.bundle.is_some()
        || arguments.timeout.is_some()
        || arguments.all
        || arguments.show_chain;
    match arguments.targets.as_slice() {
        [] => is_of_live,
        targets => is_of_live || !targets.iter().all(|text| is_folder(text)),
    }
}

/// Converts the arguments, and reads what the client has.
pub(super) fn convert(arguments: &Arguments, global: &Global) -> Result<LiveCall, Failure> {
    let mut call = Call::default();
    call.refuse_memory_flags(arguments);
    call.refuse_two_clients(arguments);
    let named: Vec<Target> = arguments.targets.iter().flat_map(|text| call.targets(text)).collect();
    let stack = call.stack(&arguments.stack);
    let versions = call.tls_versions("--tls", &arguments.tls, &[]);
    let nowhere = arguments.targets.is_empty() && arguments.config.is_none();
    if nowhere {
        let error = anyhow::anyhow!("it is not said what to connect to");
        call.problems.push(Problem::usage(error, "say it, as in `kafka-certgen handshake broker1.example.com:9093`"));
    }
    if !call.problems.is_empty() {
        return Err(Failure(call.problems));
    }
    let Some(Found { client, from, notes }) = call.client(arguments, global) else {
        return Err(Failure(call.problems));
    };
    let targets = if arguments.targets.is_empty() {
        client.servers.iter().flat_map(|text| call.targets(text)).collect()
    } else {
        named
    };
    if targets.is_empty() && call.problems.is_empty() {
        let from = from.as_deref().map(quote_path).unwrap_or_default();
        let error = anyhow::anyhow!("it is not said what to connect to, and {from} has no bootstrap.servers");
        let hint = format!("say it, as in `kafka-certgen handshake broker1.example.com:9093 --config {from}`");
        call.problems.push(Problem::usage(error, hint));
    }
    if !call.problems.is_empty() {
        return Err(Failure(call.problems));
    }
    let mut seen = Vec::new();
    let targets = targets.into_iter().filter(|target| {
        let is_new = !seen.contains(target);
        seen.push(target.clone());
        is_new
    });
    Ok(LiveCall {
        targets: targets.collect(),
        versions: if versions.is_empty() { client.versions } else { versions },
        client: client.endpoint,
        cipher_suites: client.cipher_suites,
        from,
        judge: Arc::new(stack),
        checks_host: client.checks_host,
        begins_with_sasl: client.begins_with_sasl,
        timeout: Duration::from_secs(arguments.timeout.unwrap_or(10).into()),
        findings: client.findings,
        notes,
        warnings: call.warnings,
    })
}

impl Call {
    /// Refuses what belongs to a handshake in memory.
    fn refuse_memory_flags(&mut self, arguments: &Arguments) {
        const NAME: &str = "connect to that name itself: the certificate must have it";
        const STORES: &str = "with a broker that runs, the client's are `--keystore`, `--truststore`, `--alias`, `--storepass`, `--truststore-pass` and `--keypass`";
        const BROKER: &str = "leave it out: the broker says it itself";
        let flags = [
            ("--broker", arguments.broker.is_some(), "leave it out: the broker is the one that is connected to"),
            ("--host", arguments.host.is_some(), NAME),
            ("--broker-tls", !arguments.broker_tls.is_empty(), BROKER),
            ("--client-auth", arguments.client_auth.is_some(), BROKER),
            ("--client-keystore", arguments.client_keystore.is_some(), STORES),
            ("--client-truststore", arguments.client_truststore.is_some(), STORES),
            ("--client-alias", arguments.client_alias.is_some(), STORES),
            ("--client-storepass", arguments.client_storepass.is_some(), STORES),
            ("--client-truststore-pass", arguments.client_truststore_pass.is_some(), STORES),
            ("--client-keypass", arguments.client_keypass.is_some(), STORES),
        ];
        for (flag, _, hint) in flags.into_iter().filter(|(_, is_given, _)| *is_given) {
            let error =
                anyhow::anyhow!("{flag} belongs to a handshake in memory, and this is one with a broker that runs");
            self.problems.push(Problem::usage(error, hint));
        }
    }

    /// Refuses a client that is named in two ways.
    fn refuse_two_clients(&mut self, arguments: &Arguments) {
        let stores = [("--keystore", arguments.keystore.is_some()), ("--truststore", arguments.truststore.is_some())];
        let pem = [("--ca", arguments.ca.is_some()), ("--cert", arguments.cert.is_some())];
        let first = |flags: [(&'static str, bool); 2]| flags.into_iter().find(|(_, is_given)| *is_given);
        let ways = [
            first([("--config", arguments.config.is_some()), ("", false)]),
            first(stores),
            first(pem),
            first([("--bundle", arguments.bundle.is_some()), ("", false)]),
        ];
        let named: Vec<&str> = ways.into_iter().flatten().map(|(flag, _)| flag).collect();
        if let [one, other, ..] = named.as_slice() {
            let error = anyhow::anyhow!("{one} and {other} both say who the client is");
            self.problems.push(Problem::usage(error, format!("leave one out; `{one}` or `{other}`")));
        }
        let has_other_way = named.first().is_some_and(|flag| *flag != "--bundle");
        for (flag, is_given) in [("--client", arguments.client.is_some()), ("--format", arguments.format.is_some())] {
            if let (true, true, Some(way)) = (is_given, has_other_way, named.first()) {
                let error = anyhow::anyhow!("{flag} is about a bundle, and {way} says who the client is");
                self.problems.push(Problem::usage(error, format!("leave `{flag}` out, or use `--bundle DIR`")));
            }
        }
        if let Some(flag) = unused_secret(arguments) {
            let error = anyhow::anyhow!("{flag} is given for nothing that it opens");
            let hint = match arguments.config {
                Some(_) => format!("leave `{flag}` out: the passwords are those in the properties file"),
                None => format!("leave `{flag}` out, or name what it opens, as with `--keystore FILE`"),
            };
            self.problems.push(Problem::usage(error, hint));
        }
    }

    /// Reads what somebody has typed to connect to: one or several, with commas between as in bootstrap.servers.
    fn targets(&mut self, text: &str) -> Vec<Target> {
        let problem = if is_folder(text) {
            let error =
                anyhow::anyhow!("a folder is for a handshake in memory, and this is one with a broker that runs");
            Problem::usage(error, format!("name the client's bundle with `--bundle {}`", quote_path(text)))
        } else {
            // As in Kafka's lists, what is left empty between two commas is passed over.
            let named = text.split(',').filter(|part| !part.trim().is_empty() || text.trim().is_empty());
            let targets: Result<Vec<Target>, Problem> = named.map(target).collect();
            match targets {
                Ok(targets) => return targets,
                Err(problem) => problem,
            }
        };
        self.problems.push(problem);
        Vec::new()
    }

    fn client(&mut self, arguments: &Arguments, global: &Global) -> Option<Found> {
        if let Some(path) = &arguments.config {
            return self.client_of_config(path, arguments);
        }
        let mut notes = Vec::new();
        let (endpoint, from) = if arguments.keystore.is_some() || arguments.truststore.is_some() {
            let stores = PartyStores {
                keystore: arguments.keystore.as_deref(),
                truststore: arguments.truststore.as_deref(),
                storepass: arguments.storepass.as_ref(),
                truststore_pass: arguments.truststore_pass.as_ref(),
                keypass: arguments.keypass.as_ref(),
            };
            let named = [stores.keystore, stores.truststore].into_iter().flatten().map(shown).collect::<Vec<_>>();
            let name = named.first().cloned().unwrap_or_default();
            (self.endpoint(&BROKER, &name, arguments.alias.as_deref(), &stores, global)?, Some(named.join(", ")))
        } else if arguments.ca.is_some() || arguments.cert.is_some() {
            let (endpoint, from) = self.client_of_pem(arguments, global)?;
            (endpoint, Some(from))
        } else if let Some(folder) = &arguments.bundle {
            (self.client_of_bundle(folder, arguments, global)?, Some(format!("the bundle {}", shown(folder))))
        } else if arguments.client.is_some() || Path::new(BUNDLE).join("bundle.json").is_file() {
            let endpoint = self.client_of_bundle(Path::new(BUNDLE), arguments, global)?;
            notes.push(format!("no client is named: it is `{}` of the bundle {BUNDLE}, which is here", endpoint.name));
            (endpoint, Some(format!("the bundle {BUNDLE}")))
        } else {
            notes.push(
                "no client is named, so nothing is trusted and no certificate can be sent: name one with --config FILE, \
                 --truststore FILE, --ca FILE or --bundle DIR"
                    .to_owned(),
            );
            (Endpoint { name: "a client".to_owned(), identity: None, anchors: Vec::new() }, None)
        };
        if endpoint.anchors.is_empty() && from.is_some() {
            let flag = if arguments.cert.is_some() { "--ca FILE" } else { "--truststore FILE" };
            notes.push(format!("nothing is named that the client trusts: name it with {flag}"));
        }
        let client = Client {
            endpoint,
            versions: TlsVersion::ALL.to_vec(),
            cipher_suites: Vec::new(),
            checks_host: true,
            begins_with_sasl: None,
            servers: Vec::new(),
            findings: Vec::new(),
            remarks: Vec::new(),
        };
        Some(Found { client, from, notes })
    }

    fn client_of_config(&mut self, path: &Path, arguments: &Arguments) -> Option<Found> {
        let case = load::connecting(path).map_err(|error| Problem::of_load("handshake", &error));
        let case = case.map_err(|problem| self.problems.push(problem)).ok()?;
        let client = Client::of_case(&case, arguments.alias.as_deref()).map_err(|error| Problem::of_configured(&error));
        let client = client.map_err(|problem| self.problems.push(problem)).ok()?;
        let notes = client.remarks.iter().map(ToString::to_string).collect();
        Some(Found { client, from: Some(shown(path)), notes })
    }

    fn client_of_pem(&mut self, arguments: &Arguments, global: &Global) -> Option<(Endpoint, String)> {
        let source = self.source("--keypass", arguments.keypass.as_ref()).map(Source::known);
        let sound = self.problems.is_empty();
        let (password, _) = self.secret("--keypass", "password of the key", source, sound, global);
        if !self.problems.is_empty() {
            return None;
        }
        let files = PemFiles {
            authorities: arguments.ca.clone(),
            certificates: arguments.cert.clone(),
            key: arguments.key.clone(),
            password,
        };
        let case = load::pem_files(&files).map_err(|error| Problem::of_load("handshake", &error));
        let party = case.map_err(|problem| self.problems.push(problem)).ok()?.parties.into_iter().next()?;
        let end = Endpoint::of_party(&party, None).map_err(|error| Problem::of_pem_end(&error));
        let end = end.map_err(|problem| self.problems.push(problem)).ok()?;
        if let Some(path) = arguments.ca.as_ref().filter(|_| end.anchors.is_empty()) {
            self.problems.push(Problem::no_certificate_in("--ca", path));
            return None;
        }
        let named: Vec<String> =
            [&arguments.cert, &arguments.key, &arguments.ca].into_iter().flatten().map(|path| shown(path)).collect();
        Some((Endpoint { name: named.first().cloned().unwrap_or_default(), ..end }, named.join(", ")))
    }
}

/// Returns a flag with a password that opens nothing of what is named.
fn unused_secret(arguments: &Arguments) -> Option<&'static str> {
    let is_of_stores = arguments.keystore.is_some() || arguments.truststore.is_some();
    let is_of_pem = arguments.ca.is_some() || arguments.cert.is_some();
    let has_bundle = !is_of_stores && !is_of_pem && arguments.config.is_none();
    let secrets = [
        ("--storepass", arguments.storepass.is_some(), is_of_stores || has_bundle),
        (
            "--keypass",
            arguments.keypass.is_some(),
            arguments.keystore.is_some() || arguments.cert.is_some() || has_bundle,
        ),
        ("--alias", arguments.alias.is_some(), arguments.keystore.is_some() || arguments.config.is_some()),
    ];
    secrets.into_iter().find(|(_, is_given, is_used)| *is_given && !is_used).map(|(flag, ..)| flag)
}

/// Says whether a folder is meant: one that is named like a broker is none, unless a bundle is in it.
fn is_folder(text: &str) -> bool {
    let path = Path::new(text);
    path.is_dir() && (path.join("bundle.json").is_file() || text.parse::<Target>().is_err())
}

/// Reads `HOST:PORT`, before which the protocol may stand as in `listeners` and bootstrap.servers.
fn target(text: &str) -> Result<Target, Problem> {
    let text = text.trim();
    let address = text.split_once("://").map_or(text, |(_, address)| address);
    if address.parse::<Ipv6Addr>().is_ok() {
        return Err(Problem::bare_ipv6(address));
    }
    address.parse().map_err(|error| Problem::of_target(text, &error))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}
