//! The calls of the single steps.

use std::path::{Path, PathBuf};

use kafka_certgen::name::dn::DistinguishedName;
use kafka_certgen::name::{Alias, SubjectAltName};
use kafka_certgen::output::NewFile;
use kafka_certgen::pipeline::steps::Signed;
use kafka_certgen::pki::{
    Certificate, CertificateAuthority, CertificateSigningRequest, SerialNumber, read_certificates, read_request_der,
};
use kafka_certgen::script::{self, AuthorityReference, RequestReference, SecretReference};
use kafka_certgen::secret::Password;
use kafka_certgen::spec::{
    CaSpec, CertificateProfile, Days, KeyAlgorithm, KeySpec, SigningSpec, StoreFormat, StoreSpec,
};
use time::OffsetDateTime;

use super::Call;
use super::ca_key::{CaKey, CaKeyPlace};
use crate::cli::{self, Global};
use crate::problem::{Failure, Problem};
use crate::report::quote;
use crate::run::{self, password_beside, password_path};
use crate::secrets::Source;

/// The formats that a store of keytool can have.
pub(crate) const STORE_FORMATS: &[&str] = &["jks", "pkcs12"];

/// A call of `ca` that can be carried out.
pub(crate) struct Ca {
    pub(crate) spec: CaSpec,
    pub(crate) key: NewFile,
    pub(crate) certificate: NewFile,
    /// Where the password goes if one is made.
    pub(crate) password_file: Option<NewFile>,
    pub(crate) secret: SecretReference,
    pub(crate) warnings: Vec<String>,
}

/// Converts the arguments of `ca`.
pub(crate) fn ca(arguments: &cli::ca::Arguments, global: &Global, now: OffsetDateTime) -> Result<Ca, Failure> {
    let mut call = Call::default();
    let mut spec = CaSpec::default();
    let named = call.subject(arguments.cn.as_deref(), arguments.dname.as_deref());
    spec.subject = match named {
        Some(subject) if !subject.has_common_name() => {
            let common_name = DistinguishedName::with_common_name(kafka_certgen::spec::CA_COMMON_NAME, &subject);
            call.value("--dname", common_name, subject)
        }
        Some(subject) => subject,
        None => spec.subject,
    };
    spec.key_algorithm = call.parse("--key-alg", &arguments.key_alg, spec.key_algorithm);
    spec.days = call.parse("--validity", &arguments.validity, spec.days);
    let key = call.new_file(&arguments.key);
    let certificate = call.new_file(&arguments.cert);
    let source = call.source("--pass", arguments.pass.as_ref());
    let password_file = match source {
        None if arguments.pass.is_none() => call.new_file(&password_path(&arguments.key)),
        _ => None,
    };
    let sound = call.problems.is_empty() && spec.faults(now).is_empty();
    let (password, secret) = call.secret("--pass", "password of the CA key", source, sound, global);
    spec.password = password;
    call.problems.extend(spec.faults(now).into_iter().map(Problem::of_ca));
    match (key, certificate) {
        (Some(key), Some(certificate)) if call.problems.is_empty() => {
            Ok(Ca { spec, key, certificate, password_file, secret, warnings: call.warnings })
        }
        _ => Err(Failure(call.problems)),
    }
}

/// A store that a call names, with its passwords.
pub(crate) struct StoreCall {
    pub(crate) path: PathBuf,
    /// Whether it is not there yet.
    pub(crate) is_new: bool,
    /// The format of a new store.
    pub(crate) format: StoreFormat,
    /// The format that was asked for.
    pub(crate) asked_format: Option<StoreFormat>,
    /// Missing only where a new store gets one that is made.
    pub(crate) store_password: Option<Password>,
    pub(crate) key_password: Option<Password>,
    pub(crate) store_reference: SecretReference,
    pub(crate) key_reference: SecretReference,
    /// Where the password goes if one is made.
    pub(crate) password_file: Option<NewFile>,
    /// The file that the password was found in, if it was not said where it is.
    pub(crate) beside: Option<PathBuf>,
}

/// A call of `genkey` that can be carried out.
pub(crate) struct Genkey {
    pub(crate) spec: KeySpec,
    pub(crate) store: StoreCall,
    pub(crate) warnings: Vec<String>,
}

