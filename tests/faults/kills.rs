//! Killed as by kill -9 in the middle of its work, a thousand times, always on the same few sessions.

use super::notes::{Noting, Promised, lines};
use crate::chance::Chance;
use crate::figures::figure;
use crate::timeline::{State, state_in};
use quell::timeline::SessionDir;
use std::fs;
use tempfile::TempDir;

/// QUELL_NOTE_KILLS asks for another number.
const KILLS: usize = 1000;
const SESSIONS: usize = 20;
const SEED: u64 = 20_261_122;

/// One session that is killed again and again.
#[derive(Default)]
struct Killed {
    kills: usize,
    answered: usize,
    /// Lines in flight that are there though they were not answered.
    beyond: usize,
}

/// Sends some lines, and kills once a seeded number of them is answered, with others in flight.
fn work_and_die(state: &State, session: &SessionDir, chance: &mut Chance, run: &str, promised: &mut Promised) {
    let answers = 3 + chance.place(8);
    let mut noting = Noting::start(&[], state, session);
    noting.send(&lines(run, answers + 1 + chance.place(3)));
    for _ in 0..answers {
        assert!(noting.answer(), "it ended by itself");
    }
    // Somewhere in the next line: before its write, in its sync, after it.
    for _ in 0..chance.next(400) {
        std::thread::yield_now();
    }
    noting.kill();
    noting.end(promised);
}

fn kill_on(lane: usize, kills: usize) -> Killed {
    let state = state_in(TempDir::new().unwrap());
    let session = state.begun();
    let (mut chance, mut promised) = (Chance(SEED + lane as u64), Promised::default());
    for kill in 1..=kills {
        work_and_die(&state, &session, &mut chance, &format!("{lane} kill {kill}"), &mut promised);
        if kill % 10 == 0 || kill == kills {
            assert_eq!(promised.wrong(&session), None, "session {lane}, after kill {kill}");
        }
    }
    Killed { kills, answered: promised.answered(), beyond: promised.unanswered_but_there(&session) }
}

#[test]
fn what_was_answered_survives_kill_9() {
    let kills = std::env::var("QUELL_NOTE_KILLS").ok().and_then(|k| k.parse().ok()).unwrap_or(KILLS);
    let mut all = Killed::default();
    std::thread::scope(|scope| {
        let lane = |half: usize| (half..SESSIONS).step_by(2).map(|lane| kill_on(lane, kills.div_ceil(SESSIONS)));
        let lanes: Vec<_> = [0, 1].map(|half| scope.spawn(move || lane(half).collect::<Vec<_>>())).into();
        for one in lanes.into_iter().flat_map(|lane| lane.join().unwrap()) {
            all.kills += one.kills;
            all.answered += one.answered;
            all.beyond += one.beyond;
        }
    });
    let Killed { kills, answered, beyond } = all;
    assert!(answered >= 5 * kills, "{answered} answers are too few for {kills} kills: the test shows little");
    let found = format!("{kills} kills, {answered} notes answered, 0 lost; {beyond} more were saved unanswered");
    figure("kills", &format!("{found}; seed {SEED}"));
}

/// The test above must catch a log that loses one record that was answered, an answer that was never given, and a
/// record that is there twice.
#[test]
fn what_a_kill_could_break_is_noticed() {
    let state = state_in(TempDir::new().unwrap());
    let session = state.begun();
    let mut promised = Promised::default();
    work_and_die(&state, &session, &mut Chance(SEED), "kill", &mut promised);
    assert_eq!(promised.wrong(&session), None);
    let mut more = promised.clone();
    let answer = more.lines.values().flatten().next().cloned();
    more.lines.insert("kill line 99".into(), answer);
    assert_eq!(more.wrong(&session).unwrap(), "kill line 99 was answered and is not there");
    let mut less = promised.clone();
    less.lines.remove("kill line 2");
    assert_eq!(less.wrong(&session).unwrap(), "kill line 2 was never sent");
    // The end of the log is cut at the end of a record: the chain alone can't tell.
    let last = promised.lines.iter().filter(|(_, answer)| answer.is_some()).max_by_key(|(_, answer)| *answer);
    let last = last.unwrap().0.clone();
    let logs = fs::read_dir(session.path().join("log")).unwrap().map(|file| file.unwrap().path());
    let log = logs.filter(|path| path.extension().is_some_and(|e| e == "ndjson"));
    let log = log.max_by_key(|path| fs::metadata(path).unwrap().len()).unwrap();
    let text = fs::read_to_string(&log).unwrap();
    let from = text.find(&format!("\"{last}\"")).and_then(|at| text[..at].rfind('\n')).unwrap() + 1;
    fs::write(&log, &text[..from]).unwrap();
    assert_eq!(promised.wrong(&session).unwrap(), format!("{last} was answered and is not there"));
    figure("kills, caught", "3 of 3: a record cut from the log, an answer never given, a record never sent");
}
