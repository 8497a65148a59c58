//! Taking roles on, against a scripted STS: who stands behind it, where it leads, when it is over.

use super::super::fake::{Answer, Asked, Fake, NOW, run};
use super::super::{Allow, Bearer, ConnectOptions, Connection, ConnectionKind, Reader, Refused};
use super::*;
use crate::runtime::Runtime;
use crate::timeline::Permit;
use jiff::{SignedDuration, Timestamp};
use quell_core::incident::{Link, Plan, Target, Through, writer_id};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicI64, Ordering};

const HOME: &str = "111122223333";
const TARGET: &str = "444455556666";
const ROLE: &str = "arn:aws:iam::444455556666:role/Responder";

/// What STS is asked with, of an AssumeRole.
fn asked_for(asked: &Asked, member: &str) -> Option<String> {
    let mut pairs = form_urlencoded::parse(asked.body.as_bytes());
    pairs.find(|(name, _)| name == member).map(|(_, value)| value.into_owned())
}

/// Whether the call was signed with a key that STS gave out.
fn is_role(asked: &Asked) -> bool {
    asked.authorization.contains("Credential=ASIA")
}

fn identity(asked: &Asked, account: &str) -> Answer {
    let arn = match is_role(asked) {
        true => format!("arn:aws:sts::{account}:assumed-role/Responder/quell-abcdef"),
        false => format!("arn:aws:iam::{HOME}:user/responder"),
    };
    let account = if is_role(asked) { account } else { HOME };
    Answer::ok(format!(
        "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>{arn}</Arn><UserId>X</UserId>\
         <Account>{account}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>"
    ))
}

fn given(asked: &Asked, now: Timestamp) -> Answer {
    let seconds: i64 = asked_for(asked, "DurationSeconds").unwrap().parse().unwrap();
    let until = now + SignedDuration::from_secs(seconds);
    let source = asked_for(asked, "SourceIdentity").map(|name| format!("<SourceIdentity>{name}</SourceIdentity>"));
    Answer::ok(format!(
        "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId>\
         <SecretAccessKey>secret-of-the-role-0123456789</SecretAccessKey><SessionToken>token-of-the-role-0123456789\
         </SessionToken><Expiration>{until}</Expiration></Credentials>{}</AssumeRoleResult></AssumeRoleResponse>",
        source.unwrap_or_default()
    ))
}

fn refused(code: &str, message: &str) -> Answer {
    Answer::refused(
        403,
        "",
        format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>\
             <RequestId>r</RequestId></ErrorResponse>"
        ),
    )
}

/// A connection that takes on a role in [`TARGET`], and a clock.
fn desk(
    assume: impl Fn(&Asked, Timestamp) -> Answer + Send + Sync + 'static,
    lands: &'static str,
) -> (Connection, Fake, Arc<AtomicI64>) {
    let clock = Arc::new(AtomicI64::new(NOW.parse::<Timestamp>().unwrap().as_second()));
    let (read, told) = (clock.clone(), clock.clone());
    let now = move || Timestamp::from_second(read.load(Ordering::Relaxed)).unwrap();
    let fake = Fake::new(move |asked| match asked.operation.as_str() {
        "GetCallerIdentity" => identity(asked, lands),
        "AssumeRole" => assume(asked, Timestamp::from_second(told.load(Ordering::Relaxed)).unwrap()),
        "ListAccessKeys" => Answer::ok(
            "<ListAccessKeysResponse><ListAccessKeysResult><AccessKeyMetadata/><IsTruncated>false</IsTruncated>\
             </ListAccessKeysResult></ListAccessKeysResponse>",
        ),
        "UpdateAccessKey" => Answer::ok("<UpdateAccessKeyResponse/>"),
        other => panic!("{other} was not expected"),
    });
    let roles = BTreeMap::from([(TARGET.to_owned(), "Responder".to_owned())]);
    let options = ConnectOptions { roles, never: vec!["i-0never".to_owned()], ..ConnectOptions::default() };
    let allow =
        Allow { read: vec![("IAM", "ListAccessKeys")], mutate: vec![("IAM", "UpdateAccessKey")], consume: vec![] };
    let connection = fake.connection_at(ConnectionKind::Real, options, allow, Runtime::new(now, |_| Ok(())));
    (connection, fake, clock)
}