/// Converts the arguments of `genkey`.
pub(crate) fn genkey(arguments: &cli::genkey::Arguments, global: &Global) -> Result<Genkey, Failure> {
    let mut call = Call::default();
    let subject = call.subject(arguments.cn.as_deref(), arguments.dname.as_deref()).unwrap_or_default();
    if subject.is_empty() && call.problems.is_empty() {
        let error = anyhow::anyhow!("it is not said whose key this shall be");
        call.problems
            .push(Problem::usage(error, "give the name of the host, as in `--cn broker1`, or a whole `--dname`"));
    }
    let common_name = common_name(&subject);
    let mut alt_names: Vec<SubjectAltName> =
        common_name.as_deref().and_then(SubjectAltName::of_host).into_iter().collect();
    for name in call.alt_names(&arguments.san) {
        if !alt_names.contains(&name) {
            alt_names.push(name);
        }
    }
    let alias = match (&arguments.alias, &common_name) {
        (Some(alias), _) => call.keep("--alias", alias.parse::<Alias>()),
        (None, Some(name)) => call.keep("--alias", name.parse::<Alias>()),
        (None, None) => {
            let problem =
                Problem::usage(anyhow::anyhow!("the key has no alias"), "give it one, as in `--alias broker1`");
            call.problems.push(problem);
            None
        }
    };
    let profile = call.parse("--profile", &arguments.profile, CertificateProfile::BROKER);
    let key_algorithm = call.parse("--key-alg", &arguments.key_alg, KeyAlgorithm::NODE);
    let days = call.parse("--validity", &arguments.validity, Days::NODE);
    let store = call.store(&arguments.store, arguments.storetype.as_ref(), global, true);
    match (alias, store) {
        (Some(alias), Some(store)) if call.problems.is_empty() => {
            let spec = KeySpec { alias, subject, alt_names, profile, key_algorithm, days };
            Ok(Genkey { spec, store, warnings: call.warnings })
        }
        _ => Err(Failure(call.problems)),
    }
}

/// A call of `certreq` that can be carried out.
pub(crate) struct Certreq {
    pub(crate) store: StoreCall,
    pub(crate) alias: Option<Alias>,
    pub(crate) subject: Option<DistinguishedName>,
    pub(crate) alt_names: Option<Vec<SubjectAltName>>,
    pub(crate) file: Option<NewFile>,
    pub(crate) warnings: Vec<String>,
}

/// Converts the arguments of `certreq`.
pub(crate) fn certreq(arguments: &cli::certreq::Arguments, global: &Global) -> Result<Certreq, Failure> {
    let mut call = Call::default();
    let alias = arguments.alias.as_ref().and_then(|alias| call.keep("--alias", alias.parse()));
    let subject = call.subject(None, arguments.dname.as_deref());
    let alt_names = (!arguments.san.is_empty()).then(|| call.alt_names(&arguments.san));
    let file = arguments.file.as_deref().and_then(run::named).and_then(|path| call.new_file(path));
    match call.store(&arguments.store, None, global, false) {
        Some(store) if call.problems.is_empty() => {
            Ok(Certreq { store, alias, subject, alt_names, file, warnings: call.warnings })
        }
        _ => Err(Failure(call.problems)),
    }
}

/// A call of `import` that can be carried out.
pub(crate) struct ImportCall {
    pub(crate) store: StoreCall,
    pub(crate) alias: Alias,
    pub(crate) certificates: Vec<Certificate>,
    pub(crate) warnings: Vec<String>,
}

/// Converts the arguments of `import`.
pub(crate) fn import(arguments: &cli::import::Arguments, global: &Global) -> Result<ImportCall, Failure> {
    let mut call = Call::default();
    let alias = arguments.alias.as_ref().and_then(|alias| call.keep("--alias", alias.parse::<Alias>()));
    if arguments.alias.is_none() {
        let error = anyhow::anyhow!("it is not said which entry the certificate is for");
        let hint = "give the alias of the key that it is the reply for, or a new one: `--alias CARoot`";
        call.problems.push(Problem::usage(error, hint));
    }
    call.refuse_two_inputs("--file", &arguments.file, &[&arguments.store.storepass, &arguments.store.keypass]);
    let certificates = call.certificates("--file", &arguments.file);
    let store = call.store(&arguments.store, arguments.storetype.as_ref(), global, true);
    match (alias, store) {
        (Some(alias), Some(store)) if call.problems.is_empty() => {
            Ok(ImportCall { store, alias, certificates, warnings: call.warnings })
        }
        _ => Err(Failure(call.problems)),
    }
}

