//! In an account that is reached by a role, all is asked for the role, in sessions of it.

use super::*;

const TARGET: &str = "444455556666";
const ROLE: &str = "arn:aws:iam::444455556666:role/ir/Responder";

fn is_role(asked: &Asked) -> bool {
    asked.authorization.contains("Credential=ASIA")
}

fn given() -> Answer {
    xml(
        "AssumeRole",
        "<Credentials><AccessKeyId>ASIAIOSFODNN7EXAMPLE</AccessKeyId><SecretAccessKey>secret</SecretAccessKey>\
         <SessionToken>token</SessionToken><Expiration>2026-11-21T20:30:00Z</Expiration></Credentials>",
    )
}

fn whose(asked: &Asked) -> Answer {
    let session = "arn:aws:sts::444455556666:assumed-role/Responder/quell";
    let answer = format!("<Arn>{session}</Arn><UserId>U</UserId><Account>{TARGET}</Account>");
    if is_role(asked) { xml("GetCallerIdentity", &answer) } else { identity("111122223333") }
}

/// A connection with a role for the target's account.
fn reached(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> (Connection, Fake) {
    let fake = Fake::new(move |asked| match asked.operation.as_str() {
        "GetCallerIdentity" => whose(asked),
        _ => script(asked),
    });
    let roles = BTreeMap::from([(TARGET.to_owned(), "ir/Responder".to_owned())]);
    let options = ConnectOptions { roles, ..ConnectOptions::default() };
    let connection = fake.connection(ConnectionKind::Real, options, allowed());
    (connection, fake)
}

fn groups(asked: &Asked) -> Answer {
    // The group is there for whoever looks in the target's account, and nowhere else.
    let item = "<item><groupId>sg-0123456789abcdef0</groupId><groupName>quell-isolation</groupName>\
                <vpcId>vpc-1</vpcId><ownerId>444455556666</ownerId><ipPermissions/><ipPermissionsEgress/></item>";
    let item = if is_role(asked) { item } else { "" };
    Answer::ok(format!(
        "<DescribeSecurityGroupsResponse xmlns=\"http://ec2.amazonaws.com/doc/2016-11-15/\"><requestId>r</requestId>\
         <securityGroupInfo>{item}</securityGroupInfo></DescribeSecurityGroupsResponse>"
    ))
}

fn isolation() -> Runbook {
    book(&["kind: ec2-isolate"])
}

fn look(connection: &Connection, account: &str) -> Vec<BlockNeeds> {
    let bearer = Bearer::new(None, None);
    run(ready(connection, &isolation(), &[site(Some(account))], &BTreeMap::new(), &bearer)).unwrap()
}

#[test]
fn a_runbook_is_looked_at_as_the_role_that_would_act() {
    let (connection, fake) = reached(|asked| match asked.operation.as_str() {
        "AssumeRole" => given(),
        "DescribeSecurityGroups" => groups(asked),
        // What the role may do is another thing than what the caller may.
        "SimulatePrincipalPolicy" if asked.body.contains("role%2Fir%2FResponder") => {
            results(asked, |name| match name {
                "ec2:ModifyNetworkInterfaceAttribute" => ("implicitDeny", ""),
                _ => ("allowed", ""),
            })
        }
        "SimulatePrincipalPolicy" => results(asked, |_| ("explicitDeny", "")),
        other => panic!("{other}"),
    });
    let [block] = &look(&connection, TARGET)[..] else { panic!() };
    assert_eq!((block.account.as_str(), block.role.as_deref()), (TARGET, Some(ROLE)));
    let need = |name: &str| block.needs.iter().find(|need| need.name == name).map(|need| (need.state, &*need.why));
    assert_eq!(need("security group quell-isolation"), Some((State::Ok, "in vpc-1 alone")));
    let why = "no policy allows it on all resources (asked for arn:aws:iam::444455556666:role/ir/Responder)";
    assert_eq!(need("ec2:ModifyNetworkInterfaceAttribute"), Some((State::Missing, why)));
    assert_eq!(need("ec2:DescribeInstances"), Some((State::Ok, "")));
    let asked = fake.asked();
    let far = |asked: &&Asked| !["GetCallerIdentity", "AssumeRole"].contains(&asked.operation.as_str());
    assert!(asked.iter().filter(far).all(is_role), "{:?}", fake.operations());
    // The sessions that look may do nothing else.
    let policies = asked.iter().filter(|asked| asked.operation == "AssumeRole");
    let policies: Vec<String> = policies
        .map(|asked| form_urlencoded::parse(asked.body.as_bytes()).find(|(k, _)| k == "Policy").unwrap().1.into())
        .collect();
    assert!(!policies.is_empty() && policies.iter().all(|policy| policy.contains("iam:SimulatePrincipalPolicy")));
    assert!(!policies.iter().any(|policy| policy.contains("Modify") || policy.contains('*') && policy.contains(":*")));
}

#[test]
fn a_role_that_is_not_had_is_what_a_runbook_lacks_and_nothing_is_said_for_the_caller() {
    let (connection, fake) = reached(|asked| match asked.operation.as_str() {
        "AssumeRole" => refused("AccessDenied"),
        other => panic!("{other}"),
    });
    let [block] = &look(&connection, TARGET)[..] else { panic!() };
    let [need] = &block.needs[..] else { panic!("{:?}", block.needs) };
    assert_eq!((need.name.as_str(), need.state), ("the role for account 444455556666", State::Missing));
    assert!(!fake.operations().contains(&"SimulatePrincipalPolicy".to_owned()));
    // An account to which nothing leads is no place for the caller's own permissions either.
    let [block] = &look(&connection, "777788889999")[..] else { panic!() };
    let why = "quell has no way into it: [roles] names no role there, and you are in 111122223333";
    assert_eq!(block.needs, [Need::new("account 777788889999", State::Missing, why)]);
}

#[test]
fn a_role_that_may_not_simulate_says_for_whom_it_is_not_known() {
    let (connection, _) = reached(|asked| match asked.operation.as_str() {
        "AssumeRole" => given(),
        "DescribeSecurityGroups" => groups(asked),
        _ => refused("AccessDenied"),
    });
    let [block] = &look(&connection, TARGET)[..] else { panic!() };
    let need = block.needs.iter().find(|need| need.name == "ec2:DescribeInstances").unwrap();
    let why = "AccessDenied: no (asked for arn:aws:iam::444455556666:role/ir/Responder)";
    assert_eq!((need.state, need.why.as_str()), (State::NotKnown, why));
}

#[test]
fn doctor_looks_into_each_account_that_has_a_role() {
    let (connection, _) = reached(|asked| match asked.operation.as_str() {
        "AssumeRole" => given(),
        "DescribeSecurityGroups" => groups(asked),
        "SimulatePrincipalPolicy" if is_role(asked) => results(asked, |_| ("explicitDeny", "")),
        _ => results(asked, |_| ("allowed", "")),
    });
    let books = [isolation()];
    let found = run(preflight(&connection, &books, &BTreeMap::new(), &Bearer::new(None, None))).unwrap();
    let of = |account: &str| {
        let kind = found.kinds.iter().find(|one| one.kind == "ec2-stop" && one.account == account).unwrap();
        (kind.role.as_deref(), kind.needs[0].state)
    };
    assert_eq!(of("111122223333"), (None, State::Ok));
    assert_eq!(of(TARGET), (Some(ROLE), State::Missing));
    let group = |block: &BlockNeeds| block.needs.iter().find(|n| n.name.starts_with("security")).map(|n| n.state);
    let blocks: Vec<_> = found.blocks.iter().map(|block| (block.account.as_str(), group(block))).collect();
    assert_eq!(blocks, [("111122223333", Some(State::Missing)), (TARGET, Some(State::Ok))]);
}

/// The usual role leads to the accounts that have a name, but not to the caller's own.
#[test]
fn doctor_looks_into_each_account_that_the_usual_role_leads_to() {
    let fake = Fake::new(|asked| match asked.operation.as_str() {
        "GetCallerIdentity" => whose(asked),
        "AssumeRole" => given(),
        _ => results(asked, |_| ("allowed", "")),
    });
    let accounts = [TARGET, "111122223333"].map(|id| quell_core::text::Id::new(id).unwrap()).to_vec();
    for (usual, expected) in
        [(true, vec![("111122223333", None), (TARGET, Some(ROLE))]), (false, vec![("111122223333", None)])]
    {
        let roles: BTreeMap<_, _> =
            usual.then(|| ("default".to_owned(), "ir/Responder".to_owned())).into_iter().collect();
        let options = ConnectOptions { roles, accounts: accounts.clone(), ..ConnectOptions::default() };
        let connection = fake.connection(ConnectionKind::Real, options, allowed());
        let found = run(preflight(&connection, &[], &BTreeMap::new(), &Bearer::new(None, None))).unwrap();
        let kinds = found.kinds.iter().filter(|one| one.kind == "ec2-stop");
        let looked: Vec<_> = kinds.map(|kind| (kind.account.as_str(), kind.role.as_deref())).collect();
        assert_eq!((looked, found.roles.len()), (expected, usize::from(usual)));
    }
}

/// What is named by its ARN is where that says, whatever account the finding is of.
#[test]
fn a_topic_is_looked_at_in_its_own_account() {
    let (connection, _) = reached(|asked| match asked.operation.as_str() {
        "GetTopicAttributes" => refused("NotFound"),
        _ => results(asked, |_| ("allowed", "")),
    });
    let topic = "arn:aws:sns:eu-central-1:111122223333:on-call";
    let book = book(&[&format!("kind: sns-publish\ntopic: {topic}\nsession: s")]);
    let far = [site(Some("777788889999"))];
    let found = run(ready(&connection, &book, &far, &BTreeMap::new(), &Bearer::new(None, None))).unwrap();
    let [block] = &found[..] else { panic!() };
    assert_eq!((block.account.as_str(), block.region.as_str()), ("111122223333", "eu-central-1"));
    let need = |name: &str| block.needs.iter().find(|need| need.name == name).map(|need| need.state);
    assert_eq!(need("sns:Publish"), Some(State::Ok));
}
