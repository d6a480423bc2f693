//! Leaves whose names and hosts match, or do not.

use super::{Cases, HOST};
use crate::certificate::{ALT_NAME, Extension, alt_names, general_name};
use crate::der;

/// A host, and what the leaf is called by.
type Names = (&'static str, &'static str, &'static [&'static str]);

/// The name of the case, the host and the names in the subjectAltName.
const ALT_NAMES: [Names; 34] = [
    ("san_other_host", HOST, &["dns:other.example.com"]),
    ("san_second", HOST, &["dns:other.example.com", "dns:broker1.example.com"]),
    ("wildcard", HOST, &["dns:*.example.com"]),
    ("wildcard_two_levels", "a.b.example.com", &["dns:*.example.com"]),
    ("wildcard_of_itself", "example.com", &["dns:*.example.com"]),
    ("wildcard_top_level", "example.com", &["dns:*.com"]),
    ("wildcard_partial", HOST, &["dns:broker*.example.com"]),
    ("wildcard_partial_front", HOST, &["dns:*1.example.com"]),
    ("wildcard_twice", "a.b.example.com", &["dns:*.*.example.com"]),
    ("wildcard_second_label", HOST, &["dns:broker1.*.com"]),
    ("wildcard_alone", "broker1", &["dns:*"]),
    ("single_label", "broker1", &["dns:broker1"]),
    ("single_label_other", "broker1", &["dns:broker2"]),
    ("upper_case_san", HOST, &["dns:BROKER1.Example.COM"]),
    ("upper_case_host", "Broker1.EXAMPLE.com", &["dns:broker1.example.com"]),
    ("san_trailing_dot", HOST, &["dns:broker1.example.com."]),
    ("host_trailing_dot", "broker1.example.com.", &["dns:broker1.example.com"]),
    ("both_trailing_dot", "broker1.example.com.", &["dns:broker1.example.com."]),
    ("idn_a_label", "xn--bcher-kva.example.com", &["dns:xn--bcher-kva.example.com"]),
    ("idn_u_label_san", "xn--bcher-kva.example.com", &["dns:bücher.example.com"]),
    ("idn_wildcard", "xn--bcher-kva.example.com", &["dns:*.example.com"]),
    ("underscore_host", "kafka_broker_1", &["dns:kafka_broker_1"]),
    ("underscore_host_fqdn", "kafka_1.example.com", &["dns:kafka_1.example.com"]),
    ("underscore_wildcard", "kafka_1.example.com", &["dns:*.example.com"]),
    ("underscore_other_san", HOST, &["dns:kafka_1.example.com", "dns:broker1.example.com"]),
    ("space_in_other_san", HOST, &["dns:not a name", "dns:broker1.example.com"]),
    ("ip_ok", "10.1.2.3", &["ip:10.1.2.3"]),
    ("ip_other", "10.1.2.3", &["ip:10.1.2.4"]),
    ("ip_no_ipsan", "10.1.2.3", &["dns:broker1.example.com"]),
    ("ip_as_dns_san", "10.1.2.3", &["dns:10.1.2.3"]),
    ("ip6_ok", "2001:db8::1", &["ip:2001:db8::1"]),
    ("ip6_other", "2001:db8::1", &["ip:2001:db8::2"]),
    ("ip_san_for_name", HOST, &["ip:10.1.2.3"]),
    ("uri_san_only", HOST, &["uri:spiffe://example.com/broker1"]),
];

/// The name of the case, the host and the subject, for leaves without a subjectAltName.
const SUBJECTS: [(&str, &str, &str); 6] = [
    ("cn_only_no_san", HOST, "CN=broker1.example.com,O=Acme"),
    ("cn_only_other", HOST, "CN=other.example.com,O=Acme"),
    ("cn_only_wildcard", HOST, "CN=*.example.com,O=Acme"),
    ("cn_only_ip", "10.1.2.3", "CN=10.1.2.3,O=Acme"),
    ("cn_only_first_of_two", HOST, "CN=broker1.example.com,CN=other.example.com"),
    ("cn_only_second_of_two", HOST, "CN=other.example.com,CN=broker1.example.com"),
];

pub(super) fn add(cases: &mut Cases) {
    let leaf = cases.leaf();
    for (name, host, names) in ALT_NAMES {
        // The subject is none of them.
        let leaf = leaf.clone().with(alt_names(names)).but(|leaf| leaf.subject = der::name("CN=Somebody,O=Acme"));
        host.clone_into(&mut cases.add_leaf(name, &leaf).host);
    }
    for (name, host, subject) in SUBJECTS {
        let leaf = leaf.clone().without(ALT_NAME).but(|leaf| leaf.subject = der::name(subject));
        host.clone_into(&mut cases.add_leaf(name, &leaf).host);
    }
    cases.add_leaf("email_san_cn_matches", &leaf.clone().with(alt_names(&["email:kafka@example.com"])));
    cases.add_leaf("ip_san_cn_matches", &leaf.clone().with(alt_names(&["ip:10.1.2.3"])));
    cases.add_leaf("dns_san_other_cn_matches", &leaf.clone().with(alt_names(&["dns:other.example.com"])));
    cases.add_leaf(
        "subject_printable",
        &leaf.clone().but(|leaf| leaf.subject = der::name_of(0x13, "CN=broker1,O=Acme")),
    );
    cases.add_leaf("subject_bmp", &leaf.clone().but(|leaf| leaf.subject = der::name_of(0x1E, "CN=broker1!,O=Acme")));
    let nameless = leaf.clone().but(|leaf| leaf.subject = der::name(""));
    cases.add_leaf("empty_subj_sannoncrit", &nameless);
    cases.add_leaf("empty_subj_sancrit", &nameless.critical(ALT_NAME, true));
    cases.add_leaf("san_critical", &leaf.clone().critical(ALT_NAME, true));
    cases.add_leaf("same_dn_as_ca", &leaf.clone().but(|leaf| leaf.subject = der::name("CN=Kafka CA,O=Acme")));
    let with = |name: Vec<u8>| {
        let names = der::sequence(&[name, general_name(&format!("dns:{HOST}"))]);
        leaf.clone().with(Extension::new(ALT_NAME, false, names))
    };
    cases.add_leaf("ip_of_5_octets_in_san", &with(der::element(0x87, &[10, 1, 2, 3, 4])));
    cases.add_leaf("nul_in_other_san", &with(der::element(0x82, b"broker1\0.example.com")));
    cases.add_leaf("empty_dns_in_san", &with(der::element(0x82, b"")));
    cases.add_leaf("dn_in_san", &with(general_name("dn:CN=broker1")));
    cases.add_leaf("email_beyond_ascii_in_san", &with(general_name("email:jürgen@example.com")));
    cases.add_leaf("uri_without_host_in_san", &with(general_name("uri:kafka")));
}
