//! Where a choice leads: the step that its link or its words name (P12).

use super::blocks::{Block, Kind, What};
use super::inline::plain;
use super::outline::Section;
use super::source::Source;
use super::{Step, heading};
use std::collections::{HashMap, HashSet};

/// A number that starts a line is one of a list below this: a year is none.
const MOST: usize = 1000;

/// What a choice says about where it leads, as written.
pub(super) fn lead(blocks: &[Block<'_>]) -> Option<Box<str>> {
    let anchor = |block: &Block<'_>| {
        block.inline.iter().rev().find_map(|piece| match &piece.what {
            What::Link(url) => url.strip_prefix('#').map(|anchor| format!("#{anchor}")),
            _ => None,
        })
    };
    let number = |block: &Block<'_>| told(&plain(&block.inline).text);
    blocks.iter().find_map(anchor).map(String::into_boxed_str).or_else(|| blocks.iter().find_map(number))
}

/// What a text's last reference names: a step's number, or `part` and a part's.
pub(super) fn told(text: &str) -> Option<Box<str>> {
    let (part, number) = references(text).pop()?;
    Some(if part { format!("part {number}") } else { number }.into())
}

/// The same, where the text has one reference alone.
pub(super) fn only(text: &str) -> Option<Box<str>> {
    if references(text).len() == 1 { told(text) } else { None }
}

