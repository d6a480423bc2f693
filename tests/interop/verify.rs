//! What the script makes with keytool and OpenSSL, judged: everything that is known to be wrong with it is found, and nothing else.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::{env, fs};

use serde_json::Value;

use crate::support::bundle::{BINARY, scratch};
use crate::support::command::{Finished, command};
use crate::support::jdk::Jdk;

/// The script, whose words in capitals are its variables.
const SCRIPT: &str = "\
umask 022
openssl req -new -x509 -keyout ca-key -out ca-cert -days 365 -passout pass:$PASSWORD -subj /CN=$CN
keytool -genkey -keyalg RSA -keystore kafka.server.keystore.jks -validity 365 -storepass $PASSWORD -keypass $PASSWORD -alias $CN -dname CN=$CN
keytool -keystore kafka.server.truststore.jks -storepass $PASSWORD -alias CARoot -import -file ca-cert -noprompt
keytool -keystore kafka.server.keystore.jks -certreq -file cert-file -alias $CN -storepass $PASSWORD -keypass $PASSWORD
openssl x509 -req -CA ca-cert -CAkey ca-key -in cert-file -out cert-signed -days 365 -CAcreateserial -passin pass:$PASSWORD
keytool -keystore kafka.server.keystore.jks -alias CARoot -import -file ca-cert -storepass $PASSWORD -keypass $PASSWORD -noprompt
keytool -keystore kafka.server.keystore.jks -alias $CN -import -file cert-signed -storepass $PASSWORD -keypass $PASSWORD -noprompt
";

/// What is wrong with it, in the order of the codes.
const FOUND: [&str; 7] = [
    "ca-usage-missing",
    "certificate-outlives-issuer",
    "certificate-version",
    "file-others-read",
    "leaf-named-as-ca",
    "password-well-known",
    "san-missing",
];

#[test]
#[ignore = "needs keytool and OpenSSL"]
fn what_is_wrong_with_the_script_is_found_and_nothing_else() {
    for jdk in [Jdk::of_17(), Jdk::newer()] {
        let folder = scratch();
        let path = format!("{}:{}", jdk.programs().display(), env::var("PATH").unwrap());
        let mut script = command("sh", ["-e", "-c", SCRIPT]);
        script.current_dir(folder.path()).env("PATH", path).env("CN", "broker1").env("PASSWORD", "test1234");
        Finished::of(&mut script).successfully();
        fs::write(folder.path().join("pw"), "test1234").unwrap();
        let codes = judge(folder.path());
        // The CA ends some seconds before what it has signed, if the clock has gone on between.
        let expected: Vec<&str> = FOUND
            .into_iter()
            .filter(|code| *code != "certificate-outlives-issuer" || codes.contains_key(*code))
            .collect();
        assert_eq!(codes.keys().collect::<Vec<_>>(), expected, "{jdk:?}");
        assert_eq!(codes["file-others-read"], "kafka.server.keystore.jks");
        fs::set_permissions(folder.path().join("kafka.server.keystore.jks"), fs::Permissions::from_mode(0o600))
            .unwrap();
        assert!(!judge(folder.path()).contains_key("file-others-read"));
    }
}

/// Returns the codes that are found in the script's stores, each with a place.
fn judge(folder: &Path) -> BTreeMap<String, String> {
    let arguments = [
        "verify",
        "--json",
        "--keystore",
        "kafka.server.keystore.jks",
        "--truststore",
        "kafka.server.truststore.jks",
        "--storepass",
        "file:pw",
        "--host",
        "broker1",
    ];
    let finished = Finished::of(command(BINARY, arguments).current_dir(folder));
    assert_eq!(finished.status.code(), Some(3), "{finished}");
    let report: Value = serde_json::from_str(&finished.stdout).unwrap();
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap().to_owned();
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|finding| (text(finding, "code"), text(finding, "object"))).collect()
}
