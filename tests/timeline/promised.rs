//! What a log has promised, and what a state of its files breaks of that.

use super::shadow::{Crashed, Shadow};
use super::*;
use quell::timeline::Saved;
use quell_core::incident::WriterId;
use quell_core::record::{Recovery, SegmentBytes, WriterFiles, recover_session};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// What has been promised so far.
#[derive(Clone, Default)]
pub struct Promised {
    /// Acknowledged records: their names and what they say.
    pub saved: Vec<(Link, String)>,
    /// What was ever given to the log under a name.
    sent: HashMap<Link, BTreeSet<String>>,
    /// Actions that were let through: the names of their started records.
    acted: Vec<Link>,
}

fn says(event: &Event) -> String {
    match event {
        Event::NoteAdded(d) => d.text.line().into_string(),
        Event::EvidenceAdded(d) => d.blob.clone(),
        Event::ActionStarted(d) => d.token.clone(),
        Event::CheckpointMade(d) => d.file.line().into_string(),
        Event::SegOpen(_) => "seg.open".into(),
        other => other.kind().unwrap_or_default().into(),
    }
}

impl Promised {
    /// The log has acknowledged these.
    pub fn saves(&mut self, mut saved: Saved) {
        let own = saved.entries().iter().map(|e| (e.link.clone(), says(&e.event)));
        self.saved.extend(own);
        let started = |e: &&Entry| matches!(e.event, Event::ActionStarted(_));
        let names: Vec<Link> = saved.entries().iter().filter(started).map(|e| e.link.clone()).collect();
        // One permit for each start that is on disk, and none beside.
        assert_eq!(saved.permits().len(), names.len());
        self.acted.extend(names);
    }

    /// The log is given these; a program that waits for nothing lets their actions through.
    pub fn sends(&mut self, entries: &[Entry], early: bool) {
        for entry in entries {
            self.sent.entry(entry.link.clone()).or_default().insert(says(&entry.event));
            if early && matches!(entry.event, Event::ActionStarted(_)) {
                self.acted.push(entry.link.clone());
            }
        }
    }

    /// What a state breaks of it.
    pub fn broken(&self, state: &Crashed, read: &Read) -> Option<String> {
        let Read { recovery, found, named } = read;
        if !recovery.verdict().holds() {
            return Some(format!("{:?}", recovery.faults.first()));
        }
        for (link, said) in &self.saved {
            if found.get(link) != Some(said) {
                return Some(format!("record {} was acknowledged and is {:?}", link.1, found.get(link)));
            }
        }
        if let Some(link) = self.acted.iter().find(|link| !found.contains_key(link)) {
            return Some(format!("action of record {} was let through without its record", link.1));
        }
        for (link, said) in found {
            if said != "seg.open" && self.sent.get(link).is_some_and(|sent| !sent.contains(said)) {
                return Some(format!("record {} was never written", link.1));
            }
        }
        let is_there = |name: &str, hash: &str| state.get(name).is_some_and(|bytes| bytes.sha256() == hash);
        let lost = named.iter().find(|(name, hash)| !is_there(name, hash));
        lost.map(|(name, _)| format!("a record names {name}, which is not there"))
    }
}

/// The files that a record names, and their hashes.
fn files_of(event: &Event) -> Vec<(String, String)> {
    match event {
        Event::EvidenceAdded(d) => vec![(format!("evidence/{}", d.blob), d.blob.clone())],
        Event::CheckpointMade(d) => {
            let name = format!("checkpoints/{}", d.file.line());
            let signature = d.signature.clone().map(|hash| (format!("{name}.sig"), hash));
            d.sha256.clone().map(|hash| (name, hash)).into_iter().chain(signature).collect()
        }
        _ => Vec::new(),
    }
}

/// The session as its reader puts it together.
pub struct Read {
    pub recovery: Recovery,
    /// What each record says, by its name.
    found: HashMap<Link, String>,
    /// The files that records name, and their hashes.
    named: Vec<(String, String)>,
}

impl Read {
    pub fn of(state: &Crashed) -> Self {
        let recovery = recovered(state);
        let records = || recovery.records.iter().map(|record| &record.entry);
        let found = records().map(|entry| (entry.link.clone(), says(&entry.event))).collect();
        let named = records().flat_map(|entry| files_of(&entry.event)).collect();
        Self { recovery, found, named }
    }
}

pub fn recovered(state: &Crashed) -> Recovery {
    type Files<'a> = (BTreeMap<u32, &'a [u8]>, Option<&'a [u8]>);
    let mut writers: BTreeMap<WriterId, Files<'_>> = BTreeMap::new();
    for (name, bytes) in state {
        let Some(name) = name.strip_prefix("log/").filter(|name| !name.starts_with('.')) else { continue };
        let Some((writer, rest)) = name.split_once('.') else { continue };
        let one = writers.entry(quell_core::text::Id::new(writer).unwrap()).or_default();
        match rest.strip_suffix(".ndjson") {
            Some(number) => drop(one.0.insert(number.parse().unwrap(), &bytes.bytes)),
            None if rest == "head" => one.1 = Some(&bytes.bytes),
            None => {}
        }
    }
    let files: Vec<WriterFiles<'_>> = writers
        .into_iter()
        .map(|(writer, (segments, head))| WriterFiles {
            writer,
            segments: segments.into_iter().map(|(number, bytes)| SegmentBytes { number, bytes }).collect(),
            head,
        })
        .collect();
    recover_session(&files)
}

/// Puts a state on a disk, goes on from there as a console does, and gives what that breaks.
pub fn go_on(state: &Crashed, promised: &Promised, session: &SessionDir, runtime: &Runtime) -> Option<String> {
    let dir = memory();
    let folder = dir.path().join("sessions").join(session.id().as_str());
    for part in ["log", "evidence", "checkpoints"] {
        std::fs::create_dir_all(folder.join(part)).unwrap();
    }
    for (name, bytes) in state {
        std::fs::write(folder.join(name), &bytes.bytes).unwrap();
    }
    let session = Sessions::of(&StateDir::at(dir.path())).find(session.id().as_str()).unwrap();
    let mut attached = match session.attach(&who("alice"), runtime) {
        Ok(attached) => attached,
        Err(problem) => return Some(format!("nothing can go on: {problem}")),
    };
    let mut promised = promised.clone();
    let entries = vec![Pen::of(&attached).note("on")];
    promised.sends(&entries, false);
    match attached.log.commit(entries) {
        Ok(saved) => promised.saves(saved),
        Err(no) => return Some(format!("nothing more can be written: {}", no.problem)),
    }
    attached.log.close().unwrap();
    let state = Shadow::of(session.path()).crashes().remove(0);
    promised.broken(&state, &Read::of(&state)).map(|broken| format!("gone on from there: {broken}"))
}
