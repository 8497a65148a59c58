//! Sessions made by chance: writers that see each other, come back in new segments, keep evidence and make checkpoints.
//! One of them does one thing that is not right, and all goes on from there under hashes that are.

use super::*;
use crate::incident::{CheckpointMade, EvidenceAdded, SessionOpened};
use crate::text::chance::Chance;

/// What can be not right.
pub const WRONG: [&str; 40] = [
    "sees what is not there",
    "sees what is not before it",
    "sees who is not there",
    "its time does not grow",
    "a number is left out",
    "a number comes twice",
    "names another predecessor",
    "opens inside",
    "opens inside in another way",
    "opens in another way",
    "does not open",
    "goes on from nothing",
    "goes on from another number",
    "goes on from another hash",
    "goes on from another file",
    "goes on from other bytes",
    "its time does not grow over segments",
    "a number is left out over segments",
    "names another predecessor over segments",
    "sets aside what is not there",
    "sets nothing aside",
    "sets aside",
    "begins late",
    "begins with a predecessor",
    "begins with another log",
    "is of another session",
    "the head has another number",
    "the head has another hash",
    "the head has another file",
    "the head has other bytes",
    "binds another head",
    "binds another file",
    "binds other bytes",
    "binds what is not there",
    "binds another session",
    "follows another checkpoint",
    "follows another signature",
    "names another checkpoint",
    "names another signature",
    "names evidence in another way",
];

/// A session's files.
#[derive(Clone)]
pub struct Made {
    pub logs: Vec<Log>,
    pub checkpoints: Vec<CheckpointFile>,
}

#[derive(Clone)]
pub struct Log {
    pub writer: WriterId,
    pub segments: Vec<(u32, Vec<u8>)>,
    pub head: Option<Vec<u8>>,
}

impl Made {
    pub fn files(&self) -> Vec<WriterFiles<'_>> {
        self.logs.iter().map(Log::files).collect()
    }
}

impl Log {
    fn files(&self) -> WriterFiles<'_> {
        let segments: Vec<(u32, &[u8])> = self.segments.iter().map(|(n, bytes)| (*n, bytes.as_slice())).collect();
        files(&self.writer, &segments, self.head.as_deref())
    }
}

struct Maker<'a> {
    chance: &'a mut Chance,
    /// What is still to go wrong.
    wrong: Option<&'static str>,
    pens: Vec<Pen>,
    made: Made,
}

/// A session of three writers, with one thing wrong in it where that came up.
pub fn made(chance: &mut Chance, wrong: Option<&'static str>) -> Made {
    let pens: Vec<Pen> = ['a', 'b', 'c'].map(Pen::new).to_vec();
    let log = |pen: &Pen| Log { writer: pen.w.clone(), segments: Vec::new(), head: None };
    let made = Made { logs: pens.iter().map(log).collect(), checkpoints: Vec::new() };
    let mut maker = Maker { chance, wrong, pens, made };
    maker.segment(0);
    let opened = SessionOpened { title: "x".into(), severity: Default::default(), drill: false, simulated: false };
    maker.write(0, opened.into(), None);
    for _ in 0..24 {
        let who = maker.chance.place(3);
        maker.step(who);
    }
    if maker.chance.place(2) == 0 {
        maker.checkpoint(0);
    }
    (0..3).for_each(|who| maker.mistake(who));
    maker.made.logs.retain(|log| !log.segments.is_empty());
    maker.made.checkpoints.sort_by(|a, b| a.name.cmp(&b.name));
    maker.made
}

