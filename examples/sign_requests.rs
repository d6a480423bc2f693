//! A small CA: signs requests in PEM that come from elsewhere, and says what they asked for and did not get.
//!
//! ```console
//! $ cargo run --example sign_requests                             # a new CA, and a request as another team would send it
//! $ cargo run --example sign_requests -- kafka-certs/ca cert-file  # the CA of a bundle, and a file
//! ```
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "an example shows what it has made")]

use std::error::Error;
use std::fs;
use std::path::Path;

use kafka_certgen::name::SubjectAltName;
use kafka_certgen::name::dn::DistinguishedName;
use kafka_certgen::pipeline::{Environment, steps};
use kafka_certgen::pki::{
    Certificate, CertificateAuthority, CertificateSigningRequest, KeyPair, certificate_pem, read_certificates,
    read_private_key, read_request, request_pem,
};
use kafka_certgen::random::SystemRandom;
use kafka_certgen::secret::Password;
use kafka_certgen::spec::{CaSpec, CertificateProfile, Days, KeyAlgorithm, SigningSpec};
use time::OffsetDateTime;

/// What this CA signs for.
const DOMAIN: &str = ".example.com";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (ca, request) = match arguments.as_slice() {
        [folder, request] => (load_ca(Path::new(folder))?, fs::read(request)?),
        _ => (make_ca()?, request_of_another_team()?.into_bytes()),
    };
    let signed = sign(&ca, &request)?;
    let validity = signed.certificate.validity();
    let names: Vec<String> = signed.certificate.alt_names().iter().map(ToString::to_string).collect();
    eprintln!("granted: {}, until {}", names.join(", "), validity.not_after.date());
    for wish in &signed.not_granted {
        eprintln!("not granted: {wish}");
    }
    print!("{}", certificate_pem(&signed.certificate));
    Ok(())
}

/// Signs for brokers of this domain, for 90 days; what else a request asks for is not granted. Whoever sent it has the key: its signature
/// is checked before anything is signed.
fn sign(ca: &CertificateAuthority, request: &[u8]) -> Result<steps::Signed, Box<dyn Error>> {
    let request = read_request(request)?.verify()?;
    let is_ours =
        |name: &SubjectAltName| matches!(name, SubjectAltName::Dns(name) if name.to_string().ends_with(DOMAIN));
    let mut names: Vec<SubjectAltName> = request.host_names().chain(request.alt_names().iter().cloned()).collect();
    names.retain(is_ours);
    names.dedup();
    let spec = SigningSpec {
        alt_names: Some(names),
        days: Some(Days::new(90)?),
        ..SigningSpec::new(CertificateProfile::BROKER)
    };
    Ok(steps::sign(ca, &request, &spec, None, &environment())?)
}

fn make_ca() -> Result<CertificateAuthority, Box<dyn Error>> {
    let spec = CaSpec { key_algorithm: KeyAlgorithm::EcP256, ..CaSpec::default() };
    // The password is for its file, see `steps::ca_key_file`; here it lives no longer than the program.
    let (ca, _password) = steps::ca(&spec, &environment())?;
    Ok(ca)
}

/// Reads the CA of a bundle. Anybody's would do: PEM or DER, PKCS#8, PKCS#1 or SEC1, encrypted or not.
fn load_ca(folder: &Path) -> Result<CertificateAuthority, Box<dyn Error>> {
    let password = fs::read_to_string(folder.join("ca-key.password"))?;
    let password = Password::new(password.trim_end_matches('\n').to_owned().into())?;
    let key = read_private_key(&fs::read(folder.join("ca-key"))?, Some(&password))?.key;
    let certificates = read_certificates(&fs::read(folder.join("ca-cert"))?)?.into_iter().map(Certificate::from_der);
    let certificates = certificates.collect::<Result<Vec<_>, _>>()?;
    let own = certificates.into_iter().find(|certificate| certificate.is_of_key(&key));
    Ok(CertificateAuthority::new(own.ok_or("no certificate is that of the key")?, key, OffsetDateTime::now_utc())?)
}

/// What would come by mail: a request in PEM, and no private key.
fn request_of_another_team() -> Result<String, Box<dyn Error>> {
    let key = KeyPair::generate(KeyAlgorithm::EcP256)?;
    let subject = DistinguishedName::parse("CN=broker7.example.com,O=Acme")?.to_der()?;
    let names = ["broker7.internal".parse()?, "10.0.0.7".parse()?];
    Ok(request_pem(&CertificateSigningRequest::new(&key, &subject, &names)?))
}

fn environment() -> Environment<'static> {
    Environment::new(OffsetDateTime::now_utc(), &SystemRandom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_does_what_it_says() {
        let (ca, request) = (make_ca().unwrap(), request_of_another_team().unwrap());
        let signed = sign(&ca, request.as_bytes()).unwrap();
        assert_eq!(signed.certificate.alt_names(), ["broker7.example.com".parse().unwrap()]);
        assert_eq!(signed.not_granted, ["DNS name broker7.internal", "IP address 10.0.0.7"]);
        assert!(signed.certificate.check_signature_by(ca.certificate()).is_ok());
        assert!(sign(&ca, b"no request").is_err());
    }

    #[test]
    fn a_ca_that_was_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let (ca, password) = steps::ca(&CaSpec::default(), &environment()).unwrap();
        let key = steps::ca_key_file(&ca, &password, &environment()).unwrap();
        fs::write(folder.path().join("ca-key"), key).unwrap();
        fs::write(folder.path().join("ca-key.password"), format!("{}\n", password.expose())).unwrap();
        fs::write(folder.path().join("ca-cert"), certificate_pem(ca.certificate())).unwrap();
        assert_eq!(load_ca(folder.path()).unwrap().certificate(), ca.certificate());
    }
}