fn bearer() -> Bearer {
    Bearer::new(Some("20260102T030405Z-demo-abcdef"), Some(&"Jo Ex".into()))
}

fn reads() -> Value {
    json!({ "Version": "2012-10-17", "Statement": [] })
}

fn reader(connection: &Connection) -> Result<Reader, Problem> {
    run(connection.reader_in(Some(&TARGET.into()), "eu-west-1", &bearer(), &reads()))
}

fn plan(through: Option<Through>) -> Plan {
    Plan {
        kind: Id::new("iam-access-key").unwrap(),
        title: "Deactivate the key".into(),
        step: None,
        target: Target {
            account: TARGET.into(),
            partition: "aws".into(),
            region: "eu-west-1".into(),
            resource: "AKIAIOSFODNN7EXAMPLE".into(),
            through,
        },
        requests: Vec::new(),
        facts: Vec::new(),
        danger: 2,
        destroys: Vec::new(),
        breaks: Vec::new(),
        writes: Vec::new(),
        warnings: Vec::new(),
        undo: "".into(),
        confirm: "x".into(),
        undo_of: None,
        each: None,
        set: None,
    }
}

fn through(role: &str, source: Option<&str>) -> Through {
    let policy = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "iam:X" }] });
    Through {
        role: role.into(),
        session: "quell-abcdef".into(),
        source: source.map(Untrusted::from),
        policy: Some(policy),
    }
}

fn writer(connection: &Connection, plan: &Plan) -> Result<crate::aws::Writer, Refused> {
    let permit = Permit::for_test(Link(writer_id(&[7; 16]).unwrap(), 3), &plan.hash().unwrap(), "token-1");
    let armed = connection.arm(connection.runtime().now()).unwrap();
    run(connection.writer(&armed, permit, plan))
}

#[test]
fn names_are_made_to_fit() {
    let of = |session: Option<&str>, name: &str| {
        let bearer = Bearer::new(session, Some(&name.into()));
        (bearer.session, bearer.source)
    };
    let pair = |session: &str, source: Option<&str>| (session.to_owned(), source.map(str::to_owned));
    assert_eq!(
        of(Some("20260102T030405Z-demo-abcdef"), "jo@example.com"),
        pair("quell-20260102T030405Z-demo-abcdef", Some("jo@example.com"))
    );
    // The longest id that there is has a title of forty letters: what does not fit of that is left out.
    let titled = |length| format!("20260102T030405Z-{}-abcdef", "t".repeat(length));
    let of_length = |length| of(Some(&titled(length)), "x").0;
    assert_eq!(of_length(34), format!("quell-{}", titled(34)));
    assert_eq!(of_length(40), of_length(34));
    assert_eq!(of_length(40).len(), 64);
    let quiet = Bearer::new(Some(&titled(40)), None).quietly(Some(&titled(40)));
    assert_eq!(quiet.session, "quell-abcdef");
    assert_eq!(of(None, "Jörg O'Neil"), pair("quell", Some("J-rg-O-Neil")));
    assert_eq!(of(Some(""), "x"), pair("quell", None));
    let long = "x".repeat(80);
    assert_eq!(of(None, &long), pair("quell", Some(&"x".repeat(64))));
}

#[test]
fn a_role_is_the_account_s_own_or_the_usual_one() {
    let own = Identity::new(Some(HOME), Some("arn:aws-cn:iam::111122223333:user/jo"), None).unwrap();
    let table = |pairs: &[(&str, &str)]| pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let roles: BTreeMap<String, String> = table(&[("default", "ir/Usual"), (TARGET, "Own")]);
    assert_eq!(role_for(&roles, TARGET, &own).unwrap(), "arn:aws-cn:iam::444455556666:role/Own");
    assert_eq!(role_for(&roles, "777788889999", &own).unwrap(), "arn:aws-cn:iam::777788889999:role/ir/Usual");
    assert_eq!(role_for(&roles, HOME, &own), None);
    assert_eq!(role_for(&table(&[(HOME, "Own")]), HOME, &own).unwrap(), "arn:aws-cn:iam::111122223333:role/Own");
    assert_eq!(role_for(&table(&[]), TARGET, &own), None);
}

