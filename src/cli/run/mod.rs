//! `quell run -- ARGV`: a command of the responder's, its output shown as it comes and kept as evidence of the open
//! session. That it runs is on disk before it starts; what it wrote is, before the record that names it.

mod live;
mod process;

use super::sessions_note::{asked, refused};
use super::visit::Visit;
use super::words::tell;
use super::{Globals, Io};
use crate::aws::secrets;
use crate::problem::{Class, Problem, clean};
use crate::runtime::Runtime;
use crate::timeline::{SessionDir, Sessions, Status, Summary, Who};
pub(super) use live::Live;
use process::{Kept, Ran, ended};
use quell_core::incident::{EntryAdded, Event, EvidenceAdded, Incident, Lane, Refusal, Run};
use quell_core::record::Hash;
use quell_core::text::Untrusted;
use quell_core::text::secret::{Secrets, Suspect, suspects};
use std::ffi::OsString;
use std::io::IsTerminal;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// So much of each output is kept.
const MOST: usize = 64 * 1024 * 1024;
/// So long may a command's words be together: a record holds them.
const WORDS: usize = 16 * 1024;
/// So much of the words stands in a line for people.
const TOLD: usize = 200;

/// What is said where credentials had not been handed out when the output was kept.
const UNKNOWN: &str = "your credentials were not handed out in time: where they stand in the command's words or output, \
                       they are kept";

/// The arguments of `quell run`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The session: its id, its unique beginning, its short id, or a folder; needed where several of yours are open
    #[arg(long, value_name = "ID", env = "QUELL_SESSION")]
    session: Option<String>,
    /// The program and its words, as they are handed to it; no shell reads them
    #[arg(last = true, required = true, value_name = "ARGV")]
    argv: Vec<OsString>,
}

/// What must not be kept.
struct Known {
    secrets: Secrets,
    /// Whether everybody who was asked for credentials has answered.
    all: bool,
}

/// What is run, and what of it is written down.
struct Wanted {
    argv: Vec<String>,
    path: PathBuf,
}

/// Runs the command; the exit code is its own.
pub fn run(args: &Args, globals: &Globals, io: &mut Io) -> ExitCode {
    match attempt(args, globals, io) {
        Ok(code) => ExitCode::from(code),
        Err(problem) => io.refuse(&problem),
    }
}

fn attempt(args: &Args, globals: &Globals, io: &mut Io) -> Result<u8, Problem> {
    let wanted = wanted(&args.argv)?;
    let session = session(&globals.sessions()?, args.session.as_deref(), &globals.who())?;
    open(&Incident::fold(&session.read()?.entries()))?;
    let threads = Runtime::tokio()?;
    // Asked before anything is written down: the words may hold what is handed out.
    let handed = asked(globals, io)?;
    let known = secrets::known().and(handed.secrets());
    let words = Words::of(&wanted, &known);
    let mut visit = Visit::begin(&session, &globals.who(), io)?;
    // It may have been closed since it was read.
    let started = open(visit.incident());
    let started = started.and_then(|()| visit.write(&[told(format!("runs {} ({})", words.shown, words.path))]));
    if let Err(problem) = started {
        let _ = visit.end(Vec::new(), "the command was not run");
        return Err(problem.meaning("the command was not run: what it does could not be recorded"));
    }
    tell(words.withheld, "the command's words", io);
    let Io { out, err, runtime, .. } = io;
    let shows = [
        Live::new(out.as_mut(), std::io::stdout().is_terminal()),
        Live::new(err.as_mut(), std::io::stderr().is_terminal()),
    ];
    let ran = threads.block_on(process::run((&wanted.path, &wanted.argv), MOST, shows, runtime));
    let ran = match ran {
        Ok(ran) => ran,
        Err(problem) => {
            let events = vec![told(format!("did not start: {}", words.shown))];
            return visit.end(events, "the command did not start").and(Err(problem));
        }
    };
    let (code, signal) = ended(ran.status);
    let own = code.or(signal.map(|signal| 128 + signal)).and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
    handed.wait();
    if handed.is_awaited() {
        io.say(UNKNOWN);
    }
    // The command may have fetched other credentials.
    let known = Known { secrets: known.and(secrets::known()).and(handed.secrets()), all: !handed.is_awaited() };
    // Where it can't be read, the order of records suffers and nothing else.
    visit.catch_up();
    let kept = keep(visit, &Words::of(&wanted, &known.secrets), ran, &known).map_err(|problem| Problem {
        meaning: format!("the command ended with exit code {own}; its output was shown, and is not kept"),
        class: Class::Local,
        ..problem
    })?;
    kept.iter().for_each(|line| io.say(&format!("{line}, in {}", session.id())));
    Ok(own)
}

