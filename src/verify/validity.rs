//! Dates of certificates.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use time::{Duration, OffsetDateTime};

use super::{Finding, checks};
use crate::pki::DecodedCertificate;

checks! {
    EXPIRED = Error "certificate-expired": "every TLS stack refuses a certificate after its last day";
    EXPIRES_SOON = Warning "certificate-expires-soon": "the first connection after its last day fails, and a renewal takes time to reach every host";
    NOT_YET_VALID = Error "certificate-not-yet-valid": "every TLS stack refuses a certificate before its first day, and a host with a slow clock for longer";
    ANCHOR = Error "anchor-out-of-date": "OpenSSL, Python, Node and Go refuse what leads to a CA outside of its dates; Java and rustls do not look at those of what they trust";
    UNUSED = Warning "certificate-out-of-date-unused": "it is sent or trusted for nothing: no leaf here needs it for its way to what is trusted";
}

/// What a certificate is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It is a leaf, or stands between a leaf and what is trusted.
    Needed,
    /// It is trusted, and a leaf leads to it.
    Anchor,
    /// No leaf leads through it or to it.
    Unused,
}

/// Judges the dates of a certificate at a moment; `object` is where it lies.
pub(super) fn judge(
    certificate: &DecodedCertificate,
    standing: Standing,
    object: &str,
    now: OffsetDateTime,
    warn_before: Duration,
) -> Option<Finding> {
    let DecodedCertificate { subject, not_before, not_after, .. } = certificate;
    let says = |what: &str, at: OffsetDateTime| format!("the certificate of `{}` {what} {}", subject.text, at.date());
    let check = |needed| match standing {
        Standing::Needed => needed,
        Standing::Anchor => &ANCHOR,
        Standing::Unused => &UNUSED,
    };
    if now > *not_after {
        let fix = if standing == Standing::Unused { "leave it away" } else { "issue it again" };
        Some(Finding::new(check(&EXPIRED), object, says("was valid until", *not_after), fix))
    } else if now < *not_before {
        let fix = "wait until then, or issue it again on a machine whose clock is right";
        Some(Finding::new(check(&NOT_YET_VALID), object, says("is not valid before", *not_before), fix))
    } else if now.saturating_add(warn_before) > *not_after {
        Some(Finding::new(&EXPIRES_SOON, object, says("is valid until", *not_after), "issue it again before that day"))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn dates_are_judged_to_the_second() {
        let pem = include_bytes!("../../tests/fixtures/golden/rsa/broker.cert-signed");
        let der = crate::pki::read_certificates(pem).unwrap().remove(0);
        let certificate = DecodedCertificate::from_der(&der).unwrap();
        let code = |now: OffsetDateTime| {
            judge(&certificate, Standing::Needed, "here", now, Duration::days(30)).map(|finding| finding.check.code)
        };
        let (first, last) = (certificate.not_before, certificate.not_after);
        assert_eq!(code(first - Duration::SECOND), Some("certificate-not-yet-valid"));
        assert_eq!(code(first), None);
        assert_eq!(code(last - Duration::days(30)), None);
        assert_eq!(code(last - Duration::days(30) + Duration::SECOND), Some("certificate-expires-soon"));
        assert_eq!(code(last), Some("certificate-expires-soon"));
        assert_eq!(code(last + Duration::SECOND), Some("certificate-expired"));
        assert_eq!(code(datetime!(9999-12-31 0:00 UTC)), Some("certificate-expired"));
        let (soon, late) = (last - Duration::DAY, last + Duration::DAY);
        for (standing, at, code) in [
            (Standing::Anchor, late, "anchor-out-of-date"),
            (Standing::Anchor, first - Duration::DAY, "anchor-out-of-date"),
            (Standing::Anchor, soon, "certificate-expires-soon"),
            (Standing::Unused, late, "certificate-out-of-date-unused"),
        ] {
            let found = judge(&certificate, standing, "here", at, Duration::days(30)).unwrap();
            assert_eq!(found.check.code, code);
        }
    }
}
