//! What `diagnose` says of logs: messages, places, causes and commands; what it refuses to read.

use std::io::Write;

use serde_json::Value;

use super::*;

/// A client that connects to a name which the certificate lacks.
const NAME: &str = "\
[2026-11-28 12:00:00,000] INFO started (org.example.App)
[2026-11-28 12:00:01,000] ERROR [Producer clientId=app] Connection to node -1 (broker2/10.0.0.2:9093) failed authentication due to: SSL handshake failed (org.apache.kafka.clients.NetworkClient)
org.apache.kafka.common.errors.SslAuthenticationException: SSL handshake failed
\tat org.apache.kafka.common.network.SslTransportLayer.handshake(SslTransportLayer.java:1)
Caused by: javax.net.ssl.SSLHandshakeException: No subject alternative DNS name matching broker2 found.
\tat java.base/sun.security.ssl.Alert.createSSLException(Alert.java:131)
";

/// What a broker at DEBUG prints: why, where it was, and far below that a handshake has failed.
fn broker_log() -> String {
    let frames: Vec<String> =
        (100..140).map(|line| format!("\tat sun.security.ssl.Alert.consume(Alert.java:{line})\n")).collect();
    format!(
        "[2026-11-28 12:00:00,000] DEBUG [SslTransportLayer channelId=10.0.0.1:9093-10.0.0.2:42664-8-0] SSLEngine.closeInbound() raised\n\
         javax.net.ssl.SSLHandshakeException: Received fatal alert: certificate_unknown\n\
         {}\
         [2026-11-28 12:00:00,001] INFO [SocketServer listenerType=BROKER, nodeId=1] Failed authentication with /10.0.0.2 \
         (channelId=10.0.0.1:9093-10.0.0.2:42664-8-0) (SSL handshake failed) (org.apache.kafka.common.network.Selector)\n",
        frames.concat()
    )
}

impl Sandbox {
    fn log(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path().join(name), bytes).unwrap();
    }

    /// Runs with something on the standard input.
    fn piped(&self, arguments: &[&str], input: &[u8]) -> Run {
        let mut command = self.command(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input).unwrap();
        drop(stdin);
        Run::from(child.wait_with_output().unwrap())
    }
}

