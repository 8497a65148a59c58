//! Reads files and answers: finds the records, hands each to its parser, and lets no bad one take another with it.

use super::detect::{self, Shape, What};
use super::doc::Top;
use super::place::{Lines, NOT_UTF8, offset, readable};
use super::record::{Around, Bad, Fields, Record, tree};
use super::{Finding, Via, salvage};
use crate::text::Untrusted;
use serde_json::value::RawValue;

/// Holders inside holders, at most; no service nests deeper than three.
const NESTING: usize = 8;
/// Errors that are listed; a file that is not JSON at all would have one a line.
const ERRORS: usize = 1000;

/// What a file or an answer held.
#[derive(Debug, Default)]
pub struct Batch {
    /// The good records, in the order of the file.
    pub findings: Vec<Finding>,
    /// The bad ones, in the order of the file.
    pub errors: Vec<ReadError>,
    /// What of the good records is not as the service writes it, in the order of the file: read, but by a guess.
    pub doubts: Vec<ReadError>,
}

/// A record, or a part of a file, that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct ReadError {
    /// Line of the place, from 1.
    pub line: usize,
    /// Column of the place, from 1, in bytes.
    pub column: usize,
    /// Place of the record in its list, from 0, where it stands in one.
    pub index: Option<usize>,
    /// Why, in words of our own.
    pub reason: String,
}

/// Reads a file of findings: one JSON document or several, in any of the known shapes and wrappings. `via` is the
/// way that records came which do not say it themselves (an EventBridge event does).
pub fn read(bytes: &[u8], via: Via) -> Batch {
    let text = readable(bytes);
    let mut reader = Reader::new(&text, bytes, via);
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        reader.error(0, None, "this is UTF-16; JSON is UTF-8: save it as UTF-8");
        return reader.batch;
    }
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    salvage::stream(&mut reader, start);
    if reader.batch.findings.is_empty() && text.get(start..).is_some_and(|rest| rest.trim().is_empty()) {
        reader.error(start, None, "there is nothing in it, not even an empty list");
    }
    reader.batch
}

/// Reads the body of an answer of AWS: `GetFindings` of GuardDuty or of Security Hub. An answer that is cut off,
/// is no JSON, or lacks its list of findings is an error, never an empty list.
pub fn read_answer(bytes: &[u8], via: Via) -> Result<Batch, ReadError> {
    let text = readable(bytes);
    let mut reader = Reader::new(&text, bytes, via);
    let top: Top<'_> = serde_json::from_str(&text).map_err(|error| reader.located(0, &text, &error))?;
    let list = match &top {
        Top::Map(fields) => super::doc::find(fields, "findings").filter(|raw| raw.get().starts_with('[')),
        _ => None,
    };
    let Some(list) = list else {
        let (line, column) = reader.lines.place(0);
        let reason = "the answer has no list of findings".to_owned();
        return Err(ReadError { line, column, index: None, reason });
    };
    reader.holder(list, &Around::default(), 0);
    Ok(reader.batch)
}

