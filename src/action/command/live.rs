//! What is told of a program while it runs: its last line as progress, and all that it has printed so far as evidence,
//! so that a console that dies takes little of it along.

use super::super::progress::Progress;
use super::process::{Heard, Stream};
use crate::problem::clean;
use quell_core::text::cut_end;
use quell_core::text::secret::Secrets;

/// A line is told every so many seconds at most; each is a record.
const LINES: u64 = 2;
/// When the output so far is kept, in seconds from the start, and after the last of these every so many seconds.
const FIRST: [u64; 4] = [5, 10, 20, 40];
const THEN: u64 = 30;
/// How much of a line is told, in cells.
const TOLD: usize = 160;

/// What was told already of a run.
pub struct Live<'a> {
    progress: &'a Progress,
    /// The program's name.
    name: String,
    /// The credentials that are known, as they are now: the program may make some.
    known: &'a (dyn Fn() -> Secrets + Send + Sync),
    line: String,
    /// How many bytes of each stream were kept.
    kept: [usize; 2],
    /// How many bytes had come when the line was looked at.
    heard: u64,
}

impl<'a> Live<'a> {
    /// Nothing was told yet.
    pub fn new(progress: &'a Progress, name: String, known: &'a (dyn Fn() -> Secrets + Send + Sync)) -> Self {
        Self { progress, name, known, line: String::new(), kept: [0; 2], heard: 0 }
    }

    /// Tells what is due when so many seconds of the run are over.
    pub fn second(&mut self, second: u64, heard: &Heard) {
        let total = heard.stdout.total + heard.stderr.total;
        let line = second.is_multiple_of(LINES) && total > self.heard;
        let sizes = [heard.stdout.bytes.len(), heard.stderr.bytes.len()];
        let keep = is_kept_at(second) && sizes != self.kept;
        if !line && !keep {
            return;
        }
        let known = (self.known)();
        if line {
            self.heard = total;
            let line = last(heard.newest(), &known).unwrap_or_default();
            if !line.is_empty() && line != self.line {
                self.progress.step(format!("{}: {line}", self.name), 0, 1);
                self.line = line;
            }
        }
        if keep {
            self.keep(heard, &known);
        }
    }

    /// The whole of each stream that has more, not the piece that came: a credential may lie across pieces.
    fn keep(&mut self, heard: &Heard, known: &Secrets) {
        let streams = [("stdout", &heard.stdout), ("stderr", &heard.stderr)];
        for ((stream, Stream { bytes, .. }), kept) in streams.into_iter().zip(&mut self.kept) {
            if bytes.len() > *kept {
                *kept = bytes.len();
                self.progress.output(format!("{}.{stream}, so far", self.name), known.withhold(bytes.clone()).0);
            }
        }
    }
}

/// Whether the output so far is kept at this second of a run.
fn is_kept_at(second: u64) -> bool {
    let last = FIRST.into_iter().max().unwrap_or_default();
    FIRST.contains(&second) || second.checked_sub(last).is_some_and(|over| over > 0 && over.is_multiple_of(THEN))
}

/// The last whole line that says something, without the credentials. They are looked for in all that is at hand, with
/// what has begun behind the line: one may go over several lines.
fn last(bytes: &[u8], known: &Secrets) -> Option<String> {
    let kept = known.withhold(bytes.to_vec()).0;
    let end = kept.iter().rposition(|byte| *byte == b'\n')?;
    let text = String::from_utf8_lossy(kept.get(..end)?);
    // A bar of progress is drawn over itself.
    let line = text.rsplit(['\n', '\r']).find(|line| !line.trim().is_empty())?;
    Some(cut_end(clean(line.trim_end()).as_str(), TOLD))
}

#[cfg(test)]
mod tests {
    use super::super::super::progress::Report;
    use super::super::super::testing::raw;
    use super::*;
    use std::sync::{Arc, Mutex};

    const KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

    fn known() -> Secrets {
        let long = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG\n9w0BAQEFAASCBKcwggSj\n-----END PRIVATE KEY-----";
        Secrets::of([KEY.to_owned(), long.to_owned()])
    }

    /// What is told of a run that prints this on stdout or stderr right before these seconds.
    fn told(prints: &[(u64, bool, &str)], until: u64) -> Vec<String> {
        told_without(&known, prints, until)
    }

