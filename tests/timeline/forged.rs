//! Lines whose hashes are right and whose content is not: whoever can write all files, and has no key, makes the chains,
//! the heads and the checkpoints anew. quell and the verifier of docs/ must say the same of what comes of it.

use super::agree::{Folder, judged, read, word};
use super::*;
use crate::outside::python;
use quell::timeline::disk::LocalDisk;
use quell::timeline::{Draft, Evidence};
use quell_core::incident::{EntryMasked, EvidenceAdded};
use quell_core::record::Hash;
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Three writers, of whom one came back; evidence, a mask and a checkpoint.
pub fn whole(state: &State) -> (SessionDir, Folder) {
    let session = state.begun();
    let (mut pen, mut attached) = state.attach(&session);
    let blob = Evidence::of(&session).put(&mut LocalDisk, b"what was found").unwrap();
    let (name, how) = ("memory.img".into(), "by hand".into());
    let added = pen.event(EvidenceAdded { blob, name, size: 14, how, step: None, run: None });
    let note = pen.note("a note to forge");
    let mask = EntryMasked { record: note.link.clone(), field: "text".into(), why: "a name".into() };
    let mask = pen.event(mask);
    attached.log.commit(vec![added, note, mask]).unwrap();
    let draft = Draft::of(&session, attached.log.writer(), &state.runtime).unwrap();
    let made = draft.store(&mut LocalDisk, None).unwrap();
    attached.log.commit(vec![pen.event(made.made)]).unwrap();
    attached.log.close().unwrap();
    let mut bob = session.attach(&who("bob"), &state.runtime).unwrap();
    let mut bobs = Pen::of(&bob);
    let seen = Some(BTreeMap::from([(pen.link.0.clone(), pen.link.1)]));
    bob.log.commit(vec![Entry { seen, ..bobs.note("bob has seen it") }, bobs.note("bob again")]).unwrap();
    bob.log.close().unwrap();
    let (mut pen, mut attached) = state.attach(&session);
    attached.log.commit(vec![pen.note("back again"), pen.note("the last words")]).unwrap();
    attached.log.close().unwrap();
    let folder = read(&session);
    (session, folder)
}

fn ends(name: &Path, end: &str) -> bool {
    name.as_os_str().as_bytes().ends_with(end.as_bytes())
}

/// The files of a folder whose names end so.
pub fn of(folder: &Folder, end: &str) -> Vec<PathBuf> {
    folder.keys().filter(|name| ends(name, end)).cloned().collect()
}

/// Makes hashes and predecessors anew in all logs and heads, and in the checkpoints as well if that is asked; what names
/// the place of a record, where it stood in the `whole`, names where it stands now.
pub fn rechain(folder: &mut Folder, whole: &Folder, checkpoints: bool) {
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for name in of(whole, ".ndjson") {
        let mut end = 0;
        for line in whole[&name].split_inclusive(|b| *b == b'\n') {
            end += line.len();
            places.extend(again(line, &[], None).1.map(|(old, _)| (old, end)));
        }
    }
    // Twice: a record names the hash of the checkpoint's text, which names hashes of records before it.
    let mut texts: Vec<(String, String)> = Vec::new();
    for _ in 0..2 {
        let mut swaps = texts.clone();
        let mut last: BTreeMap<String, String> = BTreeMap::new();
        for name in of(folder, ".ndjson") {
            let file = name.file_name().unwrap().to_string_lossy().into_owned();
            let mut out = Vec::new();
            for line in folder[&name].split_inclusive(|b| *b == b'\n') {
                let (line, hashes) = again(line, &swaps, last.get(&file[..26]));
                out.extend_from_slice(&line);
                let Some((old, new)) = hashes else { continue };
                last.insert(file[..26].to_owned(), new.clone());
                if let Some(end) = places.get(&old) {
                    let place = |end: usize| format!("\"file\":\"{file}\",\"bytes\":{end},");
                    swaps.push((place(*end), place(out.len())));
                    swaps.push((format!("\nbytes {end}\n"), format!("\nbytes {}\n", out.len())));
                }
                swaps.push((old, new));
            }
            folder.insert(name, out);
        }
        for name in of(folder, ".head") {
            let text = String::from_utf8_lossy(&folder[&name]).into_owned();
            folder.insert(name, swapped(&text, &swaps).into_bytes());
        }
        for name in of(folder, ".txt").into_iter().filter(|_| checkpoints) {
            let text = String::from_utf8_lossy(&folder[&name]).into_owned();
            let new = swapped(&text, &swaps);
            texts.push((Hash::of(text.as_bytes()).to_string(), Hash::of(new.as_bytes()).to_string()));
            folder.insert(name, new.into_bytes());
        }
    }
}

