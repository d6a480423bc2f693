//! Leaves that differ from the good one in their extensions, dates, serial number or signature.

use super::Cases;
use crate::certificate::{
    ALT_NAME, ANY_USAGE, AUTHORITY_KEY_ID, BASIC_CONSTRAINTS, CLIENT_AUTH, CODE_SIGNING, CRL_SIGN, Ca,
    DIGITAL_SIGNATURE, Draft, EXTENDED_KEY_USAGE, Extension, KEY_AGREEMENT, KEY_CERT_SIGN, KEY_ENCIPHERMENT, KEY_USAGE,
    NAME_CONSTRAINTS, SERVER_AUTH, SUBJECT_KEY_ID, alt_names, authority_key_id, basic_constraints, extended_key_usage,
    general_name, key_usage, name_constraints,
};
use crate::der;
use crate::keys::Algorithm;

pub(super) fn add(cases: &mut Cases) {
    let leaf = cases.leaf();
    cases.add_leaf("good", &leaf);
    cases.add_leaf("good_tls12", &leaf).is_tls_1_2 = true;
    usages(cases, &leaf);
    constraints(cases, &leaf);
    identifiers(cases, &leaf);
    dates(cases, &leaf);
    serials(cases, &leaf);
    extensions(cases, &leaf);
    malformed(cases, &leaf);
    versions_and_signatures(cases, &leaf);
}

fn usages(cases: &mut Cases, leaf: &Draft) {
    for (name, usages) in [
        ("eku_client_only", &[CLIENT_AUTH][..]),
        ("eku_server_only", &[SERVER_AUTH]),
        ("eku_any", &[ANY_USAGE]),
        ("eku_any_and_code_signing", &[ANY_USAGE, CODE_SIGNING]),
        ("eku_code_signing", &[CODE_SIGNING]),
        ("eku_both_and_code_signing", &[SERVER_AUTH, CLIENT_AUTH, CODE_SIGNING]),
        ("eku_unknown", &["1.3.6.1.4.1.99999.1"]),
        ("eku_empty", &[]),
    ] {
        cases.add_leaf(name, &leaf.clone().with(extended_key_usage(usages)));
    }
    cases.add_leaf("no_eku", &leaf.clone().without(EXTENDED_KEY_USAGE));
    cases.add_leaf("eku_critical", &leaf.clone().critical(EXTENDED_KEY_USAGE, true));
    cases.add_leaf(
        "eku_any_critical",
        &leaf.clone().with(extended_key_usage(&[ANY_USAGE])).critical(EXTENDED_KEY_USAGE, true),
    );
    for (name, bits) in [
        ("ku_digsig_and_encipherment", &[DIGITAL_SIGNATURE, KEY_ENCIPHERMENT][..]),
        ("ku_keyenc_only", &[KEY_ENCIPHERMENT]),
        ("ku_key_agreement_only", &[KEY_AGREEMENT]),
        ("ku_crl_sign_only", &[CRL_SIGN]),
        ("ku_digsig_and_cert_sign", &[DIGITAL_SIGNATURE, KEY_CERT_SIGN]),
        ("ku_all", &[0, 1, 2, 3, 4, 5, 6, 7]),
    ] {
        cases.add_leaf(name, &leaf.clone().with(key_usage(bits)));
    }
    cases.add_leaf("no_ku", &leaf.clone().without(KEY_USAGE));
    cases.add_leaf("ku_noncritical", &leaf.clone().critical(KEY_USAGE, false));
    cases.add_leaf("no_ku_no_eku", &leaf.clone().without(KEY_USAGE).without(EXTENDED_KEY_USAGE));
    // SSL server only, and SSL client only.
    for (name, bits) in [("netscape_server", 0x40), ("netscape_client", 0x80)] {
        let value = der::element(0x03, &[6, bits]);
        cases.add_leaf(name, &leaf.clone().with(Extension::new("2.16.840.1.113730.1.1", false, value)));
    }
    let ca = cases.ca();
    let rsa = cases.leaf_with("rsa-2048", &ca);
    let encipherment = rsa.with(key_usage(&[KEY_ENCIPHERMENT]));
    cases.add_leaf("rsa_ku_keyenc_only", &encipherment);
    cases.add_leaf("rsa_ku_keyenc_only_tls12", &encipherment).is_tls_1_2 = true;
}

