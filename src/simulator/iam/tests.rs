//! The IAM operations, on the pure core.

use crate::simulator::testing::{Bench, between};
use serde_json::json;

const KEY: &str = "AKIAQ7LXN4WKY5RGT2FB";

fn ok(bench: &mut Bench, body: &str) -> String {
    let (status, xml) = bench.form("iam", &format!("{body}&Version=2010-05-08"));
    assert_eq!(status, 200, "{xml}");
    xml
}

fn refused(bench: &mut Bench, body: &str) -> (u16, String, String) {
    let (status, xml) = bench.form("iam", &format!("{body}&Version=2010-05-08"));
    assert!(xml.contains("<Type>Sender</Type>"), "{xml}");
    (status, between(&xml, "<Code>", "</Code>").to_owned(), between(&xml, "<Message>", "</Message>").to_owned())
}

#[test]
fn keys_are_listed_switched_off_and_on() {
    let mut bench = Bench::new("crypto-mining");
    let xml = ok(&mut bench, "Action=ListAccessKeys&UserName=ci-publisher");
    assert!(xml.starts_with("<ListAccessKeysResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\">"), "{xml}");
    assert_eq!(between(&xml, "<AccessKeyId>", "<"), KEY);
    assert_eq!(between(&xml, "<Status>", "<"), "Active");
    assert_eq!(between(&xml, "<CreateDate>", "<"), "2025-11-03T10:20:00Z");
    assert_eq!(between(&xml, "<IsTruncated>", "<"), "false");
    let off = format!("Action=UpdateAccessKey&UserName=ci-publisher&AccessKeyId={KEY}&Status=");
    let xml = ok(&mut bench, &format!("{off}Inactive"));
    assert!(!xml.contains("Result"), "{xml}");
    bench.wait(600);
    let xml = ok(&mut bench, "Action=ListAccessKeys&UserName=ci-publisher");
    assert_eq!(between(&xml, "<Status>", "<"), "Inactive");
    ok(&mut bench, &format!("{off}Active"));
    let (status, code, message) = refused(&mut bench, &format!("{off}Off"));
    assert_eq!((status, code.as_str()), (400, "ValidationError"));
    assert!(message.contains("Value 'Off' at 'status'"), "{message}");
}

#[test]
fn without_a_name_the_caller_is_meant() {
    let mut bench = Bench::new("crypto-mining");
    let xml = ok(&mut bench, "Action=ListAccessKeys");
    assert_eq!(between(&xml, "<AccessKeyId>", "<"), "AKIAQ7LXN4WKSIM2RESP");
    // Switching off one's own key locks one out.
    ok(&mut bench, "Action=UpdateAccessKey&AccessKeyId=AKIAQ7LXN4WKSIM2RESP&Status=Inactive");
    let (status, code, _) = refused(&mut bench, "Action=ListAccessKeys");
    assert_eq!((status, code.as_str()), (403, "InvalidClientTokenId"));
}

#[test]
fn lists_are_paged() {
    let mut bench = Bench::new("stolen-keys");
    let xml = ok(&mut bench, "Action=ListAccessKeys&UserName=deploy-bot&MaxItems=1");
    assert_eq!(between(&xml, "<AccessKeyId>", "<"), "AKIAR2VDK7MPT4QXE5WL");
    assert_eq!(between(&xml, "<IsTruncated>", "<"), "true");
    let marker = between(&xml, "<Marker>", "<").to_owned();
    let xml = ok(&mut bench, &format!("Action=ListAccessKeys&UserName=deploy-bot&MaxItems=1&Marker={marker}"));
    assert_eq!(between(&xml, "<AccessKeyId>", "<"), "AKIAR2VDK7MPH6BZN3YC");
    assert_eq!(between(&xml, "<IsTruncated>", "<"), "false");
    assert_eq!(refused(&mut bench, "Action=ListAccessKeys&UserName=deploy-bot&Marker=stale").1, "ValidationError");
    assert_eq!(refused(&mut bench, "Action=ListAccessKeys&UserName=deploy-bot&MaxItems=0").1, "ValidationError");
}

