//! What went wrong in a handshake or before it, with its hint.

use std::path::Path;

use anyhow::anyhow;
use kafka_certgen::handshake::live::{Finding, Target, TargetError};
use kafka_certgen::handshake::{
    Details, EndpointError, FailedCheck, Failure as StepFailure, HandshakeError, Party, Transcript, Withheld,
};
use kafka_certgen::keystore::{ClosedReason, KeyState, SurveyError};
use kafka_certgen::name::printable;
use kafka_certgen::spec::StoreFormat;
use kafka_certgen::verify;
use kafka_certgen::verify::acceptance::Reason;

use super::{FAULTS, Failure, Problem, shown};
use crate::report::quote;

impl Problem {
    /// A step of a handshake that failed.
    pub(crate) fn of_step(failure: &StepFailure, transcript: &Transcript) -> Self {
        let StepFailure { step, by, check, message, .. } = failure;
        let other = if *by == Party::Broker { "client's" } else { "broker's" };
        let what = match check {
            FailedCheck::Certificate(_) => format!("does not accept the {other} certificate ({})", check.name()),
            FailedCheck::HandshakeSignature => "got a certificate whose key the other end does not have".to_owned(),
            FailedCheck::NoCommonProtocol => "speaks no version of TLS that the client offers".to_owned(),
            FailedCheck::NoCommonCipherSuite => "finds nothing in the client's offer that it can use".to_owned(),
            FailedCheck::NoCommonSignatureScheme => "has a key that the client takes no signature of".to_owned(),
            FailedCheck::NoClientCertificate => "requires a certificate, and the client has sent none".to_owned(),
            _ => "breaks off".to_owned(),
        };
        let error = anyhow!(printable(message)).context(format!("step {step} failed: the {by} {what}"));
        Self { error, hint: Some(step_hint(failure, transcript)), status: FAULTS }
    }

    /// Stores that make no end of a connection; `flag` is the one of the password that does not fit, if it is that.
    pub(crate) fn of_endpoint(error: &EndpointError, path: &Path, alias_flag: &str, flag: &str) -> Self {
        let file = shown(path);
        let password = || format!("give the right password with `{flag} file:PATH`");
        let hint = match error {
            EndpointError::Unreadable { error: SurveyError::WrongPasswordOrDamaged, .. }
            | EndpointError::Closed { reason: ClosedReason::WrongPassword | ClosedReason::NoPassword, .. } => {
                password()
            }
            EndpointError::KeyClosed { state: KeyState::WrongPassword, .. } => {
                format!("give the key's own password with `{flag} file:PATH`")
            }
            EndpointError::NotOneKey { found, .. } => {
                let aliases: Vec<String> = found.iter().map(|alias| quote(&printable(alias))).collect();
                match aliases.first() {
                    Some(first) => format!("use `{alias_flag} {first}`; private keys have: {}", aliases.join(", ")),
                    None => "name the keystore, and not the truststore".to_owned(),
                }
            }
            EndpointError::NoCertificate { .. } => format!(
                "bring in what the CA has signed: `kafka-certgen import --keystore {file} --alias ALIAS --file cert-signed`"
            ),
            _ => format!("look at it: `kafka-certgen inspect {file}`"),
        };
        Self::with_hint(anyhow!(error.to_string()), hint)
    }

    /// A properties file with stores that Kafka may read, and this program does not.
    pub(crate) fn of_configured(error: &EndpointError) -> Self {
        match error {
            EndpointError::Closed { reason: ClosedReason::NoPassword, .. }
            | EndpointError::KeyClosed { state: KeyState::NoPassword, .. } => Self::with_hint(
                anyhow!(error.to_string()),
                "name the stores and the passwords themselves: `--keystore FILE --truststore FILE --storepass file:PATH`",
            ),
            error => Self::of_endpoint(error, Path::new(error.store()), "--alias", "--keypass"),
        }
    }

