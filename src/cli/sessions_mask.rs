//! `quell sessions mask`: a field of a record, or the bytes of a piece of evidence, is not shown any more. The record
//! and the evidence stay as they are.

use super::Io;
use super::visit::Visit;
use super::words::recorded;
use crate::problem::{Problem, clean};
use crate::timeline::{SessionDir, Who};
use quell_core::incident::{Entry, EntryMasked, Event, Link, mask, short};
use quell_core::record::Record;
use quell_core::text::{Shape, Untrusted};

/// Writes the record that masks; gives what is to be said.
pub(super) fn masking(
    session: &SessionDir,
    record: &str,
    field: Option<&str>,
    why: &str,
    who: &Who,
    io: &mut Io,
) -> Result<String, Problem> {
    let why = Untrusted::from(recorded(why, "the reason", io));
    if why.clean(Shape::Block).as_str().trim().is_empty() {
        return Err(Problem::input("say why it is masked").next("--why WORDS; the words stand where the text stood"));
    }
    let timeline = session.read()?;
    let entry = find(&timeline.recovery.records, record)?;
    let field = choose(&entry.event, field)?;
    let mask = EntryMasked { record: entry.link.clone(), field: field.into(), why };
    let entries: Vec<Entry> = timeline.recovery.records.iter().map(|record| record.entry.clone()).collect();
    if mask::named(&entries).any(|known| (&known.record, &known.field) == (&mask.record, &mask.field)) {
        return Err(Problem::input(format!("{field} of this record is masked already")));
    }
    let Link(writer, n) = &entry.link;
    let record = format!("{}/{n}", short(writer));
    let said = format!("masked {field} of record {record}; the log and a bundle hold it as it was\n");
    Visit::begin(session, who, io)?.end(vec![mask.into()], "a record was masked").map(|_| said)
}

/// The record of a name as it stands in reports: the beginning of the writer, a slash, the number.
fn find<'a>(records: &'a [Record], name: &str) -> Result<&'a Entry, Problem> {
    let bad = |what: String| {
        Problem::input(what).next("`quell sessions show ID` prints each record's name first: writer/number")
    };
    let Some((writer, n)) = name.split_once('/').and_then(|(writer, n)| Some((writer, n.parse::<u64>().ok()?))) else {
        return Err(bad(format!("{} is no record's name", clean(name))));
    };
    let fits = |entry: &&Entry| entry.link.1 == n && entry.link.0.as_str().starts_with(writer);
    let found: Vec<&Entry> = records.iter().map(|record| &record.entry).filter(fits).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(bad(format!("the session has no record {}", clean(name)))),
        _ => Err(bad(format!("more than one record is called {}", clean(name)))),
    }
}

/// The field that is meant.
fn choose(event: &Event, field: Option<&str>) -> Result<&'static str, Problem> {
    let kind = event.kind().unwrap_or("of an unknown kind");
    let fields = mask::fields(event);
    let Some(first) = fields.first() else {
        return Err(Problem::input(format!("a record {kind} can't be masked"))
            .meaning("others of its words are used to decide what is done"));
    };
    match field {
        None => Ok(first),
        Some(field) => fields.iter().find(|known| **known == field).copied().ok_or_else(|| {
            Problem::input(format!("a record {kind} has no field {} that can be masked", clean(field)))
                .next(format!("the fields are {}", fields.join(", ")))
        }),
    }
}
