//! What a disk would keep if the power went: beside the real files, which bytes and names are sure to survive.
//!
//! Bytes of a file survive a crash up to its last sync; of those after it any number of 512-byte sectors from the
//! front, or a torn piece of one. What happened to names since their folder was synced may have reached the disk or
//! not, each for itself: a file that was made is there or not; a file that was put in another's place is the old one
//! or the new one, and the new one with whatever survives of its bytes.

use quell_core::record::Hash;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, OnceLock};

const SECTOR: usize = 512;
/// The most states of one moment; where names and bytes together could be in more, they differ one at a time.
const MOST: usize = 512;

/// Files by their names, as they would be after a crash.
pub type Crashed = BTreeMap<String, Bytes>;

type Bytes = Arc<Content>;

/// What a file holds.
#[derive(Clone, Debug, Default)]
pub struct Content {
    pub bytes: Vec<u8>,
    sha256: OnceLock<String>,
}

impl Content {
    pub fn of(bytes: Vec<u8>) -> Bytes {
        Arc::new(Self { bytes, sha256: OnceLock::new() })
    }

    pub fn sha256(&self) -> &str {
        self.sha256.get_or_init(|| Hash::of(&self.bytes).to_string())
    }
}
/// What a name may stand for.
type May = Vec<Option<Bytes>>;

#[derive(Clone, Debug, Default)]
struct File {
    bytes: Bytes,
    /// How many of them survive for sure.
    safe: usize,
}

/// The files of one session, by the names under its folder.
#[derive(Clone, Debug, Default)]
pub struct Shadow {
    files: Vec<File>,
    /// What stood under a name since its folder was last synced, the latest last: a file by its place, or none.
    names: BTreeMap<String, Vec<Option<usize>>>,
}

impl Shadow {
    /// What is on disk already, and safe there.
    pub fn of(folder: &Path) -> Self {
        let mut shadow = Self::default();
        for part in ["log", "evidence", "checkpoints"] {
            let Ok(entries) = std::fs::read_dir(folder.join(part)) else { continue };
            for path in entries.map(|entry| entry.unwrap().path()) {
                let bytes = Content::of(std::fs::read(&path).unwrap());
                let safe = bytes.bytes.len();
                shadow.files.push(File { bytes, safe });
                shadow.names.insert(key(&path), vec![Some(shadow.files.len() - 1)]);
            }
        }
        shadow
    }

    pub fn create(&mut self, path: &Path) {
        self.files.push(File::default());
        let file = self.files.len() - 1;
        self.name(path, Some(file));
    }

    pub fn write(&mut self, path: &Path, bytes: &[u8]) {
        let file = self.now(path).unwrap();
        let content = Arc::make_mut(&mut self.files[file].bytes);
        content.bytes.extend_from_slice(bytes);
        content.sha256 = OnceLock::new();
    }

    /// A file's data, or the names in a folder.
    pub fn sync(&mut self, path: &Path) {
        if let Some(file) = self.now(path) {
            self.files[file].safe = self.files[file].bytes.bytes.len();
            return;
        }
        let folder = format!("{}/", path.file_name().unwrap().to_string_lossy());
        for (_, was) in self.names.iter_mut().filter(|(name, _)| name.starts_with(&folder)) {
            was.drain(..was.len() - 1);
        }
        self.names.retain(|_, was| *was != [None]);
    }

    pub fn rename(&mut self, from: &Path, to: &Path) {
        let file = self.now(from);
        self.name(to, file);
        self.name(from, None);
    }

    pub fn remove(&mut self, path: &Path) {
        self.name(path, None);
    }

    fn now(&self, path: &Path) -> Option<usize> {
        self.names.get(&key(path)).and_then(|was| *was.last()?)
    }

    fn name(&mut self, path: &Path, file: Option<usize>) {
        let was = self.names.entry(key(path)).or_insert_with(|| vec![None]);
        was.retain(|known| *known != file);
        was.push(file);
    }

    /// Every state that a crash now could leave.
    pub fn crashes(&self) -> Vec<Crashed> {
        let mut sure = Crashed::new();
        let mut open: Vec<(&str, May)> = Vec::new();
        for (name, was) in &self.names {
            let may = self.may_be(name, was);
            match may.as_slice() {
                [one] => sure.extend(one.clone().map(|bytes| (name.clone(), bytes))),
                _ => open.push((name, may)),
            }
        }
        let with = |chosen: &dyn Fn(usize) -> usize| {
            let mut state = sure.clone();
            for (at, (name, may)) in open.iter().enumerate() {
                state.extend(may[chosen(at) % may.len()].clone().map(|bytes| ((*name).to_owned(), bytes)));
            }
            state
        };
        let all = open.iter().try_fold(1_usize, |all, (_, may)| all.checked_mul(may.len()));
        if let Some(all) = all.filter(|all| *all <= MOST) {
            let before = |at: usize| open[..at].iter().map(|(_, may)| may.len()).product::<usize>();
            return (0..all).map(|number| with(&|at| number / before(at))).collect();
        }
        // All as it was or all as it is, and one of them otherwise.
        let last = |at: usize| open[at].1.len() - 1;
        let one = |of: usize, is: usize| {
            let was = with(&|at| if at == of { is } else { 0 });
            [was, with(&|at| if at == of { is } else { last(at) })]
        };
        (0..open.len()).flat_map(|of| (0..=last(of)).flat_map(move |is| one(of, is))).collect()
    }

    /// What may stand under a name after a crash.
    fn may_be(&self, name: &str, was: &[Option<usize>]) -> May {
        // A file that is to be put in a place: nobody reads it, whatever is in it.
        let is_read = !name.contains("/.");
        let mut may = May::new();
        for file in was {
            match file.map(|file| &self.files[file]) {
                None => may.push(None),
                Some(file) if is_read => may.extend(file.may_be().into_iter().map(Some)),
                Some(file) => may.push(Some(file.bytes.clone())),
            }
        }
        may
    }
}

impl File {
    /// What it may hold after a crash.
    fn may_be(&self) -> Vec<Bytes> {
        let (safe, end) = (self.safe, self.bytes.bytes.len());
        let sectors = (safe / SECTOR + 1..).map(|n| n * SECTOR).take_while(|at| *at < end);
        // A piece of a sector too: not every disk keeps 512 bytes together.
        let torn = [safe + 1, safe + (end - safe) / 3, end.saturating_sub(1)];
        let mut lengths: Vec<usize> = [safe].into_iter().chain(sectors).chain(torn).collect();
        lengths.retain(|length| (safe..end).contains(length));
        lengths.sort_unstable();
        lengths.dedup();
        let cut = lengths.into_iter().map(|length| Content::of(self.bytes.bytes[..length].to_vec()));
        cut.chain([self.bytes.clone()]).collect()
    }
}

/// `log/<file>`, `evidence/<file>` or `checkpoints/<file>`.
fn key(path: &Path) -> String {
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    format!("{}/{}", path.parent().map(name).unwrap_or_default(), name(path))
}
