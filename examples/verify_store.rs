//! Judges a keystore that anybody has made, as a health check of a service may do it.
//!
//! ```console
//! $ cargo run --example verify_store -- broker1/kafka.server.keystore.p12 broker1/password broker1.example.com
//! ```
//!
//! The arguments are a keystore (JKS, PKCS#12 or PEM), the file with its password, and the host that clients connect to, if it is a
//! broker's. The exit status is 3 if something is wrong.
#![allow(clippy::print_stdout, reason = "an example shows what it has found")]

use std::error::Error;
use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use kafka_certgen::secret::Password;
use kafka_certgen::verify::load::{self, Passwords, Stores};
use kafka_certgen::verify::{self, Report, Terms};
use time::OffsetDateTime;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let Some(keystore) = arguments.next() else {
        println!("usage: verify_store KEYSTORE [PASSWORD_FILE [HOST]]");
        return Ok(ExitCode::from(2));
    };
    let report = judge(keystore.into(), arguments.next().map(PathBuf::from), arguments.next())?;
    for finding in report.findings() {
        println!("{:?} {}: {}: {}", finding.check.severity, finding.check.code, finding.object, finding.found);
        println!("    {}", finding.check.why);
        println!("    to mend it: {}", finding.fix);
    }
    for left in &report.not_looked_at {
        println!("not looked at: {}: {}", left.object, left.why);
    }
    Ok(if report.findings().next().is_some() { ExitCode::from(3) } else { ExitCode::SUCCESS })
}

fn judge(keystore: PathBuf, password: Option<PathBuf>, host: Option<String>) -> Result<Report, Box<dyn Error>> {
    let password = match password {
        Some(file) => Some(Password::new(fs::read_to_string(file)?.trim_end_matches('\n').to_owned().into())?),
        None => None,
    };
    let stores = Stores {
        keystore: Some(keystore),
        passwords: Passwords { store: password, ..Passwords::default() },
        hosts: host.into_iter().collect(),
        ..Stores::default()
    };
    let case = load::stores(&stores)?;
    Ok(verify::judge(&case, None, Terms::at(OffsetDateTime::now_utc())))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use kafka_certgen::pipeline::{self, Environment};
    use kafka_certgen::random::SystemRandom;
    use kafka_certgen::spec::{ClusterSpec, KeyAlgorithm, NodeRole, NodeSpec};

    use super::*;

    #[test]
    fn it_does_what_it_says() {
        let folder = tempfile::tempdir().unwrap();
        let broker = NodeSpec::new("broker1.example.com".parse().unwrap(), NodeRole::Broker);
        let spec = ClusterSpec::new(vec![broker]).with_keys(KeyAlgorithm::EcP256);
        let environment = Environment::new(OffsetDateTime::now_utc(), &SystemRandom);
        let made = pipeline::make(&spec, Path::new("/etc/kafka/ssl"), &environment).unwrap();
        for file in made.files("broker1.example.com") {
            fs::write(folder.path().join(file.name()), file.contents()).unwrap();
        }
        let codes = |host: &str| {
            let file = |name: &str| folder.path().join(name);
            let report = judge(file("kafka.server.keystore.p12"), Some(file("password")), Some(host.to_owned()));
            let report = report.unwrap();
            report.findings().map(|finding| finding.check.code).collect::<Vec<_>>()
        };
        assert!(!codes("broker1.example.com").contains(&"san-host-missing"));
        assert!(codes("broker2.example.com").contains(&"san-host-missing"));
    }
}
