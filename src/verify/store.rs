//! Stores: what is in them, and who can read them.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use super::material::{Content, Material, Purpose};
use super::{Finding, checks, configuration, listed};
use crate::keystore::{Integrity, Protected, ReaderLimit, SurveyError, SurveyFormat, UnseenContent};

checks! {
    UNREADABLE = Error "store-unreadable": "what cannot be read here cannot be read by Kafka either";
    EMPTY = Error "truststore-empty": "Java does not connect without an anchor: `the trustAnchors parameter must be non-empty`";
    UNMARKED = Error "truststore-unmarked": "Java trusts a certificate in PKCS#12 only if it has Oracle's attribute for that, which `openssl pkcs12 -export` does not write";
    NO_KEY = Error "keystore-without-key": "a broker without a private key has no cipher suite to offer: `No available authentication scheme`";
    SEVERAL_KEYS = Warning "keystore-several-keys": "which of several keys Java takes depends on the order of a hash table, and may change with the next JDK";
    UNSEEN_KEY = Error "store-key-unseen": "Java does not see a key that is not encrypted, or that names no certificate";
    KEY_IN_TRUSTSTORE = Error "truststore-has-key": "truststores are handed out to everybody, and whoever has this one has the key";
    LEAF_TRUSTED = Warning "truststore-has-leaf": "a certificate that is no CA is trusted until it is renewed, and then its peers refuse it";
    ALIAS_COLLISION = Error "alias-collision": "Java looks for aliases in lower case and finds one of the entries; the others are lost";
    ALIAS_CASE = Error "alias-upper-case": "Java looks for aliases in lower case, and does not find an entry of a JKS store whose alias has a capital";
    CERTIFICATE_UNREADABLE = Error "certificate-unreadable": "Java refuses a store with a certificate that it cannot read as a whole";
    TYPE_JCEKS = Error "store-jceks": "no type that Kafka is usually given reads it, and nothing but Java does";
    RC2 = Error "store-rc2": "OpenSSL 3, and with it librdkafka, does not decrypt it: `digital envelope routines::unsupported`";
    PBMAC1 = Error "store-pbmac1": "Java before 26 and OpenSSL before 3.4 do not open it";
    ITERATIONS = Error "store-iterations": "Java opens no store that asks for more than 5,000,000 iterations";
    NO_MAC = Warning "store-without-mac": "nothing shows whether the store was changed since it was written";
    JAVA_REFUSES = Error "store-java-refuses": "Java does not open the store, or a part of it";
}

/// Judges what a store is.
pub(super) fn judge(store: &Material) -> Vec<Finding> {
    let mut findings = Vec::new();
    match &store.content {
        Content::Unreadable(SurveyError::WrongPasswordOrDamaged) => {}
        Content::Unreadable(error) => {
            let fix = "restore the file from where it was made";
            findings.push(Finding::new(&UNREADABLE, &store.label, error.to_string(), fix));
        }
        Content::Pem(pem) => findings.extend(configuration::judge_reading(&store.label, &pem.reading)),
        Content::Store(survey) => {
            findings.extend(judge_limits(store, survey));
            findings.extend(judge_aliases(store, survey));
        }
    }
    findings.extend(judge_type(store));
    if store.is_open() {
        findings.extend(match store.purpose {
            Purpose::Keystore => judge_keystore(store),
            Purpose::Truststore => judge_truststore(store),
        });
        findings.extend(store.unreadable.iter().map(|alias| {
            let found = format!("the certificate of `{alias}` is no X.509 that can be read");
            Finding::new(&CERTIFICATE_UNREADABLE, &store.label, found, "import the certificate again")
        }));
    }
    findings
}

fn judge_keystore(store: &Material) -> Vec<Finding> {
    let mut findings = Vec::new();
    let unseen = store.survey().map_or(0, |survey| {
        let is_key =
            |content: &UnseenContent| matches!(content, UnseenContent::PlainKey(_) | UnseenContent::KeyWithoutId(_));
        survey.unseen().iter().filter(|unseen| is_key(&unseen.content)).count()
    });
    if unseen > 0 {
        let found = format!("{unseen} of its private keys are not encrypted, or name no certificate");
        findings.push(Finding::new(
            &UNSEEN_KEY,
            &store.label,
            found,
            "write the store again with keytool or kafka-certgen",
        ));
    }
    match store.keys.as_slice() {
        [] if unseen == 0 => {
            let found = "there is no private key in the keystore";
            findings.push(Finding::new(
                &NO_KEY,
                &store.label,
                found,
                "import the key with its chain, or name the right file",
            ));
        }
        [_, _, ..] => {
            let aliases = store.keys.iter().filter_map(|entry| entry.alias.as_deref());
            let aliases = listed(aliases.map(|alias| format!("`{alias}`")), store.keys.len(), ", ");
            let found = format!("there are {} private keys in it: {aliases}", store.keys.len());
            findings.push(Finding::new(&SEVERAL_KEYS, &store.label, found, "give each identity a keystore of its own"));
        }
        _ => {}
    }
    findings
}