#[test]
fn a_key_says_when_it_was_used() {
    let mut bench = Bench::new("crypto-mining");
    let xml = ok(&mut bench, &format!("Action=GetAccessKeyLastUsed&AccessKeyId={KEY}"));
    assert_eq!(between(&xml, "<UserName>", "<"), "ci-publisher");
    assert_eq!(between(&xml, "<LastUsedDate>", "<"), "2026-11-21T09:34:00Z");
    assert_eq!(between(&xml, "<ServiceName>", "<"), "ecr");
    let xml = ok(&mut bench, "Action=GetAccessKeyLastUsed&AccessKeyId=AKIAQ7LXN4WKSIM2RESP");
    assert!(!xml.contains("LastUsedDate") && xml.contains("<Region>N/A</Region>"), "{xml}");
}

#[test]
fn an_attacker_s_use_of_a_key_is_its_last_use() {
    let mut bench = Bench::new("stolen-keys");
    bench.wait(1800);
    let xml = ok(&mut bench, "Action=GetAccessKeyLastUsed&AccessKeyId=AKIAR2VDK7MPH6BZN3YC");
    assert!(between(&xml, "<LastUsedDate>", "<") > "2026-11-21T10:00:00Z", "{xml}");
}

#[test]
fn policies_are_put_read_and_deleted() {
    let mut bench = Bench::new("crypto-mining");
    let policy = "%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%20%5B%5D%7D";
    let name = "UserName=ci-publisher&PolicyName=quell-deny";
    ok(&mut bench, &format!("Action=PutUserPolicy&{name}&PolicyDocument={policy}"));
    let xml = ok(&mut bench, &format!("Action=GetUserPolicy&{name}"));
    assert_eq!(between(&xml, "<PolicyDocument>", "<"), policy);
    ok(&mut bench, &format!("Action=DeleteUserPolicy&{name}"));
    let missing = (404, "NoSuchEntity".to_owned(), "The user policy with name quell-deny cannot be found.".to_owned());
    assert_eq!(refused(&mut bench, &format!("Action=GetUserPolicy&{name}")), missing);
    assert_eq!(refused(&mut bench, &format!("Action=DeleteUserPolicy&{name}")), missing);
    let broken = refused(&mut bench, &format!("Action=PutUserPolicy&{name}&PolicyDocument=nonsense"));
    assert_eq!((broken.0, broken.1.as_str()), (400, "MalformedPolicyDocument"));
}

#[test]
fn names_and_ids_keep_the_rules_of_the_model() {
    let mut bench = Bench::new("crypto-mining");
    for body in [
        "Action=ListAccessKeys&UserName=a%20b",
        "Action=GetAccessKeyLastUsed&AccessKeyId=AKI",
        "Action=GetUserPolicy&UserName=ci-publisher&PolicyName=a%20b",
    ] {
        assert_eq!(refused(&mut bench, body).1, "ValidationError", "{body}");
    }
    let (status, code, _) = refused(&mut bench, "Action=GetAccessKeyLastUsed&AccessKeyId=AKIAZZZZZZZZZZZZZZZZ");
    assert_eq!((status, code.as_str()), (403, "AccessDenied"), "the model has no other error for it");
}

#[test]
fn policies_of_a_user_have_2048_characters_in_all() {
    let mut bench = Bench::new("crypto-mining");
    let mut put = |name: &str, filling: usize| {
        let text = format!("{{\"Version\":\"2012-10-17\",\"Id\":\"{}\",\"Statement\":[]}}", "x".repeat(filling));
        let text: String = form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let body = format!("Action=PutUserPolicy&UserName=ci-publisher&PolicyName={name}&PolicyDocument={text}");
        let (status, xml) = bench.form("iam", &format!("{body}&Version=2010-05-08"));
        if status == 200 { "ok".to_owned() } else { between(&xml, "<Code>", "<").to_owned() }
    };
    // The document around the filling has 47 characters.
    assert_eq!(put("one", 1953), "ok");
    assert_eq!(put("two", 2), "LimitExceeded");
    assert_eq!(put("two", 1), "ok");
    assert_eq!(put("one", 1954), "LimitExceeded");
    assert_eq!(put("one", 3), "ok", "the one that is written over does not count");
    let body = "Action=PutUserPolicy&UserName=ci-publisher&PolicyName=three&PolicyDocument=\
                %7B%22Statement%22%3A%7B%22Effect%22%3A%22Perhaps%22%7D%7D";
    assert_eq!(refused(&mut bench, body).1, "MalformedPolicyDocument");
}

