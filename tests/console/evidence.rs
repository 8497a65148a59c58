//! Evidence of a past session is read in its review; its report says what was done and undone.

use super::rig::{Rig, succeeded};
use super::snapshots::load;
use super::thread::running_at;
use quell::console::core::effect::Reads;
use quell::console::core::input::{Blob, Input};
use quell_core::incident::EntryMasked;
use quell_core::text::secret::Secrets;

/// A closed session with two pieces of evidence, under review.
pub fn past() -> Rig {
    let mut rig = Rig::opened();
    let session = rig.model.session.as_ref().unwrap().id.clone();
    for (name, bytes) in [("/tmp/ps.txt", b"xmrig".to_vec()), ("/tmp/ss.txt", b"198.51.100.7:3333".to_vec())] {
        let (session, name) = (session.clone(), name.into());
        rig.feed(Input::File { session, step: None, name, result: Ok(Blob::of(bytes)) });
        rig.wait(1000);
    }
    rig.save();
    load(&mut rig, true);
    // What is reviewed is not what is worked on.
    rig.model.session = None;
    rig
}

#[test]
fn a_review_reads_the_evidence_of_its_session() {
    let mut rig = past();
    rig.keys("o");
    rig.sees("EVIDENCE to read");
    rig.sees("14:07:02 /tmp/ss.txt (17 bytes)");
    rig.keys("j Enter");
    match &rig.reads[..] {
        [Reads::ReadEvidence { session, blob, name }] => {
            assert_eq!(session, "20251121T140701Z-test-aaaaaa");
            // SHA-256 of "xmrig".
            assert_eq!(blob, "77862efd76591a786f99d400c0f97633e2bfb2bbd18b09dd6bf33ebe49f40f07");
            assert_eq!(name, "14:07:01 /tmp/ps.txt (5 bytes)");
        }
        other => panic!("{other:?}"),
    }
    rig.feed(Input::Evidence {
        session: String::new(),
        name: "/tmp/ps.txt".into(),
        blob: String::new(),
        bytes: b"xmrig".to_vec(),
    });
    rig.sees("EVIDENCE /tmp/ps.txt");
    rig.keys("q");
    rig.sees("REVIEW");
}

#[test]
fn a_review_knows_the_evidence_that_there_was_at_its_record() {
    let mut rig = past();
    rig.keys("h o");
    rig.sees("> 1 14:07:01 /tmp/ps.txt (5 bytes)");
    rig.sees_not("2 14:07");
    rig.keys("Esc g g o");
    rig.sees("there was no evidence at this record");
}

#[test]
fn a_line_of_evidence_that_is_copied_is_recorded() {
    let mut rig = Rig::opened();
    let session = rig.model.session.as_ref().unwrap().id.clone();
    let (name, blob) = ("ps.txt".into(), Blob::of(b"one\nxmrig\n".to_vec()));
    let sha256 = blob.sha256.clone();
    rig.feed(Input::File { session: session.clone(), step: None, name, result: Ok(blob) });
    rig.save();
    rig.feed(shown(&session, &sha256));
    rig.keys("y y");
    assert!(rig.reads.iter().any(|read| matches!(read, Reads::Copy(line) if line == "one")));
    rig.save();
    let custody = &rig.model.saved().unwrap().evidence[0].custody;
    let copied = custody.last().unwrap();
    let (to, why) = (Some("the clipboard".into()), "line 1 as shown".into());
    assert_eq!((copied.what.clone(), &copied.to, &copied.why), ("copied".into(), &to, &why));
    // A line says nothing of the whole.
    assert_eq!((custody.len(), &copied.after), (2, &None));
    // Of another text nothing is recorded.
    rig.keys("q ? y y");
    rig.save();
    assert_eq!(rig.model.saved().unwrap().evidence[0].custody.len(), 2);
}

/// A piece of a session as it comes from its disk.
fn shown(session: &str, blob: &str) -> Input {
    let bytes = b"one\nxmrig\n".to_vec();
    Input::Evidence { session: session.to_owned(), name: "ps.txt".into(), blob: blob.to_owned(), bytes }
}

