//! CAs that sign a good leaf, and are an anchor with something changed.

use super::Cases;
use crate::certificate::{
    ANY_USAGE, BASIC_CONSTRAINTS, CLIENT_AUTH, CODE_SIGNING, CRL_SIGN, Ca, DIGITAL_SIGNATURE, Extension, KEY_USAGE,
    NAME_CONSTRAINTS, SERVER_AUTH, SUBJECT_KEY_ID, alt_names, authority_key_id, basic_constraints, extended_key_usage,
    key_usage, name_constraints,
};
use crate::der;
use crate::keys::Algorithm;

pub(super) fn add(cases: &mut Cases) {
    let ca = cases.ca_draft("p256");
    cases.add_ca("ca_bc_noncrit", ca.clone().critical(BASIC_CONSTRAINTS, false));
    cases.add_ca("ca_no_bc", ca.clone().without(BASIC_CONSTRAINTS));
    cases.add_ca("ca_no_bc_no_ku", ca.clone().without(BASIC_CONSTRAINTS).without(KEY_USAGE));
    cases.add_ca("ca_bc_false", ca.clone().with(basic_constraints(false, None)));
    cases.add_ca("ca_path_length_0", ca.clone().with(basic_constraints(true, Some(0))));
    cases.add_ca("ca_no_ku", ca.clone().without(KEY_USAGE));
    cases.add_ca("ca_ku_no_cert_sign", ca.clone().with(key_usage(&[DIGITAL_SIGNATURE, CRL_SIGN])));
    cases.add_ca("ca_ku_noncritical", ca.clone().critical(KEY_USAGE, false));
    cases.add_ca("ca_no_ski", ca.clone().without(SUBJECT_KEY_ID));
    cases.add_ca("ca_ski_critical", ca.clone().critical(SUBJECT_KEY_ID, true));
    cases.add_ca("ca_with_aki", ca.clone().with(authority_key_id(&ca.key.identifier())));
    cases.add_ca("ca_aki_mismatch", ca.clone().with(authority_key_id(&[7; 20])));
    cases.add_ca("ca_expired", ca.clone().valid(-100, -1));
    cases.add_ca("ca_future", ca.clone().valid(1, 100));
    cases.add_ca("ca_v1", ca.clone().version_1());
    cases.add_ca("ca_serial_zero", ca.clone().but(|ca| ca.serial = vec![0]));
    cases.add_ca("ca_signature_broken", ca.clone().but(|ca| ca.is_signature_broken = true));
    cases.add_ca("ca_sha1_self", ca.clone().signed_with(Algorithm::Ecdsa("sha1")));
    let rsa = cases.ca_draft("rsa-2048");
    cases.add_ca("ca_md5_self", rsa.clone().signed_with(Algorithm::Rsa("md5")));
    cases.add_ca("ca_rsa_sha1_self", rsa.signed_with(Algorithm::Rsa("sha1")));
    for (name, usages) in [
        ("ca_eku_server", &[SERVER_AUTH][..]),
        ("ca_eku_client", &[CLIENT_AUTH]),
        ("ca_eku_any", &[ANY_USAGE]),
        ("ca_eku_code_signing", &[CODE_SIGNING]),
    ] {
        cases.add_ca(name, ca.clone().with(extended_key_usage(usages)));
    }
    let unknown = Extension::new("1.3.6.1.4.1.99999.7", true, der::octet_string(b"?"));
    cases.add_ca("ca_unknown_critical", ca.clone().with(unknown));
    let require = der::sequence(&[der::element(0x80, &[0])]);
    cases.add_ca("ca_policy_constraints", ca.clone().with(Extension::new("2.5.29.36", true, require)));
    cases.add_ca("ca_inhibit_any_policy", ca.clone().with(Extension::new("2.5.29.54", true, der::integer(&[0]))));
    name_constraint_cases(cases);
    self_signed(cases);
    let ca = Ca::root(ca.but(|ca| ca.subject = der::name("")));
    let leaf = cases.leaf_of(&ca);
    cases.add("ca_without_subject", &leaf, &[], &ca, &[&ca]);
}

