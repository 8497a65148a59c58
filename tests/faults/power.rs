//! Power cuts: a real ext4 on a loop device is shut down under the program, unmounted, and mounted again, which takes
//! up what its journal holds. Only what was answered before the cut counts.
//!
//! A tier of its own: where there is no root or no loop device it says that it was not run, which is no failure.

use super::mounts::{Mount, wanting};
use super::notes::Bench;
use super::strace;
use crate::chance::Chance;
use crate::figures::figure;
use crate::outside::python;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use tempfile::TempDir;

const CUTS: usize = 30;
const SEED: u64 = 4587;

/// What cuts the power.
struct Switch {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Switch {
    fn new() -> Option<Self> {
        let mut python = python("fcntl")?;
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/faults/power_cut.py");
        let mut child = python.arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        Some(Self { child, input, output })
    }

    fn cut(&mut self, folder: &Path) {
        writeln!(self.input, "{}", folder.display()).unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        assert_eq!(line, "cut\n");
    }
}

impl Drop for Switch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes to a session and cuts the power after a seeded number of answers, again and again.
struct Power {
    mount: Mount,
    bench: Bench,
    switch: Switch,
    chance: Chance,
}

impl Power {
    /// `None`, and said under this name, where this machine can't.
    fn new(name: &'static str) -> Option<Self> {
        let mount = match wanting() {
            Some(why) => Err(why.to_owned()),
            None => Mount::ext4(16 << 20),
        };
        let mount = match mount {
            Ok(mount) => mount,
            Err(why) => {
                figure(name, &format!("not run: {why}"));
                return None;
            }
        };
        let switch = Switch::new()?;
        let bench = Bench::on(TempDir::new_in(mount.path()).unwrap());
        Some(Self { mount, bench, switch, chance: Chance(SEED) })
    }

    /// One cut, and the mount after it; gives how many answers of this run count, and what it said at its end.
    fn cut(&mut self, under: &[&str]) -> (usize, String) {
        let answers = 1 + self.chance.place(40);
        let mut noting = self.bench.start(under, answers + 200);
        let answered = (0..answers).take_while(|_| noting.answer()).count();
        self.switch.cut(self.mount.path());
        let ended = noting.end_at(answered, &mut self.bench.promised);
        self.mount.off().unwrap();
        self.mount.again().unwrap();
        (answered, ended.err)
    }
}

#[test]
fn a_power_cut_loses_nothing_that_was_answered() {
    let Some(mut power) = Power::new("power cuts") else { return };
    for cut in 1..=CUTS {
        let (answered, err) = power.cut(&[]);
        assert!(answered > 0, "{err}");
        assert!(err.contains("could not be written"), "nobody was told of cut {cut}: {err}");
        assert_eq!(power.bench.promised.wrong(&power.bench.session), None, "after cut {cut}");
    }
    power.bench.works();
    let answered = power.bench.promised.answered();
    figure("power cuts", &format!("run, {CUTS} cuts, {answered} acks, 0 lost; seed {SEED}"));
}

/// The test above must catch a program whose syncs do nothing.
#[test]
fn without_its_syncs_a_power_cut_loses_what_was_answered() {
    if wanting().is_none() && !strace() {
        return;
    }
    let Some(mut power) = Power::new("power cuts, caught") else { return };
    let inject = "inject=fdatasync,fsync:retval=0";
    for _ in 0..3 {
        power.cut(&["strace", "-f", "-qq", "-o", "/dev/null", "-e", inject]);
    }
    let (lost, first) = power.bench.promised.lost(&power.bench.session);
    let answered = power.bench.promised.answered();
    assert!(lost > 0, "syncs that do nothing are not noticed: {answered} notes are all there");
    assert!(first.unwrap().ends_with("was answered and is not there"));
    figure("power cuts, caught", &format!("syncs that do nothing: {lost} of {answered} acks lost"));
}
