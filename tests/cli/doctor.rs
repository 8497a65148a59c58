//! `quell doctor --actions` on the simulated account over HTTP.

use super::account::Served;
use super::*;
use std::io::{Read, Write};
use std::net::TcpStream;

/// What a team of the simulated account has in its configuration.
const VARIABLES: &str = "[variables]\nbackup_bucket = \"lumen-production-ir-backup\"\n\
    backup_access = \"arn:aws:iam::111122223333:role/IncidentAutomation\"\n\
    automation_role = \"arn:aws:iam::111122223333:role/IncidentAutomation\"\n";

/// Puts a policy on the responder that denies an action.
fn deny(served: &Served, action: &str) {
    let at = served.value("AWS_ENDPOINT_URL").strip_prefix("http://").unwrap();
    let key = served.value("AWS_ACCESS_KEY_ID");
    let policy = format!(r#"{{"Statement":{{"Effect":"Deny","Action":"{action}","Resource":"*"}}}}"#);
    let policy: String = form_urlencoded::byte_serialize(policy.as_bytes()).collect();
    let body = format!(
        "Action=PutUserPolicy&Version=2010-05-08&UserName=quell-responder&PolicyName=narrow&PolicyDocument={policy}"
    );
    let mut stream = TcpStream::connect(at).unwrap();
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential={key}/20261121/eu-west-1/iam/aws4_request, SignedHeaders=host, \
         Signature=0\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

fn lines(run: &Run) -> Vec<serde_json::Value> {
    run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn where_nothing_is_missing_it_says_so() {
    let home = Home::new();
    let served = Served::start(&home);
    home.write(".config/quell/config.toml", VARIABLES);
    let run = home.run(&["doctor", "--actions"], &served.env());
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    assert!(run.out.lines().all(|line| line.chars().count() <= 80), "{}", run.out);
    assert!(!run.out.contains("MISSING") && !run.out.contains("not known"), "{}", run.out);
    let begins = "CALLER     arn:aws:iam::111122223333:user/quell-responder\n           account 111122223333, eu-west-1\n\n\
                  KINDS\n  ok       ssm-automation\n  ok       ssm-signal\n";
    assert!(run.out.starts_with(begins), "{}", run.out);
    assert!(run.out.contains("\nRUNBOOKS\naccess-analyzer\n"), "{}", run.out);
    let asked = "\nai-abuse\n  asked    var.role_name, var.user_name\n  ok       7 actions\n";
    assert!(run.out.contains(asked), "{}", run.out);
    assert!(run.out.contains("  ok       command (it calls nothing of AWS)\n"), "{}", run.out);
}

#[test]
fn what_a_policy_denies_is_missing_for_each_kind_that_needs_it() {
    let home = Home::new();
    let served = Served::start(&home);
    deny(&served, "iam:PutRole*");
    let run = home.run(&["doctor", "--actions"], &served.env());
    assert_eq!((run.code, run.err.as_str()), (1, ""), "{}", run.out);
    let reason = "           - iam:PutRolePolicy: denied by user_quell-responder_narrow\n";
    for kind in ["iam-deny", "iam-revoke-sessions"] {
        assert!(run.out.contains(&format!("  MISSING  {kind}\n{reason}")), "{}", run.out);
    }
    assert!(run.out.contains("  ok       iam-access-key\n"), "{}", run.out);
    // What the configuration does not give is asked for, and not missing.
    let asked = "  asked    var.automation_role, var.backup_access, var.backup_bucket";
    assert!(run.out.contains(asked), "{}", run.out);
}

#[test]
fn where_iam_does_not_simulate_nothing_counts_as_missing() {
    let home = Home::new();
    let served = Served::start(&home);
    deny(&served, "iam:SimulatePrincipalPolicy");
    let run = home.run(&["doctor", "--actions"], &served.env());
    assert_eq!(run.code, 3, "{}", run.out);
    assert!(run.err.contains("may not call iam:SimulatePrincipalPolicy"), "{}", run.err);
    assert!(run.out.contains("  ?        iam-deny\n"), "{}", run.out);
    assert!(run.out.contains("not known, ") && !run.out.contains("MISSING"), "{}", run.out);
    // Documents are read all the same.
    assert!(run.out.contains("crypto-mining\n"), "{}", run.out);
}

#[test]
fn a_document_that_is_not_there_is_missing_in_its_runbook() {
    let home = Home::new();
    let served = Served::start(&home);
    let block = "kind: ssm-automation\n   title: Contain it\n   document: Org-Contain\n   parameters:\n     Id: [\"{{ var.id }}\"]";
    home.write("books/own.md", &format!("# Own\n\n1. Contain it\n\n   ```action\n   {block}\n   ```\n"));
    let args = ["doctor", "--actions", "--runbooks", &home.path("books")];
    let run = home.run(&args, &served.env());
    assert_eq!((run.code, run.err.as_str()), (1, ""), "{}", run.out);
    let own = home.path("books/own.md");
    let words = "  MISSING  step 1, Contain it (ssm-automation)\n           - document Org-Contain: it is not there\n  \
                 asked    var.id\n";
    assert!(run.out.contains(words), "{}", run.out);
    assert!(run.out.contains("\nRUNBOOKS\nown "), "{}", run.out);
    let run = home.run(&[&args[..], &["--json"]].concat(), &served.env());
    let all = lines(&run);
    let about = |what: &str| all.iter().filter(|line| line["about"] == what).collect::<Vec<_>>();
    assert_eq!((run.code, about("caller").len(), all[0]["about"].as_str()), (1, 1, Some("caller")));
    assert_eq!(all[0]["account"], "111122223333");
    let kind = about("kind").into_iter().find(|line| line["kind"] == "iam-console-access").unwrap();
    let expected = serde_json::json!({"about": "kind", "kind": "iam-console-access", "account": "111122223333", "role": null, "region": "eu-west-1", "needs": [
        {"name": "iam:GetLoginProfile", "state": "ok", "why": ""},
        {"name": "iam:DeleteLoginProfile", "state": "ok", "why": ""},
    ]});
    assert_eq!(*kind, expected);
    let action = about("action").into_iter().find(|line| line["runbook"] == "own").unwrap();
    let asked = "the configuration has no value; the console asks for it";
    let expected = serde_json::json!([
        {"name": "var.id", "state": "asked", "why": asked},
        {"name": "document Org-Contain", "state": "missing", "why": "it is not there"},
    ]);
    assert_eq!((&action["needs"], action["file"].as_str()), (&expected, Some(own.as_str())));
    let built_in = about("action").into_iter().find(|line| line["runbook"] == "crypto-mining").unwrap();
    assert_eq!(built_in["file"], serde_json::Value::Null);
    assert_eq!((&action["number"], &action["kind"]), (&"1".into(), &"ssm-automation".into()));
}

/// A document of a solution that is not deployed is nothing that the account lacks.
#[test]
fn what_a_solution_would_bring_is_done_by_hand() {
    let home = Home::new();
    let served = Served::start(&home);
    let step = |name: &str| {
        let block = format!("kind: ssm-automation\n   title: Mend it\n   document: {name}");
        format!("1. Mend it by {name}\n\n   ```action\n   {block}\n   ```\n")
    };
    home.write("books/own.md", &format!("# Own\n\n{}{}", step("ASR-NotDeployed"), step("ASR-NorThis")));
    home.write(".config/quell/config.toml", VARIABLES);
    let run = home.run(&["doctor", "--actions", "--runbooks", &home.path("books")], &served.env());
    assert_eq!((run.code, run.err.as_str()), (0, ""), "{}", run.out);
    let words = "  by hand  2 actions: the solution that brings the document is not deployed\n";
    assert!(run.out.contains(words) && !run.out.contains("MISSING"), "{}", run.out);
}

#[test]
fn what_lacks_in_one_region_alone_names_it() {
    let home = Home::new();
    let served = Served::start(&home);
    home.write(".config/quell/config.toml", VARIABLES);
    let run = home.run(&["doctor", "--actions", "--region", "eu-west-1", "--region", "us-east-1"], &served.env());
    assert!(run.out.contains("account 111122223333, eu-west-1, us-east-1\n"), "{}", run.out);
    let words = "  MISSING  step 27, Close the interfaces one by one (ec2-isolate)\n           \
                 - security group quell-isolation: no VPC has it (us-east-1)\n";
    assert!(run.out.contains(words), "{}", run.out);
    // One for each of the eleven runbooks that close interfaces.
    assert_eq!((run.code, run.out.matches("MISSING").count()), (1, 11));
}

#[test]
fn it_must_be_said_what_is_looked_at_and_aws_must_be_there() {
    let home = Home::new();
    let run = home.run(&["doctor"], &[]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.err.contains("now: give --actions"), "{}", run.err);
    let run = home.run(&["doctor", "--actions", "--region", "eu-west-1"], &[("AWS_EC2_METADATA_DISABLED", "true")]);
    assert_eq!((run.code, run.out.as_str()), (3, ""));
    assert!(run.err.contains("no credentials were found"), "{}", run.err);
}

#[test]
fn roles_are_taken_on_account_by_account() {
    let home = Home::new();
    let served = Served::start(&home);
    let roles = "[roles]\n111122223333 = \"IncidentResponder\"\n444455556666 = \"ir/Responder\"\ndefault = \"Usual\"\n";
    home.write(".config/quell/config.toml", &format!("{VARIABLES}{roles}"));
    let run = home.run(&["--responder", "Jo", "doctor", "--actions"], &served.env());
    assert_eq!(run.code, 1, "{}{}", run.out, run.err);
    let said = "\nROLES\n  ok       arn:aws:iam::111122223333:role/IncidentResponder\n\
                \x20 MISSING  arn:aws:iam::444455556666:role/ir/Responder\n\
                \x20          - arn:aws:iam::111122223333:user/quell-responder may not call\n\
                \x20          sts:AssumeRole on arn:aws:iam::444455556666:role/ir/Responder\n\nKINDS\n";
    assert!(run.out.contains(said), "{}", run.out);
    let run = home.run(&["doctor", "--actions", "--json"], &served.env());
    let roles: Vec<_> = lines(&run).into_iter().filter(|line| line["about"] == "role").collect();
    assert_eq!(roles.len(), 2);
    assert_eq!((&roles[0]["state"], &roles[1]["state"]), (&"ok".into(), &"missing".into()));
}
