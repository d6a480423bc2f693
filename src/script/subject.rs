//! Distinguished names in the words of keytool and openssl.

use std::fmt::Write;

use crate::name::dn::DistinguishedName;

/// Returns a name for `keytool -dname`: RFC 4514 text, in which what is not ASCII stands as its bytes so that the locale does
/// not matter.
pub(super) fn keytool(name: &DistinguishedName) -> String {
    let rdns = name.rdns().map(|rdn| {
        let values = rdn.map(|(keyword, value)| format!("{keyword}={}", escape_for_keytool(keyword, value)));
        values.collect::<Vec<_>>().join("+")
    });
    rdns.collect::<Vec<_>>().join(",")
}

/// Returns a name for `openssl -subj`, which begins with the most general RDN.
pub(super) fn openssl(name: &DistinguishedName) -> String {
    let mut out = String::new();
    for rdn in name.rdns().rev() {
        for (place, (keyword, value)) in rdn.enumerate() {
            out.push(if place == 0 { '/' } else { '+' });
            out.push_str(openssl_keyword(keyword));
            out.push('=');
            for c in value.chars() {
                if matches!(c, '/' | '+' | '\\') {
                    out.push('\\');
                }
                out.push(c);
            }
        }
    }
    out
}

/// Returns openssl's own name of an attribute type, where it is another one than RFC 4514's or Java's.
fn openssl_keyword(keyword: &str) -> &str {
    match keyword {
        "EMAILADDRESS" => "emailAddress",
        "GIVENNAME" => "GN",
        "SERIALNUMBER" => "serialNumber",
        "STREET" => "street",
        "SURNAME" => "SN",
        "T" => "title",
        other => other,
    }
}

/// Escapes a value so that every Java parses it as it is.
///
/// `sun.security.x509` loses a space before a hexadecimal pair, and takes the `+` or `,` after `\\` for an escaped one, so that
/// such spaces and every backslash are hexadecimal pairs themselves.
fn escape_for_keytool(keyword: &str, value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let is_pair = |c: char| c == '\\' || !(' '..='~').contains(&c);
    let mut rest = value.chars();
    while let Some(c) = rest.next() {
        let is_first = out.is_empty();
        let before_pair = rest.as_str().trim_start_matches(' ').starts_with(is_pair);
        if is_pair(c) || (c == ' ' && before_pair) || (is_first && shows_string_type(keyword)) {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\{byte:02X}");
            }
            continue;
        }
        let is_at_edge = is_first || rest.as_str().is_empty();
        if matches!(c, ',' | '+' | '"' | '<' | '>' | ';' | '=' | '#') || (c == ' ' && is_at_edge) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Says whether Kafka's principal shows the type of the string, which the pipeline makes a `UTF8String`: Java makes it one
/// only where there is a hexadecimal pair in it, and else a `PrintableString`.
fn shows_string_type(keyword: &str) -> bool {
    matches!(keyword, "GIVENNAME" | "SURNAME" | "T")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> DistinguishedName {
        DistinguishedName::parse(text).unwrap()
    }

    #[test]
    fn order_and_every_value_are_kept() {
        let name = parsed("CN=broker1+UID=u,OU=a,OU=b,DC=example,DC=com,C=US");
        assert_eq!(keytool(&name), "CN=broker1+UID=u,OU=a,OU=b,DC=example,DC=com,C=US");
        assert_eq!(openssl(&name), "/C=US/DC=com/DC=example/OU=b/OU=a/CN=broker1+UID=u");
    }

    #[test]
    fn what_has_a_meaning_is_escaped() {
        let name = parsed(r#"O=a\, \"b\" \\ \+ c/d \#=\<\>\;,OU=\ x\ ,L=Zürich"#);
        assert_eq!(keytool(&name), r#"O=a\, \"b\"\20\5C \+ c/d \#\=\<\>\;,OU=\ x\ ,L=Z\C3\BCrich"#);
        assert_eq!(openssl(&name), r#"/L=Zürich/OU= x /O=a, "b" \\ \+ c\/d #=<>;"#);
    }

    #[test]
    fn what_java_would_misread_is_hexadecimal() {
        let escaped = |dn: &str| keytool(&parsed(dn));
        assert_eq!(escaped("T=Boss,O=x"), "T=\\42oss,O=x");
        assert_eq!(escaped("O=a  é b"), "O=a\\20\\20\\C3\\A9 b");
        assert_eq!(escaped("O=a\\\\+OU=b"), "O=a\\5C+OU=b");
    }

    #[test]
    fn openssl_has_its_own_keywords() {
        let name = parsed("EMAILADDRESS=a@b,SURNAME=s,GIVENNAME=g,T=t,SERIALNUMBER=1,STREET=x");
        assert_eq!(openssl(&name), "/street=x/serialNumber=1/title=t/GN=g/SN=s/emailAddress=a@b");
    }
}
