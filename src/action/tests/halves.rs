//! Containments that end half-way: AWS's documents failed at each of their steps and stopped at each of their moments,
//! on the simulated account. What stands of them is told, and can be undone. The cases are made of a run that went well.

use super::super::testing::{filled, finding, own, raw, request, token};
use super::super::{Action, Progress, Request, Value, by_name};
use super::simulated::{INSTANCE, Live};
use crate::aws::Reader;
use crate::aws::fake::run;
use crate::simulator::Scenario;
use aws_sdk_ssm::types::StepExecution;
use jiff::{SignedDuration, Timestamp};
use quell_core::incident::{Found, Outcome, Plan};
use quell_core::text::Untrusted;
use std::sync::Arc;

const STOP: [(&str, &str); 1] = [("SSM", "StopAutomationExecution")];

fn kind() -> &'static dyn Action {
    by_name("ssm-automation").unwrap()
}

/// Each of the three documents, as it contains.
fn containments() -> Vec<Request> {
    let user = [("PrincipalType", own("IAM user")), ("PrincipalName", filled("ci-publisher"))];
    let keep = Value::List(vec![super::super::Word::own("arn:aws:iam::111122223333:role/ir")]);
    let bucket = [("BucketName", own("lumen-build-artifacts")), ("BucketRestrictAccess", keep)];
    let documents = [
        ("AWSSupport-ContainEC2Instance", vec![("InstanceId", filled(INSTANCE))]),
        ("AWSSupport-ContainIAMPrincipal", user.to_vec()),
        ("AWSSupport-ContainS3Resource", bucket.to_vec()),
    ];
    let both = [("Action", own("Contain")), ("DryRun", own("false"))];
    let request = |(document, more): (&str, Vec<(&str, Value)>)| {
        let parameters = more.into_iter().chain(both.clone()).map(|(k, v)| (k.into(), v)).collect();
        let fields = [("document", own(document)), ("parameters", Value::Map(parameters))];
        request(kind(), finding("f-1", INSTANCE), fields)
    };
    documents.into_iter().map(request).collect()
}

fn account(faults: &str) -> Live {
    let scenario = Scenario::from_toml(&format!("base = \"crypto-mining\"\n{faults}")).unwrap();
    Live::of(kind(), scenario, &STOP)
}

/// The newest execution, and its steps.
async fn newest(reader: &Reader) -> (String, Vec<StepExecution>) {
    let all = reader.ssm().describe_automation_executions().send().await.unwrap();
    let id = all.automation_execution_metadata_list()[0].automation_execution_id().unwrap().to_owned();
    let found = reader.ssm().get_automation_execution().automation_execution_id(&id).send().await.unwrap();
    (id, found.automation_execution().unwrap().step_executions().to_vec())
}

fn well(step: &StepExecution) -> bool {
    step.step_status().is_some_and(|status| status.as_str() == "Success")
}

/// Whether the backup has been written.
fn backed_up(steps: &[StepExecution]) -> bool {
    steps.iter().any(|step| well(step) && step.outputs().is_some_and(|outputs| outputs.contains_key("BackupS3KeyName")))
}

/// The request ids, which a look-up does not have.
fn ids(outcome: &mut Outcome) -> Option<&mut Vec<Untrusted>> {
    match outcome {
        Outcome::Succeeded { request_ids, .. }
        | Outcome::Failed { request_ids, .. }
        | Outcome::Partly { request_ids, .. } => Some(request_ids),
        Outcome::Unknown { .. } => None,
    }
}

/// What is wrong with how a run ended that went no further than its steps say.
fn wrong(live: &Live, plan: &Plan, outcome: &Outcome) -> Option<String> {
    let (_, steps) = run(newest(&live.reader));
    // A console that died meanwhile finds the same.
    let mut found = match run(kind().check(&live.reader, plan, token())) {
        Found::Ended(found) => found,
        other => return Some(format!("a look-up finds {other:?}")),
    };
    if let (Some(theirs), Some(ours)) = (ids(&mut found), ids(&mut outcome.clone())) {
        theirs.clone_from(ours);
    }
    if found != *outcome {
        return Some(format!("a look-up finds another end: {found:?}"));
    }
    if steps.iter().all(well) {
        return (!matches!(outcome, Outcome::Succeeded { .. })).then(|| format!("all was done: {outcome:?}"));
    }
    let undo = kind().undo(plan, outcome);
    match (backed_up(&steps), outcome) {
        (false, Outcome::Failed { .. }) => undo.is_some().then(|| "an undo of nothing is offered".to_owned()),
        (true, Outcome::Partly { message, .. }) => {
            let message = raw(message);
            let at = steps.iter().find(|step| !well(step)).and_then(StepExecution::step_name).unwrap();
            let told = ["it ended", "may have changed a part", "what stood before is in s3://"];
            if let Some(missing) = told.iter().find(|words| !message.contains(**words)) {
                return Some(format!("{missing} is not said of {at}: {message}"));
            }
            let Some(undo) = undo else { return Some(format!("no undo after {at}")) };
            let restore = live.plan(kind(), &undo);
            match live.execute(kind(), &restore, 8) {
                Outcome::Succeeded { .. } => None,
                other => Some(format!("the undo after {at} ends so: {other:?}")),
            }
        }
        (true, other) => Some(format!("a part may stand, and it is called {other:?}")),
        (false, other) => Some(format!("nothing was changed, and it is called {other:?}")),
    }
}