/// Gives every choice the step that it leads to, where there is one. In quell's `own` format a step is named by the
/// number that quell shows; others number the steps of each section anew, so that a number is one of the same section.
pub(super) fn resolve(steps: &mut [Step], tree: &[Block<'_>], sections: &[Section], own: bool, source: &Source) {
    if steps.iter().all(|step| step.choices.iter().all(|choice| choice.lead.is_none())) {
        return;
    }
    let leads = steps.iter().flat_map(|step| &step.choices).filter_map(|choice| choice.lead.as_deref());
    let asked = leads.map(|lead| lead.strip_prefix('#').unwrap_or(lead).to_lowercase()).collect();
    let mut places = Places { asked, ..Places::default() };
    places.headings(tree, steps, source);
    let starts: Vec<usize> = sections.iter().map(|section| source.line(section.range.start)).collect();
    let section = |step: &Step| if own { 0 } else { starts.partition_point(|start| *start <= step.line) };
    let written = |step: &Step| written(source.row(step.line)?);
    let mut count = (0, 0);
    for step in steps.iter() {
        // What an author has named goes before what a heading is called.
        places.anchor(step.id.as_str().to_lowercase(), step);
        if own && places.asked.contains(&step.number) {
            places.by_count.insert((0, step.number.clone()), step.id.clone());
        } else if !own && step.depth == 0 {
            let before = if count.0 == section(step) { count.1 } else { 0 };
            // A list that begins with another number is counted from there; one that begins anew goes on.
            let number = written(step).filter(|number| *number > before).unwrap_or(before + 1);
            count = (section(step), number);
            places.by_count.insert((count.0, number.to_string()), step.id.clone());
            let alone = places.by_written.entry(number.to_string());
            alone.and_modify(|step| *step = None).or_insert_with(|| Some(step.id.clone()));
        }
    }
    for step in steps.iter_mut() {
        let section = section(step);
        for choice in &mut step.choices {
            let Some(lead) = choice.lead.as_deref() else { continue };
            choice.to = match lead.strip_prefix('#') {
                Some(anchor) => places.by_anchor.get(&anchor.to_lowercase()),
                None => places.of_number(section, lead),
            }
            .cloned();
        }
    }
}

type StepId = crate::text::Id<crate::text::id::Slug>;

#[derive(Default)]
struct Places {
    /// The anchors and numbers that choices name, in lower case: no other anchors are looked for.
    asked: HashSet<String>,
    /// How often a heading of that name came.
    seen: HashMap<String, usize>,
    by_anchor: HashMap<String, StepId>,
    /// By the numbers of headings.
    by_number: HashMap<String, StepId>,
    /// By section and number in it.
    by_count: HashMap<(usize, String), StepId>,
    /// By the number as its author counts; none where several sections have it.
    by_written: HashMap<String, Option<StepId>>,
}

impl Places {
    /// The step of a number: of the same section, by its heading, or the one that has it in the whole text.
    fn of_number(&self, section: usize, number: &str) -> Option<&StepId> {
        let here = self.by_count.get(&(section, number.to_owned()));
        here.or_else(|| self.by_number.get(number)).or_else(|| self.by_written.get(number)?.as_ref())
    }

    /// A step that an anchor leads to.
    fn anchor(&mut self, name: String, step: &Step) {
        if self.asked.contains(&name) {
            self.by_anchor.insert(name, step.id.clone());
        }
    }

    /// The first step below each heading.
    fn headings(&mut self, blocks: &[Block<'_>], steps: &[Step], source: &Source) {
        for block in blocks {
            if let Kind::Heading(_) = block.kind {
                let title = plain(&block.inline).text;
                let line = source.line(block.range.start);
                let name = numbered(anchor(&title), &mut self.seen);
                if let Some(step) = steps.get(steps.partition_point(|step| step.line < line)) {
                    self.anchor(name, step);
                    if let Some(number) = heading::numbering(&title).0 {
                        // `Part 2` is no step 2.
                        let step_too =
                            heading::is_counted_step(&title) || title.starts_with(|c: char| c.is_ascii_digit());
                        let names = [Some(format!("part {number}")), step_too.then(|| number.to_owned())];
                        for name in names.into_iter().flatten() {
                            self.by_number.entry(name).or_insert_with(|| step.id.clone());
                        }
                    }
                }
            }
            self.headings(&block.children, steps, source);
        }
    }
}

/// The number that a step's line starts with, as its author wrote it.
pub(super) fn written(line: &str) -> Option<usize> {
    let line = line.trim_start();
    let digits = line.find(|c: char| !c.is_ascii_digit())?;
    line.get(digits..)?.starts_with(['.', ')']).then_some(())?;
    line.get(..digits)?.parse().ok().filter(|number| *number < MOST)
}

/// The anchor that GitHub makes of a heading.
pub(super) fn anchor(title: &str) -> String {
    title
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// The anchor of one of several headings with one name: the second of two gets `-1`.
pub(super) fn numbered(anchor: String, seen: &mut HashMap<String, usize>) -> String {
    let count = seen.entry(anchor.clone()).or_insert(0);
    *count += 1;
    match *count {
        1 => anchor,
        n => format!("{anchor}-{}", n - 1),
    }
}

/// The numbers in `go to step 4`, `proceed to 3.2`, `return to Part 2`, and whether a part is meant.
pub(super) fn references(text: &str) -> Vec<(bool, String)> {
    let lower = text.to_lowercase();
    let mut found = Vec::new();
    for verb in ["go to ", "proceed to ", "skip to ", "return to ", "jump to ", "continue with ", "move on to "] {
        for (at, _) in lower.match_indices(verb) {
            let inside = lower.get(..at).is_some_and(|before| before.ends_with(char::is_alphanumeric));
            let rest = lower.get(at + verb.len()..).unwrap_or_default();
            let named = ["step ", "part ", "section "].iter().find_map(|word| rest.strip_prefix(word));
            let number: String =
                named.unwrap_or(rest).chars().take_while(|c| c.is_ascii_digit() || *c == '.').collect();
            let number = number.trim_end_matches('.');
            let dotted = (1..=2).contains(&number.matches('.').count());
            if !inside && number.starts_with(|c: char| c.is_ascii_digit()) && (named.is_some() || dotted) {
                found.push((named.is_some() && !rest.starts_with("step "), number.to_owned()));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use crate::runbook::{Origin, parse};

    fn jumps(text: &str) -> Vec<(String, Option<String>)> {
        let book = parse("x", text.as_bytes(), Origin::BuiltIn).unwrap().runbook;
        let choices = book.steps.iter().flat_map(|step| &step.choices);
        choices.map(|c| (c.words.line().into_string(), c.to.as_ref().map(ToString::to_string))).collect()
    }

    fn of(text: &str) -> Vec<Option<String>> {
        jumps(text).into_iter().map(|(_, to)| to).collect()
    }

    #[test]
    fn a_choice_leads_to_the_step_that_it_links() {
        let text = "1. Decide: is it cut\n   <!-- step: id=cut -->\n   - Cut: go on with [the reading](#verify)\n   \
                    - Not: [stop](#Stop-It)\n   - Later: nobody knows\n   - Gone: [x](#nowhere)\n\
                    1. Stop it\n   <!-- step: id=stop-it -->\n1. Verify\n   <!-- step: id=verify -->\n";
        let to = |to: &str| Some(to.to_owned());
        let words = |words: &str, to| (words.to_owned(), to);
        let expected =
            [words("Cut", to("verify")), words("Not", to("stop-it")), words("Later", None), words("Gone", None)];
        assert_eq!(jumps(text), expected);
    }

    #[test]
    fn headings_and_numbers_lead_to_their_first_step() {
        let text = "## Contain\n1. Is it ours?\n   - Yes: go to step 3\n   - No: [recover](#recover)\n   \
                    - Unsure: proceed to Part 2\n1. Cut\n1. Watch\n## Recover\n1. Build\n## Recover\n1. Again?\n   \
                    - Yes: [once more](#recover-1)\n   - No: go to step 9\n## Part 2: Ask\n1. Ask\n";
        let book = parse("x", text.as_bytes(), Origin::BuiltIn).unwrap().runbook;
        let id = |title: &str| {
            let step = book.steps.iter().find(|step| step.title.line().as_str() == title).unwrap();
            Some(step.id.to_string())
        };
        assert_eq!(of(text), [id("Watch"), id("Build"), id("Ask"), id("Again?"), None]);
    }

    /// A list may begin with another number, and numbers may run on through sections: where they do they are unlike.
    #[test]
    fn a_number_is_counted_from_where_its_list_begins() {
        let text = "## Contain\n5. Isolate\n6. Keep\n7. Call\n## Recover\n8. If it is clean, go to step 6\n\
                    9. Is it?\n   - Yes: go to step 8\n   - No: go to step 12\n   - Unsure: go to step 3\n\n\
                    Then:\n\n12. Start\n";
        let book = parse("x", text.as_bytes(), Origin::BuiltIn).unwrap().runbook;
        let id = |title: &str| {
            let step = book.steps.iter().find(|step| step.title.line().as_str() == title).unwrap();
            Some(step.id.to_string())
        };
        let clean = "If it is clean, go to step 6";
        assert_eq!(of(text), [id("Keep"), None, id(clean), id("Start"), None]);
        // They are the numbers that are shown.
        let shown: Vec<&str> = book.steps.iter().map(|step| step.number.as_str()).collect();
        assert_eq!(shown, ["5", "6", "7", "8", "9", "12"]);
        // Where several sections have it, it is none of another one.
        let anew =
            "## A\n1. One\n2. Two\n## B\n1. One\n2. Two\n## C\n1. Is it?\n   - Yes: go to step 2\n   - No: stop\n";
        assert_eq!(of(anew), [None, None]);
        // All written as `1.` they count on.
        let same = "## A\n1. One\n1. Two\n1. Is it?\n   - Yes: go to step 2\n   - No: stop\n";
        let book = parse("x", same.as_bytes(), Origin::BuiltIn).unwrap().runbook;
        assert_eq!(of(same), [Some(book.steps[1].id.to_string()), None]);
        // Of two that a condition names neither is yes.
        assert_eq!(of("1. A\n2. If it is up, go to step 1, else go to step 3\n3. C\n"), [None, None]);
    }

    #[test]
    fn a_number_is_one_of_the_same_section_where_authors_number_each_anew() {
        let text = "## Part 1: Look\n1. One\n1. Two\n## Part 2: Contain\n1. Is it ours?\n   - Yes: go to step 3\n   \
                    - No: go to step 2\n1. Cut\n   ```\n   x\n   ```\n1. Watch\n## Recover\n1. Is it up?\n   \
                    - Yes: go to step 2\n   - No: go to step 1\n";
        let wild = parse("x", text.as_bytes(), Origin::BuiltIn).unwrap().runbook;
        let title = |book: &crate::runbook::Runbook, index: usize, choice: usize| {
            let to = book.steps[index].choices[choice].to.as_ref();
            to.map(|to| book.steps.iter().find(|step| step.id == *to).unwrap().title.line().to_string())
        };
        let told = |book| [(2, 0), (2, 1), (5, 0), (5, 1)].map(|(index, choice)| title(book, index, choice));
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(told(&wild), [some("Watch"), some("Cut"), None, some("Is it up?")]);
        // quell's own are named by the number that is shown.
        let own = format!(
            "---\nid: x\nmatches: [generic]\n---\n# T\n{}",
            text.replace("Part 1: Look", "Detect").replace("Part 2: ", "")
        );
        let own = parse("x", own.as_bytes(), Origin::BuiltIn).unwrap().runbook;
        assert_eq!(told(&own), [some("Is it ours?"), some("Two"), some("Two"), some("One")]);
    }
}
