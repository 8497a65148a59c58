//! The same work over HTTP: the simulator on a loopback port, quell's own SDK clients, AWS_ENDPOINT_URL.

use super::rig::{Rig, run, session};
use super::tour::{close, contain_and_undo, open_the_miner};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

struct Simulator {
    child: Child,
    url: String,
}

impl Simulator {
    fn start() -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_quell"))
            .args(["simulator", "--listen", "127.0.0.1:0", "--speed", "20"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim().strip_prefix("listening ").unwrap().to_owned();
        Self { child, url }
    }

    fn env(&self) -> Vec<(&str, &str)> {
        vec![
            ("AWS_ENDPOINT_URL", self.url.as_str()),
            ("AWS_ACCESS_KEY_ID", "AKIAQ7LXN4WKSIM2RESP"),
            ("AWS_SECRET_ACCESS_KEY", "simulated/secret/of/the/responder/000000"),
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

const CONFIG: &str = r#"
[variables]
backup_bucket = "lumen-production-ir-backup"
backup_access = "arn:aws:iam::111122223333:role/IncidentAutomation"
automation_role = "arn:aws:iam::111122223333:role/IncidentAutomation"
"#;

#[test]
fn the_same_work_over_http() {
    let simulator = Simulator::start();
    let state = tempfile::tempdir().unwrap();
    let config = state.path().join("config.toml");
    std::fs::write(&config, CONFIG).unwrap();
    let config = config.to_string_lossy().into_owned();
    let mut rig = Rig::start(state.path(), &["--arm", "--config", &config], &simulator.env());
    rig.see("ENDPOINT http://127.0.0.1");
    rig.see("ARMED until");
    open_the_miner(&mut rig);
    contain_and_undo(&mut rig);
    close(&mut rig);
    rig.keys("q q");
    assert!(rig.end().success());
    let id = session(state.path());
    let (code, out) = run(state.path(), &["sessions", "verify", &id, "--json"]);
    assert_eq!(code, 0, "{out}");
    assert!(out.contains("\"verdict\":\"ok-unsigned\""), "{out}");
}

#[test]
fn without_arming_nothing_is_sent() {
    let simulator = Simulator::start();
    let state = tempfile::tempdir().unwrap();
    let mut rig = Rig::start(state.path(), &[], &simulator.env());
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
