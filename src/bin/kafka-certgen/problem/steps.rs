//! What went wrong in a single step, with its hint.

use std::path::Path;

use anyhow::anyhow;
use kafka_certgen::keystore::StoreFileError;
use kafka_certgen::name::{Alias, printable};
use kafka_certgen::output::OutputError;
use kafka_certgen::pipeline::steps::{Import, StepError};
use kafka_certgen::pki::{AuthorityError, CertificateFileError, KeyError, PkiError, PrivateKeyError, RequestError};
use kafka_certgen::random::RandomError;
use kafka_certgen::spec::{SpecError, StoreFormat};

use super::{Failure, Problem, io_reason, shown};
use crate::report::quote;

const RANDOM: &str = "try again; if it stays so, see `dmesg`";

impl Problem {
    pub(super) fn with_hint(error: impl Into<anyhow::Error>, hint: impl Into<String>) -> Self {
        let mut problem = Self::failed(error, None);
        problem.hint = Some(hint.into());
        problem
    }

    /// What the disk has said about a single file.
    pub(crate) fn of_file(error: &OutputError) -> Self {
        let hint = match error {
            OutputError::FileExists(path) if path.is_file() => format!(
                "name another file, or, if this one may be the rest of a run that was killed, move it away: `mv {0} {0}.old`",
                shown(path)
            ),
            OutputError::FileExists(_) | OutputError::DanglingLink(_) | OutputError::SymbolicLink(_) => {
                "name another file".to_owned()
            }
            OutputError::Changed(_) => "run it again".to_owned(),
            OutputError::Locked(_) => "wait for it, and run it again".to_owned(),
            OutputError::NoParent(path) => format!("make it: `mkdir -p {}`", shown(path)),
            OutputError::NoFileName(_) | OutputError::NotAFile(_) | OutputError::NotAFolder(_) => {
                "name a file".to_owned()
            }
            OutputError::NotWritable(path, _) => {
                format!("run it as somebody who can write into {}, or name a file elsewhere", shown(path))
            }
            OutputError::AccessNotKept(path, _) => format!(
                "run it as the owner of {0}, or as root: whoever reads {0} now could not read it afterwards",
                shown(path)
            ),
            OutputError::MountedFile(_) => "mount the folder that it is in, and not the file alone".to_owned(),
            OutputError::NotTakenBack { path, .. } => format!("look at {}, and remove it", shown(path)),
            OutputError::TooLarge(..) => "name the right file: this is no keystore".to_owned(),
            OutputError::Twice(_) => "give each file a name of its own".to_owned(),
            OutputError::Io { source, .. } => io_reason(source).to_owned(),
            _ => "name a file elsewhere".to_owned(),
        };
        Self::with_hint(super::readable(error), hint)
    }

    /// A fault of a CA that is to be made on its own.
    pub(crate) fn of_ca(fault: SpecError) -> Self {
        let hint = match &fault {
            SpecError::Password(..) => Some("give another one, or leave `--pass` out to have one made"),
            SpecError::CaValidity(_) => Some("use `--validity 3650`"),
            _ => None,
        };
        Self::from(fault).hinting(hint)
    }

    /// A fault of the passwords of a store that is to be made.
    pub(crate) fn of_new_store(fault: SpecError) -> Self {
        let hint = match &fault {
            SpecError::KeyPasswordInPkcs12 => Some("use `--storetype jks`, or leave `--keypass` out"),
            _ => None,
        };
        Self::from(fault).hinting(hint)
    }

    fn hinting(self, hint: Option<&str>) -> Self {
        Self { hint: hint.map(str::to_owned).or(self.hint), ..self }
    }

    /// Says which file a wrong password has come from, if nobody has named it.
    pub(crate) fn of_password_in(self, file: Option<&Path>) -> Self {
        let (Some(file), Some(hint)) = (file, &self.hint) else { return self };
        let hint = format!("the password was taken from {}, which lies beside it; {hint}", shown(file));
        Self { hint: Some(hint), ..self }
    }

    pub(crate) fn no_store(path: &Path) -> Self {
        let path = shown(path);
        let error = anyhow!("--keystore: there is no file {path}");
        Self::usage(error, format!("name the keystore, or make it: `kafka-certgen genkey --keystore {path} --cn NAME`"))
    }

    pub(crate) fn no_password(path: &Path, flag: &str) -> Self {
        let error = anyhow!("the password of {} is not given, and nobody is there to be asked", shown(path));
        Self::usage(error, format!("use `{flag} file:PATH` or `{flag} env:NAME`"))
    }

    pub(crate) fn other_format(path: &Path, asked: StoreFormat, found: StoreFormat) -> Self {
        let (asked, found) = (asked.kafka_type(), found.kafka_type());
        let error = anyhow!("--storetype: {} is a {found} store and not {asked}", shown(path));
        Self::usage(error, "leave `--storetype` out: a store keeps its format")
    }

    pub(crate) fn alias_taken(alias: &Alias) -> Self {
        StepError::AliasTaken(alias.clone()).into()
    }

    pub(crate) fn no_certificate(path: &Path) -> Self {
        let error = anyhow!("the key in {} has no certificate there", shown(path));
        Self::with_hint(error, "name it with `--ca-cert FILE`")
    }