fn swapped(text: &str, swaps: &[(String, String)]) -> String {
    let mut text = text.to_owned();
    for (old, new) in swaps.iter().filter(|(old, new)| old != new) {
        text = text.replace(old, new);
    }
    text
}

/// A line with the hash that it has now, and the old hash and the new one; one that has no hash stays.
fn again(line: &[u8], swaps: &[(String, String)], last: Option<&String>) -> (Vec<u8>, Option<(String, String)>) {
    let at = line.len().saturating_sub(73);
    let Some(old) = line[at..].strip_prefix(b",\"h\":\"").filter(|rest| rest.len() == 67) else {
        return (line.to_vec(), None);
    };
    let mut body = match String::from_utf8(line[..at].to_vec()) {
        Ok(text) => swapped(&text, swaps).into_bytes(),
        Err(error) => error.into_bytes(),
    };
    if let (Some(last), Some(start)) = (last, body.len().checked_sub(65))
        && body[..start].ends_with(b"\"p\":\"")
    {
        body[start..start + 64].copy_from_slice(last.as_bytes());
    }
    let new = Hash::of(&body).to_string();
    let old = String::from_utf8_lossy(&old[..64]).into_owned();
    body.extend_from_slice(format!(",\"h\":\"{new}\"}}\n").as_bytes());
    (body, Some((old, new)))
}

/// Puts bytes in another's place in the one line that holds them, and chains all anew.
fn edited(folder: &Folder, line: &str, from: &[u8], to: &[u8]) -> Folder {
    let (whole, mut folder) = (folder, folder.clone());
    for name in of(whole, ".ndjson") {
        let lines = folder[&name].split_inclusive(|b| *b == b'\n').map(|bytes| {
            match find(bytes, line.as_bytes()).and_then(|_| find(bytes, from)) {
                Some(at) => [&bytes[..at], to, &bytes[at + from.len()..]].concat(),
                None => bytes.to_vec(),
            }
        });
        let lines = lines.collect::<Vec<_>>().concat();
        folder.insert(name, lines);
    }
    rechain(&mut folder, whole, true);
    folder
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|part| part == what)
}

const NOTE: &str = "a note to forge";

/// What stands in which line, what is put in its place, and the verdict.
type Forgery = (&'static str, Vec<u8>, Vec<u8>, &'static str);

const OK: &str = "ok-unsigned";
const INVALID: &str = "invalid-record";
const MISSING: &str = "missing-segment";

