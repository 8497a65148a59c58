//! The list keeps still; filter, marks, palette, help and which-key.

use super::fixtures::{finding, findings};
use super::rig::Rig;
use quell::console::core::effect::Reads;
use quell::console::core::input::Input;
use quell::console::core::keymap::Where;
use quell::console::core::model::Screen;
use quell_core::finding::Label;

fn on(rig: &Rig) -> String {
    let id = rig.model.findings.selected().unwrap().id.line().into_string();
    id.rsplit('/').next().unwrap().to_owned()
}

#[test]
fn new_rows_do_not_move_a_list_that_somebody_reads() {
    let mut rig = Rig::listed();
    // Before the first key the list grows as it is read.
    rig.arrive(vec![finding("0005", "Stealth:IAMUser/X", Label::Low, 1.0, "i-05")]);
    rig.sees("FINDINGS* 5 of 5");
    rig.keys("j");
    assert_eq!(on(&rig), "0002");
    let before = rig.screen();
    let mut worse = finding("0006", "Stealth:IAMUser/Y", Label::Critical, 99.0, "i-06");
    worse.last_seen = Some(super::fixtures::time("2025-11-21T14:06:00Z"));
    rig.arrive(vec![worse, finding("0007", "Stealth:IAMUser/Z", Label::Low, 1.0, "i-07")]);
    rig.sees("+2 new (r)");
    assert_eq!(on(&rig), "0002");
    let rows = |screen: &str| screen.lines().skip(2).take(8).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(rows(&rig.screen()), rows(&before));
    rig.keys("r");
    rig.sees("FINDINGS* 7 of 7");
    assert_eq!(on(&rig), "0002", "the cursor stays on its finding");
    assert_eq!(rig.model.findings.selected, 2);
    rig.keys("g g");
    assert_eq!(on(&rig), "0006");
}

#[test]
fn a_known_row_changes_in_its_place() {
    let mut rig = Rig::listed();
    rig.keys("j");
    let mut low = findings().remove(3);
    low.count = Some(77);
    low.severity.score = Some(99.0);
    rig.arrive(vec![low]);
    rig.sees("  77  ");
    let last = rig.screen().lines().nth(6).unwrap().to_owned();
    assert!(last.contains("Impact:EC2/PortSweep"), "{last}");
    assert_eq!(on(&rig), "0002");
}

#[test]
fn the_filter_follows_what_is_typed_and_is_given_up_by_escape() {
    let mut rig = Rig::listed();
    rig.keys("/");
    rig.type_in("sev>=high");
    rig.sees("FINDINGS* 2 of 4");
    rig.keys("Enter");
    rig.sees("filter: sev>=high");
    rig.keys("/");
    rig.type_in(" portscan");
    rig.sees("the filter hides 4 finding(s); Esc clears it");
    rig.keys("Esc");
    rig.sees("FINDINGS* 2 of 4");
    rig.keys("Esc");
    rig.sees("FINDINGS* 4 of 4");
    rig.keys("/");
    rig.type_in("nosuch>1");
    // A filter that does not read is said, and the rows stay those of the last one that did.
    rig.sees("filter: nosuch>1 (");
    rig.sees(" column 1: ");
    rig.sees("the filter can't be read yet; the rows are those of what was typed before");
    rig.sees_not("Esc clears it");
    rig.keys("Esc");
    rig.sees("FINDINGS* 4 of 4");
}

#[test]
fn marked_findings_open_together() {
    let mut rig = Rig::listed();
    rig.keys("Space Space");
    rig.sees(" 2 marked");
    rig.keys("k Space");
    rig.sees(" 1 marked");
    rig.keys("k Space g g Space");
    rig.sees(" 1 marked");
    rig.keys("g g Space g g Enter");
    rig.settle();
    assert_eq!(rig.model.saved().unwrap().findings.len(), 2);
    rig.sees("2 findings");
}

/// After Space the cursor stands on the next row: Enter there is not taken for one or the other.
#[test]
fn enter_beside_what_is_marked_asks_which_is_meant() {
    for (keys, count) in [("Enter", 2), ("j Enter", 1)] {
        let mut rig = Rig::listed();
        rig.keys("Space Space Enter");
        rig.sees("OPEN which?");
        rig.sees("the 2 marked, as one incident");
        rig.sees("the one under the cursor alone: ");
        let under = rig.model.findings.selected().unwrap().id.clone();
        rig.keys(keys);
        rig.settle();
        let held = &rig.model.saved().unwrap().findings;
        assert_eq!(held.len(), count);
        assert_eq!(held.iter().any(|f| f.finding.id == under), count == 1);
    }
    let mut rig = Rig::listed();
    rig.keys("Space Space Enter Esc");
    rig.settle();
    assert!(rig.model.session.is_none());
}

