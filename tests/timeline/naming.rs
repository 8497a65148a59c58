//! Who a writer is, as the command line knows it, and who may go on as whom.

use super::*;
use quell_core::incident::{ActorFrom, WriterNamed};

fn as_(user: &str, name: &str) -> Who {
    Who { actor: WriterNamed::new(&name.into(), ActorFrom::SshCertificate), ..who(user) }
}

/// On a login that many share nobody goes on as another's writer.
#[test]
fn nobody_goes_on_as_somebody_else() {
    let state = state();
    let session = state.begun();
    let mut first = session.attach(&as_("ubuntu", "alice"), &state.runtime).unwrap();
    let mut pen = Pen::of(&first);
    first.log.commit(vec![pen.event(as_("ubuntu", "alice").name())]).unwrap();
    let alice = first.log.writer().clone();
    drop(first);
    let mut second = session.attach(&as_("ubuntu", "bob"), &state.runtime).unwrap();
    assert!(second.new_writer);
    let mut pen = Pen::of(&second);
    second.log.commit(vec![pen.event(as_("ubuntu", "bob").name())]).unwrap();
    drop(second);
    let third = session.attach(&as_("ubuntu", "alice"), &state.runtime).unwrap();
    assert_eq!(third.log.writer(), &alice);
}

#[test]
fn the_name_that_is_given_stands_in_every_view() {
    let (state, session) = super::cli::session();
    let id = session.short();
    let run = state.quell(&["sessions", "note", id, "seen", "--responder", "Carol \u{1b}[2J Reyes"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let shown = state.json(&["sessions", "show", id, "--json"]);
    let writers = shown["writers"].as_object().unwrap().values();
    let carol = writers.filter(|w| w["user"] == "carol").map(|w| w["named"].clone()).next().unwrap();
    let named = serde_json::json!([{ "n": 0, "actor": "Carol \\u{1b}[2J Reyes", "from": "given", "detail": null }]);
    assert_eq!(carol, named);
    let plain = state.quell(&["sessions", "show", id]).out;
    assert!(plain.contains("  Carol \\u{1b}[2J Reyes  note: seen\n"), "{plain}");
    assert!(plain.contains("named Carol \\u{1b}[2J Reyes by the command line\n"), "{plain}");
    let report = state.quell(&["sessions", "report", id]).out;
    assert!(report.contains("- `Carol \\u{1b}[2J Reyes` by the command line, user `carol` on"), "{report}");
    assert!(report.contains("by `Carol \\u{1b}[2J Reyes`: `seen`\n"), "{report}");
    let row = state.json(&["sessions", "list", "--json"]);
    assert_eq!(row["responders"], serde_json::json!(["alice", "Carol \\u{1b}[2J Reyes"]));
    // The same again says nothing new; without a name the user's stands, and takes nobody else's.
    assert_eq!(state.quell(&["sessions", "note", id, "again", "--responder", "Carol \u{1b}[2J Reyes"]).code, 0);
    assert_eq!(state.quell(&["sessions", "note", id, "alone"]).code, 0);
    let plain = state.quell(&["sessions", "show", id]).out;
    assert_eq!(plain.matches("  named ").count(), 2, "{plain}");
    assert!(plain.contains("  carol  note: alone\n"), "{plain}");
}

#[test]
fn the_configuration_names_and_the_certificate_goes_before_it() {
    let (state, session) = super::cli::session();
    let config = state.dir.path().join("config.toml");
    std::fs::write(&config, "responder = \"Carol\"\n").unwrap();
    let config = config.to_str().unwrap();
    let id = session.short();
    assert_eq!(state.quell(&["sessions", "note", id, "one", "--config", config]).code, 0);
    let plain = state.quell(&["sessions", "show", id]).out;
    assert!(plain.contains("  Carol  note: one\n"), "{plain}");
    assert!(plain.contains("named Carol by the configuration\n"), "{plain}");
    let auth = state.dir.path().join("auth");
    std::fs::write(&auth, format!("publickey ssh-ed25519-cert-v01@openssh.com {CERTIFICATE}\n")).unwrap();
    let env = [("SSH_USER_AUTH", auth.to_str().unwrap())];
    let run = state.quell_in(&["sessions", "note", id, "two", "--config", config, "--responder", "Dora"], &env);
    assert_eq!(run.code, 0, "{}", run.err);
    let plain = state.quell(&["sessions", "show", id]).out;
    assert!(plain.contains("  alice  note: two\n"), "{plain}");
    let detail = "named alice by the SSH certificate: principals ubuntu,alice; key id alice@example.com; serial 7\n";
    assert!(plain.contains(detail), "{plain}");
    assert!(plain.contains("  Carol  note: one\n"), "{plain}");
}

/// Made by ssh-keygen: principals ubuntu and alice, key id alice@example.com, serial 7.
const CERTIFICATE: &str = concat!(
    "AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAIBz664ux1+9QymPAAFcjDTcutcAl1Ynw+N+k7Whu5zd7AAAA",
    "ID4cgdR6os80BxxKycOabstb0n6WQd0MLpNiMfhN2XsGAAAAAAAAAAcAAAABAAAAEWFsaWNlQGV4YW1wbGUuY29tAAAAEwAAAAZ1",
    "YnVudHUAAAAFYWxpY2UAAAAAAAAAAP//////////AAAAAAAAAIIAAAAVcGVybWl0LVgxMS1mb3J3YXJkaW5nAAAAAAAAABdwZXJt",
    "aXQtYWdlbnQtZm9yd2FyZGluZwAAAAAAAAAWcGVybWl0LXBvcnQtZm9yd2FyZGluZwAAAAAAAAAKcGVybWl0LXB0eQAAAAAAAAAO",
    "cGVybWl0LXVzZXItcmMAAAAAAAAAAAAAADMAAAALc3NoLWVkMjU1MTkAAAAgQfKT+Ur7rFrh9ln3S9pZ35ahknw+C8Ro6Noa/cZ9",
    "YI0AAABTAAAAC3NzaC1lZDI1NTE5AAAAQG3aZfatLVkQ4W4QPdPWf4zuR/FEx2nsReBEXRq6T1F9ersqQdfYyBZ0wXGJqouLYk5d",
    "rwDt2iLlYX6Ow85IAwQ=",
);
