use super::super::testing::*;
use super::super::{Action, Progress, Report, Request, Value, Word, allow};
use super::Command;
use super::process::SECOND;
use crate::aws::BoxFuture;
use crate::aws::fake::run as block_on;
use crate::aws::{ConnectOptions, ConnectionKind};
use crate::problem::Problem;
use quell_core::incident::{FailClass, Found, Outcome, Plan};
use serde_json::json;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

fn bench() -> Bench {
    Bench::new([])
}

fn words(argv: &[&str]) -> Value {
    Value::List(argv.iter().map(|word| Word::own(*word)).collect())
}

fn run<const N: usize>(argv: &[&str], more: [(&str, Value); N]) -> Request {
    let mut request = request(&Command, finding("f-1", "i-0abc12d34e5f67890"), more);
    request.fields.insert("argv".into(), words(argv));
    request
}

fn planned<const N: usize>(argv: &[&str], more: [(&str, Value); N]) -> Result<Plan, Problem> {
    bench().plan(&Command, &run(argv, more))
}

fn outputs(reports: &[Report]) -> Vec<(String, Vec<u8>)> {
    let output = |report: &Report| match report {
        Report::Output { name, bytes } => Some((raw(name), bytes.clone())),
        Report::Step(_) => None,
    };
    reports.iter().filter_map(output).collect()
}

#[test]
fn the_plan_shows_the_path_and_every_word() {
    let plan = planned(&["/bin/echo", "a b", "$(id)"], [("timeout", own("5"))]).unwrap();
    assert_eq!(plan.requests[0].service, "local");
    assert_eq!(plan.requests[0].operation, "exec");
    let input = &plan.requests[0].input;
    assert_eq!(input["argv"], json!(["/bin/echo", "a b", "$(id)"]));
    assert_eq!((&input["path"], &input["timeout"]), (&json!("/bin/echo"), &json!(5)));
    assert_eq!(raw(&plan.confirm), "echo");
    assert_eq!((plan.danger, raw(&plan.undo).as_str()), (2, "quell can't undo a program's work."));
    let environment = input["environment"].as_array().unwrap();
    assert!(environment.iter().any(|pair| pair.as_str().unwrap().starts_with("PATH=/usr/local/sbin:")));
    assert!(environment.iter().all(|pair| !pair.as_str().unwrap().contains("SECRET")));
    let default = planned(&["/bin/echo"], []).unwrap();
    assert_eq!(default.requests[0].input["timeout"], 60);
    assert_ne!(default.hash().unwrap(), planned(&["/bin/echo", "x"], []).unwrap().hash().unwrap());
    assert_eq!(bench().plan(&Command, &Request { danger: Some(1), ..run(&["/bin/echo"], []) }).unwrap().danger, 2);
}

#[test]
fn a_program_works_with_quells_own_profile_in_the_targets_region() {
    let options = ConnectOptions { profile: Some("ir".to_owned()), ..ConnectOptions::default() };
    let connection = bench().fake.connection(ConnectionKind::Real, options, allow());
    // The reader's region is not the target's: the target's counts.
    let reader = connection.reader("us-east-1");
    let plan = block_on(Command.plan(&reader, &run(&["/bin/echo"], []))).unwrap();
    let environment = &plan.requests[0].input["environment"];
    for (name, value) in [("AWS_PROFILE", "ir"), ("AWS_REGION", "eu-west-1"), ("AWS_DEFAULT_REGION", "eu-west-1")] {
        let named: Vec<_> = environment.as_array().unwrap().iter().filter_map(|pair| pair.as_str()).collect();
        let found: Vec<_> = named.iter().filter(|pair| pair.starts_with(&format!("{name}="))).collect();
        assert_eq!(found, [&format!("{name}={value}")]);
    }
    // The simulated account has no profile, whatever the environment says.
    let plan = planned(&["/bin/echo"], []).unwrap();
    assert!(!plan.requests[0].input["environment"].to_string().contains("AWS_PROFILE="));
}

#[test]
fn each_word_is_one_argument_with_the_same_bytes() {
    let hostile = ["; rm -rf /", "$(id)", "`id`", "a  b", "*", "{a,b}", "~", "a\"b'c\\n", "\u{e9}", "%s", "> x", "!!"];
    let mut argv = vec![Word::own("/usr/bin/printf"), Word::own("[%s]")];
    argv.extend(hostile.map(|word| Word { text: word.into(), filled: true }));
    let request = request(&Command, finding("f-1", "i-1"), [("argv", Value::List(argv))]);
    let bench = bench();
    let plan = bench.plan(&Command, &request).unwrap();
    let (progress, reports) = patient();
    let outcome = bench.execute_with(&Command, &plan, &progress);
    assert!(matches!(outcome, Outcome::Succeeded { .. }), "{outcome:?}");
    let expected: String = hostile.iter().map(|word| format!("[{word}]")).collect();
    assert_eq!(outputs(&reports()), [("printf.stdout".to_owned(), expected.into_bytes())]);
}

