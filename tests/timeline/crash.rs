//! The states that a crash can leave, walked: of seeded sessions with and without a fault, after each call that the
//! log makes of its disk, all that the disk might have kept. In each of them what was acknowledged must be there.
//! Then the same walk over a program that leaves something out must find what is lost.

use super::model::{EIO, ENOSPC, FaultDisk, How, Left};
use super::shadow::Crashed;
use super::*;
use crate::chance::Chance;
use crate::figures::figure;
use quell::timeline::{Evidence, NotSaved, Saved};
use quell_core::incident::{ActionStarted, EvidenceAdded, WriterId};
use quell_core::record::{Hash, Recovery, SegmentBytes, WriterFiles, recover_session};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hasher};

/// QUELL_CRASH_SEEDS asks for another number of sessions.
const SEEDS: u64 = 1000;
/// What must be walked at least, of different bytes or after a different call or fault.
const STATES: usize = 100_000;

/// What has been promised so far.
#[derive(Clone, Default)]
struct Promised {
    /// Acknowledged records: their names and what they say.
    saved: Vec<(Link, String)>,
    /// What was ever given to the log under a name.
    sent: HashMap<Link, BTreeSet<String>>,
    /// Actions that were let through: the names of their started records.
    acted: Vec<Link>,
}

fn says(event: &Event) -> String {
    match event {
        Event::NoteAdded(d) => d.text.line().into_string(),
        Event::EvidenceAdded(d) => d.blob.clone(),
        Event::ActionStarted(d) => d.token.clone(),
        Event::SegOpen(_) => "seg.open".into(),
        other => other.kind().unwrap_or_default().into(),
    }
}

/// One session being written, and looked at after each call.
struct Walk<'a> {
    seed: u64,
    promised: Promised,
    disk: FaultDisk,
    /// A permit is used before the log has answered.
    early: bool,
    seen: &'a mut Seen,
    calls: usize,
}

/// The states so far, and what is wrong with them.
#[derive(Default)]
struct Seen {
    /// By the bytes alone, and with the call after which the crash came.
    bytes: HashSet<u64>,
    states: HashSet<u64>,
    wrong: Vec<String>,
}

impl Walk<'_> {
    /// Looks at all that a crash could have left at each call since the last look.
    fn look(&mut self) {
        let shots = std::mem::take(&mut self.disk.plan.lock().unwrap().shots);
        for crashes in shots {
            self.calls += 1;
            for state in crashes {
                let bytes = hash(&state);
                if self.seen.states.insert(hash(&(self.seed, self.calls, bytes))) {
                    self.seen.bytes.insert(bytes);
                    let wrong = wrong(&state, &self.promised);
                    let site = |wrong| format!("seed {} call {}: {wrong}", self.seed, self.calls);
                    self.seen.wrong.extend(wrong.map(site));
                }
            }
        }
    }

    fn promises(&mut self, mut saved: Saved) {
        let own = saved.entries().iter().map(|e| (e.link.clone(), says(&e.event)));
        self.promised.saved.extend(own);
        let started = |e: &&Entry| matches!(e.event, Event::ActionStarted(_));
        let names: Vec<Link> = saved.entries().iter().filter(started).map(|e| e.link.clone()).collect();
        // One permit for each start that is on disk, and none beside.
        assert_eq!(saved.permits().len(), names.len());
        self.promised.acted.extend(names);
    }

    fn sends(&mut self, entries: &[Entry]) {
        for entry in entries {
            self.promised.sent.entry(entry.link.clone()).or_default().insert(says(&entry.event));
            if self.early && matches!(entry.event, Event::ActionStarted(_)) {
                self.promised.acted.push(entry.link.clone());
            }
        }
    }
}

