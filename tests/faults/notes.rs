//! `quell sessions note ID -` under something that fails, and what it has promised so far.

use crate::timeline::{State, state_in};
use quell::timeline::SessionDir;
use quell_core::incident::{Entry, Event, Link, WriterId};
use quell_core::record::{Record, Verdict, segment_name};
use quell_core::text::Id;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use tempfile::TempDir;

/// The program at work on a session.
pub struct Noting {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    sent: Vec<String>,
    /// What it has answered, as many as were read, in the order of what was sent.
    answers: Vec<(Link, String)>,
}

/// How it ended.
pub struct Ended {
    /// `None` where a signal ended it.
    pub code: Option<i32>,
    pub err: String,
    /// How many lines it answered.
    pub answered: usize,
}

impl Noting {
    /// Starts it, under another program where one is named.
    pub fn start(under: &[&str], state: &State, session: &SessionDir) -> Self {
        let whole = [under, &[env!("CARGO_BIN_EXE_quell"), "sessions", "note"]].concat();
        let mut command = Command::new(whole[0]);
        command.args(&whole[1..]).arg(session.path()).arg("-");
        command.env_clear().env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("USER", "alice");
        command.env("HOME", state.dir.path());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (input, output) = (child.stdin.take(), BufReader::new(child.stdout.take().unwrap()));
        Self { child, input, output, sent: Vec::new(), answers: Vec::new() }
    }

    /// Sends lines; false when nobody reads them any more.
    pub fn send(&mut self, lines: &[String]) -> bool {
        self.sent.extend_from_slice(lines);
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        self.input.as_mut().is_some_and(|input| input.write_all(text.as_bytes()).is_ok())
    }

    /// Waits for the next answer; false when there is none to come.
    pub fn answer(&mut self) -> bool {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let Some(line) = line.strip_suffix('\n') else { return false };
        let [noted, writer, n, head] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("an answer: {line}") };
        assert_eq!(noted, "noted");
        self.answers.push((Link(Id::new(writer).unwrap(), n.parse().unwrap()), head.to_owned()));
        true
    }

    pub fn kill(&mut self) {
        self.child.kill().unwrap();
    }

    /// The last answer that was read.
    pub fn last(&self) -> Option<&(Link, String)> {
        self.answers.last()
    }

    /// Ends the input, waits for the end, and writes down what was promised.
    pub fn end(self, promised: &mut Promised) -> Ended {
        self.end_at(usize::MAX, promised)
    }

    /// [`Noting::end`], where only so many of the answers count as promises.
    pub fn end_at(mut self, counted: usize, promised: &mut Promised) -> Ended {
        self.input = None;
        while self.answer() {}
        let mut err = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        let code = self.child.wait().unwrap().code();
        let answered = self.answers.len();
        assert!(answered <= self.sent.len(), "{answered} answers to {} lines", self.sent.len());
        let mut answers = self.answers.into_iter().take(counted);
        promised.lines.extend(self.sent.into_iter().map(|line| (line, answers.next())));
        Ended { code, err, answered }
    }
}

/// A state folder on a disk, with one session, and what it was made to promise.
pub struct Bench {
    pub state: State,
    pub session: SessionDir,
    pub promised: Promised,
    runs: usize,
}

impl Bench {
    /// A session in a folder of its own; the folder may be a file system of its own.
    pub fn on(dir: TempDir) -> Self {
        let state = state_in(dir);
        let session = state.begun();
        Self { state, session, promised: Promised::default(), runs: 0 }
    }

    /// Starts the program under another one, and sends it lines.
    pub fn start(&mut self, under: &[&str], lines: usize) -> Noting {
        self.runs += 1;
        let mut noting = Noting::start(under, &self.state, &self.session);
        noting.send(&(1..=lines).map(|line| format!("run {} line {line}", self.runs)).collect::<Vec<_>>());
        noting
    }

    /// Sends lines and waits for the end.
    pub fn tried(&mut self, under: &[&str], lines: usize) -> Ended {
        self.start(under, lines).end(&mut self.promised)
    }

    /// [`Bench::tried`]. Whatever that was, all that was promised holds.
    pub fn run(&mut self, under: &[&str], lines: usize) -> Ended {
        let ended = self.tried(under, lines);
        assert_eq!(self.promised.wrong(&self.session), None, "after {under:?}: {}", ended.err);
        ended
    }

