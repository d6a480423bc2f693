//! A store of ours with any byte changed, or cut anywhere: it is never found clean with another key or certificate in it.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use kafka_certgen::keystore::StoreSurvey;
use kafka_certgen::pki::{DecodedCertificate, read_certificates};
use kafka_certgen::secret::Password;
use kafka_certgen::verify::load::{self, Passwords};
use kafka_certgen::verify::material::{Case, Key, Material, PasswordFacts, Purpose};
use kafka_certgen::verify::pem::PemFile;
use kafka_certgen::verify::{Terms, judge};
use time::{Duration, OffsetDateTime};

use crate::bench::{Bench, password};
use crate::threads;

/// What TLS would use of a case: certificates, and public keys of the private ones.
fn used(case: &Case) -> Vec<Vec<u8>> {
    let stores = case.parties.iter().flat_map(|party| party.keystores.iter().chain(&party.truststores));
    let mut used = Vec::new();
    for store in stores {
        for entry in &store.keys {
            used.extend(entry.chain.iter().map(|certificate| certificate.as_der().to_vec()));
            if let Key::Open { public_key: Some(key) } = &entry.key {
                used.push(key.clone());
            }
        }
        used.extend(store.trusted.iter().map(|entry| entry.certificate.as_der().to_vec()));
    }
    let bundle = case.bundle.as_ref().unwrap();
    let single = bundle.identities.iter().filter_map(|files| files.certificate.as_ref()?.1.as_ref().ok());
    used.extend(single.chain(bundle.ca_certificate.as_ref().ok()).map(|certificate| certificate.as_der().to_vec()));
    used
}

/// Puts other bytes into the place of one file.
fn replace(case: &mut Case, file: &str, bytes: &[u8], store_password: &Password) {
    let one = || {
        let ders = read_certificates(bytes).map_err(|error| error.to_string())?;
        let [der] = ders.as_slice() else { return Err("not one certificate".to_owned()) };
        DecodedCertificate::from_der(der).map_err(|error| error.to_string())
    };
    let read = |old: &Material| {
        let pem = PemFile::read(bytes, old.purpose, None)
            .filter(|_| !bytes.starts_with(&[0x30]) && !bytes.starts_with(&[0xFE, 0xED]));
        if let Some(pem) = pem {
            return Material::of_pem(old.label.clone(), old.purpose, PasswordFacts::default(), pem);
        }
        let facts = PasswordFacts::of(Some(store_password), None);
        let survey = StoreSurvey::read(bytes, Some(store_password), None);
        Material::of_survey(old.label.clone(), old.purpose, facts, survey)
    };
    let bundle = case.bundle.as_mut().unwrap();
    if file.ends_with("cert-signed") {
        bundle.identities[0].certificate.as_mut().unwrap().1 = one();
    } else if file.ends_with("ca-cert") {
        bundle.ca_certificate = one();
    } else {
        let party = &mut case.parties[0];
        let store = party.keystores.iter_mut().chain(&mut party.truststores).find(|store| store.label == file).unwrap();
        assert_eq!(store.purpose == Purpose::Keystore, file.contains("keystore"));
        *store = Arc::new(read(store));
    }
}

#[test]
fn no_changed_byte_and_no_cut_passes_as_good_with_another_key_or_certificate() {
    // Each mutant of a PKCS#12 store costs a derivation of its key.
    tamper(|file| if is_pkcs12(file) { 37 } else { 1 });
}

#[test]
#[ignore = "needs some minutes"]
fn no_byte_of_pkcs12_passes_either() {
    tamper(|file| if is_pkcs12(file) { 1 } else { 37 });
}

fn is_pkcs12(file: &str) -> bool {
    Path::new(file).extension().is_some_and(|extension| extension == "p12")
}

/// Changes every byte, or one in so many, and cuts before it.
fn tamper(stride: fn(&str) -> usize) {
    let bench = Bench::new();
    bench.bundle(&["--format", "jks,pkcs12,pem"]);
    let folder = bench.path("kafka-certs");
    let store_password = password(String::from_utf8(bench.read("kafka-certs/broker1/password")).unwrap().trim_end());
    let names = ["kafka.server.keystore", "kafka.server.truststore"];
    let stores = names.iter().flat_map(|name| ["jks", "p12", "pem"].map(|kind| format!("broker1/{name}.{kind}")));
    for file in stores.chain(["broker1/cert-signed".to_owned(), "ca/ca-cert".to_owned()]) {
        let bytes = fs::read(folder.join(&file)).unwrap();
        let mutants: Vec<usize> = (0..2 * bytes.len()).step_by(stride(&file)).collect();
        let shares: Vec<_> = mutants.chunks(mutants.len() / 4 + 1).collect();
        let clean: usize = threads::map(&shares, |share| {
            let mut case = load(&folder);
            let expected = used(&case);
            let is_clean = |at: usize| {
                let mut mutant = bytes.clone();
                match at.checked_sub(bytes.len()) {
                    None => mutant[at] ^= 1 << (at % 8),
                    Some(length) => mutant.truncate(length),
                }
                replace(&mut case, &file, &mutant, &store_password);
                let is_clean = judge(&case, None, terms()).findings().next().is_none();
                // A chain may lose the CA, which everybody has, if PEM is cut between two certificates.
                let is_same = || used(&case).iter().all(|one| expected.contains(one));
                assert!(!is_clean || is_same(), "{file}, mutant {at}");
                is_clean
            };
            share.iter().copied().map(is_clean).filter(|is_clean| *is_clean).count()
        })
        .into_iter()
        .sum();
        // Clean is what says the same in other bytes, such as the line ends of PEM; a digest covers all that matters of a store.
        assert!(clean <= mutants.len() / 8, "{file}: {clean} of {} mutants are clean", mutants.len());
    }
}

fn load(folder: &Path) -> Case {
    load::bundle(folder, None, &Passwords::default()).unwrap()
}

fn terms() -> Terms {
    Terms { now: OffsetDateTime::now_utc(), warn_before: Duration::days(30) }
}
