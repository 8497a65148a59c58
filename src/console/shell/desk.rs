//! This machine's side: session folders, the log's thread, evidence, exports.

use crate::action;
use crate::aws::Connection;
use crate::aws::secrets;
use crate::console::core::input::{AttachedSession, Blob, Input, SessionRow};
use crate::console::screens::sessions::is_triage;
use crate::problem::Problem;
use crate::runtime::Runtime;
use crate::timeline::disk::{LocalDisk, share};
use crate::timeline::{
    Attached, Draft, Evidence, Follow, Gate, LogHandle, LogThread, Moved, Reply, SessionDir, Sessions, Signer,
    StateDir, Status, Stored, Summary, Watch, Who, go_on,
};
use quell_core::incident::{Entry, Event, Link, Timeline, WriterId};
use quell_core::runbook::{Origin, Runbook, parse};
use quell_core::text::Untrusted;
use quell_core::text::secret::Secrets;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What the log's thread answers, and whatever else happens beside the loop.
pub type Deliver = Arc<dyn Fn(Message) + Send + Sync>;

/// What reaches the loop from beside it.
pub enum Message {
    Inputs(Vec<Input>),
    Log(Reply),
    /// The responder's editor has ended.
    Back,
    Attached(Box<(Open, AttachedSession)>),
    /// The session goes on in another state folder.
    Moved(Box<Elsewhere>),
    /// Sessions are kept in another state folder from here on.
    Chosen(Box<(Sessions, PathBuf)>),
    /// The connection stands; whether to arm it, and how often to ask its sources.
    Connected(Box<(Connection, bool, Duration)>),
}

/// The session that this console writes.
pub struct Open {
    pub log: LogHandle,
    pub follow: Follow,
    /// What to know of the file system.
    pub remote: Option<Problem>,
    /// Held until the session's first records are on disk.
    pub gate: Option<Gate>,
}

/// Makes a session and attaches to it; or to the one that another console has made for the same since the list was
/// read.
pub fn create(
    sessions: &Sessions,
    (title, simulated, finding): (&Untrusted, bool, Option<&Untrusted>),
    watch: &Mutex<Watch>,
    (who, runtime): (&Who, &Runtime),
    deliver: &Deliver,
) -> Result<(Open, AttachedSession), Problem> {
    let same = |s: &&Summary| match is_triage(title) {
        true => s.title == *title,
        false => !is_triage(&s.title) && finding.is_some_and(|finding| s.findings.contains(finding)),
    };
    let mut watch = watch.lock().unwrap_or_else(PoisonError::into_inner);
    let gate = sessions.gate(runtime);
    // What can't be read now keeps nobody from beginning; making the folder tells what is wrong.
    let _ = watch.look();
    let open = watch.found().flatten().filter(|s| s.status == Status::Open && s.simulated == simulated);
    let dir = match open.filter(same).last() {
        Some(theirs) => Some(sessions.find(&theirs.id)?),
        None => None,
    };
    drop(watch);
    let (open, session) = match dir {
        Some(theirs) => attach(&theirs, who, runtime, deliver)?,
        None => {
            let (dir, attached) = sessions.begin(title, who, runtime)?;
            opened(&dir, attached, runtime, deliver)?
        }
    };
    Ok((Open { gate, ..open }, session))
}

/// Attaches to a session that exists.
pub fn resume(
    sessions: &Sessions,
    id: &str,
    who: &Who,
    runtime: &Runtime,
    deliver: &Deliver,
) -> Result<(Open, AttachedSession), Problem> {
    attach(&sessions.find(id)?, who, runtime, deliver)
}

fn attach(
    dir: &SessionDir,
    who: &Who,
    runtime: &Runtime,
    deliver: &Deliver,
) -> Result<(Open, AttachedSession), Problem> {
    opened(dir, dir.attach(who, runtime)?, runtime, deliver)
}

fn opened(
    dir: &SessionDir,
    attached: Attached,
    runtime: &Runtime,
    deliver: &Deliver,
) -> Result<(Open, AttachedSession), Problem> {
    let Attached { log, entries, new_writer, dead, follow, remote } = attached;
    let evidence = Evidence::of(dir);
    let books = books(&entries, &evidence);
    let writer = log.writer().clone();
    let own = entries.iter().filter(|e| e.link.0 == writer).map(|e| e.link.1 + 1).max().unwrap_or(0);
    let last_l = entries.iter().map(|e| e.l).max().unwrap_or(0);
    let deliver = deliver.clone();
    let log = LogThread::start(log, evidence, runtime, move |reply| deliver(Message::Log(reply)))?;
    let session = AttachedSession {
        id: dir.id().as_str().to_owned(),
        writer,
        timeline: Timeline::new(entries),
        next_n: own,
        last_l,
        books,
        joined: new_writer,
        dead,
    };
    Ok((Open { log, follow, remote, gate: None }, session))
}

/// A session that goes on in another state folder.
pub struct Elsewhere {
    pub sessions: Sessions,
    pub path: PathBuf,
    pub opened: (Open, AttachedSession),
    /// What is to be known of evidence that was left behind.
    pub left: Option<Problem>,
}