#[test]
fn what_is_not_there_is_not_found() {
    let mut bench = Bench::new("crypto-mining");
    let (status, code, message) = refused(&mut bench, "Action=ListAccessKeys&UserName=nobody");
    assert_eq!(
        (status, code.as_str(), message.as_str()),
        (404, "NoSuchEntity", "The user with name nobody cannot be found.")
    );
    let (_, code, message) = refused(
        &mut bench,
        "Action=UpdateAccessKey&UserName=ci-publisher&AccessKeyId=AKIAZZZZZZZZZZZZZZZZ&Status=Inactive",
    );
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("NoSuchEntity", "The Access Key with id AKIAZZZZZZZZZZZZZZZZ cannot be found.")
    );
    let (status, code, _) = refused(&mut bench, "Action=UpdateAccessKey&AccessKeyId=AKIAZZZZZZZZZZZZZZZZ");
    assert_eq!((status, code.as_str()), (400, "ValidationError"), "Status is missing");
    assert_eq!(refused(&mut bench, "Action=DeleteUser&UserName=ci-publisher").1, "InvalidAction");
}

#[test]
fn a_refusal_names_the_user_and_a_fault_is_throttling() {
    let mut bench = Bench::with("crypto-mining", "denied = [\"iam:UpdateAccessKey\"]");
    let (status, code, message) =
        refused(&mut bench, &format!("Action=UpdateAccessKey&UserName=ci-publisher&AccessKeyId={KEY}&Status=Inactive"));
    assert_eq!((status, code.as_str()), (403, "AccessDenied"));
    assert!(
        message.contains("iam:UpdateAccessKey on resource: arn:aws:iam::111122223333:user/ci-publisher"),
        "{message}"
    );
    let mut bench =
        Bench::with("crypto-mining", "[[fault]]\noperation = \"iam:ListAccessKeys\"\nerror = \"throttled\"");
    let (status, code, message) = refused(&mut bench, "Action=ListAccessKeys");
    assert_eq!((status, code.as_str(), message.as_str()), (400, "Throttling", "Rate exceeded"));
    ok(&mut bench, "Action=ListAccessKeys");
}

#[test]
fn a_key_that_is_off_makes_no_more_findings() {
    let mut bench = Bench::new("stolen-keys");
    for key in ["AKIAR2VDK7MPT4QXE5WL", "AKIAR2VDK7MPH6BZN3YC"] {
        ok(&mut bench, &format!("Action=UpdateAccessKey&UserName=deploy-bot&AccessKeyId={key}&Status=Inactive"));
    }
    let criteria = json!({ "findingCriteria": { "criterion": {
        "resource.accessKeyDetails.accessKeyId": { "equals": ["AKIAR2VDK7MPT4QXE5WL", "AKIAR2VDK7MPH6BZN3YC"] },
        "updatedAt": { "greaterThan": 1_795_255_200_000_u64 },
    } } });
    bench.wait(3600);
    let path = format!("/detector/{}/findings", bench.world.scenario.detector);
    let answer = bench.json("guardduty", "POST", &path, &criteria.to_string());
    assert_eq!(answer["findingIds"], json!([]));
}

const DENY: &str = "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Deny%22%2C%22Action%22%3A%22*%22%2C%22Resource%22%3A%22*%22\
                    %7D%7D";

