//! What `init` refuses: with a sentence, a cause and a hint, an exit status, and nothing written.

use std::os::unix::fs::symlink;

use super::*;

#[track_caller]
fn refused(arguments: &[&str], status: i32, texts: &[&str]) {
    let sandbox = Sandbox::new();
    let run = sandbox.init(arguments);
    assert_eq!(run.status, status, "{arguments:?}: {}{}", run.stdout, run.stderr);
    assert_eq!(sandbox.tree(), [""; 0], "{arguments:?}");
    assert_eq!(run.stdout, "", "{arguments:?}");
    for text in texts {
        assert!(run.stderr.contains(text), "{arguments:?}: no `{text}` in\n{}", run.stderr);
    }
    assert!(run.stderr.contains("hint: "), "{arguments:?}: no hint in\n{}", run.stderr);
}

#[test]
fn names() {
    refused(&[], 2, &["no broker and no client", "--cn broker1"]);
    refused(&["--cn", ""], 2, &["the name is empty"]);
    refused(&["--cn", &"x".repeat(65)], 2, &["has 65 characters, 64 are allowed", "--san"]);
    refused(&["--cn", "a\u{1b}[2J"], 2, &["a control character", "a\\u{1b}[2J"]);
    refused(&["--cn", "a\nb"], 2, &["a control character"]);
    refused(&["--cn", "../x"], 2, &["is a path"]);
    refused(&["--cn", "a/b"], 2, &["is a path"]);
    refused(&["--cn", "."], 2, &["is a path"]);
    refused(&["--cn=-x"], 2, &["does not begin with a letter or a digit"]);
    refused(&["--cn", "broker1", "--cn", "broker1"], 2, &["is given twice"]);
    refused(&["--cn", "broker1", "--client", "broker1"], 2, &["is given twice"]);
    refused(&["--cn", "broker1", "--cn", "Broker1"], 2, &["differ only in case"]);
    refused(&["--cn", "ca"], 2, &["`ca` is reserved"]);
    refused(&["--cn", "kafka_1"], 2, &["Java refuses", "kafka-1"]);
    refused(&["--cn", "*.example.com"], 2, &["`*`", "--san"]);
    refused(&["--cn", "bröker"], 2, &["`ö`", "xn--"]);
    refused(&["--cn", "256.1.1.1"], 2, &["neither an IP address nor a host name"]);
    refused(&["--cn", "broker[3-1]"], 2, &["runs backwards"]);
    refused(&["--cn", "broker[1-"], 2, &["[FIRST-LAST]"]);
    refused(&["--cn", "broker[1-999999999]"], 2, &["more than 100000 names"]);
    refused(&["--cn", "a[1-99999]", "--cn", "b[1-99999]"], 2, &["more than 100000 identities"]);
    refused(&["--cn", &format!("b[{}-1]", "0".repeat(70_000))], 2, &["more than 512 bytes"]);
    refused(&["--cn", "localhost:9092"], 2, &["without a port"]);
    refused(&["--client", ""], 2, &["--client app1"]);
}

#[test]
fn a_forgotten_value_is_noticed() {
    let sandbox = Sandbox::new();
    for arguments in [&["--cn", "--client", "app1"], &["--cn", "-x", "-q"]] {
        let run = sandbox.init(arguments);
        assert_eq!(run.status, 2, "{}", run.stderr);
        assert!(
            run.stderr.contains("a value is required for '--cn <NAME>'")
                || run.stderr.contains("unexpected argument '-x'")
        );
    }
    assert_eq!(sandbox.tree(), [""; 0]);
}

#[test]
fn alternative_names() {
    refused(&["--cn", "b", "--san", "my_host"], 2, &["underscore"]);
    refused(&["--cn", "b", "--san", "dns:10.0.0.1"], 2, &["is an IP address and not a DNS name"]);
    refused(&["--cn", "b", "--san", "10.0.0"], 2, &["neither an IP address"]);
    refused(&["--cn", "b", "--san", "[::1]"], 2, &["not an IP address", "--san ::1"]);
    refused(&["--cn", "b", "--san", "0.0.0.0"], 2, &["no client connects"]);
    refused(&["--cn", "b", "--san", "*.com"], 2, &["`*` in the wrong place"]);
    refused(&["--cn", "b", "--san", "a.*.com"], 2, &["`*` in the wrong place"]);
    refused(&["--cn", "b", "--san", ""], 2, &["the host name is empty"]);
    refused(&["--cn", "b[1-2]", "--san", "x.y"], 2, &["which of the brokers", "--san '*=x.y'"]);
    refused(&["--cn", "b[1-2]", "--san", "b3=x.y"], 2, &["`b3=x.y`: there is no such name", "--san b1=x.y"]);
    refused(&["--cn", "b", "--san", "typo=a..b"], 2, &["there is no such name", "two in a row"]);
    refused(&["--client", "a", "--client", "b", "--san", "x.y"], 2, &["no broker that it could be for", "--san a=x.y"]);
    refused(&["--client", "a", "--client", "b", "--san", "*=x.y"], 2, &["no broker that it could be for"]);
    refused(&["--cn", "b[1-3]", "--san", "b[1-3]=x[1-2].y"], 2, &["3 nodes and 2 values"]);
}

