use super::*;

mod defaults;
mod roles;
use crate::action::allow;
use crate::action::testing::books;
use crate::aws::fake::{Answer, Asked, Fake, identity, run};
use crate::aws::{Bearer, ConnectOptions, ConnectionKind, StaticAccess};
use crate::runtime::Runtime;
use crate::simulator::{Scenario, Simulator};
use quell_core::runbook::{Origin, parse};
use serde_json::json;

fn allowed() -> crate::aws::Allow {
    let mut allow = allow();
    allow.read.extend(OPERATIONS);
    allow
}

fn looked(
    regions: &[&str],
    books: &[Runbook],
    script: impl Fn(&Asked) -> Answer + Send + Sync + 'static,
) -> (Preflight, Fake) {
    let fake = Fake::new(script);
    let options =
        ConnectOptions { regions: regions.iter().map(|r| (*r).to_owned()).collect(), ..ConnectOptions::default() };
    let connection = fake.connection(ConnectionKind::Real, options, allowed());
    let variables = BTreeMap::from([("role".to_owned(), "arn:aws:iam::111122223333:role/ir/Automation".into())]);
    (run(preflight(&connection, books, &variables, &Bearer::new(None, None))).unwrap(), fake)
}

fn xml(operation: &str, result: &str) -> Answer {
    Answer::ok(format!(
        "<{operation}Response xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><{operation}Result>{result}\
         </{operation}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></{operation}Response>"
    ))
}

fn refused(code: &str) -> Answer {
    let body = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>no</Message></Error>\
         <RequestId>r</RequestId></ErrorResponse>"
    );
    Answer::refused(if code == "NoSuchEntity" { 404 } else { 403 }, "", body)
}

fn caller(arn: &str) -> Answer {
    xml("GetCallerIdentity", &format!("<Arn>{arn}</Arn><UserId>U</UserId><Account>111122223333</Account>"))
}

/// Results for all actions that a request names, each as `decide` says: decision and more elements.
fn results(asked: &Asked, decide: impl Fn(&str) -> (&'static str, &'static str)) -> Answer {
    let names = form_urlencoded::parse(asked.body.as_bytes()).filter(|(key, _)| key.starts_with("ActionNames."));
    let one = |(_, name): (std::borrow::Cow<str>, std::borrow::Cow<str>)| {
        let (decision, more) = decide(&name);
        format!("<member><EvalActionName>{name}</EvalActionName><EvalDecision>{decision}</EvalDecision>{more}</member>")
    };
    let all: String = names.map(one).collect();
    xml(
        "SimulatePrincipalPolicy",
        &format!("<EvaluationResults>{all}</EvaluationResults><IsTruncated>false</IsTruncated>"),
    )
}

fn role(arn: &str) -> Answer {
    let name = arn.rsplit('/').next().unwrap();
    xml(
        "GetRole",
        &format!(
            "<Role><Path>/</Path><RoleName>{name}</RoleName><RoleId>AROAEXAMPLE</RoleId><Arn>{arn}</Arn>\
             <CreateDate>2024-01-01T00:00:00Z</CreateDate></Role>"
        ),
    )
}

fn site(account: Option<&str>) -> Site {
    Site { account: account.map(Untrusted::from), region: "eu-west-1".to_owned() }
}

/// The state of a permission of a kind, and why.
fn permission<'a>(found: &'a Preflight, kind: &str, region: &str, name: &str) -> (State, &'a str) {
    let kind = found.kinds.iter().find(|one| one.kind == kind && one.region == region).unwrap();
    let need = kind.needs.iter().find(|need| need.name == name).unwrap();
    (need.state, &need.why)
}

fn worst(found: &Preflight) -> State {
    found.needs().map(|need| need.state).max().unwrap()
}

