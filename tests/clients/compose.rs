//! What `config compose-…` prints: read as Docker Compose reads it, and run as far as that goes without Docker.
//!
//! The containers are JVMs here, each with an address of this machine's loopback for its own. Kafka's own program that the image
//! apache/kafka starts makes the properties of the variables and formats the storage. What comes before it in the image is a script, and
//! stands in [`entered`].

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use serde_json::Value;
use tempfile::TempDir;

use crate::broker::free_ports;
use crate::certgen::BINARY;
use crate::command::Finished;
use crate::java::{Jdk, SHORT_LIVED, SOURCES};
use crate::jvm::NO_CERTIFICATE;
use crate::platforms::built;
use crate::service::Service;
use crate::{RECORDS, is_refused, proves, scratch};

/// The folders of the images.
const SECRETS: &str = "/etc/kafka/secrets";
const DATA: &str = "/var/lib/kafka/data";

const QUICK_KEYS: &[&str] = &["--key-alg", "ec-p256", "--ca-key-alg", "ec-p256"];

type Environment = BTreeMap<String, String>;

#[test]
#[ignore = "needs Java, Kafka's Maven artifacts and Go"]
fn brokers_and_controllers_of_a_bundle_are_a_cluster() {
    let folder = scratch();
    let cluster = folder.path().join("cluster.yaml");
    let file = r#"{ca: {key_algorithm: ec-p256}, brokers: ["broker[1-2]"], controllers: [controller1], clients: [app1],
        defaults: {key_algorithm: ec-p256, formats: [jks, pkcs12], dname: "OU=Müller,O=Acme\\, Inc."}}"#;
    fs::write(&cluster, file).expect("cannot write the cluster file");
    let bundle = folder.path().join("bundle");
    certgen(["apply", "-f"].map(Path::new).into_iter().chain([cluster.as_path(), Path::new("--out"), &bundle]));

    let mut composed = Composed::of(&bundle, "compose-apache-kafka", &[]);
    assert_eq!(composed.services(), ["broker1", "broker2", "controller1"]);
    // Only who is a super user can do anything now, and nodes have to.
    composed.replace("KAFKA_ALLOW_EVERYONE_IF_NO_ACL_FOUND", "true", "false");
    let cluster = Cluster::start(&composed);

    proves(&mut cluster.records(&bundle, "--broker", "broker2"));
    is_refused(&mut cluster.records(&bundle, "--client", "app1"), &["TopicAuthorizationException"]);
    let anonymous = cluster.without_certificate(&bundle);
    is_refused(&mut cluster.records_with(&anonymous), &NO_CERTIFICATE);
}

#[test]
#[ignore = "needs Java, Kafka's Maven artifacts and Go"]
fn a_broker_is_a_cluster() {
    for (what, arguments) in [
        ("certificates are asked for", &["--client", "app1", "--format", "jks"][..]),
        ("no certificates are asked for", &["--client", "app1", "--client-auth", "none"]),
        ("the password is none that the image could copy", &["--client", "app1", "--storepass", "env:PASSWORD"]),
        ("keys have a password of their own", &["--client", "app1", "--format", "jks", "--keypass", "env:PASSWORD"]),
    ] {
        let folder = scratch();
        let bundle = folder.path().join("a bundle of $HOME: 'ü'");
        let init = ["init", "--cn", "broker1", "--out"].map(Path::new);
        let arguments = arguments.iter().chain(QUICK_KEYS).map(Path::new);
        certgen(init.into_iter().chain([bundle.as_path()]).chain(arguments));

        let cluster = Cluster::start(&Composed::of(&bundle, "compose-apache-kafka", &[]));
        proves(&mut cluster.records(&bundle, "--client", "app1"));
        let mut anonymous = cluster.records_with(&cluster.without_certificate(&bundle));
        if what == "no certificates are asked for" {
            proves(&mut anonymous);
        } else {
            is_refused(&mut anonymous, &NO_CERTIFICATE);
        }
    }
}

