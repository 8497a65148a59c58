//! The runbooks at hand: found, read, opened against a finding, edited.

use super::fixtures;
use super::rig::Rig;
use super::snapshots::picture;
use quell::console::core::effect::{Desk, Reads};
use quell::console::core::input::Input;
use quell::console::core::model::Screen;
use quell::problem::Problem;
use quell_core::runbook::{Origin, Runbook, parse};

/// A team's own: it has an action, a decision, sub-steps, and a title that would turn the line around.
const OWN: &str = "---\nid: ours\ntitle: \"Mail \u{202e}abuse\"\nowner: us\nversion: 2\nreviewed: 2025-10-01\n\
                   matches: [\"Impact:EC2/PortSweep\", S3.8]\n---\n# Mail\n\n## Overview\n\nSomebody sends mail.\n\n\
                   ## Contain\n\n1. Stop the sender <!-- step: id=stop role=lead target=15m -->\n\n   Ask the postmaster first.\n\n\
                   \x20  ```bash\n   aws sesv2 put-account-sending-attributes --no-sending-enabled\n   ```\n\n\
                   1. Archive it <!-- step: id=archive -->\n\n   ```action\n   kind: guardduty-archive\n   title: Archive it\n   ```\n\n\
                   ## Recover\n\n1. Send again <!-- step: id=again -->\n";

fn own(text: &str) -> Runbook {
    parse("ours", text.as_bytes(), Origin::User("/srv/runbooks/mail.md".into())).unwrap().runbook
}

fn library(rig: &mut Rig, text: &str) {
    let problem = Problem::input("the runbook can't be read: it is no regular file")
        .in_file("/srv/runbooks/pipe.md", 0, 0)
        .meaning("it is missing from the list; the other runbooks are there")
        .next("check the name and the permissions");
    let books = vec![own(text), fixtures::book()];
    rig.feed(Input::Library { books, problems: vec![problem], show: false });
}

/// The runbooks over a list of findings; nobody has trusted the team's own.
fn listed() -> Rig {
    let mut rig = Rig::listed();
    rig.model.trusted.insert(fixtures::book().sha256);
    rig.trusting = false;
    library(&mut rig, OWN);
    rig.keys("b g g");
    assert!(matches!(rig.reads.as_slice(), [Reads::Trust]), "{:?}", rig.reads);
    rig.reads.clear();
    rig
}

/// The list: whose each runbook is, whether its actions may be planned, how many types get it, and what could not be
/// read; below or beside it the text. What would turn a line around is shown, not obeyed.
#[test]
fn runbooks() {
    let mut rig = listed();
    picture("runbooks", &mut rig);
}

/// The text has the focus, and more room: the steps stand under their phases as in an incident.
#[test]
fn runbooks_text() {
    let mut rig = listed();
    rig.keys("Tab PgDn");
    picture("runbooks_text", &mut rig);
}

#[test]
fn what_stands_in_a_line_is_true() {
    let mut rig = listed();
    rig.sees("RUNBOOKS* 2");
    rig.sees("1 NOT READ");
    rig.sees("> ours                     yours    READ ONLY     2  Mail \\u{202e}abuse");
    rig.sees("NOT READ /srv/runbooks/pipe.md: the runbook can't be read");
    rig.sees("test-compromise          built in trusted       1  Compromised host");
    rig.sees("quell runbooks trust /srv/runbooks/mail.md");
    rig.keys("j");
    rig.sees("check the name and the permissions");
    rig.keys("j");
    rig.sees("id test-compromise, version 3");
    rig.keys("Tab G");
    rig.sees("COVERS");
    rig.sees("UnauthorizedAccess:EC2/MaliciousIPCaller.Custom  (exact)");
    // Somebody trusts the team's own beside this console.
    rig.keys("Tab g g R");
    rig.feed(Input::Trusted([own(OWN).sha256].into(), None));
    rig.sees("yours    trusted ");
    rig.sees_not("quell runbooks trust");
}

#[test]
fn a_runbook_is_found_by_its_title_id_type_and_words() {
    for (words, at) in [
        ("compromised host", 2),
        ("TEST-comp", 2),
        ("portsweep", 0),
        ("s3.8", 0),
        ("MaliciousIPCaller", 2),
        // Words of its text, wherever they stand.
        ("sender postmaster", 0),
        ("learned record", 2),
        ("pipe.md", 1),
    ] {
        let mut rig = listed();
        rig.keys("j /");
        rig.type_in(words);
        rig.keys("Enter");
        assert_eq!(rig.model.runbooks.selected, at, "{words}");
    }
    let mut rig = listed();
    rig.keys("/");
    rig.type_in("sender learned");
    rig.sees("not found");
    // Giving up goes back to where it began.
    rig.keys("Esc /");
    rig.type_in("learned");
    rig.keys("Esc");
    assert_eq!(rig.model.runbooks.selected, 0);
}

