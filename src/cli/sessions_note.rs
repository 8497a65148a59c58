//! `quell sessions note`: notes added to a session without the console, by the console's rules: one that is given, or
//! one for each line of standard input.

use super::visit::{Visit, begun};
use super::words::{tell, without};
use super::{Globals, Io};
use crate::aws::{Handed, secrets};
use crate::problem::{Class, Problem};
use crate::timeline::{SessionDir, Who};
use quell_core::incident::{Intent, Link, Refusal, decide};
use quell_core::record::{Hash, MAX_LINE};
use quell_core::text::secret::Secrets;
use quell_core::text::{Shape, Untrusted};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::process::ExitCode;

/// Where a credential stood.
const PLACE: &str = "the note";
/// So much of the lines before is looked at with each line: more than any credential, however it is encoded.
const BEFORE: usize = 32 * 1024;

/// Writes the note, and gives the hash of the session's last record; of the note's own where what came after it, the end
/// of the stay or a second copy, is in trouble, and that trouble.
pub(super) fn note(
    session: &SessionDir,
    text: &str,
    globals: &Globals,
    io: &mut Io,
) -> Result<(Hash, Option<Problem>), Problem> {
    let handed = asked(globals, io)?;
    let text = Untrusted::from(without(&secrets::known().and(handed.secrets()), text, PLACE, io));
    if blank(&text) {
        return Err(Problem::input("the note is empty").next("give the text after the id, in quotes"));
    }
    ask(session, text.clone())?;
    let mut visit = Visit::begin(session, &globals.who(), io)?;
    let noted = add(&mut visit, text);
    let left = visit.end(Vec::new(), "the note was added").map(|saved| saved.head());
    match noted {
        Ok((_, own)) => Ok(left.map_or_else(|problem| (own, Some(problem)), |head| (head, None))),
        Err(Failed::Alone(problem) | Failed::All(problem)) => Err(problem),
    }
}

/// Writes a note for each line of standard input, and answers each with a line of its own as soon as it is on disk.
pub(super) fn notes(session: &SessionDir, globals: &Globals, io: &mut Io) -> ExitCode {
    let handed = match asked(globals, io) {
        Ok(handed) => handed,
        Err(problem) => return io.refuse(&problem),
    };
    let known = handed.secrets();
    let mut told = Told { known, handed, before: Vec::new(), saved: 0, refused: false, written: Ok(()) };
    match told.all(session, &globals.who(), io) {
        Ok(()) => io.finish(told.written, if told.refused { 2 } else { 0 }),
        Err(problem) => io.refuse(&problem),
    }
}

/// Asks for the credentials that somebody hands out, and says where they don't come in time.
pub(super) fn asked(globals: &Globals, io: &mut Io) -> Result<Handed, Problem> {
    let handed = Handed::ask(globals.connection(), &io.runtime)?;
    if handed.is_awaited() {
        io.say("nobody has handed out your credentials yet: until then they are not known, and not left out");
    }
    Ok(handed)
}

/// What came of the lines so far.
struct Told {
    /// What no note may hold.
    known: Secrets,
    handed: Handed,
    /// The lines before, as they came: a credential may be split over several.
    before: Vec<u8>,
    saved: usize,
    refused: bool,
    /// Whether the answers could be printed. When nobody listens any more the notes are saved all the same.
    written: io::Result<()>,
}

impl Told {
    fn all(&mut self, session: &SessionDir, who: &Who, io: &mut Io) -> Result<(), Problem> {
        ask(session, Untrusted::from("-"))?;
        let mut visit = Visit::begin(session, who, io)?;
        let input = std::mem::replace(&mut io.input, Box::new(io::empty()));
        let mut lines = Lines { input: BufReader::new(input), number: 0 };
        let mut ended = Ok(());
        while ended.is_ok() {
            ended = match lines.next() {
                Ok(None) => break,
                Ok(Some(line)) => self.one(line, lines.number, &mut visit, io),
                Err(e) => Err(Problem::local(format!("the standard input could not be read: {e}"))
                    .next("see what writes to it, and start again")),
            };
        }
        let left = visit.end(Vec::new(), "the notes had come to an end");
        ended.and(left.map(drop)).map_err(|problem| self.so_far(problem, lines.number))
    }

