//! The custody of evidence on the command line: a piece written out or shown, and what people did with one outside of
//! quell, each recorded.

use super::Io;
use super::run::Live;
use super::sessions_bundle::{create, destination, record, unwritten};
use super::words::recorded;
use crate::problem::{Problem, clean};
use crate::timeline::{self, SessionDir, Who};
use clap::ValueEnum;
use quell_core::incident::{Evidence, EvidenceCustody, Incident};
use quell_core::record::Hash;
use quell_core::text::{Shape, Untrusted};
use std::io::{IsTerminal, Write};
use std::path::Path;

/// What a person did with a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Happened {
    /// Somebody else has it now, too
    Transferred,
    /// It was given back or given up; nobody here answers for it any more
    Released,
    /// Its bytes were read and held against their hash
    Verified,
}

impl Happened {
    fn word(self) -> &'static str {
        match self {
            Happened::Transferred => "transferred",
            Happened::Released => "released",
            Happened::Verified => "verified",
        }
    }
}

/// Why something was done with a piece, and by whose order.
#[derive(Debug, Default, clap::Args)]
pub(super) struct Reason {
    /// Why, for the record
    #[arg(long, value_name = "WORDS", requires = "piece")]
    why: Option<String>,
    /// By whose order or by what right, for the record
    #[arg(long, value_name = "WORDS", requires = "piece")]
    authority: Option<String>,
}

/// Between whom a piece went.
#[derive(Debug, clap::Args)]
pub(super) struct Hands {
    /// Who has it now; a transfer and a release need it
    #[arg(long, value_name = "WHO")]
    to: Option<String>,
    /// Who had it before, where that is not you
    #[arg(long, value_name = "WHO")]
    from: Option<String>,
}

/// The reason without credentials; `otherwise` stands where none is given.
fn reason(reason: &Reason, otherwise: &str, io: &mut Io) -> EvidenceCustody {
    let why = reason.why.as_ref().map_or_else(|| otherwise.to_owned(), |why| recorded(why, "the reason", io));
    let authority = reason.authority.as_ref().map(|words| recorded(words, "the authority", io).into());
    EvidenceCustody { why: why.into(), authority, ..EvidenceCustody::default() }
}

/// Writes one piece out: whole, and recorded as given out, into a file or a pipe; onto a terminal made harmless, and
/// recorded as looked at.
pub(super) fn give(
    session: &SessionDir,
    begins: &str,
    out: Option<&Path>,
    why: &Reason,
    who: &Who,
    io: &mut Io,
) -> Result<(), Problem> {
    let incident = Incident::fold(&session.read()?.shown());
    let piece = find(&incident, begins)?;
    if let Some(why) = &piece.masked {
        return Err(Problem::input(format!("the piece is masked: {}", why.line()))
            .meaning("its content is not shown any more")
            .next("a bundle of the session holds its bytes as they were: quell sessions export ID --format bundle"));
    }
    let bytes = timeline::Evidence::of(session).get(&piece.blob)?;
    let (what, said) = match out {
        Some(path) => ("exported", to_file(path, &bytes).map(|()| "written to a file")?),
        None if std::io::stdout().is_terminal() => {
            let mut live = Live::new(&mut *io.out, true);
            live.show(&bytes);
            live.end();
            ("accessed", "read on a terminal")
        }
        None => {
            let written = io.out.write_all(&bytes).and_then(|()| io.out.flush());
            written.map_err(|error| unwritten(Path::new("standard output"), &error))?;
            ("exported", "written out")
        }
    };
    let custody = EvidenceCustody {
        blob: piece.blob.clone(),
        what: what.into(),
        to: (what == "exported").then(|| destination(out, io)),
        after: Some(piece.blob.clone()),
        ..reason(why, said, io)
    };
    record(session, vec![custody], who, io)
}

/// Writes a new file, and reads it back.
fn to_file(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    let mut file = create(path)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(|error| unwritten(path, &error))?;
    let back = std::fs::read(path).map_err(|error| unwritten(path, &error))?;
    match Hash::of(&back) == Hash::of(bytes) {
        true => Ok(()),
        false => Err(Problem::local("the file is not what was written into it")
            .in_file(path.to_string_lossy(), 0, 0)
            .meaning("another program or a fault changed it; that it was given out is not recorded")
            .next("write it to another disk")),
    }
}

/// Records what a person did with a piece. Its bytes here are read to their end first: what is not what it was is not
/// handed on as that.
pub(super) fn happened(
    session: &SessionDir,
    begins: &str,
    what: Happened,
    hands: &Hands,
    why: &Reason,
    who: &Who,
    io: &mut Io,
) -> Result<String, Problem> {
    let incident = Incident::fold(&session.read()?.shown());
    let piece = find(&incident, begins)?;
    let mut custody = reason(why, "", io);
    let words = |words: &Option<String>, place: &str, io: &mut Io| -> Option<Untrusted> {
        words.as_ref().map(|words| recorded(words, place, io).into())
    };
    (custody.to, custody.from) = (words(&hands.to, "the name", io), words(&hands.from, "the name", io));
    let blank = |text: &Untrusted| text.clean(Shape::Block).as_str().trim().is_empty();
    if blank(&custody.why) {
        return Err(Problem::input("say why").next("--why WORDS; the record keeps them"));
    }
    if custody.to.as_ref().is_none_or(blank) && what != Happened::Verified {
        return Err(Problem::input("say who has it now").next("--to WHO: a person and where they are"));
    }
    timeline::Evidence::of(session).get(&piece.blob)?;
    if what == Happened::Transferred {
        custody.from = custody.from.or_else(|| Some(who.name().actor));
    }
    custody.blob.clone_from(&piece.blob);
    (custody.what, custody.after) = (what.word().into(), Some(piece.blob.clone()));
    let said = format!("recorded: {} {}, its hash as before\n", piece.name.line(), what.word());
    record(session, vec![custody], who, io).map(|()| said)
}

fn find<'a>(incident: &'a Incident, begins: &str) -> Result<&'a Evidence, Problem> {
    let fits = |piece: &&Evidence| Hash::parse(piece.blob.as_bytes()).is_some() && piece.blob.starts_with(begins);
    let mut found: Vec<&Evidence> = incident.evidence.iter().filter(fits).collect();
    found.dedup_by(|a, b| a.blob == b.blob);
    match found.as_slice() {
        [one] => Ok(one),
        many => Err(Problem::input(match many.len() {
            0 => format!("no evidence of this session has a SHA-256 that begins with {}", clean(begins)),
            _ => format!("more than one piece has a SHA-256 that begins with {}", clean(begins)),
        })
        .next("`quell sessions evidence ID` lists all of it")),
    }
}
