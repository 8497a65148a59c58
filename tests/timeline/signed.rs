//! Signed timelines: what stock `ssh-keygen` and `ssh-agent` make of them, and what is said of every forgery.

use super::stream::held;
use super::*;
use crate::outside::python;
use crate::skipped::skipped;
use quell_core::incident::{Resolution, SessionClosed};
use quell_core::record::Hash;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

/// A signed session, and the keys of those who may sign.
pub struct Desk {
    pub state: State,
    pub session: SessionDir,
    /// Allowed: alice's key.
    pub allowed: PathBuf,
}

fn ssh_keygen(args: &[&str]) -> Output {
    Command::new("ssh-keygen").args(args).stdin(Stdio::null()).output().unwrap()
}

/// A new key without a passphrase; its path.
fn key(folder: &Path, name: &str) -> PathBuf {
    let path = folder.join(name);
    let made = ssh_keygen(&["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", path.to_str().unwrap()]);
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    path
}

fn public(key: &Path) -> String {
    fs::read_to_string(key.with_extension("pub")).unwrap()
}

/// A session with a note, or nothing where there is no OpenSSH.
pub fn desk() -> Option<Desk> {
    if Command::new("ssh-keygen").arg("-?").stdin(Stdio::null()).output().is_err() {
        skipped("ssh-keygen is not here");
        return None;
    }
    let state = state();
    let session = state.begun();
    let (mut pen, mut attached) = state.attach(&session);
    attached.log.commit(vec![pen.note("the key is good")]).unwrap();
    attached.log.close().unwrap();
    let alice = key(state.dir.path(), "alice");
    let allowed = state.dir.path().join("allowed_signers");
    fs::write(&allowed, format!("alice@example.com namespaces=\"quell-timeline\" {}", public(&alice))).unwrap();
    Some(Desk { state, session, allowed })
}

impl Desk {
    fn key(&self, name: &str) -> String {
        self.state.dir.path().join(name).to_string_lossy().into_owned()
    }

