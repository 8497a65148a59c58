//! The shapes of the nastiest public playbooks, each in a few words of our own.

use super::*;
use StepKind::{Command, Decision, Manual};

fn titles(text: &str) -> Vec<String> {
    read(text).runbook.steps.iter().map(|step| raw(&step.title)).collect()
}

fn shown(text: &str, step: usize) -> Vec<String> {
    render::lines(&read(text).runbook.steps[step].body, 60).iter().map(render::Line::text).collect()
}

#[test]
fn lists_that_restart_with_windows_line_ends_and_tables_of_html() {
    let text = "## Contain\r\n\r\n1. Cut it\r\n```\r\naws a b\r\n```\r\n<table><tr><td>Who</td><td>The <b>owner</b></td></tr></table>\r\n\r\n\
                1. Ask\r\n\r\n4. Note it\r\n";
    let book = read(text).runbook;
    assert_eq!(titles(text), ["Cut it", "Ask", "Note it"]);
    assert_eq!(book.steps.iter().map(|step| step.number.as_str()).collect::<Vec<_>>(), ["1", "2", "4"]);
    assert_eq!(shown(text, 0), ["aws a b", "WhoThe owner"]);
    assert_eq!(book.steps[0].commands, ["aws a b".into()]);
    assert!(!book.source.contains('\r'));
}

#[test]
fn spanish_phases_lists_that_start_late_and_a_fence_without_end() {
    let text = "## Preparación\n\n3. Leer\n\n## Contención\n\n7. Aislar\n\n```bash\naws s3 ls\n\n8. Nada\n";
    let book = read(text).runbook;
    assert_eq!(titles(text), ["Leer", "Aislar"]);
    assert_eq!([book.steps[0].phase, book.steps[1].phase], [Some(Phase::Prepare), Some(Phase::Contain)]);
    assert_eq!(raw(&book.steps[1].body), "```bash\naws s3 ls\n\n8. Nada");
}

#[test]
fn steps_that_are_folded_away_in_html() {
    let text = "# T\n\n<div class=\"a\">\n\n## Contain\n\n<details open>\n<summary>Hosts</summary>\n\n1. Cut\n\n</details>\n\n\
                <details><summary><b>Keys</b></summary>\n\n- [ ] Stop\n\n</details>\n\n</div>\n";
    let book = read(text).runbook;
    assert_eq!(titles(text), ["Cut", "Stop"]);
    let groups: Vec<String> = book.steps.iter().map(|step| raw(&step.group[0])).collect();
    assert_eq!(groups, ["Hosts", "Keys"]);
    assert!(book.steps.iter().all(|step| step.phase == Some(Phase::Contain)));
}

#[test]
fn boxes_in_ordered_lists_with_fences_in_them() {
    let text = "1. [ ] Make a role\n   ```sql\n   select 1\n   ```\n   1. [x] Check it\n\n      ```shell\n      $ psql -c x\n      1\n      ```\n\
                1. [ ] Use it\n";
    let parsed = read(text);
    let expected = [("1", "Make a role", Manual), ("1a", "Check it", Command), ("2", "Use it", Manual)];
    assert_eq!(outline(&parsed), expected.map(|(n, t, k)| (n.to_owned(), t.to_owned(), k)));
    assert_eq!(parsed.runbook.steps[1].commands, ["psql -c x".into()]);
}

#[test]
fn numbers_with_brackets_among_output_and_headings_in_items() {
    let text =
        "## Failover\n\n1) Look\n\n    redis> info\n    role:master\n\n2) Move it\n\n3) ### Narrow it\n   1. Ask\n";
    assert_eq!(titles(text), ["Look", "Move it", "Narrow it", "Ask"]);
    assert_eq!(read(text).runbook.steps.iter().map(|step| step.depth).collect::<Vec<_>>(), [0, 0, 0, 1]);
    assert!(raw(&read(text).runbook.steps[0].body).contains("role:master"));
}

#[test]
fn notebooks_components_and_shortcodes_are_shown_as_they_stand() {
    let text = "---\nkernelspec:\n  name: python3\n---\n# Hunt\n\n## Analytic\n\n```{code-cell} ipython3\ndf.show()\n```\n\n\
                <Command id=\"x\" command=\"ls -l\" />\n\n{{< note >}}Mind it{{< /note >}}\n\n!!! warning \"Stop\"\n    Read first.\n";
    let book = read(text).runbook;
    assert_eq!(book.steps.len(), 0);
    assert_eq!(raw(&book.context[0].title), "Front matter");
    let page: Vec<String> =
        book.context.iter().flat_map(|section| render::lines(&section.body, 60)).map(|line| line.text()).collect();
    for text in
        ["df.show()", "<Command id=\"x\" command=\"ls -l\" />", "{{< note >}}Mind it{{< /note >}}", "Read first."]
    {
        assert!(page.iter().any(|line| line.contains(text)), "{text}: {page:?}");
    }
}

#[test]
fn a_step_without_words_has_a_title_all_the_same() {
    assert_eq!(titles("1. <b></b>\n2. Stop\n"), ["(no text)", "Stop"]);
}

#[test]
fn a_page_that_is_a_table_alone_has_no_steps() {
    let text = "# Block an address\n\n| Title | Value |\n|---|---|\n| Stage | Containment |\n| Workflow | TODO |\n";
    let book = read(text).runbook;
    assert_eq!((book.steps.len(), raw(&book.title)), (0, "Block an address".to_owned()));
    assert!(raw(&book.context[0].body).contains("| Stage | Containment |"));
    let told: Vec<String> =
        lint::lint(&read(text), &Default::default()).iter().map(|lint| lint.what.to_string()).collect();
    assert!(told[0].starts_with("there are no steps"), "{told:?}");
}

#[test]
fn a_tree_below_a_quote_and_conditions_as_headings() {
    let text = "## Part 3 \u{2014} Contain\n\n> **Goal:** Stop it.\n\n### 3.1 Decide\n\n```text\nSeen?\n\u{2502}\n\u{251c}\u{2500}\u{2500} YES\n\
                \u{2502}     \u{2514}\u{2500}\u{2500} Proceed to 3.2\n\u{2514}\u{2500}\u{2500} NO\n```\n\n### 3.2 Act\n\n> `[IR Lead]` leads.\n\n\
                #### If it is a key:\n\n1. Stop it\n\n#### If it is a role:\n\nThe owner asks.\n";
    let parsed = read(text);
    let expected = [("1", "Seen?", Decision), ("2", "Stop it", Manual), ("3", "If it is a role", Decision)];
    assert_eq!(outline(&parsed), expected.map(|(n, t, k)| (n.to_owned(), t.to_owned(), k)));
    assert_eq!(parsed.runbook.steps[1].group.iter().map(raw).next_back(), Some("If it is a key".to_owned()));
}
