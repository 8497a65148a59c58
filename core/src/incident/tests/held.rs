//! Whose an action under way is, and one that is found again after nobody could tell.

use super::*;

fn told(action: &Link, text: &str) -> Event {
    ActionProgress { action: action.clone(), text: text.into(), done: 0, of: 0 }.into()
}

fn adopted(action: &Link, from: char) -> Event {
    ActionAdopted { action: action.clone(), from: writer(from) }.into()
}

fn held(pen: &Pen, letter: char) -> Vec<&Link> {
    let by = writer(letter);
    let held: Vec<Link> = held_by(pen.incident(), &by).map(|a| a.link.clone()).collect();
    pen.incident().actions.keys().filter(|link| held.contains(link)).collect()
}

#[test]
fn what_is_taken_over_is_the_first_one_s_who_did() {
    let mut pen = Pen::new();
    let action = pen.start(3, "i-1");
    assert_eq!((held(&pen, 'a'), held(&pen, 'b')), (vec![&action], vec![]));
    let mut other = Pen::joined(&pen);
    other.write(adopted(&action, 'a'));
    assert_eq!((held(&other, 'a'), held(&other, 'b')), (vec![], vec![&action]));
    // Another has asked for it at the same time, and comes too late.
    other.letter = 'c';
    other.write(adopted(&action, 'a'));
    assert_eq!((held(&other, 'b'), held(&other, 'c')), (vec![&action], vec![]));
    other.write(adopted(&action, 'b'));
    assert_eq!((held(&other, 'b'), held(&other, 'c')), (vec![], vec![&action]));
    // What has ended is nobody's.
    other.end(&action, succeeded()).unwrap();
    assert_eq!(held(&other, 'c'), Vec::<&Link>::new());
    let holder = |pen: &Pen| pen.incident().actions[&action].holder.clone();
    other.write(adopted(&action, 'c'));
    other.letter = 'd';
    other.write(adopted(&action, 'c'));
    assert_eq!(holder(&other), Some(writer('c')));
}

#[test]
fn what_nobody_could_tell_is_under_way_again_once_it_is_followed() {
    let mut pen = Pen::new();
    let action = pen.start(3, "i-1");
    pen.end(&action, unknown()).unwrap();
    let mut other = Pen::joined(&pen);
    other.act(Intent::Progress { action: action.clone(), text: "goes on".into(), done: 1, of: 3 }).unwrap();
    assert_eq!((other.life(&action), other.mark(3)), (Life::Started, Mark::Running));
    let state = &other.incident().actions[&action];
    assert_eq!((&state.ended, &state.words, &state.holder), (&None, &None, &Some(writer('b'))));
    assert_eq!(state.progress, Some(("goes on".into(), 1, 3)));
    // It keeps who follows it, whoever else tells of it.
    other.letter = 'c';
    other.write(told(&action, "is there"));
    assert_eq!(held(&other, 'b'), vec![&action]);
    // Nobody may start the same while it runs, or close over it.
    let other_plan = Intent::Plan(Box::new(plan(Some(4), "i-1")));
    assert_eq!(other.act(other_plan), Err(Refusal::TargetBusy("i-1".into())));
    let close = Intent::Close { resolution: Resolution::Benign, summary: "w".into() };
    assert_eq!(other.act(close), Err(Refusal::ActionsRun(1)));
    // It may be lost again, and found again.
    other.end(&action, unknown()).unwrap();
    assert_eq!((other.life(&action), other.mark(3)), (Life::Unknown, Mark::Unknown));
    other.write(told(&action, "goes on"));
    assert_eq!(held(&other, 'c'), vec![&action]);
    other.end(&action, succeeded()).unwrap();
    assert_eq!((other.life(&action), other.mark(3)), (Life::Succeeded, Mark::Done));
    other.write(told(&action, "late"));
    assert_eq!((other.life(&action), other.mark(3)), (Life::Succeeded, Mark::Done));
}

#[test]
fn what_comes_back_has_ended_for_the_one_who_held_it() {
    let mut pen = Pen::new();
    let action = pen.start(3, "i-1");
    pen.end(&action, unknown()).unwrap();
    let mut other = Pen::joined(&pen);
    other.write(told(&action, "goes on"));
    let left = |letter| unfinished(other.incident(), &writer(letter)).len();
    assert_eq!((left('a'), left('b')), (0, 1));
}