/// Writes a session's records into another state folder and attaches there.
pub fn go_elsewhere(
    (sessions, id): (&Sessions, &str),
    to: &Untrusted,
    entries: &[Entry],
    (who, runtime): (&Who, &Runtime),
    deliver: &Deliver,
) -> Result<Elsewhere, Problem> {
    let path = folder(to);
    let state = StateDir::at(&path);
    let moved = go_on(&state, &sessions.find(id)?, entries, who, runtime).map_err(|why| not_moved(&path, why));
    let Moved { session, attached, left } = moved?;
    let opened = opened(&session, attached, runtime, deliver)?;
    let left = left.map(|(count, why)| {
        Problem::local(format!("{count} piece(s) of evidence did not go along: {}", why.headline()))
            .meaning("the timeline names them; they are, if anywhere, in the first folder")
            .next("copy them into the session's evidence folder when there is room; sessions verify tells whether all are there")
    });
    Ok(Elsewhere { sessions: Sessions::of(&state), path, opened, left })
}

/// What is wrong is wrong there; here all is as before.
fn not_moved(to: &Path, why: Problem) -> Problem {
    let to = crate::problem::clean(&to.to_string_lossy());
    Problem { what: format!("the session can't go on in {to}: {}", why.what), ..why }
        .meaning("it stays where it was, and nothing of it was left there")
        .next("make room there, or :move to another folder")
}

/// The sessions of the state folder that a person typed, where no session is open yet.
pub fn choose(sessions: &Sessions, to: &Untrusted) -> Result<(Sessions, PathBuf), Problem> {
    let path = folder(to);
    Ok((sessions.elsewhere(&path)?, path))
}

fn folder(typed: &Untrusted) -> PathBuf {
    let dirs = directories::BaseDirs::new();
    let path = at_home(typed.line().as_str(), dirs.as_ref().map(directories::BaseDirs::home_dir));
    // What is relative is so to where quell was started, which nobody sees.
    std::path::absolute(&path).unwrap_or(path)
}

/// The runbooks that records name, read from the session's own evidence.
pub fn books(entries: &[Entry], evidence: &Evidence) -> Vec<(Link, Arc<Runbook>)> {
    entries
        .iter()
        .filter_map(|entry| {
            let Event::RunbookOpened(opened) = &entry.event else { return None };
            let bytes = evidence.get(opened.blob.as_deref()?).ok()?;
            let book = parse(opened.id.as_str(), &bytes, Origin::BuiltIn).ok()?.runbook;
            Some((entry.link.clone(), Arc::new(book)))
        })
        .collect()
}

/// The sessions of this machine, and the problems of those that can't be read.
pub fn list(sessions: &Sessions) -> Vec<Input> {
    let (rows, problems): (Vec<_>, Vec<_>) = sessions.list().into_iter().partition(Result::is_ok);
    let problems = problems.into_iter().filter_map(Result::err).map(Input::Trouble);
    problems.chain([Input::Sessions(rows.into_iter().flatten().map(row).collect())]).collect()
}

/// The sessions as they stand in a watch. Those that can't be read were told when the list was first read.
pub fn watched(watch: &Watch) -> Vec<SessionRow> {
    watch.found().flatten().cloned().map(row).collect()
}

fn row(s: Summary) -> SessionRow {
    SessionRow {
        id: s.id,
        title: s.title,
        open: s.status == Status::Open,
        opened: s.opened,
        simulated: s.simulated,
        responders: s.responders,
        records: s.records,
        accounts: s.accounts,
        findings: s.findings,
        quiet: s.quiet,
        chain: s.chain.as_str().to_owned(),
    }
}

/// What containment stands, over all sessions.
pub fn in_force(sessions: &Sessions) -> Input {
    let (mut read, mut problems) = (Vec::new(), Vec::new());
    for session in sessions.incidents() {
        match session {
            Ok(session) => read.push(session),
            Err(problem) => problems.push(problem),
        }
    }
    let incidents = read.iter().map(|(id, incident)| (id.as_str(), incident));
    Input::InForce(action::in_force(incidents), problems)
}

/// Reads a session without attaching to it.
pub fn load(sessions: &Sessions, id: &str, review: bool) -> Result<Input, Problem> {
    let dir = sessions.find(id)?;
    let timeline = dir.checked()?;
    let entries = timeline.entries();
    let books = books(&entries, &Evidence::of(&dir));
    let chain = timeline.verification();
    let timeline = Box::new(Timeline::new(entries));
    Ok(Input::Loaded { session: dir.id().as_str().to_owned(), review, timeline, chain, books })
}