/// What the timeline says of the command beside its output.
fn told(text: String) -> Event {
    EntryAdded { lane: Lane::Response, text: text.into(), source: "quell run".into() }.into()
}

/// The command's words as they are written down: without credentials of the responder.
struct Words {
    argv: Vec<Untrusted>,
    path: String,
    /// The program's file name.
    name: String,
    /// For people.
    shown: String,
    withheld: u64,
}

impl Words {
    fn of(wanted: &Wanted, known: &Secrets) -> Self {
        let mut withheld = 0;
        let argv: Vec<String> = (wanted.argv.iter())
            .map(|word| {
                let (word, count) = known.withhold_text(word);
                withheld += count;
                word
            })
            .collect();
        let (path, _) = known.withhold_text(&wanted.path.to_string_lossy());
        let name = Path::new(&path).file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let shown = shown(&argv);
        Self { argv: argv.into_iter().map(Untrusted::from).collect(), path, name, shown, withheld }
    }
}

/// Stores what the command wrote, and writes the records that name it. Gives what is to be said of each piece.
fn keep(mut visit: Visit, words: &Words, ran: Ran, known: &Known) -> Result<Vec<String>, Problem> {
    let Ran { status, took, stdout, stderr, left_open } = ran;
    let (exit, signal) = ended(status);
    let ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    let mut said = Vec::new();
    let mut piece = |stream: &str, Kept { bytes, wrote }: Kept, visit: &mut Visit| -> Result<Event, Problem> {
        let cut = (bytes.len() as u64) < wrote;
        let (bytes, count) = known.secrets.withhold(bytes);
        let blob = visit.put(&bytes)?;
        let run = Run {
            argv: words.argv.clone(),
            path: words.path.as_str().into(),
            stream: stream.into(),
            exit,
            signal,
            ms,
            wrote,
            withheld: words.withheld + count,
        };
        let name = format!("{}.{stream}", words.name);
        said.push(say(&name, &bytes, count));
        let mut how = how(&run, &words.shown, cut, left_open);
        if !known.all {
            how.push_str("; credentials that were not handed out in time are not left out");
        }
        let how = how.into();
        let size = bytes.len() as u64;
        Ok(EvidenceAdded { blob, name: name.into(), size, how, step: None, run: Some(run) }.into())
    };
    let mut events = vec![piece("stdout", stdout, &mut visit)];
    // Of an empty output it is enough that one piece says so.
    if !stderr.bytes.is_empty() {
        events.push(piece("stderr", stderr, &mut visit));
    }
    let events = events.into_iter().collect::<Result<Vec<Event>, Problem>>();
    let (events, stored) = events.map_or_else(|problem| (Vec::new(), Err(problem)), |events| (events, Ok(())));
    let left = visit.end(events, "the command has ended");
    stored.and(left).map(|_| said)
}

/// How a piece came to be, for people.
fn how(run: &Run, words: &str, cut: bool, left_open: bool) -> String {
    let end = match (run.exit, run.signal) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("ended by signal {signal}"),
        (None, None) => "ended".to_owned(),
    };
    let mut how =
        format!("{} of quell run, {end} after {}.{:03} s: {words}", run.stream.line(), run.ms / 1000, run.ms % 1000);
    if cut {
        how.push_str(&format!("; the first {MOST} of {} bytes", run.wrote));
    }
    if run.withheld > 0 {
        how.push_str(&format!("; credentials of the responder withheld: {}", run.withheld));
    }
    if left_open {
        how.push_str("; not what a process that it left behind wrote later");
    }
    how
}

/// What the responder is told of a piece: its hash, what was left out, and what looks like a secret in it.
fn say(name: &str, bytes: &[u8], withheld: u64) -> String {
    let mut said = format!("kept {}, {} bytes, SHA-256 {}", clean(name), bytes.len(), Hash::of(bytes));
    if withheld > 0 {
        said.push_str(&format!(", credentials of yours withheld: {withheld}"));
    }
    if let [Suspect { line, what }, more @ ..] = suspects(bytes).as_slice() {
        let more = if more.is_empty() { String::new() } else { format!(" (and {} more)", more.len()) };
        said.push_str(&format!(", line {line} looks like {what}{more}"));
    }
    said
}

fn open(incident: &Incident) -> Result<(), Problem> {
    match incident.closed {
        Some(_) => Err(refused(Refusal::Closed)),
        None => Ok(()),
    }
}

