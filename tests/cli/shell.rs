//! Completions and manual pages, as far as no shell and no `man` is needed.

use std::fs;

use super::{Sandbox, quick};

/// Asks what can follow on a line, as the script of a shell does.
fn follows(sandbox: &Sandbox, shell: &str, words: &[&str]) -> Vec<String> {
    let place = (words.len() - 1).to_string();
    let run = sandbox.run(&[&["completions", shell, "--place", &place, "--"], words].concat()).success();
    assert_eq!(run.stderr, "");
    run.stdout.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

#[test]
fn each_shell_has_a_script() {
    let sandbox = Sandbox::new();
    for (shell, words) in [
        ("bash", "complete -o nosort -o default -F _kafka_certgen kafka-certgen"),
        ("zsh", "#compdef kafka-certgen\n"),
        ("fish", "complete --command kafka-certgen "),
        ("powershell", "Register-ArgumentCompleter -Native -CommandName 'kafka-certgen'"),
    ] {
        let script = sandbox.run(&["completions", shell]).success().stdout;
        assert!(script.contains(words), "{shell}: {script}");
        assert!(script.contains(&format!("kafka-certgen completions {shell} --place")), "{shell}");
        // No shell is asked to run what stands on the line.
        assert!(!script.contains("eval ") && !script.contains("Invoke-Expression"), "{shell}");
    }
    assert_eq!(sandbox.run(&["completions", "csh"]).status, 2);
    assert_eq!(sandbox.run(&["completions"]).status, 2);
}

#[test]
fn names_come_from_the_bundle_that_the_line_names() {
    let sandbox = Sandbox::new();
    sandbox.init(&["--cn", "broker[1-2]", "--client", "app1"]).success();
    sandbox.run(&[&quick(&["--cn", "other1"])[..], &["--out", "x y"]].concat()).success();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let names = |words: &[&str]| follows(&sandbox, shell, &[&["kafka-certgen"], words].concat());
        assert_eq!(names(&["apply", "--only", ""]), ["words", "broker1", "broker2", "app1"], "{shell}");
        assert_eq!(names(&["handshake", "--broker", ""]), ["words", "broker1", "broker2"], "{shell}");
        assert_eq!(names(&["export", "tar", "--broker", ""]), ["words", "broker1", "broker2"], "{shell}");
        assert_eq!(names(&["export", "kubernetes", "--client", "a"]), ["words", "app1"], "{shell}");
        assert_eq!(names(&["handshake", "--client=a"]), ["words", "--client=app1"], "{shell}");
        // Bash and zsh hand over what is typed, fish and PowerShell what it means.
        let folder = if ["bash", "zsh"].contains(&shell) { "'x y'" } else { "x y" };
        assert_eq!(names(&["apply", "--out", folder, "--only", ""]), ["words", "other1"], "{shell}");
        assert_eq!(names(&["handshake", folder, "--client", ""]), ["words", "other1"], "{shell}");
        assert_eq!(names(&["handshake", "--bundle", folder, "--client", ""]), ["words", "other1"], "{shell}");
    }
}

#[test]
fn a_bundle_that_cannot_be_read_is_no_error() {
    let sandbox = Sandbox::new();
    let names = |sandbox: &Sandbox| follows(sandbox, "bash", &["kafka-certgen", "apply", "--only", ""]);
    assert_eq!(names(&sandbox), ["words"]);
    fs::create_dir(sandbox.path().join("kafka-certs")).unwrap();
    for text in ["", "{", "[]", "{\"version\": 9}"] {
        sandbox.write("kafka-certs/bundle.json", text);
        assert_eq!(names(&sandbox), ["words"], "{text}");
    }
    fs::remove_file(sandbox.path().join("kafka-certs/bundle.json")).unwrap();
    fs::create_dir(sandbox.path().join("kafka-certs/bundle.json")).unwrap();
    assert_eq!(names(&sandbox), ["words"]);
}

