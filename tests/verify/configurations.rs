//! Faults of properties files together with their stores. What is in the file alone is made where it is judged.

use crate::Fault;
use crate::bench::{Bench, PASSWORD, leaf, with, words};
use crate::certificate::alt_names;

/// Writes the configuration of a broker with good stores, and changes it.
fn broker(bench: &Bench, change: impl Fn(&str) -> String) -> Vec<String> {
    bench.good();
    let text = format!(
        "process.roles=broker\nnode.id=1\nlisteners=SSL://:9093\nadvertised.listeners=SSL://broker1.example.com:9093\n\
         inter.broker.listener.name=SSL\ncontroller.listener.names=CONTROLLER\n\
         controller.quorum.bootstrap.servers=controller1.example.com:9094\n\
         listener.security.protocol.map=SSL:SSL,CONTROLLER:SSL\nssl.client.auth=required\n\
         ssl.keystore.type=JKS\nssl.keystore.location=k.jks\nssl.keystore.password={PASSWORD}\n\
         ssl.truststore.type=JKS\nssl.truststore.location=t.jks\nssl.truststore.password={PASSWORD}\n"
    );
    // Stores are named as the change has them, and are beside the file.
    let here = bench.path("").display().to_string();
    let text = change(&text).replace(".location=", &format!(".location={here}")).replace(&format!("{here}./"), "");
    bench.write("server.properties", text.as_bytes());
    words(&["--config", "server.properties"])
}

pub(crate) fn faults() -> Vec<Fault> {
    vec![
        Fault::new("good configuration", "", |b| broker(b, str::to_owned)),
        Fault::new("advertised host is in no certificate", "san-host-missing", |b| {
            broker(b, |text| text.replace("SSL://broker1.example.com", "SSL://broker2.example.com"))
        }),
        Fault::new("store that is not there", "store-missing", |b| {
            broker(b, |text| text.replace("location=t.jks", "location=nowhere.jks"))
        }),
        Fault::new("store below the working folder", "store-location-relative", |b| {
            broker(b, |text| text.replace("location=t.jks", "location=./t.jks"))
        }),
        Fault::new("password that opens nothing", "store-password-wrong", |b| {
            broker(b, |text| text.replace(&format!("keystore.password={PASSWORD}"), "keystore.password=something else"))
        }),
        Fault::new("type that it is not", "store-type-differs", |b| {
            broker(b, |text| {
                text.replace("truststore.type=JKS", "truststore.type=PEM").replace("ssl.truststore.password", "#")
            })
        }),
        Fault::new("configuration for everybody", "file-others-read", |b| {
            let arguments = broker(b, str::to_owned);
            b.chmod("server.properties", 0o644);
            arguments
        }),
        Fault::new("damaged escape", "properties-unreadable", |b| broker(b, |text| format!("{text}x=\\u12\n"))),
        Fault::new("other password in a bundle", "properties-password-differs", |b| {
            b.bundle(&[]);
            let text = String::from_utf8(b.read("kafka-certs/broker1/server.properties")).unwrap();
            let line = text.lines().find(|line| line.starts_with("ssl.keystore.password")).unwrap();
            let text = text.replace(line, "ssl.keystore.password=something else");
            b.write("kafka-certs/broker1/server.properties", text.as_bytes());
            Vec::new()
        }),
        Fault::new("name lost in a reload that allows it", "", |b| {
            let old = leaf().with(alt_names(&["dns:broker1.example.com", "dns:old.example.com"]));
            b.leaf(&old);
            std::fs::rename(b.path("k.jks"), b.path("old.jks")).unwrap();
            std::fs::rename(b.path("k.jks.password"), b.path("old.jks.password")).unwrap();
            let arguments = broker(b, |text| format!("{text}ssl.allow.san.changes=true\n"));
            with(arguments, &["--against", "old.jks"])
        }),
    ]
}
