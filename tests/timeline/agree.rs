//! The verifier of docs/, which was written from docs/timeline-format.md alone, against quell's own: they must agree
//! on good logs and on thousands of damaged ones.

use super::model::{EIO, FaultDisk, How};
use super::*;
use crate::chance::Chance;
use crate::figures::figure;
use crate::outside::python;
use quell::timeline::NotSaved;
use std::collections::BTreeMap;
use std::fs;

/// How many logs are judged by both.
const LOGS: usize = 3000;

/// A session's log folder: names and bytes.
type Folder = BTreeMap<String, Vec<u8>>;

/// Reads each folder that it is given and prints its verdict and the number of its records.
const DRIVER: &str = r#"
import importlib.util, os, sys
spec = importlib.util.spec_from_file_location("verifier", sys.argv[1])
verifier = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verifier)
for name in sorted(os.listdir(sys.argv[2])):
    verification = verifier.Verification()
    verification.verify(os.path.join(sys.argv[2], name, sys.argv[3], "log"))
    result = verification.result()
    print(name, result["verdict"], result["records"])
"#;

fn read(session: &SessionDir) -> Folder {
    let files = fs::read_dir(session.path().join("log")).unwrap().map(|entry| entry.unwrap().path());
    let kept = files.filter(|path| !path.to_string_lossy().ends_with(".lock"));
    kept.map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(&path).unwrap())).collect()
}

/// Two writers, three segments each: after a clean end, after a crash with a torn tail, after a failed sync.
fn whole(state: &State) -> (SessionDir, Folder) {
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
    if let Some((_, bytes)) = folder.iter_mut().rfind(|(name, _)| name.ends_with(".ndjson")) {
        bytes.extend_from_slice(b"{\"v\":1,\"w\":\"");
    }
    (session, folder)
}

/// One damage to one file.
fn damaged(folder: &Folder, chance: &mut Chance) -> Folder {
    let mut folder = folder.clone();
    let names: Vec<String> = folder.keys().cloned().collect();
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

fn put(at: &Path, folder: &Folder) {
    fs::create_dir_all(at).unwrap();
    for (name, bytes) in folder {
        fs::write(at.join(name), bytes).unwrap();
    }
}

/// What quell says of a folder, by its own words.
fn own(at: &Path) -> String {
    let timeline = Sessions::of(&StateDir::at(at)).find(&at.to_string_lossy()).unwrap().read().unwrap();
    format!("{} {}", timeline.verdict().as_str(), timeline.recovery.records.len())
}

#[test]
fn a_verifier_that_was_written_from_the_document_agrees() {
    let Some(mut python) = python("json, hashlib") else { return };
    let state = state();
    let (session, whole) = whole(&state);
    let all = state.dir.path().join("all");
    let name = session.id().as_str();
    let mut chance = Chance(20_261_122);
    for at in 0..LOGS {
        let folder = match at {
            0 => whole.clone(),
            _ => (0..=chance.place(3) / 2).fold(whole.clone(), |folder, _| match folder.is_empty() {
                true => folder,
                false => damaged(&folder, &mut chance),
            }),
        };
        put(&all.join(format!("{at:05}")).join(name).join("log"), &folder);
    }
    let verifier = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/verify-timeline.py");
    let output = python.args(["-c", DRIVER]).arg(verifier).arg(&all).arg(name).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8(output.stdout).unwrap();
    let (mut words, mut differ): (Vec<String>, BTreeMap<String, usize>) = Default::default();
    for line in told.lines() {
        let (at, theirs) = line.split_once(' ').unwrap();
        let own = own(&all.join(at).join(name));
        let holds = |said: &str| said.starts_with("ok-unsigned ") || said.starts_with("torn-tail ");
        // Whether the log holds, and then how many records it has, is beyond dispute.
        assert_eq!(holds(&own), holds(theirs), "{at}: quell {own}, the other {theirs}");
        assert!(!holds(&own) || own == theirs, "{at}: quell {own}, the other {theirs}");
        let word = |said: &str| said.split(' ').next().unwrap().to_owned();
        words.push(word(&own));
        if word(&own) != word(theirs) {
            *differ.entry(format!("{} / {}", word(&own), word(theirs))).or_default() += 1;
        }
    }
    assert_eq!(words.len(), LOGS);
    for verdict in ["fork", "invalid-record", "missing-segment", "gap", "truncated", "torn-tail", "ok-unsigned"] {
        assert!(words.iter().any(|word| word == verdict), "none of the logs is {verdict}");
    }
    let differing: usize = differ.values().sum();
    println!("by another word: {differ:?}");
    let found = format!("{LOGS} logs, 0 that only one of them takes for whole");
    figure("agree", &format!("{found}; {differing} for whose damage they have different words"));
    // Of a damaged opening it can be said in more than one way what is wrong.
    assert!(differing * 16 < LOGS, "{differ:?}");
}
