//! Findings from a file or from standard input.

use crate::problem::{Problem, clean};
use quell_core::finding::{Finding, Via, read};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The most that is read: a file beyond this is not a list of findings.
const LARGEST: u64 = 2 << 30;

/// What a file held: the good records in its order, and every bad one with line and reason.
#[derive(Debug, Default)]
pub struct FromFile {
    pub findings: Vec<Finding>,
    pub problems: Vec<Problem>,
}

/// Reads a file of findings, in any of the known shapes; `-` is standard input. A file that can't be read at all is
/// the error; a record that can't is among the problems.
pub fn read_file(path: &Path) -> Result<FromFile, Problem> {
    let name = path.to_string_lossy();
    let bytes = match name.as_ref() {
        "-" => whole(std::io::stdin().lock()),
        _ => File::open(path).and_then(whole),
    };
    let name = if name == "-" { "standard input" } else { name.as_ref() };
    let bytes = bytes.map_err(|error| {
        let problem = Problem::input(format!("{} can't be read: {error}", clean(name)));
        problem.meaning("no finding of it was read").next("look at the path and its permissions")
    })?;
    if bytes.len() as u64 > LARGEST {
        return Err(Problem::input(format!("{} is larger than 2 GiB", clean(name))).next("split it"));
    }
    Ok(findings(&bytes, name))
}

/// Reads findings out of a file's bytes; `name` is what the problems call it.
pub fn findings(bytes: &[u8], name: &str) -> FromFile {
    let batch = read(bytes, Via::File);
    let problems = batch.errors.into_iter().map(|error| {
        let record = error.index.map(|index| format!("record {index}: ")).unwrap_or_default();
        let what = format!("{record}{}", error.reason);
        Problem::input(what)
            .in_file(name, error.line, error.column)
            .meaning("this record was left out; the others were read")
    });
    FromFile { problems: problems.collect(), findings: batch.findings }
}

fn whole(from: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(LARGEST + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: &str = r#"[
  {"accountId":"111122223333","arn":"arn:aws:guardduty:eu-west-1:111122223333:detector/d/finding/f","id":"f",
   "region":"eu-west-1","schemaVersion":"2.0","severity":5,"type":"Recon:EC2/Portscan","resource":{},"createdAt":"x",
   "updatedAt":"2026-11-21T19:00:00.000Z"},
  {"nothing":"known"}
]"#;

    #[test]
    fn a_bad_record_is_named_and_the_others_come() {
        let read = findings(TWO.as_bytes(), "two.json");
        assert_eq!(read.findings.len(), 1);
        assert_eq!(read.problems.len(), 1);
        let headline = read.problems[0].headline();
        assert!(headline.starts_with("two.json:5:3: record 1: "), "{headline}");
        assert_eq!(read.problems[0].exit_code(), 2);
    }

    #[test]
    fn a_file_that_is_not_there_is_the_error() {
        let problem = read_file(Path::new("/nonexistent/\u{1b}[31m.json")).unwrap_err();
        assert!(problem.what.starts_with("/nonexistent/\\u{1b}[31m.json can't be read"), "{}", problem.what);
        assert_eq!(problem.exit_code(), 2);
    }
}
