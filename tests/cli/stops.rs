//! A signal, as of Ctrl-C: a run ends between two pieces of work.
//!
//! It is SIGTERM here: a shell that starts the tests in the background has SIGINT ignored.

use std::io::{Read, Seek};
use std::process::Child;
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use super::*;

/// More keys than are made before somebody has seen the first of them.
const CLUSTER: &str = "\
ca: {key_algorithm: ec-p256}
defaults: {key_algorithm: rsa-2048, formats: [pem]}
brokers: ['n[1-1000]']
";

impl Sandbox {
    /// Runs a command, and asks it to stop as soon as there is something whose name begins like this.
    fn stop(&self, arguments: &[&str], seen: &str) -> Run {
        // A pipe would fill before anybody reads it.
        let mut stdout = tempfile::tempfile().unwrap();
        let mut child =
            self.command(arguments).stdout(stdout.try_clone().unwrap()).stderr(Stdio::piped()).spawn().unwrap();
        self.wait_for(&mut child, seen);
        // Twice at once, as `timeout` sends it.
        for _ in 0..2 {
            kill_process(pid(&child), Signal::TERM).unwrap();
        }
        let mut output = child.wait_with_output().unwrap();
        stdout.rewind().unwrap();
        stdout.read_to_end(&mut output.stdout).unwrap();
        Run::from(output)
    }

    fn wait_for(&self, child: &mut Child, seen: &str) {
        while !self.tree().iter().any(|path| path.starts_with(seen)) {
            assert_eq!(child.try_wait().unwrap(), None, "the run is over");
            thread::sleep(Duration::from_millis(20));
        }
    }
}

fn pid(child: &Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap()
}

#[test]
fn what_apply_has_done_stays_and_the_next_run_goes_on() {
    let sandbox = Sandbox::new();
    sandbox.write("cluster.yaml", CLUSTER);
    let apply = ["apply", "-f", "cluster.yaml"];
    let run = sandbox
        .stop(&apply, "kafka-certs/n")
        .says(130, &["stopped: ", " of 1,000 done; the same command goes on from there"]);
    assert!(
        !run.stderr.contains("error: ") && !run.stdout.contains("done kafka-certs"),
        "{}{}",
        run.stdout,
        run.stderr
    );
    let done = sandbox.inventory()["identities"].as_array().unwrap().len();
    assert!((1..1000).contains(&done), "{done}");
    assert!(run.stderr.contains(&format!("stopped: {done} of 1,000 done")), "{}", run.stderr);
    assert!(!sandbox.tree().iter().any(|path| path.contains("staging")), "{:?}", sandbox.tree());
    sandbox.run(&["verify", "kafka-certs"]).success();
    let before = sandbox.files("kafka-certs/ca");

    let left = format!("{} to make, {done} unchanged", 1000 - done);
    sandbox.run(&[&apply[..], &["--check"]].concat()).says(3, &[&left]);
    let known = sandbox.inventory()["identities"][0]["name"].as_str().unwrap().to_owned();
    let json = sandbox
        .stop(&[&apply[..], &["--json"]].concat(), "kafka-certs/.kafka-certgen-staging")
        .says(130, &[])
        .document();
    assert_eq!((&json["stopped"], &json["applied"]), (&true.into(), &false.into()));
    let now = sandbox.inventory()["identities"].as_array().unwrap().len();
    assert_eq!(json["done"], now - done);
    sandbox.run(&[&apply[..], &["--only", &known]].concat()).says(0, &["nothing to do: 1 identity"]);
    assert_eq!(sandbox.files("kafka-certs/ca"), before);
}

#[test]
fn of_init_nothing_is_left() {
    let sandbox = Sandbox::new();
    let init = ["init", "--cn", "b[1-1000]", "--ca-key-alg", "ec-p256", "--format", "pem"];
    let run = sandbox.stop(&init, ".kafka-certgen-staging");
    assert_eq!((run.status, run.stdout.as_str()), (130, ""), "{}", run.stderr);
    assert!(run.stderr.ends_with("stopped: nothing was made\n"), "{}", run.stderr);
    assert_eq!(sandbox.tree(), [""; 0]);
}

#[test]
fn a_signal_that_was_ignored_stays_so_and_a_later_one_ends_the_process() {
    use std::os::unix::process::ExitStatusExt;
    let sandbox = Sandbox::new();
    sandbox.write("cluster.yaml", CLUSTER);
    let script = "trap '' HUP; exec \"$0\" apply -f cluster.yaml --only 'n[1-40]'";
    let mut shell = Command::new("sh");
    shell.args(["-c", script, env!("CARGO_BIN_EXE_kafka-certgen")]).current_dir(sandbox.path()).stdin(Stdio::null());
    let mut child = shell.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    sandbox.wait_for(&mut child, "kafka-certs/.kafka-certgen-staging");
    kill_process(pid(&child), Signal::HUP).unwrap();
    Run::from(child.wait_with_output().unwrap()).says(0, &["40 made"]);

    // A run that hangs can be ended: this one makes a single key that takes long, or is over before.
    let slow = CLUSTER.replace("rsa-2048", "rsa-4096");
    sandbox.write("cluster.yaml", &slow);
    let apply = ["apply", "-f", "cluster.yaml", "--out", "slow", "--jobs", "1"];
    let mut child = sandbox.command(&apply).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    sandbox.wait_for(&mut child, "slow/.kafka-certgen-staging");
    let status = loop {
        kill_process(pid(&child), Signal::TERM).unwrap();
        thread::sleep(Duration::from_millis(100));
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
    };
    assert!(status.code() == Some(130) || status.signal() == Some(15), "{status}");
}
