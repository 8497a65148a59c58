//! The playbook of a team that does not know quell: its commands are filled in, copied, and run by whoever says so.

use super::fixtures::findings;
use super::rig::Rig;
use quell::action::Value;
use quell::console::core::effect::Reads;
use quell::console::core::input::Input;
use quell_core::runbook::{Match, Origin, parse};
use quell_core::text::Shape;

const TEXT: &str = "# Compromised host\n\n## Containment\n\n1. Look at the host\n\n   ```bash\n   aws ec2 describe-instances \\\n     --instance-ids <instance-id> --region $AWS_REGION\n   ```\n\n\
                    1. Copy the logs\n\n   ```bash\n   aws s3 cp log s3://[EVIDENCE_BUCKET]/\n   ```\n\n   ```console\n   $ date\n   ```\n\n1. Call the owner\n";

fn opened() -> Rig {
    let mut book = parse("host", TEXT.as_bytes(), Origin::User("/p/host.md".into())).unwrap().runbook;
    assert!(book.foreign);
    book.matches = vec![Match::Generic];
    let mut rig = Rig::empty();
    rig.model.library = vec![book].into();
    rig.arrive(findings());
    rig.keys("Enter");
    rig.settle();
    rig
}

fn copied(rig: &mut Rig) -> String {
    match rig.reads.pop() {
        Some(Reads::Copy(text)) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_a_command_leaves_open_is_filled_from_the_finding_and_by_variables() {
    let mut rig = opened();
    rig.sees("--instance-ids i-0abc12d34e5f67890 --region eu-west-1");
    rig.keys("y c");
    let wanted = "aws ec2 describe-instances \\\n  --instance-ids i-0abc12d34e5f67890 --region eu-west-1";
    assert_eq!(copied(&mut rig), wanted);
    rig.keys("j y c");
    rig.sees("COPY which command?");
    rig.keys("Enter");
    assert_eq!(copied(&mut rig), "aws s3 cp log s3://[EVIDENCE_BUCKET]/");
    // What is still open is said with what became of the copy.
    rig.feed(Input::Copied("sent".into()));
    rig.sees("sent; still open in it: var.evidence_bucket; v gives a value");
    rig.feed(Input::Copied("sent again".into()));
    rig.sees_not("still open in it");
    rig.sees("left open: evidence_bucket; v fills it in");
    rig.keys("v");
    rig.sees("> 1 evidence_bucket: no value yet");
    rig.keys("Enter");
    rig.type_in("ir-logs");
    rig.keys("Enter");
    rig.save();
    rig.sees("aws s3 cp log s3://ir-logs/");
    rig.sees_not("left open");
}

#[test]
fn a_command_runs_by_a_plan_that_shows_each_of_its_lines() {
    let mut rig = opened();
    rig.keys("!");
    rig.sees("RUN which command on this machine? Its plan comes next");
    rig.keys("Enter");
    let [Reads::Plan { request, .. }] = rig.reads.as_slice() else { panic!("{:?}", rig.reads) };
    let Some(Value::List(words)) = request.fields.get("argv") else { panic!("{request:?}") };
    let words: Vec<String> = words.iter().map(|word| word.text.clean(Shape::Block).into_string()).collect();
    let lines = [
        "bash",
        "-ec",
        "eval \"$(printf '%s\\n' \"$@\")\"",
        "step",
        "aws ec2 describe-instances \\",
        "  --instance-ids i-0abc12d34e5f67890 --region eu-west-1",
    ];
    assert_eq!(words, lines);
    // That it ran says nothing of whether the step is done.
    assert_eq!((request.kind.as_str(), request.step.as_ref()), ("command", None));
    rig.settle();
    rig.sees("CONFIRM: Run a command of step 1");
}

#[test]
fn what_leaves_something_open_or_is_not_trusted_is_not_run() {
    let mut rig = opened();
    rig.keys("j !");
    rig.keys("Enter");
    rig.sees("VALUE of var.evidence_bucket, which the command leaves open");
    assert!(rig.reads.is_empty());
    rig.keys("Esc");
    rig.keys("j !");
    rig.sees("this step has no command");
    rig.trusting = false;
    rig.model.trusted.clear();
    rig.keys("k k !");
    assert!(matches!(rig.reads.as_slice(), [Reads::Trust]), "{:?}", rig.reads);
}

/// Who approves has the step's text behind the dialog: what it warns of is said again there.
#[test]
fn what_a_step_warns_of_stands_in_its_plan() {
    let text = "# T\n\n## Contain\n\n1. Cut it off\n\n   > \u{26a0}\u{fe0f} Copy the memory before.\n\n   ```bash\n   date\n   ```\n\n2. Go on\n";
    let mut rig = Rig::empty();
    let mut book = parse("w", text.as_bytes(), Origin::User("/r/w.md".into())).unwrap().runbook;
    book.matches = vec![Match::Generic];
    rig.model.library = vec![book].into();
    rig.arrive(findings());
    rig.keys("Enter");
    rig.settle();
    rig.keys("!");
    rig.keys("Enter");
    rig.settle();
    let plan = rig.confirm().expect("nothing is asked").first.plan.clone();
    let warned: Vec<String> = plan.warnings.iter().map(|words| words.line().into_string()).collect();
    assert!(warned.contains(&"The runbook warns: \u{26a0} Copy the memory before.".to_owned()), "{warned:?}");
}
