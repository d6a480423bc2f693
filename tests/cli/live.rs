//! `handshake HOST:PORT`: a client of every kind, with brokers and with what is none, over loopback.

mod server;

use std::net::TcpListener;

use serde_json::{Value, json};

use super::*;
use server::{Broker, Server};

/// A bundle in `kafka-certs` whose broker is reached as `localhost`; its address is not in its certificate.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let names = ["--cn", "broker1", "--san", "localhost", "--client", "app1"];
    sandbox.init(&[&names[..], &["--format", "jks,pkcs12,pem"]].concat()).success();
    sandbox
}

impl Sandbox {
    fn broker(&self) -> Broker {
        Broker::of(&self.path().join("kafka-certs"), true)
    }

    /// Connects, and returns the document with the exit status.
    #[track_caller]
    fn seen(&self, arguments: &[&str]) -> (i32, Value) {
        let run = self.run(&[&["handshake", "--json"], arguments].concat());
        let document =
            serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", run.stdout, run.stderr));
        assert_eq!(run.stderr, "", "{arguments:?}");
        (run.status, document)
    }

    /// Returns the codes of the errors of the only broker.
    #[track_caller]
    fn errors(&self, arguments: &[&str]) -> Vec<String> {
        let (status, document) = self.seen(arguments);
        let errors = codes(&document["hosts"][0]["findings"], "error");
        assert_eq!(status, if document["errors"] == 0 { 0 } else { 3 }, "{document}");
        errors
    }
}

fn codes(findings: &Value, severity: &str) -> Vec<String> {
    let findings = findings.as_array().unwrap().iter();
    findings
        .filter(|found| found["severity"] == severity)
        .map(|found| found["code"].as_str().unwrap().to_owned())
        .collect()
}

/// Returns a port that nothing listens on.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

const APP: &str = "kafka-certs/app1/kafka.client";

#[test]
fn a_client_of_every_kind_goes_through_all_nine_steps() {
    let sandbox = sandbox();
    let broker = sandbox.broker().start();
    let target = broker.at("localhost");
    let [p12, trust, jks, pem] =
        ["keystore.p12", "truststore.p12", "keystore.jks", "keystore.pem"].map(|store| format!("{APP}.{store}"));
    let ways: [&[&str]; 8] = [
        &["--config", "kafka-certs/app1/client.properties"],
        &["--config", "kafka-certs/broker1/server.properties"],
        &["--keystore", &p12, "--truststore", &trust],
        &["--keystore", &jks, "--truststore", "kafka-certs/ca/ca-cert"],
        &["--ca", "kafka-certs/ca/ca-cert", "--cert", &pem],
        &["--bundle", "kafka-certs"],
        &["--bundle", "kafka-certs", "--client", "broker1", "--format", "pem"],
        &[],
    ];
    for way in ways {
        for tls in ["1.2", "1.3"] {
            let (status, document) = sandbox.seen(&[way, &[&target, "--tls", tls]].concat());
            let host = &document["hosts"][0];
            assert_eq!(
                (status, &host["transcript"]["outcome"]),
                (0, &json!({"status": "succeeded"})),
                "{way:?}: {host}"
            );
            assert_eq!(host["transcript"]["steps"].as_array().unwrap().len(), 9);
            assert_eq!(host["transcript"]["steps"][1]["details"]["version"], tls);
            assert!(host["transcript"]["steps"][0]["elapsed_ms"].is_number());
            assert_eq!(host["listener"]["kind"], "broker_tls");
            assert_eq!(host["target"], target);
            assert_eq!(host["advertised"][0]["verdict"]["status"], "sound", "{host}");
            assert_eq!(document["client"]["offers"], json!([tls]));
        }
    }
}

/// Commands are not wrapped, so that they can be pasted.
fn is_command(line: &str) -> bool {
    ["kafka-certgen ", "kafka-configs.sh "].iter().any(|program| line.trim_start().starts_with(program))
}

