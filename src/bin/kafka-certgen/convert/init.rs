//! The call of `init`.

use kafka_certgen::name::dn::DistinguishedName;
use kafka_certgen::name::pattern::{MAX_EXPANSION, Pairing, expand, expand_host};
use kafka_certgen::name::{Alias, NodeName, SubjectAltName, printable};
use kafka_certgen::output::Target;
use kafka_certgen::script::SecretReferences;
use kafka_certgen::spec::{
    CaSource, CaSpec, ClientAuth, ClusterSpec, Days, KeyAlgorithm, Layout, NodeRole, NodeSpec, SpecError, StoreFormat,
    StoreSpec,
};
use time::OffsetDateTime;

use crate::cli::Global;
use crate::cli::init::Arguments;
use crate::problem::{Failure, Problem};

use super::Call;

/// A call of `init` that can be carried out.
pub(crate) struct Init {
    pub(crate) spec: ClusterSpec,
    pub(crate) target: Target,
    /// Where a printed script would take the secrets from.
    pub(crate) secrets: SecretReferences,
    pub(crate) warnings: Vec<String>,
}

/// Converts the arguments of `init`.
///
/// What cannot be parsed is reported, and stands as its default from there on, so that the rest is checked all the same.
pub(crate) fn init(arguments: &Arguments, global: &Global, now: OffsetDateTime) -> Result<Init, Failure> {
    let mut call = Call::default();
    let rest = call.dname(arguments);
    let mut spec = ClusterSpec::new(call.nodes(arguments, &rest));
    let mut ca = CaSpec::default();
    ca.subject = call.value("--ca-cn", DistinguishedName::with_common_name(&arguments.ca_cn, &rest), ca.subject);
    ca.key_algorithm = call.parse("--ca-key-alg", &arguments.ca_key_alg, ca.key_algorithm);
    ca.days = call.parse("--ca-validity", &arguments.ca_validity, ca.days);
    call.certificate_terms(arguments, ca.days, &mut spec.nodes);
    spec.ca = CaSource::Made(ca);
    spec.layout = call.parse("--layout", &arguments.layout, spec.layout);
    spec.client_auth =
        arguments.client_auth.as_ref().map(|text| call.parse("--client-auth", text, ClientAuth::Required));
    spec.deploy_dir = call.deploy_dir(arguments);
    spec.stores.formats = call.formats(arguments, spec.layout);
    spec.stores.pem_key = call.parse("--pem-key", &arguments.pem_key, spec.stores.pem_key);
    spec.stores.ca_alias = call.parse("--ca-alias", &arguments.ca_alias, spec.stores.ca_alias);

    let target = Target::new(&arguments.out).map_err(|error| call.problems.push(error.into())).ok();
    call.check_home(target.as_ref(), spec.deploy_dir.as_ref());
    let secrets = call.secrets(arguments, global, &mut spec, now);
    call.check(arguments, &spec, now);
    match target {
        Some(target) if call.problems.is_empty() => Ok(Init { spec, target, secrets, warnings: call.warnings }),
        _ => Err(Failure(call.problems)),
    }
}

impl Call {
    fn dname(&mut self, arguments: &Arguments) -> DistinguishedName {
        let text = arguments.dname.as_deref().unwrap_or_default();
        let rest = self.keep("--dname", DistinguishedName::parse(text)).unwrap_or_default();
        if rest.has_common_name() {
            let error = anyhow::anyhow!("--dname: the common name is not said here");
            self.problems.push(Problem::usage(error, "give it with `--cn`, and in `--dname` what follows it"));
        }
        rest
    }

    /// Returns the identities with their names; what their certificates are like follows in [`Call::certificate_terms`].
    fn nodes(&mut self, arguments: &Arguments, rest: &DistinguishedName) -> Vec<NodeSpec> {
        let given = [("--cn", &arguments.cn, NodeRole::Broker), ("--client", &arguments.client, NodeRole::Client)];
        let mut nodes: Vec<NodeSpec> = Vec::new();
        for (flag, patterns, role) in given {
            for pattern in patterns {
                for name in self.expand_name(flag, pattern) {
                    let Some(name) = self.keep(flag, name.parse::<NodeName>()) else { continue };
                    let mut node = NodeSpec::new(name, role);
                    let subject = DistinguishedName::with_common_name(node.name.as_str(), rest);
                    node.subject = self.value(flag, subject, node.subject);
                    nodes.push(node);
                }
                if nodes.len() > MAX_EXPANSION {
                    let error = anyhow::anyhow!("{flag}: more than {MAX_EXPANSION} identities in one call");
                    self.problems.push(Problem::usage(error, "split them over several folders with `--out`"));
                    return Vec::new();
                }
            }
        }
        for san in &arguments.san {
            self.san(san, &mut nodes);
        }
        nodes
    }

    fn expand_name(&mut self, flag: &str, pattern: &str) -> Vec<String> {
        // A pattern that no name can come of is refused for what is wrong with the name.
        if pattern.chars().any(char::is_control) {
            return vec![pattern.to_owned()];
        }
        self.keep(flag, expand(pattern)).unwrap_or_default()
    }

