//! What `init` makes and says.

use std::os::unix::fs::PermissionsExt;

use super::*;

#[test]
fn one_broker_is_the_whole_of_the_script() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&["init", "--cn", "broker1"]).success();
    let expected = [
        "kafka-certs",
        "kafka-certs/broker1",
        "kafka-certs/broker1/cert-file",
        "kafka-certs/broker1/cert-signed",
        "kafka-certs/broker1/client.properties",
        "kafka-certs/broker1/identity.json",
        "kafka-certs/broker1/kafka.server.keystore.jks",
        "kafka-certs/broker1/kafka.server.keystore.p12",
        "kafka-certs/broker1/kafka.server.truststore.jks",
        "kafka-certs/broker1/kafka.server.truststore.p12",
        "kafka-certs/broker1/password",
        "kafka-certs/broker1/server.properties",
        "kafka-certs/bundle.json",
        "kafka-certs/ca",
        "kafka-certs/ca/ca-cert",
        "kafka-certs/ca/ca-key",
        "kafka-certs/ca/ca-key.password",
    ];
    assert_eq!(sandbox.tree(), expected);
    assert_eq!(run.stderr, "");
    for text in ["a CA, 1 broker", "dns:broker1", "User:CN=broker1", "rsa-2048", "rsa-3072", "next:"] {
        assert!(run.stdout.contains(text), "no `{text}` in\n{}", run.stdout);
    }
}

#[test]
fn every_file_with_a_key_or_a_password_is_the_owners_alone_whatever_the_umask() {
    for umask in ["000", "022", "077", "777"] {
        let sandbox = Sandbox::new();
        let script = format!("umask {umask}; exec \"$0\" \"$@\"");
        let arguments = quick(&["--cn", "broker1", "--client", "app1", "--format", "jks,pkcs12,pem"]);
        let mut shell = Command::new("sh");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_kafka-certgen")]).args(arguments).current_dir(sandbox.path());
        Run::from(shell.output().unwrap()).success();
        for path in sandbox.tree() {
            let metadata = fs::metadata(sandbox.path().join(&path)).unwrap();
            let name = path.rsplit('/').next().unwrap();
            let is_public = ["ca-cert", "cert-file", "cert-signed", "bundle.json"].contains(&name)
                || name.ends_with("truststore.pem")
                || path.ends_with("broker1/client.properties");
            let expected = match (metadata.is_dir(), is_public, umask) {
                (true, ..) => 0o700,
                (_, false, _) | (_, true, "077" | "777") => 0o600,
                (_, true, _) => 0o644,
            };
            assert_eq!(metadata.permissions().mode() & 0o7777, expected, "{path} under umask {umask}");
        }
    }
}

#[test]
fn the_script_layout_has_the_scripts_names() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1", "--layout", "script", "--out", "out"]).success();
    let expected = [
        "bundle.json",
        "ca-cert",
        "ca-key",
        "ca-key.password",
        "cert-file",
        "cert-signed",
        "client.properties",
        "kafka.server.keystore.jks",
        "kafka.server.truststore.jks",
        "password",
        "server.properties",
    ];
    assert_eq!(tree(&sandbox.path().join("out")), expected);
    let location = fs::canonicalize(sandbox.path()).unwrap().join("out/kafka.server.keystore.jks");
    assert!(sandbox.read("out/server.properties").contains(&format!("ssl.keystore.location={}\n", location.display())));
}

#[test]
fn json_has_the_same_facts_and_no_secret() {
    let sandbox = Sandbox::new();
    let arguments = ["--cn", "broker1", "--client", "app1", "--dname", "OU=a,OU=b,O=Acme\\, Inc.", "--json"];
    let run = sandbox.init(&arguments).success();
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let inventory: serde_json::Value = serde_json::from_str(&sandbox.read("kafka-certs/bundle.json")).unwrap();
    for key in ["version", "created", "settings", "ca", "identities"] {
        assert_eq!(document[key], inventory[key], "{key}");
    }
    assert_eq!(document["identities"][0]["principal"], "User:CN=broker1,OU=a,OU=b,O=Acme\\, Inc.");
    assert_eq!(document["super_users"], "User:CN=broker1,OU=a,OU=b,O=Acme\\, Inc.");
    assert_eq!(document["identities"][1]["role"], "client");
    assert_eq!(document["next"].as_array().unwrap().len(), 2);
    let files: Vec<&str> = document["identities"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|identity| identity["files"].as_array().unwrap())
        .map(|file| file.as_str().unwrap())
        .collect();
    for file in files {
        assert!(sandbox.path().join("kafka-certs").join(file).is_file(), "{file}");
    }
    for password in ["broker1/password", "app1/password", "ca/ca-key.password"] {
        let password = sandbox.read(&format!("kafka-certs/{password}"));
        assert!(!run.stdout.contains(password.trim_end()) && !run.stderr.contains(password.trim_end()));
    }
}