#[test]
fn the_chosen_runbook_is_opened_for_the_selected_finding() {
    let mut rig = listed();
    rig.sees("> for UnauthorizedAcc");
    rig.keys("Enter");
    rig.settle();
    assert_eq!(rig.model.screen(), Screen::Incident);
    rig.sees("STEPS* ours v2");
    // Not the one that fits best, nor both.
    let incident = rig.model.saved().unwrap();
    assert_eq!((incident.runbooks.len(), incident.findings.len()), (1, 1));
    assert_eq!(incident.findings[0].finding.id, fixtures::worst().id);
    rig.keys("q");
    assert_eq!(rig.model.screen(), Screen::Findings);
    // The incident of that finding is open: another one stands beside what it has, and only once.
    rig.keys("b G Enter");
    rig.save();
    rig.sees("STEPS* test-compromise");
    assert_eq!((rig.count("session.opened"), rig.count("runbook.opened")), (1, 2));
    assert_eq!(rig.model.incident.step, 3);
    rig.keys("q b g g Enter");
    rig.save();
    rig.sees("this runbook is open here already");
    assert_eq!((rig.count("runbook.opened"), rig.model.incident.step), (2, 0));
    // Of several the title names the one that the selected step is of.
    rig.sees("STEPS* ours v2");
    rig.model.incident.step = 3;
    rig.sees("STEPS* test-compromise v3");
}

#[test]
fn from_an_incident_it_opens_there_whatever_the_list_has() {
    let mut rig = Rig::opened();
    library(&mut rig, OWN);
    rig.model.findings.selected = 2;
    rig.keys("b");
    rig.sees("> in UnauthorizedAcc");
    // It begins on the one that fits the incident's finding, which is open there already.
    assert_eq!(rig.model.runbooks.selected, 2);
    rig.keys("g g Enter");
    // Nothing is opened that nobody has said yes to.
    rig.sees("OPEN ours in the incident?");
    rig.sees("open there: test-compromise  Compromised host");
    rig.keys("Enter");
    assert_eq!((rig.model.screen(), rig.count("runbook.opened")), (Screen::Runbooks, 1));
    rig.keys("Enter j Enter");
    rig.save();
    assert_eq!((rig.model.screen(), rig.count("session.opened")), (Screen::Incident, 1));
    assert_eq!(rig.model.saved().unwrap().runbooks[1].id.as_str(), "ours");
    // The step after the seven of the first.
    assert_eq!(rig.model.incident.step, 7);
    // A closed incident takes none.
    rig.close("done");
    rig.save();
    rig.keys("b G Enter");
    rig.sees("the session is closed; :reopen it first");
    assert_eq!(rig.count("runbook.opened"), 2);
}

#[test]
fn without_a_finding_there_is_nothing_to_open_it_for() {
    let mut rig = Rig::empty();
    library(&mut rig, OWN);
    rig.keys("b Enter");
    rig.sees("no finding is selected");
    rig.keys("j Enter");
    rig.sees("this file could not be read");
    assert!(rig.desk.is_empty() && rig.unsaved.is_empty());
}

/// One that was opened by mistake is closed again, with a reason; what was done in it stays.
#[test]
fn a_runbook_is_taken_away_again() {
    let mut rig = Rig::opened();
    library(&mut rig, OWN);
    rig.keys("b g g Enter j Enter");
    rig.save();
    let close = |rig: &mut Rig| {
        rig.keys(":");
        rig.type_in("close-runbook");
        rig.keys("Enter");
    };
    // The eighth step is the first of the second runbook.
    assert_eq!(rig.model.incident.step, 7);
    close(&mut rig);
    rig.sees("CLOSE the runbook ours, because");
    rig.sees("none of its steps was done or tried");
    rig.keys("Enter");
    rig.sees("say why");
    rig.type_in("opened by mistake");
    rig.keys("Enter");
    rig.save();
    rig.sees("the runbook is closed; what was done in it stays in the timeline");
    rig.sees("STEPS* test-compromise v3");
    let open: Vec<bool> = rig.model.saved().unwrap().runbooks.iter().map(|book| !book.closed).collect();
    assert_eq!((rig.count("runbook.closed"), open, rig.model.incident.step), (1, vec![true, false], 0));
    // Of one that was worked on it says what stays.
    rig.keys("Enter");
    rig.save();
    close(&mut rig);
    rig.sees("1 step(s) done or tried in it stay in the timeline and in the report");
    rig.keys("Esc");
    // What is staged goes first.
    rig.model.incident.step = 3;
    rig.keys("s a");
    rig.settle();
    close(&mut rig);
    rig.sees("an action of it is staged");
    assert_eq!(rig.count("runbook.closed"), 1);
}

#[test]
fn the_list_begins_on_the_runbook_that_fits_the_selected_finding() {
    let mut rig = Rig::listed();
    library(&mut rig, OWN);
    rig.keys("b");
    rig.sees("> test-compromise ");
    rig.sees("id test-compromise, version 3");
    // The fourth finding is a port sweep.
    rig.keys("q j j j b");
    rig.sees("> ours ");
    // Where none fits, the cursor stays where it was.
    rig.keys("q k b");
    rig.sees("> ours ");
}

