//! What is taken, what is refused, in which words and where.

use time::OffsetDateTime;
use time::macros::datetime;

use super::*;
use crate::spec::{CaSource, CertificateProfile, ClientAuth, Days, NodeRole};

const NOW: OffsetDateTime = datetime!(2026-12-01 12:00 UTC);

const EXAMPLE: &str = include_str!("../../../examples/cluster.yaml");

fn read(text: &str) -> Result<ClusterFile, FileFaults> {
    ClusterFile::read(text.as_bytes(), NOW)
}

fn refused(text: &str) -> FileFaults {
    read(text).err().unwrap_or_else(|| panic!("it is sound: {}", &text[..text.len().min(200)]))
}

/// Returns each fault as it is shown, with its hint.
fn faults(text: &str) -> Vec<String> {
    let faults = refused(text);
    assert!(!faults.faults.is_empty());
    let shown = |fault: &Fault| match fault.hint() {
        Some(hint) => format!("{fault} | {hint}"),
        None => fault.to_string(),
    };
    faults.faults.iter().map(shown).collect()
}

fn sound(text: &str) -> ClusterFile {
    read(text).unwrap_or_else(|faults| panic!("{faults}"))
}

fn names(file: &ClusterFile) -> Vec<&str> {
    file.spec.nodes.iter().map(|node| node.name.as_str()).collect()
}

fn alt_names(node: &NodeSpec) -> Vec<String> {
    node.alt_names.iter().map(ToString::to_string).collect()
}

#[test]
fn the_example_is_sound() {
    let file = sound(EXAMPLE);
    assert_eq!(file.spec.nodes.len(), 24 + 3 + 3 + 4);
    let node = |name: &str| file.spec.nodes.iter().find(|node| node.name.as_str() == name).unwrap();
    let broker = node("broker2.test.example.com");
    assert_eq!(alt_names(broker), ["broker2.test.example.com", "broker2.internal", "10.0.0.2", "*.kafka.example.com"]);
    assert_eq!(broker.subject.to_string(), "CN=broker2.test.example.com,OU=Kafka,O=Acme,C=US");
    assert_eq!((broker.days, broker.renew_before), (Days::new(90).unwrap(), Days::new(30).ok()));
    assert_eq!(broker.formats, Some(vec![StoreFormat::Pkcs12, StoreFormat::Pem]));
    assert_eq!(broker.alias.as_str(), "kafka");
    let mirror = node("mirror-maker");
    assert_eq!((mirror.role, mirror.profile), (NodeRole::Client, CertificateProfile::BROKER));
    assert_eq!(alt_names(mirror), ["mirror-maker", "mirror-maker.eu.example.com"]);
    assert_eq!(node("controller1.example.com").role, NodeRole::Controller);
    assert_eq!(node("orders-writer").subject.to_string(), "CN=orders-writer,OU=Orders,O=Acme,C=US");
    assert_eq!(file.spec.made_ca().unwrap().subject.to_string(), "CN=Kafka CA,O=Acme,C=US");
    assert_eq!(file.spec.client_auth, Some(ClientAuth::Required));
    assert_eq!(file.spec.deploy_dir.as_deref(), Some("/etc/kafka/ssl"));
}

#[test]
fn what_the_example_comments_out_is_sound_too() {
    let uncommented = |keys: &[&str]| -> String {
        let lines = EXAMPLE.lines().map(|line| {
            let bare = line.trim_start().strip_prefix("# ").unwrap_or_default();
            if keys.iter().any(|key| bare.starts_with(key)) { line.replacen("# ", "", 1) } else { line.to_owned() }
        });
        lines.collect::<Vec<_>>().join("\n")
    };
    let file = sound(&uncommented(&["password:", "store_password:", "key_password:"]));
    assert_eq!(file.secrets.ca.unwrap().value, SecretSource::Environment("CA_PASSWORD".into()));
    assert_eq!(file.secrets.store.unwrap().value, SecretSource::File("store.password".into()));
    assert_eq!(file.secrets.key.unwrap().value, SecretSource::Environment("KEY_PASSWORD".into()));
    let (before, after) = EXAMPLE.split_once("\nca:\n").unwrap();
    let (_, after) = after.split_once("\n# Or a CA that exists").unwrap();
    let after = after.replacen("# ca:\n#   ", "ca:\n  ", 1).replacen("\n#   key:", "\n  key:", 1);
    let file = sound(&format!("{before}\n#{}", after.replacen("\n#   password:", "\n  password:", 1)));
    assert!(matches!(file.spec.ca, CaSource::Given));
    let ca = file.ca.unwrap();
    assert_eq!((ca.certificate.value, ca.key.value), ("corp-ca.pem".into(), "corp-ca.key".into()));
    assert_eq!(file.secrets.ca.unwrap().value, SecretSource::File("corp-ca.password".into()));
}