#[test]
fn quiet_says_nothing_and_verbose_says_each_step() {
    let sandbox = Sandbox::new();
    let quiet = sandbox.init(&["--cn", "broker1", "-q", "--out", "a"]).success();
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    let verbose = sandbox.init(&["--cn", "broker1", "-v", "--out", "b"]).success();
    for line in
        ["ca: make the key pair: done", "ca: make the CA certificate: done", "broker1: issue the certificate: done"]
    {
        assert!(verbose.stderr.contains(line), "no `{line}` in\n{}", verbose.stderr);
    }
}

#[test]
fn the_properties_name_the_folder_that_the_files_will_live_in() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1", "--client", "app1", "--deploy-dir", "C:\\kafka ssl/"]).success();
    let server = sandbox.read("kafka-certs/broker1/server.properties");
    assert!(server.contains("ssl.keystore.location=C:\\\\kafka ssl/kafka.server.keystore.p12\n"), "{server}");
    assert!(server.contains("ssl.client.auth=required\n"), "{server}");
    let client = sandbox.read("kafka-certs/app1/client.properties");
    assert!(client.contains("ssl.truststore.location=C:\\\\kafka ssl/kafka.client.truststore.p12\n"), "{client}");
    assert!(client.contains("security.protocol=SSL\n"), "{client}");
}

#[test]
fn brokers_ask_for_certificates_when_there_are_clients() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1", "--out", "alone"]).success();
    assert!(!sandbox.read("alone/broker1/server.properties").contains("\nssl.client.auth"));
    sandbox.init(&["--cn", "broker1", "--client-auth", "requested", "--out", "asked"]).success();
    assert!(sandbox.read("asked/broker1/server.properties").contains("ssl.client.auth=requested\n"));
}

