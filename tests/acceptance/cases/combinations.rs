//! Chains with several things changed at once: which of them is complained of first; and names and orders that only some see through.

use super::{Cases, HOST, ca_draft};
use crate::certificate::{
    AUTHORITY_KEY_ID, CLIENT_AUTH, CODE_SIGNING, Ca, DIGITAL_SIGNATURE, Draft, Extension, KEY_CERT_SIGN, SERVER_AUTH,
    alt_names, authority_key_id, basic_constraints, extended_key_usage, general_name, key_usage, name_constraints,
};
use crate::der;
use crate::keys::Algorithm;

pub(super) fn add(cases: &mut Cases) {
    several_faults(cases);
    rarities(cases);
    constraints(cases);
    names_of_issuers(cases);
    orders(cases);
    rollovers(cases);
    path_lengths(cases);
}

fn several_faults(cases: &mut Cases) {
    let leaf = cases.leaf();
    let other_host = |draft: Draft| draft.with(alt_names(&["dns:other.example.com"]));
    let expired = |draft: Draft| draft.valid(-10, -1);
    let code_signing = |draft: Draft| draft.with(extended_key_usage(&[CODE_SIGNING]));
    let unknown = |draft: Draft| draft.with(Extension::new("1.3.6.1.4.1.99999.7", true, der::octet_string(b"?")));
    let certificates: Vec<(&str, Draft)> = vec![
        ("expired_and_other_host", other_host(expired(leaf.clone()))),
        ("expired_and_eku", code_signing(expired(leaf.clone()))),
        ("eku_and_other_host", other_host(code_signing(leaf.clone()))),
        ("eku_and_ku", code_signing(leaf.clone()).with(key_usage(&[KEY_CERT_SIGN]))),
        ("unknown_critical_and_expired", unknown(expired(leaf.clone()))),
        ("unknown_critical_and_other_host", unknown(other_host(leaf.clone()))),
        ("sha1_and_expired", expired(leaf.clone()).signed_with(Algorithm::Ecdsa("sha1"))),
        ("sha1_and_other_host", other_host(leaf.clone()).signed_with(Algorithm::Ecdsa("sha1"))),
        ("broken_and_expired", expired(leaf.clone()).but(|leaf| leaf.is_signature_broken = true)),
        ("broken_and_other_host", other_host(leaf.clone()).but(|leaf| leaf.is_signature_broken = true)),
        ("v1_and_expired", expired(leaf.clone().version_1())),
        ("no_aki_and_expired", expired(leaf.clone().without(AUTHORITY_KEY_ID))),
    ];
    let stranger = Ca::root(ca_draft("CN=Stranger,O=Elsewhere", &cases.keys.get("p256 stranger")));
    let root = cases.ca();
    for (name, draft) in certificates {
        cases.add_leaf(name, &draft);
        cases.add(&format!("{name}_unknown_ca"), &draft, &[], &root, &[&stranger]);
    }
    let rsa = cases.leaf_with("rsa-1024", &root);
    cases.add_leaf("rsa1024_and_expired", &expired(rsa.clone()));
    cases.add_leaf("rsa1024_and_other_host", &other_host(rsa));
    let ca = cases.ca_draft("p256");
    cases.add_ca("ca_expired_and_no_bc", ca.clone().valid(-10, -1).without(crate::certificate::BASIC_CONSTRAINTS));
    let ca = Ca::root(ca.valid(-10, -1));
    cases.add("ca_and_leaf_expired", &expired(leaf), &[], &ca, &[&ca]);
}

