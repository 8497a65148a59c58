//! The same work over HTTP: the simulator on a loopback port, quell's own SDK clients, AWS_ENDPOINT_URL.

use super::rig::{Rig, run, session};
use super::tour::{CONTAIN, open_the_miner, verify, walk};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// `quell simulator` on a port of its own.
pub struct Simulator {
    child: Child,
    url: String,
}

impl Simulator {
    pub fn start() -> Self {
        Self::at(20)
    }

    /// So many times as fast as the clock.
    pub fn at(speed: u32) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_quell"))
            .args(["simulator", "--listen", "127.0.0.1:0", "--speed", &speed.to_string()])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening ").unwrap().to_owned();
        Self { child, url }
    }

    /// How many automations were ever started, as the account says.
    pub fn automations(&self) -> usize {
        let host = self.url.strip_prefix("http://").unwrap();
        let mut stream = std::net::TcpStream::connect(host).unwrap();
        let request = format!(
            "POST / HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-type: application/x-amz-json-1.1\r\n\
             x-amz-target: AmazonSSM.DescribeAutomationExecutions\r\ncontent-length: 2\r\nauthorization: \
             AWS4-HMAC-SHA256 Credential=AKIAQ7LXN4WKSIM2RESP/20261121/eu-west-1/ssm/aws4_request, \
             SignedHeaders=host, Signature=00\r\n\r\n{{}}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        answer.matches("\"AutomationExecutionId\"").count()
    }

    /// What the console needs to find it.
    pub fn env(&self) -> Vec<(&str, &str)> {
        vec![
            ("AWS_ENDPOINT_URL", self.url.as_str()),
            ("AWS_ACCESS_KEY_ID", "AKIAQ7LXN4WKSIM2RESP"),
            ("AWS_SECRET_ACCESS_KEY", SECRET),
            ("AWS_REGION", "eu-west-1"),
            ("AWS_EC2_METADATA_DISABLED", "true"),
            ("AWS_CONFIG_FILE", "/dev/null"),
            ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ]
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The key that the console is given; the simulator does not check signatures, so it is planted here alone.
const SECRET: &str = "planted/secret/that/must/stand/nowhere00";

const CONFIG: &str = r#"
responder = "alice"
[variables]
backup_bucket = "lumen-production-ir-backup"
backup_access = "arn:aws:iam::111122223333:role/IncidentAutomation"
automation_role = "arn:aws:iam::111122223333:role/IncidentAutomation"
"#;

/// A console on the simulator's port, armed; the runbook's variables come from its configuration.
pub fn armed(state: &std::path::Path, simulator: &Simulator) -> Rig {
    armed_as("alice", state, simulator)
}

/// The same for another user of the machine.
pub fn armed_as(user: &str, state: &std::path::Path, simulator: &Simulator) -> Rig {
    let config = state.join("config.toml");
    std::fs::write(&config, CONFIG).unwrap();
    let config = config.to_string_lossy().into_owned();
    let env = [simulator.env(), vec![("USER", user)]].concat();
    let rig = Rig::start(state, &["--arm", "--config", &config, "--responder", user], &env);
    rig.see("ENDPOINT 127.0.0.1");
    rig.see("ARMED until");
    rig
}

#[test]
fn the_tour_over_http() {
    let simulator = Simulator::start();
    let state = tempfile::tempdir().unwrap();
    let mut rig = armed(state.path(), &simulator);
    walk(&mut rig);
    verify(state.path());
    // The secret went to no file and no screen.
    assert_eq!(holding(state.path()), [""; 0]);
    assert!(!holds(&rig.wrote()));
    for args in [
        &["findings"][..],
        &["findings", "--json", "--region", "eu-west-3"],
        &["sessions", "list", "--json"],
        &["sessions", "show", &session(state.path()), "--json"],
        &["sessions", "export", &session(state.path()), "--format", "ndjson"],
        &["sessions", "report", &session(state.path())],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quell"));
        let command = command.args(args).env("QUELL_STATE_DIR", state.path()).env("HOME", state.path());
        let output = command.envs(simulator.env()).output().unwrap();
        assert!(output.stdout.len() + output.stderr.len() > 100, "{args:?} says nothing");
        assert!(!holds(&output.stdout) && !holds(&output.stderr), "{args:?}");
    }
    // The search finds it where it is.
    std::fs::write(state.path().join("sessions/planted"), format!("x{SECRET}y")).unwrap();
    assert_eq!(holding(state.path()), ["planted"]);
}

fn holds(bytes: &[u8]) -> bool {
    bytes.windows(SECRET.len()).any(|window| window == SECRET.as_bytes())
}

/// The names of the files in a folder, and in those in it, that hold the secret.
fn holding(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        match entry.file_type().unwrap().is_dir() {
            true => found.extend(holding(&entry.path())),
            false if holds(&std::fs::read(entry.path()).unwrap()) => {
                found.push(entry.file_name().to_string_lossy().into_owned());
            }
            false => {}
        }
    }
    found
}

