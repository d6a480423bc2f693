use std::path::Path;

use time::macros::datetime;

use super::*;
use crate::bundle::inventory::{CertificateFacts, Identity, typed_name};
use crate::bundle::record::{self, FileSettings};
use crate::kafka::principal::principal;
use crate::name::dn::DistinguishedName;
use crate::pki::{CertificateAuthority, KeyPair};
use crate::random::SystemRandom;
use crate::spec::{
    CaSpec, CertificateProfile, ClientAuth, ClusterSpec, Days, KeyAlgorithm, NodeSpec, PemKey, StoreFormat, Validity,
};

const NOW: OffsetDateTime = datetime!(2026-11-29 12:00 UTC);
const HOME: &str = "/etc/kafka/certs";

/// A cluster of one broker, with the CA that has issued its certificate a day ago.
struct Scene {
    spec: ClusterSpec,
    ca: CertificateAuthority,
    survey: Survey,
    scope: Scope,
}

impl Scene {
    fn new() -> Self {
        let spec = ClusterSpec::new(vec![NodeSpec::new("broker1".parse().unwrap(), NodeRole::Broker)]);
        let key = KeyPair::generate(KeyAlgorithm::EcP256).unwrap();
        let subject = CaSpec::default().subject.to_der().unwrap();
        let validity = Validity::starting(NOW - time::Duration::days(1), Days::CA).unwrap();
        let ca = CertificateAuthority::self_signed(key, &subject, validity, &SystemRandom).unwrap();
        let record = record_of(&spec, &ca);
        let found = Found::Whole(Box::new(record));
        let survey = Survey { found, other_store_password: false, other_key_password: false };
        Self { spec, ca, survey, scope: Scope::default() }
    }

    fn node(&mut self) -> &mut NodeSpec {
        &mut self.spec.nodes[0]
    }

    fn record(&mut self) -> &mut IdentityRecord {
        match &mut self.survey.found {
            Found::Whole(record) => record,
            found => panic!("{found:?}"),
        }
    }

    fn decide(&self) -> Result<Option<Change>, Obstacle> {
        let terms = Terms { now: NOW, ca: Some(self.ca.certificate()), home: Path::new(HOME) };
        decide(&self.spec, &self.spec.nodes[0], &self.survey, &terms, &self.scope)
    }

