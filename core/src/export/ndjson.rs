//! The records as they are on disk, one a line, in the order of all writers. Each line can still be checked by its
//! own hash; a writer's lines, in their order, by its chain.

use crate::record::Record;
use std::io::{self, Write};

/// Writes the records' own lines; `line` gives a record's bytes, its newline included.
pub fn ndjson<'a>(out: &mut impl Write, records: &[Record], line: impl Fn(&Record) -> &'a [u8]) -> io::Result<()> {
    records.iter().try_for_each(|record| out.write_all(line(record)))
}
