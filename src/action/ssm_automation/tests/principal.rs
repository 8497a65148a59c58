//! What quell reads of a user or a role before AWS's document and after it.

use super::*;
use crate::action::kind::Written;
use std::sync::{Arc, Mutex};

const IAM: &str = "AWSSupport-ContainIAMPrincipal";
const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const FACT: &str = "key AKIAIOSFODNN7EXAMPLE";
const OTHER: &str = "key AKIAI44QH8DHBEXAMPLE";
const ALL: &str = r#"{"Statement":{"Effect":"Deny","Action":"*","Resource":"*"}}"#;
const READS: &str = r#"{"Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}"#;

fn older(time: &str) -> String {
    format!(
        r#"{{"Statement":[{{"Effect":"Deny","Action":["*"],"Resource":["*"],"Condition":{{"DateLessThan":{{"aws:TokenIssueTime":"{time}"}}}}}}]}}"#
    )
}

/// The user `deploy`, or the role of that name: one key's status (the other is off), whether there is a password, and
/// its inline policies.
#[derive(Clone)]
pub(super) struct User(Arc<Mutex<Stands>>);

type Stands = (&'static str, bool, Vec<(&'static str, String)>);

impl User {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(("Active", true, vec![("reads", READS.to_owned())]))))
    }

    fn set(&self, key: &'static str, password: bool, policies: &[(&'static str, String)]) {
        *self.0.lock().unwrap() = (key, password, policies.to_vec());
    }

    pub(super) fn bench<const N: usize>(&self, answers: [(&str, Vec<Answer>); N]) -> Bench {
        let user = self.0.clone();
        Bench::beside(answers, move |asked| {
            let (key, password, policies) = user.lock().unwrap().clone();
            iam(asked, key, password, &policies)
        })
    }

    fn runs(&self) -> Bench {
        let names = ["PrincipalType", "PrincipalName", "Action", "DryRun"].map(|name| parameter(name, None));
        let more = ["BackupS3BucketName", "BackupS3KeyName", "ActivateDisabledKeys"];
        let declared: Vec<Json> = names.into_iter().chain(more.map(|name| parameter(name, Some("")))).collect();
        let body = json!({"Document": {
            "Name": IAM, "Owner": "Amazon", "DocumentType": "Automation", "Status": "Active", "Parameters": declared,
        }});
        self.bench([
            ("DescribeDocument", vec![ok(&body)]),
            ("StartAutomationExecution", vec![started()]),
            ("GetAutomationExecution", vec![succeeded()]),
        ])
    }
}

/// What IAM says of it. The path of a role is in its name.
fn iam(asked: &Asked, key: &str, password: bool, policies: &[(&str, String)]) -> Option<Answer> {
    let name = &asked.operation;
    if name.ends_with("?location") {
        return Some(Answer::ok("<LocationConstraint>eu-west-1</LocationConstraint>"));
    }
    let asked_for = |name: &str| asked.body.contains(&format!("PolicyName={name}"));
    let one = |id: &str, status: &str| {
        format!("<member><UserName>deploy</UserName><AccessKeyId>{id}</AccessKeyId><Status>{status}</Status></member>")
    };
    let key = one(KEY, key) + &one("AKIAI44QH8DHBEXAMPLE", "Inactive");
    let path = if asked.body.contains("RoleName=Org") { "/aws-reserved/sso.amazonaws.com/" } else { "/" };
    let body = match name.as_str() {
        "GetUser" => {
            "<User><UserName>deploy</UserName><PasswordLastUsed>2026-03-01T10:00:00Z</PasswordLastUsed></User>"
                .to_owned()
        }
        "GetRole" => format!(
            "<Role><Path>{path}</Path><RoleName>deploy</RoleName><RoleId>AROA</RoleId><Arn>arn</Arn>\
             <CreateDate>2026-01-01T00:00:00Z</CreateDate></Role>"
        ),
        "ListInstanceProfilesForRole" => "<InstanceProfiles/><IsTruncated>false</IsTruncated>".to_owned(),
        "ListAccessKeys" => format!("<AccessKeyMetadata>{key}</AccessKeyMetadata><IsTruncated>false</IsTruncated>"),
        "GetLoginProfile" if password => {
            "<LoginProfile><UserName>deploy</UserName><CreateDate>2026-01-01T00:00:00Z</CreateDate></LoginProfile>"
                .to_owned()
        }
        "GetLoginProfile" => {
            let gone = "<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>no</Message></Error></ErrorResponse>";
            return Some(Answer::Whole(404, "", gone.into()));
        }
        // One a page, as IAM may.
        "ListUserPolicies" | "ListRolePolicies" => {
            let at = if asked.body.contains("Marker=1") { 1 } else { 0 };
            let page = policies.get(at).map(|(name, _)| format!("<member>{name}</member>")).unwrap_or_default();
            let more =
                if policies.len() > at + 1 { "true</IsTruncated><Marker>1</Marker>" } else { "false</IsTruncated>" };
            format!("<PolicyNames>{page}</PolicyNames><IsTruncated>{more}")
        }
        "GetUserPolicy" | "GetRolePolicy" => {
            let (name, text) = policies.iter().find(|(name, _)| asked_for(name))?;
            let text = text.replace('"', "%22").replace('*', "%2A").replace(':', "%3A");
            format!(
                "<UserName>deploy</UserName><RoleName>deploy</RoleName><PolicyName>{name}</PolicyName><PolicyDocument>{text}</PolicyDocument>"
            )
        }
        _ => return None,
    };
    Some(Answer::ok(format!("<{name}Response><{name}Result>{body}</{name}Result></{name}Response>")))
}

