//! Running a program on this machine: its words exactly as shown, no shell, no credentials handed on.

mod argv;
mod live;
mod process;

#[cfg(test)]
mod tests;

use super::LOCAL;
use super::calls::unverified;
use super::facts::not_sent;
use super::fields::{danger, known, list, plain, refuse, shown, text};
use super::kind::{Action, KindInfo, Operations, Parameter};
use super::preflight::{Need, State};
use super::progress::Progress;
use super::request::Request;
use super::target::target;
use crate::aws::{BoxFuture, Reader, Writer, secrets};
use crate::problem::{Problem, clean};
use live::Live;
use process::{Ended, Exec, Ran, Stream};
use quell_core::incident::{Fact, FailClass, Found, Outcome, Plan, PlannedRequest, Token, Verified};
use quell_core::text::Untrusted;
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The kind `command`.
pub(super) struct Command;

static INFO: KindInfo = KindInfo {
    name: "command",
    title: "Run a program on this machine",
    parameters: &[
        Parameter { name: "argv", required: true, what: "the program and its words, as a list; no shell reads them" },
        Parameter {
            name: "timeout",
            required: false,
            what: "seconds until it is killed, up to 3600; 60 when not given",
        },
    ],
    operations: Operations { read: &[], consume: &[], mutate: &[(LOCAL, "exec")] },
    permissions: &[],
    danger: 2,
    destroys: "what the program destroys: quell does not know",
};

const TIMEOUT: u64 = 60;
const LONGEST: u64 = 3600;
/// What a fact and a message keep of an output, in bytes; the whole of it is evidence.
const KEPT: usize = 4096;
const TOLD: usize = 400;

impl Action for Command {
    fn info(&self) -> &KindInfo {
        &INFO
    }

    fn plan<'a>(&'a self, reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Result<Plan, Problem>> {
        Box::pin(async move {
            known(&INFO, request)?;
            let argv = argv::words(&list(request, "argv")?)?;
            let timeout = timeout(request)?;
            let path = argv::locate(argv.first().map_or("", String::as_str), &is_program)?;
            planned(request, argv, path, timeout, reader.scope().profile.as_deref())
        })
    }

    fn breaks(&self, _plan: &Plan) -> Vec<String> {
        vec!["not known: whatever the program does".to_owned()]
    }

    fn execute<'a>(
        &'a self,
        writer: Writer,
        _reader: &'a Reader,
        plan: &'a Plan,
        progress: &'a Progress,
    ) -> BoxFuture<'a, Outcome> {
        Box::pin(async move {
            // The leave to act is used up here, as it is by a call to AWS.
            drop(writer);
            let Some(exec) = exec(plan) else { return not_sent("the plan can't be read") };
            if !is_program(&exec.path) {
                return not_sent(format!("{} is no program any more", clean(&exec.path.to_string_lossy())));
            }
            progress.step(format!("running {}", clean(&exec.path.to_string_lossy())), 0, 1);
            let live = Live::new(progress, named(&exec), &secrets::known);
            match process::run(&exec, progress, live).await {
                Err(error) => not_sent(format!("the program did not start: {error}")),
                // The program may read the responder's own files: what they hold stays out of the timeline.
                Ok(ran) => ended(&exec, ran.without(&secrets::known()), progress),
            }
        })
    }

    fn check<'a>(&'a self, _reader: &'a Reader, _plan: &'a Plan, _token: Token) -> BoxFuture<'a, Found> {
        let why = "a program leaves no trace that quell could look up; it is never run again by itself";
        Box::pin(std::future::ready(Found::CannotTell(why.into())))
    }

    fn verify<'a>(&'a self, _reader: &'a Reader, _plan: &'a Plan, _outcome: &'a Outcome) -> BoxFuture<'a, Verified> {
        let verified = unverified("quell does not know what the program changed; an exit code is no proof");
        Box::pin(std::future::ready(verified))
    }

    fn needs<'a>(&'a self, _reader: &'a Reader, request: &'a Request) -> BoxFuture<'a, Vec<Need>> {
        let program = list(request, "argv").ok().and_then(|words| words.first().filter(|word| !word.filled).copied());
        let need = program.map(|word| {
            let name = format!("program {}", shown(&word.text));
            match plain("program", &word.text, KEPT).and_then(|program| argv::locate(&program, &is_program)) {
                Ok(_) => Need::new(name, State::Ok, ""),
                Err(problem) => Need::new(name, State::Missing, problem.what),
            }
        });
        Box::pin(std::future::ready(need.into_iter().collect()))
    }

    fn undo(&self, _plan: &Plan, _outcome: &Outcome) -> Option<Request> {
        None
    }
}

fn timeout(request: &Request) -> Result<u64, Problem> {
    let Some(word) = text(request, "timeout")? else { return Ok(TIMEOUT) };
    let digits = word.text.line().into_string();
    match digits.parse::<u64>() {
        Ok(seconds @ 1..=LONGEST) if !digits.starts_with('+') => Ok(seconds),
        _ => Err(refuse(format!("timeout is seconds from 1 to {LONGEST}, not {}", shown(&word.text)))),
    }
}

