//! What the actions of a runbook lack stands before its first step.

use super::rig::Rig;
use super::thread::at_step;
use quell::action::{BlockNeeds, Need, Site, State};
use quell::console::core::effect::Reads;
use quell::console::core::input::Input;
use quell::problem::Problem;
use quell_core::incident::Link;

/// What the console asks when an incident is opened, and the incident.
fn asked(rig: &mut Rig) -> (String, Link) {
    assert_eq!(rig.ready.len(), 1);
    let Reads::Ready { session, book, runbook, sites, .. } = rig.ready.remove(0) else { panic!() };
    let [Site { account: Some(_), region }] = &sites[..] else { panic!("{sites:?}") };
    assert_eq!((runbook.id.as_str(), region.as_str()), ("test-compromise", "eu-west-1"));
    (session, book)
}

fn block(rig: &Rig, row: usize, line: usize, needs: &[(&str, State, &str)]) -> BlockNeeds {
    let outline = &rig.model.saved().unwrap().runbooks[0].outline[row];
    let need =
        |(name, state, why): &(&str, State, &str)| Need { name: (*name).into(), state: *state, why: (*why).into() };
    BlockNeeds {
        runbook: "test-compromise".into(),
        file: None,
        step: outline.id.as_str().to_owned(),
        number: outline.number.line().into_string(),
        line,
        kind: "ssm-automation".into(),
        title: outline.title.line().into_string(),
        account: "111122223333".into(),
        role: Some("arn:aws:iam::111122223333:role/Responder".into()),
        region: "eu-west-1".into(),
        needs: needs.iter().map(need).collect(),
    }
}

#[test]
fn what_is_missing_stands_before_the_first_step_and_at_each() {
    let mut rig = at_step(3);
    let (session, book) = asked(&mut rig);
    rig.sees_not("MISSING");
    let denied = "denied by OnCallGuardrail";
    let blocks = vec![
        block(&rig, 3, 40, &[("ssm:StartAutomationExecution", State::Missing, denied), ("document", State::Ok, "")]),
        block(
            &rig,
            4,
            50,
            &[("guardduty:ArchiveFindings", State::Ok, ""), ("var.group", State::Asked, "the console asks")],
        ),
    ];
    rig.feed(Input::Ready { session: session.clone(), book: book.clone(), result: Ok(blocks) });
    rig.sees("MISSING for 1 of 2 actions: :ready  0/7 done");
    rig.sees("MISSING, ACTION");
    rig.sees(" MISSING ssm:StartAutomationExecution: denied by OnCallGuardrail");
    rig.type_in(":ready");
    rig.keys("Enter");
    rig.sees("READY?*");
    rig.sees("  step 4, Archive the finding (ssm-automation, eu-west-1): MISSING");
    rig.sees("    in 111122223333, as arn:aws:iam::111122223333:role/Responder");
    rig.sees("    MISSING ssm:StartAutomationExecution: denied by OnCallGuardrail");
    rig.sees("(ssm-automation, eu-west-1): asks for a value");
    rig.keys("q j");
    rig.sees_not(" MISSING ssm:StartAutomationExecution");
    // What is not known is no alarm.
    let unknown = vec![block(&rig, 3, 40, &[("ssm:StartAutomationExecution", State::NotKnown, "IAM does not say")])];
    rig.feed(Input::Ready { session: session.clone(), book: book.clone(), result: Ok(unknown) });
    rig.keys("k");
    rig.sees("not known for 1 of 1 actions: :ready  0/7 done");
    rig.sees(" 1 of its needs are not known: :ready");
    // Nor is what a solution would bring: the step says that it is done by hand.
    let by_hand = vec![block(&rig, 3, 40, &[("document ASR-X", State::ByHand, "the solution is not deployed")])];
    rig.feed(Input::Ready { session: session.clone(), book: book.clone(), result: Ok(by_hand) });
    rig.sees(" by hand, document ASR-X: the solution is not deployed");
    rig.sees_not("MISSING");
    rig.sees_not("not known");
    rig.feed(Input::Ready { session, book, result: Err(Problem::input("sts:GetCallerIdentity was refused")) });
    rig.sees("not known what actions lack: :ready  0/7 done");
}

/// A role that nobody may take on is one thing that is missing, not one for each action.
#[test]
fn what_every_action_lacks_is_said_once() {
    let mut rig = at_step(3);
    let (session, book) = asked(&mut rig);
    let role = ("the role for account 111122223333", State::Missing, "it may not be taken on");
    let fine = ("role", State::Ok, "it is there");
    let one = block(&rig, 3, 40, &[fine, role]);
    let other = block(&rig, 4, 50, &[fine, role, ("document", State::Missing, "gone")]);
    rig.feed(Input::Ready { session: session.clone(), book: book.clone(), result: Ok(vec![one.clone()]) });
    rig.type_in(":ready");
    rig.keys("Enter");
    rig.sees_not("all 1 actions");
    rig.sees("MISSING the role for account");
    rig.keys("q");
    rig.feed(Input::Ready { session, book, result: Ok(vec![one, other]) });
    rig.type_in(":ready");
    rig.keys("Enter");
    rig.sees("all 2 actions:");
    let screen = rig.screen();
    assert_eq!(
        screen.matches("MISSING the role for account 111122223333: it may not be taken on").count(),
        1,
        "{screen}"
    );
    assert!(screen.contains("MISSING document: gone"), "{screen}");
    // What is there is said where it is wanted, as before.
    assert_eq!(screen.matches("role: it is there").count(), 2, "{screen}");
}

#[test]
fn an_answer_for_another_session_says_nothing_of_this_one() {
    let mut rig = at_step(3);
    let (_, book) = asked(&mut rig);
    let blocks = vec![block(&rig, 3, 40, &[("ssm:StartAutomationExecution", State::Missing, "denied")])];
    rig.feed(Input::Ready { session: "20260101T000000Z-other-aaaaaaaa".into(), book, result: Ok(blocks) });
    rig.sees_not("MISSING");
}