#[test]
fn brokers_are_all_that_a_file_needs() {
    for text in [
        "brokers: [broker1]",
        "brokers:\n- broker1\n",
        "\u{FEFF}brokers:\r\n  - broker1\r\n",
        "---\nbrokers:\n  - name: broker1\n...\n",
        "%YAML 1.2\n---\n{\"brokers\": [\"broker1\"]}",
        "ca:\ndefaults:\nstores:\nclients:\nbrokers:\n  - broker1\n",
    ] {
        let file = sound(text);
        let node = &file.spec.nodes[0];
        assert_eq!((names(&file), node.days, node.renew_before), (vec!["broker1"], Days::NODE, None), "{text}");
        assert_eq!(file.spec.stores.formats, [StoreFormat::Jks, StoreFormat::Pkcs12]);
        assert_eq!((file.ca, file.secrets), (None, SecretSources::default()));
    }
}

#[test]
fn names_are_what_is_written() {
    let file = sound("clients: [no, off, 1e3, 0x10, 01, 1.50, null, true, 2026-12-01, '1_000']");
    let expected = ["no", "off", "1e3", "0x10", "01", "1.50", "null", "true", "2026-12-01", "1_000"];
    assert_eq!(names(&file), expected);
}

#[test]
fn an_entry_goes_before_the_defaults() {
    let file = sound(
        "defaults: {dname: O=Acme, validity: 100, renew_before: 20, key_algorithm: ec-p256, formats: [pem]}
brokers:
  - a
  - {name: b, dname: '', validity: 50, renew_before: 10, key_algorithm: ec-p384, formats: jks}
",
    );
    let shown: Vec<_> = file
        .spec
        .nodes
        .iter()
        .map(|node| {
            let days = (node.days.get(), node.renew_before.map(Days::get));
            (node.subject.to_string(), days, node.key_algorithm.name(), file.spec.formats(node).to_vec())
        })
        .collect();
    let expected = [
        ("CN=a,O=Acme".to_owned(), (100, Some(20)), "ec-p256", vec![StoreFormat::Pem]),
        ("CN=b".to_owned(), (50, Some(10)), "ec-p384", vec![StoreFormat::Jks]),
    ];
    assert_eq!(shown, expected);
}

#[test]
fn validity_is_within_that_of_a_new_ca_unless_it_is_said() {
    assert_eq!(sound("ca: {validity: 30}\nbrokers: [a]").spec.nodes[0].days.get(), 30);
    assert_eq!(
        faults("ca: {validity: 30}\ndefaults: {validity: 60}\nbrokers: [a, {name: b, validity: 31}]"),
        [
            "2:22: a certificate of 60 days would outlive its CA, which is valid for 30 days",
            "3:34: a certificate of 31 days would outlive its CA, which is valid for 30 days",
        ]
    );
    assert_eq!(
        faults("ca: {validity: 9999999}\nbrokers: [a]"),
        ["1:16: the CA's certificate cannot be valid that long: a certificate cannot say a year beyond 9999"]
    );
}

