//! Where passwords come from, and where they never go.

use std::io::Write;

use super::*;

const SECRET: &str = "correct horse battery";

/// Runs `init` with a password from `source`, and returns what the password file then holds.
fn password_from(source: &str, prepare: impl FnOnce(&Sandbox, &mut Command)) -> String {
    let sandbox = Sandbox::new();
    let mut command = sandbox.command(&quick(&["--cn", "broker1", "--storepass", source]));
    prepare(&sandbox, &mut command);
    let run = Run::from(command.output().unwrap()).success();
    assert!(!run.stdout.contains(SECRET) && !run.stderr.contains(SECRET));
    sandbox.read("kafka-certs/broker1/password")
}

#[test]
fn a_file_with_any_line_ending_is_a_source() {
    for ending in ["", "\n", "\r\n"] {
        let password = password_from("file:secret", |sandbox, _| {
            fs::write(sandbox.path().join("secret"), format!("{SECRET}{ending}")).unwrap();
        });
        assert_eq!(password, format!("{SECRET}\n"));
    }
}

#[test]
fn the_environment_is_a_source() {
    let password = password_from("env:STOREPASS", |_, command| {
        command.env("STOREPASS", SECRET);
    });
    assert_eq!(password, format!("{SECRET}\n"));
}

#[test]
fn a_file_descriptor_is_a_source() {
    let password = password_from("fd:0", |sandbox, command| {
        let path = sandbox.path().join("secret");
        fs::write(&path, SECRET).unwrap();
        command.stdin(fs::File::open(path).unwrap());
    });
    assert_eq!(password, format!("{SECRET}\n"));
}

#[test]
fn a_value_is_taken_with_a_warning() {
    let sandbox = Sandbox::new();
    let run = sandbox.init(&["--cn", "broker1", "--storepass", "pass:test1234"]).success();
    assert!(run.stderr.contains("can be read by every user"), "{}", run.stderr);
    assert!(run.stderr.contains("one SHA-1 a guess"), "{}", run.stderr);
    assert_eq!(run.stderr.matches("warning:").count(), 2);
    assert!(!run.stderr.contains("test1234") && !run.stdout.contains("test1234"));
    let without_jks =
        sandbox.init(&["--cn", "b", "--storepass", "pass:test1234", "--format", "pkcs12", "--out", "p12"]);
    let stderr = without_jks.success().stderr;
    assert!(stderr.matches("warning:").count() == 1 && !stderr.contains("SHA-1"), "{stderr}");
}

#[test]
fn each_secret_from_stdin_is_a_line() {
    let sandbox = Sandbox::new();
    let arguments =
        ["--cn", "b", "--format", "jks", "--storepass", "stdin", "--keypass", "stdin", "--ca-pass", "stdin"];
    let mut child = sandbox
        .command(&quick(&arguments))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"store-password\nkey-password\r\nca-password").unwrap();
    Run::from(child.wait_with_output().unwrap()).success();
    let properties = sandbox.read("kafka-certs/b/server.properties");
    assert!(properties.contains("ssl.keystore.password=store-password\n"), "{properties}");
    assert!(properties.contains("ssl.key.password=key-password\n"), "{properties}");
    assert!(!sandbox.path().join("kafka-certs/ca/ca-key.password").exists());
}

#[test]
fn made_passwords_are_different_for_each_identity() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "b[1-3]"]).success();
    let mut passwords: Vec<String> = ["b1/password", "b2/password", "b3/password", "ca/ca-key.password"]
        .iter()
        .map(|file| sandbox.read(&format!("kafka-certs/{file}")))
        .collect();
    passwords.sort();
    passwords.dedup();
    assert_eq!(passwords.len(), 4);
    assert!(passwords.iter().all(|password| password.len() == 27), "26 characters of 5 bits, and a line feed");
}
