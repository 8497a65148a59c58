//! How long reading and matching runbooks takes on one core. Goal: a playbook of 100 KB in 2 ms. That of the built-in ones
//! is for all cores of a machine, and stands in the program's benches.

use quell_core::runbook::{Origin, Runbook, matching, parse, parse_with, render};
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Write;

fn main() {
    divan::main();
}

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../runbooks");

/// The files of a folder by name without `end`.
fn files(folder: &str, end: &str) -> Vec<(String, String)> {
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let file = |file: std::fs::DirEntry| {
        let name = file.file_name().to_str()?.strip_suffix(end)?.to_owned();
        Some((name, std::fs::read_to_string(file.path()).ok()?))
    };
    files.filter_map(file).collect()
}

/// The built-in runbooks, and the parts that they include.
struct BuiltIn {
    books: Vec<(String, String)>,
    parts: HashMap<String, &'static str>,
}

fn built_in() -> BuiltIn {
    let parts = files(&format!("{FOLDER}/includes"), ".include.md");
    let parts = parts.into_iter().map(|(name, text)| (name, &*text.leak())).collect();
    BuiltIn { books: files(FOLDER, ".md"), parts }
}

fn read_all(built_in: &BuiltIn) -> Vec<Runbook> {
    let part = |name: &str| built_in.parts.get(name).map(|text| Cow::Borrowed(*text));
    let read = |(name, text): &(String, String)| parse_with(name, text.as_bytes(), Origin::BuiltIn, &part).ok();
    built_in.books.iter().filter_map(read).map(|parsed| parsed.runbook).collect()
}

/// A playbook of 100 KB of ordinary text: the built-in ones, one after the other.
fn large() -> String {
    let text: String = built_in().books.into_iter().map(|(_, text)| text.replace("---", "")).collect();
    text.chars().take(100 * 1024).collect()
}

/// 100 KB that are little but markup: 1,300 steps, tables, links.
fn dense() -> String {
    let mut text = String::from("# Large\n");
    let mut part = 0;
    while text.len() < 100 * 1024 {
        part += 1;
        let _ = write!(
            text,
            "\n## Part {part}: Contain the host\n\nSome *words* about [it](https://example.com/{part}).\n\n\
             | K | V |\n|---|---|\n| a | `b` |\n\n1. Isolate the instance\n\n   ```console\n   $ aws ec2 describe-instances\n   \
             {{}}\n   ```\n\n   - detail\n     - more of it\n2. Look\n   1. at the log\n   2. at the net\n\n- [ ] A task with **bold** words\n"
        );
    }
    text
}

#[divan::bench]
fn read_and_match_the_built_in(bencher: divan::Bencher<'_, '_>) {
    let files = built_in();
    bencher.bench(|| {
        let books = read_all(&files);
        matching::best(&books, Some("CryptoCurrency:EC2/BitcoinTool.B!DNS"), Some("AWS::EC2::Instance"))
            .map(|(book, _)| book.steps.len())
    });
}

#[divan::bench]
fn match_one_finding(bencher: divan::Bencher<'_, '_>) {
    let books = read_all(&built_in());
    bencher.bench(|| matching::best(&books, Some("Never:Heard/Of"), Some("AWS::EC2::Instance")).map(|(_, fit)| fit));
}

#[divan::bench]
fn read_100_kilobytes(bencher: divan::Bencher<'_, '_>) {
    let text = large();
    bencher.bench(|| parse("large", text.as_bytes(), Origin::BuiltIn).map(|parsed| parsed.runbook.steps.len()).ok());
}

#[divan::bench]
fn read_100_kilobytes_of_markup(bencher: divan::Bencher<'_, '_>) {
    let text = dense();
    bencher.bench(|| parse("dense", text.as_bytes(), Origin::BuiltIn).map(|parsed| parsed.runbook.steps.len()).ok());
}

#[divan::bench]
fn lay_out_every_step_of_100_kilobytes(bencher: divan::Bencher<'_, '_>) {
    let Ok(parsed) = parse("large", large().as_bytes(), Origin::BuiltIn) else { return };
    bencher.bench(|| parsed.runbook.steps.iter().map(|step| render::lines(&step.body, 76).len()).sum::<usize>());
}
