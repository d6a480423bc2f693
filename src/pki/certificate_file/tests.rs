use std::fs;
use std::path::Path;

use super::*;

fn fixture(name: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/certificates_foreign").join(name)).unwrap()
}

fn text(name: &str) -> String {
    String::from_utf8(fixture(name)).unwrap()
}

/// The common names of what is read, in its order.
fn names(file: &[u8]) -> Result<Vec<String>, CertificateFileError> {
    let certificates = read_certificates(file)?;
    let name = |der: &Vec<u8>| {
        let (_, certificate) = X509Certificate::from_der(der).unwrap();
        certificate.subject().iter_common_name().next().unwrap().as_str().unwrap().to_owned()
    };
    Ok(certificates.iter().map(name).collect())
}

#[test]
fn certificates_of_openssl_and_keytool_are_read_in_all_their_forms() {
    let (leaf, ca) = ("broker1", "Root CA");
    for (name, expected) in [
        ("openssl.der", vec![leaf]),
        ("openssl-chain.pem", vec![leaf, ca]),
        ("openssl-text.pem", vec![ca]),
        ("openssl-trusted.pem", vec![ca]),
        ("openssl.p7b", vec![leaf, ca]),
        ("openssl.p7b.pem", vec![leaf, ca]),
        ("microsoft-p7b.pem", vec![leaf, ca]),
        ("openssl-cms.pem", vec![leaf, ca]),
        ("openssl-pkcs12.pem", vec![leaf, ca]),
        ("keytool.pem", vec![leaf]),
        ("keytool.der", vec![leaf]),
        ("keytool-list.txt", vec![leaf]),
    ] {
        assert_eq!(names(&fixture(name)), Ok(expected.into_iter().map(str::to_owned).collect()), "{name}");
    }
}

#[test]
fn a_trusted_certificate_is_cut_to_the_certificate() {
    let [ca] = read_certificates(&fixture("openssl-text.pem")).unwrap().try_into().unwrap();
    assert_eq!(read_certificates(&fixture("openssl-trusted.pem")).unwrap(), [ca]);
    // Under another label nothing may follow.
    let mislabelled = text("openssl-trusted.pem").replace("TRUSTED CERTIFICATE", "CERTIFICATE");
    let malformed = CertificateFileError::Malformed(FileContent::Certificate);
    assert_eq!(read_certificates(mislabelled.as_bytes()), Err(malformed));
}

#[test]
fn a_certificate_is_read_once_and_the_order_is_kept() {
    let (chain, ca) = (text("openssl-chain.pem"), text("openssl-text.pem"));
    assert_eq!(names(format!("{ca}{chain}{chain}").as_bytes()).unwrap(), ["Root CA", "broker1"]);
    let old_label = chain.replace("CERTIFICATE", "X509 CERTIFICATE");
    assert_eq!(names(format!("\u{feff}{old_label}").replace('\n', "\r\n").as_bytes()).unwrap(), ["broker1", "Root CA"]);
}

#[test]
fn a_file_without_a_certificate_says_what_it_holds() {
    for (name, content) in [
        ("certificates_foreign/openssl-request.pem", FileContent::Request),
        ("certificates_foreign/openssl-request.der", FileContent::Request),
        ("certificates_foreign/openssl-crl.pem", FileContent::RevocationList),
        ("certificates_foreign/openssl-crl-only.p7b.pem", FileContent::Pkcs7),
        ("certificates_foreign/openssl-public.pem", FileContent::PublicKey),
        ("certificates_foreign/openssl.p12", FileContent::Pkcs12),
        ("certificates_foreign/keytool.jks", FileContent::Jks),
        ("keys_foreign/go-rsa-pkcs8.pem", FileContent::PrivateKey),
        ("keys_foreign/openssl-rsa-pkcs1.der", FileContent::PrivateKey),
        ("keys_foreign/openssl-ec-p256-sec1.der", FileContent::PrivateKey),
        ("keys_foreign/openssl-rsa-pbes2.pem", FileContent::EncryptedPrivateKey),
        ("keys_foreign/keytool-17-rsa-2048.p8", FileContent::EncryptedPrivateKey),
    ] {
        let refused = read_certificates(&fixture(&format!("../{name}")));
        assert_eq!(refused, Err(CertificateFileError::NoCertificate(content)), "{name}");
    }
    assert_eq!(read_certificates(b""), Err(CertificateFileError::NoCertificate(FileContent::Empty)));
    assert_eq!(read_certificates(b"0"), Err(CertificateFileError::NoCertificate(FileContent::Unknown)));
}