fn judge_truststore(store: &Material) -> Vec<Finding> {
    let mut findings = Vec::new();
    let unmarked = store.survey().map_or(0, |survey| {
        survey.unseen().iter().filter(|unseen| matches!(unseen.content, UnseenContent::Certificate(_))).count()
    });
    if unmarked > 0 {
        let found = format!("Java does not see {unmarked} of its certificates: they are not marked as trusted");
        findings.push(Finding::new(&UNMARKED, &store.label, found, "import the certificates into a new truststore"));
    } else if store.trusted.is_empty() {
        let found = "there is no trusted certificate in the truststore";
        findings.push(Finding::new(&EMPTY, &store.label, found, "import the CA's certificate"));
    }
    for entry in &store.keys {
        let place = store.place(entry.alias.as_deref());
        let found = "there is a private key in the truststore";
        findings.push(Finding::new(
            &KEY_IN_TRUSTSTORE,
            &place,
            found,
            "make a truststore with the CA's certificate alone",
        ));
    }
    for entry in store.trusted.iter().filter(|entry| entry.certificate.version == 3 && !entry.certificate.is_ca()) {
        // A root without the extension is a finding of its own.
        if entry.certificate.basic_constraints.is_none() && entry.certificate.is_self_issued() {
            continue;
        }
        let found = format!("`{}` is trusted, and is no CA", entry.certificate.subject.text);
        let place = store.place(entry.alias.as_deref());
        findings.push(Finding::new(&LEAF_TRUSTED, &place, found, "trust the CA that has issued it instead"));
    }
    findings
}

fn judge_limits(store: &Material, survey: &crate::keystore::StoreSurvey) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |check, found: String| {
        let fix = "write the store again, as PKCS#12 with AES and HMAC-SHA256";
        findings.push(Finding::new(check, &store.label, found, fix));
    };
    for limit in survey.limits() {
        let check = match limit {
            ReaderLimit::OpenSslLegacy(_) => &RC2,
            ReaderLimit::Pbmac1 => &PBMAC1,
            ReaderLimit::JavaIterations { .. } => &ITERATIONS,
            ReaderLimit::JavaUnknownCipher { .. } | ReaderLimit::JavaContentPassword => &JAVA_REFUSES,
            // The rest is said elsewhere, or is no fault.
            _ => continue,
        };
        add(check, limit.to_string());
    }
    if let Integrity::TooMuchWork(iterations) = survey.integrity()
        && !survey
            .limits()
            .iter()
            .any(|limit| matches!(limit, ReaderLimit::JavaIterations { what: Protected::Whole, .. }))
    {
        let found = format!("it asks for {iterations} iterations, which is more than is done here");
        add(&ITERATIONS, found);
    }
    if *survey.integrity() == Integrity::NoMac {
        add(&NO_MAC, "the store has no MAC".to_owned());
    }
    findings
}

fn judge_aliases(store: &Material, survey: &crate::keystore::StoreSurvey) -> Vec<Finding> {
    let mut findings = Vec::new();
    for group in survey.colliding_aliases() {
        let aliases = listed(group.iter().map(|alias| format!("`{alias}`")), group.len(), " and ");
        let found = format!("{aliases} are the same in lower case");
        findings.push(Finding::new(&ALIAS_COLLISION, &store.label, found, "give the entries other aliases"));
    }
    if matches!(survey.format(), SurveyFormat::Jks { .. }) && findings.is_empty() {
        for entry in survey.entries().iter().filter(|entry| entry.alias.to_lowercase() != entry.alias) {
            let found = format!("the alias `{}` has capitals", entry.alias);
            findings.push(Finding::new(
                &ALIAS_CASE,
                &store.label,
                found,
                "write the store again with the alias in lower case",
            ));
        }
    }
    findings
}

fn judge_type(store: &Material) -> Option<Finding> {
    let format = match &store.content {
        Content::Pem(_) | Content::Unreadable(SurveyError::Pem) => "PEM",
        Content::Unreadable(_) => return None,
        Content::Store(survey) => match survey.format() {
            SurveyFormat::Jceks { .. } => "JCEKS",
            SurveyFormat::Jks { .. } => "JKS",
            SurveyFormat::Pkcs12 => "PKCS12",
        },
    };
    match &store.declared_type {
        None if format == "JCEKS" => {
            Some(Finding::new(&TYPE_JCEKS, &store.label, "the store is JCEKS", "write the store again as PKCS#12"))
        }
        None => None,
        Some(declared) => configuration::judge_type(declared, &store.label, format),
    }
}
