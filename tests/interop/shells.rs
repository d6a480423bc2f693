//! Completion in real shells: TAB is pressed at a terminal, and the words that the line has become are those that the shell says.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tempfile::TempDir;

use super::support::bundle::{BINARY, Bundle, QUICK_KEYS, scratch};
use super::support::command::{Finished, command};

/// What is typed, and the words that the shell makes of it after one TAB.
const LINES: [(&str, &str); 15] = [
    ("kafka-certgen veri", "<kafka-certgen><verify>"),
    ("kafka-certgen apply --onl", "<kafka-certgen><apply><--only>"),
    ("kafka-certgen apply --only a", "<kafka-certgen><apply><--only><app1>"),
    ("kafka-certgen apply --out 'my bundle' --only o", "<kafka-certgen><apply><--out><my bundle><--only><other1>"),
    (r"kafka-certgen handshake my\ bundle --client o", "<kafka-certgen><handshake><my bundle><--client><other1>"),
    ("kafka-certgen handshake --bundle=dollar --broker d", "<kafka-certgen><handshake><--bundle=dollar><--broker><d1>"),
    ("kafka-certgen handshake --client=a", "<kafka-certgen><handshake><--client=app1>"),
    ("kafka-certgen handshake localhost:9093 --client a", "<kafka-certgen><handshake><localhost:9093><--client><app1>"),
    ("kafka-certgen verify kafka-c", "<kafka-certgen><verify><kafka-certs/>"),
    ("kafka-certgen verify my", "<kafka-certgen><verify><my bundle/>"),
    ("kafka-certgen init --storepass fil", "<kafka-certgen><init><--storepass><file:>"),
    ("kafka-certgen init --storepass file:pas", "<kafka-certgen><init><--storepass><file:pass word>"),
    ("kafka-certgen init --storepass env:TAB_T", "<kafka-certgen><init><--storepass><env:TAB_TEST>"),
    ("kafka-certgen init --format jks,pk", "<kafka-certgen><init><--format><jks,pkcs12>"),
    ("kafka-certgen apply -f cl", "<kafka-certgen><apply><-f><cluster.yaml>"),
];

/// Lines on which TAB shall do nothing, and say nothing.
const SILENT: [&str; 4] = [
    "kafka-certgen apply --out broken --only ",
    "kafka-certgen apply --out hostile --only ",
    "kafka-certgen apply --out nothing --only ",
    "kafka-certgen diagnose --explain nonsense",
];

/// Bundles and files to complete, and the binary on the path.
struct Place {
    folder: TempDir,
}

