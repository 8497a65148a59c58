//! From a file's bytes to a runbook: never fails on a text, never drops one (P0).

use super::assemble::{Problem, assemble};
use super::source::{self, Source};
use super::{Level, Lint, Origin, Parsed, Refused, Runbook, Section, blocks, ids, include, jumps, meta, outline, walk};
use crate::text::{Id, Untrusted, id::Slug};
use sha2::{Digest, Sha256};
use std::borrow::Cow;

/// The largest file that is read, in bytes.
pub const LIMIT: usize = 2 * 1024 * 1024;

/// How much of a file, in bytes, is read for steps; what follows is a section of raw text. The largest public playbook
/// has a fifth of it.
pub(super) const STRUCTURED: usize = 512 * 1024;

/// Reads a runbook that is whole; `name` is the file's stem, for a file without id or title.
///
/// # Errors
/// Refuses a file larger than [`LIMIT`].
pub fn parse(name: &str, bytes: &[u8], origin: Origin) -> Result<Parsed, Refused> {
    parse_with(name, bytes, origin, &|_| None)
}

/// Reads a runbook, with the parts that it includes, which `find` gives by name.
///
/// # Errors
/// Refuses a file larger than [`LIMIT`], with or without its parts.
pub fn parse_with(
    name: &str,
    bytes: &[u8],
    origin: Origin,
    find: &dyn Fn(&str) -> Option<Cow<'static, str>>,
) -> Result<Parsed, Refused> {
    let File { source, sha256, parts, mut problems } = read(bytes, find)?;
    let text = source.text.clone();
    let (source, rest) = source.parted(STRUCTURED);
    let mut meta = meta::front_matter(&source);
    problems.append(&mut meta.problems);
    let tree = blocks::read(source.text.get(meta.body_at..).unwrap_or_default(), meta.body_at);
    let own = !meta.matches.is_empty();
    meta.complete(&tree);
    meta.mentioned(source.text.get(meta.body_at..).unwrap_or_default());
    let sections = outline::read(&tree, &source, meta.body_at, own);
    let walk = walk::walk(&tree, &sections, &source);
    let mut assembled = assemble(&tree, &sections, walk, &source);
    jumps::resolve(&mut assembled.steps, &tree, &sections, own, &source);
    problems.extend(assembled.problems);
    let mut context = assembled.context;
    if let Some(raw) = &meta.shown {
        context.insert(0, Section { title: "Front matter".into(), body: raw.trim_end_matches('\n').into(), line: 1 });
    }
    if let Some((at, rest)) = rest {
        let what =
            format!("only the first {} KiB of a file are read for steps; this is shown as text", STRUCTURED / 1024);
        problems.push((Level::Warning, at, what));
        context.push(Section { title: "The rest of the file".into(), body: rest.into(), line: source.line(at) });
    }
    let heading = sections.iter().find(|section| section.title).and_then(|section| section.head.as_ref());
    let title = heading_or_name(&mut context, meta.title, heading, name, &source);
    let runbook = Runbook {
        id: meta.id.map_or_else(|| id_of(name), Ok)?,
        title,
        version: meta.version,
        owner: meta.owner,
        reviewed: meta.reviewed,
        matches: meta.matches,
        mentions: meta.mentions,
        variables: meta.variables.into_iter().map(|declared| declared.variable).collect(),
        sha256,
        context,
        steps: assembled.steps,
        origin,
        foreign: !own,
        source: text,
        parts,
    };
    Ok(Parsed { runbook, warnings: lints(problems, &source) })
}

/// A file with its parts in it.
struct File {
    source: Source,
    /// In lower-case hexadecimal.
    sha256: String,
    parts: Vec<include::Part>,
    problems: Vec<Problem>,
}

fn read(bytes: &[u8], find: &dyn Fn(&str) -> Option<Cow<'static, str>>) -> Result<File, Refused> {
    if bytes.len() > LIMIT {
        return Err(Refused::TooLarge { bytes: bytes.len() });
    }
    let (file, lossy) = source::decode(bytes);
    let include::Whole { text, parts, mut problems } = include::whole(&file, find);
    let sha256 = match &text {
        Cow::Owned(whole) if whole.len() > LIMIT => return Err(Refused::TooLarge { bytes: whole.len() }),
        Cow::Owned(whole) => Sha256::digest(whole.as_bytes()),
        Cow::Borrowed(_) => Sha256::digest(bytes),
    };
    let source = Source::new(&text);
    if lossy {
        let at = source.text.find('\u{fffd}').unwrap_or(0);
        let what = "the file is not UTF-8; what could not be read is shown as \u{fffd}";
        problems.push((Level::Warning, at, what.into()));
    }
    Ok(File { source, sha256: data_encoding::HEXLOWER.encode(&sha256), parts, problems })
}

/// The title: the front matter's, else the heading's, else the file's name. A heading that says something else than
/// the front matter is not lost.
fn heading_or_name(
    context: &mut Vec<Section>,
    given: Option<String>,
    heading: Option<&outline::Head>,
    name: &str,
    source: &Source,
) -> Untrusted {
    match (given, heading) {
        (Some(title), Some(heading)) if title.trim() != heading.title => {
            let line = source.line(heading.range.start);
            match context.iter_mut().find(|section| section.line == line) {
                Some(summary) => summary.title = heading.title.as_str().into(),
                None => context.insert(0, Section { title: heading.title.as_str().into(), body: "".into(), line }),
            }
            title.into()
        }
        (Some(title), _) => title.into(),
        (None, Some(heading)) => heading.title.as_str().into(),
        (None, None) => name.into(),
    }
}

fn id_of(name: &str) -> Result<Id<Slug>, Refused> {
    let slug = ids::slug(name, 100);
    Id::new(&slug).or_else(|_| Id::new("runbook")).map_err(|_| Refused::Nameless)
}

fn lints(problems: Vec<Problem>, source: &Source) -> Vec<Lint> {
    let mut lints: Vec<Lint> = problems
        .into_iter()
        .map(|(level, at, what)| {
            let (line, column) = source.place(at);
            Lint { level, line, column, what: Untrusted::from(what).line() }
        })
        .collect();
    lints.sort_by_key(|lint| (lint.line, lint.column));
    lints
}
