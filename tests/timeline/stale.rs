//! What a disk may do to bytes that it has kept before: a line or a sector that is gone, or stands in another's place.

use super::promised::Promised;
use super::shadow::{Content, Crashed};
use super::*;
use quell_core::record::{Hash, Recovery, append_line, segment_name};
use std::collections::HashSet;

const SECTOR: usize = 512;

/// A state in which acknowledged bytes of one file are not what they were, and what was done to them; `None` where a
/// file holds too little for it.
pub fn stale(state: &Crashed, recovery: &Recovery, promised: &Promised, by: u64) -> Option<(&'static str, Crashed)> {
    let saved: HashSet<&Link> = promised.saved.iter().map(|(link, _)| link).collect();
    // Two that stand behind each other: what comes after a line shows what that was.
    let behind = |a: &&Record, b: &&Record| a.place.segment == b.place.segment && a.place.end == b.place.start;
    let saved: Vec<&Record> = recovery.records.iter().filter(|record| saved.contains(&record.entry.link)).collect();
    let next = |a: &&Record| saved.iter().find(|b| a.entry.link.0 == b.entry.link.0 && behind(a, b)).copied();
    let pairs: Vec<(&Record, &Record)> = saved.iter().filter_map(|a| Some((*a, next(a)?))).collect();
    let (one, two) = *pairs.get((by / 4) as usize % pairs.len().max(1))?;
    let name = format!("log/{}", segment_name(&one.entry.link.0, one.place.segment));
    let bytes = &state.get(&name)?.bytes;
    let line = |record: &Record| bytes[record.place.start as usize..record.place.end as usize].to_vec();
    let (before, after) = (&bytes[..one.place.start as usize], &bytes[two.place.end as usize..]);
    let (what, other) = match by % 4 {
        0 => ("a line that is gone", [before, &line(two), after].concat()),
        1 => ("two lines in each other's place", [before, &line(two), &line(one), after].concat()),
        2 => ("a line of another content", [before, &another(one)?, &line(two), after].concat()),
        _ => ("a sector in another's place", sector(bytes, two.place.end as usize, (by / 64) as usize)?),
    };
    let mut state = state.clone();
    state.insert(name, Content::of(other));
    Some((what, state))
}

/// The line of a note that says something else, whole in itself and as long.
fn another(record: &Record) -> Option<Vec<u8>> {
    let Event::NoteAdded(note) = &record.entry.event else { return None };
    let text = note.text.line().into_string().replace(' ', "-");
    let event = NoteAdded { text: text.as_str().into(), ..note.clone() };
    let mut line = Vec::new();
    append_line(&mut line, &Entry { event: event.into(), ..record.entry.clone() }, &record.p).unwrap();
    Some(line)
}

/// One of the whole sectors before `end` overwritten with the next one.
fn sector(bytes: &[u8], end: usize, by: usize) -> Option<Vec<u8>> {
    let whole = (end / SECTOR).checked_sub(1).filter(|whole| *whole > 0)?;
    let at = by % whole * SECTOR;
    let mut other = bytes.to_vec();
    other.copy_within(at + SECTOR..at + 2 * SECTOR, at);
    (other != bytes).then_some(other)
}

/// A reader that holds each line against its own hash and its number, and not against the line before it.
pub fn holds_line_by_line(state: &Crashed) -> bool {
    let mut segments = state.iter().filter(|(name, _)| name.ends_with(".ndjson"));
    segments.all(|(_, file)| {
        let mut last = None;
        file.bytes.split_inclusive(|b| *b == b'\n').filter(|line| line.ends_with(b"\n")).all(|line| {
            let (hashed, end) = line.split_at(line.len().saturating_sub(73));
            let value: serde_json::Value = serde_json::from_slice(line).unwrap_or_default();
            let n = value["n"].as_u64();
            let follows = last.is_none_or(|last| n == Some(last + 1));
            last = n;
            follows && end.get(6..70) == Some(Hash::of(hashed).to_string().as_bytes())
        })
    })
}
