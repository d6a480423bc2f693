//! A change of a bundle from its plan to its report, which `apply` and both uses of `add` have in common.

use std::path::Path;

use kafka_certgen::bundle::INVENTORY;
use kafka_certgen::bundle::plan::Scope;
use kafka_certgen::name::NodeName;
use kafka_certgen::pipeline::apply::{Applied, OpenBundle, Planned};
use kafka_certgen::pipeline::{Environment, Step};
use kafka_certgen::pki::{Certificate, CertificateAuthority};
use kafka_certgen::random::SystemRandom;
use kafka_certgen::spec::{CaSource, ClusterSpec};
use time::OffsetDateTime;

use crate::cli::Global;
use crate::convert::{self, CaKeyPlace, Secret, Signer};
use crate::problem::{Failure, Problem};
use crate::report::apply::{Done, begin_document, end_document, outcome};
use crate::report::plan::{PlanReport, Source};
use crate::report::progress::{IdentityProgress, grouped};
use crate::report::{Made, SHOWN, Terminal};
use crate::run;
use crate::stop::Stop;

/// Whether a run only looks.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Look {
    /// It prints what would be done, and says in its status whether there is anything.
    Check,
    /// It prints what would be done.
    DryRun,
    /// It does it.
    No,
}

/// What shall become of a bundle.
pub(crate) struct Change<'a> {
    pub(crate) spec: ClusterSpec,
    /// The chain of a CA that is kept elsewhere.
    pub(crate) given_ca: Option<Vec<Certificate>>,
    pub(crate) signer: Signer,
    pub(crate) scope: Scope,
    pub(crate) jobs: usize,
    pub(crate) now: OffsetDateTime,
    /// The folder of the bundle, as it was given.
    pub(crate) out: &'a Path,
    /// What says what there shall be.
    pub(crate) source: Source<'a>,
    /// The call of `apply`, as it would be typed again.
    pub(crate) again: &'a str,
    pub(crate) look: Look,
    pub(crate) json: bool,
}