#[test]
fn the_same_value_goes_to_all_names_or_one_to_each() {
    let file = sound(
        "brokers:
  - name: b[1-2]
    sans: [all.example.com, 'b[1-2].example.com', 'ip:10.0.0.[8-9]', 'fe80::1', ::2]
    cn: k[1-2].example.org
    alias: kafka
  - {name: c, sans: 'c[1-2].example.com'}
  - {name: 'd[1-2]', alias: 'Key{A,B}', cn: same}
",
    );
    let nodes = &file.spec.nodes;
    let expected = ["b2", "k2.example.org", "all.example.com", "b2.example.com", "10.0.0.9", "fe80::1", "::2"];
    assert_eq!(alt_names(&nodes[1]), expected);
    assert_eq!(nodes[1].subject.to_string(), "CN=k2.example.org");
    assert_eq!(alt_names(&nodes[2]), ["c", "c1.example.com", "c2.example.com"]);
    let aliases: Vec<&str> = nodes.iter().map(|node| node.alias.as_str()).collect();
    assert_eq!(aliases, ["kafka", "kafka", "c", "keya", "keyb"]);
    assert_eq!(nodes[4].subject.to_string(), "CN=same");
    assert_eq!(
        faults(
            "brokers:\n  - name: b[1-3]\n    sans: ['10.0.0.[1-2]']\n    alias: k[1-4]\n    cn: c[1-2]\n  - {name: x, alias: 'k[1-2]'}"
        ),
        [
            "3:12: `sans` stands for 2 values, and the entry for 3 names | use ranges of the same length, or a single value for all",
            "4:12: `alias` stands for 4 values, and the entry for 3 names | use ranges of the same length, or a single value for all",
            "5:9: `cn` stands for 2 values, and the entry for 3 names | use ranges of the same length, or a single value for all",
            "6:22: `alias` stands for 2 values, and the entry for one name | give a single value",
        ]
    );
}

#[test]
fn all_mistakes_are_told_at_once_in_the_order_of_the_file() {
    let text = "\
defaults:
  validty: 365
  renew_before: soon
  formats: [jks, p12, jks]
brokers:
  - name: broker1
    san: [a]
    name: broker2
  - br_oker
  - {sans: [kafka_1.example.com, '*']}
  - [broker3]
clients:
  - name: Broker1
  - app[3-1]
brockers: [x]
client_auth: need
";
    assert_eq!(
        faults(text),
        [
            "2:3: the key `validty` is not known in `defaults` | did you mean `validity`?",
            "3:17: `renew_before`: `soon` is not a whole number of days | give a whole number of days, as in 365",
            "4:18: `formats`: `p12` is not a store format | it is one of jks, pkcs12, pem",
            "4:23: `formats`: `jks` is given twice",
            "7:5: the key `san` is not known in an identity | did you mean `sans`?",
            "8:5: the key `name` stands at 6:5 already",
            "9:5: a broker cannot be called `br_oker`: the host name `br_oker` has an underscore, and Java refuses to connect to such a name",
            "10:5: the key `name` is missing in an identity",
            "10:13: `sans`: the host name `kafka_1.example.com` has an underscore, and Java refuses to connect to such a name | use a hyphen in place of the underscore",
            "10:34: `sans`: the host name `*` has its `*` in the wrong place: it stands for one whole leftmost label, above two or more",
            "11:5: an identity is a name, or a mapping with one, and this is a list",
            "13:11: the name `Broker1` differs only in case from `broker1` at 6:11, and neither Java nor every file system tells them apart",
            "14:5: `name`: the range in `app[3-1]` runs backwards | a range is [1-3], [01-12] or {eu,us}",
            "15:1: the key `brockers` is not known | did you mean `brokers`?",
            "16:14: `client_auth`: `need` is not a value for client authentication | it is one of required, requested, none",
        ]
    );
}