    pub fn quell(&self, args: &[&str], environment: &[(&str, &str)]) -> (i32, String) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quell"));
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap()).env("USER", "bob");
        command.env("HOME", self.state.dir.path()).envs(environment.iter().copied()).stdin(Stdio::null());
        let output = command.args(args).output().unwrap();
        let text = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        (output.status.code().unwrap(), text)
    }

    /// Keeps what a command prints in a file outside of the session.
    pub fn keep(&self, name: &str, args: &[&str]) -> PathBuf {
        let (path, (code, text)) = (self.state.dir.path().join(name), self.quell(args, &[]));
        assert_eq!(code, 0, "{text}");
        fs::write(&path, text).unwrap();
        path
    }

    pub fn sign(&self, key: &str) -> String {
        let (code, text) = self.quell(&["sessions", "sign", &self.path(""), "--key", &self.key(key)], &[]);
        assert_eq!(code, 0, "{text}");
        text
    }

    /// The verdict, and what is told, with the allowed signers.
    fn judge(&self) -> (String, Value) {
        let allowed = self.allowed.to_str().unwrap();
        let (code, text) =
            self.quell(&["sessions", "verify", &self.path(""), "--allowed-signers", allowed, "--json"], &[]);
        let value: Value = serde_json::from_str(&text).unwrap();
        let verdict = value["verdict"].as_str().unwrap().to_owned();
        assert_eq!(code == 0, ["ok", "ok-unsigned", "torn-tail"].contains(&verdict.as_str()), "{text}");
        self.agrees(&verdict, &["--allowed-signers", allowed]);
        let whole = held(&self.session, Some(&self.allowed));
        assert_eq!(whole, value["problems"] == Value::Array(Vec::new()), "{text}");
        (verdict, value)
    }

    /// The verifier of docs/ says the same.
    fn agrees(&self, verdict: &str, more: &[&str]) {
        let Some(mut python) = python("json, hashlib") else { return };
        let verifier = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify-timeline.py");
        let output = python.arg(verifier).args(more).args(["--json", &self.path("")]).output().unwrap();
        let told = String::from_utf8([output.stdout, output.stderr].concat()).unwrap();
        let value: Value = serde_json::from_str(&told).unwrap_or_else(|_| panic!("{told}"));
        assert_eq!(value["verdict"], verdict, "{told}");
    }

    /// What the verifier of docs/ tells a person, without the heads.
    fn told_by_the_other(&self, more: &[&str]) -> Option<String> {
        let verifier = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify-timeline.py");
        let output = python("json, hashlib")?.arg(verifier).args(more).arg(self.path("")).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains("\nheld against nothing that was kept elsewhere\n"), "{text}");
        Some(text.split_inclusive('\n').filter(|line| !line.starts_with("he")).collect())
    }

    /// The verdict without knowing whose signatures count.
    fn judge_alone(&self) -> String {
        let (_, text) = self.quell(&["sessions", "verify", &self.path(""), "--json"], &[]);
        let verdict = serde_json::from_str::<Value>(&text).unwrap()["verdict"].as_str().unwrap().to_owned();
        self.agrees(&verdict, &[]);
        verdict
    }

    pub fn path(&self, inside: &str) -> String {
        self.session.path().join(inside).to_string_lossy().into_owned()
    }

    /// The files of a folder of the session whose names end so, in order.
    pub fn files(&self, folder: &str, end: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.session.path().join(folder)).unwrap();
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.to_string_lossy().ends_with(end));
        paths.sort();
        paths
    }

    pub fn checkpoint(&self) -> PathBuf {
        self.files("checkpoints", ".txt").remove(0)
    }

    fn signature(&self) -> PathBuf {
        self.files("checkpoints", ".sig").remove(0)
    }

    /// Somebody who can write all files says something else in the note and chains all logs anew, heads and what
    /// segments and records name of each other included.
    fn rechain(&self) -> Vec<(String, String)> {
        let mut changed: Vec<(String, String)> = Vec::new();
        let renew = |text: &str, changed: &[(String, String)]| {
            changed.iter().fold(text.to_owned(), |text, (old, new)| text.replace(old, new))
        };
        for path in self.files("log", ".ndjson") {
            let mut out = String::new();
            for line in fs::read_to_string(&path).unwrap().lines() {
                let (body, end) = line.rsplit_once(",\"h\":\"").unwrap();
                let body = renew(body, &changed).replace("the key is good", "the key is evil");
                let h = Hash::of(body.as_bytes()).to_string();
                changed.push((end.trim_end_matches("\"}").to_owned(), h.clone()));
                out.push_str(&format!("{body},\"h\":\"{h}\"}}\n"));
            }
            fs::write(&path, out).unwrap();
        }
        for path in self.files("log", ".head") {
            fs::write(&path, renew(&fs::read_to_string(&path).unwrap(), &changed)).unwrap();
        }
        changed
    }

    /// The same, and the checkpoint with it; the record that names the checkpoint knows its hash.
    fn rechain_with_the_checkpoint(&self) {
        let path = self.checkpoint();
        let before = fs::read_to_string(&path).unwrap();
        let changed = self.rechain();
        let text = changed.iter().fold(before.clone(), |text, (old, new)| text.replace(old, new));
        fs::write(&path, &text).unwrap();
        self.rename(Hash::of(before.as_bytes()), Hash::of(text.as_bytes()));
    }

    /// Puts a hash in another's place in all logs, chained anew.
    fn rename(&self, from: Hash, to: Hash) {
        for path in self.files("log", ".ndjson") {
            let text = fs::read_to_string(&path).unwrap().replace(&from.to_string(), &to.to_string());
            fs::write(&path, text).unwrap();
        }
        self.rechain();
    }

    fn sign_again(&self, key: &str) {
        let (path, before) = (self.checkpoint(), Hash::of(&fs::read(self.signature()).unwrap()));
        fs::remove_file(self.signature()).unwrap();
        let signed = ssh_keygen(&["-q", "-Y", "sign", "-n", "quell-timeline", "-f", key, path.to_str().unwrap()]);
        assert!(signed.status.success());
        self.rename(before, Hash::of(&fs::read(self.signature()).unwrap()));
    }
}

