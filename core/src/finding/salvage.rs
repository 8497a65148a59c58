//! Documents one after another, and what is left of one that is damaged.
//!
//! A document that breaks off or breaks a rule is reported at that place; then what still stands in it is looked
//! for: every object that reads well and is a finding, or holds some, is taken.

use super::detect::{self, What};
use super::doc::Top;
use super::place::offset;
use super::read::Reader;
use super::record::Around;

/// Bytes that may be read in vain for each byte of a damaged document, so that no file can be made to take for
/// ever.
const EFFORT: usize = 16;
/// What an attempt costs at least, in bytes.
const ATTEMPT: usize = 32;

/// Reads documents one after another, as a file with one object a line is, until the text ends.
pub(super) fn stream(reader: &mut Reader<'_>, start: usize) {
    let text = reader.text;
    let mut at = start;
    // The last fault that was told, as soon as there is one.
    let mut told = None;
    while let Some(rest) = text.get(at..) {
        at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n', '\u{feff}']).len();
        match text.as_bytes().get(at) {
            None => return,
            Some(b'{' | b'[') => at = document(reader, at, &mut told),
            // After damage these are what is left of it.
            Some(b',' | b']' | b'}') if told.is_some() => at += 1,
            Some(_) => {
                reader.error(at, None, "not JSON: an object or a list was expected here");
                at = next_line(text, at).unwrap_or(text.len());
            }
        }
    }
}

/// Reads the document at an offset and says where to go on.
fn document(reader: &mut Reader<'_>, at: usize, told: &mut Option<usize>) -> usize {
    match parse(reader.text, at) {
        Ok((top, end)) => {
            let span = reader.text.get(at..end).unwrap_or_default();
            reader.take(top, span, None, &Around::default(), 0);
            end
        }
        Err(error) => {
            tell(reader, at, error, told);
            salvage(reader, at, told)
        }
    }
}

/// Tells the fault of a value, unless it is told already: every part of a broken value breaks at the same place.
/// Says where the fault lies.
fn tell(reader: &mut Reader<'_>, at: usize, error: serde_json::Error, told: &mut Option<usize>) -> usize {
    let mut rest = reader.text.get(at..).unwrap_or_default();
    let mut error = error;
    let mut length = offset(rest, &error);
    // A line cut off behind a colon takes the next one for its value: the fault is the cut.
    let next = next_document(rest.get(..length).unwrap_or_default(), 0).unwrap_or_default();
    let line = rest.get(..next).unwrap_or_default();
    if line.trim_end().ends_with(':')
        && let Err(cut) = parse(line, 0)
    {
        (length, rest, error) = (offset(line, &cut), line, cut);
    }
    let fault = at + length;
    if told.is_none_or(|told| fault > told) {
        reader.fault(at, rest, &error, None);
        *told = Some(fault);
    }
    fault
}

/// Takes what reads well after `start`, up to the line where the next document starts.
fn salvage(reader: &mut Reader<'_>, start: usize, told: &mut Option<usize>) -> usize {
    let text = reader.text;
    let end = next_document(text, start).unwrap_or(text.len());
    let mut at = start + 1;
    let mut effort = (end - start).saturating_mul(EFFORT);
    while let Some(found) = text.get(at..end).and_then(|rest| rest.find('{')) {
        at += found;
        // Without a name behind it this opens nothing that could be a finding.
        if !text.get(at + 1..).is_some_and(|rest| rest.trim_start().starts_with('"')) {
            at += 1;
            continue;
        }
        match parse(text, at) {
            Ok((top, past)) => {
                let known = matches!(&top, Top::Map(fields) if !matches!(detect::what(fields), What::Unknown));
                if known {
                    let span = text.get(at..past).unwrap_or_default();
                    reader.take(top, span, None, &Around::default(), 0);
                }
                at = past;
            }
            Err(error) => {
                let fault = tell(reader, at, error, told);
                let Some(left) = effort.checked_sub(fault.saturating_sub(at).max(ATTEMPT)) else {
                    reader.error(at, None, "too much is broken from here on: the rest was not searched");
                    return end;
                };
                effort = left;
                at += 1;
            }
        }
    }
    end.max(at)
}

/// The value at an offset, its first level open, and where it ends.
fn parse(text: &str, at: usize) -> Result<(Top<'_>, usize), serde_json::Error> {
    let rest = text.get(at..).unwrap_or_default();
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Top<'_>>();
    let top = values.next().unwrap_or(Ok(Top::Other))?;
    Ok((top, at + values.byte_offset()))
}

/// The start of the line after an offset.
fn next_line(text: &str, at: usize) -> Option<usize> {
    text.get(at..)?.find('\n').map(|found| at + found + 1)
}

/// The next line whose first character opens a document: inside one lines are indented.
fn next_document(text: &str, at: usize) -> Option<usize> {
    let mut from = at;
    loop {
        from = next_line(text, from)?;
        if matches!(text.as_bytes().get(from), Some(b'{' | b'[')) {
            return Some(from);
        }
    }
}
