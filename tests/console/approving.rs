//! What an approval shows first, and that nobody approves what was not on screen.

use super::fixtures;
use super::rig::{Rig, succeeded};
use super::thread::at_step;
use quell::console::core::effect::Reads;
use quell::console::core::input::Input;
use quell_core::incident::{Fact, Plan, PlannedRequest, Through};
use quell_core::text::Id;
use serde_json::json;

/// The approval of a plan like that of the step, changed; past its dead time.
pub fn approval(row: usize, change: impl FnOnce(&mut Plan)) -> Rig {
    let mut rig = at_step(row);
    rig.keys("Enter");
    let Reads::Plan { generation, request } = rig.reads.remove(0) else { panic!("no plan was asked for") };
    let mut plan = fixtures::plan(&request);
    change(&mut plan);
    rig.feed(Input::Planned { generation, result: Box::new(Ok(plan)) });
    rig.save();
    rig.wait(400);
    rig
}

/// A program of this machine with many words, as the kind `command` plans it.
pub fn program(plan: &mut Plan) {
    let argv: Vec<String> = [
        "/opt/ir/bin/snapshot-memory",
        "--instance",
        "i-0abc12d34e5f67890",
        "--out",
        "s3://case-0042-evidence/memory",
        "--kms-key",
        "alias/case-0042",
        "--wipe-after",
    ]
    .map(str::to_owned)
    .to_vec();
    let environment = ["AWS_PROFILE=responder", "AWS_REGION=eu-west-1", "LANG=C.UTF-8", "PATH=/usr/bin:/bin"];
    plan.title = "Take the memory".into();
    plan.target.resource = "/opt/ir/bin/snapshot-memory".into();
    plan.confirm = "snapshot-memory".into();
    plan.facts = vec![Fact::new("program", "/opt/ir/bin/snapshot-memory")];
    plan.facts.push(Fact::new("environment", environment.join(" ")));
    plan.requests = vec![PlannedRequest {
        service: "local".into(),
        operation: "exec".into(),
        input: json!({ "argv": argv, "path": "/opt/ir/bin/snapshot-memory", "timeout": 600, "environment": environment }),
    }];
    plan.warnings = vec![
        "quell does not know what this program does: read its words before approving.".into(),
        "It is killed after 600 seconds; what it had done by then is not known.".into(),
        "It gets no credentials from quell's environment, only the name of quell's profile and the region.".into(),
    ];
    plan.undo = "quell can't undo a program's work.".into();
}

/// What stands inside the dialog, its lines joined.
fn inside(rig: &Rig) -> String {
    let screen = rig.screen();
    let lines = screen.lines().filter_map(|l| l.split(['|', '│']).nth(1)).filter(|l| l.len() > 12);
    lines.map(|l| l.get(11..).unwrap_or_default().trim_end()).collect()
}

#[test]
fn an_approval_begins_with_what_it_does_in_plain_words() {
    let rig = approval(4, |_| {});
    let seen = inside(&rig);
    let does =
        "Contain the instance: i-0abc12d34e5f67890 (web-3) in account444455556666, eu-west-1, as user/quell-responder";
    assert!(seen.starts_with(&format!("{does}ssm:StartAutomationExecution {{")), "{seen}");
    rig.sees_not("this machine");
    // As whom it is done is the role that it is done through.
    let rig = approval(4, |plan| plan.target.through = Some(through(None, None)));
    assert!(inside(&rig).contains("eu-west-1, as role/Responderssm:"), "{}", inside(&rig));
}

/// What takes many lines hides nothing that it comes to: its calls stand first, its words behind what it breaks.
#[test]
fn what_is_sent_at_length_stands_below_what_it_comes_to() {
    let rig = approval(4, |plan| {
        let mut long = plan.requests[0].clone();
        long.input = serde_json::json!({ "Text": "x".repeat(200) });
        let last = PlannedRequest { operation: "TagResource".into(), ..long.clone() };
        plan.requests = vec![long.clone(), long, last];
    });
    let mut rig = rig;
    rig.resize(140, 60);
    let screen = rig.screen();
    let at = |words: &str| {
        screen.lines().position(|line| line.contains(words)).unwrap_or_else(|| panic!("{words}\n{screen}"))
    };
    let order = [
        "calls     ssm:StartAutomationExecution x2, ssm:TagResource",
        "target    i-0abc12d34e5f67890",
        "BREAKS ",
        "undo ",
        "NOTE ",
        "sends     ssm:StartAutomationExecution {\"Text\"",
        "sends     ssm:TagResource {",
        "found ",
    ];
    assert!(order.map(at).is_sorted(), "{screen}");
}

