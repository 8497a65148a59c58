//! A runbook's file in the responder's own editor: the terminal is given to it and taken back, and nothing waits for it
//! but keys and drawing.

use super::desk::Message;
use super::serve::Shell;
use super::terminal;
use crate::action;
use crate::console::core::input::Input;
use crate::console::core::model::Model;
use crate::files::check::check;
use crate::files::runbooks::{self, Library};
use crate::lookup;
use crate::problem::Problem;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use quell_core::runbook::lint::Rules;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// The environment's words for an editor, the first that is set.
const NAMES: [&str; 2] = ["VISUAL", "EDITOR"];

/// So long after the editor's end a signal of its time may still arrive.
const LATE: Duration = Duration::from_secs(1);

/// Gives the terminal to the editor. What can't be edited is told, and the terminal stays.
pub fn begin(shell: &mut Shell, model: &mut Model, file: &str) {
    if let Err(problem) = start(shell, file) {
        shell.take(model, vec![Input::Trouble(problem)]);
    }
}

fn start(shell: &mut Shell, file: &str) -> Result<(), Problem> {
    let argv = argv(|name| std::env::var(name).ok())?;
    // Whole, so that no name is taken for an option of the editor's.
    let path = std::fs::canonicalize(file).map_err(|error| {
        Problem::input(format!("the file can't be edited: {error}"))
            .in_file(file, 0, 0)
            .next("R reads the runbooks anew, as they are now")
    })?;
    shell.keys.as_ref().map_or(Ok(()), super::keys::Keys::pause)?;
    terminal::restore();
    shell.away = true;
    let (deliver, folders) = (shell.deliver.clone(), shell.own.runbooks.clone());
    let (runtime, file) = (shell.runtime.clone(), file.to_owned());
    let edited = shell.runtime.thread("editor", move || {
        let ended = run(&argv, &path);
        deliver(Message::Back);
        let today = runtime.now().to_zoned(TimeZone::UTC).date();
        deliver(Message::Inputs(read(&folders, file, ended, today)));
    });
    if edited.is_err() {
        (shell.deliver)(Message::Back);
    }
    edited.map(|_| ())
}

/// The runbooks as they are now, and what is wrong with the one that was edited.
fn read(folders: &[PathBuf], file: String, ended: Result<(), Problem>, today: Date) -> Vec<Input> {
    let Library { books, problems } = runbooks::load(folders);
    let lines = |faults: Vec<crate::files::check::Fault>| faults.iter().map(ToString::to_string).collect();
    let rules = Rules { kinds: action::rules(), lookups: lookup::rules() };
    let found = ended.and_then(|()| check(Path::new(&file), &rules, today)).map(lines);
    vec![Input::Library { books, problems, show: false }, Input::Edited { file, found }]
}

/// Takes the terminal back.
pub fn end(shell: &mut Shell, model: &mut Model) -> Result<(), Problem> {
    terminal::enter()?;
    shell.away = false;
    shell.returned = Some(shell.runtime.instant());
    if let Some(keys) = &shell.keys {
        keys.resume();
    }
    model.size = crossterm::terminal::size().unwrap_or(model.size);
    shell.take(model, vec![Input::Resumed]);
    Ok(())
}

/// Whether an interrupt is of a key that was pressed in the editor: the terminal sends C-c to both, and the end that it
/// makes of an editor may be told here before it is.
pub fn meant_for_it(shell: &Shell) -> bool {
    let late = |at: Instant| shell.runtime.instant().saturating_duration_since(at) < LATE;
    shell.away || shell.returned.is_some_and(late)
}

/// The editor and its own arguments, split as a shell's words are; no shell runs.
fn argv(var: impl Fn(&str) -> Option<String>) -> Result<Vec<String>, Problem> {
    let next = "set EDITOR to a program, such as EDITOR=vi, and start quell again";
    let named = NAMES.iter().find_map(|name| var(name).filter(|text| !text.trim().is_empty()).map(|text| (name, text)));
    let Some((name, text)) = named else {
        return Err(Problem::input("neither VISUAL nor EDITOR is set").meaning("no editor was started").next(next));
    };
    let words = shell_words::split(&text).map_err(|error| {
        Problem::input(format!("{name} can't be read: {error}")).meaning("no editor was started").next(next)
    })?;
    Ok(words)
}

fn run(argv: &[String], path: &Path) -> Result<(), Problem> {
    let Some((program, arguments)) = argv.split_first() else { return Ok(()) };
    let name = crate::problem::clean(program);
    let status = Command::new(program).args(arguments).arg(path).status().map_err(|error| {
        Problem::local(format!("the editor {name} can't be started: {error}"))
            .meaning("nothing was changed")
            .next("set EDITOR to a program that is there, and start quell again")
    })?;
    match status.success() {
        true => Ok(()),
        false => Err(Problem::local(format!("the editor {name} ended with {status}"))
            .meaning("what it has saved is read anew")
            .next("e opens the file again")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_editor_is_words_and_no_shell() {
        let of = |visual: &str, editor: &str| {
            argv(|name| Some(if name == "VISUAL" { visual } else { editor }.to_owned())).map_err(|problem| problem.what)
        };
        assert_eq!(of("", "vi").unwrap(), ["vi"]);
        assert_eq!(of("  ", "code --wait").unwrap(), ["code", "--wait"]);
        assert_eq!(of("'/opt/my editor' -n", "vi").unwrap(), ["/opt/my editor", "-n"]);
        // What a shell would carry out is a word.
        assert_eq!(of("", "vi ; touch $HOME").unwrap(), ["vi", ";", "touch", "$HOME"]);
        assert_eq!(of("", "'vi").unwrap_err(), "EDITOR can't be read: missing closing quote");
        assert_eq!(of("", "").unwrap_err(), "neither VISUAL nor EDITOR is set");
    }

    #[test]
    fn an_editor_that_is_not_there_or_fails_is_told() {
        let told = |argv: &[&str]| {
            let argv: Vec<String> = argv.iter().map(|word| (*word).to_owned()).collect();
            run(&argv, Path::new("/dev/null")).map_err(|problem| problem.what)
        };
        assert_eq!(told(&["true"]), Ok(()));
        assert_eq!(told(&["false"]), Err("the editor false ended with exit status: 1".to_owned()));
        let gone = told(&["/nowhere/\u{1b}[2J"]).unwrap_err();
        assert!(gone.starts_with("the editor /nowhere/\\u{1b}[2J can't be started: "), "{gone}");
    }
}
