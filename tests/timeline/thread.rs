use super::model::{EIO, FaultDisk, How};
use super::*;
use quell::timeline::disk::{Disk, LocalDisk, SegmentFile};
use quell::timeline::{Evidence, LogThread, Reply};
use std::io::{self, Write};
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A disk whose syncs of segments wait until the test lets them through, each with an error or without.
pub struct Gate {
    entered: Sender<()>,
    open: Arc<Mutex<Receiver<io::Result<()>>>>,
}

impl Gate {
    /// A gate, whose syncs say on `entered` that they wait.
    pub fn new(entered: Sender<()>, open: Receiver<io::Result<()>>) -> Self {
        Self { entered, open: Arc::new(Mutex::new(open)) }
    }
}

impl Disk for Gate {
    fn create(&mut self, path: &Path) -> io::Result<Box<dyn SegmentFile>> {
        let file = LocalDisk.create(path)?;
        if path.extension().is_none_or(|end| end != "ndjson") {
            return Ok(file);
        }
        Ok(Box::new(GateFile { file, entered: self.entered.clone(), open: self.open.clone() }))
    }

    fn sync(&mut self, path: &Path) -> io::Result<()> {
        LocalDisk.sync(path)
    }

    fn rename(&mut self, from: &Path, to: &Path) -> io::Result<()> {
        LocalDisk.rename(from, to)
    }

    fn reserve(&mut self, path: &Path, bytes: u64) -> io::Result<()> {
        LocalDisk.reserve(path, bytes)
    }

    fn remove(&mut self, path: &Path) -> io::Result<()> {
        LocalDisk.remove(path)
    }
}

struct GateFile {
    file: Box<dyn SegmentFile>,
    entered: Sender<()>,
    open: Arc<Mutex<Receiver<io::Result<()>>>>,
}

impl Write for GateFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl SegmentFile for GateFile {
    fn sync(&mut self) -> io::Result<()> {
        self.entered.send(()).unwrap();
        self.open.lock().unwrap().recv().unwrap()?;
        self.file.sync()
    }

    fn size(&self) -> io::Result<u64> {
        self.file.size()
    }
}

struct Gated {
    attached: Attached,
    session: SessionDir,
    entered: Receiver<()>,
    open: Sender<io::Result<()>>,
    state: State,
}

fn gated() -> Gated {
    let state = state();
    let session = state.begun();
    let ((entered, at_gate), (open, gate)) = (channel(), channel());
    open.send(Ok(())).unwrap();
    let disk = Gate { entered, open: Arc::new(Mutex::new(gate)) };
    let attached = session.attach_on(Box::new(disk), &who("alice"), &state.runtime).unwrap();
    within(&at_gate);
    Gated { attached, session, entered: at_gate, open, state }
}

/// What comes through; a test that waits in vain fails and does not hang.
fn within<T>(from: &Receiver<T>) -> T {
    from.recv_timeout(Duration::from_secs(20)).unwrap()
}

fn saved(reply: Reply) -> Vec<String> {
    match reply {
        Reply::Saved(saved) => notes(saved.entries()),
        Reply::NotSaved(no) => panic!("not saved: {}", no.problem),
    }
}

#[test]
fn batches_that_wait_are_written_together() {
    let Gated { attached, session, entered, open, state } = gated();
    let mut pen = Pen::of(&attached);
    let (answer, answers) = channel();
    let log = LogThread::start(attached.log, Evidence::of(&session), &state.runtime, move |reply| {
        answer.send(reply).unwrap()
    })
    .unwrap();
    log.send(vec![pen.note("one")]).unwrap();
    within(&entered);
    // The disk stalls; sending goes on.
    for text in ["two", "three", "four"] {
        log.send(vec![pen.note(text)]).unwrap();
    }
    assert!(answers.try_recv().is_err());
    open.send(Ok(())).unwrap();
    assert_eq!(saved(within(&answers)), ["one"]);
    within(&entered);
    open.send(Ok(())).unwrap();
    assert_eq!(saved(within(&answers)), ["two", "three", "four"]);
    log.close().unwrap();
    assert_eq!(recorded(&session.read().unwrap().recovery.records), ["one", "two", "three", "four"]);
}