#[test]
fn without_arming_nothing_is_sent() {
    let simulator = Simulator::start();
    let state = tempfile::tempdir().unwrap();
    let mut rig = Rig::start(state.path(), &["--responder", "alice"], &simulator.env());
    rig.see("READ ONLY");
    open_the_miner(&mut rig);
    rig.walk_to("Take the finding");
    rig.keys("Enter");
    rig.see("READ ONLY: approving sends nothing");
    rig.approve("y");
    rig.see("READ ONLY: nothing was sent");
    rig.keys("q q");
    assert!(rig.end().success());
    let id = session(state.path());
    let (_, out) = run(state.path(), &["sessions", "export", &id, "--format", "ndjson"]);
    assert!(out.contains("\"k\":\"action.cancelled\""), "{out}");
    assert!(!out.contains("\"k\":\"action.started\""), "{out}");
}

#[test]
fn a_damaged_file_is_not_shown_as_whole() {
    let state = tempfile::tempdir().unwrap();
    let file = state.path().join("cut.json");
    let one = r#"{"schemaVersion":"2.0","accountId":"111122223333","region":"eu-west-1","id":"a1","type":"Recon:EC2/Portscan","severity":5,"resource":{},"service":{}}"#;
    std::fs::write(&file, format!("{one}\n{}", &one[..90])).unwrap();
    let file = file.to_string_lossy().into_owned();
    let mut rig = Rig::start(state.path(), &["open", "--file", &file], &[]);
    // The one that is whole is not opened as if it were the file.
    rig.see("FINDINGS* 1 of 1");
    rig.see("file: FAILING since");
    rig.see("1 record(s) can't be read");
    rig.see("names each with its place");
    rig.keys("j q");
    assert_eq!(rig.end().exit_code(), 2);
}

/// The instance that mines in the scenario.
const INSTANCE_ID: &str = "i-0c4f1e97ab52d6038";

/// The miner's finding, as somebody has sent it in a file.
const FINDING: &str = r#"{"schemaVersion":"2.0","accountId":"111122223333","region":"eu-west-1","partition":"aws",
    "id":"c0ffee00c0ffee00c0ffee00c0ffee00","type":"CryptoCurrency:EC2/BitcoinTool.B!DNS","severity":8,
    "arn":"arn:aws:guardduty:eu-west-1:111122223333:detector/12abc34d567e8fa901bc2d34e56789f0/finding/c0ffee00",
    "resource":{"resourceType":"Instance","instanceDetails":{"instanceId":"INSTANCE"}},"service":{"count":3}}"#;

#[test]
fn a_file_is_worked_on_the_account_that_is_armed() {
    let simulator = Simulator::start();
    let state = tempfile::tempdir().unwrap();
    let config = state.path().join("config.toml");
    std::fs::write(&config, CONFIG).unwrap();
    let file = state.path().join("finding.json");
    std::fs::write(&file, FINDING.replace("INSTANCE", INSTANCE_ID)).unwrap();
    let (config, file) = (config.to_string_lossy().into_owned(), file.to_string_lossy().into_owned());
    let mut rig = Rig::start(state.path(), &["open", "--file", &file, "--config", &config], &simulator.env());
    rig.see("STEPS* crypto-mining");
    rig.see(" FILE ");
    // It lacks updatedAt and is opened all the same, and told.
    rig.see("1 value(s) not as the service writes them");
    rig.walk_to(CONTAIN);
    rig.keys("Enter");
    rig.see("these findings are from a file: :arm connects");
    rig.command("arm");
    rig.see("ARMED until");
    rig.keys("Enter");
    rig.see("danger 3");
    rig.approve(INSTANCE_ID);
    rig.wait("its end", |s| s.lines().any(|l| l.contains("[x]") && l.contains(CONTAIN)));
    assert_eq!(simulator.automations(), 1);
    rig.keys("q");
    rig.see("FINDINGS* 1 of 1");
    rig.keys("q");
    assert!(rig.end().success());
}
