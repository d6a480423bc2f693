//! Cluster files: one that is taken holds together, and what is wrong with another is told in its order, within bounds and harmlessly.

#![no_main]

use std::collections::HashSet;

use kafka_certgen::name::pattern::MAX_EXPANSION;
use kafka_certgen::spec::cluster_file::{ClusterFile, MAX_FAULTS};
use libfuzzer_sys::fuzz_target;
use time::macros::datetime;

fuzz_target!(|bytes: &[u8]| {
    let now = datetime!(2026-12-01 12:00 UTC);
    match ClusterFile::read(bytes, now) {
        Ok(file) => {
            assert!((1..=MAX_EXPANSION).contains(&file.spec.nodes.len()));
            assert_eq!(file.spec.faults(now), []);
            assert_eq!(file.ca.is_some(), file.spec.made_ca().is_none());
            let mut names = HashSet::new();
            for node in &file.spec.nodes {
                assert!(names.insert(node.name.folded()), "{} is there twice", node.name);
                assert!(file.position(&node.name).is_some_and(|position| position.line >= 1 && position.column >= 1));
                assert_ne!(node.formats, Some(Vec::new()));
                assert!(node.renew_before.is_none_or(|days| days < node.days));
            }
        }
        Err(faults) => {
            assert!((1..=MAX_FAULTS).contains(&faults.faults.len()));
            assert!(faults.left_out == 0 || faults.faults.len() == MAX_FAULTS);
            assert!(faults.faults.is_sorted_by_key(|fault| fault.position));
            for fault in &faults.faults {
                let hint = fault.hint().unwrap_or_default();
                assert!(!fault.to_string().chars().chain(hint.chars()).any(char::is_control), "{fault}");
            }
        }
    }
});
