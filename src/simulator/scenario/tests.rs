//! The built-in scenarios hold together: their ids fit AWS's grammars, and what they name is there.

use super::*;

fn all() -> Vec<Scenario> {
    Scenario::names().iter().map(|name| Scenario::named(name).unwrap()).collect()
}

fn hex(text: &str, prefix: &str, digits: usize) -> bool {
    let fits = |d: &str| d.len() == digits && d.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    text.strip_prefix(prefix).is_some_and(fits)
}

fn unique(text: &str, prefix: &str, letters: usize) -> bool {
    let fits = |l: &str| l.len() == letters && l.bytes().all(|b| b.is_ascii_uppercase() || (b'2'..=b'7').contains(&b));
    text.strip_prefix(prefix).is_some_and(fits)
}

#[test]
fn every_name_is_a_scenario_and_the_first_is_the_default() {
    assert_eq!(Scenario::names(), ["crypto-mining", "stolen-keys", "public-bucket", "quiet"]);
    assert_eq!(all()[0].account_name, "lumen-production");
    let problem = Scenario::named("no\u{202e}ne").unwrap_err();
    assert_eq!(problem.exit_code(), 2);
    assert_eq!(problem.next, "use one of: crypto-mining, stolen-keys, public-bucket, quiet");
    assert!(!problem.what.contains('\u{202e}'), "{}", problem.what);
}

#[test]
fn a_variation_adds_denials_and_faults_to_a_scenario() {
    let text = "base = \"quiet\"\ndenied = [\"iam:*\"]\n[[fault]]\noperation = \"ssm:X\"\ncount = 3\nerror = \"lost\"";
    let scenario = Scenario::from_toml(text).unwrap();
    assert_eq!((scenario.account.as_str(), scenario.denied.as_slice()), ("444455556666", &["iam:*".to_owned()][..]));
    let fault = &scenario.faults[0];
    assert_eq!((fault.from, fault.count, fault.error), (1, 3, FaultKind::Lost));
    for broken in ["base = 1", "base = \"none\"", "name = \"x\"", "base = \"quiet\"\ncolour = \"red\"", "="] {
        assert_eq!(Scenario::from_toml(broken).unwrap_err().exit_code(), 2, "{broken}");
    }
}

#[test]
fn ids_fit_the_grammars_of_aws() {
    for s in all() {
        assert!(s.account.len() == 12 && s.account.bytes().all(|b| b.is_ascii_digit()), "{}", s.account);
        assert!(hex(&s.detector, "", 32), "{}", s.detector);
        assert!(hex(&s.vpc, "vpc-", 17) && hex(&s.subnet, "subnet-", 17), "{} {}", s.vpc, s.subnet);
        assert!(s.zone.starts_with(&s.region), "{}", s.zone);
        assert!(hex(&s.isolation_group, "sg-", 17) && hex(&s.internal_group, "sg-", 17), "{}", s.isolation_group);
        let r = &s.responder;
        assert!(unique(&r.user_id, "AIDA", 17) && unique(&r.role_id, "AROA", 17), "{r:?}");
        assert!(unique(&r.key, "AKIA", 16) && r.secret.len() == 40, "{r:?}");
        for i in &s.instances {
            assert!(hex(&i.id, "i-", 17) && hex(&i.image, "ami-", 17), "{i:?}");
            assert!(hex(&i.interface, "eni-", 17) && hex(&i.group, "sg-", 17), "{i:?}");
            assert!(hex(&i.second, "eni-", 17) && i.second != i.interface, "{i:?}");
            assert!(unique(&i.profile_id, "AIPA", 17), "{i:?}");
        }
        assert!(s.roles.iter().all(|r| unique(&r.id, "AROA", 17)), "{:?}", s.roles);
        for user in &s.users {
            assert!(unique(&user.id, "AIDA", 17) && user.keys.iter().all(|k| unique(&k.id, "AKIA", 16)), "{user:?}");
        }
        for key in s.findings.iter().filter_map(|f| f.resource.key.as_ref()) {
            assert!(unique(key, "AKIA", 16) || unique(key, "ASIA", 16), "{key}");
        }
    }
}

#[test]
fn what_a_finding_names_is_in_the_account() {
    for s in all() {
        for f in &s.findings {
            let t = &f.resource;
            assert!(t.instance.iter().all(|id| s.instances.iter().any(|i| i.id == *id)), "{}", f.label);
            assert!(t.bucket.iter().all(|name| s.buckets.iter().any(|b| b.name == *name)), "{}", f.label);
            assert!(t.role.iter().all(|name| s.roles.iter().any(|r| r.name == *name)), "{}", f.label);
            let user = |name: &String| name == "Root" || s.users.iter().any(|u| u.name == *name);
            assert!(t.user.iter().all(user), "{}", f.label);
            assert!(f.action.remotes.iter().all(|name| s.remotes.contains_key(name)), "{}", f.label);
            let ways = [f.began.is_some(), f.arrives.is_some(), f.spawn.is_some()].iter().filter(|way| **way).count();
            assert!(ways == 1 && f.began.is_some() == f.seen.is_some(), "{} comes about in one way", f.label);
            let labels = s.findings.iter().filter(|other| other.label == f.label).count();
            assert_eq!(labels, 1, "{}", f.label);
        }
        assert!(s.instances.iter().all(|i| s.roles.iter().any(|r| r.name == i.role)), "{:?}", s.instances);
    }
}

#[test]
fn the_busy_scenarios_are_busy_and_the_quiet_one_is_quiet() {
    for (name, s) in Scenario::names().iter().zip(all()) {
        let at_start = s.findings.iter().filter(|f| f.began.is_some()).count() + s.controls.len();
        let later = s.findings.iter().filter(|f| f.began.is_none() || f.repeat.is_some()).count();
        match *name {
            "quiet" => assert_eq!((at_start, later), (3, 0)),
            name => assert!((12..=25).contains(&at_start) && later >= 5, "{name}: {at_start} {later}"),
        }
    }
}
