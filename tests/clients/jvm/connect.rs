//! Kafka Connect and `MirrorMaker` 2, as they start on what `config` printed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use super::{NO_CERTIFICATE, STANDARD_INPUT, without};
use crate::broker::{free_ports, tail};
use crate::cluster::Cluster;
use crate::command::Finished;
use crate::java::{Jdk, Programs, SHORT_LIVED, SOURCES};
use crate::service::Service;
use crate::{RECORDS, proves, scratch};

static CONNECT: Programs =
    Programs::in_folder(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clients/java/connect"), &[STANDARD_INPUT]);

/// Until records have gone through two connectors.
const LONGEST_WAIT: Duration = Duration::from_secs(120);

/// What is no matter of `config`, and makes it quick: it looks for connectors in no files.
const QUICK: &str = "plugin.discovery=service_load\n";

/// The names of the machine that a bundle for other machines has.
const HOSTS: &str = "127.0.0.1 localhost\n127.0.0.1 connect1\n";

/// A worker takes lines out of a file, and another one into a file; one that is not the leader passes on what it is told, over HTTPS
/// and by the name that the leader says.
#[test]
#[ignore = "needs Java, Kafka's Maven artifacts and curl"]
fn connect_workers_with_https() {
    let cluster = Cluster::shared();
    let folder = scratch();
    let config = cluster.config_of("connect1", "connect", &["--bind", "127.0.0.1"]);
    let ports = free_ports(2);
    let _workers = [ports[0], ports[1]].map(|port| {
        let listener = format!("listeners=https://127.0.0.1:{port}\n");
        started("Connect", &settings(folder.path(), &port.to_string(), &format!("{config}\n{listener}{QUICK}")))
    });
    let rest = Rest { cluster: &cluster, url: format!("https://localhost:{}", ports[1]) };
    rest.copies_lines(folder.path(), "lines-https");
    rest.refuses_nobody();
}

/// The REST interface opens no store in PEM, and there is none for other machines.
#[test]
#[ignore = "needs Java, Kafka's Maven artifacts and curl"]
fn a_connect_worker_on_pem() {
    let cluster = Cluster::shared();
    let folder = scratch();
    let config = cluster.config_of("connect1", "connect", &["--format", "pem"]);
    assert!(config.contains("\nlisteners=http://localhost:8083\n"), "{config}");
    let port = free_ports(1)[0];
    // A group and topics of its own, beside the other one's.
    let config = config.replace("connect-", "pem-");
    let config = format!("{config}\nlisteners=http://localhost:{port}\n{QUICK}");
    let _worker = started("Connect", &settings(folder.path(), "worker", &config));
    let rest = Rest { cluster: &cluster, url: format!("http://localhost:{port}") };
    rest.copies_lines(folder.path(), "lines-pem");
}

/// A connector of Kafka's own between a file and a topic. That of a source makes the topic, as the worker's admin client.
fn connector(direction: &str, topic: &str, file: &Path) -> serde_json::Value {
    let topics = if direction == "Sink" { "topics" } else { "topic" };
    serde_json::json!({
        "name": direction,
        "config": {
            "connector.class": format!("org.apache.kafka.connect.file.FileStream{direction}Connector"),
            "file": file.display().to_string(),
            topics: topic,
            "tasks.max": "1",
            "topic.creation.default.partitions": "1",
            "topic.creation.default.replication.factor": "1",
        }
    })
}

/// The REST interface of a worker, as `app1` calls on it.
struct Rest<'a> {
    cluster: &'a Cluster,
    url: String,
}

impl Rest<'_> {
    /// Lets the workers copy a file through a topic.
    fn copies_lines(&self, folder: &Path, topic: &str) {
        let (from, to) = (folder.join("from"), folder.join("to"));
        let lines: String = (0..1000).map(|i| i.to_string() + "\n").collect();
        fs::write(&from, &lines).expect("cannot write the lines");
        self.create(&connector("Source", topic, &from));
        self.create(&connector("Sink", topic, &to));
        self.wait_for(&to, &lines);
    }

    fn create(&self, connector: &serde_json::Value) {
        let body = connector.to_string();
        let start = Instant::now();
        loop {
            let said = Finished::of(self.curl("connectors").args([
                "--header",
                "Content-Type: application/json",
                "--write-out",
                "\n%{http_code}",
                "--data",
                &body,
            ]))
            .successfully()
            .stdout;
            if said.ends_with("\n201") {
                return;
            }
            // While the workers come to terms with each other they say so.
            let is_for_later = ["\n404", "\n409", "\n500", "\n503"].iter().any(|code| said.ends_with(code));
            assert!(is_for_later && start.elapsed() < LONGEST_WAIT, "{said}");
            thread::sleep(Duration::from_millis(500));
        }
    }

    /// Waits until a file has these lines.
    fn wait_for(&self, file: &Path, lines: &str) {
        let start = Instant::now();
        while fs::read_to_string(file).unwrap_or_default() != lines {
            let status = |name: &str| Finished::of(&mut self.curl(&format!("connectors/{name}/status"))).stdout;
            assert!(start.elapsed() < LONGEST_WAIT, "not all came: {}\n{}", status("Source"), status("Sink"));
            thread::sleep(Duration::from_millis(200));
        }
    }

    fn refuses_nobody(&self) {
        let said = Finished::of(&mut self.anonymous_curl(""));
        let is_refused =
            ["alert bad certificate", "alert certificate required"].iter().any(|words| said.stderr.contains(words));
        assert!(!said.status.success() && is_refused, "{}\n{}", said.stdout, said.stderr);
    }

    fn curl(&self, path: &str) -> Command {
        let app1 = self.cluster.bundle().join("app1");
        let mut curl = self.anonymous_curl(path);
        curl.arg("--cert").arg(app1.join("cert-signed")).arg("--key").arg(app1.join("kafka.client.keystore.pem"));
        curl
    }

    fn anonymous_curl(&self, path: &str) -> Command {
        let mut curl = Command::new("curl");
        curl.args(["--silent", "--show-error", "--max-time", "100", "--cacert"]);
        curl.arg(self.cluster.bundle().join("ca/ca-cert"));
        curl.arg(format!("{}/{path}", self.url));
        curl
    }
}

