//! Line 1: what is the least important goes first where there is no room.

use super::fixtures::findings;
use super::rig::Rig;
use quell::aws::Identity;
use quell::console::core::input::Input;
use quell::console::core::model::Mode;

const URL: &str = "https://user:secret@vpce-0abc12d34e5f67890.guardduty.internal.example:8443/path?x=y";

/// An incident on an endpoint, armed.
pub fn endpoint(url: &str) -> Rig {
    let mut rig = Rig::of(Mode::Endpoint(url.into()));
    rig.arrive(findings());
    rig.keys("Enter");
    rig.settle();
    let until = rig.now + jiff::SignedDuration::from_mins(30);
    rig.feed(Input::Armed(Ok(Some(until))));
    rig.keys("j k");
    rig
}

fn first(rig: &Rig) -> String {
    rig.screen().lines().next().unwrap_or_default().to_owned()
}

#[test]
fn an_endpoint_leaves_room_for_who_and_what() {
    for url in ["http://127.0.0.1:45671", URL] {
        let rig = endpoint(url);
        assert_eq!(first(&rig), " ENDPOINT 444455556666  quell-responder > CRIT Unauthorized~ ARMED until 14:37Z");
    }
}

#[test]
fn an_endpoint_is_its_host_and_port_where_there_is_room() {
    let mut rig = endpoint(URL);
    rig.resize(160, 40);
    let line = first(&rig);
    let host = "vpce-0abc12d34e5f67890.guardduty.internal.example:8443";
    assert!(line.starts_with(&format!(" ENDPOINT {host} 444455556666 eu-west-1  quell-responder > CRIT Un")), "{line}");
    let mut rig = endpoint("http://127.0.0.1:45671/");
    rig.keys("q");
    assert_eq!(first(&rig), " ENDPOINT 127.0.0.1:45671 444455556666 eu-west-1  quell-res~ ARMED until 14:37Z");
    rig.resize(100, 24);
    let all = " ENDPOINT 127.0.0.1:45671 444455556666 eu-west-1  quell-responder";
    assert!(first(&rig).starts_with(all), "{}", first(&rig));
}

#[test]
fn a_long_role_gives_way_before_the_account() {
    let mut rig = endpoint(URL);
    let Some(Ok(Identity { arn, .. })) = &mut rig.model.account.identity else { panic!("nobody is known") };
    *arn = "arn:aws:sts::444455556666:assumed-role/AWSReservedSSO_Responder_0123/alice.of.the.night.shift@example.com"
        .into();
    rig.resize(60, 24);
    let line = first(&rig);
    assert!(line.starts_with(" ENDPOINT 444455556666"), "{line}");
    assert!(line.contains(" > CRIT "), "{line}");
    assert!(line.ends_with("ARMED until 14:37Z"), "{line}");
}

#[test]
fn an_incident_without_a_finding_has_its_title_alone() {
    let mut rig = Rig::listed();
    rig.feed(Input::Begin { title: "A call from legal".into() });
    rig.settle();
    assert_eq!(first(&rig), " SIMULATED 444455556666 eu-west-1  quell-responder > A call from legal    ARMED");
}