#[test]
fn a_signed_timeline_is_ok_and_stock_ssh_keygen_says_the_same() {
    let Some(desk) = desk() else { return };
    assert_eq!(desk.judge().0, "ok-unsigned");
    assert!(desk.sign("alice").ends_with("\nsigned\n"));
    let (verdict, told) = desk.judge();
    assert_eq!((verdict.as_str(), &told["problems"]), ("ok", &Value::Array(Vec::new())));
    let checkpoint = &told["checkpoints"][0];
    assert_eq!((&checkpoint["signature"], &checkpoint["principal"]), (&"good".into(), &"alice@example.com".into()));
    // Whose it is was not asked.
    assert_eq!(desk.judge_alone(), "ok-unsigned");
    let name = desk.checkpoint().file_name().unwrap().to_string_lossy().into_owned();
    if let Some(told) = desk.told_by_the_other(&["--allowed-signers", desk.allowed.to_str().unwrap()]) {
        assert_eq!(told, format!("checkpoints/{name}: signed by alice@example.com\nok\n"));
        let told = desk.told_by_the_other(&[]).unwrap();
        assert_eq!(told, format!("checkpoints/{name}: signed; whose key that is was not checked\nok-unsigned\n"));
    }
    let (code, text) = desk.quell(&["sessions", "verify", &desk.path("")], &[]);
    assert_eq!(code, 0);
    assert!(text.contains("; whose key that is was not checked"), "{text}");
    // The stock tool, on the same files.
    let signature = desk.signature();
    let mut stock = Command::new("ssh-keygen");
    stock.args(["-Y", "verify", "-n", "quell-timeline", "-I", "alice@example.com", "-f"]).arg(&desk.allowed);
    stock.arg("-s").arg(&signature).stdin(fs::File::open(desk.checkpoint()).unwrap());
    let output = stock.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = |desk: &Desk| {
        let allowed = desk.allowed.to_string_lossy();
        desk.quell(&["sessions", "verify", &desk.path(""), "--allowed-signers", &allowed], &[]).1
    };
    // Nothing is left out of it: who signs leaves first, and the record of the signature follows from it.
    assert!(!told(&desk).contains("signature covers"), "{}", told(&desk));
    // What comes after it is not under it.
    let (mut pen, mut attached) = desk.state.attach(&desk.session);
    attached.log.commit(vec![pen.note("later")]).unwrap();
    drop(attached);
    assert_eq!(desk.judge().0, "ok-unsigned");
    assert!(told(&desk).contains("signature covers: 2; sign again to cover them\n"), "{}", told(&desk));
    desk.sign("alice");
    assert_eq!(desk.judge().0, "ok");
    let second = fs::read_to_string(desk.files("checkpoints", ".txt").pop().unwrap()).unwrap();
    let first = Hash::of(&fs::read(desk.checkpoint()).unwrap());
    assert!(second.contains(&format!("\nprevious {first}\nprevious-signature ")), "{second}");
}

#[test]
fn an_agent_signs_without_a_key_on_disk() {
    let Some(desk) = desk() else { return };
    let socket = desk.key("agent");
    let mut agent = Command::new("ssh-agent").args(["-D", "-a", &socket]).stdout(Stdio::null()).spawn().unwrap();
    let add = || Command::new("ssh-add").arg(desk.key("alice")).env("SSH_AUTH_SOCK", &socket).output().unwrap();
    while !add().status.success() {
        std::thread::yield_now();
    }
    fs::remove_file(desk.key("alice")).unwrap();
    let (code, text) = desk.quell(&["sessions", "sign", &desk.path("")], &[("SSH_AUTH_SOCK", &socket)]);
    agent.kill().unwrap();
    agent.wait().unwrap();
    assert_eq!(code, 0, "{text}");
    assert_eq!(desk.judge().0, "ok");
}

