//! The identities that a call names, with what their certificates and stores are like.

use kafka_certgen::name::dn::DistinguishedName;
use kafka_certgen::name::pattern::{MAX_EXPANSION, Pairing, expand, expand_host};
use kafka_certgen::name::{Alias, NodeName, SubjectAltName, printable};
use kafka_certgen::spec::{Days, KeyAlgorithm, NodeRole, NodeSpec, StoreFormat};

use super::Call;
use crate::cli::Identities;
use crate::problem::Problem;

impl Call {
    pub(super) fn dname(&mut self, arguments: &Identities) -> DistinguishedName {
        let text = arguments.dname.as_deref().unwrap_or_default();
        let rest = self.keep("--dname", DistinguishedName::parse(text)).unwrap_or_default();
        if rest.has_common_name() {
            let error = anyhow::anyhow!("--dname: the common name is not said here");
            self.problems.push(Problem::usage(error, "give it with `--cn`, and in `--dname` what follows it"));
        }
        rest
    }

    /// Returns the identities with their names; what their certificates are like follows in [`Call::certificate_terms`].
    pub(super) fn nodes(&mut self, arguments: &Identities, rest: &DistinguishedName) -> Vec<NodeSpec> {
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

    /// Returns the names that a pattern stands for.
    pub(super) fn expand_name(&mut self, flag: &str, pattern: &str) -> Vec<String> {
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

    /// Says what the certificates of all identities are like; they are valid for so many days, unless it is said.
    pub(super) fn certificate_terms(&mut self, arguments: &Identities, days: Days, nodes: &mut [NodeSpec]) {
        let days = arguments.validity.as_ref().map_or(days, |text| self.parse("--validity", text, days));
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

    /// Returns the formats of the stores, if they are said.
    pub(super) fn formats(&mut self, arguments: &Identities) -> Option<Vec<StoreFormat>> {
        if arguments.format.is_empty() {
            return None;
        }
        let mut formats = Vec::new();
        for text in &arguments.format {
            if let Some(format) = self.keep("--format", text.parse())
                && !formats.contains(&format)
            {
                formats.push(format);
            }
        }
        Some(formats)
    }
}