/// The simulated account takes a message to outside itself: nobody is told, and nobody is said to be.
#[test]
fn what_is_sent_from_here_says_whether_it_leaves() {
    let post = |plan: &mut Plan| {
        program(plan);
        plan.requests[0].operation = "post".into();
    };
    let seen = inside(&approval(4, post));
    assert!(seen.starts_with("Take the memory: nothing leaves this machine: the simulated"), "{seen}");
}

fn many(plan: &mut Plan) {
    plan.warnings = (1..=40).map(|n| format!("mind the {n}th thing").into()).collect();
}

#[test]
fn the_words_of_a_program_stand_first_and_whole() {
    let mut rig = approval(4, program);
    let seen = inside(&rig);
    let argv = r#"{"argv":["/opt/ir/bin/snapshot-memory","--instance","i-0abc12d34e5f67890","--out","#;
    let rest = r#""s3://case-0042-evidence/memory","--kms-key","alias/case-0042","--wipe-after"]"#;
    let does =
        "Take the memory: it really runs ON THIS MACHINE, as your ownuser; only the account is simulated, this is not";
    assert!(seen.starts_with(&format!("{does}local:exec {argv}{rest}")), "{seen}");
    // Nobody can say that it destroys nothing.
    rig.sees("DESTROYS  not known: whatever the command does");
    rig.sees_not("destroys  nothing");
    rig.sees("target    /opt/ir/bin/snapshot-memory");
    rig.sees("as        arn:aws:iam::444455556666:user/quell-responder");
    let screen = rig.screen();
    let at = |word: &str| screen.find(word).unwrap_or_else(|| panic!("{word} is not in\n{screen}"));
    // A word of it is not torn apart where a line ends.
    rig.sees("\"i-0abc12d34e5f67890\",");
    let order = ["does   ", "sends  ", "target ", "where ", "as    ", "DESTROYS"].map(at);
    assert!(order.is_sorted(), "{order:?}");
    rig.resize(140, 40);
    let screen = rig.screen();
    let order = ["sends  ", "as    ", "DESTROYS", "undo   ", "NOTE   ", "found  "].map(|w| screen.find(w).unwrap());
    assert!(order.is_sorted(), "{order:?}");
}

#[test]
fn nothing_is_approved_before_its_end_was_on_screen() {
    for (row, gesture) in [(4, "7890"), (5, "AKIAIOSFODNN7EXAMPLE")] {
        let mut rig = approval(row, many);
        rig.sees("more lines below: PgDn or Down first");
        rig.type_in(gesture);
        rig.sees("approve (read to the end first)");
        rig.burst("Enter Enter");
        rig.sees("nothing was sent: more below, PgDn or Down first");
        assert_eq!((rig.count("action.approved"), rig.count("action.cancelled")), (0, 0));
        // A window that shows all of it has nothing below.
        rig.resize(100, 80);
        rig.sees_not("nothing was sent");
        rig.resize(80, 24);
        rig.wait(400);
        rig.burst("Enter");
        rig.sees("nothing was sent: more below, PgDn or Down first");
        // A line before the end is not the end.
        while !rig.screen().contains("1 more line below") {
            rig.burst("Down");
            rig.sees_not("nothing was sent");
        }
        rig.burst("Enter");
        assert_eq!(rig.count("action.approved"), 0);
        rig.burst("Down");
        rig.sees("[ Approve ] Enter sends it");
        // What has been read may be looked at again.
        rig.burst("PgUp PgUp Enter");
        assert_eq!((rig.count("action.approved"), rig.count("action.started")), (1, 1));
        rig.settle();
        rig.end(succeeded());
    }
}

#[test]
fn giving_up_needs_no_reading() {
    for keys in ["Enter", "7 8 9 Enter", "Esc", "7 8 9 0 C-c"] {
        let mut rig = approval(4, many);
        rig.keys(keys);
        assert_eq!((rig.count("action.cancelled"), rig.count("action.approved")), (1, 0), "{keys}");
    }
}