#[test]
fn an_exit_code_is_success_or_failure() {
    let bench = bench();
    let execute = |argv: &[&str]| {
        let plan = bench.plan(&Command, &run(argv, [])).unwrap();
        let (progress, reports) = patient();
        (bench.execute_with(&Command, &plan, &progress), reports())
    };
    let (outcome, _) = execute(&["/bin/echo", "done"]);
    let Outcome::Succeeded { outcome, facts, undo, .. } = outcome else { panic!("{outcome:?}") };
    assert_eq!((raw(&outcome).as_str(), undo), ("echo ended with exit code 0", None));
    assert_eq!(fact(&facts, "exit code").as_deref(), Some("0"));
    assert_eq!(fact(&facts, "stdout").as_deref(), Some("done\n"));
    let (outcome, reports) = execute(&["/bin/sh", "-c", "echo one; printf 'no \\033right\\n' >&2; exit 3"]);
    let (class, message) = failure(&outcome);
    assert_eq!(class, FailClass::Failed);
    assert_eq!(message, "sh ended with exit code 3: no \\u{1b}right");
    assert_eq!(outputs(&reports).len(), 2);
    let (outcome, _) = execute(&["/bin/sh", "-c", "kill -9 $$"]);
    assert_eq!(failure(&outcome).1, "sh was ended by signal 9");
    // Nothing but the identity check of the writer reached AWS.
    assert!(bench.fake.operations().iter().all(|asked| asked == "GetCallerIdentity"));
}

#[test]
fn the_environment_is_the_plans_and_the_input_is_empty() {
    let bench = bench();
    let plan = bench.plan(&Command, &run(&["/usr/bin/env"], [])).unwrap();
    let (progress, reports) = patient();
    bench.execute_with(&Command, &plan, &progress);
    let seen = String::from_utf8(outputs(&reports())[0].1.clone()).unwrap();
    let mut seen: Vec<&str> = seen.lines().collect();
    seen.sort_unstable();
    let mut planned: Vec<&str> =
        plan.requests[0].input["environment"].as_array().unwrap().iter().map(|v| v.as_str().unwrap()).collect();
    planned.sort_unstable();
    assert_eq!(seen, planned);
    let plan = bench.plan(&Command, &run(&["/bin/cat"], [])).unwrap();
    assert!(matches!(bench.execute_with(&Command, &plan, &patient().0), Outcome::Succeeded { .. }));
}

/// A run whose waits are over once `marker` is there.
fn after(marker: PathBuf) -> Progress {
    Progress::waiting(
        move |_| {
            while !marker.exists() {
                std::thread::yield_now();
            }
        },
        |_| {},
    )
}

/// Whether a process is gone, or dead and not yet buried.
fn gone(pid: &str) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { return true };
    stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with(['Z', 'X']))
}

#[test]
fn a_program_that_does_not_end_is_killed_with_its_children_and_its_work_is_unknown() {
    let folder = tempfile::tempdir().unwrap();
    let marker = folder.path().join("child");
    let to = folder.path().display();
    let script = format!("sleep 600 & echo $! > '{to}/new' && mv '{to}/new' '{to}/child'; wait");
    let bench = bench();
    let plan = bench.plan(&Command, &run(&["/bin/sh", "-c", &script], [])).unwrap();
    let outcome = bench.execute_with(&Command, &plan, &after(marker.clone()));
    let Outcome::Unknown { why } = &outcome else { panic!("{outcome:?}") };
    assert_eq!(raw(why), "sh was killed after 60 seconds; what it had done by then is not known");
    let child = std::fs::read_to_string(marker).unwrap();
    // The kernel buries it in its own time.
    assert!((0..200_000).any(|_| gone(child.trim())));
}

