//! What `sun.security` says.

use crate::diagnosis::{Entry, Printer, cause};

pub(super) static ENTRIES: &[Entry] = &[Entry {
    code: "java-path-building",
    patterns: &["PKIX path building failed"],
    printers: &[Printer::Java, Printer::Broker],
    is_wrapper: false,
    meaning: "no certificate in the truststore leads to the one that the other side has sent",
    causes: &[&cause::BROKER_CA_UNKNOWN, &cause::CLIENT_CA_UNKNOWN],
    source: "sun.security.validator.PKIXValidator.doBuild",
}];