fn planned(
    request: &Request,
    argv: Vec<String>,
    path: PathBuf,
    timeout: u64,
    profile: Option<&str>,
) -> Result<Plan, Problem> {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default().to_owned();
    let Some(path) = path.to_str() else { return Err(refuse("the program's path is no UTF-8")) };
    let target = target(request, path)?;
    let region = target.region.line().into_string();
    let environment = argv::environment(|name| std::env::var(name).ok(), profile, &region)?;
    let environment: Vec<String> = environment.into_iter().map(|(k, v)| format!("{k}={v}")).collect();
    Ok(Plan {
        kind: request.kind.clone(),
        title: request.title.clone(),
        step: request.step.clone(),
        target,
        facts: vec![Fact::new("program", path), Fact::new("environment", environment.join(" "))],
        requests: vec![PlannedRequest {
            service: LOCAL.to_owned(),
            operation: "exec".to_owned(),
            input: json!({ "argv": argv, "path": path, "timeout": timeout, "environment": environment }),
        }],
        danger: danger(INFO.danger, request)?,
        destroys: Vec::new(),
        breaks: Vec::new(),
        writes: Vec::new(),
        warnings: vec![
            "quell does not know what this program does: read its words before approving.".into(),
            format!("It is killed after {timeout} seconds; what it had done by then is not known.").into(),
            "It gets no credentials from quell's environment, only the name of quell's profile and the region.".into(),
        ],
        undo: "quell can't undo a program's work.".into(),
        confirm: name.into(),
        undo_of: request.undo_of.clone(),
        each: request.each.clone(),
        set: request.set.clone(),
    })
}

/// The plan's one request, read back.
fn exec(plan: &Plan) -> Option<Exec> {
    let [request] = plan.requests.as_slice() else { return None };
    let texts = |name: &str| serde_json::from_value::<Vec<String>>(request.input.get(name)?.clone()).ok();
    let pairs = texts("environment")?;
    let environment = pairs.iter().map(|pair| pair.split_once('=').map(|(k, v)| (k.to_owned(), v.to_owned())));
    Some(Exec {
        path: PathBuf::from(request.input.get("path")?.as_str()?),
        argv: texts("argv")?,
        environment: environment.collect::<Option<_>>()?,
        timeout: Duration::from_secs(request.input.get("timeout")?.as_u64()?),
    })
}

fn is_program(path: &Path) -> bool {
    let Ok(found) = path.metadata() else { return false };
    #[cfg(unix)]
    let runs = std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o111 != 0;
    #[cfg(not(unix))]
    let runs = true;
    found.is_file() && runs
}

/// The program's name, for people.
fn named(exec: &Exec) -> String {
    exec.path.file_name().map(|name| clean(&name.to_string_lossy()).into_string()).unwrap_or_default()
}

fn ended(exec: &Exec, ran: Ran, progress: &Progress) -> Outcome {
    let name = named(exec);
    let mut facts = Vec::new();
    let told = last(&ran.stderr);
    for (stream, out) in [("stdout", ran.stdout), ("stderr", ran.stderr)] {
        if !out.bytes.is_empty() {
            facts.push(fact(stream, &out));
            progress.output(format!("{name}.{stream}"), out.bytes);
        }
    }
    let failed = |how: String| Outcome::Failed {
        class: FailClass::Failed,
        message: match told.is_empty() {
            true => format!("{name} {how}").into(),
            false => format!("{name} {how}: {told}").into(),
        },
        request_ids: Vec::new(),
    };
    match ran.ended {
        Ended::Code(0) => {
            facts.insert(0, Fact::new("exit code", "0"));
            Outcome::Succeeded {
                outcome: format!("{name} ended with exit code 0").into(),
                request_ids: Vec::new(),
                undo: None,
                facts,
            }
        }
        Ended::Code(code) => failed(format!("ended with exit code {code}")),
        Ended::Signal(Some(signal)) => failed(format!("was ended by signal {signal}")),
        Ended::Signal(None) => failed("was ended by a signal".to_owned()),
        Ended::TimedOut => {
            let why = format!(
                "{name} was killed after {} seconds; what it had done by then is not known",
                exec.timeout.as_secs()
            );
            Outcome::Unknown { why: why.into() }
        }
        Ended::Lost(why) => Outcome::Unknown { why: format!("{name} could not be waited for: {why}").into() },
    }
}

fn fact(name: &str, stream: &Stream) -> Fact {
    let kept = stream.bytes.get(..KEPT).unwrap_or(&stream.bytes);
    let mut text = String::from_utf8_lossy(kept).into_owned();
    if stream.total > kept.len() as u64 {
        text.push_str(&format!("\n[cut: {} bytes in all]", stream.total));
    }
    Fact::new(name, Untrusted::from(text))
}

/// The last of what it wrote, on one line.
fn last(stream: &Stream) -> String {
    let text = String::from_utf8_lossy(&stream.bytes);
    let line = text.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    quell_core::text::cut_end(clean(line).as_str(), TOLD)
}
