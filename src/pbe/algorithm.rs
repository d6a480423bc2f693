//! Schemes as `AlgorithmIdentifier`s, read and written.

use der::asn1::{Any, ObjectIdentifier, OctetString};
use der::{Choice, Decode, DecodeValue, Encode, Sequence};
use x509_cert::spki::AlgorithmIdentifier;

use super::cipher::Cipher;
use super::{Kind, PbeError, Pbkdf2, Prf, Scheme, SchemeOutline, scheme_name};

const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
const PBKDF2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.12");

/// The ciphers of PBES2.
const PBES2_CIPHERS: [(ObjectIdentifier, Cipher); 4] = [
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.2"), Cipher::Aes128),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.22"), Cipher::Aes192),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.1.42"), Cipher::Aes256),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.3.7"), Cipher::TripleDes),
];

/// The schemes of RFC 7292 appendix C, by their cipher.
const PBES1_CIPHERS: [(ObjectIdentifier, Cipher); 4] = [
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.3"), Cipher::TripleDes),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.4"), Cipher::TwoKeyTripleDes),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.5"), Cipher::Rc2With128Bits),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.6"), Cipher::Rc2With40Bits),
];

/// RFC 8018 appendix B.1.
const PRFS: [(ObjectIdentifier, Prf); 5] = [
    (ObjectIdentifier::new_unwrap("1.2.840.113549.2.7"), Prf::Sha1),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.2.8"), Prf::Sha224),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.2.9"), Prf::Sha256),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.2.10"), Prf::Sha384),
    (ObjectIdentifier::new_unwrap("1.2.840.113549.2.11"), Prf::Sha512),
];

/// The names of what somebody may have, and that is not done here.
const UNSUPPORTED: [(&str, &str); 18] = [
    ("1.2.840.113549.1.12.1.1", "PBES1 with SHA-1 and 128-bit RC4"),
    ("1.2.840.113549.1.12.1.2", "PBES1 with SHA-1 and 40-bit RC4"),
    ("1.2.840.113549.1.5.1", "PBES1 with MD2 and DES"),
    ("1.2.840.113549.1.5.3", "PBES1 with MD5 and DES"),
    ("1.2.840.113549.1.5.4", "PBES1 with MD2 and RC2"),
    ("1.2.840.113549.1.5.6", "PBES1 with MD5 and RC2"),
    ("1.2.840.113549.1.5.10", "PBES1 with SHA-1 and DES"),
    ("1.2.840.113549.1.5.11", "PBES1 with SHA-1 and RC2"),
    ("1.3.6.1.4.1.42.2.17.1.1", "of JKS"),
    ("1.3.6.1.4.1.42.2.19.1", "of JCEKS"),
    ("1.3.6.1.4.1.11591.4.11", "PBES2 with scrypt"),
    ("1.2.840.113549.3.2", "PBES2 with RC2"),
    ("1.3.14.3.2.7", "PBES2 with DES"),
    ("2.16.840.1.101.3.4.1.6", "PBES2 with AES-128-GCM"),
    ("2.16.840.1.101.3.4.1.26", "PBES2 with AES-192-GCM"),
    ("2.16.840.1.101.3.4.1.46", "PBES2 with AES-256-GCM"),
    ("1.2.840.113549.2.12", "PBES2 with PBKDF2-HMAC-SHA512/224"),
    ("1.2.840.113549.2.13", "PBES2 with PBKDF2-HMAC-SHA512/256"),
];

/// What is in OpenSSL's legacy provider, beside what has RC2: RC4, and all of PBKDF1.
const OPENSSL_LEGACY: [ObjectIdentifier; 8] = [
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.1"),
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.12.1.2"),
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.1"),
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.3"),
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.4"),
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.6"),
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.10"),
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.11"),
];

/// `PBES2-params`.
#[derive(Sequence)]
struct Pbes2Params {
    key_derivation: AlgorithmIdentifier<Any>,
    encryption: AlgorithmIdentifier<Any>,
}

/// `PBKDF2-params`, with a salt of its own.
#[derive(Sequence)]
struct Pbkdf2Params {
    salt: OctetString,
    iterations: u64,
    key_length: Option<u64>,
    prf: Option<AlgorithmIdentifier<Any>>,
}

/// `pkcs-12PbeParams`.
#[derive(Sequence)]
struct Pkcs12PbeParams {
    salt: OctetString,
    iterations: u64,
}

/// A scheme as it was read, before anything holds it to the bounds.
struct Unchecked {
    kind: Kind,
    cipher: Cipher,
    salt: Vec<u8>,
    iterations: u64,
}

pub(super) fn read(algorithm: &AlgorithmIdentifier<Any>) -> Result<Scheme, PbeError> {
    let Unchecked { kind, cipher, salt, iterations } = read_unchecked(algorithm)?;
    Scheme::checked(kind, cipher, salt, iterations)
}

pub(super) fn outline(algorithm: &AlgorithmIdentifier<Any>) -> SchemeOutline {
    let is_pbes2 = algorithm.oid == PBES2;
    match read_unchecked(algorithm) {
        Ok(scheme) => SchemeOutline {
            name: scheme_name(&scheme.kind, scheme.cipher),
            iterations: Some(scheme.iterations),
            is_pbes2,
            needs_openssl_legacy: scheme.cipher.is_rc2(),
            is_unknown_to_java: scheme.cipher.is_unknown_to_java(is_pbes2),
        },
        Err(error) => {
            let name = match error {
                PbeError::Unsupported(name) => name,
                _ if is_pbes2 => "PBES2".to_owned(),
                _ => algorithm.oid.to_string(),
            };
            let needs_openssl_legacy = OPENSSL_LEGACY.contains(&algorithm.oid);
            let iterations = read_pbe_params(algorithm).ok().map(|(_, iterations)| iterations);
            SchemeOutline { name, iterations, is_pbes2, needs_openssl_legacy, is_unknown_to_java: false }
        }
    }
}

