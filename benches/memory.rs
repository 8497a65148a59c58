//! What verifying and folding hold in memory: the most bytes that are allocated at once, of logs of one size and of
//! four times that size. What grows with the records is told by the difference; the log's own bytes, which are made
//! before the measurement, are not in it.

#![allow(clippy::expect_used, reason = "a bench that can't be set up has nothing to say")]

mod made;

use divan::{AllocProfiler, Bencher, black_box};
use made::{log_of, note, session_of, writer};
use quell_core::incident::{Entry, Incident};
use quell_core::record::{Scanner, SegmentBytes, WriterFiles, recover_session};

#[global_allocator]
static ALLOCATED: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

const RECORDS: [u64; 2] = [100_000, 400_000];

/// Each line held against the one before it, and let go: what a chain alone needs.
#[divan::bench(args = RECORDS, sample_count = 1, sample_size = 1)]
fn chain(bencher: Bencher<'_, '_>, records: u64) {
    let bytes = log_of(records);
    bencher.bench_local(|| {
        let mut scanner = Scanner::new(writer(), 0);
        let lines = bytes.split_inclusive(|b| *b == b'\n');
        black_box(lines.filter(|line| scanner.take(line).1.is_some()).count())
    });
}

/// A session put together from its logs: its records are kept, in order.
#[divan::bench(args = RECORDS, sample_count = 1, sample_size = 1)]
fn verify(bencher: Bencher<'_, '_>, records: u64) {
    let bytes = log_of(records);
    bencher.bench_local(|| {
        let segments = vec![SegmentBytes { number: 0, bytes: &bytes }];
        black_box(recover_session(&[WriterFiles { writer: writer(), segments, head: None }]))
    });
}

/// A session's files verified line by line, as `quell sessions verify` does first: nothing is kept of a record.
#[divan::bench(args = RECORDS, sample_count = 1, sample_size = 1)]
fn verify_by_line(bencher: Bencher<'_, '_>, records: u64) {
    let (_folder, session) = session_of(records);
    bencher.bench_local(|| black_box(session.whole(None, None)).expect("a whole session"));
}

/// An incident folded from its records: it keeps its notes.
#[divan::bench(args = RECORDS, sample_count = 1, sample_size = 1)]
fn fold(bencher: Bencher<'_, '_>, records: u64) {
    let entries: Vec<Entry> = (0..records).map(|n| note(&writer(), n)).collect();
    bencher.bench_local(|| black_box(Incident::fold(&entries)));
}
