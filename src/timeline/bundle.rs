//! A session as one archive: the original bytes of logs, checkpoints and evidence, views that are marked as such, and
//! the SHA-256 of each file.

use super::disk;
use super::folder::io_problem;
use super::session::{SessionDir, Timeline};
use crate::problem::Problem;
use quell_core::record::{Hash, Running, segment_name};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

/// An archive that was written.
#[derive(Debug)]
pub struct Bundle {
    pub bytes: u64,
    pub sha256: Hash,
    /// The evidence that is in it: by its names, the hash of what was packed.
    pub evidence: BTreeMap<String, Hash>,
    /// Files of the session's folders that are not in it, and why.
    pub left: Vec<String>,
}

/// Where a file's bytes come from.
enum From<'a> {
    Memory(&'a [u8]),
    Disk(PathBuf, fs::File),
}

impl SessionDir {
    /// Writes the archive: a tar file of the session's folder as it was read into `timeline`, and of `more` files that
    /// were made for it. The same session gives the same bytes: names in order, one owner, one mode, the time of the
    /// last record. What is damaged is packed as it is.
    pub fn bundle(&self, timeline: &Timeline, more: &[(&str, &[u8])], out: &mut dyn Write) -> Result<Bundle, Problem> {
        let mut files: BTreeMap<String, From<'_>> = BTreeMap::new();
        files.extend(more.iter().map(|(name, bytes)| ((*name).to_owned(), From::Memory(bytes))));
        // As they were read and judged: a writer at work appends meanwhile.
        for (writer, one) in &timeline.files.writers {
            let head = one.head.as_deref().map(|bytes| (format!("log/{writer}.head"), From::Memory(bytes)));
            let named = |(number, bytes)| (format!("log/{}", segment_name(writer, number)), From::Memory(bytes));
            files.extend(one.segments.iter().map(|(number, bytes)| named((*number, bytes.as_slice()))).chain(head));
        }
        let mut left = Vec::new();
        for folder in ["checkpoints", "evidence"] {
            for name in self.names(folder)? {
                let (path, place) = (self.path().join(folder).join(&name), format!("{folder}/{name}"));
                match disk::open(&path) {
                    Ok(file) => drop(files.insert(place, From::Disk(path, file))),
                    Err(error) => left.push(format!("{place}: {error}")),
                }
            }
        }
        let last = timeline.recovery.records.last();
        let time = last.and_then(|record| u64::try_from(record.entry.t.as_second()).ok()).unwrap_or(0);
        let mut sum = Sum { out, running: Running::default() };
        let packed = pack(self.id().as_str(), time, files, &mut sum);
        let packed = packed.map_err(|(path, error)| io_problem("the bundle could not be written", &path, &error))?;
        let evidence =
            packed.into_iter().filter_map(|(name, hash)| Some((name.strip_prefix("evidence/")?.into(), hash)));
        let evidence = evidence.collect();
        Ok(Bundle { bytes: sum.running.bytes(), sha256: sum.running.hash(), evidence, left })
    }

    /// The files of a folder, by names that are plain; what a crash or somebody else left there means nothing.
    fn names(&self, folder: &str) -> Result<BTreeSet<String>, Problem> {
        let path = self.path().join(folder);
        let entries = match fs::read_dir(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(BTreeSet::new()),
            entries => entries.map_err(|e| io_problem("can't list a folder", &path, &e))?,
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        let is_ours = |name: &String| match folder {
            "evidence" => Hash::parse(name.as_bytes()).is_some(),
            _ => !name.starts_with('.') && name.chars().all(plain),
        };
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        Ok(names.filter(is_ours).collect())
    }
}

/// Writes the archive, its manifest last; gives the hash of each file as it was packed. An error says of which file.
fn pack(
    root: &str,
    time: u64,
    files: BTreeMap<String, From<'_>>,
    out: &mut Sum<'_>,
) -> Result<BTreeMap<String, Hash>, (PathBuf, io::Error)> {
    let mut tar = tar::Builder::new(out);
    let (mut manifest, mut hashes) = (String::new(), BTreeMap::new());
    for (name, from) in files {
        let (place, hash) = match from {
            From::Memory(bytes) => (PathBuf::from(&name), add(&mut tar, root, &name, time, bytes.len() as u64, bytes)),
            From::Disk(path, file) => {
                let size = file.metadata().map(|found| found.len());
                (path, size.and_then(|size| add(&mut tar, root, &name, time, size, file)))
            }
        };
        let hash = hash.map_err(|error| (place, error))?;
        // As sha256sum writes it, so that it reads it.
        manifest.push_str(&format!("{hash}  {name}\n"));
        hashes.insert(name, hash);
    }
    let place = || PathBuf::from("MANIFEST");
    let bytes = manifest.as_bytes();
    add(&mut tar, root, "MANIFEST", time, bytes.len() as u64, bytes).map_err(|error| (place(), error))?;
    tar.into_inner().and_then(|out| out.flush()).map_err(|error| (place(), error))?;
    Ok(hashes)
}

/// Adds a file; gives the hash of what was packed.
fn add(
    tar: &mut tar::Builder<&mut Sum<'_>>,
    root: &str,
    name: &str,
    time: u64,
    size: u64,
    from: impl Read,
) -> io::Result<Hash> {
    let mut header = tar::Header::new_ustar();
    header.set_path(Path::new(root).join(name))?;
    header.set_size(size);
    header.set_mode(0o600);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(time);
    header.set_entry_type(tar::EntryType::Regular);
    header.set_cksum();
    let mut from = Tee { from: from.take(size), running: Running::default() };
    tar.append(&header, &mut from)?;
    match from.running.bytes() == size {
        true => Ok(from.running.hash()),
        false => Err(io::Error::other("it became shorter while it was read")),
    }
}

/// Hashes what is read through it.
struct Tee<R> {
    from: R,
    running: Running,
}

impl<R: Read> Read for Tee<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let count = self.from.read(into)?;
        self.running.add(into.get(..count).unwrap_or_default());
        Ok(count)
    }
}

/// Hashes what is written through it.
struct Sum<'a> {
    out: &'a mut dyn Write,
    running: Running,
}

impl Write for Sum<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.out.write(bytes)?;
        self.running.add(bytes.get(..count).unwrap_or_default());
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
