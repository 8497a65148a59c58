//! How long a start takes to have the built-in runbooks read and one of them chosen, as the program does it: on all
//! cores. Goal: 10 ms. What one core needs for it is in the core's own benches.

use divan::Bencher;
use quell::files::runbooks;
use quell_core::runbook::matching;

fn main() {
    divan::main();
}

#[divan::bench]
fn read_and_match_the_built_in(bencher: Bencher) {
    bencher.bench(|| {
        let library = runbooks::load(&[]);
        matching::best(&library.books, Some("CryptoCurrency:EC2/BitcoinTool.B!DNS"), Some("AWS::EC2::Instance"))
            .map(|(book, _)| book.steps.len())
    });
}
