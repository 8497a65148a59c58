//! Masking: a record that holds what must not be shown stays as it is, and a later record says which field of it is
//! shown no more, and why. What people read (screens, the report, `sessions show`) and what is exported goes through
//! here; the log, the evidence and the bundle keep every byte.

use super::entry::Entry;
use super::event::{EntryMasked, Event};
use super::link::Link;
use crate::text::Untrusted;
use crate::text::secret::Secrets;
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// What stands for the bytes of a piece of evidence, which are no field of a record.
pub const CONTENT: &str = "content";

/// Free text that a kind's records hold, by which nothing is decided. The first is meant where none is named.
const FIELDS: [(&str, &[&str]); 22] = [
    ("note.added", &["text"]),
    ("entry.added", &["text", "source"]),
    ("entry.corrected", &["value", "why"]),
    ("evidence.added", &[CONTENT, "how", "name", "run"]),
    ("evidence.custody", &["why", "from", "to", "authority"]),
    ("step.done", &["note"]),
    ("step.skipped", &["why"]),
    ("step.failed", &["why"]),
    ("step.reopened", &["why"]),
    ("decision.made", &["why"]),
    ("action.approved", &["why"]),
    ("action.cancelled", &["why"]),
    ("action.progress", &["text"]),
    ("action.succeeded", &["facts", "outcome"]),
    ("action.failed", &["message"]),
    ("action.unknown", &["why"]),
    ("action.verified", &["facts"]),
    ("verdict.set", &["why"]),
    ("finding.detached", &["why"]),
    ("runbook.closed", &["why"]),
    ("session.closed", &["summary"]),
    ("session.reopened", &["why"]),
];

/// The fields of such an event that can be masked; none of a kind by whose words something is decided.
pub fn fields(event: &Event) -> &'static [&'static str] {
    let kind = event.kind().unwrap_or_default();
    FIELDS.iter().find(|(known, _)| *known == kind).map_or(&[], |(_, fields)| fields)
}

/// All masks among these entries.
pub fn named(entries: &[Entry]) -> impl Iterator<Item = &EntryMasked> {
    entries.iter().filter_map(|entry| match &entry.event {
        Event::EntryMasked(mask) => Some(mask),
        _ => None,
    })
}

/// Masks what these entries, in any order, say is masked. Gives what the masked ones said.
pub fn apply(entries: &mut [Entry]) -> BTreeMap<Link, Event> {
    let masks: Vec<EntryMasked> = named(entries).cloned().collect();
    let mut originals = BTreeMap::new();
    for mask in masks {
        let Some(entry) = entries.iter_mut().find(|entry| entry.link == mask.record) else { continue };
        if let Some(event) = masked(&entry.event, &mask) {
            let original = std::mem::replace(&mut entry.event, event);
            originals.entry(mask.record).or_insert(original);
        }
    }
    originals
}

/// The field of such an event that is meant, if it can be masked.
pub fn field(event: &Event, mask: &EntryMasked) -> Option<&'static str> {
    fields(event).iter().find(|field| mask.field == (**field).into()).copied()
}

/// The value of a field with the reason in the place of every text in it.
pub fn over(value: &RawValue, mask: &EntryMasked) -> Option<Box<RawValue>> {
    let words = instead(&mask.why);
    // What no number here can hold is not shown either.
    let mut value = serde_json::from_str(value.get()).unwrap_or_else(|_| Value::String(words.clone()));
    hide(&mut value, &words);
    serde_json::value::to_raw_value(&value).ok()
}

/// The event without the field; `None` where it has no such field, or one that can't be masked.
fn masked(event: &Event, mask: &EntryMasked) -> Option<Event> {
    let field = field(event, mask)?;
    let mut data: Value = serde_json::from_str(&event.data().ok()?).ok()?;
    hide(data.get_mut(field)?, &instead(&mask.why));
    let raw = serde_json::value::to_raw_value(&data).ok()?;
    let kind = event.kind()?;
    Some(Event::read(kind, &raw)).filter(|event| event.kind() == Some(kind))
}

/// Puts the words in the place of every text in a value.
fn hide(value: &mut Value, words: &str) {
    each(value, &mut |text| words.clone_into(text));
}

fn each(value: &mut Value, change: &mut dyn FnMut(&mut String)) {
    match value {
        Value::String(text) => change(text),
        Value::Array(all) => all.iter_mut().for_each(|value| each(value, change)),
        Value::Object(object) => object.values_mut().for_each(|value| each(value, change)),
        _ => {}
    }
}

/// The event without known credentials in any of its texts, before it becomes a record. A text that would then be no
/// such text any more, an identifier for instance, leaves the event as it is.
pub fn without(event: Event, known: &Secrets) -> Event {
    let Some((kind, Ok(data))) = event.kind().map(|kind| (kind, event.data())) else { return event };
    let Ok(mut value) = serde_json::from_str::<Value>(&data) else { return event };
    let mut found = 0;
    each(&mut value, &mut |text| {
        let (kept, count) = known.withhold_text(text);
        if count > 0 {
            *text = kept;
            found += count;
        }
    });
    if found == 0 {
        return event;
    }
    let read = serde_json::value::to_raw_value(&value).ok().map(|raw| Event::read(kind, &raw));
    read.filter(|read| read.kind() == Some(kind)).unwrap_or(event)
}

/// What is shown in the place of what is masked.
pub fn instead(why: &Untrusted) -> String {
    format!("[masked: {}]", why.line())
}