    /// Gives the value of a `--san` to the identities that it is for.
    fn san(&mut self, san: &str, nodes: &mut [NodeSpec]) {
        let (target, values) = san.split_once('=').unwrap_or(("", san));
        let values: Vec<Option<SubjectAltName>> =
            self.san_values(values).into_iter().map(|value| self.keep("--san", value.parse())).collect();
        let targets = self.san_targets(san, target, nodes);
        if targets.is_empty() || values.is_empty() {
            return;
        }
        let Some(pairing) = Pairing::of(targets.len(), values.len()) else {
            let error = anyhow::anyhow!("--san: `{san}` names {} nodes and {} values", targets.len(), values.len());
            self.problems.push(Problem::usage(error, "use ranges of the same length, or a single value for all"));
            return;
        };
        for (place, index) in targets.into_iter().enumerate() {
            for value in pairing.values_for(place, &values).iter().flatten() {
                if let Some(node) = nodes.get_mut(index)
                    && !node.alt_names.contains(value)
                {
                    node.alt_names.push(value.clone());
                }
            }
        }
    }

    /// Splits and expands `VALUE`: names with ranges, or a list as keytool's users write it, `dns:b,ip:10.0.0.1`.
    pub(super) fn san_values(&mut self, text: &str) -> Vec<String> {
        let mut values = Vec::new();
        let list: Vec<&str> = if text.contains('{') { vec![text] } else { text.split(',').collect() };
        for value in list {
            values.extend(self.keep("--san", expand_host(value)).unwrap_or_default());
        }
        values
    }

    /// Returns the identities that a `--san` is for, by their index.
    fn san_targets(&mut self, san: &str, target: &str, nodes: &[NodeSpec]) -> Vec<usize> {
        let brokers = || (0..nodes.len()).filter(|index| nodes[*index].role == NodeRole::Broker).collect::<Vec<_>>();
        let (targets, problem) = match target {
            "" if nodes.len() == 1 => return vec![0],
            "" => match brokers() {
                brokers if brokers.len() <= 1 => (brokers, "there is no broker that it could be for"),
                _ => (Vec::new(), "it is not said which of the brokers it is for"),
            },
            "*" => (brokers(), "there is no broker that it could be for"),
            pattern => {
                let names = self.keep("--san", expand(pattern)).unwrap_or_default();
                let index_of = |name: &String| nodes.iter().position(|node| node.name.as_str() == name);
                (
                    names.iter().map(index_of).collect::<Option<Vec<_>>>().unwrap_or_default(),
                    "there is no such name in this call",
                )
            }
        };
        if targets.is_empty() && !nodes.is_empty() {
            let value = printable(san.split_once('=').map_or(san, |(_, value)| value));
            let error = anyhow::anyhow!("--san `{}`: {problem}", printable(san));
            let hint = match target {
                "" if nodes.len() > 1 && nodes[1].role == NodeRole::Broker => {
                    format!("write `--san {}={value}`, or `--san '*={value}'` for all of them", nodes[0].name)
                }
                _ => format!("name one of them, as in `--san {}={value}`", nodes[0].name),
            };
            self.problems.push(Problem::usage(error, hint));
        }
        targets
    }

    /// Says what the certificates of all identities are like.
    fn certificate_terms(&mut self, arguments: &Arguments, ca_days: Days, nodes: &mut [NodeSpec]) {
        let days = match &arguments.validity {
            Some(text) => self.parse("--validity", text, Days::NODE.min(ca_days)),
            None => Days::NODE.min(ca_days),
        };
        let key_algorithm = self.parse("--key-alg", &arguments.key_alg, KeyAlgorithm::NODE);
        let alias = arguments.alias.as_ref().and_then(|text| self.keep("--alias", text.parse::<Alias>()));
        for node in nodes {
            node.days = days;
            node.key_algorithm = key_algorithm;
            if let Some(alias) = &alias {
                node.alias = alias.clone();
            }
        }
    }

    fn formats(&mut self, arguments: &Arguments, layout: Layout) -> Vec<StoreFormat> {
        if arguments.format.is_empty() {
            return match layout {
                Layout::Script => vec![StoreFormat::Jks],
                Layout::Nodes => StoreSpec::default().formats,
            };
        }
        let mut formats = Vec::new();
        for text in &arguments.format {
            if let Some(format) = self.keep("--format", text.parse())
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

    /// Reads the passwords. Nobody is asked for one, and nothing is taken from the standard input, for a call that is wrong anyway.
    fn secrets(
        &mut self,
        arguments: &Arguments,
        global: &Global,
        spec: &mut ClusterSpec,
        now: OffsetDateTime,
    ) -> SecretReferences {
        let given = [
            ("--storepass", "password of the stores", &arguments.storepass),
            ("--keypass", "password of the keys", &arguments.keypass),
            ("--ca-pass", "password of the CA key", &arguments.ca_pass),
        ];
        let sources = given.map(|(flag, what, text)| (flag, what, self.source(flag, text.as_ref())));
        let sound = self.problems.is_empty() && spec.faults(now).is_empty();
        let [store, key, ca] = sources.map(|(flag, what, source)| self.secret(flag, what, source, sound, global));
        (spec.stores.store_password, spec.stores.key_password) = (store.0, key.0);
        if let CaSource::Made(made) = &mut spec.ca {
            made.password = ca.0;
        }
        SecretReferences { store: store.1, key: key.1, ca: ca.1 }
    }

    /// Checks the whole, and finds what is allowed but worth a word.
    fn check(&mut self, arguments: &Arguments, spec: &ClusterSpec, now: OffsetDateTime) {
        // A name that could not be parsed is reported as such, and not again as missing.
        let named = !(arguments.cn.is_empty() && arguments.client.is_empty());
        let faults = spec.faults(now);
        let faults = faults.into_iter().filter(|fault| !(named && *fault == SpecError::NoNode));
        self.problems.extend(faults.map(Problem::from));
        self.warn_of_short_passwords(&spec.stores);
    }
}