impl Maker<'_> {
    /// Whether this goes wrong now.
    fn slips(&mut self, what: &str) -> bool {
        self.wrong.take_if(|wrong| *wrong == what && self.chance.place(3) > 0).is_some()
    }

    fn step(&mut self, who: usize) {
        match self.chance.place(10) {
            _ if self.made.logs[who].segments.is_empty() => self.segment(who),
            0 | 1 => self.segment(who),
            2 => self.checkpoint(who),
            3 => {
                let odd = self.slips("names evidence in another way");
                let blob = if odd { "x".into() } else { Hash::of(&[self.chance.place(3) as u8]).to_string() };
                let (name, how) = ("x".into(), "y".into());
                self.write(who, EvidenceAdded { blob, name, size: 1, how, step: None, run: None }.into(), None);
            }
            4..=6 => self.see(who),
            _ => self.note(who),
        }
    }

    fn write(&mut self, who: usize, event: Event, seen: Option<BTreeMap<WriterId, u64>>) {
        // The time that checkpoints bear, too.
        let time = ["2026-11-21T18:05:00Z", "2026-11-21T18:06:00Z"][self.chance.place(3) / 2];
        let line = self.pens[who].write_at(time, event, seen);
        let log = &mut self.made.logs[who];
        let (number, bytes) = log.segments.last_mut().unwrap();
        bytes.extend_from_slice(&line);
        // The head may stay behind.
        if self.chance.place(3) > 0 {
            log.head = Some(self.pens[who].head(*number, bytes.len()));
        }
    }

    /// Whoever reads the head finds another one than was written.
    fn mistake(&mut self, who: usize) {
        let Some(bytes) = &self.made.logs[who].head else { return };
        let mut head = Head::read(bytes).unwrap();
        head.n += u64::from(self.slips("the head has another number"));
        head.bytes -= u64::from(self.slips("the head has other bytes"));
        if self.slips("the head has another hash") {
            head.h = Hash::of(b"x");
        }
        if self.slips("the head has another file") {
            head.file = segment_name(&self.pens[who].w, 20);
        }
        self.made.logs[who].head = Some(head.encode().unwrap());
    }

    fn note(&mut self, who: usize) {
        if self.slips("its time does not grow") {
            self.pens[who].l -= 1;
        }
        if self.slips("a number is left out") {
            self.pens[who].n += 1;
        }
        if self.slips("a number comes twice") {
            self.pens[who].n -= 1;
        }
        if self.slips("names another predecessor") {
            self.pens[who].h = Hash::of(b"x");
        }
        let other = serde_json::from_str("{}").unwrap();
        let event = match () {
            () if self.slips("opens inside") => self.opening(None, None),
            () if self.slips("opens inside in another way") => Event::read("seg.open", other),
            () if self.chance.place(8) == 0 => Event::read("never.heard", other),
            () => NoteAdded { text: "x".repeat(self.chance.place(40)).into(), step: None }.into(),
        };
        self.write(who, event, None);
    }

    /// A note of somebody who has seen others.
    fn see(&mut self, who: usize) {
        let mut seen = BTreeMap::new();
        for other in (0..3).filter(|other| *other != who) {
            if self.pens[other].n == 0 || self.chance.place(3) == 0 {
                continue;
            }
            let more = u64::from(self.slips("sees what is not there"));
            let (n, l) = (self.pens[other].n - 1, self.pens[other].l);
            seen.insert(self.pens[other].w.clone(), n + more);
            if self.slips("sees what is not before it") && self.pens[who].l < l {
                // The same time, or the one before it.
                self.pens[who].l = (l - 1 - self.chance.next(2)).max(self.pens[who].l);
            } else {
                self.pens[who].l = self.pens[who].l.max(l);
            }
        }
        if self.slips("sees who is not there") {
            seen.insert(writer('z'), 0);
        }
        self.write(who, NoteAdded { text: "seen".into(), step: None }.into(), Some(seen));
    }

    fn opening(&mut self, after: Option<After>, aside: Option<Aside>) -> Event {
        let name = if self.slips("is of another session") { "20261121T180446Z-other" } else { SESSION };
        let (session, salt, tool) = (Id::new(name).unwrap(), "0".repeat(32), "quell 0.1.0".into());
        let (host, user) = ("bastion".into(), "alice".into());
        SegOpen { format: 1, session, salt, tool, host, user, caller: None, after, aside }.into()
    }

    /// The first segment of a writer, or one that goes on.
    fn segment(&mut self, who: usize) {
        let last = self.made.logs[who].segments.last().map(|(number, _)| *number);
        // Some numbers were never used, and some files were never written to.
        let mut number = last.map_or(0, |last| last + 1) + u32::from(self.chance.place(4) == 0);
        let after = if last.is_none() { self.begin(who) } else { self.go_on(who, number) };
        let aside = after.as_ref().and_then(|_| self.aside(who));
        if self.chance.place(4) == 0 {
            self.made.logs[who].segments.push((number, Vec::new()));
            number += 1;
        }
        self.made.logs[who].segments.push((number, Vec::new()));
        let other = serde_json::from_str("{}").unwrap();
        let event = match () {
            () if self.slips("opens in another way") => Event::read("seg.open", other),
            () if self.slips("does not open") => NoteAdded { text: "x".into(), step: None }.into(),
            () => self.opening(after, aside),
        };
        self.write(who, event, None);
    }

    fn begin(&mut self, who: usize) -> Option<After> {
        self.pens[who].n += u64::from(self.slips("begins late"));
        if self.slips("begins with a predecessor") {
            self.pens[who].h = Hash::of(b"x");
        }
        let file = segment_name(&writer('z'), 0).into();
        self.slips("begins with another log").then(|| After { file, bytes: 1, n: 0, h: "x".into() })
    }

    fn go_on(&mut self, who: usize, number: u32) -> Option<After> {
        let (pen, mut segments) = (&self.pens[who], self.made.logs[who].segments.iter());
        let (last, bytes) = segments.rfind(|(_, bytes)| !bytes.is_empty()).unwrap();
        let mut after = pen.after(*last, bytes.len());
        after.n += u64::from(self.slips("goes on from another number"));
        after.bytes -= u64::from(self.slips("goes on from other bytes"));
        if self.slips("goes on from another hash") {
            after.h = Hash::of(b"x").to_string();
        }
        if self.slips("goes on from another file") {
            after.file = segment_name(&self.pens[who].w, number + 1).into();
        }
        if self.slips("names another predecessor over segments") {
            self.pens[who].h = Hash::of(b"x");
        }
        self.pens[who].n += u64::from(self.slips("a number is left out over segments"));
        self.pens[who].l -= u64::from(self.slips("its time does not grow over segments"));
        let from_nothing = self.slips("goes on from nothing");
        (!from_nothing).then_some(after)
    }

    fn aside(&mut self, who: usize) -> Option<Aside> {
        let aside = || Some(Aside { bytes: 3, sha256: Hash::of(b"xyz").to_string() });
        if self.slips("sets aside what is not there") {
            return aside();
        }
        let declares = self.slips("sets aside");
        if declares || self.slips("sets nothing aside") {
            self.made.logs[who].segments.last_mut().unwrap().1.extend_from_slice(b"xyz");
        }
        if declares { aside() } else { None }
    }
}

