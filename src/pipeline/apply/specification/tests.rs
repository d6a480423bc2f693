use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use time::macros::datetime;
use time::{Duration, OffsetDateTime};

use super::*;
use crate::bundle::plan::{Action, Obstacle, Reason, Scope};
use crate::pipeline::Environment;
use crate::pipeline::apply::Planned;
use crate::pki::{Certificate, CertificateAuthority, KeyPair};
use crate::random::SystemRandom;
use crate::spec::cluster_file::ClusterFile;
use crate::spec::{KeyAlgorithm, StoreFormat, Validity};

const NOW: OffsetDateTime = datetime!(2026-11-29 12:00 UTC);

/// Everything that an identity can be, but for the formats.
const CLUSTER: &str = r#"
ca: {key_algorithm: ec-p256}
defaults: {key_algorithm: ec-p256, formats: FORMATS}
brokers:
  - {name: 'broker[1-2].example.com', sans: ['10.0.0.[1-2]', '*.kafka.example.com', '::1'], alias: 'K\ey ü'}
  - {name: broker3, dname: 'EMAILADDRESS=x@y.z,OU=a\=b\#c\+,O=\#Acme\, \"I\" Co\ ,SERIALNUMBER=5,T=ü,GIVENNAME=g,DC=x,C=US'}
  - {name: broker4, dname: 'OU=m+O=n', key_algorithm: rsa-2048, validity: 30}
controllers: [{name: 'controller[1-2]', renew_before: 100}]
clients:
  - app1
  - {name: app_2, cn: 'Some App', profile: broker, validity: 90, key_algorithm: ec-p384}
"#;

/// A bundle in a folder of its own.
struct Scene {
    folder: tempfile::TempDir,
    now: OffsetDateTime,
}

impl Scene {
    fn new(formats: &str, more: &str) -> Self {
        let scene = Self { folder: tempfile::tempdir().unwrap(), now: NOW };
        let text = format!("{}{more}", CLUSTER.replace("FORMATS", formats));
        let spec = ClusterFile::read(text.as_bytes(), NOW).unwrap().spec;
        scene.apply(&spec, None, None);
        scene
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("certs")
    }

    fn apply(&self, spec: &ClusterSpec, ca: Option<&[Certificate]>, signer: Option<CertificateAuthority>) {
        let environment = Environment::new(self.now, &SystemRandom);
        let bundle = OpenBundle::lock(&self.path(), &|| {}).unwrap();
        let planned = bundle.plan(spec, ca, &Scope::default(), &environment).unwrap();
        drop(bundle.carry_out(spec, planned, signer, &environment).unwrap());
    }

    fn look(&self) -> OpenBundle {
        OpenBundle::look(&self.path()).unwrap()
    }

    /// Plans with the specification of what is there.
    fn plan(&self) -> Planned {
        let bundle = self.look();
        let spec = bundle.specification().unwrap();
        bundle.plan(&spec, None, &Scope::default(), &Environment::new(self.now, &SystemRandom)).unwrap()
    }

    /// Adds a format to all, without a CA's key.
    fn add(&self, format: StoreFormat) -> Result<Vec<String>, Error> {
        let environment = Environment::new(self.now, &SystemRandom);
        let bundle = OpenBundle::lock(&self.path(), &|| {}).unwrap();
        let mut spec = bundle.specification()?;
        for formats in spec.nodes.iter_mut().filter_map(|node| node.formats.as_mut()) {
            formats.push(format);
            formats.dedup();
        }
        let scope = Scope { adds: vec![format], ..Scope::default() };
        let planned = bundle.plan(&spec, None, &scope, &environment)?;
        assert!(planned.plan.changes.iter().all(|change| change.action == Action::Rewrite), "{:?}", planned.plan);
        Ok(bundle.carry_out(&spec, planned, None, &environment)?.done)
    }

    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        for folder in fs::read_dir(self.path()).unwrap().map(|entry| entry.unwrap()) {
            for file in fs::read_dir(folder.path()).into_iter().flatten().map(|entry| entry.unwrap()) {
                let name = format!("{}/{}", folder.file_name().display(), file.file_name().display());
                files.insert(name, fs::read(file.path()).unwrap());
            }
        }
        files
    }
}

#[test]
fn with_the_specification_of_what_is_there_nothing_is_to_be_done() {
    for formats in ["[jks]", "[pkcs12, pem]", "[pem]"] {
        for more in
            ["", "stores: {ca_alias: 'My Root', pem_key: pbes2}\ndeploy_dir: /etc/kafka/ssl/\nclient_auth: requested\n"]
        {
            let scene = Scene::new(formats, more);
            let plan = scene.plan().plan;
            assert!(plan.is_empty() && plan.unchanged == 8 && plan.strangers.is_empty(), "{formats} {more} {plan:?}");
        }
    }
}

