//! The call of `apply`: what the file says, and what flags say instead.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use kafka_certgen::bundle::plan::Scope;
use kafka_certgen::name::{NodeName, printable};
use kafka_certgen::pki::Certificate;
use kafka_certgen::spec::cluster_file::{ClusterFile, Located, SecretSource};
use kafka_certgen::spec::{ClusterSpec, NodeSpec, SpecError};
use time::OffsetDateTime;

use super::Call;
use crate::cli::Global;
use crate::cli::apply::Arguments;
use crate::problem::{Failure, Problem, place_of};
use crate::run;
use crate::secrets::Source;

/// A call of `apply` that can be carried out.
pub(crate) struct Apply {
    pub(crate) spec: ClusterSpec,
    /// The chain of a CA that is kept elsewhere.
    pub(crate) given_ca: Option<Vec<Certificate>>,
    /// What signs, if something has to be signed.
    pub(crate) signer: Signer,
    pub(crate) scope: Scope,
    pub(crate) jobs: usize,
    pub(crate) warnings: Vec<String>,
}

/// Where the CA's key lies, and what opens it. Nothing of it is read before it is needed.
pub(crate) struct Signer {
    /// The file of the key, if it is not the bundle's own.
    pub(crate) key: Option<PathBuf>,
    /// Where the password comes from, if that is said.
    pub(crate) password: Option<Secret>,
}

/// A secret with what has named it.
#[derive(Clone)]
pub(crate) struct Secret {
    /// What stands before what is wrong with it: a flag, or a place in the file.
    pub(crate) label: String,
    pub(crate) source: Source,
}

impl Signer {
    /// Says whether something has to be read of it that is gone as soon as nobody may look into this process any more.
    pub(crate) fn is_of_process(&self) -> bool {
        let is_key = self.key.as_ref().is_some_and(|path| path.starts_with("/dev") || path.starts_with("/proc"));
        is_key || self.password.as_ref().is_some_and(|secret| secret.source.is_of_process())
    }
}

/// Converts the arguments of `apply`.
pub(crate) fn apply(arguments: &Arguments, global: &Global, now: OffsetDateTime) -> Result<Apply, Failure> {
    let path = arguments.file();
    let mut call = Call::default();
    let jobs = call.jobs(&arguments.jobs);
    let flags = [
        ("--storepass", arguments.storepass.as_ref()),
        ("--keypass", arguments.keypass.as_ref()),
        ("--ca-pass", arguments.ca_pass.as_ref()),
    ];
    call.refuse_two_inputs("--file", path, &[&arguments.storepass, &arguments.keypass, &arguments.ca_pass]);
    let [store, key, ca] =
        flags.map(|(flag, text)| call.source(flag, text).map(|source| Secret { label: flag.to_owned(), source }));
    let file = match run::read_cluster_file(path) {
        Ok(bytes) => ClusterFile::read(&bytes, now)
            .map_err(|faults| call.problems.extend(Failure::of_file(path, &faults).0))
            .ok(),
        Err(problem) => {
            call.problems.push(problem);
            None
        }
    };
    let Some(file) = file else { return Err(Failure(call.problems)) };
    let only = call.only(&arguments.only, &file.spec.nodes, &place_of(path));
    let mut of_file = |secret: &Option<Located<SecretSource>>| call.secret_of_file(secret.as_ref(), path);
    let store = store.or_else(|| of_file(&file.secrets.store));
    let key = key.or_else(|| of_file(&file.secrets.key));
    let ca = ca.or_else(|| of_file(&file.secrets.ca));
    let given_ca = file.ca.as_ref().map(|files| call.given_ca(&files.certificate, path));
    let ca_key = arguments.ca_key.clone().or_else(|| Some(in_folder_of(path, &file.ca.as_ref()?.key.value)));

    let mut spec = file.spec.clone();
    let sound = call.problems.is_empty();
    let mut read = |flag: &str, what: &str, secret: Option<Secret>| {
        let Secret { label, source } = secret?;
        call.secret_at(&label, flag, what, Some(source), sound, global).0
    };
    let of_flag = arguments.storepass.is_some() || arguments.keypass.is_some();
    spec.stores.store_password = read("--storepass", "password of the stores", store);
    spec.stores.key_password = read("--keypass", "password of the keys", key);
    let faults = spec.faults(now).into_iter().map(|fault| match &fault {
        SpecError::Password(..) | SpecError::PemPassword(..) if of_flag => Problem::from(fault),
        _ => Problem::of_fault(path, &file.fault(fault)),
    });
    call.problems.extend(faults);
    call.warn_of_short_passwords(&spec.stores);
    if !call.problems.is_empty() {
        return Err(Failure(call.problems));
    }
    Ok(Apply {
        spec,
        given_ca,
        signer: Signer { key: ca_key, password: ca },
        scope: Scope { only, rekey: arguments.rekey, prune: arguments.prune, adds: Vec::new() },
        jobs,
        warnings: call.warnings,
    })
}