#[test]
fn keys_that_are_not_known_are_suggested() {
    assert_eq!(
        faults(
            "validity: 3\nzookeeper: x\ncn: x\n<<: {}\n? [a]\n: b\nstores: {storepass: x, key-password: x}\nbrokers: [a]"
        ),
        [
            "1:1: the key `validity` is not known | `validity` belongs under `defaults`",
            "2:1: the key `zookeeper` is not known | known are ca, defaults, stores, client_auth, deploy_dir, brokers, controllers, clients",
            "3:1: the key `cn` is not known | `cn` belongs to an identity in a list",
            "4:1: merge keys of YAML (`<<`) are not taken | say what is the same for all under `defaults`, and write out the rest",
            "5:3: a key is a word, and this is a list or a mapping",
            "7:10: the key `storepass` is not known in `stores` | did you mean `store_password`?",
            "7:24: the key `key-password` is not known in `stores` | did you mean `key_password`?",
        ]
    );
}

#[test]
fn values_of_another_type_are_told() {
    assert_eq!(
        faults(
            "ca: new\ndefaults: [a]\nstores: {ca_alias: {}, pem_key:}\nclient_auth:\ndeploy_dir: [x]\nbrokers: broker1\nclients:\n  - \n  - {name: [a]}"
        ),
        [
            "1:5: `ca` is a mapping with keys, and this is text",
            "2:11: `defaults` is a mapping with keys, and this is a list",
            "3:20: `ca_alias` is a text, and this is a mapping | put a value with brackets or a colon into quotes",
            "3:24: `pem_key` is a text, and this is nothing | give it a value, or leave out the key",
            "4:1: `client_auth` is a text, and this is nothing | give it a value, or leave out the key",
            "5:13: `deploy_dir` is a text, and this is a list | put a value with brackets or a colon into quotes",
            "6:10: `brokers` is a list, and this is text | begin each item with `- `, on a line of its own",
            "8:5: an identity is a name, or a mapping with one, and this is nothing",
            "9:12: `name` is a text, and this is a list | put a value with brackets or a colon into quotes",
        ]
    );
    assert_eq!(faults("- a"), ["1:1: the file is a mapping with keys, and this is a list"]);
}

#[test]
fn values_that_cannot_be_are_told() {
    assert_eq!(
        faults(
            "ca: {cn: '', dname: 'CN=x,', key_algorithm: rsa-1024, validity: 0x10}
defaults: {dname: CN=x, validity: 365d, key_algorithm: rsa2048, formats: []}
stores: {ca_alias: ' ', pem_key: no}
deploy_dir: '/etc/kafka '
brokers:
  - name: ca
    profile: server
    cn: ''
    alias: \"a\\tb\"
"
        ),
        [
            "1:10: `cn`: `CN` has no value",
            "1:14: `dname` cannot be given beside `cn` at 1:6 | leave out one of them",
            "1:21: `dname`: `` is not TYPE=VALUE | write TYPE=VALUE with commas between, as in OU=Kafka,O=Acme,C=US",
            "1:45: `key_algorithm`: `rsa-1024` is not a key algorithm | it is one of rsa-2048, rsa-3072, rsa-4096, ec-p256, ec-p384, ec-p521, ed25519",
            "1:65: `validity`: `0x10` is not a whole number of days | give a whole number of days, as in 365",
            "2:19: `dname`: the common name is not said here | it is the name, or what `cn` says; `dname` is what follows it",
            "2:35: `validity`: `365d` is not a whole number of days | give a whole number of days, as in 365",
            "2:56: `key_algorithm`: `rsa2048` is not a key algorithm | did you mean `rsa-2048`? It is one of rsa-2048, rsa-3072, rsa-4096, ec-p256, ec-p384, ec-p521, ed25519",
            "2:74: `formats` is a list, and this is nothing | give it a value, or leave out the key",
            "3:20: `ca_alias`: the name is empty",
            "3:34: `pem_key`: `no` is not a PEM key encryption | it is one of plain, pbes2, pbes1-3des",
            "4:13: `deploy_dir`: this is not a path: it is empty, or has a control character or a blank at an end",
            "6:11: `name`: the name `ca` is reserved for the bundle itself",
            "7:14: `profile`: `server` is not a profile | it is one of broker, controller, client",
            "8:9: `cn`: `CN` has no value",
            "9:12: `alias`: the name `a\\u{9}b` has a control character at position 1",
        ]
    );
}