#[test]
fn the_page_fits_into_80_columns_and_has_every_part() {
    let sandbox = sandbox();
    let mut broker = sandbox.broker();
    broker.advertised = vec![(1, "localhost", 0), (2, "localhost.invalid", 9093), (3, "0.0.0.0", 9093)];
    let broker = broker.start();
    let other = "other/app1/client.properties";
    sandbox.init(&["--cn", "broker1", "--client", "app1", "--out", "other", "--ca-cn", "Other CA"]).success();
    let target = broker.at("localhost");
    for arguments in [&["--explain"][..], &["--all", "--verbose"], &["--config", other]] {
        let run = sandbox.run(&[&["handshake", &target], arguments].concat());
        assert_eq!((run.status, run.stderr.as_str()), (3, ""), "{}", run.stdout);
        for line in run.stdout.lines().filter(|line| !is_command(line)) {
            assert!(line.chars().count() <= 80, "{line}");
            assert_eq!(line, line.trim_end());
        }
        for title in ["client", "what listens", "where it sends its clients", "what is wrong"] {
            assert!(
                arguments[0] == "--config" || run.stdout.lines().any(|line| line == title),
                "{title}: {}",
                run.stdout
            );
        }
        assert!(run.stdout.contains(" ms") && !run.stdout.contains('\x1b'), "{}", run.stdout);
        assert!(run.stdout.lines().last().unwrap().starts_with(&format!("{target}: ")), "{}", run.stdout);
    }
    let colored = sandbox.run(&["handshake", &target, "--color", "always"]);
    assert!(colored.stdout.contains("\x1b[32mHandshake"), "{}", colored.stdout);
    let explained = sandbox.run(&["handshake", &target, "--explain"]);
    assert!(explained.stdout.contains("9. Why close_notify?") && !explained.stdout.contains("both ends are in view"));
}

#[test]
fn all_that_is_wrong_with_a_broker_is_told_and_how_to_mend_it() {
    let sandbox = sandbox();
    let broker = sandbox.broker().start();
    sandbox.init(&["--cn", "broker1", "--client", "app1", "--out", "other", "--ca-cn", "Other CA"]).success();
    let target = broker.at("127.0.0.1");
    // Neither trusted nor named, and the broker does not know the client.
    let (status, document) = sandbox.seen(&[&target, "--config", "other/app1/client.properties", "--tls", "1.3"]);
    let host = &document["hosts"][0];
    assert_eq!(status, 3);
    let found = codes(&host["findings"], "error");
    for code in ["chain-not-trusted", "san-host-missing", "client-certificate-withheld"] {
        assert!(found.iter().any(|found| found == code), "{code}: {found:?}");
    }
    assert_eq!(host["transcript"]["outcome"]["step"], 4);
    assert_eq!(host["transcript"]["later"][0]["step"], 5);
    let trust = host["findings"].as_array().unwrap().iter().find(|found| found["code"] == "chain-not-trusted").unwrap();
    assert_eq!(trust["cause"], "broker-ca-unknown");
    let commands = trust["commands"].as_array().unwrap();
    assert!(commands[0].as_str().unwrap().starts_with("kafka-certgen import --truststore "), "{commands:?}");
    for key in ["object", "found", "why", "fix"] {
        assert!(!trust[key].as_str().unwrap().is_empty(), "{key}");
    }
    let page = sandbox.run(&["handshake", &target, "--config", "other/app1/client.properties"]).stdout;
    assert_eq!(
        page.matches("A client stops at step 4; it was gone on to see what else is wrong.").count(),
        1,
        "{page}"
    );
    assert!(page.contains("NOT") && page.contains("FAILED: client"), "{page}");
    // A stack that does not heed the names sends its certificate, and is refused.
    let refused = sandbox.errors(&[&target, "--config", "other/app1/client.properties", "--as", "python"]);
    assert!(refused.contains(&"client-certificate-refused".to_owned()), "{refused:?}");
}

#[test]
fn a_client_without_anything_is_told_what_it_lacks() {
    let sandbox = sandbox();
    let broker = sandbox.broker().start();
    fs::create_dir(sandbox.path().join("empty")).unwrap();
    let mut command = sandbox.command(&["handshake", &broker.at("localhost")]);
    let run = Run::from(command.current_dir(sandbox.path().join("empty")).output().unwrap());
    assert_eq!(run.status, 3, "{}{}", run.stdout, run.stderr);
    for flag in ["--config FILE", "--truststore FILE", "--ca FILE", "--bundle DIR"] {
        assert!(run.stdout.replace('\n', " ").contains(flag), "{flag}: {}", run.stdout);
    }
    assert!(run.stdout.contains("CN=broker1") && run.stdout.contains("client-certificate-missing"), "{}", run.stdout);
    let here = sandbox.run(&["handshake", &broker.at("localhost")]).success();
    assert!(here.stdout.contains("it is `app1` of the bundle kafka-certs, which is here"), "{}", here.stdout);
    let trust = format!("{APP}.truststore.jks");
    let alone = sandbox.errors(&[&broker.at("localhost"), "--truststore", &trust]);
    assert_eq!(alone, ["client-certificate-missing"]);
    let key_alone = sandbox.run(&["handshake", &broker.at("localhost"), "--keystore", &format!("{APP}.keystore.jks")]);
    assert!(key_alone.stdout.contains("name it with --truststore FILE"), "{}", key_alone.stdout);
}