fn text(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

/// A hash of what is not there.
fn gone() -> String {
    "0123456789abcdef".repeat(4)
}

/// Data of other shapes than its kind's, keys twice, and depth.
fn shapes() -> Vec<Forgery> {
    let kind = |k: &str, d: &str| text(&format!("\"{k}\",\"d\":{d}"));
    let d = || text("{\"text\":\"a note to forge\",\"step\":null}");
    let note = || kind("note.added", "{\"text\":\"a note to forge\",\"step\":null}");
    let deep = |levels: usize| text(&format!("{{\"a\":{}{}}}", "[".repeat(levels), "]".repeat(levels)));
    vec![
        // Known kinds of an unknown shape: what they name as evidence is asked for, whatever else they hold.
        (NOTE, note(), kind("finding.attached", "{\"text\":7}"), OK),
        (NOTE, note(), kind("evidence.added", "{}"), OK),
        (NOTE, note(), kind("evidence.added", "{\"blob\":7}"), OK),
        (NOTE, note(), kind("evidence.added", "{\"blob\":\"x\"}"), INVALID),
        (NOTE, note(), kind("finding.attached", &format!("{{\"blob\":\"{}\"}}", gone())), MISSING),
        (NOTE, note(), kind("note.added", &format!("{{\"blob\":\"{}\"}}", gone())), OK),
        (NOTE, d(), text("[]"), INVALID),
        (NOTE, d(), text("null"), INVALID),
        ("session.opened", text("\"drill\":"), text("\"thrill\":"), OK),
        ("session.opened", text("session.opened"), text("session.dreamt"), MISSING),
        // A key twice.
        (NOTE, d(), text("{\"a\":1,\"a\":1}"), INVALID),
        (NOTE, d(), text("{\"a\":{\"\u{e9}\":1,\"\\u00e9\":2}}"), INVALID),
        (NOTE, text("\"k\":"), text("\"k\":\"x\",\"k\":"), INVALID),
        (NOTE, text("\"v\":1,"), text("\"v\":1,\"v\":1,"), INVALID),
        (NOTE, d(), text("{\"a\":[{\"b\":1},{\"b\":2}]}"), OK),
        // Depth: the record, its data, and 62 more.
        (NOTE, d(), deep(62), OK),
        (NOTE, d(), deep(63), INVALID),
        (NOTE, d(), deep(5000), INVALID),
    ]
}

/// Characters and escapes.
fn characters() -> Vec<Forgery> {
    let said = || text(NOTE);
    vec![
        // Characters: of none that Unicode will ever give a meaning, of none that it has given one yet, and controls.
        (NOTE, said(), text("\u{fffe}"), INVALID),
        (NOTE, said(), text("\u{10ffff}"), INVALID),
        (NOTE, said(), text("\u{fdd0}"), INVALID),
        (NOTE, said(), text("\u{378}"), OK),
        // What stands for bytes that are no text.
        (NOTE, said(), text("\u{fffd}"), OK),
        (NOTE, said(), text("\u{7f}"), INVALID),
        (NOTE, said(), text("\u{85}"), INVALID),
        (NOTE, said(), text("\u{1}"), INVALID),
        (NOTE, said(), text("\u{202e}"), INVALID),
        (NOTE, said(), text("\t"), INVALID),
        (NOTE, said(), vec![0xff], INVALID),
        (NOTE, said(), text("\\u202e \\u0001 \\u00e9 \\ud83d\\ude00 \\n"), OK),
        (NOTE, said(), text("\\ud83d"), INVALID),
        (NOTE, said(), text("\\ude00\\ud83d"), INVALID),
        (NOTE, said(), text("\\u0061"), INVALID),
        (NOTE, said(), text("\\u000a"), INVALID),
        (NOTE, said(), text("\\u00E9"), INVALID),
        (NOTE, said(), text("\\/"), INVALID),
        (NOTE, text("note.added"), text("\\ud83d"), INVALID),
    ]
}

/// What is named, counted and dated, and openings of another shape.
fn members() -> Vec<Forgery> {
    vec![
        // Checkpoints are named by texts.
        ("checkpoint.made", text("\"count\":"), text("\"amount\":"), OK),
        ("checkpoint.made", text("\"file\":\""), text("\"file\":7,\"x\":\""), OK),
        ("checkpoint.made", text("\"sha256\":\""), text("\"sha256\":7,\"x\":\""), OK),
        ("checkpoint.made", text("\"sha256\":\""), text("\"sha256\":\"x"), OK),
        ("checkpoint.made", text("\"file\":\""), text("\"file\":\"x"), MISSING),
        ("checkpoint.made", text("\"sha256\":"), text(&format!("\"signature\":\"{}\",\"sha256\":", gone())), MISSING),
        (
            "checkpoint.made",
            text("\"sha256\":"),
            text(&format!("\"signature\":\"{}\",\"sha256\":", "0".repeat(64))),
            OK,
        ),
        // Numbers, times, what was seen.
        (NOTE, text("T18:10:00.000000000Z"), text("T18:10:60.000000000Z"), INVALID),
        (NOTE, text("\"2026-"), text("\"9999-"), INVALID),
        (NOTE, text("\"2026-"), text("\"0000-"), INVALID),
        (NOTE, text("\"2026-"), text("\"0001-"), OK),
        (NOTE, text(",\"k\""), text(",\"seen\":{\"aaaaaaaaaaaaaaaaaaaaaaaaaa\":9007199254740992},\"k\""), INVALID),
        (NOTE, text(",\"k\""), text(",\"seen\":{\"aaaaaaaaaaaaaaaaaaaaaaaaaa\":-0},\"k\""), INVALID),
        (NOTE, text(",\"k\""), text(",\"seen\":{\"aaaaaaaaaaaaaaaaaaaaaaaaaa\":4},\"k\""), MISSING),
        (NOTE, text(",\"k\""), text(",\"seen\":{},\"k\""), OK),
        // An opening of an unknown shape goes on from the record before it.
        ("\"after\":{", text("\"salt\":\""), text("\"salt\":7,\"x\":\""), OK),
        ("\"after\":{", text("\"after\":{"), text("\"after\":[],\"x\":{"), OK),
        ("\"after\":{", text("\"after\":{"), text("\"after\":null,\"x\":{"), INVALID),
    ]
}

/// A head whose writer has no segment.
const LONELY: &[u8] = b"{\"file\":\"aaaaaaaaaaaaaaaaaaaaaaaaaa.0000.ndjson\",\"bytes\":9,\"n\":0,\"h\":\"\
    0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\"}\n";

/// A change of files that leaves the lines as they are.
pub type Change = fn(&mut Folder);

fn rename(folder: &mut Folder, end: &str, to: impl Fn(&Path) -> PathBuf) {
    for name in of(folder, end) {
        let bytes = folder.remove(&name).unwrap();
        folder.insert(to(&name), bytes);
    }
}

fn evidence(folder: &Folder) -> PathBuf {
    folder.keys().find(|name| name.starts_with("evidence")).unwrap().clone()
}

fn put(folder: &mut Folder, name: &str, bytes: &[u8]) {
    folder.insert(name.into(), bytes.to_vec());
}

fn add(folder: &mut Folder, end: &str, bytes: &[u8]) {
    let name = of(folder, end).pop().unwrap();
    folder.get_mut(&name).unwrap().extend_from_slice(bytes);
}

pub fn files() -> Vec<(Change, &'static str)> {
    vec![
        (|_| {}, "ok-unsigned"),
        (|folder| add(folder, ".0001.ndjson", &[0; 70_000]), "torn-tail"),
        (|folder| add(folder, ".0001.ndjson", &[[0; 70_000].as_slice(), b"\n"].concat()), "invalid-record"),
        // Names that are no text.
        (|folder| drop(folder.insert(Path::new("checkpoints").join(OsStr::from_bytes(b"\xff.txt")), vec![])), {
            "invalid-record"
        }),
        (|folder| drop(folder.insert(Path::new("checkpoints").join(OsStr::from_bytes(b"\xff.tx")), vec![])), {
            "ok-unsigned"
        }),
        (|folder| drop(folder.insert(Path::new("log").join(OsStr::from_bytes(b"\xff.ndjson")), vec![])), "ok-unsigned"),
        // Evidence.
        (|folder| drop(folder.remove(&evidence(folder))), "missing-segment"),
        (|folder| drop(folder.insert(evidence(folder), b"what was foun".to_vec())), "invalid-record"),
        (|folder| drop(folder.insert(evidence(folder), b"what was lost!".to_vec())), "invalid-record"),
        (
            |folder| {
                let name = evidence(folder);
                folder.remove(&name);
                folder.insert(name.join("a folder"), vec![]);
            },
            "invalid-record",
        ),
        (
            |folder| {
                folder.remove(&evidence(folder));
                put(folder, "evidence", b"no folder");
            },
            "invalid-record",
        ),
        (|folder| put(folder, "evidence/stray", b"x"), "ok-unsigned"),
        // Checkpoints and signatures.
        (
            |folder| drop(of(folder, ".txt").iter().map(|name| folder.remove(name)).collect::<Vec<_>>()),
            "missing-segment",
        ),
        (|folder| add(folder, ".txt", b"\n"), "invalid-record"),
        (|folder| add(folder, ".txt", &[b'x'; 70_000]), "invalid-record"),
        (|folder| rename(folder, ".txt", |name| name.with_extension("5.txt")), "invalid-record"),
        (|folder| rename(folder, ".txt", |name| name.join("a folder")), "invalid-record"),
        (|folder| put(folder, "checkpoints/.new-x.txt", b"x"), "ok-unsigned"),
        (|folder| put(folder, "checkpoints/x.sig", b"x"), "ok-unsigned"),
        (
            |folder| {
                let name = of(folder, ".txt").pop().unwrap();
                folder.insert(name.with_extension("txt.sig"), b"no signature".to_vec());
            },
            "bad-signature",
        ),
        (
            |folder| {
                let name = of(folder, ".txt").pop().unwrap();
                folder.insert(name.with_extension("txt.sig").join("x"), vec![]);
            },
            "invalid-record",
        ),
        // Locks, and what belongs to nothing.
        (|folder| put(folder, "log/aaaaaaaaaaaaaaaaaaaaaaaaaa.lock", b"x"), "ok-unsigned"),
        (|folder| put(folder, "log/aaaaaaaaaaaaaaaaaaaaaaaaaa.reserve", b"x"), "ok-unsigned"),
        (|folder| put(folder, "log/aaaaaaaaaaaaaaaaaaaaaaaaaa.1.ndjson", b"x\n"), "ok-unsigned"),
        (|folder| put(folder, "log/aaaaaaaaaaaaaaaaaaaaaaaaaa.00001.ndjson", b"x\n"), "ok-unsigned"),
        (|folder| put(folder, "log/aaaaaaaaaaaaaaaaaaaaaaaaaa.10000.ndjson", b"x\n"), "invalid-record"),
        (|folder| put(folder, "log/aaaaaaaaaaaaaaaaaaaaaaaaaa.0000.ndjson", b""), "ok-unsigned"),
        (|folder| put(folder, "log/aaaaaaaaaaaaaaaaaaaaaaaaaa.0000.ndjson/x", b""), "invalid-record"),
        (|folder| put(folder, "log/aaaaaaaaaaaaaaaaaaaaaaaaaa.head", b""), "invalid-record"),
        (|folder| put(folder, "log/aaaaaaaaaaaaaaaaaaaaaaaaaa.head", LONELY), "missing-segment"),
        (|folder| rename(folder, ".head", |name| name.with_extension("neck")), "ok-unsigned"),
        (|folder| rename(folder, ".ndjson", |name| name.with_extension("")), "missing-segment"),
        (Folder::clear, "missing-segment"),
        (
            |folder| {
                folder.clear();
                put(folder, "log/aaaaaaaaaaaaaaaaaaaaaaaaaa.0000.ndjson", b"{\"v\":1");
            },
            "torn-tail",
        ),
    ]
}

#[test]
fn each_kind_of_forgery_has_the_verdict_that_the_document_gives_it() {
    let Some(python) = python("json, hashlib") else { return };
    let state = state();
    let (session, whole) = whole(&state);
    let (mut folders, mut expected, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for (line, from, to, verdict) in [shapes(), characters(), members()].concat() {
        let folder = edited(&whole, line, &from, &to);
        assert_ne!(folder, whole, "nothing holds {}", String::from_utf8_lossy(&from));
        folders.push(folder);
        expected.push(verdict);
        names.push(String::from_utf8_lossy(&to).chars().take(100).collect::<String>());
    }
    // Without it nobody looks at a signature.
    let looks = Command::new("ssh-keygen").arg("-?").stdin(Stdio::null()).output().is_ok();
    for (at, (change, verdict)) in files().into_iter().enumerate() {
        let verdict = if verdict == "bad-signature" && !looks { "ok-unsigned" } else { verdict };
        let mut folder = whole.clone();
        change(&mut folder);
        folders.push(folder);
        expected.push(verdict);
        names.push(format!("files {at}"));
    }
    let told = judged(python, &state, session.id().as_str(), &folders);
    let wrong = (0..folders.len()).filter(|at| told[*at][0] != told[*at][1] || word(&told[*at][0]) != expected[*at]);
    let wrong: Vec<String> =
        wrong.map(|at| format!("{at} {}: {:?}, expected {}", names[at], told[at], expected[at])).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