impl Change<'_> {
    /// Plans it, prints the plan, does it and reports what was done.
    pub(crate) fn run(mut self, bundle: OpenBundle, global: &Global, terminal: &Terminal) -> Result<(), Failure> {
        if !self.signer.is_of_process() {
            run::forbid_attaching();
        }
        let makes_ca = bundle.is_new() && self.spec.made_ca().is_some();
        if makes_ca && self.signer.key.is_some() {
            return Err(Problem::no_ca_yet().into());
        }
        let environment = Environment { jobs: self.jobs, ..Environment::new(self.now, &SystemRandom) };
        let planned = bundle
            .plan(&self.spec, self.given_ca.as_deref(), &self.scope, &environment)
            .map_err(Failure::from_pipeline)?;
        for difference in &planned.plan.ca_differences {
            terminal.warn(&difference.to_string());
        }
        let path = bundle.path();
        let report = PlanReport { plan: &planned.plan.clone(), out: self.out, source: self.source, makes_ca };
        self.print_plan(&path, &report, global, terminal)?;
        let is_looked = self.look != Look::No;
        if is_looked || report.plan.is_empty() || !report.plan.obstacles.is_empty() {
            if self.json {
                end_document(&outcome(!is_looked && report.plan.is_empty(), false, Some(0)))?;
            }
            return self.judge(&report, terminal);
        }
        let inventory = || std::fs::read(path.join(INVENTORY)).ok();
        let before = inventory();
        let outcome = self.carry_out(bundle, planned, &report, global, terminal);
        if outcome.as_ref().is_err_and(|failure| !failure.is_stop()) && inventory() != before {
            terminal
                .warn(&format!("what was finished before this failure is kept; when it is mended, {}", self.next()));
        }
        self.print_outcome(&path, &report, outcome, global, terminal)
    }

    /// Prints the plan before anything is done; of a document, the part that has it.
    fn print_plan(
        &self,
        path: &Path,
        report: &PlanReport<'_>,
        global: &Global,
        terminal: &Terminal,
    ) -> Result<(), Failure> {
        if self.json {
            return begin_document(path, report);
        }
        // What is added is shown when it is there.
        let changes_nothing = report.plan.is_empty() || !report.plan.obstacles.is_empty();
        let is_shown = self.source.file().is_some() || self.look != Look::No || changes_nothing;
        if is_shown && !global.quiet {
            Terminal::data(report.text(terminal).as_bytes())?;
        }
        Ok(())
    }

    /// Says with which status a run ends that does nothing.
    fn judge(&self, report: &PlanReport<'_>, terminal: &Terminal) -> Result<(), Failure> {
        let plan = report.plan;
        let shown = if terminal.is_verbose() { usize::MAX } else { SHOWN };
        let obstacles = plan.obstacles.iter().take(shown);
        let mut problems: Vec<Problem> =
            obstacles.map(|obstacle| Problem::of_obstacle(obstacle, self.again, self.out)).collect();
        if let Some(more @ 1..) = plan.obstacles.len().checked_sub(shown) {
            problems.push(Problem::more_obstacles(more));
        }
        match self.look {
            Look::Check if !plan.is_empty() => Err(Failure(problems.into_iter().map(Problem::into_finding).collect())),
            _ if problems.is_empty() => Ok(()),
            _ => Err(Failure(problems)),
        }
    }

    /// Does what was planned. Only here is Ctrl-C more than the end of the process.
    fn carry_out(
        &mut self,
        bundle: OpenBundle,
        planned: Planned,
        report: &PlanReport<'_>,
        global: &Global,
        terminal: &Terminal,
    ) -> Result<Applied, Failure> {
        if report.makes_ca {
            self.read_new_ca_password(global)?;
        }
        let signs_with_key = report.plan.needs_ca_key() && !report.makes_ca;
        let signer = if signs_with_key { Some(self.signer(&bundle, global, terminal)?) } else { None };
        run::forbid_attaching();
        let stop = Stop::on_signals();
        let progress = IdentityProgress::start(report.plan.changes.len(), &stop, terminal);
        let observe = |step: Step, node: Option<&NodeName>| {
            terminal.step(step, node);
            progress.observe(step, node);
        };
        let environment = Environment {
            jobs: self.jobs,
            observe: &observe,
            stopped: &|| stop.is_asked(),
            ..Environment::new(self.now, &SystemRandom)
        };
        bundle.carry_out(&self.spec, planned, signer, &environment).map_err(Failure::from_pipeline)
    }

    /// Reads the password of a CA that is made.
    fn read_new_ca_password(&mut self, global: &Global) -> Result<(), Failure> {
        let Some(Secret { label, source }) = &self.signer.password else { return Ok(()) };
        let password = source
            .read("password of the CA key", global.batch)
            .map_err(|mistake| Problem::of_secret(label, "--ca-pass", &mistake))?;
        if let CaSource::Made(ca) = &mut self.spec.ca {
            ca.password = Some(password);
            let faults = ca.faults(self.now);
            if !faults.is_empty() {
                return Err(Failure(faults.into_iter().map(Problem::from).collect()));
            }
        }
        Ok(())
    }

    /// Reads the key of the CA that is there.
    fn signer(
        &self,
        bundle: &OpenBundle,
        global: &Global,
        terminal: &Terminal,
    ) -> Result<CertificateAuthority, Failure> {
        let path = self.signer.key.clone().unwrap_or_else(|| {
            let path = bundle.ca_key_path();
            // It is shown as the folder was given.
            path.strip_prefix(bundle.path()).map_or_else(|_| path.clone(), |relative| self.out.join(relative))
        });
        if !path.exists() {
            return Err(Problem::no_ca_key(Some(&path)).into());
        }
        let password = self.signer.password.as_ref();
        let place = CaKeyPlace {
            label: password.map_or("--ca-pass", |secret| &secret.label),
            path: &path,
            is_named: self.signer.key.is_some(),
            alias: None,
            is_password_given: password.is_some(),
            password: password.map(|secret| secret.source.clone()),
        };
        let (key, warnings) = convert::ca_key(place, global)?;
        run::warn(terminal, &warnings);
        let certificate = bundle.ca().first().or_else(|| self.given_ca.as_ref()?.first());
        let certificate = certificate.ok_or_else(|| Problem::no_ca_key(None))?;
        let signer = CertificateAuthority::new(certificate.clone(), key, self.now);
        signer.map_err(|error| Problem::of_signer(&error).into())
    }

    fn print_outcome(
        &self,
        path: &Path,
        report: &PlanReport<'_>,
        applied: Result<Applied, Failure>,
        global: &Global,
        terminal: &Terminal,
    ) -> Result<(), Failure> {
        let Applied { inventory, done, is_stopped } = match applied {
            Ok(applied) => applied,
            Err(failure) => {
                if self.json {
                    end_document(&outcome(false, failure.is_stop(), None))?;
                }
                return Err(failure);
            }
        };
        let total = report.plan.changes.len();
        // Who asks when everything is done has come too late.
        let is_stopped = is_stopped && done.len() < total;
        let made = Made { out: self.out, path, inventory: &inventory };
        let report = Done { plan: report, made, names: &done };
        if self.json {
            let mut facts = outcome(!is_stopped, is_stopped, Some(done.len()));
            if self.source.file().is_none() {
                facts.extend(report.added_facts()?);
            }
            end_document(&facts)?;
        } else if !global.quiet && !is_stopped {
            let text = match self.source {
                Source::File(_) => report.text(terminal),
                Source::Formats(formats) => report.added_formats(formats, terminal),
                Source::Identities => report.added(terminal),
            };
            Terminal::data(text.as_bytes())?;
        }
        if is_stopped { Err(self.stopped(done.len(), total).into()) } else { Ok(()) }
    }

    fn stopped(&self, done: usize, total: usize) -> Problem {
        Problem::stopped(format!("stopped: {} of {} done; {}", grouped(done), grouped(total), self.next()))
    }

    /// Says what does the rest.
    fn next(&self) -> &'static str {
        match self.source {
            Source::File(_) | Source::Formats(_) => "the same command goes on from there",
            Source::Identities => "the same command with the names that are left goes on from there",
        }
    }
}
