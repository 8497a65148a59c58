//! `quell runbooks show`: one runbook as plain text, or as JSON.

use super::show_json::View;
use super::{is_file, json_line};
use crate::cli::io::Io;
use crate::files::runbooks::{self, read_file};
use crate::problem::Problem;
use quell_core::runbook::{ActionSpec, Choice, Field, Item, Match, Runbook, Step, StepKind, render};
use quell_core::text::Untrusted;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Cells of a line of plain text.
const WIDTH: usize = 80;

/// The arguments of `quell runbooks show`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The runbook: its id, or a file
    #[arg(value_name = "F|ID")]
    book: String,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Runs the subcommand.
pub fn run(args: &Args, folders: &[PathBuf], io: &mut Io) -> ExitCode {
    let book = match find(&args.book, folders) {
        Ok(book) => book,
        Err(problem) => {
            io.show(&problem);
            return ExitCode::from(problem.exit_code());
        }
    };
    let written = match args.json {
        true => json_line(io, &View::of(&book)),
        false => text(&book, &mut io.out),
    };
    io.finish(written, 0)
}

/// A runbook by id, the user's first, else by file.
pub(super) fn find(name: &str, folders: &[PathBuf]) -> Result<Runbook, Problem> {
    let mut library = runbooks::load(folders);
    let found = library.books.iter().position(|book| book.id.as_str() == name);
    match found {
        Some(at) => Ok(library.books.swap_remove(at)),
        None if is_file(name) => read_file(Path::new(name)).map(|parsed| parsed.runbook),
        None => Err(Problem::input(format!("there is no runbook {}", crate::problem::clean(name)))
            .next("quell runbooks list shows their ids; a file is named by its path")),
    }
}

/// The runbook as plain text.
fn text(book: &Runbook, out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "{}", book.title.line())?;
    let facts = [("version", &book.version), ("owner", &book.owner), ("reviewed", &book.reviewed)];
    write!(out, "id {}", book.id)?;
    for (name, value) in facts {
        if let Some(value) = value {
            write!(out, ", {name} {}", value.line())?;
        }
    }
    writeln!(out, "\nsha256 {}", book.sha256)?;
    if !book.matches.is_empty() {
        let lines: Vec<String> = book.matches.iter().map(Match::text).collect();
        writeln!(out, "matches {}", crate::problem::clean(&lines.join(", ")))?;
    }
    for variable in &book.variables {
        writeln!(out, "var.{}: {}", variable.name, variable.hint())?;
    }
    for section in &book.context {
        writeln!(out, "\n== {}", section.title.line())?;
        body(&section.body, 0, out)?;
    }
    let mut above = None;
    for step in &book.steps {
        let heading = heading(step);
        if above.as_ref() != Some(&heading) {
            writeln!(out, "\n## {heading}")?;
            above = Some(heading);
        }
        self::step(step, out)?;
    }
    Ok(())
}

/// The phase and groups that a step stands under.
fn heading(step: &Step) -> String {
    let phase = step.phase.map_or("Steps", |phase| phase.word());
    let groups: Vec<String> = step.group.iter().map(|group| group.line().into_string()).collect();
    std::iter::once(phase.to_owned()).chain(groups).collect::<Vec<_>>().join(" / ")
}

fn step(step: &Step, out: &mut dyn Write) -> std::io::Result<()> {
    let indent = step.depth.min(6) * 2;
    writeln!(out, "\n{:indent$}[ ] {} {}", "", step.number, step.title.line())?;
    let mut facts = vec![format!("id {}", step.id)];
    facts.extend(step.role.as_ref().map(|role| format!("role {}", role.line())));
    facts.extend(step.target_minutes.map(|minutes| format!("target {minutes} min")));
    facts.extend(step.when.as_ref().map(|when| format!("only when {}", crate::problem::clean(when.text()))));
    facts.extend(step.each.map(|list| format!("for each of {}", list.name())));
    facts.extend(step.note_required.then(|| "a note is required".to_owned()));
    facts.extend(step.evidence.as_ref().map(|what| format!("evidence is required: {}", what.line())));
    facts.extend(step.lookup.as_ref().map(|lookup| format!("look-up {lookup}")));
    writeln!(out, "{:indent$}    {}", "", facts.join(", "))?;
    if step.kind == StepKind::Decision {
        let words = |choice: &Choice| match &choice.to {
            Some(to) => format!("{} (to {to})", choice.words.line()),
            None => choice.words.line().into_string(),
        };
        let choices: Vec<String> = step.choices.iter().map(words).collect();
        writeln!(out, "{:indent$}    choices: {}", "", choices.join(" | "))?;
    }
    body(&step.body, indent + 4, out)?;
    match &step.action {
        Some(spec) => action(spec, indent + 4, out),
        None => Ok(()),
    }
}

fn body(body: &Untrusted, indent: usize, out: &mut dyn Write) -> std::io::Result<()> {
    for line in render::lines(body, WIDTH - indent) {
        let text = line.text();
        match text.is_empty() {
            true => writeln!(out)?,
            false => writeln!(out, "{:indent$}{text}", "")?,
        }
    }
    Ok(())
}

fn action(spec: &ActionSpec, indent: usize, out: &mut dyn Write) -> std::io::Result<()> {
    let danger = spec.danger.map(|danger| format!(", danger {danger}")).unwrap_or_default();
    writeln!(out, "{:indent$}ACTION {}: {}{danger}", "", spec.kind, spec.title.line())?;
    for (name, value) in &spec.fields {
        field(name, value, indent + 2, out)?;
    }
    Ok(())
}

fn field(name: &str, value: &Field, indent: usize, out: &mut dyn Write) -> std::io::Result<()> {
    let name = crate::problem::clean(name);
    match value {
        Field::Item(one) => writeln!(out, "{:indent$}{name}: {}", "", item(one)),
        Field::List(items) => {
            let items: Vec<String> = items.iter().map(item).collect();
            writeln!(out, "{:indent$}{name}: {}", "", items.join(", "))
        }
        Field::Map(map) => {
            writeln!(out, "{:indent$}{name}:", "")?;
            map.iter().try_for_each(|(name, value)| field(name, value, indent + 2, out))
        }
    }
}

fn item(item: &Item) -> String {
    match item {
        Item::Text(text) => text.line().into_string(),
        Item::Template { name, .. } => format!("{{{{ {name} }}}}"),
    }
}