#[test]
fn the_chain_is_printed_as_it_was_sent_and_nothing_else() {
    let sandbox = sandbox();
    let broker = sandbox.broker().start();
    sandbox.init(&["--cn", "broker1", "--client", "app1", "--out", "other", "--ca-cn", "Other CA"]).success();
    let sent = pem::parse_many(sandbox.read("kafka-certs/broker1/kafka.server.keystore.pem")).unwrap();
    let sent: Vec<&pem::Pem> = sent.iter().filter(|block| block.tag() == "CERTIFICATE").collect();
    let before = sandbox.tree();
    let target = broker.at("localhost");
    let trusting = sandbox.run(&["handshake", &target, "--show-chain"]).success();
    let refusing = sandbox.run(&["handshake", &target, "--show-chain", "--config", "other/app1/client.properties"]);
    assert_eq!(trusting.stdout, refusing.stdout);
    assert_eq!((refusing.status, trusting.stderr.as_str()), (3, ""));
    assert!(
        refusing.stderr.contains("chain-not-trusted") && refusing.stderr.contains("\n  hint: "),
        "{}",
        refusing.stderr
    );
    let shown = pem::parse_many(&trusting.stdout).unwrap();
    assert_eq!(
        shown.iter().map(pem::Pem::contents).collect::<Vec<_>>(),
        sent.iter().map(|block| block.contents()).collect::<Vec<_>>()
    );
    let comments: Vec<&str> = trusting.stdout.lines().filter(|line| line.starts_with('#')).collect();
    assert_eq!(comments[..2], ["# subject: CN=broker1", "# issuer: CN=Kafka CA"]);
    assert_eq!(comments.len(), 3 * sent.len());
    // Every other line is one of PEM.
    let others = trusting.stdout.lines().filter(|line| !line.starts_with('#'));
    assert_eq!(others.count(), shown.iter().map(|block| pem::encode(block).lines().count()).sum::<usize>());
    let second = sandbox.broker().start();
    let two = sandbox.run(&["handshake", &target, &second.at("localhost"), "--show-chain", "--quiet"]).success();
    assert_eq!(pem::parse_many(&two.stdout).unwrap().len(), 2 * sent.len());
    assert!(two.stdout.starts_with(&format!("# {target}: 2 certificates\n")), "{}", two.stdout);
    let gone = sandbox.run(&["handshake", &format!("127.0.0.1:{}", free_port()), "--show-chain"]);
    assert_eq!((gone.status, gone.stdout.as_str()), (3, ""));
    assert!(gone.stderr.contains("connection-refused"), "{}", gone.stderr);
    assert_eq!(sandbox.tree(), before);
    let help = sandbox.run(&["handshake", "--help"]).success().stdout.replace('\n', " ");
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(help.contains("who trusts on first sight trusts whoever is in between"), "{help}");
}