/// A call of `sign` that can be carried out.
pub(crate) struct Sign {
    pub(crate) ca: CertificateAuthority,
    /// Where a printed command would take the password of the CA's key from, if it is encrypted; nothing if it is in a store.
    ca_reference: Option<SecretReference>,
    ca_certificate_path: PathBuf,
    is_ca_in_store: bool,
    pub(crate) request: CertificateSigningRequest,
    is_request_der: bool,
    pub(crate) spec: SigningSpec,
    /// What OpenSSL's serial file says.
    pub(crate) serial: Option<SerialNumber>,
    pub(crate) out: Option<NewFile>,
    pub(crate) warnings: Vec<String>,
}

/// Converts the arguments of `sign`.
pub(crate) fn sign(arguments: &cli::sign::Arguments, global: &Global, now: OffsetDateTime) -> Result<Sign, Failure> {
    let mut call = Call::default();
    let spec = SigningSpec {
        profile: call.parse("--profile", &arguments.profile, CertificateProfile::BROKER),
        alt_names: (!arguments.san.is_empty()).then(|| call.alt_names(&arguments.san)),
        days: arguments.validity.as_ref().map(|days| call.parse("--validity", days, Days::NODE)),
    };
    let out = arguments.out.as_deref().and_then(run::named).and_then(|path| call.new_file(path));
    call.refuse_two_inputs("--in", &arguments.request, &[&arguments.ca_pass]);
    let request = call.request(&arguments.request);
    let place = CaKeyPlace {
        label: "--ca-pass",
        path: &arguments.ca_key,
        is_named: true,
        alias: arguments.ca_alias.as_ref(),
        is_password_given: arguments.ca_pass.is_some(),
        password: call.source("--ca-pass", arguments.ca_pass.as_ref()),
    };
    let key = call.ca_key(place, global);
    let path = arguments.ca_cert.clone().unwrap_or_else(|| "ca-cert".into());
    let is_ca_in_store = key.as_ref().is_some_and(|key| key.chain.is_some());
    let certificates = match (&key, &arguments.ca_cert) {
        // A store that could not be opened has been reported, and might have had the certificate.
        (None, None) => Vec::new(),
        (Some(CaKey { chain: Some(chain), .. }), None) => chain.clone(),
        _ => call.certificates("--ca-cert", &path),
    };
    let (Some((request, is_request_der)), Some(CaKey { key, reference, .. }), true) =
        (request, key, call.problems.is_empty())
    else {
        return Err(Failure(call.problems));
    };
    let own = certificates.iter().position(|certificate| certificate.is_of_key(&key)).unwrap_or(0);
    let ca_certificate = certificates.into_iter().nth(own).ok_or_else(|| Problem::no_certificate(&path))?;
    let serial = call.serial(&path);
    Ok(Sign {
        ca: CertificateAuthority::new(ca_certificate, key, now)?,
        ca_reference: reference,
        ca_certificate_path: path,
        is_ca_in_store,
        request,
        is_request_der,
        spec,
        serial,
        out,
        warnings: call.warnings,
    })
}

impl Sign {
    /// Returns what openssl would be told.
    pub(crate) fn script(&self, arguments: &cli::sign::Arguments, signed: &Signed) -> String {
        if self.is_ca_in_store {
            return in_store(&arguments.ca_key);
        }
        let validity = signed.certificate.validity();
        let days = (validity.not_after - validity.not_before).whole_days();
        let authority = AuthorityReference {
            certificate: &self.ca_certificate_path,
            key: &arguments.ca_key,
            password: self.ca_reference.as_ref(),
            digest: self.ca.key().key_type().digest(),
        };
        script::sign(
            self.spec.profile,
            signed.certificate.has_rsa_key(),
            &signed.certificate.alt_names(),
            u32::try_from(days).unwrap_or(u32::MAX),
            &authority,
            RequestReference { path: run::named(&arguments.request), is_der: self.is_request_der },
            arguments.out.as_deref().and_then(run::named),
        )
    }
}

