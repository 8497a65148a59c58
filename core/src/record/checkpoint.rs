//! A checkpoint: what a session's logs were at one moment, as a small text that an SSH key can sign. It binds the
//! last record of each writer, and through their chains all records before.
//!
//! The text is ASCII, a key and its value on each line, so that `ssh-keygen -Y verify` and a person can both read it.
//! That it names its own place, the one before it and that one's signature follows CloudTrail's digest files: a
//! checkpoint can be neither moved to another session nor taken out of the row unnoticed.

use super::chain::Hash;
use super::encode::append_line;
use super::form::{MOST, is_in_years};
use super::recover::segment_number;
use crate::incident::{CheckpointMade, Entry, Link, WriterId};
use crate::text::{Id, id::Slug};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// What an SSH signature over a checkpoint is for (the namespace of `ssh-keygen -Y`): one that was made for anything
/// else does not count.
pub const NAMESPACE: &str = "quell-timeline";

/// The first line; another version begins otherwise.
const TITLE: &str = "quell checkpoint v1";
/// Longer than any real one: a session of hundreds of writers.
const MAX: usize = 64 * 1024;

/// A moment of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    pub session: Id<Slug>,
    /// Who made it; the record is the last that the maker had written.
    pub writer: WriterId,
    /// The segment that holds the record.
    pub file: String,
    /// Records of the writer up to this one: its number and one.
    pub count: u64,
    /// Bytes of the segment up to the end of the record.
    pub bytes: u64,
    /// The record's hash.
    pub head: Hash,
    /// The checkpoint before this one: the hash of its text and of its signature, which is [`Hash::ZERO`] where it
    /// has none; both are zero for the first.
    pub previous: (Hash, Hash),
    /// The last records of the other writers: number and hash.
    pub seen: BTreeMap<WriterId, (u64, Hash)>,
    pub time: Timestamp,
}