#[test]
fn a_ca_is_new_or_exists() {
    assert_eq!(
        faults("ca:\n  cn: x\n  certificate: ca.pem\n  validity: 3\nbrokers: [a]"),
        [
            "1:1: the key `key` is missing in `ca`",
            "2:3: `cn` is said of a new CA, and `certificate` at 3:3 names one that exists | leave out `certificate` and `key` to have a CA made, or everything else but `password`",
            "4:3: `validity` is said of a new CA, and `certificate` at 3:3 names one that exists | leave out `certificate` and `key` to have a CA made, or everything else but `password`",
        ]
    );
    let file = sound("ca: {certificate: ca.pem, key: /etc/ca.key, password: fd:3}\nbrokers: [a]");
    let ca = file.ca.unwrap();
    assert_eq!(ca.certificate, Located { value: "ca.pem".into(), position: Position { line: 1, column: 19 } });
    assert_eq!(ca.key.value, PathBuf::from("/etc/ca.key"));
    assert_eq!(file.secrets.ca.unwrap().value, SecretSource::FileDescriptor(3));
}

#[test]
fn names_that_collide_are_told_once_for_two_entries() {
    assert_eq!(
        faults("brokers:\n  - b[1-9]\n  - name: b[5-12]\nclients:\n  - B7\n  - x\n  - x"),
        [
            "3:11: the name `b5` is given twice: it stands at 2:5 already (and 4 more of this entry)",
            "5:5: the name `B7` differs only in case from `b7` at 2:5, and neither Java nor every file system tells them apart",
            "7:5: the name `x` is given twice: it stands at 6:5 already",
        ]
    );
}

#[test]
fn what_is_wrong_between_the_parts_has_a_position_too() {
    assert_eq!(
        faults(
            "ca: {cn: k1}
defaults: {key_algorithm: ed25519, formats: [pem], renew_before: 365}
brokers:
  - k[1-3]
  - {name: 'm[1-3]', alias: CARoot}
  - {name: n, validity: 400}
  - {name: o, renew_before: 370}
"
        ),
        [
            "2:27: an Ed25519 key cannot go into a PEM file: Kafka's PEM reader knows RSA and EC keys only",
            "2:66: a certificate of 365 days that is reissued 365 days before its end would be reissued at once | give fewer days to `renew_before`, or more to `validity`",
            "4:5: `k1` would have the same subject as the CA, and Java would then show a chain of one certificate",
            "5:29: the key of `m1` would have the alias `caroot`, which is the CA certificate's (and 2 more of this entry)",
            "7:29: a certificate of 365 days that is reissued 370 days before its end would be reissued at once | give fewer days to `renew_before`, or more to `validity`",
        ]
    );
    assert_eq!(faults("ca: {}"), ["1:1: there is no broker and no client to make anything for"]);
    assert_eq!(faults("\n brokers:\n"), ["2:2: there is no broker and no client to make anything for"]);
    let file = sound("brokers: [a]\nstores:\n  key_password: stdin\n");
    let fault = file.fault(SpecError::KeyPasswordInPkcs12);
    assert_eq!(fault.position, Position { line: 3, column: 17 });
    assert_eq!(file.position(&"a".parse().unwrap()), Some(Position { line: 1, column: 11 }));
    assert_eq!(file.position(&"b".parse().unwrap()), None);
}

/// Returns the only fault, with its hint.
fn fault(text: &str) -> String {
    let faults = faults(text);
    assert_eq!(faults.len(), 1, "{faults:?}");
    faults[0].clone()
}

#[test]
fn brackets_and_stars_need_quotes() {
    let range = "YAML takes these brackets for a list or a mapping of its own | put a name with a range into quotes: ['broker[1-3]']";
    assert_eq!(fault("brokers: [broker[1-3]]"), format!("1:17: {range}"));
    assert_eq!(fault("brokers: [broker.{eu,us}]"), format!("1:18: {range}"));
    assert_eq!(fault("brokers: [{eu,us}.example.com]"), format!("1:18: {range}"));
    assert_eq!(fault("brokers:\n  - {eu,us}.example.com\n"), format!("2:12: {range}"));
    assert_eq!(fault("brokers:\n  - [1-3].example.com\n"), format!("2:10: {range}"));
    let star = "a value without quotes cannot begin with `*` or `&` | put the name into quotes: '*.example.com'";
    assert_eq!(fault("brokers:\n  - *.example.com\n"), format!("2:5: {star}"));
    assert_eq!(fault("brokers: [{name: a, sans: [*.example.com]}]"), format!("1:28: {star}"));
}

