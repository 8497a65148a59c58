//! `quell sessions verify`: what is told of a session's logs, and what they are held against.

use super::sessions::{Printed, line};
use crate::problem::{Problem, clean};
use quell_core::record::{Fault, Kept, Uncovered, Verification};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// The biggest file in which heads are looked for.
const MOST: u64 = 1 << 30;

/// The heads that were kept in these files; nothing where there is no file.
pub(super) fn heads_in(files: &[PathBuf]) -> Result<Option<Kept>, Problem> {
    let mut all = None;
    for path in files {
        let wrong = |what: String| Problem::input(what).in_file(path.to_string_lossy(), 0, 0);
        let mut bytes = Vec::new();
        let read = File::open(path).and_then(|file| file.take(MOST + 1).read_to_end(&mut bytes));
        read.map_err(|e| {
            wrong(format!("what was kept can't be read: {e}"))
                .meaning("the session was to be held against it, so nothing was checked")
                .next("check the name and the permissions")
        })?;
        let found = found(&bytes);
        if found.is_empty() || bytes.len() as u64 > MOST {
            let what = if found.is_empty() { "there is no head in the file" } else { "the file is over 1 GiB" };
            return Err(wrong(what.to_owned())
                .meaning("the session was to be held against it, so nothing was checked")
                .next("give a report, a bundle, a checkpoint, or what `quell sessions verify` printed earlier"));
        }
        all.get_or_insert_with(Kept::default).extend(found);
    }
    Ok(all)
}

/// The heads in a file: of a bundle those that its report and its checkpoints say.
fn found(bytes: &[u8]) -> Kept {
    let mut all = Kept::default();
    let is_archive = bytes.get(257..262) == Some(b"ustar");
    let mut archive = tar::Archive::new(bytes);
    match archive.entries().ok().filter(|_| is_archive) {
        None => all.extend(Kept::read(bytes)),
        Some(entries) => {
            for mut entry in entries.filter_map(Result::ok) {
                let name = entry.path().map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
                let mut inner = name.split('/').skip(1);
                let kept = match (inner.next(), inner.next(), inner.next()) {
                    (Some("derived"), Some("report.md"), None) => true,
                    (Some("checkpoints"), Some(name), None) => name.ends_with(".txt"),
                    _ => false,
                };
                let mut bytes = Vec::new();
                if kept && entry.read_to_end(&mut bytes).is_ok() {
                    all.extend(Kept::read(&bytes));
                }
            }
        }
    }
    all
}

/// What is printed of it, and the exit code.
pub(super) fn verify(verification: &Verification, json: bool) -> Result<Printed, Problem> {
    let code = if verification.verdict.holds() { 0 } else { 1 };
    if json {
        return Ok(Printed { text: line(verification)?, code });
    }
    let Verification { verdict, records, writers, problems, checkpoints, heads, uncovered, kept, aside_missing } =
        verification;
    let mut text = format!("{}: {records} records of {writers} writers\n", verdict.as_str());
    for (writer, n, h) in heads {
        text.push_str(&format!("head of {writer}: record {n}, {h}\n"));
    }
    for checked in checkpoints {
        text.push_str(&format!("{}\n", clean(&checked.line())));
    }
    if let Some(uncovered) = uncovered.as_ref().filter(|uncovered| !uncovered.is_empty()) {
        text.push_str(&not_covered(uncovered));
    }
    if *aside_missing > 0 {
        let bytes = aside_missing;
        let words = "of the bytes that were set aside; nothing binds what is left of them";
        text.push_str(&format!("not there: {bytes} {words}\n"));
    }
    text.push_str(&match kept {
        Some(count) => format!("held against {count} heads that were kept elsewhere\n"),
        None => {
            "held against nothing that was kept elsewhere (--kept FILE): if the newest records are gone, with all that \
                 names them, nothing here shows it\n"
                .to_owned()
        }
    });
    for Fault { file, line, byte, kind, detail } in problems {
        let place = match (file.as_str(), file.split('/').next()) {
            (_, Some("evidence" | "checkpoints" | "kept")) => file.clone(),
            ("", _) => "the session".to_owned(),
            _ => format!("log/{file}: line {line}, byte {byte}"),
        };
        // A file's name is whatever somebody called it.
        text.push_str(&format!("{}: {}: {detail}\n", clean(&place), kind.as_str()));
    }
    Ok(Printed { text: text.into_bytes(), code })
}

/// What no allowed signer's signature covers, and whose it is.
fn not_covered(uncovered: &Uncovered) -> String {
    let count = uncovered.count();
    let mut text = format!("records that no allowed signer's signature covers: {count}; sign again to cover them\n");
    for (writer, (count, first, last)) in &uncovered.records {
        text.push_str(&format!("not covered: {count} of {writer}, from record {first} to {last}\n"));
    }
    text
}

/// A file of allowed signers that can't be read would make every signer unknown.
pub(super) fn readable(file: Option<&Path>) -> Result<(), Problem> {
    let Some(file) = file else { return Ok(()) };
    // A folder opens, and can't be read.
    let read = File::open(file).and_then(|mut file| file.read(&mut [0]));
    read.map(drop).map_err(|e| {
        Problem::input(format!("the allowed signers can't be read: {e}"))
            .in_file(file.to_string_lossy(), 0, 0)
            .meaning("without them nobody's signature counts, so nothing was checked")
            .next("give a file with lines like `alice@example.com ssh-ed25519 AAAA...`")
    })
}
