//! Ways into and around an incident that are no walk through its steps.

use super::fixtures;
use super::rig::{Rig, succeeded};
use super::thread::running_at;
use quell::console::core::effect::{Desk, Reads};
use quell::console::core::input::{Blob, Input};
use quell_core::incident::{EntityState, Provenance};

#[test]
fn evidence_goes_into_the_incident_that_it_was_meant_for_or_nowhere() {
    let mut rig = Rig::opened();
    let file =
        || Input::File { session: "another".into(), step: None, name: "a.bin".into(), result: Ok(Blob::of(vec![1])) };
    rig.feed(file());
    rig.sees("a.bin was not attached");
    assert_eq!(rig.count("evidence.added"), 0);
}

#[test]
fn a_plan_that_was_given_up_hides_nothing_that_ran() {
    let mut rig = running_at(3);
    rig.end(succeeded());
    rig.settle();
    rig.model.incident.step = 3;
    rig.keys("Space");
    rig.save();
    rig.keys("Enter");
    rig.settle();
    rig.keys("Esc");
    rig.save();
    rig.keys("u");
    rig.settle();
    rig.sees("CONFIRM: Undo: Archive the finding");
}

#[test]
fn marks_stay_when_nothing_can_be_attached() {
    let mut rig = Rig::opened();
    rig.close("done");
    rig.save();
    rig.keys("q j Space :");
    rig.type_in("attach");
    rig.keys("Enter");
    rig.sees("the session is closed; :reopen it first");
    assert_eq!(rig.model.findings.marked.len(), 1);
}

#[test]
fn an_incident_begins_without_a_finding() {
    let mut rig = Rig::listed();
    rig.feed(Input::Begin { title: "A call from \u{1b}[31mlegal".into() });
    rig.settle();
    assert_eq!(rig.kinds(), ["seg.open", "session.opened"]);
    rig.sees("an incident without a finding");
    // What was typed is kept as it was, and shown harmless.
    assert_eq!(rig.model.saved().unwrap().title, "A call from \u{1b}[31mlegal".into());
    rig.sees("\\u{1b}[31mlegal");
}

#[test]
fn a_finding_that_is_asked_for_by_id_is_opened_as_soon_as_it_is_there() {
    let mut rig = Rig::empty();
    rig.model.wanted = Some("0003".into());
    rig.feed(Input::Sessions(Vec::new()));
    rig.arrive(fixtures::findings());
    rig.settle();
    rig.sees(" MED  Recon:EC2/PortProbeUnprotectedPort  x9");
    assert!(!rig.model.lacking);
}

#[test]
fn enter_resumes_the_newest_incident_that_was_left_open() {
    let rows = || {
        let mut rows = super::properties::rows();
        let mut triage = rows[0].clone();
        (triage.id, triage.title) = ("20251121T080000Z-triage-zzzzzz".into(), "Triage 2025-11-21".into());
        let mut older = rows[0].clone();
        (older.id, older.title) = ("20251101T080000Z-older-yyyyyy".into(), "An older one".into());
        rows.extend([older, triage]);
        rows
    };
    let mut rig = Rig::listed();
    rig.feed(Input::Sessions(rows()));
    rig.sees("> 1 resume 2025-11-20 09:30Z CryptoCurrency:EC2/BitcoinTool.B");
    rig.sees("  4 go to the findings");
    rig.sees("j k 1-4 select  Enter take  Esc to the findings");
    // A digit selects and does no more.
    rig.keys("2");
    rig.sees("> 2 resume 2025-11-20 09:30Z An older one");
    assert!(rig.desk.is_empty());
    rig.keys("1 Enter");
    assert!(matches!(&rig.desk[..], [Desk::Resume { session }] if session.ends_with("abcdef")), "{:?}", rig.desk);
    for keys in ["Esc", "4 Enter", "q"] {
        let mut rig = Rig::listed();
        rig.feed(Input::Sessions(rows()));
        rig.keys(keys);
        assert!(rig.model.prompt.is_none() && rig.desk.is_empty(), "{keys}");
        rig.sees("FINDINGS* 4 of 4");
    }
}