#[test]
fn each_decision_is_told_for_what_it_is() {
    let (found, fake) = looked(&["eu-west-1"], &[], |asked| match asked.operation.as_str() {
        "GetCallerIdentity" => identity("111122223333"),
        _ => results(asked, |name| match name {
            "iam:PutUserPolicy" => (
                "explicitDeny",
                "<MatchedStatements><member><SourcePolicyId>p\u{202e}x</SourcePolicyId></member></MatchedStatements>",
            ),
            "iam:DeleteUserPolicy" => ("implicitDeny", ""),
            "iam:PutRolePolicy" => (
                "implicitDeny",
                "<OrganizationsDecisionDetail><AllowedByOrganizations>false</AllowedByOrganizations>\
                 </OrganizationsDecisionDetail>",
            ),
            "iam:DeleteRolePolicy" => (
                "implicitDeny",
                "<PermissionsBoundaryDecisionDetail><AllowedByPermissionsBoundary>false</AllowedByPermissionsBoundary>\
                 </PermissionsBoundaryDecisionDetail>",
            ),
            "iam:GetUser" => {
                ("explicitDeny", "<MissingContextValues><member>aws:SourceIp</member></MissingContextValues>")
            }
            "iam:GetRole" => ("allowed", "<MissingContextValues><member>aws:SourceIp</member></MissingContextValues>"),
            "ssm:StartAutomationExecution" => ("somethingNew", ""),
            _ => ("allowed", ""),
        }),
    });
    let said = |kind: &str, name: &str| permission(&found, kind, "eu-west-1", name);
    assert_eq!(said("iam-deny", "iam:PutUserPolicy"), (State::Missing, "denied by p\\u{202e}x"));
    assert_eq!(said("iam-deny", "iam:DeleteUserPolicy"), (State::Missing, "no policy allows it on all resources"));
    assert_eq!(said("iam-deny", "iam:PutRolePolicy"), (State::Missing, "the organization does not allow it"));
    let boundary = (State::Missing, "the permissions boundary does not allow it");
    assert_eq!(said("iam-deny", "iam:DeleteRolePolicy"), boundary);
    let depends = (State::NotKnown, "refused as long as aws:SourceIp is not known, which only the call itself has");
    assert_eq!(said("iam-deny", "iam:GetUser"), depends);
    assert_eq!(said("iam-deny", "iam:GetRole"), (State::Ok, "unless a condition on aws:SourceIp forbids it"));
    let strange = (State::NotKnown, "the simulation says somethingNew");
    assert_eq!(said("ssm-automation", "ssm:StartAutomationExecution"), strange);
    assert_eq!(said("ssm-automation", "iam:PassRole to ssm.amazonaws.com"), (State::Ok, ""));
    assert!(found.any(State::Missing) && found.any(State::NotKnown) && !found.any(State::Asked));
    // The kinds' permissions are more than two questions hold; and a role is given to two services.
    let simulated = ["SimulatePrincipalPolicy"; 5];
    assert_eq!(fake.operations(), [&["GetCallerIdentity"], simulated.as_slice()].concat());
}