#[test]
fn without_a_key_the_chain_alone_is_bound_and_said_so() {
    let Some(desk) = desk() else { return };
    let (code, text) = desk.quell(&["sessions", "sign", &desk.path("")], &[]);
    assert_eq!(code, 0, "{text}");
    assert!(text.contains("chain only, not signed"), "{text}");
    assert_eq!(desk.judge().0, "ok-unsigned");
    let (_, text) = desk.quell(&["sessions", "verify", &desk.path("")], &[]);
    assert!(text.contains("chain only, not signed"), "{text}");
    // Without a signature it binds all the same.
    desk.rechain();
    assert_eq!(desk.judge().0, "fork");
}

#[test]
fn a_key_that_cannot_sign_leaves_the_timeline_as_it_was() {
    let Some(desk) = desk() else { return };
    let (code, text) = desk.quell(&["sessions", "sign", &desk.path(""), "--key", &desk.key("nobody")], &[]);
    assert_eq!(code, 3, "{text}");
    assert!(text.contains("not signed: "), "{text}");
    assert!(desk.files("checkpoints", "").is_empty());
    assert_eq!(desk.judge().0, "ok-unsigned");
    assert!(desk.sign("alice").ends_with("\nsigned\n"));
}

#[test]
fn a_chain_made_anew_is_never_ok() {
    let Some(desk) = desk() else { return };
    desk.sign("alice");
    desk.rechain();
    assert_eq!((desk.judge().0.as_str(), desk.judge_alone().as_str()), ("fork", "fork"));
    // What lists it, or shows it, says no better of it.
    let folder = desk.path("");
    let state = Path::new(&folder).ancestors().nth(2).unwrap().to_string_lossy().into_owned();
    let list = ["sessions", "list", "--json"];
    for args in [&[&["--state-dir", state.as_str()], &list[..]].concat()[..], &["sessions", "show", &folder, "--json"]]
    {
        let (code, out) = desk.quell(args, &[]);
        assert!(code == 0 && out.contains("\"chain\":\"fork\""), "{code} {out}");
    }
    let Some(desk) = self::desk() else { return };
    desk.sign("alice");
    desk.rechain_with_the_checkpoint();
    assert_eq!((desk.judge().0.as_str(), desk.judge_alone().as_str()), ("bad-signature", "bad-signature"));
    // Signed by somebody else's key all is whole, but it is not alice's.
    key(desk.state.dir.path(), "mallory");
    desk.sign_again(&desk.key("mallory"));
    assert_eq!((desk.judge().0.as_str(), desk.judge_alone().as_str()), ("unknown-signer", "ok-unsigned"));
}

#[test]
fn a_signature_for_something_else_does_not_count() {
    let Some(desk) = desk() else { return };
    desk.sign("alice");
    // Alice may sign, but by a key that counts for something else.
    let other = format!("alice@example.com namespaces=\"git\" {}", public(Path::new(&desk.key("alice"))));
    let right = fs::read_to_string(&desk.allowed).unwrap();
    fs::write(&desk.allowed, other).unwrap();
    assert_eq!(desk.judge().0, "unknown-signer");
    let over = right.replace("namespaces", "valid-before=\"20200101Z\",namespaces");
    fs::write(&desk.allowed, over).unwrap();
    assert_eq!(desk.judge().0, "unknown-signer");
    fs::write(&desk.allowed, right).unwrap();
    // The right key, the wrong purpose.
    let (path, before) = (desk.checkpoint(), Hash::of(&fs::read(desk.signature()).unwrap()));
    fs::remove_file(desk.signature()).unwrap();
    ssh_keygen(&["-q", "-Y", "sign", "-n", "file", "-f", &desk.key("alice"), path.to_str().unwrap()]);
    desk.rename(before, Hash::of(&fs::read(desk.signature()).unwrap()));
    assert_eq!(desk.judge().0, "fork", "the chain was made anew as well");
    let kinds: Vec<Value> =
        desk.judge().1["problems"].as_array().unwrap().iter().map(|problem| problem["kind"].clone()).collect();
    assert!(kinds.contains(&"bad-signature".into()), "{kinds:?}");
}