#[track_caller]
fn document(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

#[track_caller]
fn assert_says(run: &Run, texts: &[&str]) {
    for text in texts {
        assert!(run.stdout.contains(text), "no `{text}` in\n{}", run.stdout);
    }
}

#[test]
fn a_message_is_told_with_its_place_its_causes_and_what_to_do() {
    let sandbox = Sandbox::new();
    sandbox.log("app.log", NAME.repeat(3));
    let run = sandbox.run(&["diagnose", "app.log"]);
    assert_eq!((run.status, run.stderr.as_str()), (3, ""));
    assert!(run.stdout.starts_with("No subject alternative DNS name matching broker2 found.\n"), "{}", run.stdout);
    assert_says(
        &run,
        &[
            "app.log:5, the first of 3 lines up to 17\n",
            "| Caused by: javax.net.ssl.SSLHandshakeException: No subject",
            "kafka-certgen handshake broker2:PORT --config client.properties\n",
            "read 1 file, 18 lines: one message found\n",
        ],
    );
    // What is said beside it says nothing more.
    assert!(!run.stdout.contains("failed authentication due to"), "{}", run.stdout);
    let run = sandbox.run(&["diagnose", "-v", "app.log"]);
    assert_says(&run, &["Connection to node -1 (broker2/10.0.0.2:9093)", "HostnameChecker"]);
    let long = run.stdout.lines().find(|line| line.chars().count() > 80 && !line.contains("kafka-"));
    assert_eq!(long, None);
}

#[test]
fn the_document_has_what_the_page_has() {
    let sandbox = Sandbox::new();
    sandbox.log("one.log", NAME);
    sandbox.log("two.log", NAME.replace("broker2", "broker3").repeat(2));
    let run = sandbox.run(&["diagnose", "--json", "one.log", "two.log"]);
    assert_eq!((run.status, run.stderr.as_str()), (3, ""));
    let document = document(&run);
    let [finding] = document["findings"].as_array().unwrap().as_slice() else { panic!("{document:#}") };
    assert_eq!((&finding["code"], &finding["count"]), (&"java-host-name".into(), &3.into()));
    assert_eq!(finding["places"][1]["file"], "two.log");
    assert_eq!((&finding["places"][1]["first_line"], &finding["places"][1]["last_line"]), (&5.into(), &11.into()));
    assert_eq!(finding["captures"][0]["name"], "host");
    let hosts = finding["captures"][0]["values"].as_array().unwrap();
    assert_eq!(
        (&hosts[0]["text"], &hosts[0]["count"], &hosts[1]["text"]),
        (&"broker3".into(), &2.into(), &"broker2".into())
    );
    // Two hosts: which one is meant is not for this program to say.
    let command = "kafka-certgen handshake HOST:PORT --config client.properties";
    assert_eq!(finding["causes"][0]["code"], "host-not-in-certificate");
    assert!(finding["causes"][0]["check"].as_array().unwrap().iter().any(|step| step["run"] == command), "{finding:#}");
    assert!(document["explained"].as_array().unwrap().len() >= 2, "{document:#}");
    assert_eq!((&document["files"][0]["name"], &document["files"][0]["lines"]), (&"one.log".into(), &6.into()));
}

#[test]
fn the_standard_input_is_read_with_or_without_its_name() {
    let sandbox = Sandbox::new();
    for arguments in [&["diagnose"][..], &["diagnose", "-"]] {
        let run = sandbox.piped(arguments, NAME.as_bytes());
        assert_eq!(run.status, 3, "{run:?}");
        assert_says(&run, &["line 5 of the standard input\n", "read the standard input, 6 lines: one message found\n"]);
    }
    let run = sandbox.run(&["diagnose", "-", "-"]);
    assert_eq!((run.status, run.stderr.contains("hint: name `-` once")), (2, true), "{run:?}");
}

#[test]
fn a_log_without_a_message_is_no_fault() {
    let sandbox = Sandbox::new();
    sandbox.log("app.log", "all is well\nstill\n");
    let run = sandbox.run(&["diagnose", "app.log"]).success();
    assert!(run.stdout.starts_with("read 1 file, 2 lines: none of the "), "{}", run.stdout);
    assert_eq!(document(&sandbox.run(&["diagnose", "--json", "app.log"]).success())["findings"], serde_json::json!([]));
    let run = sandbox.run(&["diagnose"]).success();
    assert!(run.stdout.starts_with("read the standard input, 0 lines: none"), "{}", run.stdout);
    assert!(!run.stdout.contains("wrapped"), "{}", run.stdout);
    let run = sandbox.piped(&["diagnose"], b"No subject alternative DNS\nname matching broker2 found.\n").success();
    assert!(
        run.stdout.replace('\n', " ").contains("each stands on one line: join those that were wrapped"),
        "{}",
        run.stdout
    );
    sandbox.log("bad.log", NAME);
    let run = sandbox.run(&["diagnose", "-q", "bad.log"]);
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (3, "", ""));
}

#[test]
fn who_says_only_that_it_failed_is_told_where_nothing_says_why() {
    let sandbox = Sandbox::new();
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/diagnose");
    let run = sandbox.run(&["diagnose", "--json", fixture.join("json").to_str().unwrap()]);
    let found = document(&run);
    assert_eq!(found["findings"][0]["code"], "java-path-building", "{found:#}");
    assert_eq!(found["findings"].as_array().unwrap().len(), 1, "{found:#}");
    assert!(!run.stdout.contains("a3f09c"), "{}", run.stdout);
    let lines: Vec<&str> = NAME.lines().take(2).collect();
    sandbox.log("short.log", lines.join("\n"));
    let found = document(&sandbox.run(&["diagnose", "--json", "short.log"]));
    assert_eq!(found["findings"][0]["is_wrapper"], true, "{found:#}");
    assert_eq!(found["explained"], serde_json::json!([]));
}