#[test]
fn a_role_says_what_it_is_and_who_has_it() {
    let mut bench = Bench::new("crypto-mining");
    let xml = ok(&mut bench, "Action=GetRole&RoleName=build-runner");
    assert_eq!(between(&xml, "<RoleId>", "<"), "AROAQ7LXN4WKN5SY4GKTC");
    assert_eq!(between(&xml, "<Arn>", "<"), "arn:aws:iam::111122223333:role/build-runner");
    assert!(between(&xml, "<AssumeRolePolicyDocument>", "<").contains("%22Service%22%3A%22ec2.amazonaws.com%22"));
    let xml = ok(&mut bench, "Action=ListInstanceProfilesForRole&RoleName=build-runner");
    assert_eq!(between(&xml, "<InstanceProfileName>", "<"), "build-runner");
    assert!(between(&xml, "<InstanceProfileId>", "<").starts_with("AIPA"));
    let xml = ok(&mut bench, "Action=GetInstanceProfile&InstanceProfileName=build-runner");
    assert_eq!(between(&xml, "<RoleName>", "<"), "build-runner");
    let arn = "arn:aws:iam::111122223333:instance-profile/build-runner";
    assert_eq!(between(&xml, "<Arn>", "<"), arn);
    let (status, code, message) = refused(&mut bench, "Action=GetInstanceProfile&InstanceProfileName=nobody");
    let expected = (404, "NoSuchEntity", "Instance Profile nobody cannot be found.");
    assert_eq!((status, code.as_str(), message.as_str()), expected);
    let (status, code, message) = refused(&mut bench, "Action=GetRole&RoleName=nobody");
    let expected = (404, "NoSuchEntity", "The role with name nobody cannot be found.");
    assert_eq!((status, code.as_str(), message.as_str()), expected);
}

#[test]
fn a_role_of_identity_center_takes_no_change() {
    let mut bench = Bench::new("stolen-keys");
    let name = "RoleName=AWSReservedSSO_Operations_5d1c8e0f2a7b94c3&PolicyName=p";
    let (status, code, message) = refused(&mut bench, &format!("Action=PutRolePolicy&{name}&PolicyDocument={DENY}"));
    assert_eq!((status, code.as_str()), (400, "UnmodifiableEntity"));
    assert!(message.ends_with("this role is only modifiable by AWS"), "{message}");
    assert_eq!(refused(&mut bench, &format!("Action=DeleteRolePolicy&{name}")).1, "UnmodifiableEntity");
    assert_eq!(refused(&mut bench, &format!("Action=GetRolePolicy&{name}")).1, "NoSuchEntity");
}

#[test]
fn what_is_denied_by_an_inline_policy_is_refused_and_passes_again_without_it() {
    let mut bench = Bench::new("crypto-mining");
    let own = bench.key.clone();
    bench.key = KEY.to_owned();
    ok(&mut bench, "Action=ListAccessKeys");
    ok(&mut bench, &format!("Action=PutUserPolicy&UserName=ci-publisher&PolicyName=p&PolicyDocument={DENY}"));
    let (status, code, message) = refused(&mut bench, "Action=ListAccessKeys");
    assert_eq!((status, code.as_str()), (403, "AccessDenied"));
    assert!(message.ends_with("with an explicit deny in an identity-based policy"), "{message}");
    bench.key = own;
    ok(&mut bench, "Action=DeleteUserPolicy&UserName=ci-publisher&PolicyName=p");
    bench.key = KEY.to_owned();
    ok(&mut bench, "Action=ListAccessKeys");
}

/// The responder's role, taken on before and after its older sessions were revoked.
#[test]
fn older_sessions_are_denied_and_new_ones_are_not() {
    let mut bench = Bench::new("crypto-mining");
    let own = bench.key.clone();
    let role = bench.world.scenario.responder.role.clone();
    let take_on = |bench: &mut Bench| {
        let arn = format!("arn:aws:iam::111122223333:role/{role}");
        let (_, xml) = bench.form("sts", &format!("Action=AssumeRole&RoleArn={arn}&RoleSessionName=first"));
        let (key, token) = (between(&xml, "<AccessKeyId>", "<"), between(&xml, "<SessionToken>", "<"));
        (key.to_owned(), token.to_owned())
    };
    let session = |bench: &mut Bench, (key, token): &(String, String)| {
        (bench.key, bench.token) = (key.clone(), Some(token.clone()));
        let answer = bench.form("iam", "Action=ListAccessKeys&UserName=ci-publisher&Version=2010-05-08");
        (bench.key, bench.token) = (own.clone(), None);
        answer.0
    };
    let first = take_on(&mut bench);
    assert_eq!(session(&mut bench, &first), 200);
    let before = "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Deny%22%2C%22Action%22%3A%22*%22%2C%22Resource%22%3A%22*%22\
                  %2C%22Condition%22%3A%7B%22DateLessThan%22%3A%7B%22aws%3ATokenIssueTime%22%3A\
                  %222026-11-21T10%3A00%3A30Z%22%7D%7D%7D%7D";
    ok(&mut bench, &format!("Action=PutRolePolicy&RoleName={role}&PolicyName=p&PolicyDocument={before}"));
    assert_eq!(session(&mut bench, &first), 403);
    bench.wait(60);
    let second = take_on(&mut bench);
    assert_eq!(session(&mut bench, &second), 200);
    let xml = ok(&mut bench, &format!("Action=GetRole&RoleName={role}"));
    assert_eq!(between(&xml, "<LastUsedDate>", "<"), "2026-11-21T10:01:00Z");
}

