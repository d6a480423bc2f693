//! OpenSSL, two JDKs and Go judge certificates; and what is in them is compared with the request.

use std::fs;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::prelude::{FromDer, X509Certificate, X509CertificationRequest};

use super::{Authority, Request, SOURCES, Signer, WORKSHOP, go, text};
use crate::support::command::{Finished, command};
use crate::support::jdk::Jdk;
use crate::support::threads;

/// Of a critical basicConstraints without `cA`, keyUsage, extKeyUsage, the two key identifiers and subjectAltName.
const OURS: [&str; 6] = ["2.5.29.19", "2.5.29.15", "2.5.29.37", "2.5.29.14", "2.5.29.35", "2.5.29.17"];

/// A certificate that was issued.
#[derive(Clone, Debug)]
pub(super) struct Issued<'a> {
    pub(super) file: PathBuf,
    pub(super) request: &'a Request,
    pub(super) authority: &'a Authority,
    pub(super) signer: Signer,
}

impl Issued<'_> {
    /// Returns host names and addresses that the certificate is good for.
    fn hosts(&self) -> impl Iterator<Item = String> {
        self.request.alt_names.iter().map(|name| name.split_once(':').unwrap().1.replace('*', "any"))
    }
}

/// Returns all that speaks against each certificate, a line each.
pub(super) fn judge(issued: &[Issued<'_>]) -> Vec<Vec<String>> {
    let mut complaints = threads::map(issued, |issued| [compare(issued), ask_openssl(issued)].concat());
    let verdicts = threads::map(&["java 17", "newer java", "go"], |judge| {
        let folder = issued[0].file.parent().unwrap().file_name().unwrap();
        let lines = WORKSHOP.join(format!("{judge} judges {}", folder.display()));
        fs::write(&lines, issued.iter().map(line).collect::<String>()).unwrap();
        let verify = format!("{SOURCES}/Verify.java");
        let verdicts = match *judge {
            "java 17" => Finished::of(Jdk::of_17().java().arg(verify).arg(lines)),
            "newer java" => Finished::of(Jdk::newer().java().arg(verify).arg(lines)),
            _ => Finished::of(&mut command(VERIFY.as_path(), [&lines])),
        };
        let verdicts = verdicts.successfully();
        assert_eq!(verdicts.stdout.lines().count(), issued.len(), "{verdicts}");
        let verdicts = issued.iter().zip(verdicts.stdout.lines());
        verdicts.map(|(issued, verdict)| Some(format!("{judge}: {}", complaint(issued, verdict)?))).collect::<Vec<_>>()
    });
    for verdicts in verdicts {
        complaints.iter_mut().zip(verdicts).for_each(|(complaints, verdict)| complaints.extend(verdict));
    }
    for (issued, complaints) in issued.iter().zip(&mut complaints) {
        let title = format!("{} by {}", issued.request.name, issued.authority.name);
        for complaint in complaints {
            *complaint = format!("{title}: {complaint}");
        }
    }
    complaints
}

/// Go's judge.
static VERIFY: LazyLock<PathBuf> = LazyLock::new(|| go("verify.go"));

/// Returns what the judges that are asked about all at once read of a certificate.
fn line(issued: &Issued<'_>) -> String {
    let authority = issued.authority;
    let intermediates: Vec<_> = authority.intermediates.iter().map(|file| text(file)).collect();
    let hosts = issued.hosts().collect::<Vec<_>>().join(",");
    let (root, file) = (text(&authority.root), text(&issued.file));
    format!("{root}\t{}\t{file}\t{hosts}\n", intermediates.join(","))
}

/// Returns what such a judge has against a certificate: "server TAB client TAB names".
fn complaint(issued: &Issued<'_>, verdict: &str) -> Option<String> {
    let fields: Vec<_> = verdict.split('\t').collect();
    let mut names: Vec<_> = fields[2].split(',').filter(|name| !name.is_empty()).map(normalized).collect();
    names.sort_unstable();
    let is_good = (fields[0] == "good") == issued.request.profile.is_server()
        && fields[1] == "good"
        && names == expected_names(issued.request);
    (!is_good).then(|| verdict.to_owned())
}

/// Returns a name with its address, if it is one, as all others write it.
fn normalized(name: &str) -> String {
    match name.strip_prefix("ip:").map(str::parse::<IpAddr>) {
        Some(Ok(address)) => format!("ip:{address}"),
        _ => name.to_owned(),
    }
}

fn expected_names(request: &Request) -> Vec<String> {
    let mut names: Vec<_> = request.alt_names.iter().map(|name| normalized(name)).collect();
    names.sort_unstable();
    names
}

/// Returns what OpenSSL has against a certificate.
fn ask_openssl(issued: &Issued<'_>) -> Vec<String> {
    let authority = issued.authority;
    let verify = |arguments: &[&str]| {
        let mut verify = command("openssl", ["verify", "-CAfile"]);
        verify.arg(&authority.root).args(arguments);
        for intermediate in &authority.intermediates {
            verify.arg("-untrusted").arg(intermediate);
        }
        Finished::of(verify.arg(&issued.file))
    };
    // A CA with faults of its own is refused for them, and for nothing else.
    let strictness: &[&str] = if authority.faults.is_empty() { &["-x509_strict"] } else { &[] };
    let (addresses, hosts): (Vec<_>, Vec<_>) = issued.hosts().partition(|host| host.parse::<IpAddr>().is_ok());
    let mut names = Vec::new();
    names.extend(hosts.first().into_iter().flat_map(|host| ["-verify_hostname", host]));
    names.extend(addresses.first().into_iter().flat_map(|address| ["-verify_ip", address]));
    let expected = [("sslserver", issued.request.profile.is_server()), ("sslclient", true)];
    let mut complaints = Vec::new();
    for (purpose, is_good) in expected {
        let verdict = verify(&[strictness, &names, &["-purpose", purpose]].concat());
        if verdict.status.success() != is_good {
            complaints.push(format!("openssl: {verdict}"));
        }
    }
    if !authority.faults.is_empty() {
        let verdict = verify(&["-x509_strict"]);
        let errors: Vec<_> = verdict.stderr.lines().filter(|line| line.contains(" depth lookup: ")).collect();
        let is_fault = |error: &&str| authority.faults.iter().any(|fault| error.ends_with(fault));
        if errors.is_empty() || !errors.iter().all(is_fault) {
            complaints.push(format!("openssl, which should find {:?}: {verdict}", authority.faults));
        }
    }
    complaints
}

/// Returns how a certificate differs from what the request and the profile make of it.
fn compare(issued: &Issued<'_>) -> Vec<String> {
    let (certificate_der, ca_der) = (certificate(&issued.file), certificate(issued.authority.issuer()));
    let request_der = request(&issued.request.file);
    let (rest, certificate) = X509Certificate::from_der(&certificate_der).unwrap();
    assert_eq!(rest, b"");
    let ca = X509Certificate::from_der(&ca_der).unwrap().1;
    let request = X509CertificationRequest::from_der(&request_der).unwrap().1.certification_request_info;

    let mut complaints = compare_extensions(issued, &certificate);
    let mut check = |holds: bool, complaint: &str| {
        if !holds {
            complaints.push(complaint.to_owned());
        }
    };
    check(certificate.subject().as_raw() == request.subject.as_raw(), "another subject");
    check(certificate.public_key().raw == request.subject_pki.raw, "another public key");
    check(certificate.issuer().as_raw() == ca.subject().as_raw(), "another issuer");
    check(certificate.version().0 == 2, "not version 3");
    check(certificate.validity().not_after <= ca.validity().not_after, "it outlives its CA");
    if issued.signer == Signer::Ours {
        let serial = certificate.raw_serial();
        check(serial.len() == 17 && serial[0] == 1, "the serial number is not of our kind");
    }
    complaints
}

fn compare_extensions(issued: &Issued<'_>, certificate: &X509Certificate<'_>) -> Vec<String> {
    let mut complaints = Vec::new();
    let mut alt_names = Vec::new();
    let (mut has_constraints, mut has_usages, mut has_key_usage) = (false, false, false);
    for extension in certificate.extensions() {
        let id = extension.oid.to_id_string();
        if !OURS.contains(&id.as_str()) {
            complaints.push(format!("it has an extension {id}"));
        }
        match extension.parsed_extension() {
            ParsedExtension::BasicConstraints(constraints) => {
                has_constraints = extension.critical && !constraints.ca && constraints.path_len_constraint.is_none();
            }
            ParsedExtension::KeyUsage(usage) => {
                let is_rsa = certificate
                    .public_key()
                    .parsed()
                    .is_ok_and(|key| matches!(key, x509_parser::public_key::PublicKey::RSA(_)));
                // Bit 0 is digitalSignature, bit 2 keyEncipherment, which only RSA can do.
                let others = if is_rsa { !0b101 } else { !0b001 };
                has_key_usage = extension.critical && usage.digital_signature() && usage.flags & others == 0;
            }
            ParsedExtension::ExtendedKeyUsage(usage) => {
                let others = usage.any
                    || usage.code_signing
                    || usage.email_protection
                    || usage.time_stamping
                    || usage.ocsp_signing
                    || !usage.other.is_empty();
                has_usages = usage.client_auth && usage.server_auth == issued.request.profile.is_server() && !others;
            }
            ParsedExtension::SubjectAlternativeName(names) => {
                alt_names = names.general_names.iter().map(general_name).collect();
            }
            _ => {}
        }
    }
    alt_names.sort_unstable();
    let expected = expected_names(issued.request);
    if alt_names != expected {
        complaints.push(format!("it has the names {alt_names:?}, not {expected:?}"));
    }
    let has = [(has_constraints, "basicConstraints"), (has_usages, "extKeyUsage"), (has_key_usage, "keyUsage")];
    complaints.extend(has.iter().filter(|(has, _)| !has).map(|(_, name)| format!("{name} is not as it must be")));
    complaints
}

fn general_name(name: &GeneralName<'_>) -> String {
    match name {
        GeneralName::DNSName(name) => format!("dns:{name}"),
        GeneralName::IPAddress(octets) => match (<[u8; 4]>::try_from(*octets), <[u8; 16]>::try_from(*octets)) {
            (Ok(octets), _) => format!("ip:{}", IpAddr::from(octets)),
            (_, Ok(octets)) => format!("ip:{}", IpAddr::from(octets)),
            _ => format!("{name:?}"),
        },
        _ => format!("{name:?}"),
    }
}

/// Returns the DER of the request that OpenSSL reads in a file.
pub(super) fn request(file: &Path) -> Vec<u8> {
    let form = if file.extension().is_some_and(|extension| extension == "der") { "DER" } else { "PEM" };
    let output = command("openssl", ["req", "-outform", "DER", "-inform", form, "-in"]).arg(file).output().unwrap();
    assert!(output.status.success(), "{}: {}", file.display(), String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// Returns the DER of the only certificate in a PEM file.
pub(super) fn certificate(file: &Path) -> Vec<u8> {
    let blocks = pem::parse_many(fs::read(file).unwrap()).unwrap();
    assert!(blocks.len() == 1 && blocks[0].tag() == "CERTIFICATE", "{}", file.display());
    blocks[0].contents().to_vec()
}
