//! Many runs at once.

use std::process::Stdio;

use super::{Scene, names};
use crate::support::bundle::Bundle;

const RUNS: usize = 32;
const ROUNDS: usize = 5;

#[test]
#[ignore = "needs strace and root"]
fn of_many_runs_at_once_exactly_one_makes_the_bundle() {
    for _ in 0..ROUNDS {
        let scene = Scene::new();
        let start = |_| scene.run().stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let runs: Vec<_> = (0..RUNS).map(start).collect();
        let codes: Vec<_> = runs.into_iter().map(|mut run| run.wait().unwrap().code()).collect();
        assert_eq!(codes.iter().filter(|code| **code == Some(0)).count(), 1, "{codes:?}");
        assert_eq!(codes.iter().filter(|code| **code == Some(1)).count(), RUNS - 1, "{codes:?}");
        Bundle(scene.out()).assert_whole();
        assert_eq!(names(&scene.folder), ["out"]);
    }
}
