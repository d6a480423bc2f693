//! The layouts of Secrets.

use super::*;

#[test]
fn cert_managers_secrets_are_what_the_bundle_has() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1.example.com", "--client", "app1", "-q"]).success();
    let run = sandbox.export(&["kubernetes", "--namespace", "kafka", "--out", "secrets"]).success();
    assert!(run.stdout.contains("made secrets: 4 Secrets in the layout of cert-manager"), "{}", run.stdout);
    assert!(run.stdout.contains("kubectl apply -f secrets"), "{}", run.stdout);
    assert_eq!(run.stderr, "");
    let files = tree(&sandbox.path().join("secrets"));
    assert_eq!(
        files,
        ["app1-password.yaml", "app1.yaml", "broker1.example.com-password.yaml", "broker1.example.com.yaml"]
    );
    assert_eq!(sandbox.mode_of("secrets"), 0o700);
    for file in &files {
        assert_eq!(sandbox.mode_of(&format!("secrets/{file}")), 0o600, "{file}");
    }
    let secret = Manifest::read(sandbox.read("secrets/broker1.example.com.yaml").strip_prefix("---\n").unwrap());
    assert_eq!((secret.kind.as_str(), secret.namespace.as_deref()), ("kubernetes.io/tls", Some("kafka")));
    assert_eq!(secret.labels["app.kubernetes.io/managed-by"], "kafka-certgen");
    let folder = "kafka-certs/broker1.example.com";
    for (key, file) in [
        ("keystore.jks", "kafka.server.keystore.jks"),
        ("truststore.jks", "kafka.server.truststore.jks"),
        ("keystore.p12", "kafka.server.keystore.p12"),
        ("truststore.p12", "kafka.server.truststore.p12"),
        ("tls.crt", "cert-signed"),
        ("ca.crt", "../ca/ca-cert"),
    ] {
        assert_eq!(secret.data[key], sandbox.bytes(&format!("{folder}/{file}")), "{key}");
    }
    let key = secret.text("tls.key");
    assert!(key.starts_with("-----BEGIN PRIVATE KEY-----\n"), "it is PKCS#8 and not encrypted");
    let key = read_private_key(key.as_bytes(), None).unwrap().key;
    assert!(sandbox.certificate(folder).is_of_key(&key));
    let password = Manifest::read(sandbox.read("secrets/app1-password.yaml").strip_prefix("---\n").unwrap());
    assert_eq!((password.kind.as_str(), password.keys()), ("Opaque", vec!["password"]));
    assert_eq!(password.text("password"), sandbox.store_password("app1"));

    // The standard output has the same documents.
    let printed = sandbox.export(&["kubernetes", "--namespace", "kafka"]).success();
    let order = ["broker1.example.com.yaml", "broker1.example.com-password.yaml", "app1.yaml", "app1-password.yaml"];
    assert_eq!(printed.stdout, order.map(|file| sandbox.read(&format!("secrets/{file}"))).concat());
    assert_eq!(printed.stderr, "");
}

#[test]
fn formats_are_those_of_the_bundle_or_those_that_are_asked_for() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--client", "app1", "--cn", "b1", "--format", "pem", "--pem-key", "pbes2", "-q"]).success();
    let client = ["--client", "app1"];
    let plain = sandbox.secrets(&client);
    assert_eq!(plain.len(), 1);
    assert_eq!(plain[0].keys(), ["ca.crt", "tls.crt", "tls.key"]);
    let key = read_private_key(plain[0].text("tls.key").as_bytes(), None).unwrap();
    assert!(!key.was_encrypted, "the key is opened, whatever the bundle's PEM is");

    let asked = [&client[..], &["--format", "jks,pkcs12"]].concat();
    let [secret, password] = &sandbox.secrets(&asked)[..] else { panic!("not two Secrets") };
    let password = password.text("password");
    assert_eq!(password, sandbox.store_password("app1"));
    for store in ["keystore.jks", "keystore.p12"] {
        assert_eq!(secret.opens(store, &password), key.key.to_pkcs8().unwrap().to_vec(), "{store}");
    }
    for store in ["truststore.jks", "truststore.p12"] {
        assert_eq!(secret.opens(store, &password), [0; 0], "there is no key in {store}");
    }
    // What is written anew is the same each time.
    assert_eq!(sandbox.secrets(&asked)[0], *secret);
    let facts = sandbox.export(&[&["kubernetes", "--dry-run", "--json"], &asked[..]].concat()).success().document();
    let from: Vec<_> =
        facts["secrets"][0]["data"].as_array().unwrap().iter().map(|entry| entry["from"].clone()).collect();
    assert_eq!(from, ["made"; 7]);
    assert!(facts["notes"].to_string().contains("4 stores were written from the keys"), "{facts}");
    assert_eq!(sandbox.secrets(&["--format", "pem"]).len(), 2);
}

