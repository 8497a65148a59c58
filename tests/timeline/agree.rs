//! The verifier of docs/, which was written from docs/timeline-format.md alone, against quell's own: they must agree
//! on good logs and on thousands of damaged ones.

use super::model::{EIO, FaultDisk, How};
use super::*;
use crate::chance::Chance;
use crate::figures::figure;
use crate::outside::python;
use quell::timeline::NotSaved;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// How many logs are judged by both.
const LOGS: usize = 3000;

/// A session's folder: the files below it.
pub type Folder = BTreeMap<PathBuf, Vec<u8>>;

/// Reads each folder that it is given and prints its verdict and the number of its records.
const DRIVER: &str = r#"
import importlib.util, os, sys
spec = importlib.util.spec_from_file_location("verifier", sys.argv[1])
verifier = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verifier)
told = []
for name in sorted(os.listdir(sys.argv[2])):
    verification = verifier.Verification()
    verification.verify(os.path.join(sys.argv[2], name, sys.argv[3], "log"))
    result = verification.result()
    told.append("%s %s %d %d" % (name, result["verdict"], result["records"], result["writers"]))
print("\n".join(told))
"#;

/// Locks, and space that is held, are no part of it.
pub fn read(session: &SessionDir) -> Folder {
    let mut folder = Folder::new();
    for part in ["log", "evidence", "checkpoints"] {
        let files = fs::read_dir(session.path().join(part)).unwrap().map(|entry| entry.unwrap().path());
        for path in files.filter(|path| !path.extension().is_some_and(|end| end == "lock" || end == "reserve")) {
            folder.insert(Path::new(part).join(path.file_name().unwrap()), fs::read(&path).unwrap());
        }
    }
    folder
}

/// Two writers, three segments each: after a clean end, after a crash with a torn tail, after a failed sync.
pub fn whole(state: &State) -> (SessionDir, Folder) {
    let session = state.begun();
    for user in ["alice", "bob"] {
        for round in 0..3 {
            let disk = if round == 1 { FaultDisk::failing(12, How::FailLate(EIO)) } else { FaultDisk::default() };
            let attached = session.attach_on(Box::new(disk), &who(user), &state.runtime).unwrap();
            let (mut pen, mut log) = (Pen::of(&attached), attached.log);
            for n in 0..3 {
                if let Err(NotSaved { next_n, last_l, .. }) = log.commit(vec![pen.note(&format!("{user} {round} {n}"))])
                {
                    pen.back(next_n, last_l);
                }
            }
            match round {
                0 => log.close().unwrap(),
                _ => drop(log),
            }
        }
    }
    let mut folder = read(&session);
    // The last segment ends in the middle of a line.
    if let Some((_, bytes)) = folder.iter_mut().rfind(|(name, _)| name.extension().is_some_and(|end| end == "ndjson")) {
        bytes.extend_from_slice(b"{\"v\":1,\"w\":\"");
    }
    (session, folder)
}

