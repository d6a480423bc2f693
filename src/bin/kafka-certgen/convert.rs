//! From what was typed to a specification that holds together. Every mistake of a call is found before any of them is
//! reported; nothing is changed here.

use std::path::PathBuf;

use kafka_certgen::name::dn::DistinguishedName;
use kafka_certgen::name::pattern::expand;
use kafka_certgen::name::{Alias, HostError, NodeName, SubjectAltName};
use kafka_certgen::output::Target;
use kafka_certgen::script::{SecretReference, SecretReferences};
use kafka_certgen::secret::{Password, SHORT_PASSWORD};
use kafka_certgen::spec::{
    CaSpec, ClientAuth, ClusterSpec, Days, KeyAlgorithm, Layout, NodeRole, NodeSpec, PemKey, StoreFormat, StoreSpec,
};
use time::OffsetDateTime;

use crate::cli::Global;
use crate::cli::init::Arguments;
use crate::problem::{Failure, Problem};
use crate::secrets::Source;

/// A call of `init` that can be carried out.
pub(crate) struct Init {
    pub(crate) spec: ClusterSpec,
    pub(crate) target: Target,
    /// Where a printed script would take the secrets from.
    pub(crate) secrets: SecretReferences,
    pub(crate) warnings: Vec<String>,
}

/// Converts the arguments of `init`.
pub(crate) fn init(arguments: &Arguments, global: &Global, now: OffsetDateTime) -> Result<Init, Failure> {
    let mut call = Call { problems: Vec::new(), warnings: Vec::new(), batch: global.batch };
    let names = call.names(arguments);
    let alt_names = call.alt_names(arguments, &names);
    let rest = call.dname(arguments);
    let ca_days = call.parse::<Days>("--ca-validity", &arguments.ca_validity);
    let days = match &arguments.validity {
        Some(text) => call.parse("--validity", text),
        None => Some(ca_days.map_or(Days::NODE, |days| days.min(Days::NODE))),
    };
    let key_algorithm = call.parse::<KeyAlgorithm>("--key-alg", &arguments.key_alg);
    let ca_key_algorithm = call.parse::<KeyAlgorithm>("--ca-key-alg", &arguments.ca_key_alg);
    let alias = arguments.alias.as_ref().and_then(|text| call.parse::<Alias>("--alias", text));
    let ca_alias = call.parse::<Alias>("--ca-alias", &arguments.ca_alias);
    let layout = call.parse::<Layout>("--layout", &arguments.layout);
    let formats = call.formats(arguments, layout);
    let pem_key = call.parse::<PemKey>("--pem-key", &arguments.pem_key);
    let client_auth = arguments.client_auth.as_ref().and_then(|text| call.parse::<ClientAuth>("--client-auth", text));
    let deploy_dir = call.deploy_dir(arguments);
    let ca_subject = call.common_name("--ca-cn", &arguments.ca_cn, &rest);
    let (store_password, store) = call.secret("--storepass", "password of the stores", arguments.storepass.as_ref());
    let (key_password, key) = call.secret("--keypass", "password of the keys", arguments.keypass.as_ref());
    let (ca_password, ca) = call.secret("--ca-pass", "password of the CA key", arguments.ca_pass.as_ref());
    let target = call.keep(Target::new(&arguments.out));
    call.check_home(target.as_ref(), deploy_dir.as_ref());

    let mut nodes = Vec::with_capacity(names.len());
    for ((name, role), alt_names) in names.into_iter().zip(alt_names) {
        let subject = call.common_name("--cn", name.as_str(), &rest);
        if let (Some(subject), Some(key_algorithm), Some(days)) = (subject, key_algorithm, days) {
            let alias = alias.clone().unwrap_or_else(|| Alias::from(&name));
            nodes.push(NodeSpec { name, role, subject, alt_names, alias, key_algorithm, days });
        }
    }
    let parts = (ca_subject, ca_key_algorithm, ca_days, ca_alias, layout, pem_key, target);
    let (Some(subject), Some(key_algorithm), Some(days), Some(ca_alias), Some(layout), Some(pem_key), target) = parts
    else {
        return Err(Failure(call.problems));
    };
    let spec = ClusterSpec {
        ca: CaSpec { subject, key_algorithm, days, password: ca_password },
        nodes,
        stores: StoreSpec { formats, ca_alias, store_password, key_password, pem_key },
        layout,
        client_auth,
        deploy_dir,
    };
    call.check(arguments, &spec, now);
    match target {
        Some(target) if call.problems.is_empty() => {
            Ok(Init { spec, target, secrets: SecretReferences { store, key, ca }, warnings: call.warnings })
        }
        _ => Err(Failure(call.problems)),
    }
}