fn rarities(cases: &mut Cases) {
    let leaf = cases.leaf();
    cases.add_leaf("ku_empty", &leaf.clone().with(key_usage(&[]))).is_raw = true;
    cases.add_leaf("eku_step_up", &leaf.clone().with(extended_key_usage(&["1.3.6.1.4.1.311.10.3.3", CLIENT_AUTH])));
    let netscape = der::element(0x03, &[6, 0xC0]);
    cases.add_leaf(
        "netscape_both",
        &leaf.clone().with(Extension::new("2.16.840.1.113730.1.1", false, netscape.clone())),
    );
    cases.add_leaf("netscape_critical", &leaf.clone().with(Extension::new("2.16.840.1.113730.1.1", true, netscape)));
    cases.add_leaf(
        "email_and_dns_in_san",
        &leaf.clone().with(alt_names(&["email:kafka@example.com", &format!("dns:{HOST}")])),
    );
    let registered = der::element(0x88, &[0x2A, 3, 4]);
    let names = der::sequence(&[registered, general_name(&format!("dns:{HOST}"))]);
    cases.add_leaf(
        "registered_id_in_san",
        &leaf.clone().with(Extension::new(crate::certificate::ALT_NAME, false, names)),
    );
    let policy =
        || Extension::new("2.5.29.32", false, der::sequence(&[der::sequence(&[der::oid("1.3.6.1.4.1.99999.8")])]));
    let require = || Extension::new("2.5.29.36", true, der::sequence(&[der::element(0x80, &[0])]));
    cases.add_leaf("policies_required_and_there", &leaf.clone().with(policy()).with(require()));
    let root = cases.ca();
    let intermediate = Ca::below(cases.intermediate_draft(&root).with(policy()).with(require()), &root);
    let leaf = cases.leaf_of(&intermediate);
    cases.add("policies_required_by_inter_and_missing", &leaf, &[&intermediate], &intermediate, &[&root]);
    cases.add("policies_required_by_inter_and_there", &leaf.with(policy()), &[&intermediate], &intermediate, &[&root]);
    let both = cases.ca_draft("p256").with(extended_key_usage(&[SERVER_AUTH, CLIENT_AUTH]));
    cases.add_ca("ca_eku_both", both);
}

fn constraints(cases: &mut Cases) {
    let root = cases.ca();
    let draft = cases.intermediate_draft(&root);
    let (dns, email) = (format!("dns:{HOST}"), "email:kafka@example.com");
    for (name, names, permitted, excluded) in [
        ("inter_nc_email_ok", &[dns.as_str(), email][..], &["email:example.com"][..], &[][..]),
        ("inter_nc_email_bad", &[&dns, email], &["email:example.org"], &[]),
        ("inter_nc_email_address", &[&dns, email], &["email:kafka@example.com"], &[]),
        ("inter_nc_email_excluded", &[&dns, email], &[], &["email:example.com"]),
        ("inter_nc_ip6_ok", &[&dns, "ip:2001:db8::1"], &["range:2001:db8::/ffff:ffff::"], &[]),
        ("inter_nc_ip6_bad", &[&dns, "ip:2001:db8::1"], &["range:2001:db9::/ffff:ffff::"], &[]),
        ("inter_nc_ip4_for_ip6", &[&dns, "ip:2001:db8::1"], &["range:10.0.0.0/255.0.0.0"], &[]),
        ("inter_nc_two_dns", &[&dns], &["dns:example.org", "dns:example.com"], &[]),
        ("inter_nc_permitted_and_excluded", &[&dns], &["dns:example.com"], &["dns:broker1.example.com"]),
        ("inter_nc_wildcard_excluded_host", &["dns:*.example.com"], &[], &["dns:broker2.example.com"]),
        ("inter_nc_second_name_bad", &[&dns, "dns:broker1.example.org"], &["dns:example.com"], &[]),
    ] {
        let intermediate = Ca::below(draft.clone().with(name_constraints(permitted, excluded)), &root);
        let leaf = cases.leaf_of(&intermediate).with(alt_names(names));
        cases.add(name, &leaf, &[&intermediate], &intermediate, &[&root]);
    }
}