#[test]
#[ignore = "needs Go"]
fn the_images_differ_in_nothing_else() {
    let folder = scratch();
    let bundle = folder.path().join("bundle");
    let init = ["init", "--cn", "broker[1-3]", "--client", "app1", "--out"].map(Path::new);
    certgen(init.into_iter().chain([bundle.as_path()]).chain(QUICK_KEYS.iter().map(Path::new)));
    for arguments in [&[][..], &["--principal", "cn"], &["--listener", "INTERNAL"], &["--format", "jks"]] {
        let [mut apache, mut cp] =
            ["compose-apache-kafka", "compose-cp-kafka"].map(|kind| Composed::of(&bundle, kind, arguments).0);
        let images = [("apache/kafka:", &mut apache), ("confluentinc/cp-kafka:", &mut cp)];
        for (image, project) in images {
            let services = project["services"].as_object_mut().expect("there are no services");
            assert_eq!(services.len(), 3);
            for service in services.values_mut() {
                let named = service.as_object_mut().and_then(|service| service.remove("image")).expect("no image");
                assert!(named.as_str().is_some_and(|named| named.starts_with(image)), "{named}");
            }
        }
        assert_eq!(apache, cp);
    }
}

#[test]
#[ignore = "needs Go"]
fn what_is_no_file_for_compose_is_refused() {
    let folder = scratch();
    let file = folder.path().join("compose.yaml");
    for (text, says) in [
        ("services: {broker1: {image: x, enviroment: {A: b}}}", "enviroment"),
        ("services: {broker1: {image: x, volumes: [data:/data]}}", "undefined volume data"),
    ] {
        fs::write(&file, text).expect("cannot write a file");
        let said = Finished::of(&mut compose(&file));
        assert!(!said.status.success() && said.stderr.contains(says), "{}", said.stderr);
    }
}

fn certgen<'a>(arguments: impl IntoIterator<Item = &'a Path>) {
    let mut command = Command::new(BINARY);
    // Neither a file of properties nor Compose takes it as it is.
    command.args(arguments.into_iter().map(Path::as_os_str)).env("PASSWORD", r"pass\word${HOME}$=1");
    Finished::of(&mut command).successfully();
}

/// A command that reads a file for Docker Compose and prints it as JSON.
fn compose(file: &Path) -> Command {
    const SOURCES: [&str; 3] = [
        include_str!("platforms/compose/go.mod"),
        include_str!("platforms/compose/go.sum"),
        include_str!("platforms/compose/main.go"),
    ];
    let mut program = Command::new(built("compose", &SOURCES));
    program.arg(file);
    program
}

/// What Docker Compose makes of a file.
struct Composed(Value);

impl Composed {
    fn of(bundle: &Path, kind: &str, arguments: &[&str]) -> Self {
        let mut config = Command::new(BINARY);
        config.args(["config", kind]).arg(bundle).args(arguments);
        let folder = scratch();
        let file = folder.path().join("compose.yaml");
        fs::write(&file, Finished::of(&mut config).successfully().stdout).expect("cannot write a file");
        let project = Finished::of(&mut compose(&file)).successfully().stdout;
        Self(serde_json::from_str(&project).expect("this is not JSON"))
    }

    fn services(&self) -> Vec<&str> {
        let services = self.0["services"].as_object().expect("there are no services");
        services.keys().map(String::as_str).collect()
    }

    fn environment(&self, service: &str) -> Environment {
        let environment = self.0["services"][service]["environment"].as_object().expect("there is no environment");
        let text = |value: &Value| value.as_str().expect("a variable is no text").to_owned();
        environment.iter().map(|(name, value)| (name.clone(), text(value))).collect()
    }

    /// Gives a variable of all services another value.
    fn replace(&mut self, variable: &str, before: &str, value: &str) {
        let services = self.0["services"].as_object_mut().expect("there are no services");
        for service in services.values_mut() {
            assert_eq!(service["environment"][variable], before);
            service["environment"][variable] = value.into();
        }
    }