#[test]
fn what_is_no_tls_is_recognised() {
    let sandbox = sandbox();
    let http = Server::saying(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    let silent = Server::new(drop);
    let mute = Server::new(|mut stream| {
        // It says nothing until the client gives up.
        let mut heard = Vec::new();
        drop(std::io::Read::read_to_end(&mut stream, &mut heard));
    });
    let nowhere = format!("127.0.0.1:{}", free_port());
    let cases = [
        (http.at("127.0.0.1"), 2, &["http"][..]),
        (silent.at("127.0.0.1"), 2, &["handshake-cut"]),
        (mute.at("127.0.0.1"), 2, &["handshake-unanswered"]),
        (nowhere, 1, &["connection-refused"]),
        ("broker.invalid:9093".to_owned(), 1, &["host-unresolved"]),
    ];
    for (target, step, code) in &cases {
        let (status, document) = sandbox.seen(&[target, "--timeout", "1"]);
        let host = &document["hosts"][0];
        assert_eq!((status, &host["transcript"]["outcome"]["step"]), (3, &json!(step)), "{host}");
        let found = codes(&host["findings"], "error");
        assert!(found.iter().any(|found| found.contains(code[0])), "{target}: {found:?}");
        let page = sandbox.run(&["handshake", target, "--timeout", "1"]);
        assert_eq!(page.status, 3);
        let rows =
            page.stdout.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit()) && line.contains("  "));
        assert_eq!(rows.count(), *step, "{}", page.stdout);
        assert!(!page.stdout.contains("encryption"), "{}", page.stdout);
        let quiet = sandbox.run(&["handshake", target, "--timeout", "1", "-q"]);
        assert_eq!((quiet.status, quiet.stdout.as_str()), (3, ""));
        assert!(
            quiet.stderr.starts_with(&format!("error: {target}: ")) && quiet.stderr.contains("hint: "),
            "{}",
            quiet.stderr
        );
    }
}