#[test]
fn calls_are_simulated_in_the_region_that_they_go_to() {
    let (found, fake) = looked(&["eu-west-1", "eu-central-1"], &[], |asked| match asked.operation.as_str() {
        "GetCallerIdentity" => identity("111122223333"),
        _ if asked.body.contains("eu-central-1") => results(asked, |_| ("explicitDeny", "")),
        _ => results(asked, |_| ("allowed", "")),
    });
    let start = |region| permission(&found, "ssm-automation", region, "ssm:StartAutomationExecution");
    assert_eq!(start("eu-west-1"), (State::Ok, ""));
    assert_eq!(start("eu-central-1"), (State::Missing, "a policy denies it"));
    // IAM is one in all regions, and is signed for in one.
    assert_eq!(
        permission(&found, "ssm-automation", "eu-central-1", "iam:PassRole to ssm.amazonaws.com"),
        (State::Ok, "")
    );
    let bodies: Vec<String> = fake.asked().into_iter().skip(1).map(|asked| asked.body).collect();
    let of = |region: &str| bodies.iter().find(|body| body.contains(&format!("member.1={region}"))).unwrap();
    assert!(of("us-east-1").contains("iam%3AGetRole") && !of("us-east-1").contains("=ssm%3A"));
    let passing: Vec<&String> = bodies.iter().filter(|body| body.contains("iam%3APassRole")).collect();
    let passed = |body: &&String| ["ec2", "ssm"].map(|service| body.contains(&format!("={service}.amazonaws.com")));
    assert_eq!(passing.iter().map(passed).collect::<Vec<_>>(), [[true, false], [false, true]]);
    assert!(passing.iter().all(|body| body.contains("member.1=us-east-1") && !body.contains("iam%3AGetRole")));
    assert!(of("eu-west-1").contains("PolicySourceArn=arn%3Aaws%3Aiam%3A%3A111122223333%3Auser%2Fresponder"));
    assert!(of("eu-west-1").contains("2026-11-21T19%3A30%3A00Z"));
    let expected = (State::Missing, "no policy allows it on all resources");
    let (found, _) = looked(&["eu-west-1"], &[], |asked| match asked.operation.as_str() {
        "GetCallerIdentity" => identity("111122223333"),
        // A policy that lets roles be given to automations alone.
        _ if asked.body.contains("=ec2.amazonaws.com") => results(asked, |_| ("implicitDeny", "")),
        _ => results(asked, |_| ("allowed", "")),
    });
    let pass =
        |kind, service| permission(&found, kind, "eu-west-1", &format!("iam:PassRole to {service}.amazonaws.com"));
    assert_eq!(pass("ec2-instance-profile", "ec2"), expected);
    assert_eq!(pass("ssm-automation", "ssm"), (State::Ok, ""));
}

#[test]
fn a_session_is_simulated_as_its_role_with_its_path() {
    let arn = "arn:aws:iam::111122223333:role/ir/Responder";
    let session = "arn:aws:sts::111122223333:assumed-role/Responder/jo";
    let (found, fake) = looked(&["eu-west-1"], &[], move |asked| match asked.operation.as_str() {
        "GetCallerIdentity" => caller(session),
        "GetRole" => role(arn),
        _ => results(asked, |_| ("allowed", "")),
    });
    assert_eq!((found.caller.arn.as_str(), found.caller.source.as_deref()), (session, Some(arn)));
    assert!(fake.asked().last().unwrap().body.contains("role%2Fir%2FResponder"));
    assert_eq!(worst(&found), State::Ok);
}

#[test]
fn who_cant_be_simulated_is_not_guessed_at() {
    for (arn, why) in [
        ("arn:aws:iam::111122223333:root", "IAM does not simulate the root user: no policy of the account binds it"),
        (
            "arn:aws:sts::111122223333:federated-user/jo",
            "IAM does not simulate federated users: their session's own policy counts, too",
        ),
        (
            "arn:aws:sts::111122223333:assumed-role/Responder/jo",
            "the role behind the session can't be read, and its path belongs to its name: AccessDenied: no",
        ),
    ] {
        let (found, fake) = looked(&["eu-west-1"], &[], move |asked| match asked.operation.as_str() {
            "GetCallerIdentity" => caller(arn),
            _ => refused("AccessDenied"),
        });
        assert_eq!((found.caller.source.as_deref(), found.caller.why.as_str()), (None, why));
        let need = permission(&found, "iam-deny", "eu-west-1", "iam:PutUserPolicy");
        assert_eq!(need, (State::NotKnown, why));
        assert_eq!(worst(&found), State::NotKnown, "nothing counts as missing");
        assert!(!fake.operations().contains(&"SimulatePrincipalPolicy".to_owned()));
    }
}