fn hash(value: &impl std::hash::Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn recovered(state: &Crashed) -> Recovery {
    type Files<'a> = (BTreeMap<u32, &'a [u8]>, Option<&'a [u8]>);
    let mut writers: BTreeMap<WriterId, Files<'_>> = BTreeMap::new();
    for (name, bytes) in state {
        let Some(name) = name.strip_prefix("log/") else { continue };
        let Some((writer, rest)) = name.split_once('.') else { continue };
        let one = writers.entry(quell_core::text::Id::new(writer).unwrap()).or_default();
        match rest.strip_suffix(".ndjson") {
            Some(number) => drop(one.0.insert(number.parse().unwrap(), bytes)),
            None if rest == "head" => one.1 = Some(bytes),
            None => {}
        }
    }
    let files: Vec<WriterFiles<'_>> = writers
        .into_iter()
        .map(|(writer, (segments, head))| WriterFiles {
            writer,
            segments: segments.into_iter().map(|(number, bytes)| SegmentBytes { number, bytes }).collect(),
            head,
        })
        .collect();
    recover_session(&files)
}

/// What a crash state breaks of what was promised.
fn wrong(state: &Crashed, promised: &Promised) -> Option<String> {
    let recovery = recovered(state);
    let found: HashMap<&Link, String> =
        recovery.records.iter().map(|r| (&r.entry.link, says(&r.entry.event))).collect();
    if !recovery.verdict().holds() {
        return Some(format!("{:?}", recovery.faults.first()));
    }
    for (link, said) in &promised.saved {
        if found.get(link) != Some(said) {
            return Some(format!("record {} was acknowledged and is {:?}", link.1, found.get(link)));
        }
    }
    if let Some(link) = promised.acted.iter().find(|link| !found.contains_key(link)) {
        return Some(format!("action of record {} was let through without its record", link.1));
    }
    for (link, said) in found {
        if said != "seg.open" && promised.sent.get(link).is_some_and(|sent| !sent.contains(&said)) {
            return Some(format!("record {} was never written", link.1));
        }
    }
    let mut named = recovery.records.iter().filter_map(|r| match &r.entry.event {
        Event::EvidenceAdded(d) => Some(&d.blob),
        _ => None,
    });
    let lost = |blob: &&String| {
        let bytes = state.get(&format!("evidence/{blob}"));
        bytes.is_none_or(|bytes| Hash::of(bytes).to_string() != **blob)
    };
    named.find(lost).map(|_| "a record names evidence that is not there".to_owned())
}

/// One batch of events, and the bytes that they name.
fn batch(pen: &mut Pen, chance: &mut Chance) -> (Vec<Entry>, Vec<Vec<u8>>) {
    let mut blobs = Vec::new();
    let entries = (0..=chance.next(3)).map(|_| match chance.next(6) {
        0 => {
            let bytes = format!("{}", chance.next(1 << 30)).repeat(1 + chance.next(90) as usize).into_bytes();
            let blob = Hash::of(&bytes).to_string();
            let size = bytes.len() as u64;
            blobs.push(bytes);
            pen.event(EvidenceAdded { blob, name: "a".into(), size, how: "file".into(), step: None, run: None })
        }
        1 => {
            let action = Link(pen.link.0.clone(), 1);
            let token = format!("token {}", chance.next(1 << 30));
            pen.event(ActionStarted { action, plan_hash: "00".into(), token })
        }
        _ => {
            let length = [20, 200, 1500][chance.next(3) as usize];
            let text = format!("{} {}", chance.next(1 << 30), "x".repeat(1 + chance.next(length) as usize));
            pen.note(&text)
        }
    });
    (entries.collect(), blobs)
}

/// Writes a session of that seed to its end, through a fault where there is one, and looks after each call.
fn walk(seed: u64, left: Left, early: bool, seen: &mut Seen) {
    let mut chance = Chance(seed);
    let state = state();
    let session = state.begun();
    let fault = (chance.next(3) > 0).then(|| {
        let hows = [How::Fail(EIO), How::Fail(ENOSPC), How::FailLate(EIO), How::Short(300), How::Lie(100)];
        (chance.next(40) as usize, hows[chance.next(5) as usize])
    });
    let disk = FaultDisk::shadowed(session.path(), left, fault);
    let mut walk = Walk { seed, promised: Promised::default(), disk: disk.clone(), early, seen, calls: 0 };
    let evidence = Evidence::of(&session);
    let mut left = 3 + chance.next(6);
    'attached: while left > 0 {
        let attached = session.attach_on(Box::new(disk.clone()), &who("alice"), &state.runtime);
        let Ok(attached) = attached else { continue };
        let (mut pen, mut log) = (Pen::of(&attached), attached.log);
        walk.look();
        while left > 0 {
            let (entries, blobs) = batch(&mut pen, &mut chance);
            walk.sends(&entries);
            if blobs.iter().any(|blob| log.put(&evidence, blob).is_err()) {
                let back = entries.first().unwrap();
                pen.back(back.link.1, back.l - 1);
                walk.look();
                continue;
            }
            match log.commit(entries) {
                Ok(saved) => {
                    // What is promised counts only from here on: the calls before were made without it.
                    walk.look();
                    left -= 1;
                    walk.promises(saved);
                }
                Err(NotSaved { next_n, last_l, .. }) => {
                    walk.look();
                    pen.back(next_n, last_l);
                }
            }
            disk.snap();
            walk.look();
            // Now and then the console ends, well or badly, and another goes on.
            if chance.next(5) == 0 {
                if chance.next(2) == 0 {
                    let _ = log.close();
                }
                walk.look();
                continue 'attached;
            }
        }
        let _ = log.close();
        walk.look();
    }
    if seed.is_multiple_of(10) {
        assert!(session.read().unwrap().verdict().holds(), "seed {seed}");
    }
}