#[test]
fn a_foreign_ca_stays() {
    let key = KeyPair::generate(KeyAlgorithm::EcP256).unwrap();
    let subject = DistinguishedName::parse("CN=Corp CA").unwrap().to_der().unwrap();
    let validity = Validity::starting(NOW, Days::new(400).unwrap()).unwrap();
    let ca = CertificateAuthority::self_signed(key, &subject, validity, &SystemRandom).unwrap();
    let chain = [ca.certificate().clone()];
    let scene = Scene { folder: tempfile::tempdir().unwrap(), now: NOW };
    let mut spec = ClusterFile::read(b"brokers: [broker1]\ndefaults: {key_algorithm: ec-p256}", NOW).unwrap().spec;
    spec.ca = CaSource::Given;
    scene.apply(&spec, Some(&chain), Some(ca));
    assert!(scene.plan().plan.is_empty());
    assert_eq!(scene.add(StoreFormat::Pem).unwrap(), ["broker1"]);
    assert!(scene.plan().plan.is_empty());
}

#[test]
fn a_certificate_is_renewed_on_its_last_day_and_never_because_a_format_is_added() {
    for (days, is_renewed) in [(363, false), (364, true), (400, true)] {
        let mut scene = Scene::new("[pkcs12]", "");
        scene.now += Duration::days(days);
        let plan = scene.plan().plan;
        let name = |change: &&crate::bundle::plan::Change| change.name.as_str() == "broker1.example.com";
        assert_eq!(plan.changes.iter().any(|change| name(&change)), is_renewed, "{days} {plan:?}");
        let before = scene.files();
        assert_eq!(scene.add(StoreFormat::Pem).unwrap().len(), 8);
        let after = scene.files();
        for (file, bytes) in before.iter().filter(|(file, _)| !file.ends_with(RECORD)) {
            assert_eq!(after.get(file), Some(bytes), "{days} {file}");
        }
        assert_eq!(after.len() - before.len(), 16);
    }
}

#[test]
fn an_identity_whose_record_cannot_be_used_has_no_specification() {
    let scene = Scene::new("[pem]", "");
    let record = scene.path().join("app1").join(RECORD);
    let text = fs::read_to_string(&record).unwrap();
    let error = |text: &str| {
        fs::write(&record, text).unwrap();
        scene.look().specification().unwrap_err().to_string()
    };
    assert_eq!(error("{"), "the record of `app1`, `app1/identity.json`, cannot be used");
    let unknown = "the record of `app1`, `app1/identity.json`, says `X\\u{7}=y`, which is not known";
    assert_eq!(error(&text.replace(r#""subject": "CN=app1""#, r#""subject": "X\u0007=y""#)), unknown);
    for (from, to) in [("ec-p256", "ed448"), ("dns:app1", "dns:a b"), (r#""days": 365"#, r#""days": 0"#)] {
        let changed = text.replace(from, to);
        assert_ne!(changed, text);
        assert!(error(&changed).ends_with("which is not known"), "{to}");
    }
    fs::remove_file(&record).unwrap();
    let error = scene.look().specification().unwrap_err();
    assert!(matches!(error, Error::Bundle(BundleError::Record(_, None))), "{error:?}");
    fs::write(scene.path().join(INVENTORY), "{").unwrap();
    let error = scene.look().specification().unwrap_err();
    assert!(matches!(error, Error::Bundle(BundleError::NoInventory(_))), "{error:?}");
}

#[test]
fn nothing_is_added_to_an_identity_that_is_another_than_the_bundle_says() {
    let scene = Scene::new("[pkcs12]", "");
    let path = scene.path().join(INVENTORY);
    let inventory = fs::read_to_string(&path).unwrap().replace(r#""ca_alias": "caroot""#, r#""ca_alias": "other""#);
    fs::write(&path, inventory).unwrap();
    let error = scene.add(StoreFormat::Pem).unwrap_err();
    let reason = Reason::CaAlias { from: "caroot".to_owned(), to: "other".to_owned() };
    let Error::Bundle(BundleError::Obstacle(Obstacle::Differs { name, reasons })) = error else { panic!("{error:?}") };
    assert_eq!((name.as_str(), reasons), ("broker1.example.com", vec![reason]));
}
