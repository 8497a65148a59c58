//! What a frame costs: the list and the incident into a buffer, and a key through the machine with the frame after it.
// The rig is the tests': it unwraps, and not all of it is used here.
#![allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

#[path = "../tests/console/account.rs"]
mod account;
#[path = "../tests/console/fixtures.rs"]
mod fixtures;
#[path = "../tests/console/rig.rs"]
mod rig;

use divan::Bencher;
use quell_core::finding::Label;
use rig::Rig;

fn main() {
    divan::main();
}

const SIZES: [(u16, u16); 2] = [(80, 24), (140, 40)];

/// A list of so many findings.
fn listed(rows: usize) -> Rig {
    let mut rig = Rig::empty();
    let one = |n: usize| {
        fixtures::finding(
            &format!("{n:06}"),
            "Backdoor:EC2/C&CActivity.B!DNS",
            Label::High,
            70.0,
            &format!("i-{n:017x}"),
        )
    };
    rig.arrive((0..rows).map(one).collect());
    rig
}

#[divan::bench(args = SIZES)]
fn list_of_10_000(bencher: Bencher, (width, height): (u16, u16)) {
    let mut rig = listed(10_000);
    rig.resize(width, height);
    bencher.bench_local(|| rig.buffer());
}

#[divan::bench(args = SIZES)]
fn incident(bencher: Bencher, (width, height): (u16, u16)) {
    let mut rig = Rig::opened();
    rig.resize(width, height);
    bencher.bench_local(|| rig.buffer());
}

#[divan::bench]
fn a_key_and_its_frame(bencher: Bencher) {
    let mut rig = listed(10_000);
    bencher.bench_local(|| {
        rig.key("j");
        rig.buffer()
    });
}
