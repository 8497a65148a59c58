//! Sessions forged by chance: hostile values in lines whose hashes are right, all chained anew as by somebody who has no
//! key. quell and the verifier of docs/ must say the same of each.

use super::agree::{Folder, judged, word};
use super::forged::{files, of, rechain, whole};
use super::state;
use crate::chance::Chance;
use crate::figures::figure;
use crate::outside::python;

/// How many.
const FORGED: usize = 800;

/// What data is replaced by.
const DATA: [&str; 12] = [
    "{}",
    "[]",
    "null",
    "{\"blob\":null}",
    "{\"blob\":7}",
    "{\"blob\":\"x\"}",
    "{\"blob\":\"0000000000000000000000000000000000000000000000000000000000000000\"}",
    "{\"a\":1,\"a\":2}",
    "{\"file\":\"x.txt\",\"count\":1,\"head\":\"\"}",
    "{\"after\":null,\"aside\":null}",
    "{\"n\":1e999,\"m\":-0,\"o\":18446744073709551616}",
    "{\"text\":\"\\u0000\\ud800\"}",
];

/// What stands in place of what else in a line, where that is there.
const SWAPS: [(&str, &str); 30] = [
    ("\"v\":1", "\"v\":2"),
    ("\"v\":1", "\"v\":1.0"),
    ("\"n\":", "\"n\":1"),
    ("\"n\":", "\"n\":9007199254740991,\"n\":"),
    ("\"l\":", "\"l\":9"),
    ("\"l\":", "\"l\":-"),
    ("\"l\":1", "\"l\":"),
    ("\"t\":\"2026", "\"t\":\"2025"),
    ("\"t\":\"2026-11-2", "\"t\":\"2026-02-3"),
    (",\"k\"", ",\"at\":\"2026-11-21T18:04:46.123456789Z\",\"k\""),
    (",\"k\"", ",\"at\":\"2026-11-21T18:04:46Z\",\"k\""),
    (",\"k\"", ",\"seen\":null,\"k\""),
    (",\"k\"", ",\"seen\":{\"aaaaaaaaaaaaaaaaaaaaaaaaaa\":0},\"k\""),
    ("\"seen\":{", "\"seen\":{\"aaaaaaaaaaaaaaaaaaaaaaaaaa\":0,"),
    ("\"seen\":{", "\"seen\":{\"zzzzzzzzzzzzzzzzzzzzzzzzzz\":0,"),
    ("\"d\":", "\"d\": "),
    ("\"d\":{", "\"d\":{\"x\":\"\u{202e}\","),
    ("\"d\":{", "\"d\":{\"x\":\"\u{1f600}\\ud83d\\ude00\","),
    ("\"d\":{", "\"d\":{\"x\":[1,2,{\"x\":0.5e-7,\"y\":true}],"),
    ("\"d\":{", "\"d\":{\"\\u0061\":1,"),
    ("\"after\":{", "\"after\":{\"more\":1,"),
    ("\"after\":{\"file\":\"", "\"after\":{\"file\":\"x"),
    ("\"bytes\":", "\"bytes\":1"),
    ("\"aside\":null", "\"aside\":{\"bytes\":5,\"sha256\":\"\"}"),
    ("\"aside\":null", "\"aside\":7"),
    ("\"session\":\"2", "\"session\":\"3"),
    ("\"session\":\"2", "\"session\":\"/"),
    ("\"format\":1", "\"format\":4294967296"),
    ("\"sha256\":\"", "\"sha256\":\"0"),
    ("\"count\":", "\"count\":-"),
];

const KINDS: [&str; 9] = [
    "seg.open",
    "session.opened",
    "session.joined",
    "finding.attached",
    "runbook.opened",
    "evidence.added",
    "evidence.custody",
    "checkpoint.made",
    "never.heard",
];

/// One line of a log forged: its hash is made anew.
fn forged_line(line: &[u8], chance: &mut Chance) -> Vec<u8> {
    let mut text = String::from_utf8_lossy(line).into_owned();
    let (Some(k), Some(d), Some(p)) = (text.find("\"k\":\""), text.find("\"d\":"), text.rfind(",\"p\":\"")) else {
        return line.to_vec();
    };
    match chance.place(4) {
        0 => text.replace_range(d + 4..p, DATA[chance.place(DATA.len())]),
        1 => text.replace_range(k + 5..d - 2, KINDS[chance.place(KINDS.len())]),
        2 => {
            text.replace_range(d + 4..p, DATA[chance.place(DATA.len())]);
            text.replace_range(k + 5..d - 2, KINDS[chance.place(KINDS.len())]);
        }
        _ => {
            let fitting: Vec<_> = SWAPS.iter().filter(|(from, _)| text.contains(from)).collect();
            let (from, to) = fitting[chance.place(fitting.len())];
            text = text.replacen(from, to, 1);
        }
    }
    text.into_bytes()
}

/// Lines forged, taken out, repeated or swapped, and all chained anew, mostly; then perhaps a file damaged.
pub fn forged(whole: &Folder, chance: &mut Chance) -> Folder {
    let mut folder = whole.clone();
    for _ in 0..=chance.place(2) {
        let names = of(&folder, ".ndjson");
        let bytes = folder.get_mut(&names[chance.place(names.len())]).unwrap();
        let mut lines: Vec<Vec<u8>> = bytes.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
        if lines.is_empty() {
            continue;
        }
        let (at, other) = (chance.place(lines.len()), chance.place(lines.len()));
        match chance.place(10) {
            0 => drop(lines.remove(at)),
            1 => lines.insert(at, lines[other].clone()),
            2 => lines.swap(at, other),
            _ => lines[at] = forged_line(&lines[at], chance),
        }
        *bytes = lines.concat();
    }
    match chance.place(8) {
        0 => {}
        1 => rechain(&mut folder, whole, false),
        _ => rechain(&mut folder, whole, true),
    }
    if chance.place(4) == 0 {
        let mut changes = files();
        let (change, _) = changes.swap_remove(chance.place(changes.len()));
        // Some need the files that they change.
        if of(&folder, ".txt").len() == 1 {
            change(&mut folder);
        }
    }
    folder
}

#[test]
fn what_is_forged_by_chance_has_one_verdict() {
    let Some(python) = python("json, hashlib") else { return };
    let state = state();
    let (session, kept) = whole(&state);
    // The same session by its name, with a torn tail and what failed syncs have left.
    let (other, crashed) = super::agree::whole(&self::state());
    assert_eq!(session.id(), other.id());
    let mut chance = Chance(20_261_123);
    let folders: Vec<Folder> = (0..FORGED).map(|at| forged([&kept, &crashed][at % 2], &mut chance)).collect();
    let told = judged(python, &state, session.id().as_str(), &folders);
    let differ: Vec<_> = told.iter().enumerate().filter(|(_, [own, theirs])| own != theirs).collect();
    assert!(differ.is_empty(), "{} of {FORGED}: {differ:?}", differ.len());
    for verdict in ["fork", "invalid-record", "missing-segment", "gap", "truncated", "torn-tail", "ok-unsigned"] {
        assert!(told.iter().any(|[own, _]| word(own) == verdict), "none of the sessions is {verdict}");
    }
    figure("forged", &format!("{FORGED} sessions with forged lines under right hashes, the same"));
}