/// Reads one text.
pub(super) struct Reader<'a> {
    /// What is parsed; as long as `bytes`, and equal to them but for what no JSON reader takes.
    pub(super) text: &'a str,
    bytes: &'a [u8],
    via: Via,
    lines: Lines<'a>,
    pub(super) batch: Batch,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str, bytes: &'a [u8], via: Via) -> Self {
        Self { text, bytes, via, lines: Lines::new(bytes), batch: Batch::default() }
    }

    /// Takes all that a value holds: one record, or many.
    pub(super) fn take(&mut self, top: Top<'a>, span: &'a str, index: Option<usize>, around: &Around, depth: usize) {
        match top {
            Top::Map(fields) => self.object(fields, span, index, around, depth),
            Top::List(items) => self.list(&items, around, depth),
            Top::Other => self.error(self.at(span), index, "not a finding: a finding is a JSON object"),
        }
    }

    fn list(&mut self, items: &[&'a RawValue], around: &Around, depth: usize) {
        self.batch.findings.reserve(items.len());
        for (index, item) in items.iter().enumerate() {
            self.value(item, Some(index), around, depth + 1);
        }
    }

    fn value(&mut self, raw: &'a RawValue, index: Option<usize>, around: &Around, depth: usize) {
        if depth > NESTING {
            return self.error(self.at(raw.get()), index, "not a finding: lists inside lists, too deep");
        }
        match serde_json::from_str::<Top<'a>>(raw.get()) {
            Ok(top) => self.take(top, raw.get(), index, around, depth),
            Err(error) => self.fault(self.at(raw.get()), raw.get(), &error, index),
        }
    }

    fn object(&mut self, fields: Fields<'a>, span: &'a str, index: Option<usize>, around: &Around, depth: usize) {
        match detect::what(&fields) {
            What::Finding(shape) => self.finding(shape, fields, span, index, around),
            What::Event(detail) => self.event(&fields, detail, span, index, depth),
            What::Holder(raw) => self.holder(raw, around, depth),
            What::Insight => {}
            What::Unknown => self.error(self.at(span), index, UNKNOWN),
        }
    }

    fn holder(&mut self, raw: &'a RawValue, around: &Around, depth: usize) {
        self.value(raw, None, around, depth + 1);
    }

    fn finding(&mut self, shape: Shape, fields: Fields<'a>, span: &'a str, index: Option<usize>, around: &Around) {
        let start = self.at(span);
        let raw = self.bytes.get(start..start + span.len()).unwrap_or_default();
        let record = Record { fields, raw, via: self.via, around: around.clone() };
        match detect::read(shape, &record) {
            Ok((finding, doubts)) => {
                self.batch.findings.push(finding);
                for (value, reason) in doubts {
                    self.doubt(value.map_or(start, |value| self.at(value)), index, reason);
                }
            }
            Err(Bad { start, error }) => {
                let start = start.wrapping_sub(self.text.as_ptr() as usize);
                self.fault(start, self.text.get(start..).unwrap_or_default(), &error, index);
            }
        }
    }

    /// An EventBridge event: what is in it came by EventBridge, and the event's account and region count where
    /// the finding has none.
    fn event(&mut self, fields: &Fields<'a>, detail: &'a RawValue, span: &'a str, index: Option<usize>, depth: usize) {
        let word = |name: &str| {
            let raw = super::doc::find(fields, name)?;
            tree(raw).ok()?.text()
        };
        let inside = match serde_json::from_str::<Top<'a>>(detail.get()) {
            Ok(Top::Map(inside)) => detect::what(&inside),
            _ => What::Unknown,
        };
        let insight = word("detail-type").is_some_and(|t| t == Untrusted::from("Security Hub Insight Results"));
        match inside {
            What::Insight => {}
            _ if insight => {}
            What::Unknown | What::Event(_) => {
                let of = word("detail-type").map(|t| format!(" ({})", t.line())).unwrap_or_default();
                self.error(
                    self.at(span),
                    index,
                    format!("an EventBridge event without a finding of a known shape{of}"),
                );
            }
            What::Finding(_) | What::Holder(_) => {
                let around = Around { account: word("account"), region: word("region") };
                let via = std::mem::replace(&mut self.via, Via::Eventbridge);
                self.value(detail, index, &around, depth + 1);
                self.via = via;
            }
        }
    }

    /// Reports a place and a reason.
    pub(super) fn error(&mut self, at: usize, index: Option<usize>, reason: impl Into<String>) {
        match self.batch.errors.len() {
            ERRORS.. => return,
            n if n + 1 == ERRORS => {
                let reason = format!("{} (this is error number {ERRORS}: no more are listed)", reason.into());
                let (line, column) = self.lines.place(at);
                return self.batch.errors.push(ReadError { line, column, index, reason });
            }
            _ => {}
        }
        let (line, column) = self.lines.place(at);
        self.batch.errors.push(ReadError { line, column, index, reason: reason.into() });
    }

    /// Reports what of a record is read by a guess.
    fn doubt(&mut self, at: usize, index: Option<usize>, reason: String) {
        if self.batch.doubts.len() < ERRORS {
            let (line, column) = self.lines.place(at);
            self.batch.doubts.push(ReadError { line, column, index, reason });
        }
    }

    /// Reports what the JSON reader found wrong in a text that starts at an offset.
    pub(super) fn fault(&mut self, start: usize, text: &str, error: &serde_json::Error, index: Option<usize>) {
        let located = self.located(start, text, error);
        let at = start + offset(text, error);
        self.error(at, index, located.reason);
    }

    fn located(&mut self, start: usize, text: &str, error: &serde_json::Error) -> ReadError {
        let at = start + offset(text, error);
        let (line, column) = self.lines.place(at);
        ReadError { line, column, index: None, reason: self.reason(at, error) }
    }

    fn reason(&self, at: usize, error: &serde_json::Error) -> String {
        let near = self.text.get(..(at + 1).min(self.text.len())).unwrap_or(self.text);
        if error.is_eof() {
            return "it ends in the middle: the rest is missing".to_owned();
        }
        if near.ends_with(NOT_UTF8) && self.bytes.get(at) != Some(&(NOT_UTF8 as u8)) {
            return "not JSON: a byte that is not UTF-8".to_owned();
        }
        let words = error.to_string();
        let words = words.rsplit_once(" at line ").map_or(words.as_str(), |(words, _)| words);
        format!("not JSON: {}", Untrusted::from(words).line())
    }

    /// Where a part of the text starts.
    pub(super) fn at(&self, part: &str) -> usize {
        (part.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize).min(self.text.len())
    }
}

const UNKNOWN: &str = "not a finding of a known shape (GuardDuty, ASFF, OCSF, Inspector)";

#[cfg(test)]
#[path = "read_tests.rs"]
mod tests;