#[test]
fn what_is_no_yaml_is_told_with_what_is_expected() {
    let empty = "the file says nothing | name the brokers at least: brokers: ['broker[1-3].example.com']";
    let key = "a key with a colon behind it is expected here | write `key: value` with a blank behind the colon, or indent the line like those that it belongs to";
    let colon = "a colon with a blank behind it begins a value, and none can stand here | indent the line like its neighbours, or put a value that has a colon into quotes";
    let bracket = "see whether each bracket that is opened is closed, and a comma stands between the values";
    for (text, position, expected) in [
        ("", "1:1", empty),
        ("# nothing\n", "1:1", empty),
        ("---\n...\n", "1:1", empty),
        ("brokers:\n\t- a\n", "2:2", "a tab cannot be used for indentation | indent with blanks"),
        ("brokers: [a\n", "2:1", &format!("a comma or the closing bracket is expected here | {bracket}")),
        (
            "brokers: 'a\n",
            "1:10",
            "the quotes that begin here are not closed | close them, and write a quote within them twice",
        ),
        (
            "brokers: a]\n",
            "1:10",
            "`brokers` is a list, and this is text | begin each item with `- `, on a line of its own",
        ),
        ("brokers: [a]]\n", "1:13", &format!("this bracket closes nothing | {bracket}")),
        (
            "brokers: @a\n",
            "1:10",
            "a value without quotes cannot begin with this character | put the value into quotes",
        ),
        (
            "brokers: \"\\q\"\n",
            "1:10",
            "in double quotes a backslash stands before something that needs none | use single quotes",
        ),
        ("ca: a: b\n", "1:6", colon),
        ("ca\nbrokers: [a]\n", "2:8", colon),
        ("brokers:\n  - a\n - b\n", "3:2", key),
        ("brokers: [a]\n clients: [b]\n", "2:2", key),
        ("brokers: [a]\nclients\n", "3:1", key),
        (
            "brokers: 'a' x\n",
            "1:14",
            "something follows a text in quotes on its line | put all of the value into the quotes",
        ),
        ("brokers: [a\0]\n", "1:12", "this character cannot stand in a text | save the file as UTF-8 text"),
        ("brokers: !x!y [a]\n", "1:10", "a value without quotes cannot begin with `!` | put the value into quotes"),
        (
            "brokers: !!seq [a]\n",
            "1:10",
            "tags of YAML (`!`) are not taken | leave it out, or put the value into quotes",
        ),
        (
            "brokers: [a]\r\n---\r\nbrokers: [b]\r\n",
            "2:1",
            "a second document begins here, and one is taken | give each cluster a file of its own",
        ),
        ("brokers: [[[[[[[[[[[[[[[[[[a]]]]]]]]]]]]]]]]]]\n", "1:25", "lists and mappings stand too deep in each other"),
    ] {
        assert_eq!(fault(text), format!("{position}: {expected}"), "{text:?}");
    }
    let written_out = "say what is the same for all under `defaults`, and write out the rest";
    assert_eq!(
        faults("clients: &x [a]\nbrokers: *x\n"),
        [
            format!("1:10: anchors of YAML (`&`) are not taken | {written_out}"),
            format!("2:10: aliases of YAML (`*`) are not taken | {written_out}"),
        ]
    );
}

#[test]
fn what_is_no_utf8_is_told() {
    let fault = |bytes: &[u8]| ClusterFile::read(bytes, NOW).err().unwrap().to_string();
    assert_eq!(fault(b"brokers:\n  - br\xC3\xB6ker\xFF"), "2:11: this is not UTF-8");
    assert_eq!(fault(b"\xFF\xFEb\0r\0"), "1:1: the file is UTF-16, and UTF-8 is taken");
    assert_eq!(fault(&vec![b'#'; MAX_FILE + 1]), "1:1: the file has 4194305 bytes, 4194304 are allowed");
}