#[test]
fn of_several_commands_the_chosen_one_is_copied() {
    let book = "---\nid: two\ntitle: Two\nmatches: [\"UnauthorizedAccess:EC2/MaliciousIPCaller.Custom\"]\n---\n\n\
                # Two\n\n1. Look at it\n\n   ```bash\n   aws ec2 describe-instances\n   ```\n\n   Then:\n\n   \
                ```bash\n   aws ssm get-parameter --name {{ var.name }}\n   ```\n\n1. Look again\n\n   ```bash\n   \
                id\n   ```\n\n1. Think\n";
    let mut rig = Rig::empty();
    let book = quell_core::runbook::parse("two", book.as_bytes(), quell_core::runbook::Origin::BuiltIn).unwrap();
    rig.model.library = std::sync::Arc::new(vec![book.runbook]);
    rig.arrive(fixtures::findings());
    rig.keys("Enter");
    rig.settle();
    rig.keys("y c");
    rig.sees("COPY which command?");
    rig.sees("> 1 aws ec2 describe-instances");
    rig.sees("  2 aws ssm get-parameter --name {{ var.name }}");
    assert!(rig.reads.is_empty());
    rig.keys("2 Enter");
    assert!(matches!(&rig.reads[..], [Reads::Copy(text)] if text.contains("get-parameter")), "{:?}", rig.reads);
    rig.feed(Input::Copied("sent".into()));
    rig.sees("sent; still open in it: var.name; v gives a value");
    rig.reads.clear();
    // One alone needs no question.
    rig.keys("j y c");
    assert!(matches!(&rig.reads[..], [Reads::Copy(text)] if text == "id"), "{:?}", rig.reads);
    rig.keys("j y c");
    rig.sees("there is nothing to copy here");
}

#[test]
fn an_entity_that_was_noted_is_cleared_without_typing_it_again() {
    let mut rig = Rig::opened();
    let known = rig.model.saved().unwrap().entities.clone();
    rig.keys(":");
    rig.type_in("entity");
    rig.keys("Enter");
    rig.sees("host i-0abc12d34e5f67890, suspected");
    rig.keys("8 Enter");
    rig.sees("HOST i-0abc12d34e5f67890 is");
    rig.sees("> 1 suspected");
    rig.keys("4 Enter");
    rig.save();
    let now = rig.model.saved().unwrap().entities.clone();
    assert_eq!(now.len(), known.len());
    assert_eq!((now[0].state, now[0].provenance), (EntityState::Cleared, Provenance::Finding));
    rig.keys(":");
    rig.type_in("entity");
    rig.keys("Enter 8 Enter");
    rig.sees("> 4 cleared");
}

#[test]
fn the_log_of_calls_cuts_neither_region_nor_request() {
    let mut rig = Rig::opened();
    rig.model.account.calls = super::account::calls();
    let request = rig.model.account.calls.calls()[0].request_id.as_ref().unwrap().line().into_string();
    rig.keys("@");
    rig.sees("STS:GetCallerIdentity");
    rig.sees(&format!("\n   account not told yet eu-central-1\n   request {request}\n"));
    rig.keys("q");
    rig.resize(140, 40);
    rig.keys("@");
    rig.sees(&format!("ms  ok  account not told yet eu-central-1\n   request {request}\n"));
    rig.keys("q");
    // Even the smallest window cuts nothing.
    rig.resize(60, 15);
    rig.keys("@");
    rig.sees(&request);
    rig.sees_not("~");
    // The call at the top is copied as the command line that repeats it, though it is broken on the screen.
    rig.keys("j j j j y y");
    let copied = rig.reads.iter().find_map(|reads| match reads {
        Reads::Copy(text) => Some(text.as_str()),
        _ => None,
    });
    let command = "aws sts get-caller-identity --region eu-central-1 --cli-input-json '{}'";
    assert_eq!(copied, Some(command));
}

#[test]
fn a_long_title_is_cut_in_the_list_of_sessions_and_whole_below() {
    let mut rig = Rig::listed();
    rig.keys("S");
    let mut rows = super::properties::rows();
    rows[1].title = "Stolen keys of the deployment role that builds every image of the shop and its mirrors".into();
    rig.feed(Input::Sessions(rows));
    rig.sees("CryptoCurrency:EC2/Bi~\n");
    rig.sees(" CryptoCurrency:EC2/BitcoinTool.B i-0777aa12bb34cc56d (simulated)\n");
    rig.keys("j");
    rig.sees("Stolen keys of the de~\n");
    rig.sees(" Stolen keys of the deployment role that builds every image of the shop and its\n mirrors (simulated)\n");
    rig.resize(140, 40);
    rig.sees("CryptoCurrency:EC2/BitcoinTool.B i-0777aa12bb34cc56d (simulated)\n");
}
