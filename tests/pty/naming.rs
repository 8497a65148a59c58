//! The AWS session's name is the responder's, once the connection stands.

use super::endpoint::Simulator;
use super::rig::{Rig, run, session};

/// A profile that takes on the simulated account's role for the responder, as a person's session.
const PROFILE: &str = "[profile ir]\nregion = eu-west-1\nrole_arn = arn:aws:iam::111122223333:role/IncidentResponder\n\
                       role_session_name = ivy.ng\ncredential_source = Environment\n";

#[test]
fn the_session_of_an_assumed_role_names_the_responder() {
    let simulator = Simulator::start();
    let state = tempfile::tempdir().unwrap();
    let aws = state.path().join("aws");
    std::fs::write(&aws, PROFILE).unwrap();
    let aws = aws.to_string_lossy().into_owned();
    let mut env: Vec<(&str, &str)> = simulator.env();
    env.retain(|(name, _)| *name != "AWS_CONFIG_FILE");
    env.push(("AWS_CONFIG_FILE", &aws));
    let mut rig = Rig::start(state.path(), &["open", "--new", "A call from legal", "--profile", "ir"], &env);
    rig.see("named ivy.ng by the AWS session");
    rig.keys("q q");
    assert!(rig.end().success());
    let (_, out) = run(state.path(), &["sessions", "show", &session(state.path())]);
    assert!(out.contains("  ivy.ng  opened: A call from legal\n"), "{out}");
}

#[test]
fn the_user_of_an_account_is_asked() {
    let simulator = Simulator::start();
    let state = tempfile::tempdir().unwrap();
    let mut rig = Rig::start(state.path(), &["open", "--new", "A call from legal"], &simulator.env());
    rig.see("WHO ARE YOU?");
    rig.press_until("Enter", |s| !s.contains("WHO ARE YOU?"));
    rig.see("named alice by the answer given");
    rig.keys("q q");
    assert!(rig.end().success());
}

#[test]
fn a_title_of_the_command_line_holds_no_credential() {
    let secret = "wJalrXUtnFEMIxK7MDENGxbPxRfiCYEXAMPLEKEY";
    let simulator = Simulator::start();
    let state = tempfile::tempdir().unwrap();
    let mut env: Vec<(&str, &str)> = simulator.env();
    env.push(("TEAM_TOKEN", secret));
    let title = format!("Lost {secret} today");
    let mut rig = Rig::start(state.path(), &["open", "--new", &title, "--responder", "Alice"], &env);
    rig.see("named Alice by the command line");
    rig.keys("q q");
    assert!(rig.end().success());
    let told = "a credential of yours stood in the title: it was left out, and kept nowhere";
    assert!(String::from_utf8_lossy(&rig.wrote()).contains(told));
    let id = session(state.path());
    let (_, out) = run(state.path(), &["sessions", "show", &id]);
    assert!(out.contains("  opened: Lost [withheld: a credential of the responder] today\n"), "{out}");
    assert!(!id.contains("wjalr"), "{id}");
}

/// No region is set, so there is no connection; who hands out credentials is asked all the same, for what is pasted.
#[test]
fn what_a_process_hands_out_is_known_without_a_region() {
    let secret = "wJalrXUtnFEMIxK7MDENGxbPxRfiCYEXAMPLEKEY";
    let state = tempfile::tempdir().unwrap();
    std::fs::create_dir(state.path().join(".aws")).unwrap();
    let (program, asked) = (state.path().join("hands-out"), state.path().join("asked"));
    let json = format!(r#"{{"Version":1,"AccessKeyId":"AKIAIOSFODNN7EXAMPLE","SecretAccessKey":"{secret}"}}"#);
    std::fs::write(&program, format!("#!/bin/sh\necho '{json}'\ntouch '{}'\n", asked.display())).unwrap();
    std::fs::set_permissions(&program, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let config = format!("[default]\ncredential_process = {}\n", program.display());
    std::fs::write(state.path().join(".aws/config"), config).unwrap();
    let env = [("AWS_EC2_METADATA_DISABLED", "true")];
    let mut rig = Rig::start(state.path(), &["open", "--new", "A paste", "--responder", "Alice"], &env);
    rig.see("named Alice by the command line");
    rig.wait("the process to be asked", |_| asked.exists());
    rig.keys("a");
    rig.see("NOTE");
    rig.text(secret);
    rig.see(secret);
    rig.keys("Enter");
    rig.see("a credential of yours stood in these words");
    rig.keys("q q");
    assert!(rig.end().success());
    let (_, out) = run(state.path(), &["sessions", "show", &session(state.path())]);
    assert!(out.contains("note: [withheld: a credential of the responder]\n"), "{out}");
}