#[test]
fn nothing_is_written_after_a_hole() {
    let Gated { attached, session, entered, open, state } = gated();
    let mut pen = Pen::of(&attached);
    let (answer, answers) = channel();
    let log = LogThread::start(attached.log, Evidence::of(&session), &state.runtime, move |reply| {
        answer.send(reply).unwrap()
    })
    .unwrap();
    log.send(vec![pen.note("lost")]).unwrap();
    within(&entered);
    // This one was numbered before anybody knew, and its number is the very one that comes next.
    log.send(vec![pen.note("built on it")]).unwrap();
    open.send(Err(io::Error::from_raw_os_error(EIO))).unwrap();
    let Reply::NotSaved(no) = within(&answers) else { panic!("not saved") };
    assert_eq!(no.next_n, pen.link.1);
    log.send(vec![pen.note("still not heard")]).unwrap();
    log.heard(&no);
    pen.back(no.next_n, no.last_l);
    log.send(vec![pen.note("again")]).unwrap();
    open.send(Ok(())).unwrap();
    assert_eq!(saved(within(&answers)), ["again"]);
    log.close().unwrap();
    assert!(answers.try_recv().is_err());
    let timeline = session.read().unwrap();
    assert_eq!(recorded(&timeline.recovery.records), ["again"]);
    assert_eq!(timeline.verdict().as_str(), "ok-unsigned");
}

#[test]
fn a_refused_batch_does_not_take_the_one_before_with_it() {
    let Gated { attached, session, entered, open, state } = gated();
    let mut pen = Pen::of(&attached);
    let (answer, answers) = channel();
    let log = LogThread::start(attached.log, Evidence::of(&session), &state.runtime, move |reply| {
        answer.send(reply).unwrap()
    })
    .unwrap();
    log.send(vec![pen.note("one")]).unwrap();
    within(&entered);
    log.send(vec![pen.note("two")]).unwrap();
    log.send(vec![pen.note(&"x".repeat(70_000))]).unwrap();
    log.send(vec![pen.note("four")]).unwrap();
    open.send(Ok(())).unwrap();
    open.send(Ok(())).unwrap();
    assert_eq!(saved(within(&answers)), ["one"]);
    assert_eq!(saved(within(&answers)), ["two"]);
    let Reply::NotSaved(no) = within(&answers) else { panic!("not saved") };
    assert_eq!((no.next_n, no.last_l), (3, 5));
    log.close().unwrap();
    assert!(answers.try_recv().is_err());
    assert_eq!(recorded(&session.read().unwrap().recovery.records), ["one", "two"]);
}

#[test]
fn closing_writes_what_is_queued_and_the_head() {
    let state = state();
    let session = state.session();
    let (mut pen, attached) = state.attach(&session);
    let head = session.path().join(format!("log/{}.head", attached.log.writer()));
    let log = LogThread::start(attached.log, Evidence::of(&session), &state.runtime, |_| {}).unwrap();
    for i in 0..100 {
        log.send(vec![pen.note(&i.to_string())]).unwrap();
    }
    log.close().unwrap();
    assert!(std::fs::read_to_string(head).unwrap().contains("\"n\":100,"));
    assert_eq!(session.read().unwrap().recovery.records.len(), 101);
}

#[test]
fn the_head_is_kept_every_64_records() {
    let state = state();
    let session = state.session();
    let disk = FaultDisk::failing(usize::MAX, How::Fail(EIO));
    let attached = session.attach_on(Box::new(disk.clone()), &who("alice"), &state.runtime).unwrap();
    let mut pen = Pen::of(&attached);
    let (answer, answers) = channel();
    let log = LogThread::start(attached.log, Evidence::of(&session), &state.runtime, move |reply| {
        answer.send(reply).unwrap()
    })
    .unwrap();
    for i in 0..64 {
        log.send(vec![pen.note(&i.to_string())]).unwrap();
        saved(within(&answers));
    }
    log.close().unwrap();
    let heads = disk.plan.lock().unwrap().calls.iter().filter(|call| **call == "rename").count();
    // At the 64th record (the first was the seg.open), and for the last one on close.
    assert_eq!(heads, 2);
}

#[test]
fn evidence_is_stored_before_the_record_that_names_it_or_neither_is() {
    let state = state();
    let session = state.session();
    let (mut pen, attached) = state.attach(&session);
    let (answer, answers) = channel();
    let (evidence, log) = (Evidence::of(&session), attached.log);
    let log = LogThread::start(log, evidence.clone(), &state.runtime, move |reply| answer.send(reply).unwrap());
    let log = log.unwrap();
    log.send_with(vec![b"abc".to_vec()], vec![pen.note("with evidence")]).unwrap();
    assert_eq!(saved(within(&answers)), ["with evidence"]);
    let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(evidence.get(abc).unwrap(), b"abc");
    std::fs::remove_dir_all(session.path().join("evidence")).unwrap();
    std::fs::write(session.path().join("evidence"), "in the way").unwrap();
    log.send_with(vec![b"abd".to_vec()], vec![pen.note("without")]).unwrap();
    let Reply::NotSaved(no) = within(&answers) else { panic!("not saved") };
    assert_eq!(no.problem.what, "not a folder");
    log.close().unwrap();
    assert_eq!(recorded(&session.read().unwrap().recovery.records), ["with evidence"]);
}