/// The session that is named, else the only open one in which this user has worked.
fn session(sessions: &Sessions, named: Option<&str>, who: &Who) -> Result<SessionDir, Problem> {
    if let Some(named) = named {
        return sessions.find(named);
    }
    let mut rows: Vec<_> = sessions.list().into_iter().filter_map(Result::ok).collect();
    rows.retain(|row| row.status == Status::Open && row.opened.is_some() && is_mine(row, who));
    match rows.as_slice() {
        [one] => sessions.find(&one.id),
        [] => Err(Problem::input("no session of yours is open")
            .meaning("there is nowhere to keep the output, so the command was not run")
            .next("quell open --new TITLE opens one; --session ID names one of somebody else")),
        many => {
            let mark = |simulated: bool| if simulated { " SIMULATED" } else { "" };
            let name = |row: &Summary| format!("{}{} {}", row.id, mark(row.simulated), row.title.line());
            let names: Vec<String> = many.iter().map(name).collect();
            Err(Problem::input(format!("{} sessions of yours are open", many.len()))
                .meaning(format!("the command was not run; open are: {}", names.join("; ")))
                .next("name one with --session ID, or by QUELL_SESSION in the environment"))
        }
    }
}

/// Whether whoever asks has written in it: by the login, or by the name that was told for it.
fn is_mine(row: &Summary, who: &Who) -> bool {
    row.logins.contains(&who.user) || row.responders.contains(&who.name().actor)
}

/// The command's words and its program's file.
fn wanted(argv: &[OsString]) -> Result<Wanted, Problem> {
    let mut words = Vec::new();
    for (at, word) in argv.iter().enumerate() {
        let word = word.to_str().ok_or_else(|| {
            not_run(format!("word {at} of the command is no UTF-8")).next("the words must be recorded as they are")
        })?;
        words.push(word.to_owned());
    }
    let length: usize = words.iter().map(String::len).sum();
    if length > WORDS {
        let problem = not_run(format!("the command's words have {length} bytes; a record holds {WORDS}"));
        return Err(problem.next("put them into a file that the command reads, and attach that file with e"));
    }
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let path = locate(words.first().map_or("", String::as_str), &folders)?;
    Ok(Wanted { argv: words, path })
}

/// The program's absolute path, found as a shell finds it.
fn locate(program: &str, folders: &std::ffi::OsStr) -> Result<PathBuf, Problem> {
    let absolute = |path: &Path| std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let runs =
        |path: &PathBuf| path.metadata().is_ok_and(|found| found.is_file() && found.permissions().mode() & 0o111 != 0);
    let found = match program.contains('/') {
        true => Some(absolute(Path::new(program))).filter(runs),
        false => std::env::split_paths(folders).map(|folder| absolute(&folder.join(program))).find(runs),
    };
    found.filter(|_| !program.is_empty()).ok_or_else(|| {
        not_run(format!("there is no program {}", clean(program)))
            .next("see its name; what only a shell knows (an alias, a pipe) needs one: quell run -- sh -c 'WORDS'")
    })
}

fn not_run(what: String) -> Problem {
    Problem::input(what).meaning("the command was not run")
}

/// The words as a person would type them.
fn shown(argv: &[String]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@=,:%".contains(c);
    let quoted = |word: &String| match !word.is_empty() && word.chars().all(plain) {
        true => word.clone(),
        false => format!("'{}'", word.replace('\'', "'\\''")),
    };
    quell_core::text::cut_end(&argv.iter().map(quoted).collect::<Vec<_>>().join(" "), TOLD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_shown_as_they_would_be_typed() {
        let words = |all: &[&str]| shown(&all.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>());
        assert_eq!(words(&["aws", "ec2", "--id=i-0a"]), "aws ec2 --id=i-0a");
        assert_eq!(words(&["sh", "-c", "echo 'a' b", ""]), "sh -c 'echo '\\''a'\\'' b' ''");
        assert_eq!(words(&["echo", &"x".repeat(300)]).chars().count(), 200);
    }

    #[test]
    fn a_program_is_found_as_a_shell_finds_it() {
        let folder = tempfile::tempdir().unwrap();
        let tool = folder.path().join("tool");
        std::fs::write(&tool, "").unwrap();
        let here = folder.path().as_os_str();
        assert_eq!(locate("tool", here).unwrap_err().what, "there is no program tool");
        std::fs::set_permissions(&tool, PermissionsExt::from_mode(0o700)).unwrap();
        assert_eq!(locate("tool", here).unwrap(), tool);
        assert_eq!(locate(tool.to_str().unwrap(), "".as_ref()).unwrap(), tool);
        assert!(locate("", here).is_err());
        assert!(locate("tool", "".as_ref()).is_err());
    }

    #[test]
    fn how_says_what_is_not_there() {
        let (argv, path, stream) = (vec!["x".into()], "/bin/x".into(), "stdout".into());
        let run = Run { argv, path, stream, exit: None, signal: Some(9), ms: 1_002, wrote: 70_000_000, withheld: 2 };
        assert_eq!(
            how(&run, "x", true, true),
            "stdout of quell run, ended by signal 9 after 1.002 s: x; the first 67108864 of 70000000 bytes; \
             credentials of the responder withheld: 2; not what a process that it left behind wrote later"
        );
    }
}
