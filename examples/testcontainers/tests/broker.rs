//! The test that this is all for.

use kafka_in_a_container::{Broker, client};

#[test]
#[ignore = "needs Docker"]
fn a_broker_takes_the_clients_of_its_ca_and_no_others() {
    let broker = Broker::start().unwrap();
    let known = client::ask(&broker.cluster, client::trusted(&broker.cluster).unwrap()).unwrap();
    assert!(known > 30, "a broker knows more than {known} kinds of requests");
    assert!(client::ask(&broker.cluster, client::anonymous(&broker.cluster).unwrap()).is_err());
}