#[test]
fn a_reader_reads_in_a_session_that_bears_incident_and_person() {
    let (connection, fake, _) = desk(given, TARGET);
    let reader = reader(&connection).unwrap();
    let session = reader.session().unwrap();
    assert_eq!((session.role.as_str(), session.name.as_str()), (ROLE, "quell-20260102T030405Z-demo-abcdef"));
    assert_eq!((session.source.as_deref(), session.asked), (Some("Jo-Ex"), true));
    assert_eq!(reader.account().as_deref(), Some(TARGET));
    run(reader.iam().list_access_keys().send()).unwrap();
    let asked = fake.asked();
    let assume = &asked[1];
    assert_eq!(asked_for(assume, "RoleArn").as_deref(), Some(ROLE));
    assert_eq!(asked_for(assume, "RoleSessionName").as_deref(), Some("quell-20260102T030405Z-demo-abcdef"));
    assert_eq!(asked_for(assume, "DurationSeconds").as_deref(), Some("3600"));
    assert_eq!(asked_for(assume, "Policy").unwrap(), r#"{"Statement":[],"Version":"2012-10-17"}"#);
    let order: Vec<(&str, bool)> = asked.iter().map(|a| (a.operation.as_str(), is_role(a))).collect();
    let names =
        [("GetCallerIdentity", false), ("AssumeRole", false), ("GetCallerIdentity", true), ("ListAccessKeys", true)];
    assert_eq!(order, names);
    // The second reader is the first one's session.
    let again = run(connection.reader_in(Some(&TARGET.into()), "eu-west-1", &bearer(), &reads())).unwrap();
    assert_eq!(again.session(), reader.session());
    assert_eq!(fake.asked().len(), 4);
}

#[test]
fn accounts_without_a_role_are_read_as_they_always_were() {
    let (connection, fake, _) = desk(given, TARGET);
    for account in [Some(HOME), Some("777788889999"), Some("no account"), None] {
        let account = account.map(Untrusted::from);
        let reader = run(connection.reader_in(account.as_ref(), "eu-west-1", &bearer(), &reads())).unwrap();
        assert!(reader.session().is_none());
    }
    assert!(!fake.operations().contains(&"AssumeRole".to_owned()));
}

#[test]
fn a_trust_that_lets_no_source_identity_be_set_is_asked_once_without() {
    let assume = |asked: &Asked, now| match asked_for(asked, "SourceIdentity") {
        Some(_) => {
            refused("AccessDenied", "User: x is not authorized to perform: sts:SetSourceIdentity on resource: y")
        }
        None => given(asked, now),
    };
    let (connection, fake, _) = desk(assume, TARGET);
    let reader = reader(&connection).unwrap();
    let session = reader.session().unwrap();
    assert_eq!((session.source.as_deref(), session.asked), (None, true));
    let assumed = || fake.operations().iter().filter(|name| *name == "AssumeRole").count();
    assert_eq!(assumed(), 2);
    // What reads something else has a session of its own, and knows.
    let other = serde_json::json!({ "Version": "2012-10-17", "Statement": [{}] });
    let again = run(connection.reader_in(Some(&TARGET.into()), "eu-west-1", &bearer(), &other)).unwrap();
    assert_eq!(
        (again.session().unwrap().source.as_deref(), again.session().unwrap().asked, assumed()),
        (None, true, 3)
    );
    // What was approved with a source identity is not done without one.
    let refused = writer(&connection, &plan(Some(through(ROLE, Some("Jo-Ex"))))).err().unwrap();
    assert!(matches!(refused, Refused::NoRole(_)), "{refused:?}");
    assert!(writer(&connection, &plan(Some(through(ROLE, None)))).is_ok());
}

#[test]
fn a_session_is_taken_on_again_before_it_is_over_and_asked_again_whose_it_is() {
    let (connection, fake, clock) = desk(given, TARGET);
    let reader = reader(&connection).unwrap();
    let list = || run(reader.iam().list_access_keys().send()).is_ok();
    let count = |name: &str| fake.operations().iter().filter(|asked| *asked == name).count();
    clock.fetch_add(54 * 60, Ordering::Relaxed);
    assert!(list());
    assert_eq!(count("AssumeRole"), 1);
    clock.fetch_add(60, Ordering::Relaxed);
    assert!(list() && list());
    assert_eq!(count("AssumeRole"), 2);
    // Once the responder's own, once for each session.
    assert_eq!(count("GetCallerIdentity"), 3);
}

#[test]
fn a_session_that_leads_elsewhere_the_next_time_is_not_used() {
    let moved = Arc::new(AtomicI64::new(0));
    let seen = moved.clone();
    let lands =
        move |asked: &Asked| if seen.load(Ordering::Relaxed) > 0 { "777788889999" } else { asked_account(asked) };
    let clock = Arc::new(AtomicI64::new(NOW.parse::<Timestamp>().unwrap().as_second()));
    let (read, told) = (clock.clone(), clock.clone());
    let fake = Fake::new(move |asked| match asked.operation.as_str() {
        "GetCallerIdentity" => identity(asked, lands(asked)),
        "AssumeRole" => given(asked, Timestamp::from_second(told.load(Ordering::Relaxed)).unwrap()),
        _ => Answer::Lost,
    });
    let roles = BTreeMap::from([(TARGET.to_owned(), "Responder".to_owned())]);
    let options = ConnectOptions { roles, ..ConnectOptions::default() };
    let allow = Allow { read: vec![("IAM", "ListAccessKeys")], ..Allow::default() };
    let now = move || Timestamp::from_second(read.load(Ordering::Relaxed)).unwrap();
    let connection = fake.connection_at(ConnectionKind::Real, options, allow, Runtime::new(now, |_| Ok(())));
    let reader = reader(&connection).unwrap();
    moved.store(1, Ordering::Relaxed);
    clock.fetch_add(3600, Ordering::Relaxed);
    let error = run(reader.iam().list_access_keys().send()).unwrap_err();
    let problem = reader.problem("iam:ListAccessKeys", &error);
    assert!(
        problem.what.contains("the role arn:aws:iam::444455556666:role/Responder is in aws 777788889999"),
        "{}",
        problem.what
    );
    assert!(!fake.operations().contains(&"ListAccessKeys".to_owned()));
}

fn asked_account(_: &Asked) -> &'static str {
    TARGET
}

