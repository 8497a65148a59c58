//! No word of a file is lost: it is in the title, a section, a step, or it names a phase.

use super::*;
use crate::runbook::{blocks, inline, meta, outline, source};
use proptest::prelude::*;
use std::collections::HashMap;

/// Words of at least two letters; numbers and labels of lists are markers, and names of HTML elements are markup.
fn words(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() > 1 && !word.chars().all(|c| c.is_ascii_digit()))
        .map(str::to_lowercase)
        .filter(|word| !word.chars().all(|c| "ivx".contains(c)) && word != "br" && word != "step")
}

fn count(into: &mut HashMap<String, usize>, text: &str) {
    for word in words(text) {
        *into.entry(word).or_default() += 1;
    }
}

fn entities_off(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        out.push(' ');
        let end =
            after.find(';').filter(|end| *end < 32 && after[..*end].chars().all(|c| c.is_alphanumeric() || c == '#'));
        rest = end.map_or(after, |end| &after[end + 1..]);
    }
    out + rest
}

fn of_field(field: &Field, into: &mut HashMap<String, usize>) {
    let item = |item: &Item, into: &mut HashMap<String, usize>| match item {
        Item::Text(text) => count(into, &raw(text)),
        Item::Template { name, .. } => count(into, name),
    };
    match field {
        Field::Item(one) => item(one, into),
        Field::List(items) => items.iter().for_each(|one| item(one, into)),
        Field::Map(map) => map.iter().for_each(|(name, field)| {
            count(into, name);
            of_field(field, into);
        }),
    }
}

/// Words of the file that the document has fewer times than the file.
pub fn lost(text: &str) -> Vec<String> {
    let parsed = read(text);
    let book = &parsed.runbook;
    let mut have = HashMap::new();
    count(&mut have, &raw(&book.title));
    for section in &book.context {
        count(&mut have, &raw(&section.title));
        count(&mut have, &raw(&section.body));
    }
    let mut groups = std::collections::HashSet::new();
    for step in &book.steps {
        for text in [Some(&step.title), Some(&step.body), step.role.as_ref()].into_iter().flatten() {
            count(&mut have, &raw(text));
        }
        groups.extend(step.group.iter().map(raw));
        if let Some(action) = &step.action {
            count(&mut have, &format!("action kind title {} {}", action.kind, raw(&action.title)));
            action.fields.iter().for_each(|(name, field)| {
                count(&mut have, name);
                of_field(field, &mut have);
            });
        }
    }
    let source = source::Source::new(&source::decode(text.as_bytes()).0);
    let at = meta::front_matter(&source).body_at;
    let tree = blocks::read(&source.text[at..], at);
    for section in outline::read(&tree, &source, at, !book.matches.is_empty()) {
        let Some(head) = section.head else { continue };
        let title = raw(&head.title.as_str().into());
        if head.bare_phase || groups.contains(&title) {
            count(&mut have, &title);
        }
    }
    let mut want = HashMap::new();
    let markup = ["<details>", "</details>", "<summary>", "</summary>"];
    let visible = markup.iter().fold(entities_off(&source.text[at..]), |text, tag| text.replace(tag, " "));
    count(&mut want, &visible);
    let mut lost: Vec<String> = want
        .into_iter()
        .filter(|(word, count)| have.get(word).copied().unwrap_or(0) < *count)
        .map(|(word, count)| format!("{word} ({} of {count})", have.get(&word).copied().unwrap_or(0)))
        .collect();
    lost.sort();
    lost
}

/// What must hold for any text.
fn sound(text: &str) {
    let parsed = read(text);
    let ids: Vec<&str> = parsed.runbook.steps.iter().map(|step| step.id.as_str()).collect();
    let unique: std::collections::HashSet<&&str> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "ids are unique");
    let lines = parsed.runbook.source.lines().count() + 1;
    for step in &parsed.runbook.steps {
        assert!((1..=lines).contains(&step.line));
        assert!(!step.title.is_empty(), "a step has a title");
        assert_eq!(inline::squeeze(&raw(&step.title)).len(), raw(&step.title).len());
    }
    for lint in &parsed.warnings {
        assert!((1..=lines).contains(&lint.line));
    }
}

