//! The CI job and the justfile of `examples/`: every command line in them is run, by just and by the shell of a runner.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;
use tempfile::TempDir;

use super::lint::{PYTHON, SOURCES};
use super::support::bundle::{BINARY, scratch};
use super::support::command::{Finished, command};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/examples");

/// A cluster that nothing is to be said about.
const CLUSTER: &str = "brokers: ['broker[1-2].example.com']\nclients: [app1]\ndeploy_dir: /etc/kafka/ssl\ndefaults: {key_algorithm: ec-p256}";

#[derive(Deserialize)]
struct Job {
    env: BTreeMap<String, String>,
    uses: Vec<String>,
    run: Vec<(String, String)>,
}

fn repository(cluster: &str) -> TempDir {
    let folder = scratch();
    fs::write(folder.path().join("cluster.yaml"), cluster).unwrap();
    folder
}

fn run_in(folder: &Path, program: impl AsRef<std::ffi::OsStr>, arguments: &[&str]) -> Command {
    let mut run = command(program, arguments);
    let programs = Path::new(BINARY).parent().unwrap().display();
    run.current_dir(folder).env("PATH", format!("{programs}:{}", std::env::var("PATH").unwrap()));
    run
}

#[test]
#[ignore = "needs Python and pip"]
fn every_step_of_the_ci_job_works() {
    let workflow = format!("{EXAMPLES}/ci/github-actions.yml");
    let program = Path::new(SOURCES).join("workflow.py");
    let printed = Finished::of(&mut command(PYTHON.as_path(), [program.to_str().unwrap(), &workflow])).successfully();
    let jobs: BTreeMap<String, Job> = serde_json::from_str(&printed.stdout).unwrap();
    assert_eq!(jobs.keys().collect::<Vec<_>>(), ["deployed", "test"]);
    let repository = repository(CLUSTER);
    let bundle = repository.path().join("kafka-certs");
    // The job that makes a bundle comes first: the other looks at one that is there.
    for name in ["test", "deployed"] {
        let Job { env, uses, run } = &jobs[name];
        // Nothing is cached or uploaded.
        assert_eq!(uses, &["actions/checkout@v4"]);
        assert_eq!(env.keys().collect::<Vec<_>>(), ["BUNDLE"]);
        let lines = run.iter().filter(|(name, _)| name != "install");
        assert!(lines.clone().count() >= 2);
        for (step, line) in lines {
            let mut shell =
                run_in(repository.path(), "bash", &["--noprofile", "--norc", "-eo", "pipefail", "-c", line]);
            let run = Finished::of(shell.env("BUNDLE", &bundle));
            assert!(run.status.success(), "{name}, {step}: {run}");
        }
    }
    // What the daily job is for.
    fs::write(repository.path().join("cluster.yaml"), CLUSTER.replace("[1-2]", "[1-3]")).unwrap();
    let (_, compare) = jobs["deployed"].run.iter().find(|(name, _)| name == "compare").unwrap();
    let run = Finished::of(run_in(repository.path(), "bash", &["-c", compare]).env("BUNDLE", &bundle));
    assert_eq!(run.status.code(), Some(3), "{run}");
    // The binary is built as the README says.
    let (_, install) = jobs["test"].run.iter().find(|(name, _)| name == "install").unwrap();
    assert_eq!(install, "cargo install --locked --path kafka-certgen");
}

#[test]
#[ignore = "needs Python and pip, which brings just"]
fn every_recipe_of_the_justfile_works() {
    let example = fs::read_to_string(format!("{EXAMPLES}/cluster.yaml")).unwrap();
    let repository = repository(&example);
    let just = PYTHON.parent().unwrap().join("just");
    let justfile = format!("{EXAMPLES}/justfile");
    let run = |recipe: &[&str]| {
        let arguments = [&["--justfile", &justfile, "--working-directory", "."], recipe].concat();
        Finished::of(&mut run_in(repository.path(), &just, &arguments))
    };
    run(&["certs"]).successfully();
    run(&["certs"]).successfully().saying("nothing to do");
    run(&["certs-check"]).successfully();
    run(&["certs-verify"]).successfully();
    run(&["certs-handshake"]).successfully();
    run(&["certs-handshake", "--client", "payments", "--tls", "1.2"]).successfully();
    run(&["certs-inspect", "payments"]).successfully().saying("payments");
    fs::write(repository.path().join("cluster.yaml"), format!("{example}\n  - name: another\n")).unwrap();
    run(&["certs-check"]).in_vain().saying("another");
    let all = run(&["--summary"]).successfully().stdout;
    let mut recipes: Vec<&str> = all.split_whitespace().collect();
    recipes.sort_unstable();
    assert_eq!(recipes, ["certs", "certs-check", "certs-handshake", "certs-inspect", "certs-verify"], "all were run");
}