#[test]
fn several_brokers_are_seen_in_one_call_and_one_that_fails_hides_no_other() {
    let sandbox = sandbox();
    let broker = sandbox.broker().start();
    let (good, bad) = (broker.at("localhost"), format!("localhost:{}", free_port()));
    let (status, document) = sandbox.seen(&[&bad, &good]);
    let outcomes = |document: &Value| -> Vec<Value> {
        document["hosts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|host| host["transcript"]["outcome"]["status"].clone())
            .collect()
    };
    assert_eq!((status, outcomes(&document)), (3, vec![json!("failed"), json!("succeeded")]));
    assert_eq!(document["errors"], document["hosts"][0]["errors"]);
    assert_eq!(document["hosts"][1]["errors"], 0);
    // As in bootstrap.servers, and each once.
    let second = sandbox.broker().start();
    let (status, document) = sandbox.seen(&[&format!("SSL://{good},{},{good}", second.at("localhost"))]);
    assert_eq!((status, outcomes(&document).len()), (0, 2));
    let page = sandbox.run(&["handshake", &bad, &good]).stdout;
    let last: Vec<&str> = page.lines().rev().take(2).collect();
    assert!(
        last[0].starts_with(&format!("{good}: nothing found")) && last[1].starts_with(&format!("{bad}: 1 error")),
        "{page}"
    );
}

#[test]
fn what_the_listener_is_and_where_it_sends_clients_is_told() {
    let sandbox = sandbox();
    let mut sasl = sandbox.broker();
    sasl.mechanisms = Some(vec!["PLAIN", "SCRAM-SHA-512"]);
    let sasl = sasl.start();
    let page = sandbox.run(&["handshake", &sasl.at("localhost")]).success().stdout;
    assert!(page.contains("a broker, SASL_SSL, mechanisms PLAIN, SCRAM-SHA-512"), "{page}");
    let without = sandbox.broker().start();
    let own = sandbox.read("kafka-certs/app1/client.properties");
    for (protocol, server, code) in
        [("SSL", &sasl, "listener-wants-sasl"), ("SASL_SSL", &without, "listener-without-sasl")]
    {
        // The last of two lines with one key counts.
        fs::write(sandbox.path().join("app.properties"), format!("{own}\nsecurity.protocol={protocol}\n")).unwrap();
        assert_eq!(sandbox.errors(&[&server.at("localhost"), "--config", "app.properties"]), [code]);
    }
    let mut broker = sandbox.broker();
    let third = sandbox.broker().start();
    broker.advertised = vec![(1, "localhost", 0), (2, "0.0.0.0", 9093), (3, "localhost", third.port().into())];
    let broker = broker.start();
    let target = broker.at("localhost");
    let run = sandbox.run(&["handshake", &target]);
    assert_eq!(run.status, 3, "{}", run.stdout);
    assert!(run.stdout.contains(&format!("node 1, {target}: clients connect there, too")), "{}", run.stdout);
    assert!(run.stdout.contains("node 2, 0.0.0.0:9093: advertised-any-address"), "{}", run.stdout);
    let (_, document) = sandbox.seen(&[&target, "--all"]);
    assert_eq!(document["hosts"][0]["advertised"][1]["verdict"]["status"], "faulty");
    assert_eq!(document["hosts"][0]["advertised"][2]["report"]["transcript"]["outcome"]["status"], "succeeded");
}

#[test]
fn a_configuration_decides_as_kafka_reads_it() {
    let sandbox = sandbox();
    let broker = sandbox.broker().start();
    let (named, unnamed) = (broker.at("localhost"), broker.at("127.0.0.1"));
    let own = sandbox.read("kafka-certs/app1/client.properties");
    let with = |name: &str, lines: &str| fs::write(sandbox.path().join(name), format!("{own}\n{lines}\n")).unwrap();
    with("versions.properties", "ssl.enabled.protocols=TLSv1.2");
    with("context.properties", "ssl.enabled.protocols=\nssl.protocol=TLSv1.2");
    for file in ["versions.properties", "context.properties"] {
        let (_, document) = sandbox.seen(&[&named, "--config", file]);
        assert_eq!(document["client"]["offers"], json!(["1.2"]));
    }
    with("hosts.properties", "ssl.endpoint.identification.algorithm=");
    assert_eq!(sandbox.errors(&[&unnamed, "--config", "kafka-certs/app1/client.properties"]), ["san-host-missing"]);
    assert_eq!(sandbox.errors(&[&unnamed, "--config", "hosts.properties"]), [""; 0]);
    with("suites.properties", &format!("ssl.cipher.suites=TLS_AES_128_GCM_SHA256\nbootstrap.servers={named},{named}"));
    let (status, document) = sandbox.seen(&["--config", "suites.properties"]);
    assert_eq!((status, &document["hosts"][0]["target"]), (0, &json!(named)));
    assert!(document["client"]["notes"][0].as_str().unwrap().contains("ssl.cipher.suites"), "{document}");
    // The broker here has no suite with CBC; what else there is to see is seen.
    with("old.properties", "ssl.cipher.suites=TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA");
    assert_eq!(sandbox.errors(&[&named, "--config", "old.properties"]), ["cipher-suite-not-common"]);
    // The nine steps are gone through all the same.
    with("plain.properties", "security.protocol=PLAINTEXT");
    let (status, document) = sandbox.seen(&[&named, "--config", "plain.properties"]);
    let found = &document["client"]["findings"][0];
    assert_eq!(
        (status, &found["code"], &found["cause"]),
        (3, &json!("security-protocol-without-tls"), &json!("client-without-tls"))
    );
    assert_eq!(document["hosts"][0]["errors"], 0);
    // What Kafka does not start with is told in its words.
    with("missing.properties", "ssl.truststore.location=/nowhere/trust.p12");
    with("wrong.properties", "ssl.keystore.password=not-the-password");
    for (file, words) in
        [("missing.properties", "Failed to load SSL keystore"), ("wrong.properties", "Keystore was tampered with")]
    {
        let run = sandbox.run(&["handshake", &named, "--config", file]);
        assert_eq!(run.status, 3, "{}{}", run.stdout, run.stderr);
        let page = run.stdout.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(page.contains(words) && page.contains(&format!("{file}: 1 error")), "{file}: {page}");
        assert!(!page.contains("not-the-password"), "{page}");
    }
}

#[test]
fn the_secrets_of_a_client_are_nowhere_in_what_is_printed() {
    let sandbox = sandbox();
    let broker = sandbox.broker().start();
    let password = sandbox.read("kafka-certs/app1/password").trim().to_owned();
    let target = broker.at("localhost");
    let key = pem::parse_many(sandbox.read(&format!("{APP}.keystore.pem"))).unwrap();
    let key = key.iter().find(|block| block.tag().contains("PRIVATE KEY")).unwrap();
    let encoded = pem::encode(key);
    let line = encoded.lines().nth(1).unwrap();
    for arguments in [&["--verbose", "--explain"][..], &["--json"], &["--show-chain"]] {
        for way in ["client.properties", "keystore.pem"] {
            let config = format!("kafka-certs/app1/{way}");
            let client: &[&str] = match way {
                "keystore.pem" => {
                    &["--cert", "kafka-certs/app1/kafka.client.keystore.pem", "--ca", "kafka-certs/ca/ca-cert"]
                }
                _ => &["--config", &config],
            };
            let run = sandbox.run(&[&["handshake", &target], client, arguments].concat()).success();
            assert!(!run.stdout.contains(&password) && !run.stderr.contains(&password));
            assert!(!run.stdout.contains(line) && !run.stderr.contains(line));
        }
    }
}

#[test]
fn an_encrypted_key_in_pem_is_opened_with_its_password() {
    let sandbox = Sandbox::new();
    let names = ["--cn", "broker1", "--san", "localhost", "--client", "app1", "--format", "pem"];
    sandbox.init(&names).success();
    let broker = sandbox.broker().start();
    sandbox
        .init(&["--cn", "b", "--client", "app1", "--format", "pem", "--pem-key", "pbes2", "--out", "locked"])
        .success();
    let pem = "locked/app1/kafka.client.keystore.pem";
    let target = broker.at("localhost");
    let call = |more: &[&str]| {
        sandbox.run(&[&["handshake", &target, "--ca", "kafka-certs/ca/ca-cert", "--cert", pem], more].concat())
    };
    let closed = call(&[]);
    assert_eq!(closed.status, 1, "{}", closed.stderr);
    assert!(
        closed.stderr.contains("use `--keypass file:PATH`") || closed.stderr.contains("`--keypass file:PATH`"),
        "{}",
        closed.stderr
    );
    let open = call(&["--keypass", "file:locked/app1/password", "--key", pem]);
    // It is of another CA, and sent to nobody who does not name that.
    assert_eq!(open.status, 3, "{}{}", open.stdout, open.stderr);
    assert!(open.stdout.contains("client-certificate-"), "{}", open.stdout);
}

#[test]
fn calls_that_do_not_hold_together_are_refused_with_a_way_out() {
    let sandbox = sandbox();
    fs::write(sandbox.path().join("empty.properties"), "security.protocol=SSL\n").unwrap();
    let trust = format!("{APP}.truststore.jks");
    let cases: [(&[&str], i32, &str); 24] = [
        (&["localhost"], 2, "kafka-certgen handshake localhost:9093"),
        (&["localhost:0"], 2, "from 1 to 65535"),
        (&["localhost:port"], 2, "from 1 to 65535"),
        (&[":9093"], 2, "names no host"),
        (&["::1"], 2, "'[::1]:9093'"),
        (&["no/such/folder"], 2, "there is no folder"),
        (&["a b:9093"], 2, "neither the name nor the address of a host"),
        (&["b\u{fc}cher.example:9093"], 2, "xn--"),
        (&["localhost:9093", "a..b:9093", "--json"], 2, "neither the name nor the address of a host"),
        (&["kafka-certs", "localhost:9093"], 2, "--bundle kafka-certs"),
        (&["kafka-certs", "kafka-certs"], 2, "name one"),
        (&["localhost:9093", "--host", "x"], 2, "connect to that name itself"),
        (&["localhost:9093", "--broker-tls", "1.2"], 2, "leave it out"),
        (&["localhost:9093", "--client-auth", "none"], 2, "leave it out"),
        (&["localhost:9093", "--broker", "broker1"], 2, "the one that is connected to"),
        (&["localhost:9093", "--client-storepass", "file:x"], 2, "`--storepass`"),
        (&["localhost:9093", "--ca", "x", "--truststore", &trust], 2, "both say who the client is"),
        (&["localhost:9093", "--config", "x", "--storepass", "file:x"], 2, "in the properties file"),
        (&["localhost:9093", "--config", "x", "--client", "app1"], 2, "is about a bundle"),
        (&["localhost:9093", "--as", "perl"], 2, "use one of java"),
        (&["localhost:9093", "--config", "no.properties"], 1, "`no.properties` cannot be read"),
        (&["localhost:9093", "--ca", &trust], 1, "no certificate that can be read"),
        (&["--config", "empty.properties"], 2, "has no bootstrap.servers"),
        (&["--ca", "kafka-certs/ca/ca-cert"], 2, "it is not said what to connect to"),
    ];
    for (arguments, status, text) in cases {
        let run = sandbox.run(&[&["handshake"], arguments].concat());
        assert_eq!(
            (run.status, run.stderr.contains(text)),
            (status, true),
            "{arguments:?}: {}{}",
            run.stdout,
            run.stderr
        );
        assert!(run.stderr.contains("hint: "), "{arguments:?}: {}", run.stderr);
    }
    for arguments in
        [&["localhost:9093", "--show-chain", "--json"][..], &["localhost:9093", "--timeout", "0"], &["--key", "x"]]
    {
        let run = sandbox.run(&[&["handshake"], arguments].concat());
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{arguments:?}");
    }
}