#[test]
fn distinguished_names() {
    refused(&["--cn", "b", "--dname", "Acme"], 2, &["`Acme` is not TYPE=VALUE"]);
    refused(&["--cn", "b", "--dname", "C=USA"], 2, &["two letters"]);
    refused(&["--cn", "b", "--dname", "X=1"], 2, &["`X` is not an attribute type", "CN, OU"]);
    refused(&["--cn", "b", "--dname", "CN=c"], 2, &["common name"]);
    refused(&["--cn", "b", "--ca-cn", "b"], 2, &["same subject as the CA"]);
    refused(&["--cn", "b", "--ca-cn", ""], 2, &["no value", "--ca-cn 'Kafka CA'"]);
    refused(&["--cn", "caroot"], 2, &["alias `caroot`"]);
    refused(&["--cn", "b", "--alias", "CARoot"], 2, &["alias `caroot`"]);
    refused(&["--cn", "b", "--alias", "a\tb"], 2, &["control character", "--alias broker1"]);
}

#[test]
fn validities_algorithms_formats() {
    refused(&["--cn", "b", "--validity", "0"], 2, &["one day at least"]);
    refused(&["--cn", "b", "--validity", "-5"], 2, &["one day at least"]);
    refused(&["--cn", "b", "--validity", "99999999999"], 2, &["beyond the year 9999", "--validity 365"]);
    refused(&["--cn", "b", "--ca-validity", "x"], 2, &["--ca-validity 365"]);
    refused(&["--cn", "b", "--validity", "1y"], 2, &["not a whole number of days"]);
    refused(&["--cn", "b", "--validity", "4000"], 2, &["would outlive its CA", "--ca-validity 4000"]);
    refused(&["--cn", "b", "--ca-validity", "9999999"], 2, &["beyond 9999"]);
    refused(&["--cn", "b", "--key-alg", "rsa-1024"], 2, &["not a key algorithm", "rsa-2048"]);
    refused(&["--cn", "b", "--ca-key-alg", "dsa"], 2, &["not a key algorithm"]);
    refused(&["--cn", "b", "--format", "jks,bcfks"], 2, &["`bcfks` is not a store format", "pkcs12"]);
    refused(&["--cn", "b", "--layout", "flat"], 2, &["not a layout"]);
    refused(&["--cn", "b", "--client-auth", "yes"], 2, &["not a value for client authentication"]);
    refused(&["--cn", "b", "--pem-key", "aes"], 2, &["not a PEM key encryption"]);
    refused(&["--cn", "b", "--key-alg", "ed25519", "--format", "pem"], 2, &["Ed25519", "ec-p256"]);
    refused(&["--cn", "b", "--cn", "c", "--layout", "script"], 2, &["one broker and nothing else"]);
    refused(&["--cn", "b", "--deploy-dir", ""], 2, &["--deploy-dir"]);
}

#[test]
fn passwords() {
    let pass = |flag: &str, value: &str, more: &[&str], text: &str| {
        let source = format!("pass:{value}");
        let mut arguments = vec!["--cn", "b", flag, &source];
        arguments.extend(more);
        refused(&arguments, 2, &[text]);
    };
    pass("--storepass", "", &[], "empty");
    pass("--storepass", "short", &[], "6 are the least");
    pass("--storepass", "pässwörd", &[], "outside printable ASCII");
    pass("--storepass", "secret\rsecret", &[], "line break");
    pass("--storepass", "secret ", &[], "blank");
    pass("--ca-pass", "short", &[], "the CA key's password");
    pass("--keypass", "key-password", &[], "PKCS#12");
    pass("--keypass", "key-password", &["--format", "pem"], "not encrypted");
    refused(&["--cn", "b", "--storepass", "file:nowhere"], 2, &["`nowhere`", "no such file"]);
    refused(&["--cn", "b", "--storepass", "env:NOT_SET"], 2, &["`NOT_SET` is not set"]);
    refused(&["--cn", "b", "--storepass", "fd:99"], 2, &["file descriptor 99"]);
    refused(&["--cn", "b", "--storepass", "stdin"], 2, &["empty"]);
    refused(&["--cn", "b", "--storepass", "prompt"], 2, &["no terminal"]);
    refused(&["--cn", "b", "--storepass", "file:/dev/zero"], 2, &["more than 4096 bytes"]);
    refused(&["--cn", "b", "--storepass", "file:."], 2, &["cannot be read"]);
}

