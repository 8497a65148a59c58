//! Containment on servers that are not ours: moto, and where it knows the calls ministack. The program deactivates a key,
//! closes a bucket, isolates an instance with two interfaces, and undoes each; boto3 says how it stands meanwhile.

use super::handover::Outside;
use super::rig::{Rig, run, session};
use serde_json::{Value, json};

/// A runbook whose steps contain what is there.
fn book(there: &Outside) -> String {
    let step = |id: &str, title: &str, block: &str| {
        format!("1. {title} <!-- step: id={id} -->\n\n   ```action\n   title: {title}\n{block}   ```\n\n")
    };
    let said = |name: &str| there.said(name);
    let tell = format!(
        "   kind: sns-publish\n   session: \"{{{{ session.id }}}}\"\n   topic: {}\n   text: Please join.\n",
        said("topic")
    );
    let mut steps = vec![
        step("key", "Deactivate the key", &format!("   kind: iam-access-key\n   access_key: {}\n", said("key"))),
        step("bucket", "Close the bucket", &format!("   kind: s3-block-public\n   bucket: {}\n", said("bucket"))),
        step("tell", "Tell the topic", &tell),
    ];
    if there.has("instance") {
        let block = format!("   kind: ec2-isolate\n   instance: {}\n", said("instance"));
        steps.push(step("isolate", "Isolate the instance", &block));
    }
    let front = "---\nid: contain\ntitle: Contain\nversion: 1\nreviewed: 2026-01-01\nmatches: [\"CryptoCurrency:EC2/BitcoinTool.B!DNS\"]\n---\n";
    format!("{front}# Contain\n\nWords.\n\n## Contain\n\n{}", steps.concat())
}

fn finding(account: &str) -> String {
    json!({
        "schemaVersion": "2.0", "accountId": account, "region": "eu-west-1", "partition": "aws",
        "id": "c0ffee00c0ffee00c0ffee00c0ffee00", "type": "CryptoCurrency:EC2/BitcoinTool.B!DNS", "severity": 8,
        "arn": format!("arn:aws:guardduty:eu-west-1:{account}:detector/12abc34d567e8fa901bc2d34e56789f0/finding/c0ffee00"),
        "title": "Mining", "updatedAt": "2026-11-20T08:00:00.000Z",
        "resource": { "resourceType": "Instance", "instanceDetails": { "instanceId": "i-0c4f1e97ab52d6038" } },
        "service": { "count": 3 },
    })
    .to_string()
}

/// Approves what is asked: by the end of the id, or by all of it.
fn approve(rig: &mut Rig, id: &str) {
    let shown = rig.wait("what is to be approved", |s| s.contains("CONFIRM") && s.contains("(danger"));
    let gesture = if shown.contains("(danger 3)") { id } else { &id[id.len() - 4..] };
    rig.approve(gesture);
}

fn act(rig: &mut Rig, title: &str, id: &str) {
    rig.walk_to(title);
    rig.keys("Enter");
    approve(rig, id);
    rig.wait("its end", |s| s.lines().any(|line| line.contains("[x]") && line.contains(title)));
}

fn undo(rig: &mut Rig, title: &str, id: &str) {
    rig.walk_to(title);
    rig.keys("u");
    approve(rig, id);
    rig.wait("the undo to end", |s| s.lines().any(|line| line.contains(title) && line.contains("undone")));
}

/// What is so before, after, and after the undo.
fn contains(name: &str, modules: &str) {
    let Some(mut there) = Outside::start(modules, &["contain.py", name]) else { return };
    let state = tempfile::tempdir().unwrap();
    let (books, file) = (state.path().join("books"), state.path().join("finding.json"));
    std::fs::create_dir(&books).unwrap();
    std::fs::write(books.join("contain.md"), book(&there)).unwrap();
    std::fs::write(&file, finding(&there.said("account"))).unwrap();
    let (books, file) = (books.to_string_lossy().into_owned(), file.to_string_lossy().into_owned());
    let endpoint = there.said("endpoint");
    let env = [
        ("AWS_ENDPOINT_URL", endpoint.as_str()),
        ("AWS_ACCESS_KEY_ID", "testing"),
        ("AWS_SECRET_ACCESS_KEY", "testing"),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
    ];
    let args = ["open", "--file", &file, "--runbooks", &books, "--responder", "alice"];
    assert_eq!(run(state.path(), &["runbooks", "trust", &format!("{books}/contain.md")]).0, 0);
    let mut rig = Rig::start(state.path(), &args, &env);
    rig.see("STEPS* contain");
    rig.command("arm");
    rig.see("ARMED until");
    let id = session(state.path());
    let (key, bucket) = (there.said("key"), there.said("bucket"));
    assert_eq!((&there.ask()["key"], &there.ask()["block"]), (&json!("Active"), &Value::Null));

    act(&mut rig, "Deactivate the key", &key);
    assert_eq!(there.ask()["key"], "Inactive");
    undo(&mut rig, "Deactivate the key", &key);
    assert_eq!(there.ask()["key"], "Active");

    act(&mut rig, "Close the bucket", &bucket);
    let all = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];
    let block = there.ask()["block"].clone();
    assert!(all.iter().all(|one| block[one] == true), "{block}");
    // There was none before, and there is none again: not one that is empty.
    undo(&mut rig, "Close the bucket", &bucket);
    assert_eq!(there.ask()["block"], Value::Null);

    act(&mut rig, "Tell the topic", "on-call");
    let came = there.ask()["came"].clone();
    let message: Value = serde_json::from_str(came[0]["Message"].as_str().unwrap()).unwrap();
    assert_eq!((came.as_array().unwrap().len(), &message["session"]), (1, &Value::from(id.as_str())), "{came}");

    if there.has("instance") {
        let (instance, web, closed) = (there.said("instance"), there.said("web"), there.said("closed"));
        assert_eq!(there.ask()["groups"], json!([[web], [web]]));
        act(&mut rig, "Isolate the instance", &instance);
        assert_eq!(there.ask()["groups"], json!([[closed], [closed]]));
        undo(&mut rig, "Isolate the instance", &instance);
        assert_eq!(there.ask()["groups"], json!([[web], [web]]));
    }
    rig.keys("q");
    rig.see("FINDINGS*");
    rig.keys("q");
    assert!(rig.end().success());
}

#[test]
fn moto_is_contained_and_restored() {
    contains("moto", "boto3, moto.server, werkzeug");
}

/// It knows no change of an interface's groups; what it does know it answers truly.
#[test]
fn ministack_is_contained_and_restored() {
    contains("ministack", "boto3, ministack, hypercorn");
}
