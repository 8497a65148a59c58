//! What a disk would keep if the power went: beside the real files, which bytes and names are sure to survive.
//!
//! Bytes of a file survive a crash up to its last sync; of those after it any number of 512-byte sectors from the
//! front, or a torn piece of one. A name that was made survives once its folder was synced, and may before. A file
//! that is put in another's place is the old one or the new one.

use std::collections::BTreeMap;
use std::path::Path;

const SECTOR: usize = 512;

/// A file by its name, as it would be after a crash.
pub type Crashed = BTreeMap<String, Vec<u8>>;

#[derive(Clone, Debug, Default)]
struct File {
    bytes: Vec<u8>,
    /// How many of them survive for sure.
    safe: usize,
    /// Whether the name does.
    named: bool,
}

/// The files of one session, by the names under its folder.
#[derive(Clone, Debug, Default)]
pub struct Shadow {
    files: BTreeMap<String, File>,
}

impl Shadow {
    /// What is on disk already, and safe there.
    pub fn of(folder: &Path) -> Self {
        let mut shadow = Self::default();
        for part in ["log", "evidence"] {
            let Ok(entries) = std::fs::read_dir(folder.join(part)) else { continue };
            for path in entries.map(|entry| entry.unwrap().path()) {
                let bytes = std::fs::read(&path).unwrap();
                let safe = bytes.len();
                shadow.files.insert(key(&path), File { bytes, safe, named: true });
            }
        }
        shadow
    }

    pub fn create(&mut self, path: &Path) {
        self.files.insert(key(path), File::default());
    }

    pub fn write(&mut self, path: &Path, bytes: &[u8]) {
        self.files.get_mut(&key(path)).unwrap().bytes.extend_from_slice(bytes);
    }

    /// A file's data, or the names in a folder.
    pub fn sync(&mut self, path: &Path) {
        match self.files.get_mut(&key(path)) {
            Some(file) => file.safe = file.bytes.len(),
            None => {
                let folder = path.file_name().unwrap().to_string_lossy().into_owned();
                let inside = self.files.iter_mut().filter(|(name, _)| name.starts_with(&folder));
                inside.for_each(|(_, file)| file.named = true);
            }
        }
    }

    pub fn replace(&mut self, path: &Path, bytes: &[u8]) {
        self.files.insert(key(path), File { bytes: bytes.to_vec(), safe: bytes.len(), named: true });
    }

    /// Every state that a crash now could leave.
    pub fn crashes(&self) -> Vec<Crashed> {
        let mut all = vec![Crashed::new()];
        for (name, file) in &self.files {
            let lengths = file.lengths();
            all = all
                .into_iter()
                .flat_map(|state| {
                    let kept = lengths.iter().map(|length| Some(file.bytes[..*length].to_vec()));
                    let lost = (!file.named).then_some(None);
                    let with = |bytes: Option<Vec<u8>>| {
                        let mut state = state.clone();
                        state.extend(bytes.map(|bytes| (name.clone(), bytes)));
                        state
                    };
                    kept.chain(lost).map(with).collect::<Vec<_>>()
                })
                .collect();
        }
        all
    }
}

impl File {
    /// How long it may be after a crash.
    fn lengths(&self) -> Vec<usize> {
        let (safe, end) = (self.safe, self.bytes.len());
        let sectors = (safe / SECTOR + 1..).map(|n| n * SECTOR).take_while(|at| *at < end);
        // A piece of a sector too: not every disk keeps 512 bytes together.
        let torn = [safe + 1, safe + (end - safe) / 3, end.saturating_sub(1)];
        let mut lengths: Vec<usize> = [safe, end].into_iter().chain(sectors).chain(torn).collect();
        lengths.retain(|length| (safe..=end).contains(length));
        lengths.sort_unstable();
        lengths.dedup();
        lengths
    }
}

/// `log/<file>` or `evidence/<file>`.
fn key(path: &Path) -> String {
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    format!("{}/{}", path.parent().map(name).unwrap_or_default(), name(path))
}
