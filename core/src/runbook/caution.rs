//! What a step warns of: it is said again where its action or command is approved (P13).

use super::Step;
use super::blocks::{self, Block, Kind};
use super::inline::plain;
use super::markers::is_warning;
use crate::text::{Shape, Untrusted};

/// So many characters of a warning are said again: the step has all of it.
const MOST: usize = 400;

impl Step {
    /// The warnings in its text, each in one line.
    pub fn warnings(&self) -> Vec<Untrusted> {
        let body = self.body.clean(Shape::Block).into_string();
        let mut found = Vec::new();
        find(&blocks::read(&body, 0), &mut found);
        found
    }
}

fn find(blocks: &[Block<'_>], found: &mut Vec<Untrusted>) {
    for block in blocks {
        match is_warning(block) {
            true => found.push(words(block).chars().take(MOST).collect::<String>().into()),
            false => find(&block.children, found),
        }
    }
}

fn words(block: &Block<'_>) -> String {
    let own = plain(&block.inline).text;
    let below = block.children.iter().filter(|child| !matches!(child.kind, Kind::Code(_))).map(words);
    let all: Vec<String> = std::iter::once(own).chain(below).filter(|text| !text.trim().is_empty()).collect();
    all.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use crate::runbook::{Origin, parse};

    fn warned(text: &str) -> Vec<Vec<String>> {
        let book = parse("w", text.as_bytes(), Origin::BuiltIn).unwrap().runbook;
        let of = |step: &crate::runbook::Step| step.warnings().iter().map(|words| words.line().into_string()).collect();
        book.steps.iter().map(of).collect()
    }

    #[test]
    fn what_warns_stands_with_its_step_in_one_line() {
        let text = "# T\n\n## Contain\n\n> \u{26a0}\u{fe0f} **Do not** cut it\n> before the copy.\n\n1. Cut it off\n2. Look\n\n   \
                    > [!CAUTION]\n   > It is the only one.\n\n   > Just a quote.\n\n3. Stop\n\n   !!! warning \"Memory\"\n       It is lost.\n";
        assert_eq!(
            warned(text),
            [
                vec!["\u{26a0} Do not cut it before the copy.".to_owned()],
                vec!["[!CAUTION] It is the only one.".to_owned()],
                vec!["!!! warning \"Memory\" It is lost.".to_owned()],
            ]
        );
    }

    #[test]
    fn a_hidden_character_behind_a_letter_stays_to_be_seen() {
        let text = "# T\n\n1. Cut \u{26a0}\u{fe0f} web\u{fe0f}-3\n";
        let book = parse("w", text.as_bytes(), Origin::BuiltIn).unwrap().runbook;
        assert_eq!(book.steps[0].title.line().as_str(), "Cut \u{26a0} web\\u{fe0f}-3");
    }
}
