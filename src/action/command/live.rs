//! What a program that runs has said so far: its last line for whoever watches, and all of it as evidence now and then, so
//! that a console that dies does not take it along.

use super::super::progress::Progress;
use super::process::Stream;
use crate::aws::secrets;
use crate::problem::clean;
use std::time::Duration;

/// The time between two looks.
pub(super) const LOOK: Duration = Duration::from_secs(2);
/// When what is there is kept, in seconds: at first often, for what is short; then every [`EVERY`].
const FIRST: [u64; 4] = [5, 10, 20, 40];
const EVERY: u64 = 30;
/// So much of the end of a stream is looked through for its last line.
const END: usize = 16 * 1024;
/// So long is a line that is told.
const LINE: usize = 120;

/// What was told and kept until now.
#[derive(Debug, Default)]
pub(super) struct Live {
    looks: u64,
    /// How often something was kept.
    kept: usize,
    /// What of the two streams was there at the last look, and what was kept of them.
    seen: [u64; 2],
    stored: [u64; 2],
}

/// What is to be done at a look.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Told {
    /// The stream whose last line is told.
    pub line: Option<usize>,
    /// The streams that are kept.
    pub keep: Vec<usize>,
}

impl Live {
    /// One more look: how much the streams have by now.
    pub fn look(&mut self, totals: [u64; 2]) -> Told {
        self.looks += 1;
        let grown = |before: [u64; 2]| (0..2).filter(move |at| totals.get(*at) > before.get(*at));
        let line = grown(self.seen).next();
        self.seen = totals;
        let due = self.looks * LOOK.as_secs() >= due(self.kept);
        let keep: Vec<usize> = grown(self.stored).filter(|_| due).collect();
        if !keep.is_empty() {
            self.kept += 1;
            self.stored = totals;
        }
        Told { line, keep }
    }
}

/// The second from which something is kept once more.
fn due(kept: usize) -> u64 {
    let later = kept.saturating_sub(FIRST.len() - 1) as u64;
    FIRST.get(kept).copied().unwrap_or(40 + EVERY * later)
}

/// Tells and keeps what is due.
pub(super) fn tell(live: &mut Live, name: &str, streams: [&Stream; 2], progress: &Progress) {
    let told = live.look(streams.map(|stream| stream.total));
    if let Some(line) = told.line.and_then(|at| streams.get(at)).and_then(|stream| last(stream)) {
        progress.step(line, 0, 1);
    }
    for (stream, kind) in told.keep.into_iter().filter_map(|at| streams.get(at).zip(["stdout", "stderr"].get(at))) {
        progress.output(format!("{name}.{kind}, so far"), stream.bytes.clone());
    }
}

/// The last whole line, without the credentials that are known.
fn last(stream: &Stream) -> Option<String> {
    let end = stream.bytes.get(stream.bytes.len().saturating_sub(END)..)?;
    let whole = end.iter().rposition(|byte| *byte == b'\n').and_then(|at| end.get(..at))?;
    let text = secrets::known().withhold(whole.to_vec()).0;
    let text = String::from_utf8_lossy(&text).into_owned();
    let line = text.lines().rev().find(|line| !line.trim().is_empty())?;
    Some(quell_core::text::cut_end(clean(line).as_str(), LINE))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(line: Option<usize>, keep: &[usize]) -> Told {
        Told { line, keep: keep.to_vec() }
    }

    #[test]
    fn what_is_new_is_told_at_each_look_and_kept_less_and_less_often() {
        let mut live = Live::default();
        assert_eq!(live.look([0, 0]), told(None, &[]));
        assert_eq!(live.look([10, 0]), told(Some(0), &[]));
        // The sixth second, of five.
        assert_eq!(live.look([10, 0]), told(None, &[0]));
        assert_eq!(live.look([10, 5]), told(Some(1), &[]));
        assert_eq!(live.look([10, 5]), told(None, &[1]));
        let kept = |live: &mut Live, from: u64, to: u64| {
            let at = |second: &u64| !live.look([10 + second, 5]).keep.is_empty();
            (from..=to).step_by(2).filter(at).collect::<Vec<u64>>()
        };
        assert_eq!(kept(&mut live, 12, 140), [20, 40, 70, 100, 130]);
        // Where nothing is new nothing is kept, and what comes then is at once.
        let mut quiet = Live::default();
        assert!((0..40).all(|_| quiet.look([0, 0]) == told(None, &[])));
        assert_eq!(quiet.look([1, 1]), told(Some(0), &[0, 1]));
        assert_eq!(quiet.look([2, 1]), told(Some(0), &[0]));
    }

    #[test]
    fn the_last_whole_line_is_told() {
        let of = |bytes: &[u8]| last(&Stream { bytes: bytes.to_vec(), total: bytes.len() as u64 });
        assert_eq!(of(b"one\ntwo\nthr").as_deref(), Some("two"));
        assert_eq!(of(b"one\n\n \n").as_deref(), Some("one"));
        assert_eq!(of(b"\x1b[31mred\n").as_deref(), Some("\\u{1b}[31mred"));
        assert_eq!((of(b"no end"), of(b""), of(b"\n")), (None, None, None));
        let long = [b"x".repeat(20_000), b"\nlast\n".to_vec()].concat();
        assert_eq!(of(&long).as_deref(), Some("last"));
    }
}