/// The names of the steps, and how long all of them take.
fn well_done(request: &Request) -> (Vec<String>, i64) {
    let live = account("");
    let plan = live.plan(kind(), request);
    let began = live.now();
    assert!(matches!(live.execute(kind(), &plan, 7), Outcome::Succeeded { .. }));
    let (_, steps) = run(newest(&live.reader));
    assert!(backed_up(&steps), "{steps:?}");
    let names = steps.iter().map(|step| step.step_name().unwrap().to_owned()).collect();
    (names, (live.now() - began).get_seconds())
}

#[test]
fn a_containment_that_fails_at_any_step_tells_what_stands_and_is_undone() {
    let (mut points, mut all) = (0, Vec::new());
    for request in containments() {
        for step in well_done(&request).0 {
            let live = account(&format!("[[fault]]\noperation = \"step:{step}\"\nerror = \"denied\""));
            let plan = live.plan(kind(), &request);
            assert_eq!(kind().stands(&plan), Some(true));
            let outcome = live.execute(kind(), &plan, 7);
            points += 1;
            all.extend(wrong(&live, &plan, &outcome).map(|wrong| format!("{step}: {wrong}")));
        }
    }
    assert_eq!(all, [""; 0]);
    assert_eq!(points, 30);
}

/// Stops the newest execution once so much time has passed.
fn stopping(live: &Live, after: i64) -> Progress {
    let (clock, reader) = (live.clock(), Arc::new(live.again()));
    let at: Timestamp = live.now() + SignedDuration::from_secs(after);
    let wait = move |time: std::time::Duration| {
        let now = *clock.lock().unwrap();
        let then = now + SignedDuration::try_from(time).unwrap();
        if now <= at && at < then {
            *clock.lock().unwrap() = at;
            let reader = reader.clone();
            let stop = move || {
                run(async {
                    let (id, _) = newest(&reader).await;
                    // One that has ended by then is not stopped.
                    drop(reader.ssm().stop_automation_execution().automation_execution_id(id).send().await);
                });
            };
            std::thread::spawn(stop).join().unwrap();
        }
        *clock.lock().unwrap() = then;
    };
    Progress::waiting(wait, |_| {})
}

#[test]
fn a_containment_that_is_stopped_at_any_moment_tells_what_stands_and_is_undone() {
    let (mut points, mut halves, mut all) = (0, 0, Vec::new());
    for request in containments() {
        for after in (0..well_done(&request).1).step_by(2) {
            let live = account("");
            let plan = live.plan(kind(), &request);
            let outcome = live.execute_with(kind(), &plan, 7, &stopping(&live, after));
            points += 1;
            halves += usize::from(matches!(outcome, Outcome::Partly { .. }));
            all.extend(wrong(&live, &plan, &outcome).map(|wrong| format!("after {after} s: {wrong}")));
        }
    }
    assert_eq!(all, [""; 0]);
    assert!(points > 75 && halves > 25, "{points} moments, {halves} half-way");
}

/// What a run did to objects is not read: what stands on their bucket is shown, and nothing is called verified by it.
#[test]
fn of_objects_their_bucket_alone_is_read_back_and_that_is_said() {
    let live = account("");
    let mut request = containments().pop().unwrap();
    let Some(Value::Map(parameters)) = request.fields.get_mut("parameters") else { panic!() };
    parameters.insert("BucketKeyName".into(), own("builds/app.tar"));
    let plan = live.plan(kind(), &request);
    let said =
        plan.warnings.iter().any(|words| raw(words).starts_with("It is about objects, which quell reads neither"));
    assert!(said, "{:?}", plan.warnings);
    let (outcome, request_ids) = ("done".into(), Vec::new());
    let done = Outcome::Succeeded { outcome, request_ids, undo: None, facts: Vec::new() };
    let verified = run(kind().verify(&live.reader, &plan, &done));
    assert_eq!(verified.holds, None);
    let names: Vec<String> = verified.facts.iter().map(|fact| raw(&fact.name)).collect();
    assert_eq!(names, ["public access block", "bucket policy", "not verified"]);
}