#[test]
fn a_simulation_that_is_denied_leaves_everything_unknown() {
    let (found, _) = looked(&["eu-west-1"], &[], |asked| match asked.operation.as_str() {
        "GetCallerIdentity" => identity("111122223333"),
        _ => refused("AccessDenied"),
    });
    assert_eq!(worst(&found), State::NotKnown);
    assert_eq!(permission(&found, "iam-deny", "eu-west-1", "iam:PutUserPolicy"), (State::NotKnown, "AccessDenied: no"));
    let problem = found.problem.unwrap();
    assert_eq!((problem.exit_code(), problem.meaning.as_str()), (3, "the credentials lack a permission"));
}

fn book(blocks: &[&str]) -> Runbook {
    let steps: Vec<String> = blocks
        .iter()
        .map(|block| format!("1. Do it\n\n   ```action\n   title: It\n   {}\n   ```\n", block.replace('\n', "\n   ")))
        .collect();
    parse("own", format!("# Own\n\n{}", steps.join("\n")).as_bytes(), Origin::BuiltIn).unwrap().runbook
}

fn document(kind: &str) -> Answer {
    Answer::ok(
        json!({"Document": {
            "Name": "D", "Owner": "Amazon", "DocumentVersion": "1", "Status": "Active", "DocumentType": kind,
            "Parameters": [{"Name": "InstanceId", "Type": "String"},
                           {"Name": "BackupS3BucketName", "Type": "String", "DefaultValue": ""},
                           {"Name": "AutomationAssumeRole", "Type": "String", "DefaultValue": ""}],
        }})
        .to_string(),
    )
}

