//! Dates of certificates.

use time::{Duration, OffsetDateTime};

use super::{Finding, checks};
use crate::pki::DecodedCertificate;

checks! {
    EXPIRED = Error "certificate-expired": "every TLS stack refuses a certificate after its last day";
    EXPIRES_SOON = Warning "certificate-expires-soon": "the first connection after its last day fails, and a renewal takes time to reach every host";
    NOT_YET_VALID = Error "certificate-not-yet-valid": "every TLS stack refuses a certificate before its first day, and a host with a slow clock for longer";
}

/// Judges the dates of a certificate at a moment; `object` is where it lies.
pub fn judge(
    certificate: &DecodedCertificate,
    object: &str,
    now: OffsetDateTime,
    warn_before: Duration,
) -> Option<Finding> {
    let DecodedCertificate { subject, not_before, not_after, .. } = certificate;
    let says = |what: &str, at: OffsetDateTime| format!("the certificate of `{}` {what} {}", subject.text, at.date());
    if now > *not_after {
        Some(Finding::new(&EXPIRED, object, says("was valid until", *not_after), "issue it again"))
    } else if now < *not_before {
        let fix = "wait until then, or issue it again on a machine whose clock is right";
        Some(Finding::new(&NOT_YET_VALID, object, says("is not valid before", *not_before), fix))
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
            judge(&certificate, "here", now, Duration::days(30)).map(|finding| finding.check.code)
        };
        let (first, last) = (certificate.not_before, certificate.not_after);
        assert_eq!(code(first - Duration::SECOND), Some("certificate-not-yet-valid"));
        assert_eq!(code(first), None);
        assert_eq!(code(last - Duration::days(30)), None);
        assert_eq!(code(last - Duration::days(30) + Duration::SECOND), Some("certificate-expires-soon"));
        assert_eq!(code(last), Some("certificate-expires-soon"));
        assert_eq!(code(last + Duration::SECOND), Some("certificate-expired"));
        assert_eq!(code(datetime!(9999-12-31 0:00 UTC)), Some("certificate-expired"));
    }
}