    pub(crate) fn not_confirmed() -> Self {
        let error = anyhow!("it was not confirmed, and nothing was changed");
        Self::with_hint(error, "compare the fingerprint with the CA's owner, and answer yes")
    }

    /// An import that somebody has to confirm, where nobody is.
    pub(crate) fn unconfirmed(import: &Import, store: &Path) -> Self {
        let what = match import {
            Import::Reply(_) => "the chain reaches no certificate that the store trusts",
            Import::Trusted { known_as: Some(_), .. } => "the store has this certificate already, under another alias",
            Import::Trusted { .. } => {
                "nothing shows that this certificate can be trusted, and nobody is there to confirm it"
            }
        };
        let hint = match (import, import.certificate()) {
            (Import::Reply(_), _) => format!(
                "import its CA first: `kafka-certgen import --keystore {} --alias CARoot --file ca-cert --noprompt`; or use `--noprompt` here",
                shown(store)
            ),
            (_, Some(certificate)) => {
                format!("compare its SHA-256, {}, and use `--noprompt`", certificate.fingerprint())
            }
            (_, None) => "use `--noprompt`".to_owned(),
        };
        Self::with_hint(anyhow!(what), hint)
    }

    /// A store that cannot be opened.
    pub(crate) fn of_store(path: &Path, flag: &str, error: StoreFileError) -> Self {
        let hint = match &error {
            StoreFileError::WrongPassword => format!("give the right password with `{flag} file:PATH`"),
            error => store_hint(error, &shown(path)),
        };
        let cause = match error {
            StoreFileError::Jks(error) => anyhow::Error::new(error),
            StoreFileError::Pkcs12(error) => anyhow::Error::new(error),
            error => anyhow::Error::new(error),
        };
        Self::with_hint(cause.context(format!("the store {} cannot be used", shown(path))), hint)
    }

    /// A CA's key that is not found in a store.
    pub(crate) fn of_ca_store(error: StepError) -> Self {
        let hint = match &error {
            StepError::NoKey(_, aliases) | StepError::NotOneKey(aliases) if !aliases.is_empty() => {
                Some(format!("use `--ca-alias {}`", quote(&printable(&aliases[0]))))
            }
            _ => None,
        };
        Self::from(error).hinting(hint.as_deref())
    }

    /// A file of somebody else that does not hold what it shall.
    pub(crate) fn of_input(flag: &str, path: &Path, error: &CertificateFileError) -> Self {
        let file = if path.as_os_str() == "-" { "the standard input".to_owned() } else { shown(path) };
        let what = if flag == "--in" { "a certificate request" } else { "a certificate" };
        let hint = format!("name a file with {what}, in PEM or DER: `{flag} FILE`");
        Self::with_hint(anyhow!("{flag}: {file}: {error}"), hint)
    }

    /// A CA's key that cannot be read.
    pub(crate) fn of_ca_key(path: &Path, is_named: bool, error: &PrivateKeyError) -> Self {
        let file = shown(path);
        let hint = match error {
            PrivateKeyError::NoPassword => "use `--ca-pass file:PATH` or `--ca-pass env:NAME`".to_owned(),
            PrivateKeyError::WrongPassword => "give the right one with `--ca-pass file:PATH`".to_owned(),
            PrivateKeyError::LegacyEncryption | PrivateKeyError::Encryption(_) => format!(
                "convert it: `openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256 -in {file} -out ca-key.pkcs8`, and use `--ca-key ca-key.pkcs8`"
            ),
            _ => "name the CA's private key with `--ca-key FILE`: RSA from 2048 bits, P-256, P-384, P-521 or Ed25519"
                .to_owned(),
        };
        let flag = if is_named { "--ca-key: " } else { "" };
        Self::with_hint(anyhow!("{flag}{file}: {error}"), hint)
    }

    /// A CA of a bundle that cannot sign.
    pub(crate) fn of_signer(error: &PkiError) -> Self {
        let hint = match error {
            PkiError::Authority(AuthorityError::KeyMismatch) => {
                "name the key that belongs to the CA's certificate: `--ca-key FILE`"
            }
            PkiError::Authority(AuthorityError::NotACa | AuthorityError::NoKeyCertSign) => {
                "name the certificate of a CA under `ca` in the file"
            }
            _ => return Self::of_pki(error),
        };
        Self { hint: Some(hint.to_owned()), ..Self::of_pki(error) }
    }

    fn of_pki(error: &PkiError) -> Self {
        let cause = std::error::Error::source(error).map(ToString::to_string);
        let told = error.to_string();
        let shown = match cause {
            Some(cause) => anyhow!(cause).context(told),
            None => anyhow!(told),
        };
        Self::with_hint(shown, pki_hint(error))
    }
}

