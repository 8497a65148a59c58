//! What became of each step when the text has changed.

use super::super::drift::{Became, added, map};
use super::read;

const OLD: &str = "# T\n\n## Contain\n\n1. Look <!-- step: id=look -->\n\n   First.\n\n\
                   1. Isolate the host\n\n1. Tell the owner <!-- step: id=tell -->\n\n\
                   1. Stop it <!-- step: id=stop -->\n\n   ```action\n   kind: ec2-stop\n   title: Stop\n   instance: \"{{ finding.resource.id }}\"\n   ```\n";

#[test]
fn a_step_is_found_again_by_its_id_else_by_words_like_its_own() {
    let old = read(OLD).runbook;
    let new = "# T\n\nMore words here.\n\n## Contain\n\n1. Stop it <!-- step: id=stop -->\n\n   ```action\n   kind: ec2-stop\n   title: Stop\n   instance: \"{{ finding.resource.id }}\"\n   ```\n\n\
               1. Look <!-- step: id=look -->\n\n   First, and twice.\n\n\
               1. Isolate this host\n\n1. Write it down\n";
    let new = read(new).runbook;
    // Look, Isolate, Tell, Stop: the places in the new text are 1, 2, none and 0.
    assert_eq!(map(&old, &new), [Became::Reworded(1), Became::Alike(2), Became::Gone, Became::Same(0)]);
    assert_eq!(added(&map(&old, &new), &new), [3]);
    let all: Vec<Became> = (0..4).map(Became::Same).collect();
    assert_eq!(map(&old, &old), all);
    assert_eq!(added(&all, &old), Vec::<usize>::new());
}

#[test]
fn what_an_action_does_is_part_of_what_a_step_says() {
    let old = read(OLD).runbook;
    let became = |from: &str, to: &str| map(&old, &read(&OLD.replace(from, to)).runbook)[3];
    for (from, to) in [
        ("kind: ec2-stop", "kind: ec2-tag"),
        ("title: Stop\n", "title: Stop now\n"),
        ("title: Stop\n", "title: Stop\n   danger: 3\n"),
        ("finding.resource.id", "var.instance"),
        ("\"{{ finding.resource.id }}\"", "i-0abc"),
        ("\"{{ finding.resource.id }}\"", "[i-0abc]"),
        ("instance: ", "victim: "),
        ("\n   ```\n", "\n   hibernate: \"true\"\n   ```\n"),
    ] {
        assert_eq!(became(from, to), Became::Reworded(3), "{from} {to}");
    }
    assert_eq!(
        map(&old, &read(&OLD.replace("step: id=look", "step: id=look note=required")).runbook)[0],
        Became::Reworded(0)
    );
}

/// Of steps that are alike each is taken once, the most alike first; what is not like it is another step.
#[test]
fn each_step_is_taken_once_by_the_one_most_like_it() {
    let book = |steps: &[&str]| {
        let text: Vec<String> = steps.iter().map(|title| format!("1. {title}\n")).collect();
        read(&format!("# T\n\n## Contain\n\n{}", text.join("\n"))).runbook
    };
    let old = book(&["Rotate the keys of the users", "Rotate the key of the user", "Call the lawyer"]);
    let new = book(&["Rotate the keys of the user", "Wipe the disk"]);
    // "keys of the users" and "key of the user" are both one letter away; the first place goes first.
    assert_eq!(map(&old, &new), [Became::Alike(0), Became::Gone, Became::Gone]);
    assert_eq!(added(&map(&old, &new), &new), [1]);
}
