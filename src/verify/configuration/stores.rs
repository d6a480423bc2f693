//! What is said about stores, before anybody looks at them.

use super::{Finding, Tls, checks};
use crate::kafka::ssl_settings::{Setting, StoreFault, StoreSource, keys};

checks! {
    PASSWORD_MISSING = Error "keystore-password-missing": "Kafka does not start with a keystore for which it has no password";
    LOCATION_MISSING = Error "store-location-missing": "Kafka does not start with the password of a store that is nowhere";
    PASSWORD_WITH_PEM = Error "store-password-with-pem": "a store in PEM has no password, and Kafka does not start with one; only its key may have one";
    TWO_PLACES = Error "store-in-two-places": "Kafka does not start with a store in a file and in the properties";
    HALF_INLINE = Error "keystore-half-inline": "a key in the properties needs its certificates beside it, and they need their key";
    INLINE_NOT_PEM = Error "store-inline-not-pem": "only PEM can stand in the properties, and Kafka's default type is JKS";
    TYPE_CASE = Error "store-type-case": "Kafka's reader of PEM answers to `PEM` in upper case alone, and Java knows no such type";
    TYPE_UNKNOWN = Error "store-type-unknown": "Java has no store of this type";
    TYPE_BY_NAME = Warning "store-type-by-name": "Kafka goes by the type alone, and takes JKS where none is said";
    TYPE_EMPTY = Warning "store-type-missing": "Kafka takes JKS where no type is said, and reads PKCS#12 only by the grace of Java's keystore.type.compat";
    LOCATION_CONTROL = Error "store-location-damaged": "a backslash before n, r, t or f is a line break or a tabulator, and no file has such a name";
    LOCATION_RELATIVE = Warning "store-location-relative": "Kafka looks for it from the folder that it is started in, which another script or service may change";
    LOCATION_EMPTY = Error "store-location-empty": "a location that is empty is no location that is missing: Kafka looks for a file without a name";
    KEY_PASSWORD_DIFFERS = Warning "key-password-differs": "in PKCS#12, the key has the password of the store for Java, and another one leads to `Get Key failed`";
    TRUST_PASSWORD_MISSING = Warning "truststore-password-missing": "without a password Java sees none of the encrypted certificates of PKCS#12: `the trustAnchors parameter must be non-empty`";
    KEYSTORE_MISSING = Error "keystore-missing": "a server without a key and certificate can shake hands with nobody";
    TRUSTSTORE_MISSING = Warning "truststore-missing": "without a truststore Java trusts every public CA, and not one's own";
}

/// What Java 17 and later have, and what other providers bring.
const TYPES: [&str; 12] = [
    "JKS",
    "PKCS12",
    "JCEKS",
    "DKS",
    "CaseExactJKS",
    "PEM",
    "BCFKS",
    "BKS",
    "PKCS11",
    "UBER",
    "Windows-MY",
    "Windows-ROOT",
];

pub(super) fn refused(tls: &Tls<'_>) -> Vec<Finding> {
    let faults = [(tls.ssl.keystore().err(), "ssl.keystore"), (tls.ssl.truststore().err(), "ssl.truststore")];
    faults
        .into_iter()
        .filter_map(|(fault, store)| fault.map(|fault| (fault, store)))
        .filter_map(|(fault, store)| {
            let (check, fix) = match fault {
                StoreFault::LocationWithoutPassword => (&PASSWORD_MISSING, format!("write `{store}.password`")),
                StoreFault::PasswordWithoutLocation | StoreFault::TrustPasswordWithoutLocation => {
                    (&LOCATION_MISSING, format!("write `{store}.location`, or take `{store}.password` out"))
                }
                StoreFault::PasswordWithPem | StoreFault::TrustPasswordWithPem => {
                    (&PASSWORD_WITH_PEM, format!("take `{store}.password` out; that of a key is `ssl.key.password`"))
                }
                StoreFault::LocationAndKey | StoreFault::LocationAndCertificates => {
                    (&TWO_PLACES, format!("take `{store}.location` out, or what stands in the properties"))
                }
                StoreFault::ChainWithoutKey => (&HALF_INLINE, format!("write `{}`", keys::KEYSTORE_KEY)),
                StoreFault::KeyWithoutChain => (&HALF_INLINE, format!("write `{}`", keys::KEYSTORE_CERTIFICATE_CHAIN)),
                StoreFault::KeyNotPem(_) | StoreFault::CertificatesNotPem(_) => {
                    (&INLINE_NOT_PEM, format!("write `{store}.type=PEM`"))
                }
                StoreFault::Unresolved(_) => return None,
            };
            let at = first_line(tls, store).unwrap_or_else(|| tls.object());
            Some(Finding::new(check, &at, format!("Kafka says \"{fault}\""), fix))
        })
        .collect()
}

/// Names the first line that says something of a store.
fn first_line(tls: &Tls<'_>, store: &str) -> Option<String> {
    let of_store = keys::SSL.iter().filter(|key| key.starts_with(store)).filter_map(|key| tls.ssl.get(key));
    of_store.min_by_key(Setting::line).map(|setting| tls.at(&setting))
}

pub(super) fn types(tls: &Tls<'_>) -> Vec<Finding> {
    let stores = [
        (keys::KEYSTORE_TYPE, keys::KEYSTORE_LOCATION, tls.ssl.keystore().ok().flatten()),
        (keys::TRUSTSTORE_TYPE, keys::TRUSTSTORE_LOCATION, tls.ssl.truststore().ok().flatten()),
    ];
    stores.into_iter().filter_map(|(key, location, _)| type_fault(tls, key, location)).collect()
}