#[test]
fn a_password_is_never_repeated_in_a_refusal() {
    let sandbox = Sandbox::new();
    for arguments in [
        ["--storepass", "hunter22-secret"],
        ["--storepass", "pass:hunter22-secret\u{e9}"],
        ["--keypass", "pass:hunter22-secret"],
    ] {
        let run = sandbox.init(&["--cn", "b", arguments[0], arguments[1]]);
        assert_eq!(run.status, 2);
        assert!(!run.stderr.contains("hunter22"), "{}", run.stderr);
    }
}

#[test]
fn all_mistakes_are_listed_at_once() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path().join("full")).unwrap();
    fs::write(sandbox.path().join("full/mine"), "x").unwrap();
    let listed = |arguments: &[&str], texts: &[&str]| {
        let run = sandbox.init(arguments);
        assert_eq!(run.status, 2, "{}", run.stderr);
        for text in texts {
            assert!(run.stderr.contains(text), "{arguments:?}: no `{text}` in\n{}", run.stderr);
        }
        assert_eq!(run.stderr.matches("error: ").count(), texts.len(), "{arguments:?}: {}", run.stderr);
    };
    listed(
        &[
            "--cn",
            "kafka_1",
            "--cn",
            "../x",
            "--san",
            "kafka_1=a..b",
            "--dname",
            "C=USA",
            "--validity",
            "0",
            "--format",
            "zip",
            "--storepass",
            "file:nowhere",
            "--out",
            "full",
        ],
        &[
            "underscore",
            "is a path",
            "two in a row",
            "two letters",
            "one day",
            "store format",
            "`nowhere`",
            "holds something",
        ],
    );
    listed(
        &["--cn", "b", "--cn", "b", "--ca-validity", "0", "--storepass", "pass:abc", "--key-alg", "foo"],
        &["given twice", "one day", "6 are the least", "not a key algorithm"],
    );
    listed(&["--cn", "b", "--cn", "B", "--layout", "x", "--ca-cn", ""], &["only in case", "not a layout", "no value"]);
    assert_eq!(sandbox.tree(), ["full", "full/mine"]);
}

#[test]
fn nothing_is_asked_for_a_call_that_is_wrong_anyway() {
    let sandbox = Sandbox::new();
    let run = sandbox.init(&["--cn", "../x", "--storepass", "prompt", "--keypass", "stdin"]);
    assert_eq!(run.status, 2);
    assert_eq!(run.stderr.matches("error: ").count(), 1, "{}", run.stderr);
    let batch = sandbox.init(&["--cn", "b", "--storepass", "prompt", "--batch"]);
    assert!(batch.stderr.contains("--batch forbids it"), "{}", batch.stderr);
}

#[test]
fn the_exit_status_is_honest_when_nobody_hears_why() {
    for (arguments, status) in [(&["--cn", "a/b"][..], 2), (&["--cn", "b", "--storepass", "pass:test1234", "-v"], 0)] {
        let sandbox = Sandbox::new();
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let run = sandbox.command(&quick(arguments)).stderr(full).status().unwrap();
        assert_eq!(run.code(), Some(status), "{arguments:?}");
    }
}

#[test]
fn output_folders() {
    let sandbox = Sandbox::new();
    let at = |name: &str| sandbox.path().join(name);
    fs::create_dir(at("full")).unwrap();
    fs::write(at("full/mine"), "x").unwrap();
    fs::write(at("file"), "x").unwrap();
    symlink("full", at("link")).unwrap();
    symlink("nowhere", at("dangling")).unwrap();
    fs::create_dir(at("empty")).unwrap();
    let before = sandbox.tree();
    for (out, text) in [
        ("full", "holds something"),
        ("file", "is a file"),
        ("file/out", "is a file"),
        ("link", "symbolic link"),
        ("link/", "symbolic link"),
        ("dangling", "symbolic link"),
        ("a/b", "does not exist"),
        (".", "working folder"),
        ("", "a value is required"),
    ] {
        let folder = if out == "." { "empty" } else { "." };
        let run = sandbox.command(&quick(&["--cn", "b", "--out", out])).current_dir(at(folder)).output().unwrap();
        let run = Run::from(run);
        assert_eq!(run.status, if out.is_empty() { 2 } else { 1 }, "{out}: {}", run.stderr);
        assert!(run.stderr.contains(text), "{out}: no `{text}` in\n{}", run.stderr);
        assert_eq!(sandbox.tree(), before, "{out}");
    }
}

#[test]
fn a_second_run_changes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker1"]).success();
    let key = fs::read(sandbox.path().join("kafka-certs/ca/ca-key")).unwrap();
    let run = sandbox.init(&["--cn", "broker1"]);
    assert_eq!(run.status, 1);
    assert!(run.stderr.contains("nothing is ever overwritten"));
    assert_eq!(fs::read(sandbox.path().join("kafka-certs/ca/ca-key")).unwrap(), key);
}