#[test]
#[ignore = "needs Java and Kafka's Maven artifacts"]
fn a_connect_worker_without_its_certificate_does_not_start() {
    let cluster = Cluster::shared();
    let folder = scratch();
    let config = cluster.config_of("connect1", "connect", &["--bind", "127.0.0.1"]);
    let config = without(&config, &["ssl.keystore.", "ssl.key."]);
    let listener = format!("listeners=https://127.0.0.1:{}\n", free_ports(1)[0]);
    let worker = settings(folder.path(), "worker", &format!("{config}\n{listener}{QUICK}"));
    does_not_start("Connect", &worker);
}

/// One cluster is both, which is seen from the name of the copy.
#[test]
#[ignore = "needs Java and Kafka's Maven artifacts"]
fn mirror_maker_copies_a_topic() {
    let cluster = Cluster::shared();
    for format in ["pkcs12", "pem"] {
        let folder = scratch();
        let topic = format!("copied-{format}");
        let mirror = settings(folder.path(), "mirror", &mirror_config(&cluster, format, &topic));
        let running = started("Mirror", &mirror);

        let client = folder.path().join("client.properties");
        fs::write(&client, cluster.config("java-client", &[])).expect("cannot write settings");
        let mut copied = Jdk::usual().program_of(&CONNECT, "Copied", &[SHORT_LIVED]);
        copied.arg(&client).args([RECORDS, &topic, &format!("source.{topic}")]);
        proves(&mut copied);
        drop(running);
    }
}

#[test]
#[ignore = "needs Java and Kafka's Maven artifacts"]
fn mirror_maker_without_its_certificate_copies_nothing() {
    let cluster = Cluster::shared();
    let folder = scratch();
    let config =
        without(&mirror_config(&cluster, "pkcs12", "nothing"), &["target.ssl.keystore.", "source.ssl.keystore."]);
    does_not_start("Mirror", &settings(folder.path(), "mirror", &config));
}

/// What `config mirrormaker2` printed, with the other cluster, and the topic that is to be copied.
fn mirror_config(cluster: &Cluster, format: &str, topic: &str) -> String {
    let config = cluster.config("mirrormaker2", &["--format", format]);
    // The copy of a cluster's heartbeats into itself would be copied again, and so on.
    format!(
        "{config}\nsource.bootstrap.servers={address}\nsource->target.topics={topic}\nemit.heartbeats.enabled=false\n\
         refresh.topics.interval.seconds=1\n{QUICK}",
        address = cluster.address(),
    )
}

/// A program of `java/connect` and the settings that it starts on.
struct Settings {
    file: PathBuf,
    hosts: PathBuf,
    log: PathBuf,
}

fn settings(folder: &Path, name: &str, config: &str) -> Settings {
    let hosts = folder.join("hosts");
    fs::write(&hosts, HOSTS).expect("cannot write the hosts");
    let file = folder.join(format!("{name}.properties"));
    fs::write(&file, config).expect("cannot write settings");
    Settings { file, hosts, log: folder.join(format!("{name}.log")) }
}

fn command(program: &str, settings: &Settings) -> Command {
    let logging = format!("-Dlog4j2.configurationFile={SOURCES}/log4j2.properties");
    let hosts = format!("-Djdk.net.hosts.file={}", settings.hosts.display());
    let mut java = Jdk::usual().program_of(&CONNECT, program, &[SHORT_LIVED, "-Xmx512m", &logging, &hosts]);
    java.arg(&settings.file);
    java
}

fn started(program: &'static str, settings: &Settings) -> Service {
    let ready = if program == "Mirror" { "Kafka MirrorMaker started" } else { "Kafka Connect started" };
    let outcome = Service::start(program, &mut command(program, settings), &settings.log, ready);
    outcome.unwrap_or_else(|log| panic!("{program} did not start:\n{}", tail(&log)))
}

/// Panics unless a program ends because the broker has turned it away.
fn does_not_start(program: &'static str, settings: &Settings) {
    let outcome = Service::start(program, &mut command(program, settings), &settings.log, "started");
    let log = outcome.err().unwrap_or_else(|| panic!("{program} started without a certificate"));
    assert!(NO_CERTIFICATE.iter().any(|words| log.contains(words)), "{}", tail(&log));
}