#[test]
fn the_finding_of_the_open_session_leads_back_there() {
    let mut rig = Rig::opened();
    rig.keys("q");
    assert_eq!(rig.model.screen(), Screen::Findings);
    rig.keys("Enter");
    assert_eq!(rig.model.screen(), Screen::Incident);
    assert!(rig.desk.is_empty(), "no second session is made");
    assert_eq!(rig.count("session.detached"), 0);
}

#[test]
fn a_second_finding_waits_until_the_first_session_stands() {
    let mut rig = Rig::listed();
    rig.keys("Enter q j Enter");
    assert_eq!(rig.desk.len(), 1, "{:?}", rig.desk);
    rig.settle();
    let title = rig.model.saved().unwrap().title.line().into_string();
    assert_eq!(title, "UnauthorizedAccess:EC2/MaliciousIPCaller.Custom i-0abc12d34e5f67890");
}

#[test]
fn the_palette_finds_by_name_and_words_and_runs_one() {
    let mut rig = Rig::opened();
    rig.keys(":");
    rig.sees("COMMANDS");
    rig.type_in("milest");
    rig.sees("> milestone");
    rig.keys("Enter");
    rig.sees("MILESTONE: which?");
    rig.keys("Esc :");
    rig.type_in("zzzzzz");
    rig.keys("Enter");
    rig.sees("no command is called that");
    rig.keys(": Down Down Up Esc");
    assert!(rig.model.prompt.is_none());
    assert_eq!(rig.count("milestone.set"), 0);
}

