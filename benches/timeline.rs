//! What the log costs: an acknowledged record against a bare write and fdatasync of the same bytes on the same disk;
//! reading, verifying and folding 100,000 records.

#![allow(clippy::expect_used, reason = "a bench that can't be set up has nothing to say")]

mod made;

use divan::{Bencher, black_box};
use made::{log_of, note, session_of, writer};
use quell::runtime::Runtime;
use quell::timeline::{Attached, Sessions, StateDir, Who};
use quell_core::incident::{Entry, Incident};
use quell_core::record::{Hash, SegmentBytes, WriterFiles, append_line, recover_session};
use std::fs::OpenOptions;
use std::io::Write;

fn main() {
    divan::main();
}

const RECORDS: u64 = 100_000;

/// One note, written, synced and acknowledged.
#[divan::bench(sample_count = 500, sample_size = 1)]
fn append(bencher: Bencher<'_, '_>) {
    let folder = tempfile::TempDir::new().expect("a folder");
    let sessions = Sessions::of(&StateDir::at(folder.path().join("state")));
    let session = sessions.create(&"bench".into(), &Runtime::real()).expect("a session");
    let attached = session.attach(&Who::here(None), &Runtime::real()).expect("a log");
    let Attached { mut log, .. } = attached;
    let (writer, mut n) = (log.writer().clone(), 0);
    bencher.bench_local(|| {
        n += 1;
        black_box(log.commit(vec![note(&writer, n)]).expect("saved"))
    });
}

/// The same bytes, written and synced without more.
#[divan::bench(sample_count = 500, sample_size = 1)]
fn bare_fdatasync(bencher: Bencher<'_, '_>) {
    let folder = tempfile::TempDir::new().expect("a folder");
    let file = OpenOptions::new().append(true).create_new(true).open(folder.path().join("bare"));
    let mut file = file.expect("a file");
    let writer = writer();
    let mut line = Vec::new();
    append_line(&mut line, &note(&writer, 1), &Hash::ZERO).expect("a line");
    bencher.bench_local(|| {
        file.write_all(&line).expect("written");
        file.sync_data().expect("synced");
    });
}

/// Reading, checking and ordering all records.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn verify_100_000(bencher: Bencher<'_, '_>) {
    let (writer, bytes) = (writer(), log_of(RECORDS));
    bencher.bench_local(|| {
        let segments = vec![SegmentBytes { number: 0, bytes: &bytes }];
        black_box(recover_session(&[WriterFiles { writer: writer.clone(), segments, head: None }]))
    });
}

/// The same from the files, line by line, as `quell sessions verify` does first.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn verify_100_000_by_line(bencher: Bencher<'_, '_>) {
    let (_folder, session) = session_of(RECORDS);
    bencher.bench_local(|| black_box(session.whole(None, None)).expect("a whole session"));
}

/// The fold of all records.
#[divan::bench(sample_count = 5, sample_size = 1)]
fn fold_100_000(bencher: Bencher<'_, '_>) {
    let writer = writer();
    let entries: Vec<Entry> = (0..RECORDS).map(|n| note(&writer, n)).collect();
    bencher.bench_local(|| black_box(Incident::fold(&entries)));
}
