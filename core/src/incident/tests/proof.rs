//! A step that asks for evidence is not done without it.

use super::*;

fn asking(row: usize, what: &str) -> Pen {
    let mut book = book();
    book.outline[row].evidence = Some(what.into());
    Pen::with(book)
}

fn tick(row: usize) -> Intent {
    Intent::Tick { step: step(row), note: None }
}

fn added(step: Option<StepRef>) -> EvidenceAdded {
    let blob = "ab".repeat(32);
    EvidenceAdded { blob, name: "mem.lime".into(), size: 9, how: "file".into(), step, run: None }
}

#[test]
fn it_is_not_ticked_until_something_is_attached_to_it() {
    let mut pen = asking(0, "memory image");
    let refused = Err(Refusal::EvidenceRequired("memory image".into()));
    assert_eq!(pen.act(tick(0)), refused);
    assert_eq!(pen.incident().lacks_evidence(&step(0)), Some(&"memory image".into()));
    // What belongs to no step, or to another one, is not what it asks for.
    pen.write(added(None).into());
    pen.write(added(Some(step(1))).into());
    assert_eq!(pen.act(tick(0)), refused);
    pen.write(added(Some(step(0))).into());
    assert_eq!(pen.incident().lacks_evidence(&step(0)), None);
    pen.act(tick(0)).unwrap();
    assert_eq!(pen.mark(0), Mark::Done);
    // A second time is said so, whatever is attached.
    assert_eq!(pen.act(tick(0)), Err(Refusal::StepStands("done")));
}

#[test]
fn it_can_be_skipped_and_asks_in_words_for_what_is_missing() {
    let mut pen = asking(0, "memory image");
    let words = pen.act(tick(0)).unwrap_err().to_string();
    let said = "this step asks for evidence: memory image; e attaches a file, x skips the step with a reason";
    assert_eq!(words, said);
    pen.act(Intent::Skip { step: step(0), why: "it is switched off".into() }).unwrap();
    assert_eq!(pen.mark(0), Mark::Skipped);
}

#[test]
fn a_decision_asks_for_it_too() {
    let mut pen = asking(2, "screenshot");
    let choose = || Intent::Choose { step: step(2), choice: "yes".into(), why: none(), to: None };
    assert_eq!(pen.act(choose()), Err(Refusal::EvidenceRequired("screenshot".into())));
    pen.write(added(Some(step(2))).into());
    pen.act(choose()).unwrap();
    assert_eq!(pen.act(choose()), Err(Refusal::StepStands("decided")));
}

#[test]
fn what_was_attached_under_an_earlier_text_of_the_runbook_counts() {
    let mut pen = asking(0, "memory image");
    pen.write(added(Some(step(0))).into());
    let asks = || {
        let mut book = book();
        book.outline[0].evidence = Some("memory image".into());
        book
    };
    let again = pen.write(asks().into());
    let newer = StepRef { rb: again.clone(), ..step(0) };
    assert_eq!(pen.incident().lacks_evidence(&newer), None);
    // Another runbook's step of the same name is another step.
    let other = RunbookOpened { id: Id::new("other").unwrap(), ..asks() };
    let other = StepRef { rb: pen.write(other.into()), ..step(0) };
    assert_eq!(pen.incident().lacks_evidence(&other), Some(&"memory image".into()));
}

#[test]
fn an_older_log_asks_for_none() {
    let line = serde_json::to_string(&book().outline[0]).unwrap();
    assert!(!line.contains("evidence"));
    let read: OutlineStep = serde_json::from_str(&line).unwrap();
    assert_eq!(read.evidence, None);
}