#[test]
fn damaged_certificates_are_refused() {
    let chain = text("openssl-chain.pem");
    let end = "-----END CERTIFICATE-----";
    let truncated = Err(CertificateFileError::File(FileError::Truncated(FileContent::Certificate)));
    assert_eq!(read_certificates(chain.trim_end().trim_end_matches(end).as_bytes()), truncated);
    assert_eq!(read_certificates(chain.replacen(end, "", 1).as_bytes()), truncated);
    let malformed = Err(CertificateFileError::Malformed(FileContent::Certificate));
    for body in ["", "AAAA", "MAA="] {
        let file = format!("{chain}-----BEGIN CERTIFICATE-----\n{body}\n{end}\n");
        assert_eq!(read_certificates(file.as_bytes()), malformed, "{body}");
    }
    let pkcs7 = format!("-----BEGIN PKCS7-----\nMAA=\n-----END PKCS7-----\n{chain}");
    assert_eq!(read_certificates(pkcs7.as_bytes()), Err(CertificateFileError::Malformed(FileContent::Pkcs7)));
    for name in ["openssl.der", "openssl.p7b"] {
        let der = fixture(name);
        for length in 0..der.len() {
            assert!(read_certificates(&der[..length]).is_err(), "{name} {length}");
        }
        assert!(read_certificates(&[&der, [0].as_slice()].concat()).is_err(), "{name}");
    }
}

#[test]
fn a_file_has_bounds() {
    let large = vec![b' '; foreign::MAX_FILE + 1];
    let refused = Err(CertificateFileError::File(FileError::TooLarge(foreign::MAX_FILE + 1)));
    assert_eq!(read_certificates(&large), refused);
    // The smallest certificate many times, each with another serial number.
    let der = fixture("openssl.der");
    let mut certificates = Certificates::default();
    for serial in 0..1000_u16 {
        certificates.add_one(&with_serial(&der, serial)).unwrap();
    }
    assert_eq!(certificates.add_one(&with_serial(&der, 7)), Ok(()), "it is known");
    let refused = certificates.add_one(&with_serial(&der, 1000));
    assert_eq!(refused, Err(CertificateFileError::TooManyCertificates));
}

fn with_serial(der: &[u8], serial: u16) -> Vec<u8> {
    let mut der = der.to_vec();
    let (_, certificate) = X509Certificate::from_der(&der).unwrap();
    let raw = certificate.raw_serial().to_vec();
    let at = der.windows(raw.len()).position(|window| window == raw).unwrap();
    der[at + 1..at + 3].copy_from_slice(&serial.to_be_bytes());
    der
}

#[test]
fn requests_of_openssl_and_keytool_are_read() {
    let der = fixture("openssl-request.der");
    for name in ["openssl-request.der", "openssl-request.pem", "openssl-request-new.pem", "openssl-request-text.pem"] {
        assert_eq!(read_request_der(&fixture(name)).as_ref(), Ok(&der), "{name}");
    }
    let windows = format!("\u{feff}{}", text("openssl-request.pem").replace('\n', "\r\n"));
    assert_eq!(read_request_der(windows.as_bytes()), Ok(der));
    let keytool = read_request_der(&fixture("keytool-request.pem")).unwrap();
    let (_, request) = X509CertificationRequest::from_der(&keytool).unwrap();
    assert_eq!(request.certification_request_info.subject.to_string(), "CN=broker1");
    // The key that was made with it may be in the same file.
    let with_key = [fixture("../keys_foreign/go-ed25519.pem"), fixture("openssl-request.pem")].concat();
    assert!(read_request_der(&with_key).is_ok());
}

#[test]
fn what_is_no_request_is_refused() {
    let pem = text("openssl-request.pem");
    let refused = |file: &[u8]| read_request_der(file).unwrap_err();
    assert_eq!(refused(pem.repeat(2).as_bytes()), CertificateFileError::SeveralRequests(2));
    assert_eq!(refused(&fixture("openssl.der")), CertificateFileError::NoRequest(FileContent::Certificate));
    assert_eq!(refused(&fixture("openssl-chain.pem")), CertificateFileError::NoRequest(FileContent::Certificate));
    assert_eq!(refused(b"hello"), CertificateFileError::NoRequest(FileContent::Unknown));
    let truncated = CertificateFileError::File(FileError::Truncated(FileContent::Request));
    assert_eq!(refused(&pem.as_bytes()[..pem.len() - 10]), truncated);
    let certificate = text("keytool.pem").replace("CERTIFICATE", "CERTIFICATE REQUEST");
    assert_eq!(refused(certificate.as_bytes()), CertificateFileError::Malformed(FileContent::Request));
    // Attributes that are longer than what they are in.
    let mut overlong = fixture("openssl-request.der");
    let attributes = overlong.windows(4).position(|window| window == [0xA0, 0x00, 0x30, 0x05]).unwrap();
    overlong[attributes + 1] = 1;
    assert!(matches!(X509CertificationRequest::from_der(&overlong), Ok(([], _))), "x509-parser is not so lax any more");
    let overlong = pem::encode(&pem::Pem::new("CERTIFICATE REQUEST", overlong));
    assert_eq!(refused(overlong.as_bytes()), CertificateFileError::Malformed(FileContent::Request));
    let der = fixture("openssl-request.der");
    for length in 0..der.len() {
        assert!(read_request_der(&der[..length]).is_err(), "{length}");
    }
    assert!(read_request_der(&[&der, [0].as_slice()].concat()).is_err());
}