const SESSION: &str = "20261121T180446Z-crypto-k3j2h4g5";

impl Maker<'_> {
    /// A checkpoint over all that is there, and the record that names it.
    fn checkpoint(&mut self, who: usize) {
        let hash = |slips: bool, hash: Hash| if slips { Hash::of(b"x") } else { hash };
        let (pen, (number, bytes)) = (self.pens[who].clone(), self.made.logs[who].segments.last().cloned().unwrap());
        let seen = self.pens.iter().filter(|other| other.n > 0 && other.w != pen.w);
        let mut seen: BTreeMap<WriterId, (u64, Hash)> = seen.map(|o| (o.w.clone(), (o.n - 1, o.h))).collect();
        for (n, h) in seen.values_mut() {
            *n += u64::from(self.slips("binds what is not there"));
            *h = hash(self.slips("binds another head"), *h);
        }
        let of = |file: &CheckpointFile| {
            (Hash::of(&file.text), file.signature.as_ref().map_or(Hash::ZERO, |bytes| Hash::of(bytes)))
        };
        let mut previous = self.made.checkpoints.last().map_or((Hash::ZERO, Hash::ZERO), of);
        previous.0 = hash(self.slips("follows another checkpoint"), previous.0);
        previous.1 = hash(self.slips("follows another signature"), previous.1);
        let name = if self.slips("binds another session") { "20261121T180446Z-other" } else { SESSION };
        let checkpoint = Checkpoint {
            session: Id::new(name).unwrap(),
            writer: pen.w.clone(),
            file: segment_name(&pen.w, number + u32::from(self.slips("binds another file"))),
            count: pen.n,
            bytes: bytes.len() as u64 + u64::from(self.slips("binds other bytes")),
            head: hash(self.slips("binds another head"), pen.h),
            previous,
            seen,
            time: "2026-11-21T18:05:00Z".parse().unwrap(),
        };
        let (key, principal) = ("SHA256:k".into(), "alice".into());
        let signed = match self.chance.place(4) {
            0 => Signed::No,
            1 => Signed::Intact { key },
            _ => Signed::Good { principal, key },
        };
        let signature = (signed != Signed::No).then(|| format!("signature {}", checkpoint.name()).into_bytes());
        let (name, text) = (checkpoint.name(), checkpoint.encode().into_bytes());
        let named = [Some(text.as_slice()), signature.as_deref()].map(|bytes| bytes.map(Hash::of));
        let sha256 = named[0].map(|of| hash(self.slips("names another checkpoint"), of).to_string());
        let signature_hash = named[1].map(|of| hash(self.slips("names another signature"), of).to_string());
        let (file, head) = (name.as_str().into(), pen.h.to_string());
        let made = CheckpointMade { file, count: pen.n, head, sha256, signature: signature_hash };
        self.made.checkpoints.push(CheckpointFile { name, text, signature, signed });
        self.write(who, made.into(), None);
    }
}
