//! Sources that bring nothing are told whole, whatever the window; the list keeps its rows.

use super::fixtures::{finding, findings, time};
use super::rig::Rig;
use quell::console::core::input::Input;
use quell::problem::Problem;
use quell::source::{Health, SourceEvent, SourceName};
use quell_core::finding::{Label, Via};

const WHAT: &str = "was denied for the role arn:aws:sts::444455556666:assumed-role/quell-responder/alice";
const NEXT: &str = "ask whoever keeps the role for the permission, or give another profile with --profile";

fn tell(rig: &mut Rig, via: Via, region: &str, health: Health) {
    let source = SourceName { via, region: region.into() };
    rig.feed(Input::Source(SourceEvent::Health { source, health }));
}

fn fails(rig: &mut Rig, via: Via, region: &str, call: &str) {
    let health = Health::Failing {
        since: time("2025-11-21T13:58:00Z"),
        as_of: Some(time("2025-11-21T13:51:00Z")),
        problem: Box::new(Problem::aws(format!("{call} {WHAT}")).next(NEXT)),
        next_try: time("2025-11-21T14:08:00Z"),
    };
    tell(rig, via, region, health);
}

/// Both sources of a region fail.
pub fn both(rig: &mut Rig) {
    fails(rig, Via::Guardduty, "eu-west-1", "guardduty:ListFindings");
    fails(rig, Via::Securityhub, "eu-west-1", "securityhub:GetFindings");
}

/// The words on the screen without where its lines end.
fn said(rig: &Rig) -> String {
    rig.screen().split_whitespace().collect()
}

fn told(rig: &Rig, name: &str, call: &str) {
    let words = format!("{name}: FAILING since 13:58Z, its rows are of 13:51Z: {call} {WHAT}; {NEXT}");
    let wanted: String = words.split_whitespace().collect();
    assert!(said(rig).contains(&wanted), "{words}\nis not in\n{}", rig.screen());
}

#[test]
fn both_sources_fail_beside_the_rows() {
    for (width, height) in [(80, 24), (140, 40)] {
        let mut rig = Rig::listed();
        rig.resize(width, height);
        both(&mut rig);
        told(&rig, "GuardDuty eu-west-1", "guardduty:ListFindings");
        told(&rig, "Security Hub eu-west-1", "securityhub:GetFindings");
        rig.sees(" sources FAILING: 2 of 2");
        findings().iter().for_each(|f| rig.sees(f.kind.as_ref().unwrap().line().as_str().get(..12).unwrap()));
    }
}

#[test]
fn an_empty_list_cuts_nothing() {
    let mut rig = Rig::empty();
    for region in ["eu-west-1", "us-east-1"] {
        fails(&mut rig, Via::Guardduty, region, "guardduty:ListFindings");
        fails(&mut rig, Via::Securityhub, region, "securityhub:GetFindings");
    }
    for region in ["eu-west-1", "us-east-1"] {
        told(&rig, &format!("GuardDuty {region}"), "guardduty:ListFindings");
        told(&rig, &format!("Security Hub {region}"), "securityhub:GetFindings");
    }
}

#[test]
fn a_source_that_is_not_enabled_has_a_line_beside_the_rows() {
    let mut rig = Rig::listed();
    tell(&mut rig, Via::Securityhub, "eu-west-1", Health::NotEnabled);
    rig.sees(" Security Hub eu-west-1: NOT ENABLED: nothing is found there. Enable it in\n   this account and region");
    tell(&mut rig, Via::Guardduty, "eu-west-1", Health::Ok { as_of: time("2025-11-21T14:06:12Z") });
    rig.sees(" 1 NOT ENABLED  GuardDuty eu-west-1: ok at 14:06Z");
}

#[test]
fn of_many_sources_the_rest_is_counted_and_the_list_keeps_rows() {
    let mut rig = Rig::empty();
    let row = |n: u32| finding(&format!("00{n}"), &format!("Recon:EC2/No{n}"), Label::High, 80.0, &format!("i-{n}"));
    rig.arrive((10..30).map(row).collect());
    for n in 1..=9 {
        fails(&mut rig, Via::Guardduty, &format!("xx-east-{n}"), "guardduty:ListFindings");
    }
    let rows = rig.screen().lines().filter(|l| l.contains("Recon:EC2/No")).count();
    assert_eq!(rows, 6, "{}", rig.screen());
    told(&rig, "GuardDuty xx-east-1", "guardduty:ListFindings");
    rig.sees(" 6 more sources bring nothing (@ shows the calls): GuardDuty xx-east-4, ");
}