fn store_hint(error: &StoreFileError, file: &str) -> String {
    match error {
        StoreFileError::WrongPassword => "give the right password with `--storepass file:PATH`".to_owned(),
        StoreFileError::WrongKeyPassword(_) => "give the key's own password with `--keypass file:PATH`".to_owned(),
        StoreFileError::Jceks => format!(
            "convert it: `keytool -importkeystore -srckeystore {file} -srcstoretype JCEKS -destkeystore {file}.p12 -deststoretype PKCS12`"
        ),
        StoreFileError::KeyPassword => "leave `--keypass` out".to_owned(),
        StoreFileError::Pkcs12(_) => format!(
            "make a copy that can be changed: `keytool -importkeystore -srckeystore {file} -destkeystore copy.p12 -deststoretype PKCS12`"
        ),
        _ => "name a JKS or PKCS#12 store with `--keystore FILE`".to_owned(),
    }
}

fn pki_hint(error: &PkiError) -> &'static str {
    match error {
        PkiError::Authority(AuthorityError::KeyMismatch) => {
            "name the two that belong together with `--ca-cert` and `--ca-key`"
        }
        PkiError::Authority(AuthorityError::NotACa | AuthorityError::NoKeyCertSign) => {
            "name the certificate of a CA with `--ca-cert`, or make one with `kafka-certgen ca`"
        }
        PkiError::Authority(AuthorityError::NotYetValid(_)) => "look at the clock: `date`",
        PkiError::Authority(_) => "make a new CA with `kafka-certgen ca`",
        PkiError::NameConstraint(_) => "name hosts that the CA may sign for with `--san`",
        PkiError::PublicKey(KeyError::Exponent) => "have the owner make another key, with the exponent 65537",
        PkiError::PublicKey(_) => "have the owner make another key: RSA from 2048 bits, P-256, P-384, P-521 or Ed25519",
        PkiError::Request(RequestError::AltName(_)) => "have the owner ask for names that hosts can have",
        PkiError::Request(RequestError::AsksForCa) => "have the owner make a request without `CA:TRUE`",
        PkiError::Request(_) | PkiError::Signature(_) => "have the owner make a new request",
        PkiError::Draft(_) => "have the owner make a request with a name of its own: `CN=broker1`",
        PkiError::Random(_) => RANDOM,
        _ => "this should not happen: please report it, with the command line but without any secret",
    }
}

fn step_hint(error: &StepError) -> String {
    let hint = match error {
        StepError::AliasTaken(_) => "use another alias, with `--alias`",
        StepError::AlreadyThere(_) => "nothing is left to do",
        StepError::Chain(_) => {
            "the store or the file has a CA of the same name with another key: import the CA that has signed it"
        }
        StepError::KeyMismatch(_) => "make a new key with `kafka-certgen genkey`",
        StepError::NoKey(_, aliases) | StepError::NotOneKey(aliases) if !aliases.is_empty() => {
            let aliases: Vec<String> = aliases.iter().map(|alias| quote(&printable(alias))).collect();
            return format!("use `--alias {}`; private keys have: {}", aliases[0], aliases.join(", "));
        }
        StepError::NoKey(..) | StepError::NotOneKey(_) => {
            "make one with `kafka-certgen genkey --keystore FILE --cn NAME`"
        }
        StepError::NoName => "say how clients reach it: `--san broker1.example.com`; or use `--profile client`",
        StepError::NoIssuer(_) => {
            "import its certificate first: `kafka-certgen import --keystore FILE --alias CARoot --file ca-cert --noprompt`; or put an intermediate behind the reply, in its file"
        }
        StepError::NotForKey(_) => {
            "name the certificate that was signed for this key's own request, or another `--alias`"
        }
        StepError::OutlivesCa { left, .. } => {
            return format!("use `--validity {}` or less, or make a new CA with `kafka-certgen ca`", left.max(&1));
        }
        StepError::Pki(error) => pki_hint(error),
        StepError::PrivateKey(..) => "make another key with `kafka-certgen genkey`",
        StepError::Random(_) => RANDOM,
        StepError::SeveralCertificates(_) => {
            "import them one by one, each under an alias of its own; a chain is imported under the alias of its key"
        }
        StepError::Store(error) => return store_hint(error, "FILE"),
        StepError::SubjectOfCa => {
            "make the request with a name of its own, as in `kafka-certgen certreq --dname CN=broker1`, or another CA"
        }
        StepError::Validity(_) => "use `--validity 365`",
        _ => "see `--help`",
    };
    hint.to_owned()
}

impl From<StepError> for Problem {
    fn from(error: StepError) -> Self {
        match error {
            StepError::Pki(error) => Self::of_pki(&error),
            error => {
                let hint = step_hint(&error);
                Self::with_hint(error, hint)
            }
        }
    }
}

impl From<PkiError> for Problem {
    fn from(error: PkiError) -> Self {
        Self::of_pki(&error)
    }
}

impl From<RandomError> for Problem {
    fn from(error: RandomError) -> Self {
        Self::with_hint(error, RANDOM)
    }
}

impl From<StepError> for Failure {
    fn from(error: StepError) -> Self {
        Problem::from(error).into()
    }
}

impl From<PkiError> for Failure {
    fn from(error: PkiError) -> Self {
        Problem::from(error).into()
    }
}

impl From<StoreFileError> for Failure {
    fn from(error: StoreFileError) -> Self {
        Problem::from(StepError::from(error)).into()
    }
}