fn script(asked: &Asked) -> Answer {
    match asked.operation.as_str() {
        "GetCallerIdentity" => identity("111122223333"),
        "SimulatePrincipalPolicy" => results(asked, |_| ("allowed", "")),
        "GetRole" if asked.body.contains("Automation") => role("arn:aws:iam::111122223333:role/ir/Automation"),
        "GetRole" => refused("NoSuchEntity"),
        bucket if bucket.ends_with("gone-bucket?location") => {
            Answer::Whole(404, "", b"<Error><Code>NoSuchBucket</Code><Message>none</Message></Error>".to_vec())
        }
        bucket if bucket.ends_with("their-bucket?location") => {
            Answer::Whole(403, "", b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>".to_vec())
        }
        bucket if bucket.ends_with("?location") => {
            Answer::ok("<LocationConstraint>eu-west-1</LocationConstraint>".to_owned())
        }
        "DescribeDocument" if asked.body.contains("Gone") => {
            Answer::refused(400, "InvalidDocument", r#"{"message":"none"}"#)
        }
        "DescribeDocument" if asked.body.contains("Closed") => {
            Answer::refused(400, "AccessDeniedException", r#"{"message":"no"}"#)
        }
        "DescribeDocument" if asked.body.contains("Other") => document("Command"),
        "DescribeDocument" => document("Automation"),
        other => panic!("{other}"),
    }
}

/// The needs of a block, as name, state and why.
fn needs(block: &str) -> Vec<(String, State, String)> {
    let (found, _) = looked(&["eu-west-1"], &[book(&[block])], script);
    assert_eq!(found.blocks.len(), 1, "{block}");
    found.blocks[0].needs.iter().map(|need| (need.name.clone(), need.state, need.why.clone())).collect()
}

#[test]
fn a_block_is_held_against_its_document() {
    let instance = "\nparameters:\n  InstanceId: [\"{{ finding.resource.id }}\"]";
    let of = |name: &str, rest: &str| needs(&format!("kind: ssm-automation\ndocument: {name}{rest}"));
    let need = |name: &str, state, why: &str| (format!("document {name}"), state, why.to_owned());
    assert_eq!(of("There", instance), [need("There", State::Ok, "")]);
    assert_eq!(of("Gone", instance), [need("Gone", State::Missing, "it is not there")]);
    let solution = "documents ASR-... come with AWS's solution Automated Security Response, which this account does not \
         have in this Region";
    assert_eq!(of("ASR-Gone", instance), [need("ASR-Gone", State::ByHand, solution)]);
    assert_eq!(of("ASR-Closed", instance)[0].1, State::NotKnown);
    let closed = &of("Closed", instance)[0];
    assert_eq!((closed.1, closed.2.as_str()), (State::NotKnown, "AccessDeniedException: no"));
    assert_eq!(of("Other", instance), [need("Other", State::Missing, "D is no automation document, it is Command")]);
    assert_eq!(of("There", ""), [need("There", State::Missing, "D needs the parameter InstanceId")]);
    let more = format!("{instance}\n  Colour: [red]");
    assert_eq!(of("There", &more), [need("There", State::Missing, "D has no parameter Colour")]);
    let two = "\nparameters:\n  InstanceId: [\"{{ finding.resource.id }}\", i-1]";
    assert_eq!(of("There", two), [need("There", State::Missing, "InstanceId takes one value, 2 are given")]);
}

#[test]
fn the_role_of_an_automation_is_looked_up_and_what_has_no_value_is_asked_for() {
    let of = |role: &str| {
        let parameters = format!("InstanceId: [\"{{{{ var.instance }}}}\"]\n  AutomationAssumeRole: [\"{role}\"]");
        needs(&format!("kind: ssm-automation\ndocument: There\nparameters:\n  {parameters}"))
    };
    let asked = "the configuration has no value; the console asks for it";
    let there = |needs: &[(String, State, String)]| {
        assert_eq!(needs[0], ("var.instance".to_owned(), State::Asked, asked.to_owned()));
        assert_eq!(needs[1].1, State::Ok);
        needs.get(2).map(|need| (need.1, need.2.clone()))
    };
    assert_eq!(there(&of("{{ var.role }}")), Some((State::Ok, String::new())));
    let role = |rest: &str| there(&of(&format!("arn:aws:iam::{rest}")));
    assert_eq!(role("111122223333:role/Gone"), Some((State::Missing, "it is not there".to_owned())));
    let path = "the role of that name is arn:aws:iam::111122223333:role/ir/Automation".to_owned();
    assert_eq!(role("111122223333:role/Automation"), Some((State::Missing, path)));
    let other = "it is a role of account 444455556666, not of this one".to_owned();
    assert_eq!(role("444455556666:role/Automation"), Some((State::Missing, other)));
    let user = "it is not the ARN of a role".to_owned();
    assert_eq!(role("111122223333:user/Automation"), Some((State::Missing, user)));
    // The name alone is asked for, once.
    let needs = of("{{ var.nobody }}");
    let names: Vec<&str> = needs.iter().map(|need| need.0.as_str()).collect();
    assert_eq!(names, ["var.instance", "var.nobody", "document There"]);
}

#[test]
fn the_bucket_that_a_document_backs_up_to_is_looked_up() {
    let of = |bucket: &str| {
        let parameters = format!("InstanceId: [i-0abc12d34e5f67890]\n  BackupS3BucketName: [\"{bucket}\"]");
        let found = needs(&format!("kind: ssm-automation\ndocument: There\nparameters:\n  {parameters}"));
        found.into_iter().find(|need| need.0.starts_with("bucket "))
    };
    let need = |name: &str, state, why: &str| Some((format!("bucket {name}"), state, why.to_owned()));
    assert_eq!(of("ir-backup"), need("ir-backup", State::Ok, ""));
    assert_eq!(of("gone-bucket"), need("gone-bucket", State::Missing, "it is not there"));
    assert_eq!(of("their-bucket"), need("their-bucket", State::NotKnown, "AccessDenied: no"));
    assert_eq!(of("No_Bucket").map(|need| need.1), Some(State::Missing));
    // The default is the document's own, and what the console asks for is told as that.
    assert_eq!(of(""), None);
    assert_eq!(of("{{ var.backup }}"), None);
}

#[test]
fn kinds_fields_and_programs_that_are_not_there_are_missing() {
    let [need] = &needs("kind: shell")[..] else { panic!() };
    assert_eq!((need.0.as_str(), need.1), ("kind shell", State::Missing));
    assert!(need.2.starts_with("there is no such kind; there are ssm-automation, "), "{}", need.2);
    let field = |why: &str| vec![("fields".to_owned(), State::Missing, why.to_owned())];
    assert_eq!(needs("kind: ssm-automation"), field("ssm-automation needs the field document"));
    assert_eq!(needs("kind: guardduty-archive\ncolour: red"), field("guardduty-archive has no field colour"));
    assert_eq!(needs("kind: guardduty-archive"), []);
    let sh = ("program sh".to_owned(), State::Ok, String::new());
    assert_eq!(needs("kind: command\nargv: [sh, -c, \"true\"]"), [sh]);
    let gone = ("program no-such".to_owned(), State::Missing, "there is no program no-such".to_owned());
    assert_eq!(needs("kind: command\nargv: [no-such, \"{{ finding.id }}\"]"), [gone]);
}

/// Before a runbook's first step: what its blocks name, and the permissions of their kinds and of no other.
#[test]
fn a_runbook_is_looked_at_by_itself_in_the_regions_of_its_finding() {
    let arn = "arn:aws:iam::111122223333:user/alice";
    let fake = Fake::new(move |asked| match asked.operation.as_str() {
        "GetCallerIdentity" => caller(arn),
        "SimulatePrincipalPolicy" => results(asked, |name| match name {
            "iam:PutUserPolicy" => ("implicitDeny", ""),
            _ => ("allowed", ""),
        }),
        _ => refused("AccessDenied"),
    });
    let options = ConnectOptions { regions: vec!["us-east-1".to_owned()], ..ConnectOptions::default() };
    let connection = fake.connection(ConnectionKind::Real, options, allowed());
    let text = "# T\n\n## Contain\n\n1. Deny\n\n   ```action\n   kind: iam-deny\n   title: Deny\n   user: jo\n   ```\n";
    let book = parse("t", text.as_bytes(), Origin::BuiltIn).unwrap().runbook;
    let found = run(ready(&connection, &book, &[site(None)], &BTreeMap::new(), &Bearer::new(None, None))).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].kind.as_str(), found[0].region.as_str()), ("iam-deny", "eu-west-1"));
    let missing: Vec<&str> =
        found[0].needs.iter().filter(|need| need.state == State::Missing).map(|need| need.name.as_str()).collect();
    assert!(missing.contains(&"iam:PutUserPolicy"), "{missing:?}");
    let simulated: Vec<Asked> = fake.asked().into_iter().filter(|a| a.operation == "SimulatePrincipalPolicy").collect();
    assert!(!simulated.is_empty() && simulated.iter().all(|asked| !asked.body.contains("ssm%3A")), "{simulated:?}");
}