#[test]
fn ranges_and_nodes_of_alternative_names_expand() {
    let sandbox = Sandbox::new();
    let run = sandbox.init(&[
        "--cn",
        "broker[1-3].example.com",
        "--client",
        "app_{a,b}",
        "--json",
        "--san",
        "broker[1-3].example.com=10.0.0.[1-3]",
        "--san",
        "*=kafka.example.com",
        "--san",
        "broker2.example.com=::1",
        "--san",
        "app_a=app-a.example.com",
    ]);
    let document: serde_json::Value = serde_json::from_str(&run.success().stdout).unwrap();
    let names: Vec<String> = document["identities"]
        .as_array()
        .unwrap()
        .iter()
        .map(|identity| {
            let names: Vec<&str> =
                identity["alt_names"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
            format!("{}: {}", identity["name"].as_str().unwrap(), names.join(" "))
        })
        .collect();
    let expected = [
        "broker1.example.com: dns:broker1.example.com ip:10.0.0.1 dns:kafka.example.com",
        "broker2.example.com: dns:broker2.example.com ip:10.0.0.2 dns:kafka.example.com ip:::1",
        "broker3.example.com: dns:broker3.example.com ip:10.0.0.3 dns:kafka.example.com",
        "app_a: dns:app-a.example.com",
        "app_b: ",
    ];
    assert_eq!(names, expected);
}

#[test]
fn a_list_of_names_as_keytool_takes_it_is_understood() {
    let sandbox = Sandbox::new();
    let san = "dns:b.x,ip:10.0.0.1,IP:::1,dns:b[1-2].y";
    let run = sandbox.init(&["--cn", "b", "--san", san, "--json"]).success();
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let expected = serde_json::json!(["dns:b", "dns:b.x", "ip:10.0.0.1", "ip:::1", "dns:b1.y", "dns:b2.y"]);
    assert_eq!(document["identities"][0]["alt_names"], expected);
}

#[test]
fn the_next_commands_fit_what_was_made() {
    let sandbox = Sandbox::new();
    let next = |arguments: &[&str]| {
        let run = sandbox.init(&[arguments, &["--cn", "b", "--json"]].concat()).success();
        let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        let commands: Vec<String> = serde_json::from_value(document["next"].clone()).unwrap();
        assert_eq!(commands.len(), 2);
        commands
    };
    let plain = next(&["--out", "p"]);
    assert_eq!(plain[0], "cat p/b/server.properties >> server.properties && chmod 600 server.properties");
    assert_eq!(plain[1], "kafka-topics.sh --bootstrap-server b:9093 --command-config p/b/client.properties --list");
    let elsewhere = next(&["--out", "e", "--deploy-dir", "/etc/kafka/ssl"]);
    assert_eq!(elsewhere[0], "scp -p e/b/* b:/etc/kafka/ssl/");
    assert!(elsewhere[1].contains("--command-config /etc/kafka/ssl/client.properties"), "{elsewhere:?}");
    let both = next(&["--out", "both", "--client", "app1", "--deploy-dir", "/etc/kafka/ssl"]);
    assert_eq!(both[1], "scp -p both/app1/* CLIENT_HOST:/etc/kafka/ssl/");
    let required = next(&["--out", "r", "--client-auth", "required"]);
    assert!(required[1].starts_with("openssl s_client -connect b:9093 -CAfile r/ca/ca-cert"), "{required:?}");
}

#[test]
fn a_principal_that_kafka_would_split_is_not_offered_as_a_super_user() {
    let sandbox = Sandbox::new();
    for (out, dname) in [("a", "O=a\\;b"), ("b", "O=ab\\ ")] {
        let run = sandbox.init(&["--cn", "b", "--dname", dname, "--out", out]).success();
        assert!(
            !run.stdout.contains("super.users=") && run.stdout.contains("ssl.principal.mapping.rules="),
            "{}",
            run.stdout
        );
    }
}

#[test]
fn colours_are_for_those_who_want_them() {
    let sandbox = Sandbox::new();
    let plain = sandbox.init(&["--cn", "b", "--out", "a"]).success();
    assert!(!plain.stdout.contains('\x1b'));
    let coloured = sandbox.init(&["--cn", "b", "--out", "b", "--color", "always"]).success();
    assert!(coloured.stdout.contains("\x1b[1mmade\x1b[0m"));
}

#[test]
fn an_empty_folder_is_taken() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path().join("kafka-certs")).unwrap();
    sandbox.init(&["--cn", "broker1"]).success();
    assert!(sandbox.path().join("kafka-certs/bundle.json").is_file());
    assert!(sandbox.tree().iter().all(|path| path.starts_with("kafka-certs")));
}

#[test]
fn what_is_special_about_a_choice_is_said() {
    let sandbox = Sandbox::new();
    let said = |out: &str, arguments: &[&str]| {
        let mut all = vec!["--cn", "broker1", "--out", out];
        all.extend(arguments);
        sandbox.init(&all).success().stdout
    };
    assert!(said("a", &["--format", "pem", "--pem-key", "pbes2"]).contains("Java 21 and later"));
    assert!(said("b", &["--format", "pem", "--pem-key", "pbes1-3des"]).contains("Java 11 and later"));
    assert!(said("c", &["--key-alg", "ec-p521"]).contains("rustls with ring does not"));
    assert!(!said("d", &[]).contains("ring"));
}

#[test]
fn help_shows_examples_and_every_choice() {
    let sandbox = Sandbox::new();
    let help = sandbox.run(&["init", "--help"]).success().stdout;
    for text in ["broker[1-3].example.com", "rsa-4096", "ed25519", "jks, pkcs12, pem", "file:PATH", "--dry-run"] {
        assert!(help.contains(text), "no `{text}` in\n{help}");
    }
}

#[test]
fn a_reader_that_goes_away_stops_nothing() {
    let sandbox = Sandbox::new();
    let mut child = sandbox.command(&quick(&["--cn", "broker1"])).stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
    assert!(sandbox.path().join("kafka-certs/bundle.json").is_file());
}
