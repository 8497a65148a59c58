//! The end of the report: how far its times and its records can be believed.

use super::{Out, utc};
use crate::export::markdown::{code, span};
use crate::incident::*;
use crate::record::{Verdict, Verification};

impl Out<'_> {
    pub(super) fn clocks(&mut self) {
        for jump in self.incident.jumps.values() {
            let Link(writer, n) = &jump.link;
            let who = code(&self.incident.who(writer, *n));
            let words = span(&self.incident.jump_words(jump));
            self.line(format!("- Record `{}/{n}` of {who}: {words}", short(writer)));
        }
        if self.incident.jumps.is_empty() {
            self.line("- No record says that it is earlier than one before it.");
        }
        match &self.incident.skew {
            None => self.line("- No answer of AWS bears witness of the time."),
            Some(Skew { seconds, stamp, witness }) => {
                let way = if *seconds < 0 { "behind" } else { "ahead of" };
                let call = code(&format!("{}:{}", witness.service.line(), witness.operation.line()).into());
                let by = code(&self.incident.who(&stamp.by, stamp.n));
                let most = seconds.unsigned_abs();
                self.line(format!("- At most {most} s {way} AWS's clock: that of {by}, {} ({call})", utc(stamp.at)));
                self.part("AWS request id", witness.request_id.as_ref());
            }
        }
    }

    pub(super) fn integrity(&mut self, verification: &Verification) {
        let verdict = verification.verdict;
        self.line(format!("- Verdict: **{}**", verdict.as_str()));
        if verdict.holds() {
            self.line(match (verdict, verification.checkpoints.is_empty()) {
                (Verdict::Ok, _) => "- The chain holds, and allowed signers have signed it to its end.",
                (_, false) => "- The chain holds; what was signed, and by whom, is below.",
                (_, true) => "- The chain holds; it is not signed.",
            });
        }
        for checked in &verification.checkpoints {
            self.line(format!("- {}", code(&checked.line().into())));
        }
        let count = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
        let (records, writers) = (count(verification.records, "record"), count(verification.writers, "writer"));
        self.line(format!("- {records} of {writers}"));
        for (writer, n, h) in &verification.heads {
            self.line(format!("- Head of `{writer}`: record {n}, `{h}`"));
        }
        for problem in &verification.problems {
            let place = format!("{} line {} byte {}", problem.file, problem.line, problem.byte);
            let (place, detail) = (code(&place.into()), code(&problem.detail.as_str().into()));
            self.line(format!("- {}: {place}, {detail}", problem.kind.as_str()));
        }
    }
}