/// The simulated account has all that the built-in runbooks want of it.
#[test]
fn the_simulated_account_lacks_nothing() {
    for scenario in Scenario::names() {
        let now = "2026-11-21T10:00:00Z".parse().unwrap();
        let runtime = Runtime::new(move || now, |_| Ok(()));
        let simulator = Simulator::new(Scenario::named(scenario).unwrap(), 1, 1.0, runtime.clone());
        let access = simulator.access();
        let access = StaticAccess {
            account: access.account,
            region: access.region,
            partition: access.partition,
            access_key_id: access.access_key_id,
            secret: access.secret_access_key,
        };
        let connection = Connection::simulated(simulator.http_client(), &access, allowed(), runtime);
        let variables = simulator.variables().into_iter().map(|(k, v)| (k, v.into())).collect();
        let found = run(preflight(&connection, &books(), &variables, &Bearer::new(None, None))).unwrap();
        assert!(found.blocks.len() > 200, "{}", found.blocks.len());
        let bad: Vec<_> = found.blocks.iter().filter(|b| b.needs.iter().any(|n| n.state > State::Asked)).collect();
        assert!(bad.is_empty(), "{scenario}: {bad:#?}");
        assert!(!found.any(State::Missing) && !found.any(State::NotKnown), "{scenario}: {:#?}", found.kinds);
    }
}