fn name_constraint_cases(cases: &mut Cases) {
    let ca = cases.ca_draft("p256");
    for (name, permitted, excluded) in [
        ("ca_nc_ok_dns", &["dns:example.com"][..], &[][..]),
        ("ca_nc_ok_dns_dot", &["dns:.example.com"], &[]),
        ("ca_nc_ok_dns_upper_case", &["dns:EXAMPLE.com"], &[]),
        ("ca_nc_bad_dns", &["dns:example.org"], &[]),
        ("ca_nc_suffix_only", &["dns:ample.com"], &[]),
        ("ca_nc_excluded_dns", &[], &["dns:example.com"]),
        ("ca_nc_excluded_other", &[], &["dns:example.org"]),
        ("ca_nc_ip_only", &["range:10.0.0.0/255.0.0.0"], &[]),
        ("ca_nc_excluded_ip", &[], &["range:10.0.0.0/255.0.0.0"]),
        ("ca_nc_ok_dn", &["dn:"], &[]),
        ("ca_nc_bad_dn", &["dn:O=Other"], &[]),
        ("ca_nc_excluded_dn", &[], &["dn:CN=broker1.example.com"]),
    ] {
        cases.add_ca(name, ca.clone().with(name_constraints(permitted, excluded)));
    }
    let permitted = name_constraints(&["dns:example.com"], &[]);
    cases.add_ca("ca_nc_noncrit_ok", ca.clone().with(permitted.clone()).critical(NAME_CONSTRAINTS, false));
    let leaf = cases.leaf().with(alt_names(&["dns:broker1.example.com", "ip:10.1.2.3"]));
    for (name, permitted, excluded) in [
        ("ca_nc_dns_only_leaf_has_ip", &["dns:example.com"][..], &[][..]),
        ("ca_nc_ok_dns_ip", &["dns:example.com", "range:10.0.0.0/255.0.0.0"], &[]),
        ("ca_nc_ip_other", &["range:11.0.0.0/255.0.0.0"], &[]),
        ("ca_nc_ip_excluded", &[], &["range:10.0.0.0/255.0.0.0"]),
    ] {
        let ca = Ca::root(ca.clone().with(name_constraints(permitted, excluded)));
        cases.add(name, &leaf, &[], &ca, &[&ca]);
    }
    let ca = Ca::root(ca.with(permitted));
    let leaf = cases.leaf().with(alt_names(&["dns:*.example.com"]));
    cases.add("ca_nc_wildcard", &leaf, &[], &ca, &[&ca]);
}

/// Leaves that have signed themselves, and are anchors.
fn self_signed(cases: &mut Cases) {
    let leaf = cases.leaf().without(crate::certificate::AUTHORITY_KEY_ID);
    let sign = |leaf: &crate::certificate::Draft| leaf.sign(&leaf.subject, &leaf.key);
    for (name, leaf) in [
        ("selfsigned_pinned", leaf.clone()),
        ("selfsigned_ca_true", leaf.clone().with(basic_constraints(true, None))),
        ("selfsigned_no_bc", leaf.clone().without(BASIC_CONSTRAINTS).without(KEY_USAGE)),
        ("selfsigned_v1", leaf.clone().version_1()),
        ("selfsigned_expired", leaf.clone().valid(-10, -1)),
        ("selfsigned_eku_client", leaf.clone().with(extended_key_usage(&[CLIENT_AUTH]))),
    ] {
        let certificate = sign(&leaf);
        cases.add_case(name, &leaf.key, vec![certificate.clone()], vec![certificate]);
    }
    let ca = cases.ca().certificate;
    cases.add_case("selfsigned_not_pinned", &leaf.key, vec![sign(&leaf)], vec![ca]);
}