/// A call while it is converted: what was found so far.
struct Call {
    problems: Vec<Problem>,
    warnings: Vec<String>,
    batch: bool,
}

impl Call {
    fn keep<T, E: Into<Problem>>(&mut self, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.problems.push(error.into())).ok()
    }

    fn keep_of<T, E: Into<Problem>>(&mut self, flag: &str, result: Result<T, E>) -> Option<T> {
        result.map_err(|error| self.problems.push(error.into().of_flag(flag))).ok()
    }

    fn parse<T: std::str::FromStr>(&mut self, flag: &str, text: &str) -> Option<T>
    where
        T::Err: Into<Problem>,
    {
        self.keep_of(flag, text.parse())
    }

    fn names(&mut self, arguments: &Arguments) -> Vec<(NodeName, NodeRole)> {
        let given = [("--cn", &arguments.cn, NodeRole::Broker), ("--client", &arguments.client, NodeRole::Client)];
        let mut names = Vec::new();
        for (flag, patterns, role) in given {
            for pattern in patterns {
                // A pattern that no name can come of is refused for what is wrong with the name.
                let expanded = if pattern.chars().any(char::is_control) {
                    Some(vec![pattern.clone()])
                } else {
                    self.keep_of(flag, expand(pattern))
                };
                for name in expanded.unwrap_or_default() {
                    if let Some(name) = self.parse::<NodeName>(flag, &name) {
                        names.push((name, role));
                    }
                }
            }
        }
        names
    }

    /// Returns the names of each identity's certificate: the common name where it is one that can be connected to, then those
    /// of `--san`.
    fn alt_names(&mut self, arguments: &Arguments, names: &[(NodeName, NodeRole)]) -> Vec<Vec<SubjectAltName>> {
        let mut alt_names: Vec<Vec<SubjectAltName>> = Vec::with_capacity(names.len());
        for (name, role) in names {
            let own: Result<SubjectAltName, HostError> = name.as_str().parse();
            alt_names.push(match role {
                NodeRole::Broker => self.keep_of("--cn", own).into_iter().collect(),
                // Nobody connects to a client, so that its name need not be a host's.
                NodeRole::Client => own.into_iter().collect(),
            });
        }
        for san in &arguments.san {
            for (index, value) in self.san(san, names) {
                if let Some(value) = self.parse::<SubjectAltName>("--san", &value)
                    && let Some(list) = alt_names.get_mut(index)
                    && !list.contains(&value)
                {
                    list.push(value);
                }
            }
        }
        alt_names
    }

    /// Returns which identities a `--san` is for, by their index, and the value for each.
    fn san(&mut self, san: &str, names: &[(NodeName, NodeRole)]) -> Vec<(usize, String)> {
        let brokers =
            || names.iter().enumerate().filter(|(_, (_, role))| *role == NodeRole::Broker).map(|(index, _)| index);
        let (nodes, value) = match san.split_once('=') {
            Some((node, value)) => (node, value),
            None => ("", san),
        };
        let indices: Vec<usize> = match nodes {
            "*" => brokers().collect(),
            "" => {
                let single: Vec<usize> = if names.len() == 1 { vec![0] } else { brokers().collect() };
                if single.len() > 1 {
                    let error = anyhow::anyhow!("--san: it is not said which of the brokers `{san}` is for");
                    let hint = format!("write `--san {}={value}`, or `--san '*={value}'` for all of them", names[0].0);
                    self.problems.push(Problem::usage(error, hint));
                    return Vec::new();
                }
                single
            }
            pattern => {
                let Some(expanded) = self.keep_of("--san", expand(pattern)) else { return Vec::new() };
                let found = expanded.iter().map(|node| self.index_of(node, names)).collect::<Option<Vec<_>>>();
                found.unwrap_or_default()
            }
        };
        let Some(mut values) = self.values(value) else { return Vec::new() };
        if values.len() == 1 {
            return indices.into_iter().map(|index| (index, values[0].clone())).collect();
        }
        if values.len() == indices.len() {
            return indices.into_iter().zip(values).collect();
        }
        if let [index] = indices.as_slice() {
            return values.drain(..).map(|value| (*index, value)).collect();
        }
        if !indices.is_empty() {
            let error = anyhow::anyhow!("--san: `{san}` names {} nodes and {} values", indices.len(), values.len());
            self.problems.push(Problem::usage(error, "use ranges of the same length, or a single value for all"));
        }
        Vec::new()
    }

    /// Expands the ranges of a value; an address in brackets is left for the parser of names to refuse.
    fn values(&mut self, value: &str) -> Option<Vec<String>> {
        if value.contains(':') { Some(vec![value.to_owned()]) } else { self.keep_of("--san", expand(value)) }
    }

    fn index_of(&mut self, node: &str, names: &[(NodeName, NodeRole)]) -> Option<usize> {
        let index = names.iter().position(|(name, _)| name.as_str() == node);
        if index.is_none() {
            let error = anyhow::anyhow!("--san: there is no `{}` in this call", kafka_certgen::name::printable(node));
            let known: Vec<&str> = names.iter().take(5).map(|(name, _)| name.as_str()).collect();
            self.problems.push(Problem::usage(error, format!("name one of {}", known.join(", "))));
        }
        index
    }

    fn dname(&mut self, arguments: &Arguments) -> DistinguishedName {
        let text = arguments.dname.as_deref().unwrap_or_default();
        let rest = self.keep_of("--dname", DistinguishedName::parse(text)).unwrap_or_default();
        if rest.has_common_name() {
            let error = anyhow::anyhow!("--dname: the common name is not said here");
            self.problems.push(Problem::usage(error, "give it with `--cn`, and in `--dname` what follows it"));
        }
        rest
    }

    fn common_name(&mut self, flag: &str, name: &str, rest: &DistinguishedName) -> Option<DistinguishedName> {
        self.keep_of(flag, DistinguishedName::with_common_name(name, rest))
    }

    fn formats(&mut self, arguments: &Arguments, layout: Option<Layout>) -> Vec<StoreFormat> {
        if arguments.format.is_empty() {
            return match layout {
                Some(Layout::Script) => vec![StoreFormat::Jks],
                _ => vec![StoreFormat::Jks, StoreFormat::Pkcs12],
            };
        }
        let mut formats = Vec::new();
        for text in &arguments.format {
            if let Some(format) = self.parse("--format", text)
                && !formats.contains(&format)
            {
                formats.push(format);
            }
        }
        formats
    }

    fn deploy_dir(&mut self, arguments: &Arguments) -> Option<String> {
        let folder = arguments.deploy_dir.as_ref()?;
        // Kafka takes blanks off the ends of its settings.
        if folder.is_empty() || folder.trim() != folder || folder.chars().any(char::is_control) {
            let error = anyhow::anyhow!("--deploy-dir: this is not the path of a folder");
            self.problems
                .push(Problem::usage(error, "give the folder on the broker, as in `--deploy-dir /etc/kafka/ssl`"));
        }
        Some(folder.clone())
    }

    /// A properties file is text: it can name no folder whose name is not.
    fn check_home(&mut self, target: Option<&Target>, deploy_dir: Option<&String>) {
        if deploy_dir.is_none() && target.is_some_and(|target| target.path().to_str().is_none()) {
            let error =
                anyhow::anyhow!("--out: the path of the folder is not UTF-8, and the properties could not name it");
            self.problems
                .push(Problem::usage(error, "say where the files will live with `--deploy-dir /etc/kafka/ssl`"));
        }
    }

    fn secret(&mut self, flag: &str, what: &str, text: Option<&String>) -> (Option<Password>, SecretReference) {
        let Some(text) = text else { return (None, SecretReference::Made) };
        let Some(source) = self.keep_of(flag, Source::parse(text)) else { return (None, SecretReference::Made) };
        let reference = match &source {
            Source::Environment(name) => SecretReference::Environment(name.clone()),
            Source::File(path) => {
                SecretReference::File(std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path)))
            }
            Source::FileDescriptor(_) | Source::Pass(_) | Source::Prompt | Source::StandardInput => {
                SecretReference::Asked
            }
        };
        if matches!(source, Source::Pass(_)) {
            self.warnings
                .push(format!("{flag} pass:… can be read by every user of this machine; use file:PATH or env:NAME"));
        }
        (self.keep_of(flag, source.read(what, self.batch)), reference)
    }

    /// Checks the whole, and finds what is allowed but worth a word.
    fn check(&mut self, arguments: &Arguments, spec: &ClusterSpec, now: OffsetDateTime) {
        // A name that could not be parsed is reported as such, and not again as missing.
        let named = !(arguments.cn.is_empty() && arguments.client.is_empty());
        let faults = spec.faults(now);
        let faults = faults.into_iter().filter(|fault| !(named && *fault == kafka_certgen::spec::SpecError::NoNode));
        self.problems.extend(faults.map(Problem::from));
        let passwords = [("--storepass", &spec.stores.store_password), ("--keypass", &spec.stores.key_password)];
        for (flag, password) in passwords {
            if spec.stores.formats.contains(&StoreFormat::Jks) && password.as_ref().is_some_and(Password::is_short) {
                self.warnings.push(format!(
                    "{flag}: fewer than {SHORT_PASSWORD} characters, and a JKS store costs an attacker one SHA-1 a guess; leave it out to have one made"
                ));
            }
        }
    }
}
