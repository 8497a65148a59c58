//! Tests with tools that we did not write: boto3 drives the simulated account, and quell reads moto's Security Hub.
//!
//! They need a Python with the packages of `tests/outside/requirements.txt`; `QUELL_PYTHON` names it, else `python3` is
//! tried. Without it they say SKIPPED, and fail when `CI` is true.

use crate::skipped::skipped;
use quell::runtime::Runtime;
use quell::simulator::{Scenario, Simulator, serve};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

const QUELL: &str = env!("CARGO_BIN_EXE_quell");
const SCENARIO: &str = "stolen-keys";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside")
}

/// A Python that has these modules, or none with the reason said.
pub fn python(modules: &str) -> Option<Command> {
    let named = std::env::var_os("QUELL_PYTHON");
    let program = named.clone().unwrap_or_else(|| "python3".into());
    let found = Command::new(&program).arg("-c").arg(format!("import {modules}")).output();
    let why = match found {
        Ok(output) if output.status.success() => {
            let mut command = Command::new(program);
            command.current_dir(folder()).env("PYTHONDONTWRITEBYTECODE", "1").stdin(Stdio::null());
            return Some(command);
        }
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            let last = said.lines().last().unwrap_or("it says nothing").to_owned();
            format!("{} can't import {modules}: {last}", program.display())
        }
        Err(error) => format!("{} does not start: {error}", program.display()),
    };
    assert!(named.is_none(), "QUELL_PYTHON: {why}");
    skipped(&format!("{why}; see tests/outside/requirements.txt"));
    None
}

/// `quell simulator`, ended with this value.
struct Served {
    child: Child,
    url: String,
}

impl Served {
    fn start(speed: &str) -> Self {
        let mut child = Command::new(QUELL)
            .args(["simulator", "--listen", "127.0.0.1:0", "--scenario", SCENARIO, "--seed", "7", "--speed", speed])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.trim_end().strip_prefix("listening ").map(str::to_owned);
        Self { child, url: url.unwrap_or_else(|| panic!("the first line is {line:?}")) }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The same account inside this process, with a scenario in which the first calls of every operation fail.
fn faulty(operations: &[&str]) -> String {
    let mut text = format!("base = \"{SCENARIO}\"\n");
    for operation in operations {
        for (from, count, error) in [(1, 2, "throttled"), (3, 1, "denied"), (4, 1, "expired"), (5, 1, "throttled")] {
            text += &format!(
                "[[fault]]\noperation = \"{operation}\"\nfrom = {from}\ncount = {count}\nerror = \"{error}\"\n"
            );
        }
    }
    let simulator = Simulator::new(Scenario::from_toml(&text).unwrap(), 7, 1.0, Runtime::real());
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        Runtime::tokio().unwrap().block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            sender.send(format!("http://{}", listener.local_addr().unwrap())).unwrap();
            serve(simulator, listener).await
        })
    });
    receiver.recv().unwrap()
}

/// `service:Operation` for each of the table, as its driver lists them.
fn operations(python: &str) -> Vec<String> {
    let script = "import harness; print(*(f'{s}:{o}' for s, names in harness.OPERATIONS.items() for o in names))";
    let mut command = Command::new(python);
    let output = command.current_dir(folder()).args(["-B", "-c", script]).output().unwrap();
    String::from_utf8(output.stdout).unwrap().split_whitespace().map(str::to_owned).collect()
}

/// Runs it to its end; what it printed is shown when it fails.
fn passes(mut command: Command) {
    let output = command.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    println!("{}", String::from_utf8_lossy(&said));
    assert!(output.status.success(), "{}", output.status);
}

#[test]
fn boto3_drives_the_simulator() {
    let Some(mut command) = python("boto3") else { return };
    let operations = operations(command.get_program().to_str().unwrap());
    assert_eq!(operations.len(), 78);
    let (still, fast) = (Served::start("1"), Served::start("120"));
    let text =
        std::fs::read_to_string(folder().join(format!("../../src/simulator/scenarios/{SCENARIO}.toml"))).unwrap();
    let scenario: toml::Table = text.parse().unwrap();
    let responder = scenario["responder"].as_table().unwrap();
    command
        .arg("simulator_table.py")
        .env("AWS_ENDPOINT_URL", &still.url)
        .env("SIM_FAST_URL", &fast.url)
        .env("SIM_FAULTY_URL", faulty(&operations.iter().map(String::as_str).collect::<Vec<_>>()))
        .env("SIM_REGION", scenario["region"].as_str().unwrap())
        .env("SIM_ROLE", responder["role"].as_str().unwrap())
        .env("AWS_ACCESS_KEY_ID", responder["key"].as_str().unwrap())
        .env("AWS_SECRET_ACCESS_KEY", responder["secret"].as_str().unwrap())
        .env("AWS_EC2_METADATA_DISABLED", "true");
    passes(command);
}

#[test]
fn quell_reads_motos_security_hub() {
    let Some(mut command) = python("boto3, moto.server, werkzeug") else { return };
    command.arg("moto_findings.py").arg(QUELL);
    passes(command);
}
