//! `quell runbooks match`: which runbook a finding gets.

use super::{json_line, library};
use crate::cli::findings_file;
use crate::cli::io::Io;
use crate::problem::Problem;
use quell_core::runbook::{Runbook, Specificity, matching};
use quell_core::text::Untrusted;
use serde::Serialize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The arguments of `quell runbooks match`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A finding type or control id
    #[arg(value_name = "TYPE", required_unless_present = "file", conflicts_with = "file")]
    kind: Option<String>,
    /// The findings of a file; - is standard input
    #[arg(long, value_name = "F")]
    file: Option<PathBuf>,
    /// With TYPE: the resource's class, such as AWS::EC2::Instance
    #[arg(long, value_name = "CLASS", conflicts_with = "file")]
    resource: Option<String>,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// What matching needs of a finding.
pub(super) struct Row {
    pub finding_id: Option<Untrusted>,
    pub kind: Option<Untrusted>,
    pub resource_kind: Option<Untrusted>,
}

/// A line of `--json`; its keys are a contract.
#[derive(Serialize)]
struct Fit<'a> {
    finding_id: &'a Option<Untrusted>,
    #[serde(rename = "type")]
    kind: &'a Option<Untrusted>,
    runbook: Option<&'a str>,
    specificity: Option<Specificity>,
}

/// Runs the subcommand.
pub fn run(args: &Args, folders: &[PathBuf], io: &mut Io) -> ExitCode {
    let (library, mut code) = library(folders, io);
    let rows = match &args.file {
        None => vec![Row {
            finding_id: None,
            kind: args.kind.as_deref().map(Untrusted::from),
            resource_kind: args.resource.as_deref().map(Untrusted::from),
        }],
        Some(file) => match findings(file, io) {
            Ok((rows, bad)) => {
                code = code.max(bad);
                rows
            }
            Err(problem) => {
                io.show(&problem);
                return ExitCode::from(problem.exit_code());
            }
        },
    };
    let written = rows.iter().try_for_each(|row| write(row, &library.books, args.json, io));
    io.finish(written, code)
}

/// The findings of a file as rows, and the exit code that those make which can't be read.
fn findings(file: &Path, io: &mut Io) -> Result<(Vec<Row>, u8), Problem> {
    let read = findings_file::read(file, io)?;
    read.tell(io);
    let code = read.exit_code();
    let rows = read.batch.findings.into_iter().map(|finding| Row {
        finding_id: Some(finding.id),
        kind: finding.kind,
        resource_kind: finding.resource.kind,
    });
    Ok((rows.collect(), code))
}

/// One row: the best runbook, and for a person the others that fit.
fn write(row: &Row, books: &[Runbook], json: bool, io: &mut Io) -> std::io::Result<()> {
    // Types and classes are ASCII; one that cleaning changes matches nothing but a resource or generic line.
    let kind = row.kind.as_ref().map(|kind| kind.line().into_string());
    let resource = row.resource_kind.as_ref().map(|kind| kind.line().into_string());
    let found = matching::candidates(books, kind.as_deref(), resource.as_deref());
    let best = found.first();
    if json {
        let fit = Fit {
            finding_id: &row.finding_id,
            kind: &row.kind,
            runbook: best.map(|(book, _)| book.id.as_str()),
            specificity: best.map(|(_, specificity)| *specificity),
        };
        return json_line(io, &fit);
    }
    if let Some(id) = &row.finding_id {
        writeln!(io.out, "{}", id.line())?;
    }
    writeln!(io.out, "{}", kind.as_deref().unwrap_or("(no type)"))?;
    if found.is_empty() {
        writeln!(io.out, "  no runbook fits")?;
    }
    for (book, specificity) in found {
        writeln!(io.out, "  {:<9} {:<24} {}", specificity.word(), book.id, book.title.line())?;
    }
    Ok(())
}
