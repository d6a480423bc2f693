//! What `examples/testcontainers` hands to a container, in the hands of a real broker: there is no Docker here, and the image does no more than
//! to make properties of its environment.

use std::cell::RefCell;
use std::fs;

use crate::broker::Broker;
use crate::client;
use crate::cluster::Cluster;
use crate::image;
use crate::java::Jdk;
use crate::scratch;

#[test]
#[ignore = "needs a JDK 17 and Maven"]
fn a_broker_takes_the_clients_of_its_ca_and_no_others() {
    let secrets = scratch();
    let made = RefCell::new(None);
    let broker = Broker::start_on(&Jdk::usual(), 2, &|ports, storage| {
        let cluster = Cluster::new(ports[0]).expect("a bundle is made");
        for (name, contents) in cluster.broker_files() {
            fs::write(secrets.path().join(name), contents).expect("cannot write a file");
        }
        // On loopback alone, and on a free port, which a container has no need of.
        let here = |value: String| value.replace("://:", "://127.0.0.1:").replace(":29093", &format!(":{}", ports[1]));
        let environment: Vec<_> = cluster.environment().into_iter().map(|(name, value)| (name, here(value))).collect();
        made.replace(Some(cluster));
        format!("{}log.dirs={}\n", image::properties(&environment, secrets.path()), storage.display())
    });
    let _broker = broker.unwrap_or_else(|log| panic!("{log}"));
    let cluster = made.into_inner().expect("the broker has started on a bundle");
    let known = client::ask(&cluster, client::trusted(&cluster).expect("the client's files are read"));
    let known = known.expect("the client is taken");
    assert!(known > 30, "a broker knows more than {known} kinds of requests");
    assert!(client::ask(&cluster, client::anonymous(&cluster).expect("the client's files are read")).is_err());
}
