//! The real stacks, each of which judges every case, as a client and as a broker.

mod rustls;

use std::collections::HashMap;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use crate::cases::{self, Case};
use crate::support::command::{Finished, command};
use crate::support::jdk::Jdk;

const PROGRAMS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/acceptance/programs");

/// What judges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Judge {
    Java17,
    JavaNewest,
    /// OpenSSL alone, with its own defaults. A server only.
    OpenSsl,
    /// A client only.
    Librdkafka,
    Python,
    Node,
    Go,
    Rustls,
}

impl Judge {
    pub(crate) const ALL: [Self; 8] = [
        Self::Java17,
        Self::JavaNewest,
        Self::OpenSsl,
        Self::Librdkafka,
        Self::Python,
        Self::Node,
        Self::Go,
        Self::Rustls,
    ];
}

/// What the judge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Side {
    Client,
    Server,
}

/// What each says of each case, by the case's name: the message that it refuses with, or nothing if it accepts.
pub(crate) type Verdicts = HashMap<(Judge, Side, String), String>;

/// Lets all of them judge all cases.
pub(crate) fn judge_all(cases: &[Case], folder: &Path) -> Verdicts {
    let mut verdicts = Verdicts::new();
    let workshop = Workshop::new(cases, folder);
    let mut servers = workshop.peers.each_ref().map(|peer| peer.command("serve").piped());
    let counts = workshop.peers.each_ref().map(|peer| peer.count);
    let lines: Vec<_> = servers.iter_mut().zip(counts).map(|(server, count)| first_lines(server, count)).collect();
    let ports = folder.join("served");
    fs::write(&ports, lines.concat()).unwrap();
    for judge in Judge::ALL.into_iter().filter(|judge| *judge != Judge::OpenSsl) {
        let answers = if judge == Judge::Rustls {
            rustls::judge_servers(cases, &read_ports(&ports))
        } else {
            let mut program = workshop.program(judge);
            program.arg("client").arg(&workshop.file).arg(&ports);
            answers(&Finished::of(&mut program).successfully().stdout)
        };
        verdicts.extend(complete(judge, Side::Client, cases, answers));
    }
    for server in &mut servers {
        drop(server.stdin.take());
        server.wait().unwrap();
    }
    for judge in Judge::ALL.into_iter().filter(|judge| *judge != Judge::Librdkafka) {
        let answers = workshop.judge_clients(judge, cases);
        verdicts.extend(complete(judge, Side::Server, cases, answers));
    }
    verdicts
}

fn complete(
    judge: Judge,
    side: Side,
    cases: &[Case],
    answers: Vec<(String, String)>,
) -> impl Iterator<Item = ((Judge, Side, String), String)> {
    let judged: Vec<_> = answers.iter().map(|(name, _)| name).collect();
    assert_eq!(judged, cases.iter().map(|case| &case.name).collect::<Vec<_>>(), "{judge:?} {side:?}");
    answers.into_iter().map(move |(name, message)| ((judge, side, name), message))
}

/// The files that the programs read.
struct Workshop {
    folder: PathBuf,
    /// Names the cases.
    file: PathBuf,
    /// What a server presents, and its key.
    own: [PathBuf; 2],
    peers: [Peer; 2],
    python: PathBuf,
    go: PathBuf,
}

/// A program that presents chains, those of `file`.
struct Peer {
    program: Vec<PathBuf>,
    file: PathBuf,
    count: usize,
}

impl Peer {
    fn command(&self, role: &str) -> Command {
        let mut peer = command(&self.program[0], &self.program[1..]);
        peer.arg(role).arg(&self.file);
        peer
    }
}

impl Workshop {
    fn new(cases: &[Case], folder: &Path) -> Self {
        let file = cases::write(cases, folder, "cases");
        let good = &cases[0];
        let own = [folder.join("own.pem"), good.key.file.clone()];
        cases::write_certificates(&own[0], &good.sent);
        let go = |name: &str| {
            let program = folder.join(name);
            let source = format!("{PROGRAMS}/{name}.go");
            Finished::of(command("go", ["build", "-o"]).arg(&program).arg(source)).successfully();
            program
        };
        let peer = |program, is_raw, name| {
            let cases: Vec<_> = cases.iter().filter(|case| case.is_raw == is_raw).cloned().collect();
            Peer { program, file: cases::write(&cases, folder, name), count: cases.len() }
        };
        let peers = [
            peer(vec!["python3".into(), format!("{PROGRAMS}/peer.py").into()], false, "cases.openssl"),
            peer(vec![go("peer")], true, "cases.raw"),
        ];
        Self { folder: folder.to_owned(), file, own, peers, python: python(), go: go("judge") }
    }