    fn told_without(
        known: &(dyn Fn() -> Secrets + Send + Sync),
        prints: &[(u64, bool, &str)],
        until: u64,
    ) -> Vec<String> {
        let reports: Arc<Mutex<Vec<Report>>> = Arc::default();
        let sink = reports.clone();
        let progress = Progress::waiting(|_| {}, move |report| sink.lock().unwrap().push(report));
        let mut live = Live::new(&progress, "sh".to_owned(), known);
        let (mut heard, mut all) = (Heard::default(), Vec::new());
        for second in 1..=until {
            for (_, error, text) in prints.iter().filter(|(at, ..)| *at == second) {
                heard.take(*error, text.as_bytes());
            }
            live.second(second, &heard);
            for report in reports.lock().unwrap().drain(..) {
                all.push(match report {
                    Report::Step(step) => format!("{second} {} {}/{}", raw(&step.text), step.done, step.of),
                    Report::Output { name, bytes } => {
                        format!("{second} [{}] {}", raw(&name), String::from_utf8(bytes).unwrap())
                    }
                });
            }
        }
        all
    }

    #[test]
    fn the_output_so_far_is_kept_less_and_less_often() {
        let times: Vec<u64> = (0..=135).filter(|second| is_kept_at(*second)).collect();
        assert_eq!(times, [5, 10, 20, 40, 70, 100, 130]);
    }

    #[test]
    fn a_line_is_told_when_it_is_whole_and_another_and_output_is_kept_when_there_is_more() {
        let prints = [
            (1, false, "one\ntw"),
            (4, false, "o\n"),
            (7, true, "odd\u{1b}[2J\n"),
            (8, false, "three"),
            (45, true, "x"),
        ];
        let expected = [
            "2 sh: one 0/1",
            "4 sh: two 0/1",
            "5 [sh.stdout, so far] one\ntwo\n",
            "8 sh: odd\\u{1b}[2J 0/1",
            "10 [sh.stdout, so far] one\ntwo\nthree",
            "10 [sh.stderr, so far] odd\u{1b}[2J\n",
            "70 [sh.stderr, so far] odd\u{1b}[2J\nx",
        ];
        assert_eq!(told(&prints, 200), expected);
        assert_eq!(told(&[(1, false, "same\n"), (3, false, "same\n"), (4, false, " \n")], 4), ["2 sh: same 0/1"]);
        assert_eq!(told(&[], 40), Vec::<String>::new());
        assert_eq!(told(&[(1, false, "10%\r50%\r99%\n")], 2), ["2 sh: 99% 0/1"]);
        let long = format!("{}\n", "x".repeat(400));
        assert_eq!(told(&[(1, false, &long)], 2), [format!("2 sh: {}~ 0/1", "x".repeat(159))]);
    }

    #[test]
    fn the_responders_credentials_are_in_neither() {
        let text = format!("key {KEY}\n");
        let prints = [(1, false, text.as_str())];
        let withheld = "[withheld: a credential of the responder]";
        let expected = [format!("2 sh: key {withheld} 0/1"), format!("5 [sh.stdout, so far] key {withheld}\n")];
        assert_eq!(told(&prints, 5), expected);
        // One that is printed line by line, of which no line alone would be found.
        let prints = [
            (1, false, "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG\n"),
            (3, false, "9w0BAQEFAASCBKcwggSj\n-----END PRIVATE KEY-----\n"),
        ];
        let all = told(&prints, 10).join("\n");
        assert!(all.contains(withheld) && !all.contains("MIIE") && !all.contains("9w0B"), "{all}");
    }

    #[test]
    fn a_credential_that_the_program_made_is_in_neither() {
        let made = std::sync::atomic::AtomicBool::new(false);
        // It is known from the second look on.
        let known = || match made.swap(true, std::sync::atomic::Ordering::Relaxed) {
            false => Secrets::default(),
            true => known(),
        };
        let text = format!("key {KEY}\n");
        let withheld = "[withheld: a credential of the responder]";
        let expected = [
            "2 sh: begun 0/1".to_owned(),
            format!("4 sh: key {withheld} 0/1"),
            format!("5 [sh.stdout, so far] begun\nkey {withheld}\n"),
        ];
        assert_eq!(told_without(&known, &[(1, false, "begun\n"), (3, false, &text)], 5), expected);
    }

    #[test]
    fn what_is_beyond_the_limit_is_told_and_not_kept_again() {
        let much = "0123456789abcdef".repeat(65_536);
        let prints = [(1, false, much.as_str()), (3, false, "end\n"), (6, false, "more\n")];
        let told = told_without(&Secrets::default, &prints, 10);
        let shown: Vec<&str> = told.iter().map(|line| line.get(..24).unwrap_or(line)).collect();
        // Of a line whose beginning is held no more nothing is told.
        assert_eq!(shown, ["5 [sh.stdout, so far] 01", "6 sh: more 0/1"]);
    }
}