#[test]
fn values_are_those_of_the_definitions() {
    let sandbox = Sandbox::new();
    let values = |words: &[&str]| follows(&sandbox, "bash", &[&["kafka-certgen"], words].concat());
    assert_eq!(values(&["verif"]), ["words", "verify"]);
    assert_eq!(values(&["init", "--layout", ""]), ["words", "nodes", "script"]);
    assert_eq!(values(&["init", "--format", "jks,p"]), ["words", "jks,pkcs12", "jks,pem"]);
    assert_eq!(values(&["init", "--storepass", "f"]), ["words", "file:", "fd:"]);
    assert_eq!(values(&["init", "--storepass", "file:x"]), ["files file:"]);
    assert_eq!(values(&["verify", ""]), ["folders "]);
    assert_eq!(values(&["verify", "--keyst"]), ["words", "--keystore"]);
    assert_eq!(values(&["verify", "--keystore", ""]), ["files "]);
    assert_eq!(values(&["man", "handsh"]), ["words", "handshake"]);
    assert_eq!(values(&["diagnose", "--explain", "java-host-n"]), ["words", "java-host-name"]);
    // A password shall not be typed ahead, nor be shown.
    assert_eq!(values(&["init", "--storepass", "pass:"]), ["words"]);
}

#[test]
fn a_place_beyond_the_line_has_nothing() {
    let sandbox = Sandbox::new();
    for place in ["0", "3", "18446744073709551615"] {
        let run = sandbox.run(&["completions", "bash", "--place", place, "--", "kafka-certgen", "init"]);
        assert_eq!(run.success().stdout, "words\n", "{place}");
    }
}

#[test]
fn each_command_has_a_page() {
    let sandbox = Sandbox::new();
    let own = sandbox.run(&["man"]).success().stdout;
    assert!(own.contains(".TH KAFKA-CERTGEN 1 ") && own.contains("kafka\\-certgen\\-verify(1)"), "{own}");
    let list = sandbox.run(&["man", "list"]).success().stdout;
    assert_eq!(list, sandbox.run(&["man", "inspect"]).success().stdout);
    let apply = sandbox.run(&["man", "apply"]).success().stdout;
    for part in ["\n.SH EXAMPLES\n.nf\n", "\n.SH SECRETS\n", "\n.SH \"EXIT STATUS\"\n", "\n.SS \"Changes\"\n"] {
        assert!(apply.contains(part), "{part}: {apply}");
    }
    let tar = sandbox.run(&["man", "export", "tar"]).success().stdout;
    assert!(tar.contains(".TH KAFKA-CERTGEN-EXPORT-TAR 1 "), "{tar}");
    let unknown = sandbox.run(&["man", "aply"]);
    assert_eq!(unknown.status, 2);
    assert!(unknown.stderr.contains("there is no command `aply`"), "{}", unknown.stderr);
}

#[test]
fn all_pages_are_written_or_none() {
    let sandbox = Sandbox::new();
    let missing = sandbox.run(&["man", "--out", "man1"]);
    assert_eq!(missing.status, 1);
    assert!(missing.stderr.contains("mkdir -p"), "{}", missing.stderr);
    fs::create_dir(sandbox.path().join("man1")).unwrap();
    sandbox.write("man1/kafka-certgen-verify.1", "mine");
    assert_eq!(sandbox.run(&["man", "--out", "man1"]).status, 1);
    assert_eq!(sandbox.tree(), ["man1", "man1/kafka-certgen-verify.1"]);
    fs::remove_file(sandbox.path().join("man1/kafka-certgen-verify.1")).unwrap();
    sandbox.run(&["man", "--out", "man1"]).success();
    assert_eq!(sandbox.read("man1/kafka-certgen.1"), sandbox.run(&["man"]).success().stdout);
    // Whatever page is named by another is there.
    let named = sandbox.read("man1/kafka-certgen-export.1");
    assert!(named.contains("kafka\\-certgen\\-export\\-kubernetes(1)"), "{named}");
    assert!(sandbox.path().join("man1/kafka-certgen-export-kubernetes.1").is_file());
    let verify = sandbox.run(&["man", "verify"]).success().stdout;
    assert_eq!(sandbox.read("man1/kafka-certgen-verify.1"), verify);
    assert_eq!(sandbox.run(&["man", "--out", "man1"]).status, 1);
    assert_eq!(sandbox.run(&["man", "verify", "--out", "man1"]).status, 2);
}