impl Call {
    /// Returns the names that `--only` names, all of which have to be in `place`, a file or a bundle.
    pub(super) fn only(&mut self, patterns: &[String], nodes: &[NodeSpec], place: &str) -> HashSet<NodeName> {
        let known: HashSet<&str> = nodes.iter().map(|node| node.name.as_str()).collect();
        let mut only = HashSet::new();
        for pattern in patterns {
            let names = self.expand_name("--only", pattern);
            let unknown: Vec<&String> = names.iter().filter(|name| !known.contains(name.as_str())).collect();
            if let Some(first) = unknown.first() {
                let more = match unknown.len() {
                    1 => String::new(),
                    count => format!(" (and {} more of `{}`)", count - 1, printable(pattern)),
                };
                let error = anyhow::anyhow!("--only: `{}` is not in {place}{more}", printable(first));
                let near = nodes.iter().map(|node| node.name.as_str()).find(|name| is_one_slip(first, name));
                let hint = match near.or_else(|| nodes.first().map(|node| node.name.as_str())) {
                    Some(name) if near.is_some() => format!("did you mean `--only {name}`?"),
                    Some(name) => format!("give a name that is in it, as in `--only {name}`"),
                    None => "give a name that is in it".to_owned(),
                };
                self.problems.push(Problem::usage(error, hint));
            }
            only.extend(names.iter().filter_map(|name| name.parse::<NodeName>().ok()));
        }
        only
    }

    /// Returns a secret that the file names.
    fn secret_of_file(&mut self, secret: Option<&Located<SecretSource>>, file: &Path) -> Option<Secret> {
        let Located { value, position } = secret?;
        let label = format!("{}:{position}", place_of(file));
        let source = match value {
            SecretSource::Environment(name) => Source::Environment(name.clone()),
            SecretSource::FileDescriptor(number) => Source::FileDescriptor(*number),
            SecretSource::File(path) => Source::File(in_folder_of(file, path)),
            SecretSource::Prompt => Source::Prompt { twice: true },
            SecretSource::StandardInput => Source::StandardInput,
        };
        if run::named(file).is_none() && matches!(source, Source::StandardInput) {
            let error = anyhow::anyhow!("{label}: the standard input cannot be this file and a password");
            self.problems.push(Problem::usage(error, "name the file with `--file FILE`"));
        }
        Some(Secret { label, source })
    }

    /// Reads the certificate of a CA that is kept elsewhere, with those above it.
    fn given_ca(&mut self, certificate: &Located<PathBuf>, file: &Path) -> Vec<Certificate> {
        let label = format!("{}:{}", place_of(file), certificate.position);
        self.certificates(&label, &in_folder_of(file, &certificate.value))
    }
}

/// Returns a path that stands in a file: it is relative to the folder of that.
fn in_folder_of(file: &Path, path: &Path) -> PathBuf {
    match run::named(file).and_then(Path::parent) {
        Some(folder) => folder.join(path),
        None => path.to_owned(),
    }
}

/// Says whether one text becomes the other by a slip of the fingers: a character more, less or another, or two that are swapped.
pub(super) fn is_one_slip(one: &str, other: &str) -> bool {
    let (one, other) = (one.as_bytes(), other.as_bytes());
    let start = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[start..], &other[start..]);
    match (one, other) {
        ([], rest) | (rest, []) => rest.len() <= 1,
        ([a, one @ ..], [b, other @ ..]) => {
            let is_swapped = one.first() == Some(b) && other.first() == Some(a) && one.get(1..) == other.get(1..);
            one == other || one == [&[*b], other].concat() || [&[*a], one].concat() == other || is_swapped
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_fingers_is_found() {
        for other in ["broker1", "brker1", "brooker1", "brokre1", "broker2", "broker", "broker11", "roker1", "xbroker1"]
        {
            assert!(is_one_slip("broker1", other) && is_one_slip(other, "broker1"), "{other}");
        }
        for other in ["brker2", "client1", "", "broker123", "borkre1"] {
            assert!(!is_one_slip("broker1", other) && !is_one_slip(other, "broker1"), "{other}");
        }
    }

    #[test]
    fn paths_of_a_file_are_relative_to_its_folder() {
        let in_folder = |file: &str, path: &str| in_folder_of(Path::new(file), Path::new(path));
        assert_eq!(in_folder("a/cluster.yaml", "ca.pem"), Path::new("a/ca.pem"));
        assert_eq!(in_folder("cluster.yaml", "ca.pem"), Path::new("ca.pem"));
        assert_eq!(in_folder("a/cluster.yaml", "/etc/ca.pem"), Path::new("/etc/ca.pem"));
        assert_eq!(in_folder("-", "ca.pem"), Path::new("ca.pem"));
    }
}