#[test]
fn one_password_opens_a_store_and_its_key() {
    let sandbox = Sandbox::new();
    sandbox.write("key-password", "another password\n");
    sandbox
        .init(&["--client", "app1", "--cn", "b1", "--format", "jks", "--keypass", "file:key-password", "-q"])
        .success();
    let [secret, password] = &sandbox.secrets(&["--client", "app1"])[..] else { panic!("not two Secrets") };
    assert!(!secret.opens("keystore.jks", &password.text("password")).is_empty());
    let bundle = |file: &str| sandbox.bytes(&format!("kafka-certs/app1/kafka.client.{file}"));
    assert_ne!(secret.data["keystore.jks"], bundle("keystore.jks"));
    assert_eq!(secret.data["truststore.jks"], bundle("truststore.jks"));
}

#[test]
fn a_chain_ends_below_its_root() {
    let sandbox = Sandbox::new();
    apply::write_intermediate_ca(&sandbox);
    sandbox.write(
        "cluster.yaml",
        "ca: {certificate: chain, key: key}\ndefaults: {key_algorithm: ec-p256}\nclients: [app1]\n",
    );
    sandbox.run(&["apply", "-f", "cluster.yaml", "-q"]).success();
    let names = |pem: &[u8]| -> Vec<Vec<u8>> {
        let ders = read_certificates(pem).unwrap();
        ders.into_iter().map(|der| Certificate::from_der(der).unwrap().subject_der().to_vec()).collect()
    };
    let chain = names(&sandbox.bytes("chain"));
    let secret = &sandbox.secrets(&[])[0];
    assert_eq!(names(&secret.data["tls.crt"])[1..], chain[..1], "the CA is in it, and its root is not");
    assert_eq!(names(&secret.data["ca.crt"]), chain[1..]);
    let strimzi = sandbox.secrets(&["--layout", "strimzi", "--cluster", "c", "--with-ca-key", "--ca-key", "key"]);
    assert_eq!(names(&strimzi[0].data["ca.crt"]), chain, "Strimzi wants the CA, then its root");
    assert_eq!(
        read_private_key(&strimzi[2].data["ca.key"], None).unwrap().key.to_pkcs8().unwrap(),
        read_private_key(&sandbox.bytes("key"), None).unwrap().key.to_pkcs8().unwrap()
    );
    sandbox
        .export(&["kubernetes", "--layout", "strimzi", "--cluster", "c", "--with-ca-key"])
        .says(2, &["--with-ca-key: there is no file kafka-certs/ca/ca-key", "--ca-key FILE"]);
}

#[test]
fn strimzi_has_the_ca_and_its_key_only_if_asked() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1", "--client", "app1", "--client", "app2", "--dname", "O=Acme", "-q"]).success();
    let strimzi = ["--layout", "strimzi", "--cluster", "my-cluster"];
    let run = sandbox.export(&[&["kubernetes"], &strimzi[..]].concat()).success();
    assert!(run.stderr.contains("ACLs of a KafkaUser") && !run.stderr.contains("warning:"), "{}", run.stderr);
    assert_without(run.stdout.as_bytes(), &secrets_of_ca(&sandbox));
    let secrets = Manifest::all(&run.stdout);
    let names: Vec<&str> = secrets.iter().map(|secret| secret.name.as_str()).collect();
    assert_eq!(names, ["my-cluster-cluster-ca-cert", "my-cluster-clients-ca-cert", "broker1", "app1", "app2"]);
    for secret in &secrets[..2] {
        assert_eq!(secret.keys(), ["ca.crt", "ca.p12", "ca.password"]);
        assert_eq!(secret.labels["strimzi.io/kind"], "Kafka");
        assert_eq!(secret.labels["strimzi.io/cluster"], "my-cluster");
        assert_eq!(secret.annotations["strimzi.io/ca-cert-generation"], "0");
        assert_eq!(secret.data["ca.crt"], sandbox.bytes("kafka-certs/ca/ca-cert"));
        assert_eq!(secret.opens("ca.p12", &secret.text("ca.password")), [0; 0]);
        for name in ["broker1", "app1", "app2"] {
            assert_ne!(secret.text("ca.password"), sandbox.store_password(name), "it is nobody's password");
        }
    }
    assert_eq!(secrets[2].keys(), ["ca.crt", "tls.crt", "tls.key"]);
    let user = &secrets[3];
    assert_eq!(user.keys(), ["ca.crt", "user.crt", "user.key", "user.p12", "user.password"]);
    assert_eq!(user.labels.len(), 1, "the User Operator takes no Secret for its own: {:?}", user.labels);
    assert_eq!(user.data["user.p12"], sandbox.bytes("kafka-certs/app1/kafka.client.keystore.p12"));
    assert_eq!(user.text("user.password"), sandbox.store_password("app1"));
    assert!(!user.opens("user.p12", &user.text("user.password")).is_empty());

    let with_key = [&["kubernetes", "--with-ca-key", "--ca-generation", "3"], &strimzi[..]].concat();
    let run = sandbox.export(&with_key).success();
    assert!(run.stderr.contains("warning: the CA's key goes out in the open"), "{}", run.stderr);
    let secrets = Manifest::all(&run.stdout);
    for (secret, name) in secrets[2..4].iter().zip(["my-cluster-cluster-ca", "my-cluster-clients-ca"]) {
        assert_eq!((secret.name.as_str(), secret.keys()), (name, vec!["ca.key"]));
        assert_eq!(secret.annotations["strimzi.io/ca-key-generation"], "3");
        let key = read_private_key(&secret.data["ca.key"], None).unwrap();
        let ca = read_certificates(&sandbox.bytes("kafka-certs/ca/ca-cert")).unwrap().remove(0);
        assert!(!key.was_encrypted && Certificate::from_der(ca).unwrap().is_of_key(&key.key));
    }
    assert_eq!(secrets[0].annotations["strimzi.io/ca-cert-generation"], "3");

    // Who names identities gets those.
    let one = sandbox.secrets(&["--layout", "strimzi", "--client", "app2"]);
    assert_eq!(one.iter().map(|secret| secret.name.as_str()).collect::<Vec<_>>(), ["app2"]);
}