    fn program(&self, judge: Judge) -> Command {
        let python = |mode: &str| command("python3", [&format!("{PROGRAMS}/judge.py"), mode]);
        let java = |jdk: &Jdk| {
            let mut java = jdk.java();
            java.args(["-XX:TieredStopAtLevel=1", "-Duser.language=en"]).arg(format!("{PROGRAMS}/Judge.java"));
            java
        };
        match judge {
            Judge::Java17 => java(&Jdk::of_17()),
            Judge::JavaNewest => java(&Jdk::newer()),
            Judge::OpenSsl => python("openssl"),
            Judge::Python => python("strict"),
            Judge::Librdkafka => command(&self.python, [format!("{PROGRAMS}/librdkafka.py")]),
            Judge::Node => command("node", [format!("{PROGRAMS}/judge.js")]),
            Judge::Go => command::<&str>(&self.go, []),
            Judge::Rustls => unreachable!("it is part of this program"),
        }
    }

    /// Lets one judge clients.
    fn judge_clients(&self, judge: Judge, cases: &[Case]) -> Vec<(String, String)> {
        if judge == Judge::Rustls {
            let listeners = rustls::listen(cases, &self.own);
            let ports = self.folder.join("ports");
            let lines = listeners.iter().map(|listener| format!("{}\t{}\n", listener.name, listener.port));
            fs::write(&ports, lines.collect::<String>()).unwrap();
            self.present(&ports);
            return listeners.into_iter().map(rustls::Listener::verdict).collect();
        }
        let mut server = self.program(judge).arg("server").arg(&self.file).args(&self.own).piped();
        let ports = self.folder.join("ports");
        fs::write(&ports, first_lines(&mut server, cases.len())).unwrap();
        self.present(&ports);
        let mut rest = String::new();
        server.stdout.as_mut().unwrap().read_to_string(&mut rest).unwrap();
        assert!(server.wait().unwrap().success(), "{judge:?} as a server");
        answers(rest.trim_start_matches('\n'))
    }

    /// Presents each chain to the port of its case.
    fn present(&self, ports: &Path) {
        let mut clients = self.peers.each_ref().map(|peer| peer.command("connect").arg(ports).piped());
        for client in &mut clients {
            let mut presented = String::new();
            client.stdout.as_mut().unwrap().read_to_string(&mut presented).unwrap();
            assert!(client.wait().unwrap().success(), "{presented}");
        }
    }
}

/// Reads so many lines of what a program prints.
fn first_lines(program: &mut Child, count: usize) -> String {
    // No more than these lines are read: what is buffered here would be lost to the one who reads the rest.
    let mut lines = Lines(program.stdout.as_mut().unwrap());
    (0..count).map(|_| lines.next().expect("the program has ended before it named its ports")).collect()
}

/// Reads lines and not an octet more.
struct Lines<'r, R>(&'r mut R);

impl<R: Read> Iterator for Lines<'_, R> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        let mut line = Vec::new();
        let mut reader = BufReader::with_capacity(1, &mut *self.0);
        reader.read_until(b'\n', &mut line).unwrap();
        (!line.is_empty()).then(|| String::from_utf8(line).unwrap())
    }
}

trait Piped {
    fn piped(&mut self) -> Child;
}

impl Piped for Command {
    fn piped(&mut self) -> Child {
        self.stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("cannot run {self:?}: {error}"))
    }
}

fn answers(lines: &str) -> Vec<(String, String)> {
    let split = |line: &str| line.split_once('\t').map(|(name, message)| (name.to_owned(), message.to_owned()));
    lines.lines().map(|line| split(line).unwrap_or_else(|| panic!("{line}"))).collect()
}

fn read_ports(file: &Path) -> HashMap<String, u16> {
    let lines = fs::read_to_string(file).unwrap();
    answers(&lines).into_iter().map(|(name, port)| (name, port.parse().unwrap())).collect()
}

/// Python with librdkafka, in an environment of its own below `target`, which is kept.
fn python() -> PathBuf {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("librdkafka");
    let (wanted, installed) = (Path::new(PROGRAMS).join("requirements.txt"), home.join("requirements.txt"));
    let python = home.join("bin/python");
    let wanted_text = fs::read_to_string(&wanted).unwrap();
    if fs::read_to_string(&installed).ok() != Some(wanted_text) {
        Finished::of(command("python3", ["-m", "venv", "--clear"]).arg(&home)).successfully();
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
        Finished::of(command(&python, pip).arg(&wanted)).successfully();
        fs::copy(&wanted, &installed).unwrap();
    }
    python
}
