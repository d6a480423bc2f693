//! The call of `init`.

use kafka_certgen::name::dn::DistinguishedName;
use kafka_certgen::output::Target;
use kafka_certgen::script::SecretReferences;
use kafka_certgen::spec::{CaSource, CaSpec, ClientAuth, ClusterSpec, Days, Layout, SpecError, StoreFormat};
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
    /// How many keys and stores are made at once.
    pub(crate) jobs: usize,
    pub(crate) warnings: Vec<String>,
}

/// Converts the arguments of `init`.
///
/// What cannot be parsed is reported, and stands as its default from there on, so that the rest is checked all the same.
pub(crate) fn init(arguments: &Arguments, global: &Global, now: OffsetDateTime) -> Result<Init, Failure> {
    let mut call = Call::default();
    let rest = call.dname(&arguments.identities);
    let mut spec = ClusterSpec::new(call.nodes(&arguments.identities, &rest));
    let mut ca = CaSpec::default();
    ca.subject = call.value("--ca-cn", DistinguishedName::with_common_name(&arguments.ca_cn, &rest), ca.subject);
    ca.key_algorithm = call.parse("--ca-key-alg", &arguments.ca_key_alg, ca.key_algorithm);
    ca.days = call.parse("--ca-validity", &arguments.ca_validity, ca.days);
    call.certificate_terms(&arguments.identities, Days::NODE.min(ca.days), &mut spec.nodes);
    spec.ca = CaSource::Made(ca);
    spec.layout = call.parse("--layout", &arguments.layout, spec.layout);
    spec.client_auth =
        arguments.client_auth.as_ref().map(|text| call.parse("--client-auth", text, ClientAuth::Required));
    spec.deploy_dir = call.deploy_dir(arguments);
    spec.stores.formats = call.formats(&arguments.identities).unwrap_or(match spec.layout {
        Layout::Script => vec![StoreFormat::Jks],
        Layout::Nodes => spec.stores.formats,
    });
    spec.stores.pem_key = call.parse("--pem-key", &arguments.pem_key, spec.stores.pem_key);
    spec.stores.ca_alias = call.parse("--ca-alias", &arguments.ca_alias, spec.stores.ca_alias);

    let jobs = call.jobs(&arguments.jobs);
    let target = Target::new(&arguments.out).map_err(|error| call.problems.push(error.into())).ok();
    call.check_home(target.as_ref(), spec.deploy_dir.as_ref());
    let secrets = call.secrets(arguments, global, &mut spec, now);
    call.check(arguments, &spec, now);
    match target {
        Some(target) if call.problems.is_empty() => Ok(Init { spec, target, secrets, jobs, warnings: call.warnings }),
        _ => Err(Failure(call.problems)),
    }
}

impl Call {
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
        let named = !arguments.identities.is_empty();
        let faults = spec.faults(now);
        let faults = faults.into_iter().filter(|fault| !(named && *fault == SpecError::NoNode));
        self.problems.extend(faults.map(Problem::from));
        self.warn_of_short_passwords(&spec.stores);
    }
}