fn seeds() -> u64 {
    std::env::var("QUELL_CRASH_SEEDS").ok().and_then(|n| n.parse().ok()).unwrap_or(SEEDS)
}

#[test]
fn no_crash_loses_what_was_acknowledged() {
    let lanes = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let lane = |first: u64| {
        let mut seen = Seen::default();
        for seed in (first..=seeds()).step_by(lanes as usize) {
            walk(seed, Left::default(), false, &mut seen);
            assert_eq!(seen.wrong, [""; 0]);
        }
        seen
    };
    let mut seen = Seen::default();
    std::thread::scope(|scope| {
        let lanes: Vec<_> = (1..=lanes).map(|first| scope.spawn(move || lane(first))).collect();
        for lane in lanes {
            let one = lane.join().unwrap();
            seen.states.extend(one.states);
            seen.bytes.extend(one.bytes);
        }
    });
    let (states, bytes) = (seen.states.len(), seen.bytes.len());
    let found = format!("{states} crash states walked, of {bytes} different contents, in {} sessions", seeds());
    figure("states", &format!("{found}; 0 lose what was acknowledged; seeds 1 to {}", seeds()));
    assert!(seeds() < SEEDS || states >= STATES, "{states} states are too few");
}

/// What the walk says of a program that leaves something out.
fn caught(left: Left, early: bool) -> String {
    let mut seen = Seen::default();
    for seed in 1..=60 {
        walk(seed, left, early, &mut seen);
        if let Some(wrong) = seen.wrong.first() {
            return wrong.clone();
        }
    }
    panic!("{left:?} early {early} was not noticed in {} states", seen.states.len());
}

#[test]
fn the_walk_catches_what_is_left_out() {
    let without_sync = caught(Left { sync: true, ..Left::default() }, false);
    assert!(without_sync.contains("was acknowledged and is None"), "{without_sync}");
    let without_folder = caught(Left { folder: true, ..Left::default() }, false);
    assert!(without_folder.contains("was acknowledged and is None"), "{without_folder}");
    let without_blob = caught(Left { blob: true, ..Left::default() }, false);
    assert!(without_blob.contains("names evidence that is not there"), "{without_blob}");
    let early = caught(Left::default(), true);
    assert!(early.contains("was let through without its record"), "{early}");
    figure("states, caught", "seeded mutants: 4 of 4 (no sync, no folder sync, no sync of evidence, an early permit)");
}
