//! Chains of several certificates: intermediates with something changed, what is sent with them, and which anchors there are.

use super::{Cases, HOST, ca_draft};
use crate::certificate::{
    ANY_USAGE, AUTHORITY_KEY_ID, BASIC_CONSTRAINTS, CLIENT_AUTH, CODE_SIGNING, CRL_SIGN, Ca, DIGITAL_SIGNATURE, Draft,
    Extension, KEY_USAGE, SERVER_AUTH, SUBJECT_KEY_ID, alt_names, authority_key_id, basic_constraints,
    extended_key_usage, key_usage, name_constraints,
};
use crate::der;
use crate::keys::Algorithm;

pub(super) fn add(cases: &mut Cases) {
    what_is_sent(cases);
    intermediates(cases);
    constrained_intermediates(cases);
    anchors(cases);
    long_chains(cases);
}

fn what_is_sent(cases: &mut Cases) {
    let root = cases.ca();
    let intermediate = Ca::below(cases.intermediate_draft(&root), &root);
    let leaf = cases.leaf_of(&intermediate);
    let stranger = Ca::root(ca_draft("CN=Stranger,O=Elsewhere", &cases.keys.get("p256 stranger")));
    for (name, sent, anchors) in [
        ("inter_chain_sent", &[&intermediate][..], &[&root][..]),
        ("inter_chain_missing", &[], &[&root]),
        ("inter_chain_plus_root", &[&intermediate, &root], &[&root]),
        ("inter_wrong_order", &[&root, &intermediate], &[&root]),
        ("inter_twice", &[&intermediate, &intermediate], &[&root]),
        ("inter_and_stranger", &[&intermediate, &stranger], &[&root]),
        ("stranger_then_inter", &[&stranger, &intermediate], &[&root]),
        ("inter_as_only_anchor", &[], &[&intermediate]),
        ("inter_sent_and_only_anchor", &[&intermediate], &[&intermediate]),
        ("inter_sent_with_root_only_inter_anchor", &[&intermediate, &root], &[&intermediate]),
        ("inter_and_root_anchors", &[], &[&root, &intermediate]),
        ("inter_stranger_anchor", &[&intermediate], &[&stranger]),
        ("root_sent_stranger_anchor", &[&intermediate, &root], &[&stranger]),
    ] {
        cases.add(name, &leaf, sent, &intermediate, anchors);
    }
    let good = cases.leaf();
    cases.add("unknown_ca", &good, &[], &root, &[&stranger]);
    cases.add("unknown_ca_root_sent", &good, &[&root], &root, &[&stranger]);
    cases.add("root_sent", &good, &[&root], &root, &[&root]);
    cases.add("stranger_sent", &good, &[&stranger], &root, &[&root]);
    let leaf = root.sign(&good);
    cases.add_case("leaf_twice", &good.key, vec![leaf.clone(), leaf.clone()], vec![root.certificate.clone()]);
    cases.add_case("leaf_pinned", &good.key, vec![leaf.clone()], vec![leaf.clone()]);
    let both = vec![leaf.clone(), root.certificate.clone()];
    cases.add_case("leaf_pinned_root_sent", &good.key, both.clone(), vec![leaf.clone()]);
    cases.add_case("leaf_and_root_anchors", &good.key, vec![leaf], both);
    let expired = root.sign(&good.clone().valid(-10, -1));
    cases.add_case("leaf_pinned_expired", &good.key, vec![expired.clone()], vec![expired]);
    let other = root.sign(&good.clone().with(alt_names(&["dns:other.example.com"])));
    cases.add_case("leaf_pinned_other_host", &good.key, vec![other.clone()], vec![other]);
    let client = root.sign(&good.clone().with(extended_key_usage(&[CLIENT_AUTH])));
    cases.add_case("leaf_pinned_eku_client", &good.key, vec![client.clone()], vec![client]);
}

