//! How long reading and matching runbooks takes. Goals: the built-in ones read and matched in 10 ms, a playbook of
//! 100 KB in 2 ms.

use quell_core::runbook::{Origin, Runbook, matching, parse, render};
use std::fmt::Write;

fn main() {
    divan::main();
}

fn built_in() -> Vec<(String, Vec<u8>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../runbooks");
    let files = std::fs::read_dir(folder).into_iter().flatten().flatten();
    files
        .filter(|file| file.path().extension().is_some_and(|ext| ext == "md"))
        .filter_map(|file| Some((file.file_name().to_string_lossy().into_owned(), std::fs::read(file.path()).ok()?)))
        .collect()
}

fn read_all(files: &[(String, Vec<u8>)]) -> Vec<Runbook> {
    files.iter().filter_map(|(name, bytes)| Some(parse(name, bytes, Origin::BuiltIn).ok()?.runbook)).collect()
}

/// A playbook of 100 KB of ordinary text: the built-in ones, one after the other.
fn large() -> String {
    let text: String =
        built_in().into_iter().map(|(_, bytes)| String::from_utf8_lossy(&bytes).replace("---", "")).collect();
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