/// The issuer in the leaf is the subject of the CA in another form.
fn names_of_issuers(cases: &mut Cases) {
    let ca = cases.ca();
    let leaf = cases.leaf();
    for (name, issuer) in [
        ("issuer_in_other_case", der::name("CN=KAFKA ca,O=acme")),
        ("issuer_in_printable_string", der::name_of(0x13, "CN=Kafka CA,O=Acme")),
        ("issuer_with_blanks", der::name("CN=Kafka  CA,O=Acme")),
        ("issuer_in_other_order", der::name("O=Acme,CN=Kafka CA")),
    ] {
        let sent = vec![leaf.sign(&issuer, &ca.key)];
        cases.add_case(name, &leaf.key, sent, vec![ca.certificate.clone()]);
    }
}

fn orders(cases: &mut Cases) {
    let root = cases.ca();
    let upper = Ca::below(cases.intermediate_draft(&root), &root);
    let lower = |draft: Draft| Ca::below(draft.with(authority_key_id(&upper.key.identifier())), &upper);
    let draft = ca_draft("CN=Lower", &cases.keys.get("p256 lower"));
    let good = lower(draft.clone());
    let expired = lower(draft.clone().valid(-10, -1));
    let no_ca = lower(draft.with(basic_constraints(false, None)));
    for (name, ca) in [("good", &good), ("expired", &expired), ("no_ca", &no_ca)] {
        let leaf = cases.leaf_of(ca);
        cases.add(&format!("two_inters_{name}"), &leaf, &[ca, &upper], ca, &[&root]);
        cases.add(&format!("two_inters_reversed_{name}"), &leaf, &[&upper, ca], ca, &[&root]);
        let other = leaf.clone().with(alt_names(&["dns:other.example.com"]));
        cases.add(&format!("two_inters_reversed_other_host_{name}"), &other, &[&upper, ca], ca, &[&root]);
        cases.add(&format!("two_inters_upper_missing_{name}"), &leaf, &[ca], ca, &[&root]);
        cases.add(&format!("two_inters_upper_anchor_{name}"), &leaf, &[ca], ca, &[&upper]);
        let client = leaf.with(extended_key_usage(&[CODE_SIGNING])).with(key_usage(&[DIGITAL_SIGNATURE]));
        cases.add(&format!("two_inters_reversed_eku_{name}"), &client, &[&upper, ca], ca, &[&root]);
    }
}

/// A CA that has a new key under its old name, or a new certificate for its old key.
fn rollovers(cases: &mut Cases) {
    let old = cases.ca();
    let new_key = cases.keys.get("p256 renewed");
    let draft = ca_draft("CN=Kafka CA,O=Acme", &new_key);
    let rolled = Ca::below(draft.clone().with(authority_key_id(&old.key.identifier())), &old);
    let new = Ca::root(draft);
    let leaf = cases.leaf_of(&new);
    cases.add("rollover_old_anchor", &leaf, &[&rolled], &rolled, &[&old]);
    cases.add("rollover_new_anchor", &leaf, &[&rolled], &rolled, &[&new]);
    cases.add("rollover_missing", &leaf, &[], &rolled, &[&old]);
    let twin = Ca::root(cases.ca_draft("p256").valid(-3, 100).but(|ca| ca.serial = vec![0x55]));
    let expired_twin = Ca::root(cases.ca_draft("p256").valid(-30, -1).but(|ca| ca.serial = vec![0x56]));
    let leaf = cases.leaf();
    cases.add("twin_sent", &leaf, &[&twin], &old, &[&old]);
    cases.add("expired_twin_sent", &leaf, &[&expired_twin], &old, &[&old]);
    cases.add("twin_sent_expired_twin_anchor", &leaf, &[&twin], &old, &[&expired_twin]);
}

fn path_lengths(cases: &mut Cases) {
    let root = cases.ca();
    for limit in [0, 1] {
        let draft = cases.intermediate_draft(&root).with(basic_constraints(true, Some(limit)));
        let upper = Ca::below(draft, &root);
        let draft = ca_draft("CN=Lower", &cases.keys.get("p256 lower"));
        let lower = Ca::below(draft.with(authority_key_id(&upper.key.identifier())), &upper);
        let leaf = cases.leaf_of(&lower);
        cases.add(&format!("two_inters_path_length_{limit}"), &leaf, &[&lower, &upper], &lower, &[&root]);
    }
}