/// Returns what `--dry-run` says where openssl would need another file first.
fn in_store(store: &Path) -> String {
    let store = quote(&store.to_string_lossy());
    format!(
        "# openssl x509 reads no key out of a keystore. Take it out, and name the files with --ca-key and --ca-cert (a JKS store first\n\
         # becomes PKCS#12: keytool -importkeystore -srckeystore {store} -destkeystore ca-store.p12 -deststoretype PKCS12).\n\
         openssl pkcs12 -in {store} -nocerts -out ca-key\n\
         openssl pkcs12 -in {store} -nokeys -clcerts -out ca-cert\n"
    )
}

impl Call {
    /// Returns the name that `--cn` and `--dname` say together, if they say one.
    fn subject(&mut self, cn: Option<&str>, dname: Option<&str>) -> Option<DistinguishedName> {
        let rest = dname.and_then(|text| self.keep("--dname", DistinguishedName::parse(text)));
        match (cn, rest) {
            (Some(_), Some(rest)) if rest.has_common_name() => {
                let error = anyhow::anyhow!("--dname: the common name is said twice");
                self.problems.push(Problem::usage(error, "leave `--cn` out, or the CN of `--dname`"));
                None
            }
            (Some(cn), rest) => self.keep("--cn", DistinguishedName::with_common_name(cn, &rest.unwrap_or_default())),
            (None, Some(rest)) if rest.is_empty() => {
                let error = anyhow::anyhow!("--dname: the name is empty");
                self.problems.push(Problem::usage(error, "give it as in `--dname 'CN=broker1,O=Acme'`"));
                None
            }
            (None, rest) => rest,
        }
    }