#[test]
fn titles_are_shown_whole_where_there_is_room() {
    let mut rig = listed();
    let title = "S3 data deleted, overwritten or held for";
    let books = vec![own(&OWN.replace("\"Mail \u{202e}abuse\"", title))];
    rig.feed(Input::Library { books, problems: Vec::new(), show: false });
    rig.resize(140, 40);
    rig.sees(&format!("    2  {title}"));
    rig.sees("id ours, version 2");
}

#[test]
fn what_is_called_so_is_found_before_what_speaks_of_it() {
    let mut rig = listed();
    // The first speaks of a host in its text.
    let text = OWN.replace("Somebody sends mail.", "A host sends mail.");
    library(&mut rig, &text);
    rig.keys("g g /");
    rig.type_in("host");
    rig.keys("Enter");
    assert_eq!(rig.model.runbooks.selected, 2);
    rig.keys("n");
    assert_eq!(rig.model.runbooks.selected, 0);
    rig.sees("match 2 of 2");
    rig.keys("N");
    assert_eq!(rig.model.runbooks.selected, 2);
}

/// A session that could not be made leaves no runbook behind for the next one.
#[test]
fn a_choice_ends_with_the_session_that_it_was_for() {
    let mut rig = listed();
    rig.keys("Enter");
    rig.desk.clear();
    rig.feed(Input::NotAttached(Problem::local("the disk is full")));
    rig.keys("q Enter");
    rig.settle();
    rig.sees("STEPS* test-compromise");
}

#[test]
fn a_team_s_own_file_is_edited_and_linted_and_the_cursor_stays_on_it() {
    let mut rig = listed();
    rig.keys("e");
    assert!(matches!(rig.desk.as_slice(), [Desk::Edit { file }] if file == "/srv/runbooks/mail.md"), "{:?}", rig.desk);
    rig.desk.clear();
    // The file has another id now, and comes behind another one.
    let other = parse("a", b"# A\n\n1. Look\n", Origin::User("/srv/runbooks/a.md".into())).unwrap().runbook;
    let books = vec![other, own(&OWN.replace("id: ours", "id: mail").replace("Send again", "Send mail again"))];
    rig.feed(Input::Library { books, problems: Vec::new(), show: false });
    rig.sees("> mail ");
    let faults = vec!["/srv/runbooks/mail.md:9:1: warning: a fence without a language".to_owned()];
    rig.feed(Input::Edited { file: "/srv/runbooks/mail.md".into(), found: Ok(faults) });
    rig.sees("LINT 1 in /srv/runbooks/mail.md");
    rig.sees("mail.md:9:1: warning: a fence without a language");
    rig.keys("q");
    rig.feed(Input::Edited { file: "/srv/runbooks/mail.md".into(), found: Ok(Vec::new()) });
    rig.sees("/srv/runbooks/mail.md is read anew; lint finds nothing");
    rig.feed(Input::Edited {
        file: "/srv/runbooks/mail.md".into(),
        found: Err(Problem::local("the editor vi ended with exit status: 1")),
    });
    rig.sees("the editor vi ended with exit status: 1");
    rig.keys("Tab G k k k");
    rig.sees("Send mail again");
}

#[test]
fn what_is_built_in_or_can_t_be_read_is_not_edited() {
    let mut rig = listed();
    rig.keys("G e");
    rig.sees("test-compromise is built in and can't be edited");
    rig.sees("quell runbooks new --type T");
    rig.keys("k e");
    rig.sees("mend it, then R reads it anew");
    assert!(rig.desk.is_empty());
}

/// An approval that opened while the editor had the terminal takes no key at first, as any other.
#[test]
fn a_question_that_waited_for_the_editor_s_end_is_deaf_at_first() {
    let mut rig = super::thread::at_step(3);
    rig.keys("Enter");
    rig.settle();
    rig.sees("CONFIRM");
    rig.wait(5000);
    rig.feed(Input::Resumed);
    rig.burst("y Enter");
    rig.sees("CONFIRM");
    assert_eq!(rig.count("action.approved"), 0);
    rig.wait(1000);
    rig.burst("y Enter");
    assert_eq!(rig.count("action.approved"), 1);
}

#[test]
fn the_text_goes_no_further_than_its_end() {
    let mut rig = listed();
    rig.keys("Tab G");
    let end = rig.model.runbooks.scroll;
    assert!(end > 0);
    rig.keys("PgDn j C-d");
    assert_eq!(rig.model.runbooks.scroll, end);
    // Another size has another end; another runbook begins at its beginning.
    rig.resize(140, 40);
    rig.sees_not("more line");
    rig.keys("Tab j");
    assert_eq!(rig.model.runbooks.scroll, 0);
}