    /// Returns the action, and the reasons as they are shown.
    fn change(&self) -> (Action, String) {
        let change = self.decide().unwrap().unwrap();
        (change.action, change.reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "))
    }

    /// Makes of the folder one that somebody has changed.
    fn damage(&mut self, reasons: Vec<Reason>, has_key: bool) {
        let record = Some(self.record().clone());
        let folder = ChangedFolder { record, reasons, has_key, holds_changed_files: true };
        self.survey.found = Found::Changed(Box::new(folder));
    }
}

fn record_of(spec: &ClusterSpec, ca: &CertificateAuthority) -> IdentityRecord {
    let node = &spec.nodes[0];
    let subject = principal(&node.subject.to_der().unwrap()).unwrap();
    IdentityRecord {
        version: record::VERSION,
        identity: Identity {
            name: node.name.as_str().to_owned(),
            role: node.role,
            profile: None,
            principal: format!("User:{subject}"),
            alias: node.alias.as_str().to_owned(),
            alt_names: node.alt_names.iter().map(typed_name).collect(),
            certificate: CertificateFacts {
                subject,
                serial: "01".to_owned(),
                key_algorithm: node.key_algorithm.name().to_owned(),
                not_before: NOW - time::Duration::days(1),
                not_after: NOW + time::Duration::days(364),
                sha256: "58:80".to_owned(),
            },
            files: Vec::new(),
        },
        issuer: ca.certificate().fingerprint(),
        days: node.days.get(),
        settings: FileSettings::of(spec, node, Path::new(HOME)),
        sha256: std::collections::BTreeMap::default(),
    }
}

#[test]
fn what_is_as_it_shall_be_stays() {
    assert_eq!(Scene::new().decide(), Ok(None));
}

#[test]
fn what_is_not_there_is_made() {
    let mut scene = Scene::new();
    scene.survey.found = Found::Nothing;
    let change = scene.decide().unwrap().unwrap();
    assert_eq!(
        (change.action, change.reasons, change.until),
        (Action::Make, vec![Reason::New], Some(datetime!(2027-11-29 12:00 UTC)))
    );
    scene.survey.found = Found::Foreign;
    assert_eq!(scene.decide(), Err(Obstacle::Foreign("broker1".parse().unwrap())));
}

#[test]
fn another_certificate_is_issued_for_the_same_key_and_says_why() {
    let changed = |change: fn(&mut Scene)| {
        let mut scene = Scene::new();
        change(&mut scene);
        scene.change()
    };
    let reissue = |text: &str| (Action::Reissue, text.to_owned());
    let added = changed(|scene| scene.node().alt_names.push("broker1.eu".parse().unwrap()));
    assert_eq!(added, reissue("SAN dns:broker1.eu added"));
    let removed = changed(|scene| scene.record().identity.alt_names.push("ip:10.0.0.1".to_owned()));
    assert_eq!(removed, reissue("SAN ip:10.0.0.1 removed"));
    let days = changed(|scene| scene.node().days = Days::new(90).unwrap());
    assert_eq!(days, reissue("validity 365 → 90 days"));
    let subject = changed(|scene| scene.node().subject = DistinguishedName::parse("CN=broker1,O=Acme").unwrap());
    assert_eq!(subject, reissue("subject CN=broker1 → CN=broker1,O=Acme"));
    let profile = changed(|scene| scene.node().profile = CertificateProfile::CLIENT);
    assert_eq!(profile, reissue("profile broker → client"));
    let issuer = changed(|scene| scene.record().issuer = "00".to_owned());
    assert_eq!(issuer, reissue("issued by another CA"));
    let role = changed(|scene| scene.record().identity.role = NodeRole::Controller);
    assert_eq!(role, reissue("role controller → broker"));
}

#[test]
fn a_certificate_is_renewed_in_its_last_third() {
    let left = |days: i64, before: Option<u32>| {
        let mut scene = Scene::new();
        let facts = &mut scene.record().identity.certificate;
        facts.not_after = NOW + time::Duration::days(days);
        facts.not_before = facts.not_after - time::Duration::days(365);
        scene.node().renew_before = before.map(|days| Days::new(days).unwrap());
        scene.decide().unwrap().map(|change| change.reasons)
    };
    assert_eq!(left(122, None), None);
    assert_eq!(left(121, None), Some(vec![Reason::Expires { days: 121 }]));
    assert_eq!(left(0, None), Some(vec![Reason::Expired]));
    assert_eq!(left(-3, None), Some(vec![Reason::Expired]));
    assert_eq!(left(121, Some(30)), None);
    assert_eq!(left(30, Some(30)), Some(vec![Reason::Expires { days: 30 }]));
}

#[test]
fn a_certificate_that_ends_with_its_ca_is_not_issued_again_and_again() {
    let mut scene = Scene::new();
    let end = scene.ca.certificate().validity().not_after;
    scene.node().days = Days::new(5000).unwrap();
    scene.record().days = 5000;
    let facts = &mut scene.record().identity.certificate;
    (facts.not_before, facts.not_after) = (end - time::Duration::days(20_000), end);
    assert_eq!(scene.decide(), Ok(None));
    scene.record().identity.certificate.not_after = end - time::Duration::days(1);
    let change = scene.decide().unwrap().unwrap();
    assert_eq!((change.action, change.until), (Action::Reissue, Some(end)));
}

#[test]
fn files_are_written_anew_with_the_certificate_that_is_there() {
    let changed = |change: fn(&mut Scene)| {
        let mut scene = Scene::new();
        change(&mut scene);
        scene.change()
    };
    let rewrite = |text: &str| (Action::Rewrite, text.to_owned());
    let formats = changed(|scene| scene.node().formats = Some(vec![StoreFormat::Pem, StoreFormat::Jks]));
    assert_eq!(formats, rewrite("format pem added, format pkcs12 removed"));
    assert_eq!(changed(|scene| scene.node().alias = "kafka".parse().unwrap()), rewrite("alias broker1 → kafka"));
    let ca_alias = changed(|scene| scene.spec.stores.ca_alias = "ca".parse().unwrap());
    assert_eq!(ca_alias, rewrite("CA alias caroot → ca"));
    let client_auth = changed(|scene| scene.spec.client_auth = Some(ClientAuth::Required));
    assert_eq!(client_auth, rewrite("ssl.client.auth none → required"));
    let folder = changed(|scene| scene.spec.deploy_dir = Some("/ssl".to_owned()));
    assert_eq!(folder, rewrite("folder /etc/kafka/certs/broker1 → /ssl"));
    assert_eq!(changed(|scene| scene.survey.other_store_password = true), rewrite("another store password"));
    let pem = changed(|scene| {
        scene.node().formats = Some(vec![StoreFormat::Pem]);
        let settings = &mut scene.record().settings;
        (settings.formats, settings.pem_key) = (vec![StoreFormat::Pem], Some(PemKey::Pbes2));
    });
    assert_eq!(pem, rewrite("key in PEM pbes2 → plain"));
}

#[test]
fn a_new_key_is_made_when_it_is_asked_for_and_never_otherwise() {
    let mut scene = Scene::new();
    scene.scope.rekey = true;
    assert_eq!(scene.decide(), Ok(None));
    scene.node().alt_names.push("broker1.eu".parse().unwrap());
    assert_eq!(scene.change(), (Action::Rekey, "SAN dns:broker1.eu added".to_owned()));

    let mut scene = Scene::new();
    scene.scope = Scope { only: HashSet::from(["broker1".parse().unwrap()]), rekey: true, ..Scope::default() };
    assert_eq!(scene.change(), (Action::Rekey, "new key".to_owned()));

    let mut scene = Scene::new();
    scene.node().key_algorithm = KeyAlgorithm::EcP256;
    let from = KeyAlgorithm::Rsa2048.name().to_owned();
    let obstacle = Obstacle::KeyAlgorithm { name: "broker1".parse().unwrap(), from, to: "ec-p256" };
    assert_eq!(scene.decide(), Err(obstacle));
    scene.scope.rekey = true;
    assert_eq!(scene.change(), (Action::Rekey, "key rsa-2048 → ec-p256".to_owned()));
}

#[test]
fn a_folder_that_was_changed_is_written_anew_if_its_key_is_still_there() {
    let missing = || vec![Reason::FileMissing { file: "cert-file".to_owned() }];
    let mut scene = Scene::new();
    scene.damage(missing(), true);
    assert_eq!(scene.change(), (Action::Rewrite, "cert-file is missing".to_owned()));

    let mut scene = Scene::new();
    scene.damage(missing(), false);
    assert_eq!(scene.decide(), Err(Obstacle::KeyNotReadable("broker1".parse().unwrap())));
    scene.scope = Scope { only: HashSet::from(["broker1".parse().unwrap()]), rekey: true, ..Scope::default() };
    assert_eq!(scene.change(), (Action::Rekey, "new key, cert-file is missing".to_owned()));
}

#[test]
fn what_a_running_broker_refuses_to_load_is_said() {
    let mut scene = Scene::new();
    scene.record().identity.alt_names.push("dns:old".to_owned());
    scene.node().subject = DistinguishedName::parse("CN=broker1,O=Acme").unwrap();
    let refusals = scene.decide().unwrap().unwrap().reload;
    assert_eq!(refusals, [ReloadRefusal::Subject, ReloadRefusal::AltNames]);

    let mut scene = Scene::new();
    scene.node().alt_names.push("broker1.eu".parse().unwrap());
    assert_eq!(scene.decide().unwrap().unwrap().reload, []);
}

#[test]
fn a_format_is_added_without_a_new_certificate() {
    let adding = |change: fn(&mut Scene)| {
        let mut scene = Scene::new();
        scene.scope.adds = vec![StoreFormat::Pem];
        scene.node().formats = Some(vec![StoreFormat::Jks, StoreFormat::Pkcs12, StoreFormat::Pem]);
        change(&mut scene);
        scene.decide().map(|change| change.map(|change| (change.action, change.reasons)))
    };
    let added = || Reason::FormatAdded { format: "pem" };
    assert_eq!(adding(|_| ()), Ok(Some((Action::Rewrite, vec![added()]))));
    assert_eq!(adding(|scene| scene.node().formats = None), Ok(None));
    let ended = adding(|scene| scene.record().identity.certificate.not_after = NOW - time::Duration::days(1));
    assert_eq!(ended, Ok(Some((Action::Rewrite, vec![added()]))));
    let missing = || Reason::FileMissing { file: "kafka.server.truststore.pem".to_owned() };
    let incomplete = adding(|scene| {
        scene.node().formats = None;
        scene.damage(vec![Reason::FileMissing { file: "kafka.server.truststore.pem".to_owned() }], true);
    });
    assert_eq!(incomplete, Ok(Some((Action::Rewrite, vec![missing()]))));

    let name = || "broker1".parse().unwrap();
    let differs = |reasons| Err(Obstacle::Differs { name: name(), reasons });
    let san = || Reason::SanAdded { name: "dns:broker1.eu".to_owned() };
    assert_eq!(adding(|scene| scene.node().alt_names.push("broker1.eu".parse().unwrap())), differs(vec![san()]));
    assert_eq!(adding(|scene| scene.record().issuer = "00".to_owned()), differs(vec![Reason::Issuer]));
    assert_eq!(adding(|scene| scene.survey.found = Found::Nothing), differs(vec![Reason::NoRecord]));
    let newer = adding(|scene| {
        scene.node().alt_names.push("broker1.eu".parse().unwrap());
        scene.damage(vec![Reason::NewerCertificate], true);
    });
    assert_eq!(newer, differs(vec![Reason::NewerCertificate]));
    assert_eq!(adding(|scene| scene.damage(Vec::new(), false)), Err(Obstacle::KeyNotReadable(name())));
    assert_eq!(adding(|scene| scene.survey.other_store_password = true), Err(Obstacle::StorePassword(name())));
    // That of the key is of importance to PKCS#12 alone.
    assert!(matches!(adding(|scene| scene.survey.other_key_password = true), Ok(Some(_))));
    let pkcs12 = adding(|scene| {
        scene.record().settings.formats = vec![StoreFormat::Jks];
        scene.survey.other_key_password = true;
    });
    assert_eq!(pkcs12, Err(Obstacle::KeyPasswordInPkcs12(name())));
}
