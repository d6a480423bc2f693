//! What people do to a bundle beside `apply`: nothing of theirs is lost, and what comes out of it works.

use super::*;

const P12_ONLY: &str = "\
ca: {key_algorithm: ec-p256}
defaults: {key_algorithm: ec-p256, formats: [pkcs12]}
brokers:
  - name: broker1
    sans: [one.example.com]
  - name: broker2
";

/// Says that all stores open with what stands beside them, and the next run has nothing to do.
fn works(sandbox: &Sandbox) {
    sandbox.run(&["verify", "kafka-certs"]).success();
    sandbox.apply(&["--check"]).says(0, &["nothing to do"]);
}

#[test]
fn a_file_that_only_has_the_name_of_one_that_is_made_is_kept() {
    let sandbox = Sandbox::with_cluster(P12_ONLY);
    sandbox.apply(&["-q"]).success();
    let mine = "kafka-certs/broker1/kafka.client.keystore.jks";
    sandbox.write(mine, "mine");
    sandbox.apply_changed("one.example.com", "two.example.com", &[]).says(0, &["1 to reissue"]);
    assert_eq!(sandbox.read(mine), "mine");

    // A format that is added takes its name.
    let mine = "kafka-certs/broker1/kafka.server.keystore.pem";
    sandbox.write(mine, "mine");
    sandbox.apply_changed("[pkcs12]", "[pkcs12, pem]", &[]).says(0, &["2 to rewrite", "format pem added"]);
    assert_eq!(sandbox.retired().len(), 1);
    let kept = format!("kafka-certs/retired/{}/kafka.server.keystore.pem", sandbox.retired()[0]);
    assert_eq!(sandbox.read(&kept), "mine");
    assert!(sandbox.read(mine).contains("PRIVATE KEY"));
    sandbox.apply(&["--check"]).says(0, &["nothing to do"]);
}

#[test]
fn stores_open_with_the_password_beside_them_after_it_was_lost_or_changed() {
    for formats in ["[pkcs12]", "[pem, pkcs12]", "[jks]"] {
        for rekey in [&[][..], &["--rekey", "--only", "broker1"]] {
            for other in [None, Some("other-password\n")] {
                let sandbox = Sandbox::with_cluster(&P12_ONLY.replace("[pkcs12]", formats));
                sandbox.apply(&["-q"]).success();
                let password = sandbox.path().join("kafka-certs/broker1/password");
                let old = fs::read_to_string(&password).unwrap();
                match other {
                    None => fs::remove_file(&password).unwrap(),
                    Some(other) => sandbox.write("kafka-certs/broker1/password", other),
                }
                sandbox.apply(rekey).success();
                assert_eq!(sandbox.read("kafka-certs/broker1/password"), old, "{formats} {rekey:?} {other:?}");
                works(&sandbox);
            }
        }
    }
}

#[test]
fn a_new_store_password_is_that_of_the_key_too() {
    let sandbox = Sandbox::with_cluster(&format!(
        "{}stores: {{pem_key: pbes2}}\n",
        P12_ONLY.replace("[pkcs12]", "[pem, pkcs12]")
    ));
    sandbox.apply(&["-q"]).success();
    let old = sandbox.read("kafka-certs/broker1/password");
    sandbox.write("store.password", "a-new-store-password\n");
    sandbox
        .apply_changed("pem_key: pbes2", "pem_key: pbes2, store_password: 'file:store.password'", &[])
        .says(0, &["2 to rewrite", "another store password"]);
    assert!(!sandbox.read("kafka-certs/broker1/server.properties").contains(old.trim()));
    works(&sandbox);
}

#[test]
fn a_record_without_digests_is_not_believed() {
    let sandbox = Sandbox::with_cluster(P12_ONLY);
    sandbox.apply(&["-q"]).success();
    let path = "kafka-certs/broker1/identity.json";
    let mut record: Value = serde_json::from_str(&sandbox.read(path)).unwrap();
    record["sha256"] = serde_json::json!({});
    record["identity"]["files"] = serde_json::json!([]);
    sandbox.write(path, serde_json::to_string(&record).unwrap());
    fs::remove_file(sandbox.path().join("kafka-certs/broker1/kafka.server.truststore.p12")).unwrap();
    sandbox.apply(&[]).says(0, &["1 to rewrite", "kafka.server.truststore.p12 is missing"]);
    works(&sandbox);
}

#[test]
fn an_inventory_of_another_bundle_is_written_anew_with_the_ca_that_is_there() {
    let sandbox = Sandbox::with_cluster(P12_ONLY);
    sandbox.apply(&["-q", "--out", "other"]).success();
    sandbox.apply(&["-q"]).success();
    let ca = sandbox.inventory()["ca"].clone();
    sandbox.write("kafka-certs/bundle.json", sandbox.read("other/bundle.json"));
    sandbox.apply(&[]).says(0, &["bundle.json written anew"]);
    assert_eq!(sandbox.inventory()["ca"], ca);
    works(&sandbox);
}

#[test]
fn the_keystore_of_another_identity_is_not_taken_up() {
    let sandbox = Sandbox::with_cluster(&P12_ONLY.replace("[pkcs12]", "[pkcs12, pem]"));
    sandbox.apply(&["-q"]).success();
    let key = sandbox.public_key("kafka-certs/broker1");
    // Its certificate is newer by a second at least.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    sandbox.apply(&["-q", "--rekey", "--only", "broker2"]).success();
    let store = "kafka.server.keystore.pem";
    sandbox.write(&format!("kafka-certs/broker1/{store}"), sandbox.read(&format!("kafka-certs/broker2/{store}")));
    sandbox.apply(&[]).says(0, &["1 to rewrite", "kafka.server.keystore.pem was changed by hand"]);
    assert_eq!(sandbox.public_key("kafka-certs/broker1"), key);
    works(&sandbox);
}

#[test]
fn a_folder_of_others_with_something_called_like_a_record_is_in_nobodys_way() {
    let sandbox = Sandbox::with_cluster(P12_ONLY);
    sandbox.apply(&["-q"]).success();
    fs::create_dir_all(sandbox.path().join("kafka-certs/others/identity.json")).unwrap();
    fs::create_dir(sandbox.path().join("kafka-certs/large")).unwrap();
    sandbox.write("kafka-certs/large/identity.json", "x".repeat(2 << 20));
    sandbox.apply(&["--check"]).says(0, &["nothing to do"]);
    assert_eq!(sandbox.read("kafka-certs/large/identity.json").len(), 2 << 20);
}