impl Place {
    fn new() -> Self {
        let place = Self { folder: scratch() };
        let made = |name: &str, identities: &[&str]| {
            drop(Bundle::init(&place.path(name), &[identities, &QUICK_KEYS].concat()));
        };
        made("kafka-certs", &["--cn", "broker[1-3]", "--client", "app1"]);
        made("my bundle", &["--cn", "other1"]);
        made("dollar", &["--cn", "d1"]);
        let inventory = fs::read_to_string(place.path("dollar/bundle.json")).unwrap();
        place.write("broken/bundle.json", &inventory[..inventory.len() / 2]);
        place.write("hostile/bundle.json", &inventory.replace("\"d1\"", "\"$(touch evil)\""));
        place.write("pass word", "");
        place.write("cluster.yaml", "");
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    /// Writes the script of a shell to a file.
    fn install(&self, shell: &str, file: &str) {
        let printed = Finished::of(&mut command(BINARY, ["completions", shell])).successfully();
        self.write(file, &printed.stdout);
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Command {
        let mut run = command(program, arguments);
        let programs = Path::new(BINARY).parent().unwrap().display();
        let path = format!("{programs}:{}", std::env::var("PATH").unwrap());
        run.current_dir(self.folder.path()).env("PATH", path).env("TAB_TEST", "x").env("LC_ALL", "C.UTF-8");
        run.env("HOME", self.path("home")).env("XDG_DATA_HOME", self.path("home/share"));
        run
    }

    /// Types lines in a shell, and returns for each the words that it has become and what the terminal has shown.
    fn press_tab(&self, shell: &str, rc: &str, lines: &[&str]) -> Vec<(Option<String>, String)> {
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/press_tab.py");
        let rc = self.path(rc);
        let mut run = self.run("python3", &[program, shell, rc.to_str().unwrap()]);
        let mut child = run.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("python3 is missing");
        child.stdin.take().unwrap().write_all(lines.join("\n").as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{shell} has not answered");
        let text = String::from_utf8(output.stdout).unwrap();
        let answers: Vec<_> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(answers.len(), lines.len());
        answers
    }

    /// Judges a shell that reads this at its start.
    fn judge(&self, shell: &str, rc_file: &str, rc: &str) {
        self.write(rc_file, rc);
        let typed: Vec<&str> = LINES.iter().map(|(line, _)| *line).collect();
        for ((line, words), (made, shown)) in LINES.iter().zip(self.press_tab(shell, rc_file, &typed)) {
            assert_eq!(made.as_deref(), Some(*words), "{shell}: {line}: {shown:?}");
        }
        let several = ["?kafka-certgen apply --only ", "?kafka-certgen handshake --broker ", "?kafka-certgen "];
        let [all, brokers, commands] = &self.press_tab(shell, rc_file, &several)[..] else { panic!("{shell}") };
        for name in ["broker1", "broker2", "broker3", "app1"] {
            assert!(all.1.contains(name), "{shell}: {name}: {all:?}");
        }
        assert!(brokers.1.contains("broker3") && !brokers.1.contains("app1"), "{shell}: {brokers:?}");
        assert!(["init", "verify", "man"].iter().all(|name| commands.1.contains(name)), "{shell}: {commands:?}");
        for (line, (made, shown)) in SILENT.iter().zip(self.press_tab(shell, rc_file, &SILENT)) {
            let words = format!("<{}>", line.split_whitespace().collect::<Vec<_>>().join("><"));
            assert_eq!(made, Some(words), "{shell}: {shown:?}");
            assert!(!shown.contains("error") && !shown.contains("hint"), "{shell}: {shown:?}");
        }
        // What stands on the line is not run by pressing TAB.
        let commands = "?kafka-certgen apply --out \"$(touch evil)\" --storepass `touch evil` --only ";
        self.press_tab(shell, rc_file, &[commands]);
        assert!(!self.path("evil").exists(), "{shell}");
    }
}

/// The prompt that is waited for, and candidates that are shown on the first TAB.
const BASH: &str = "PS1='READY> '\nbind 'set show-all-if-ambiguous on'\nbind 'set enable-bracketed-paste off'\n";
const ZSH: &str = "PS1='READY> '\nbindkey -e\nunset zle_bracketed_paste\nunsetopt auto_remove_slash list_ambiguous\nautoload -Uz compinit\n";

#[test]
#[ignore = "needs bash and Python"]
fn bash_completes() {
    let place = Place::new();
    place.judge("bash", "bashrc", &format!("{BASH}source <(kafka-certgen completions bash)\n"));
}

#[test]
#[ignore = "needs bash, its package bash-completion, and Python"]
fn bash_completes_with_the_package_that_loads_scripts_when_they_are_needed() {
    let place = Place::new();
    place.install("bash", "home/share/bash-completion/completions/kafka-certgen");
    let package = "/usr/share/bash-completion/bash_completion";
    assert!(Path::new(package).exists(), "the package bash-completion is missing");
    place.judge("bash", "bashrc", &format!("{BASH}source {package}\n"));
}

#[test]
#[ignore = "needs zsh and Python"]
fn zsh_completes() {
    let place = Place::new();
    place.judge("zsh", ".zshrc", &format!("{ZSH}compinit -u -D\nsource <(kafka-certgen completions zsh)\n"));
}

#[test]
#[ignore = "needs zsh and Python"]
fn zsh_completes_from_its_folder_of_functions() {
    let place = Place::new();
    place.install("zsh", "functions/_kafka-certgen");
    let functions = place.path("functions");
    place.judge("zsh", ".zshrc", &format!("{ZSH}fpath=({} $fpath)\ncompinit -u -D\n", functions.display()));
}

#[test]
#[ignore = "needs zsh"]
fn zsh_says_what_is_missing_where_nothing_can_complete() {
    let place = Place::new();
    let run = Finished::of(&mut place.run("zsh", &["-f", "-c", "source <(kafka-certgen completions zsh)"]));
    assert!(run.stderr.contains("compinit"), "{run}");
}

#[test]
#[ignore = "needs fish"]
fn fish_completes() {
    let place = Place::new();
    place.install("fish", "home/.config/fish/completions/kafka-certgen.fish");
    let complete_by = |program: &str, line: &str| {
        let mut run = place.run("fish", &["-c", program]);
        let run = Finished::of(run.env("LINE", line)).successfully();
        assert_eq!(run.stderr, "", "{line}");
        run.stdout
    };
    let complete = |line: &str| complete_by("complete -C $LINE", line);
    let sourced = "set fish_complete_path; kafka-certgen completions fish | source; complete -C $LINE";
    assert_eq!(complete_by(sourced, "kafka-certgen apply --only a"), "app1\n");
    for (line, words) in LINES {
        let last = words.rsplit_once('<').unwrap().1.trim_end_matches('>').to_owned();
        let first = complete(line);
        let found: Vec<&str> = first.lines().map(|line| line.split('\t').next().unwrap()).collect();
        assert_eq!(found, [last.as_str()], "{line}");
    }
    assert_eq!(complete("kafka-certgen apply --only "), "broker1\nbroker2\nbroker3\napp1\n");
    assert!(complete("kafka-certgen ").starts_with("init\tMake a CA"));
    for line in SILENT {
        assert_eq!(complete(line), "", "{line}");
    }
    complete("kafka-certgen apply --out (touch evil) --only ");
    assert!(!place.path("evil").exists());
}