#[test]
fn which_key_shows_what_may_follow() {
    let mut rig = Rig::listed();
    rig.keys("t");
    for line in ["n   Workflow NOTIFIED in Security Hub: the marked rows, else this one", "a   Archive in GuardDuty"] {
        rig.sees(line);
    }
    rig.sees_not("Copy the id of the resource");
    rig.keys("Esc");
    assert!(rig.model.chord.is_empty());
    rig.sees("FINDINGS* 4 of 4");
    rig.keys("y i");
    match &rig.reads[..] {
        [quell::console::core::effect::Reads::Copy(text)] => assert_eq!(text, "i-0abc12d34e5f67890"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn help_names_the_keys_of_its_place_and_no_others() {
    for (place, own, strange) in
        [(Where::Findings, "Mark the finding", "Add a note"), (Where::Incident, "Add a note", "Mark the finding")]
    {
        let mut rig = if place == Where::Findings { Rig::listed() } else { Rig::opened() };
        rig.resize(140, 80);
        rig.keys("?");
        rig.sees("HELP");
        rig.sees(own);
        rig.sees_not(strange);
        rig.keys("Esc");
        assert_eq!(rig.model.place(), place);
    }
}

#[test]
fn help_over_a_report_leads_back_to_the_report() {
    let mut rig = Rig::opened();
    super::snapshots::load(&mut rig, false);
    rig.sees("REPORT*");
    rig.keys("?");
    rig.sees("HELP");
    rig.keys("q");
    rig.sees("REPORT*");
    rig.keys("q");
    rig.sees("STEPS*");
}

#[test]
fn text_is_searched_while_the_word_is_typed() {
    let mut rig = Rig::opened();
    rig.keys("? /");
    rig.type_in("skip the step");
    let hit = rig.model.text.hit.unwrap();
    assert!(rig.model.text.lines[hit].contains("Skip the step, with a reason"));
    rig.sees("Skip the step, with a reason");
    rig.keys("Enter n N");
    assert_eq!(rig.model.text.hit, Some(hit));
    rig.keys("/");
    rig.type_in("zzz");
    rig.sees(" not found");
    rig.keys("Esc q");
    assert_eq!(rig.model.screen(), Screen::Incident);
}

#[test]
fn control_c_at_the_top_leaves_on_the_second_press() {
    let mut rig = Rig::listed();
    rig.keys("C-c");
    rig.sees("C-c again leaves quell");
    rig.keys("j");
    assert!(!rig.key("C-c").end);
    assert!(rig.key("C-c").end);
    let mut rig = Rig::listed();
    for _ in 0..5 {
        assert!(!rig.key("Esc").end, "Esc never leaves");
    }
    assert!(rig.key("q").end);
}

#[test]
fn what_to_do_about_a_failing_source_stands_below_the_rows() {
    use quell::source::{Health, SourceEvent, SourceName};
    let mut rig = Rig::listed();
    let source = SourceName { via: quell_core::finding::Via::Securityhub, region: "eu-west-1".into() };
    let problem = quell::problem::Problem::aws("securityhub:GetFindings was denied for the role that reads")
        .next("ask for securityhub:GetFindings");
    let health = Health::Failing {
        since: super::fixtures::time("2025-11-21T13:58:00Z"),
        as_of: None,
        problem: Box::new(problem),
        next_try: super::fixtures::time("2025-11-21T14:08:00Z"),
    };
    rig.feed(quell::console::core::input::Input::Source(SourceEvent::Health { source, health }));
    rig.sees("Security Hub eu-west-1: FAILING since 13:58Z");
    rig.sees("denied for the role that reads; ask for securityhub:GetFindings");
    rig.sees("Impact:EC2/PortSweep");
}

#[test]
fn a_connection_that_failed_stays_on_the_screen() {
    let mut rig = Rig::empty();
    let problem = quell::problem::Problem::input("no region is set").next("give --region, or set one in the profile");
    rig.feed(quell::console::core::input::Input::Connected(Err(problem.clone())));
    rig.feed(quell::console::core::input::Input::Trouble(problem));
    rig.keys("j j");
    rig.sees("connection: FAILING since 14:07Z: no region is set");
    rig.sees("no region is set; give --region, or set\n   one in the profile");
    rig.sees_not("the findings come as they are read");
}

#[test]
fn the_list_keeps_still_once_it_has_been_read_and_a_missing_finding_is_said() {
    use quell::source::{Health, SourceEvent, SourceName};
    let mut rig = Rig::empty();
    rig.model.findings.sources = 2;
    rig.model.wanted = Some("0042".into());
    let health = |rig: &mut Rig, via, health| {
        let source = SourceName { via, region: "eu-west-1".into() };
        rig.feed(quell::console::core::input::Input::Source(SourceEvent::Health { source, health }));
    };
    let ok = || Health::Ok { as_of: super::fixtures::time("2025-11-21T14:06:12Z") };
    rig.arrive(findings());
    health(&mut rig, quell_core::finding::Via::Guardduty, ok());
    health(&mut rig, quell_core::finding::Via::Securityhub, Health::Loading { pages: 1 });
    rig.arrive(vec![finding("0005", "Stealth:IAMUser/X", Label::Low, 1.0, "i-05")]);
    rig.sees("FINDINGS* 5 of 5");
    rig.sees_not("no source has");
    health(&mut rig, quell_core::finding::Via::Securityhub, ok());
    rig.sees("no source has a finding 0042");
    assert!(rig.model.lacking);
    rig.arrive(vec![finding("0006", "Stealth:IAMUser/Y", Label::Critical, 99.0, "i-06")]);
    rig.sees("FINDINGS* 5 of 6");
}

#[test]
fn types_are_told_apart_and_a_control_has_its_title() {
    let mut rig = Rig::empty();
    let mut control = finding("0007", "EC2.13", Label::High, 70.0, "sg-1");
    control.title = Some("Security groups open to all".into());
    let one = finding("0008", "CryptoCurrency:EC2/BitcoinTool.B!DNS", Label::High, 70.0, "i-1");
    let two = finding("0009", "CryptoCurrency:EC2/BitcoinTool.B", Label::High, 70.0, "i-1");
    rig.arrive(vec![control, one, two]);
    rig.sees("EC2.13  Security groups ~");
    rig.sees("CryptoCurrency:EC2~.B!DNS");
    rig.sees("CryptoCurrency:EC2~Tool.B");
}

#[test]
fn an_account_goes_by_the_name_that_the_team_gave_it() {
    let mut rig = Rig::empty();
    let names = [("444455556666".to_owned(), "prod".to_owned())].into();
    rig.model.findings = quell::console::screens::findings::State::naming(names);
    rig.arrive(findings());
    rig.sees("prod  new");
    rig.keys("/");
    rig.type_in("account:prod");
    rig.sees("FINDINGS* 4 of 4");
    rig.keys("C-u");
    rig.type_in("account:dev");
    rig.sees("FINDINGS* 0 of 4");
}

#[test]
fn what_containment_stands_is_a_screen_of_its_own() {
    let mut rig = Rig::empty();
    rig.keys(":");
    rig.type_in("in-force");
    rig.keys("Enter");
    assert!(matches!(rig.reads.pop(), Some(Reads::InForce)));
    let unread = quell::problem::Problem::local("the log can't be read").in_file("x", 0, 0);
    rig.feed(Input::InForce(Vec::new(), vec![unread]));
    rig.sees("IN FORCE 0");
    rig.sees("NOT READ: x: the log can't be read");
    rig.sees("No containment stands that quell has set and knows of.");
}