    /// The folder of this machine that is mounted there.
    fn mounted(&self, service: &str, target: &str) -> PathBuf {
        let volumes = self.0["services"][service]["volumes"].as_array().expect("there are no volumes");
        let mounts: Vec<&Value> = volumes.iter().filter(|volume| volume["target"] == target).collect();
        let [mount] = mounts.as_slice() else { panic!("{} volumes are mounted there", mounts.len()) };
        assert_eq!((&mount["type"], &mount["read_only"]), (&Value::from("bind"), &Value::from(true)));
        PathBuf::from(mount["source"].as_str().expect("it comes from nowhere"))
    }
}

/// The nodes of a bundle, with addresses of their own and two ports that are the same for all.
struct Cluster {
    nodes: Vec<Service>,
    brokers: Vec<String>,
    hosts: PathBuf,
    folder: TempDir,
}

impl Cluster {
    fn start(composed: &Composed) -> Self {
        for _ in 0..5 {
            let mut cluster = Self::of(composed);
            match cluster.run(composed) {
                Ok(nodes) => {
                    cluster.nodes = nodes;
                    return cluster;
                }
                // A port can be taken between the moment it was found free and a node's start.
                Err(log) => assert!(log.contains("Address already in use"), "{log}"),
            }
        }
        panic!("no port stays free");
    }

    fn of(composed: &Composed) -> Self {
        let folder = scratch();
        let hosts = folder.path().join("hosts");
        let names = composed.services();
        let lines = names.iter().enumerate().map(|(at, name)| format!("{} {name}\n", address(at)));
        let lines: String = ["127.0.0.1 localhost\n".to_owned()].into_iter().chain(lines).collect();
        fs::write(&hosts, lines).expect("cannot write a file");
        Self { nodes: Vec::new(), brokers: Vec::new(), hosts, folder }
    }

    fn run(&mut self, composed: &Composed) -> Result<Vec<Service>, String> {
        let ports = free_ports(2);
        let names = composed.services();
        let brokers = names.iter().filter(|name| name.starts_with("broker"));
        self.brokers = brokers.map(|broker| format!("{broker}:{}", ports[0])).collect();
        let own: &Self = self;
        thread::scope(|scope| {
            let start = |(at, name)| {
                let environment = own.environment(composed, name, at, &ports);
                scope.spawn(move || own.node(name, &environment))
            };
            let nodes: Vec<_> = names.into_iter().enumerate().map(start).collect();
            nodes.into_iter().map(|node| node.join().expect("cannot start a node")).collect()
        })
    }

    /// A node's variables, with the folders, the address and the ports that it has here.
    fn environment(&self, composed: &Composed, name: &str, at: usize, ports: &[u16]) -> Environment {
        let mounted = composed.mounted(name, SECRETS);
        let secrets = self.link(name, &mounted);
        let data = self.folder.path().join(format!("{name}-data"));
        let mut environment = entered(composed.environment(name), &mounted);
        for value in environment.values_mut() {
            *value = value.replace(SECRETS, &secrets).replace(DATA, data.to_str().expect("a path is no text"));
            *value = value.replace("://:", &format!("://{}:", address(at)));
            *value = value.replace(":9093", &format!(":{}", ports[0])).replace(":9094", &format!(":{}", ports[1]));
        }
        environment
    }

    fn node(&self, name: &str, environment: &Environment) -> Result<Service, String> {
        let [defaults, mounted, own] = ["defaults", "mounted", "own"].map(|folder| {
            let folder = self.folder.path().join(format!("{name}-{folder}"));
            fs::create_dir(&folder).expect("cannot make a folder");
            folder
        });
        for file in ["server.properties", "log4j2.yaml", "tools-log4j2.yaml"] {
            fs::write(defaults.join(file), "").expect("cannot write a file");
        }
        let mut setup = self.java("kafka.docker.KafkaDockerWrapper");
        setup.env_clear().env("PATH", env::var_os("PATH").unwrap_or_default()).env("LC_ALL", "C.UTF-8");
        setup.envs(environment).arg("setup");
        setup.arg("--default-configs-dir").arg(defaults).arg("--mounted-configs-dir").arg(mounted);
        setup.arg("--final-configs-dir").arg(&own);
        Finished::of(&mut setup).successfully();

        let mut node = self.java("Node");
        node.arg(own.join("server.properties"));
        Service::start("node", &mut node, &self.folder.path().join(format!("{name}-log")), "Kafka Server started")
    }