#[test]
fn what_is_missing_and_what_is_invalid_are_told_apart() {
    type Damage = fn(&Desk);
    let damages: [(&str, Damage); 7] = [
        ("missing-segment", |desk| fs::remove_file(desk.signature()).unwrap()),
        ("missing-segment", |desk| fs::remove_file(desk.checkpoint()).unwrap()),
        ("invalid-record", |desk| fs::write(desk.checkpoint(), "quell checkpoint v1\n").unwrap()),
        ("bad-signature", |desk| fs::write(desk.signature(), "no signature\n").unwrap()),
        ("invalid-record", |desk| {
            let moved = desk.checkpoint().with_file_name(format!("{}.99.txt", "a".repeat(26)));
            fs::copy(desk.checkpoint(), moved).unwrap();
        }),
        ("missing-segment", |desk| desk.files("log", ".ndjson").iter().for_each(|path| fs::remove_file(path).unwrap())),
        ("truncated", |desk| {
            // Alice's log is cut at the end of a record, and what knows of it is taken away: but for the checkpoint.
            desk.files("log", ".head").iter().for_each(|path| fs::remove_file(path).unwrap());
            let path = desk
                .files("log", ".ndjson")
                .into_iter()
                .find(|path| fs::read_to_string(path).unwrap().contains("the key is good"));
            let path = path.unwrap();
            let text = fs::read_to_string(&path).unwrap();
            let kept = text.lines().count() - 1;
            fs::write(&path, text.lines().take(kept).map(|line| format!("{line}\n")).collect::<String>()).unwrap();
        }),
    ];
    for (at, (verdict, damage)) in damages.into_iter().enumerate() {
        let Some(desk) = desk() else { return };
        desk.sign("alice");
        damage(&desk);
        assert_eq!(desk.judge().0, verdict, "damage {at}: {}", desk.judge().1);
    }
}

#[test]
fn a_certificate_of_the_teams_authority_counts() {
    let Some(desk) = desk() else { return };
    let folder = desk.state.dir.path();
    let (authority, bob) = (key(folder, "authority"), key(folder, "bob"));
    let certified = ssh_keygen(&[
        "-q",
        "-s",
        authority.to_str().unwrap(),
        "-I",
        "bob's certificate",
        "-n",
        "bob@example.com",
        bob.with_extension("pub").to_str().unwrap(),
    ]);
    assert!(certified.status.success(), "{}", String::from_utf8_lossy(&certified.stderr));
    fs::write(&desk.allowed, format!("*@example.com cert-authority {}", public(&authority))).unwrap();
    let certificate = desk.key("bob-cert.pub");
    let (code, text) = desk.quell(&["sessions", "sign", &desk.path(""), "--key", &certificate], &[]);
    assert_eq!(code, 0, "{text}");
    let (verdict, told) = desk.judge();
    assert_eq!(verdict, "ok", "{told}");
}

#[test]
fn a_bundle_is_signed_when_it_is_made() {
    let Some(desk) = desk() else { return };
    let config = desk.key("config.toml");
    fs::write(&config, format!("signing_key = \"{}\"\n", desk.key("alice"))).unwrap();
    let archive = desk.key("bundle.tar");
    let args = ["sessions", "export", &desk.path(""), "--format", "bundle", "--out", &archive, "--config", &config];
    let (code, text) = desk.quell(&args, &[]);
    assert_eq!(code, 0, "{text}");
    let unpacked = desk.state.dir.path().join("unpacked");
    fs::create_dir(&unpacked).unwrap();
    assert!(Command::new("tar").arg("-xf").arg(&archive).arg("-C").arg(&unpacked).status().unwrap().success());
    let folder = fs::read_dir(&unpacked).unwrap().next().unwrap().unwrap().path();
    let allowed = desk.allowed.to_str().unwrap();
    let verify = ["sessions", "verify", folder.to_str().unwrap(), "--allowed-signers", allowed, "--json"];
    let (code, text) = desk.quell(&verify, &[]);
    assert_eq!((code, text.contains("\"verdict\":\"ok\"")), (0, true), "{text}");
}

