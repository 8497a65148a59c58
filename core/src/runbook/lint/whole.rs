//! What a runbook as a whole lacks: whoever answers for it, a day on which it was walked, a way to each step, a word of
//! how that is undone what a command destroys.

use super::super::{Level, Lint, Parsed, Runbook, Step};
use super::Linter;
use crate::text::{Shape, Untrusted};
use jiff::civil::Date;
use std::collections::HashSet;

/// After so many days somebody should walk through it again: Well-Architected SEC10 wants playbooks kept up to date.
pub const STALE: i32 = 365;

/// What commands destroy with, as AWS and shells write it.
const DESTROYS: [&str; 16] = [
    " terminate-instances",
    " delete-bucket",
    " delete-object",
    " delete-role",
    " delete-user",
    " delete-table",
    " delete-db-",
    " delete-snapshot",
    " delete-volume",
    " delete-trail",
    " delete-stack",
    " delete-key",
    " schedule-key-deletion",
    " s3 rm",
    " s3 rb",
    "rm -rf",
];

/// Words that say how it is undone, or that it is not.
const UNDONE: [&str; 12] = [
    "undo",
    "restore",
    "recover",
    "roll back",
    "back up",
    "backup",
    "snapshot",
    "for good",
    "copy",
    "copies",
    "keep",
    "version",
];

impl Linter<'_> {
    /// What the runbook says of itself, and which of its steps nobody comes to.
    pub(super) fn kept(&mut self, book: &Runbook) {
        if book.owner.is_none() {
            self.at(Level::Warning, 0, "there is no owner: whoever answers for it");
        }
        if let Some(text) = book.reviewed.as_ref().filter(|text| day(text).is_none()) {
            let what = format!("reviewed is no day such as 2026-11-22: {}", text.line());
            self.at(Level::Warning, 0, what);
        }
        for step in unreachable(book) {
            self.on(
                step,
                format!("no way leads to this step: the decisions before it all go elsewhere ({})", step.number),
            );
        }
        for step in &book.steps {
            if let Some(what) = destroys(step) {
                self.on(step, format!("a command destroys ({what}), and nothing says how that is undone"));
            }
        }
    }

    fn on(&mut self, step: &Step, what: String) {
        self.lints.push(Lint { level: Level::Warning, line: step.line, column: 1, what: Untrusted::from(what).line() });
    }
}

fn day(text: &Untrusted) -> Option<Date> {
    text.line().as_str().trim().parse().ok()
}

/// A warning where nobody has walked through the runbook for [`STALE`] days, or where the day is still to come.
pub fn stale(parsed: &Parsed, today: Date) -> Option<Lint> {
    let reviewed = parsed.runbook.reviewed.as_ref().and_then(day)?;
    let days = today.since(reviewed).ok()?.get_days();
    let what = match days {
        0..=STALE => return None,
        days if days < 0 => format!("reviewed is a day that is still to come: {reviewed}"),
        days => format!("nobody has walked through it for {days} days: {reviewed}"),
    };
    Some(super::of_id(parsed, Level::Warning, &what))
}

/// The steps that neither the one before, nor a choice, nor a link leads to.
fn unreachable(book: &Runbook) -> Vec<&Step> {
    let steps = &book.steps;
    let place = |id: &str| steps.iter().position(|step| step.id.as_str() == id);
    let mut seen = HashSet::new();
    // What is read first may send somebody anywhere.
    let mut next: Vec<usize> =
        book.context.iter().flat_map(|section| links(&section.body)).filter_map(|id| place(&id)).collect();
    next.push(0);
    while let Some(at) = next.pop() {
        let Some(step) = steps.get(at).filter(|_| seen.insert(at)) else { continue };
        let led: Vec<usize> = step.choices.iter().filter_map(|c| place(c.to.as_ref()?.as_str())).collect();
        if led.is_empty() || led.len() < step.choices.len() {
            next.push(at + 1);
        }
        next.extend(led);
        next.extend(links(&step.body).filter_map(|id| place(&id)));
    }
    // Of several in a row the first is told.
    let first = |at: &usize| !seen.contains(at) && at.checked_sub(1).is_none_or(|before| seen.contains(&before));
    steps.iter().enumerate().filter(|(at, _)| first(at)).map(|(_, step)| step).collect()
}

/// The ids that a text links to.
fn links(text: &Untrusted) -> impl Iterator<Item = String> + use<> {
    let text = text.clean(Shape::Block).into_string();
    let ids: Vec<String> =
        text.split("](#").skip(1).filter_map(|rest| Some(rest.split(')').next()?.to_owned())).collect();
    ids.into_iter()
}

/// What a step's commands destroy with, where its text says nothing of how that is undone.
fn destroys(step: &Step) -> Option<&'static str> {
    let commands: Vec<String> = step.commands.iter().map(|text| text.clean(Shape::Block).into_string()).collect();
    let found = DESTROYS.into_iter().find(|verb| commands.iter().any(|command| command.contains(verb)))?;
    let said = format!("{} {}", step.title.line(), step.body.clean(Shape::Block)).to_lowercase();
    (!UNDONE.iter().any(|word| said.contains(word))).then_some(found.trim())
}

