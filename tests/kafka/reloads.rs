//! What `verify --against` says that a running broker refuses, beside what Kafka's own `SslFactory` refuses.

use std::fmt::Write;
use std::fs::{self, File};

use kafka_certgen::keystore::{Entry, EntryContent};

use crate::bench::{Bench, PASSWORD, ca, ca_draft, entry, key_entry, leaf, leaf_of, leaf_with, store, words};
use crate::certificate::{Ca, Draft, alt_names};
use crate::command::Finished;
use crate::der;
use crate::java::Jdk;
use crate::keys::Key;

/// A keystore's entries, in which format, and what is trusted beside it.
struct Stores {
    entries: Vec<Entry>,
    extension: &'static str,
    trusted: Vec<Vec<u8>>,
    more: &'static str,
}

impl Stores {
    fn of(leaf: &Draft) -> Self {
        Self::signed_by(&ca(), leaf)
    }

    fn signed_by(ca: &Ca, leaf: &Draft) -> Self {
        let entries = vec![entry("broker1", key_entry(&leaf.key, vec![ca.sign(leaf)]))];
        Self { entries, extension: "jks", trusted: vec![ca.certificate.clone()], more: "" }
    }

    fn with_ca(mut self, alias: &str, ca: &Ca) -> Self {
        self.entries.push(entry(alias, EntryContent::TrustedCertificate(ca.certificate.clone())));
        self
    }

    fn pkcs12(self) -> Self {
        Self { extension: "p12", ..self }
    }

    fn trusting(self, cas: &[&Ca]) -> Self {
        Self { trusted: cas.iter().map(|ca| ca.certificate.clone()).collect(), ..self }
    }

    fn saying(self, more: &'static str) -> Self {
        Self { more, ..self }
    }

    /// Writes the stores and their configuration, and returns its name.
    fn write(self, bench: &Bench, name: &str) -> String {
        let keystore = format!("{name}.{}", self.extension);
        let made = store(self.entries);
        if self.extension == "jks" {
            bench.write_jks(&keystore, &made)
        } else {
            bench.write_pkcs12(&keystore, &made)
        };
        let truststore = format!("{name}-trust.jks");
        bench.trust(&truststore, &self.trusted);
        let kind = if self.extension == "jks" { "JKS" } else { "PKCS12" };
        let [keystore, truststore] = [keystore, truststore].map(|file| bench.path(&file).display().to_string());
        let text = format!(
            "ssl.keystore.type={kind}\nssl.keystore.location={keystore}\nssl.keystore.password={PASSWORD}\n\
             ssl.truststore.type=JKS\nssl.truststore.location={truststore}\nssl.truststore.password={PASSWORD}\n\
             ssl.client.auth=required\n{}\n",
            self.more
        );
        let file = format!("{name}.properties");
        bench.write(&file, text.as_bytes());
        file
    }
}

fn other() -> Ca {
    Ca::root(ca_draft("Another CA"))
}

fn named(subject: &'static str) -> Draft {
    leaf().but(|draft| draft.subject = der::name(subject))
}

fn san(names: &[&str]) -> Draft {
    leaf().with(alt_names(names))
}

/// Stores that a broker has, and such as it is to load.
fn pairs() -> Vec<(Stores, Stores)> {
    let good = || Stores::of(&leaf());
    let both = [&ca(), &other()];
    vec![
        (good(), good()),
        (good(), Stores::of(&leaf_with(&Key::named("a new key"), &ca()))),
        (good(), good().pkcs12()),
        (good().with_ca("caroot", &ca()), good().with_ca("caroot", &ca())),
        (good().with_ca("caroot", &ca()), good()),
        (good(), good().with_ca("caroot", &ca())),
        (good(), Stores::of(&named("CN=broker2,O=Acme"))),
        (good(), Stores::of(&named("CN=BROKER1,O=acme"))),
        (good(), Stores::of(&named("O=Acme,CN=broker1"))),
        // What is allowed is what the broker was started with.
        (good(), Stores::of(&named("CN=broker2,O=Acme")).saying("ssl.allow.dn.changes=true")),
        (good().saying("ssl.allow.dn.changes=true"), Stores::of(&named("CN=broker2,O=Acme"))),
        (good(), Stores::of(&san(&["dns:broker1.example.com", "dns:more.example.com", "ip:10.0.0.1"]))),
        (Stores::of(&san(&["dns:broker1.example.com", "ip:10.0.0.1"])), good()),
        (
            Stores::of(&san(&["dns:broker1.example.com", "dns:x.example.com"])),
            good().saying("ssl.allow.san.changes=true"),
        ),
        (Stores::of(&san(&["dns:x.example.com"])).saying("ssl.allow.san.changes=true"), good()),
        (good(), Stores::of(&san(&["dns:BROKER1.example.com"]))),
        (good(), Stores::signed_by(&other(), &leaf_of(&other()))),
        (good().trusting(&both), Stores::signed_by(&other(), &leaf_of(&other())).trusting(&both)),
        (good(), good().trusting(&both)),
        (good().trusting(&both), Stores::signed_by(&other(), &leaf_of(&other()))),
        (good().with_ca("aa", &ca()).with_ca("zz", &other()), good().with_ca("zz", &ca()).with_ca("aa", &other())),
        (good().with_ca("aa", &ca()), good().with_ca("qq", &ca())),
        (good().pkcs12().with_ca("x", &ca()), good().pkcs12().with_ca("kafka", &ca())),
    ]
}

#[test]
#[ignore = "needs Java and Kafka's Maven artifacts"]
fn what_we_say_a_reload_refuses_is_what_kafka_refuses() {
    let bench = Bench::new();
    let mut lines = String::new();
    let mut ours = Vec::new();
    for (at, (old, new)) in pairs().into_iter().enumerate() {
        let (old, new) = (old.write(&bench, &format!("{at}-old")), new.write(&bench, &format!("{at}-new")));
        let paths = [&old, &new].map(|file| bench.path(file).display().to_string());
        writeln!(lines, "{at}\t{}\t{}", paths[0], paths[1]).expect("a String takes all");
        let found = bench.verify(&words(&["--config", &new, "--against", &old]));
        ours.push(found.into_iter().filter(|code| code.starts_with("reload-")).collect::<Vec<_>>());
    }
    assert!(ours.len() >= 15);
    fs::write(bench.path("questions"), lines).expect("cannot write the questions");
    for jdk in [Jdk::usual(), Jdk::newer()] {
        let stdin = File::open(bench.path("questions")).expect("cannot read the questions");
        let said = Finished::reading(&mut jdk.program("Reloads", &[]), stdin).successfully();
        let answers: Vec<&str> = said.stdout.lines().filter(|line| line.starts_with("case\t")).collect();
        assert_eq!(answers.len(), ours.len(), "{}\n{}", said.stdout, said.stderr);
        let is_other = |(answer, codes): &(&&str, &Vec<String>)| answer.contains("\trefused") == codes.is_empty();
        let disagreements: Vec<_> = answers.iter().zip(&ours).filter(is_other).collect();
        assert!(disagreements.is_empty(), "Java {}: {disagreements:#?}", jdk.version());
    }
}
