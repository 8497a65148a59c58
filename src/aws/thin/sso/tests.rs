use super::{Assigned, Turn};
use crate::aws::fake::{Answer, Asked, Fake, run};
use crate::aws::{Allow, ConnectOptions, ConnectionKind, ErrorClass, Failure, Reader};
use serde_json::json;

const OPERATIONS: [(&str, &str); 7] = [
    ("SSO Admin", "ListInstances"),
    ("SSO Admin", "ListAccountAssignments"),
    ("SSO Admin", "DescribePermissionSet"),
    ("SSO Admin", "DeleteAccountAssignment"),
    ("SSO Admin", "CreateAccountAssignment"),
    ("SSO Admin", "DescribeAccountAssignmentDeletionStatus"),
    ("SSO Admin", "DescribeAccountAssignmentCreationStatus"),
];

/// A client that may call all of it as reads: what is tested is what goes over the wire.
fn client(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> (Reader, Fake) {
    let fake = Fake::new(script);
    let allow = Allow { read: OPERATIONS.to_vec(), ..Allow::default() };
    let connection = fake.connection(ConnectionKind::Real, ConnectOptions::default(), allow);
    (connection.reader("eu-west-1"), fake)
}

#[test]
fn assignments_are_read_to_their_last_page() {
    let (reader, fake) = client(|asked| match asked.body.contains("NextToken") {
        false => Answer::ok(r#"{"AccountAssignments":[{"PrincipalType":"USER","PrincipalId":"u"}],"NextToken":"t"}"#),
        true => Answer::ok(r#"{"AccountAssignments":[{"PrincipalType":"GROUP","PrincipalId":"g"}]}"#),
    });
    let found = run(reader.sso().list_account_assignments("i", "111122223333", "p")).unwrap();
    let one = |kind: &str, id: &str| Assigned { principal_type: kind.into(), principal_id: id.into() };
    assert_eq!(found, [one("USER", "u"), one("GROUP", "g")]);
    let asked = &fake.asked()[1];
    assert_eq!(asked.uri, "https://sso.eu-west-1.amazonaws.com/");
    assert_eq!(asked.header("x-amz-target"), Some("SWBExternalService.ListAccountAssignments"));
    assert_eq!(asked.header("content-type"), Some("application/x-amz-json-1.1"));
    let body = r#"{"AccountId":"111122223333","InstanceArn":"i","NextToken":"t","PermissionSetArn":"p"}"#;
    assert_eq!(asked.body, body);
    assert!(asked.authorization.contains("/eu-west-1/sso/aws4_request"), "{}", asked.authorization);
}

#[test]
fn an_assignment_is_taken_away_and_followed() {
    let (reader, fake) = client(|asked| match asked.operation.as_str() {
        "CreateAccountAssignment" => Answer::ok(
            r#"{"AccountAssignmentCreationStatus":{"Status":"IN_PROGRESS","RequestId":"c","CreatedDate":1.5E9}}"#,
        ),
        _ => Answer::ok(
            r#"{"AccountAssignmentDeletionStatus":{"Status":"FAILED","RequestId":"r","FailureReason":"No."}}"#,
        ),
    });
    let done = run(reader.sso().turn(Turn::Delete, json!({ "InstanceArn": "i" }))).unwrap().value;
    assert_eq!(
        (done.status, done.request_id.clone(), done.failure_reason),
        ("FAILED".into(), "r".into(), Some("No.".into()))
    );
    let made = run(reader.sso().turn(Turn::Create, json!({ "InstanceArn": "i" }))).unwrap().value;
    assert_eq!(made.status, "IN_PROGRESS".into());
    let told = run(reader.sso().turned(Turn::Delete, "i", &done.request_id)).unwrap();
    assert_eq!(told.status, "FAILED".into());
    assert_eq!(fake.asked()[2].body, r#"{"AccountAssignmentDeletionRequestId":"r","InstanceArn":"i"}"#);
    let (reader, _) = client(|_| Answer::Whole(400, "", br#"{"__type":"ConflictException","Message":"No."}"#.to_vec()));
    let error = run(reader.sso().turn(Turn::Delete, json!({}))).unwrap_err();
    assert_eq!(Failure::of(&error).class, ErrorClass::Conflict);
}

#[test]
fn instances_and_permission_sets_are_read() {
    let (reader, _) = client(|asked| match asked.operation.as_str() {
        "ListInstances" => Answer::ok(
            r#"{"Instances":[{"InstanceArn":"i","IdentityStoreId":"d-1","OwnerAccountId":"111122223333"}],"NextToken":""}"#,
        ),
        _ => Answer::ok(r#"{"PermissionSet":{"Name":"Admin","PermissionSetArn":"p","SessionDuration":"PT8H"}}"#),
    });
    let found = run(reader.sso().list_instances()).unwrap();
    assert_eq!((found.len(), found[0].owner_account_id.clone()), (1, Some("111122223333".into())));
    let set = run(reader.sso().describe_permission_set("i", "p")).unwrap();
    assert_eq!((set.name, set.session_duration), ("Admin".into(), Some("PT8H".into())));
}