#[test]
fn a_secret_is_given_by_its_source() {
    let hint = "say where it comes from: env:NAME, file:PATH, fd:N, stdin or prompt; leave it out to have one made";
    assert_eq!(
        faults(
            "ca: {password: hunter22}\nstores: {store_password: pass:hunter22, key_password: 'env:hunter 22'}\nbrokers: [a]"
        ),
        [
            format!("1:16: `password`: a secret is given by its source, and this is none | {hint}"),
            format!("2:26: `store_password`: a secret does not stand in this file itself | {hint}"),
            format!("2:55: `key_password`: `env:` is not followed by the name of an environment variable | {hint}"),
        ]
    );
    let source = |text: &str| text.parse::<SecretSource>();
    assert_eq!(source("stdin"), Ok(SecretSource::StandardInput));
    assert_eq!(source("prompt"), Ok(SecretSource::Prompt));
    assert_eq!(source("file:a b"), Ok(SecretSource::File("a b".into())));
    assert_eq!(source("fd:x"), Err(SecretSourceError::FileDescriptor));
    for text in ["", "file:", "file:\n", "x:y", "Stdin"] {
        assert_eq!(source(text), Err(SecretSourceError::Unknown));
    }
}

#[test]
fn no_fault_shows_what_stands_for_a_secret() {
    const SECRET: &str = "hunter22";
    let values = [
        "hunter22",
        "'hunter22'",
        "\"hunter22\\q\"",
        "pass:hunter22",
        "env:hunter22!",
        "fd:hunter22",
        "file:hunter22\\0",
        "[hunter22]",
        "{hunter22: hunter22, hunter22: x}",
        "&hunter22 x",
        "*hunter22",
        "!hunter22 x",
        "!hunter22!x y",
        "@hunter22",
        "`hunter22",
        "%hunter22",
        "|\n    hunter22",
        ">-\n    hunter22\n   x",
        "hunter22: hunter22",
        "hunter22[1-3]",
        "[hunter22[1-3]]",
        "'hunter22",
        "\"hunter22",
        "- hunter22",
        "? hunter22",
        "{hunter22",
        "hunter22 #x: y",
        "\n    - hunter22",
        "\n    hunter22: x",
        "\n    hunter22\n    x: y",
        "\thunter22",
        "x\u{FEFF}hunter22",
        "pass: hunter22",
    ];
    let keys = [
        "store_password",
        "key_password",
        "password",
        "store_pasword",
        "passwort",
        "storepass",
        "keypass",
        "secret",
        "pass",
        "PASSWORD",
        "ca_password",
        "ca_pass",
    ];
    for key in keys {
        for value in values {
            for separator in [": ", ":", " ", "= "] {
                let line = format!("{key}{separator}{value}");
                for text in [
                    format!("stores:\n  {line}\nbrokers: [a]\n"),
                    format!("ca:\n  cn: x\n  {line}\nbrokers: [a]\n"),
                    format!("brokers:\n- name: a\n  {line}\n"),
                    format!("{line}\nbrokers: [a]\n"),
                    format!("stores: {{{line}}}\nbrokers: [a]\n"),
                ] {
                    let Err(faults) = read(&text) else { continue };
                    let hints: String = faults.faults.iter().filter_map(Fault::hint).collect();
                    assert!(!faults.to_string().contains(SECRET), "{text}\n{faults}");
                    assert!(!hints.contains(SECRET), "{text}\n{hints}");
                    assert!(!format!("{faults:?}").contains(SECRET), "{text}\n{faults:?}");
                }
            }
        }
    }
}

