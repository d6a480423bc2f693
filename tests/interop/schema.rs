//! The JSON schema of the cluster file before a validator that shares no code with us.

use std::fs;

use kafka_certgen::spec::cluster_file::{ClusterFile, schema};
use time::macros::datetime;

use crate::lint::{PYTHON, SOURCES};
use crate::support::bundle::scratch;
use crate::support::command::{Finished, command};

const EXAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/cluster.yaml");

#[test]
#[ignore = "needs Python and pip"]
fn a_validator_and_we_agree_on_what_is_sound() {
    let cases = [
        "brokers: [b1]",
        "ca:\nstores:\nclients:\n  - 1\n  - name: 01\n    sans: x",
        "ca: {certificate: a, key: b, password: fd:3}\nbrokers: [{name: 'b[1-2]', formats: jks, validity: 9}]",
        "brokers: [b1]\nstores: {store_password: 'file:a b', key_password: prompt, pem_key: pbes2}\nclient_auth: none",
        "brockers: [b1]",
        "brokers: b1",
        "brokers: [[b1]]",
        "brokers: [{sans: [x]}]",
        "brokers: [{name: b1, san: [x]}]",
        "brokers: [b1]\ndefaults: {validity: 1y}",
        "brokers: [b1]\ndefaults: {validity: 0}",
        "brokers: [b1]\ndefaults: {formats: [jks, jks]}",
        "brokers: [b1]\ndefaults: {formats: []}",
        "brokers: [b1]\ndefaults: {key_algorithm: rsa-1024}",
        "brokers: [b1]\nstores: {store_password: pass:x}",
        "brokers: [b1]\nstores: {store_password: secret}",
        "brokers: [b1]\nca: {cn: x, dname: CN=x}",
        "brokers: [b1]\nca: {certificate: x}",
        "brokers: [b1]\nca: {certificate: x, key: y, cn: z}",
        "brokers: [b1]\ndeploy_dir: ''",
    ];
    let folder = scratch();
    let file_of = |name: &str, text: &str| {
        let file = folder.path().join(name);
        fs::write(&file, text).unwrap();
        file
    };
    let mut judge = command(PYTHON.as_path(), [format!("{SOURCES}/schema.py")]);
    judge.arg(file_of("schema.json", &schema().to_string())).arg(EXAMPLE);
    judge.args(cases.iter().enumerate().map(|(index, text)| file_of(&format!("{index}.yaml"), text)));
    let said = Finished::of(&mut judge).successfully().stdout;
    let mut verdicts = said.lines();
    assert_eq!(verdicts.next(), Some("sound"));
    for text in cases {
        let ours = ClusterFile::read(text.as_bytes(), datetime!(2026-12-01 12:00 UTC));
        let theirs = verdicts.next().unwrap();
        assert_eq!(theirs == "sound", ours.is_ok(), "{text}\n{theirs}");
    }
    assert_eq!(verdicts.next(), None);
}