#[test]
fn a_broker_that_says_why_before_a_long_trace_is_told_once() {
    let sandbox = Sandbox::new();
    sandbox.log("server.log", broker_log());
    let found = document(&sandbox.run(&["diagnose", "--json", "server.log"]));
    let codes = |key: &str| -> Vec<String> {
        found[key].as_array().unwrap().iter().map(|finding| finding["code"].to_string()).collect()
    };
    assert_eq!(codes("findings"), ["\"alert-certificate-unknown\""], "{found:#}");
    assert_eq!(codes("explained"), ["\"broker-authentication-failed\""], "{found:#}");
}

#[test]
fn what_was_said_once_is_not_said_again() {
    let sandbox = Sandbox::new();
    let lines: Vec<&str> = NAME.lines().take(2).collect();
    sandbox.log("app.log", format!("{}{}{}", broker_log(), "\n".repeat(300), lines.join("\n")));
    let run = sandbox.run(&["diagnose", "app.log"]);
    let (first, second) = run.stdout.split_once("\nConnection to node -1").unwrap_or_else(|| panic!("{}", run.stdout));
    // The same check of several causes, and what is to be done of somebody who knows nothing.
    assert_eq!(first.matches("kafka-certgen handshake HOST:PORT --config client.properties\n").count(), 1, "{first}");
    assert!(first.contains(" check as above\n") && first.contains(" mend  "), "{first}");
    assert!(!second.contains(" mend ") && !second.contains(" check "), "{second}");
    assert!(second.contains("it says only that something failed"), "{second}");
    // Alone it is told whole.
    sandbox.log("app.log", lines.join("\n"));
    assert_says(&sandbox.run(&["diagnose", "app.log"]), &[" check ", " mend "]);
}

#[test]
fn a_client_whose_first_connection_has_idled_is_well() {
    let sandbox = Sandbox::new();
    sandbox.log("app.log", "[2026-11-28 12:09:00,000] INFO [Consumer clientId=a, groupId=b] Node -1 disconnected.\n");
    sandbox.run(&["diagnose", "app.log"]).success();
}

#[test]
fn one_file_that_fails_does_not_hide_the_others() {
    let sandbox = Sandbox::new();
    sandbox.log("good.log", NAME);
    sandbox.log("old.log.gz", b"\x1f\x8b\x08\0\0\0\0\0");
    let utf16: Vec<u8> = NAME.encode_utf16().flat_map(u16::to_le_bytes).collect();
    sandbox.log("windows.log", [b"\xff\xfe".as_slice(), &utf16].concat());
    fs::create_dir(sandbox.path().join("logs")).unwrap();
    let bad = ["missing.log", "old.log.gz", "windows.log", "logs"];
    let run = sandbox.run(&[["diagnose"].as_slice(), &bad, &["good.log"]].concat());
    assert_eq!(run.status, 1, "{run:?}");
    assert_says(&run, &["good.log:5\n", "read 1 file, 6 lines: one message found\n"]);
    for text in [
        "missing.log cannot be read: no such file or directory",
        "zcat old.log.gz | kafka-certgen diagnose`",
        "windows.log is text in UTF-16",
        "iconv -f UTF-16 -t UTF-8 windows.log | kafka-certgen diagnose`",
        "logs cannot be read: it is a folder",
        "name its files: logs/*",
    ] {
        assert!(run.stderr.contains(text), "no `{text}` in\n{}", run.stderr);
    }
    assert_eq!((run.stderr.matches("error: ").count(), run.stderr.matches("hint: ").count()), (4, 4), "{}", run.stderr);
    let found = document(&sandbox.run(&[["diagnose", "--json"].as_slice(), &bad, &["good.log"]].concat()));
    let errors = found["files"].as_array().unwrap().iter().filter(|file| file.get("error").is_some()).count();
    assert_eq!((errors, &found["findings"][0]["places"][0]["file"]), (4, &"good.log".into()));
    // Nothing is said of what is in files that nobody could read.
    let run = sandbox.run(&[["diagnose"].as_slice(), &bad].concat());
    assert_eq!((run.status, run.stdout.as_str()), (1, "read nothing\n"), "{run:?}");
    let run = sandbox.piped(&["diagnose"], b"\x1f\x8b\x08\0\0\0\0\0");
    assert!(run.status == 1 && run.stderr.contains("`… | zcat | kafka-certgen diagnose`"), "{run:?}");
    assert!(Command::new("mkfifo").arg(sandbox.path().join("pipe")).status().unwrap().success());
    let run = sandbox.run(&["diagnose", "pipe"]);
    assert!(run.status == 1 && run.stderr.contains("put `<(cat pipe)` in its place"), "{run:?}");
}

