//! Eight processes with a thousand events each on one session, each following the others while it writes: nothing is
//! lost, nothing forks, and each of them ends with the same state.

use super::*;
use crate::skipped::tell;
use quell::console::core::active::Active;
use quell_core::incident::{Intent, Timeline, decide};
use quell_core::record::{Hash, Verdict};
use quell_core::text::json;
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

const PROCESSES: usize = 8;
const EVENTS: usize = 1000;
const PATIENCE: Duration = Duration::from_secs(60);

/// Tells this test, started again as another process, which session to write, and as which of the eight.
const SESSION: &str = "QUELL_TEST_EIGHT";

#[test]
fn eight_processes_of_a_thousand_events_each() {
    if let Ok(which) = std::env::var(SESSION) {
        return one(&which);
    }
    let state = state();
    let session = state.begun();
    let began = Instant::now();
    let start = |k: usize| {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", "timeline::eight::eight_processes_of_a_thousand_events_each", "--nocapture"]);
        command.env(SESSION, format!("{k} {}", session.path().display()));
        command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let children: Vec<_> = (0..PROCESSES).map(start).collect();
    let mut folds = Vec::new();
    for child in children {
        let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
        let text = String::from_utf8_lossy(&stdout).into_owned();
        assert!(status.success(), "{text}\n{}", String::from_utf8_lossy(&stderr));
        folds.extend(text.lines().filter_map(|line| line.split_once("fold ")).map(|(_, fold)| fold.to_owned()));
    }
    let timeline = session.read().unwrap();
    assert_eq!(timeline.verdict(), Verdict::OkUnsigned, "{:?}", timeline.recovery.faults);
    // Carol, who opened it, and the eight.
    assert_eq!(timeline.verification().writers, PROCESSES + 1);
    let mut notes = recorded(&timeline.recovery.records);
    assert_eq!(notes.len(), PROCESSES * EVENTS);
    for k in 0..PROCESSES {
        let own = notes.iter().filter(|note| note.starts_with(&format!("{k} ")));
        let expected: Vec<String> = (0..EVENTS).map(|i| format!("{k} {i}")).collect();
        assert!(own.eq(expected.iter()), "what {k} wrote is not there, each once and in its order");
    }
    notes.dedup();
    assert_eq!(notes.len(), PROCESSES * EVENTS);
    let fold = digest(&Timeline::new(timeline.entries()));
    assert_eq!(folds, vec![fold; PROCESSES]);
    tell(&format!("{PROCESSES} processes, {EVENTS} events each: {:.1} s", began.elapsed().as_secs_f64()));
}

fn digest(timeline: &Timeline) -> String {
    Hash::of(json::to_string(timeline.incident()).unwrap().as_bytes()).to_string()
}

fn count(timeline: &Timeline) -> usize {
    timeline.incident().notes.len()
}

/// One of the eight: writes its notes as a console does, hears the others, and says what its fold is once it has heard
/// all of them to their ends.
fn one(which: &str) {
    let (k, path) = which.split_once(' ').unwrap();
    let runtime = Runtime::real();
    let session = Sessions::of(&StateDir::at("/nowhere")).find(path).unwrap();
    let user = format!("user{}", k.parse::<usize>().unwrap() % 4);
    let mut attached = session.attach(&who(&user), &runtime).unwrap();
    let Pen { link: Link(writer, n), l } = Pen::of(&attached);
    let mut active = Active::new(path.to_owned(), writer, Timeline::new(attached.entries), n + 1, l);
    let mut i = 0;
    while i < EVENTS {
        // One to three in a commit; the others are listened to every few of them.
        let some: Vec<Event> = (i..EVENTS.min(i + 1 + i % 3)).map(|i| note(&active, &format!("{k} {i}"))).collect();
        i += some.len();
        let entries = active.emit(some, runtime.now(), &Default::default());
        let saved = attached.log.commit(entries).unwrap();
        active.acknowledge(saved.entries().to_vec());
        if i % 8 == 0 {
            hear(&mut active, &mut attached.follow);
        }
    }
    let until = Instant::now() + PATIENCE;
    while count(active.timeline()) < PROCESSES * EVENTS {
        assert!(Instant::now() < until, "{k} has heard {} notes only", count(active.timeline()));
        hear(&mut active, &mut attached.follow);
        std::thread::yield_now();
    }
    assert_eq!(active.waiting(), 0);
    attached.log.close().unwrap();
    println!("fold {}", digest(active.timeline()));
}

fn note(active: &Active, text: &str) -> Event {
    let mut events = decide(active.pending(), Intent::Note { text: text.into(), step: None }).unwrap();
    events.remove(0)
}

fn hear(active: &mut Active, follow: &mut quell::timeline::Follow) {
    let news = follow.poll().unwrap();
    if !news.entries.is_empty() || !news.superseded.is_empty() {
        active.hear(news.entries, &news.superseded);
    }
}
