//! Looking up in AWS what the incident is about: what is asked, what is recorded, what runbooks and entities take of it.

use super::fixtures::findings;
use super::rig::Rig;
use quell::action::Value;
use quell::console::core::effect::Reads;
use quell::console::core::input::Input;
use quell::lookup::Question;
use quell::problem::Problem;
use quell_core::incident::{EntityKind, Event, LookupMade, Provenance, Told};
use quell_core::runbook::{Origin, parse};

const TEXT: &str = "---\nid: look\ntitle: Look\nmatches: [\"*\"]\nvariables:\n  role:\n    type: role\n    \
    from-lookup: ec2-instance\n    output: role\n---\n\n## Contain\n\n1. Shut the role off\n   \
    <!-- step: id=off lookup=ec2-instance -->\n\n   ```action\n   kind: iam-deny\n   title: Deny\n   \
    role: \"{{ var.role }}\"\n   ```\n\n2. Go on\n";

fn opened() -> Rig {
    let mut rig = Rig::empty();
    rig.model.library = vec![parse("look", TEXT.as_bytes(), Origin::BuiltIn).unwrap().runbook].into();
    rig.arrive(findings());
    rig.keys("Enter");
    rig.settle();
    rig.resize(140, 40);
    rig
}

fn asked(rig: &mut Rig) -> (String, Question) {
    let at = rig.reads.iter().position(|read| matches!(read, Reads::LookUp { .. })).expect("nothing is looked up");
    let Reads::LookUp { session, question } = rig.reads.remove(at) else { unreachable!() };
    (session, *question)
}

fn told(name: &str, value: &str, entity: Option<EntityKind>) -> Told {
    Told { name: name.into(), value: value.into(), entity }
}

fn answer(rig: &mut Rig, told: Vec<Told>) {
    let (session, Question { lookup, subject, account, region, step }) = asked(rig);
    let region = region.unwrap_or_else(|| "eu-west-1".into());
    let made = LookupMade { lookup: lookup.into(), subject, account, region, told, step };
    rig.feed(Input::Looked { session, result: Box::new(Ok(made)) });
    rig.save();
}

#[test]
fn what_a_step_is_about_is_looked_up_recorded_and_filled_in() {
    let mut rig = opened();
    rig.sees("LOOK UP ec2-instance");
    rig.sees("var.role: role of ec2-instance is to be looked up (L)");
    rig.keys("L");
    rig.sees("looking up i-");
    let name = |r: &Rig| r.model.saved().unwrap().findings[0].finding.clone();
    let finding = name(&rig);
    let (session, question) = asked(&mut rig);
    assert_eq!(question.lookup, "ec2-instance");
    assert_eq!(Some(&question.subject), finding.resource.id.as_ref());
    assert_eq!((question.account.clone(), question.region.clone()), (finding.account, finding.region));
    assert_eq!(question.step.as_ref().map(|step| step.id.as_str()), Some("off"));
    rig.reads.push(Reads::LookUp { session, question: Box::new(question) });
    let role = told("role", "web", Some(EntityKind::Principal));
    answer(&mut rig, vec![told("state", "running", None), role]);
    rig.sees("state running, role web; all of it stands in FINDING; :entity notes what it found");
    rig.sees("var.role = web (looked up)");
    rig.sees("looked up");
    assert_eq!(rig.count("lookup.made"), 1);
    // What it found is noted as such.
    rig.keys(":");
    rig.type_in("entity");
    rig.keys("Enter");
    rig.sees("principal web, looked up and not noted yet");
    rig.keys("k G");
    for _ in 0..20 {
        rig.keys("j");
    }
    rig.keys("Enter Enter");
    rig.save();
    let noted = rig.events().filter_map(|event| match event {
        Event::EntityNoted(d) if d.id == "web".into() => Some((d.kind, d.provenance)),
        _ => None,
    });
    assert_eq!(noted.collect::<Vec<_>>(), [(EntityKind::Principal, Provenance::Lookup)]);
}

#[test]
fn what_can_t_be_read_is_a_problem_and_nothing_of_it_is_recorded() {
    let mut rig = opened();
    rig.keys("L");
    let (session, _) = asked(&mut rig);
    let result = Box::new(Err(Problem::aws("EC2 does not describe the instance")));
    rig.feed(Input::Looked { session, result });
    rig.sees("EC2 does not describe the instance");
    // An answer for an incident that was left is nobody's.
    rig.keys("L");
    let (_, question) = asked(&mut rig);
    let made = LookupMade {
        lookup: question.lookup.into(),
        subject: question.subject,
        account: None,
        region: "eu-west-1".into(),
        told: Vec::new(),
        step: None,
    };
    rig.feed(Input::Looked { session: "another".into(), result: Box::new(Ok(made)) });
    assert_eq!(rig.count("lookup.made"), 0);
}

#[test]
fn where_several_can_be_looked_up_it_is_asked_which() {
    let mut rig = opened();
    rig.keys("j :");
    rig.type_in("entity");
    rig.keys("Enter 2 Enter");
    rig.type_in("AKIAIOSFODNN7EXAMPLE");
    rig.keys("Enter Enter");
    rig.save();
    rig.keys("L");
    rig.sees("LOOK UP: which?");
    rig.sees("AKIAIOSFODNN7EXAMPLE (iam-access-key)");
    rig.keys("2 Enter");
    let (_, question) = asked(&mut rig);
    assert_eq!((question.lookup, question.subject), ("iam-access-key", "AKIAIOSFODNN7EXAMPLE".into()));
}

#[test]
fn an_action_is_planned_once_what_it_needs_was_looked_up() {
    let mut rig = opened();
    rig.keys("Enter");
    rig.sees("var.role is being looked up; the plan follows");
    assert!(rig.model.prompt.is_none());
    answer(&mut rig, vec![told("role", "web", Some(EntityKind::Principal))]);
    let plan = rig.reads.iter().find_map(|read| match read {
        Reads::Plan { request, .. } => Some(request.clone()),
        _ => None,
    });
    let Value::Text(word) = &plan.expect("nothing is planned").fields["role"] else { panic!("no text") };
    assert_eq!(word.text, "web".into());
}

#[test]
fn what_a_look_up_does_not_tell_is_asked_for() {
    let mut rig = opened();
    rig.keys("Enter");
    answer(&mut rig, vec![told("state", "running", None)]);
    rig.sees("VALUE");
    rig.keys("Esc");
    // It is not looked up a second time for the same.
    rig.keys("Enter");
    rig.sees("VALUE");
    // Neither is what could not be read.
    let mut rig = opened();
    rig.keys("Enter");
    let (session, _) = asked(&mut rig);
    rig.feed(Input::Looked { session, result: Box::new(Err(Problem::aws("denied"))) });
    rig.sees("denied");
    rig.keys("Enter");
    rig.sees("VALUE");
}

#[test]
fn whoever_has_gone_on_is_not_led_back_by_an_answer() {
    let mut rig = opened();
    rig.keys("Enter j");
    answer(&mut rig, vec![told("role", "web", None)]);
    assert!(!rig.reads.iter().any(|read| matches!(read, Reads::Plan { .. })));
}
