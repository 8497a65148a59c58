//! The states that a crash can leave, walked: of seeded sessions with and without faults, after each call that the
//! log makes of its disk, all that the disk might have kept. In each of them what was acknowledged must be there.
//! Then the same walk over a program that leaves something out must find what is lost.

use super::model::{COMMON, FaultDisk, How, Without, errnos};
use super::promised::{Promised, Read, go_on, recovered};
use super::shadow::Crashed;
use super::stale::{holds_line_by_line, stale};
use super::*;
use crate::chance::Chance;
use crate::figures::figure;
use quell::timeline::{Draft, Evidence, Log, NotSaved};
use quell_core::incident::{ActionStarted, EvidenceAdded};
use quell_core::record::Hash;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hasher};
use std::rc::Rc;

/// QUELL_CRASH_SEEDS asks for another number of sessions.
const SEEDS: u64 = 1000;
/// What must be walked at least, of different bytes or after a different call or fault.
const STATES: usize = 100_000;
/// From so many sessions on, as `.ci/run` asks for, the different bytes alone must be as many.
const MANY: u64 = 3_000;
/// One state of so many is gone on from, and one of so many has stale bytes put into it.
const GO_ON: u64 = 64;
const STALE: u64 = 8;

/// One session being written, and looked at after each call.
struct Walk<'a> {
    seed: u64,
    promised: Promised,
    disk: FaultDisk,
    without: Without,
    state: &'a State,
    session: SessionDir,
    evidence: Evidence,
    /// A checkpoint was made.
    bound: bool,
    /// What was read of the logs' bytes.
    read: HashMap<u64, Rc<Read>>,
    seen: &'a mut Seen,
    calls: usize,
}

/// A console at work.
struct Console {
    pen: Pen,
    log: Log,
}

/// The states so far, and what is wrong with them.
#[derive(Default)]
struct Seen {
    /// By the bytes alone, and with the call after which the crash came.
    bytes: HashSet<u64>,
    states: HashSet<u64>,
    /// Bytes that were gone on from, and those that had stale ones put into them.
    gone_on: HashSet<u64>,
    stale: HashSet<u64>,
    wrong: Vec<String>,
}

impl Walk<'_> {
    /// Looks at all that a crash could have left at each call since the last look.
    fn look(&mut self) {
        let shots = std::mem::take(&mut self.disk.plan.lock().unwrap().shots);
        for crashes in shots {
            self.calls += 1;
            for state in crashes {
                // What nobody reads makes no other state.
                let bytes = hash(&read(&state, ""));
                if self.seen.states.insert(hash(&(self.seed, self.calls, bytes))) {
                    self.seen.bytes.insert(bytes);
                    let site = format!("seed {} call {}", self.seed, self.calls);
                    let wrong = self.wrong(&state, bytes).map(|wrong| format!("{site}: {wrong}"));
                    self.seen.wrong.extend(wrong);
                }
            }
        }
    }

    /// What is wrong with a state; and with what becomes of it.
    fn wrong(&mut self, state: &Crashed, bytes: u64) -> Option<String> {
        let read = self.read.entry(hash(&read(state, "log/"))).or_insert_with(|| Rc::new(Read::of(state))).clone();
        if let Some(broken) = self.promised.broken(state, &read) {
            return Some(broken);
        }
        if bytes.is_multiple_of(GO_ON) && self.seen.gone_on.insert(bytes) {
            return go_on(state, &self.promised, &self.session, &self.state.runtime);
        }
        if (bytes / GO_ON).is_multiple_of(STALE)
            && let Some((what, stale)) = stale(state, &read.recovery, &self.promised, bytes / GO_ON / STALE)
            && self.seen.stale.insert(bytes)
        {
            let holds = match self.without {
                Without::Chain => holds_line_by_line(&stale),
                _ => recovered(&stale).verdict().holds(),
            };
            return holds.then(|| format!("{what} was not noticed"));
        }
        None
    }

    /// One more console attaches, beside those that are at work.
    fn attach(&mut self, beside: &[Console]) -> Option<Console> {
        if self.without == Without::Lock {
            for console in beside {
                let lock = self.session.path().join(format!("log/{}.lock", console.log.writer()));
                // Two of them may have the same by now.
                let _ = std::fs::remove_file(lock);
            }
        }
        let disk = Box::new(self.disk.clone());
        let attached = self.session.attach_on(disk, &who("alice"), &self.state.runtime);
        self.look();
        attached.ok().map(|attached| Console { pen: Pen::of(&attached), log: attached.log })
    }

    /// A console writes something; says whether that was saved.
    fn step(&mut self, Console { pen, log }: &mut Console, chance: &mut Chance) -> bool {
        let (mut entries, blobs) = batch(pen, chance);
        let kept = blobs.iter().all(|blob| log.put(&self.evidence, blob).is_ok());
        if kept && !self.bound && chance.next(12) == 0 {
            let signature = (chance.next(2) == 0).then_some(b"a signature".as_slice());
            let draft = Draft::of(&self.session, log.writer(), &self.state.runtime);
            if let Ok(stored) = draft.and_then(|draft| log.checkpoint(&draft, signature)) {
                entries.push(pen.event(stored.made));
                self.bound = true;
            }
        }
        if !kept {
            let back = entries.first().unwrap();
            pen.back(back.link.1, back.l - 1);
            self.look();
            return false;
        }
        self.promised.sends(&entries, self.without == Without::Acknowledgement);
        let answer = log.commit(entries);
        // What is promised counts only from here on: the calls before were made without it.
        self.look();
        let is_saved = answer.is_ok();
        match answer {
            Ok(saved) => self.promised.saves(saved),
            Err(NotSaved { next_n, last_l, .. }) => pen.back(next_n, last_l),
        }
        self.disk.snap();
        self.look();
        is_saved
    }

    fn end(&mut self, console: Console, well: bool) {
        if well {
            // A head that can't be written is told, and all is saved without it.
            let _ = console.log.close();
        }
        self.look();
    }
}