#[test]
fn passwords_are_left_out_and_foreign_text_is_escaped() {
    let sandbox = Sandbox::new();
    let secret = "canary-a3f09c";
    let evil = "\u{1b}[2J\u{9b}31m\u{202e}";
    let text = format!(
        "ssl.keystore.password={secret} {evil} No subject alternative DNS name matching {evil} found.\r\n\
         sasl.jaas.config=Plain password=\"{secret}\"; PKIX path building failed\n"
    );
    sandbox.log(
        "x\u{1b}.log",
        [text.as_bytes(), b"\xff\0\xfe Connection to node 1 (\xc3\x28) failed authentication due to:"].concat(),
    );
    for mode in [vec![], vec!["-v"], vec!["--json"]] {
        let run = sandbox.run(&[&["diagnose"], mode.as_slice(), &["x\u{1b}.log"]].concat());
        assert_eq!(run.status, 3, "{run:?}");
        let is_odd = |c: &char| (c.is_control() && *c != '\n') || matches!(c, '\u{202a}'..='\u{202e}');
        assert_eq!(run.stdout.chars().find(is_odd), None, "{}", run.stdout);
        assert!(!run.stdout.contains("a3f09c") && run.stdout.contains("****"), "{}", run.stdout);
        // Nothing of it goes into a command.
        assert!(run.stdout.contains("kafka-certgen handshake HOST:PORT"), "{}", run.stdout);
    }
}

#[test]
fn the_first_bytes_of_who_does_not_speak_kafka_are_read() {
    let sandbox = Sandbox::new();
    let says = |size: &str| {
        let line = format!("InvalidReceiveException: Invalid receive (size = {size} larger than 104857600)\n");
        let found = document(&sandbox.piped(&["diagnose", "--json"], line.as_bytes()));
        found["findings"].to_string()
    };
    assert!(says("369295622").contains("16 03 01 06, the start of a TLS handshake"), "{}", says("369295622"));
    assert!(says("1397966893").contains("SSH"), "{}", says("1397966893"));
}

#[test]
fn the_catalogue_is_a_page_and_a_document() {
    let sandbox = Sandbox::new();
    let page = sandbox.run(&["diagnose", "--list"]).success().stdout;
    let entries = document(&sandbox.run(&["diagnose", "--list", "--json"]).success());
    let entries = entries.as_array().unwrap();
    assert!(entries.len() >= 40, "{}", entries.len());
    assert!(page.contains(&format!("\n{} messages; ", entries.len())), "{page}");
    for entry in entries {
        let code = entry["code"].as_str().unwrap();
        assert!(page.contains(&format!("\n{code}\n  message ")), "{code}");
        assert!(!entry["causes"][0]["what"].as_str().unwrap().is_empty(), "{code}");
    }
    let one = sandbox.run(&["diagnose", "--explain", "java-path-building"]).success().stdout;
    assert!(one.starts_with("java-path-building\n  message PKIX path building failed"), "{one}");
    assert!(one.contains("mend") && one.contains("kafka-certgen import --truststore"), "{one}");
    let run = sandbox.run(&["diagnose", "--explain", "nothing"]);
    assert_eq!((run.status, run.stderr.contains("kafka-certgen diagnose --list")), (2, true), "{run:?}");
    assert_eq!(sandbox.run(&["diagnose", "--list", "app.log"]).status, 2);
    let odd = page.lines().find(|line| line.chars().count() > 80 || line.ends_with(' '));
    assert_eq!(odd, None);
}
