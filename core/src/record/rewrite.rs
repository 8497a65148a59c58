//! A session's logs written again from its records alone: what a console holds in memory is enough to go on elsewhere
//! when the disk below it fails. A record has one form, and a chain one hash, so the lines are those that were written.

use super::chain::Hash;
use super::encode::{EncodeError, append_line};
use super::recover::{segment_name, segment_number};
use crate::incident::{Entry, Event, SegOpen, WriterId};
use std::collections::BTreeMap;

/// The segments of all writers, by file name. What a writer set aside is not among its records, so it is not here;
/// numbers that were never used leave no gap. An entry that starts no log's chain anew must be there.
pub fn rewrite(entries: &[Entry]) -> Result<BTreeMap<String, Vec<u8>>, EncodeError> {
    let mut writers: BTreeMap<&WriterId, Vec<&Entry>> = BTreeMap::new();
    for entry in entries {
        writers.entry(&entry.link.0).or_default().push(entry);
    }
    let mut files = BTreeMap::new();
    for (writer, mut entries) in writers {
        entries.sort_by_key(|entry| entry.link.1);
        files.extend(segments(writer, &entries)?);
    }
    Ok(files)
}

fn segments(writer: &WriterId, entries: &[&Entry]) -> Result<Vec<(String, Vec<u8>)>, EncodeError> {
    let (mut done, mut bytes, mut h, mut number) = (Vec::new(), Vec::new(), Hash::ZERO, 0);
    for entry in entries {
        if let Event::SegOpen(SegOpen { after: Some(after), .. }) = &entry.event {
            // The segment says what the one before it is called.
            let before = after.file.line().into_string();
            number = segment_number(writer, &before).unwrap_or(number);
            done.push((segment_name(writer, number), std::mem::take(&mut bytes)));
            number += 1;
        }
        h = append_line(&mut bytes, entry, &h)?;
    }
    done.push((segment_name(writer, number), bytes));
    Ok(done)
}