#[test]
fn a_writer_gets_a_fresh_session_with_the_plan_s_own_policy() {
    let (connection, fake, _) = desk(given, TARGET);
    let plan = plan(Some(through(ROLE, Some("Jo-Ex"))));
    let writer = writer(&connection, &plan).unwrap();
    run(writer.iam().update_access_key().access_key_id("AKIAIOSFODNN7EXAMPLE").status("Inactive".into()).send())
        .unwrap();
    let asked = fake.asked();
    let order: Vec<(&str, bool)> = asked.iter().map(|a| (a.operation.as_str(), is_role(a))).collect();
    let names =
        [("GetCallerIdentity", false), ("AssumeRole", false), ("GetCallerIdentity", true), ("UpdateAccessKey", true)];
    assert_eq!(order, names);
    assert_eq!(asked_for(&asked[1], "DurationSeconds").as_deref(), Some("900"));
    assert_eq!(asked_for(&asked[1], "SourceIdentity").as_deref(), Some("Jo-Ex"));
    let policy = r#"{"Statement":[{"Action":"iam:X","Effect":"Allow"}],"Version":"2012-10-17"}"#;
    assert_eq!(asked_for(&asked[1], "Policy").as_deref(), Some(policy));
    // None of what STS gave out is kept with evidence, nor stands in the call log.
    let (kept, count) = run(connection.secrets()).withhold(b"a secret-of-the-role-0123456789 b".to_vec());
    assert_eq!((kept, count), (b"a [withheld: a credential of the responder] b".to_vec(), 1));
    let log = format!("{:?}", connection.calls().calls());
    assert!(!log.contains("secret-of-the-role") && !log.contains("token-of-the-role"), "{log}");
}

#[test]
fn what_is_not_limited_lives_as_long_as_an_automation_may_need() {
    let (connection, fake, _) = desk(given, TARGET);
    let open = Through { policy: None, ..through(ROLE, None) };
    assert!(writer(&connection, &plan(Some(open))).is_ok());
    let asked = fake.asked();
    assert_eq!(asked_for(&asked[1], "DurationSeconds").as_deref(), Some("3600"));
    assert_eq!(asked_for(&asked[1], "Policy"), None);
}