    /// Where nothing fails a line is saved and answered.
    pub fn works(&mut self) {
        let ended = self.run(&[], 1);
        assert_eq!((ended.code, ended.answered), (Some(0), 1), "{}", ended.err);
    }

    /// Who answered last: whoever the next run goes on as.
    pub fn writer(&self) -> WriterId {
        let answers = self.promised.lines.values().flatten();
        answers.max_by_key(|(link, _)| link.1).map(|(link, _)| link.0.clone()).unwrap()
    }

    /// The file that the next run will write its records to, and the one after it.
    pub fn next_segments(&self) -> [PathBuf; 2] {
        let (log, writer) = (self.session.path().join("log"), self.writer());
        let path = |number| log.join(segment_name(&writer, number));
        let next = (0..).find(|number| !path(*number).exists()).unwrap();
        [path(next), path(next + 1)]
    }
}

impl Ended {
    /// It ended because something could not be saved, and said so, and how many were.
    pub fn told(&self) {
        assert_eq!(self.code, Some(3), "{}", self.err);
        assert!(self.err.contains("could not be written"), "{}", self.err);
        let count = format!("notes saved: {}, ", self.answered);
        assert!(self.answered == 0 || self.err.contains(&count), "{} answers; {}", self.answered, self.err);
    }
}

/// All lines that were ever sent to a session, each one unlike the others, with the answers that were given to them.
#[derive(Clone, Default)]
pub struct Promised {
    pub lines: BTreeMap<String, Option<(Link, String)>>,
}

impl Promised {
    /// How many lines were answered.
    pub fn answered(&self) -> usize {
        self.lines.values().flatten().count()
    }

    /// What of the answered lines a session does not hold, the first one named.
    pub fn lost(&self, session: &SessionDir) -> (usize, Option<String>) {
        let records = session.read().unwrap().recovery.records;
        let found = texts(&records);
        let lost = |(line, answer): (&String, &Option<(Link, String)>)| {
            let (link, head) = answer.as_ref()?;
            match found.get(line).map(Vec::as_slice) {
                Some([one]) if one.entry.link == *link && one.h.to_string() == *head => None,
                Some([_]) => Some(format!("{line} is not the record that was answered")),
                None | Some([]) => Some(format!("{line} was answered and is not there")),
                Some(_) => Some(format!("{line} is there more than once")),
            }
        };
        let mut lost = self.lines.iter().filter_map(lost);
        let first = lost.next();
        (usize::from(first.is_some()) + lost.count(), first)
    }

    /// What is wrong with a session: with its chain, with a line that was answered, or that is there twice, or that
    /// nobody sent.
    pub fn wrong(&self, session: &SessionDir) -> Option<String> {
        let timeline = session.read().unwrap();
        if ![Verdict::OkUnsigned, Verdict::TornTail].contains(&timeline.verdict()) {
            return Some(format!("{:?}", timeline.verification().problems));
        }
        let found = texts(&timeline.recovery.records);
        let odd = |(text, records): (&String, &Vec<&Record>)| match self.lines.contains_key(text) {
            false => Some(format!("{text} was never sent")),
            true => (records.len() > 1).then(|| format!("{text} is there more than once")),
        };
        self.lost(session).1.or_else(|| found.iter().find_map(odd))
    }

    /// How many lines are there though they were not answered: the program ended between its sync and its answer.
    pub fn unanswered_but_there(&self, session: &SessionDir) -> usize {
        let records = session.read().unwrap().recovery.records;
        let found = texts(&records);
        self.lines.iter().filter(|(line, answer)| answer.is_none() && found.contains_key(*line)).count()
    }
}

/// The notes by their text.
fn texts(records: &[Record]) -> BTreeMap<String, Vec<&Record>> {
    let text = |entry: &Entry| match &entry.event {
        Event::NoteAdded(note) => Some(note.text.line().into_string()),
        _ => None,
    };
    let mut texts: BTreeMap<String, Vec<&Record>> = BTreeMap::new();
    for record in records {
        text(&record.entry).into_iter().for_each(|text| texts.entry(text).or_default().push(record));
    }
    texts
}

/// Lines of a run, unlike those of any other.
pub fn lines(run: &str, count: usize) -> Vec<String> {
    (1..=count).map(|i| format!("{run} line {i}")).collect()
}
