//! Certificates before judges who share no code with us: pkilint, and the verifier of python-cryptography.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use crate::algorithms::BUNDLES;
use crate::support::bundle::{Bundle, QUICK_KEYS, scratch};
use crate::support::command::{Finished, command};

pub(crate) const SOURCES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop");

#[test]
#[ignore = "needs Python and pip"]
fn judges_find_nothing_that_is_not_explained() {
    let folder = scratch();
    let longest = format!("{0}.{0}.{0}.{1}", "x".repeat(63), "y".repeat(61));
    let calls: [&[&str]; 7] = [
        &["--cn", "broker[1-200].example.com", "--client", "app[1-50]"],
        &[
            "--cn",
            "broker1",
            "--san",
            &longest,
            "--san",
            "a.b.c.d.example",
            "--san",
            "::1",
            "--san",
            "xn--bcher-kva.example",
        ],
        &["--cn", "10.0.0.1", "--cn", "localhost", "--dname", "OU=one,OU=two,O=Acme\\, Inc.,DC=example,DC=com"],
        &[
            "--cn",
            "b.example",
            "--dname",
            "O=Ünïcödé+L=\\#Ørsta,ST=x\\+y,STREET=1 <Main>,C=NO",
            "--ca-cn",
            "Kafka \"CA\"",
        ],
        &["--cn", "b.example", "--dname", "UID=1,SERIALNUMBER=7,T=Dr,GN=A,SN=B,EMAILADDRESS=ops@example.com"],
        &["--cn", "b.example", "--ca-validity", "2900000", "--validity", "100000"],
        &["--client", "payments_service", "--client", "alice@example.com", "--ca-validity", "1"],
    ];
    let others = calls.iter().enumerate().map(|(number, arguments)| {
        Bundle::init(
            &folder.path().join(number.to_string()),
            &[arguments, QUICK_KEYS.as_slice(), &["--format", "jks"]].concat(),
        )
    });
    let others: Vec<Bundle> = others.collect();
    judge(BUNDLES.iter().map(|(_, bundle)| bundle).chain(&others)).successfully();
}

/// The judges would see it if a certificate were what the script makes of the same request.
#[test]
#[ignore = "needs Python and pip"]
fn judges_see_what_is_wrong_with_the_scripts_certificate() {
    let folder = scratch();
    let bundle = Bundle::init(&folder.path().join("out"), &[&["--cn", "broker1"], QUICK_KEYS.as_slice()].concat());
    let mut sign = command("openssl", ["x509", "-req", "-days", "30", "-CAcreateserial", "-in"]);
    sign.arg(bundle.path("broker1/cert-file")).arg("-CA").arg(bundle.path("ca/ca-cert"));
    sign.arg("-CAkey").arg(bundle.path("ca/ca-key")).arg("-out").arg(bundle.path("broker1/cert-signed"));
    let password = bundle.path("ca/ca-key.password");
    Finished::of(sign.arg("-passin").arg(format!("file:{}", password.display()))).successfully();
    let judgement = judge([&bundle]).in_vain();
    judgement.saying("cryptography server: validation failed").saying("cryptography client: validation failed");
}

fn judge<'b>(bundles: impl IntoIterator<Item = &'b Bundle>) -> Finished {
    let mut judge = command(PYTHON.as_path(), [format!("{SOURCES}/judge.py"), format!("{SOURCES}/accepted.txt")]);
    judge.args(bundles.into_iter().map(|bundle| &bundle.0));
    Finished::of(&mut judge)
}

/// Python with the judges, in an environment of its own below `target`, which is kept.
pub(crate) static PYTHON: LazyLock<PathBuf> = LazyLock::new(|| {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("judges");
    let (wanted, installed) = (Path::new(SOURCES).join("requirements.txt"), home.join("requirements.txt"));
    let python = home.join("bin/python");
    let wanted_text = fs::read_to_string(&wanted).unwrap();
    if fs::read_to_string(&installed).ok() != Some(wanted_text) {
        Finished::of(command("python3", ["-m", "venv", "--clear"]).arg(&home)).successfully();
        let pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"];
        Finished::of(command(&python, pip).arg(&wanted)).successfully();
        fs::copy(&wanted, &installed).unwrap();
    }
    python
});
