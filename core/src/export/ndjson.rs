//! The records one a line, in the order of all writers, as they are on disk. Each such line can be checked by its own
//! hash; a writer's lines, in their order, by its chain. What a later record masks is not given out: a line that holds
//! it is derived, without the masked text, and says so by a last member, `masked`, that no record has.

use crate::incident::{EntryMasked, Event, Link, mask};
use crate::record::Record;
use crate::text::json;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::io::{self, Write};

/// What stands behind the data of a line: `,"p":"` and `,"h":"` with 64 digits each, two quotes, the brace, the newline.
const BEHIND: usize = 6 + 64 + 1 + 6 + 64 + 3;

/// Writes the records' own lines, and derived ones where something is masked; `line` gives a record's bytes, its newline
/// included. Gives how many are derived.
pub fn ndjson<'a>(out: &mut impl Write, records: &[Record], line: impl Fn(&Record) -> &'a [u8]) -> io::Result<usize> {
    let mut masks: BTreeMap<&Link, Vec<&EntryMasked>> = BTreeMap::new();
    for record in records {
        if let Event::EntryMasked(mask) = &record.entry.event {
            masks.entry(&mask.record).or_default().push(mask);
        }
    }
    let mut count = 0;
    for record in records {
        let own = line(record);
        let masks = masks.get(&record.entry.link);
        match masks.and_then(|masks| derived(own, &record.entry.event, masks)) {
            None => out.write_all(own)?,
            Some(derived) => {
                count += 1;
                out.write_all(&derived)?;
            }
        }
    }
    Ok(count)
}

/// The data of a line, as it stands there.
#[derive(Deserialize)]
struct Line<'a> {
    #[serde(borrow)]
    d: &'a RawValue,
}

/// The line without what is masked; none where nothing of it is. All else stays, members that are not known as well.
fn derived(own: &[u8], event: &Event, masks: &[&EntryMasked]) -> Option<Vec<u8>> {
    let d = serde_json::from_slice::<Line<'_>>(own).ok()?.d.get();
    let mut data: BTreeMap<String, Box<RawValue>> = serde_json::from_str(d).ok()?;
    let mut fields = Vec::new();
    for mask in masks {
        let Some(field) = mask::field(event, mask) else { continue };
        let Some(value) = data.get_mut(field) else { continue };
        let covered = mask::over(value, mask)?;
        if covered.get() != value.get() {
            *value = covered;
            fields.push(field);
        }
    }
    let behind = own.len().checked_sub(BEHIND)?;
    let (before, after) = (own.get(..behind.checked_sub(d.len())?)?, own.get(behind..)?.strip_suffix(b"}\n")?);
    let (data, marked) = (json::to_string(&data).ok()?, json::to_string(&fields).ok()?);
    let line = [before, data.as_bytes(), after, b",\"masked\":", marked.as_bytes(), b"}\n"].concat();
    (!fields.is_empty()).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITER: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaa";

    fn line(d: &str) -> String {
        let (p, h) = ("0".repeat(64), "1".repeat(64));
        format!(
            r#"{{"v":1,"w":"{WRITER}","n":3,"l":4,"t":"2026-11-21T18:00:00.000000000Z","k":"evidence.added","d":{d},"p":"{p}","h":"{h}"}}"#
        ) + "\n"
    }

    fn derive(d: &str, fields: &[&str]) -> Option<String> {
        let link = Link(crate::text::Id::new(WRITER).unwrap(), 3);
        let mask = |field: &&str| EntryMasked { record: link.clone(), field: (*field).into(), why: "k\u{1b}".into() };
        let masks: Vec<EntryMasked> = fields.iter().map(mask).collect();
        let event = Event::read("evidence.added", &RawValue::from_string(d.to_owned()).unwrap());
        let bytes = derived(line(d).as_bytes(), &event, &masks.iter().collect::<Vec<_>>())?;
        Some(String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn a_line_without_what_is_masked_keeps_the_rest_and_says_that_it_is_derived() {
        let d = r#"{"blob":"ab","name":"n","size":3,"how":"h","step":null,"later":[1e400,"\u200b"],"run":{"argv":["a","--pw"],"path":"/a","stream":"stdout","exit":0,"signal":null,"ms":1,"wrote":3,"withheld":0}}"#;
        let masked = r#"{"blob":"ab","how":"[masked: k\\u{1b}]","later":[1e400,"\u200b"],"name":"n","run":{"argv":["[masked: k\\u{1b}]","[masked: k\\u{1b}]"],"exit":0,"ms":1,"path":"[masked: k\\u{1b}]","signal":null,"stream":"[masked: k\\u{1b}]","withheld":0,"wrote":3},"size":3,"step":null}"#;
        let own = line(masked);
        let expected = format!("{},\"masked\":[\"how\",\"run\"]}}\n", own.strip_suffix("}\n").unwrap());
        assert_eq!(derive(d, &["how", "run"]), Some(expected));
    }

    #[test]
    fn a_line_that_holds_nothing_of_it_is_the_logs_own() {
        let d = r#"{"blob":"ab","name":"n","size":3,"how":"h","step":null}"#;
        // The bytes of the piece are no field; this one was no command's; the last may not be masked, or is not known.
        for field in ["content", "run", "blob", "later"] {
            assert_eq!(derive(d, &[field]), None, "{field}");
        }
    }
}