#[test]
fn another_key_is_not_exported_as_the_cas() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1", "-q"]).success();
    sandbox.init(&["--cn", "broker1", "--out", "other", "-q"]).success();
    let strimzi = ["kubernetes", "--layout", "strimzi", "--cluster", "c", "--with-ca-key"];
    let run = sandbox.export(&[&strimzi[..], &["--ca-key", "other/ca/ca-key"]].concat());
    assert_eq!(run.says(1, &["is not that of the bundle's CA"]).stdout, "");
    let run = sandbox.export(&[&strimzi[..], &["--ca-pass", "env:NOTHING"]].concat());
    assert_eq!(run.says(2, &["--ca-pass"]).stdout, "");
}

#[test]
fn strimzi_leaves_controllers_out() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "cluster.yaml",
        "ca: {key_algorithm: ec-p256}\ndefaults: {key_algorithm: ec-p256}\ncontrollers: [c1]\nbrokers: [b1]\n",
    );
    sandbox.run(&["apply", "-f", "cluster.yaml", "-q"]).success();
    let run = sandbox.export(&["kubernetes", "--layout", "strimzi", "--cluster", "k", "--dry-run"]);
    run.says(
        0,
        &["would make 3 Secrets", "Left out, since Strimzi issues the certificates of its controllers itself: c1."],
    );
    sandbox
        .export(&["kubernetes", "--layout", "strimzi", "--controller", "c1"])
        .says(2, &["there are controllers alone", "name brokers or clients"]);
}

#[test]
fn bitnamis_pods_have_one_secret_and_one_password() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "b[1-3]", "--client", "app1", "-q"]).success();
    let run = sandbox.export(&["kubernetes", "--layout", "bitnami", "--out", "made"]).success();
    let says = ["b1 → kafka-controller-0", "tls.existingSecret=kafka-tls,tls.passwordsSecret=kafka-tls-passwords"];
    let run = run.says(0, &says);
    assert!(run.stdout.contains("2 stores were written from the keys"), "{}", run.stdout);
    let read = |name: &str| Manifest::read(sandbox.read(&format!("made/{name}.yaml")).strip_prefix("---\n").unwrap());
    let (stores, passwords) = (read("kafka-tls"), read("kafka-tls-passwords"));
    let pods = [0, 1, 2].map(|pod| format!("kafka-controller-{pod}.keystore.jks"));
    assert_eq!(stores.keys(), [&pods[0], &pods[1], &pods[2], "kafka.truststore.jks"]);
    let password = passwords.text("keystore-password");
    assert_eq!(
        (passwords.text("truststore-password"), sandbox.store_password("b1")),
        (password.clone(), password.clone())
    );
    assert_eq!(stores.data[&pods[0]], sandbox.bytes("kafka-certs/b1/kafka.server.keystore.jks"));
    let keys: Vec<Vec<u8>> = pods.iter().map(|pod| stores.opens(pod, &password)).collect();
    assert!(keys.iter().all(|key| !key.is_empty()) && keys[0] != keys[1] && keys[1] != keys[2]);
    assert_eq!(stores.opens("kafka.truststore.jks", &password), [0; 0]);
    let (client, own) = (read("app1"), read("app1-passwords"));
    assert_eq!(client.keys(), ["ca.crt", "keystore.jks", "tls.crt", "tls.key", "truststore.jks"]);
    assert!(!client.opens("keystore.jks", &own.text("keystore-password")).is_empty());

    // What is written anew is the same each time.
    assert_eq!(sandbox.secrets(&["--layout", "bitnami"])[2], stores);
    let pem = sandbox.secrets(&["--layout", "bitnami", "--format", "pem", "--name", "x", "--broker", "b[1-2]"]);
    assert_eq!((pem.len(), pem[0].name.as_str()), (1, "x"));
    assert_eq!(
        pem[0].keys(),
        [
            "ca.crt",
            "kafka-controller-0.crt",
            "kafka-controller-0.key",
            "kafka-controller-1.crt",
            "kafka-controller-1.key"
        ]
    );
}

