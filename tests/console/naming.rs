//! Who the responder is, on the screen and in the log.

use super::fixtures::findings;
use super::rig::Rig;
use quell::aws::Identity;
use quell::console::core::input::Input;
use quell::console::core::model::Mode;
use quell_core::incident::{ActorFrom, Event, WriterNamed};

/// A console on a real account whose machine tells no name.
fn nameless() -> Rig {
    let mut rig = Rig::of(Mode::Real);
    rig.model.named = None;
    rig.arrive(findings());
    rig
}

fn named(rig: &Rig) -> Vec<(String, ActorFrom)> {
    let of = |event: &Event| match event {
        Event::WriterNamed(d) => Some((d.actor.line().into_string(), d.from)),
        _ => None,
    };
    rig.events().filter_map(of).collect()
}

fn session_of(rig: &Rig, name: &str) -> Identity {
    let Some(Ok(identity)) = &rig.model.account.identity else { panic!("nobody is known") };
    let arn = format!("arn:aws:sts::444455556666:assumed-role/Responder/{name}");
    let mut identity = identity.clone();
    identity.arn = arn.as_str().into();
    identity
}

#[test]
fn who_is_not_known_is_asked_once() {
    let mut rig = nameless();
    rig.sees_not("WHO ARE YOU?");
    rig.keys("Enter");
    rig.settle();
    rig.sees("WHO ARE YOU? Your name in the timeline");
    rig.keys("C-u");
    rig.type_in("Alice Li");
    rig.keys("Enter");
    rig.settle();
    assert_eq!(named(&rig), [("Alice Li".to_owned(), ActorFrom::Asked)]);
    rig.sees("Alice Li");
    rig.sees("named Alice Li by the answer given");
    rig.keys("q Enter");
    rig.settle();
    rig.sees_not("WHO ARE YOU?");
    assert_eq!(named(&rig).len(), 1);
}

#[test]
fn enter_keeps_the_user_name_and_so_does_esc() {
    for (key, expected) in [("Enter", vec![("alice".to_owned(), ActorFrom::Asked)]), ("Esc", Vec::new())] {
        let mut rig = nameless();
        rig.keys("Enter");
        rig.settle();
        rig.keys(key);
        rig.settle();
        rig.sees_not("WHO ARE YOU?");
        assert_eq!(named(&rig), expected, "{key}");
        rig.keys("Space");
        rig.settle();
        rig.sees_not("WHO ARE YOU?");
    }
}

/// It opens by itself: what was typed for the screen below is no answer.
#[test]
fn the_question_is_deaf_at_first() {
    let mut rig = nameless();
    rig.keys("Enter");
    rig.settle();
    rig.burst("j Enter");
    rig.sees("WHO ARE YOU?");
    rig.wait(300);
    rig.key("Enter");
    assert_eq!(named(&rig), [("alice".to_owned(), ActorFrom::Asked)]);
}

#[test]
fn the_connection_is_waited_for_and_may_know_the_name() {
    let mut rig = nameless();
    let identity = session_of(&rig, "alice@example.com");
    rig.model.account.identity = None;
    rig.feed(Input::Begin { title: "A call from legal".into() });
    rig.settle();
    rig.sees_not("WHO ARE YOU?");
    rig.feed(Input::Connected(Ok(identity)));
    rig.settle();
    rig.sees_not("WHO ARE YOU?");
    assert_eq!(named(&rig), [("alice@example.com".to_owned(), ActorFrom::AwsSession)]);
    assert_eq!(rig.model.me, "alice@example.com".into());
}

#[test]
fn an_instance_s_role_names_nobody() {
    let mut rig = nameless();
    let identity = session_of(&rig, "i-0abc12345678def90");
    rig.model.account.identity = None;
    rig.feed(Input::Begin { title: "A call from legal".into() });
    rig.settle();
    rig.feed(Input::Connected(Ok(identity)));
    rig.sees("WHO ARE YOU?");
    // What AWS says later takes the question away.
    rig.feed(Input::Connected(Ok(session_of(&rig, "alice"))));
    rig.sees_not("WHO ARE YOU?");
    assert_eq!(named(&rig), [("alice".to_owned(), ActorFrom::AwsSession)]);
}

#[test]
fn the_better_name_stands() {
    let mut rig = nameless();
    rig.model.named = WriterNamed::new(&"Alice".into(), ActorFrom::SshCertificate);
    rig.keys("Enter");
    rig.settle();
    let identity = session_of(&rig, "shared-session");
    rig.feed(Input::Connected(Ok(identity)));
    rig.settle();
    assert_eq!(named(&rig), [("Alice".to_owned(), ActorFrom::SshCertificate)]);
}

/// The first record of a session is that it was opened; the name comes after it.
#[test]
fn the_name_follows_the_opening() {
    let mut rig = nameless();
    rig.model.named = WriterNamed::new(&"Alice".into(), ActorFrom::Configuration);
    rig.keys("Enter");
    rig.settle();
    assert_eq!(rig.kinds()[..2], ["seg.open", "session.opened"]);
    assert_eq!(rig.count("writer.named"), 1);
}

#[test]
fn nobody_is_asked_on_the_simulated_account() {
    let mut rig = Rig::listed();
    rig.model.named = None;
    rig.keys("Enter");
    rig.settle();
    rig.keys("Space");
    rig.sees_not("WHO ARE YOU?");
    assert_eq!(named(&rig), []);
}