    /// Takes one line. What is wrong with it alone is told, and the others still come.
    fn one(&mut self, line: Option<Vec<u8>>, number: usize, visit: &mut Visit, io: &mut Io) -> Result<(), Problem> {
        let text = line.map(|line| self.kept(&line));
        let added = match text {
            Some((text, _)) if blank(&text) => return Ok(()),
            Some((text, withheld)) => {
                tell(withheld, PLACE, io);
                add(visit, text)
            }
            None => Err(Failed::Alone(Problem::input("too long"))),
        };
        match added {
            Ok((Link(writer, n), head)) => {
                self.saved += 1;
                if self.written.is_ok() {
                    self.written = writeln!(io.out, "noted {writer} {n} {head}").and_then(|()| io.out.flush());
                }
            }
            Err(Failed::Alone(_)) => {
                self.refused = true;
                io.show(
                    &Problem::input(format!("the note is too long: a record holds at most {MAX_LINE} bytes"))
                        .in_file("standard input", number, 0)
                        .meaning("it is not saved; the lines after it are taken")
                        .next("attach it to the incident as a file, or make several lines of it"),
                );
            }
            Err(Failed::All(problem)) => return Err(problem),
        }
        Ok(())
    }

    /// What is kept of a line, and how many credentials were left out.
    fn kept(&mut self, line: &[u8]) -> (Untrusted, u64) {
        // Tokens are renewed while lines come; that the files are read anew takes less than a line's way to the disk.
        self.known = std::mem::take(&mut self.known).and(secrets::known()).and(self.handed.secrets());
        let (kept, withheld) = self.known.withhold_after(&self.before, line);
        self.before.extend([line, b"\n"].concat());
        self.before.drain(..self.before.len().saturating_sub(BEFORE));
        (Untrusted::from_bytes(&kept), withheld)
    }

    /// Says what is saved of the lines before a failure.
    fn so_far(&self, problem: Problem, read: usize) -> Problem {
        let meaning = format!("notes saved: {}, each of those that were answered; lines read: {read}", self.saved);
        let next = format!("{}; then give the lines again that were not answered", problem.next);
        Problem { meaning, next, ..problem }
    }
}

/// The lines of standard input.
struct Lines {
    input: BufReader<Box<dyn Read>>,
    /// Of the last one that was read; the first is 1.
    number: usize,
}

impl Lines {
    /// The next line; `None` inside for one that no record can hold, which is skipped without being kept.
    fn next(&mut self) -> io::Result<Option<Option<Vec<u8>>>> {
        let mut line = Vec::new();
        let most = MAX_LINE as u64;
        if self.input.by_ref().take(most).read_until(b'\n', &mut line)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        if line.len() < MAX_LINE || line.ends_with(b"\n") {
            return Ok(Some(Some(line.trim_ascii_end().to_vec())));
        }
        self.input.skip_until(b'\n')?;
        Ok(Some(None))
    }
}

/// Why a note was not added.
enum Failed {
    /// It is too long; others may be shorter.
    Alone(Problem),
    /// No other can be added either.
    All(Problem),
}

/// Adds a note; gives its record's name and hash.
fn add(visit: &mut Visit, text: Untrusted) -> Result<(Link, Hash), Failed> {
    // Somebody may have closed the session meanwhile.
    visit.catch_up();
    let events = decide(visit.incident(), Intent::Note { text, step: None });
    let events = events.map_err(|refusal| Failed::All(refused(refusal)))?;
    let saved = visit.write(&events).map_err(|problem| match problem.class {
        Class::Input => Failed::Alone(problem),
        Class::Aws | Class::Local => Failed::All(problem),
    })?;
    let last = saved.entries().last().map(|entry| entry.link.clone());
    last.map(|link| (link, saved.head())).ok_or_else(|| Failed::All(refused(Refusal::Empty)))
}

/// Whether there is nothing to read in it.
fn blank(text: &Untrusted) -> bool {
    text.clean(Shape::Block).as_str().trim().is_empty()
}

/// Asks before anything is written: what is refused leaves the session as it is.
fn ask(session: &SessionDir, text: Untrusted) -> Result<(), Problem> {
    decide(&begun(session)?, Intent::Note { text, step: None }).map(drop).map_err(refused)
}

/// A refusal in the words of the command line.
pub(super) fn refused(refusal: Refusal) -> Problem {
    match refusal {
        Refusal::Closed => Problem::input("the session is closed")
            .meaning("nothing was written: what is closed stays as it is")
            .next("review it in the console (S, then Enter), :reopen it, then add the note"),
        other => Problem::input(other.to_string()),
    }
}
