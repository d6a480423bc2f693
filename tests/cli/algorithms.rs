//! Every key algorithm, for the CA and for a node.

use super::*;

#[test]
fn every_algorithm_makes_a_bundle() {
    let sandbox = Sandbox::new();
    for (index, algorithm) in
        ["rsa-2048", "rsa-3072", "rsa-4096", "ec-p256", "ec-p384", "ec-p521", "ed25519"].into_iter().enumerate()
    {
        let out = format!("out{index}");
        let arguments = ["--cn", "broker1", "--key-alg", algorithm, "--ca-key-alg", algorithm, "--out", &out, "--json"];
        let run = sandbox.init(&arguments).success();
        let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!(document["identities"][0]["certificate"]["key_algorithm"], algorithm);
        assert_eq!(document["ca"]["certificate"]["key_algorithm"], algorithm);
    }
}