pub const PARTS: &[&str] = &[
    "# Title alpha\n",
    "## Contain\n",
    "### Group beta\n",
    "**(C) Containment**\n",
    "**bold gamma:**\n",
    "\n",
    "\n\n",
    "1. first delta\n",
    "2. second epsilon\n",
    "   body zeta\n",
    "   1. inner eta\n",
    "- bullet theta\n",
    "- Isolate iota\n",
    "- [ ] task kappa\n",
    "  - [x] nested lambda\n",
    "    mu nu\n",
    "```bash\naws xi omicron\n```\n",
    "   ```console\n   $ ls pi\n   out rho\n   ```\n",
    "```\n1. sigma\n2. tau\nupsilon\n```\n",
    "> quote phi\n",
    "| ab | cd |\n|---|---|\n| ef | ☐ yes ☐ no |\n",
    "<!-- comment chi -->\n",
    "<details><summary>psi omega</summary>\n\n",
    "</details>\n",
    "If alef then bet:\n",
    "[link gimel](http://dalet.example/he)\n",
    "![vav](zayin.png)\n",
    "1) het\n",
    "**1.** tet\n",
    "a. yod  \n",
    "i. kaf  \n",
    "Step 3: lamed\n",
    "mem\n---\n",
    "[ref]: http://nun.example\n",
    "Is it samekh?\n   - **Yes**: ayin\n   - **No**: pe\n",
    "<instance-id> tsadi\n",
    "[IR Lead] qof resh\n",
    "~~~\nshin\n",
    "```text\ntav?\n├── YES one\n└── NO two\n```\n",
    "    indented code\n",
    "* * *\n",
    "\t- tabbed\n",
    "Isolate the three\n",
    "### Step 2: Is it toe?\n",
    "- If alpha, beta\n- Do not gamma\n",
    "## Objectives\n",
    "![Open delta](epsilon.png)\n",
    "> [!WARNING]\n> zeta eta\n",
    "!!! note \"theta\"\n    iota kappa\n",
    "[^1]: lambda\n",
    "{{< shortcode mu >}}\n",
    "<Component name=\"nu\" />\n",
    "```{code-cell} ipython3\nxi = 1\n```\n",
    "1. [ ] omicron\n   ```\n   pi\n   ```\n",
    "    1. rho\n        - sigma\n",
    "- ### tau\n  upsilon\n",
    "## Part 4: Eradicate & Recover phi\n",
    "Some chi\n===\n",
    "+++\npsi = \"omega\"\n+++\n",
    "\u{feff}",
    "text\r\nwith\rreturns\n",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_gives_a_document(text in any::<String>()) {
        sound(&text);
    }

    #[test]
    fn any_bytes_give_a_document(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(parse("x", &bytes, Origin::BuiltIn).is_ok());
    }

    #[test]
    fn markdown_loses_no_word(parts in proptest::collection::vec(0..PARTS.len(), 0..24)) {
        let text: String = parts.iter().map(|part| PARTS[*part]).collect();
        sound(&text);
        prop_assert_eq!(lost(&text), Vec::<String>::new(), "{}", text);
    }

    #[test]
    fn front_matter_of_any_kind_gives_a_document(yaml in "[a-z:{}\\[\\]&*!<>|'\" \n#-]{0,80}") {
        sound(&format!("---\nid: x\n{yaml}\n---\n1. a\n\n   ```action\n   kind: x\n   {}\n   ```\n", yaml.replace('\n', "\n   ")));
    }
}

#[test]
fn deep_and_wide_files_are_read_in_time() {
    for text in
        ["> ".repeat(20_000), "- ".repeat(20_000), "1. a\n".repeat(40_000), "# a\n".repeat(40_000), "[".repeat(50_000)]
    {
        sound(&text);
    }
    let nested: String = (0..200).map(|depth| format!("{}- [ ] level{depth}\n", "  ".repeat(depth))).collect();
    assert_eq!(lost(&nested), Vec::<String>::new());
}