#[test]
fn a_console_password_is_there_and_taken_away_once() {
    let mut bench = Bench::new("crypto-mining");
    let xml = ok(&mut bench, "Action=GetLoginProfile&UserName=ci-publisher");
    assert_eq!(between(&xml, "<UserName>", "<"), "ci-publisher");
    ok(&mut bench, "Action=DeleteLoginProfile&UserName=ci-publisher");
    let gone = (404, "NoSuchEntity".to_owned(), "Login Profile for User ci-publisher cannot be found.".to_owned());
    assert_eq!(refused(&mut bench, "Action=GetLoginProfile&UserName=ci-publisher"), gone);
    assert_eq!(refused(&mut bench, "Action=DeleteLoginProfile&UserName=ci-publisher"), gone);
    let xml = ok(&mut bench, "Action=GetUser");
    assert_eq!(between(&xml, "<UserName>", "<"), "quell-responder");
    assert_eq!(refused(&mut bench, "Action=GetUser&UserName=nobody").1, "NoSuchEntity");
}

/// `Action=SimulatePrincipalPolicy` for a source and actions, with more members.
fn simulate(source: &str, actions: &[&str], more: &str) -> String {
    let actions: String =
        actions.iter().enumerate().map(|(n, a)| format!("&ActionNames.member.{}={a}", n + 1)).collect();
    format!("Action=SimulatePrincipalPolicy&PolicySourceArn=arn:aws:iam::111122223333:{source}{actions}{more}")
}

fn decisions(xml: &str) -> Vec<&str> {
    xml.split("<EvalDecision>").skip(1).map(|rest| rest.split('<').next().unwrap()).collect()
}

#[test]
fn a_simulation_decides_as_the_call_would() {
    let mut bench = Bench::with("crypto-mining", "denied = [\"ssm:Start*\"]\n");
    let user = "user/ci-publisher";
    let all = ["iam:ListAccessKeys", "ssm:StartAutomationExecution", "s3:GetObject"];
    let xml = ok(&mut bench, &simulate(user, &all, ""));
    assert_eq!(decisions(&xml), ["allowed", "implicitDeny", "allowed"]);
    ok(&mut bench, &format!("Action=PutUserPolicy&UserName=ci-publisher&PolicyName=p&PolicyDocument={DENY}"));
    let xml = ok(&mut bench, &simulate(user, &all[..1], ""));
    assert_eq!(decisions(&xml), ["explicitDeny"]);
    assert_eq!(between(&xml, "<SourcePolicyId>", "<"), "user_ci-publisher_p");
    bench.key = KEY.to_owned();
    assert_eq!(refused(&mut bench, "Action=ListAccessKeys").1, "AccessDenied");
}