#[test]
fn that_evidence_was_read_on_the_screen_is_recorded_at_each_look() {
    let mut rig = Rig::opened();
    let session = rig.model.session.as_ref().unwrap().id.clone();
    let (name, blob) = ("ps.txt".into(), Blob::of(b"one\nxmrig\n".to_vec()));
    let sha256 = blob.sha256.clone();
    rig.feed(Input::File { session: session.clone(), step: None, name, result: Ok(blob) });
    rig.save();
    rig.feed(shown(&session, &sha256));
    rig.keys("j k");
    rig.save();
    let custody = |rig: &Rig| rig.model.saved().unwrap().evidence[0].custody.clone();
    let [accessed] = custody(&rig).try_into().unwrap();
    assert_eq!((accessed.what, accessed.why), ("accessed".into(), "read on the screen".into()));
    assert_eq!((accessed.to, accessed.after), (None, Some(sha256.clone())));
    rig.keys("q");
    rig.feed(shown(&session, &sha256));
    rig.save();
    assert_eq!(custody(&rig).len(), 2);
    // The same bytes of another session, which is only read, are not this one's.
    rig.feed(shown("20251120T140701Z-other-bbbbbb", &sha256));
    rig.save();
    assert_eq!(custody(&rig).len(), 2);
}

#[test]
fn masked_evidence_is_named_and_not_read() {
    let mut rig = Rig::opened();
    let session = rig.model.session.as_ref().unwrap().id.clone();
    let (name, blob) = ("env.txt".into(), Blob::of(b"k=v".to_vec()));
    rig.feed(Input::File { session, step: None, name, result: Ok(blob) });
    rig.save();
    let record = rig.model.saved().unwrap().evidence[0].link.clone();
    let mask = EntryMasked { record, field: "content".into(), why: "keys".into() };
    let now = "2026-11-21T18:00:00Z".parse().unwrap();
    let entries = rig.model.session.as_mut().unwrap().emit(vec![mask.into()], now, &Default::default());
    rig.model.session.as_mut().unwrap().acknowledge(entries);
    rig.reads.clear();
    rig.keys("o");
    rig.sees("env.txt (3 bytes) [masked: keys]");
    rig.keys("Enter");
    rig.sees("this piece is masked");
    assert!(rig.reads.is_empty());
}

#[test]
fn a_file_is_attached_without_the_responders_credentials() {
    let key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    let mut rig = Rig::opened();
    let session = rig.model.session.as_ref().unwrap().id.clone();
    let blob = Blob::without(&Secrets::of([key.to_owned()]), format!("key {key}").into_bytes());
    assert_eq!(blob.bytes, b"key [withheld: a credential of the responder]");
    rig.feed(Input::File { session, step: None, name: "env.txt".into(), result: Ok(blob) });
    rig.save();
    rig.sees("attached without 1 credentials of yours that stood in it");
    let evidence = &rig.model.saved().unwrap().evidence[0];
    assert_eq!(evidence.how, "file attached by the responder; credentials of the responder withheld: 1".into());
}

/// The report of an incident with an action that was undone.
fn report() -> String {
    let mut rig = running_at(3);
    rig.end(succeeded());
    rig.settle();
    rig.wait(60_000);
    rig.model.incident.step = 3;
    rig.keys("u");
    rig.settle();
    rig.keys("y Enter");
    rig.settle();
    rig.end(succeeded());
    rig.settle();
    load(&mut rig, false);
    rig.model.text.report.as_ref().unwrap().1.clone()
}

#[test]
fn a_report_says_that_a_step_was_done_and_undone() {
    let text = report();
    let line = "  - `[ ]` `4` `Archive the finding`, done 2025-11-21 14:07:04Z by `alice`, \
                undone 2025-11-21 14:08:07Z by `alice`\n";
    assert!(text.contains(line), "{text}");
}

#[test]
fn a_report_counts_one_writer_as_one() {
    let text = report();
    assert!(text.contains(" records of 1 writer\n"), "{text}");
}
