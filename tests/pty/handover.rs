//! What quell hands over arrives: the program publishes on moto, a server that is not ours, and boto3 reads the queue that
//! the topic and the bus lead to; a state machine is run there to its end.

use super::rig::{Rig, run, session};
use crate::outside::python;
use serde_json::Value;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

/// A server that is not ours, and what is there.
pub struct Outside {
    child: Child,
    questions: ChildStdin,
    lines: BufReader<ChildStdout>,
    there: Value,
}

impl Outside {
    /// By a script that needs these modules.
    pub fn start(modules: &str, script: &[&str]) -> Option<Self> {
        let mut command = python(modules)?;
        command.args(script).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let (questions, lines) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut moto = Self { child, questions, lines, there: Value::Null };
        moto.there = moto.line();
        Some(moto)
    }

    fn line(&mut self) -> Value {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        serde_json::from_str(&line).unwrap()
    }

    /// Whether there is such a thing.
    pub fn has(&self, name: &str) -> bool {
        self.there.get(name).is_some()
    }

    pub fn said(&self, name: &str) -> String {
        self.there[name].as_str().unwrap().to_owned()
    }

    /// How it stands, and what has come to the queue.
    pub fn ask(&mut self) -> Value {
        writeln!(self.questions, "receive").and_then(|()| self.questions.flush()).unwrap();
        self.line()
    }
}

impl Drop for Outside {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const FINDING: &str = r#"{"schemaVersion":"2.0","accountId":"123456789012","region":"eu-west-1","partition":"aws",
    "id":"c0ffee00c0ffee00c0ffee00c0ffee00","type":"CryptoCurrency:EC2/BitcoinTool.B!DNS","severity":8,
    "arn":"arn:aws:guardduty:eu-west-1:123456789012:detector/12abc34d567e8fa901bc2d34e56789f0/finding/c0ffee00",
    "title":"Mining by \"root\"","updatedAt":"2026-11-20T08:00:00.000Z",
    "resource":{"resourceType":"Instance","instanceDetails":{"instanceId":"i-0c4f1e97ab52d6038"}},
    "service":{"count":3}}"#;

/// A runbook whose steps hand over to what is there.
fn book(moto: &Outside) -> String {
    let step = |id: &str, title: &str, block: String| {
        format!(
            "1. {title} <!-- step: id={id} -->\n\n   ```action\n   title: {title}\n   session: \"{{{{ session.id }}}}\"\n{block}   ```\n\n"
        )
    };
    let (topic, bus, machine) = (moto.said("topic"), moto.said("bus"), moto.said("machine"));
    let steps = [
        step("tell", "Tell the topic", format!("   kind: sns-publish\n   topic: {topic}\n   text: Please join.\n")),
        step("event", "Put the event", format!("   kind: eventbridge-put-events\n   bus: {bus}\n")),
        step("page", "Run the machine", format!("   kind: sfn-start\n   danger: 2\n   state_machine: {machine}\n")),
    ];
    let front = "---\nid: hand-over\ntitle: Hand over\nversion: 1\nreviewed: 2026-01-01\nmatches: [\"CryptoCurrency:EC2/BitcoinTool.B!DNS\"]\n---\n";
    format!("{front}# Hand over\n\nWords.\n\n## Contain\n\n{}", steps.concat())
}

/// The step is done by its action, approved with the end of what it acts on.
fn act(rig: &mut Rig, title: &str, gesture: &str) {
    rig.walk_to(title);
    rig.keys("Enter");
    rig.see("danger 2");
    rig.approve(gesture);
    rig.wait("its end", |s| s.lines().any(|line| line.contains("[x]") && line.contains(title)));
}

#[test]
fn what_is_handed_over_arrives_and_runs() {
    let Some(mut moto) = Outside::start("boto3, moto.server, werkzeug, jsonpath_ng, antlr4", &["moto_handover.py"])
    else {
        return;
    };
    let state = tempfile::tempdir().unwrap();
    let (books, file) = (state.path().join("books"), state.path().join("finding.json"));
    std::fs::create_dir(&books).unwrap();
    std::fs::write(books.join("hand-over.md"), book(&moto)).unwrap();
    std::fs::write(&file, FINDING).unwrap();
    let (books, file) = (books.to_string_lossy().into_owned(), file.to_string_lossy().into_owned());
    let endpoint = moto.said("endpoint");
    let env = [
        ("AWS_ENDPOINT_URL", endpoint.as_str()),
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "testing"),
        // The topic and the bus lie in another region than the connection and the finding.
        ("AWS_REGION", "eu-west-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ];
    let args = ["open", "--file", &file, "--runbooks", &books, "--responder", "alice"];
    let mut rig = Rig::start(state.path(), &args, &env);
    rig.see("STEPS* hand-over");
    rig.command("arm");
    rig.see("ARMED until");
    let id = session(state.path());

    // Nobody has said yet that this file may act; then somebody does, beside the console.
    rig.walk_to("Tell the topic");
    rig.see("VIEW ONLY: not trusted, Enter says more");
    rig.keys("Enter");
    rig.see("nobody has trusted its text");
    assert_eq!(run(state.path(), &["runbooks", "trust", &format!("{books}/hand-over.md")]).0, 0);
    act(&mut rig, "Tell the topic", "call");
    let came = moto.ask();
    let subject = "Security incident: HIGH in 123456789012, eu-west-1";
    assert_eq!((came.as_array().unwrap().len(), &came[0]["Subject"]), (1, &Value::from(subject)), "{came}");
    let message: Value = serde_json::from_str(came[0]["Message"].as_str().unwrap()).unwrap();
    assert_eq!((&message["session"], &message["text"]), (&Value::from(id.as_str()), &Value::from("Please join.")));
    assert_eq!(message["finding"]["title"], "Mining by \"root\"");
    assert_eq!(
        (&message["finding"]["account"], &message["finding"]["severity"]),
        (&"123456789012".into(), &"HIGH".into())
    );

    act(&mut rig, "Put the event", "rity");
    let came = moto.ask();
    assert_eq!((came.as_array().unwrap().len(), &came[0]["source"]), (1, &Value::from("quell")), "{came}");
    assert_eq!((&came[0]["detail-type"], &came[0]["region"]), (&"Security Incident".into(), &"eu-central-1".into()));
    assert_eq!(came[0]["detail"]["session"], id.as_str());

    act(&mut rig, "Run the machine", "over");
    let (_, log) = run(state.path(), &["sessions", "export", &id, "--format", "ndjson"]);
    let page = format!("{{\\\"paged\\\": \\\"{id}\\\"}}");
    assert!(log.contains(": SUCCEEDED"), "{log}");
    assert!(log.contains(&page), "{page} is not in {log}");
    rig.keys("q");
    rig.see("FINDINGS*");
    rig.keys("q");
    assert!(rig.end().success());
}