#[test]
fn a_simulation_names_the_conditions_that_it_could_not_judge() {
    let mut bench = Bench::new("crypto-mining");
    let role = bench.world.scenario.responder.role.clone();
    let before = "%7B%22Statement%22%3A%7B%22Effect%22%3A%22Deny%22%2C%22Action%22%3A%22*%22%2C%22Resource%22%3A%22*%22\
                  %2C%22Condition%22%3A%7B%22DateLessThan%22%3A%7B%22aws%3ATokenIssueTime%22%3A\
                  %222026-11-21T10%3A00%3A30Z%22%7D%7D%7D%7D";
    ok(&mut bench, &format!("Action=PutRolePolicy&RoleName={role}&PolicyName=p&PolicyDocument={before}"));
    let xml = ok(&mut bench, &simulate(&format!("role/{role}"), &["iam:GetUser"], ""));
    assert_eq!(decisions(&xml), ["allowed"]);
    assert_eq!(between(&xml, "<MissingContextValues><member>", "<"), "aws:TokenIssueTime");
    let with = |time: &str| {
        let entry =
            "&ContextEntries.member.1.ContextKeyName=aws:TokenIssueTime&ContextEntries.member.1.ContextKeyType=date";
        format!("{entry}&ContextEntries.member.1.ContextKeyValues.member.1={time}")
    };
    for (time, decision) in [("2026-11-21T10:00:29Z", "explicitDeny"), ("2026-11-21T10:00:30Z", "allowed")] {
        let xml = ok(&mut bench, &simulate(&format!("role/{role}"), &["iam:GetUser"], &with(time)));
        assert_eq!(decisions(&xml), [decision]);
        assert!(xml.contains("<MissingContextValues></MissingContextValues>"), "{xml}");
    }
}

#[test]
fn a_simulation_takes_resources_policies_and_a_boundary() {
    let mut bench = Bench::new("crypto-mining");
    let user = "user/ci-publisher";
    let policy = |effect: &str, action: &str, on: &str| {
        let text =
            format!("{{\"Statement\":{{\"Effect\":\"{effect}\",\"Action\":\"{action}\",\"Resource\":\"{on}\"}}}}");
        form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>()
    };
    let on = "&ResourceArns.member.1=arn:aws:s3:::a&ResourceArns.member.2=arn:aws:s3:::b";
    let extra = format!("{on}&PolicyInputList.member.1={}", policy("Deny", "s3:*", "arn:aws:s3:::b"));
    let xml = ok(&mut bench, &simulate(user, &["s3:GetObject"], &extra));
    assert_eq!(decisions(&xml), ["explicitDeny"], "the strictest of all resources");
    let each: Vec<&str> =
        xml.split("<EvalResourceDecision>").skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
    assert_eq!(each, ["allowed", "explicitDeny"]);
    let boundary = policy("Allow", "s3:*", "*");
    let extra = format!("&PermissionsBoundaryPolicyInputList.member.1={boundary}");
    let xml = ok(&mut bench, &simulate(user, &["s3:GetObject", "iam:GetUser"], &extra));
    assert_eq!(decisions(&xml), ["allowed", "implicitDeny"]);
    assert!(xml.contains("<AllowedByPermissionsBoundary>false<"), "{xml}");
    assert_eq!(refused(&mut bench, &simulate(user, &["s3:GetObject"], "&CallerArn=arn")).1, "InvalidInput");
}

#[test]
fn a_simulation_needs_a_user_or_a_role_and_names_of_actions() {
    let mut bench = Bench::new("stolen-keys");
    for (source, actions, status, code) in [
        ("user/nobody", &["s3:GetObject"][..], 404, "NoSuchEntity"),
        ("role/nobody", &["s3:GetObject"], 404, "NoSuchEntity"),
        // The path belongs to the name.
        ("role/AWSReservedSSO_Operations_5d1c8e0f2a7b94c3", &["s3:GetObject"], 404, "NoSuchEntity"),
        ("root", &["s3:GetObject"], 400, "InvalidInput"),
        ("user/deploy-bot", &["s3"], 400, "ValidationError"),
        ("user/deploy-bot", &["GetObject"], 400, "InvalidInput"),
        ("user/deploy-bot", &[], 400, "ValidationError"),
    ] {
        let body = simulate(source, actions, "").replace("111122223333", &bench.world.scenario.account);
        let (found, word, message) = refused(&mut bench, &body);
        assert_eq!((found, word.as_str()), (status, code), "{source} {actions:?} {message}");
    }
    let name = "AWSReservedSSO_Operations_5d1c8e0f2a7b94c3";
    let xml = ok(&mut bench, &format!("Action=GetRole&RoleName={name}"));
    let arn = between(&xml, "<Arn>", "<").to_owned();
    let body = format!("Action=SimulatePrincipalPolicy&PolicySourceArn={arn}&ActionNames.member.1=s3:GetObject");
    assert_eq!(decisions(&ok(&mut bench, &body)), ["allowed"]);
}