/// The files below a folder that somebody reads.
fn read<'a>(state: &'a Crashed, folder: &str) -> Vec<(&'a String, &'a Vec<u8>)> {
    let is_read = |name: &str| name.starts_with(folder) && !name.contains("/.");
    state.iter().filter(|(name, _)| is_read(name)).map(|(name, file)| (name, &file.bytes)).collect()
}

fn hash(value: &impl std::hash::Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
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

/// The calls that go wrong in a session: none, some by themselves, or a row of them.
fn faults(chance: &mut Chance) -> Vec<(usize, How)> {
    let how = |chance: &mut Chance| {
        // What is common half of the time, and the other half any.
        let errnos = if chance.place(2) == 0 { COMMON.to_vec() } else { errnos() };
        let errno = errnos[chance.place(errnos.len())];
        let bytes = [0, 1, 30, 100, 300, 511, 512, 513, 2000][chance.place(9)];
        match chance.next(8) {
            0 | 1 => How::Fail(errno),
            2 | 3 => How::FailLate(errno),
            4 => How::Short(bytes),
            5 => How::Part(bytes),
            6 => How::Less(bytes),
            _ => How::Lie(bytes),
        }
    };
    let at = chance.place(70);
    match chance.next(6) {
        0 | 1 => Vec::new(),
        2 => {
            let how = how(chance);
            (at..at + 2 + chance.place(12)).map(|at| (at, how)).collect()
        }
        few => (2..few).map(|_| (chance.place(70), how(chance))).collect(),
    }
}

/// Writes a session of that seed to its end, through the faults that it has, and looks after each call.
fn walk(seed: u64, without: Without, seen: &mut Seen) {
    let mut chance = Chance(seed);
    let state = state();
    let session = state.begun();
    let disk = FaultDisk::shadowed(session.path(), without, faults(&mut chance));
    let (evidence, promised) = (Evidence::of(&session), Promised::default());
    let mut walk = Walk {
        seed,
        promised,
        disk,
        without,
        state: &state,
        session,
        evidence,
        bound: false,
        read: HashMap::new(),
        seen,
        calls: 0,
    };
    let together = if chance.next(4) == 0 { 2 } else { 1 };
    let mut left = 2 + chance.next(4);
    let mut consoles: Vec<Console> = Vec::new();
    while left > 0 && walk.seen.wrong.is_empty() {
        if consoles.len() < together {
            let one = walk.attach(&consoles);
            consoles.extend(one);
            continue;
        }
        let at = chance.place(consoles.len());
        left -= u64::from(walk.step(&mut consoles[at], &mut chance));
        // Now and then a console ends, well or badly, and another goes on.
        if chance.next(5) == 0 {
            walk.end(consoles.swap_remove(at), chance.next(2) == 0);
        }
    }
    consoles.into_iter().for_each(|console| walk.end(console, true));
    if seed.is_multiple_of(10) && walk.seen.wrong.is_empty() {
        assert!(walk.session.read().unwrap().verdict().holds(), "seed {seed}");
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
            walk(seed, Without::Nothing, &mut seen);
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
            seen.gone_on.extend(one.gone_on);
            seen.stale.extend(one.stale);
        }
    });
    let (states, bytes, seeds) = (seen.states.len(), seen.bytes.len(), seeds());
    let found = format!("{states} crash states walked, of {bytes} different contents, in {seeds} sessions");
    figure("states", &format!("{found}; 0 lose what was acknowledged; seeds 1 to {seeds}"));
    figure(
        "states, gone on from",
        &format!("{} of these states, 0 that could not be gone on from", seen.gone_on.len()),
    );
    figure("states, stale", &format!("{} of these states, changed; 0 not noticed", seen.stale.len()));
    assert!(seeds < SEEDS || states >= STATES, "{states} states are too few");
    assert!(seeds < MANY || bytes >= STATES, "{bytes} different contents are too few");
}

/// Whether the walk says that of a program that leaves something out; else what it says.
fn caught(without: Without, expected: &str) -> Result<(), Vec<String>> {
    let mut others = Vec::new();
    for seed in 1..=200 {
        // A walk ends with the first that is wrong.
        let mut seen = Seen::default();
        walk(seed, without, &mut seen);
        if seen.wrong.iter().any(|wrong| wrong.contains(expected)) {
            return Ok(());
        }
        others.extend(seen.wrong);
    }
    Err(others)
}

#[test]
fn the_walk_catches_what_is_left_out() {
    let mutants = [
        (Without::Sync, "no sync", "was acknowledged and is None"),
        (Without::FolderSync, "no folder sync", "was acknowledged and is None"),
        (Without::PlacedSync, "no sync before a rename", "which is not there"),
        (Without::Length, "no look at the length", "Some(Fault {"),
        (Without::Acknowledgement, "an early permit", "was let through without its record"),
        (Without::Lock, "no lock", "Some(Fault {"),
        (Without::Chain, "no chain check", "a line of another content was not noticed"),
    ];
    for (without, name, expected) in mutants {
        assert_eq!(caught(without, expected), Ok(()), "{name}");
    }
    let names = mutants.map(|(_, name, _)| name).join(", ");
    figure("states, caught", &format!("seeded mutants: {} of {} ({names})", mutants.len(), mutants.len()));
}