fn type_fault(tls: &Tls<'_>, key: &str, location: &str) -> Option<Finding> {
    let location = tls.ssl.get(location).and_then(|location| location.resolved().ok());
    let setting = tls.ssl.get(key);
    let at = tls.at_key(key);
    let ends = |endings: &[&str]| {
        location.is_some_and(|location| endings.iter().any(|ending| location.to_lowercase().ends_with(ending)))
    };
    let is_pem_by_name = ends(&[".pem", ".crt", ".cer", ".key"]);
    let store_type = match setting.map(|setting| setting.resolved()) {
        Some(Ok(store_type)) => store_type,
        None if is_pem_by_name => "JKS",
        None if ends(&[".p12", ".pfx"]) => {
            let found = format!("`{key}` is not set");
            return Some(Finding::new(&TYPE_EMPTY, &at, found, format!("write `{key}=PKCS12`")));
        }
        Some(Err(_)) | None => return None,
    };
    let found = format!("`{key}` is `{store_type}`");
    if store_type.eq_ignore_ascii_case("PEM") && store_type != "PEM" {
        Some(Finding::new(&TYPE_CASE, &at, found, format!("write `{key}=PEM`")))
    } else if !TYPES.iter().any(|known| known.eq_ignore_ascii_case(store_type)) && !has_providers(tls) {
        Some(Finding::new(&TYPE_UNKNOWN, &at, found, format!("write `{key}=` with JKS, PKCS12 or PEM")))
    } else if is_pem_by_name && store_type != "PEM" {
        let fix = format!("write `{key}=PEM` if the file is PEM");
        Some(Finding::new(&TYPE_BY_NAME, &at, format!("{found}, and the file has the name of PEM"), fix))
    } else {
        None
    }
}

/// Says whether Java has stores of which nothing is known here.
fn has_providers(tls: &Tls<'_>) -> bool {
    tls.ssl.get("ssl.provider").is_some() || tls.ssl.get("security.providers").is_some()
}

pub(super) fn locations(tls: &Tls<'_>) -> Vec<Finding> {
    let findings = [keys::KEYSTORE_LOCATION, keys::TRUSTSTORE_LOCATION].into_iter().filter_map(|key| {
        let setting = tls.ssl.get(key)?;
        let location = setting.resolved().ok()?;
        let (check, found, fix) = if location.is_empty() {
            (&LOCATION_EMPTY, format!("`{}` is empty", setting.key()), "write the path, or take the line out")
        } else if location.contains(char::is_control) {
            let fix = "write every backslash twice, or / instead";
            (&LOCATION_CONTROL, format!("`{}` is `{location}`", setting.key()), fix)
        } else if is_relative(location) {
            (&LOCATION_RELATIVE, format!("`{}` is `{location}`", setting.key()), "write the path from the root on")
        } else {
            return None;
        };
        Some(Finding::new(check, &tls.at(&setting), found, fix))
    });
    findings.collect()
}

/// Says whether a path depends on a working folder: on Unix, and on Windows, where it may begin with a drive.
fn is_relative(location: &str) -> bool {
    let after_drive = location.get(1..).and_then(|rest| rest.strip_prefix(':')).unwrap_or(location);
    !after_drive.starts_with(['/', '\\'])
}

pub(super) fn passwords(tls: &Tls<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Ok(Some(StoreSource::File { store_type, password: Some(password), .. })) = tls.ssl.keystore()
        && let Some(key_password) = tls.ssl.key_password()
        && let (Ok(of_store), Ok(of_key)) = (password.resolved(), key_password.resolved())
        && store_type.eq_ignore_ascii_case("PKCS12")
        && of_store != of_key
    {
        let found = format!("`{}` is not `{}`", key_password.key(), password.key());
        let fix = format!("take `{}` out", key_password.key());
        findings.push(Finding::new(&KEY_PASSWORD_DIFFERS, &tls.at(&key_password), found, fix));
    }
    if let Ok(Some(StoreSource::File { store_type, location, password: None })) = tls.ssl.truststore()
        && store_type.eq_ignore_ascii_case("PKCS12")
    {
        let found = format!("`{}` has no password", location.key());
        let fix = format!("write `{}`", keys::TRUSTSTORE_PASSWORD);
        findings.push(Finding::new(&TRUST_PASSWORD_MISSING, &tls.at(&location), found, fix));
    }
    findings
}

pub(super) fn missing(tls: &Tls<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    let is_server = tls.listener.is_some() && !tls.is_client;
    if is_server && matches!(tls.ssl.keystore(), Ok(None)) {
        let found = "the listener uses TLS, and no keystore is said";
        let fix = format!("write `{}` and its password", keys::KEYSTORE_LOCATION);
        findings.push(Finding::new(&KEYSTORE_MISSING, &tls.object(), found, fix));
    }
    let trusts = tls.is_client || tls.listener.is_some();
    if trusts && matches!(tls.ssl.truststore(), Ok(None)) {
        let fix = format!("write `{}` with the CA", keys::TRUSTSTORE_LOCATION);
        findings.push(Finding::new(&TRUSTSTORE_MISSING, &tls.object(), "no truststore is said", fix));
    }
    findings
}
