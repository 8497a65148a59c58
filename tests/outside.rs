//! Tests with tools that we did not write: boto3 drives the simulated account, quell reads moto's Security Hub, and
//! principalmapper judges the policies of sealed sessions.
//!
//! They need a Python with the packages of `tests/outside/requirements.txt`; `QUELL_PYTHON` names it, else `python3` is
//! tried. Without it they say SKIPPED, and fail when `CI` is true.

use crate::skipped::skipped;
use quell::action::{self, Request, Value, Word};
use quell::aws::{Bearer, ConnectOptions, Connection, StaticAccess};
use quell::runtime::Runtime;
use quell::simulator::{Scenario, Simulator, serve};
use quell_core::text::Id;
use std::collections::BTreeMap;
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
    let script = "import harness; print(*(f'{harness.PREFIXES.get(s, s)}:{o}' for s, names in harness.OPERATIONS.items() for o in names))";
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
    assert_eq!(operations.len(), 110);
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

/// What is asked of each kind that calls AWS.
fn requests(finding: &str) -> Vec<Request> {
    let role = "arn:aws:iam::111122223333:role/IncidentAutomation";
    let own = |text: &str| Value::Text(Word::own(text));
    let contain = [
        ("PrincipalType", "IAM user"),
        ("PrincipalName", "ci-publisher"),
        ("Action", "Contain"),
        ("DryRun", "false"),
        ("AutomationAssumeRole", role),
    ];
    let contain = Value::Map(contain.into_iter().map(|(name, text)| (name.into(), own(text))).collect());
    let of = |kind: &str, fields: &[(&str, Value)]| {
        let fields = fields.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
        let mut request = Request::of_kind(Id::new(kind).unwrap(), "Do it".into(), fields);
        (request.account, request.region) = (Some("111122223333".into()), Some("eu-west-1".into()));
        request
    };
    let document = own("AWSSupport-ContainIAMPrincipal");
    vec![
        of("ssm-automation", &[("document", document), ("parameters", contain)]),
        of("iam-access-key", &[("access_key", own("AKIAQ7LXN4WKY5RGT2FB"))]),
        of("iam-deny", &[("user", own("ci-publisher"))]),
        of("iam-revoke-sessions", &[("role", own("build-runner"))]),
        of("iam-console-access", &[("user", own("ci-publisher"))]),
        of("ec2-isolate", &[("instance", own("i-0c4f1e97ab52d6038"))]),
        of("s3-block-public", &[("bucket", own("lumen-build-artifacts"))]),
        of("lambda-concurrency", &[("function", own("nightly-report"))]),
        of(
            "securityhub-workflow",
            &[("findings", Value::List(vec![Word::own(finding)])), ("workflow", own("NOTIFIED"))],
        ),
        of("guardduty-archive", &[("finding", own(finding)), ("feedback", own("USEFUL"))]),
    ]
}

/// Plans of all these kinds in the simulated account, each with the policy of the session that it is carried out in.
fn plans() -> serde_json::Value {
    let now = || "2026-11-21T10:00:00Z".parse().unwrap();
    let runtime = Runtime::new(now, |_| Ok(()));
    let simulator = Simulator::new(Scenario::named("crypto-mining").unwrap(), 1, 1.0, runtime.clone());
    let a = simulator.access();
    let (account, region, partition) = (a.account, a.region, a.partition);
    let (access_key_id, secret) = (a.access_key_id, a.secret_access_key);
    let access = StaticAccess { account, region, partition, access_key_id, secret };
    let mut allow = action::allow();
    allow.read.push(("GuardDuty", "ListFindings"));
    let roles = BTreeMap::from([(access.account.clone(), "IncidentResponder".to_owned())]);
    let options = ConnectOptions { roles, ..ConnectOptions::default() };
    let connection = Connection::simulated_with(simulator.http_client(), &access, allow, runtime, options);
    let bearer = Bearer::new(Some("20260102T030405Z-demo-abcdef"), Some(&"jo".into()));
    Runtime::tokio().unwrap().block_on(async {
        let detector = "3ac1f0b8d24e96a7705b1e8c6f92d4b3";
        let listed = connection.reader("eu-west-1").guardduty().list_findings().detector_id(detector).send().await;
        let listed = listed.unwrap();
        let finding = listed.finding_ids().first().unwrap();
        let finding = format!("arn:aws:guardduty:eu-west-1:111122223333:detector/{detector}/finding/{finding}");
        let mut all = Vec::new();
        for request in requests(&finding) {
            let kind = action::by_name(request.kind.as_str()).unwrap();
            let reads = action::reading(kind);
            let reader = connection.reader_in(request.account.as_ref(), "eu-west-1", &bearer, &reads).await.unwrap();
            let plan = action::bound(kind, kind.plan(&reader, &request).await.unwrap(), &reader).unwrap();
            let policy = plan.target.through.as_ref().unwrap().policy.clone().unwrap();
            all.push(serde_json::json!({
                "kind": plan.kind, "target": plan.target, "requests": plan.requests, "policy": policy,
            }));
        }
        all.into()
    })
}

/// principalmapper (NCC Group) evaluates session policies; its own answers are held against AWS's documentation first.
#[test]
fn a_sealed_session_allows_its_plan_s_calls_and_no_others() {
    let Some(mut command) = python("botocore, packaging, principalmapper, policy_sentry") else { return };
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plans.json");
    std::fs::write(&file, plans().to_string()).unwrap();
    command.arg("sealed_sessions.py").arg(&file);
    passes(command);
}

/// Every built-in runbook is a playbook to the schemas that OASIS publishes.
#[test]
fn exported_playbooks_are_valid() {
    let Some(mut command) = python("jsonschema, referencing") else { return };
    let Some(schemas) = crate::shared::shared("schemas") else { return };
    let folder = tempfile::tempdir().unwrap();
    command.arg("cacao.py").arg(schemas.join("cacao/schemas"));
    let listed = Command::new(QUELL).args(["runbooks", "list", "--json"]).output().unwrap();
    for line in String::from_utf8(listed.stdout).unwrap().lines() {
        let row: serde_json::Value = serde_json::from_str(line).unwrap();
        let id = row["id"].as_str().unwrap();
        let file = folder.path().join(format!("{id}.json"));
        let mut export = Command::new(QUELL);
        let made = export.args(["runbooks", "export", "--format", "cacao", id, "--out"]).arg(&file).status().unwrap();
        assert!(made.success(), "{id}");
        command.arg(&file);
    }
    passes(command);
}