    /// Files in PEM that make no client.
    pub(crate) fn of_pem_end(error: &EndpointError) -> Self {
        let hint = match error {
            EndpointError::KeyClosed { state: KeyState::NoPassword | KeyState::WrongPassword, .. } => {
                "give the right password with `--keypass file:PATH`"
            }
            EndpointError::NotOneKey { .. } | EndpointError::KeyClosed { .. } => {
                "name the file with the private key, in PEM: `--key FILE`"
            }
            EndpointError::NoCertificate { .. } => "name the file with the certificate: `--cert FILE`",
            _ => "name files in PEM; stores are named with `--keystore FILE` and `--truststore FILE`",
        };
        let error = match error {
            EndpointError::NoCertificate { store, .. } => anyhow!("--cert: {}: no certificate", printable(store)),
            error => anyhow!(error.to_string()),
        };
        Self::with_hint(error, hint)
    }

    /// A file that a flag names for its certificates, and that has none.
    pub(crate) fn no_certificate_in(flag: &str, path: &Path) -> Self {
        let error = anyhow!("{flag}: {}: no certificate that can be read", shown(path));
        Self::with_hint(error, "name a file with certificates in PEM; a store is named with `--truststore FILE`")
    }

    /// A text that is nothing to connect to.
    pub(crate) fn of_target(text: &str, error: &TargetError) -> Self {
        let typed = quote(&printable(text));
        let is_path = text.contains('/') && !text.contains("://");
        match error {
            TargetError::NoPort(_) if is_path => Self::usage(
                anyhow!("there is no folder `{}`", printable(text)),
                "name the folder that `kafka-certgen init` has made, or connect to a broker: `kafka-certgen handshake broker1:9093`",
            ),
            TargetError::NotHost(host) if !host.is_ascii() => Self::usage(
                anyhow!(error.to_string()),
                "write it as DNS has it, in ASCII: such a name begins with `xn--` there",
            ),
            TargetError::NotHost(host) if host.contains('%') => {
                Self::usage(anyhow!(error.to_string()), "addresses with a zone are not connected to: use one without")
            }
            TargetError::NoPort(_) if text.contains(':') => Self::usage(
                anyhow!(error.to_string()),
                "write the port as a number from 1 to 65535, as in `kafka-certgen handshake broker1:9093`",
            ),
            TargetError::NoPort(_) => Self::usage(
                anyhow!("`{}` is no folder of a bundle, and it has no port to connect to", printable(text)),
                format!("add the port, as in `kafka-certgen handshake {typed}:9093`"),
            ),
            _ => Self::usage(anyhow!(error.to_string()), "write it as in `kafka-certgen handshake broker1:9093`"),
        }
    }

    /// An IPv6 address, of which nobody can tell where it ends and the port begins.
    pub(crate) fn bare_ipv6(address: &str) -> Self {
        let error = anyhow!("`{address}` is an IPv6 address, and one cannot tell it from its port");
        Self::usage(error, format!("write it in brackets: `kafka-certgen handshake '[{address}]:9093'`"))
    }

    /// A broker that could not even be tried.
    pub(crate) fn of_live(target: &Target, error: HandshakeError) -> Self {
        match error {
            HandshakeError::Host(_) => Self::usage(
                anyhow!(error.to_string()),
                "write it as in `kafka-certgen handshake broker1.example.com:9093`",
            ),
            error => {
                let problem = Self::from(error);
                Self { error: problem.error.context(format!("{target} was not connected to")), ..problem }
            }
        }
    }

    /// Something that is wrong with a broker or its client, where there is no page that it stands on.
    pub(crate) fn of_finding(place: &str, finding: &Finding) -> Self {
        let verify::Finding { check, found, fix, .. } = &finding.finding;
        let error = anyhow!("{}: {}: {found}", printable(place), check.code);
        Self { error, hint: Some(fix.clone()), status: FAULTS }
    }

    /// An identity that is not in the bundle.
    pub(crate) fn no_member(flag: &str, name: Option<&str>, folder: &Path, names: &[&str]) -> Self {
        let folder = shown(folder);
        let error = match name {
            Some(name) => anyhow!("{flag}: there is no `{}` in {folder}", printable(name)),
            None => anyhow!("there is no broker in {folder}"),
        };
        match names {
            [] => Self::usage(error, "make a bundle with `kafka-certgen init --cn broker1`"),
            [first, ..] => Self::usage(error, format!("use `{flag} {first}`; there are: {}", names.join(", "))),
        }
    }