/// One damage to one file.
pub fn damaged(folder: &Folder, chance: &mut Chance) -> Folder {
    let mut folder = folder.clone();
    let names: Vec<PathBuf> = folder.keys().cloned().collect();
    let name = &names[chance.place(names.len())];
    let bytes = folder.get_mut(name).unwrap();
    if bytes.is_empty() {
        return folder;
    }
    let what = chance.place(9);
    if what < 3 {
        let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
        let (at, other) = (chance.place(lines.len()), chance.place(lines.len()));
        match what {
            0 => drop(lines.remove(at)),
            1 => lines.swap(at, other),
            _ => lines.insert(at, lines[other].clone()),
        }
        *bytes = lines.concat();
        return folder;
    }
    match what {
        3 | 4 => bytes.truncate(chance.place(bytes.len())),
        5 | 6 => {
            let bit = chance.place(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        7 => drop(folder.remove(name)),
        _ => bytes.extend_from_slice(&vec![b'x'; 1 + chance.place(40)]),
    }
    folder
}

/// Puts a session's files into a folder.
pub fn put(session: &Path, folder: &Folder) {
    fs::create_dir_all(session.join("log")).unwrap();
    for (name, bytes) in folder {
        fs::create_dir_all(session.join(name).parent().unwrap()).unwrap();
        fs::write(session.join(name), bytes).unwrap();
    }
}

/// Both verdicts on folders, each with the number of records and of writers: quell's own, then the other one's.
pub fn judged(mut python: Command, state: &State, name: &str, folders: &[Folder]) -> Vec<[String; 2]> {
    let all = state.dir.path().join("all");
    for (at, folder) in folders.iter().enumerate() {
        put(&all.join(format!("{at:05}")).join(name), folder);
    }
    let verifier = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify-timeline.py");
    python.args(["-c", DRIVER]).arg(verifier).arg(&all).arg(name).stdout(Stdio::piped());
    // They work at the same time.
    let theirs = python.stderr(Stdio::piped()).spawn().unwrap();
    let own = |at: usize| own(&all.join(format!("{at:05}")).join(name));
    let own: Vec<String> = (0..folders.len()).map(own).collect();
    let theirs = theirs.wait_with_output().unwrap();
    assert!(theirs.status.success(), "{}", String::from_utf8_lossy(&theirs.stderr));
    let told = String::from_utf8(theirs.stdout).unwrap();
    let theirs: Vec<&str> = told.lines().map(|line| line.split_once(' ').unwrap().1).collect();
    assert_eq!(own.len(), theirs.len());
    own.into_iter().zip(theirs).map(|(own, theirs)| [own, theirs.to_owned()]).collect()
}

/// What quell says of a folder, by its own words.
fn own(at: &Path) -> String {
    let timeline = Sessions::of(&StateDir::at(at)).find(&at.to_string_lossy()).unwrap().verify(None).unwrap();
    let found = timeline.verification();
    format!("{} {} {}", found.verdict.as_str(), found.records, found.writers)
}

/// The verdict of what was said.
pub fn word(said: &str) -> &str {
    said.split(' ').next().unwrap()
}

#[test]
fn a_verifier_that_was_written_from_the_document_agrees() {
    let Some(python) = python("json, hashlib") else { return };
    let state = state();
    let (session, whole) = whole(&state);
    let mut chance = Chance(20_261_122);
    let mut folders = vec![whole.clone()];
    folders.resize_with(LOGS, || {
        (0..=chance.place(3) / 2).fold(whole.clone(), |folder, _| match folder.is_empty() {
            true => folder,
            false => damaged(&folder, &mut chance),
        })
    });
    let told = judged(python, &state, session.id().as_str(), &folders);
    let differ: Vec<_> = told.iter().enumerate().filter(|(_, [own, theirs])| own != theirs).collect();
    assert!(differ.is_empty(), "{} of {LOGS}: {differ:?}", differ.len());
    for verdict in ["fork", "invalid-record", "missing-segment", "gap", "truncated", "torn-tail", "ok-unsigned"] {
        assert!(told.iter().any(|[own, _]| word(own) == verdict), "none of the logs is {verdict}");
    }
    figure(
        "agree",
        &format!("{LOGS} logs, all with the same word and the same numbers of records and writers from both"),
    );
}

/// A first segment whose every line was given another end, as an editor or a transfer does: not one record of it is left,
/// and what the next segment goes on from is not there. Where a fault is told each has its own way; which there are, not.
#[test]
fn both_tell_the_same_of_a_segment_with_other_ends_of_lines() {
    let state = state();
    let (session, mut folder) = whole(&state);
    let second = folder.keys().find(|name| name.to_string_lossy().ends_with(".0001.ndjson")).unwrap();
    let name = PathBuf::from(second.to_string_lossy().replace(".0001.", ".0000."));
    let bytes = folder.get_mut(&name).unwrap();
    *bytes = String::from_utf8(std::mem::take(bytes)).unwrap().replace('\n', "\r\n").into_bytes();
    let (lines, size) = (bytes.iter().filter(|byte| **byte == b'\n').count(), bytes.len() as u64);
    let at = state.dir.path().join("ends").join(session.id().as_str());
    put(&at, &folder);
    let own = state.json(&["sessions", "verify", at.to_str().unwrap(), "--json"]);
    let told = |found: &serde_json::Value| {
        let of = |problem: &serde_json::Value| {
            let file = problem["file"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
            let [line, byte] = ["line", "byte"].map(|key| problem[key].as_u64().unwrap());
            (file, line, byte, problem["kind"].as_str().unwrap().to_owned())
        };
        let mut all: Vec<_> = found["problems"].as_array().unwrap().iter().map(of).collect();
        all.sort();
        all
    };
    let file = name.file_name().unwrap().to_str().unwrap().to_owned();
    let mine = told(&own);
    assert!(mine.contains(&(file.clone(), 0, size, "truncated".to_owned())), "{mine:?}");
    assert_eq!(mine.iter().filter(|(of, _, _, kind)| *of == file && kind == "invalid-record").count(), lines);
    let Some(mut python) = python("json, hashlib") else { return };
    let verifier = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify-timeline.py");
    let theirs = python.arg(verifier).arg("--json").arg(&at).output().unwrap();
    let kinds = |all: Vec<(String, u64, u64, String)>| -> BTreeSet<String> {
        all.into_iter().map(|(_, _, _, kind)| kind).collect()
    };
    assert_eq!(kinds(told(&serde_json::from_slice(&theirs.stdout).unwrap())), kinds(mine));
}