fn constraints(cases: &mut Cases, leaf: &Draft) {
    cases.add_leaf("no_bc", &leaf.clone().without(BASIC_CONSTRAINTS));
    cases.add_leaf("bc_noncrit", &leaf.clone().critical(BASIC_CONSTRAINTS, false));
    let ca = leaf.clone().with(basic_constraints(true, None));
    cases.add_leaf("bc_ca_true", &ca);
    cases.add_leaf("bc_ca_true_ku_cert_sign", &ca.clone().with(key_usage(&[DIGITAL_SIGNATURE, KEY_CERT_SIGN])));
    cases.add_leaf("bc_path_length_without_ca", &leaf.clone().with(basic_constraints(false, Some(0))));
    cases.add_leaf("leaf_name_constraints", &leaf.clone().with(name_constraints(&["dns:example.com"], &[])));
    cases.add_leaf("leaf_name_constraints_bad", &leaf.clone().with(name_constraints(&["dns:example.org"], &[])));
}

fn identifiers(cases: &mut Cases, leaf: &Draft) {
    let ca = cases.ca();
    cases.add_leaf("no_aki", &leaf.clone().without(AUTHORITY_KEY_ID));
    cases.add_leaf("no_ski", &leaf.clone().without(SUBJECT_KEY_ID));
    cases.add_leaf("no_aki_ski", &leaf.clone().without(AUTHORITY_KEY_ID).without(SUBJECT_KEY_ID));
    cases.add_leaf("aki_mismatch", &leaf.clone().with(authority_key_id(&[7; 20])));
    cases.add_leaf("aki_critical", &leaf.clone().critical(AUTHORITY_KEY_ID, true));
    cases.add_leaf("ski_critical", &leaf.clone().critical(SUBJECT_KEY_ID, true));
    for (name, serial) in [("aki_issuer_serial_wrong", vec![0x42]), ("aki_issuer_serial_right", serial_of(cases))] {
        let issuer = der::element(0xA1, &der::element(0xA4, &ca.subject));
        let identifier = der::element(0x80, &ca.key.identifier());
        let value = der::sequence(&[identifier, issuer, der::element(0x82, &serial)]);
        cases.add_leaf(name, &leaf.clone().with(Extension::new(AUTHORITY_KEY_ID, false, value)));
    }
    cases.add_leaf("aki_empty", &leaf.clone().with(Extension::new(AUTHORITY_KEY_ID, false, der::sequence(&[]))));
}

fn serial_of(cases: &Cases) -> Vec<u8> {
    cases.ca_draft("p256").serial
}

fn dates(cases: &mut Cases, leaf: &Draft) {
    cases.add_leaf("expired", &leaf.clone().valid(-10, -1));
    cases.add_leaf("future", &leaf.clone().valid(1, 10));
    cases.add_leaf("10years", &leaf.clone().valid(-1, 3650));
    cases.add_leaf("no_end", &leaf.clone().but(|leaf| leaf.not_after = der::element(0x18, b"99991231235959Z")));
    cases.add_leaf("from_1970", &leaf.clone().but(|leaf| leaf.not_before = der::element(0x17, b"700101000000Z")));
    cases.add_leaf("from_1950", &leaf.clone().but(|leaf| leaf.not_before = der::element(0x17, b"500101000000Z")));
    let early = |leaf: &mut Draft| leaf.not_before = der::element(0x18, b"20200101000000Z");
    cases.add_leaf("generalized_time_before_2050", &leaf.clone().but(early));
    cases.add_leaf("end_before_start", &leaf.clone().valid(5, -5));
}

fn serials(cases: &mut Cases, leaf: &Draft) {
    for (name, serial) in [
        ("serial_one", vec![1]),
        ("serial_zero", vec![0]),
        ("serial_negative", vec![0x80, 1, 2, 3]),
        ("serial_20_octets", [&[0x7F][..], &[0xAB; 19]].concat()),
        ("serial_21_octets", [&[0x7F][..], &[0xAB; 20]].concat()),
        ("serial_30_octets", [&[0x7F][..], &[0xAB; 29]].concat()),
    ] {
        cases.add_leaf(name, &leaf.clone().but(|leaf| leaf.serial = serial));
    }
}