    fn alt_names(&mut self, given: &[String]) -> Vec<SubjectAltName> {
        let values: Vec<String> = given.iter().flat_map(|text| self.san_values(text)).collect();
        let mut names = Vec::new();
        for name in values.into_iter().filter_map(|value| self.keep("--san", value.parse())) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    pub(in crate::convert) fn new_file(&mut self, path: &Path) -> Option<NewFile> {
        NewFile::new(path).map_err(|error| self.problems.push(Problem::of_file(&error))).ok()
    }

    pub(super) fn refuse_two_inputs(&mut self, flag: &str, path: &Path, secrets: &[&Option<String>]) {
        if run::named(path).is_none() && secrets.iter().any(|secret| secret.as_deref() == Some("stdin")) {
            let error = anyhow::anyhow!("{flag}: the standard input cannot be this file and a password");
            self.problems.push(Problem::usage(error, format!("name a file with `{flag} FILE`")));
        }
    }

    pub(super) fn certificates(&mut self, flag: &str, path: &Path) -> Vec<Certificate> {
        let read = || -> Result<Vec<Certificate>, Problem> {
            let bytes = run::read(flag, path)?;
            let certificates = read_certificates(&bytes).map_err(|error| Problem::of_input(flag, path, &error))?;
            certificates.into_iter().map(|der| Certificate::from_der(der).map_err(Problem::from)).collect()
        };
        read().map_err(|problem| self.problems.push(problem)).unwrap_or_default()
    }

    /// Reads a request, and says whether it was DER.
    fn request(&mut self, path: &Path) -> Option<(CertificateSigningRequest, bool)> {
        let read = || -> Result<(CertificateSigningRequest, bool), Problem> {
            let bytes = run::read("--in", path)?;
            let der = read_request_der(&bytes).map_err(|error| Problem::of_input("--in", path, &error))?;
            let is_der = der == *bytes;
            Ok((CertificateSigningRequest::from_der(der), is_der))
        };
        read().map_err(|problem| self.problems.push(problem)).ok()
    }

    /// Returns the store that a call names, with its passwords; `may_be_new` says whether the command would make it.
    fn store(
        &mut self,
        arguments: &cli::Store,
        storetype: Option<&String>,
        global: &Global,
        may_be_new: bool,
    ) -> Option<StoreCall> {
        let path = &arguments.keystore;
        let is_new = std::fs::metadata(path).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound);
        if is_new && !may_be_new {
            self.problems.push(Problem::no_store(path));
            return None;
        }
        if !is_new && let Err(problem) = run::check_store(path) {
            self.problems.push(problem);
            return None;
        }
        let asked_format = storetype.and_then(|text| {
            let format = text.parse().ok().filter(|format| *format != StoreFormat::Pem);
            self.keep("--storetype", format.ok_or_else(|| not_a_store_format(text)))
        });
        let is_jks = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("jks"));
        let format = asked_format.unwrap_or(if is_jks { StoreFormat::Jks } else { StoreFormat::Pkcs12 });
        let (store_source, key_source) = self.store_sources(arguments, is_new, global);
        let makes = is_new && arguments.storepass.is_none();
        let password_file = if makes { self.new_file(&password_path(path)) } else { None };
        let sound = self.problems.is_empty();
        let (store_password, store_reference) =
            self.secret("--storepass", "password of the store", store_source, sound, global);
        let (key_password, key_reference) = self.secret("--keypass", "password of the key", key_source, sound, global);
        if is_new {
            self.check_new_passwords(format, store_password.as_ref(), key_password.as_ref());
        }
        Some(StoreCall {
            path: path.clone(),
            is_new,
            format,
            asked_format,
            store_password,
            key_password,
            store_reference,
            key_reference,
            password_file,
            beside: self.beside.clone(),
        })
    }

    /// Returns where the passwords of a store come from: from where it is said, or for a store that is there from a file beside it
    /// or a person at the terminal.
    fn store_sources(
        &mut self,
        arguments: &cli::Store,
        is_new: bool,
        global: &Global,
    ) -> (Option<Source>, Option<Source>) {
        let store = match &arguments.storepass {
            None if is_new => None,
            None => self.source_beside(&arguments.keystore, "--storepass", global),
            given => self.source("--storepass", given.as_ref()),
        };
        // Who opens a store does not choose its password, and is asked for it once.
        let store = if is_new { store } else { store.map(Source::known) };
        let key = self.source("--keypass", arguments.keypass.as_ref());
        (store, key)
    }

    /// Finds the password of something that is there: in the file that was made for it, in that of its bundle, or at the
    /// terminal.
    pub(super) fn source_beside(&mut self, path: &Path, flag: &'static str, global: &Global) -> Option<Source> {
        if let Some(file) = password_beside(path) {
            self.beside = Some(file.clone());
            return Some(Source::File(file));
        }
        if run::can_ask(global) {
            return Some(Source::Prompt { twice: false });
        }
        self.problems.push(Problem::no_password(path, flag));
        None
    }

    fn check_new_passwords(&mut self, format: StoreFormat, store: Option<&Password>, key: Option<&Password>) {
        let spec = StoreSpec {
            formats: vec![format],
            store_password: store.cloned(),
            key_password: key.cloned(),
            ..StoreSpec::default()
        };
        self.problems.extend(spec.password_faults(&spec.formats).into_iter().map(Problem::of_new_store));
        self.warn_of_short_passwords(&spec);
    }

    /// Returns the number in OpenSSL's serial file beside a CA's certificate: another signer counts on from it.
    fn serial(&mut self, certificate: &Path) -> Option<SerialNumber> {
        // `openssl x509 -CA` puts `.srl` in the place of the last extension, or at the end.
        let path = certificate.with_extension("srl");
        if !path.is_file() {
            return None;
        }
        let text = run::read("--ca-cert", &path).ok();
        let serial = text.and_then(|text| SerialNumber::from_hexadecimal(std::str::from_utf8(&text).ok()?));
        if serial.is_none() {
            self.warnings.push(format!("the serial file `{}` holds no number and is passed over", path.display()));
        }
        serial
    }
}

fn not_a_store_format(text: &str) -> kafka_certgen::spec::UnknownValue {
    kafka_certgen::spec::UnknownValue { what: "format of a store", value: text.to_owned(), known: STORE_FORMATS }
}

/// Returns the first common name.
fn common_name(subject: &DistinguishedName) -> Option<String> {
    let mut values = subject.rdns().flatten();
    values.find(|(keyword, _)| *keyword == "CN").map(|(_, value)| value.to_owned())
}