/// What a program has said is told and kept while it runs: it ends here only once that was so.
#[test]
fn what_a_program_says_is_told_and_kept_while_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let marker = folder.path().join("kept");
    let script = format!("echo one; echo two; printf thr; while [ ! -e '{}' ]; do :; done; echo ee", marker.display());
    let reports: Arc<Mutex<Vec<Report>>> = Arc::default();
    let sink = {
        let reports = reports.clone();
        move |report: Report| {
            if matches!(&report, Report::Output { bytes, .. } if bytes == b"one\ntwo\nthr") {
                std::fs::write(&marker, "").unwrap();
            }
            reports.lock().unwrap().push(report);
        }
    };
    let looks = |time| -> BoxFuture<'static, ()> {
        match time == SECOND {
            true => Box::pin(tokio::task::yield_now()),
            false => Box::pin(std::future::pending()),
        }
    };
    let bench = bench();
    let plan = bench.plan(&Command, &run(&["/bin/sh", "-c", &script], [])).unwrap();
    let outcome = bench.execute_with(&Command, &plan, &Progress::pacing(looks, sink));
    assert!(matches!(outcome, Outcome::Succeeded { .. }), "{outcome:?}");
    let reports = reports.lock().unwrap().clone();
    let told = |report: &Report| matches!(report, Report::Step(step) if raw(&step.text) == "sh: two");
    assert!(reports.iter().any(told), "{reports:?}");
    let kept = outputs(&reports);
    let so_far: Vec<&str> = kept.iter().map(|(name, _)| name.as_str()).filter(|name| name.contains("so far")).collect();
    assert!(!so_far.is_empty() && so_far.iter().all(|name| *name == "sh.stdout, so far"), "{so_far:?}");
    assert_eq!(kept.last().unwrap(), &("sh.stdout".to_owned(), b"one\ntwo\nthree\n".to_vec()));
}

#[test]
fn long_output_is_cut_in_the_fact() {
    let bench = bench();
    let argv = ["/bin/sh", "-c", "i=0; while [ $i -lt 1000 ]; do echo 0123456789; i=$((i+1)); done"];
    let plan = bench.plan(&Command, &run(&argv, [])).unwrap();
    let (progress, reports) = patient();
    let Outcome::Succeeded { facts, .. } = bench.execute_with(&Command, &plan, &progress) else { panic!() };
    let text = fact(&facts, "stdout").unwrap();
    assert!(text.ends_with("\n[cut: 11000 bytes in all]"), "{}", &text[4000..]);
    assert_eq!(outputs(&reports())[0].1.len(), 11000);
}

#[test]
fn what_could_be_another_command_is_refused() {
    let filled_word = |text: &str| {
        let argv = vec![Word::own("/bin/echo"), Word { text: text.into(), filled: true }];
        bench().plan(&Command, &request(&Command, finding("f", "i"), [("argv", Value::List(argv))]))
    };
    for text in ["--help", "-n", "a\nb", "a\0b", "@x", "file:///etc/shadow", "a\u{200b}b"] {
        assert!(filled_word(text).is_err(), "{text:?}");
    }
    assert!(planned(&["no-such-program-anywhere"], []).is_err());
    assert!(planned(&["./x"], []).is_err());
    assert!(planned(&["/etc/passwd"], []).is_err());
    assert!(planned(&["/tmp"], []).is_err());
    assert!(planned(&[], []).is_err());
    for timeout in ["0", "3601", "-1", "1m", "+5", ""] {
        assert!(planned(&["/bin/echo"], [("timeout", own(timeout))]).is_err(), "{timeout:?}");
    }
    let mut nowhere = run(&["/bin/echo"], []);
    nowhere.finding.as_mut().unwrap().account = None;
    assert_eq!(bench().plan(&Command, &nowhere).unwrap_err().what, "the finding names no account");
}

#[test]
fn a_program_is_never_run_again_by_itself() {
    let bench = bench();
    let plan = planned(&["/bin/echo"], []).unwrap();
    assert!(matches!(bench.check(&Command, &plan), Found::CannotTell(_)));
    let outcome = Outcome::Unknown { why: "x".into() };
    assert_eq!(bench.verify(&Command, &plan, &outcome).holds, None);
    assert_eq!(Command.undo(&plan, &outcome), None);
    let mut gone = plan;
    gone.requests[0].input["path"] = "/no/such/program".into();
    let (outcome, _) = bench.execute(&Command, &gone);
    assert_eq!(failure(&outcome).0, FailClass::NotSent);
}

#[test]
fn what_a_program_says_of_the_responders_credentials_stays_out() {
    let key = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
    let mut heard = super::process::Heard::default();
    heard.take(false, format!("key {key}\n").as_bytes());
    heard.take(true, key.as_bytes());
    let super::process::Heard { stdout, stderr, .. } = heard;
    let ran = super::process::Ran { ended: super::process::Ended::Code(0), stdout, stderr };
    let ran = ran.without(&quell_core::text::secret::Secrets::of([key.to_owned()]));
    assert_eq!(ran.stdout.bytes, b"key [withheld: a credential of the responder]\n");
    assert_eq!(ran.stderr.bytes, b"[withheld: a credential of the responder]");
}