#[test]
fn each_export_of_an_open_session_of_ones_own_is_signed_first() {
    let Some(desk) = desk() else { return };
    let config = desk.key("config.toml");
    fs::write(&config, format!("signing_key = \"{}\"\n", desk.key("alice"))).unwrap();
    let export = |format: &str, config: &str, user: &str| {
        let args = ["sessions", "export", &desk.path(""), "--format", format, "--config", config];
        let (code, text) = desk.quell(&args, &[("USER", user)]);
        assert_eq!(code, 0, "{text}");
        text
    };
    let checkpoints = || desk.files("checkpoints", ".txt").len();
    for (at, format) in ["ndjson", "markdown"].into_iter().enumerate() {
        let text = export(format, &config, "alice");
        assert!(text.contains("records of this writer and all others, head ") && text.contains("signed"), "{text}");
        assert_eq!(checkpoints(), at + 1);
        assert_eq!(desk.judge().0, "ok");
        // What was given out holds the checkpoint.
        assert!(text.contains("checkpoint.made") || text.contains("`checkpoint over "), "{text}");
    }
    // Without a key, by somebody who has not worked in it, and of a closed one, that none is made is said.
    let empty = desk.key("empty.toml");
    fs::write(&empty, "").unwrap();
    let records = || desk.session.read().unwrap().recovery.records.len();
    let before = records();
    assert!(export("ndjson", &empty, "alice").contains("chain only, not signed: there is no key"));
    let told =
        "no checkpoint was made of this export: you have not written in this session; `quell sessions sign` makes one";
    assert!(export("ndjson", &config, "bob").contains(told));
    // A key that is not there leaves the export as good as without one.
    let bad = desk.key("bad.toml");
    fs::write(&bad, format!("signing_key = \"{}\"\n", desk.key("nobody"))).unwrap();
    assert_eq!((records(), checkpoints(), desk.judge().0.as_str()), (before, 2, "ok"));
    let text = export("markdown", &bad, "alice");
    assert!(text.contains("no checkpoint was made of this export; it is written all the same"), "{text}");
    assert!(text.contains("# Incident report: "), "{text}");
    let (mut pen, mut attached) = desk.state.attach(&desk.session);
    let closed = SessionClosed { resolution: Resolution::Benign, summary: "a test".into() };
    attached.log.commit(vec![pen.event(closed)]).unwrap();
    attached.log.close().unwrap();
    let before = records();
    for format in ["ndjson", "markdown"] {
        let text = export(format, &config, "alice");
        assert!(text.contains("no checkpoint was made of this export: the session is closed; "), "{text}");
    }
    assert_eq!((records(), checkpoints()), (before, 2));
}

#[test]
fn a_hostile_name_in_the_folder_is_told_and_acts_on_nothing() {
    let Some(desk) = desk() else { return };
    desk.sign("alice");
    let name = "a\nok: 18 records of 1 writers\n\u{1b}[2J\u{202e}.txt";
    fs::write(desk.session.path().join("checkpoints").join(name), "x").unwrap();
    let shown = |args: &[&str]| {
        let (_, text) = desk.quell(args, &[]);
        assert!(text.contains("\\u{1b}[2J\\u{202e}.txt"), "{text}");
        assert!(!text.contains('\u{1b}') && !text.contains('\u{202e}') && !text.contains("\nok: 18"), "{text}");
    };
    shown(&["sessions", "verify", &desk.path("")]);
    shown(&["sessions", "report", &desk.path("")]);
    // What can't be packed is not forgotten: the bundle says what was wrong.
    let archive = desk.key("bundle.tar");
    let (code, text) =
        desk.quell(&["sessions", "export", &desk.path(""), "--format", "bundle", "--out", &archive], &[]);
    assert_eq!(code, 1, "{text}");
    let told = Command::new("tar").args(["-xOf", &archive, "--wildcards", "*/PROBLEMS.txt"]).output().unwrap();
    let told = String::from_utf8(told.stdout).unwrap();
    assert!(told.starts_with("The session was invalid-record when this was made:\n\ncheckpoints/a"), "{told}");
    assert!(!told.contains('\u{1b}'), "{told}");
}
