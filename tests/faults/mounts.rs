//! File systems of a test's own, as small as it likes.

use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::{NamedTempFile, TempDir};

/// A mounted file system, gone with this value.
pub struct Mount {
    dir: TempDir,
    /// The file that stands for its disk.
    disk: Option<NamedTempFile>,
}

impl Mount {
    /// A file system in memory.
    pub fn tmpfs(size: &str) -> Result<Self, String> {
        let mount = Self { dir: TempDir::new().unwrap(), disk: None };
        run("mount", &["-t", "tmpfs", "-o", &format!("size={size},mode=700"), "quell-test", &mount.at()])?;
        Ok(mount)
    }

    /// A new ext4 with a journal, on a loop device.
    pub fn ext4(size: u64) -> Result<Self, String> {
        let disk = NamedTempFile::new().unwrap();
        disk.as_file().set_len(size).unwrap();
        run("mkfs.ext4", &["-q", "-F", "-m", "0", "-b", "1024", &disk.path().to_string_lossy()])?;
        let mount = Self { dir: TempDir::new().unwrap(), disk: Some(disk) };
        mount.again()?;
        Ok(mount)
    }

    /// Mounts it again, which takes up what its journal holds.
    pub fn again(&self) -> Result<(), String> {
        let disk = self.disk.as_ref().unwrap().path().to_string_lossy().into_owned();
        run("mount", &["-t", "ext4", "-o", "loop", &disk, &self.at()])
    }

    pub fn off(&self) -> Result<(), String> {
        run("umount", &[&self.at()])
    }

    /// Gives a file system in memory another size.
    pub fn resize(&self, size: &str) {
        run("mount", &["-o", &format!("remount,size={size}"), &self.at()]).unwrap();
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    fn at(&self) -> String {
        self.dir.path().to_string_lossy().into_owned()
    }

    /// Fills it up to its last byte; gives the file to delete when there shall be room.
    pub fn fill(&self) -> PathBuf {
        let ballast = self.path().join("ballast");
        let mut file = std::fs::File::create(&ballast).unwrap();
        let full = std::io::copy(&mut std::io::repeat(0), &mut file).unwrap_err();
        assert_eq!(full.kind(), std::io::ErrorKind::StorageFull);
        ballast
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // What still runs on it must not keep it.
        let _ = run("umount", &["--lazy", &self.at()]);
    }
}

fn run(program: &str, args: &[&str]) -> Result<(), String> {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new(program);
    command.args(args).env("PATH", format!("{path}:/usr/sbin:/sbin"));
    match command.output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(format!("{program}: {}", String::from_utf8_lossy(&output.stderr).trim())),
        Err(error) => Err(format!("{program}: {error}")),
    }
}

/// Why this machine can't give file systems to a test, if it can't.
pub fn wanting() -> Option<&'static str> {
    (!rustix::process::geteuid().is_root()).then_some("only root can mount file systems")
}