#[cfg(test)]
mod tests {
    use super::super::super::{Origin, parse};
    use super::*;

    fn read(text: &str) -> Parsed {
        parse("x", text.as_bytes(), Origin::BuiltIn).unwrap()
    }

    /// The warnings of this room, with their lines.
    fn found(body: &str) -> Vec<(usize, String)> {
        let head = "---\nid: a\nowner: o\nversion: 1\nreviewed: 2026-01-01\nmatches: [generic]\n---\n";
        let lints = super::super::lint(&read(&format!("{head}{body}")), &Default::default());
        lints.into_iter().map(|lint| (lint.line, lint.what.into_string())).collect()
    }

    #[test]
    fn whoever_answers_for_it_and_when_it_was_walked_must_be_said() {
        let text =
            "---\nid: a\nversion: 1\nreviewed: last week\nmatches: [generic]\n---\n# T\n\n## Contain\n\n1. Look\n";
        let whats: Vec<String> = super::super::lint(&read(text), &Default::default())
            .into_iter()
            .map(|lint| lint.what.into_string())
            .collect();
        assert_eq!(
            whats,
            ["there is no owner: whoever answers for it", "reviewed is no day such as 2026-11-22: last week"]
        );
        // So it must of another team's file.
        let theirs = super::super::lint(&read("# T\n\n1. Look\n"), &Default::default());
        assert!(theirs.iter().any(|lint| lint.what.as_str() == "there is no owner: whoever answers for it"));
        let theirs = "# T\n\n## Contain\n\n1. Empty it\n\n   ```bash\n   aws s3 rm --recursive s3://b\n   ```\n";
        let theirs = super::super::lint(&read(theirs), &Default::default());
        assert!(theirs.iter().any(|lint| lint.what.as_str().starts_with("a command destroys")), "{theirs:?}");
    }

    #[test]
    fn a_runbook_that_nobody_has_walked_for_a_year_is_stale() {
        let of = |reviewed: &str, today: &str| {
            let text = format!("---\nid: a\nreviewed: {reviewed}\nmatches: [generic]\n---\n# T\n\n1. Look\n");
            stale(&read(&text), today.parse().unwrap()).map(|lint| (lint.line, lint.what.into_string()))
        };
        assert_eq!(of("2025-11-22", "2026-11-22"), None);
        let old = "nobody has walked through it for 366 days: 2025-11-21".to_owned();
        assert_eq!(of("2025-11-21", "2026-11-22"), Some((2, old)));
        let later = "reviewed is a day that is still to come: 2026-11-23".to_owned();
        assert_eq!(of("2026-11-23", "2026-11-22"), Some((2, later)));
        assert_eq!(of("soon", "2026-11-22"), None);
    }

    const DECIDE: &str = "# T\n\n## Contain\n\n1. Decide: is it real <!-- step: id=is -->\n\n   - Yes: [stop it](#stop)\n   - No: [write](#write)\n\n\
                          1. Ask the owner <!-- step: id=ask -->\n\n1. Ask again <!-- step: id=again -->\n\n1. Stop it <!-- step: id=stop -->\n\n1. Write it down <!-- step: id=write -->\n";

    #[test]
    fn a_step_that_no_way_leads_to_is_told_once() {
        // After seven lines of front matter the step of line 10 is line 17.
        let what = "no way leads to this step: the decisions before it all go elsewhere (2)".to_owned();
        assert_eq!(found(DECIDE), [(17, what)]);
        assert_eq!(found(&DECIDE.replace("- No: [write](#write)", "- No: ask")), []);
        assert_eq!(found(&DECIDE.replace("# T\n", "# T\n\n## Overview\n\nFor a key [ask](#ask).\n")), []);
        assert_eq!(
            found(&DECIDE.replace(
                "1. Stop it <!-- step: id=stop -->\n",
                "1. Stop it <!-- step: id=stop -->\n\n   If it fails, [ask](#ask).\n"
            )),
            []
        );
    }

    #[test]
    fn what_destroys_says_how_it_is_undone_or_that_it_is_not() {
        let step = |words: &str, command: &str| {
            format!("# T\n\n## Contain\n\n1. End it\n\n   {words}\n\n   ```bash\n   {command}\n   ```\n")
        };
        let ends = "aws ec2 terminate-instances --instance-ids i-1";
        let what = "a command destroys (terminate-instances), and nothing says how that is undone".to_owned();
        assert_eq!(found(&step("Now.", ends)), [(12, what)]);
        assert_eq!(found(&step("Its volumes are gone for good.", ends)), []);
        assert_eq!(found(&step("Now.", "aws ec2 describe-instances")), []);
    }
}