fn read_unchecked(algorithm: &AlgorithmIdentifier<Any>) -> Result<Unchecked, PbeError> {
    if algorithm.oid == PBES2 {
        return read_pbes2(algorithm);
    }
    let cipher = find(&PBES1_CIPHERS, &algorithm.oid)?;
    let (salt, iterations) = read_pbe_params(algorithm)?;
    Ok(Unchecked { kind: Kind::Pbes1, cipher, salt, iterations })
}

/// Returns the salt and the iterations of a scheme of PBES1.
pub(super) fn read_pbe_params(algorithm: &AlgorithmIdentifier<Any>) -> Result<(Vec<u8>, u64), PbeError> {
    let parameters: Pkcs12PbeParams = parameters(algorithm, "its PBES1 parameters are not those of PKCS#12")?;
    Ok((parameters.salt.as_bytes().to_vec(), parameters.iterations))
}

fn read_pbes2(algorithm: &AlgorithmIdentifier<Any>) -> Result<Unchecked, PbeError> {
    let Pbes2Params { key_derivation, encryption } = parameters(algorithm, "its PBES2 parameters are malformed")?;
    let Pbkdf2 { prf, salt, iterations, key_length } = read_pbkdf2(&key_derivation)?;
    let cipher = find(&PBES2_CIPHERS, &encryption.oid)?;
    if key_length.is_some_and(|length| usize::try_from(length) != Ok(cipher.key_length())) {
        return Err(PbeError::Parameters("its key has another length than the cipher's"));
    }
    let iv: OctetString = parameters(&encryption, "its initialization vector is malformed")?;
    let kind = Kind::Pbes2 { prf, iv: iv.as_bytes().to_vec() };
    Ok(Unchecked { kind, cipher, salt, iterations })
}

pub(super) fn read_pbkdf2(algorithm: &AlgorithmIdentifier<Any>) -> Result<Pbkdf2, PbeError> {
    if algorithm.oid != PBKDF2 {
        return Err(unsupported(&algorithm.oid));
    }
    let derivation: Pbkdf2Params = parameters(algorithm, "its PBKDF2 parameters are malformed")?;
    let prf = derivation.prf.as_ref().map_or(Ok(Prf::Sha1), read_prf)?;
    let Pbkdf2Params { iterations, key_length, .. } = derivation;
    Ok(Pbkdf2 { prf, salt: derivation.salt.as_bytes().to_vec(), iterations, key_length })
}

pub(super) fn read_prf(algorithm: &AlgorithmIdentifier<Any>) -> Result<Prf, PbeError> {
    if algorithm.parameters.as_ref().is_some_and(|parameters| *parameters != Any::null()) {
        return Err(PbeError::Parameters("its HMAC has parameters"));
    }
    find(&PRFS, &algorithm.oid)
}

pub(super) fn write(scheme: &Scheme) -> der::Result<AlgorithmIdentifier<Any>> {
    let salt = OctetString::new(scheme.salt.as_slice())?;
    let iterations = u64::from(scheme.iterations);
    let Kind::Pbes2 { prf, iv } = &scheme.kind else {
        let oid = find_identifier(&PBES1_CIPHERS, scheme.cipher)?;
        return with_parameters(oid, &Pkcs12PbeParams { salt, iterations });
    };
    let prf = match prf {
        // The default, which DER leaves out.
        Prf::Sha1 => None,
        prf => Some(AlgorithmIdentifier { oid: find_identifier(&PRFS, *prf)?, parameters: Some(Any::null()) }),
    };
    let key_derivation = with_parameters(PBKDF2, &Pbkdf2Params { salt, iterations, key_length: None, prf })?;
    let iv = OctetString::new(iv.as_slice())?;
    let encryption = with_parameters(find_identifier(&PBES2_CIPHERS, scheme.cipher)?, &iv)?;
    with_parameters(PBES2, &Pbes2Params { key_derivation, encryption })
}

fn with_parameters(oid: ObjectIdentifier, parameters: &impl Encode) -> der::Result<AlgorithmIdentifier<Any>> {
    Ok(AlgorithmIdentifier { oid, parameters: Some(Any::from_der(&parameters.to_der()?)?) })
}

fn parameters<'a, P>(algorithm: &'a AlgorithmIdentifier<Any>, fault: &'static str) -> Result<P, PbeError>
where
    P: Choice<'a> + DecodeValue<'a, Error = der::Error>,
{
    let parameters = algorithm.parameters.as_ref().ok_or(PbeError::Parameters(fault))?;
    parameters.decode_as().map_err(|_| PbeError::Parameters(fault))
}

fn find<T: Copy>(table: &[(ObjectIdentifier, T)], oid: &ObjectIdentifier) -> Result<T, PbeError> {
    table.iter().find(|(known, _)| known == oid).map(|(_, found)| *found).ok_or_else(|| unsupported(oid))
}

fn find_identifier<T: Copy + PartialEq>(table: &[(ObjectIdentifier, T)], wanted: T) -> der::Result<ObjectIdentifier> {
    let found = table.iter().find(|(_, known)| *known == wanted).map(|(oid, _)| *oid);
    found.ok_or_else(|| der::ErrorKind::OidUnknown { oid: PBES2 }.into())
}

fn unsupported(oid: &ObjectIdentifier) -> PbeError {
    let oid = oid.to_string();
    let name = UNSUPPORTED.iter().find(|(known, _)| *known == oid).map(|(_, name)| (*name).to_owned());
    PbeError::Unsupported(name.unwrap_or(oid))
}