#[test]
fn what_can_be_undone_and_disturbs_nothing_is_approved_as_it_stands() {
    let mut rig = approval(3, many);
    rig.sees("more lines below, 0 above: Down and Up read them");
    rig.burst("y Enter");
    assert_eq!(rig.count("action.approved"), 1);
}

#[test]
fn a_page_leaves_out_no_line_in_any_window() {
    for (width, height) in [(60, 15), (80, 24), (140, 40)] {
        let mut rig = approval(4, many);
        rig.resize(width, height);
        rig.wait(400);
        rig.type_in("7890");
        let mut seen = String::new();
        for _ in 0..60 {
            seen += &inside(&rig);
            rig.burst("PgDn");
        }
        for n in 1..=40 {
            assert!(seen.contains(&format!("mind the {n}th thing")), "{n} at {width}x{height}");
        }
        rig.burst("Enter");
        assert_eq!(rig.count("action.approved"), 1);
    }
}

#[test]
fn a_plan_that_is_broken_anew_begins_at_its_first_line() {
    let mut rig = approval(4, |plan| {
        many(plan);
        plan.warnings.extend((0..40).map(|_| "two words that are longer ".repeat(6).as_str().into()));
    });
    rig.resize(60, 24);
    rig.wait(400);
    rig.burst("PgDn PgDn PgDn");
    rig.sees_not("sends     ssm:");
    rig.resize(100, 24);
    rig.sees("sends     ssm:");
    rig.wait(400);
    rig.type_in("7890");
    rig.burst("Enter");
    assert_eq!(rig.count("action.approved"), 0);
}

#[test]
fn a_short_token_is_asked_for_by_itself() {
    for (token, asked) in
        [("ls", "Type ls: []"), ("dig4", "Type dig4: []"), ("strip", "Type the last four characters of strip: []")]
    {
        approval(4, |plan| plan.confirm = token.into()).sees(asked);
    }
}

/// A session of a role, limited to one call.
fn through(source: Option<&str>, policy: Option<serde_json::Value>) -> Through {
    Through {
        role: "arn:aws:iam::444455556666:role/Responder".into(),
        session: "quell-abcdef".into(),
        source: source.map(Into::into),
        policy,
    }
}

#[test]
fn an_approval_says_as_whom_and_what_that_one_may_do() {
    let sealed = json!({ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Action": "iam:UpdateAccessKey", "Resource": "arn:aws:iam::444455556666:user/x" },
    ] });
    let rig = approval(4, |plan| plan.target.through = Some(through(Some("jo"), Some(sealed))));
    let said = inside(&rig);
    let role = "arn:aws:iam::444455556666:role/Responder, session quell-abcdef,source identity jo";
    assert!(said.contains(role), "{said}");
    rig.sees("SEALED    iam:UpdateAccessKey on arn:aws:iam::444455556666:user/x");
    let rig = approval(4, |plan| plan.target.through = Some(through(None, None)));
    assert!(inside(&rig).contains("no source identity"), "{}", inside(&rig));
    rig.sees("SEALED    no: the session may do all that the role may");
    let rig = approval(4, |_| {});
    rig.sees(", all its rights");
    rig.sees_not("SEALED");
    // A program of this machine has none of them.
    approval(4, program).sees_not("all its rights");
}

/// What lets in again what was kept out says so, though it breaks nothing.
#[test]
fn what_lifts_a_containment_says_so() {
    let restoring = |plan: &mut Plan| {
        plan.kind = Id::new("ec2-isolate").unwrap();
        plan.requests = vec![PlannedRequest {
            service: "ec2".into(),
            operation: "ModifyNetworkInterfaceAttribute".into(),
            input: json!({ "NetworkInterfaceId": "eni-0aaaaaaaaaaaaaaa1", "Groups": ["sg-0bbbbbbbbbbbbbbb1"] }),
        }];
    };
    let mut rig = approval(4, restoring);
    rig.resize(140, 40);
    rig.sees("LIFTS     the containment of i-0abc12d34e5f67890: what it kept out or in passes again");
    // One that isolates lifts nothing.
    let mut rig = approval(4, |plan| {
        restoring(plan);
        plan.facts.push(Fact::new("isolation group", "sg-0bbbbbbbbbbbbbbb1 (closed): no rules"));
    });
    rig.resize(140, 40);
    rig.sees_not("LIFTS");
}
