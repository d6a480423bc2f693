//! Kafka's principal of a certificate.
//!
//! `DefaultKafkaPrincipalBuilder` takes `X500Principal.getName()`, which is RFC 2253 text as the JDK writes it
//! (`sun.security.x509.AVA.toRFC2253String`): the DER order reversed, nine keywords, every other type as `OID=#hex`.

use der::{Decode, Encode, Tag, Tagged};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::name::RdnSequence;

/// The keywords of RFC 2253 §2.3; the JDK writes no others.
const KEYWORDS: [(&str, &str); 9] = [
    ("2.5.4.3", "CN"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.9", "STREET"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
];

/// Returns what follows `User:` for a certificate with this subject, in DER. Without `ssl.principal.mapping.rules`.
///
/// The text is Java's to the letter, control characters and all: escape it before it is shown.
pub fn principal(subject: &[u8]) -> Result<String, der::Error> {
    let name = RdnSequence::from_der(subject)?;
    let mut rdns = Vec::with_capacity(name.len());
    for rdn in name.iter() {
        let values = rdn.iter().map(attribute).collect::<Result<Vec<_>, _>>()?;
        rdns.push(values.join("+"));
    }
    rdns.reverse();
    Ok(rdns.join(","))
}

fn attribute(attribute: &AttributeTypeAndValue) -> Result<String, der::Error> {
    let oid = attribute.oid.to_string();
    let keyword = KEYWORDS.iter().find(|(known, _)| *known == oid).map(|(_, keyword)| *keyword);
    Ok(match (keyword, text(attribute)) {
        (Some(keyword), Some(text)) => format!("{keyword}={}", escape(&text)),
        (keyword, _) => {
            let hex: Vec<String> = attribute.value.to_der()?.iter().map(|octet| format!("{octet:02x}")).collect();
            format!("{}=#{}", keyword.unwrap_or(&oid), hex.concat())
        }
    })
}

/// Returns the value as text, if it is one of the strings that `AVA.isDerString` knows.
fn text(attribute: &AttributeTypeAndValue) -> Option<String> {
    let octets = attribute.value.value();
    let latin1 = || octets.iter().map(|octet| char::from(*octet)).collect();
    match attribute.value.tag() {
        Tag::PrintableString | Tag::Ia5String | Tag::Utf8String => Some(String::from_utf8_lossy(octets).into_owned()),
        // The JDK reads both as ISO 8859-1 (`AVA.getCharset`).
        Tag::TeletexString | Tag::GeneralString => Some(latin1()),
        Tag::BmpString => {
            let units = octets.chunks(2).map(|pair| pair.iter().fold(0, |unit, octet| unit << 8 | u16::from(*octet)));
            Some(char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect())
        }
        _ => None,
    }
}

fn escape(text: &str) -> String {
    let is_space = |c: char| c == ' ' || c == '\r';
    let start = text.len() - text.trim_start_matches(is_space).len();
    let end = text.trim_end_matches(is_space).len();
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        if c == '\0' {
            out.push_str("\\00");
            continue;
        }
        if matches!(c, ',' | '=' | '+' | '<' | '>' | '#' | ';' | '"' | '\\') || at < start || at >= end {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name::dn::DistinguishedName;

    fn of(dn: &str) -> String {
        principal(&DistinguishedName::parse(dn).unwrap().to_der().unwrap()).unwrap()
    }

    /// Each right-hand side is what `new X500Principal(der).getName()` prints on Java 17 and 25.
    #[test]
    fn the_principal_is_what_java_prints() {
        for (dn, java) in [
            (
                "CN=broker1,OU=Kafka,O=Acme\\, Inc.,L=SF,ST=CA,C=US",
                "CN=broker1,OU=Kafka,O=Acme\\, Inc.,L=SF,ST=CA,C=US",
            ),
            ("CN=b,OU=one,OU=two,DC=example,DC=com", "CN=b,OU=one,OU=two,DC=example,DC=com"),
            ("CN=a\\=b\\#c d,O=\\#x\\ ,C=US", "CN=a\\=b\\#c d,O=\\#x\\ ,C=US"),
            ("CN=Ünï;O=x", "CN=Ünï,O=x"),
            // The DER sorts the values of one RDN.
            ("CN=a\\+b+OU=z", "OU=z+CN=a\\+b"),
            ("OU=m1+CN=n1", "CN=n1+OU=m1"),
            ("EMAILADDRESS=x@y.z,CN=q", "1.2.840.113549.1.9.1=#16057840792e7a,CN=q"),
            ("CN=q,SERIALNUMBER=5", "CN=q,2.5.4.5=#130135"),
            ("UID=u1,STREET=s", "UID=u1,STREET=s"),
        ] {
            assert_eq!(of(dn), java);
        }
    }

    #[test]
    fn what_is_no_name_has_no_principal() {
        assert!(principal(b"").is_err());
        assert!(principal(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff]).is_err());
    }
}