impl Checkpoint {
    /// The text.
    pub fn encode(&self) -> String {
        let Self { session, writer, file, count, bytes, head, previous, seen, time } = self;
        let seen: String = seen.iter().map(|(writer, (n, h))| format!("seen {writer} {n} {h}\n")).collect();
        format!(
            "{TITLE}\nsession {session}\nwriter {writer}\nfile {file}\ncount {count}\nbytes {bytes}\nhead {head}\n\
             previous {}\nprevious-signature {}\n{seen}time {}\n",
            previous.0,
            previous.1,
            time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
    }

    /// Reads what [`Checkpoint::encode`] wrote, and nothing else.
    pub fn read(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok().filter(|text| text.len() <= MAX)?;
        let mut lines = text.strip_prefix(TITLE)?.strip_prefix('\n')?.lines().peekable();
        let mut value = |key: &str| Some(lines.next()?.strip_prefix(key)?.strip_prefix(' ')?.to_owned());
        let (session, writer, file) = (value("session")?, value("writer")?, value("file")?);
        let (count, bytes) = (value("count")?.parse().ok()?, value("bytes")?.parse().ok()?);
        let head = Hash::parse(value("head")?.as_bytes())?;
        let previous = Hash::parse(value("previous")?.as_bytes())?;
        let signature = Hash::parse(value("previous-signature")?.as_bytes())?;
        let mut seen = BTreeMap::new();
        while let Some(line) = lines.next_if(|line| line.starts_with("seen ")) {
            let mut parts = line.split(' ').skip(1);
            let writer = Id::new(parts.next()?).ok()?;
            seen.insert(writer, (parts.next()?.parse().ok()?, Hash::parse(parts.next()?.as_bytes())?));
        }
        let time = lines.next()?.strip_prefix("time ")?.parse().ok()?;
        let (session, writer) = (Id::new(&session).ok()?, Id::new(&writer).ok()?);
        let previous = (previous, signature);
        let read = Self { session, writer, file, count, bytes, head, previous, seen, time };
        (read.is_sound() && read.encode() == text).then_some(read)
    }

    /// Whether its values are such as a log's can be.
    fn is_sound(&self) -> bool {
        let mut numbers = self.seen.values().map(|(n, _)| *n).chain([self.count, self.bytes]);
        let file = segment_number(&self.writer, &self.file);
        self.count > 0
            && numbers.all(|n| n <= MOST)
            && file.is_some()
            && !self.seen.contains_key(&self.writer)
            && is_in_years(self.time)
    }

    /// The name of its file in the session's `checkpoints` folder.
    pub fn name(&self) -> String {
        format!("{}.{}.txt", self.writer, self.count.saturating_sub(1))
    }

    /// What a record says of it once it is stored with its signature.
    pub fn made(&self, signature: Option<&[u8]>) -> CheckpointMade {
        CheckpointMade {
            file: self.name().into(),
            count: self.count,
            head: self.head.to_string(),
            sha256: Some(Hash::of(self.encode().as_bytes()).to_string()),
            signature: signature.map(|bytes| Hash::of(bytes).to_string()),
        }
    }

    /// The one record that may stand behind a signed checkpoint without taking anything from what the signature says:
    /// it names the checkpoint, comes right after the record that it binds, whose Lamport time is `l`, at the time that
    /// is signed. Every byte of it follows from what is signed; its name and hash.
    pub(super) fn announced(&self, signature: &[u8], l: u64) -> Option<(Link, Hash)> {
        let link = Link(self.writer.clone(), self.count);
        let event = self.made(Some(signature)).into();
        let entry = Entry { link: link.clone(), l: l.checked_add(1)?, t: self.time, at: None, seen: None, event };
        let hash = append_line(&mut Vec::new(), &entry, &self.head).ok()?;
        Some((link, hash))
    }

    /// What it says of each writer: the number and the hash of the last record.
    pub fn heads(&self) -> impl Iterator<Item = (&WriterId, u64, Hash)> {
        let own = (&self.writer, self.count.saturating_sub(1), self.head);
        std::iter::once(own).chain(self.seen.iter().map(|(writer, (n, h))| (writer, *n, *h)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "aaaaaaaaaaaaaaaaaaaaaaaaaa";
    const B: &str = "bbbbbbbbbbbbbbbbbbbbbbbbbb";

    fn text() -> String {
        [
            "quell checkpoint v1",
            "session 20261121T180446Z-miner-abcdef",
            &format!("writer {A}"),
            &format!("file {A}.0001.ndjson"),
            "count 18",
            "bytes 4096",
            &format!("head {}", "1".repeat(64)),
            &format!("previous {}", "0".repeat(64)),
            &format!("previous-signature {}", "0".repeat(64)),
            &format!("seen {B} 4 {}", "2".repeat(64)),
            "time 2026-11-21T18:04:46Z\n",
        ]
        .join("\n")
    }

    #[test]
    fn the_text_says_what_it_binds() {
        let read = Checkpoint::read(text().as_bytes()).unwrap();
        assert_eq!(read.encode(), text());
        assert_eq!(read.name(), format!("{A}.17.txt"));
        let heads: Vec<_> = read.heads().map(|(w, n, h)| (w.as_str(), n, h.to_string())).collect();
        assert_eq!(heads, [(A, 17, "1".repeat(64)), (B, 4, "2".repeat(64))]);
    }

    #[test]
    fn nothing_but_the_one_form_is_read() {
        let text = text();
        for (from, to) in [
            ("v1", "v2"),
            ("count 18", "count 018"),
            ("count 18", "count 0"),
            ("count 18", "count -1"),
            ("count 18", "count 9007199254740992"),
            ("bytes 4096", "bytes 9007199254740992"),
            (".0001.ndjson", ".1.ndjson"),
            ("file a", "file b"),
            ("2026-11-21", "9999-11-21"),
            ("seen bbbbbbbbbbbbbbbbbbbbbbbbbb", "seen aaaaaaaaaaaaaaaaaaaaaaaaaa"),
            ("\ntime", "\n\ntime"),
            ("Z\n", "Z"),
            ("Z\n", "Z\nmore\n"),
            ("Z\n", ".5Z\n"),
            ("seen b", "seen  b"),
            ("session 2", "session ../2"),
            ("writer a", "writer A"),
            ("bytes 4096\n", ""),
            ("\n", "\r\n"),
        ] {
            assert_eq!(Checkpoint::read(text.replacen(from, to, 1).as_bytes()), None, "{from} as {to}");
        }
        assert_eq!(Checkpoint::read(&[text.as_bytes(), &[0xff]].concat()), None);
        let twice = text.replace("seen b", &format!("seen {B} 3 {}\nseen b", "3".repeat(64)));
        assert_eq!(Checkpoint::read(twice.as_bytes()), None);
    }
}