/// Makes a checkpoint over what a session has on disk, signed by the key that is named, else by the agent's first;
/// without a key it is not signed. What blocks is done on threads for that.
pub async fn sign(
    sessions: &Sessions,
    id: &str,
    writer: &WriterId,
    key: Option<PathBuf>,
    runtime: &Runtime,
) -> Result<Stored, Problem> {
    let (dir, writer, own) = (sessions.find(id)?, writer.clone(), runtime.clone());
    let drafted = runtime.aside(move || {
        let signer = match key {
            Some(path) => Some(Signer::of_file(&path, false)),
            None => Signer::of_agent()?,
        };
        Ok::<_, Problem>((signer, Draft::of(&dir, &writer, &own)?))
    });
    let (signer, draft) = drafted.await.ok_or_else(ended)??;
    let signature = match signer {
        Some(signer) => Some(signer.sign(&draft.text(), runtime).await?),
        None => None,
    };
    runtime.aside(move || draft.store(&mut LocalDisk, signature.as_deref())).await.ok_or_else(ended)?
}

fn ended() -> Problem {
    Problem::local("not signed: quell has ended")
}

/// Writes a file into the session's exports; never over another.
pub fn export(sessions: &Sessions, id: &str, name: &str, text: &str) -> Result<String, Problem> {
    let path = sessions.find(id)?.path().join("exports").join(name);
    let problem = |e: std::io::Error| {
        Problem::local(format!("the file could not be written: {e}"))
            .in_file(path.to_string_lossy(), 0, 0)
            .next("sessions report ID prints the report to the standard output")
    };
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path).map_err(problem)?;
    let shared = share(&file, &path).and_then(|()| file.write_all(text.as_bytes()));
    shared.and_then(|()| file.sync_all()).map_err(problem)?;
    Ok(path.to_string_lossy().into_owned())
}

/// Evidence of a session, whole and with its hash checked.
pub fn evidence(sessions: &Sessions, id: &str, blob: &str) -> Result<Vec<u8>, Problem> {
    Evidence::of(&sessions.find(id)?).get(blob)
}

/// The largest file that becomes evidence from the console.
const LARGEST: u64 = 256 * 1024 * 1024;

/// Where a path leads that a person typed: `~/` is the home folder, as in a shell.
fn at_home(path: &str, home: Option<&Path>) -> PathBuf {
    match (path.strip_prefix("~/"), home) {
        (Some(rest), Some(home)) => home.join(rest.trim_start_matches('/')),
        _ => PathBuf::from(path),
    }
}

/// Reads a file that shall become evidence: a regular one of bounded size. What is known as a credential, here or now
/// from this machine's files, is left out.
pub fn read_file(path: &str, known: Secrets) -> Result<Blob, Problem> {
    let dirs = directories::BaseDirs::new();
    read_regular(&at_home(path, dirs.as_ref().map(directories::BaseDirs::home_dir)), known)
}

fn read_regular(path: &Path, known: Secrets) -> Result<Blob, Problem> {
    let name = path.to_string_lossy();
    let problem = |what: String| Problem::input(what).in_file(&*name, 0, 0).next("give the path of a regular file");
    let meta = std::fs::metadata(path).map_err(|e| problem(e.to_string()))?;
    if !meta.is_file() {
        return Err(problem("it is not a regular file".into()));
    }
    if meta.len() > LARGEST {
        return Err(problem("it is larger than 256 MiB".into()));
    }
    std::fs::read(path)
        .map(|bytes| Blob::without(&known.and(secrets::known()), bytes))
        .map_err(|e| problem(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_folder_is_written_as_in_a_shell() {
        let home = Path::new("/home/jo");
        for (typed, path) in [
            ("~/triage/ps.txt", "/home/jo/triage/ps.txt"),
            ("~//ps.txt", "/home/jo/ps.txt"),
            ("/tmp/~/ps.txt", "/tmp/~/ps.txt"),
            ("~alice/ps.txt", "~alice/ps.txt"),
            ("ps~", "ps~"),
        ] {
            assert_eq!(at_home(typed, Some(home)), Path::new(path), "{typed}");
        }
        assert_eq!(at_home("~/ps.txt", None), Path::new("~/ps.txt"));
    }

    #[test]
    fn a_move_that_failed_says_that_nothing_has_changed() {
        let why = Problem::local("the timeline could not be written: No space left on device").meaning("m").next("n");
        let told = not_moved(Path::new("/mnt/usb\u{1b}[2J"), why);
        assert_eq!(
            told.to_string(),
            "the session can't go on in /mnt/usb\\u{1b}[2J: the timeline could not be written: No space left on device\n  \
             meaning: it stays where it was, and nothing of it was left there\n  \
             now: make room there, or :move to another folder"
        );
    }

    #[test]
    fn a_folder_to_go_on_in_is_told_whole() {
        let typed = |typed: &str| folder(&typed.into());
        assert_eq!(typed("/mnt/usb"), Path::new("/mnt/usb"));
        assert_eq!(typed("usb/quell"), std::env::current_dir().unwrap().join("usb/quell"));
    }

    #[test]
    fn a_file_of_the_home_folder_is_looked_for_there() {
        let problem = read_file("~/no such file of evidence", Secrets::default()).unwrap_err();
        let place = problem.headline();
        assert!(!place.contains('~'), "{place}");
    }
}