fn ask(kind: &'static str, name: &'static str, more: &[(&'static str, &str)]) -> Request {
    let mut all = vec![("PrincipalType", kind), ("PrincipalName", name)];
    all.extend(more);
    given(IAM, &all.into_iter().map(|(name, value)| (name, own(value))).collect::<Vec<_>>())
}

const CONTAIN: [(&str, &str); 2] = [("Action", "Contain"), ("DryRun", "false")];

fn contain_user(bench: &Bench) -> Plan {
    bench.plan(&SsmAutomation, &ask("IAM user", "deploy", &CONTAIN)).unwrap()
}

/// The plan of the Restore of a run, with what more its parameters say.
fn restore(bench: &Bench, plan: &Plan, outcome: &Outcome, more: &[(&str, &str)]) -> Plan {
    let mut request = SsmAutomation.undo(plan, outcome).unwrap();
    let Some(Value::Map(parameters)) = request.fields.get_mut("parameters") else { panic!() };
    parameters.extend(more.iter().map(|(name, value)| ((*name).into(), own(value))));
    bench.plan(&SsmAutomation, &request).unwrap()
}

#[test]
fn a_user_stands_in_the_plan_with_keys_password_and_policies() {
    let user = User::new();
    let plan = contain_user(&user.runs());
    let told = |name: &str| fact(&plan.facts, name);
    assert_eq!(raw(&plan.confirm), "deploy");
    assert_eq!((told(FACT).as_deref(), told(OTHER).as_deref()), (Some("Active"), Some("Inactive")));
    assert_eq!(told("console password").as_deref(), Some("there since 2026-01-01T00:00:00Z"));
    assert_eq!(told("last use of the password").as_deref(), Some("2026-03-01T10:00:00Z"));
    // printf 'reads\0%s\0' "$READS" | sha256sum
    assert_eq!(
        told("inline policies").as_deref(),
        Some("reads; SHA-256 f8cd4b382b452624322a11e7e5a37999778bbb792528a9dfb016e24d97e52827")
    );
    assert!(raws(&plan.warnings).iter().all(|words| !words.starts_with("A policy denies everything")));
    user.set("Active", false, &[]);
    let bare = contain_user(&user.runs());
    assert_eq!(fact(&bare.facts, "console password").as_deref(), Some("none"));
    assert_eq!(fact(&bare.facts, "inline policies").as_deref(), Some("none"));
    user.set("Active", false, &[("reads", READS.to_owned()), ("stop", ALL.to_owned())]);
    let denied = contain_user(&user.runs());
    assert_eq!(fact(&denied.facts, "denied everything by stop").as_deref(), Some("always"));
    assert_eq!(
        raw(&denied.warnings[0]),
        "A policy denies everything already (stop: always): look who has put it there."
    );
}

#[test]
fn a_role_stands_in_the_plan_with_its_policies_and_one_of_aws_is_refused() {
    let user = User::new();
    let bench = user.runs();
    let plan = bench.plan(&SsmAutomation, &ask("IAM role", "deploy", &CONTAIN)).unwrap();
    assert_eq!(
        fact(&plan.facts, "last use of the role").as_deref(),
        Some("not in the last 400 days, or not yet known")
    );
    assert_eq!((fact(&plan.facts, FACT), fact(&plan.facts, "console password")), (None, None));
    let refused = bench.plan(&SsmAutomation, &ask("IAM role", "Org", &CONTAIN)).unwrap_err();
    assert_eq!(refused.what, "Org belongs to IAM Identity Center: IAM lets nobody edit it");
    // Whom IAM does not know is not read: the document asks Identity Center.
    let person = bench.plan(&SsmAutomation, &ask("Identity Center user", "deploy", &CONTAIN)).unwrap();
    assert_eq!(fact(&person.facts, "inline policies"), None);
}

#[test]
fn what_changed_since_the_plan_stops_it() {
    for (key, password, policies) in [
        ("Inactive", true, vec![("reads", READS)]),
        ("Active", false, vec![("reads", READS)]),
        ("Active", true, vec![]),
    ] {
        let user = User::new();
        let bench = user.runs();
        let plan = contain_user(&bench);
        let policies: Vec<(&str, String)> = policies.into_iter().map(|(name, text)| (name, text.to_owned())).collect();
        user.set(key, password, &policies);
        let Outcome::Failed { class, .. } = bench.execute(&SsmAutomation, &plan).0 else { panic!() };
        assert_eq!((class, bench.count("StartAutomationExecution")), (FailClass::Conflict, 0));
    }
}

#[test]
fn a_user_is_contained_who_has_no_way_in_and_is_denied_everything() {
    let reads = ("reads", READS.to_owned());
    let before = older("2026-11-21T09:00:00Z");
    let later = older("2026-11-21T10:00:00Z");
    let conditional = before.replace("DateLessThan", "DateGreaterThan");
    let cases = [
        ("Inactive", false, vec![reads.clone(), ("stop", later.clone())], Some(true)),
        ("Inactive", false, vec![("stop", ALL.to_owned())], Some(true)),
        ("Active", false, vec![("stop", ALL.to_owned())], Some(false)),
        ("Inactive", true, vec![("stop", ALL.to_owned())], Some(false)),
        // Nothing has come to the policies, or something that denies less.
        ("Inactive", false, vec![reads.clone(), ("old", before.clone())], Some(false)),
        ("Inactive", false, vec![reads.clone(), ("old", before.clone()), ("stop", READS.to_owned())], None),
        ("Inactive", false, vec![reads.clone(), ("stop", conditional)], None),
        ("Inactive", false, vec![reads.clone(), ("stop", ALL.replace("Deny", "Allow"))], None),
        ("Inactive", false, vec![reads.clone(), ("stop", ALL.replace(r#""Action":"*""#, r#""Action":"s3:*""#))], None),
    ];
    for (key, password, policies, holds) in cases {
        let user = User::new();
        // One that denied older sessions stood there before.
        user.set("Active", true, &[reads.clone(), ("old", before.clone())]);
        let bench = user.runs();
        let plan = contain_user(&bench);
        let (outcome, _) = bench.execute(&SsmAutomation, &plan);
        user.set(key, password, &policies);
        let verified = bench.verify(&SsmAutomation, &plan, &outcome);
        assert_eq!(verified.holds, holds, "{key} {password} {policies:?}");
        let why = holds.is_none().then_some("no inline policy is seen to deny everything: read them");
        assert_eq!(fact(&verified.facts, "not verified").as_deref(), why);
    }
}

#[test]
fn a_role_is_contained_that_is_denied_everything() {
    let user = User::new();
    let bench = user.runs();
    let plan = bench.plan(&SsmAutomation, &ask("IAM role", "deploy", &CONTAIN)).unwrap();
    let (outcome, _) = bench.execute(&SsmAutomation, &plan);
    assert_eq!(bench.verify(&SsmAutomation, &plan, &outcome).holds, Some(false));
    user.set("Active", true, &[("stop", older("2026-11-21T10:00:00Z"))]);
    let verified = bench.verify(&SsmAutomation, &plan, &outcome);
    assert_eq!(verified.holds, Some(true));
    assert_eq!(
        fact(&verified.facts, "denied everything by stop").as_deref(),
        Some("to sessions from before 2026-11-21T10:00:00Z")
    );
    let person = bench.plan(&SsmAutomation, &ask("Identity Center user", "deploy", &CONTAIN)).unwrap();
    assert_eq!(bench.verify(&SsmAutomation, &person, &outcome).holds, None);
}

#[test]
fn a_restore_is_read_back_and_what_it_leaves_off_is_told() {
    let reads = ("reads", READS.to_owned());
    let user = User::new();
    let bench = user.runs();
    let plan = contain_user(&bench);
    let (outcome, _) = bench.execute(&SsmAutomation, &plan);
    user.set("Inactive", false, &[reads.clone(), ("stop", ALL.to_owned())]);
    let undo = restore(&bench, &plan, &outcome, &[]);
    let told = |name: &str| fact(&undo.facts, &format!("before the containment, {name}"));
    assert_eq!((told(FACT).as_deref(), told(OTHER).as_deref()), (Some("Active"), Some("Inactive")));
    assert_eq!(fact(&undo.facts, FACT).as_deref(), Some("Inactive"));
    // The deny policy stands still, then it is gone.
    assert_eq!(bench.verify(&SsmAutomation, &undo, &outcome).holds, Some(false));
    user.set("Inactive", false, std::slice::from_ref(&reads));
    let verified = bench.verify(&SsmAutomation, &undo, &outcome);
    assert_eq!(verified.holds, Some(true));
    assert_eq!(
        fact(&verified.facts, "not back: key AKIAIOSFODNN7EXAMPLE").as_deref(),
        Some("it was Active; iam-access-key with status Active switches it on again")
    );
    assert_eq!(
        fact(&verified.facts, "not back: console password").as_deref(),
        Some("it was there since 2026-01-01T00:00:00Z; the user needs a new one")
    );
    assert_eq!(fact(&verified.facts, "not back: key AKIAI44QH8DHBEXAMPLE"), None);
    // Told to switch the keys on, it has to.
    let switched = restore(&bench, &plan, &outcome, &[("ActivateDisabledKeys", "true")]);
    assert_eq!(bench.verify(&SsmAutomation, &switched, &outcome).holds, Some(false));
    user.set("Active", false, &[reads]);
    assert_eq!(bench.verify(&SsmAutomation, &switched, &outcome).holds, Some(true));
}

#[test]
fn a_run_writes_the_policies_and_those_keys_that_it_switches() {
    let user = User::new();
    let bench = user.runs();
    let plan = contain_user(&bench);
    let (outcome, _) = bench.execute(&SsmAutomation, &plan);
    let writes = |plan: &Plan| -> Vec<(&'static str, String)> {
        let all = SsmAutomation.writes(plan);
        all.into_iter().map(|Written { what, resource, .. }| (what, raw(&resource).to_owned())).collect()
    };
    let policies = || ("iam-principal", "deploy".to_owned());
    let key = || ("iam-access-key", KEY.to_owned());
    assert_eq!(writes(&plan), [policies(), key()]);
    // One that did not come so far, or was switched on since: it is as it was before.
    assert_eq!(writes(&restore(&bench, &plan, &outcome, &[])), [policies(), key()]);
    user.set("Inactive", false, &[]);
    assert_eq!(writes(&restore(&bench, &plan, &outcome, &[])), [policies()]);
    assert_eq!(writes(&restore(&bench, &plan, &outcome, &[("ActivateDisabledKeys", "true")])), [policies(), key()]);
}