fn intermediates(cases: &mut Cases) {
    let root = cases.ca();
    let draft = cases.intermediate_draft(&root);
    let changed: Vec<(&str, Draft)> = vec![
        ("inter_no_bc", draft.clone().without(BASIC_CONSTRAINTS)),
        ("inter_bc_false", draft.clone().with(basic_constraints(false, None))),
        ("inter_bc_noncrit", draft.clone().critical(BASIC_CONSTRAINTS, false)),
        ("inter_path_length_0", draft.clone().with(basic_constraints(true, Some(0)))),
        ("inter_no_ku", draft.clone().without(KEY_USAGE)),
        ("inter_ku_no_cert_sign", draft.clone().with(key_usage(&[DIGITAL_SIGNATURE, CRL_SIGN]))),
        ("inter_no_aki", draft.clone().without(AUTHORITY_KEY_ID)),
        ("inter_no_ski", draft.clone().without(SUBJECT_KEY_ID)),
        ("inter_aki_mismatch", draft.clone().with(authority_key_id(&[7; 20]))),
        ("inter_ski_mismatch", draft.clone().with(crate::certificate::subject_key_id(&[7; 20]))),
        ("inter_expired", draft.clone().valid(-10, -1)),
        ("inter_future", draft.clone().valid(1, 10)),
        ("inter_v1", draft.clone().version_1()),
        ("inter_sha1", draft.clone().signed_with(Algorithm::Ecdsa("sha1"))),
        ("inter_signature_broken", draft.clone().but(|draft| draft.is_signature_broken = true)),
        ("inter_eku_server", draft.clone().with(extended_key_usage(&[SERVER_AUTH]))),
        ("inter_eku_client", draft.clone().with(extended_key_usage(&[CLIENT_AUTH]))),
        ("inter_eku_both", draft.clone().with(extended_key_usage(&[SERVER_AUTH, CLIENT_AUTH]))),
        ("inter_eku_any", draft.clone().with(extended_key_usage(&[ANY_USAGE]))),
        ("inter_eku_code_signing", draft.clone().with(extended_key_usage(&[CODE_SIGNING]))),
        (
            "inter_unknown_critical",
            draft.clone().with(Extension::new("1.3.6.1.4.1.99999.7", true, der::octet_string(b"?"))),
        ),
        (
            "inter_policy_constraints",
            draft.clone().with(Extension::new("2.5.29.36", true, der::sequence(&[der::element(0x80, &[0])]))),
        ),
        ("inter_same_dn_as_root", draft.clone().but(|draft| draft.subject.clone_from(&root.subject))),
    ];
    for (name, draft) in changed {
        let intermediate = Ca::below(draft, &root);
        let leaf = cases.leaf_of(&intermediate);
        cases.add(name, &leaf, &[&intermediate], &intermediate, &[&root]);
    }
    for (name, root) in [
        ("root_path_length_0_with_inter", cases.ca_draft("p256").with(basic_constraints(true, Some(0)))),
        ("root_path_length_1_with_inter", cases.ca_draft("p256").with(basic_constraints(true, Some(1)))),
        ("root_expired_with_inter", cases.ca_draft("p256").valid(-100, -1)),
        ("root_nc_bad_with_inter", cases.ca_draft("p256").with(name_constraints(&["dns:example.org"], &[]))),
    ] {
        let root = Ca::root(root);
        let intermediate = Ca::below(cases.intermediate_draft(&root), &root);
        let leaf = cases.leaf_of(&intermediate);
        cases.add(name, &leaf, &[&intermediate], &intermediate, &[&root]);
    }
}

fn constrained_intermediates(cases: &mut Cases) {
    let root = cases.ca();
    let draft = cases.intermediate_draft(&root);
    let names: &[&str] = &["dns:broker1.example.com", "ip:10.1.2.3"];
    for (name, permitted, excluded) in [
        ("inter_nc_ok_dns", &["dns:example.com"][..], &[][..]),
        ("inter_nc_ok_dns_dot", &["dns:.example.com"], &[]),
        ("inter_nc_ok_dns_upper_case", &["dns:EXAMPLE.com"], &[]),
        ("inter_nc_bad_dns", &["dns:example.org"], &[]),
        ("inter_nc_excluded_dns", &[], &["dns:example.com"]),
        ("inter_nc_excluded_host", &[], &["dns:broker1.example.com"]),
        ("inter_nc_excluded_other", &[], &["dns:example.org"]),
        ("inter_nc_ok_ip", &["range:10.0.0.0/255.0.0.0"], &[]),
        ("inter_nc_bad_ip", &["range:11.0.0.0/255.0.0.0"], &[]),
        ("inter_nc_excluded_ip", &[], &["range:10.0.0.0/255.0.0.0"]),
        ("inter_nc_email_only", &["email:example.com"], &[]),
        ("inter_nc_ok_dn", &["dn:CN=broker1.example.com"], &[]),
        ("inter_nc_bad_dn", &["dn:O=Other"], &[]),
        ("inter_nc_excluded_dn", &[], &["dn:CN=broker1.example.com"]),
    ] {
        let intermediate = Ca::below(draft.clone().with(name_constraints(permitted, excluded)), &root);
        let leaf = cases.leaf_of(&intermediate).with(alt_names(names));
        cases.add(name, &leaf, &[&intermediate], &intermediate, &[&root]);
    }
    let constraints = name_constraints(&["dns:example.com"], &[]);
    let intermediate = Ca::below(draft.with(constraints), &root);
    let leaf = cases.leaf_of(&intermediate);
    let wildcard = leaf.clone().with(alt_names(&["dns:*.example.com"]));
    cases.add("inter_nc_wildcard", &wildcard, &[&intermediate], &intermediate, &[&root]);
    let nameless = leaf.without(crate::certificate::ALT_NAME);
    cases.add("inter_nc_no_san", &nameless, &[&intermediate], &intermediate, &[&root]);
    let other = nameless.but(|leaf| leaf.subject = der::name("CN=broker1.example.org"));
    "broker1.example.org"
        .clone_into(&mut cases.add("inter_nc_no_san_bad_cn", &other, &[&intermediate], &intermediate, &[&root]).host);
}

