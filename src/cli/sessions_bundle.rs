//! `quell sessions export --format bundle`: everything that proves a session, in one archive that a third person can
//! verify without quell; and the record that it was given out.

use super::Io;
use super::sessions_sign::sign_first;
use super::visit::Visit;
use super::words::recorded;
use crate::action::standing;
use crate::problem::{Problem, clean};
use crate::timeline::{Bundle, SessionDir, Timeline, Who};
use quell_core::export::report;
use quell_core::incident::{Event, EvidenceCustody, Incident};
use quell_core::record::Fault;
use quell_core::text::Untrusted;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{IsTerminal, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

/// The verifier that needs no quell, as it stands in the documentation.
const VERIFIER: &[u8] = include_bytes!("../../docs/verify-timeline.py");

/// Writes the bundle, and says what stands in it; gives the exit code.
pub(super) fn bundle(
    session: &SessionDir,
    out: Option<&Path>,
    allowed: Option<&Path>,
    (who, key): (&Who, Option<&Path>),
    io: &mut Io,
) -> Result<u8, Problem> {
    if out.is_none() && std::io::stdout().is_terminal() {
        return Err(Problem::input("a bundle is an archive, and the standard output is a terminal")
            .meaning("nothing was written")
            .next("give a file that is not there yet with --out, or write into a pipe"));
    }
    sign_first(session, key, who, io);
    let timeline = session.verify(allowed)?;
    let made = match out {
        None => write(session, &timeline, &mut *io.out)?,
        Some(path) => {
            let mut file = create(path)?;
            let made = write(session, &timeline, &mut file).and_then(|made| match file.sync_all() {
                Ok(()) => Ok(made),
                Err(error) => Err(unwritten(path, &error)),
            });
            // Half an archive could be taken for a whole one.
            made.inspect_err(|_| drop(std::fs::remove_file(path)))?
        }
    };
    let name = out.map_or("standard output".into(), Path::to_string_lossy);
    io.say(&format!("bundle {name}: {} bytes, SHA-256 {}", made.bytes, made.sha256));
    made.left.iter().for_each(|left| io.say(&format!("not in it: {left}")));
    let (verdict, problems) = (timeline.verdict(), timeline.verification().problems);
    for problem in &problems {
        io.say(&format!(
            "not as it should be: {}: {}: {}",
            clean(&problem.file),
            problem.kind.as_str(),
            problem.detail
        ));
    }
    let to = destination(out, io);
    let whole = to.line().into_string();
    let file = whole.rsplit('/').next().unwrap_or_default();
    let why = Untrusted::from(format!("bundle {file}, SHA-256 {}", made.sha256));
    let incident = Incident::fold(&timeline.entries());
    let named: BTreeSet<&String> = incident.evidence.iter().map(|piece| &piece.blob).collect();
    let packed = made.evidence.iter().filter(|(blob, _)| named.contains(blob));
    let custody = packed.map(|(blob, hash)| EvidenceCustody {
        blob: blob.clone(),
        what: "exported".into(),
        why: why.clone(),
        to: Some(to.clone()),
        after: Some(hash.to_string()),
        ..Default::default()
    });
    record(session, custody.collect(), who, io)?;
    Ok(u8::from(!verdict.holds()))
}

/// Records what was done with pieces of evidence. What was given out is, also where this fails.
pub(super) fn record(session: &SessionDir, custody: Vec<EvidenceCustody>, who: &Who, io: &Io) -> Result<(), Problem> {
    let Some(what) = custody.first().map(|first| first.what.line()) else { return Ok(()) };
    let events = custody.into_iter().map(Event::from).collect();
    let why = format!("evidence was {what}");
    let written = Visit::begin(session, who, io).and_then(|visit| visit.end(events, &why));
    written.map(drop).map_err(|problem| Problem {
        meaning: format!("the evidence is whole; that it was {what} is not in the timeline"),
        class: crate::problem::Class::Local,
        ..problem
    })
}

/// Where something is written to, as a record says it: a file by its whole path.
pub(super) fn destination(out: Option<&Path>, io: &mut Io) -> Untrusted {
    let Some(path) = out else { return "standard output".into() };
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    recorded(&whole.to_string_lossy(), "the file's name", io).into()
}

/// The report, in Markdown.
pub(super) fn report_of(timeline: &Timeline) -> Vec<u8> {
    let entries = timeline.shown();
    let incident = Incident::fold(&entries);
    let standing = standing(&incident, &entries);
    report(&incident, &entries, &timeline.verification(), &standing).into_bytes()
}

fn write(session: &SessionDir, timeline: &Timeline, out: &mut dyn Write) -> Result<Bundle, Problem> {
    let report = report_of(timeline);
    let verify = how_to(session);
    let problems = problems_of(timeline);
    let mut more = vec![
        ("VERIFY.txt", verify.as_bytes()),
        ("derived/report.md", report.as_slice()),
        ("verify-timeline.py", VERIFIER),
    ];
    more.extend((!problems.is_empty()).then_some(("PROBLEMS.txt", problems.as_bytes())));
    session.bundle(timeline, &more, out)
}

/// What was wrong when the bundle was made, as a file of it: what is no regular file, or bears no plain name, can't be
/// packed, so that the bundle alone may look better than the session does.
fn problems_of(timeline: &Timeline) -> String {
    let verification = timeline.verification();
    let line = |fault: &Fault| format!("{}: {}: {}\n", clean(&fault.file), fault.kind.as_str(), fault.detail);
    let lines: String = verification.problems.iter().map(line).collect();
    let lines = match verification.aside_missing {
        0 => lines,
        bytes => format!("{lines}not there: {bytes} of the bytes that were set aside\n"),
    };
    match lines.is_empty() {
        true => lines,
        false => format!("The session was {} when this was made:\n\n{lines}", verification.verdict.as_str()),
    }
}

/// A file that is not there yet: an export never takes another's place. As private as the session.
pub(super) fn create(path: &Path) -> Result<File, Problem> {
    let file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
    file.map_err(|error| unwritten(path, &error))
}

pub(super) fn unwritten(path: &Path, error: &std::io::Error) -> Problem {
    Problem::input(format!("the export could not be written: {error}"))
        .in_file(path.to_string_lossy(), 0, 0)
        .next("give the name of a file that is not there yet, in a folder that is")
}

fn how_to(session: &SessionDir) -> String {
    let id = session.id();
    format!(
        "quell session {id}\n\
         log/, checkpoints/ and evidence/ hold the original bytes; derived/ holds a view of them, in which fields and\n\
         evidence that a record masks (kind entry.masked) are not shown. In this folder, with tools of any machine:\n\
         1. sha256sum -c MANIFEST\n   \
            every file is as it was packed\n\
         2. python3 verify-timeline.py .\n   \
            the chain of every record, the checkpoints, the evidence; the last line is the verdict\n\
         3. python3 verify-timeline.py --allowed-signers SIGNERS .\n   \
            the signatures too, with ssh-keygen; SIGNERS has a line for each person: name key-type key\n\
         4. ssh-keygen -Y verify -f SIGNERS -I NAME -n {namespace} -s checkpoints/FILE.txt.sig < checkpoints/FILE.txt\n   \
            one signature by hand\n\
         PROBLEMS.txt, where it is here, says what was wrong already when this was made.\n\
         The rules are in the verifier's own words; the archive's SHA-256 stands in the session that it was made from.\n",
        namespace = quell_core::record::NAMESPACE,
    )
}