    /// An identity that has no stores of a format.
    pub(crate) fn no_stores(folder: &Path, name: &str, format: Option<StoreFormat>) -> Self {
        let what = format.map_or_else(String::new, |format| format!(" {}", format.kafka_type()));
        let error = anyhow!("`{}` in {} has no{what} keystore and truststore", printable(name), shown(folder));
        Self::usage(error, "leave `--format` out, or name one that the bundle was made with")
    }
}

/// Says what can be done about a step that failed.
fn step_hint(failure: &StepFailure, transcript: &Transcript) -> String {
    let host = quote(&printable(&transcript.host));
    let (its, other) = match failure.by {
        Party::Broker => ("broker's", "client's"),
        Party::Client => ("client's", "broker's"),
    };
    match failure.check {
        FailedCheck::Certificate(Reason::UnknownAuthority | Reason::Signature) => trust_hint(its, other),
        FailedCheck::NoClientCertificate if has_kept_it(transcript) => trust_hint(its, other),
        FailedCheck::Certificate(Reason::HostName) => format!(
            "connect to a name that the certificate has, or have one signed with all its names: `kafka-certgen sign --in cert-file --out cert-signed --san NAME --san {host}`"
        ),
        FailedCheck::Certificate(Reason::Expired) => {
            format!("have a new certificate signed for the {other} key: `kafka-certgen certreq`, `kafka-certgen sign`")
        }
        FailedCheck::Certificate(Reason::NotYetValid) => "look at the clock: `date`".to_owned(),
        FailedCheck::Certificate(Reason::ExtendedKeyUsage) => {
            let profile = if failure.by == Party::Client { "broker" } else { "client" };
            format!("have the {other} certificate signed for this use: `kafka-certgen sign --profile {profile}`")
        }
        FailedCheck::HandshakeSignature => {
            format!("put the certificate that was signed for the {other} own key into its keystore: `kafka-certgen import`")
        }
        FailedCheck::NoCommonProtocol => {
            "give both a version in common, as Kafka's default `ssl.enabled.protocols=TLSv1.2,TLSv1.3` does: `--broker-tls 1.2,1.3`"
                .to_owned()
        }
        FailedCheck::NoClientCertificate => {
            "give the client a keystore that a CA of the broker's truststore has signed, or let the broker ask for none: `--client-auth none`"
                .to_owned()
        }
        FailedCheck::Certificate(Reason::WeakKey | Reason::UnsupportedAlgorithm) => {
            format!("make another {other} key: `kafka-certgen genkey --key-alg rsa-2048`")
        }
        FailedCheck::Certificate(_) => format!(
            "have the {other} key signed again, for a certificate that every stack takes: `kafka-certgen certreq`, `kafka-certgen sign`"
        ),
        _ => "try the other version, with `--tls 1.2` or `--tls 1.3`".to_owned(),
    }
}

fn trust_hint(its: &str, other: &str) -> String {
    format!(
        "import the CA that has signed the {other} certificate into the {its} truststore: `kafka-certgen import --truststore FILE --alias CARoot --file ca-cert`"
    )
}

/// Says whether the client has a certificate that it did not send, because the broker does not know its CA.
fn has_kept_it(transcript: &Transcript) -> bool {
    transcript.steps.iter().any(|step| {
        matches!(&step.details, Details::ClientCertificate(facts) if facts.withheld == Some(Withheld::NoNamedIssuer))
    })
}

impl From<HandshakeError> for Problem {
    fn from(error: HandshakeError) -> Self {
        let hint = match &error {
            HandshakeError::Host(_) => "give a name or an address, as in `--host broker1.example.com`",
            HandshakeError::Key(..) => "make another key: `kafka-certgen genkey --key-alg rsa-2048`",
            HandshakeError::NoBrokerKey => "name a keystore with a private key: `--keystore FILE`",
            HandshakeError::ChainTooLarge(..) => "leave only the leaf and what has signed it in the keystore",
            _ => "this should not happen: please report it, with the command line but without any secret",
        };
        match error {
            HandshakeError::Host(_) => Self::usage(error, hint),
            _ => Self::failed(error, Some(hint)),
        }
    }
}

impl From<HandshakeError> for Failure {
    fn from(error: HandshakeError) -> Self {
        Problem::from(error).into()
    }
}