fn anchors(cases: &mut Cases) {
    let root = cases.ca();
    let leaf = cases.leaf();
    // The same name and another key; and the same name and key, with other dates.
    let namesake = Ca::root(ca_draft("CN=Kafka CA,O=Acme", &cases.keys.get("p256 namesake")));
    let anonymous_leaf = leaf.clone().without(AUTHORITY_KEY_ID);
    let anonymous = |ca: &Ca, draft: Draft| Ca::root(Draft { key: ca.key.clone(), ..draft.without(SUBJECT_KEY_ID) });
    let bare_root = anonymous(&root, cases.ca_draft("p256"));
    let bare_namesake = anonymous(&namesake, cases.ca_draft("p256"));
    let expired = Ca::root(cases.ca_draft("p256").valid(-100, -1));
    for (name, leaf, anchors) in [
        ("namesake_only", &leaf, &[&namesake][..]),
        ("namesake_first", &leaf, &[&namesake, &root]),
        ("namesake_last", &leaf, &[&root, &namesake]),
        ("bare_namesake_only", &anonymous_leaf, &[&bare_namesake]),
        ("bare_namesake_first", &anonymous_leaf, &[&bare_namesake, &bare_root]),
        ("bare_namesake_last", &anonymous_leaf, &[&bare_root, &bare_namesake]),
        ("expired_twin_first", &leaf, &[&expired, &root]),
        ("expired_twin_last", &leaf, &[&root, &expired]),
    ] {
        cases.add(name, leaf, &[], &root, anchors);
    }
    cross_signed(cases);
}

/// A CA that has signed itself, and that an older root has signed too.
fn cross_signed(cases: &mut Cases) {
    let new_root = cases.ca();
    let old_key = cases.keys.get("p256 old");
    let old_root = Ca::root(ca_draft("CN=Old CA,O=Acme", &old_key));
    let cross = |draft: Draft| Ca::below(draft.with(authority_key_id(&old_key.identifier())), &old_root);
    let good_cross = cross(cases.ca_draft("p256"));
    let expired_cross = cross(cases.ca_draft("p256").valid(-100, -1));
    let leaf = cases.leaf();
    for (name, sent, anchors) in [
        ("cross_signed_old_anchor", &[&good_cross][..], &[&old_root][..]),
        ("cross_signed_new_anchor", &[&good_cross], &[&new_root]),
        ("cross_signed_both_anchors", &[&good_cross], &[&old_root, &new_root]),
        ("cross_signed_old_root_sent", &[&good_cross, &old_root], &[&new_root]),
        ("cross_signed_expired_old_anchor", &[&expired_cross], &[&old_root]),
        ("cross_signed_expired_new_anchor", &[&expired_cross], &[&new_root]),
        ("cross_signed_expired_both_anchors", &[&expired_cross], &[&old_root, &new_root]),
        ("cross_signed_two_sent", &[&expired_cross, &good_cross], &[&old_root]),
    ] {
        cases.add(name, &leaf, sent, &new_root, anchors);
    }
}

/// Chains with as many intermediates.
fn long_chains(cases: &mut Cases) {
    let root = cases.ca();
    let mut chain: Vec<Ca> = Vec::new();
    for depth in 1..=12 {
        let issuer = chain.last().unwrap_or(&root);
        let draft = ca_draft(&format!("CN=Intermediate {depth}"), &cases.keys.get(&format!("p256 depth{depth}")));
        let draft = draft.with(authority_key_id(&issuer.key.identifier()));
        chain.push(Ca::below(draft, issuer));
    }
    for intermediates in [4, 5, 6, 7, 8, 9, 10, 11, 12] {
        let chain: Vec<&Ca> = chain[..intermediates].iter().rev().collect();
        let leaf = cases.leaf_of(chain[0]).with(alt_names(&[&format!("dns:{HOST}")]));
        cases.add(&format!("{intermediates}_intermediates"), &leaf, &chain, chain[0], &[&root]);
    }
}
