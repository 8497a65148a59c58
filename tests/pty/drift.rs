//! A team's own runbook is changed while its incident is worked: the console reads the file anew when it is asked to.

use super::rig::{Rig, run};

const FINDING: &str = r#"{"schemaVersion":"2.0","accountId":"123456789012","region":"eu-west-1","partition":"aws",
    "id":"c0ffee00c0ffee00c0ffee00c0ffee00","type":"CryptoCurrency:EC2/BitcoinTool.B!DNS","severity":8,
    "arn":"arn:aws:guardduty:eu-west-1:123456789012:detector/12abc34d567e8fa901bc2d34e56789f0/finding/c0ffee00",
    "title":"Mining","updatedAt":"2026-11-20T08:00:00.000Z",
    "resource":{"resourceType":"Instance","instanceDetails":{"instanceId":"i-0c4f1e97ab52d6038"}},
    "service":{"count":3}}"#;

const BOOK: &str = "---\nid: ours\ntitle: Ours\nmatches: [\"CryptoCurrency:EC2/BitcoinTool.B!DNS\"]\n---\n# Ours\n\nWords.\n\n\
                    ## Contain\n\n1. Look at it <!-- step: id=look -->\n\n1. Call Jo <!-- step: id=call -->\n";

#[test]
fn a_changed_file_is_gone_on_with_where_the_incident_is() {
    let state = tempfile::tempdir().unwrap();
    let (books, file) = (state.path().join("books"), state.path().join("finding.json"));
    std::fs::create_dir(&books).unwrap();
    std::fs::write(books.join("ours.md"), BOOK).unwrap();
    std::fs::write(&file, FINDING).unwrap();
    let (folder, file) = (books.to_string_lossy().into_owned(), file.to_string_lossy().into_owned());
    let args = ["open", "--file", &file, "--runbooks", &folder, "--responder", "alice"];
    let mut rig = Rig::start(state.path(), &args, &[("AWS_EC2_METADATA_DISABLED", "true")]);
    rig.see("STEPS* ours");
    rig.keys("Space");
    rig.see("1/2 done");
    std::fs::write(books.join("ours.md"), BOOK.replace("Call Jo", "Call Jo and Kim")).unwrap();
    // It is seen without being asked for.
    rig.see("CHANGED: :drift");
    rig.command("drift");
    rig.see("CHANGED since it was opened: ours");
    rig.see("reworded: 2 Call Jo and Kim");
    rig.keys("j Enter");
    rig.see("going on with the new text");
    rig.see("1/2 done");
    rig.see("[ ]  2 Call Jo and Kim");
}

/// A command of several lines is one script: what one line sets the next one has.
#[test]
fn a_command_of_a_team_s_own_playbook_runs_once_it_is_trusted_and_approved() {
    let state = tempfile::tempdir().unwrap();
    let books = state.path().join("books");
    std::fs::create_dir(&books).unwrap();
    let front = "---\nid: ours\nmatches: [\"CryptoCurrency:EC2/BitcoinTool.B!DNS\"]\n---\n";
    let step = "# Ours\n\n## Contain\n\n1. Count\n\n   ```bash\n   n=20\n\n   cat <<END\n   it is $((n + 2))\n   END\n   ```\n";
    std::fs::write(books.join("ours.md"), format!("{front}{step}")).unwrap();
    let folder = books.to_string_lossy().into_owned();
    let mut rig = Rig::start(state.path(), &["demo", "--runbooks", &folder], &[]);
    rig.see("CryptoCurrency:EC2/BitcoinTool.B!DNS");
    rig.see("runbook: ours");
    rig.keys("Enter");
    rig.see("STEPS* ours");
    rig.keys("!");
    rig.see("nobody has trusted its text");
    assert_eq!(run(state.path(), &["runbooks", "trust", &format!("{folder}/ours.md")]).0, 0);
    rig.keys("!");
    rig.see("it is trusted now");
    rig.keys("! Enter");
    rig.see("CONFIRM: Run a command of step 1");
    rig.approve("bash");
    rig.see("succeeded Run a command of step 1");
    // Whether the step is done is not said by it.
    rig.see("[ ]  1 Count");
    rig.keys("o Enter");
    rig.see("it is 22");
}