fn extensions(cases: &mut Cases, leaf: &Draft) {
    let unknown = |critical| Extension::new("1.3.6.1.4.1.99999.7", critical, der::octet_string(b"?"));
    cases.add_leaf("unknown_critical", &leaf.clone().with(unknown(true)));
    cases.add_leaf("unknown_noncritical", &leaf.clone().with(unknown(false)));
    let policy = || der::sequence(&[der::sequence(&[der::oid("1.3.6.1.4.1.99999.8")])]);
    cases.add_leaf("policies", &leaf.clone().with(Extension::new("2.5.29.32", false, policy())));
    cases.add_leaf("policies_critical", &leaf.clone().with(Extension::new("2.5.29.32", true, policy())));
    let require = der::sequence(&[der::element(0x80, &[0])]);
    cases.add_leaf("policy_constraints_critical", &leaf.clone().with(Extension::new("2.5.29.36", true, require)));
    cases.add_leaf(
        "inhibit_any_policy_critical",
        &leaf.clone().with(Extension::new("2.5.29.54", true, der::integer(&[0]))),
    );
    let place = general_name("uri:http://crl.example.com/ca.crl");
    let points = || {
        let full_name = der::element(0xA0, &place);
        der::sequence(&[der::sequence(&[der::element(0xA0, &full_name)])])
    };
    cases.add_leaf("crl_dp", &leaf.clone().with(Extension::new("2.5.29.31", false, points())));
    cases.add_leaf("crl_dp_critical", &leaf.clone().with(Extension::new("2.5.29.31", true, points())));
    let access =
        der::sequence(&[der::sequence(&[der::oid("1.3.6.1.5.5.7.48.1"), general_name("uri:http://ocsp.example.com")])]);
    cases.add_leaf("aia", &leaf.clone().with(Extension::new("1.3.6.1.5.5.7.1.1", false, access)));
    cases.add_leaf(
        "must_staple",
        &leaf.clone().with(Extension::new("1.3.6.1.5.5.7.1.24", false, der::sequence(&[der::integer(&[5])]))),
    );
    cases.add_leaf(
        "issuer_alt_name_critical",
        &leaf.clone().with(Extension::new("2.5.29.18", true, der::sequence(&[general_name("dns:ca.example.com")]))),
    );
}

fn malformed(cases: &mut Cases, leaf: &Draft) {
    let garbage = |oid, critical| Extension::new(oid, critical, vec![0x30, 0x05, 0x01]);
    for (name, oid) in [
        ("malformed_san", ALT_NAME),
        ("malformed_ku", KEY_USAGE),
        ("malformed_eku", EXTENDED_KEY_USAGE),
        ("malformed_bc", BASIC_CONSTRAINTS),
        ("malformed_ski", SUBJECT_KEY_ID),
        ("malformed_aki", AUTHORITY_KEY_ID),
        ("malformed_nc", NAME_CONSTRAINTS),
        ("malformed_policies", "2.5.29.32"),
        ("malformed_crl_dp", "2.5.29.31"),
    ] {
        cases.add_leaf(name, &leaf.clone().with(garbage(oid, false))).is_raw = true;
    }
    cases.add_leaf("malformed_san_critical", &leaf.clone().with(garbage(ALT_NAME, true))).is_raw = true;
    let doubled = leaf.clone().with_another(alt_names(&["dns:other.example.com"]));
    cases.add_leaf("two_sans", &doubled).is_raw = true;
    cases.add_leaf("two_eku", &leaf.clone().with_another(extended_key_usage(&[CLIENT_AUTH]))).is_raw = true;
    cases.add_leaf("san_empty", &leaf.clone().with(alt_names(&[])));
}

fn versions_and_signatures(cases: &mut Cases, leaf: &Draft) {
    cases.add_leaf("v1", &leaf.clone().version_1());
    cases.add_leaf(
        "v2",
        &leaf.clone().but(|leaf| {
            leaf.version = 1;
            leaf.extensions.clear();
        }),
    );
    cases.add_leaf("v1_with_extensions", &leaf.clone().but(|leaf| leaf.version = 0));
    cases.add_leaf("v4", &leaf.clone().but(|leaf| leaf.version = 3));
    cases.add_leaf("signature_broken", &leaf.clone().but(|leaf| leaf.is_signature_broken = true));
    let other = Algorithm::Ecdsa("sha384");
    cases.add_leaf("inner_algorithm_differs", &leaf.clone().but(|leaf| leaf.inner_algorithm = Some(other)));
    for (name, hash) in
        [("ecdsa_sha1", "sha1"), ("ecdsa_sha224", "sha224"), ("ecdsa_sha384", "sha384"), ("ecdsa_sha512", "sha512")]
    {
        cases.add_leaf(name, &leaf.clone().signed_with(Algorithm::Ecdsa(hash)));
    }
    let ca = Ca::root(cases.ca_draft("rsa-2048"));
    let leaf = cases.leaf_of(&ca);
    for (name, hash) in
        [("md5", "md5"), ("sha1", "sha1"), ("sha224", "sha224"), ("sha384", "sha384"), ("sha512", "sha512")]
    {
        cases.add(name, &leaf.clone().signed_with(Algorithm::Rsa(hash)), &[], &ca, &[&ca]);
    }
    cases.add("sha1_tls12", &leaf.clone().signed_with(Algorithm::Rsa("sha1")), &[], &ca, &[&ca]).is_tls_1_2 = true;
    cases.add("pss_signature", &leaf.signed_with(Algorithm::Pss), &[], &ca, &[&ca]);
}