#[test]
fn names_become_those_that_kubernetes_takes_or_are_refused() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "b1", "--client", "Pay_Service", "--client", "a@b", "--client", "c-", "-q"]).success();
    let run = sandbox.export(&["kubernetes"]);
    let run = run.says(2, &["Kubernetes takes no name `c-`", "--name NAME"]);
    assert_eq!(run.stdout, "");
    assert_eq!(sandbox.secrets(&["--client", "c-", "--name", "c"])[0].name, "c");
    let run = sandbox.export(&["kubernetes", "--client", "Pay_Service", "--client", "a@b", "--prefix", "app."]);
    let run = run.says(0, &["Pay_Service → app.pay-service, a@b → app.a-b."]);
    let names: Vec<String> = Manifest::all(&run.stdout).into_iter().map(|secret| secret.name).collect();
    assert_eq!(names, ["app.pay-service", "app.pay-service-password", "app.a-b", "app.a-b-password"]);
    for (arguments, says) in [
        (["--prefix", "x_/"], "the prefix cannot stand before a name"),
        (["--prefix", "-"], "the prefix cannot stand before a name"),
        (["--name", "x"], "one name is given for the Secrets of 4 identities"),
        (["--namespace", "a.b"], "Kubernetes takes no name `a.b`"),
        (["--namespace", "A"], "Kubernetes takes no name `A`"),
        (["--layout", "helm"], "use one of cert-manager, strimzi, bitnami"),
        (["--format", "der"], "--format: `der` is not a store format"),
    ] {
        let run = sandbox.export(&[&["kubernetes"], &arguments[..]].concat()).says(2, &[says]);
        assert_eq!((run.stdout.as_str(), run.stderr.matches("error:").count()), ("", 1), "{}", run.stderr);
    }
}

#[test]
fn two_secrets_of_one_name_are_refused() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--client", "a_b", "--client", "a@b", "--cn", "c", "--client", "c-password", "-q"]).success();
    let run = sandbox.export(&["kubernetes"]);
    let run = run.says(
        2,
        &[
            "the Secrets of a_b and a@b would both be called `a-b`",
            "the Secrets of c and c-password would both be called `c-password`",
        ],
    );
    assert_eq!(run.stdout, "");
    // PEM alone has no password.
    sandbox.export(&["kubernetes", "--client", "a_b", "--broker", "c", "-q", "--dry-run"]).success();
}

#[test]
fn flags_of_strimzi_are_refused_elsewhere() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "b1", "-q"]).success();
    for flags in [&["--cluster", "x"][..], &["--with-ca-key"], &["--ca-generation", "1"]] {
        sandbox.export(&[&["kubernetes"], flags].concat()).says(2, &["is about Strimzi's Secrets", "--layout strimzi"]);
    }
    sandbox.export(&["kubernetes", "--layout", "strimzi"]).says(2, &["--cluster my-cluster"]);
    let long = "x".repeat(64);
    sandbox
        .export(&["kubernetes", "--layout", "strimzi", "--cluster", &long])
        .says(2, &["has more than 63 characters, and is the value of a label"]);
    sandbox
        .export(&["kubernetes", "--layout", "strimzi", "--cluster", "x", "--format", "jks"])
        .says(2, &["the layout strimzi has no key for jks", "use one of pkcs12, pem"]);
}

#[test]
fn a_secret_that_kubernetes_does_not_take_is_refused_before_anything_is_written() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "b[1-720]", "--format", "pem", "-q"]).success();
    let run = sandbox.export(&["kubernetes", "--layout", "bitnami", "--out", "made"]);
    run.says(1, &["the Secret `kafka-tls` would hold ", " bytes, and Kubernetes takes 1048576", "--format pem"]);
    assert!(!sandbox.path().join("made").exists());
    let run = sandbox.export(&["kubernetes", "--layout", "bitnami"]).says(1, &["Kubernetes takes 1048576"]);
    assert_eq!(run.stdout, "");
    let run = sandbox.export(&["kubernetes", "--layout", "bitnami", "--format", "pem", "--dry-run"]);
    run.says(0, &["would make 1 Secret", "and kafka-tls is too large for that: use `kubectl apply --server-side`"]);
}