    fn java(&self, program: &str) -> Command {
        let hosts = format!("-Djdk.net.hosts.file={}", self.hosts.display());
        let logging = format!("-Dlog4j2.configurationFile={SOURCES}/log4j2.properties");
        Jdk::usual().program(program, &[SHORT_LIVED, "-Xmx384m", &hosts, &logging])
    }

    /// A client on what `config java-client` prints for an identity, which writes and reads.
    fn records(&self, bundle: &Path, flag: &str, name: &str) -> Command {
        let mut config = Command::new(BINARY);
        config.args(["config", "java-client"]).arg(bundle).args([flag, name]);
        // To a config provider a colon in a path is the end of it.
        config.arg("--deploy-dir").arg(self.link(&format!("{name}-files"), &bundle.join(name)));
        let file = self.folder.path().join(format!("{name}.properties"));
        fs::write(&file, Finished::of(&mut config).successfully().stdout).expect("cannot write a file");
        self.records_with(&file)
    }

    fn records_with(&self, properties: &Path) -> Command {
        let mut client = self.java("Records");
        client.arg(self.brokers.join(",")).arg(properties).arg(RECORDS);
        client
    }

    /// Returns a path of a folder in which no letter has a meaning to anybody, as in those of a container.
    fn link(&self, name: &str, target: &Path) -> String {
        let link = self.folder.path().join(format!("{name}-link"));
        symlink(target, &link).expect("cannot make a link");
        link.into_os_string().into_string().expect("a path is no text")
    }

    /// Writes the settings that the bundle has for clients without a certificate.
    fn without_certificate(&self, bundle: &Path) -> PathBuf {
        let file = self.folder.path().join("anonymous.properties");
        fs::copy(bundle.join("broker1/client.properties"), &file).expect("cannot copy settings");
        file
    }
}

/// The address of a node that is at this place among all.
fn address(place: usize) -> String {
    format!("127.0.0.{}", place + 1)
}

/// Returns the variables as the script of an image leaves them, which comes before Kafka's own program: see
/// `docker/resources/common-scripts/configure` of apache/kafka and `kafka/include/etc/confluent/docker/configure` of cp-kafka.
fn entered(mut environment: Environment, secrets: &Path) -> Environment {
    if !environment.get("KAFKA_ADVERTISED_LISTENERS").is_some_and(|listeners| listeners.contains("SSL://")) {
        return environment;
    }
    let named =
        |name: &str| environment.get(name).unwrap_or_else(|| panic!("{name} environment variable not set")).clone();
    let password = |name: &str| {
        let text = fs::read_to_string(secrets.join(named(name))).expect("cannot read a password");
        text.trim_end_matches('\n').to_owned()
    };
    let mut found = vec![
        ("KAFKA_SSL_KEYSTORE_LOCATION", format!("{SECRETS}/{}", named("KAFKA_SSL_KEYSTORE_FILENAME"))),
        ("KAFKA_SSL_KEY_PASSWORD", password("KAFKA_SSL_KEY_CREDENTIALS")),
        ("KAFKA_SSL_KEYSTORE_PASSWORD", password("KAFKA_SSL_KEYSTORE_CREDENTIALS")),
    ];
    if environment.get("KAFKA_SSL_CLIENT_AUTH").is_some_and(|auth| auth == "required" || auth == "requested") {
        found.push(("KAFKA_SSL_TRUSTSTORE_LOCATION", format!("{SECRETS}/{}", named("KAFKA_SSL_TRUSTSTORE_FILENAME"))));
        found.push(("KAFKA_SSL_TRUSTSTORE_PASSWORD", password("KAFKA_SSL_TRUSTSTORE_CREDENTIALS")));
    }
    environment.extend(found.into_iter().map(|(name, value)| (name.to_owned(), value)));
    environment
}