/// Each way in which a role is not had: nothing is sent, and the words say why.
#[test]
fn a_role_that_is_not_had_sends_nothing_and_says_why() {
    type Assume = fn(&Asked, Timestamp) -> Answer;
    let cases: [(Assume, &str, &str); 6] = [
        (
            |_, _| refused("AccessDenied", "User: u is not authorized to perform: sts:AssumeRole on resource: r"),
            TARGET,
            "u may not call sts:AssumeRole on r",
        ),
        (|_, _| refused("Throttling", "Rate exceeded"), TARGET, "Throttling: Rate exceeded"),
        (|_, _| refused("PackedPolicyTooLarge", "Packed size 104%"), TARGET, "PackedPolicyTooLarge: Packed size 104%"),
        (|_, _| Answer::Hangs, TARGET, "AWS did not answer in time"),
        (
            |_, _| Answer::ok("<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>"),
            TARGET,
            "the answer holds no credentials",
        ),
        (
            given,
            "777788889999",
            "the role arn:aws:iam::444455556666:role/Responder is in aws 777788889999, the target in aws 444455556666",
        ),
    ];
    for (assume, lands, said) in cases {
        let (connection, fake, _) = desk(assume, lands);
        let refused = writer(&connection, &plan(Some(through(ROLE, None)))).err().unwrap();
        let Refused::NoRole(problem) = refused else { panic!("{refused:?}") };
        assert_eq!(problem.what, said);
        assert!(problem.meaning.contains("nothing was sent"), "{}", problem.meaning);
        assert!(!problem.next.is_empty());
        assert!(!fake.operations().contains(&"UpdateAccessKey".to_owned()), "{said}");
        // A plan can't be made either.
        let problem = reader(&connection).err().unwrap();
        assert_eq!(problem.what, said);
    }
}

#[test]
fn a_role_that_is_not_the_approved_one_is_refused() {
    let (connection, fake, _) = desk(given, TARGET);
    let other = through("arn:aws:iam::444455556666:role/Other", None);
    for plan in [plan(Some(other)), plan(None)] {
        let refused = writer(&connection, &plan).err().unwrap();
        let Refused::NoRole(problem) = refused else { panic!("{refused:?}") };
        assert!(
            problem
                .what
                .ends_with("the configuration's role for the account is arn:aws:iam::444455556666:role/Responder"),
            "{}",
            problem.what
        );
    }
    let mut elsewhere = plan(Some(through(ROLE, None)));
    elsewhere.target.account = "777788889999".into();
    let refused = writer(&connection, &elsewhere).err().unwrap();
    assert!(matches!(refused, Refused::NoRole(_)), "{refused:?}");
    assert!(!fake.operations().contains(&"AssumeRole".to_owned()));
    // What never is touched is refused before anything is asked.
    let mut spared = plan(Some(through(ROLE, None)));
    spared.target.resource = "i-0never".into();
    let before = fake.asked().len();
    assert_eq!(writer(&connection, &spared).err(), Some(Refused::Never("i-0never".to_owned())));
    assert_eq!(fake.asked().len(), before);
}

#[test]
fn each_call_says_in_which_account_and_as_whom_it_was_made() {
    let (connection, _, _) = desk(given, TARGET);
    let reader = reader(&connection).unwrap();
    run(reader.iam().list_access_keys().send()).unwrap();
    let calls = connection.calls().calls();
    let accounts: Vec<_> = calls.iter().map(|call| (call.operation.as_str(), call.account.as_deref())).collect();
    // Whose credentials they are is what the first answer tells.
    assert_eq!(
        accounts,
        [
            ("GetCallerIdentity", None),
            ("AssumeRole", Some(HOME)),
            ("GetCallerIdentity", None),
            ("ListAccessKeys", Some(TARGET))
        ]
    );
    let caller = calls[3].caller.as_ref().unwrap().line().into_string();
    assert!(caller.starts_with("arn:aws:sts::444455556666:assumed-role/"), "{caller}");
}