#[test]
fn what_is_shown_cannot_move_the_cursor() {
    let text = "\"\\e[2J\": x\nclient_auth: \"\\e[2J\"\nbrokers: [\"\\e[2J\", \"a\\u202E\", \"[1-2]\\e\"]\nclients: [{name: x, sans: \"\\e[2J\", alias: \"\\e\"}]";
    let shown = faults(text).join("\n");
    assert_eq!(shown.lines().count(), 7, "{shown}");
    assert!(!shown.contains(['\u{1b}', '\u{202E}']), "{shown}");
}

#[test]
fn faults_are_counted_when_they_are_many() {
    let faults = refused(&format!("brokers: [a]\n{}", "x: y\n".repeat(20_000)));
    assert_eq!((faults.faults.len(), faults.left_out), (MAX_FAULTS, 19_900));
    assert!(faults.to_string().ends_with("\nand 19900 more"));
    assert_eq!(faults.faults[99].position, Position { line: 101, column: 1 });
}

#[test]
fn expansion_has_bounds() {
    let all = sound("clients: ['a[1-99999]', b]");
    assert_eq!(all.spec.nodes.len(), 100_000);
    let split = "these are more than 100000 identities | split them over several files, each with a bundle of its own";
    assert_eq!(fault("clients: ['a[1-99999]', 'b[1-2]', 'c[1-100000]']"), format!("1:25: {split}"));
    assert_eq!(
        fault("clients: [{name: a, sans: ['b[1-200]', 'c[1-51]', 'd[1-51]']}]"),
        "1:40: these are more than 250 alternative names for one identity"
    );
    let many = "x, ".repeat(60);
    assert_eq!(
        fault(&format!("clients: [{{name: 'a[1-10000]', sans: [{many}]}}]")),
        "1:189: these are more than 500000 alternative names for all identities together"
    );
    assert_eq!(
        fault(&format!("clients: [a]\ndeploy_dir: {}", "x".repeat(5000))),
        "2:13: `deploy_dir` has more than 4096 bytes"
    );
}

#[test]
fn hostile_files_end() {
    let size = 100_000;
    for unit in [
        "[",
        "{",
        "- ",
        "? ",
        "a: ",
        "[a,",
        "{a: ",
        "&a ",
        "*a ",
        "! ",
        "- a\n",
        "a: b\n",
        "\n",
        "'",
        "\"",
        "|",
        "[]",
        ",",
        "'a[1-100000]',",
    ] {
        let line = unit.repeat(size / unit.len());
        for text in [
            line.clone(),
            format!("brokers: [{line}"),
            format!("brokers:\n  {line}"),
            format!("brokers: [{{name: a, sans: [{line}"),
        ] {
            let faults = refused(&text);
            assert!(faults.faults.len() <= MAX_FAULTS);
        }
    }
}

#[test]
fn every_key_is_read() {
    for section in keys::SECTIONS {
        for key in section.keys {
            // No key takes a list in a list.
            let line = format!("{}: [[[x]]]", key.name);
            let text = match section.name {
                "" => line,
                "an identity" => format!("brokers: [{{{line}}}]"),
                name => format!("{name}: {{{line}}}"),
            };
            let position = Position { line: 1, column: text.find("[[[").unwrap() + 1 };
            let faults = refused(&text);
            let of_key = |fault: &&Fault| fault.position >= position;
            assert!(faults.faults.iter().any(|fault| of_key(&fault)), "{text}: {faults}");
        }
    }
}

#[test]
fn the_schema_has_every_key() {
    let schema = schema();
    for section in keys::SECTIONS {
        let at = match section.name {
            "" => &schema,
            "an identity" => &schema["definitions"]["identity"]["anyOf"][1],
            name => &schema["properties"][name],
        };
        let properties = at["properties"].as_object().unwrap();
        assert_eq!(properties.len(), section.keys.len());
        for key in section.keys {
            assert_eq!(properties[key.name]["description"], key.about, "{}", key.name);
        }
        assert_eq!(at["additionalProperties"], false);
    }
    for key in EXAMPLE.lines().filter_map(|line| line.trim_start_matches(['#', ' ', '-']).split_once(": ")) {
        let known = keys::SECTIONS.iter().any(|section| section.key(key.0).is_some());
        assert!(known || key.0.contains(' '), "{}", key.0);
    }
}
