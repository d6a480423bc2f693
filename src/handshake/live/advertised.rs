//! The listeners that a broker tells its clients to go on to.

// Foreign bytes come in here. Tests may fail with a panic.
#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects, clippy::indexing_slicing))]

use std::net::IpAddr;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::visit::{Depth, Visit};
use super::{Advertised, Finding, Report, Settings, Target, Verdict, checks, findings, report};
use crate::diagnosis::cause;
use crate::kafka::metadata::Broker;
use crate::pki::DecodedCertificate;
use crate::verify::acceptance::{Answer, Question, Reason, Side};
use crate::verify::{self, Severity};

/// How many listeners are connected to, unless all shall be.
const MAX_TRIED: usize = 32;

/// How many listeners are looked at in any case.
const MAX_LISTENERS: usize = 1000;

/// How many are connected to at once.
const AT_ONCE: usize = 8;

/// Looks at what a broker advertises: at the one that was connected to with what was seen of it, and at others over connections of
/// their own. A broker that is not trusted sends nobody anywhere, unless that was asked for.
pub(super) fn look_at(visit: &Visit, report: &Report, settings: &Settings<'_>) -> Vec<Advertised> {
    let brokers = visit.brokers.get(..MAX_LISTENERS).unwrap_or(&visit.brokers);
    let tried = match (settings.all_advertised, visit.is_trusting()) {
        (true, _) => MAX_LISTENERS,
        (false, true) => MAX_TRIED,
        (false, false) => 0,
    };
    let scene = Scene { report, visit, settings, brokers, tried };
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(brokers.len()) {
            scope.spawn(|| {
                while let index = next.fetch_add(1, Ordering::Relaxed)
                    && let Some(broker) = brokers.get(index)
                {
                    let advertised = scene.judge(index, broker);
                    done.lock().unwrap_or_else(PoisonError::into_inner).push((index, advertised));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap_or_else(PoisonError::into_inner);
    done.sort_by_key(|(index, _)| *index);
    done.into_iter().map(|(_, advertised)| advertised).collect()
}

/// What all are looked at with.
struct Scene<'a, 's> {
    /// What was found with the connection at hand.
    report: &'a Report,
    visit: &'a Visit,
    settings: &'a Settings<'s>,
    brokers: &'a [Broker],
    /// How many are connected to.
    tried: usize,
}

impl Scene<'_, '_> {
    fn judge(&self, index: usize, broker: &Broker) -> Advertised {
        let mut faults = self.faults_of_name(broker);
        let there = u16::try_from(broker.port).ok().map(|port| Target { host: broker.host.clone(), port });
        let mut is_tried = false;
        let mut kept = None;
        match there {
            Some(there) if self.is_here(&there) => {
                is_tried = true;
                faults.extend(errors(self.report.findings.clone()));
            }
            // What has no address of its own leads to this machine.
            Some(there) if index < self.tried && faults.iter().all(is_of_form) => {
                is_tried = true;
                let (more, report) = self.connect(&there);
                // Java says of a name with an underscore that it is not in the certificate, either.
                let is_named = faults.iter().any(|fault| fault.cause == Some(&cause::HOST_NAME_INVALID));
                let is_told = |finding: &Finding| is_named && finding.cause == Some(&cause::HOST_NAME_INVALID);
                faults.extend(more.into_iter().filter(|finding| !is_told(finding)));
                kept = report;
            }
            Some(_) if self.brokers.len() == 1 && faults.is_empty() => faults.extend(self.fault_of_chain(broker)),
            _ => {}
        }
        let verdict = match (faults.is_empty(), is_tried) {
            (false, _) => Verdict::Faulty(faults),
            (true, true) => Verdict::Sound,
            (true, false) => Verdict::NotTried,
        };
        let Broker { node_id, host, port, .. } = broker;
        Advertised { node_id: *node_id, host: host.clone(), port: *port, verdict, report: kept }
    }

    /// Says whether this is where the connection at hand leads to.
    fn is_here(&self, there: &Target) -> bool {
        there.port == self.report.target.port && there.host.eq_ignore_ascii_case(&self.report.target.host)
    }

    /// Finds what is wrong with a name and a port by themselves.
    fn faults_of_name(&self, broker: &Broker) -> Vec<Finding> {
        let Broker { node_id, host, port, .. } = broker;
        let place = place(broker);
        let fix = "set advertised.listeners to what clients reach";
        let mut faults = Vec::new();
        let address = host.parse::<IpAddr>().ok();
        let is_loopback =
            host.eq_ignore_ascii_case("localhost") || address.is_some_and(|address| address.is_loopback());
        let is_at_home = self.visit.peer.is_none_or(|peer| peer.ip().is_loopback());
        let mut add = |check, found: String| faults.push(findings::finding(check, &place, found, fix));
        if !(1..=65_535).contains(port) {
            add(&checks::ADVERTISED_PORT, format!("broker {node_id} advertises the port {port}"));
        }
        if address.is_some_and(|address| address.is_unspecified()) {
            add(&checks::ADVERTISED_ANY, format!("broker {node_id} advertises the address {host}"));
        } else if is_loopback && !is_at_home {
            add(&checks::ADVERTISED_LOOPBACK, format!("broker {node_id} advertises {host}, and is on another machine"));
        }
        if host.contains('_') {
            add(&checks::ADVERTISED_UNDERSCORE, format!("broker {node_id} advertises {host}"));
        }
        let is_other =
            |other: &&Broker| other.node_id != *node_id && other.port == *port && other.host.eq_ignore_ascii_case(host);
        if let Some(other) = self.brokers.iter().find(is_other) {
            let found = format!("brokers {node_id} and {} advertise the same address", other.node_id);
            add(&checks::ADVERTISED_TWICE, found);
        }
        faults
    }

    /// Connects to another listener as a client that was sent there.
    fn connect(&self, there: &Target) -> (Vec<Finding>, Option<Box<Report>>) {
        let place = there.to_string();
        let depth = if self.settings.all_advertised { Depth::Whole } else { Depth::Trust };
        let visit = match Visit::pay(there, self.settings, depth) {
            Ok(visit) => visit,
            Err(error) => {
                let fix = "set advertised.listeners to a name or an address of a host";
                let fault = findings::finding(&checks::ADVERTISED_UNRESOLVED, &place, error.to_string(), fix);
                return (vec![fault], None);
            }
        };
        let kept = self.settings.all_advertised.then(|| Box::new(report(there, &visit, self.settings)));
        let faults = errors(findings::of(there, &visit, self.settings)).map(as_advertised);
        (faults.collect(), kept)
    }

    /// Finds whether the chain at hand has a name that leads to the same broker.
    fn fault_of_chain(&self, broker: &Broker) -> Option<Finding> {
        if !self.settings.checks_host {
            return None;
        }
        let decoded = |ders: &[Vec<u8>]| -> Vec<DecodedCertificate> {
            ders.iter().filter_map(|der| DecodedCertificate::from_der(der).ok()).collect()
        };
        let (sent, anchors) = (decoded(&self.visit.record.broker.chain), decoded(&self.settings.client.anchors));
        let tls = self.visit.version.map(Into::into).unwrap_or_default();
        let side = Side::ServerFor { host: Some(&broker.host) };
        let question = Question { sent: &sent, anchors: &anchors, side, tls, at: self.settings.at };
        match self.settings.judge.judge(&question) {
            Answer::Refused { check: Reason::HostName, message } => {
                let fix = "issue the broker's certificate again with the advertised name";
                Some(findings::finding(&checks::ADVERTISED_NAME, &place(broker), message, fix))
            }
            _ => None,
        }
    }
}

fn place(broker: &Broker) -> String {
    format!("{}:{}", broker.host, broker.port)
}

/// Says whether a listener with this fault is worth a connection all the same.
fn is_of_form(fault: &Finding) -> bool {
    [&checks::ADVERTISED_UNDERSCORE, &checks::ADVERTISED_TWICE]
        .map(|check| check.code)
        .contains(&fault.finding.check.code)
}

fn errors(findings: Vec<Finding>) -> impl Iterator<Item = Finding> {
    findings.into_iter().filter(|finding| finding.finding.check.severity == Severity::Error)
}

/// Words what was found with a listener as what is wrong with advertising it.
fn as_advertised(finding: Finding) -> Finding {
    let code = finding.finding.check.code;
    let check = match code {
        _ if code == checks::HOST_UNRESOLVED.code => &checks::ADVERTISED_UNRESOLVED,
        _ if [&checks::PORT_REFUSED, &checks::UNREACHABLE, &checks::TIMED_OUT]
            .iter()
            .any(|check| check.code == code) =>
        {
            &checks::ADVERTISED_UNREACHABLE
        }
        _ if code == "san-host-missing" => &checks::ADVERTISED_NAME,
        _ => return finding,
    };
    let verify::Finding { object, found, fix, .. } = finding.finding;
    findings::finding(check, &object, found, &fix)
}
